/*
 * A disk quota that is used up is a full disk and not one that errs, whoever
 * meets it: a delivery, or the checkpoint after it.
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
static unsigned emergencies;

/* SQLite's pwrite(2), that makes no file larger where the quota has it. */
static ssize_t
write_at(int fd, const void *bytes, size_t len, off_t at)
{
	ssize_t (*write)(int fd, const void *bytes, size_t len, off_t at) =
	    (ssize_t (*)(int, const void *, size_t, off_t))real;
	struct stat ours, st;

	if (over != NONE && fstat(fd, &ours) == 0 && at + (off_t)len >
	    ours.st_size && (over == ALL || (stat(path, &st) == 0 &&
	    st.st_ino == ours.st_ino))) {
		errno = EDQUOT;
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

int
main(void)
{
	static const char *const calls[] = {"pwrite", "pwrite64"};
	sqlite3_vfs *vfs = sqlite3_vfs_find("unix");
	struct settings settings;
	struct store *store;
	struct stat st;
	unsigned n, taken = 0;
	size_t i;

	kept_directory(top, "limit");
	snprintf(path, sizeof(path), "%s/%s", top, KEPT_DATABASE);
	for (i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (vfs->xGetSystemCall(vfs, calls[i]) != NULL) {
			real = vfs->xGetSystemCall(vfs, calls[i]);
			(void)vfs->xSetSystemCall(vfs, calls[i],
			    (sqlite3_syscall_ptr)write_at);
		}
	settings = kept_settings(path, JOURNAL_WAL);
	store = store_new(&settings, count_emergency, NULL);
	if (store == NULL)
		abort();
	ok(kept_deliver(store, 1) == STORE_OK, "an event is taken");

	over = ALL;
	ok(kept_deliver(store, 2) == STORE_EFULL,
	    "one that finds the quota used up is not");
	ok(strstr(store_error(store), "disk quota") != NULL, "and it says why");
	over = NONE;
	ok(kept_deliver(store, 2) == STORE_OK, "it is taken once there is room");

	over = DATABASE;
	for (n = 3; n < EVENTS; n++) {
		taken += kept_deliver(store, n) == STORE_OK;
		store_tidy(store);
	}
	is_int(taken, EVENTS - 3,
	    "events are taken as long as there is room for the log");
	ok(stat(path, &st) == 0 && emergencies == 0,
	    "a checkpoint that finds no room is no emergency");
	over = NONE;
	for (; n < 2 * EVENTS; n++) {
		taken += kept_deliver(store, n) == STORE_OK;
		store_tidy(store);
	}
	is_int(taken, 2 * EVENTS - 3, "and it goes on when there is room");
	store_free(store);
	ok(emergencies == 0 && stat(path, &st) == 0 && st.st_size > 500000,
	    "all is in the database then");
	kept_remove(top);
	return done_testing();
}
