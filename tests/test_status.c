/* lib/status.h: the contract's table, line by line, and a tenant's first. */
#include <stdlib.h>
#include <string.h>

#include "shape.h"
#include "status.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

#define AT	1750000000	/* when the snapshot was made */
#define LATER	(AT + 50)	/* when the other row was */

/* What the rows say; NULL and 0 are columns that are NULL. */
struct invoice {
	bool	    there;
	const char *status, *reason, *collection;
	int64_t	    paid_at, failed_at, updated_at;
};

struct session {
	bool	    there;
	const char *status, *mode, *paid;
	int64_t	    updated_at;
};

struct status_case {
	const char    *name;
	bool	       unseen;		/* no snapshot of the subscription */
	const char    *says;
	bool	       customer, deleted;
	struct session session;
	struct invoice first, latest;
	const char    *word, *from;
	int64_t	       updated_at;
};

#define PAID	{true, "paid", "subscription_create", NULL, AT, 0, LATER}
#define LATEST_PAID(at) {true, "paid", "subscription_cycle", \
	"charge_automatically", (at), 0, LATER}
#define FAILED(at) {true, "open", "subscription_cycle", \
	"charge_automatically", 0, (at), LATER}
#define SESSION(says, paid) {true, says, "subscription", paid, LATER}

/* Nothing moves it. */
#define STAYS(at)	.word = at, .from = "subscription", \
	.updated_at = AT
/* Something does. */
#define MOVES(to, by)	.word = to, .from = by, .updated_at = LATER

