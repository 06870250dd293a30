#include <string.h>

#include "json_scan.h"

#define NUMBER_MAX	63	/* characters of a number that any cJSON reads */

enum want {
	WANT_VALUE,
	WANT_FIRST_VALUE,	/* or the end of an empty list */
	WANT_KEY,
	WANT_FIRST_KEY,		/* or the end of an empty object */
	WANT_COLON,
	WANT_COMMA,		/* or the end of the list or object */
	WANT_NOTHING
};

struct scan {
	unsigned char *p;
	unsigned char *end;
	enum want      want;
	size_t	       depth;
	unsigned char  closer[JSON_SCAN_DEPTH];	/* of each open level */
};

/* The next byte; 0, which is nowhere legal, at the end, too. */
static unsigned char
peek(const struct scan *s)
{
	return *s->p;
}

static bool
is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static void
skip_blanks(struct scan *s)
{
	unsigned char *p = s->p;

	while (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')
		p++;
	s->p = p;
}

/* The digits at the place; false if there are none. */
static bool
skip_digits(struct scan *s)
{
	if (!is_digit(peek(s)))
		return false;
	while (is_digit(peek(s)))
		s->p++;
	return true;
}

static bool
scan_number(struct scan *s)
{
	unsigned char *start = s->p;
	bool minus;

	/* Sign and whole part: no zero in front of other digits. */
	minus = peek(s) == '-';
	if (minus)
		s->p++;
	if (peek(s) == '0')
		s->p++;
	else if (!skip_digits(s))
		return false;

	/* Fraction and exponent, each with a digit at least. */
	if (peek(s) == '.') {
		s->p++;
		if (!skip_digits(s))
			return false;
	}
	if (peek(s) == 'e' || peek(s) == 'E') {
		s->p++;
		if (peek(s) == '+' || peek(s) == '-')
			s->p++;
		if (!skip_digits(s))
			return false;
	}

	if (s->p - start > NUMBER_MAX) {
		memset(start, ' ', (size_t)(s->p - start));
		memcpy(start, minus ? "-1e999" : "1e999", minus ? 6 : 5);
	}
	return true;
}

/* The code of an escape \uXXXX at p; -1 if there is none. */
static int
escaped_code(const struct scan *s, const unsigned char *p)
{
	int code = 0, i;

	if (s->end - p < 6 || p[0] != '\\' || p[1] != 'u')
		return -1;
	for (i = 2; i < 6; i++) {
		if (is_digit(p[i]))
			code = code * 16 + p[i] - '0';
		else if (p[i] >= 'a' && p[i] <= 'f')
			code = code * 16 + p[i] - 'a' + 10;
		else if (p[i] >= 'A' && p[i] <= 'F')
			code = code * 16 + p[i] - 'A' + 10;
		else
			return -1;
	}
	return code;
}

/* An escape; what cJSON cannot hold is overwritten. */
static bool
scan_escape(struct scan *s)
{
	int code, low;

	if (peek(s) != '\\')
		return false;
	if (s->p[1] != 'u') {
		if (s->p[1] == 0 || strchr("\"\\/bfnrt", s->p[1]) == NULL)
			return false;
		s->p += 2;
		return true;
	}
	if ((code = escaped_code(s, s->p)) < 0)
		return false;
	if (code >= 0xD800 && code < 0xDC00) {
		low = escaped_code(s, s->p + 6);
		if (low >= 0xDC00 && low < 0xE000) {
			s->p += 12;
			return true;
		}
	}
	if (code == 0 || (code >= 0xD800 && code < 0xE000))
		memset(s->p, 0xFF, 6);
	s->p += 6;
	return true;
}

static bool
scan_string(struct scan *s)
{
	unsigned char *p = s->p;

	if (*p++ != '"')
		return false;
	for (;;) {
		while (*p >= ' ' && *p != '"' && *p != '\\')
			p++;
		s->p = p;
		if (*p == '"')
			break;
		/* A control character is no escape. */
		if (!scan_escape(s))
			return false;
		p = s->p;
	}
	s->p++;
	return true;
}

static bool
scan_word(struct scan *s, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(s->end - s->p) < len || memcmp(s->p, word, len) != 0)
		return false;
	s->p += len;
	return true;
}

