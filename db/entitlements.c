/*
 * A customer's entitlements.  Stripe sends lists of them, of which a long one
 * is not complete (has_more).  A key is there if it stands in the last
 * complete list, or in an incomplete one that is not older; its row is read
 * from the latest of the lists that hold it.
 */
#include <string.h>

#include "ops.h"

/* Lists that count, and the keys found in them so far. */
struct keys {
	struct ops	*ops;
	const struct snapshot *complete;	/* NULL if none */
	const struct snapshot *incomplete;	/* the latest that counts */
	struct key {
		const struct row      *row;
		const struct snapshot *from;
	} *v;
	size_t n;
	size_t room;
};

static bool
is_later(const struct snapshot *a, const struct snapshot *b)
{
	if (a->event.created != b->event.created)
		return a->event.created > b->event.created;
	return strcmp(a->event.id, b->event.id) > 0;
}

static enum db_result
add_key(struct keys *keys, const struct row *row, const struct snapshot *from)
{
	struct key *v;
	size_t i, room;

	for (i = 0; i < keys->n; i++)
		if (value_equal(&keys->v[i].row->v[ENTITLEMENT_LOOKUP_KEY],
		    &row->v[ENTITLEMENT_LOOKUP_KEY]))
			break;
	if (i == keys->room) {
		room = keys->room == 0 ? 16 : keys->room * 2;
		v = arena_array(keys->ops->arena, room, sizeof(*v));
		if (v == NULL)
			return DB_ENOMEM;
		if (keys->n > 0)
			memcpy(v, keys->v, keys->n * sizeof(*v));
		keys->v = v;
		keys->room = room;
	}
	if (i == keys->n)
		keys->n++;
	else if (!is_later(from, keys->v[i].from))
		return DB_OK;
	keys->v[i].row = row;
	keys->v[i].from = from;
	return DB_OK;
}

static enum db_result
add_list(struct keys *keys, const struct snapshot *from)
{
	enum db_result rc = DB_OK;
	size_t i;

	for (i = 0; i < from->row.nchildren && rc == DB_OK; i++)
		rc = add_key(keys, &from->row.children[i], from);
	return rc;
}

/* The ids of the customer's incomplete lists, latest first. */
static enum db_result
find_incomplete(struct ops *ops, const char *customer_id,
    const struct snapshot *any, struct rows *out)
{
	unsigned char rank[RANK_LEN];
	struct row incomplete = any->row;
	struct value params[3];
	struct rank_range range;
	enum db_result rc;

	incomplete.has_more = true;
	rank_of(rank, &any->event, &incomplete);
	rc = history_range(ops, &range, rank, RANK_LIFE);
	if (rc != DB_OK)
		return rc;
	params[0] = value_text(customer_id);
	params[1] = range.from;
	params[2] = range.to;
	return rows_all(ops, STATEMENT_EVENT_RANKS, params, out);
}

static enum db_result
gather(struct keys *keys, const char *customer_id, const struct snapshot *any)
{
	struct loaded *loaded;
	struct rows rows;
	enum db_result rc;
	size_t i;

	if (keys->complete != NULL) {
		rc = add_list(keys, keys->complete);
		if (rc != DB_OK)
			return rc;
	}
	rc = find_incomplete(keys->ops, customer_id, any, &rows);
	for (i = 0; rc == DB_OK && i < rows.n; i++) {
		rc = history_load(keys->ops, rows.v[i][1].s, &loaded);
		if (rc != DB_OK || loaded == NULL)
			break;
		if (keys->complete != NULL &&
		    loaded->snapshot.event.created <
		    keys->complete->event.created)
			break;	/* older than the complete list, as all after */
		if (keys->incomplete == NULL)
			keys->incomplete = &loaded->snapshot;
		rc = add_list(keys, &loaded->snapshot);
	}
	return rc;
}

static const struct key *
find_key(const struct keys *keys, const struct value *lookup_key)
{
	size_t i;

	for (i = 0; i < keys->n; i++)
		if (value_equal(&keys->v[i].row->v[ENTITLEMENT_LOOKUP_KEY],
		    lookup_key))
			return &keys->v[i];
	return NULL;
}

static bool
is_stored(const struct rows *stored, const struct row *row)
{
	size_t i;

	for (i = 0; i < stored->n; i++)
		if (value_equal_all(stored->v[i], row->v, ENTITLEMENT__MAX))
			return true;
	return false;
}

/* Makes the stored rows those of the keys. */
static enum db_result
write_keys(const struct keys *keys, const char *customer_id, bool *changed)
{
	struct ops *ops = keys->ops;
	struct value params[2] = {value_text(customer_id), value_null()};
	struct rows stored;
	enum db_result rc;
	size_t i;

	rc = rows_all(ops, STATEMENT_ENTITLEMENTS_GET, params, &stored);
	for (i = 0; i < stored.n && rc == DB_OK; i++) {
		params[1] = stored.v[i][ENTITLEMENT_LOOKUP_KEY];
		if (find_key(keys, &params[1]) != NULL)
			continue;
		*changed = true;
		rc = db_run(ops->db, STATEMENT_ENTITLEMENT_DELETE, params,
		    NULL, NULL);
	}
	for (i = 0; i < keys->n && rc == DB_OK; i++) {
		if (is_stored(&stored, keys->v[i].row))
			continue;
		*changed = true;
		rc = db_run(ops->db, STATEMENT_ENTITLEMENT_PUT,
		    keys->v[i].row->v, NULL, NULL);
	}
	return rc;
}

enum db_result
entitlements_refresh(struct ops *ops, const char *customer_id,
    struct history *history, bool *changed)
{
	struct keys keys = {.ops = ops};
	const struct snapshot *any = history->state;
	enum db_result rc = DB_OK;

	if (any != NULL && !any->row.has_more)
		keys.complete = any;
	if (any != NULL)
		rc = gather(&keys, customer_id, any);
	if (rc == DB_OK)
		rc = write_keys(&keys, customer_id, changed);
	/* For the doubts: an incomplete list that counts is what the rows
	 * are in doubt of; incomplete ones by themselves are never a tie. */
	if (keys.complete == NULL)
		history->decision.tie = history->decision.gap = false;
	history->incomplete = keys.incomplete;
	return rc;
}
