/*
 * Transactions and statements through SQLite.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sqlite.h"

enum db_result
sqlite_exec(struct db *db, const char *sql)
{
	int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? DB_OK : sqlite_fail_code(db, rc, sql);
}

/* Runs a statement without rows and parameters, which is prepared once. */
static enum db_result
run_kept(struct db *db, sqlite3_stmt **kept, const char *sql)
{
	enum db_result result = DB_OK;
	int rc = SQLITE_OK;

	if (*kept == NULL)
		rc = sqlite3_prepare_v3(db->handle, sql, -1,
		    SQLITE_PREPARE_PERSISTENT, kept, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(*kept);
	/* The words first: a reset changes them. */
	if (rc != SQLITE_DONE)
		result = sqlite_fail_code(db, rc, sql);
	(void)sqlite3_reset(*kept);
	return result;
}

static void
let_go(struct db *db)
{
	db->begun = false;
	queue_unlock(db->queue);
}

static int64_t
milliseconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

enum db_result
db_begin(struct db *db)
{
	int64_t end = milliseconds() + db->options.patience, left;
	enum queue_result queued;
	enum db_result rc;
	int moved = 0;

	if (db->handle == NULL || db->damaged)
		return sqlite_fail(db, DB_EMOVED, "%s: has failed before",
		    db->options.path);
	if (files_check_names(&db->files, db->error, sizeof(db->error)) == -1)
		return DB_EUNAVAILABLE;
	queued = queue_lock(db->queue, db->options.patience);
	if (queued != QUEUE_OK)
		return sqlite_fail_queue(db, queued);
	db->begun = true;
	/* One patience for both: the queue, and those who do not queue. */
	left = end - milliseconds();
	(void)sqlite3_busy_timeout(db->handle, left > 0 ? (int)left : 0);
	if (sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_HAS_MOVED,
	    &moved) == SQLITE_OK && moved) {
		sqlite_wal_leave(db);
		rc = sqlite_fail(db, DB_EMOVED, "%s: was exchanged for "
		    "another file", db->options.path);
		goto fail;
	}
	rc = run_kept(db, &db->begin, "BEGIN IMMEDIATE");
	if (rc == DB_OK)
		rc = sqlite_check_journal(db);
	if (rc == DB_OK && queue_marked(db->queue))
		rc = sqlite_wal_repair(db);
	if (rc == DB_OK)
		return DB_OK;
fail:
	db_rollback(db);
	return rc;
}

static enum db_result
prepare(struct db *db, enum statement statement, sqlite3_stmt **out)
{
	const struct statement_text *text = statement_text(statement);
	sqlite3_stmt **kept = &db->statements[db->shadow][statement];
	char *shadow = NULL;
	int rc;

	if (*kept == NULL) {
		if (db->shadow) {
			shadow = sqlite_shadow_sql(text->sql, db->prefix);
			if (shadow == NULL)
				return sqlite_fail_code(db, SQLITE_NOMEM,
				    text->name);
		}
		rc = sqlite3_prepare_v3(db->handle,
		    shadow != NULL ? shadow : text->sql, -1,
		    SQLITE_PREPARE_PERSISTENT, kept, NULL);
		sqlite3_free(shadow);
		if (rc != SQLITE_OK)
			return sqlite_fail_code(db, rc, text->name);
	}
	*out = *kept;
	return DB_OK;
}

static int
bind(sqlite3_stmt *stmt, int n, const struct value *v)
{
	switch (v->type) {
	case VALUE_INT:
		return sqlite3_bind_int64(stmt, n, v->i);
	case VALUE_TEXT:
		return sqlite3_bind_text64(stmt, n, v->s, v->len,
		    SQLITE_STATIC, SQLITE_UTF8);
	case VALUE_BYTES:
		return sqlite3_bind_blob64(stmt, n, v->len == 0 ? "" : v->s,
		    v->len, SQLITE_STATIC);
	default:
		return sqlite3_bind_null(stmt, n);
	}
}

