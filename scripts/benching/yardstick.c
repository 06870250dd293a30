/*
 * yardstick DB SCRIPT: how cheap can it be?  A FastCGI responder in plain C
 * that runs for each event the statements which billhook ran for it (SCRIPT,
 * made by feed.c), in one transaction, durable before the answer.  It verifies
 * nothing, parses nothing and decides nothing.
 *
 * Compiled with FULL, SQLite syncs in COMMIT (synchronous=FULL), under the
 * lock; otherwise the log is synced after COMMIT and after the lock, as
 * billhook does it.
 */
#include <err.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "script.h"
#include "statements.h"

#define CHECKPOINT_FRAMES	1000
#define BODY_MAX		(1 << 20)

struct scripted {
	const char *id;
	uint32_t    id_len;
	uint32_t    n;		/* statements */
	const char *at;
};

static sqlite3 *db;
static sqlite3_stmt *statements[STATEMENT__MAX], *begin, *commit;
static struct scripted *table;
static size_t nslots;		/* a power of two */
static int lock, frames;

static uint32_t
number(const char **at)
{
	uint32_t n;

	memcpy(&n, *at, sizeof(n));
	*at += sizeof(n);
	return n;
}

static struct scripted *
slot_of(const char *id, size_t len)
{
	uint64_t hash = 14695981039346656037U;
	size_t i;

	for (i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)id[i]) * 1099511628211U;
	i = hash & (nslots - 1);
	while (table[i].id != NULL && (table[i].id_len != len ||
	    memcmp(table[i].id, id, len) != 0))
		i = (i + 1) & (nslots - 1);
	return &table[i];
}

static void
read_script(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const char *at, *end, *id;
	struct scripted *slot;
	struct stat st;
	uint32_t len, size;

	if (fd == -1 || fstat(fd, &st) == -1)
		err(1, "%s", path);
	at = mmap(NULL, (size_t)st.st_size, PROT_READ,
	    MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (at == MAP_FAILED)
		err(1, "%s", path);
	for (nslots = 1; nslots < (size_t)st.st_size / 256; nslots *= 2)
		continue;
	table = calloc(nslots, sizeof(*table));
	if (table == NULL)
		err(1, "table");
	for (end = at + st.st_size; at < end; at += size) {
		len = number(&at);
		id = at;
		at += len;
		size = number(&at);
		slot = slot_of(id, len);
		*slot = (struct scripted){id, len, number(&at), at};
	}
}

static int
note_frames(void *arg, sqlite3 *handle, const char *name, int n)
{
	(void)arg;
	(void)handle;
	(void)name;
	frames = n;
	return SQLITE_OK;
}

static sqlite3_stmt *
prepare(const char *sql)
{
	sqlite3_stmt *stmt;

	if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt,
	    NULL) != SQLITE_OK)
		errx(1, "%s: %s", sql, sqlite3_errmsg(db));
	return stmt;
}

static void
open_database(const char *path)
{
	char name[4096];

	snprintf(name, sizeof(name), "%s-yard", path);
	lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock == -1)
		err(1, "%s", name);
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK ||
	    sqlite3_busy_timeout(db, 5000) != SQLITE_OK ||
	    sqlite3_exec(db, "PRAGMA journal_mode=wal;"
#ifdef FULL
	    "PRAGMA synchronous=FULL;"
#else
	    "PRAGMA synchronous=NORMAL;"
#endif
	    "PRAGMA wal_autocheckpoint=0; PRAGMA temp_store=MEMORY",
	    NULL, NULL, NULL) != SQLITE_OK)
		errx(1, "%s: %s", path, sqlite3_errmsg(db));
	sqlite3_wal_hook(db, note_frames, NULL);
	begin = prepare("BEGIN IMMEDIATE");
	commit = prepare("COMMIT");
}

/* Binds one parameter of the script and steps over it. */
static const char *
bind(sqlite3_stmt *stmt, int i, const char *at, const char *body, size_t len)
{
	unsigned char type = (unsigned char)*at++;
	sqlite3_int64 n;
	uint32_t size;

	switch (type) {
	case VALUE_INT:
		memcpy(&n, at, sizeof(n));
		sqlite3_bind_int64(stmt, i, n);
		return at + sizeof(n);
	case SCRIPT_BODY:
		sqlite3_bind_blob64(stmt, i, body, len, SQLITE_STATIC);
		return at;
	case VALUE_TEXT:
	case VALUE_BYTES:
		size = number(&at);
		if (type == VALUE_TEXT)
			sqlite3_bind_text64(stmt, i, at, size, SQLITE_STATIC,
			    SQLITE_UTF8);
		else
			sqlite3_bind_blob64(stmt, i, at, size, SQLITE_STATIC);
		return at + size;
	default:
		sqlite3_bind_null(stmt, i);
		return at;
	}
}

