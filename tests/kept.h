/*
 * Events for the tests of durability, numbered from 1, and what must be found
 * of them in a database file afterwards.
 */
#ifndef KEPT_H
#define KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "settings.h"
#include "store.h"

#define KEPT_EVENTS	100000
#define KEPT_BODY	4096
#define KEPT_DATABASE	"billhook.db"

/* Writes event n into body: an update of one of a few subscriptions, with a
 * tenant's row behind it.  Its length. */
size_t kept_body(char body[KEPT_BODY], unsigned n);

/* Settings for a database at path, which is borrowed. */
struct settings kept_settings(const char *path, enum setting_journal journal);

/* Hands event n to the store. */
enum store_result kept_deliver(struct store *store, unsigned n);

/* Events by their number. */
struct kept_set {
	bool	 has[KEPT_EVENTS];
	unsigned n;
};
void kept_add(struct kept_set *set, unsigned n);

/* Those that the log of shim_log.h has acknowledged before entry end; to be
 * given back with free(). */
struct kept_set *kept_acknowledged(size_t end);

/* What a file holds. */
struct kept_found {
	bool	 sound;		/* as SQLite's integrity check has it */
	unsigned lost;		/* events of the set that are not there */
	unsigned halves;	/* rows that their events contradict */
	char	 why[200];	/* not sound; "" if it is */
};

/* Opens the database at path with SQLite's own VFS, as a program would that
 * starts after a crash, and looks for the events of set. */
void kept_check(const char *path, const struct kept_set *set,
    struct kept_found *out);

/* Makes a new directory for a test, in TMPDIR, else in /dev/shm, else in /tmp.
 * Exits when it cannot. */
#define KEPT_PATH	200
void kept_directory(char path[KEPT_PATH], const char *test);

/* Removes the database's files from a directory, and the directory. */
void kept_remove(const char *directory);

#endif
