/* lib/json.h: what is a document, and what its nodes say. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "json.h"
#include "json_scan.h"
#include "tap.h"

#define LONG_NUMBER "1000000000000000000000000000000000000000000000000000000" \
		    "000000000000000"	/* 70 digits */

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
test_good_documents(void)
{
	static const char *const good[] = { "{}", "[]", "0", "-0", "-1.5e+3",
		"1E9", "\"\"", "true", "null", " \t\r\n{ \"a\" : [ ] } \n",
		"[1,[2,{\"a\":{}}],\"\\u00e9\\\\\\/\\b\\f\\n\\r\\t\\\"\"]",
		"\"\\ud83d\\ude00\"", "{\"\":1}", "[" LONG_NUMBER "]",
		"\xEF\xBB\xBF{}", "\"\\ud800\"", "\"\\udc00\\ud800\"",
		"\"\\ud800\\u0041\"", "{\"a\":1,\"a\":2}" };
	struct json_doc *doc;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		is_int(json_parse(&doc, good[i], strlen(good[i])), JSON_OK,
		    "a document: %zu", i);
		json_free(doc);
	}
}

static void
test_bad_documents(void)
{
	static const char *const bad[] = { "", " ", "\xEF\xBB\xBF", "{", "}",
		"[", "]", "[1,]", "[,1]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
		"{,}", "{a:1}", "{\"a\" 1}", "{1:1}", "[1}", "{\"a\":1]",
		"01", "-", "+1", "1.", ".5", "1e", "1e+", "0x10", "--1", "1 2",
		"{}{}", "{} x", "[]]", "nul", "nulll", "True", "NaN",
		"Infinity", "'a'", "\"a", "\"a\nb\"", "\"\t\"", "\"\\x\"",
		"\"\\\"", "\"\\", "\"\\u12\"", "\"\\u12g4\"", "\"\\u",
		"\v1", "\f{}", "{}\x01", "[1,\v2]", "// x\n1",
		"\xEF\xBB\xBF\xEF\xBB\xBF{}", "\xA0{}" };
	struct json_doc *doc;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		is_int(json_parse(&doc, bad[i], strlen(bad[i])), JSON_ESYNTAX,
		    "no document: %zu", i);
		ok(doc == NULL, "and nothing to free: %zu", i);
		json_free(doc);
	}
}

/* A NUL is an error wherever it stands. */
static void
test_nul_bytes(void)
{
	static const char text[] = "{\"a\": \"bc\"}";
	char copy[sizeof(text) + 1];
	struct json_doc *doc;
	size_t i;

	for (i = 0; i < sizeof(text); i++) {
		memcpy(copy, text, i);
		copy[i] = '\0';
		memcpy(copy + i + 1, text + i, sizeof(text) - i);
		is_int(json_parse(&doc, copy, sizeof(text)), JSON_ESYNTAX,
		    "a NUL before byte %zu is an error", i);
		json_free(doc);
	}
	is_int(json_parse(&doc, "{}", 3), JSON_ESYNTAX, "a NUL at the end too");
}

/* Every beginning of a document is no document. */
static void
test_cut_documents(void)
{
	static const char text[] = "{\"a\":[1.5e3,-2,true,false,null,"
				   "\"\\u00e9\\ud83d\\ude00\\n\"],\"b\":{}}";
	struct json_doc *doc;
	size_t len, wrong = 0;
	char *exact;

	for (len = 1; len < sizeof(text) - 1; len++) {
		/* In memory that ends where the bytes do. */
		exact = malloc(len);
		memcpy(exact, text, len);
		wrong += json_parse(&doc, exact, len) != JSON_ESYNTAX;
		json_free(doc);
		free(exact);
	}
	is_int((int64_t)wrong, 0, "no beginning of a document is one");
}

static void
test_depth(void)
{
	char deep[2 * (JSON_SCAN_DEPTH + 1) + 1];
	enum json_result want;
	struct json_doc *doc;
	struct arena *arena = arena_new(1 << 16);
	const char *text;
	size_t n;

	for (n = JSON_SCAN_DEPTH; n <= JSON_SCAN_DEPTH + 1; n++) {
		memset(deep, '[', n);
		memset(deep + n, ']', n);
		deep[2 * n] = '\0';
		want = n == JSON_SCAN_DEPTH ? JSON_OK : JSON_ESYNTAX;
		is_int(json_parse(&doc, deep, 2 * n), want, "%zu levels", n);
		if (doc == NULL)
			continue;
		is_int(json_canonical(&text, json_root(doc), arena), JSON_OK,
		    "%zu levels are written", n);
		is_str(text, deep, "as they were read");
		ok(json_equal(json_root(doc), json_root(doc)), "and compared");
		json_free(doc);
	}
	arena_free(arena);
}

