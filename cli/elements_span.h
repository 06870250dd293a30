/*
 * Where JSON values begin and end, and nothing else of them.
 */
#ifndef ELEMENTS_SPAN_H
#define ELEMENTS_SPAN_H

#include <stdbool.h>
#include <stddef.h>

/* A scan of one object, array or text, byte by byte, from its first on; zeroed
 * at the start.  True with its last byte. */
struct elements_scan {
	size_t depth;
	bool   text;		/* inside a text */
	bool   escape;		/* behind a backslash */
};
bool elements_scan(struct elements_scan *scan, int c);

/* The byte behind the value that begins at, NULL if it does not end, or
 * something but blanks follows before end. */
const char *elements_span(const char *at, const char *end);

/* True if the bytes end inside a text, before any line end. */
bool elements_ends_in_text(const char *at, const char *end);

/*
 * The inside of an array, or of the array "data" of an object, in a document;
 * NULL if it is none.  *has_more is set true if the object says so.
 */
const char *elements_list(const char *at, const char *end, bool *has_more);

/* The element at *at, which moves behind it; NULL at the end of the array. */
const char *elements_each(const char **at, const char *end, size_t *len);

/* Whether a line that begins an object is one that goes on in the next: it
 * ends where JSON may be broken. */
bool elements_goes_on(const char *line, const char *end);

#endif
