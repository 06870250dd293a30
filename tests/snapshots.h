/*
 * What the tests of shapes, rank and order share: events and their rows, read
 * from JSON.  Bodies are written with ' in place of ", which reads better.
 */
#ifndef SNAPSHOTS_H
#define SNAPSHOTS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "event.h"
#include "order.h"
#include "rank.h"
#include "shape.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static struct arena *arena;	/* of the test that runs */
static char error[200];		/* of the last reading */

/* An envelope; what is 0 or NULL has the usual value. */
struct envelope {
	const char *id;
	const char *type;	/* to be given */
	const char *version;
	const char *request;	/* its id */
	int64_t	    created;
	bool	    live;
	const char *object;	/* JSON; to be given */
	const char *previous;	/* JSON */
};

/* The body of an event, with quotes put right; in the arena. */
static inline char *
body_of(const struct envelope *e)
{
	char *body, *p;

	body = arena_printf(arena, "{'id':'%s','object':'event',"
	    "'api_version':'%s','created':%lld,'livemode':%s,"
	    "'request':{'id':'%s','idempotency_key':null},'type':'%s',"
	    "'data':{'object':%s%s%s}}",
	    e->id != NULL ? e->id : "evt_1",
	    e->version != NULL ? e->version : "2020-08-27",
	    (long long)(e->created != 0 ? e->created : 1750000000),
	    e->live ? "true" : "false",
	    e->request != NULL ? e->request : "req_1", e->type, e->object,
	    e->previous != NULL ? ",'previous_attributes':" : "",
	    e->previous != NULL ? e->previous : "");
	if (body == NULL)
		abort();
	for (p = body; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	return body;
}

/* Reads an event that must have an envelope that can be read. */
static inline void
event_of(struct event *event, const struct envelope *e)
{
	char *body = body_of(e);

	if (event_parse(event, body, strlen(body)) != EVENT_OK) {
		printf("Bail out! %s: %s\n", event->error, body);
		exit(1);
	}
}

/* Reads a snapshot; where it cannot be read error says why.  It is given back
 * with forget(). */
static inline enum shape_result
snapshot_of(struct snapshot *snapshot, struct json_doc **reverted,
    const struct envelope *e)
{
	memset(snapshot, 0, sizeof(*snapshot));
	*error = '\0';
	event_of(&snapshot->event, e);
	return order_snapshot(snapshot, reverted, arena, error, sizeof(error));
}

static inline void
forget(struct snapshot *snapshot, struct json_doc *reverted)
{
	json_free(reverted);
	event_clear(&snapshot->event);
}

/* A value as text: NULL, digits, or what it says. */
static inline const char *
shown(const struct value *v)
{
	static char text[32];

	switch (v->type) {
	case VALUE_NULL:
		return "NULL";
	case VALUE_INT:
		snprintf(text, sizeof(text), "%lld", (long long)v->i);
		return text;
	default:
		return v->s;
	}
}

#endif
