/* A tenant's dossier as JSON. */
#include <stdio.h>

#include "dossier.h"
#include "events.h"
#include "shape.h"
#include "show.h"
#include "tenants.h"

static void
put_rows(struct jsonout *out, const char *key, enum report report,
    const struct database_rows *rows, size_t columns)
{
	size_t i;

	jsonout_open(out, key, '[');
	for (i = 0; i < rows->n; i++) {
		jsonout_open(out, NULL, '{');
		show_members(out, report, rows->v[i], columns);
		jsonout_close(out, '}');
	}
	jsonout_close(out, ']');
}

static void
put_time(struct jsonout *out, const char *key, bool known, int64_t t)
{
	if (known)
		jsonout_int(out, key, t);
	else
		jsonout_null(out, key);
}

static void
put_answer(struct jsonout *out, const struct dossier *dossier)
{
	int64_t since = 0, until = 0;
	bool ends = false, known = dossier_since(dossier, &since);

	jsonout_text(out, "paid", dossier->row == NULL ? "no" :
	    tenants_paid(value_str(&dossier->row[TENANTS_STATUS])));
	put_time(out, "since", known, since);
	known = dossier->row != NULL &&
	    tenants_until(dossier->row, &until, &ends);
	put_time(out, "until", known, until);
	jsonout_bool(out, "ends", ends);
	if (dossier->row == NULL) {
		jsonout_null(out, "row");
		return;
	}
	jsonout_open(out, "row", '{');
	show_members(out, REPORT_TENANT, dossier->row, TENANTS__MAX);
	jsonout_close(out, '}');
}

static void
put_events(struct jsonout *out, const struct dossier *dossier)
{
	size_t i;

	jsonout_open(out, "events", '[');
	for (i = 0; i < dossier->nevents; i++) {
		jsonout_open(out, NULL, '{');
		show_members(out, REPORT_OBJECT_EVENTS, dossier->events[i].v,
		    EVENTS_PAYLOAD);
		jsonout_bool(out, "state", dossier->events[i].state);
		jsonout_close(out, '}');
	}
	jsonout_close(out, ']');
}

void
dossier_json(const struct dossier *dossier, const char *tenant)
{
	struct jsonout out;

	jsonout_init(&out, stdout);
	jsonout_open(&out, NULL, '{');
	jsonout_text(&out, "tenant_id", tenant);
	put_answer(&out, dossier);
	put_rows(&out, "subscriptions", REPORT_TENANT_SUBSCRIPTIONS,
	    &dossier->subscriptions, SUBSCRIPTION__MAX);
	put_rows(&out, "invoices", REPORT_SUBSCRIPTION_INVOICES,
	    &dossier->invoices, INVOICE__MAX);
	put_rows(&out, "sessions", REPORT_TENANT_SESSIONS,
	    &dossier->sessions, SESSION__MAX);
	put_events(&out, dossier);
	put_rows(&out, "status_changes", REPORT_TENANT_CHANGES,
	    &dossier->changes, CHANGES__MAX);
	put_rows(&out, "doubts", REPORT_DOUBTS, &dossier->doubts,
	    DOUBTS__MAX);
	jsonout_close(&out, '}');
}
