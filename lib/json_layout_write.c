/* JSON written in a layout: texts, order of members, white space. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_layout.h"

#define POINT_BAD ((unsigned long)-1)

const struct json_layout_style json_layout_stripe = {
	.indent = 2, .blanks = true, .order = LAYOUT_STRIPE,
};

/* The four digits of a \u escape. */
static unsigned long
hex4(const char *s)
{
	char digits[5] = { s[0], s[1], s[2], s[3], '\0' };

	return strtoul(digits, NULL, 16);
}

/* Takes one \u escape, or the pair of them that is one character. */
static unsigned long
take_unicode(const char **at, const char *end)
{
	unsigned long high = hex4(*at + 2), low;

	*at += 6;
	if (high < 0xD800 || high > 0xDFFF)
		return high;
	if (high > 0xDBFF || end - *at < 6 || (*at)[0] != '\\' ||
	    (*at)[1] != 'u')
		return POINT_BAD;
	low = hex4(*at + 2);
	if (low < 0xDC00 || low > 0xDFFF)
		return POINT_BAD;
	*at += 6;
	return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

/* Takes a character of UTF-8, or POINT_BAD and one byte of what is none. */
static unsigned long
take_utf8(const char **at, const char *end)
{
	const unsigned char *s = (const unsigned char *)*at;
	size_t len = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 :
	    s[0] < 0xF0 ? 3 : s[0] < 0xF5 ? 4 : 0, i;
	unsigned long point;

	++*at;
	if (len == 0 || (size_t)(end - (const char *)s) < len)
		return POINT_BAD;
	if (len == 1)
		return s[0];
	point = s[0] & (0x7Fu >> len);
	for (i = 1; i < len; i++) {
		if ((s[i] & 0xC0) != 0x80)
			return POINT_BAD;
		point = point << 6 | (s[i] & 0x3F);
	}
	*at += len - 1;
	return point;
}

/* Takes the next character of a text, whatever its spelling. */
static unsigned long
take_point(const char **at, const char *end)
{
	static const char names[] = "bfnrt", points[] = "\b\f\n\r\t";
	const char *name;

	if (**at != '\\')
		return take_utf8(at, end);
	if ((*at)[1] == 'u')
		return take_unicode(at, end);
	*at += 2;
	name = strchr(names, (*at)[-1]);
	return name != NULL ? (unsigned char)points[name - names] :
	    (unsigned char)(*at)[-1];
}

static void
put_unicode(struct bytes *out, unsigned long point, bool upper)
{
	char text[16];

	if (point >= 0x10000) {
		point -= 0x10000;
		put_unicode(out, 0xD800 + (point >> 10), upper);
		point = 0xDC00 + (point & 0x3FF);
	}
	(void)snprintf(text, sizeof(text), upper ? "\\u%04lX" : "\\u%04lx",
	    point);
	bytes_put_text(out, text);
}

static void
put_point(struct bytes *out, unsigned long point,
    const struct json_layout_style *style)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *known = point == 0 || point > 0x7F ? NULL :
	    strchr(from, (int)point);

	if (known != NULL) {
		bytes_put_char(out, '\\');
		bytes_put_char(out, to[known - from]);
	} else if (point == '/' && style->slashes)
		bytes_put_text(out, "\\/");
	else if (point < ' ' || (style->html &&
	    (point == '<' || point == '>' || point == '&')) ||
	    (point > 0x7F && style->unicode != LAYOUT_RAW))
		put_unicode(out, point, style->unicode == LAYOUT_UPPER);
	else
		bytes_put_utf8(out, point);
}

/* Whether a byte is a character that every style writes as it is. */
static bool
is_plain(char c)
{
	return c >= ' ' && c <= '~' && c != '"' && c != '\\' && c != '/' &&
	    c != '<' && c != '>' && c != '&';
}

/* Writes what stands between the quotes of a text. */
static void
put_inner(struct bytes *out, const char *at, size_t len,
    const struct json_layout_style *style)
{
	const char *end = at + len, *start;
	unsigned long point;

	bytes_put_char(out, '"');
	if (style->literal)
		bytes_put(out, at, len);
	else
		while (at < end) {
			for (start = at; at < end && is_plain(*at); at++)
				;
			bytes_put(out, start, (size_t)(at - start));
			if (at == end)
				break;
			start = at;
			point = take_point(&at, end);
			if (point == POINT_BAD)
				bytes_put(out, start, (size_t)(at - start));
			else
				put_point(out, point, style);
		}
	bytes_put_char(out, '"');
}

void
json_layout_quote(struct bytes *out, const char *text, size_t len, bool ascii)
{
	struct json_layout_style style = json_layout_stripe;
	const char *at = text, *end = text + len;
	unsigned long point;

	if (ascii)
		style.unicode = LAYOUT_LOWER;
	bytes_put_char(out, '"');
	while (at < end) {
		point = take_utf8(&at, end);
		if (ascii && point == 0x7F)
			put_unicode(out, point, false);
		else
			put_point(out, point == POINT_BAD ? 0xFFFD : point,
			    &style);
	}
	bytes_put_char(out, '"');
}

