/* What can be told of nodes without knowing cJSON: their text, and whether two
 * are alike.  Members come sorted from json_first() and json_next(). */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "json_scan.h"

#define REAL_SIZE 32	/* of a number with its NUL: %.17g needs 24 */

/* Texts are written twice: first to nowhere, for their length. */
struct writer {
	char  *out;	/* NULL: measure only */
	size_t len;
};

static void
put(struct writer *w, const char *s, size_t len)
{
	if (w->out != NULL)
		memcpy(w->out + w->len, s, len);
	w->len += len;
}

static void
put_word(struct writer *w, const char *s)
{
	put(w, s, strlen(s));
}

static void
put_escape(struct writer *w, unsigned char c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *known = strchr(from, c);
	char text[8];

	if (known != NULL)
		(void)snprintf(text, sizeof(text), "\\%c", to[known - from]);
	else
		(void)snprintf(text, sizeof(text), "\\u%04x", c);
	put_word(w, text);
}

static enum json_result
put_text(struct writer *w, const char *s)
{
	size_t plain;

	if (!json_scan_text(s))
		return JSON_ETEXT;
	put(w, "\"", 1);
	for (; *s != '\0'; s += plain) {
		for (plain = 0; (unsigned char)s[plain] >= ' '; plain++)
			if (s[plain] == '"' || s[plain] == '\\')
				break;
		put(w, s, plain);
		if (s[plain] != '\0')
			put_escape(w, (unsigned char)s[plain++]);
	}
	put(w, "\"", 1);
	return JSON_OK;
}

/* A number that is no exact integer. */
static void
put_real(struct writer *w, double number)
{
	char text[REAL_SIZE];
	size_t skip;

	if (isinf(number)) {
		put_word(w, number < 0 ? "-1e999" : "1e999");
		return;
	}
	(void)snprintf(text, sizeof(text), "%.17g", number);

	/* Whatever the locale has for a point, JSON has a point. */
	skip = strspn(text, "-0123456789");
	put(w, text, skip);
	if (text[skip] != '\0' && text[skip] != 'e') {
		put(w, ".", 1);
		skip += strcspn(text + skip, "0123456789");
	}
	put_word(w, text + skip);
}

static enum json_result
put_scalar(struct writer *w, const struct json *node)
{
	char digits[REAL_SIZE];
	const char *text;
	int64_t i;
	double real;
	bool b;

	switch (json_text(&text, node)) {
	case JSON_OK:
		return put_text(w, text);
	case JSON_ETYPE:
		break;
	default:
		return JSON_ETEXT;
	}
	if (json_int(&i, node) == JSON_OK) {
		(void)snprintf(digits, sizeof(digits), "%" PRId64, i);
		put_word(w, digits);
	} else if (json_real(&real, node) == JSON_OK)
		put_real(w, real);
	else if (json_bool(&b, node) == JSON_OK)
		put_word(w, b ? "true" : "false");
	else
		put_word(w, "null");
	return JSON_OK;
}

static bool
is_null(const struct json *node)
{
	const char *text;
	double real;
	bool b;

	return !json_is_object(node) && !json_is_array(node) &&
	    json_text(&text, node) == JSON_ETYPE &&
	    json_real(&real, node) != JSON_OK && json_bool(&b, node) != JSON_OK;
}

/* Recurses as deep as the document is: JSON_SCAN_DEPTH at most. */
static enum json_result
put_node(struct writer *w, const struct json *node)
{
	const bool object = json_is_object(node);
	const struct json *child, *next;
	enum json_result result;
	bool first = true;

	if (!object && !json_is_array(node))
		return put_scalar(w, node);
	put(w, object ? "{" : "[", 1);
	for (child = json_first(node); child != NULL; child = next) {
		next = json_next(child);
		if (object && next != NULL &&
		    strcmp(json_key(child), json_key(next)) == 0)
			return JSON_EDUP;
		/* In Stripe's objects a null says no more than no key. */
		if (object && is_null(child))
			continue;
		if (!first)
			put(w, ",", 1);
		first = false;
		if (object) {
			if ((result = put_text(w, json_key(child))) != JSON_OK)
				return result;
			put(w, ":", 1);
		}
		if ((result = put_node(w, child)) != JSON_OK)
			return result;
	}
	put(w, object ? "}" : "]", 1);
	return JSON_OK;
}

enum json_result
json_canonical(const char **out, const struct json *node, struct arena *arena)
{
	struct writer w = { NULL, 0 };
	enum json_result result;
	char *text;

	*out = NULL;
	if ((result = put_node(&w, node)) != JSON_OK)
		return result;
	if ((text = arena_alloc(arena, w.len + 1)) == NULL)
		return JSON_ENOMEM;
	w = (struct writer){ text, 0 };
	(void)put_node(&w, node);
	*out = text;
	return JSON_OK;
}

/* Neither list nor object. */
static bool
scalar_equal(const struct json *a, const struct json *b)
{
	const char *s, *t;
	double x, y;
	bool p, q;

	if (json_text(&s, a) != JSON_ETYPE)
		return json_text(&t, b) == JSON_OK && s != NULL &&
		    strcmp(s, t) == 0;
	if (json_real(&x, a) == JSON_OK)
		return json_real(&y, b) == JSON_OK && x == y;
	if (json_bool(&p, a) == JSON_OK)
		return json_bool(&q, b) == JSON_OK && p == q;
	return json_text(&t, b) == JSON_ETYPE &&
	    json_real(&y, b) == JSON_ETYPE && json_bool(&q, b) == JSON_ETYPE;
}

bool
json_equal(const struct json *a, const struct json *b)
{
	const bool object = json_is_object(a);

	if (object != json_is_object(b) || json_is_array(a) != json_is_array(b))
		return false;
	if (!object && !json_is_array(a))
		return scalar_equal(a, b);
	for (a = json_first(a), b = json_first(b); a != NULL && b != NULL;
	    a = json_next(a), b = json_next(b)) {
		if (object && strcmp(json_key(a), json_key(b)) != 0)
			return false;
		if (!json_equal(a, b))
			return false;
	}
	return a == NULL && b == NULL;
}
