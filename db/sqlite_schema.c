/*
 * Whether a database has the tables and indexes that it was made with, and
 * nothing that meddles with them: a trigger of somebody else's can take away
 * what a transaction of ours has written.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sqlite.h"

#define OBJECTS_MAX 1024	/* what more there is is not looked at */

struct object {
	char *name;
	char *table;		/* that it belongs to, without a prefix */
	char *sql;
};

struct schema {
	struct object objects[OBJECTS_MAX];
	size_t n;
};

/* Takes out what a rebuild leaves in the SQL of a table or index: prefixes,
 * and the quotes that a renaming adds. */
static void
make_plain(char *sql)
{
	char *out = sql;
	size_t skip;

	for (; *sql != '\0'; sql += skip) {
		skip = *sql == '"' ? 1 : sqlite_shadow_prefix(sql);
		if (skip > 0)
			continue;
		*out++ = *sql;
		skip = 1;
	}
	*out = '\0';
}

static void
schema_free(struct schema *schema)
{
	size_t i;

	for (i = 0; i < schema->n; i++) {
		free(schema->objects[i].name);
		free(schema->objects[i].table);
		free(schema->objects[i].sql);
	}
}

/* Adds the object of a row; false without memory. */
static bool
take(struct schema *schema, sqlite3_stmt *stmt)
{
	const char *name = (const char *)sqlite3_column_text(stmt, 0);
	const char *table = (const char *)sqlite3_column_text(stmt, 1);
	const char *sql = (const char *)sqlite3_column_text(stmt, 2);
	struct object *object = &schema->objects[schema->n];

	schema->n++;
	if (name == NULL || table == NULL || sql == NULL ||
	    (object->name = strdup(name)) == NULL ||
	    (object->table = strdup(table)) == NULL ||
	    (object->sql = strdup(sql)) == NULL)
		return false;
	make_plain(object->table);
	make_plain(object->sql);
	return true;
}

