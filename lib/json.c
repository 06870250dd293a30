/*
 * The members of every object are sorted by their keys when a document is
 * made.  So equal keys are neighbours, two objects can be compared in one walk
 * through both, and no list has to be searched again and again.
 *
 * A node is a cJSON item.  Of its links only next and child are kept right;
 * cJSON_Delete() looks at no other.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "json.h"
#include "json_scan.h"
#include "json_sort.h"

#define INTEGER_MAX	9007199254740991.0	/* 2^53 - 1 */

static const struct json_links links = {
	offsetof(cJSON, next), offsetof(cJSON, string)
};

struct json_doc {
	cJSON *root;
};

/* Of an allocator that takes all nodes back at once. */
static struct {
	void (*clear)(void);	/* NULL: nodes are malloc()'s */
	size_t documents;	/* whose nodes are not taken back yet */
} shared;

static const cJSON *
item_of(const struct json *node)
{
	return (const cJSON *)(const void *)node;
}

static const struct json *
node_of(const cJSON *item)
{
	return (const struct json *)(const void *)item;
}

static void
sort_tree(cJSON *item)
{
	cJSON *child;

	if (cJSON_IsObject(item))
		item->child = json_sort(item->child, &links);
	for (child = item->child; child != NULL; child = child->next)
		sort_tree(child);
}

/* Gives back a tree; with a shared allocator, all of them with the last. */
static void
drop(cJSON *root)
{
	if (shared.clear == NULL)
		cJSON_Delete(root);
	else if (shared.documents == 0)
		shared.clear();
}

/* Makes a document of a tree, which it takes over, also when it fails. */
static enum json_result
doc_of(struct json_doc **out, cJSON *root)
{
	*out = root == NULL ? NULL : malloc(sizeof(**out));
	if (*out == NULL) {
		drop(root);
		return JSON_ENOMEM;
	}
	(*out)->root = root;
	if (shared.clear != NULL)
		shared.documents++;
	return JSON_OK;
}

enum json_result
json_parse(struct json_doc **out, const void *bytes, size_t len)
{
	static const unsigned char bom[] = { 0xEF, 0xBB, 0xBF };
	const unsigned char *start = bytes;
	unsigned char *copy;
	cJSON *root;

	*out = NULL;
	if (len >= sizeof(bom) && memcmp(start, bom, sizeof(bom)) == 0) {
		start += sizeof(bom);
		len -= sizeof(bom);
	}
	if (len == 0)
		return JSON_ESYNTAX;

	/* The scan judges and mends; what it lets pass, cJSON can read. */
	copy = malloc(len + 1);
	if (copy == NULL)
		return JSON_ENOMEM;
	memcpy(copy, start, len);
	copy[len] = '\0';
	if (!json_scan(copy, len)) {
		free(copy);
		return JSON_ESYNTAX;
	}
	root = cJSON_ParseWithLength((const char *)copy, len);
	free(copy);
	if (root != NULL)
		sort_tree(root);
	return doc_of(out, root);
}

/* cJSON gives back a node by itself. */
static void
keep(void *node)
{
	(void)node;
}

void
json_set_allocator(void *(*alloc)(size_t), void (*clear)(void))
{
	cJSON_Hooks hooks = { .malloc_fn = alloc, .free_fn = keep };

	cJSON_InitHooks(&hooks);
	shared.clear = clear;
}

void
json_free(struct json_doc *doc)
{
	if (doc == NULL)
		return;
	if (shared.clear != NULL)
		shared.documents--;
	drop(doc->root);
	free(doc);
}

const struct json *
json_root(const struct json_doc *doc)
{
	return node_of(doc->root);
}

bool
json_is_object(const struct json *node)
{
	return cJSON_IsObject(item_of(node));
}

bool
json_is_array(const struct json *node)
{
	return cJSON_IsArray(item_of(node));
}

/* Compares a member's key with the first len bytes of another. */
static int
compare_key(const char *s, const char *key, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (s[i] != key[i])
			return (unsigned char)s[i] < (unsigned char)key[i] ?
			    -1 : 1;
	return s[len] != '\0';
}

/* The member under the first len bytes of key. */
static enum json_result
find_member(const cJSON **out, const cJSON *object, const char *key, size_t len)
{
	const unsigned char first = len > 0 ? (unsigned char)key[0] : 0;
	const cJSON *member;
	int order = 1;

	/* Sorted by key, so what is not there by its place is not there. */
	for (member = object->child; member != NULL; member = member->next) {
		if ((unsigned char)member->string[0] < first)
			continue;
		order = compare_key(member->string, key, len);
		if (order >= 0)
			break;
	}
	if (member == NULL || order != 0)
		return JSON_ABSENT;
	if (member->next != NULL &&
	    strcmp(member->next->string, member->string) == 0)
		return JSON_EDUP;
	*out = member;
	return JSON_OK;
}

