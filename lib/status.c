#include <string.h>

#include "shape.h"
#include "status.h"

static bool
is(const char *word, const char *other)
{
	return word != NULL && strcmp(word, other) == 0;
}

/* A field that a body lacks forbids nothing. */
static bool
is_or_lacks(const struct value *v, const char *word)
{
	return v->type == VALUE_NULL || is(value_str(v), word);
}

static bool
not_before(const struct value *v, int64_t t)
{
	return v->type == VALUE_INT && v->i >= t;
}

static bool
is_complete(const struct value *session)
{
	return session != NULL &&
	    is(value_str(&session[SESSION_STATUS]), "complete") &&
	    is_or_lacks(&session[SESSION_MODE], "subscription");
}

bool
status_is_final(const char *word)
{
	return is(word, "canceled") || is(word, "incomplete_expired");
}

bool
status_asks_first(const char *word)
{
	return is(word, "incomplete");
}

bool
status_asks_latest(const char *word)
{
	return is(word, "active") || is(word, "past_due") ||
	    is(word, "unpaid");
}

/* What the snapshot says; without one, what the session says in its place. */
static struct status
status_of_snapshot(const struct status_rows *rows)
{
	struct status s;

	if (rows->subscription != NULL) {
		s.word = value_str(&rows->subscription[SUBSCRIPTION_STATUS]);
		s.from = "subscription";
		s.updated_at = rows->subscription[SUBSCRIPTION_UPDATED_AT].i;
	} else {
		const struct value *paid =
		    &rows->session[SESSION_PAYMENT_STATUS];

		s.word = is_or_lacks(paid, "paid") ||
		    is_or_lacks(paid, "no_payment_required") ?
		    "active" : "incomplete";
		s.from = "checkout";
		s.updated_at = rows->session[SESSION_UPDATED_AT].i;
	}
	return s;
}

static void
move(struct status *s, const char *word, const char *from,
    const struct value *updated_at)
{
	s->word = word;
	s->from = from;
	if (updated_at->i > s->updated_at)
		s->updated_at = updated_at->i;
}

static bool
is_paid_since(const struct value *invoice, int64_t since)
{
	return is(value_str(&invoice[INVOICE_STATUS]), "paid") &&
	    (invoice[INVOICE_PAID_AT].type == VALUE_NULL ||
	    not_before(&invoice[INVOICE_PAID_AT], since));
}

static bool
has_failed_since(const struct value *invoice, int64_t since)
{
	return is(value_str(&invoice[INVOICE_STATUS]), "open") &&
	    is_or_lacks(&invoice[INVOICE_BILLING_REASON],
	    "subscription_cycle") &&
	    !is(value_str(&invoice[INVOICE_COLLECTION_METHOD]),
	    "send_invoice") &&
	    not_before(&invoice[INVOICE_LAST_FAILED_AT], since);
}

struct status
status_of(const struct status_rows *rows)
{
	struct status s = status_of_snapshot(rows);

	if (status_is_final(s.word))
		return s;
	if (rows->customer != NULL && rows->customer[CUSTOMER_DELETED].i != 0)
		move(&s, "canceled", "customer",
		    &rows->customer[CUSTOMER_UPDATED_AT]);
	else if (status_asks_first(s.word) && rows->first != NULL)
		move(&s, "active", "invoice",
		    &rows->first[INVOICE_UPDATED_AT]);
	else if (status_asks_first(s.word) && is_complete(rows->session) &&
	    is_or_lacks(&rows->session[SESSION_PAYMENT_STATUS], "paid"))
		move(&s, "active", "checkout",
		    &rows->session[SESSION_UPDATED_AT]);
	else if ((is(s.word, "past_due") || is(s.word, "unpaid")) &&
	    rows->latest != NULL && is_paid_since(rows->latest, s.updated_at))
		move(&s, "active", "invoice",
		    &rows->latest[INVOICE_UPDATED_AT]);
	else if (is(s.word, "active") && rows->latest != NULL &&
	    has_failed_since(rows->latest, s.updated_at))
		move(&s, "past_due", "invoice",
		    &rows->latest[INVOICE_UPDATED_AT]);
	return s;
}

/* active and trialing; past_due; unpaid, paused and words that we do not
 * know; incomplete; the final ones. */
static int
worth(const char *word)
{
	if (is(word, "active") || is(word, "trialing"))
		return 0;
	if (is(word, "past_due"))
		return 1;
	if (is(word, "incomplete"))
		return 3;
	return status_is_final(word) ? 4 : 2;
}

int
status_compare(const struct status_candidate *a,
    const struct status_candidate *b)
{
	if (a->livemode != b->livemode)
		return a->livemode ? -1 : 1;
	if (worth(a->word) != worth(b->word))
		return worth(a->word) - worth(b->word);
	if (a->has_created != b->has_created)
		return a->has_created ? -1 : 1;
	if (a->has_created && a->created != b->created)
		return a->created > b->created ? -1 : 1;
	return -strcmp(a->id, b->id);
}