bool
json_layout_text(struct bytes *out, const struct json_layout_node *node)
{
	const char *at, *end, *start;
	unsigned long point;

	if (node == NULL || node->type != '"')
		return false;
	for (at = node->text + 1, end = node->text + node->len - 1; at < end;) {
		start = at;
		point = take_point(&at, end);
		if (point == POINT_BAD)
			bytes_put(out, start, (size_t)(at - start));
		else
			bytes_put_utf8(out, point);
	}
	return true;
}

/* Compares two texts by their characters, whatever the spelling of each. */
static int
compare_texts(const char *a, size_t a_len, const char *b, size_t b_len)
{
	const char *a_end = a + a_len, *b_end = b + b_len;
	unsigned long x = 0, y = 0;

	while (x == y && a < a_end && b < b_end) {
		x = take_point(&a, a_end);
		y = take_point(&b, b_end);
	}
	if (x != y)
		return x < y ? -1 : 1;
	return (a < a_end) - (b < b_end);
}

static int
compare_keys(const void *a, const void *b)
{
	const struct json_layout_node *x =
	    *(const struct json_layout_node *const *)a;
	const struct json_layout_node *y =
	    *(const struct json_layout_node *const *)b;

	return compare_texts(x->key, x->key_len, y->key, y->key_len);
}

/* id is before object, which is before all others. */
static int
place_of(const struct json_layout_node *node)
{
	if (compare_texts(node->key, node->key_len, "id", 2) == 0)
		return 0;
	return compare_texts(node->key, node->key_len, "object", 6) == 0 ?
	    1 : 2;
}

static int
compare_stripe(const void *a, const void *b)
{
	int x = place_of(*(const struct json_layout_node *const *)a);
	int y = place_of(*(const struct json_layout_node *const *)b);

	return x != y ? x - y : compare_keys(a, b);
}

static void
put_break(struct bytes *out, const struct json_layout_style *style,
    size_t depth)
{
	size_t i;

	if (style->indent == 0)
		return;
	bytes_put_char(out, '\n');
	for (i = 0; i < depth; i++)
		bytes_put(out, style->indent < 0 ? "\t" : "        ",
		    style->indent < 0 ? 1 : (size_t)style->indent);
}

static void put_node(struct bytes *out, const struct json_layout_node *node,
    const struct json_layout_style *style, size_t depth);

/* The members or elements, one behind the other. */
static void
put_children(struct bytes *out, const struct json_layout_node *const *children,
    size_t n, const struct json_layout_style *style, size_t depth)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (i > 0)
			bytes_put_text(out, style->indent == 0 &&
			    style->blanks ? ", " : ",");
		put_break(out, style, depth + 1);
		if (children[i]->key != NULL) {
			put_inner(out, children[i]->key, children[i]->key_len,
			    style);
			bytes_put_text(out, style->blanks ? ": " : ":");
		}
		put_node(out, children[i], style, depth + 1);
	}
}

static void
put_empty(struct bytes *out, const struct json_layout_node *node,
    const struct json_layout_style *style, size_t depth)
{
	bool hash = node->type == '{' || (style->hashes && node->key_len == 8 &&
	    memcmp(node->key, "metadata", 8) == 0);

	bytes_put_char(out, hash ? '{' : '[');
	if (style->empty == LAYOUT_WIDE && !hash)
		bytes_put_char(out, '\n');
	if (style->empty != LAYOUT_CLOSED)
		put_break(out, style, depth);
	bytes_put_char(out, hash ? '}' : ']');
}

/* Recurses as deep as the document is: JSON_SCAN_DEPTH at most. */
static void
put_node(struct bytes *out, const struct json_layout_node *node,
    const struct json_layout_style *style, size_t depth)
{
	const struct json_layout_node **children, *child;
	size_t n = 0;

	if (node->type == '"') {
		put_inner(out, node->text + 1, node->len - 2, style);
		return;
	}
	if (node->type == 'v') {
		bytes_put(out, node->text, node->len);
		return;
	}
	for (child = node->first; child != NULL; child = child->next)
		n++;
	if (n == 0) {
		put_empty(out, node, style, depth);
		return;
	}
	if ((children = malloc(n * sizeof(*children))) == NULL) {
		out->failed = true;
		return;
	}
	for (n = 0, child = node->first; child != NULL; child = child->next)
		children[n++] = child;
	if (node->type == '{' && style->order != LAYOUT_KEPT)
		qsort(children, n, sizeof(*children),
		    style->order == LAYOUT_STRIPE ? compare_stripe :
		    compare_keys);

	bytes_put_char(out, node->type);
	put_children(out, children, n, style, depth);
	put_break(out, style, depth);
	bytes_put_char(out, node->type == '{' ? '}' : ']');
	free(children);
}

void
json_layout_write(struct bytes *out, const struct json_layout_node *node,
    const struct json_layout_style *style)
{
	put_node(out, node, style, 0);
}
