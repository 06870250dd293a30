/*
 * Times and spans as people write and read them.
 */
#ifndef WHEN_H
#define WHEN_H

#include <stdbool.h>
#include <stdint.h>

#include "value.h"

#define WHEN_SIZE 40

/* A time in the local zone, ISO 8601 ("2026-11-22T06:13:20+00:00").  text is
 * returned. */
const char *when_text(char text[WHEN_SIZE], int64_t t);

/* The same of a column; NULL where it is no time. */
const char *when_value(char text[WHEN_SIZE], const struct value *v);

/* How long, in its two largest units ("3 d 4 h").  text is returned. */
const char *when_long(char text[WHEN_SIZE], int64_t seconds);

/* A span: seconds, or with s, m (minutes), h, d, w or y (365 days) behind the
 * number, as in "90d".  False if it is none. */
bool when_span(const char *text, int64_t *out);

/* A time: a span, which is so long before now, or what options_time() takes.
 * A number alone is Unix seconds.  False if it is none. */
bool when_read(const char *text, int64_t now, int64_t *out);

#endif
