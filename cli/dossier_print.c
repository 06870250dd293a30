/* A tenant's dossier in words. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "dossier.h"
#include "events.h"
#include "shape.h"
#include "show.h"
#include "table.h"
#include "tenant.h"
#include "tenants.h"
#include "when.h"

#define LATE 86400		/* seconds that a renewal may take */

static void __attribute__((format(printf, 2, 3)))
put_line(const char *name, const char *format, ...)
{
	va_list values;
	char text[4096];

	va_start(values, format);
	(void)vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	printf("%-14s", name);
	table_put(stdout, text);
	printf("\n");
}

static const char *
word_of(const struct value *v)
{
	return v->type == VALUE_TEXT ? v->s : "-";
}

static void
put_price(const struct value *row)
{
	char money[SHOW_SIZE];
	const char *price = show_money(money, &row[TENANTS_UNIT_AMOUNT],
	    &row[TENANTS_CURRENCY]);
	int64_t quantity = row[TENANTS_QUANTITY].type == VALUE_INT ?
	    row[TENANTS_QUANTITY].i : 1;
	int64_t every = row[TENANTS_INTERVAL_COUNT].type == VALUE_INT ?
	    row[TENANTS_INTERVAL_COUNT].i : 1;

	if (price == NULL && row[TENANTS_PRICE].type == VALUE_NULL)
		return;
	put_line("price", "%" PRId64 " x %s every %" PRId64 " %s, %s",
	    quantity, price == NULL ? "(amount unknown)" : price, every,
	    word_of(&row[TENANTS_INTERVAL]), word_of(&row[TENANTS_PRICE]));
	if (row[TENANTS_LOOKUP_KEY].type == VALUE_TEXT)
		put_line("lookup key", "%s", row[TENANTS_LOOKUP_KEY].s);
}

/* Which payment has failed, where one has and that is why. */
static void
put_because(const struct dossier *dossier)
{
	const char *word = value_str(&dossier->row[TENANTS_STATUS]);
	const struct value *invoice = dossier_invoice(dossier), *failure;
	char failed[WHEN_SIZE], money[SHOW_SIZE];
	const char *due, *paid = tenants_paid(word);

	if (invoice == NULL || (strcmp(paid, "overdue") != 0 &&
	    (word == NULL || strcmp(word, "unpaid") != 0)) ||
	    invoice[INVOICE_LAST_FAILED_AT].type != VALUE_INT)
		return;
	failure = dossier_failure(dossier);
	due = show_money(money, &invoice[INVOICE_AMOUNT_DUE],
	    &invoice[INVOICE_CURRENCY]);
	put_line("because", "%s%s%s, failed %s%s%s", invoice[INVOICE_ID].s,
	    due == NULL ? "" : ", ", due == NULL ? "" : due,
	    when_value(failed, &invoice[INVOICE_LAST_FAILED_AT]),
	    failure == NULL ? "" : ", ",
	    failure == NULL ? "" : failure[EVENTS_ID].s);
}

static bool
is_open(const struct value *invoice)
{
	const char *status = invoice == NULL ||
	    invoice[INVOICE_DELETED].i != 0 ? NULL :
	    value_str(&invoice[INVOICE_STATUS]);

	return status != NULL && strcmp(status, "open") == 0;
}

/* What could make the answer doubtful, or what there is to do. */
static void
put_notes(const struct dossier *dossier)
{
	const struct value *row = dossier->row;
	const char *paid = tenants_paid(value_str(&row[TENANTS_STATUS]));
	char late[WHEN_SIZE];
	int64_t until, now = (int64_t)time(NULL);
	bool ends;

	if (tenants_until(row, &until, &ends) && until + LATE < now)
		put_line("note", "that was %s ago, and nothing newer has "
		    "come: an event may be missing; look at Stripe, and at "
		    "billhook doctor", when_long(late, now - until));
	if (row[TENANTS_PAUSE_BEHAVIOR].type == VALUE_TEXT)
		put_line("note", "collecting payments is paused (%s)",
		    row[TENANTS_PAUSE_BEHAVIOR].s);
	if (strcmp(paid, "yes") != 0 && is_open(dossier_invoice(dossier)) &&
	    row[TENANTS_HOSTED_INVOICE_URL].type == VALUE_TEXT)
		put_line("to pay", "%s", row[TENANTS_HOSTED_INVOICE_URL].s);
}

