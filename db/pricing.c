/*
 * tenant_pricing: what an application reads.  A tenant's row is made anew from
 * the rows of all its subscriptions.
 */
#include <string.h>

#include "ops.h"
#include "status.h"

enum pricing_column {
	PRICING_TENANT_ID, PRICING_STRIPE_CUSTOMER_ID,
	PRICING_STRIPE_SUBSCRIPTION_ID, PRICING_STRIPE_PRICE_ID,
	PRICING_STRIPE_PRODUCT_ID, PRICING_LOOKUP_KEY, PRICING_QUANTITY,
	PRICING_CURRENCY, PRICING_UNIT_AMOUNT, PRICING_INTERVAL,
	PRICING_INTERVAL_COUNT, PRICING_STATUS, PRICING_STATUS_FROM,
	PRICING_CURRENT_PERIOD_START, PRICING_CURRENT_PERIOD_END,
	PRICING_TRIAL_END, PRICING_CANCEL_AT, PRICING_CANCEL_AT_PERIOD_END,
	PRICING_CANCELED_AT, PRICING_ENDED_AT, PRICING_PAUSE_BEHAVIOR,
	PRICING_PAUSE_RESUMES_AT, PRICING_LATEST_INVOICE_ID,
	PRICING_HOSTED_INVOICE_URL, PRICING_SUBSCRIPTION_COUNT,
	PRICING_LIVEMODE, PRICING_UPDATED_AT, PRICING__MAX
};

/* Columns that are the subscription's own. */
static const struct {
	enum pricing_column	 to;
	enum subscription_column from;
} own[] = {
	{PRICING_STRIPE_CUSTOMER_ID, SUBSCRIPTION_CUSTOMER_ID},
	{PRICING_CURRENCY, SUBSCRIPTION_CURRENCY},
	{PRICING_CURRENT_PERIOD_START, SUBSCRIPTION_CURRENT_PERIOD_START},
	{PRICING_CURRENT_PERIOD_END, SUBSCRIPTION_CURRENT_PERIOD_END},
	{PRICING_TRIAL_END, SUBSCRIPTION_TRIAL_END},
	{PRICING_CANCEL_AT, SUBSCRIPTION_CANCEL_AT},
	{PRICING_CANCEL_AT_PERIOD_END, SUBSCRIPTION_CANCEL_AT_PERIOD_END},
	{PRICING_CANCELED_AT, SUBSCRIPTION_CANCELED_AT},
	{PRICING_ENDED_AT, SUBSCRIPTION_ENDED_AT},
	{PRICING_PAUSE_BEHAVIOR, SUBSCRIPTION_PAUSE_BEHAVIOR},
	{PRICING_PAUSE_RESUMES_AT, SUBSCRIPTION_PAUSE_RESUMES_AT},
};

/* Columns of its first item. */
static const struct {
	enum pricing_column to;
	enum item_column    from;
} item[] = {
	{PRICING_STRIPE_PRICE_ID, ITEM_PRICE_ID},
	{PRICING_STRIPE_PRODUCT_ID, ITEM_PRODUCT_ID},
	{PRICING_LOOKUP_KEY, ITEM_LOOKUP_KEY},
	{PRICING_QUANTITY, ITEM_QUANTITY},
	{PRICING_CURRENCY, ITEM_CURRENCY},
	{PRICING_UNIT_AMOUNT, ITEM_UNIT_AMOUNT},
	{PRICING_INTERVAL, ITEM_INTERVAL},
	{PRICING_INTERVAL_COUNT, ITEM_INTERVAL_COUNT},
};

/* A subscription of the tenant, looked at. */
struct candidate {
	const char		*id;
	struct status_rows	 rows;
	bool			 asked;		/* for the latest invoice */
	struct status		 status;
	struct status_candidate	 place;
};

static const struct value *
standing_row(const struct candidate *c, size_t subscription_column,
    size_t session_column)
{
	return c->rows.subscription != NULL ?
	    &c->rows.subscription[subscription_column] :
	    &c->rows.session[session_column];
}

static enum db_result
get(struct ops *ops, enum kind kind, const char *id, const struct value **out)
{
	struct value *row;
	enum db_result rc = rows_get(ops, kind, id, &row);

	*out = row;
	return rc;
}

/* > 0 if invoice a is newer than b; one without a time is older than all. */
static int
compare_invoices(const struct value *a, const struct value *b)
{
	const struct value *x = &a[INVOICE_CREATED], *y = &b[INVOICE_CREATED];

	if (x->type != y->type)
		return x->type == VALUE_INT ? 1 : -1;
	if (x->i != y->i)
		return x->i > y->i ? 1 : -1;
	return strcmp(value_str(&a[INVOICE_ID]), value_str(&b[INVOICE_ID]));
}

/* The newest invoice of the subscription that was made after its snapshot: one
 * that lacks its time, by hand, counts as that. */
static enum db_result
find_newest(struct ops *ops, const struct candidate *c, const char *name,
    struct value **out)
{
	struct value params[] = {value_text(c->id), value_text(
	    name != NULL ? name : "")};
	enum db_result rc;

