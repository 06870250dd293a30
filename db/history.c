/*
 * The events of an object, as far as they can still matter: those of its two
 * last seconds, by an index, however many there are.
 */
#include <stdio.h>
#include <string.h>

#include "ops.h"

/* An event of the index: not read yet. */
struct ranked {
	unsigned char rank[RANK_LEN];
	const char   *id;
};

/* What the scan of the index gathers. */
struct scan {
	struct ops	      *ops;
	const struct loaded   *cause;		/* NULL if unknown */
	const struct standing *standing;
	struct ranked	       events[2][ORDER_SECOND_MAX];
	size_t		       n[2];
	bool		       overfull[2];
	int		       second;		/* the one being gathered */
};

static bool
same_rank(const struct scan *scan, int second, const void *rank)
{
	return scan->n[second] > 0 &&
	    memcmp(scan->events[second][0].rank, rank, RANK_LEN) == 0;
}

static int
gather(void *arg, const struct value *v, size_t n)
{
	struct scan *scan = arg;
	struct ranked *event;

	(void)n;
	if (v[0].len != RANK_LEN)
		return 0;
	if (scan->n[scan->second] > 0 &&
	    !same_rank(scan, scan->second, v[0].s)) {
		/* A third second, or another life, does not matter. */
		if (scan->second == 1 || memcmp(scan->events[0][0].rank,
		    v[0].s, RANK_LIFE) != 0)
			return 1;
		scan->second = 1;
	}
	if (scan->n[scan->second] == ORDER_SECOND_MAX) {
		scan->overfull[scan->second] = true;
		return 1;
	}
	event = &scan->events[scan->second][scan->n[scan->second]++];
	memcpy(event->rank, v[0].s, RANK_LEN);
	event->id = arena_text(scan->ops->arena, v[1].s, v[1].len);
	return event->id == NULL ? -1 : 0;
}

enum db_result
history_range(struct ops *ops, struct rank_range *out,
    const unsigned char *prefix, size_t len)
{
	char *from = arena_text(ops->arena, (const char *)prefix, len);
	char *to = arena_text(ops->arena, (const char *)prefix, len);

	if (from == NULL || to == NULL)
		return DB_ENOMEM;
	/* No prefix that is used ends in 255. */
	to[len - 1]++;
	out->from = value_bytes(from, len);
	out->to = value_bytes(to, len);
	return DB_OK;
}

struct payload {
	struct ops    *ops;
	struct loaded *loaded;
	bool	       read;
	bool	       pruned;
};

/* Reads a stored payload while the statement lends it. */
static int
read_payload(void *arg, const struct value *v, size_t n)
{
	struct payload *p = arg;
	struct loaded *loaded = p->loaded;
	struct ops *ops = p->ops;
	enum event_result rc;

	(void)n;
	p->pruned = v[0].type != VALUE_BYTES;
	if (p->pruned)
		return 1;
	rc = event_parse(&loaded->snapshot.event, v[0].s, v[0].len);
	if (rc == EVENT_ENOMEM)
		return -1;
	if (rc != EVENT_OK)
		return 1;
	switch (order_snapshot(&loaded->snapshot, &loaded->reverted,
	    ops->arena, ops->error, sizeof(ops->error))) {
	case SHAPE_OK:
		p->read = true;
		return 1;
	case SHAPE_ENOMEM:
		return -1;
	default:
		return 1;
	}
}

