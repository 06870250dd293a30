/* lib/json_layout.h: a document as it was written, found, changed and written
 * anew. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json_layout.h"
#include "nomem.h"
#include "tap.h"

static const char document[] = "{\"a\": [10, {\"b\": \"\\ud83e\\ude81\"}],"
    " \"c\": \"x\\ud83ey\", \"d\": {}}";

/* The text of the node at a path; NULL if there is none. */
static const char *
text_at(const struct json_layout *layout, const char *path)
{
	static char text[100];
	const struct json_layout_node *node = json_layout_find(
	    json_layout_root(layout), path);

	if (node == NULL)
		return NULL;
	snprintf(text, sizeof(text), "%.*s", (int)node->len, node->text);
	return text;
}

static void
test_find(void)
{
	struct json_layout *layout = json_layout_new(document,
	    strlen(document));

	if (layout == NULL)
		abort();
	is_str(text_at(layout, ""), document, "an empty path is all of it");
	is_str(text_at(layout, "a.0"), "10", "an element");
	is_str(text_at(layout, "a.1.b"), "\"\\ud83e\\ude81\"", "a member");
	ok(text_at(layout, "a.2") == NULL, "behind the last");
	ok(text_at(layout, "a.1x") == NULL && text_at(layout, "a..b") == NULL &&
	    text_at(layout, "a.b") == NULL &&
	    text_at(layout, "a.1000000000") == NULL, "a place is a number");
	ok(text_at(layout, "d.e") == NULL && text_at(layout, "d.e.f") == NULL,
	    "what is not there");
	ok(json_layout_find(NULL, "a") == NULL, "of nothing there is nothing");
	json_layout_free(layout);
}

static void
test_set(void)
{
	struct json_layout *layout = json_layout_new(document,
	    strlen(document));

	if (layout == NULL)
		abort();
	ok(json_layout_set(layout, "a.0", "[1]", 3) == 0, "a value is put");
	is_str(text_at(layout, "a.0.0"), "1", "in the place of another");
	ok(json_layout_set(layout, "d.e", "2", 1) == 0, "a member is added");
	is_str(text_at(layout, "d.e"), "2", "where its object is there");
	ok(json_layout_set(layout, "e.f", "2", 1) == -1 &&
	    json_layout_set(layout, "a.5", "2", 1) == -1 &&
	    json_layout_set(layout, "", "2", 1) == -1, "and nowhere else");
	ok(json_layout_set(layout, "d.e", "{", 1) == -1,
	    "what is no JSON is not put");
	is_str(text_at(layout, "d.e"), "2", "and leaves what was there");
	json_layout_free(layout);
}

/* A document has room for what diagnosis and trigger do to it, not for all. */
static void
test_room(void)
{
	struct json_layout *layout = json_layout_new(document,
	    strlen(document));
	char path[300];
	int n = 0;

	if (layout == NULL)
		abort();
	memset(path, 'k', sizeof(path));
	memcpy(path, "d.", 2);
	do
		(void)snprintf(path + 250, sizeof(path) - 250, "%d", ++n);
	while (json_layout_set(layout, path, "2", 1) == 0 && n < 1000000);
	ok(n > 1 && n < 1000000, "members are added until there is no room");
	ok(text_at(layout, path) == NULL, "and the last is not there");
	is_str(text_at(layout, "a.0"), "10", "what was there before is");
	json_layout_free(layout);
}

static void
test_text(void)
{
	struct json_layout *layout = json_layout_new(document,
	    strlen(document));
	const struct json_layout_node *root;
	struct bytes out;

	if (layout == NULL)
		abort();
	root = json_layout_root(layout);
	bytes_init(&out, 1000);
	ok(json_layout_text(&out, json_layout_find(root, "a.1.b")) &&
	    out.len == 4 && memcmp(out.data, "\xf0\x9f\xaa\x81", 4) == 0,
	    "a pair of escapes is one character");
	bytes_clear(&out);
	ok(json_layout_text(&out, json_layout_find(root, "c")) &&
	    out.len == 8 && memcmp(out.data, "x\\ud83ey", 8) == 0,
	    "half a pair stays as it was written");
	ok(!json_layout_text(&out, json_layout_find(root, "a.0")) &&
	    !json_layout_text(&out, NULL), "what is no text has none");
	bytes_free(&out);
	json_layout_free(layout);
}

static void
test_write(void)
{
	static const char sent[] = "{\"a\":\"\xf0\x9f\xaa\x81\xc3\xa9\"}";
	struct json_layout_style style = {.unicode = LAYOUT_LOWER};
	struct json_layout *layout = json_layout_new(sent, strlen(sent));
	struct bytes out;

	if (layout == NULL)
		abort();
	bytes_init(&out, 1000);
	json_layout_write(&out, json_layout_root(layout), &style);
	ok(out.len == 26 && memcmp(out.data,
	    "{\"a\":\"\\ud83e\\ude81\\u00e9\"}", 26) == 0,
	    "a character beyond 16 bits is written as a pair");
	bytes_free(&out);
	json_layout_free(layout);
}

static bool
try_to_read(void *text)
{
	struct json_layout *layout = json_layout_new(text, strlen(text));
	const bool done = layout != NULL;

	json_layout_free(layout);
	return done;
}

static void
test_no_memory(void)
{
	const size_t n = 5000;
	char *text = malloc(4 * n + 3), *at = text;
	size_t i;

	if (text == NULL)
		abort();
	*at++ = '[';
	for (i = 0; i < n; i++, at += 4)
		memcpy(at, "[1],", 4);
	memcpy(at - 1, "]", 2);
	ok(json_layout_new(text, SIZE_MAX) == NULL,
	    "a document for whose nodes there is no address space");
	if (nomem_works())
		ok(nomem_every(try_to_read, text) > 5,
		    "each allocation failed, nothing is kept");
	else
		ok(true, "allocations cannot be made to fail here # SKIP");
	free(text);
}

int
main(void)
{
	test_find();
	test_set();
	test_room();
	test_text();
	test_write();
	test_no_memory();
	return done_testing();
}
