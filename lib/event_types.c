/* What billhook acts on; all other types are recorded and ignored. */
#include <stdlib.h>
#include <string.h>

#include "event.h"

/* Sorted by name, byte by byte, for the search. */
static const struct event_type types[] = {
	{ "checkout.session.async_payment_failed",
	  KIND_SESSION, VERB_OTHER, "complete" },
	{ "checkout.session.async_payment_succeeded",
	  KIND_SESSION, VERB_OTHER, "complete" },
	{ "checkout.session.completed",
	  KIND_SESSION, VERB_OTHER, "complete" },
	{ "checkout.session.expired",
	  KIND_SESSION, VERB_OTHER, "expired" },

	{ "customer.created", KIND_CUSTOMER, VERB_CREATED, NULL },
	{ "customer.deleted", KIND_CUSTOMER, VERB_DELETED, NULL },

	{ "customer.subscription.created",
	  KIND_SUBSCRIPTION, VERB_CREATED, NULL },
	{ "customer.subscription.deleted",
	  KIND_SUBSCRIPTION, VERB_DELETED, "canceled" },
	{ "customer.subscription.paused",
	  KIND_SUBSCRIPTION, VERB_SETTLED, NULL },
	{ "customer.subscription.pending_update_applied",
	  KIND_SUBSCRIPTION, VERB_NOTICE, NULL },
	{ "customer.subscription.pending_update_expired",
	  KIND_SUBSCRIPTION, VERB_NOTICE, NULL },
	{ "customer.subscription.resumed",
	  KIND_SUBSCRIPTION, VERB_SETTLED, NULL },
	{ "customer.subscription.trial_will_end",
	  KIND_SUBSCRIPTION, VERB_NOTICE, NULL },
	{ "customer.subscription.updated",
	  KIND_SUBSCRIPTION, VERB_UPDATED, NULL },

	{ "customer.updated", KIND_CUSTOMER, VERB_UPDATED, NULL },

	{ "entitlements.active_entitlement_summary.updated",
	  KIND_ENTITLEMENTS, VERB_UPDATED, NULL },

	{ "invoice.created", KIND_INVOICE, VERB_CREATED, "draft" },
	{ "invoice.deleted", KIND_INVOICE, VERB_DELETED, NULL },
	{ "invoice.finalized", KIND_INVOICE, VERB_NOTICE, "open" },
	{ "invoice.marked_uncollectible",
	  KIND_INVOICE, VERB_OTHER, "uncollectible" },
	{ "invoice.paid", KIND_INVOICE, VERB_SETTLED, "paid" },
	{ "invoice.payment_action_required",
	  KIND_INVOICE, VERB_OTHER, "open" },
	{ "invoice.payment_failed", KIND_INVOICE, VERB_SETTLED, "open" },
	{ "invoice.payment_succeeded", KIND_INVOICE, VERB_SETTLED, "paid" },
	{ "invoice.updated", KIND_INVOICE, VERB_UPDATED, NULL },
	{ "invoice.voided", KIND_INVOICE, VERB_OTHER, "void" },

	{ "price.created", KIND_PRICE, VERB_CREATED, NULL },
	{ "price.deleted", KIND_PRICE, VERB_DELETED, NULL },
	{ "price.updated", KIND_PRICE, VERB_UPDATED, NULL },

	{ "product.created", KIND_PRODUCT, VERB_CREATED, NULL },
	{ "product.deleted", KIND_PRODUCT, VERB_DELETED, NULL },
	{ "product.updated", KIND_PRODUCT, VERB_UPDATED, NULL },

	{ NULL, KIND_NONE, VERB_OTHER, NULL }
};

#define NTYPES (sizeof(types) / sizeof(types[0]) - 1)

static int
compare(const void *name, const void *type)
{
	return strcmp(name, ((const struct event_type *)type)->name);
}

const struct event_type *
event_type_find(const char *name)
{
	if (name == NULL)
		return NULL;
	return bsearch(name, types, NTYPES, sizeof(types[0]), compare);
}

const struct event_type *
event_types(void)
{
	return types;
}
