/*
 * JSON for programs, written to a stream as it comes: one document, or one in
 * each line.  Bytes that are no UTF-8 become U+FFFD.
 */
#ifndef JSONOUT_H
#define JSONOUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct jsonout {
	FILE *file;
	bool  follows;	/* something stands before on this level */
	int   depth;
};

/* A writer to file; at the top level every value ends a line. */
void jsonout_init(struct jsonout *out, FILE *file);

/* Opens and closes '{' or '['; key is NULL for elements and at the top. */
void jsonout_open(struct jsonout *out, const char *key, char bracket);
void jsonout_close(struct jsonout *out, char bracket);

/* A text; NULL becomes null. */
void jsonout_text(struct jsonout *out, const char *key, const char *text);
void jsonout_int(struct jsonout *out, const char *key, int64_t value);
void jsonout_bool(struct jsonout *out, const char *key, bool value);
void jsonout_null(struct jsonout *out, const char *key);

#endif
