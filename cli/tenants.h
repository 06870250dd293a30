/*
 * A tenant's row in words: has this one paid?
 */
#ifndef TENANTS_H
#define TENANTS_H

#include <stdbool.h>
#include <stdint.h>

#include "value.h"

/* The columns of tenant_pricing, as reports give them. */
enum tenants_column {
	TENANTS_ID, TENANTS_CUSTOMER, TENANTS_SUBSCRIPTION, TENANTS_PRICE,
	TENANTS_PRODUCT, TENANTS_LOOKUP_KEY, TENANTS_QUANTITY,
	TENANTS_CURRENCY, TENANTS_UNIT_AMOUNT, TENANTS_INTERVAL,
	TENANTS_INTERVAL_COUNT, TENANTS_STATUS, TENANTS_STATUS_FROM,
	TENANTS_PERIOD_START, TENANTS_PERIOD_END, TENANTS_TRIAL_END,
	TENANTS_CANCEL_AT, TENANTS_CANCEL_AT_PERIOD_END,
	TENANTS_CANCELED_AT, TENANTS_ENDED_AT, TENANTS_PAUSE_BEHAVIOR,
	TENANTS_PAUSE_RESUMES_AT, TENANTS_LATEST_INVOICE,
	TENANTS_HOSTED_INVOICE_URL, TENANTS_SUBSCRIPTION_COUNT,
	TENANTS_LIVEMODE, TENANTS_UPDATED_AT, TENANTS__MAX
};

/* Whether a status is one that this program knows; and the one of them that a
 * word is near to, or NULL. */
bool tenants_is_known(const char *status);
const char *tenants_near(const char *word);

/* "yes", "trial", "overdue", "no", or "unknown" for a status that this
 * program does not know. */
const char *tenants_paid(const char *status);

/* That in a sentence's end: "yes", "no: it has ended". */
const char *tenants_answer(const char *status);

/* What a status was read from, in words. */
const char *tenants_source(const char *status_from);

/* Until when the answer holds, and whether the subscription ends then; false
 * if the row does not say. */
bool tenants_until(const struct value *row, int64_t *until, bool *ends);

#endif
