/*
 * The responder locks itself in: no new privileges, Landlock, a filter of
 * system calls, limits.  Whoever takes it over has the database's directory,
 * which is what it serves, and nothing else.  What the kernel or the build
 * lacks is said in the log, and the rest holds.
 */
#ifndef CONFINE_H
#define CONFINE_H

#include <sys/types.h>
#include <stdbool.h>

#include "log.h"
#include "settings.h"

struct confine {
	bool  entered;
	bool  told;		/* that it has not */
	unsigned tries;		/* to make the filter, that failed */
	bool  landlock;		/* and so files are out of reach */
	dev_t device;		/* of the database's directory */
	ino_t inode;
};

/*
 * Enters, for a process that serves many requests, once there is something to
 * be confined to: the group of the settings is known and the database is
 * there; and once there is memory for it, which for the filter is waited for at
 * a bounded number of calls.  Until then it does nothing, and says so once.
 * Says in the log what holds.  True if it has entered.
 */
bool confine_enter(struct confine *confine, const struct settings *settings,
    struct log *log);

/*
 * The same for a process of one request: Landlock and limits, but no filter,
 * which would cost more than the request's own start; and no word in the log,
 * where it would stand beside every delivery.
 */
void confine_enter_once(const struct settings *settings);

/* Why a process that has entered cannot serve these settings any more, in
 * words; NULL if it can. */
const char *confine_outgrown(const struct confine *confine,
    const struct settings *settings);

#endif
