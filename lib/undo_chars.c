/* Undoing conversions between character sets. */
#include <string.h>

#include "undo.h"

/* Windows-1252 where it differs from Latin-1: 0x80 to 0x9F; 0 is none. */
static const unsigned short cp1252[32] = {
	0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
	0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
	0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
	0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178,
};

/* The next character of UTF-8, of at most three bytes; -1 for what is none. */
static long
take_utf8(const char *body, size_t len, size_t *i)
{
	const unsigned char *s = (const unsigned char *)body + *i;
	size_t left = len - *i;

	if (s[0] < 0x80) {
		*i += 1;
		return s[0];
	}
	if (s[0] >= 0xC2 && s[0] < 0xE0 && left > 1 && (s[1] & 0xC0) == 0x80) {
		*i += 2;
		return (s[0] & 0x1F) << 6 | (s[1] & 0x3F);
	}
	if (s[0] >= 0xE0 && s[0] < 0xF0 && left > 2 &&
	    (s[1] & 0xC0) == 0x80 && (s[2] & 0xC0) == 0x80) {
		*i += 3;
		return (s[0] & 0x0F) << 12 | (s[1] & 0x3F) << 6 |
		    (s[2] & 0x3F);
	}
	return -1;
}

/* The byte that a character has in the set; -1 if it has none. */
static int
byte_of(long point, bool windows)
{
	int i;

	if (windows)
		for (i = 0; i < 32; i++)
			if (cp1252[i] != 0 && cp1252[i] == point)
				return 0x80 + i;
	return point >= 0 && point <= 0xFF ? (int)point : -1;
}

/* UTF-8 was read as a set of one byte each and written as UTF-8 again. */
static bool
unread(struct bytes *out, const char *body, size_t len, bool windows)
{
	bool changed = false;
	size_t i;
	int byte;

	for (i = 0; i < len;) {
		byte = byte_of(take_utf8(body, len, &i), windows);
		if (byte == -1)
			return false;
		bytes_put_char(out, (char)byte);
		changed |= byte > 0x7F;
	}
	return changed;
}

bool
undo_latin1_read(struct bytes *out, const char *body, size_t len)
{
	return unread(out, body, len, false);
}

bool
undo_cp1252_read(struct bytes *out, const char *body, size_t len)
{
	return unread(out, body, len, true);
}

/* UTF-8 was converted to a set of one byte each. */
static bool
unwrite(struct bytes *out, const char *body, size_t len, bool windows)
{
	const unsigned char *s = (const unsigned char *)body;
	bool changed = false;
	size_t i;

	for (i = 0; i < len; i++) {
		changed |= s[i] > 0x7F;
		bytes_put_utf8(out, windows && s[i] >= 0x80 && s[i] < 0xA0 ?
		    cp1252[s[i] - 0x80] : s[i]);
	}
	return changed;
}

bool
undo_latin1_written(struct bytes *out, const char *body, size_t len)
{
	return unwrite(out, body, len, false);
}

bool
undo_cp1252_written(struct bytes *out, const char *body, size_t len)
{
	return unwrite(out, body, len, true);
}

/* UTF-16 of either order, with or without its mark. */
bool
undo_utf16(struct bytes *out, const char *body, size_t len)
{
	const unsigned char *s = (const unsigned char *)body;
	unsigned long unit, high = 0;
	size_t i;
	bool big;

	if (len < 4 || len % 2 != 0)
		return false;
	if (s[0] == 0xFE || s[0] == 0xFF)
		big = s[0] == 0xFE;
	else if (s[0] == 0 || s[1] == 0)
		big = s[0] == 0;
	else
		return false;
	for (i = 0; i < len; i += 2) {
		unit = (unsigned long)(big ? s[i] : s[i + 1]) << 8 |
		    (big ? s[i + 1] : s[i]);
		if (i == 0 && unit == 0xFEFF)
			continue;
		if (unit >= 0xD800 && unit < 0xDC00) {
			high = unit;
			continue;
		}
		if (high != 0)
			unit = 0x10000 + ((high - 0xD800) << 10) +
			    ((unit - 0xDC00) & 0x3FF);
		high = 0;
		bytes_put_utf8(out, unit);
	}
	return true;
}