enum db_result
history_load(struct ops *ops, const char *id, struct loaded **out)
{
	struct value param = value_text(id);
	struct payload p = {ops, NULL, false, false};
	struct loaded *loaded;
	enum db_result rc;

	for (loaded = ops->loaded; loaded != NULL; loaded = loaded->next)
		/* None has what is no event, as another may have stored. */
		if (loaded->snapshot.event.id != NULL &&
		    strcmp(loaded->snapshot.event.id, id) == 0) {
			*out = loaded;
			return DB_OK;
		}
	loaded = arena_alloc(ops->arena, sizeof(*loaded));
	if (loaded == NULL)
		return DB_ENOMEM;
	p.loaded = *out = loaded;
	rc = db_run(ops->db, STATEMENT_EVENT_PAYLOAD, &param, read_payload,
	    &p);
	if (rc == DB_OK && p.read) {
		loaded->next = ops->loaded;
		ops->loaded = loaded;
		return DB_OK;
	}
	event_clear(&loaded->snapshot.event);
	json_free(loaded->reverted);
	if (rc != DB_OK)
		return rc;
	if (p.pruned) {
		*out = NULL;
		return DB_OK;
	}
	snprintf(ops->error, sizeof(ops->error), "the stored event %s cannot "
	    "be read any more; is this program older than the database?", id);
	return DB_EUNAVAILABLE;
}

void
history_free(struct ops *ops)
{
	struct loaded *loaded;

	for (loaded = ops->loaded; loaded != NULL; loaded = loaded->next) {
		event_clear(&loaded->snapshot.event);
		json_free(loaded->reverted);
	}
	ops->loaded = NULL;
}

static enum db_result
load_second(struct scan *scan, int which, struct second *out)
{
	struct ops *ops = scan->ops;
	struct loaded *loaded;
	enum db_result rc;
	size_t i;

	out->overfull = scan->overfull[which];
	out->snapshots = arena_array(ops->arena, scan->n[which] + 1,
	    sizeof(*out->snapshots));
	if (out->snapshots == NULL)
		return DB_ENOMEM;
	for (i = 0, out->n = 0; i < scan->n[which]; i++) {
		rc = history_load(ops, scan->events[which][i].id, &loaded);
		if (rc != DB_OK)
			return rc;
		if (loaded != NULL)
			out->snapshots[out->n++] = loaded->snapshot;
	}
	return DB_OK;
}

/*
 * True if the rows that stand are the end of the second before: what came is
 * alone in the last second, so that before it came the second before was the
 * last, and its one event the state.
 */
static bool
is_standing(const struct scan *scan)
{
	return scan->cause != NULL && scan->standing->row != NULL &&
	    scan->n[0] == 1 && scan->n[1] == 1 &&
	    strcmp(scan->events[0][0].id,
	    scan->cause->snapshot.event.id) == 0;
}

/* The second before as the rows that stand show it. */
static enum db_result
take_standing(struct scan *scan, struct second *out)
{
	const struct rows *items = &scan->standing->items;
	const struct row *like = &scan->cause->snapshot.row;
	struct arena *arena = scan->ops->arena;
	struct snapshot *snapshot;
	size_t i;

	snapshot = arena_alloc(arena, sizeof(*snapshot));
	if (snapshot == NULL)
		return DB_ENOMEM;
	memset(snapshot, 0, sizeof(*snapshot));
	snapshot->event.id = scan->events[1][0].id;
	snapshot->event.known = scan->cause->snapshot.event.known;
	snapshot->row.shape = like->shape;
	snapshot->row.v = scan->standing->row;
	snapshot->row.children = arena_array(arena, items->n + 1,
	    sizeof(*snapshot->row.children));
	if (snapshot->row.children == NULL)
		return DB_ENOMEM;
	for (i = 0; i < items->n; i++) {
		snapshot->row.children[i].shape = like->shape->child;
		snapshot->row.children[i].v = items->v[i];
	}
	snapshot->row.nchildren = items->n;
	*out = (struct second){snapshot, 1, false};
	return DB_OK;
}

static enum db_result
decide(struct scan *scan, struct history *out)
{
	struct second last = {NULL, 0, false}, before = {NULL, 0, false};
	enum db_result rc;

	rc = load_second(scan, 0, &last);
	out->pruned = last.n == 0;
	if (rc == DB_OK && out->pruned)
		return DB_OK;
	if (rc == DB_OK && scan->n[1] > 0 && order_asks_before(&last))
		rc = is_standing(scan) ? take_standing(scan, &before) :
		    load_second(scan, 1, &before);
	if (rc != DB_OK)
		return rc;
	if (order_decide(&out->decision, &last, &before, scan->ops->arena) ==
	    -1)
		return DB_ENOMEM;
	out->state = &last.snapshots[out->decision.state];
	return DB_OK;
}

