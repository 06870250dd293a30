/*
 * The driver: eight calls that a database has to offer.  This one is SQLite's
 * (sqlite.c and its neighbours, the only files that know it); a second would
 * stand behind the same calls.
 *
 * What 2xx rests on: db_commit() makes a transaction visible, db_durable()
 * returns when it and all before it are on disk.  They are two, so that
 * processes do not queue behind each other's syncs.
 */
#ifndef DRIVER_H
#define DRIVER_H

#include <stdbool.h>
#include <stddef.h>

#include "settings.h"
#include "statements.h"
#include "value.h"

struct db;

enum db_result {
	DB_OK,
	DB_EBUSY,	/* somebody holds the database past patience */
	DB_EFULL,	/* no space */
	DB_EUNAVAILABLE, /* cannot be opened, read or written */
	DB_EVERSION,	/* not ours, or of a newer schema version */
	DB_ENOMEM,
	DB_EMOVED	/* another file stands at the path, or other settings
			 * bind: open it again */
};

struct db_options {
	const char	    *path;
	const char	    *group;	/* NULL if none */
	enum setting_journal journal;
	bool		     keep_journal; /* of a database that has one */
	bool		     only_copy;	/* db_backup() is all that follows */
	int64_t		     patience;	/* milliseconds */
	void (*log)(void *arg, int level, const char *message);
	void		    *arg;
};

/*
 * Opens the database, and makes its directory, the file and its tables where
 * they are not there yet; *made says whether the tables were.  *out is the
 * caller's in every case but DB_ENOMEM, to be freed with db_close(): on
 * failure db_error() says why.  options and the path are copied.
 */
enum db_result db_open(struct db **out, const struct db_options *options,
    bool *made);

/* Begins the one transaction: takes the queue lock, then the write lock.
 * DB_EMOVED if the file at the path is not the open one any more, or if it
 * must be opened again after a failure. */
enum db_result db_begin(struct db *db);

/*
 * Runs a statement with n parameters, of the types that the statement's entry
 * says (or NULL).  row is called for each row with its columns, borrowed until
 * it returns; it returns 0 to go on, 1 to stop, -1 to fail with DB_ENOMEM.
 * row may be NULL.
 */
typedef int db_row(void *arg, const struct value *v, size_t n);
enum db_result db_run(struct db *db, enum statement statement,
    const struct value *params, db_row *row, void *arg);

/* Commits and lets the locks go; on failure rolls back and lets them go. */
enum db_result db_commit(struct db *db);

/* Returns DB_OK when all that was committed and seen so far is on disk. */
enum db_result db_durable(struct db *db);

/* Rolls back and lets the locks go; harmless outside a transaction.  Closes
 * the file where SQLite cannot roll back, without memory. */
void db_rollback(struct db *db);

/* Housekeeping between requests: checkpoints when it is time. */
void db_tidy(struct db *db);

/* Between two transactions of one long work: lets in whoever waits.  A lock of
 * flock(2) that is free goes to who asks first, and that is mostly the one who
 * has just let it go. */
void db_give_way(struct db *db);

/*
 * Shadows: the computed tables a second time, beside those in use.  enter and
 * leave stand around it all, outside transactions: DB_EBUSY if another process
 * is between them.  make creates them empty, and notes from then on which events
 * come (rebuild_arrived); *ranked says whether the tables in use can be asked
 * for the places of events.  use says which of the two statements run on.
 * exchange puts them in the place of those in use, of which any may be gone,
 * notes in status_changes what that changes, and makes other programs' indexes
 * and triggers anew.  give_up ends what make began to note; drop drops one table
 * that is left over, *more until none is.
 * All but use inside a transaction.
 */
enum db_result db_shadow_enter(struct db *db);
void db_shadow_leave(struct db *db);
enum db_result db_shadow_make(struct db *db, bool *ranked);
void db_shadow_use(struct db *db, bool use);
enum db_result db_shadow_exchange(struct db *db);
enum db_result db_shadow_give_up(struct db *db);
enum db_result db_shadow_drop(struct db *db, bool *more);

/* Copies the database, as of one moment and while others write, to a new file
 * at path, which must not be there yet.  *whole says whether its pages are in
 * order, db_error() what is not. */
enum db_result db_backup(struct db *db, const char *path, bool *whole);

/* Gives free pages back to the file system, at most so many; in a
 * transaction. */
enum db_result db_give_back(struct db *db, int pages);

/* How the database is as such; looks at every page of it. */
struct db_health {
	char	journal[16];
	long	schema_version;
	char	missing[80];	/* a table or index that is not there as it
				 * was made; or "" */
	bool	changed;	/* it is there, but not so */
	bool	remade;		/* a rebuild makes it anew */
	char	meddling[80];	/* somebody else's trigger or unique index; or
				 * "" */
	char	unfit[80];	/* a table that cannot be read as ours; or "" */
	char	integrity[200];	/* "ok", or the first thing that is wrong */
	bool	judged;		/* or, if not, why that cannot be said */
	int64_t	bytes;		/* of the file */
	int64_t	log_bytes;	/* of the write-ahead log */
	int64_t	free_bytes;	/* of the file system, for us */
	bool	marked;		/* a sync has failed and is not mended yet */
	bool	shared;		/* another process of ours has it open, as far
				 * as there is a log */
	bool	rebuilding;	/* another process is at it */
	bool	leftovers;	/* of a rebuild that was broken off */
};
enum db_result db_health(struct db *db, struct db_health *out);

/* Whether the tables have the columns that they are made with: who reads them
 * otherwise reads what cannot be there, or without an end.  recorded: of those
 * that a rebuild makes anew only whether they are tables, or not there.  Else
 * DB_EVERSION. */
enum db_result db_check_tables(struct db *db, bool recorded);

/* Closes and frees.  NULL is legal. */
void db_close(struct db *db);

/* Says what went wrong, for a caller that noticed.  DB_EUNAVAILABLE. */
enum db_result db_refuse(struct db *db, const char *words);

/* What went wrong last, and what to do. */
const char *db_error(const struct db *db);

#endif