static const struct status_case cases[] = {
	/* Stripe's own words, and whatever else stands there. */
	{.name = "active", .says = "active", STAYS("active")},
	{.name = "trialing", .says = "trialing", STAYS("trialing")},
	{.name = "past_due", .says = "past_due", STAYS("past_due")},
	{.name = "unpaid", .says = "unpaid", STAYS("unpaid")},
	{.name = "paused", .says = "paused", STAYS("paused")},
	{.name = "incomplete", .says = "incomplete", STAYS("incomplete")},
	{.name = "canceled", .says = "canceled", STAYS("canceled")},
	{.name = "a word that is new", .says = "hibernating",
	    STAYS("hibernating")},
	{.name = "no word", .says = NULL, STAYS(NULL)},

	/* Its customer is deleted. */
	{.name = "active, of a deleted customer", .says = "active",
	    .customer = true, .deleted = true, MOVES("canceled", "customer")},
	{.name = "paused, of a deleted customer", .says = "paused",
	    .customer = true, .deleted = true, MOVES("canceled", "customer")},
	{.name = "a new word, of a deleted customer", .says = "hibernating",
	    .customer = true, .deleted = true, MOVES("canceled", "customer")},
	{.name = "no word, of a deleted customer", .says = NULL,
	    .customer = true, .deleted = true, MOVES("canceled", "customer")},
	{.name = "active, of a customer that is there", .says = "active",
	    .customer = true, STAYS("active")},
	{.name = "incomplete_expired stays, whatever is deleted",
	    .says = "incomplete_expired", .customer = true, .deleted = true,
	    STAYS("incomplete_expired")},
	{.name = "canceled stays, by the subscription's own word",
	    .says = "canceled", .customer = true, .deleted = true,
	    STAYS("canceled")},
	{.name = "a deleted customer stands above a paid invoice",
	    .says = "past_due", .customer = true, .deleted = true,
	    .latest = LATEST_PAID(LATER), MOVES("canceled", "customer")},

	/* incomplete: first invoice, session. */
	{.name = "incomplete, and its first invoice is paid",
	    .says = "incomplete", .first = PAID, MOVES("active", "invoice")},
	{.name = "incomplete, and its session is complete and paid",
	    .says = "incomplete", .session = SESSION("complete", "paid"),
	    MOVES("active", "checkout")},
	{.name = "incomplete, invoice and session: by the invoice",
	    .says = "incomplete", .first = PAID,
	    .session = SESSION("complete", "paid"),
	    MOVES("active", "invoice")},
	{.name = "incomplete, its session is not paid", .says = "incomplete",
	    .session = SESSION("complete", "unpaid"), STAYS("incomplete")},
	{.name = "incomplete, a session without need to pay proves nothing",
	    .says = "incomplete",
	    .session = SESSION("complete", "no_payment_required"),
	    STAYS("incomplete")},
	{.name = "incomplete, its session is open", .says = "incomplete",
	    .session = SESSION("open", "paid"), STAYS("incomplete")},
	{.name = "incomplete, its session has expired", .says = "incomplete",
	    .session = SESSION("expired", "paid"), STAYS("incomplete")},
	{.name = "incomplete, a session of another mode",
	    .says = "incomplete",
	    .session = {true, "complete", "payment", "paid", LATER},
	    STAYS("incomplete")},
	{.name = "incomplete, a session that lacks mode and payment_status",
	    .says = "incomplete",
	    .session = {true, "complete", NULL, NULL, LATER},
	    MOVES("active", "checkout")},
	{.name = "incomplete, whenever the invoice was paid",
	    .says = "incomplete",
	    .first = {true, "paid", "subscription_create", NULL, 5, 0, 5},
	    .word = "active", .from = "invoice", .updated_at = AT},
	{.name = "incomplete is not moved by its latest invoice",
	    .says = "incomplete", .latest = LATEST_PAID(LATER),
	    STAYS("incomplete")},
	{.name = "incomplete_expired is not moved by a paid invoice",
	    .says = "incomplete_expired", .first = PAID,
	    STAYS("incomplete_expired")},

	/* past_due, unpaid: the latest invoice. */
	{.name = "past_due, its latest invoice is paid after the snapshot",
	    .says = "past_due", .latest = LATEST_PAID(AT + 1),
	    MOVES("active", "invoice")},
	{.name = "past_due, paid in the snapshot's second",
	    .says = "past_due", .latest = LATEST_PAID(AT),
	    MOVES("active", "invoice")},
	{.name = "past_due, paid a second before the snapshot",
	    .says = "past_due", .latest = LATEST_PAID(AT - 1),
	    STAYS("past_due")},
	{.name = "past_due, paid, the body lacks when", .says = "past_due",
	    .latest = LATEST_PAID(0), MOVES("active", "invoice")},
	{.name = "unpaid, paid in the snapshot's second", .says = "unpaid",
	    .latest = LATEST_PAID(AT), MOVES("active", "invoice")},
	{.name = "unpaid, paid a second before", .says = "unpaid",
	    .latest = LATEST_PAID(AT - 1), STAYS("unpaid")},
	{.name = "past_due, its latest invoice is open", .says = "past_due",
	    .latest = FAILED(LATER), STAYS("past_due")},
	{.name = "past_due, its latest invoice is void", .says = "past_due",
	    .latest = {true, "void", "subscription_cycle", NULL, AT, 0,
	    LATER}, STAYS("past_due")},
	{.name = "past_due, its latest invoice is a draft",
	    .says = "past_due",
	    .latest = {true, "draft", "subscription_cycle", NULL, 0, 0,
	    LATER}, STAYS("past_due")},
	{.name = "past_due is not moved by its first invoice",
	    .says = "past_due", .first = PAID, STAYS("past_due")},
	{.name = "past_due, the invoice is paid by an older event",
	    .says = "past_due",
	    .latest = {true, "paid", "subscription_cycle", NULL, AT, 0,
	    AT - 9}, .word = "active", .from = "invoice", .updated_at = AT},

	/* active: the latest invoice. */
	{.name = "active, its latest invoice has failed",
	    .says = "active", .latest = FAILED(AT + 1),
	    MOVES("past_due", "invoice")},
	{.name = "active, failed in the snapshot's second",
	    .says = "active", .latest = FAILED(AT),
	    MOVES("past_due", "invoice")},
	{.name = "active, failed a second before the snapshot",
	    .says = "active", .latest = FAILED(AT - 1), STAYS("active")},
	{.name = "active, its latest invoice never failed",
	    .says = "active", .latest = FAILED(0), STAYS("active")},
	{.name = "active, its latest invoice has failed, and was paid then",
	    .says = "active",
	    .latest = {true, "paid", "subscription_cycle", NULL, AT, AT,
	    LATER}, STAYS("active")},
	{.name = "active, a failed invoice of another reason",
	    .says = "active",
	    .latest = {true, "open", "subscription_update", NULL, 0, LATER,
	    LATER}, STAYS("active")},
	{.name = "active, a failed invoice that is sent", .says = "active",
	    .latest = {true, "open", "subscription_cycle", "send_invoice", 0,
	    LATER, LATER}, STAYS("active")},
	{.name = "active, a failed invoice that lacks all else",
	    .says = "active", .latest = {true, "open", NULL, NULL, 0, AT,
	    LATER}, MOVES("past_due", "invoice")},
	{.name = "active, an uncollectible invoice", .says = "active",
	    .latest = {true, "uncollectible", "subscription_cycle", NULL, 0,
	    LATER, LATER}, STAYS("active")},
	{.name = "trialing is not moved by a failed invoice",
	    .says = "trialing", .latest = FAILED(LATER), STAYS("trialing")},
	{.name = "paused is not moved by a failed invoice",
	    .says = "paused", .latest = FAILED(LATER), STAYS("paused")},
	{.name = "paused is not moved by a paid invoice",
	    .says = "paused", .latest = LATEST_PAID(LATER), STAYS("paused")},
	{.name = "canceled is not moved by a paid invoice",
	    .says = "canceled", .latest = LATEST_PAID(LATER),
	    STAYS("canceled")},
	{.name = "a new word is not moved by a paid invoice",
	    .says = "hibernating", .latest = LATEST_PAID(LATER),
	    STAYS("hibernating")},

	/* No snapshot: the session stands for it. */
	{.name = "unseen, its session is paid", .unseen = true,
	    .session = {true, "complete", "subscription", "paid", AT},
	    .word = "active", .from = "checkout", .updated_at = AT},
	{.name = "unseen, nothing to pay", .unseen = true,
	    .session = {true, "complete", "subscription",
	    "no_payment_required", AT},
	    .word = "active", .from = "checkout", .updated_at = AT},
	{.name = "unseen, its session is unpaid", .unseen = true,
	    .session = {true, "complete", "subscription", "unpaid", AT},
	    .word = "incomplete", .from = "checkout", .updated_at = AT},
	{.name = "unseen, its session lacks payment_status", .unseen = true,
	    .session = {true, "complete", "subscription", NULL, AT},
	    .word = "active", .from = "checkout", .updated_at = AT},
	{.name = "unseen and unpaid, its first invoice is paid",
	    .unseen = true,
	    .session = {true, "complete", "subscription", "unpaid", AT},
	    .first = PAID, MOVES("active", "invoice")},
	{.name = "unseen, its latest invoice has failed", .unseen = true,
	    .session = {true, "complete", "subscription", "paid", AT},
	    .latest = FAILED(AT), MOVES("past_due", "invoice")},
	{.name = "unseen, its customer is deleted", .unseen = true,
	    .session = {true, "complete", "subscription", "paid", AT},
	    .customer = true, .deleted = true, MOVES("canceled", "customer")},
};

