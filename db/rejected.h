/*
 * Refused deliveries, kept for billhook explain: the last few, in the file
 * DATABASE-rejected, with the database's mode.  Nothing in it is authentic.
 *
 * The file is text lines with bytes between: "billhook-rejected 2 DUE DUE",
 * then for each entry, oldest first, "TIME HEADER BODY REASON" with the lengths
 * of the three, and the three, one behind the other, and a line end.  It is
 * replaced as a whole, under a lock on itself.
 *
 * Anybody can have a delivery refused, so the file is bounded, and so is how
 * often it is written: REJECTED_BURST at once, then one in REJECTED_PAUSE
 * seconds, those with a Stripe-Signature and those without counted apart.  DUE
 * is until when what was kept of the one and of the other is paid for, at
 * REJECTED_PAUSE each; it stands in the file, since in plain CGI each request
 * is a process of its own.  Where there is no room the oldest go, of the kind
 * of which there is more.  So, of two or more, who floods without a signature
 * cannot wash away one of Stripe's; who floods with one keeps it out while the
 * flood lasts, and REJECTED_PAUSE longer.
 */
#ifndef REJECTED_H
#define REJECTED_H

#include <stddef.h>
#include <stdint.h>

#include "settings.h"

#define REJECTED_AGE	86400		/* seconds that one is kept */
#define REJECTED_HEADER	8192		/* bytes of a header that are kept */
#define REJECTED_BODY	(1 << 20)	/* bytes of the largest body that is:
					 * BILLHOOK_MAX_BODY's default */
#define REJECTED_SIZE	(2 * (REJECTED_BODY + 2 * REJECTED_HEADER)) /* bytes
					 * of the file */
#define REJECTED_BURST	5		/* of a kind that are kept at once */
#define REJECTED_PAUSE	12		/* seconds for each one after them */

enum rejected_result {
	REJECTED_FAILED = -1,	/* with errno */
	REJECTED_KEPT,		/* or nothing is to be kept */
	REJECTED_OFTEN,		/* not kept: too many came just before it */
	REJECTED_LARGE		/* not kept: larger than REJECTED_BODY */
};

struct rejected_entry {
	int64_t	    at;		/* Unix seconds, when it came */
	const char *header;	/* NULL if there was none */
	const void *body;
	size_t	    len;
	const char *reason;	/* a word or a sentence of ours */
};

/*
 * Keeps a delivery, if BILLHOOK_KEEP_REJECTED says so; drops those that are
 * too old or too many.  Waits for other processes, but not for long.  That one
 * is not kept is no reason to answer otherwise.
 */
enum rejected_result rejected_keep(const struct settings *settings,
    const struct rejected_entry *entry);

/*
 * Reads what is kept and not too old at now; to be freed with rejected_free().
 * NULL with a sentence in error.  Without a file there are no entries.
 */
struct rejected;
struct rejected *rejected_read(const struct settings *settings, int64_t now,
    char *error, size_t error_size);
void rejected_free(struct rejected *rejected);
size_t rejected_count(const struct rejected *rejected);

/* The entry at a place, 0 the newest; borrowed.  NULL beyond the last. */
const struct rejected_entry *rejected_at(const struct rejected *rejected,
    size_t place);

#endif
