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
	struct arena	      *arena;
	char		       path[4096];
	char		       error[400];
};

/* A result of the driver as one of the store, with its words: those given, or
 * the driver's own. */
enum store_result store_fail(struct store *store, enum db_result rc,
    const char *words);

#endif
