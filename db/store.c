/*
 * The walk of one event: read it, claim its id, apply it, commit, durably.
 */
#include <stdio.h>
#include <string.h>

#include "reading.h"
#include "store_private.h"
#include "tenant.h"

/* One event on its walk. */
struct walk {
	struct ops     ops;
	struct reading reading;
	const void    *body;
	size_t	       len;
	char	       note[200];	/* beside the event's own error */
	bool	       parked;
	bool	       odd;
};

static const char *const outcomes[OUTCOME__MAX] = {
	[OUTCOME_APPLIED] = "applied",
	[OUTCOME_STALE] = "stale",
	[OUTCOME_IGNORED] = "ignored",
	[OUTCOME_FAILED] = "failed",
	[OUTCOME_DUPLICATE] = "duplicate",
};

const char *
store_outcome_name(enum store_outcome outcome)
{
	return outcomes[outcome];
}

/* The object of an event that replaced another body of its id, or that was
 * parked: read anew as a whole. */
static enum db_result
refresh_anew(struct walk *walk, enum kind kind, const char *object_id,
    bool *changed)
{
	return kind == KIND_NONE || object_id == NULL ? DB_OK :
	    object_refresh(&walk->ops, kind, object_id, NULL, changed);
}

static enum db_result
apply_object(struct walk *walk, const struct replaced *replaced, bool *changed)
{
	const struct event *event = &walk->reading.loaded->snapshot.event;
	enum kind kind = event->known != NULL ? event->known->kind :
	    KIND_NONE;
	enum db_result rc = DB_OK;

	if (replaced->done) {
		rc = refresh_anew(walk, replaced->kind, replaced->object_id,
		    changed);
		if (rc == DB_OK)
			rc = refresh_anew(walk, kind, event->object_id,
			    changed);
	} else if (walk->reading.verdict == OUTCOME_FAILED)
		rc = refresh_anew(walk, kind, event->object_id, changed);
	else if (walk->reading.ranked)
		rc = object_refresh(&walk->ops, kind, event->object_id,
		    walk->reading.loaded, changed);
	return rc == DB_OK ? pricing_refresh(&walk->ops) : rc;
}

/* Which event the row is read from, where it is not this one. */
static void
note_state(struct walk *walk)
{
	const struct event *event = &walk->reading.loaded->snapshot.event;
	const char *state = walk->ops.state;

	if (state != NULL && strcmp(state, event->id) != 0)
		snprintf(walk->note, sizeof(walk->note), "the row of %s is "
		    "read from %s", event->object_id, state);
}

/* What came is kept and counted already: that it cannot be compared is no
 * reason to refuse it. */
static enum db_result
note_repeat(struct walk *walk, const struct claim *claim)
{
	enum db_result rc = reading_differs(&walk->ops, claim, &walk->odd);

	if (rc != DB_OK)
		walk->odd = false;
	if (walk->odd)
		snprintf(walk->note, sizeof(walk->note), "its content is not "
		    "that on record, which counts; Stripe does not do so: was "
		    "it sent by hand?");
	/* Where SQLite has no memory it has ended the transaction. */
	return rc == DB_ENOMEM ? rc : DB_OK;
}

/* Metadata that name nobody although somebody meant them to. */
static void
note_tenant(struct walk *walk)
{
	static const size_t columns[KIND__MAX] = {
		[KIND_SUBSCRIPTION] = SUBSCRIPTION_METADATA,
		[KIND_SESSION] = SESSION_METADATA,
		[KIND_CUSTOMER] = CUSTOMER_METADATA,
	};
	const struct snapshot *snapshot = &walk->reading.loaded->snapshot;
	const char *key = walk->ops.tenant_key;
	size_t column = columns[snapshot->event.known->kind];

	if (column == 0 || !tenant_is_odd(&snapshot->row.v[column], key))
		return;
	walk->odd = true;
	snprintf(walk->note, sizeof(walk->note), "%.80s in its metadata is no "
	    "text, so it names no tenant", key);
}

/* A body that replaced one of an earlier API version. */
static void
note_replaced(struct walk *walk)
{
	const struct event *event = &walk->reading.loaded->snapshot.event;

	snprintf(walk->note, sizeof(walk->note), "this body counts now, its "
	    "API version is the later%s%.120s", walk->parked ? ": " : "",
	    walk->parked ? event->error : "");
}

