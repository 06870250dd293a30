/* JSON that was parsed and printed anew: printed as it may have been signed,
 * and named by how it came. */
#include <stdlib.h>
#include <string.h>

#include "diagnosis_try.h"
#include "json_layout.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* The layouts in which something may have been signed, Stripe's first: with
 * two spaces today, with open brackets until 2024, in one line (v2). */
static const struct layout {
	int indent;
	bool blanks;
	enum json_layout_empty empty;
	enum diagnosis_cause cause;	/* of a body that came so */
} layouts[] = {
	{ 2, true, LAYOUT_CLOSED, CAUSE_JSON_INDENT_2 },
	{ 2, true, LAYOUT_OPEN, CAUSE_JSON_INDENT_2 },
	{ 2, true, LAYOUT_WIDE, CAUSE_JSON_INDENT_2 },
	{ 0, false, LAYOUT_CLOSED, CAUSE_JSON_MINIFIED },
	{ 4, true, LAYOUT_CLOSED, CAUSE_JSON_INDENT_4 },
	{ -1, true, LAYOUT_CLOSED, CAUSE_JSON_TAB },
	{ 0, true, LAYOUT_CLOSED, CAUSE_JSON_PYTHON },
};

/* What a body has that can have been another way. */
struct features {
	bool slash, slash_escaped, beyond, unicode, html, html_escaped;
	bool hashes;
};

static bool
holds(const char *body, size_t len, const char *text)
{
	return memmem(body, len, text, strlen(text)) != NULL;
}

/* Whether an escape \uXXXX stands there, for a character beyond ASCII. */
static bool
is_unicode_escape(const char *s, size_t len)
{
	char digits[5];

	if (len < 6 || s[0] != '\\' || s[1] != 'u')
		return false;
	memcpy(digits, s + 2, 4);
	digits[4] = '\0';
	return strtoul(digits, NULL, 16) > 0x7F;
}

static struct features
look_for_features(const char *body, size_t len)
{
	struct features has = { .slash = memchr(body, '/', len) != NULL };
	size_t i;

	for (i = 0; i < len; i++) {
		has.beyond |= (unsigned char)body[i] > 0x7F;
		has.unicode |= is_unicode_escape(body + i, len - i);
	}
	has.slash_escaped = holds(body, len, "\\/");
	has.html_escaped = holds(body, len, "\\u003c") ||
	    holds(body, len, "\\u003e") || holds(body, len, "\\u0026") ||
	    holds(body, len, "\\u003C") || holds(body, len, "\\u003E");
	has.html = has.html_escaped || memchr(body, '<', len) != NULL ||
	    memchr(body, '>', len) != NULL || memchr(body, '&', len) != NULL;
	has.hashes = holds(body, len, "\"metadata\":[]") ||
	    holds(body, len, "\"metadata\": []");
	return has;
}

/* The layout in which the body came, or CAUSE_JSON_SPACED. */
static enum diagnosis_cause
layout_of(const struct json_layout_node *root, const char *body, size_t len)
{
	enum diagnosis_cause cause = CAUSE_JSON_SPACED;
	struct json_layout_style style = { .literal = true };
	struct bytes out;
	size_t i;

	while (len > 0 && (body[len - 1] == '\n' || body[len - 1] == '\r'))
		len--;
	bytes_init(&out, len + 1);
	for (i = 0; i < COUNT(layouts) && cause == CAUSE_JSON_SPACED; i++) {
		style.indent = layouts[i].indent;
		style.blanks = layouts[i].blanks;
		style.empty = layouts[i].empty;
		bytes_clear(&out);
		json_layout_write(&out, root, &style);
		if (!out.failed && out.len == len &&
		    memcmp(out.data, body, len) == 0)
			cause = layouts[i].cause;
	}
	bytes_free(&out);
	return cause;
}

/* Names what was done, from how the body came and how it was signed. */
static void
name_causes(struct diagnosis *found, const struct json_layout_node *root,
    const char *body, size_t len, const struct json_layout_style *style,
    enum diagnosis_cause signed_as)
{
	struct features has = look_for_features(body, len);
	enum diagnosis_cause came_as = layout_of(root, body, len);
	size_t before = found->ncauses;

	if (came_as != signed_as)
		diagnosis_add(found, came_as);
	if (style->order != LAYOUT_KEPT)
		diagnosis_add(found, CAUSE_JSON_SORTED);
	if (has.unicode && style->unicode == LAYOUT_RAW)
		diagnosis_add(found, CAUSE_JSON_UNICODE);
	if (has.slash_escaped && !style->slashes)
		diagnosis_add(found, CAUSE_JSON_SLASHES);
	if (has.html_escaped && !style->html)
		diagnosis_add(found, CAUSE_JSON_HTML);
	if (style->hashes)
		diagnosis_add(found, CAUSE_JSON_HASHES);
	if (found->ncauses == before)
		diagnosis_add(found, style->empty != LAYOUT_CLOSED ?
		    came_as : CAUSE_JSON_ESCAPES);
}

/* Prints in one style, with a line end and without.  True if it verifies. */
static bool
try_style(struct diagnosis_try *attempt, struct bytes *out,
    const struct json_layout_node *root, const struct json_layout_style *style)
{
	bytes_clear(out);
	json_layout_write(out, root, style);
	if (out->failed)
		return false;
	if (diagnosis_try(attempt, out->data, out->len))
		return true;
	bytes_put_char(out, '\n');
	return diagnosis_try(attempt, out->data, out->len);
}

/* Whether the body has anything that this style writes otherwise. */
static bool
is_different(const struct json_layout_style *style, const struct features *has)
{
	return (style->unicode == LAYOUT_RAW || has->beyond || has->unicode) &&
	    (!style->slashes || has->slash) && (!style->html || has->html) &&
	    (!style->hashes || has->hashes);
}

/* All styles of one layout, as far as they differ for this body. */
static bool
try_layout(struct diagnosis_try *attempt, struct bytes *out,
    const struct json_layout_node *root, const struct features *has,
    struct json_layout_style *style)
{
	int i;

	/* Three orders, three ways with Unicode, and three ways or none. */
	for (i = 0; i < 3 * 3 * 8; i++) {
		style->order = i / 24;
		style->unicode = i / 8 % 3;
		style->slashes = i / 4 % 2;
		style->html = i / 2 % 2;
		style->hashes = i % 2;
		if (attempt->budget == 0)
			return false;
		if (is_different(style, has) &&
		    try_style(attempt, out, root, style))
			return true;
	}
	return false;
}

bool
diagnosis_relaid(struct diagnosis_try *attempt, const char *body, size_t len)
{
	struct json_layout_style style = { 0 };
	const struct json_layout_node *root;
	struct json_layout *layout;
	struct features has;
	struct bytes out;
	bool good = false;
	size_t i;

	if ((layout = json_layout_new(body, len)) == NULL)
		return false;
	root = json_layout_root(layout);
	has = look_for_features(body, len);
	/* Indentation makes up most of a body that has many levels. */
	bytes_init(&out, 16 * len + 64);
	for (i = 0; i < COUNT(layouts) && !good; i++) {
		style.indent = layouts[i].indent;
		style.blanks = layouts[i].blanks;
		style.empty = layouts[i].empty;
		good = root->type == '{' &&
		    try_layout(attempt, &out, root, &has, &style);
		if (good)
			name_causes(attempt->found, root, body, len, &style,
			    layouts[i].cause);
	}
	bytes_free(&out);
	json_layout_free(layout);
	return good;
}
