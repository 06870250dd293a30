/*
 * A disk quota that is used up, and a limit of files' size that is reached, are
 * a full disk and not one that errs, whoever meets them: a delivery, or the
 * checkpoint after it.
 */
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kept.h"
#include "tap.h"

#define EVENTS	700	/* more than are in the log before a checkpoint */

static char top[KEPT_PATH], path[2 * KEPT_PATH];
static sqlite3_syscall_ptr real;
static enum { NONE, DATABASE, ALL } over;
static int limit;	/* EDQUOT or EFBIG */
static unsigned emergencies;

/* SQLite's pwrite(2), that makes no file larger where the limit has it. */
static ssize_t
write_at(int fd, const void *bytes, size_t len, off_t at)
{
	ssize_t (*write)(int fd, const void *bytes, size_t len, off_t at) =
	    (ssize_t (*)(int, const void *, size_t, off_t))real;
	struct stat ours, st;

	if (over != NONE && fstat(fd, &ours) == 0 && at + (off_t)len >
	    ours.st_size && (over == ALL || (stat(path, &st) == 0 &&
	    st.st_ino == ours.st_ino))) {
		errno = limit;
		return -1;
	}
	return write(fd, bytes, len, at);
}

static void
count_emergency(void *arg, int level, const char *message)
{
	(void)arg;
	(void)level;
	emergencies += strstr(message, "EMERGENCY") != NULL;
}

/* Delivers n events from the first on, with the work after each; how many were
 * taken. */
static unsigned
take(struct store *store, unsigned first, unsigned n)
{
	unsigned taken = 0;

	while (n-- > 0) {
		taken += kept_deliver(store, first++) == STORE_OK;
		store_tidy(store);
	}
	return taken;
}

static void
try_limit(int error, const char *name, const char *words)
{
	struct settings settings;
	struct store *store;
	struct stat st;

	limit = error;
	emergencies = 0;
	kept_directory(top, "limit");
	snprintf(path, sizeof(path), "%s/%s", top, KEPT_DATABASE);
	settings = kept_settings(path, JOURNAL_WAL);
	store = store_new(&settings, count_emergency, NULL);
	if (store == NULL)
		abort();
	ok(kept_deliver(store, 1) == STORE_OK, "%s: an event is taken", name);

	over = ALL;
	ok(kept_deliver(store, 2) == STORE_EFULL,
	    "%s: one that finds it reached is not", name);
	ok(strstr(store_error(store), words) != NULL, "%s: and it says why",
	    name);
	over = NONE;
	ok(kept_deliver(store, 2) == STORE_OK,
	    "%s: it is taken once there is room", name);

	over = DATABASE;
	is_int(take(store, 3, EVENTS), EVENTS, "%s: events are taken as long "
	    "as there is room for the log", name);
	ok(stat(path, &st) == 0 && emergencies == 0,
	    "%s: a checkpoint that finds no room is no emergency", name);
	over = NONE;
	is_int(take(store, 3 + EVENTS, EVENTS), EVENTS,
	    "%s: and it goes on when there is room", name);
	store_free(store);
	ok(emergencies == 0 && stat(path, &st) == 0 && st.st_size > 500000,
	    "%s: all is in the database then", name);
	kept_remove(top);
}

int
main(void)
{
	static const char *const calls[] = {"pwrite", "pwrite64"};
	sqlite3_vfs *vfs = sqlite3_vfs_find("unix");
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (vfs->xGetSystemCall(vfs, calls[i]) != NULL) {
			real = vfs->xGetSystemCall(vfs, calls[i]);
			(void)vfs->xSetSystemCall(vfs, calls[i],
			    (sqlite3_syscall_ptr)write_at);
		}
	try_limit(EDQUOT, "quota", "disk quota");
	try_limit(EFBIG, "size", "ulimit -f");
	return done_testing();
}
