/*
 * Rows of reports shown: as members of JSON, as cells, in words.
 */
#ifndef SHOW_H
#define SHOW_H

#include <stdio.h>

#include "bytes.h"
#include "jsonout.h"
#include "report.h"

/* The place of a column in a report's rows; the name must be one of them. */
size_t show_column(enum report report, const char *name);

/* Writes n columns of a row as members of the open object; bytes as a text. */
void show_members(struct jsonout *out, enum report report,
    const struct value *v, size_t n);

/* An integer's digits.  NULL where it is none. */
#define SHOW_SIZE 64
const char *show_number(char text[SHOW_SIZE], const struct value *v);

/* An amount in its currency, "20.00 USD".  NULL where one is missing. */
const char *show_money(char text[SHOW_SIZE], const struct value *amount,
    const struct value *currency);

/*
 * Prints a JSON document laid out for reading, and a newline; what may not be
 * shown on a terminal becomes a \u escape, so that it stays the same document.
 * What is no JSON is printed escaped.  0, or -1 without memory.
 */
int show_document(FILE *file, const char *text, size_t len);

#endif
