/*
 * Whose rows are: the tenant of subscriptions, sessions and customers, always
 * from the rows as they are now.
 */
#include <string.h>

#include "ops.h"
#include "tenant.h"

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static const char *
text_of(const struct value *row, size_t column)
{
	return row == NULL ? NULL : value_str(&row[column]);
}

static enum db_result
in_metadata(struct ops *ops, const struct value *metadata, const char **out)
{
	return tenant_in_metadata(out, metadata, ops->tenant_key,
	    ops->arena) == -1 ? DB_ENOMEM : DB_OK;
}

static enum db_result
session_facts(struct ops *ops, const struct value *session,
    struct tenant_session *out)
{
	if (session == NULL)
		return DB_OK;
	out->client_reference_id =
	    value_str(&session[SESSION_CLIENT_REFERENCE_ID]);
	return in_metadata(ops, &session[SESSION_METADATA], &out->metadata);
}

static enum db_result
latest_facts(struct ops *ops, const char *customer_id,
    struct tenant_session *out)
{
	struct value param = value_text(customer_id), *session;
	enum db_result rc;

	rc = rows_first(ops, STATEMENT_SESSION_LATEST, &param, &session);
	return rc == DB_OK ? session_facts(ops, session, out) : rc;
}

/* What a customer's rows say of the tenant. */
static enum db_result
customer_facts(struct ops *ops, const char *customer_id,
    struct tenant_facts *facts)
{
	struct value *customer;
	enum db_result rc;

	if (customer_id == NULL)
		return DB_OK;
	rc = rows_get(ops, KIND_CUSTOMER, customer_id, &customer);
	if (rc == DB_OK && customer != NULL)
		rc = in_metadata(ops, &customer[CUSTOMER_METADATA],
		    &facts->customer);
	return rc == DB_OK ? latest_facts(ops, customer_id, &facts->latest) :
	    rc;
}

/* Writes the tenant of a row if it is another one than before. */
static enum db_result
put_tenant(struct ops *ops, enum statement statement, const char *id,
    const char *before, const char *after)
{
	struct value params[] = {value_text(after), value_text(id)};

	if (same_text(before, after))
		return DB_OK;
	return db_run(ops->db, statement, params, NULL, NULL);
}

/* The row of a subscription that only sessions name. */
static enum db_result
put_unseen(struct ops *ops, const char *id, const char *before,
    const char *after)
{
	struct value params[] = {value_text(id), value_text(after)};

	if (same_text(before, after))
		return DB_OK;
	return db_run(ops->db, after == NULL ? STATEMENT_UNSEEN_DELETE :
	    STATEMENT_UNSEEN_PUT, params, NULL, NULL);
}

/* The tenant of a subscription: row is its own, or, with no snapshot, that of
 * the session that stands for it. */
static enum db_result
subscription_tenant(struct ops *ops, const char *id, const struct value *row,
    const struct value *standing, const char **out)
{
	struct tenant_facts facts = {0};
	struct value param = value_text(id), *naming;
	enum db_result rc;

	*out = NULL;
	if (row == NULL && standing == NULL)
		return DB_OK;
	facts.customer_id = row != NULL ?
	    text_of(row, SUBSCRIPTION_CUSTOMER_ID) :
	    text_of(standing, SESSION_CUSTOMER_ID);
	rc = rows_first(ops, STATEMENT_SESSION_NAMING, &param, &naming);
	if (rc == DB_OK)
		rc = session_facts(ops, naming, &facts.session);
	if (rc == DB_OK && row != NULL)
		rc = in_metadata(ops, &row[SUBSCRIPTION_METADATA],
		    &facts.subscription);
	if (rc == DB_OK)
		rc = customer_facts(ops, facts.customer_id, &facts);
	if (rc == DB_OK)
		*out = tenant_of(&facts);
	return rc;
}

