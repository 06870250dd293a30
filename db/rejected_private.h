/*
 * The file of refused deliveries from inside, shared by the two that keep and
 * read it.
 */
#ifndef REJECTED_PRIVATE_H
#define REJECTED_PRIVATE_H

#include <limits.h>

#include "rejected.h"

#define REJECTED_MAGIC	 "billhook-rejected 1\n"
#define REJECTED_ENTRIES 1000	/* BILLHOOK_KEEP_REJECTED's own bound */

struct rejected {
	char *bytes;		/* of the file; entries point into it */
	size_t n;
	struct rejected_entry entries[REJECTED_ENTRIES]; /* oldest first */
};

/* The path of the file, with a suffix.  0, or -1 with errno. */
int rejected_path(char path[PATH_MAX], const struct settings *settings,
    const char *suffix);

/* Reads the whole of an open file of at most max bytes, without the entries
 * from before since.  NULL with errno. */
struct rejected *rejected_load(int fd, size_t max, int64_t since);

#endif
