#include "pool.h"

#include <stdint.h>
#include <stdlib.h>

#define ALIGNMENT _Alignof(max_align_t)
#define CHUNK	  ((size_t)256 * 1024)

struct chunk {
	struct chunk		 *older;
	size_t			  size;
	size_t			  used;
	_Alignas(ALIGNMENT) char bytes[];
};

static struct chunk *newest;

static struct chunk *
add_chunk(size_t size)
{
	struct chunk *chunk;

	if (size < CHUNK)
		size = CHUNK;
	if (size > SIZE_MAX - sizeof(*chunk))
		return NULL;
	chunk = malloc(sizeof(*chunk) + size);
	if (chunk == NULL)
		return NULL;
	chunk->size = size;
	chunk->used = 0;
	chunk->older = newest;
	newest = chunk;
	return chunk;
}

void *
pool_alloc(size_t size)
{
	struct chunk *chunk = newest;
	void *piece;

	if (size > SIZE_MAX - ALIGNMENT)
		return NULL;
	/* Even nothing gets an address of its own. */
	size = size == 0 ? ALIGNMENT :
	    (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (chunk == NULL || size > chunk->size - chunk->used)
		chunk = add_chunk(size);
	if (chunk == NULL)
		return NULL;
	piece = chunk->bytes + chunk->used;
	chunk->used += size;
	return piece;
}

void
pool_clear(void)
{
	struct chunk *chunk;

	/* The oldest stays, unless a single large piece made it so. */
	while ((chunk = newest) != NULL &&
	    (chunk->older != NULL || chunk->size > CHUNK)) {
		newest = chunk->older;
		free(chunk);
	}
	if (newest != NULL)
		newest->used = 0;
}
