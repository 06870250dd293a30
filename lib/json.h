/*
 * JSON (RFC 8259), read through cJSON.  The only room that knows cJSON; it
 * closes the traps of version 1.7.15: keys are compared with their case,
 * integers are exact or refused, bytes after the document are an error, and a
 * \u0000 does not cut a text short in silence.
 *
 * Nothing here is parsed before its signature was verified; that is the
 * caller's duty.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

struct json;		/* a node, borrowed from its document */
struct json_doc;	/* a document, which owns its nodes */

enum json_result {
	JSON_OK,
	JSON_ABSENT,	/* no such key, or null */
	JSON_ETYPE,	/* there, but of another type */
	JSON_EEXACT,	/* a number that is no exact 64-bit integer */
	JSON_ETEXT,	/* a text with a NUL or with bad UTF-8 */
	JSON_EDUP,	/* the key is there more than once */
	JSON_ESYNTAX,	/* not one whole JSON document */
	JSON_ENOMEM
};

/*
 * Parses len bytes.  *out is the caller's, to be freed with json_free().
 * JSON_OK, JSON_ESYNTAX (also beyond 1000 levels) or JSON_ENOMEM.
 */
enum json_result json_parse(struct json_doc **out, const void *bytes,
    size_t len);

/* Where nodes come from, for the whole process, instead of malloc(): clear()
 * takes all of them back at once, when the last document is freed.  To be
 * called while there is no document; for a process of one thread, and not in a
 * library. */
void json_set_allocator(void *(*alloc)(size_t), void (*clear)(void));

/* Frees a document and its nodes.  NULL is legal. */
void json_free(struct json_doc *doc);

const struct json *json_root(const struct json_doc *doc);

bool json_is_object(const struct json *node);
bool json_is_array(const struct json *node);
bool json_is_null(const struct json *node);

/*
 * The member of an object under key, in *out: JSON_OK, JSON_ABSENT (no such
 * key, its value null, or node no object) or JSON_EDUP.  json_get_len: the
 * first len bytes of key.
 */
enum json_result json_get(const struct json **out, const struct json *node,
    const char *key);
enum json_result json_get_len(const struct json **out,
    const struct json *node, const char *key, size_t len);

/* The same along a path with dots between: keys of objects and, counted from
 * 0, places in arrays, as "a.b.0.c".  json_find_len: the first path_len bytes
 * of path. */
enum json_result json_find(const struct json **out, const struct json *node,
    const char *path);
enum json_result json_find_len(const struct json **out,
    const struct json *node, const char *path, size_t path_len);

/* First and next element of an array or member of an object, members sorted
 * by the bytes of their keys; NULL at the end, or where node is neither. */
const struct json *json_first(const struct json *node);
const struct json *json_next(const struct json *node);

/* The key of a member; NULL for an element. */
const char *json_key(const struct json *node);

/*
 * A node read as a value.  The text is borrowed from the document.
 * json_text: JSON_OK, JSON_ETYPE, JSON_ETEXT.
 * json_int:  JSON_OK, JSON_ETYPE, JSON_EEXACT (a fraction, an infinity, or
 *            beyond 2^53 - 1, where cJSON's double is not exact).
 * json_bool: JSON_OK, JSON_ETYPE.
 * json_real: any number, as near as a double comes: JSON_OK, JSON_ETYPE.
 */
enum json_result json_text(const char **out, const struct json *node);
enum json_result json_int(int64_t *out, const struct json *node);
enum json_result json_bool(bool *out, const struct json *node);
enum json_result json_real(double *out, const struct json *node);

/*
 * Minified text of a node with the keys of every object sorted by their bytes,
 * and members that are null left out, in the arena.  JSON_OK, JSON_ETEXT, JSON_EDUP (the same key twice in one
 * object), JSON_ENOMEM.
 */
enum json_result json_canonical(const char **out, const struct json *node,
    struct arena *arena);

/* True if both are alike: objects whatever the order of their keys, numbers
 * as doubles.  A null is not an absent member. */
bool json_equal(const struct json *a, const struct json *b);

/*
 * The object as it was before a change: object with the members of previous
 * put back, hashes key by key, all else whole; a null in previous takes the
 * key out (Stripe: data.previous_attributes,
 * https://docs.stripe.com/api/events/object).  Neither is changed.  *out is the
 * caller's, and borrows from both: their documents must be there while it is
 * read, not when it is freed.  JSON_OK or JSON_ENOMEM.
 */
enum json_result json_revert(struct json_doc **out, const struct json *object,
    const struct json *previous);

#endif
