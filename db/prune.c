/*
 * Prune: old payloads go, ids stay, and so does what the tables can still
 * depend on.
 */
#include <string.h>

#include "ops.h"
#include "report.h"
#include "store_private.h"

#define PAGES_AT_ONCE	1000	/* given back in one transaction */

struct prune {
	struct store	    *store;
	struct ops	     ops;
	int64_t		     before;
	bool		     dry;
	bool		     mixed;	/* events of both modes, or of several
					 * accounts, are on record */
	struct prune_result *out;
	char		     cursor[EVENT_ID_MAX + 1];
};

/* Whether something may be read from an event again, whatever comes: also from
 * one that the settings have shut out, and others would let in; and from one
 * beside which others may come to be shut out, of the other mode or of another
 * account. */
static enum db_result
is_needed(struct prune *p, const struct value *event, bool *needed)
{
	const struct event_type *type = event[1].type == VALUE_TEXT ?
	    event_type_find(event[1].s) : NULL;
	struct value params[] = {event[2], event[0]}, *parked, *rank = NULL,
	    *mixed = NULL;
	enum db_result rc;

	*needed = false;
	if (type == NULL || event[2].type != VALUE_TEXT)
		return DB_OK;
	rc = rows_first(&p->ops, STATEMENT_PARKED_ONE, params, &parked);
	if (rc == DB_OK)
		rc = rows_first(&p->ops, STATEMENT_RANK_GET, params, &rank);
	if (rc == DB_OK && p->mixed)
		rc = rows_first(&p->ops, STATEMENT_RANK_MIXED, params, &mixed);
	*needed = mixed != NULL || parked != NULL || rank == NULL ||
	    strcmp(type->name, "checkout.session.completed") == 0;
	if (rc != DB_OK || *needed)
		return rc;
	return history_counts(&p->ops, type->kind, event[2].s, event[0].s,
	    needed);
}

static enum db_result
prune_event(struct prune *p, const struct value *event)
{
	enum db_result rc;
	bool needed;

	rc = is_needed(p, event, &needed);
	if (rc != DB_OK)
		return rc;
	if (needed) {
		p->out->kept++;
		return DB_OK;
	}
	p->out->emptied++;
	p->out->bytes += event[3].i;
	return p->dry ? DB_OK :
	    db_run(p->ops.db, STATEMENT_PRUNE_EVENT, event, NULL, NULL);
}

/* Some events, in a transaction of their own. */
static enum db_result
prune_some(struct prune *p, bool *more)
{
	struct value params[] = {value_text(p->cursor), value_int(p->before)};
	struct rows rows = {NULL, 0};
	enum db_result rc;
	size_t i;

	rc = db_begin(p->ops.db);
	if (rc != DB_OK)
		return rc;
	rc = rows_all(&p->ops, STATEMENT_PRUNE_EVENTS, params, &rows);
	for (i = 0; i < rows.n && rc == DB_OK; i++) {
		rc = rows_go_on(&p->ops, p->cursor, &rows.v[i][0]);
		if (rc == DB_OK)
			rc = prune_event(p, rows.v[i]);
	}
	if (rc == DB_OK && !p->dry)
		rc = db_give_back(p->ops.db, PAGES_AT_ONCE);
	*more = rows.n > 0;
	history_free(&p->ops);
	arena_reset(p->store->arena);
	if (rc != DB_OK) {
		db_rollback(p->ops.db);
		return rc;
	}
	return db_commit(p->ops.db);
}

static enum db_result
look_whether_mixed(struct prune *p)
{
	struct rows rows = {NULL, 0};
	enum db_result rc;

	rc = rows_all(&p->ops, STATEMENT_EVENT_KINDS, NULL, &rows);
	p->mixed = rows.n > 1;
	arena_reset(p->store->arena);
	return rc;
}

enum store_result
report_prune(struct store *store, int64_t before, bool dry,
    struct prune_result *out)
{
	struct prune p = {.store = store, .before = before, .dry = dry,
	    .out = out};
	enum store_result result;
	enum db_result rc;
	bool more = true;

	memset(out, 0, sizeof(*out));
	result = store_open(store);
	if (result != STORE_OK)
		return result;
	p.ops.db = store->db;
	p.ops.arena = store->arena;
	for (rc = look_whether_mixed(&p); rc == DB_OK && more;) {
		rc = prune_some(&p, &more);
		db_tidy(store->db);
		db_give_way(store->db);
	}
	if (rc == DB_OK)
		rc = db_durable(store->db);
	return rc == DB_OK ? STORE_OK : store_fail(store, rc, p.ops.error);
}
