/*
 * Every call of the system that billhook makes itself fails in turn: while the
 * database is made and delivered to, alone, with a group or where it must be
 * waited for; while a refused delivery is kept; while the settings are read.
 * Nothing crashes, nothing stays open, the error says why, what was said to be
 * kept is there, and all is well the next time.
 */
#include <dirent.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "config.h"
#include "faulting_calls.h"
#include "kept.h"
#include "nomem.h"
#include "rejected.h"
#include "report.h"
#include "shop.h"
#include "tap.h"

#define MANY	100000000	/* more calls than any work makes */

static const int errors[] = {EIO, EACCES, ENOSPC, EMFILE, ENOMEM, EINTR,
    EEXIST};

static char top[KEPT_PATH], directory[2 * KEPT_PATH], path[3 * KEPT_PATH],
    copy[2 * KEPT_PATH], conf[2 * KEPT_PATH], words[1024];
static struct settings settings;

static int
count_open(void)
{
	DIR *list = opendir("/proc/self/fd");
	int n = 0;

	while (list != NULL && readdir(list) != NULL)
		n++;
	if (list != NULL)
		closedir(list);
	return n;
}

static void
remove_place(void)
{
	static const char *const tails[] = {"", "-wal", "-shm", "-lock",
	    "-rejected", "-rejected.new", "-journal"};
	char name[4 * KEPT_PATH];
	size_t i;

	for (i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
		snprintf(name, sizeof(name), "%s%s", path, tails[i]);
		(void)unlink(name);
	}
	(void)rmdir(directory);
	(void)unlink(copy);
}

/* Works: each true if it says that it is done, else it leaves words. */

static bool
told(struct store *store, enum store_result result)
{
	snprintf(words, sizeof(words), "%s", store_error(store));
	store_free(store);
	return result == STORE_OK;
}

static struct store *
start(void)
{
	struct store *store = store_new(&settings, NULL, NULL);

	if (store == NULL)
		abort();
	return store;
}

static bool
deliver(void)
{
	struct store *store = start();
	enum store_result result = kept_deliver(store, 1);

	if (result == STORE_OK)
		result = kept_deliver(store, 2);
	return told(store, result);
}

static bool
rebuild(void)
{
	struct store *store = start();

	return told(store, store_rebuild(store, SHOP_NOW, NULL, NULL));
}

static bool
look_and_copy(void)
{
	struct store *store = start();
	struct report_health health;
	enum store_result result = kept_deliver(store, 1);
	bool sound;

	if (result == STORE_OK)
		result = report_health(store, &health);
	(void)unlink(copy);
	if (result == STORE_OK)
		result = report_backup(store, copy, &sound);
	return told(store, result);
}

/* Somebody else has the lock, until we have waited for long enough. */
static bool
wait_in_vain(void)
{
	struct store *store = start();
	char name[4 * KEPT_PATH];
	enum store_result result = kept_deliver(store, 1);
	int fd;

	if (result != STORE_OK)
		return told(store, result);
	snprintf(name, sizeof(name), "%s-lock", path);
	fd = __real_open(name, O_RDWR | O_CLOEXEC);
	if (fd == -1)
		abort();
	/* It may be the store that has it still: the call has failed that
	 * should have let it go. */
	if (__real_flock(fd, LOCK_EX | LOCK_NB) == 0 &&
	    kept_deliver(store, 2) == STORE_OK) {
		diag("a lock that was held did not hold");
		abort();
	}
	(void)close(fd);
	result = kept_deliver(store, 2);
	return told(store, result);
}

static bool
keep_rejected(void)
{
	const struct rejected_entry entry = {SHOP_NOW, "t=1,v1=00", "body", 4,
	    "401 mismatch"};
	struct rejected *rejected;
	bool done;

	if (rejected_keep(&settings, &entry) == -1 ||
	    rejected_keep(&settings, &entry) == -1) {
		snprintf(words, sizeof(words), "%s", strerror(errno));
		return false;
	}
	rejected = rejected_read(&settings, SHOP_NOW, words, sizeof(words));
	done = rejected != NULL && rejected_count(rejected) > 0;
	rejected_free(rejected);
	return done;
}