/* Reads the schema of a handle.  A result code of SQLite. */
static int
schema_read(struct schema *schema, sqlite3 *handle)
{
	sqlite3_stmt *stmt = NULL;
	int rc;

	rc = sqlite3_prepare_v2(handle, "SELECT name, tbl_name, sql FROM "
	    "sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY "
	    "type = 'trigger' DESC, name", -1, &stmt, NULL);
	while (rc == SQLITE_OK && schema->n < OBJECTS_MAX &&
	    (rc = sqlite3_step(stmt)) == SQLITE_ROW)
		rc = take(schema, stmt) ? SQLITE_OK : SQLITE_NOMEM;
	(void)sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int
sqlite_schema_make(sqlite3 **out)
{
	int rc = sqlite3_open(":memory:", out);

	return rc == SQLITE_OK ? sqlite3_exec(*out, schema_sql, NULL, NULL,
	    NULL) : rc;
}

/* Reads the schema as it is made.  A result code of SQLite. */
static int
schema_read_own(struct schema *schema)
{
	sqlite3 *memory;
	int rc = sqlite_schema_make(&memory);

	if (rc == SQLITE_OK)
		rc = schema_read(schema, memory);
	(void)sqlite3_close(memory);
	return rc;
}

static bool
has(const struct schema *schema, const char *sql)
{
	size_t i;

	for (i = 0; i < schema->n; i++)
		if (strcmp(schema->objects[i].sql, sql) == 0)
			return true;
	return false;
}

/* Whether an object that is not ours can undo or refuse what is written to a
 * table of ours. */
static bool
meddles(const struct object *object, const struct schema *own)
{
	static const char *const kinds[] = {"CREATE TRIGGER ",
	    "CREATE UNIQUE INDEX "};
	bool can = false, ours = false;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		can = can || strncmp(object->sql, kinds[i],
		    strlen(kinds[i])) == 0;
	for (i = 0; i < own->n && !ours; i++)
		ours = strcmp(own->objects[i].name, object->table) == 0;
	return can && ours && strcmp(object->name, "rebuild_inserted") != 0 &&
	    strcmp(object->name, "rebuild_updated") != 0;
}

/* Names the first object that is missing, and the first that meddles. */
static void
compare(const struct schema *there, const struct schema *own,
    struct db_health *out)
{
	size_t i;

	for (i = 0; i < own->n && *out->missing == '\0'; i++) {
		if (has(there, own->objects[i].sql))
			continue;
		snprintf(out->missing, sizeof(out->missing), "%s",
		    own->objects[i].name);
		out->remade = sqlite_shadow_has(own->objects[i].table) ||
		    strcmp(own->objects[i].name, own->objects[i].table) != 0;
	}
	for (i = 0; i < there->n && *out->meddling == '\0'; i++)
		if (meddles(&there->objects[i], own))
			snprintf(out->meddling, sizeof(out->meddling), "%s",
			    there->objects[i].name);
}

/* Whether a table has a column as it was made; types and what may be NULL are
 * kept by SQLite where the table is strict, and without its key an event would
 * be there twice. */
#define COLUMN_SQL "SELECT 1 FROM pragma_table_list($1) t, " \
    "pragma_table_xinfo($1) c WHERE t.schema = 'main' AND t.type = 'table' " \
    "AND t.strict AND c.name = $2 AND c.type = $3 AND c.\"notnull\" = $4 AND " \
    "c.pk = $5 AND c.hidden = 0"

/* Whether what has a table's name is none, but a view. */
#define VIEW_SQL "SELECT 1 FROM sqlite_schema WHERE name = $1 AND " \
    "type = 'view'"

/* All columns as they are made, or those of one table. */
#define COLUMNS_SQL "SELECT s.name, c.name, c.type, c.\"notnull\", c.pk FROM " \
    "sqlite_schema s, pragma_table_xinfo(s.name) c WHERE s.type = 'table' " \
    "AND s.name NOT LIKE 'sqlite_%' AND s.name = coalesce($1, s.name)"

/* SQLITE_ROW if there is, of the column that own stands at, what theirs asks
 * for, SQLITE_DONE if not. */
static int
look_for(sqlite3_stmt *own, sqlite3_stmt *theirs)
{
	int i, rc = SQLITE_OK;

	for (i = 0; i < sqlite3_bind_parameter_count(theirs) &&
	    rc == SQLITE_OK; i++)
		rc = sqlite3_bind_value(theirs, i + 1,
		    sqlite3_column_value(own, i));
	if (rc == SQLITE_OK)
		rc = sqlite3_step(theirs);
	(void)sqlite3_reset(theirs);
	return rc;
}

/* Why a table is unfit: its name, and what mends that. */
struct unfit {
	char table[80];		/* "" if none is */
	const char *advice;
};

/* SQLITE_OK, or SQLITE_DONE where a table is unfit, which is then named. */
static int
judge_column(const char *table, int column, int view, bool recorded,
    struct unfit *out)
{
	const bool made = sqlite_shadow_has(table);

	if (view == SQLITE_DONE && (column == SQLITE_ROW || (made && recorded)))
		return SQLITE_OK;
	if (view != SQLITE_ROW && view != SQLITE_DONE)
		return view;
	if (column != SQLITE_ROW && column != SQLITE_DONE)
		return column;
	snprintf(out->table, sizeof(out->table), "%s", table);
	out->advice = !made ? "restore a backup: billhook rebuild does not "
	    "make that one" : view == SQLITE_ROW ? "it is a view: take it "
	    "out (DROP VIEW), and run billhook rebuild, which makes the table "
	    "anew" : "run billhook rebuild, which makes it anew";
	return SQLITE_DONE;
}

/* Finds the first table that is unfit, or looks at one alone.  A result code of
 * SQLite. */
static int
find_unfit(struct db *db, const char *alone, bool recorded,
    struct unfit *out)
{
	sqlite3 *memory;
	sqlite3_stmt *own = NULL, *columns = NULL, *views = NULL;
	const char *table;
	int rc = sqlite_schema_make(&memory);

	out->table[0] = '\0';
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(memory, COLUMNS_SQL, -1, &own, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(own, 1, alone, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(db->handle, COLUMN_SQL, -1, &columns,
		    NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(db->handle, VIEW_SQL, -1, &views,
		    NULL);
	while (rc == SQLITE_OK && (rc = sqlite3_step(own)) == SQLITE_ROW) {
		table = (const char *)sqlite3_column_text(own, 0);
		rc = table == NULL ? SQLITE_NOMEM :
		    judge_column(table, look_for(own, columns),
		    look_for(own, views), recorded, out);
	}
	(void)sqlite3_finalize(views);
	(void)sqlite3_finalize(columns);
	(void)sqlite3_finalize(own);
	(void)sqlite3_close(memory);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

enum db_result
db_check_tables(struct db *db, bool recorded)
{
	struct unfit unfit;
	int rc = find_unfit(db, NULL, recorded, &unfit);

	if (rc != SQLITE_OK)
		return sqlite_fail_code(db, rc, "look at the schema");
	if (unfit.table[0] == '\0')
		return DB_OK;
	return sqlite_fail(db, DB_EVERSION, "%s: its table %s is not as "
	    "billhook makes it; %s", db->options.path, unfit.table,
	    unfit.advice);
}

enum db_result
sqlite_schema_fits(struct db *db, const char *table, bool *fits)
{
	struct unfit unfit;
	int rc = find_unfit(db, table, false, &unfit);

	*fits = rc == SQLITE_OK && unfit.table[0] == '\0';
	return rc == SQLITE_OK ? DB_OK :
	    sqlite_fail_code(db, rc, "look at the schema");
}

enum db_result
sqlite_schema_look(struct db *db, struct db_health *out)
{
	struct schema there, own;
	struct unfit unfit;
	int rc;

	memset(&there, 0, sizeof(there));
	memset(&own, 0, sizeof(own));
	rc = schema_read_own(&own);

	out->missing[0] = out->meddling[0] = '\0';
	if (rc == SQLITE_OK)
		rc = schema_read(&there, db->handle);
	if (rc == SQLITE_OK)
		compare(&there, &own, out);
	if (rc == SQLITE_OK)
		rc = find_unfit(db, NULL, false, &unfit);
	if (rc == SQLITE_OK)
		snprintf(out->unfit, sizeof(out->unfit), "%s", unfit.table);
	schema_free(&own);
	schema_free(&there);
	return rc == SQLITE_OK ? DB_OK :
	    sqlite_fail_code(db, rc, "look at the schema");
}
