/*
 * Housekeeping between requests: what a disk that errs in a checkpoint, and a
 * reader that never ends, do to the database, and what the operator is told.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kept.h"
#include "shim_vfs.h"
#include "tap.h"

#define MANY	120	/* events that fill the log past a checkpoint */
#define CALLS	24	/* of a checkpoint, that fail in turn */

static char top[KEPT_PATH], directory[2 * KEPT_PATH], path[3 * KEPT_PATH],
    told[2000];
static struct settings settings;
static unsigned event;

static void
tell(void *arg, int level, const char *message)
{
	(void)arg;
	if (level <= LOG_WARNING)
		snprintf(told, sizeof(told), "%s", message);
}

static struct store *
start(void)
{
	struct store *store;

	settings = kept_settings(path, JOURNAL_WAL);
	settings.patience = 100;
	store = store_new(&settings, tell, NULL);
	if (store == NULL || store_open(store) != STORE_OK)
		abort();
	return store;
}

static unsigned
deliver(struct store *store, struct kept_set *set, unsigned n)
{
	unsigned refused = 0;

	for (; n > 0; n--, event++)
		if (kept_deliver(store, event) == STORE_OK)
			kept_add(set, event);
		else
			refused++;
	return refused;
}

/* Each call of a checkpoint fails in turn with an error of the disk. */
static void
test_disk(void)
{
	struct kept_set *set = calloc(1, sizeof(*set));
	struct kept_found found;
	struct store *store;
	unsigned failed = 0, emergencies = 0, refused = 0;
	long n;

	if (set == NULL)
		abort();
	for (n = 1; n <= CALLS; n++) {
		store = start();
		refused += deliver(store, set, MANY);
		*told = '\0';
		shim_fail(n, SQLITE_IOERR, false);
		store_tidy(store);
		failed += shim_failed();
		shim_fail(0, 0, false);
		emergencies += strstr(told, "EMERGENCY") != NULL &&
		    strstr(told, "billhook backup FILE") != NULL;
		refused += deliver(store, set, 1);
		store_free(store);
	}
	kept_check(path, set, &found);
	ok(failed > 5 && emergencies > 5, "the operator is told of a disk "
	    "that errs in a checkpoint, and what to do");
	is_int(refused, 0, "deliveries go on");
	if (!ok(found.lost == 0 && found.sound && found.halves == 0,
	    "and nothing is lost"))
		diag("%u lost, %u half, %s", found.lost, found.halves,
		    found.why);
	fflush(stdout);	diag("%u calls failed, %u emergencies", failed, emergencies);
	free(set);
}

/* Writes more than 64 MB into the log, as no delivery does. */
static void
fill_log(struct store *store, struct kept_set *set, sqlite3 *writer)
{
	if (sqlite3_exec(writer, "PRAGMA wal_autocheckpoint = 0;"
	    "CREATE TABLE IF NOT EXISTS large (x);"
	    "INSERT INTO large VALUES (zeroblob(70000000))", NULL, NULL,
	    NULL) != SQLITE_OK)
		abort();
	is_int(deliver(store, set, 1), 0, "a log of more than 64 MB is "
	    "written to");
	*told = '\0';
	store_tidy(store);
}

static sqlite3 *
open_beside(void)
{
	sqlite3 *handle;

	if (sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, "unix") !=
	    SQLITE_OK)
		abort();
	return handle;
}

/* A reader that does not end its transaction keeps the log growing. */
static void
test_reader(void)
{
	struct kept_set *set = calloc(1, sizeof(*set));
	struct store *store = start();
	sqlite3 *reader, *writer;
	struct stat st;
	char name[4 * KEPT_PATH];

	if (set == NULL || deliver(store, set, 1) != 0)
		abort();
	snprintf(name, sizeof(name), "%s-wal", path);
	writer = open_beside();
	fill_log(store, set, writer);
	ok(*told == '\0' && stat(name, &st) == 0 && st.st_size == 0,
	    "it is emptied where nobody stands in the way");
	store_free(store);
	store = start();
	reader = open_beside();
	if (deliver(store, set, 1) != 0 || sqlite3_exec(reader,
	    "BEGIN; SELECT count(*) FROM stripe_events", NULL, NULL, NULL) !=
	    SQLITE_OK)
		abort();
	fill_log(store, set, writer);
	ok(strstr(told, "grown past 64 MB") != NULL,
	    "it is said that a reader stands in the way");
	*told = '\0';
	store_tidy(store);
	is_str(told, "", "and not again at once");
	sqlite3_close(reader);
	sqlite3_close(writer);
	is_int(deliver(store, set, 1), 0, "it goes on");
	store_free(store);
	free(set);
}

int
main(void)
{
	kept_directory(top, "tidy");
	snprintf(directory, sizeof(directory), "%s/run", top);
	snprintf(path, sizeof(path), "%s/%s", directory, KEPT_DATABASE);
	shim_log_start(directory, KEPT_DATABASE);
	shim_log_join(1);
	shim_vfs_register();
	event = 1;
	test_disk();
	test_reader();
	shim_log_stop();
	kept_remove(directory);
	(void)rmdir(top);
	return done_testing();
}