/* Whether a parked event is newer than the state, as far as its envelope
 * tells: a time that cannot be read may be any. */
static bool
is_newer(const struct event_type *type, const struct value *created,
    const struct snapshot *state)
{
	const struct event *event;

	if (state == NULL || created->type != VALUE_INT)
		return true;
	event = &state->event;
	if ((type->verb == VERB_CREATED) !=
	    (event->known->verb == VERB_CREATED))
		return type->verb != VERB_CREATED;
	return created->i >= event->created;
}

static enum db_result
find_unreadable(struct ops *ops, enum kind kind, const char *id,
    struct history *out)
{
	struct value param = value_text(id);
	const struct event_type *type;
	struct event *event;
	struct rows rows;
	enum db_result rc;
	size_t i;

	rc = rows_all(ops, STATEMENT_PARKED_GET, &param, &rows);
	for (i = 0; rc == DB_OK && i < rows.n; i++) {
		struct value *v = rows.v[i];

		type = v[1].type == VALUE_TEXT ? event_type_find(v[1].s) :
		    NULL;
		if (type == NULL || type->kind != kind ||
		    !is_newer(type, &v[2], out->state))
			continue;
		event = arena_alloc(ops->arena, sizeof(*event));
		if (event == NULL)
			return DB_ENOMEM;
		event->id = v[0].s;
		event->livemode = v[3].i != 0;
		out->unreadable = event;
		return DB_OK;
	}
	return rc;
}

/* Gathers into out, which needs no zeroing: it is large. */
static enum db_result
scan_ranks(struct ops *ops, enum kind kind, const char *id, struct scan *out)
{
	const unsigned char prefix = (unsigned char)kind;
	struct value params[3];
	struct rank_range range;
	enum db_result rc;

	out->ops = ops;
	out->cause = NULL;
	out->n[0] = out->n[1] = 0;
	out->overfull[0] = out->overfull[1] = false;
	out->second = 0;
	rc = history_range(ops, &range, &prefix, RANK_KIND);
	if (rc != DB_OK)
		return rc;
	params[0] = value_text(id);
	params[1] = range.from;
	params[2] = range.to;
	return db_run(ops->db, STATEMENT_EVENT_RANKS, params, gather, out);
}

enum db_result
history_counts(struct ops *ops, enum kind kind, const char *object_id,
    const char *id, bool *counts)
{
	struct scan scan;
	enum db_result rc;
	size_t i;
	int second;

	*counts = false;
	rc = scan_ranks(ops, kind, object_id, &scan);
	for (second = 0; second < 2 && rc == DB_OK; second++)
		for (i = 0; i < scan.n[second]; i++)
			if (strcmp(scan.events[second][i].id, id) == 0)
				*counts = true;
	/* Of lists of entitlements more than two seconds can count, and no
	 * customer has many of them. */
	if (kind == KIND_ENTITLEMENTS)
		*counts = true;
	return rc;
}

enum db_result
history_advance(struct ops *ops, enum kind kind, const char *id,
    struct history *out, const struct loaded *cause,
    const struct standing *standing)
{
	struct scan scan;
	enum db_result rc;

	memset(out, 0, sizeof(*out));
	rc = scan_ranks(ops, kind, id, &scan);
	scan.cause = cause;
	scan.standing = standing;
	if (rc == DB_OK && scan.n[0] > 0)
		rc = decide(&scan, out);
	return rc == DB_OK ? find_unreadable(ops, kind, id, out) : rc;
}

enum db_result
history_read(struct ops *ops, enum kind kind, const char *id,
    struct history *out)
{
	return history_advance(ops, kind, id, out, NULL, NULL);
}
