/* JSON read as text: a tree of slices, looked up and changed. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "json_layout.h"
#include "json_scan.h"

/* A node is larger than the shortest value, "1,", that makes one. */
#define ARENA_MAX(len) ((len) * sizeof(struct json_layout_node) + 1048576)

struct json_layout {
	struct arena *arena;
	struct json_layout_node *root;
};

/* What is still to be read of a text that was checked. */
struct reader {
	struct arena *arena;
	const char *at;
	const char *end;
};

static void
skip_blanks(struct reader *reader)
{
	while (reader->at < reader->end && (*reader->at == ' ' ||
	    *reader->at == '\t' || *reader->at == '\n' || *reader->at == '\r'))
		reader->at++;
}

/* Steps over a string or a plain value. */
static void
skip_scalar(struct reader *reader)
{
	if (*reader->at != '"') {
		while (reader->at < reader->end &&
		    strchr(",]} \t\r\n", *reader->at) == NULL)
			reader->at++;
		return;
	}
	for (reader->at++; *reader->at != '"'; reader->at++)
		if (*reader->at == '\\')
			reader->at++;
	reader->at++;
}

static struct json_layout_node *read_value(struct reader *reader);

/* Reads the members or elements between the brackets. */
static bool
read_children(struct reader *reader, struct json_layout_node *node, char close)
{
	struct json_layout_node **tail = &node->first;
	const char *key;
	size_t key_len;

	for (reader->at++, skip_blanks(reader); *reader->at != close;
	    skip_blanks(reader)) {
		key = NULL;
		key_len = 0;
		if (close == '}') {
			key = reader->at + 1;
			skip_scalar(reader);
			key_len = (size_t)(reader->at - 1 - key);
			skip_blanks(reader);
			reader->at++;
			skip_blanks(reader);
		}
		if ((*tail = read_value(reader)) == NULL)
			return false;
		(*tail)->key = key;
		(*tail)->key_len = key_len;
		tail = &(*tail)->next;
		node->n++;
		skip_blanks(reader);
		if (*reader->at == ',') {
			reader->at++;
			skip_blanks(reader);
		}
	}
	reader->at++;
	return true;
}

/* Recurses as deep as the document is: JSON_SCAN_DEPTH at most. */
static struct json_layout_node *
read_value(struct reader *reader)
{
	struct json_layout_node *node;

	node = arena_alloc(reader->arena, sizeof(*node));
	if (node == NULL)
		return NULL;
	node->text = reader->at;
	node->type = *reader->at;
	if (node->type != '{' && node->type != '[') {
		if (node->type != '"')
			node->type = 'v';
		skip_scalar(reader);
	} else if (!read_children(reader, node, node->type == '{' ? '}' : ']'))
		return NULL;
	node->len = (size_t)(reader->at - node->text);
	return node;
}

/* Whether the bytes are one JSON document.  The scan mends what it reads, so
 * it gets a copy. */
static bool
is_document(const char *text, size_t len)
{
	unsigned char *copy;
	bool good;

	if (len == 0 || (copy = malloc(len + 1)) == NULL)
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	good = json_scan(copy, len);
	free(copy);
	return good;
}

static struct json_layout_node *
read_document(struct arena *arena, const char *text, size_t len)
{
	struct reader reader = { arena, text, text + len };

	if (!is_document(text, len))
		return NULL;
	skip_blanks(&reader);
	return read_value(&reader);
}

struct json_layout *
json_layout_new(const char *text, size_t len)
{
	struct json_layout *layout;

	if (len > SIZE_MAX / (2 * sizeof(struct json_layout_node)))
		return NULL;
	if ((layout = calloc(1, sizeof(*layout))) == NULL)
		return NULL;
	layout->arena = arena_new(ARENA_MAX(len));
	if (layout->arena != NULL)
		layout->root = read_document(layout->arena, text, len);
	if (layout->root == NULL) {
		json_layout_free(layout);
		return NULL;
	}
	return layout;
}

void
json_layout_free(struct json_layout *layout)
{
	if (layout == NULL)
		return;
	arena_free(layout->arena);
	free(layout);
}

const struct json_layout_node *
json_layout_root(const struct json_layout *layout)
{
	return layout->root;
}

/* The child under a key or, in a list, at a place; where it hangs. */
static struct json_layout_node **
child_of(struct json_layout_node *node, const char *name, size_t len)
{
	struct json_layout_node **child = &node->first;
	size_t place = 0, i;

	if (node->type == '[') {
		if (len == 0 || len > 9)
			return NULL;
		for (i = 0; i < len && name[i] >= '0' && name[i] <= '9'; i++)
			place = place * 10 + (size_t)(name[i] - '0');
		if (i < len)
			return NULL;
	}
	for (; *child != NULL; child = &(*child)->next)
		if (node->type == '[' ? place-- == 0 :
		    (*child)->key_len == len &&
		    memcmp((*child)->key, name, len) == 0)
			return child;
	return node->type == '{' ? child : NULL;
}

/* Where the node at a path hangs; an empty place if only its object is there;
 * NULL if not even that. */
static struct json_layout_node **
hook_of(struct json_layout_node **hook, const char *path, const char **name)
{
	size_t len;

	for (; *path != '\0'; path += len + (path[len] == '.')) {
		len = strcspn(path, ".");
		if (hook == NULL || *hook == NULL)
			return NULL;
		hook = child_of(*hook, path, len);
		*name = path;
	}
	return hook;
}

const struct json_layout_node *
json_layout_find(const struct json_layout_node *node, const char *path)
{
	/* The tree is only walked, and given back as const. */
	union { const struct json_layout_node *in;
	    struct json_layout_node *out; } from = { .in = node };
	struct json_layout_node **hook;
	const char *name;

	if (node == NULL)
		return NULL;
	hook = hook_of(&from.out, path, &name);
	return hook == NULL ? NULL : *hook;
}

int
json_layout_set(struct json_layout *layout, const char *path,
    const char *value, size_t len)
{
	struct json_layout_node **hook, *node;
	const char *name = NULL;
	char *copy;

	hook = hook_of(&layout->root, path, &name);
	if (hook == NULL || *path == '\0')
		return -1;
	copy = arena_text(layout->arena, value, len);
	if (copy == NULL ||
	    (node = read_document(layout->arena, copy, len)) == NULL)
		return -1;
	if (*hook != NULL) {
		node->key = (*hook)->key;
		node->key_len = (*hook)->key_len;
		node->next = (*hook)->next;
	} else {
		node->key_len = strlen(name);
		node->key = arena_text(layout->arena, name, node->key_len);
		if (node->key == NULL)
			return -1;
	}
	*hook = node;
	return 0;
}
