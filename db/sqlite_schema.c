/*
 * Whether a database has the tables and indexes that it was made with, and
 * nothing that meddles with them: a trigger of somebody else's can take away
 * what a transaction of ours has written.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sqlite_schema.h"

void
schema_make_plain(char *sql)
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

void
schema_free(struct schema *schema)
{
	size_t i;

	for (i = 0; i < schema->n; i++) {
		free(schema->objects[i].name);
		free(schema->objects[i].table);
		free(schema->objects[i].sql);
	}
	free(schema->objects);
	memset(schema, 0, sizeof(*schema));
}

/* A place for one object more, all zero; NULL without memory. */
static struct object *
add(struct schema *schema)
{
	size_t room = schema->room == 0 ? 64 : 2 * schema->room;
	struct object *grown;

	if (schema->n == schema->room && (grown = realloc(schema->objects,
	    room * sizeof(*grown))) != NULL) {
		schema->objects = grown;
		schema->room = room;
	}
	return schema->n == schema->room ? NULL :
	    memset(&schema->objects[schema->n++], 0, sizeof(*grown));
}

static bool
has_table(const struct schema *schema, const char *table)
{
	size_t i;

	for (i = 0; i < schema->n; i++)
		if (sqlite3_stricmp(schema->objects[i].table, table) == 0)
			return true;
	return false;
}

/* Adds the object of a row, if it is on a table of own's.  A result code of
 * SQLite. */
static int
take(struct schema *schema, sqlite3_stmt *stmt, const struct schema *own)
{
	const char *name = (const char *)sqlite3_column_text(stmt, 0);
	const char *table = (const char *)sqlite3_column_text(stmt, 1);
	const char *sql = (const char *)sqlite3_column_text(stmt, 2);
	struct object *object;

	if (own != NULL && table != NULL && !has_table(own, table))
		return SQLITE_OK;
	if (name == NULL || table == NULL || sql == NULL ||
	    (object = add(schema)) == NULL ||
	    (object->name = strdup(name)) == NULL ||
	    (object->table = strdup(table)) == NULL ||
	    (object->sql = strdup(sql)) == NULL)
		return SQLITE_NOMEM;
	schema_make_plain(object->sql);
	return SQLITE_OK;
}

int
schema_read(struct schema *schema, sqlite3 *handle, const struct schema *own)
{
	sqlite3_stmt *stmt = NULL;
	int rc;

	rc = sqlite3_prepare_v2(handle, "SELECT name, tbl_name, sql FROM "
	    "sqlite_schema WHERE sql IS NOT NULL AND name IS NOT NULL AND "
	    "tbl_name IS NOT NULL AND name NOT GLOB 'sqlite_*' ORDER BY "
	    "type = 'trigger' DESC, name", -1, &stmt, NULL);
	while (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
		rc = take(schema, stmt, own);
	(void)sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int
schema_make(sqlite3 **out)
{
	int rc = sqlite3_open(":memory:", out);

	return rc == SQLITE_OK ? sqlite3_exec(*out, schema_sql, NULL, NULL,
	    NULL) : rc;
}

bool
schema_has(const struct schema *schema, const char *sql)
{
	size_t i;

	for (i = 0; i < schema->n; i++)
		if (strcmp(schema->objects[i].sql, sql) == 0)
			return true;
	return false;
}

bool
schema_is_table(const struct object *object)
{
	return strcmp(object->name, object->table) == 0;
}

/* Under whatever prefix. */
static bool
has_name(const struct schema *schema, const char *name)
{
	const char *there;
	size_t i;

	for (i = 0; i < schema->n; i++) {
		there = schema->objects[i].name;
		there += sqlite_shadow_prefix(there);
		if (sqlite3_stricmp(there, name) == 0)
			return true;
	}
	return false;
}

/* Whether an object that is not ours can undo or refuse what is written to a
 * table of ours. */
static bool
meddles(const struct object *object)
{
	static const char *const kinds[] = {"CREATE TRIGGER ",
	    "CREATE UNIQUE INDEX "};
	bool can = false;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		can = can || strncmp(object->sql, kinds[i],
		    strlen(kinds[i])) == 0;
	return can && strcmp(object->name, "rebuild_inserted") != 0 &&
	    strcmp(object->name, "rebuild_updated") != 0;
}

/* Names the first object that is missing, and the first that meddles. */
static int
compare(struct db *db, const struct schema *there, const struct schema *own,
    struct db_health *out)
{
	const struct object *object;
	size_t i;

	for (i = 0; i < own->n && *out->missing == '\0'; i++) {
		object = &own->objects[i];
		if (schema_has(there, object->sql))
			continue;
		snprintf(out->missing, sizeof(out->missing), "%s",
		    object->name);
		out->changed = has_name(there, object->name);
		out->remade = sqlite_shadow_has(object->table) ||
		    !schema_is_table(object);
	}
	for (i = 0; i < there->n && *out->meddling == '\0'; i++)
		if (meddles(&there->objects[i]))
			snprintf(out->meddling, sizeof(out->meddling), "%s",
			    there->objects[i].name);
	(void)db;
	return SQLITE_OK;
}

/* Takes out what has the name of an index of ours, on a table that a rebuild
 * does not exchange, and is another. */
static int
drop_changed(struct db *db, const struct schema *there,
    const struct schema *own, struct db_health *out)
{
	const struct object *object;
	char sql[128];
	int rc = SQLITE_OK;
	size_t i;

	(void)out;
	for (i = 0; i < own->n && rc == SQLITE_OK; i++) {
		object = &own->objects[i];
		if (schema_is_table(object) ||
		    sqlite_shadow_has(object->table) ||
		    schema_has(there, object->sql))
			continue;
		snprintf(sql, sizeof(sql), "DROP INDEX IF EXISTS %s",
		    object->name);
		rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
	}
	return rc;
}

/* Reads the schema, and as what it is made, for work, which gives a result code
 * of SQLite. */
static enum db_result
with_both(struct db *db, int (*work)(struct db *db,
    const struct schema *there, const struct schema *own,
    struct db_health *out), struct db_health *out)
{
	struct schema there = {NULL, 0, 0}, own = {NULL, 0, 0};
	sqlite3 *memory;
	int rc = schema_make(&memory);

	if (rc == SQLITE_OK)
		rc = schema_read(&own, memory, NULL);
	if (rc == SQLITE_OK)
		rc = schema_read(&there, db->handle, &own);
	if (rc == SQLITE_OK)
		rc = work(db, &there, &own, out);
	schema_free(&own);
	schema_free(&there);
	(void)sqlite3_close(memory);
	return rc == SQLITE_OK ? DB_OK :
	    sqlite_fail_code(db, rc, "look at the schema");
}

enum db_result
sqlite_schema_clear(struct db *db)
{
	return with_both(db, drop_changed, NULL);
}

enum db_result
sqlite_schema_look(struct db *db, struct db_health *out)
{
	out->missing[0] = out->meddling[0] = '\0';
	return with_both(db, compare, out);
}
