/* lib/json.h: what is made of whole trees, and without memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "json.h"
#include "nomem.h"
#include "pool.h"
#include "tap.h"

/* A document that must be one. */
static struct json_doc *
doc_of(const char *text)
{
	struct json_doc *doc;

	if (json_parse(&doc, text, strlen(text)) != JSON_OK) {
		printf("Bail out! not parsed: %s\n", text);
		exit(1);
	}
	return doc;
}

static const struct json *
at(const struct json_doc *doc, const char *path)
{
	const struct json *node;

	(void)json_find(&node, json_root(doc), path);
	return node;
}

static void
test_canonical(void)
{
	static const struct {
		const char *json, *want;
		enum json_result result;
	} rows[] = {
		{ " { \"b\" : 1 , \"a\" : [ ] , \"B\" : { } , \"\" : [ null ] } ",
		    "{\"\":[null],\"B\":{},\"a\":[],\"b\":1}", JSON_OK },
		{ "{\"a\":1,\"aa\":2,\"\xC3\xA9\":3,\"z\":4,\"a b\":5}",
		    "{\"a\":1,\"a b\":5,\"aa\":2,\"z\":4,\"\xC3\xA9\":3}",
		    JSON_OK },
		{ "{\"b\":{\"d\":true,\"c\":false},\"a\":[3,1,2]}",
		    "{\"a\":[3,1,2],\"b\":{\"c\":false,\"d\":true}}", JSON_OK },
		{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f\\u00e9\"",
		    "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\xC3\xA9\"",
		    JSON_OK },
		{ "[1.0,1e3,-0,1.5,-0.1,9007199254740991,1e22,1e999,-1e999]",
		    "[1,1000,0,1.5,-0.10000000000000001,9007199254740991,"
		    "1e+22,1e999,-1e999]", JSON_OK },
		{ "\"\"", "\"\"", JSON_OK },
		{ "null", "null", JSON_OK },
		{ "{\"a\":1,\"b\":2,\"a\":1}", NULL, JSON_EDUP },
		{ "[{\"x\":{\"a\":1,\"a\":2}}]", NULL, JSON_EDUP },
		{ "[\"\\u0000\"]", NULL, JSON_ETEXT },
		{ "{\"\\u0000\":1}", NULL, JSON_ETEXT },
		{ "{\"\xFF\":1}", NULL, JSON_ETEXT },
	};
	struct arena *arena = arena_new(4096), *small = arena_new(16);
	struct json_doc *doc, *again;
	const char *text;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		doc = doc_of(rows[i].json);
		is_int(json_canonical(&text, json_root(doc), arena),
		    rows[i].result, "canonical %zu is judged", i);
		is_str(text, rows[i].want, "canonical %zu is written", i);
		if (text != NULL) {
			again = doc_of(text);
			ok(json_equal(json_root(doc), json_root(again)),
			    "canonical %zu says the same", i);
			json_free(again);
		}
		json_free(doc);
	}
	doc = doc_of("{\"a\":null,\"b\":{\"c\":null,\"d\":1},\"e\":null}");
	is_int(json_canonical(&text, json_root(doc), arena), JSON_OK,
	    "members that are null are judged");
	is_str(text, "{\"b\":{\"d\":1}}", "and left out");
	json_free(doc);
	doc = doc_of("\"seventeen letters\"");
	is_int(json_canonical(&text, json_root(doc), small), JSON_ENOMEM,
	    "an arena that is too small");
	json_free(doc);
	arena_free(arena);
	arena_free(small);
}

