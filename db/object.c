/*
 * Makes an object's row what its events say.
 */
#include <string.h>

#include "ops.h"
#include "tenant.h"

/* What a column gathers from all events of one type. */
static const struct {
	size_t	    column;
	const char *type;
	bool	    least;
} gathered[KIND__MAX] = {
	[KIND_SESSION] = {SESSION_COMPLETED_AT, "checkout.session.completed",
	    true},
	[KIND_INVOICE] = {INVOICE_LAST_FAILED_AT, "invoice.payment_failed",
	    false},
};

static size_t
tenant_column(enum kind kind)
{
	switch (kind) {
	case KIND_SUBSCRIPTION:
		return SUBSCRIPTION_TENANT_ID;
	case KIND_SESSION:
		return SESSION_TENANT_ID;
	case KIND_CUSTOMER:
		return CUSTOMER_TENANT_ID;
	default:
		return 0;
	}
}

static void
merge_time(struct value *out, int64_t t, bool least)
{
	if (out->type != VALUE_INT || (least ? t < out->i : t > out->i))
		*out = value_int(t);
}

struct times {
	struct value *out;
	const char   *type;
	bool	      least;
};

static int
take_time(void *arg, const struct value *v, size_t n)
{
	struct times *times = arg;

	(void)n;
	if (v[0].type == VALUE_TEXT && v[1].type == VALUE_INT &&
	    strcmp(v[0].s, times->type) == 0)
		merge_time(times->out, v[1].i, times->least);
	return 0;
}

/*
 * The column that gathers: from the event that came and what is stored; from
 * all events of the object where none came.
 */
static enum db_result
gather_time(struct ops *ops, enum kind kind, const struct loaded *cause,
    const struct value *before, struct value *after)
{
	const unsigned char prefix = (unsigned char)kind;
	const char *type = gathered[kind].type;
	struct times times;
	struct value params[3];
	struct rank_range range;
	enum db_result rc;

	if (type == NULL)
		return DB_OK;
	times = (struct times){&after[gathered[kind].column], type,
	    gathered[kind].least};
	if (cause != NULL) {
		if (before != NULL)
			*times.out = before[gathered[kind].column];
		if (strcmp(cause->snapshot.event.type, type) == 0)
			merge_time(times.out, cause->snapshot.event.created,
			    times.least);
		return DB_OK;
	}
	rc = history_range(ops, &range, &prefix, RANK_KIND);
	if (rc != DB_OK)
		return rc;
	params[0] = after[0];
	params[1] = range.from;
	params[2] = range.to;
	return db_run(ops->db, STATEMENT_EVENT_TYPES, params, take_time,
	    &times);
}

/* The row that the events ask for, in the arena. */
static enum db_result
make_row(struct ops *ops, enum kind kind, const struct snapshot *state,
    const struct loaded *cause, const struct value *before,
    struct value **out)
{
	size_t n = shape_of(kind)->ncolumns, tenant = tenant_column(kind);
	struct value *after;

	after = arena_array(ops->arena, n, sizeof(*after));
	if (after == NULL)
		return DB_ENOMEM;
	memcpy(after, state->row.v, n * sizeof(*after));
	if (before != NULL && tenant != 0)
		after[tenant] = before[tenant];
	*out = after;
	return gather_time(ops, kind, cause, before, after);
}

static enum db_result
map_subscription(struct ops *ops, const char *id, const struct value *before,
    const struct value *after)
{
	enum db_result rc;

	/* A row that is gone tells no longer whose it was. */
	rc = before == NULL ? DB_OK : names_add(ops, &ops->tenants,
	    value_str(&before[SUBSCRIPTION_TENANT_ID]));
	/* Of the row, nothing else says whose it is. */
	if (rc == DB_OK && before != NULL && after != NULL &&
	    value_equal(&before[SUBSCRIPTION_CUSTOMER_ID],
	    &after[SUBSCRIPTION_CUSTOMER_ID]) &&
	    value_equal(&before[SUBSCRIPTION_METADATA],
	    &after[SUBSCRIPTION_METADATA]))
		return DB_OK;
	return rc == DB_OK ? mapping_subscription(ops, id) : rc;
}

static enum db_result
map(struct ops *ops, enum kind kind, const char *id,
    const struct value *before, const struct value *after)
{
	switch (kind) {
	case KIND_SUBSCRIPTION:
		return map_subscription(ops, id, before, after);
	case KIND_SESSION:
		return mapping_session(ops, before, after);
	case KIND_CUSTOMER:
		return mapping_customer(ops, before, after);
	case KIND_INVOICE:
		return mapping_invoice(ops, before, after);
	default:
		return DB_OK;
	}
}

static enum db_result
write_row(struct ops *ops, enum kind kind, const char *id,
    const struct standing *standing, const struct snapshot *state,
    const struct loaded *cause, bool *changed)
{
	struct value *before = standing->row, *after = NULL;
	bool rewritten, items = false;
	struct latest_sessions latest;
	enum db_result rc = DB_OK;

	if (state != NULL)
		rc = make_row(ops, kind, state, cause, before, &after);
	if (rc != DB_OK)
		return rc;
	rewritten = before == NULL || after == NULL ? before != after :
	    !value_equal_all(before, after, shape_of(kind)->ncolumns);
	if (rewritten && kind == KIND_SESSION)
		rc = mapping_latest_before(ops, before, after, &latest);
	if (rc == DB_OK && rewritten)
		rc = after == NULL ? rows_delete(ops, kind, id) :
		    rows_put(ops, kind, before, after);
	if (rc == DB_OK && kind == KIND_SUBSCRIPTION)
		rc = items_put(ops, id, &standing->items,
		    state == NULL ? NULL : &state->row, &items);
	if (rc == DB_OK && (rewritten || items)) {
		*changed = true;
		rc = map(ops, kind, id, before, after);
	}
	if (rc == DB_OK && rewritten && kind == KIND_SESSION)
		rc = mapping_latest_after(ops, &latest);
	return rc;
}

/* The rows that the object has now; a list of entitlements is read where it is
 * written. */
static enum db_result
find_standing(struct ops *ops, enum kind kind, const char *id,
    struct standing *out)
{
	struct value param = value_text(id);
	enum db_result rc;

	memset(out, 0, sizeof(*out));
	if (kind == KIND_ENTITLEMENTS)
		return DB_OK;
	rc = rows_get(ops, kind, id, &out->row);
	if (rc == DB_OK && kind == KIND_SUBSCRIPTION)
		rc = rows_all(ops, STATEMENT_ITEMS_GET, &param, &out->items);
	return rc;
}

enum db_result
object_refresh(struct ops *ops, enum kind kind, const char *id,
    const struct loaded *cause, bool *changed)
{
	struct standing standing;
	struct history history;
	enum db_result rc;

	rc = find_standing(ops, kind, id, &standing);
	if (rc == DB_OK)
		rc = cause == NULL ? history_read(ops, kind, id, &history) :
		    history_advance(ops, kind, id, &history, cause, &standing);
	if (rc != DB_OK || history.pruned)
		return rc;
	ops->state = history.state != NULL ? history.state->event.id : NULL;
	rc = kind == KIND_ENTITLEMENTS ?
	    entitlements_refresh(ops, id, &history, changed) :
	    write_row(ops, kind, id, &standing, history.state, cause,
	    changed);
	if (rc == DB_OK)
		rc = doubts_refresh(ops, kind, id, &history);
	if (cause != NULL && history.state != NULL &&
	    strcmp(history.state->event.id, cause->snapshot.event.id) == 0)
		*changed = true;
	return rc;
}