enum json_result
json_get_len(const struct json **out, const struct json *node, const char *key,
    size_t len)
{
	const cJSON *member = NULL;
	enum json_result result;

	*out = NULL;
	if (!json_is_object(node))
		return JSON_ABSENT;
	result = find_member(&member, item_of(node), key, len);
	if (result != JSON_OK)
		return result;
	if (cJSON_IsNull(member))
		return JSON_ABSENT;
	*out = node_of(member);
	return JSON_OK;
}

bool
json_is_null(const struct json *node)
{
	return cJSON_IsNull(item_of(node));
}

const struct json *
json_first(const struct json *node)
{
	return node != NULL ? node_of(item_of(node)->child) : NULL;
}

const struct json *
json_next(const struct json *node)
{
	return node != NULL ? node_of(item_of(node)->next) : NULL;
}

const char *
json_key(const struct json *node)
{
	return node != NULL ? item_of(node)->string : NULL;
}

enum json_result
json_text(const char **out, const struct json *node)
{
	const cJSON *item = item_of(node);

	*out = NULL;
	if (!cJSON_IsString(item))
		return JSON_ETYPE;
	if (!json_scan_text(item->valuestring))
		return JSON_ETEXT;
	*out = item->valuestring;
	return JSON_OK;
}

/* True if a number is a whole one that a double holds exactly. */
static bool
is_exact(double number)
{
	return number >= -INTEGER_MAX && number <= INTEGER_MAX &&
	    (double)(int64_t)number == number;
}

enum json_result
json_int(int64_t *out, const struct json *node)
{
	const cJSON *item = item_of(node);

	if (!cJSON_IsNumber(item))
		return JSON_ETYPE;
	if (!is_exact(item->valuedouble))
		return JSON_EEXACT;
	*out = (int64_t)item->valuedouble;
	return JSON_OK;
}

enum json_result
json_bool(bool *out, const struct json *node)
{
	const cJSON *item = item_of(node);

	if (!cJSON_IsBool(item))
		return JSON_ETYPE;
	*out = cJSON_IsTrue(item);
	return JSON_OK;
}

enum json_result
json_real(double *out, const struct json *node)
{
	const cJSON *item = item_of(node);

	if (!cJSON_IsNumber(item))
		return JSON_ETYPE;
	*out = item->valuedouble;
	return JSON_OK;
}

static bool
has_key(const cJSON *member, const char *key)
{
	return member != NULL && strcmp(member->string, key) == 0;
}

/* A node that stands for another one: the links are its own, what it holds
 * and its key stay the other's. */
static cJSON *
refer(const cJSON *item)
{
	cJSON *copy = cJSON_malloc(sizeof(*copy));

	if (copy == NULL)
		return NULL;
	*copy = *item;
	copy->type |= cJSON_IsReference | cJSON_StringIsConst;
	copy->next = copy->prev = NULL;
	return copy;
}

/* Gives a node that stands for an object members of its own to change, which
 * stand for the object's, unless it has them.  False without memory. */
static bool
unfold(cJSON *object)
{
	const cJSON *member = object->child;
	cJSON **at = &object->child;

	if ((object->type & cJSON_IsReference) == 0)
		return true;
	object->child = NULL;
	object->type &= ~cJSON_IsReference;
	for (; member != NULL; member = member->next) {
		if ((*at = refer(member)) == NULL)
			return false;
		at = &(*at)->next;
	}
	return true;
}

/* Puts one member in place of those of its key at *at, which is where it
 * belongs; a null only takes them out. */
static bool
replace(cJSON **at, const cJSON *member)
{
	cJSON *put = NULL, *gone;

	if (!cJSON_IsNull(member) && (put = refer(member)) == NULL)
		return false;
	while (has_key(*at, member->string)) {
		gone = *at;
		*at = gone->next;
		gone->next = NULL;
		cJSON_Delete(gone);
	}
	if (put != NULL) {
		put->next = *at;
		*at = put;
	}
	return true;
}

/* Both are sorted: one walk through object, which stands for another, with
 * previous in step.  False without memory. */
static bool
put_back(cJSON *object, const cJSON *previous)
{
	const cJSON *member;
	cJSON **at = &object->child;
	bool done;

	if (!unfold(object))
		return false;
	for (member = previous->child; member != NULL; member = member->next) {
		while (*at != NULL && strcmp((*at)->string, member->string) < 0)
			at = &(*at)->next;
		if (has_key(*at, member->string) && cJSON_IsObject(*at) &&
		    cJSON_IsObject(member))
			done = put_back(*at, member);
		else
			done = replace(at, member);
		if (!done)
			return false;
	}
	return true;
}

enum json_result
json_revert(struct json_doc **out, const struct json *object,
    const struct json *previous)
{
	cJSON *root;

	root = refer(item_of(object));
	if (root != NULL && json_is_object(object) &&
	    json_is_object(previous) && !put_back(root, item_of(previous))) {
		cJSON_Delete(root);
		root = NULL;
	}
	return doc_of(out, root);
}
