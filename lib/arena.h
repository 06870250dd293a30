/*
 * An arena: memory for one request, given back as a whole.  It is born with
 * its maximum, so that no input can make it grow without end.
 */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

struct arena;

/* A new arena of at most max bytes, or NULL without memory. */
struct arena *arena_new(size_t max);

/* Gives back everything that was taken from the arena; it stays usable. */
void arena_reset(struct arena *arena);

/* Frees the arena and everything taken from it.  NULL is legal. */
void arena_free(struct arena *arena);

/* size zeroed bytes, aligned for any type; NULL at the maximum or without
 * memory. */
void *arena_alloc(struct arena *arena, size_t size);

/* n elements of size zeroed bytes; NULL also when n * size overflows. */
void *arena_array(struct arena *arena, size_t n, size_t size);

/* A copy of len bytes of s with a NUL behind them; NULL as arena_alloc. */
char *arena_text(struct arena *arena, const char *s, size_t len);

/* printf into the arena; NULL as arena_alloc. */
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
