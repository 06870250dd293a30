/*
 * The database of a subcommand: settings read, store opened, failures said.
 */
#ifndef DATABASE_H
#define DATABASE_H

#include <stdbool.h>

#include "arena.h"
#include "config.h"
#include "report.h"
#include "store.h"

struct database {
	const char *name;		/* of the subcommand */
	struct config *config;
	const struct settings *settings;	/* of config */
	struct store *store;
	struct arena *arena;		/* what is gathered lives here */
};

/*
 * Opens the configured database, for a subcommand of this name, which tells
 * failures and warnings.  A database that is not there is made only if make
 * is true.  Run by root, what must be made beside the database belongs to the
 * database's owner.  CLI_OK; CLI_PROBLEM, and it was said why.  In both cases
 * to be closed.
 */
int database_open(struct database *db, const char *name, bool make);

/* So, where it must be there, for a rebuild: nothing is said of settings that
 * the rebuild will take over. */
int database_open_to_rebuild(struct database *db, const char *name);

/* So, for a copy of it as it is, whatever somebody has made of its tables. */
int database_open_to_copy(struct database *db, const char *name);
void database_close(struct database *db);

/*
 * Refuses, for root, to let the responder itself make a database or its lock
 * where they would shut out the user to whom the database or its directory
 * belongs.  CLI_OK; CLI_PROBLEM, and it was said why.
 */
int database_refuse_root(const char *name, const struct settings *settings);

/* Says why the settings cannot be used.  Always CLI_PROBLEM. */
int database_no_settings(const char *name, const struct config *config);

/* Opens a store so; for those that tell failures in their own way. */
enum store_result database_open_store(struct store *store,
    const struct settings *settings);

/* Says what the store could not do.  Always CLI_PROBLEM. */
int database_fail(const struct database *db);

/* Runs a report; its failure is said.  CLI_OK or CLI_PROBLEM. */
int database_run(struct database *db, enum report report,
    const struct value *params, report_row *row, void *arg);

/* All rows of a report, their values in the arena. */
struct database_rows {
	struct value **v;
	size_t	       n;
};
int database_gather(struct database *db, enum report report,
    const struct value *params, struct database_rows *out);

#endif