static void
test_equal(void)
{
	static const struct {
		const char *a, *b;
		bool want;
	} rows[] = {
		{ "{\"a\":1,\"b\":[1,{}]}", "{\"b\":[1,{}],\"a\":1}", true },
		{ "{\"a\":1}", "{\"a\":1,\"b\":2}", false },
		{ "{\"a\":1,\"b\":2}", "{\"a\":1}", false },
		{ "{\"a\":1}", "{\"A\":1}", false },
		{ "{\"a\":1,\"a\":2}", "{\"a\":1,\"b\":2}", false },
		{ "{\"a\":1,\"a\":1}", "{\"a\":1}", false },
		{ "{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":2}", true },
		{ "{\"a\":null}", "{}", false },
		{ "[1,2]", "[2,1]", false },
		{ "[1,2]", "[1,2,3]", false },
		{ "[]", "{}", false },
		{ "1", "1.0", true },
		{ "1", "2", false },
		{ "1", "\"1\"", false },
		{ "\"1\"", "1", false },
		{ "\"a\"", "\"\\u0061\"", true },
		{ "\"a\"", "\"b\"", false },
		{ "true", "true", true },
		{ "true", "false", false },
		{ "true", "1", false },
		{ "null", "null", true },
		{ "null", "false", false },
		{ "false", "null", false },
		{ "null", "[]", false },
		{ "\"\\u0000\"", "\"\\ud800\"", false },
	};
	struct json_doc *a, *b;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		a = doc_of(rows[i].a);
		b = doc_of(rows[i].b);
		is_int(json_equal(json_root(a), json_root(b)), rows[i].want,
		    "%s and %s", rows[i].a, rows[i].b);
		is_int(json_equal(json_root(b), json_root(a)), rows[i].want,
		    "%s and %s", rows[i].b, rows[i].a);
		json_free(a);
		json_free(b);
	}
}

/* Many members in opposite orders, without a search for each. */
static void
test_many_members(void)
{
	enum { MANY = 100000 };
	struct json_doc *up, *down;
	char *text = malloc(MANY * 16), *p;
	const struct json *node;
	int64_t i = -1;
	int n;

	p = text + sprintf(text, "{\"k\":0");
	for (n = 0; n < MANY; n++)
		p += sprintf(p, ",\"%d\":%d", n, n);
	strcpy(p, "}");
	up = doc_of(text);
	p = text + sprintf(text, "{\"k\":0");
	for (n = MANY - 1; n >= 0; n--)
		p += sprintf(p, ",\"%d\":%d", n, n);
	strcpy(p, "}");
	down = doc_of(text);
	ok(json_equal(json_root(up), json_root(down)),
	    "%d members in opposite orders are alike", MANY);
	ok(json_get(&node, json_root(down), "99999") == JSON_OK &&
	    json_int(&i, node) == JSON_OK && i == 99999, "each is found");
	free(text);
	json_free(up);
	json_free(down);
}

static void
test_revert(void)
{
	static const struct {
		const char *object, *previous, *want;
	} rows[] = {
		{ "{\"a\":1,\"b\":2}", "{}", "{\"a\":1,\"b\":2}" },
		{ "{\"a\":1,\"b\":2}", "{\"a\":3}", "{\"a\":3,\"b\":2}" },
		{ "{\"a\":1,\"b\":2}", "{\"b\":null}", "{\"a\":1}" },
		{ "{\"a\":1,\"b\":2}", "{\"a\":null,\"b\":null}", "{}" },
		{ "{\"b\":2}", "{\"a\":1,\"c\":3}",
		    "{\"a\":1,\"b\":2,\"c\":3}" },
		{ "{\"b\":2}", "{\"a\":null}", "{\"b\":2}" },
		{ "{}", "{\"a\":{\"b\":1}}", "{\"a\":{\"b\":1}}" },
		{ "{\"a\":{\"x\":1,\"y\":2}}", "{\"a\":{\"x\":3}}",
		    "{\"a\":{\"x\":3,\"y\":2}}" },
		{ "{\"a\":{\"x\":1,\"y\":2}}", "{\"a\":{\"x\":null}}",
		    "{\"a\":{\"y\":2}}" },
		{ "{\"a\":{\"x\":{\"p\":1,\"q\":2}}}",
		    "{\"a\":{\"x\":{\"q\":3,\"r\":4}}}",
		    "{\"a\":{\"x\":{\"p\":1,\"q\":3,\"r\":4}}}" },
		{ "{\"a\":null}", "{\"a\":{\"x\":1}}", "{\"a\":{\"x\":1}}" },
		{ "{\"a\":5}", "{\"a\":{\"x\":1}}", "{\"a\":{\"x\":1}}" },
		{ "{\"a\":{\"x\":1}}", "{\"a\":5}", "{\"a\":5}" },
		{ "{\"a\":{\"x\":1}}", "{\"a\":{}}", "{\"a\":{\"x\":1}}" },
		{ "{\"a\":[1,2,3]}", "{\"a\":[4]}", "{\"a\":[4]}" },
		{ "{\"a\":[{\"x\":1,\"y\":2}]}", "{\"a\":[{\"x\":3}]}",
		    "{\"a\":[{\"x\":3}]}" },
		{ "{\"a\":1,\"a\":2}", "{\"a\":3}", "{\"a\":3}" },
	};
	struct json_doc *object, *previous, *out;
	struct arena *arena = arena_new(4096);
	const char *text, *before, *after;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		object = doc_of(rows[i].object);
		previous = doc_of(rows[i].previous);
		(void)json_canonical(&before, json_root(object), arena);
		is_int(json_revert(&out, json_root(object),
		    json_root(previous)), JSON_OK, "%s is put back",
		    rows[i].previous);
		(void)json_canonical(&after, json_root(object), arena);
		is_str(after, before, "the object itself stays");
		(void)json_canonical(&text, json_root(out), arena);
		is_str(text, rows[i].want, "into %s", rows[i].object);
		json_free(object);
		json_free(previous);
		json_free(out);
		arena_reset(arena);
	}
	arena_free(arena);
}

