/*
 * Places: where in a snapshot a column is read from.  What moved between API
 * versions stands as alternatives, "new|old".  For shape.c and its tables.
 */
#ifndef PLACE_H
#define PLACE_H

#include "shape.h"

enum place_type {
	PLACE_NONE,	/* no snapshot holds it, or read by hand below */
	PLACE_TEXT,
	PLACE_REF,	/* an id, or an expanded object with one */
	PLACE_INT,
	PLACE_BOOL,
	PLACE_HASH,	/* an object, kept as canonical JSON */
	PLACE_LIVEMODE,	/* of the event */
	PLACE_UPDATED,	/* the event's created */
	PLACE_DELETED	/* by the event's type, or the object's word */
};

struct shape_column {
	const char     *name;
	enum place_type type;
	const char     *place;
};

/* What a reading carries along. */
struct reader {
	const struct event *event;
	struct arena	   *arena;
	char		   *error;
	size_t		    error_size;
};

/* Says in the reader's error which field could not be read, and how. */
enum shape_result place_refuse(struct reader *r, const struct shape *shape,
    const char *place, enum json_result why);

/* Reads a column: follows the alternatives of its place until one of them is
 * there; *out stays as it was if none is.  Results as shape_read(). */
enum shape_result place_read(struct value *out, struct reader *r,
    const struct shape *shape, const struct shape_column *column,
    const struct json *object);

#endif
