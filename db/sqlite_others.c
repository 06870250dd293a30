/*
 * What others have put on the computed tables: an application's indexes and
 * triggers, which a rebuild must not take from it, and columns, which it can
 * only name.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sqlite_schema.h"

#define ASSIGNMENTS_SIZE 4096	/* of all columns of one of our tables */

struct others {
	struct others *next;	/* made after this one */
	char	      *name;
	char	      *type;	/* "index", "trigger" or "column" */
	char	      *table;
	char	      *sql;	/* of a column: none */
	bool	       waits;	/* a trigger that was tried, to be made */
};

/* The columns of a result that is read. */
enum { NAME, TYPE, TABLE, SQL };

/* Indexes before the triggers that may need them. */
#define THERE_SQL \
    "SELECT name, type, tbl_name, sql, rowid FROM sqlite_schema WHERE " \
    "type IN ('index', 'trigger') AND sql IS NOT NULL UNION ALL " \
    "SELECT c.name, 'column', s.name, '', 0 FROM sqlite_schema s, " \
    "pragma_table_xinfo(s.name) c WHERE s.type = 'table' AND " \
    "s.sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY 2, 5"

/* Whether we have made one: an index or trigger by its text, which has the name
 * in it, a column by its table and name. */
#define OWN_SQL "SELECT 1 FROM sqlite_schema WHERE sql = $1 UNION ALL " \
    "SELECT 1 FROM pragma_table_info($2) WHERE name = $3 COLLATE NOCASE " \
    "AND $1 = ''"

void
sqlite_others_free(struct others *others)
{
	struct others *next;

	for (; others != NULL; others = next) {
		next = others->next;
		sqlite3_free(others->name);
		sqlite3_free(others->type);
		sqlite3_free(others->table);
		sqlite3_free(others->sql);
		free(others);
	}
}