static void
test_get(void)
{
	struct json_doc *doc = doc_of("{\"b\":{\"c\":[10,{\"d\":true},null]},"
	    "\"B\":1,\"n\":null,\"a\":1,\"two\":1,\"two\":2,\"\":3}");
	const struct json *root = json_root(doc), *node;
	int64_t i = 0;

	is_int(json_get(&node, root, "b"), JSON_OK, "a member");
	ok(json_is_object(node) && !json_is_array(node), "is an object");
	is_str(json_key(node), "b", "and has its key");
	is_int(json_get(&node, root, "B"), JSON_OK, "the case of a key counts");
	ok(json_int(&i, node) == JSON_OK && i == 1, "and finds another member");
	is_int(json_get(&node, root, "A"), JSON_ABSENT, "or none");
	ok(node == NULL, "and gives none");
	is_int(json_get(&node, root, "n"), JSON_ABSENT, "null is absent");
	is_int(json_get(&node, root, "tw"), JSON_ABSENT, "keys are whole");
	is_int(json_get(&node, root, "two"), JSON_EDUP, "a key twice is told");
	ok(node == NULL, "and none of both given");
	is_int(json_get(&node, root, ""), JSON_OK, "a key may be empty");
	is_int(json_get(&node, node, "a"), JSON_ABSENT, "a number has none");
	is_int(json_get(&node, NULL, "a"), JSON_ABSENT, "nothing has none");

	is_int(json_find(&node, root, "b.c.1.d"), JSON_OK, "a path");
	is_int(json_find(&node, root, "b.c"), JSON_OK, "to an array");
	ok(json_is_array(node) && !json_is_object(node), "is an array");
	ok(json_int(&i, json_first(node)) == JSON_OK && i == 10,
	    "with a first element");
	ok(json_key(json_first(node)) == NULL, "which has no key");
	ok(json_next(json_next(json_next(json_first(node)))) == NULL,
	    "and three in all");
	is_int(json_find(&node, root, "b.c.2"), JSON_ABSENT, "null");
	is_int(json_find(&node, root, "b.c.3"), JSON_ABSENT, "past the end");
	is_int(json_find(&node, root, "b.c.-1"), JSON_ABSENT, "no number");
	is_int(json_find(&node, root, "b.c."), JSON_ABSENT, "empty");
	is_int(json_find(&node, root, "b.c.4294967296"), JSON_ABSENT, "huge");
	is_int(json_find(&node, root, "b.x.c"), JSON_ABSENT, "broken off");
	is_int(json_find(&node, root, "a.b"), JSON_ABSENT, "below a number");
	is_int(json_find(&node, root, "two.x"), JSON_EDUP, "through a twin");
	is_int(json_find(&node, root, "b"), JSON_OK, "of one step");
	ok(json_first(NULL) == NULL && json_next(NULL) == NULL &&
	    json_key(NULL) == NULL, "of nothing there is nothing");
	json_free(doc);
}

static void
test_text(void)
{
	static const struct {
		const char *json, *want;
		enum json_result result;
	} rows[] = {
		{ "\"\"", "", JSON_OK },
		{ "\"a\\u00e9\\ud83d\\ude00\\/\"", "a\xC3\xA9\xF0\x9F\x98\x80/",
		    JSON_OK },
		{ "\"a\\u0000b\"", NULL, JSON_ETEXT },
		{ "\"\\u0000\"", NULL, JSON_ETEXT },
		{ "\"\\\\u0000\"", "\\u0000", JSON_OK },
		{ "\"\\\\\\u0000\"", NULL, JSON_ETEXT },
		{ "\"\\u0001\"", "\001", JSON_OK },
		{ "\"\\ud800\"", NULL, JSON_ETEXT },
		{ "\"\\udc00\"", NULL, JSON_ETEXT },
		{ "\"\\ud800\\ud800\"", NULL, JSON_ETEXT },
		{ "\"\\uffff\\ufffd\"", "\xEF\xBF\xBF\xEF\xBF\xBD", JSON_OK },
		{ "\"\xC3\xA9\"", "\xC3\xA9", JSON_OK },
		{ "\"\xC3\"", NULL, JSON_ETEXT },
		{ "\"\x80\"", NULL, JSON_ETEXT },
		{ "\"\xFF\"", NULL, JSON_ETEXT },
		{ "\"\xC0\x80\"", NULL, JSON_ETEXT },
		{ "\"\xC1\xBF\"", NULL, JSON_ETEXT },
		{ "\"\xE0\x9F\xBF\"", NULL, JSON_ETEXT },
		{ "\"\xE0\xA0\x80\"", "\xE0\xA0\x80", JSON_OK },
		{ "\"\xED\xA0\x80\"", NULL, JSON_ETEXT },
		{ "\"\xED\x9F\xBF\"", "\xED\x9F\xBF", JSON_OK },
		{ "\"\xF0\x8F\xBF\xBF\"", NULL, JSON_ETEXT },
		{ "\"\xF0\x90\x80\x80\"", "\xF0\x90\x80\x80", JSON_OK },
		{ "\"\xF4\x8F\xBF\xBF\"", "\xF4\x8F\xBF\xBF", JSON_OK },
		{ "\"\xF4\x90\x80\x80\"", NULL, JSON_ETEXT },
		{ "\"\xF5\x80\x80\x80\"", NULL, JSON_ETEXT },
		{ "\"\xE2\x82\"", NULL, JSON_ETEXT },
		{ "\"\xE2\x82" "a\"", NULL, JSON_ETEXT },
		{ "1", NULL, JSON_ETYPE },
		{ "null", NULL, JSON_ETYPE },
		{ "{}", NULL, JSON_ETYPE },
	};
	struct json_doc *doc;
	const char *text;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		doc = doc_of(rows[i].json);
		is_int(json_text(&text, json_root(doc)), rows[i].result,
		    "text %zu is judged", i);
		is_str(text, rows[i].want, "text %zu is read", i);
		json_free(doc);
	}
	is_int(json_text(&text, NULL), JSON_ETYPE, "nothing is no text");
}