static struct value
when(int64_t t)
{
	return t == 0 ? value_null() : value_int(t);
}

static void
put_invoice(struct value v[INVOICE__MAX], const struct invoice *invoice)
{
	memset(v, 0, INVOICE__MAX * sizeof(*v));
	v[INVOICE_STATUS] = value_text(invoice->status);
	v[INVOICE_BILLING_REASON] = value_text(invoice->reason);
	v[INVOICE_COLLECTION_METHOD] = value_text(invoice->collection);
	v[INVOICE_PAID_AT] = when(invoice->paid_at);
	v[INVOICE_LAST_FAILED_AT] = when(invoice->failed_at);
	v[INVOICE_UPDATED_AT] = value_int(invoice->updated_at);
}

static struct status
status_in(const struct status_case *c)
{
	struct value subscription[SUBSCRIPTION__MAX] = {{0}};
	struct value session[SESSION__MAX] = {{0}};
	struct value customer[CUSTOMER__MAX] = {{0}};
	struct value first[INVOICE__MAX], latest[INVOICE__MAX];
	const struct status_rows rows = {
		.subscription = c->unseen ? NULL : subscription,
		.session = c->session.there ? session : NULL,
		.customer = c->customer ? customer : NULL,
		.first = c->first.there ? first : NULL,
		.latest = c->latest.there ? latest : NULL,
	};

	subscription[SUBSCRIPTION_STATUS] = value_text(c->says);
	subscription[SUBSCRIPTION_UPDATED_AT] = value_int(AT);
	session[SESSION_STATUS] = value_text(c->session.status);
	session[SESSION_MODE] = value_text(c->session.mode);
	session[SESSION_PAYMENT_STATUS] = value_text(c->session.paid);
	session[SESSION_UPDATED_AT] = value_int(c->session.updated_at);
	customer[CUSTOMER_DELETED] = value_int(c->deleted);
	customer[CUSTOMER_UPDATED_AT] = value_int(LATER);
	put_invoice(first, &c->first);
	put_invoice(latest, &c->latest);
	return status_of(&rows);
}

