/*
 * A growing run of bytes, born with its maximum.  A failure sticks: what is
 * put into a failed one is dropped, and one question at the end is enough.
 */
#ifndef BYTES_H
#define BYTES_H

#include <stdbool.h>
#include <stddef.h>

struct bytes {
	char	*data;		/* NULL while empty; a NUL stands behind len */
	size_t	 len;
	size_t	 size;		/* of the memory */
	size_t	 max;		/* len never goes beyond */
	bool	 failed;	/* no memory, or the maximum */
};

/* An empty run of at most max bytes; holds no memory yet. */
void bytes_init(struct bytes *bytes, size_t max);

/* Frees; the run is empty afterwards and may be used again. */
void bytes_free(struct bytes *bytes);

/* Empties and keeps the memory; a failure is forgotten. */
void bytes_clear(struct bytes *bytes);

void bytes_put(struct bytes *bytes, const void *data, size_t len);
void bytes_put_char(struct bytes *bytes, char c);
void bytes_put_text(struct bytes *bytes, const char *text);

/* A code point in UTF-8; one beyond U+10FFFF is a failure. */
void bytes_put_utf8(struct bytes *bytes, unsigned long point);

#endif