enum db_result
mapping_subscription(struct ops *ops, const char *id)
{
	struct value param = value_text(id), *row, *unseen, *standing = NULL;
	const char *before, *after;
	enum db_result rc;

	rc = rows_get(ops, KIND_SUBSCRIPTION, id, &row);
	if (rc == DB_OK)
		rc = rows_first(ops, STATEMENT_UNSEEN_GET, &param, &unseen);
	if (rc == DB_OK && row == NULL)
		rc = rows_first(ops, STATEMENT_SESSION_STANDING, &param,
		    &standing);
	if (rc == DB_OK)
		rc = subscription_tenant(ops, id, row, standing, &after);
	if (rc != DB_OK)
		return rc;
	before = text_of(unseen, 0);
	rc = names_add(ops, &ops->tenants, before);
	if (rc == DB_OK)
		rc = put_unseen(ops, id, before, row == NULL ? after : NULL);
	if (rc == DB_OK && row != NULL) {
		before = text_of(row, SUBSCRIPTION_TENANT_ID);
		rc = names_add(ops, &ops->tenants, before);
		if (rc == DB_OK)
			rc = put_tenant(ops, STATEMENT_SUBSCRIPTION_MAP, id,
			    before, after);
	}
	return rc == DB_OK ? names_add(ops, &ops->tenants, after) : rc;
}

/* The tenant of a session, from its own place in the list on. */
static enum db_result
map_session(struct ops *ops, const char *id)
{
	struct tenant_facts facts = {0};
	struct value *row;
	enum db_result rc;

	rc = rows_get(ops, KIND_SESSION, id, &row);
	if (rc != DB_OK || row == NULL)
		return rc;
	rc = session_facts(ops, row, &facts.session);
	if (rc == DB_OK)
		rc = customer_facts(ops, text_of(row, SESSION_CUSTOMER_ID),
		    &facts);
	return rc == DB_OK ? put_tenant(ops, STATEMENT_SESSION_MAP, id,
	    text_of(row, SESSION_TENANT_ID), tenant_of(&facts)) : rc;
}

static enum db_result
map_customer(struct ops *ops, const char *id)
{
	struct tenant_facts facts = {0};
	struct value *row;
	enum db_result rc;

	rc = rows_get(ops, KIND_CUSTOMER, id, &row);
	if (rc != DB_OK || row == NULL)
		return rc;
	rc = customer_facts(ops, id, &facts);
	return rc == DB_OK ? put_tenant(ops, STATEMENT_CUSTOMER_MAP, id,
	    text_of(row, CUSTOMER_TENANT_ID), tenant_of(&facts)) : rc;
}

/* All that hangs on a customer. */
static enum db_result
map_all_of(struct ops *ops, const char *customer_id)
{
	struct value param = value_text(customer_id);
	struct names subscriptions = {NULL, 0, 0};
	struct rows rows;
	enum db_result rc;
	size_t i;

	rc = map_customer(ops, customer_id);
	if (rc == DB_OK)
		rc = rows_all(ops, STATEMENT_SESSIONS_OF_CUSTOMER, &param,
		    &rows);
	for (i = 0; rc == DB_OK && i < rows.n; i++) {
		rc = map_session(ops, text_of(rows.v[i], 0));
		if (rc == DB_OK)
			rc = names_add(ops, &subscriptions,
			    text_of(rows.v[i], 1));
	}
	if (rc == DB_OK)
		rc = rows_all(ops, STATEMENT_SUBSCRIPTIONS_OF_CUSTOMER,
		    &param, &rows);
	for (i = 0; rc == DB_OK && i < rows.n; i++)
		rc = names_add(ops, &subscriptions, text_of(rows.v[i], 0));
	for (i = 0; rc == DB_OK && i < subscriptions.n; i++)
		rc = mapping_subscription(ops, subscriptions.v[i]);
	return rc;
}

enum db_result
mapping_session(struct ops *ops, const struct value *before,
    const struct value *after)
{
	const char *old = text_of(before, SESSION_SUBSCRIPTION_ID);
	const char *new = text_of(after, SESSION_SUBSCRIPTION_ID);
	enum db_result rc = DB_OK;

	if (after != NULL)
		rc = map_session(ops, text_of(after, SESSION_ID));
	if (rc == DB_OK && old != NULL)
		rc = mapping_subscription(ops, old);
	if (rc == DB_OK && new != NULL && !same_text(old, new))
		rc = mapping_subscription(ops, new);
	return rc;
}

/* A session that is not complete cannot be the latest complete one. */
static const char *
customer_of_complete(const struct value *session)
{
	return session != NULL && same_text(text_of(session, SESSION_STATUS),
	    "complete") ? text_of(session, SESSION_CUSTOMER_ID) : NULL;
}

