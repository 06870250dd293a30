/*
 * A value as it stands in a column of a table: NULL, an integer, a text, or
 * bytes.  Texts and bytes are borrowed, mostly from an arena or from a JSON
 * document; whoever makes the value says from where.
 */
#ifndef VALUE_H
#define VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

enum value_type {
	VALUE_NULL,
	VALUE_INT,	/* 64 bits; booleans are 0 and 1 */
	VALUE_TEXT,	/* UTF-8, no NUL but the one at its end */
	VALUE_BYTES	/* len bytes of anything */
};

struct value {
	enum value_type type;
	int64_t		i;	/* VALUE_INT */
	const char     *s;	/* VALUE_TEXT, VALUE_BYTES */
	size_t		len;	/* VALUE_TEXT (without the NUL), VALUE_BYTES */
};

/* Makers.  A NULL pointer makes VALUE_NULL. */
struct value value_null(void);
struct value value_int(int64_t i);
struct value value_text(const char *s);
struct value value_bytes(const void *bytes, size_t len);

/* True if both have the same type and the same content. */
bool value_equal(const struct value *a, const struct value *b);

/* True if the n values of both are equal. */
bool value_equal_all(const struct value *a, const struct value *b, size_t n);

/* A copy of n values, with their texts and bytes, in the arena.  NULL without
 * memory. */
struct value *value_copy(struct arena *arena, const struct value *v, size_t n);

/* The text, or NULL where the value is no text. */
const char *value_str(const struct value *v);

#endif
