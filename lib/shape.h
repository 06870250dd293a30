/*
 * The shapes of Stripe's objects: which column of which table is read from
 * where, for every API version from 2019 on (and most before).  A row is read
 * from one snapshot, all of it.
 */
#ifndef SHAPE_H
#define SHAPE_H

#include "arena.h"
#include "event.h"
#include "json.h"
#include "value.h"

/* The columns, in the order of contract and schema.  The key is first. */
enum subscription_column {
	SUBSCRIPTION_ID, SUBSCRIPTION_CUSTOMER_ID, SUBSCRIPTION_TENANT_ID,
	SUBSCRIPTION_STATUS, SUBSCRIPTION_COLLECTION_METHOD,
	SUBSCRIPTION_CURRENCY, SUBSCRIPTION_CANCEL_AT,
	SUBSCRIPTION_CANCEL_AT_PERIOD_END, SUBSCRIPTION_CANCELED_AT,
	SUBSCRIPTION_ENDED_AT, SUBSCRIPTION_CANCELLATION_REASON,
	SUBSCRIPTION_TRIAL_START, SUBSCRIPTION_TRIAL_END,
	SUBSCRIPTION_START_DATE, SUBSCRIPTION_CURRENT_PERIOD_START,
	SUBSCRIPTION_CURRENT_PERIOD_END, SUBSCRIPTION_LATEST_INVOICE_ID,
	SUBSCRIPTION_PAUSE_BEHAVIOR, SUBSCRIPTION_PAUSE_RESUMES_AT,
	SUBSCRIPTION_PENDING_UPDATE, SUBSCRIPTION_METADATA,
	SUBSCRIPTION_CREATED, SUBSCRIPTION_LIVEMODE, SUBSCRIPTION_UPDATED_AT,
	SUBSCRIPTION__MAX
};

enum item_column {
	ITEM_ID, ITEM_SUBSCRIPTION_ID, ITEM_POSITION, ITEM_PRICE_ID,
	ITEM_PRODUCT_ID, ITEM_LOOKUP_KEY, ITEM_QUANTITY, ITEM_CURRENCY,
	ITEM_UNIT_AMOUNT, ITEM_UNIT_AMOUNT_DECIMAL, ITEM_INTERVAL,
	ITEM_INTERVAL_COUNT, ITEM_CURRENT_PERIOD_START,
	ITEM_CURRENT_PERIOD_END, ITEM_LIVEMODE, ITEM__MAX
};

enum invoice_column {
	INVOICE_ID, INVOICE_CUSTOMER_ID, INVOICE_SUBSCRIPTION_ID,
	INVOICE_STATUS, INVOICE_BILLING_REASON, INVOICE_COLLECTION_METHOD,
	INVOICE_NUMBER, INVOICE_CURRENCY, INVOICE_AMOUNT_DUE,
	INVOICE_AMOUNT_PAID, INVOICE_AMOUNT_REMAINING, INVOICE_TOTAL,
	INVOICE_ATTEMPT_COUNT, INVOICE_NEXT_PAYMENT_ATTEMPT,
	INVOICE_DUE_DATE, INVOICE_LAST_FAILED_AT, INVOICE_HOSTED_INVOICE_URL,
	INVOICE_INVOICE_PDF, INVOICE_PERIOD_START, INVOICE_PERIOD_END,
	INVOICE_PAID_AT, INVOICE_DELETED, INVOICE_CREATED, INVOICE_LIVEMODE,
	INVOICE_UPDATED_AT, INVOICE__MAX
};

enum session_column {
	SESSION_ID, SESSION_TENANT_ID, SESSION_CUSTOMER_ID,
	SESSION_CUSTOMER_EMAIL, SESSION_SUBSCRIPTION_ID, SESSION_INVOICE_ID,
	SESSION_PAYMENT_INTENT_ID, SESSION_CLIENT_REFERENCE_ID, SESSION_MODE,
	SESSION_STATUS, SESSION_PAYMENT_STATUS, SESSION_AMOUNT_TOTAL,
	SESSION_CURRENCY, SESSION_CREATED, SESSION_EXPIRES_AT,
	SESSION_COMPLETED_AT, SESSION_METADATA, SESSION_LIVEMODE,
	SESSION_UPDATED_AT, SESSION__MAX
};