/* What a program does that reads rows, and nothing with them. */
static void
look(sqlite3_stmt *stmt)
{
	int i, n = sqlite3_column_count(stmt);

	for (i = 0; i < n; i++)
		if (sqlite3_column_type(stmt, i) == SQLITE_INTEGER)
			(void)sqlite3_column_int64(stmt, i);
		else
			(void)sqlite3_column_blob(stmt, i);
}

static bool
run_all(const struct scripted *event, const char *body, size_t len)
{
	const char *at = event->at;
	uint32_t i, k, n, which;
	sqlite3_stmt *stmt;
	int rc;

	for (i = 0; i < event->n; i++) {
		which = number(&at);
		n = number(&at);
		if (statements[which] == NULL)
			statements[which] =
			    prepare(statement_text(which)->sql);
		stmt = statements[which];
		for (k = 0; k < n; k++)
			at = bind(stmt, (int)k + 1, at, body, len);
		while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
			look(stmt);
		if (sqlite3_reset(stmt) != SQLITE_OK || rc != SQLITE_DONE)
			return false;
	}
	return true;
}

static bool
run(sqlite3_stmt *stmt)
{
	int rc = sqlite3_step(stmt);

	return sqlite3_reset(stmt) == SQLITE_OK && rc == SQLITE_DONE;
}

#ifndef FULL
static bool
sync_log(void)
{
	sqlite3_file *file = NULL;

	return sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER,
	    &file) == SQLITE_OK && file != NULL && file->pMethods != NULL &&
	    file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) == SQLITE_OK;
}
#endif

static bool
take(const char *body, size_t len)
{
	static const char key[] = "\"id\": \"evt_";
	const struct scripted *event;
	const char *id = memmem(body, len, key, sizeof(key) - 1), *end;
	bool good;

	if (id == NULL)
		return false;
	id += sizeof(key) - 1 - 4;
	end = memchr(id, '"', len - (size_t)(id - body));
	event = end == NULL ? NULL : slot_of(id, (size_t)(end - id));
	if (event == NULL || event->id == NULL)
		return false;
	(void)flock(lock, LOCK_EX);
	good = run(begin) && run_all(event, body, len) && run(commit);
	(void)flock(lock, LOCK_UN);
#ifndef FULL
	good = good && sync_log();
#endif
	if (!good)
		warnx("%.*s: %s", (int)(end - id), id, sqlite3_errmsg(db));
	return good;
}

/* As billhook's: after the answer, and only where no other has done it. */
static void
checkpoint(void)
{
	int done = 0, all = 0, before = 0;

	if (frames < CHECKPOINT_FRAMES || flock(lock, LOCK_EX | LOCK_NB) != 0)
		return;
	if (pread(lock, &before, sizeof(before), 0) == -1)
		before = 0;
	if (frames - before >= CHECKPOINT_FRAMES || frames < before) {
		(void)sqlite3_busy_timeout(db, 0);
		(void)sqlite3_wal_checkpoint_v2(db, "main",
		    SQLITE_CHECKPOINT_FULL, &all, &done);
		(void)sqlite3_busy_timeout(db, 5000);
		before = done == all ? 0 : all;
		if (pwrite(lock, &before, sizeof(before), 0) == -1)
			warn("lock");
	}
	(void)flock(lock, LOCK_UN);
}

int
main(int argc, char *argv[])
{
	static const char answer[] = "Status: 200 OK\r\n"
	    "Content-Type: application/json\r\nCache-Control: no-store\r\n"
	    "Content-Length: 37\r\n\r\n"
	    "{\"received\":true,\"outcome\":\"applied\"}";
	static const char failure[] = "Status: 503 Service Unavailable\r\n"
	    "Content-Length: 0\r\n\r\n";
	static char body[BODY_MAX];
	FCGX_Request request;
	size_t len;
	int n;

	if (argc != 3)
		errx(2, "usage: yardstick DB SCRIPT");
	read_script(argv[2]);
	open_database(argv[1]);
	if (FCGX_Init() != 0 || FCGX_InitRequest(&request, 0, 0) != 0)
		return 1;
	while (FCGX_Accept_r(&request) == 0) {
		for (len = 0; len < sizeof(body) && (n = FCGX_GetStr(body +
		    len, (int)(sizeof(body) - len), request.in)) > 0;)
			len += (size_t)n;
		if (take(body, len))
			FCGX_PutStr(answer, sizeof(answer) - 1, request.out);
		else
			FCGX_PutStr(failure, sizeof(failure) - 1, request.out);
		FCGX_Finish_r(&request);
		checkpoint();
	}
	return 0;
}
