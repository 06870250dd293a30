/*
 * The store: what is kept, and how an event changes it.  What the doors and
 * the command call; below it stand the operations on each table (ops.h), the
 * statements (statements.h) and the driver of the database (driver.h).
 */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "settings.h"

struct store;

/* Few, and apart only where a caller acts differently.  All but STORE_OK and
 * STORE_EPAYLOAD are answered 503: the event is not on disk. */
enum store_result {
	STORE_OK,
	STORE_EPAYLOAD,		/* authentic, but not an event */
	STORE_EBUSY,		/* somebody holds the database past patience */
	STORE_EFULL,		/* no space */
	STORE_EUNAVAILABLE,	/* cannot be opened, read or written */
	STORE_EVERSION,		/* not ours, or of another schema version */
	STORE_ENOMEM
};

/* What became of an event; the words of the contract. */
enum store_outcome {
	OUTCOME_APPLIED, OUTCOME_STALE, OUTCOME_IGNORED, OUTCOME_FAILED,
	OUTCOME_DUPLICATE, OUTCOME__MAX
};
const char *store_outcome_name(enum store_outcome outcome);

struct store_verdict {
	enum store_outcome outcome;
	char id[256];		/* the event's */
	char type[128];		/* cut if longer; "" if none */
	char error[200];	/* why ignored or failed, or what else there is
				 * to say; "" if nothing */
	bool parked;		/* failed, or the duplicate that counts did */
	bool odd;		/* what error says is worth a warning */
};

/* Told of things the operator should know; level as enum setting_log. */
typedef void store_log(void *arg, int level, const char *message);

/*
 * A store that is not open yet.  settings are borrowed until store_free() or
 * the next store_configure().  NULL without memory.
 */
struct store *store_new(const struct settings *settings, store_log *log,
    void *arg);

/* Takes other settings; closes the database if it is another one now. */
void store_configure(struct store *store, const struct settings *settings);

/* Says nothing, when it opens, of settings that differ from those recorded:
 * for who is about to call store_rebuild(). */
void store_expect_rebuild(struct store *store);

/* From now on a database is opened with the journal that it has, whatever the
 * settings say: to change it is for those who receive. */
void store_keep_journal(struct store *store);

/* From now on a database is not opened whose tables somebody else has made: for
 * who is to rely on what is in them, and need not be quick.  recorded: those
 * that a rebuild makes anew need only be tables. */
void store_check_tables(struct store *store, bool recorded);

/* From now on a database is opened to be copied as it is (report_backup()), and
 * for nothing else: no table is read, whatever it holds. */
void store_only_copy(struct store *store);

/* Closes and frees.  NULL is legal. */
void store_free(struct store *store);

/*
 * Opens the database, making it and its directory if need be.  Called by all
 * that need it; early only so that faults show early.
 */
enum store_result store_open(struct store *store);

/* Closes the database; the next call opens it again. */
void store_close(struct store *store);

/*
 * Takes one authentic event: claims its id, applies it, commits, and returns
 * STORE_OK only when all of that is on disk.  One transaction.  body is the
 * verified payload; now is Unix seconds of our clock, for received_at.  The
 * verdict names the event also where it could not be kept.
 */
enum store_result store_receive(struct store *store, const void *body,
    size_t len, int64_t now, struct store_verdict *verdict);

/*
 * Recomputes every billing table from the recorded events, beside the tables
 * in use and with responders running, and exchanges them in one short
 * transaction.  The settings of the store take hold (BILLHOOK_TENANT_KEY,
 * BILLHOOK_LIVEMODE, BILLHOOK_ACCOUNT), and parked events are applied that
 * this program can read.  progress, if not NULL, is called now and then with
 * how many events were read so far.
 */
enum store_result store_rebuild(struct store *store, int64_t now,
    void (*progress)(void *arg, int64_t events), void *arg);

/* Applies the parked events that this program can read; how many of them were
 * parked, and how many are applied now. */
enum store_result store_replay(struct store *store, int64_t now,
    int64_t *parked, int64_t *applied);

/* Housekeeping between requests, after the answer: checkpoints when it is
 * time. */
void store_tidy(struct store *store);

/* The last error in words, with what to do; never a secret or a payload. */
const char *store_error(const struct store *store);

#endif
