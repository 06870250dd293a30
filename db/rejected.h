/*
 * Refused deliveries, kept for billhook explain: the last few, in the file
 * DATABASE-rejected, with the database's mode.  Nothing in it is authentic.
 *
 * The file is text lines with bytes between: "billhook-rejected 1", then for
 * each entry, oldest first, "TIME HEADER BODY REASON" with the lengths of the
 * three, and the three, one behind the other, and a line end.  It is replaced
 * as a whole, under a lock on itself.
 */
#ifndef REJECTED_H
#define REJECTED_H

#include <stddef.h>
#include <stdint.h>

#include "settings.h"

#define REJECTED_AGE	86400		/* seconds that one is kept */
#define REJECTED_SIZE	(16 << 20)	/* bytes of the file; a larger body
					 * makes room for itself alone */
#define REJECTED_HEADER	8192		/* bytes of a header that are kept */

struct rejected_entry {
	int64_t	    at;		/* Unix seconds, when it came */
	const char *header;	/* NULL if there was none */
	const void *body;
	size_t	    len;
	const char *reason;	/* a word or a sentence of ours */
};

/*
 * Keeps a delivery, if BILLHOOK_KEEP_REJECTED says so; drops those that are
 * too old or too many.  Waits for other processes, but not for long.  0, or -1
 * with errno if it could not be kept, which is no reason to answer otherwise.
 */
int rejected_keep(const struct settings *settings,
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
