/*
 * Events on record, as reports give them and as one is shown.
 */
#ifndef EVENTS_H
#define EVENTS_H

#include <stdbool.h>

#include "database.h"
#include "event.h"

/* The columns of the reports on events; the last two are not in all of them. */
enum events_column {
	EVENTS_ID, EVENTS_TYPE, EVENTS_CREATED, EVENTS_RECEIVED_AT,
	EVENTS_OBJECT_ID, EVENTS_LIVEMODE, EVENTS_ACCOUNT,
	EVENTS_API_VERSION, EVENTS_DELIVERIES, EVENTS_OUTCOME, EVENTS_ERROR,
	EVENTS_PAYLOAD, EVENTS_ARRIVAL
};

/* Shows one event.  The exit status. */
int events_show(struct database *db, const char *id, bool json);

/* The status that an event said its object has; NULL if it said none.  Lives in
 * the database's arena.  CLI_OK or CLI_PROBLEM. */
int events_status(struct database *db, const struct value *payload,
    const char **out);

/* The event that the row of an event's object is read from, "" if there is no
 * row; v is a row of a report on events.  CLI_OK, or CLI_PROBLEM and it was
 * said why. */
int events_state(struct database *db, const struct value *v,
    char id[EVENT_ID_MAX + 1]);

#endif