	rc = rows_first(ops, STATEMENT_INVOICE_UNDATED, params, out);
	if (rc != DB_OK || *out != NULL)
		return rc;
	params[1] = *standing_row(c, SUBSCRIPTION_UPDATED_AT,
	    SESSION_UPDATED_AT);
	return rows_first(ops, STATEMENT_INVOICE_LATEST, params, out);
}

/* A deleted draft is no invoice any more; one of another subscription is not
 * this one's; and one that names none is this one's if the snapshot says so. */
static bool
is_named(const struct candidate *c, const struct value *invoice)
{
	const char *subscription =
	    value_str(&invoice[INVOICE_SUBSCRIPTION_ID]);

	if (invoice[INVOICE_DELETED].i != 0)
		return false;
	return subscription == NULL ? c->rows.subscription != NULL :
	    strcmp(subscription, c->id) == 0;
}

/*
 * The latest invoice: the newest among the one that the snapshot names and
 * those of this subscription that were made after it.
 */
static enum db_result
find_latest(struct ops *ops, struct candidate *c)
{
	const char *name = value_str(standing_row(c,
	    SUBSCRIPTION_LATEST_INVOICE_ID, SESSION_INVOICE_ID));
	const struct value *named;
	struct value *newest;
	enum db_result rc;

	c->asked = true;
	rc = get(ops, KIND_INVOICE, name, &named);
	if (rc == DB_OK)
		rc = find_newest(ops, c, name, &newest);
	if (rc != DB_OK)
		return rc;
	if (named != NULL && !is_named(c, named))
		named = NULL;
	if (named != NULL && newest != NULL &&
	    newest[INVOICE_CREATED].type == VALUE_INT)
		c->rows.latest = compare_invoices(named, newest) > 0 ? named :
		    newest;
	else
		c->rows.latest = newest != NULL ? newest : named;
	return DB_OK;
}

/* Looks up the rows that can move the status. */
static enum db_result
find_rows(struct ops *ops, struct candidate *c)
{
	struct value param = value_text(c->id), *row;
	const char *word = status_of(&c->rows).word;
	enum db_result rc;

	if (status_is_final(word))
		return DB_OK;
	rc = get(ops, KIND_CUSTOMER, value_str(standing_row(c,
	    SUBSCRIPTION_CUSTOMER_ID, SESSION_CUSTOMER_ID)),
	    &c->rows.customer);
	if (rc == DB_OK && status_asks_first(word)) {
		rc = rows_first(ops, STATEMENT_INVOICE_FIRST, &param, &row);
		c->rows.first = row;
	}
	if (rc == DB_OK && status_asks_first(word) &&
	    c->rows.session == NULL) {
		rc = rows_first(ops, STATEMENT_SESSION_NAMING, &param, &row);
		c->rows.session = row;
	}
	if (rc == DB_OK && status_asks_latest(word))
		rc = find_latest(ops, c);
	return rc;
}

static enum db_result
look_at(struct ops *ops, struct candidate *c)
{
	const struct value *created;
	enum db_result rc = find_rows(ops, c);

	if (rc != DB_OK)
		return rc;
	c->status = status_of(&c->rows);
	created = standing_row(c, SUBSCRIPTION_CREATED, SESSION_CREATED);
	c->place = (struct status_candidate){
		.livemode = standing_row(c, SUBSCRIPTION_LIVEMODE,
		    SESSION_LIVEMODE)->i != 0,
		.word = c->status.word,
		.has_created = created->type == VALUE_INT,
		.created = created->i,
		.id = c->id,
	};
	return DB_OK;
}

/* All subscriptions of the tenant, with a snapshot or without. */
static enum db_result
find_candidates(struct ops *ops, const char *tenant, struct candidate **out,
    size_t *n)
{
	struct value param = value_text(tenant), *session;
	struct rows seen, unseen;
	struct candidate *c;
	enum db_result rc;
	size_t i;

	*n = 0;
	rc = rows_all(ops, STATEMENT_SUBSCRIPTIONS_OF_TENANT, &param, &seen);
	if (rc == DB_OK)
		rc = rows_all(ops, STATEMENT_UNSEEN_OF_TENANT, &param,
		    &unseen);
	if (rc != DB_OK)
		return rc;
	c = *out = arena_array(ops->arena, seen.n + unseen.n + 1, sizeof(*c));
	if (c == NULL)
		return DB_ENOMEM;
	for (i = 0; i < seen.n; i++, c++) {
		c->id = value_str(&seen.v[i][SUBSCRIPTION_ID]);
		c->rows.subscription = seen.v[i];
	}
	for (i = 0; i < unseen.n && rc == DB_OK; i++, c++) {
		c->id = value_str(&unseen.v[i][0]);
		rc = rows_first(ops, STATEMENT_SESSION_STANDING, unseen.v[i],
		    &session);
		c->rows.session = session;
	}
	*n = seen.n + unseen.n;
	return rc;
}

