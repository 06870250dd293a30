/*
 * A Stripe event: its envelope (https://docs.stripe.com/api/events/object),
 * and what billhook does with its type.
 */
#ifndef EVENT_H
#define EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json.h"

#define EVENT_ID_MAX	255	/* bytes; Stripe's own bound of an id */

/* The objects that billhook keeps.  The order is that of the rank's first
 * byte, and so part of the file format: add at the end only. */
enum kind {
	KIND_NONE,
	KIND_SUBSCRIPTION,
	KIND_INVOICE,
	KIND_SESSION,
	KIND_CUSTOMER,
	KIND_PRODUCT,
	KIND_PRICE,
	KIND_ENTITLEMENTS,
	KIND__MAX
};

/* What a type says of its object, as far as the rules ask. */
enum verb {
	VERB_NOTICE,	/* announces, changes nothing (trial_will_end, ...) */
	VERB_CREATED,
	VERB_UPDATED,	/* a step, where previous_attributes came with it */
	VERB_OTHER,
	VERB_SETTLED,	/* payment_failed, paid, paused, resumed: the last of
			 * several events of one second */
	VERB_DELETED
};

struct event_type {
	const char *name;	/* as Stripe writes it */
	enum kind   kind;
	enum verb   verb;
	const char *status;	/* the status which the type itself proves, for
				 * a body without one; NULL if none */
};

/* The row of a type that billhook acts on; NULL for any other. */
const struct event_type *event_type_find(const char *name);

/* All types, for lists and for completion; ends with a NULL name. */
const struct event_type *event_types(void);

enum event_result {
	EVENT_OK,
	EVENT_INVALID,	/* not an event: no JSON, no object, no id */
	EVENT_THIN,	/* a v2.core.event: it carries no object */
	EVENT_IGNORED,	/* nothing that billhook acts on */
	EVENT_UNREADABLE, /* an event, but its envelope cannot be read */
	EVENT_ENOMEM
};

struct event {
	struct json_doc		*doc;		/* owned */
	const char		*id;		/* borrowed from doc, as all */
	const char		*type;		/* NULL if none */
	const char		*api_version;	/* NULL if none */
	const char		*account;	/* NULL if none */
	const char		*object_id;	/* NULL if none; a summary of
						 * entitlements: its customer */
	bool			 has_created;
	int64_t			 created;	/* Unix seconds */
	bool			 livemode;
	const struct event_type	*known;		/* NULL if not acted on */
	const struct json	*request;	/* NULL if none */
	const struct json	*object;	/* data.object, NULL if none */
	const struct json	*previous;	/* data.previous_attributes,
						 * NULL if none or empty */
	char			 error[160];	/* why not EVENT_OK */
};

/*
 * Reads the envelope of a verified body.  *out is filled in every case and
 * given back with event_clear(); with EVENT_INVALID and EVENT_ENOMEM only
 * error is of use, else at least id is.
 */
enum event_result event_parse(struct event *out, const void *body, size_t len);

/* Frees what the event owns.  An event of zero bytes is legal. */
void event_clear(struct event *event);

/* < 0, 0, > 0 as version a is before, equal to or after b: by their first ten
 * characters, a missing one before all. */
int event_version_compare(const char *a, const char *b);

#endif
