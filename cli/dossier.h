/*
 * All that is on record of a tenant: the row, what it was read from, and the
 * events that led there.
 */
#ifndef DOSSIER_H
#define DOSSIER_H

#include "database.h"

struct dossier_event {
	const struct value *v;	/* as reports on events give it, without the
				 * payload */
	const char *status;	/* that it said its object has; or NULL */
	int64_t arrival;
	bool state;		/* its object's row is read from it */
};

struct dossier {
	const struct value *row;	/* of tenant_pricing; NULL if none */
	struct database_rows subscriptions;
	struct database_rows sessions;
	struct database_rows changes;
	struct database_rows doubts;	/* about the objects concerned */
	struct database_rows invoices;	/* of the subscriptions */
	struct dossier_event *events;	/* by their time, then by arrival */
	size_t nevents;
	const char *tenant_key;		/* as recorded */
};

/* Reads it; all lives in the database's arena.  CLI_OK, or CLI_PROBLEM and it
 * was said why. */
int dossier_read(struct database *db, const char *tenant,
    struct dossier *out);

/* Since when the answer is what it is: by the journal, else by the
 * subscription.  False if neither says. */
bool dossier_since(const struct dossier *dossier, int64_t *out);

/* The latest invoice of the tenant's row, and the event that said last that a
 * payment of it failed.  NULL where they are not on record. */
const struct value *dossier_invoice(const struct dossier *dossier);
const struct value *dossier_failure(const struct dossier *dossier);

/* Prints it as JSON, or in words with the last so many events. */
void dossier_json(const struct dossier *dossier, const char *tenant);
int dossier_print(const struct dossier *dossier, const char *tenant,
    size_t events);

/* The columns of two reports. */
enum dossier_change {
	CHANGES_SUBSCRIPTION_ID, CHANGES_OLD, CHANGES_NEW, CHANGES_EVENT_ID,
	CHANGES_EVENT_CREATED, CHANGES_RECORDED_AT, CHANGES__MAX
};
enum dossier_doubt {
	DOUBTS_OBJECT_ID, DOUBTS_REASON, DOUBTS_OBJECT, DOUBTS_LIVEMODE,
	DOUBTS_EVENT_ID, DOUBTS_SINCE, DOUBTS__MAX
};

#endif