/* SQLITE_ROW if we have made it, SQLITE_DONE if not. */
static int
find_own(sqlite3_stmt *own, const struct others *one)
{
	char *plain = sqlite3_mprintf("%s", one->sql);
	int rc = SQLITE_NOMEM;

	if (plain != NULL) {
		schema_make_plain(plain);
		rc = sqlite3_bind_text(own, 1, plain, -1, SQLITE_STATIC);
	}
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(own, 2, one->table, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(own, 3, one->name, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(own);
	(void)sqlite3_reset(own);
	sqlite3_free(plain);
	return rc;
}

static char *
copy(sqlite3_stmt *row, int column)
{
	const unsigned char *text = sqlite3_column_text(row, column);

	return text == NULL ? NULL : sqlite3_mprintf("%s", text);
}

/* Takes what a row names, if it is on a table that is exchanged, and not
 * ours. */
static int
consider(struct others **out, sqlite3_stmt *row, sqlite3_stmt *own)
{
	const char *table = (const char *)sqlite3_column_text(row, TABLE);
	struct others *one;
	int rc = SQLITE_NOMEM;

	if (table != NULL && !sqlite_shadow_has(table))
		return SQLITE_OK;
	one = calloc(1, sizeof(*one));
	if (one != NULL && (one->name = copy(row, NAME)) != NULL &&
	    (one->type = copy(row, TYPE)) != NULL &&
	    (one->table = copy(row, TABLE)) != NULL &&
	    (one->sql = copy(row, SQL)) != NULL)
		rc = find_own(own, one);
	if (rc == SQLITE_DONE)
		*out = one;
	else
		sqlite_others_free(one);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

enum db_result
sqlite_others_read(struct db *db, struct others **out)
{
	sqlite3 *memory;
	sqlite3_stmt *own = NULL, *there = NULL;
	int rc = schema_make(&memory);

	*out = NULL;
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(memory, OWN_SQL, -1, &own, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(db->handle, THERE_SQL, -1, &there,
		    NULL);
	while (rc == SQLITE_OK && (rc = sqlite3_step(there)) == SQLITE_ROW) {
		rc = consider(out, there, own);
		while (*out != NULL)
			out = &(*out)->next;
	}
	(void)sqlite3_finalize(there);
	(void)sqlite3_finalize(own);
	(void)sqlite3_close(memory);
	return rc == SQLITE_DONE ? DB_OK :
	    sqlite_fail_code(db, rc, "look at the schema");
}

/*
 * Prepares the one statement that a text is, or runs it, too: the schema's text
 * of an index or trigger is whatever somebody has written there, and behind the
 * statement that SQLite reads of it there may be others.  A result code of
 * SQLite, SQLITE_AUTH where it is more than one.
 */
static int
run_one(struct db *db, const char *sql, bool only_prepare)
{
	sqlite3_stmt *stmt = NULL;
	const char *behind = "";
	int rc = SQLITE_NOMEM;

	if (sql != NULL)
		rc = sqlite3_prepare_v2(db->handle, sql, -1, &stmt, &behind);
	if (rc == SQLITE_OK && behind[strspn(behind, "; \t\r\n")] != '\0')
		rc = SQLITE_AUTH;
	if (rc == SQLITE_OK && !only_prepare)
		rc = sqlite3_step(stmt);
	(void)sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* The same with SQL that is made of a format of sqlite3_mprintf(). */
static int
run(struct db *db, char *sql, bool only_prepare)
{
	int rc = run_one(db, sql, only_prepare);

	sqlite3_free(sql);
	return rc;
}

static int
make(struct db *db, const struct others *one)
{
	static const char *const kinds[] = {"CREATE INDEX ",
	    "CREATE UNIQUE INDEX ", "CREATE TRIGGER "};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(one->sql, kinds[i], strlen(kinds[i])) == 0)
			return run_one(db, one->sql, false);
	return SQLITE_AUTH;
}

/*
 * A trigger is made whatever it says; whether that can be done is seen where the
 * table is written.  With all columns, since a trigger may be of some.
 */
static int
try_table(struct db *db, const char *table)
{
	char set[ASSIGNMENTS_SIZE], ask[200];
	int rc;

	snprintf(ask, sizeof(ask), "SELECT group_concat(name || ' = ' || name) "
	    "FROM pragma_table_info('%s')", table);
	if (sqlite_ask(db, ask, set, sizeof(set)) != DB_OK)
		return sqlite3_extended_errcode(db->handle);
	rc = run(db, sqlite3_mprintf("INSERT INTO %s DEFAULT VALUES", table),
	    true);
	if (rc == SQLITE_OK)
		rc = run(db, sqlite3_mprintf("UPDATE %s SET %s", table, set),
		    true);
	return rc == SQLITE_OK ? run(db, sqlite3_mprintf("DELETE FROM %s",
	    table), true) : rc;
}

static void
warn(struct db *db, char *words)
{
	if (words != NULL)
		db->options.log(db->options.arg, LOG_WARNING, words);
	sqlite3_free(words);
}

static enum db_result
result_of(struct db *db, int code, const char *doing)
{
	return code == SQLITE_OK ? DB_OK : sqlite_fail_code(db, code, doing);
}

/* Whether a failure is the statement's own, and no reason to do without the
 * tables. */
static bool
is_its_own(int code)
{
	switch (code & 0xff) {
	case SQLITE_ERROR:
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
	case SQLITE_TOOBIG:
	case SQLITE_AUTH:
		return true;
	default:
		return false;
	}
}

static int
drop(struct db *db, const struct others *one)
{
	return run(db, sqlite3_mprintf("DROP %s IF EXISTS \"%w\"", one->type,
	    one->name), false);
}

/* Makes an index, and tries a trigger, alone: it would take long to try each
 * with all that were tried before. */
static enum db_result
put(struct db *db, struct others *one)
{
	int rc;

	if (strcmp(one->type, "column") == 0) {
		warn(db, sqlite3_mprintf("the column %s of the table %s was "
		    "left out, with what it held: it is not billhook's; keep "
		    "such things in a table of your own", one->name,
		    one->table));
		return DB_OK;
	}
	one->waits = strcmp(one->type, "trigger") == 0;
	rc = drop(db, one);
	if (rc == SQLITE_OK)
		rc = make(db, one);
	if (rc == SQLITE_OK && one->waits)
		rc = try_table(db, one->table);
	if (rc == SQLITE_OK && one->waits)
		rc = drop(db, one);
	if (is_its_own(rc)) {
		warn(db, sqlite3_mprintf("the %s %s on the table %s was left "
		    "out, which was made anew: %s; make it as it fits, if it "
		    "is still needed", one->type, one->name, one->table,
		    rc == SQLITE_AUTH ? "its text is more than a statement "
		    "that makes it" : sqlite3_errmsg(db->handle)));
		one->waits = false;
		rc = drop(db, one);
	}
	return result_of(db, rc, one->sql);
}

/* What is on a table that is not exchanged stays, and may go by a column that
 * is gone. */
static enum db_result
try_recorded(struct db *db, const char *table)
{
	int rc = try_table(db, table);

	if (is_its_own(rc)) {
		warn(db, sqlite3_mprintf("a trigger on the table %s does not "
		    "fit the tables that were made anew, and refuses "
		    "deliveries: %s; take it out, or make it as it fits",
		    table, sqlite3_errmsg(db->handle)));
		rc = SQLITE_OK;
	}
	return result_of(db, rc, table);
}

enum db_result
sqlite_others_put(struct db *db, struct others *others)
{
	enum db_result rc = DB_OK;
	struct others *one;

	for (one = others; one != NULL && rc == DB_OK; one = one->next)
		rc = put(db, one);
	for (one = others; one != NULL && rc == DB_OK; one = one->next)
		if (one->waits)
			rc = result_of(db, make(db, one), one->sql);
	if (rc == DB_OK)
		rc = try_recorded(db, "stripe_events");
	return rc == DB_OK ? try_recorded(db, "status_changes") : rc;
}

static int
compare_none(void *arg, int n, const void *a, int m, const void *b)
{
	(void)arg;
	(void)n;
	(void)a;
	(void)m;
	(void)b;
	return 0;
}

static void
lend(void *arg, sqlite3 *handle, int encoding, const char *name)
{
	(void)arg;
	(void)encoding;
	(void)sqlite3_create_collation(handle, name, SQLITE_UTF8, NULL,
	    compare_none);
}

void
sqlite_others_lend(struct db *db)
{
	(void)sqlite3_collation_needed(db->handle, NULL, lend);
}

/* All but SQLite's own are lent. */
void
sqlite_others_take_back(struct db *db)
{
	static const char sql[] = "SELECT name FROM pragma_collation_list "
	    "WHERE name NOT IN ('BINARY', 'NOCASE', 'RTRIM') AND name > %Q "
	    "ORDER BY name LIMIT 1";
	char ask[1024], name[256] = "";

	(void)sqlite3_collation_needed(db->handle, NULL, NULL);
	do {
		sqlite3_snprintf(sizeof(ask), ask, sql, name);
		if (sqlite_ask(db, ask, name, sizeof(name)) == DB_OK &&
		    *name != '\0')
			(void)sqlite3_create_collation(db->handle, name,
			    SQLITE_UTF8, NULL, NULL);
	} while (*name != '\0');
}
