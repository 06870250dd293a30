/*
 * What a process needs to serve requests, made from the settings: the secrets
 * ready for use and the store.  Made again when the configuration changed.
 */
#ifndef SETUP_H
#define SETUP_H

#include <stdbool.h>

#include "answer.h"
#include "billhook.h"
#include "config.h"
#include "confine.h"
#include "log.h"
#include "reader.h"
#include "store.h"

struct setup {
	struct log	   *log;	/* borrowed */
	struct config	   *config;
	struct bh_verifier *verifier;	/* NULL: fault says why */
	struct store	   *store;	/* NULL: fault says why */
	struct reader	   *reader;	/* borrowed; NULL if there is none */
	struct confine	    confine;
	bool		    outgrown;	/* can serve no more, see confine.h */
	bool		    stale;	/* and the log says so */
	enum answer_code    code;	/* the answer while there is a fault */
	char		    fault[480];	/* why, and what to do */
};

/*
 * Reads the settings.  What is wrong with them is a fault, with which each
 * request is answered.  log gets its level from them.  0, or -1 without
 * memory, and then there is nothing to free.
 */
int setup_init(struct setup *setup, struct log *log);

/* Frees what it holds and closes the database. */
void setup_free(struct setup *setup);

/* True if requests can be served: there is no fault. */
bool setup_is_ready(const struct setup *setup);

/*
 * For a process that serves many requests: says in the log how it is set up,
 * and opens the database, so that what is wrong shows before the first
 * delivery.  The process goes on in any case: each request tries again.
 */
void setup_announce(struct setup *setup);

/*
 * For the same process, then and after each request until it is done: confines
 * it.  From then on the reader opens the configuration file.
 */
void setup_confine(struct setup *setup, struct reader *reader);

/* Reads the settings again if their file changed: between requests.  A process
 * whose confinement has no room for the new ones is outgrown: every request is
 * answered 503, and it should end, to be started anew. */
void setup_refresh(struct setup *setup);

/* What can wait until the client has its answer: the database's upkeep. */
void setup_tidy(struct setup *setup);

#endif