static enum db_result
latest_tenant(struct ops *ops, const char *customer_id, const char **out)
{
	struct tenant_facts facts = {0};
	enum db_result rc = latest_facts(ops, customer_id, &facts.latest);

	*out = tenant_of(&facts);
	return rc;
}

enum db_result
mapping_latest_before(struct ops *ops, const struct value *before,
    const struct value *after, struct latest_sessions *out)
{
	enum db_result rc = DB_OK;
	int i;

	memset(out, 0, sizeof(*out));
	out->customer_id[0] = customer_of_complete(before);
	out->customer_id[1] = customer_of_complete(after);
	if (same_text(out->customer_id[0], out->customer_id[1]))
		out->customer_id[1] = NULL;
	for (i = 0; i < 2 && rc == DB_OK; i++)
		if (out->customer_id[i] != NULL)
			rc = latest_tenant(ops, out->customer_id[i],
			    &out->tenant[i]);
	return rc;
}

enum db_result
mapping_latest_after(struct ops *ops, const struct latest_sessions *latest)
{
	enum db_result rc = DB_OK;
	const char *tenant;
	int i;

	for (i = 0; i < 2 && rc == DB_OK; i++) {
		if (latest->customer_id[i] == NULL)
			continue;
		rc = latest_tenant(ops, latest->customer_id[i], &tenant);
		if (rc == DB_OK && !same_text(tenant, latest->tenant[i]))
			rc = map_all_of(ops, latest->customer_id[i]);
	}
	return rc;
}

enum db_result
mapping_customer(struct ops *ops, const struct value *before,
    const struct value *after)
{
	const struct value *rows[2] = {before, after};
	const char *id = text_of(before != NULL ? before : after, CUSTOMER_ID);
	const char *tenant[2] = {NULL, NULL};
	enum db_result rc = DB_OK;
	bool deleted = false;
	int i;

	for (i = 0; i < 2 && rc == DB_OK; i++) {
		if (rows[i] == NULL)
			continue;
		deleted = deleted || rows[i][CUSTOMER_DELETED].i != 0;
		rc = in_metadata(ops, &rows[i][CUSTOMER_METADATA],
		    &tenant[i]);
	}
	if (rc != DB_OK)
		return rc;
	/* A deleted customer ends the subscriptions, so they are looked at
	 * even where they stay with their tenant. */
	if (deleted || !same_text(tenant[0], tenant[1]))
		return map_all_of(ops, id);
	return before == NULL ? map_customer(ops, id) : DB_OK;
}

/* The tenant that a subscription is mapped to now. */
static enum db_result
add_tenant_of(struct ops *ops, const char *subscription_id)
{
	struct value param = value_text(subscription_id), *row;
	enum db_result rc;

	if (subscription_id == NULL)
		return DB_OK;
	rc = rows_get(ops, KIND_SUBSCRIPTION, subscription_id, &row);
	if (rc != DB_OK)
		return rc;
	if (row != NULL)
		return names_add(ops, &ops->tenants,
		    text_of(row, SUBSCRIPTION_TENANT_ID));
	rc = rows_first(ops, STATEMENT_UNSEEN_GET, &param, &row);
	return rc == DB_OK ? names_add(ops, &ops->tenants, text_of(row, 0)) :
	    rc;
}

enum db_result
mapping_invoice(struct ops *ops, const struct value *before,
    const struct value *after)
{
	const char *old = text_of(before, INVOICE_SUBSCRIPTION_ID);
	const char *new = text_of(after, INVOICE_SUBSCRIPTION_ID);
	struct rows naming;
	enum db_result rc = add_tenant_of(ops, old);
	size_t i;

	if (rc == DB_OK && !same_text(old, new))
		rc = add_tenant_of(ops, new);
	/* One that names no subscription may be named by one. */
	if (rc != DB_OK || (new != NULL && (before == NULL || old != NULL)))
		return rc;
	rc = rows_all(ops, STATEMENT_SUBSCRIPTIONS_NAMING,
	    before != NULL ? before : after, &naming);
	for (i = 0; i < naming.n && rc == DB_OK; i++)
		rc = add_tenant_of(ops, text_of(naming.v[i], 0));
	return rc;
}
