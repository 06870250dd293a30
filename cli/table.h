/*
 * Tables and texts on a terminal.  Whatever could come from an event, an
 * argument or another program is escaped: control characters, and those that
 * have no width, would let a hostile value move the cursor or hide what it
 * says.
 */
#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>
#include <stdio.h>
#include <wchar.h>

#include "bytes.h"

#define TABLE_COLUMNS_MAX 16

struct table;

/* n columns with their heads, which stay the caller's.  NULL without
 * memory. */
struct table *table_new(const char *const *heads, size_t n);
void table_free(struct table *table);

/* Adds a row of n cells, which are copied; NULL is shown as "-". */
void table_add(struct table *table, const char *const *cells);

/* Prints it in columns.  On a terminal, columns that do not fit beside each
 * other go on in indented lines below.  0, or -1 if there was no memory for a
 * row. */
int table_print(const struct table *table, FILE *file);

/* The columns that a character takes on a terminal; 0 if it may not be shown.
 * Beyond ASCII none may where the locale's charset is not UTF-8: what is one
 * letter in an event are bytes there that can be controls. */
size_t table_columns(wchar_t c);

/* Puts a text escaped, \xNN for a byte that may not be shown.  How many
 * columns it takes. */
size_t table_escape(struct bytes *out, const char *text, size_t len);

/* Prints a text escaped; without memory it says so in its place. */
void table_put(FILE *file, const char *text);

#endif
