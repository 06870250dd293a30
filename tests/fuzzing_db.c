#include "fuzzing_db.h"

#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzzing.h"

#define STATEMENTS_MAX 64

const char *const fuzz_tables[FUZZ_TABLES] = {
	"tenant_pricing", "billing_checkout_sessions", "stripe_customers",
	"stripe_subscriptions", "stripe_subscription_items",
	"stripe_invoices", "stripe_products", "stripe_prices",
	"stripe_entitlements", "needs_fetch",
};

static char directory[FUZZ_PATH];

/* One database, opened once. */
static sqlite3 *handle;
static sqlite3_stmt *empty[STATEMENTS_MAX], *sums[FUZZ_TABLES];
static sqlite3_stmt *count, *holds;
static size_t nempty;

static void
remove_all(void)
{
	struct dirent *entry;
	DIR *dir;
	size_t i;

	for (i = 0; i < nempty; i++)
		sqlite3_finalize(empty[i]);
	for (i = 0; i < FUZZ_TABLES; i++)
		sqlite3_finalize(sums[i]);
	sqlite3_finalize(count);
	sqlite3_finalize(holds);
	sqlite3_close(handle);
	if ((dir = opendir(directory)) == NULL)
		return;
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			(void)unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	(void)rmdir(directory);
}

const char *
fuzz_directory(void)
{
	const char *tmp = getenv("TMPDIR");

	if (*directory != '\0')
		return directory;
	if (tmp == NULL || *tmp == '\0')
		tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	if (snprintf(directory, sizeof(directory), "%s/billhook-fuzz.XXXXXX",
	    tmp) >= (int)sizeof(directory) || mkdtemp(directory) == NULL) {
		perror(directory);
		exit(2);
	}
	atexit(remove_all);
	return directory;
}

const char *
fuzz_path(const char *name)
{
	static char path[FUZZ_PATH + 100];

	snprintf(path, sizeof(path), "%s/%s", fuzz_directory(), name);
	return path;
}

static sqlite3_stmt *
prepare(const char *sql)
{
	sqlite3_stmt *stmt;

	fuzz_require(sqlite3_prepare_v3(handle, sql, -1,
	    SQLITE_PREPARE_PERSISTENT, &stmt, NULL) == SQLITE_OK,
	    "%s", sqlite3_errmsg(handle));
	return stmt;
}

/* Runs what gives no rows. */
static void
run(sqlite3_stmt *stmt)
{
	while (sqlite3_step(stmt) == SQLITE_ROW)
		;
	fuzz_require(sqlite3_reset(stmt) == SQLITE_OK, "%s",
	    sqlite3_errmsg(handle));
}

/* Opens the database beside the store, and prepares all that is run. */
static void
open_database(const char *path)
{
	sqlite3_stmt *names;
	char sql[200];
	size_t i;

	if (handle != NULL)
		return;
	fuzz_require(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE,
	    NULL) == SQLITE_OK && sqlite3_busy_timeout(handle, 10000) ==
	    SQLITE_OK && sqlite3_exec(handle, "PRAGMA synchronous=OFF;"
	    "PRAGMA wal_autocheckpoint=0", NULL, NULL, NULL) == SQLITE_OK,
	    "%s cannot be opened", path);
	names = prepare("SELECT name FROM sqlite_schema WHERE type = 'table' "
	    "AND name NOT LIKE 'sqlite_%' AND name <> 'billhook_settings'");
	empty[nempty++] = prepare("BEGIN IMMEDIATE");
	while (sqlite3_step(names) == SQLITE_ROW) {
		snprintf(sql, sizeof(sql), "DELETE FROM \"%s\"",
		    (const char *)sqlite3_column_text(names, 0));
		empty[nempty++] = prepare(sql);
	}
	empty[nempty++] = prepare("COMMIT");
	sqlite3_finalize(names);
	count = prepare("SELECT count(*) FROM stripe_events");
	holds = prepare("SELECT count(*) FROM stripe_events WHERE id = ?1 AND "
	    "CAST(payload AS BLOB) = ?2");
	for (i = 0; i < FUZZ_TABLES; i++) {
		snprintf(sql, sizeof(sql), "SELECT * FROM %s ORDER BY 1, 2",
		    fuzz_tables[i]);
		sums[i] = prepare(sql);
	}
}

void
fuzz_db_empty(const char *path)
{
	size_t i;

	open_database(path);
	for (i = 0; i < nempty; i++)
		run(empty[i]);
}

int64_t
fuzz_db_events(const char *path)
{
	int64_t n = -1;

	open_database(path);
	if (sqlite3_step(count) == SQLITE_ROW)
		n = sqlite3_column_int64(count, 0);
	sqlite3_reset(count);
	return n;
}

int
fuzz_db_holds(const char *path, const char *id, const void *payload,
    size_t len)
{
	int n = -1;

	open_database(path);
	sqlite3_bind_text(holds, 1, id, -1, SQLITE_STATIC);
	sqlite3_bind_blob(holds, 2, len > 0 ? payload : "", (int)len,
	    SQLITE_STATIC);
	if (sqlite3_step(holds) == SQLITE_ROW)
		n = sqlite3_column_int(holds, 0);
	sqlite3_reset(holds);
	return n;
}

/* FNV-1a. */
static uint64_t
add(uint64_t sum, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;

	for (; len > 0; len--)
		sum = (sum ^ *p++) * 1099511628211U;
	return sum;
}

static uint64_t
add_column(uint64_t sum, sqlite3_stmt *stmt, int column)
{
	int type = sqlite3_column_type(stmt, column);
	int64_t number = sqlite3_column_int64(stmt, column);

	sum = add(sum, &type, sizeof(type));
	if (type == SQLITE_INTEGER)
		return add(sum, &number, sizeof(number));
	if (type == SQLITE_NULL)
		return sum;
	return add(sum, sqlite3_column_blob(stmt, column),
	    (size_t)sqlite3_column_bytes(stmt, column));
}

void
fuzz_db_sum(struct fuzz_sums *out, const char *path)
{
	size_t i;
	int column;

	open_database(path);
	for (i = 0; i < FUZZ_TABLES; i++) {
		out->of[i] = 14695981039346656037U;
		while (sqlite3_step(sums[i]) == SQLITE_ROW)
			for (column = 0; column <
			    sqlite3_column_count(sums[i]); column++)
				out->of[i] = add_column(out->of[i], sums[i],
				    column);
		sqlite3_reset(sums[i]);
	}
}

void
fuzz_db_check(const char *path)
{
	sqlite3_stmt *stmt;

	open_database(path);
	stmt = prepare("PRAGMA integrity_check");
	fuzz_require(sqlite3_step(stmt) == SQLITE_ROW && strcmp("ok",
	    (const char *)sqlite3_column_text(stmt, 0)) == 0,
	    "the database is not sound");
	sqlite3_finalize(stmt);
}