/* A key with a NUL is not the key before the NUL. */
static void
test_nul_in_key(void)
{
	struct json_doc *doc = doc_of("{\"id\\u0000x\":\"evil\"}");
	const struct json *node;

	is_int(json_get(&node, json_root(doc), "id"), JSON_ABSENT,
	    "a key with a NUL is another key");
	json_free(doc);
}

static void
test_int(void)
{
	static const struct {
		const char *json;
		int64_t want;
		enum json_result result;
	} rows[] = {
		{ "0", 0, JSON_OK },
		{ "-0", 0, JSON_OK },
		{ "2147483648", 2147483648, JSON_OK },
		{ "-2147483649", -2147483649, JSON_OK },
		{ "9007199254740991", 9007199254740991, JSON_OK },
		{ "-9007199254740991", -9007199254740991, JSON_OK },
		{ "9007199254740992", 7, JSON_EEXACT },
		{ "-9007199254740992", 7, JSON_EEXACT },
		{ "9007199254740993", 7, JSON_EEXACT },
		{ "9223372036854775807", 7, JSON_EEXACT },
		{ "18446744073709551616", 7, JSON_EEXACT },
		{ LONG_NUMBER, 7, JSON_EEXACT },
		{ "-" LONG_NUMBER, 7, JSON_EEXACT },
		{ "1e999", 7, JSON_EEXACT },
		{ "1.5", 7, JSON_EEXACT },
		{ "1.0", 1, JSON_OK },
		{ "1e3", 1000, JSON_OK },
		{ "\"1\"", 7, JSON_ETYPE },
		{ "true", 7, JSON_ETYPE },
	};
	struct json_doc *doc;
	int64_t i;
	size_t n;

	for (n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		doc = doc_of(rows[n].json);
		i = 7;
		is_int(json_int(&i, json_root(doc)), rows[n].result,
		    "%s is judged", rows[n].json);
		is_int(i, rows[n].want, "%s is read", rows[n].json);
		json_free(doc);
	}
}

/* What one cJSON reads and another does not is the same for all. */
static void
test_long_number(void)
{
	unsigned char scanned[] = "[-" LONG_NUMBER ",0.5]";
	const size_t len = sizeof(scanned) - 1;

	ok(json_scan(scanned, len), "a number of 71 characters is one");
	ok(memcmp(scanned, "[-1e999  ", 9) == 0, "and becomes infinite");
	is_str((const char *)scanned + len - 6, " ,0.5]",
	    "with blanks behind it, and no more");
}

static void
test_bool_and_real(void)
{
	struct json_doc *doc = doc_of("[true,false,0,1.25]");
	bool b = false;
	double real = 0;

	ok(json_bool(&b, at(doc, "0")) == JSON_OK && b, "true is true");
	ok(json_bool(&b, at(doc, "1")) == JSON_OK && !b, "false is false");
	is_int(json_bool(&b, at(doc, "2")), JSON_ETYPE, "0 is no boolean");
	ok(json_real(&real, at(doc, "3")) == JSON_OK && real == 1.25,
	    "a number is one");
	is_int(json_real(&real, at(doc, "0")), JSON_ETYPE, "true is no number");
	json_free(doc);
}

int
main(void)
{
	test_good_documents();
	test_bad_documents();
	test_nul_bytes();
	test_cut_documents();
	test_depth();
	test_get();
	test_text();
	test_nul_in_key();
	test_int();
	test_long_number();
	test_bool_and_real();
	json_free(NULL);
	return done_testing();
}
