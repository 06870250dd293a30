/*
 * Rebuild: recorded events read anew.
 *
 * It goes in batches, each a short transaction, so that deliveries go
 * on: first every event gets its place among those of its object, in shadow
 * tables; then every object is made once from its events; then what came
 * meanwhile is caught up with; and in the last transaction the shadows take
 * the place of the tables.  What is read are events and nothing else, so the
 * rows are those that any order of delivery gives.
 */
#include <string.h>

#include "reading.h"
#include "store_private.h"

struct rebuild {
	struct store	*store;
	struct recorded *recorded;	/* what is to be recorded */
	struct ops	 ops;
	void (*progress)(void *arg, int64_t events);
	void		*arg;
	int64_t		 events;
	bool		 ranked;	/* the tables in use can be asked for
					 * the places of events */
	char		 cursor[EVENT_ID_MAX + 1];
};

/* Columns of the statements that give an event. */
enum { EVENT_ID, EVENT_TYPE, EVENT_CREATED, EVENT_OBJECT_ID, EVENT_PAYLOAD,
    EVENT_LIVEMODE, EVENT_ACCOUNT };

static void
forget(struct rebuild *r)
{
	history_free(&r->ops);
	memset(&r->ops.tenants, 0, sizeof(r->ops.tenants));
	arena_reset(r->store->arena);
}

/* One batch: a transaction of its own. */
static enum db_result
batch(struct rebuild *r, enum db_result (*work)(struct rebuild *, bool *),
    bool *more)
{
	struct db *db = r->store->db;
	enum db_result rc = db_begin(db);

	*more = false;
	if (rc != DB_OK)
		return rc;
	rc = work(r, more);
	db_shadow_use(db, false);
	if (rc == DB_OK)
		rc = db_commit(db);
	else
		db_rollback(db);
	forget(r);
	return rc;
}

static enum db_result
batches(struct rebuild *r, enum db_result (*work)(struct rebuild *, bool *))
{
	enum db_result rc;
	bool more = true;

	for (rc = DB_OK; rc == DB_OK && more;) {
		rc = batch(r, work, &more);
		db_tidy(r->store->db);
		db_give_way(r->store->db);
	}
	return rc;
}

static enum db_result
drop_leftovers(struct rebuild *r, bool *more)
{
	return db_shadow_drop(r->store->db, more);
}

/* Of a rebuild that failed nothing stays. */
static enum db_result
give_up(struct rebuild *r, bool *more)
{
	*more = false;
	return db_shadow_give_up(r->store->db);
}

static enum db_result
make_shadows(struct rebuild *r, bool *more)
{
	*more = false;
	return db_shadow_make(r->store->db, &r->ranked);
}

/* An event whose payload was pruned keeps the place that it has, if its mode
 * and its account still let it in.  Without a place it does not count, which it
 * does not anyway: none is pruned that might. */
static enum db_result
copy_place(struct rebuild *r, const struct value *event)
{
	struct value params[] = {event[EVENT_OBJECT_ID], event[EVENT_ID]};
	const struct event envelope = {
		.livemode = event[EVENT_LIVEMODE].i != 0,
		.account = value_str(&event[EVENT_ACCOUNT]),
	};
	struct value *rank;
	enum db_result rc;

	if (!r->ranked || event[EVENT_OBJECT_ID].type == VALUE_NULL ||
	    recorded_refuses(r->recorded, &envelope) != NULL)
		return DB_OK;
	db_shadow_use(r->ops.db, false);
	rc = rows_first(&r->ops, STATEMENT_RANK_GET, params, &rank);
	db_shadow_use(r->ops.db, true);
	if (rc == DB_OK && rank != NULL) {
		struct value put[] = {event[EVENT_OBJECT_ID], rank[0],
		    event[EVENT_ID]};

		rc = db_run(r->ops.db, STATEMENT_RANK_PUT, put, NULL, NULL);
	}
	return rc;
}

static enum db_result
place_event(struct rebuild *r, const struct value *event)
{
	const struct value *payload = &event[EVENT_PAYLOAD];
	struct reading reading;
	struct claim claim;

	if (payload->type != VALUE_BYTES)
		return copy_place(r, event);
	switch (reading_event(&reading, &r->ops, r->recorded, payload->s,
	    payload->len)) {
	case READING_OK:
		claim = reading_claim(&reading, payload->s, payload->len);
		return claim_place(&r->ops, &claim);
	case READING_EPAYLOAD:
		return DB_OK;
	default:
		return DB_ENOMEM;
	}
}

static enum db_result
place_events(struct rebuild *r, bool *more)
{
	struct value param = value_text(r->cursor);
	struct rows rows;
	enum db_result rc;
	size_t i;

	rc = rows_all(&r->ops, STATEMENT_REBUILD_EVENTS, &param, &rows);
	db_shadow_use(r->ops.db, true);
	for (i = 0; i < rows.n && rc == DB_OK; i++) {
		rc = rows_go_on(&r->ops, r->cursor, &rows.v[i][EVENT_ID]);
		if (rc == DB_OK)
			rc = place_event(r, rows.v[i]);
	}
	r->events += (int64_t)i;
	if (r->progress != NULL)
		r->progress(r->arg, r->events);
	*more = rows.n > 0;
	return rc;
}

/* All objects of one id, of whatever kind. */
static enum db_result
make_objects_of(struct rebuild *r, const char *id)
{
	enum db_result rc = DB_OK;
	enum kind kind;
	bool changed;

	for (kind = KIND_NONE + 1; kind < KIND__MAX && rc == DB_OK; kind++)
		rc = object_refresh(&r->ops, kind, id, NULL, &changed);
	return rc;
}

