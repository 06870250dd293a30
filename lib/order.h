/*
 * Which event is the state of an object.
 *
 * Stripe promises no order of delivery, and its times have whole seconds.  So
 * the state is a function of the set of an object's events, never of their
 * arrival: each event has a rank; only the events of the highest rank (the
 * last second) and of the next (the second before) count; and inside a second
 * the updates, read as steps from a row to a row, form a walk whose end is
 * the row that they enter more often than they leave.
 */
#ifndef ORDER_H
#define ORDER_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "event.h"
#include "shape.h"

/* Events of one object in one second that are looked at; beyond them the
 * second counts as undecided. */
#define ORDER_SECOND_MAX 256

/* One event of a second. */
struct snapshot {
	struct event event;
	struct row   row;	/* what its object shows */
	struct row   before;	/* for a step: the row before it */
	bool	     step;	/* an update with previous_attributes */
};

/*
 * Fills row, and for a step before, from snapshot->event, which is read
 * already.  *reverted is what a step's before borrows from: the caller's, to
 * be freed with json_free() after the snapshot; NULL where it is no step.
 */
enum shape_result order_snapshot(struct snapshot *snapshot,
    struct json_doc **reverted, struct arena *arena, char *error,
    size_t error_size);

/* The events of one rank, in no order. */
struct second {
	struct snapshot *snapshots;
	size_t		 n;
	bool		 overfull;	/* there are more than are given here;
					 * given are those of greatest id */
};

struct decision {
	size_t	state;	/* index into the last second's snapshots */
	bool	tie;	/* the last second is undecided */
	bool	gap;	/* it starts from a row with which the second before
			 * did not end: an event was missed */
};

/*
 * Decides.  last has at least one snapshot; before is NULL, or has none, where
 * there is no second before in the same life of the object, and need not be
 * given where order_asks_before() is false.  0, or -1 without memory.
 */
int order_decide(struct decision *out, const struct second *last,
    const struct second *before, struct arena *arena);

/* True if the decision can depend on the second before. */
bool order_asks_before(const struct second *last);

#endif
