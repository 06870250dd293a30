/*
 * What a tenant's subscription is worth: its status as its snapshot says,
 * moved only where other rows prove that Stripe has moved on; and which of
 * several subscriptions is a tenant's first.
 */
#ifndef STATUS_H
#define STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "value.h"

/*
 * The rows that a status is read from; each the columns of its table as in
 * shape.h, NULL where there is no such row.  One of subscription and session
 * is there: where there is no snapshot of a subscription, the complete session
 * that names it stands for it.
 */
struct status_rows {
	const struct value *subscription;
	const struct value *session;	/* that names it */
	const struct value *customer;
	const struct value *first;	/* a paid invoice subscription_create */
	const struct value *latest;	/* its latest invoice */
};

struct status {
	const char *word;	/* NULL if the snapshot has none */
	const char *from;	/* subscription, checkout, invoice, customer */
	int64_t	    updated_at;	/* of the snapshot, or of the row that moved
				 * the status if that is later */
};

struct status status_of(const struct status_rows *rows);

/* True for canceled and incomplete_expired, which nothing leaves. */
bool status_is_final(const char *word);

/* True if the status could be moved by invoices: they need to be looked up. */
bool status_asks_first(const char *word);
bool status_asks_latest(const char *word);

/* A subscription among those of its tenant. */
struct status_candidate {
	bool	    livemode;
	const char *word;	/* as status_of() says */
	bool	    has_created;
	int64_t	    created;
	const char *id;
};

/* < 0 if a comes before b as the subscription of its tenant, > 0 if after. */
int status_compare(const struct status_candidate *a,
    const struct status_candidate *b);

#endif
