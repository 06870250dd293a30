/* Undoing what happens to a body's bytes: its ends, its line ends, and the
 * encodings that wrap it byte by byte. */
#include <string.h>

#include "undo.h"

#define BOM "\xEF\xBB\xBF"
#define BLANKS " \t\r\n"
#define HEX "0123456789abcdef0123456789ABCDEF"

static bool
is_one_of(const char *set, char c)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* The first byte that is no blank. */
static size_t
skip_blanks(const char *body, size_t len)
{
	size_t i = 0;

	while (i < len && is_one_of(BLANKS, body[i]))
		i++;
	return i;
}

bool
undo_newline_added(struct bytes *out, const char *body, size_t len)
{
	size_t end = len;

	while (end > 0 && is_one_of(BLANKS, body[end - 1]))
		end--;
	bytes_put(out, body, end);
	return end < len;
}

bool
undo_newline_taken(struct bytes *out, const char *body, size_t len)
{
	bytes_put(out, body, len);
	bytes_put_char(out, '\n');
	return len > 0 && body[len - 1] != '\n';
}

bool
undo_crlf_taken(struct bytes *out, const char *body, size_t len)
{
	bytes_put(out, body, len);
	bytes_put_text(out, "\r\n");
	return len > 0 && body[len - 1] != '\n';
}

bool
undo_blanks_added(struct bytes *out, const char *body, size_t len)
{
	size_t start = skip_blanks(body, len);

	bytes_put(out, body + start, len - start);
	return start > 0;
}

bool
undo_crlf(struct bytes *out, const char *body, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (body[i] != '\r' || i + 1 == len || body[i + 1] != '\n')
			bytes_put_char(out, body[i]);
	return out->len < len;
}

bool
undo_lf(struct bytes *out, const char *body, size_t len)
{
	size_t i;

	if (memchr(body, '\r', len) != NULL)
		return false;
	for (i = 0; i < len; i++) {
		if (body[i] == '\n')
			bytes_put_char(out, '\r');
		bytes_put_char(out, body[i]);
	}
	return out->len > len;
}

bool
undo_bom_added(struct bytes *out, const char *body, size_t len)
{
	if (len < 3 || memcmp(body, BOM, 3) != 0)
		return false;
	bytes_put(out, body + 3, len - 3);
	return true;
}

bool
undo_bom_taken(struct bytes *out, const char *body, size_t len)
{
	if (len >= 3 && memcmp(body, BOM, 3) == 0)
		return false;
	bytes_put_text(out, BOM);
	bytes_put(out, body, len);
	return true;
}

bool
undo_nul_added(struct bytes *out, const char *body, size_t len)
{
	size_t end = len;

	while (end > 0 && body[end - 1] == '\0')
		end--;
	bytes_put(out, body, end);
	return end < len;
}

/* From the first '{' to the '}' that closes it. */
bool
undo_surrounded(struct bytes *out, const char *body, size_t len)
{
	const char *start = memchr(body, '{', len), *at, *end = body + len;
	bool text = false;
	size_t depth = 0;

	if (start == NULL)
		return false;
	for (at = start; at < end; at++) {
		if (text && *at == '\\')
			at++;
		else if (*at == '"')
			text = !text;
		else if (!text && *at == '{')
			depth++;
		else if (!text && *at == '}' && --depth == 0)
			break;
	}
	if (at >= end)
		return false;
	bytes_put(out, start, (size_t)(at + 1 - start));
	return true;
}

static int
hex_digit(char c)
{
	const char *digit = c == '\0' ? NULL : strchr(HEX, c);

	return digit == NULL ? -1 : (int)(digit - HEX) % 16;
}

/* Decodes %XX and, if told so, '+'.  A body that begins as JSON is none. */
static bool
url_decode(struct bytes *out, const char *body, size_t len, bool plus)
{
	size_t i, start = skip_blanks(body, len);
	bool decoded = false;

	if (start == len || is_one_of("{[\"", body[start]))
		return false;
	for (i = 0; i < len; i++)
		if (body[i] == '%' && len - i > 2 &&
		    hex_digit(body[i + 1]) != -1 &&
		    hex_digit(body[i + 2]) != -1) {
			bytes_put_char(out, (char)(hex_digit(body[i + 1]) * 16 +
			    hex_digit(body[i + 2])));
			i += 2;
			decoded = true;
		} else
			bytes_put_char(out, plus && body[i] == '+' ? ' ' :
			    body[i]);

	/* A whole body as the name of a field that has no value. */
	if (out->len > 1 && out->data[out->len - 1] == '=')
		out->data[--out->len] = '\0';
	return decoded;
}

bool
undo_url_encoded(struct bytes *out, const char *body, size_t len)
{
	return url_decode(out, body, len, false);
}

bool
undo_url_plus(struct bytes *out, const char *body, size_t len)
{
	return url_decode(out, body, len, true);
}

