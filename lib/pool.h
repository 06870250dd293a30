/*
 * An allocator for what comes in thousands and goes together: the nodes of
 * JSON documents.  Memory is handed out from chunks in a row; giving a piece
 * back only counts it, and when the last is back all is free again.
 *
 * It is one for the whole process and for one thread: for the responder, not
 * for libbillhook.
 */
#ifndef POOL_H
#define POOL_H

#include <stddef.h>

/* A piece of size bytes, aligned for any type; NULL without memory. */
void *pool_alloc(size_t size);

/* Gives a piece back.  NULL is legal. */
void pool_release(void *piece);

#endif
