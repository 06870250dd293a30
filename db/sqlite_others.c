/*
 * What others have put on the computed tables: an application's indexes and
 * triggers, which a rebuild must not take from it.
 */
#include <stdlib.h>
#include <string.h>

#include "sqlite.h"

struct others {
	struct others *next;	/* made after this one */
	char	      *name;
	char	      *type;	/* "index" or "trigger" */
	char	      *sql;
};

#define OTHERS_SQL "SELECT name, type, sql, tbl_name FROM sqlite_schema " \
    "WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY rowid"

void
sqlite_others_free(struct others *others)
{
	struct others *next;

	for (; others != NULL; others = next) {
		next = others->next;
		sqlite3_free(others->name);
		sqlite3_free(others->type);
		sqlite3_free(others->sql);
		free(others);
	}
}

/* SQLITE_ROW if the schema as it is made has an object of this name, under
 * whatever prefix, SQLITE_DONE if not. */
static int
find_own(sqlite3_stmt *own, const char *name)
{
	int rc;

	name += sqlite_shadow_prefix(name);
	rc = sqlite3_bind_text(own, 1, name, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(own);
	(void)sqlite3_reset(own);
	return rc;
}

static int
take(struct others **out, sqlite3_stmt *row)
{
	struct others *one = calloc(1, sizeof(*one));

	if (one == NULL)
		return SQLITE_NOMEM;
	*out = one;
	one->name = sqlite3_mprintf("%s", sqlite3_column_text(row, 0));
	one->type = sqlite3_mprintf("%s", sqlite3_column_text(row, 1));
	one->sql = sqlite3_mprintf("%s", sqlite3_column_text(row, 2));
	return one->name == NULL || one->type == NULL || one->sql == NULL ?
	    SQLITE_NOMEM : SQLITE_OK;
}

/* Takes the object of a row if it is another's, and on a table that is
 * exchanged. */
static int
consider(struct others **out, sqlite3_stmt *row, sqlite3_stmt *own)
{
	const char *name = (const char *)sqlite3_column_text(row, 0);
	const char *table = (const char *)sqlite3_column_text(row, 3);
	int rc;

	if (name == NULL || table == NULL)
		return SQLITE_NOMEM;
	if (!sqlite_shadow_has(table))
		return SQLITE_OK;
	rc = find_own(own, name);
	if (rc == SQLITE_DONE)
		return take(out, row);
	return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

enum db_result
sqlite_others_read(struct db *db, struct others **out)
{
	sqlite3 *memory;
	sqlite3_stmt *own = NULL, *there = NULL;
	int rc = sqlite_schema_make(&memory);

	*out = NULL;
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(memory, "SELECT 1 FROM sqlite_schema "
		    "WHERE name = $1", -1, &own, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(db->handle, OTHERS_SQL, -1, &there,
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

/* Why one does not fit the tables any more, which is no reason to do without
 * these. */
static void
warn(struct db *db, const struct others *one)
{
	char *words = sqlite3_mprintf("the %s %s is on a table that was made "
	    "anew, and does not fit it: %s; make it as it fits, if it is "
	    "still needed", one->type, one->name,
	    sqlite3_errmsg(db->handle));

	if (words != NULL)
		db->options.log(db->options.arg, LOG_WARNING, words);
	sqlite3_free(words);
}

static enum db_result
put(struct db *db, const struct others *one)
{
	char *drop = sqlite3_mprintf("DROP %s IF EXISTS \"%w\"", one->type,
	    one->name);
	int rc = drop == NULL ? SQLITE_NOMEM :
	    sqlite3_exec(db->handle, drop, NULL, NULL, NULL);

	sqlite3_free(drop);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db->handle, one->sql, NULL, NULL, NULL);
	switch (rc & 0xff) {
	case SQLITE_OK:
		return DB_OK;
	case SQLITE_ERROR:
	case SQLITE_CONSTRAINT:
		warn(db, one);
		return DB_OK;
	default:
		return sqlite_fail_code(db, rc, one->sql);
	}
}

enum db_result
sqlite_others_put(struct db *db, const struct others *others)
{
	enum db_result rc = DB_OK;

	for (; others != NULL && rc == DB_OK; others = others->next)
		rc = put(db, others);
	return rc;
}