static enum db_result
apply(struct walk *walk, const struct replaced *replaced)
{
	struct value params[] = {value_text(outcomes[OUTCOME_STALE]),
	    value_text(walk->reading.loaded->snapshot.event.id)};
	enum db_result rc;
	bool changed = false;

	rc = apply_object(walk, replaced, &changed);
	if (rc == DB_OK && !changed &&
	    walk->reading.verdict == OUTCOME_APPLIED) {
		walk->reading.verdict = OUTCOME_STALE;
		rc = db_run(walk->ops.db, STATEMENT_EVENT_OUTCOME, params,
		    NULL, NULL);
		note_state(walk);
	}
	walk->parked = walk->reading.verdict == OUTCOME_FAILED;
	if (walk->reading.verdict == OUTCOME_APPLIED)
		note_tenant(walk);
	if (replaced->done) {
		note_replaced(walk);
		walk->reading.verdict = OUTCOME_DUPLICATE;
	}
	return rc;
}

/* The one transaction. */
static enum db_result
transact(struct store *store, struct walk *walk)
{
	struct claim claim = reading_claim(&walk->reading, walk->body,
	    walk->len);
	struct replaced replaced;
	enum db_result rc;
	bool repeat = false, same;

	rc = db_begin(store->db);
	if (rc != DB_OK)
		return rc;
	/* The event was read under settings that a rebuild may have changed
	 * since: then it is read again. */
	rc = recorded_check(store->recorded, store->db, &same);
	if (rc == DB_OK && !same) {
		snprintf(walk->ops.error, sizeof(walk->ops.error),
		    "a rebuild has taken other settings over");
		rc = DB_EMOVED;
	}
	if (rc == DB_OK)
		rc = claim_event(&walk->ops, &claim, &repeat, &replaced);
	if (rc == DB_OK && !repeat)
		rc = apply(walk, &replaced);
	if (rc == DB_OK && repeat) {
		walk->reading.verdict = OUTCOME_DUPLICATE;
		rc = note_repeat(walk, &claim);
	}
	if (rc != DB_OK) {
		db_rollback(store->db);
		return rc;
	}
	return db_commit(store->db);
}

/* What the caller may know of the event from now on. */
static void
tell(struct store_verdict *verdict, const struct walk *walk)
{
	const struct event *event = &walk->reading.loaded->snapshot.event;

	verdict->outcome = walk->reading.verdict;
	snprintf(verdict->id, sizeof(verdict->id), "%s", event->id);
	snprintf(verdict->type, sizeof(verdict->type), "%s",
	    event->type == NULL ? "" : event->type);
	verdict->parked = walk->parked;
	verdict->odd = walk->odd || walk->parked;
	snprintf(verdict->error, sizeof(verdict->error), "%s",
	    *walk->note != '\0' ? walk->note : event->error);
}

static enum store_result
receive(struct store *store, struct walk *walk, bool *moved,
    struct store_verdict *verdict)
{
	enum store_result result;
	enum db_result rc;

	result = store_open(store);
	if (result != STORE_OK)
		return result;
	walk->ops.db = store->db;
	walk->ops.tenant_key = recorded_tenant_key(store->recorded);
	switch (reading_event(&walk->reading, &walk->ops, store->recorded,
	    walk->body, walk->len)) {
	case READING_OK:
		break;
	case READING_EPAYLOAD:
		snprintf(store->error, sizeof(store->error), "%s",
		    walk->reading.loaded->snapshot.event.error);
		return STORE_EPAYLOAD;
	default:
		return store_fail(store, DB_ENOMEM, NULL);
	}
	walk->ops.cause.id = walk->reading.loaded->snapshot.event.id;
	walk->ops.cause.created = walk->reading.loaded->snapshot.event.created;
	rc = transact(store, walk);
	*moved = rc == DB_EMOVED;
	if (rc == DB_OK)
		rc = db_durable(store->db);
	tell(verdict, walk);
	return rc == DB_OK ? STORE_OK : store_fail(store, rc, walk->ops.error);
}

enum store_result
store_receive(struct store *store, const void *body, size_t len, int64_t now,
    struct store_verdict *verdict)
{
	enum store_result result = STORE_EUNAVAILABLE;
	bool moved = true;
	int tries;

	memset(verdict, 0, sizeof(*verdict));
	/* Twice: the file may have been exchanged under us, by a restore. */
	for (tries = 0; tries < 2 && moved; tries++) {
		struct walk walk = {.ops = {.arena = store->arena, .now = now},
		    .body = body, .len = len};

		moved = false;
		*store->error = '\0';
		result = receive(store, &walk, &moved, verdict);
		history_free(&walk.ops);
		arena_reset(store->arena);
		if (moved) {
			char words[sizeof(store->error) + 40];

			snprintf(words, sizeof(words), "%s; the database is "
			    "opened again", store->error);
			if (tries == 0)
				store_tell(store, LOG_WARNING, words);
			store_close(store);
		}
	}
	return result;
}

void
store_tidy(struct store *store)
{
	if (store->db != NULL)
		db_tidy(store->db);
}
