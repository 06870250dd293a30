/*
 * A list of chunks, the newest first.  What does not fit into the newest gets
 * a chunk of its own size or of CHUNK bytes, whichever is more.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

#define CHUNK		((size_t)65536)
#define ALIGNMENT	_Alignof(max_align_t)

struct chunk {
	struct chunk *older;
	size_t	      size;
	size_t	      used;
	_Alignas(max_align_t) unsigned char bytes[];
};

struct arena {
	struct chunk *newest;
	size_t	      left;	/* of the maximum */
	size_t	      max;
};

struct arena *
arena_new(size_t max)
{
	struct arena *arena;

	arena = calloc(1, sizeof(*arena));
	if (arena != NULL)
		arena->left = arena->max = max;
	return arena;
}

/* Frees all chunks but the first, which is left empty for the next request. */
void
arena_reset(struct arena *arena)
{
	struct chunk *chunk;

	while ((chunk = arena->newest) != NULL && chunk->older != NULL) {
		arena->newest = chunk->older;
		free(chunk);
	}
	if (chunk != NULL) {
		memset(chunk->bytes, 0, chunk->used);
		chunk->used = 0;
	}
	arena->left = arena->max;
}

void
arena_free(struct arena *arena)
{
	if (arena == NULL)
		return;
	arena_reset(arena);
	free(arena->newest);
	free(arena);
}

static struct chunk *
add_chunk(struct arena *arena, size_t size)
{
	struct chunk *chunk;

	if (size < CHUNK)
		size = CHUNK;
	if (size > SIZE_MAX - sizeof(*chunk))
		return NULL;
	chunk = calloc(1, sizeof(*chunk) + size);
	if (chunk == NULL)
		return NULL;
	chunk->size = size;
	chunk->older = arena->newest;
	arena->newest = chunk;
	return chunk;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	struct chunk *chunk = arena->newest;
	void *p;

	/* Even nothing gets an address of its own. */
	if (size == 0)
		size = 1;
	if (size > SIZE_MAX - ALIGNMENT)
		return NULL;
	size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (size > arena->left)
		return NULL;
	if (chunk == NULL || size > chunk->size - chunk->used)
		chunk = add_chunk(arena, size);
	if (chunk == NULL)
		return NULL;
	p = chunk->bytes + chunk->used;
	chunk->used += size;
	arena->left -= size;
	return p;
}

void *
arena_array(struct arena *arena, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size)
		return NULL;
	return arena_alloc(arena, n * size);
}

char *
arena_text(struct arena *arena, const char *s, size_t len)
{
	char *copy;

	if (len == SIZE_MAX)
		return NULL;
	copy = arena_alloc(arena, len + 1);
	if (copy != NULL && len > 0)
		memcpy(copy, s, len);
	return copy;
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	/* Measure, then print. */
	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		return NULL;
	text = arena_alloc(arena, (size_t)len + 1);
	if (text == NULL)
		return NULL;
	va_start(args, format);
	(void)vsnprintf(text, (size_t)len + 1, format, args);
	va_end(args);
	return text;
}