static bool
enter(struct scan *s, unsigned char closer, enum want want)
{
	if (s->depth == JSON_SCAN_DEPTH)
		return false;
	s->closer[s->depth++] = closer;
	s->p++;
	s->want = want;
	return true;
}

/* After a value: more of the level that it stands in, if there is one. */
static void
value_done(struct scan *s)
{
	s->want = s->depth > 0 ? WANT_COMMA : WANT_NOTHING;
}

static bool
leave(struct scan *s)
{
	if (s->depth == 0 || peek(s) != s->closer[s->depth - 1])
		return false;
	s->depth--;
	s->p++;
	value_done(s);
	return true;
}

static bool
scan_value(struct scan *s)
{
	bool good;

	switch (peek(s)) {
	case '{':
		return enter(s, '}', WANT_FIRST_KEY);
	case '[':
		return enter(s, ']', WANT_FIRST_VALUE);
	case '"':
		good = scan_string(s);
		break;
	case 't':
		good = scan_word(s, "true");
		break;
	case 'f':
		good = scan_word(s, "false");
		break;
	case 'n':
		good = scan_word(s, "null");
		break;
	default:
		good = scan_number(s);
	}
	value_done(s);
	return good;
}

/* One token of the grammar. */
static bool
scan_step(struct scan *s)
{
	switch (s->want) {
	case WANT_FIRST_VALUE:
		if (peek(s) == ']')
			return leave(s);
		return scan_value(s);
	case WANT_VALUE:
		return scan_value(s);
	case WANT_FIRST_KEY:
		if (peek(s) == '}')
			return leave(s);
		s->want = WANT_COLON;
		return scan_string(s);
	case WANT_KEY:
		s->want = WANT_COLON;
		return scan_string(s);
	case WANT_COLON:
		s->want = WANT_VALUE;
		return scan_word(s, ":");
	case WANT_COMMA:
		if (peek(s) != ',')
			return leave(s);
		s->p++;
		s->want = s->closer[s->depth - 1] == '}' ? WANT_KEY :
							   WANT_VALUE;
		return true;
	case WANT_NOTHING:
		break;
	}
	return false;
}

bool
json_scan(unsigned char *bytes, size_t len)
{
	struct scan s;

	s.p = bytes;
	s.end = bytes + len;
	s.want = WANT_VALUE;
	s.depth = 0;
	skip_blanks(&s);
	while (s.p < s.end) {
		if (!scan_step(&s))
			return false;
		skip_blanks(&s);
	}
	return s.want == WANT_NOTHING;
}

/* Bytes of the UTF-8 sequence at u; 0 if it is none. */
static size_t
sequence_len(const unsigned char *u)
{
	unsigned char low = 0x80, high = 0xBF;
	size_t len, i;

	if (u[0] < 0x80)
		return 1;
	if (u[0] < 0xC2 || u[0] > 0xF4)
		return 0;
	len = u[0] < 0xE0 ? 2 : u[0] < 0xF0 ? 3 : 4;

	/* The second byte is where longer forms than needed, surrogates and
	 * what is beyond the last code point show. */
	if (u[0] == 0xE0)
		low = 0xA0;
	else if (u[0] == 0xED)
		high = 0x9F;
	else if (u[0] == 0xF0)
		low = 0x90;
	else if (u[0] == 0xF4)
		high = 0x8F;
	if (u[1] < low || u[1] > high)
		return 0;
	for (i = 2; i < len; i++)
		if ((u[i] & 0xC0) != 0x80)
			return 0;
	return len;
}

bool
json_scan_text(const char *s)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t len;

	for (; *u != '\0'; u += len)
		if ((len = sequence_len(u)) == 0)
			return false;
	return true;
}
