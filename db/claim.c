/*
 * An event is its id: the first to store it has claimed it, and a repeat
 * changes nothing but the count of deliveries.
 */
#include <string.h>

#include "ops.h"

static int
note_row(void *arg, const struct value *v, size_t n)
{
	bool *claimed = arg;

	(void)v;
	(void)n;
	*claimed = true;
	return 0;
}

static enum db_result
insert(struct ops *ops, const struct claim *c, bool *claimed)
{
	const struct event *e = c->event;
	struct value params[] = {
		value_text(e->id), value_text(e->type),
		value_text(e->api_version),
		e->has_created ? value_int(e->created) : value_null(),
		value_int(e->livemode), value_text(e->account),
		value_text(e->object_id), value_int(ops->now),
		value_text(c->outcome), value_text(*e->error == '\0' ? NULL :
		    e->error),
		value_bytes(c->body, c->len),
	};

	*claimed = false;
	return db_run(ops->db, STATEMENT_EVENT_CLAIM, params, note_row,
	    claimed);
}

static enum db_result
replace(struct ops *ops, const struct claim *c)
{
	const struct event *e = c->event;
	struct value params[] = {
		value_text(e->type), value_text(e->api_version),
		e->has_created ? value_int(e->created) : value_null(),
		value_int(e->livemode), value_text(e->account),
		value_text(e->object_id), value_text(c->outcome),
		value_text(*e->error == '\0' ? NULL : e->error),
		value_bytes(c->body, c->len), value_text(e->id),
	};

	return db_run(ops->db, STATEMENT_EVENT_REPLACE, params, NULL, NULL);
}

enum db_result
claim_place(struct ops *ops, const struct claim *c)
{
	const struct event *e = c->event;
	struct value rank[] = {value_text(e->object_id),
	    value_bytes(c->rank, RANK_LEN), value_text(e->id)};
	struct value parked[] = {value_text(e->object_id), value_text(e->id),
	    value_text(e->type),
	    e->has_created ? value_int(e->created) : value_null()};

	if (c->rank != NULL)
		return db_run(ops->db, STATEMENT_RANK_PUT, rank, NULL, NULL);
	if (c->parked && e->object_id != NULL && e->known != NULL)
		return db_run(ops->db, STATEMENT_PARKED_PUT, parked, NULL,
		    NULL);
	return DB_OK;
}

enum db_result
claim_take_back(struct ops *ops, const char *id, const char *object_id)
{
	struct value params[] = {value_text(object_id), value_text(id)};
	enum db_result rc = DB_OK;

	if (object_id == NULL)
		return DB_OK;
	rc = db_run(ops->db, STATEMENT_RANK_DELETE, params, NULL, NULL);
	return rc == DB_OK ? db_run(ops->db, STATEMENT_PARKED_DELETE, params,
	    NULL, NULL) : rc;
}

enum db_result
claim_event(struct ops *ops, const struct claim *claim, bool *repeat,
    struct replaced *replaced)
{
	struct value param = value_text(claim->event->id), *stored;
	const struct event_type *type;
	enum db_result rc;
	bool claimed;

	memset(replaced, 0, sizeof(*replaced));
	rc = insert(ops, claim, &claimed);
	*repeat = !claimed;
	if (rc != DB_OK || claimed)
		return rc == DB_OK ? claim_place(ops, claim) : rc;
	/* Two endpoints of different API versions on one URL send one event
	 * in two shapes: the later version counts, whichever came first. */
	rc = rows_first(ops, STATEMENT_EVENT_STORED, &param, &stored);
	if (rc != DB_OK)
		return rc;
	if (stored == NULL)
		return db_refuse(ops->db, "an event is not there that was "
		    "just written: is there a trigger that is not billhook's? "
		    "billhook doctor names it");
	if (event_version_compare(
	    claim->event->api_version, value_str(&stored[1])) <= 0)
		return db_run(ops->db, STATEMENT_EVENT_REPEAT, &param, NULL,
		    NULL);
	type = value_str(&stored[0]) == NULL ? NULL :
	    event_type_find(value_str(&stored[0]));
	replaced->done = true;
	replaced->kind = type != NULL ? type->kind : KIND_NONE;
	replaced->object_id = value_str(&stored[2]);
	*repeat = false;
	rc = claim_take_back(ops, claim->event->id, replaced->object_id);
	if (rc == DB_OK)
		rc = replace(ops, claim);
	return rc == DB_OK ? claim_place(ops, claim) : rc;
}
