/*
 * What the operator's command reads of a store, and does to it.
 */
#ifndef REPORT_H
#define REPORT_H

#include "driver.h"
#include "event.h"
#include "store.h"
#include "value.h"

enum report {
	REPORT_EVENTS,		/* type prefix, outcome, object id, received
				 * from, received before, limit; NULL: any */
	REPORT_EVENT,		/* id; its last column is the payload, NULL if
				 * pruned */
	REPORT_OBJECT_EVENTS,	/* object id: the events that count for it;
				 * payload, NULL if pruned, and a number that
				 * grows with arrival */
	REPORT_EVENT_CHANGES,	/* event id */
	REPORT_TENANTS,		/* status or NULL, limit */
	REPORT_TENANT,		/* tenant id; so the next three */
	REPORT_TENANT_SUBSCRIPTIONS,
	REPORT_TENANT_SESSIONS,
	REPORT_TENANT_CHANGES,
	REPORT_SUBSCRIPTION_INVOICES,	/* subscription id */
	REPORT_DOUBTS,		/* needs_fetch */
	REPORT_COUNTS,		/* events by type and outcome */
	REPORT_STATUSES,	/* tenants by status */
	REPORT__MAX
};

/* The name of a report's n-th column; NULL behind the last. */
const char *report_column(enum report report, size_t n);

/* Runs a report with its parameters as said above.  row is called for each
 * row with its columns, borrowed until it returns: 0 to go on, 1 to stop. */
typedef int report_row(void *arg, const struct value *v, size_t n);
enum store_result report_run(struct store *store, enum report report,
    const struct value *params, report_row *row, void *arg);

/*
 * The event that the row of an object is read from, as the events on record
 * say: its id into out, "" if there is none.  kind is that of its type.
 */
enum store_result report_state(struct store *store, enum kind kind,
    const char *object_id, char out[EVENT_ID_MAX + 1]);

/* The metadata key that names the tenant, as recorded; NULL before the store
 * is open. */
const char *report_tenant_key(const struct store *store);

/*
 * Empties the payloads of events received before a time, but for those that
 * the tables can still depend on: of the two last seconds of each object, of
 * completed sessions, of lists of entitlements that count, and parked ones.
 * Ids stay for ever.  Gives space back to the file system.  With dry it only
 * counts.
 */
struct prune_result {
	int64_t emptied;	/* payloads */
	int64_t bytes;		/* of them */
	int64_t kept;		/* since they still count */
};
enum store_result report_prune(struct store *store, int64_t before,
    bool dry, struct prune_result *out);

/* Copies the database, as of one moment, to a new file at path, with
 * responders running.  The file must not be there yet.  *sound says whether it
 * is a database in order with tables that are ours, store_error() what is not. */
enum store_result report_backup(struct store *store, const char *path,
    bool *sound);

/* What an operator should know of the database as such. */
struct report_health {
	struct db_health db;
};
enum store_result report_health(struct store *store,
    struct report_health *out);

#endif
