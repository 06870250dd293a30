/* What is on record of a tenant. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "dossier.h"
#include "events.h"
#include "shape.h"
#include "tenants.h"

/* Ids without repeats. */
struct ids {
	const char **v;
	size_t n, room;
};

struct reading {
	struct database *db;
	struct dossier *out;
	struct ids subscriptions;
	struct ids objects;		/* whose events are read */
	size_t room;			/* for events */
};

static int
fail(const struct reading *r)
{
	return cli_fail(r->db->name, "out of memory");
}

static bool
has(const struct ids *ids, const char *id)
{
	size_t i;

	for (i = 0; i < ids->n; i++)
		if (strcmp(ids->v[i], id) == 0)
			return true;
	return false;
}

/* CLI_OK or CLI_PROBLEM.  An id that is NULL is none. */
static int
add(struct reading *r, struct ids *ids, const struct value *id)
{
	const char **grown;

	if (value_str(id) == NULL || has(ids, id->s))
		return CLI_OK;
	if (ids->n == ids->room) {
		ids->room = ids->room == 0 ? 16 : ids->room * 2;
		grown = arena_array(r->db->arena, ids->room, sizeof(*grown));
		if (grown == NULL)
			return fail(r);
		if (ids->n > 0)
			memcpy(grown, ids->v, ids->n * sizeof(*grown));
		ids->v = grown;
	}
	ids->v[ids->n++] = id->s;
	return CLI_OK;
}

/* Joins rows behind others. */
static int
join(struct reading *r, struct database_rows *rows,
    const struct database_rows *more)
{
	struct value **v = arena_array(r->db->arena, rows->n + more->n + 1,
	    sizeof(*v));

	if (v == NULL)
		return fail(r);
	if (rows->n > 0)
		memcpy(v, rows->v, rows->n * sizeof(*v));
	if (more->n > 0)
		memcpy(v + rows->n, more->v, more->n * sizeof(*v));
	rows->v = v;
	rows->n += more->n;
	return CLI_OK;
}

static int
read_rows(struct reading *r, const char *tenant)
{
	struct value param = value_text(tenant);
	struct dossier *out = r->out;
	struct database_rows row;
	int status;

	status = database_gather(r->db, REPORT_TENANT, &param, &row);
	if (status == CLI_OK)
		status = database_gather(r->db, REPORT_TENANT_SUBSCRIPTIONS,
		    &param, &out->subscriptions);
	if (status == CLI_OK)
		status = database_gather(r->db, REPORT_TENANT_SESSIONS,
		    &param, &out->sessions);
	if (status == CLI_OK)
		status = database_gather(r->db, REPORT_TENANT_CHANGES,
		    &param, &out->changes);
	if (status == CLI_OK && row.n > 0)
		out->row = row.v[0];
	return status;
}

/* Notes which objects the rows are about. */
static int
note_objects(struct reading *r)
{
	struct dossier *out = r->out;
	int status = CLI_OK;
	size_t i;

	for (i = 0; i < out->subscriptions.n && status == CLI_OK; i++) {
		status = add(r, &r->subscriptions,
		    &out->subscriptions.v[i][SUBSCRIPTION_ID]);
		if (status == CLI_OK)
			status = add(r, &r->objects, &out->subscriptions.v[i]
			    [SUBSCRIPTION_CUSTOMER_ID]);
	}
	/* One that only a checkout session names so far. */
	if (status == CLI_OK && out->row != NULL)
		status = add(r, &r->subscriptions,
		    &out->row[TENANTS_SUBSCRIPTION]);
	for (i = 0; i < out->sessions.n && status == CLI_OK; i++) {
		status = add(r, &r->objects,
		    &out->sessions.v[i][SESSION_ID]);
		if (status == CLI_OK)
			status = add(r, &r->objects, &out->sessions.v[i]
			    [SESSION_CUSTOMER_ID]);
	}
	return status;
}

static int
read_invoices(struct reading *r)
{
	struct database_rows found;
	struct value param;
	int status = CLI_OK;
	size_t i;

	for (i = 0; i < r->subscriptions.n && status == CLI_OK; i++) {
		param = value_text(r->subscriptions.v[i]);
		status = add(r, &r->objects, &param);
		if (status == CLI_OK)
			status = database_gather(r->db,
			    REPORT_SUBSCRIPTION_INVOICES, &param, &found);
		if (status == CLI_OK)
			status = join(r, &r->out->invoices, &found);
	}
	for (i = 0; i < r->out->invoices.n && status == CLI_OK; i++)
		status = add(r, &r->objects,
		    &r->out->invoices.v[i][INVOICE_ID]);
	return status;
}

static int
read_doubts(struct reading *r)
{
	struct database_rows all, *out = &r->out->doubts;
	int status;
	size_t i;

	status = database_gather(r->db, REPORT_DOUBTS, NULL, &all);
	if (status != CLI_OK)
		return status;
	out->v = all.v;
	for (i = 0; i < all.n; i++)
		if (has(&r->objects, all.v[i][DOUBTS_OBJECT_ID].s))
			out->v[out->n++] = all.v[i];
	return CLI_OK;
}