static void
put_answer(const struct dossier *dossier)
{
	const struct value *row = dossier->row;
	const char *word = value_str(&row[TENANTS_STATUS]);
	char when[WHEN_SIZE];
	int64_t t;
	bool ends;

	put_line("paid", "%s", tenants_answer(word));
	put_line("status", "%s, %s", word == NULL ? "none" : word,
	    tenants_source(value_str(&row[TENANTS_STATUS_FROM])));
	put_because(dossier);
	if (dossier_since(dossier, &t))
		put_line("since", "%s", when_text(when, t));
	if (tenants_until(row, &t, &ends))
		put_line("until", "%s, then it %s", when_text(when, t), ends ?
		    "ends" : "renews");
	if (row[TENANTS_ENDED_AT].type == VALUE_INT)
		put_line("ended", "%s", when_text(when,
		    row[TENANTS_ENDED_AT].i));
	put_notes(dossier);
	put_line("subscription", "%s, %s mode, one of %" PRId64 " not final",
	    word_of(&row[TENANTS_SUBSCRIPTION]), row[TENANTS_LIVEMODE].i ?
	    "live" : "test", row[TENANTS_SUBSCRIPTION_COUNT].i);
	put_line("customer", "%s", word_of(&row[TENANTS_CUSTOMER]));
	put_price(row);
}

/* A table under its title, unless it has no rows.  Frees it.  0 or -1. */
static int
put_table(const char *title, struct table *table, size_t n)
{
	int status = 0;

	if (table == NULL)
		return -1;
	if (n > 0) {
		printf("\n%s\n", title);
		status = table_print(table, stdout);
	}
	table_free(table);
	return status;
}

static int
put_subscriptions(const struct database_rows *rows)
{
	static const char *const heads[] = { "SUBSCRIPTION", "STATUS",
	    "STARTED", "PERIOD ENDS", "CANCELS", "ENDED" };
	struct table *table = table_new(heads, 6);
	char start[WHEN_SIZE], end[WHEN_SIZE], at[WHEN_SIZE],
	    ended[WHEN_SIZE];
	size_t i;

	for (i = 0; i < rows->n && table != NULL; i++) {
		const struct value *v = rows->v[i];
		const char *cells[] = {
			value_str(&v[SUBSCRIPTION_ID]),
			value_str(&v[SUBSCRIPTION_STATUS]),
			when_value(start, &v[SUBSCRIPTION_START_DATE]),
			when_value(end, &v[SUBSCRIPTION_CURRENT_PERIOD_END]),
			v[SUBSCRIPTION_CANCEL_AT_PERIOD_END].i != 0 ?
			    "period end" :
			    when_value(at, &v[SUBSCRIPTION_CANCEL_AT]),
			when_value(ended, &v[SUBSCRIPTION_ENDED_AT]),
		};

		table_add(table, cells);
	}
	return put_table("its subscriptions", table, rows->n);
}

static int
put_invoices(const struct database_rows *rows)
{
	static const char *const heads[] = { "INVOICE", "STATUS", "REASON",
	    "DUE", "CREATED", "PAID", "LAST FAILED" };
	struct table *table = table_new(heads, 7);
	char money[SHOW_SIZE], created[WHEN_SIZE], paid[WHEN_SIZE],
	    failed[WHEN_SIZE];
	size_t i;

	for (i = 0; i < rows->n && table != NULL; i++) {
		const struct value *v = rows->v[i];
		const char *cells[] = {
			value_str(&v[INVOICE_ID]),
			v[INVOICE_DELETED].i != 0 ? "deleted" :
			    value_str(&v[INVOICE_STATUS]),
			value_str(&v[INVOICE_BILLING_REASON]),
			show_money(money, &v[INVOICE_AMOUNT_DUE],
			    &v[INVOICE_CURRENCY]),
			when_value(created, &v[INVOICE_CREATED]),
			when_value(paid, &v[INVOICE_PAID_AT]),
			when_value(failed, &v[INVOICE_LAST_FAILED_AT]),
		};

		table_add(table, cells);
	}
	return put_table("their invoices", table, rows->n);
}

static int
put_sessions(const struct database_rows *rows)
{
	static const char *const heads[] = { "SESSION", "MODE", "STATUS",
	    "PAYMENT", "TOTAL", "COMPLETED" };
	struct table *table = table_new(heads, 6);
	char money[SHOW_SIZE], completed[WHEN_SIZE];
	size_t i;

	for (i = 0; i < rows->n && table != NULL; i++) {
		const struct value *v = rows->v[i];
		const char *cells[] = {
			value_str(&v[SESSION_ID]),
			value_str(&v[SESSION_MODE]),
			value_str(&v[SESSION_STATUS]),
			value_str(&v[SESSION_PAYMENT_STATUS]),
			show_money(money, &v[SESSION_AMOUNT_TOTAL],
			    &v[SESSION_CURRENCY]),
			when_value(completed, &v[SESSION_COMPLETED_AT]),
		};

		table_add(table, cells);
	}
	return put_table("its checkout sessions", table, rows->n);
}