static bool
read_settings(void)
{
	struct config *config;
	bool done;

	if (config_open(&config) == -1)
		abort();
	(void)config_refresh(config);
	done = config_settings(config) != NULL;
	snprintf(words, sizeof(words), "%s", config_error(config));
	config_free(config);
	return done;
}

static const struct work {
	const char *name;
	bool (*run)(void);
	const char *sql;	/* that gives 1 when it is done; NULL: none */
	bool	    shared;
	long	    every;	/* one try of so many, in the short form; a
				 * rebuild takes long */
} works[] = {
	{"deliveries to a new database", deliver,
	    "SELECT count(*) = 2 FROM stripe_events", false, 3},
	{"deliveries to one with a group", deliver,
	    "SELECT count(*) = 2 FROM stripe_events", true, 3},
	{"a delivery that waits", wait_in_vain,
	    "SELECT count(*) = 2 FROM stripe_events", false, 3},
	{"a rebuild", rebuild,
	    "SELECT count(*) = 0 FROM stripe_subscriptions", false, 48},
	{"a look and a copy", look_and_copy,
	    "SELECT count(*) = 1 FROM stripe_subscriptions", false, 3},
	{"keeping what was refused", keep_rejected, NULL, true, 3},
	{"reading the settings", read_settings, NULL, false, 3},
};

static bool
is_done(const struct work *work)
{
	return work->run() &&
	    (work->sql == NULL || shop_ask(path, work->sql) == 1);
}

/* Fails the calls, each with one error after the other. */
static void
run_sweep(const struct work *work, bool is_long)
{
	const struct group *group = getgrgid(getgid());
	unsigned tries = 0, refused = 0, wordless = 0, lost = 0, broken = 0;
	const size_t nerrors = sizeof(errors) / sizeof(*errors);
	const int open_before = count_open();
	long n, calls, blocks;
	bool done;

	settings = kept_settings(path, JOURNAL_WAL);
	settings.patience = 5;
	settings.max_body = 1000;
	settings.keep_rejected = 10;
	settings.group = work->shared && group != NULL ? group->gr_name : NULL;
	remove_place();
	arm_system(MANY, 0);
	done = is_done(work);
	calls = MANY - call_left;
	call_left = 0;
	if (!ok(done && calls > 0, "%s: %ld calls", work->name, calls))
		return;
	blocks = nomem_blocks;
	for (n = 0; n < calls * (long)nerrors;
	    n += is_long ? (work->every + 7) / 8 : work->every) {
		remove_place();
		*words = '\0';
		arm_system(n / (long)nerrors + 1,
		    errors[(size_t)n % nerrors]);
		done = work->run();
		call_left = 0;
		tries++;
		refused += !done;
		wordless += !done && *words == '\0';
		lost += done && work->sql != NULL &&
		    shop_ask(path, work->sql) != 1;
		broken += !is_done(work);
	}
	if (!ok(wordless == 0 && lost == 0 && broken == 0 &&
	    nomem_blocks == blocks && count_open() == open_before,
	    "%s, of which each call fails in turn: %u tries, %u refused, "
	    "all is well then", work->name, tries, refused))
		diag("%u without a word, %u lost, %u broken afterwards, %ld "
		    "blocks kept, %d files left open", wordless, lost, broken,
		    nomem_blocks - blocks, count_open() - open_before);
}

static void
put_conf(void)
{
	FILE *file = fopen(conf, "w");

	if (file == NULL || fputs("BILLHOOK_TOLERANCE=11\n", file) < 0 ||
	    fclose(file) != 0 || __real_chmod(conf, 0600) == -1)
		abort();
	setenv("BILLHOOK_CONFIG", conf, 1);
}

int
main(void)
{
	const char *form = getenv("BILLHOOK_LONG");
	const bool is_long = form != NULL && *form != '\0';
	size_t i;

	kept_directory(top, "faults-calls");
	snprintf(directory, sizeof(directory), "%s/db", top);
	snprintf(path, sizeof(path), "%s/%s", directory, KEPT_DATABASE);
	snprintf(copy, sizeof(copy), "%s/copy", top);
	snprintf(conf, sizeof(conf), "%s/billhook.conf", top);
	put_conf();
	for (i = 0; i < sizeof(works) / sizeof(*works); i++)
		run_sweep(&works[i], is_long);
	remove_place();
	(void)unlink(conf);
	(void)rmdir(top);
	return done_testing();
}