/* An object inside a document can be taken back without the rest. */
static void
test_revert_inner(void)
{
	struct json_doc *doc = doc_of("{\"data\":{\"object\":{\"a\":1},"
	    "\"previous_attributes\":{\"a\":0}},\"type\":\"x\"}"), *out;
	struct arena *arena = arena_new(4096);
	const char *text;

	is_int(json_revert(&out, at(doc, "data.object"),
	    at(doc, "data.previous_attributes")), JSON_OK, "an inner object");
	(void)json_canonical(&text, json_root(out), arena);
	is_str(text, "{\"a\":0}", "is what it was before");
	ok(json_next(json_root(out)) == NULL, "without its neighbours");
	json_free(doc);
	json_free(out);
	arena_free(arena);
}

static const char NOMEM_TEXT[] = "{\"o\":{\"b\":{\"x\":[1,\"t\"]},\"a\":2},"
				 "\"p\":{\"b\":{\"x\":[3],\"y\":4},\"c\":{}}}";

static bool
try_parse(void *arg)
{
	struct json_doc *doc;
	enum json_result result;

	(void)arg;
	result = json_parse(&doc, NOMEM_TEXT, sizeof(NOMEM_TEXT) - 1);
	if (result != JSON_OK && (result != JSON_ENOMEM || doc != NULL))
		printf("# parsing gave %d\n", result);
	json_free(doc);
	return result == JSON_OK;
}

static bool
try_revert(void *arg)
{
	struct json_doc *doc = arg, *out;
	enum json_result result;

	result = json_revert(&out, at(doc, "o"), at(doc, "p"));
	if (result != JSON_OK && (result != JSON_ENOMEM || out != NULL))
		printf("# reverting gave %d\n", result);
	json_free(out);
	return result == JSON_OK;
}

static void
test_no_memory(void)
{
	struct json_doc *doc;

	if (!nomem_works()) {
		ok(true, "allocations cannot be made to fail here # SKIP");
		return;
	}
	ok(nomem_every(try_parse, NULL) > 20,
	    "parsing, each allocation failed");
	doc = doc_of(NOMEM_TEXT);
	ok(nomem_every(try_revert, doc) > 5,
	    "reverting, each allocation failed");
	json_free(doc);
}

static int clears;

static void
clear(void)
{
	pool_clear();
	clears++;
}

/* The last of the tests: the allocator stays. */
static void
test_shared_memory(void)
{
	struct json_doc *a, *b, *c;
	const char *text = NULL;

	json_set_allocator(pool_alloc, clear);
	a = doc_of("{\"k\":[1,2,3]}");
	b = doc_of("{\"k\":\"kept\",\"a\":{}}");
	if (json_revert(&c, json_root(b), json_root(a)) != JSON_OK)
		c = NULL;
	ok(c != NULL, "a document is reverted");
	json_free(a);
	json_free(NULL);
	is_int(clears, 0, "while there is a document, nothing is taken back");
	(void)json_text(&text, at(b, "k"));
	is_str(text, "kept", "and it is whole");
	json_free(b);
	json_free(c);
	is_int(clears, 1, "with the last document all is taken back");
	is_int(json_parse(&a, "[1,", 3), JSON_ESYNTAX, "what is none is none");
	a = doc_of("[1]");
	json_free(a);
	is_int(clears, 2, "and with the next one, again");
}

int
main(void)
{
	test_canonical();
	test_equal();
	test_many_members();
	test_revert();
	test_revert_inner();
	test_no_memory();
	test_shared_memory();
	return done_testing();
}
