/*
 * Opens an SQLite database, makes its tables when it is new, and closes it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sqlite.h"

#define CLOSE_PATIENCE	1000	/* milliseconds */
#define JOURNAL_WORD	16	/* bytes of a name of a journal mode */

int
sqlite_read_whatever(sqlite3 *handle)
{
	return sqlite3_db_config(handle, SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1,
	    NULL);
}

enum db_result
sqlite_ask(struct db *db, const char *sql, char *out, size_t size)
{
	sqlite3_stmt *stmt = NULL;
	const unsigned char *text;
	enum db_result result;
	int rc;

	*out = '\0';
	rc = sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		text = sqlite3_column_text(stmt, 0);
		if (text != NULL)
			snprintf(out, size, "%s", (const char *)text);
		/* To the end: there it commits, the change of a journal. */
		do
			rc = text != NULL ? sqlite3_step(stmt) : SQLITE_NOMEM;
		while (rc == SQLITE_ROW);
	}
	/* The words first: the end of the statement changes them. */
	result = rc == SQLITE_DONE ? DB_OK : sqlite_fail_code(db, rc, sql);
	(void)sqlite3_finalize(stmt);
	return result;
}

static enum db_result
ask_int(struct db *db, const char *sql, long *out)
{
	enum db_result rc;
	char text[32];

	rc = sqlite_ask(db, sql, text, sizeof(text));
	*out = strtol(text, NULL, 10);
	return rc;
}

/*
 * From here on transactions have a rollback journal whose name is on disk before
 * anything is in it.  SQLite syncs the directory, too, and passes over it if
 * that fails: what the journal was to bring back would be gone with the name.
 */
static enum db_result
use_journal(struct db *db, char mode[JOURNAL_WORD])
{
	if (files_make_journal(&db->files, db->error, sizeof(db->error)) ==
	    -1 || files_sync_entries(&db->files, db->error,
	    sizeof(db->error)) == -1)
		return DB_EUNAVAILABLE;
	return sqlite_ask(db, "PRAGMA journal_mode=truncate", mode,
	    JOURNAL_WORD);
}

static enum db_result
set_journal(struct db *db)
{
	bool wal = db->options.journal == JOURNAL_WAL;
	const char *want = wal ? "wal" : "truncate";
	enum db_result rc;
	char mode[JOURNAL_WORD];

	rc = sqlite_ask(db, "PRAGMA journal_mode", mode, sizeof(mode));
	if (rc == DB_OK && wal && strcmp(mode, want) == 0)
		return DB_OK;
	/* The change to a log is a transaction of the other kind. */
	if (rc == DB_OK)
		rc = use_journal(db, mode);
	if (rc == DB_OK && wal)
		rc = sqlite_ask(db, "PRAGMA journal_mode=wal", mode,
		    sizeof(mode));
	if (rc == DB_OK && strcmp(mode, want) != 0)
		return sqlite_fail(db, DB_EUNAVAILABLE, "%s: journal mode %s "
		    "cannot be had here, only %s (a network file system?); "
		    "set BILLHOOK_JOURNAL=truncate, or put BILLHOOK_DATABASE "
		    "on a local disk", db->options.path, want, mode);
	if (rc == DB_EBUSY)
		return sqlite_fail(db, DB_EBUSY, "%s: its journal mode cannot "
		    "change to %s while other programs have it open; stop "
		    "them, or set BILLHOOK_JOURNAL as they have it",
		    db->options.path, want);
	return rc;
}

enum db_result
sqlite_check_journal(struct db *db)
{
	char mode[JOURNAL_WORD];
	enum db_result rc;

	if (db->options.journal == JOURNAL_WAL)
		return DB_OK;
	rc = sqlite_ask(db, "PRAGMA journal_mode", mode, sizeof(mode));
	if (rc == DB_OK && strcmp(mode, "wal") == 0)
		return sqlite_fail(db, DB_EMOVED, "%s: a responder has given "
		    "it another journal; let all have one BILLHOOK_JOURNAL, "
		    "and run a command again that it has ended",
		    db->options.path);
	return rc;
}

/*
 * A log that is synced by us after each commit needs no sync by SQLite
 * (NORMAL); a rollback journal needs all of them, and its directory's (EXTRA).
 */
static enum db_result
set_modes(struct db *db)
{
	enum db_result rc = set_journal(db);

	if (rc == DB_OK)
		rc = sqlite_exec(db, db->options.journal == JOURNAL_WAL ?
		    "PRAGMA synchronous=NORMAL" : "PRAGMA synchronous=EXTRA");
	if (rc == DB_OK)
		rc = sqlite_exec(db, "PRAGMA wal_autocheckpoint=0;"
		    "PRAGMA temp_store=MEMORY");
	if (rc == DB_OK)
		sqlite3_wal_hook(db->handle, sqlite_wal_hook, db);
	return rc;
}

