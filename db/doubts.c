/*
 * needs_fetch: what only Stripe can settle, computed with the rows.
 */
#include <string.h>

#include "ops.h"

enum doubt { DOUBT_TIE, DOUBT_GAP, DOUBT_PARTIAL, DOUBT_UNREADABLE,
    DOUBT__MAX };

static const char *const reasons[DOUBT__MAX] = {
	[DOUBT_TIE] = "tie",
	[DOUBT_GAP] = "gap",
	[DOUBT_PARTIAL] = "partial",
	[DOUBT_UNREADABLE] = "unreadable",
};

/* The event that a doubt is about, NULL where there is no such doubt. */
static const struct event *
doubted(const struct history *history, enum doubt doubt)
{
	const struct snapshot *state = history->state;

	switch (doubt) {
	case DOUBT_UNREADABLE:
		return history->unreadable;
	case DOUBT_PARTIAL:
		if (history->incomplete != NULL)
			return &history->incomplete->event;
		return state != NULL && state->row.has_more &&
		    state->event.known->kind == KIND_SUBSCRIPTION ?
		    &state->event : NULL;
	case DOUBT_TIE:
		return state != NULL && history->decision.tie ?
		    &state->event : NULL;
	case DOUBT_GAP:
		return state != NULL && history->decision.gap ?
		    &state->event : NULL;
	default:
		return NULL;
	}
}

static enum db_result
put(struct ops *ops, const char *id, const char *object, enum doubt doubt,
    const struct history *history)
{
	const struct event *event = doubted(history, doubt);
	const struct event *since = doubt == DOUBT_PARTIAL ? event :
	    history->state != NULL ? &history->state->event : NULL;
	struct value params[] = {
		value_text(id), value_text(reasons[doubt]),
		value_text(object), value_int(event->livemode),
		value_text(event->id),
		since != NULL ? value_int(since->created) : value_null(),
	};

	return db_run(ops->db, STATEMENT_DOUBT_PUT, params, NULL, NULL);
}

static enum db_result
take_out(struct ops *ops, const char *id, enum doubt doubt)
{
	struct value params[] = {value_text(id), value_text(reasons[doubt])};

	return db_run(ops->db, STATEMENT_DOUBT_DELETE, params, NULL, NULL);
}

/* The object that a row is of now; NULL where there is no such row. */
static const char *
holder(const struct rows *rows, enum doubt doubt)
{
	size_t i;

	for (i = 0; i < rows->n; i++)
		if (rows->v[i][0].type == VALUE_TEXT &&
		    strcmp(rows->v[i][0].s, reasons[doubt]) == 0)
			return value_str(&rows->v[i][1]);
	return NULL;
}

/*
 * Brings the rows of one object up to date.  One row has room for one object:
 * of two with the same id and reason the one with the lesser word has it.
 * *freed is set where a row went that another may want.
 */
static enum db_result
refresh(struct ops *ops, enum kind kind, const char *id,
    const struct history *history, bool *freed)
{
	const char *object = shape_of(kind)->object, *held;
	struct value param = value_text(id);
	enum db_result rc;
	struct rows rows;
	enum doubt d;

	rc = rows_all(ops, STATEMENT_DOUBTS_GET, &param, &rows);
	for (d = 0; d < DOUBT__MAX && rc == DB_OK; d++) {
		held = holder(&rows, d);
		if (doubted(history, d) != NULL) {
			if (held == NULL || strcmp(object, held) <= 0)
				rc = put(ops, id, object, d, history);
		} else if (held != NULL && strcmp(object, held) == 0) {
			rc = take_out(ops, id, d);
			*freed = true;
		}
	}
	return rc;
}

static enum db_result
refresh_other(struct ops *ops, enum kind kind, const char *id)
{
	struct history history;
	enum db_result rc = history_read(ops, kind, id, &history);
	bool ignored = false;

	if (rc == DB_OK && history.pruned)
		return DB_OK;
	if (rc == DB_OK && kind == KIND_ENTITLEMENTS)
		rc = entitlements_refresh(ops, id, &history, &ignored);
	return rc == DB_OK ? refresh(ops, kind, id, &history, &ignored) : rc;
}

enum db_result
doubts_refresh(struct ops *ops, enum kind kind, const char *id,
    const struct history *history)
{
	enum db_result rc;
	enum kind other;
	bool freed = false;

	rc = refresh(ops, kind, id, history, &freed);
	/* An object of another kind can have the same id: a customer and the
	 * summary of its entitlements have, a product and a price may. */
	for (other = KIND_NONE + 1; freed && other < KIND__MAX &&
	    rc == DB_OK; other++)
		if (other != kind)
			rc = refresh_other(ops, other, id);
	return rc;
}
