/*
 * How far a long command is, on standard error where that is a terminal, and
 * nothing anywhere else.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *what;	/* is counted: "events" */
	int64_t	    total;	/* 0 if unknown */
	bool	    shown;	/* there is a terminal */
	int64_t	    last;	/* milliseconds, when it was drawn */
};

void progress_start(struct progress *progress, const char *what,
    int64_t total);

/* done of total are done, and count is what the words say; drawn ten times a
 * second at most. */
void progress_show(struct progress *progress, int64_t done, int64_t count);

/* Takes the bar away, so that something else can be said. */
void progress_clear(const struct progress *progress);

#endif
