/*
 * JSON as text: its order of members, its numbers and its white space, which
 * reading it through cJSON would lose.  Reads one document into a tree that
 * borrows its bytes, and writes it again in a given layout: what a framework
 * does to a body when it parses it and prints it anew, and its undoing.
 *
 * Nothing is interpreted.  The responder never uses this; the command does,
 * for bodies that its operator asks about and for events that it makes.
 */
#ifndef JSON_LAYOUT_H
#define JSON_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "bytes.h"

struct json_layout;	/* a document; owns its nodes */

struct json_layout_node {
	char	    type;	/* '{', '[', '"', or 'v' for any other value */
	const char *key;	/* of a member, as written, without quotes;
				 * NULL for an element */
	size_t	    key_len;
	const char *text;	/* the value as written, quotes and all */
	size_t	    len;
	size_t	    n;		/* members or elements */
	struct json_layout_node *first, *next;
};

/*
 * Reads len bytes, which must stay while the document is used.  NULL if they
 * are not one whole JSON document, or without memory.
 */
struct json_layout *json_layout_new(const char *text, size_t len);
void json_layout_free(struct json_layout *layout);
const struct json_layout_node *json_layout_root(
    const struct json_layout *layout);

/* The node at a path with dots between ("data.object.items.data.0.id"); an
 * empty path is node itself.  NULL if there is none. */
const struct json_layout_node *json_layout_find(
    const struct json_layout_node *node, const char *path);

/* Puts the text of a string node, without its escapes, behind what is in out.
 * False if node is no string. */
bool json_layout_text(struct bytes *out, const struct json_layout_node *node);

/*
 * Puts a value, JSON text that is copied, in the place of the node at path, or
 * adds it as a member where only its object is there.  0; -1 if there is no
 * such object, the value is no JSON, or without memory.
 */
int json_layout_set(struct json_layout *layout, const char *path,
    const char *value, size_t len);

enum json_layout_order {
	LAYOUT_KEPT,
	LAYOUT_STRIPE,	/* id, object, then the others sorted */
	LAYOUT_SORTED
};

enum json_layout_unicode {
	LAYOUT_RAW,
	LAYOUT_LOWER,	/* \u00e9 */
	LAYOUT_UPPER	/* \u00E9 */
};

enum json_layout_empty {
	LAYOUT_CLOSED,	/* [] {} */
	LAYOUT_OPEN,	/* a line break and the indentation between */
	LAYOUT_WIDE	/* so, and an empty line in lists */
};

struct json_layout_style {
	int  indent;		/* spaces for each level; -1 a tab; 0 one line */
	bool blanks;		/* a blank behind ':', and behind ',' in a line */
	enum json_layout_empty empty;
	enum json_layout_order order;
	enum json_layout_unicode unicode;	/* beyond ASCII */
	bool literal;		/* texts as they were written, not anew */
	bool slashes;		/* \/ for / */
	bool html;		/* \u003c \u003e \u0026 for < > & */
	bool hashes;		/* an empty list under "metadata" as {} */
};

/* As Stripe writes bodies: two spaces, id and object first, UTF-8. */
extern const struct json_layout_style json_layout_stripe;

/* Puts node, written in style, behind what is in out. */
void json_layout_write(struct bytes *out, const struct json_layout_node *node,
    const struct json_layout_style *style);

/* Puts a text as a JSON string, in UTF-8, behind what is in out; with ascii,
 * what is not printable ASCII is written \uXXXX. */
void json_layout_quote(struct bytes *out, const char *text, size_t len,
    bool ascii);

#endif