static enum db_result
put_item(struct ops *ops, const struct candidate *c, struct value *v)
{
	struct value param = value_text(c->id), *first;
	enum db_result rc;
	size_t i;

	rc = rows_first(ops, STATEMENT_ITEMS_GET, &param, &first);
	for (i = 0; rc == DB_OK && first != NULL &&
	    i < sizeof(item) / sizeof(item[0]); i++)
		if (first[item[i].from].type != VALUE_NULL)
			v[item[i].to] = first[item[i].from];
	return rc;
}

/* The tenant's row from its first subscription. */
static enum db_result
make_row(struct ops *ops, struct candidate *c, struct value *v)
{
	enum db_result rc = DB_OK;
	size_t i;

	v[PRICING_STRIPE_SUBSCRIPTION_ID] = value_text(c->id);
	if (c->rows.subscription != NULL) {
		for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
			v[own[i].to] = c->rows.subscription[own[i].from];
		rc = put_item(ops, c, v);
	} else
		v[PRICING_STRIPE_CUSTOMER_ID] =
		    c->rows.session[SESSION_CUSTOMER_ID];
	if (rc == DB_OK && !c->asked)
		rc = find_latest(ops, c);
	v[PRICING_LATEST_INVOICE_ID] = c->rows.latest != NULL ?
	    c->rows.latest[INVOICE_ID] : *standing_row(c,
	    SUBSCRIPTION_LATEST_INVOICE_ID, SESSION_INVOICE_ID);
	if (c->rows.latest != NULL)
		v[PRICING_HOSTED_INVOICE_URL] =
		    c->rows.latest[INVOICE_HOSTED_INVOICE_URL];
	v[PRICING_STATUS] = value_text(c->status.word);
	v[PRICING_STATUS_FROM] = value_text(c->status.from);
	v[PRICING_LIVEMODE] = value_int(c->place.livemode);
	v[PRICING_UPDATED_AT] = value_int(c->status.updated_at);
	return rc;
}

static enum db_result
find_first(struct ops *ops, const char *tenant, struct value *v, bool *found)
{
	struct candidate *c, *first = NULL;
	enum db_result rc;
	int64_t count = 0;
	size_t i, n;

	rc = find_candidates(ops, tenant, &c, &n);
	for (i = 0; i < n && rc == DB_OK; i++) {
		rc = look_at(ops, &c[i]);
		if (rc == DB_OK && (first == NULL ||
		    status_compare(&c[i].place, &first->place) < 0))
			first = &c[i];
	}
	*found = first != NULL;
	if (rc != DB_OK || first == NULL)
		return rc;
	for (i = 0; i < n; i++)
		if (c[i].place.livemode == first->place.livemode &&
		    !status_is_final(c[i].status.word))
			count++;
	v[PRICING_TENANT_ID] = value_text(tenant);
	v[PRICING_SUBSCRIPTION_COUNT] = value_int(count);
	return make_row(ops, first, v);
}

/* Into the journal, if it is something that a shop would want to know. */
static enum db_result
note_change(struct ops *ops, const char *tenant, const struct value *before,
    const struct value *after)
{
	static const enum pricing_column told[] = {PRICING_STATUS,
	    PRICING_STRIPE_PRICE_ID, PRICING_QUANTITY};
	const struct value *row = after != NULL ? after : before;
	struct value params[] = {
		value_text(tenant), row[PRICING_STRIPE_SUBSCRIPTION_ID],
		before != NULL ? before[PRICING_STATUS] : value_null(),
		after != NULL ? after[PRICING_STATUS] : value_null(),
		value_text(ops->cause.id), value_int(ops->cause.created),
		value_int(ops->now),
	};
	bool same = before != NULL && after != NULL;
	size_t i;

	for (i = 0; same && i < sizeof(told) / sizeof(told[0]); i++)
		same = value_equal(&before[told[i]], &after[told[i]]);
	return same || ops->quiet ? DB_OK : db_run(ops->db, STATEMENT_CHANGE_ADD, params,
	    NULL, NULL);
}

static enum db_result
refresh(struct ops *ops, const char *tenant)
{
	struct value after[PRICING__MAX] = {{VALUE_NULL, 0, NULL, 0}};
	struct value param = value_text(tenant), *before;
	enum db_result rc;
	bool found;

	rc = find_first(ops, tenant, after, &found);
	if (rc == DB_OK)
		rc = rows_first(ops, STATEMENT_PRICING_GET, &param, &before);
	if (rc != DB_OK || (!found && before == NULL) ||
	    (found && before != NULL && value_equal_all(before, after,
	    PRICING__MAX)))
		return rc;
	rc = db_run(ops->db, found ? STATEMENT_PRICING_PUT :
	    STATEMENT_PRICING_DELETE, found ? after : &param, NULL, NULL);
	return rc == DB_OK ? note_change(ops, tenant, before,
	    found ? after : NULL) : rc;
}

enum db_result
pricing_refresh(struct ops *ops)
{
	enum db_result rc = DB_OK;
	size_t i;

	for (i = 0; i < ops->tenants.n && rc == DB_OK; i++)
		rc = refresh(ops, ops->tenants.v[i]);
	return rc;
}
