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

struct comparison {
	const struct claim *claim;
	bool		   *differs;
};

static bool
same_node(const struct json *a, const struct json *b)
{
	return a == NULL || b == NULL ? a == b : json_equal(a, b);
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Of what stands round data some may differ: pending_webhooks counts down. */
static int
compare_payload(void *arg, const struct value *v, size_t n)
{
	struct comparison *comparison = arg;
	const struct claim *claim = comparison->claim;
	const struct event *event = claim->event;
	struct event stored;
	enum event_result rc;

	(void)n;
	if (v[0].type != VALUE_BYTES || (v[0].len == claim->len &&
	    memcmp(v[0].s, claim->body, claim->len) == 0))
		return 1;
	rc = event_parse(&stored, v[0].s, v[0].len);
	if (rc == EVENT_ENOMEM)
		return -1;
	*comparison->differs = rc != EVENT_INVALID &&
	    event_version_compare(event->api_version, stored.api_version) ==
	    0 && !(event->created == stored.created &&
	    event->livemode == stored.livemode &&
	    same_text(event->type, stored.type) &&
	    same_text(event->account, stored.account) &&
	    same_node(event->object, stored.object) &&
	    same_node(event->previous, stored.previous));
	event_clear(&stored);
	return 1;
}

enum db_result
reading_differs(struct ops *ops, const struct claim *claim, bool *out)
{
	struct value param = value_text(claim->event->id);
	struct comparison comparison = {claim, out};

	*out = false;
	/* The dashboard's test event always has the same id. */
	if (claim->rank == NULL && !claim->parked)
		return DB_OK;
	return db_run(ops->db, STATEMENT_EVENT_PAYLOAD, &param,
	    compare_payload, &comparison);
}