static void
test_table(void)
{
	struct status s;
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		s = status_in(&cases[i]);
		is_str(s.word, cases[i].word, "%s", cases[i].name);
		is_str(s.from, cases[i].from, "... by what");
		is_int(s.updated_at, cases[i].updated_at, "... as of when");
	}
}

static void
test_questions(void)
{
	static const char *const all[] = {"active", "trialing", "past_due",
	    "unpaid", "paused", "incomplete", "incomplete_expired",
	    "canceled", "hibernating", NULL};
	size_t i, final = 0, first = 0, latest = 0;

	/* As many as the table has lines for, and these. */
	for (i = 0; i < COUNT(all); i++) {
		final += status_is_final(all[i]);
		first += status_asks_first(all[i]);
		latest += status_asks_latest(all[i]);
	}
	ok(final == 2 && status_is_final("canceled") &&
	    status_is_final("incomplete_expired"), "what is final");
	ok(first == 1 && status_asks_first("incomplete"),
	    "what the first invoice can move");
	ok(latest == 3 && status_asks_latest("active") &&
	    status_asks_latest("past_due") && status_asks_latest("unpaid"),
	    "what the latest invoice can move");
}

/* A tenant's subscriptions, the first first. */
static void
test_order(void)
{
	static const struct status_candidate list[] = {
		{true, "canceled", true, 1, "sub_a"},
		{true, "canceled", false, 0, "sub_a"},
		{false, "trialing", true, 20, "sub_a"},
		{false, "active", true, 10, "sub_c"},
		{false, "active", true, 10, "sub_b"},
		{false, "trialing", true, 10, "sub_B"},
		{false, "active", true, 9, "sub_z"},
		{false, "active", false, 0, "sub_z"},
		{false, "past_due", true, 90, "sub_a"},
		{false, "unpaid", true, 90, "sub_a"},
		{false, "paused", true, 80, "sub_a"},
		{false, "hibernating", true, 70, "sub_a"},
		{false, NULL, true, 60, "sub_a"},
		{false, "incomplete", true, 99, "sub_a"},
		{false, "canceled", true, 99, "sub_a"},
		{false, "incomplete_expired", true, 98, "sub_a"},
		{false, "canceled", true, 97, "sub_a"},
	};
	size_t i, j, wrong;

	for (i = 0; i < COUNT(list); i++) {
		wrong = 0;
		for (j = 0; j < COUNT(list); j++) {
			int c = status_compare(&list[i], &list[j]);
			int want = (i > j) - (i < j);

			wrong += (c > 0) - (c < 0) != want;
		}
		ok(wrong == 0, "place %zu, %s %s %lld %s, against all others",
		    i + 1, list[i].livemode ? "live" : "test",
		    list[i].word == NULL ? "no word" : list[i].word,
		    (long long)list[i].created, list[i].id);
	}
}

int
main(void)
{
	test_table();
	test_questions();
	test_order();
	return done_testing();
}
