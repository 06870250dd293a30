#include <stdio.h>
#include <string.h>

#include "ops.h"
#include "report.h"
#include "store_private.h"

#define EVENT_COLUMNS "id", "type", "created", "received_at", "object_id", \
    "livemode", "account", "api_version", "deliveries", "outcome", "error"

static const char *const event_columns[] = {EVENT_COLUMNS, NULL};
static const char *const whole_event_columns[] = {EVENT_COLUMNS, "payload",
    NULL};
static const char *const object_event_columns[] = {EVENT_COLUMNS, "payload",
    "arrival", NULL};
static const char *const event_change_columns[] = {"tenant_id",
    "stripe_subscription_id", "old_status", "new_status", "recorded_at",
    NULL};
static const char *const tenant_columns[] = {"tenant_id",
    "stripe_customer_id", "stripe_subscription_id", "stripe_price_id",
    "stripe_product_id", "lookup_key", "quantity", "currency", "unit_amount",
    "interval", "interval_count", "status", "status_from",
    "current_period_start", "current_period_end", "trial_end", "cancel_at",
    "cancel_at_period_end", "canceled_at", "ended_at", "pause_behavior",
    "pause_resumes_at", "latest_invoice_id", "hosted_invoice_url",
    "subscription_count", "livemode", "updated_at", NULL};
static const char *const change_columns[] = {"stripe_subscription_id",
    "old_status", "new_status", "event_id", "event_created", "recorded_at",
    NULL};
static const char *const doubt_columns[] = {"object_id", "reason", "object",
    "livemode", "event_id", "since", NULL};
static const char *const count_columns[] = {"type", "outcome", "events",
    "deliveries", "last_received_at", NULL};
static const char *const status_columns[] = {"status", "tenants", NULL};

/* Rows of objects have the columns of their shape. */
static const struct {
	enum statement	   statement;
	const char *const *columns;
	enum kind	   kind;
} reports[REPORT__MAX] = {
	[REPORT_EVENTS] = {STATEMENT_REPORT_EVENTS, event_columns, KIND_NONE},
	[REPORT_EVENT] = {STATEMENT_REPORT_EVENT, whole_event_columns,
	    KIND_NONE},
	[REPORT_OBJECT_EVENTS] = {STATEMENT_REPORT_OBJECT_EVENTS,
	    object_event_columns, KIND_NONE},
	[REPORT_EVENT_CHANGES] = {STATEMENT_REPORT_EVENT_CHANGES,
	    event_change_columns, KIND_NONE},
	[REPORT_TENANTS] = {STATEMENT_REPORT_TENANTS, tenant_columns,
	    KIND_NONE},
	[REPORT_TENANT] = {STATEMENT_REPORT_TENANT, tenant_columns,
	    KIND_NONE},
	[REPORT_TENANT_SUBSCRIPTIONS] = {STATEMENT_REPORT_TENANT_SUBSCRIPTIONS,
	    NULL, KIND_SUBSCRIPTION},
	[REPORT_TENANT_SESSIONS] = {STATEMENT_REPORT_TENANT_SESSIONS, NULL,
	    KIND_SESSION},
	[REPORT_TENANT_CHANGES] = {STATEMENT_REPORT_TENANT_CHANGES,
	    change_columns, KIND_NONE},
	[REPORT_SUBSCRIPTION_INVOICES] = {
	    STATEMENT_REPORT_SUBSCRIPTION_INVOICES, NULL, KIND_INVOICE},
	[REPORT_DOUBTS] = {STATEMENT_REPORT_DOUBTS, doubt_columns, KIND_NONE},
	[REPORT_COUNTS] = {STATEMENT_REPORT_COUNTS, count_columns, KIND_NONE},
	[REPORT_STATUSES] = {STATEMENT_REPORT_STATUSES, status_columns,
	    KIND_NONE},
};

const char *
report_column(enum report report, size_t n)
{
	size_t i;

	if (reports[report].kind != KIND_NONE)
		return shape_column_name(shape_of(reports[report].kind), n);
	for (i = 0; i < n && reports[report].columns[i] != NULL; i++)
		continue;
	return reports[report].columns[i];
}

enum store_result
report_run(struct store *store, enum report report,
    const struct value *params, report_row *row, void *arg)
{
	enum store_result result = store_open(store);
	enum db_result rc;

	if (result != STORE_OK)
		return result;
	rc = db_run(store->db, reports[report].statement, params, row, arg);
	return rc == DB_OK ? STORE_OK : store_fail(store, rc, NULL);
}

enum store_result
report_state(struct store *store, enum kind kind, const char *object_id,
    char out[EVENT_ID_MAX + 1])
{
	struct ops ops = {.arena = store->arena};
	enum store_result result = store_open(store);
	struct history history;
	enum db_result rc;

	*out = '\0';
	if (result != STORE_OK || kind == KIND_NONE)
		return result;
	ops.db = store->db;
	rc = history_read(&ops, kind, object_id, &history);
	if (rc == DB_OK && history.state != NULL)
		(void)snprintf(out, EVENT_ID_MAX + 1, "%s",
		    history.state->event.id);
	if (rc != DB_OK)
		result = store_fail(store, rc, ops.error);
	history_free(&ops);
	arena_reset(store->arena);
	return result;
}

const char *
report_tenant_key(const struct store *store)
{
	return store->recorded == NULL ? NULL :
	    recorded_tenant_key(store->recorded);
}

enum store_result
report_backup(struct store *store, const char *path, bool *sound)
{
	enum store_result result = store_open(store);
	enum db_result rc;

	if (result != STORE_OK)
		return result;
	rc = db_backup(store->db, path, sound);
	if (rc == DB_OK && *sound)
		*sound = db_check_tables(store->db, false) == DB_OK;
	if (rc != DB_OK || !*sound)
		result = store_fail(store, rc, NULL);
	return result;
}

enum store_result
report_health(struct store *store, struct report_health *out)
{
	enum store_result result;
	enum db_result rc;

	memset(out, 0, sizeof(*out));
	result = store_open(store);
	if (result != STORE_OK)
		return result;
	rc = db_health(store->db, &out->db);
	return rc == DB_OK ? STORE_OK : store_fail(store, rc, NULL);
}
