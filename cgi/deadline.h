/*
 * A deadline for a connection that somebody else reads: libfcgi reads a
 * request's head and body without a timeout.  When the time of a connection
 * is over it is shut down, so that the read which waits for it ends; nothing
 * else is disturbed.  One process has one deadline.
 */
#ifndef DEADLINE_H
#define DEADLINE_H

#include <stdbool.h>

/*
 * Sets the deadline up for connections that live seconds at most (measured in
 * steps of two: it is never longer).  fd is where the number of the connection
 * stands, < 0 for none; it is read from then on.  0, or -1 with errno.
 */
int deadline_init(const int *fd, unsigned int seconds);

/* From now on, or no longer.  A connection's time begins with the first step
 * that finds it. */
void deadline_start(void);
void deadline_stop(void);

/* True if a connection was shut down since deadline_start(). */
bool deadline_passed(void);

#endif
