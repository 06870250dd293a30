/*
 * The file of refused deliveries from inside, shared by the two that keep and
 * read it.
 */
#ifndef REJECTED_PRIVATE_H
#define REJECTED_PRIVATE_H

#include <limits.h>

#include "rejected.h"

#define REJECTED_MAGIC	 "billhook-rejected 2 "
#define REJECTED_LINE	 128	/* bytes of a line of numbers, at most */
#define REJECTED_ENTRIES 1000	/* BILLHOOK_KEEP_REJECTED's own bound */

enum {
	REJECTED_SIGNED,	/* with a Stripe-Signature, whatever it says */
	REJECTED_UNSIGNED,
	REJECTED_KINDS
};

struct rejected {
	int64_t due[REJECTED_KINDS];	/* see rejected.h */
	char *bytes;		/* of the file; entries point into it */
	size_t n;
	struct rejected_entry entries[REJECTED_ENTRIES]; /* oldest first */
};

/* The path of the file, with a suffix.  0, or -1 with errno. */
int rejected_path(char path[PATH_MAX], const struct settings *settings,
    const char *suffix);

/* Reads the first line of the file's len bytes; returns what is behind it, NULL
 * if it is none of ours: then nothing is due. */
const char *rejected_head(const char *bytes, size_t len,
    int64_t due[REJECTED_KINDS]);

/* Reads the whole of an open file, without the entries from before since.  A
 * file that is larger than ours can be is none.  NULL with errno. */
struct rejected *rejected_load(int fd, int64_t since);

#endif
