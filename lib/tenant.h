/*
 * Whose a subscription, a checkout session or a customer is.
 */
#ifndef TENANT_H
#define TENANT_H

#include <stdbool.h>

#include "arena.h"
#include "value.h"

/* What a checkout session says of the tenant; "" or NULL where nothing. */
struct tenant_session {
	const char *metadata;		/* under the tenant key */
	const char *client_reference_id;
};

/* All that the tenant is read from.  A session or a customer leaves out what
 * stands before its own place in the list, and customer_id. */
struct tenant_facts {
	const char	     *subscription;	/* its metadata's tenant */
	struct tenant_session session;	/* the one that names it, or itself */
	const char	     *customer;		/* its metadata's tenant */
	struct tenant_session latest;	/* the customer's latest complete one */
	const char	     *customer_id;
};

/* The first that is not empty, or NULL. */
const char *tenant_of(const struct tenant_facts *facts);

/* What a column of metadata, JSON or NULL, holds under key: a text in the
 * arena in *out, NULL if none.  0, or -1 without memory. */
int tenant_in_metadata(const char **out, const struct value *metadata,
    const char *key, struct arena *arena);

/* Whether such a column holds something under key that is no text, as a
 * number is: it names no tenant.  Stripe's own metadata are all texts. */
bool tenant_is_odd(const struct value *metadata, const char *key);

#endif
