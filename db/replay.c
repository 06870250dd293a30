/*
 * Replay: parked events that this program can read are applied, in the tables
 * as they are.
 */
#include <string.h>

#include "reading.h"
#include "store_private.h"

#define MOVED_MAX 10	/* how often the store is opened anew */

/* Columns of the statement that gives an event. */
enum { PAYLOAD = 4 };

struct replay {
	const struct recorded *recorded;
	struct ops	       ops;
};

/* One parked event, if it can be read now. */
static enum db_result
replay_event(struct replay *r, const char *id, int64_t *applied)
{
	struct value param = value_text(id), *event;
	enum reading_result result;
	struct reading reading;
	struct claim claim;
	enum db_result rc;
	bool changed;

	rc = rows_first(&r->ops, STATEMENT_REBUILD_EVENT, &param, &event);
	if (rc != DB_OK || event == NULL ||
	    event[PAYLOAD].type != VALUE_BYTES)
		return rc;
	result = reading_event(&reading, &r->ops, r->recorded,
	    event[PAYLOAD].s, event[PAYLOAD].len);
	if (result == READING_ENOMEM)
		return DB_ENOMEM;
	if (result != READING_OK || reading.verdict != OUTCOME_APPLIED)
		return DB_OK;
	claim = reading_claim(&reading, event[PAYLOAD].s,
	    event[PAYLOAD].len);
	r->ops.cause.id = claim.event->id;
	r->ops.cause.created = claim.event->created;
	rc = claim_take_back(&r->ops, id, claim.event->object_id);
	if (rc == DB_OK)
		rc = claim_place(&r->ops, &claim);
	if (rc == DB_OK)
		rc = db_run(r->ops.db, STATEMENT_EVENT_UNPARK, &param, NULL,
		    NULL);
	if (rc == DB_OK)
		rc = object_refresh(&r->ops, claim.event->known->kind,
		    claim.event->object_id, NULL, &changed);
	if (rc == DB_OK)
		rc = pricing_refresh(&r->ops);
	++*applied;
	return rc;
}

/* Some of them, in a transaction of their own. */
static enum db_result
replay_some(struct replay *r, char cursor[EVENT_ID_MAX + 1], int64_t *parked,
    int64_t *applied, bool *more)
{
	struct value param = value_text(cursor);
	struct db *db = r->ops.db;
	struct rows rows = {NULL, 0};
	enum db_result rc;
	bool same;
	size_t i;

	rc = db_begin(db);
	if (rc != DB_OK)
		return rc;
	/* A rebuild may have taken other settings over since: then what they
	 * shut out must not come in. */
	rc = recorded_check(r->recorded, db, &same);
	if (rc == DB_OK && !same)
		rc = DB_EMOVED;
	if (rc == DB_OK)
		rc = rows_all(&r->ops, STATEMENT_FAILED_EVENTS, &param,
		    &rows);
	for (i = 0; rc == DB_OK && i < rows.n; i++) {
		++*parked;
		memset(&r->ops.tenants, 0, sizeof(r->ops.tenants));
		rc = rows_go_on(&r->ops, cursor, &rows.v[i][0]);
		if (rc == DB_OK)
			rc = replay_event(r, cursor, applied);
	}
	*more = rows.n > 0;
	history_free(&r->ops);
	arena_reset(r->ops.arena);
	if (rc == DB_OK)
		return db_commit(db);
	db_rollback(db);
	return rc;
}

/* Opens the store, if need be, and takes what is recorded in it. */
static enum store_result
open_for(struct replay *r, struct store *store)
{
	enum store_result result = store_open(store);

	if (result != STORE_OK)
		return result;
	r->recorded = store->recorded;
	r->ops.db = store->db;
	r->ops.tenant_key = recorded_tenant_key(r->recorded);
	return STORE_OK;
}

enum store_result
store_replay(struct store *store, int64_t now, int64_t *parked,
    int64_t *applied)
{
	char cursor[EVENT_ID_MAX + 1] = "";
	struct replay r = {.ops = {.arena = store->arena, .now = now}};
	enum store_result result;
	enum db_result rc = DB_OK;
	bool more = true;
	int moved = 0;

	*parked = *applied = 0;
	*store->error = '\0';
	while (rc == DB_OK && more) {
		result = open_for(&r, store);
		if (result != STORE_OK)
			return result;
		rc = replay_some(&r, cursor, parked, applied, &more);
		if (rc == DB_EMOVED && moved++ < MOVED_MAX) {
			store_close(store);
			rc = DB_OK;
			more = true;
		} else {
			db_tidy(store->db);
			db_give_way(store->db);
		}
	}
	if (rc == DB_OK)
		rc = db_durable(store->db);
	return rc == DB_OK ? STORE_OK : store_fail(store, rc, r.ops.error);
}