enum customer_column {
	CUSTOMER_ID, CUSTOMER_TENANT_ID, CUSTOMER_EMAIL, CUSTOMER_NAME,
	CUSTOMER_CURRENCY, CUSTOMER_BALANCE, CUSTOMER_DELINQUENT,
	CUSTOMER_DELETED, CUSTOMER_CREATED, CUSTOMER_METADATA,
	CUSTOMER_LIVEMODE, CUSTOMER_UPDATED_AT, CUSTOMER__MAX
};

enum product_column {
	PRODUCT_ID, PRODUCT_NAME, PRODUCT_ACTIVE, PRODUCT_DELETED,
	PRODUCT_METADATA, PRODUCT_LIVEMODE, PRODUCT_UPDATED_AT, PRODUCT__MAX
};

enum price_column {
	PRICE_ID, PRICE_PRODUCT_ID, PRICE_ACTIVE, PRICE_DELETED,
	PRICE_CURRENCY, PRICE_UNIT_AMOUNT, PRICE_UNIT_AMOUNT_DECIMAL,
	PRICE_TYPE, PRICE_USAGE_TYPE, PRICE_INTERVAL, PRICE_INTERVAL_COUNT,
	PRICE_LOOKUP_KEY, PRICE_NICKNAME, PRICE_METADATA, PRICE_CREATED,
	PRICE_LIVEMODE, PRICE_UPDATED_AT, PRICE__MAX
};

/* The summary itself is no row: its list is. */
enum summary_column {
	SUMMARY_CUSTOMER_ID, SUMMARY_LIVEMODE, SUMMARY_UPDATED_AT, SUMMARY__MAX
};

enum entitlement_column {
	ENTITLEMENT_LOOKUP_KEY, ENTITLEMENT_CUSTOMER_ID,
	ENTITLEMENT_FEATURE_ID, ENTITLEMENT_LIVEMODE,
	ENTITLEMENT_UPDATED_AT, ENTITLEMENT__MAX
};

#define SHAPE_COLUMNS_MAX 32

/* Elements of a list that are read; Stripe sends 20 items at most, and has
 * has_more for the rest (https://docs.stripe.com/api/pagination). */
#define SHAPE_CHILDREN_MAX 1000

struct row {
	const struct shape *shape;
	struct value	   *v;		/* shape->ncolumns of them */
	struct row	   *children;	/* items of a subscription, or
					 * entitlements of a summary */
	size_t		    nchildren;
	bool		    has_more;	/* the list goes on at Stripe */
};

struct shape {
	const char	   *object;	/* Stripe's word, as in data.object */
	const char	   *table;
	size_t		    ncolumns;
	size_t		    child_key;	/* of a child: the column that tells
					 * it from its siblings */
	const struct shape_column *columns; /* names and places: shape.c */
	const struct shape *child;	/* NULL if it has no children */
	size_t		    nuncompared;	/* columns at the end that are
						 * the event's, not the
						 * object's */
};

/* The shape of a kind; NULL for KIND_NONE. */
const struct shape *shape_of(enum kind kind);

/* The name of a column, as in the contract. */
const char *shape_column_name(const struct shape *shape, size_t column);

enum shape_result { SHAPE_OK, SHAPE_UNREADABLE, SHAPE_ENOMEM };

/*
 * Reads the row that object is a snapshot of.  object is event->object, or
 * that object as it was before (json_revert); all of type, time and mode come
 * from the event.  The row and what it points to live in the arena, texts in
 * the JSON document.  Columns that no snapshot holds (tenant_id, completed_at,
 * last_failed_at) are left NULL.
 *
 * SHAPE_UNREADABLE: a field has a type that it cannot have; error says which,
 * for stripe_events.error.
 */
enum shape_result shape_read(struct row *out, const struct event *event,
    const struct json *object, struct arena *arena, char *error,
    size_t error_size);

/* True if all columns of both rows are equal, and all children, each with the
 * one of the same key. */
bool row_equal(const struct row *a, const struct row *b);

#endif
