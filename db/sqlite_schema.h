/*
 * The schema of a database as text, as far as it is of our tables.  Shared by
 * the files of the SQLite driver that compare it with what we make.
 */
#ifndef SQLITE_SCHEMA_H
#define SQLITE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "sqlite.h"

struct object {
	char *name;
	char *table;		/* that it belongs to, or its own name */
	char *sql;		/* without what a rebuild leaves in it */
};

struct schema {
	struct object *objects;	/* triggers first, then by name */
	size_t	       n, room;
};

/* Reads what is on the tables of own, or, where that is NULL, all.  schema is
 * all zero before, and to be freed with schema_free() whatever is returned: a
 * result code of SQLite. */
int schema_read(struct schema *schema, sqlite3 *handle,
    const struct schema *own);
void schema_free(struct schema *schema);

/* Whether it has an object with this text. */
bool schema_has(const struct schema *schema, const char *sql);

/* Whether an object is a table, and not on one. */
bool schema_is_table(const struct object *object);

/* A database in memory with the schema as it is made, to be closed whatever is
 * returned: a result code of SQLite. */
int schema_make(sqlite3 **out);

/* Takes out of the SQL of a table or index what a rebuild leaves in it:
 * prefixes, and the quotes that a renaming adds. */
void schema_make_plain(char *sql);

#endif