static int
put_events(const struct dossier *dossier, size_t most)
{
	static const char *const heads[] = { "CREATED", "EVENT", "TYPE",
	    "SAYS", "OBJECT", "OUTCOME", "ROW" };
	size_t n = dossier->nevents, i = n > most ? n - most : 0;
	struct table *table = table_new(heads, 7);
	char created[WHEN_SIZE], title[96];

	(void)snprintf(title, sizeof(title), "the events that led there%s",
	    i == 0 ? ", * where a row is read from it" :
	    ", the last of them; * where a row is read from it");
	for (; i < n && table != NULL; i++) {
		const struct value *v = dossier->events[i].v;
		const char *cells[] = {
			when_value(created, &v[EVENTS_CREATED]),
			value_str(&v[EVENTS_ID]), value_str(&v[EVENTS_TYPE]),
			dossier->events[i].status,
			value_str(&v[EVENTS_OBJECT_ID]),
			value_str(&v[EVENTS_OUTCOME]),
			dossier->events[i].state ? "*" : "",
		};

		table_add(table, cells);
	}
	return put_table(title, table, most == 0 ? 0 : n);
}

static int
put_changes(const struct database_rows *rows)
{
	static const char *const heads[] = { "EVENT OF", "WAS", "BECAME",
	    "EVENT", "RECORDED" };
	struct table *table = table_new(heads, 5);
	char created[WHEN_SIZE], recorded[WHEN_SIZE];
	size_t i;

	for (i = 0; i < rows->n && table != NULL; i++) {
		const struct value *v = rows->v[i];
		const char *cells[] = {
			when_value(created, &v[CHANGES_EVENT_CREATED]),
			value_str(&v[CHANGES_OLD]),
			value_equal(&v[CHANGES_OLD], &v[CHANGES_NEW]) ?
			    "(price, quantity)" : value_str(&v[CHANGES_NEW]),
			v[CHANGES_EVENT_ID].type == VALUE_NULL ? "(rebuild)" :
			    value_str(&v[CHANGES_EVENT_ID]),
			when_value(recorded, &v[CHANGES_RECORDED_AT]),
		};

		table_add(table, cells);
	}
	return put_table("how its status, price or quantity changed", table,
	    rows->n);
}

static int
put_doubts(const struct database_rows *rows)
{
	static const char *const heads[] = { "OBJECT", "DOUBT", "SINCE",
	    "EVENT" };
	struct table *table = table_new(heads, 4);
	char since[WHEN_SIZE];
	size_t i;

	for (i = 0; i < rows->n && table != NULL; i++) {
		const struct value *v = rows->v[i];
		const char *cells[] = {
			value_str(&v[DOUBTS_OBJECT_ID]),
			value_str(&v[DOUBTS_REASON]),
			when_value(since, &v[DOUBTS_SINCE]),
			value_str(&v[DOUBTS_EVENT_ID]),
		};

		table_add(table, cells);
	}
	return put_table("doubts: ask Stripe how these are now", table,
	    rows->n);
}

/* Rows whose metadata have the tenant's key, and name nobody with it. */
static void
put_odd(const struct database_rows *rows, size_t metadata, const char *key)
{
	size_t i;

	for (i = 0; i < rows->n; i++)
		if (tenant_is_odd(&rows->v[i][metadata], key))
			put_line("note", "%s in the metadata of %s is no "
			    "text, so it names no tenant", key,
			    value_str(&rows->v[i][0]));
}

int
dossier_print(const struct dossier *dossier, const char *tenant,
    size_t events)
{
	put_line("tenant", "%s", tenant);
	if (dossier->row == NULL)
		put_line("paid", "no: it has no subscription");
	else
		put_answer(dossier);
	put_odd(&dossier->subscriptions, SUBSCRIPTION_METADATA,
	    dossier->tenant_key);
	put_odd(&dossier->sessions, SESSION_METADATA, dossier->tenant_key);
	if (put_subscriptions(&dossier->subscriptions) == -1 ||
	    put_invoices(&dossier->invoices) == -1 ||
	    put_sessions(&dossier->sessions) == -1 ||
	    put_events(dossier, events) == -1 ||
	    put_changes(&dossier->changes) == -1 ||
	    put_doubts(&dossier->doubts) == -1)
		return cli_fail("tenant", "out of memory");
	return CLI_OK;
}