/* The same for a log: its name is on disk before anything is in it. */
static enum db_result
place_log(struct db *db)
{
	db->placed = db->options.journal != JOURNAL_WAL ||
	    files_sync_entries(&db->files, db->error,
	    sizeof(db->error)) == 0;
	return db->placed ? DB_OK : DB_EUNAVAILABLE;
}

/*
 * What can be chosen only before the first table.  Pages as large as a disk's
 * sectors: smaller ones make an event cheaper, but a sector that a checkpoint
 * was writing as power failed would take a page with it that is not in the log.
 * auto_vacuum lets prune give space back in small steps.
 */
static enum db_result
make_tables(struct db *db)
{
	char mode[JOURNAL_WORD], *stamp;
	enum db_result rc;

	stamp = sqlite3_mprintf("PRAGMA application_id=%d;"
	    "PRAGMA user_version=%d", SQLITE_APPLICATION_ID,
	    SQLITE_SCHEMA_VERSION);
	if (stamp == NULL)
		return sqlite_fail_code(db, SQLITE_NOMEM, "make tables");
	/* Who began before us may have come as far as the log. */
	rc = sqlite_ask(db, "PRAGMA journal_mode", mode, sizeof(mode));
	if (rc == DB_OK && strcmp(mode, "wal") != 0)
		rc = use_journal(db, mode);
	if (rc == DB_OK)
		rc = sqlite_exec(db, "PRAGMA synchronous=EXTRA;"
		    "PRAGMA page_size=4096;"
		    "PRAGMA auto_vacuum=INCREMENTAL");
	if (rc == DB_OK)
		rc = set_journal(db);
	if (rc == DB_OK)
		rc = sqlite_exec(db, "BEGIN IMMEDIATE");
	if (rc == DB_OK)
		rc = sqlite_exec(db, schema_sql);
	if (rc == DB_OK)
		rc = sqlite_exec(db, stamp);
	if (rc == DB_OK) {
		rc = sqlite_exec(db, "COMMIT");
		/* This one syncs, and what a failed sync covered may be read
		 * back from memory, and be gone with it. */
		if (rc != DB_OK && db->options.journal == JOURNAL_WAL)
			(void)queue_mark(db->queue, true);
	}
	if (rc != DB_OK && !sqlite3_get_autocommit(db->handle))
		(void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_free(stamp);
	return rc;
}

static enum db_result
check_stamp(struct db *db, long id, long version)
{
	if (id != SQLITE_APPLICATION_ID)
		return sqlite_fail(db, DB_EVERSION, "%s: is a database, but "
		    "not billhook's; correct BILLHOOK_DATABASE",
		    db->options.path);
	if (version != SQLITE_SCHEMA_VERSION)
		return sqlite_fail(db, DB_EVERSION, "%s: has schema version "
		    "%ld, and this program knows %d; install the billhook "
		    "that made it, or a newer one", db->options.path, version,
		    SQLITE_SCHEMA_VERSION);
	return DB_OK;
}

/* Why the file cannot be opened for writing: often it is somebody else's. */
static enum db_result
fail_open(struct db *db, int code)
{
	enum db_result rc = sqlite_fail_code(db, code, "open");

	if (code == SQLITE_CANTOPEN || code == SQLITE_READONLY)
		(void)files_is_foreign(&db->files, db->options.path,
		    db->error, sizeof(db->error));
	return rc;
}

/* Opens the handle; the queue lock is held. */
static enum db_result
open_handle(struct db *db, bool *made)
{
	enum db_result rc = DB_EUNAVAILABLE;
	long id, version, tables = 1;
	int code;

	if (files_make_database(&db->files, db->error, sizeof(db->error)) ==
	    -1)
		return rc;
	code = sqlite3_open_v2(db->options.path, &db->handle,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (code != SQLITE_OK)
		return fail_open(db, code);
	/* SQLite falls back to reading, and would leave a -wal and -shm of the
	 * same modes, which stay in the way when the file's are mended. */
	if (sqlite3_db_readonly(db->handle, "main") == 1)
		return fail_open(db, SQLITE_READONLY);
	(void)sqlite3_extended_result_codes(db->handle, 1);
	if (db->options.only_copy)
		(void)sqlite_read_whatever(db->handle);
	/* Before anything that could meet a lock. */
	(void)sqlite3_busy_timeout(db->handle, (int)db->options.patience);
	rc = ask_int(db, "PRAGMA application_id", &id);
	if (rc == DB_OK)
		rc = ask_int(db, "PRAGMA user_version", &version);
	if (rc == DB_OK && id == 0 && version == 0)
		rc = ask_int(db, "SELECT count(*) FROM sqlite_schema",
		    &tables);
	if (rc != DB_OK)
		return rc;
	if (tables == 0) {
		if (files_sync_directory(&db->files, db->error,
		    sizeof(db->error)) == -1)
			return DB_EUNAVAILABLE;
		rc = make_tables(db);
		*made = rc == DB_OK;
	} else
		rc = check_stamp(db, id, version);
	if (rc == DB_OK)
		rc = set_modes(db);
	if (rc == DB_OK)
		rc = place_log(db);
	if (rc == DB_OK)
		rc = sqlite_shadow_look(db, &db->leftovers);
	if (rc == DB_OK)
		sqlite_wal_note(db);
	return rc;
}

/* Our programs have one thread, and nobody asks SQLite how much memory it
 * has: it need not lock and count at each allocation.  Refused, and no harm,
 * where SQLite is at work already. */
static void
spare_locks(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

enum db_result
db_open(struct db **out, const struct db_options *options, bool *made)
{
	struct db *db = calloc(1, sizeof(*db));
	char *path = NULL;
	enum queue_result queued;
	enum db_result rc;

	*out = db;
	*made = false;
	if (db == NULL)
		return DB_ENOMEM;
	spare_locks();
	db->options = *options;
	/* The settings may be gone before the handle is. */
	db->options.path = db->path = strdup(options->path);
	path = sqlite3_mprintf("%s-lock", options->path);
	if (path == NULL || db->path == NULL) {
		rc = sqlite_fail(db, DB_ENOMEM, "no memory to open the "
		    "database");
		goto out;
	}
	rc = DB_EUNAVAILABLE;
	if (files_init(&db->files, db->path, options->group, db->error,
	    sizeof(db->error)) == -1 ||
	    files_make_directory(&db->files, db->error, sizeof(db->error)) ==
	    -1 ||
	    files_check_place(&db->files, db->error, sizeof(db->error)) == -1)
		goto out;
	db->queue = queue_open(path, files_mode(&db->files), db->files.group);
	if (db->queue == NULL && errno == EACCES &&
	    files_is_foreign(&db->files, path, db->error, sizeof(db->error)))
		goto out;
	if (db->queue == NULL && errno == EROFS) {
		rc = sqlite_fail(db, DB_EUNAVAILABLE, "%s: cannot be written: "
		    "%s; mount it for writing, or, to read what is there, "
		    "copy it with its -wal to another file system and let "
		    "BILLHOOK_DATABASE name the copy", db->path,
		    strerror(errno));
		goto out;
	}
	if (db->queue == NULL) {
		rc = sqlite_fail(db, DB_EUNAVAILABLE, "%s: cannot be made: "
		    "%s; the responder's user must be able to write there",
		    path, strerror(errno));
		goto out;
	}
	queued = queue_lock(db->queue, options->patience);
	if (queued != QUEUE_OK) {
		rc = sqlite_fail_queue(db, queued);
		goto out;
	}
	rc = sqlite_wal_disown(db);
	if (options->keep_journal)
		(void)sqlite_file_journal(db, &db->options.journal);
	if (rc == DB_OK)
		rc = sqlite_wal_inherit(db);
	if (rc == DB_OK)
		rc = open_handle(db, made);
	queue_unlock(db->queue);
out:
	sqlite3_free(path);
	return rc;
}

void
db_close(struct db *db)
{
	int64_t patience = CLOSE_PATIENCE;
	bool locked, in_order;

	if (db == NULL)
		return;
	/* Somebody waits for us to end, mod_cgi with the answer in its hands;
	 * what is not done here is done by who opens next. */
	if (patience > db->options.patience)
		patience = db->options.patience;
	db_rollback(db);
	locked = db->handle != NULL &&
	    queue_lock(db->queue, patience) == QUEUE_OK;
	in_order = locked && sqlite_wal_bequeath(db);
	/* No checkpoint but in the queue, and none of a log that power may
	 * take away while it is copied. */
	if (db->handle != NULL && !(locked && db->placed))
		(void)sqlite3_db_config(db->handle,
		    SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite_close_handle(db);
	if (locked) {
		queue_leave(db->queue, in_order);
		queue_unlock(db->queue);
	}
	queue_close(db->queue);
	free(db->path);
	free(db);
}
