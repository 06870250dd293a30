/*
 * The rank of an event among the events of its object, compared part by part:
 * mode, live above test; for products and prices the object's created, since
 * an id used again after deletion is a new life; the stage, which no life
 * lowers; 0 for *.created; the event's created; 1 for *.deleted.
 */
#ifndef RANK_H
#define RANK_H

#include "event.h"
#include "shape.h"

/* A rank as bytes whose order under memcmp is the order of ranks.  It stands
 * in the database: a change of it asks for a rebuild. */
#define RANK_LEN	21
#define RANK_LIFE	10	/* its first bytes: kind, mode, life */
#define RANK_KIND	1	/* its first byte: the kind */

void rank_of(unsigned char rank[RANK_LEN], const struct event *event,
    const struct row *row);

#endif
