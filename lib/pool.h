/*
 * An allocator for what comes in thousands and goes together: the nodes of
 * JSON documents.  Memory is handed out from chunks in a row, and taken back
 * all at once.
 *
 * It is one for the whole process and for one thread: for the responder, not
 * for libbillhook.
 */
#ifndef POOL_H
#define POOL_H

#include <stddef.h>

/* A piece of size bytes, aligned for any type; NULL without memory. */
void *pool_alloc(size_t size);

/* Takes back all pieces.  What one event needs stays at hand for the next. */
void pool_clear(void);

#endif