static enum db_result
make_objects_by(struct rebuild *r, enum statement statement, bool *more)
{
	struct value param = value_text(r->cursor);
	struct rows rows;
	enum db_result rc;
	size_t i;

	db_shadow_use(r->ops.db, true);
	rc = rows_all(&r->ops, statement, &param, &rows);
	for (i = 0; i < rows.n && rc == DB_OK; i++) {
		rc = rows_go_on(&r->ops, r->cursor, &rows.v[i][0]);
		if (rc == DB_OK)
			rc = make_objects_of(r, r->cursor);
	}
	*more = rows.n > 0;
	return rc == DB_OK ? pricing_refresh(&r->ops) : rc;
}

static enum db_result
make_objects(struct rebuild *r, bool *more)
{
	return make_objects_by(r, STATEMENT_REBUILD_OBJECTS, more);
}

/* Objects of which nothing is known but parked events. */
static enum db_result
make_parked(struct rebuild *r, bool *more)
{
	return make_objects_by(r, STATEMENT_REBUILD_PARKED, more);
}

/* One event that came meanwhile, or came anew in a later API version. */
static enum db_result
catch_up_with(struct rebuild *r, const struct value *arrived)
{
	struct value param = arrived[1], *event;
	const char *before = value_str(&arrived[2]), *after;
	enum db_result rc;

	rc = rows_first(&r->ops, STATEMENT_REBUILD_EVENT, &param, &event);
	if (rc != DB_OK || event == NULL)
		return rc;
	after = value_str(&event[EVENT_OBJECT_ID]);
	rc = claim_take_back(&r->ops, param.s, after);
	if (rc == DB_OK)
		rc = claim_take_back(&r->ops, param.s, before);
	if (rc == DB_OK)
		rc = place_event(r, event);
	if (rc == DB_OK && after != NULL)
		rc = make_objects_of(r, after);
	if (rc == DB_OK && before != NULL)
		rc = make_objects_of(r, before);
	return rc == DB_OK ? db_run(r->ops.db,
	    STATEMENT_REBUILD_ARRIVED_DELETE, &arrived[0], NULL, NULL) : rc;
}

static enum db_result
catch_up(struct rebuild *r, bool *more)
{
	struct rows rows;
	enum db_result rc;
	size_t i;

	db_shadow_use(r->ops.db, true);
	rc = rows_all(&r->ops, STATEMENT_REBUILD_ARRIVED, NULL, &rows);
	for (i = 0; i < rows.n && rc == DB_OK; i++)
		rc = catch_up_with(r, rows.v[i]);
	*more = rows.n > 0;
	return rc == DB_OK ? pricing_refresh(&r->ops) : rc;
}

/* The last transaction: what has come in this moment, then the exchange. */
static enum db_result
exchange(struct rebuild *r, bool *more)
{
	enum db_result rc;
	bool again = true;

	*more = false;
	for (rc = DB_OK; rc == DB_OK && again;)
		rc = catch_up(r, &again);
	db_shadow_use(r->ops.db, false);
	if (rc == DB_OK)
		rc = db_shadow_exchange(r->ops.db);
	if (rc == DB_OK)
		rc = db_run(r->ops.db, STATEMENT_FAILED_UNPARK, NULL, NULL,
		    NULL);
	return rc == DB_OK ? recorded_put(r->recorded, r->ops.db) : rc;
}

static enum db_result
rebuild(struct rebuild *r)
{
	enum db_result rc;

	rc = batches(r, drop_leftovers);
	if (rc == DB_OK)
		rc = batches(r, make_shadows);
	*r->cursor = '\0';
	if (rc == DB_OK)
		rc = batches(r, place_events);
	*r->cursor = '\0';
	if (rc == DB_OK)
		rc = batches(r, make_objects);
	*r->cursor = '\0';
	if (rc == DB_OK)
		rc = batches(r, make_parked);
	if (rc == DB_OK)
		rc = batches(r, catch_up);
	if (rc == DB_OK)
		rc = batches(r, exchange);
	if (rc == DB_OK)
		rc = db_durable(r->store->db);
	if (rc == DB_OK)
		rc = batches(r, drop_leftovers);
	return rc;
}

enum store_result
store_rebuild(struct store *store, int64_t now,
    void (*progress)(void *arg, int64_t events), void *arg)
{
	struct rebuild r = {.store = store, .progress = progress, .arg = arg};
	enum store_result result;
	enum db_result rc;

	*store->error = '\0';
	result = store_open(store);
	if (result != STORE_OK)
		return result;
	r.recorded = recorded_of(store->settings);
	if (r.recorded == NULL)
		return store_fail(store, DB_ENOMEM, NULL);
	rc = db_shadow_enter(store->db);
	if (rc != DB_OK) {
		recorded_free(r.recorded);
		return store_fail(store, rc, NULL);
	}
	r.ops.db = store->db;
	r.ops.arena = store->arena;
	r.ops.tenant_key = recorded_tenant_key(r.recorded);
	r.ops.now = now;
	r.ops.quiet = true;
	rc = rebuild(&r);
	if (rc != DB_OK) {
		result = store_fail(store, rc, r.ops.error);
		if (batches(&r, give_up) == DB_OK)
			(void)batches(&r, drop_leftovers);
	}
	forget(&r);
	recorded_free(r.recorded);
	db_shadow_leave(store->db);
	if (rc != DB_OK)
		return result;
	/* What is recorded may be something else now. */
	store_close(store);
	return STORE_OK;
}