/* A body whose '+' became blanks and whose %XX were decoded although it never
 * was encoded: they come back where a blank cannot have been, in an address of
 * mail or on the net. */
static bool
restore_blanks(struct bytes *out, const char *body, size_t len,
    const char *in_url)
{
	const char *at, *quote, *end = body + len;
	const char *with;
	bool changed = false;

	for (at = body; at < end; at = quote) {
		quote = memchr(at + 1, '"', (size_t)(end - at - 1));
		if (quote == NULL)
			quote = end;
		with = " ";
		if (*at == '"' && quote - at > 5 &&
		    memcmp(at + 1, "http", 4) == 0)
			with = in_url;
		else if (*at == '"' &&
		    memchr(at, '@', (size_t)(quote - at)) != NULL)
			with = "+";
		for (; at < quote; at++)
			if (*at == ' ' && *with != ' ') {
				bytes_put_text(out, with);
				changed = true;
			} else
				bytes_put_char(out, *at);
	}
	return changed;
}

bool
undo_plus_decoded(struct bytes *out, const char *body, size_t len)
{
	return restore_blanks(out, body, len, "+");
}

bool
undo_blank_decoded(struct bytes *out, const char *body, size_t len)
{
	return restore_blanks(out, body, len, "%20");
}

static const char base64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool
undo_base64_encoded(struct bytes *out, const char *body, size_t len)
{
	unsigned long bits = 0;
	size_t i, n = 0;
	const char *digit;
	char c;

	for (i = 0; i < len && body[i] != '='; i++) {
		if (is_one_of(BLANKS, body[i]))
			continue;
		c = body[i] == '-' ? '+' : body[i] == '_' ? '/' : body[i];
		digit = c == '\0' ? NULL : strchr(base64, c);
		if (digit == NULL)
			return false;
		bits = (bits << 6 | (unsigned long)(digit - base64)) &
		    0xFFFFFF;
		if (++n % 4 != 1)
			bytes_put_char(out,
			    (char)(bits >> (8 - n % 4 * 2) % 8 & 0xFF));
	}
	return n > 8;
}

bool
undo_base64_decoded(struct bytes *out, const char *body, size_t len)
{
	size_t i;

	for (i = 0; i < len; i += 3) {
		unsigned long bits = (unsigned long)(unsigned char)body[i]
		    << 16;

		if (i + 1 < len)
			bits |= (unsigned long)(unsigned char)body[i + 1] << 8;
		if (i + 2 < len)
			bits |= (unsigned char)body[i + 2];
		bytes_put_char(out, base64[bits >> 18]);
		bytes_put_char(out, base64[bits >> 12 & 63]);
		bytes_put_char(out, i + 1 < len ? base64[bits >> 6 & 63] : '=');
		bytes_put_char(out, i + 2 < len ? base64[bits & 63] : '=');
	}
	return len > 0;
}

/* The ASCII character that an entity stands for, and its length; 0 if it is
 * none. */
static size_t
take_entity(const char *body, size_t len, char *c)
{
	static const struct { const char *name; char c; } entities[] = {
		{ "&quot;", '"' }, { "&lt;", '<' }, { "&gt;", '>' },
		{ "&apos;", '\'' }, { "&amp;", '&' },
	};
	size_t i, n = sizeof(entities) / sizeof(entities[0]);
	int point = 0;

	for (i = 0; i < n; i++)
		if (len >= strlen(entities[i].name) && memcmp(body,
		    entities[i].name, strlen(entities[i].name)) == 0) {
			*c = entities[i].c;
			return strlen(entities[i].name);
		}
	if (len < 4 || body[1] != '#')
		return 0;
	for (i = 2; i < len && i < 6 && body[i] >= '0' && body[i] <= '9'; i++)
		point = point * 10 + (body[i] - '0');
	if (i == 2 || i == len || body[i] != ';' || point == 0 || point > 127)
		return 0;
	*c = (char)point;
	return i + 1;
}

bool
undo_html_escaped(struct bytes *out, const char *body, size_t len)
{
	bool changed = false;
	size_t i, taken;
	char c;

	for (i = 0; i < len; i += taken) {
		taken = body[i] == '&' ?
		    take_entity(body + i, len - i, &c) : 0;
		changed |= taken > 0;
		bytes_put_char(out, taken > 0 ? c : body[i]);
		if (taken == 0)
			taken = 1;
	}
	return changed;
}

/* PHP's addslashes(), as WordPress does to everything that comes in. */
bool
undo_slashed(struct bytes *out, const char *body, size_t len)
{
	size_t i = skip_blanks(body, len);

	if (len - i < 3 || body[i] != '{' ||
	    memmem(body, len, "\\\"", 2) == NULL)
		return false;
	for (i = 0; i < len; i++) {
		if (body[i] == '\\' && i + 1 < len)
			i++;
		bytes_put_char(out, body[i]);
	}
	return true;
}
