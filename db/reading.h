/*
 * An event read whole, and what is to become of it: all that needs no
 * transaction.
 */
#ifndef READING_H
#define READING_H

#include "ops.h"
#include "recorded.h"
#include "store.h"

struct reading {
	struct loaded	  *loaded;	/* owned by ops */
	enum store_outcome verdict;	/* applied, ignored or failed; why not
					 * applied is in its event's error */
	unsigned char	   rank[RANK_LEN];
	bool		   ranked;	/* if applied */
};

enum reading_result {
	READING_OK,
	READING_EPAYLOAD,	/* not an event: words in the event's error */
	READING_ENOMEM
};

/* Reads a verified body under the recorded settings.  The event goes to
 * ops->loaded in every case but READING_ENOMEM. */
enum reading_result reading_event(struct reading *out, struct ops *ops,
    const struct recorded *recorded, const void *body, size_t len);

/* The claim that a reading makes. */
struct claim reading_claim(const struct reading *reading, const void *body,
    size_t len);

/* Whether a repeat says something else than the event on record does, in the
 * same API version: nothing that Stripe does.  Not asked of what is ignored. */
enum db_result reading_differs(struct ops *ops, const struct claim *claim,
    bool *out);

#endif