static struct value
column(sqlite3_stmt *stmt, int n)
{
	struct value v = {VALUE_NULL, 0, NULL, 0};

	switch (sqlite3_column_type(stmt, n)) {
	case SQLITE_INTEGER:
		return value_int(sqlite3_column_int64(stmt, n));
	case SQLITE_TEXT:
		v.type = VALUE_TEXT;
		v.s = (const char *)sqlite3_column_text(stmt, n);
		break;
	case SQLITE_BLOB:
		v.type = VALUE_BYTES;
		v.s = sqlite3_column_blob(stmt, n);
		break;
	default:
		return v;
	}
	v.len = (size_t)sqlite3_column_bytes(stmt, n);
	if (v.s == NULL) {
		if (v.len == 0 && v.type == VALUE_BYTES)
			v.s = "";
		else
			v.type = VALUE_NULL;
	}
	return v;
}

/* One row to the caller: SQLITE_ROW to go on, SQLITE_DONE to stop. */
static int
give_row(sqlite3_stmt *stmt, db_row *row, void *arg)
{
	struct value v[STATEMENT_COLUMNS_MAX];
	int i, n = sqlite3_column_count(stmt);

	for (i = 0; i < n; i++)
		v[i] = column(stmt, i);
	switch (row(arg, v, (size_t)n)) {
	case 0:
		return SQLITE_ROW;
	case 1:
		return SQLITE_DONE;
	default:
		return SQLITE_NOMEM;
	}
}

enum db_result
db_run(struct db *db, enum statement statement, const struct value *params,
    db_row *row, void *arg)
{
	const struct statement_text *text = statement_text(statement);
	sqlite3_stmt *stmt = NULL;
	enum db_result result;
	int rc = SQLITE_OK, i;

	result = prepare(db, statement, &stmt);
	if (result != DB_OK)
		return result;
	for (i = 0; text->types[i] != '\0' && rc == SQLITE_OK; i++)
		rc = bind(stmt, i + 1, &params[i]);
	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		rc = sqlite3_step(stmt);
		if (rc == SQLITE_ROW && row != NULL)
			rc = give_row(stmt, row, arg);
	}
	/* The words first: a reset changes them. */
	result = rc == SQLITE_DONE ? DB_OK :
	    sqlite_fail_code(db, rc, text->name);
	(void)sqlite3_reset(stmt);
	(void)sqlite3_clear_bindings(stmt);
	return result;
}

enum db_result
db_commit(struct db *db)
{
	enum db_result rc = run_kept(db, &db->commit, "COMMIT");

	if (rc != DB_OK)
		db_rollback(db);
	else
		let_go(db);
	return rc;
}

/* The last to close checkpoints: in the queue, as every checkpoint. */
void
sqlite_close_handle(struct db *db)
{
	size_t i;

	for (i = 0; i < STATEMENT__MAX; i++) {
		(void)sqlite3_finalize(db->statements[0][i]);
		(void)sqlite3_finalize(db->statements[1][i]);
	}
	memset(db->statements, 0, sizeof(db->statements));
	(void)sqlite3_finalize(db->begin);
	(void)sqlite3_finalize(db->commit);
	db->begin = db->commit = NULL;
	(void)sqlite3_close(db->handle);
	db->handle = NULL;
}

void
db_rollback(struct db *db)
{
	if (!db->begun)
		return;
	/* Without memory even that can fail; but the transaction must not
	 * outlive the lock, and closing ends it in any case. */
	if (!sqlite3_get_autocommit(db->handle) &&
	    sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL) !=
	    SQLITE_OK && !sqlite3_get_autocommit(db->handle))
		sqlite_close_handle(db);
	let_go(db);
}

void
db_give_way(struct db *db)
{
	const struct timespec moment = {.tv_nsec = 1000000};

	(void)db;
	(void)nanosleep(&moment, NULL);
}

enum db_result
db_refuse(struct db *db, const char *words)
{
	return sqlite_fail(db, DB_EUNAVAILABLE, "%s: %s", db->options.path,
	    words);
}

const char *
db_error(const struct db *db)
{
	return db->error;
}
