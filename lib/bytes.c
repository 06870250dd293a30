/* Runs of bytes that grow up to a maximum. */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"

#define FIRST 256

void
bytes_init(struct bytes *bytes, size_t max)
{
	memset(bytes, 0, sizeof(*bytes));
	bytes->max = max;
}

void
bytes_free(struct bytes *bytes)
{
	free(bytes->data);
	bytes_init(bytes, bytes->max);
}

void
bytes_clear(struct bytes *bytes)
{
	bytes->len = 0;
	bytes->failed = false;
	if (bytes->data != NULL)
		bytes->data[0] = '\0';
}

/* Makes room for len more bytes and a NUL. */
static bool
reserve(struct bytes *bytes, size_t len)
{
	size_t size = bytes->size == 0 ? FIRST : bytes->size;
	char *data;

	if (bytes->failed || len > bytes->max - bytes->len) {
		bytes->failed = true;
		return false;
	}
	if (bytes->len + len < bytes->size)
		return true;
	while (size <= bytes->len + len)
		size *= 2;
	if ((data = realloc(bytes->data, size)) == NULL) {
		bytes->failed = true;
		return false;
	}
	bytes->data = data;
	bytes->size = size;
	return true;
}

void
bytes_put(struct bytes *bytes, const void *data, size_t len)
{
	if (!reserve(bytes, len))
		return;
	if (len > 0)
		memcpy(bytes->data + bytes->len, data, len);
	bytes->len += len;
	bytes->data[bytes->len] = '\0';
}

void
bytes_put_char(struct bytes *bytes, char c)
{
	bytes_put(bytes, &c, 1);
}

void
bytes_put_text(struct bytes *bytes, const char *text)
{
	bytes_put(bytes, text, strlen(text));
}

void
bytes_put_utf8(struct bytes *bytes, unsigned long point)
{
	unsigned char out[4];
	size_t len = point < 0x80 ? 1 : point < 0x800 ? 2 :
	    point < 0x10000 ? 3 : 4, i;

	if (point > 0x10FFFF) {
		bytes->failed = true;
		return;
	}
	for (i = len; i-- > 1; point >>= 6)
		out[i] = (unsigned char)(0x80 | (point & 0x3F));
	out[0] = (unsigned char)(len == 1 ? point :
	    (0xF0 << (4 - len) & 0xFF) | point);
	bytes_put(bytes, out, len);
}
