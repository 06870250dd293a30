/* A tenant's row in words. */
#include <string.h>

#include "options.h"
#include "tenants.h"

#define NEAR 3			/* letters that a slip may change */

static const struct {
	const char *status;
	const char *paid;
	const char *answer;
} answers[] = {
	{ "active", "yes", "yes" },
	{ "trialing", "trial", "not yet: it is on trial" },
	{ "past_due", "overdue", "overdue: the latest payment has failed" },
	{ "unpaid", "no", "no: its invoices stay unpaid" },
	{ "paused", "no", "no: it is paused since its trial has ended" },
	{ "incomplete", "no", "no: the first payment is still to be made" },
	{ "incomplete_expired", "no", "no: the first payment was never made" },
	{ "canceled", "no", "no: it has ended" },
};

#define NANSWERS (sizeof(answers) / sizeof(answers[0]))

bool
tenants_is_known(const char *status)
{
	size_t i;

	for (i = 0; i < NANSWERS; i++)
		if (strcmp(answers[i].status, status) == 0)
			return true;
	return false;
}

const char *
tenants_near(const char *word)
{
	unsigned int distance, least = NEAR + 1;
	const char *near = NULL;
	size_t i;

	for (i = 0; i < NANSWERS; i++) {
		distance = options_distance(word, answers[i].status);
		if (distance < least) {
			least = distance;
			near = answers[i].status;
		}
	}
	return near;
}

const char *
tenants_paid(const char *status)
{
	size_t i;

	for (i = 0; status != NULL && i < NANSWERS; i++)
		if (strcmp(answers[i].status, status) == 0)
			return answers[i].paid;
	return "unknown";
}

const char *
tenants_answer(const char *status)
{
	size_t i;

	for (i = 0; status != NULL && i < NANSWERS; i++)
		if (strcmp(answers[i].status, status) == 0)
			return answers[i].answer;
	return "unknown: this billhook does not know the status";
}

const char *
tenants_source(const char *status_from)
{
	static const struct { const char *from, *words; } sources[] = {
		{ "subscription", "as its subscription says" },
		{ "checkout", "as its checkout session proves" },
		{ "invoice", "as its invoice proves" },
		{ "customer", "as its customer was deleted" },
	};
	size_t i;

	for (i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		if (status_from != NULL &&
		    strcmp(sources[i].from, status_from) == 0)
			return sources[i].words;
	return "";
}

bool
tenants_until(const struct value *row, int64_t *until, bool *ends)
{
	const struct value *at = &row[TENANTS_PERIOD_END];
	const struct value *cancel = &row[TENANTS_CANCEL_AT];
	const char *paid = tenants_paid(value_str(&row[TENANTS_STATUS]));

	*ends = row[TENANTS_CANCEL_AT_PERIOD_END].i != 0;
	if (strcmp(paid, "trial") == 0 &&
	    row[TENANTS_TRIAL_END].type == VALUE_INT)
		at = &row[TENANTS_TRIAL_END];
	else if (strcmp(paid, "yes") != 0)
		return false;
	if (cancel->type == VALUE_INT && (at->type != VALUE_INT ||
	    cancel->i <= at->i)) {
		at = cancel;
		*ends = true;
	}
	*until = at->i;
	return at->type == VALUE_INT;
}
