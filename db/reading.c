#include <stdio.h>
#include <string.h>

#include "reading.h"

/* An event that nothing is read of: why not is in its error. */
static void
set_aside(struct reading *reading, enum store_outcome verdict, const char *why)
{
	struct event *event = &reading->loaded->snapshot.event;

	reading->verdict = verdict;
	if (why != NULL)
		snprintf(event->error, sizeof(event->error), "%s", why);
}

/* Reads the object, and gives the event its rank. */
static enum reading_result
read_object(struct reading *reading, struct ops *ops,
    const struct recorded *recorded)
{
	struct loaded *loaded = reading->loaded;
	struct event *event = &loaded->snapshot.event;
	const char *why = recorded_refuses(recorded, event);

	if (why != NULL) {
		set_aside(reading, OUTCOME_IGNORED, why);
		return READING_OK;
	}
	switch (order_snapshot(&loaded->snapshot, &loaded->reverted,
	    ops->arena, event->error, sizeof(event->error))) {
	case SHAPE_OK:
		rank_of(reading->rank, event, &loaded->snapshot.row);
		reading->ranked = true;
		reading->verdict = OUTCOME_APPLIED;
		return READING_OK;
	case SHAPE_UNREADABLE:
		set_aside(reading, OUTCOME_FAILED, NULL);
		return READING_OK;
	default:
		return READING_ENOMEM;
	}
}

enum reading_result
reading_event(struct reading *out, struct ops *ops,
    const struct recorded *recorded, const void *body, size_t len)
{
	struct loaded *loaded = arena_alloc(ops->arena, sizeof(*loaded));
	const char *why;

	memset(out, 0, sizeof(*out));
	if (loaded == NULL)
		return READING_ENOMEM;
	out->loaded = loaded;
	loaded->next = ops->loaded;
	ops->loaded = loaded;
	switch (event_parse(&loaded->snapshot.event, body, len)) {
	case EVENT_OK:
		return read_object(out, ops, recorded);
	case EVENT_THIN:
	case EVENT_IGNORED:
		set_aside(out, OUTCOME_IGNORED, NULL);
		return READING_OK;
	case EVENT_UNREADABLE:
		why = recorded_refuses(recorded, &loaded->snapshot.event);
		set_aside(out, why != NULL ? OUTCOME_IGNORED : OUTCOME_FAILED,
		    why);
		return READING_OK;
	case EVENT_INVALID:
		return READING_EPAYLOAD;
	default:
		return READING_ENOMEM;
	}
}

struct claim
reading_claim(const struct reading *reading, const void *body, size_t len)
{
	return (struct claim){
		.event = &reading->loaded->snapshot.event,
		.outcome = store_outcome_name(reading->verdict),
		.rank = reading->ranked ? reading->rank : NULL,
		.parked = reading->verdict == OUTCOME_FAILED,
		.body = body,
		.len = len,
	};
}
