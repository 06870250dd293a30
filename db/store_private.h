/*
 * The store's inside, shared by the files that are its operations.
 */
#ifndef STORE_PRIVATE_H
#define STORE_PRIVATE_H

#include "recorded.h"
#include "store.h"

struct store {
	const struct settings *settings;
	store_log	      *log;
	void		      *arg;
	struct db	      *db;	/* NULL while closed */
	struct recorded	      *recorded;
	bool		       rebuilds;	/* settings may differ */
	bool		       keeps_journal;	/* of the database */
	bool		       checks_tables;
	bool		       checks_recorded;	/* those that a rebuild reads */
	bool		       copies;		/* reads no table */
	bool		       had;		/* one was open */
	struct arena	      *arena;
	char		       error[400];
};

/* Tells whom the store tells; arg is the store, level an enum setting_log. */
void store_tell(void *arg, int level, const char *message);

/* A result of the driver as one of the store, with its words: those given, or
 * the driver's own. */
enum store_result store_fail(struct store *store, enum db_result rc,
    const char *words);

#endif