static int
compare_events(const void *a, const void *b)
{
	const struct dossier_event *x = a, *y = b;
	int64_t p = x->v[EVENTS_CREATED].i, q = y->v[EVENTS_CREATED].i;

	if (p == q) {
		p = x->arrival;
		q = y->arrival;
	}
	return p < q ? -1 : p > q;
}

/* Adds an event, but not its payload, which would be much of many. */
static int
take_event(void *arg, const struct value *v, size_t n)
{
	struct reading *r = arg;
	struct dossier *out = r->out;
	struct dossier_event *grown, *event;

	(void)n;
	if (out->nevents == r->room) {
		r->room = r->room == 0 ? 64 : r->room * 2;
		grown = arena_array(r->db->arena, r->room, sizeof(*grown));
		if (grown == NULL)
			return -1;
		if (out->nevents > 0)
			memcpy(grown, out->events, out->nevents *
			    sizeof(*grown));
		out->events = grown;
	}
	event = &out->events[out->nevents];
	event->v = value_copy(r->db->arena, v, EVENTS_PAYLOAD);
	event->arrival = v[EVENTS_ARRIVAL].i;
	if (event->v == NULL || events_status(r->db, &v[EVENTS_PAYLOAD],
	    &event->status) != CLI_OK)
		return -1;
	out->nevents++;
	return 0;
}

static int
read_events(struct reading *r)
{
	struct dossier *out = r->out;
	char state[EVENT_ID_MAX + 1];
	struct value param;
	int status = CLI_OK;
	size_t i;

	for (i = 0; i < r->objects.n && status == CLI_OK; i++) {
		param = value_text(r->objects.v[i]);
		status = database_run(r->db, REPORT_OBJECT_EVENTS, &param,
		    take_event, r);
	}
	for (i = 0; i < out->nevents && status == CLI_OK; i++) {
		status = events_state(r->db, out->events[i].v, state);
		out->events[i].state = status == CLI_OK &&
		    strcmp(state, out->events[i].v[EVENTS_ID].s) == 0;
	}
	if (status == CLI_OK && out->nevents > 0)
		qsort(out->events, out->nevents, sizeof(*out->events),
		    compare_events);
	return status;
}

int
dossier_read(struct database *db, const char *tenant, struct dossier *out)
{
	struct reading r = { .db = db, .out = out };
	int status;

	memset(out, 0, sizeof(*out));
	out->tenant_key = report_tenant_key(db->store);
	status = read_rows(&r, tenant);
	if (status == CLI_OK)
		status = note_objects(&r);
	if (status == CLI_OK)
		status = read_invoices(&r);
	if (status == CLI_OK)
		status = read_doubts(&r);
	return status == CLI_OK ? read_events(&r) : status;
}

/* The row of the subscription that counts. */
static const struct value *
find_subscription(const struct dossier *dossier)
{
	const char *id = value_str(&dossier->row[TENANTS_SUBSCRIPTION]);
	size_t i;

	for (i = 0; i < dossier->subscriptions.n; i++)
		if (strcmp(dossier->subscriptions.v[i][SUBSCRIPTION_ID].s,
		    id) == 0)
			return dossier->subscriptions.v[i];
	return NULL;
}

bool
dossier_since(const struct dossier *dossier, int64_t *out)
{
	const struct value *subscription, *v, *at = NULL;
	const char *paid;
	size_t i;

	if (dossier->row == NULL)
		return false;
	paid = tenants_paid(value_str(&dossier->row[TENANTS_STATUS]));
	for (i = dossier->changes.n; i-- > 0;) {
		v = dossier->changes.v[i];
		if (strcmp(tenants_paid(value_str(&v[CHANGES_NEW])),
		    paid) != 0)
			break;
		at = v[CHANGES_EVENT_CREATED].type == VALUE_INT ?
		    &v[CHANGES_EVENT_CREATED] : &v[CHANGES_RECORDED_AT];
	}
	subscription = find_subscription(dossier);
	if (at == NULL && subscription != NULL)
		at = &subscription[SUBSCRIPTION_START_DATE];
	if (at == NULL || at->type != VALUE_INT)
		return false;
	*out = at->i;
	return true;
}

const struct value *
dossier_invoice(const struct dossier *dossier)
{
	const char *id = dossier->row == NULL ? NULL :
	    value_str(&dossier->row[TENANTS_LATEST_INVOICE]);
	size_t i;

	for (i = 0; id != NULL && i < dossier->invoices.n; i++)
		if (strcmp(dossier->invoices.v[i][INVOICE_ID].s, id) == 0)
			return dossier->invoices.v[i];
	return NULL;
}

const struct value *
dossier_failure(const struct dossier *dossier)
{
	const struct value *invoice = dossier_invoice(dossier), *v;
	const char *type, *object;
	size_t i;

	for (i = dossier->nevents; invoice != NULL && i-- > 0;) {
		v = dossier->events[i].v;
		type = value_str(&v[EVENTS_TYPE]);
		object = value_str(&v[EVENTS_OBJECT_ID]);
		if (type != NULL && object != NULL &&
		    strcmp(type, "invoice.payment_failed") == 0 &&
		    strcmp(object, invoice[INVOICE_ID].s) == 0)
			return v;
	}
	return NULL;
}
