/*
 * The operations of one transaction: what the store does with one event.
 * Each file is one room of it; they share struct ops and return a db_result,
 * of which all but DB_OK end the transaction.
 */
#ifndef OPS_H
#define OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "driver.h"
#include "order.h"
#include "rank.h"
#include "shape.h"

/* Names without repeats, in the order in which they were added. */
struct names {
	const char **v;
	size_t	     n;
	size_t	     room;
};

/* An event, read whole: what the rules need of it. */
struct loaded {
	struct snapshot	 snapshot;
	struct json_doc *reverted;	/* what snapshot.before borrows from */
	struct loaded	*next;		/* among those to be freed */
};

struct ops {
	struct db     *db;
	struct arena  *arena;
	const char    *tenant_key;
	int64_t	       now;
	bool	       quiet;		/* no journal: a rebuild */
	struct loaded *loaded;		/* all that the transaction read */
	struct names   tenants;		/* whose row is to be made anew */
	const char    *state;		/* id of the event that the object that
					 * was refreshed last is read from;
					 * NULL if unknown */
	struct { const char *id; int64_t created; } cause; /* for journals */
	char	       error[200];	/* beside db_error() */
};

/* names.c */
enum db_result names_add(struct ops *ops, struct names *names,
    const char *name);

/* rows.c: a row of a table, its values in the arena.  rows_get: *out is NULL
 * where there is none.  rows_put: before is the row that stands, NULL if none
 * does.  rows_first: the first row of any statement. */
enum db_result rows_get(struct ops *ops, enum kind kind, const char *id,
    struct value **out);
enum db_result rows_put(struct ops *ops, enum kind kind,
    const struct value *before, const struct value *after);
enum db_result rows_delete(struct ops *ops, enum kind kind, const char *id);
enum db_result rows_first(struct ops *ops, enum statement statement,
    const struct value *params, struct value **out);
/* All rows of a statement, each an array of its columns. */
struct rows { struct value **v; size_t n; };
enum db_result rows_all(struct ops *ops, enum statement statement,
    const struct value *params, struct rows *out);

/* rows.c: moves on to an id that a row holds, from which the next rows are
 * read.  DB_EUNAVAILABLE if it can be none of Stripe's. */
enum db_result rows_go_on(struct ops *ops, char cursor[EVENT_ID_MAX + 1],
    const struct value *id);

/* history.c: the events of an object, and which of them is its state. */
struct history {
	const struct snapshot *state;	/* NULL if it has no event */
	struct decision	       decision;
	const struct event    *unreadable; /* a parked event newer than the
					    * state; NULL if none */
	bool		       pruned;	/* the last second is there, but
					 * its payloads are not any more: what
					 * is known stays */
	const struct snapshot *incomplete; /* the latest list with has_more
					    * that counts: entitlements.c */
};
/* An object's rows as they stand in the tables. */
struct standing {
	struct value *row;		/* NULL if there is none */
	struct rows   items;		/* of a subscription */
};
/*
 * history_read: what the events of an object say.
 *
 * history_advance: the same when cause, which is read and at its place, is the
 * only one that came since the rows stood as standing says.  It spares most
 * events the reading of an earlier one.
 */
enum db_result history_read(struct ops *ops, enum kind kind, const char *id,
    struct history *out);
enum db_result history_advance(struct ops *ops, enum kind kind,
    const char *id, struct history *out, const struct loaded *cause,
    const struct standing *standing);
/* Whether an object's rows are read from this event among others: it is of the
 * two last seconds, or a list of entitlements that counts. */
enum db_result history_counts(struct ops *ops, enum kind kind,
    const char *object_id, const char *id, bool *counts);
/* An event by its id, read whole; owned by ops.  NULL if it was pruned. */
enum db_result history_load(struct ops *ops, const char *id,
    struct loaded **out);
/* The bounds of an index scan over ranks that begin with some bytes. */
struct rank_range { struct value from, to; };
enum db_result history_range(struct ops *ops, struct rank_range *out,
    const unsigned char *prefix, size_t len);
void history_free(struct ops *ops);

/* object.c: makes an object's rows what its events say, and all that hangs on
 * them.  cause is the event that came, NULL to read everything anew;
 * *changed is set true if anything did change. */
enum db_result object_refresh(struct ops *ops, enum kind kind, const char *id,
    const struct loaded *cause, bool *changed);

/* items.c, entitlements.c: lists that stand in rows of their own. */
enum db_result items_put(struct ops *ops, const char *subscription_id,
    const struct rows *standing, const struct row *row, bool *changed);
enum db_result entitlements_refresh(struct ops *ops, const char *customer_id,
    struct history *history, bool *changed);

/* doubts.c: the rows of needs_fetch of one object. */
enum db_result doubts_refresh(struct ops *ops, enum kind kind, const char *id,
    const struct history *history);

/* mapping.c: whose rows are.  before and after are the columns of one row,
 * NULL where there was or is none; what they change is mapped anew, and the
 * tenants concerned are added to ops->tenants. */
enum db_result mapping_subscription(struct ops *ops, const char *id);
enum db_result mapping_session(struct ops *ops, const struct value *before,
    const struct value *after);
enum db_result mapping_customer(struct ops *ops, const struct value *before,
    const struct value *after);
enum db_result mapping_invoice(struct ops *ops, const struct value *before,
    const struct value *after);
/* What the latest complete session of the customers concerned says of their
 * tenant, asked before a session's row is written; where it says something
 * else afterwards, all that hangs on these customers is mapped anew. */
struct latest_sessions {
	const char *customer_id[2];	/* NULL where there is nothing to do */
	const char *tenant[2];
};
enum db_result mapping_latest_before(struct ops *ops,
    const struct value *before, const struct value *after,
    struct latest_sessions *out);
enum db_result mapping_latest_after(struct ops *ops,
    const struct latest_sessions *latest);

/* pricing.c: the row of each of ops->tenants. */
enum db_result pricing_refresh(struct ops *ops);

/* claim.c: takes the event's id.  *repeat is true where the body that came is
 * not the one that counts; *replaced tells what stood under the id where the
 * body replaces an earlier version of it. */
struct claim {
	const struct event  *event;
	const char	    *outcome;
	const unsigned char *rank;	/* NULL if none */
	bool		     parked;
	const void	    *body;
	size_t		     len;
};
struct replaced {
	bool	    done;
	enum kind   kind;
	const char *object_id;	/* NULL if it had none */
};
/* Puts the event at its place among those of its object, or, parked, notes
 * that it is missing there; and takes that back. */
enum db_result claim_place(struct ops *ops, const struct claim *claim);
enum db_result claim_take_back(struct ops *ops, const char *id,
    const char *object_id);
enum db_result claim_event(struct ops *ops, const struct claim *claim,
    bool *repeat, struct replaced *replaced);

#endif
