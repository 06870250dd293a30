/*
 * Whether tables can be read and written as ours.  One with the text that we
 * make it with can; of another the columns are looked at, since there may be
 * more of them.
 */
#include <stdio.h>
#include <string.h>

#include "sqlite_schema.h"

/* What is needed to look, and what is found. */
struct look {
	struct db    *db;
	sqlite3	     *memory;		/* with the schema as it is made */
	struct schema own, there;
	bool	      recorded;		/* see db_check_tables() */
	char	      table[80];	/* one that is unfit, or "" */
	char	      advice[160];	/* what mends that */
};

/* The columns of a table as it is made. */
#define OWN_SQL "SELECT $1, name, type, \"notnull\", pk FROM " \
    "pragma_table_xinfo($1)"

/* Whether a table has a column so; types and what may be NULL are kept by
 * SQLite where the table is strict, and without its key an event would be there
 * twice. */
#define COLUMN_SQL "SELECT 1 FROM pragma_table_xinfo($1) WHERE name = $2 AND " \
    "type = $3 AND \"notnull\" = $4 AND pk = $5 AND hidden = 0"

/* Computes the columns of every view, so it is for a table that differs. */
#define STRICT_SQL "SELECT 1 FROM pragma_table_list($1) WHERE " \
    "schema = 'main' AND type = 'table' AND strict"

/* What it is that has a table's name; a trigger may have it, too. */
#define KIND_SQL "SELECT type FROM sqlite_schema WHERE name = $1 COLLATE " \
    "NOCASE AND type <> 'trigger'"

/* Asks about a table: SQLITE_ROW with the first column as text in out, if that
 * is not NULL; SQLITE_DONE if there is no row; or what went wrong. */
static int
ask(struct look *look, const char *sql, const char *table, char *out,
    size_t size)
{
	sqlite3_stmt *stmt = NULL;
	int rc;

	rc = sqlite3_prepare_v2(look->db->handle, sql, -1, &stmt, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW && out != NULL)
		snprintf(out, size, "%s",
		    (const char *)sqlite3_column_text(stmt, 0));
	(void)sqlite3_finalize(stmt);
	return rc;
}

/* SQLITE_ROW if there is the column that own stands at, SQLITE_DONE if not. */
static int
look_for(sqlite3_stmt *own, sqlite3_stmt *theirs)
{
	int i, rc = SQLITE_OK;

	for (i = 0; i < sqlite3_column_count(own) && rc == SQLITE_OK; i++)
		rc = sqlite3_bind_value(theirs, i + 1,
		    sqlite3_column_value(own, i));
	if (rc == SQLITE_OK)
		rc = sqlite3_step(theirs);
	(void)sqlite3_reset(theirs);
	return rc;
}

/* SQLITE_ROW if a table has all columns that it is made with, SQLITE_DONE if
 * not. */
static int
look_at_columns(struct look *look, const char *table)
{
	sqlite3_stmt *own = NULL, *theirs = NULL;
	int rc, found = ask(look, STRICT_SQL, table, NULL, 0);

	rc = sqlite3_prepare_v2(look->memory, OWN_SQL, -1, &own, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(own, 1, table, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(look->db->handle, COLUMN_SQL, -1,
		    &theirs, NULL);
	while (rc == SQLITE_OK && found == SQLITE_ROW) {
		rc = sqlite3_step(own);
		if (rc == SQLITE_ROW) {
			found = look_for(own, theirs);
			rc = SQLITE_OK;
		}
	}
	(void)sqlite3_finalize(theirs);
	(void)sqlite3_finalize(own);
	return rc == SQLITE_OK || rc == SQLITE_DONE ? found : rc;
}

/* Looks at a table that has not our text: names it if it is unfit.  A result
 * code of SQLite. */
static int
judge(struct look *look, const char *table)
{
	const bool made = sqlite_shadow_has(table);
	/* A rebuild puts it in the place of whatever table is there. */
	const bool awaited = made && look->recorded;
	char kind[8] = "";
	bool there, other;
	int rc;

	rc = ask(look, KIND_SQL, table, kind, sizeof(kind));
	there = rc == SQLITE_ROW && strcmp(kind, "table") == 0;
	other = rc == SQLITE_ROW && !there;
	if (other)
		rc = SQLITE_DONE;
	else if (awaited && rc == SQLITE_DONE)
		rc = SQLITE_ROW;
	else if (there && !awaited)
		rc = look_at_columns(look, table);
	if (rc != SQLITE_DONE)
		return rc == SQLITE_ROW ? SQLITE_OK : rc;
	snprintf(look->table, sizeof(look->table), "%s", table);
	if (other)
		snprintf(look->advice, sizeof(look->advice), "it is %s %s: "
		    "take that out (DROP %s), and %s", *kind == 'i' ? "an" :
		    "a", kind, *kind == 'i' ? "INDEX" : "VIEW", made ?
		    "run billhook rebuild, which makes the table anew" :
		    "bring the table back, from a backup if it is gone");
	else
		snprintf(look->advice, sizeof(look->advice), "%s", made ?
		    "run billhook rebuild, which makes it anew" : "restore a "
		    "backup: billhook rebuild does not make that one");
	return SQLITE_OK;
}

/* Finds the first table that is unfit, or looks at one alone. */
static enum db_result
find_unfit(struct look *look, struct db *db, const char *alone)
{
	const struct object *object;
	int rc = schema_make(&look->memory);
	size_t i;

	look->db = db;
	if (rc == SQLITE_OK)
		rc = schema_read(&look->own, look->memory, NULL);
	if (rc == SQLITE_OK)
		rc = schema_read(&look->there, db->handle, &look->own);
	for (i = 0; i < look->own.n && rc == SQLITE_OK &&
	    look->table[0] == '\0'; i++) {
		object = &look->own.objects[i];
		if (schema_is_table(object) &&
		    (alone == NULL || strcmp(alone, object->name) == 0) &&
		    !schema_has(&look->there, object->sql))
			rc = judge(look, object->name);
	}
	schema_free(&look->there);
	schema_free(&look->own);
	(void)sqlite3_close(look->memory);
	return rc == SQLITE_OK ? DB_OK :
	    sqlite_fail_code(db, rc, "look at the schema");
}

enum db_result
db_check_tables(struct db *db, bool recorded)
{
	struct look look = {.recorded = recorded};
	enum db_result rc = find_unfit(&look, db, NULL);

	if (rc != DB_OK || look.table[0] == '\0')
		return rc;
	return sqlite_fail(db, DB_EVERSION, "%s: its table %s is not as "
	    "billhook makes it; %s", db->options.path, look.table,
	    look.advice);
}

enum db_result
sqlite_fit_look(struct db *db, const char *table, char *unfit, size_t size)
{
	struct look look = {.recorded = false};
	enum db_result rc = find_unfit(&look, db, table);

	snprintf(unfit, size, "%s", look.table);
	return rc;
}
