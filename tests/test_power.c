/*
 * test_power [--long] [--seed N] [--only RUN]: several processes deliver
 * events, 40 % of them more than once; then the plug is pulled, at points of
 * all that they did to the database's files (power.h).  What was acknowledged
 * must be there, whole.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kept.h"
#include "power.h"
#include "shim_vfs.h"
#include "tap.h"

#define DUPLICATES	40	/* % */
#define RECENT		6	/* a duplicate is one of so many last ones */
#define HANG		240	/* seconds after which a process is stuck */
#define RESTARTS	10	/* pulls, after one of which is a restart */
#define ONE_MORE	90000	/* an event that no run delivers */

struct run {
	const char *name;
	enum setting_journal journal;
	unsigned processes, events;
	unsigned closes;	/* % of events after which the store closes,
				 * as CGI does */
	struct shim_chances chances;
};

static const struct run runs[] = {
	{"three responders", JOURNAL_WAL, 3, 150, 0, {.delay = 2000}},
	{"three responders that wait long to sync", JOURNAL_WAL, 3, 60, 0,
	    {.delay = 15000}},
	{"four CGI processes", JOURNAL_WAL, 4, 100, 100, {.delay = 1000}},
	{"one responder, one CGI", JOURNAL_WAL, 2, 150, 50, {.delay = 1000}},
	{"three that are killed", JOURNAL_WAL, 3, 120, 30,
	    {.kill = 2000, .delay = 3000}},
	{"failing syncs, responders", JOURNAL_WAL, 3, 120, 0,
	    {.fail = 25, .delay = 2000}},
	{"failing syncs, CGI", JOURNAL_WAL, 4, 120, 60,
	    {.fail = 25, .delay = 3000}},
	{"failing syncs, CGI, killed", JOURNAL_WAL, 4, 120, 60,
	    {.kill = 1500, .fail = 12, .delay = 3000}},
	{"truncate", JOURNAL_TRUNCATE, 3, 60, 20, {.delay = 200}},
	{"truncate, killed", JOURNAL_TRUNCATE, 3, 60, 20,
	    {.kill = 1500, .delay = 200}},
	{"truncate, failing syncs", JOURNAL_TRUNCATE, 3, 60, 20,
	    {.fail = 60, .delay = 200, .database = true}},
};

/* What a run came to. */
struct tally {
	unsigned pulls, lost, corrupt, halves;
	unsigned refused;	/* deliveries, for no reason of ours */
	bool	 ended;		/* no process failed otherwise */
	char	 why[200];
};

static char top[KEPT_PATH];		/* the test's own directory */
static bool is_long;

/* The next event to deliver: a new one, or one that was begun lately. */
static unsigned
choose_event(const struct run *run)
{
	const unsigned next = __atomic_load_n(&shim_log->next_event,
	    __ATOMIC_RELAXED);
	const unsigned back = shim_random(RECENT);

	if (next > back + 1 && next <= run->events &&
	    shim_random(100) < DUPLICATES)
		return next - back;
	return __atomic_add_fetch(&shim_log->next_event, 1,
	    __ATOMIC_RELAXED);
}

/* One process, until no event is left.  Its exit status: 0, or 3 if a
 * delivery was refused although no sync failed. */
static int
work(const struct run *run, unsigned seed)
{
	struct settings settings = kept_settings(
	    shim_log->path[SHIM_DATABASE], run->journal);
	struct store *store = store_new(&settings, NULL, NULL);
	enum store_result result;
	unsigned n;
	int status = 0;

	alarm(HANG);
	shim_log_join(seed);
	if (store == NULL)
		return 4;
	while ((n = choose_event(run)) <= run->events) {
		result = kept_deliver(store, n);
		if (result == STORE_OK)
			shim_log_acknowledge(n);
		else if (run->chances.fail == 0) {
			fprintf(stderr, "# %s\n", store_error(store));
			status = 3;
		}
		store_tidy(store);
		if (shim_random(100) < run->closes)
			store_close(store);
	}
	store_free(store);
	return status;
}

static void
start(const struct run *run, unsigned seed)
{
	const pid_t pid = fork();

	if (pid == -1) {
		perror("fork");
		exit(2);
	}
	if (pid == 0)
		_exit(work(run, seed));
}

/* Runs the processes; one that was killed is started anew. */
static void
run_processes(const struct run *run, unsigned seed, struct tally *tally)
{
	unsigned running;
	int status;

	for (running = 0; running < run->processes; running++)
		start(run, seed);
	tally->ended = true;
	while (running > 0 && wait(&status) != -1) {
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
			start(run, seed);
		else
			running--;
		if (WIFEXITED(status) && WEXITSTATUS(status) == 3)
			tally->refused++;
		else if (!(WIFEXITED(status) && WEXITSTATUS(status) == 0) &&
		    !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
			tally->ended = false;
	}
}

static void
count(struct tally *tally, const struct kept_found *found, size_t at)
{
	tally->pulls++;
	tally->lost += found->lost > 0;
	tally->corrupt += !found->sound;
	tally->halves += found->halves > 0;
	if (*tally->why == '\0' && (found->lost > 0 || !found->sound ||
	    found->halves > 0))
		snprintf(tally->why, sizeof(tally->why), "entry %zu: %u "
		    "lost, %u half, %.100s", at, found->lost, found->halves,
		    found->sound ? "sound" : found->why);
}

static int
compare(const void *a, const void *b)
{
	const size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return (x > y) - (x < y);
}

/* Where to pull: everywhere, or half of them just after an
 * acknowledgement. */
static void
choose_points(size_t *points, size_t n)
{
	const size_t entries = shim_log->nentries;
	size_t at, i;

	for (i = 0; i < n && n == entries; i++)
		points[i] = i + 1;
	if (n == entries)
		return;
	for (i = 0; i < n; i++) {
		at = shim_random((unsigned)entries);
		while (i % 2 == 0 && at + 1 < entries &&
		    shim_log->entries[at].kind != SHIM_ACKNOWLEDGED)
			at++;
		points[i] = at + 1;
	}
	qsort(points, n, sizeof(*points), compare);
}

/* A responder starts on what the disk holds, and delivers one more event.
 * Its exit status. */
static int
restart(const char *path, enum setting_journal journal)
{
	struct settings settings = kept_settings(path, journal);
	struct store *store;
	enum store_result result;
	int status = 0;
	pid_t pid = fork();

	if (pid != 0)
		return waitpid(pid, &status, 0) == pid ? status : -1;
	alarm(HANG);
	store = store_new(&settings, NULL, NULL);
	if (store == NULL)
		_exit(4);
	result = kept_deliver(store, ONE_MORE);
	if (result != STORE_OK)
		fprintf(stderr, "# restarted: %s\n", store_error(store));
	store_free(store);
	_exit(result == STORE_OK ? 0 : 3);
}

/* What it finds must be whole, and so must what it leaves. */
static void
check_restarted(const char *path, enum setting_journal journal,
    const struct kept_set *set, struct tally *tally, size_t at)
{
	struct kept_set *all = calloc(1, sizeof(*all));
	struct kept_found found;
	char lock[PATH_MAX];

	if (all == NULL || snprintf(lock, sizeof(lock), "%s-lock", path) >=
	    (int)sizeof(lock))
		abort();
	*all = *set;
	kept_add(all, ONE_MORE);
	tally->ended = tally->ended && restart(path, journal) == 0;
	kept_check(path, all, &found);
	count(tally, &found, at);
	(void)unlink(lock);
	free(all);
}

static void
pull_at(const size_t *points, size_t n, enum setting_journal journal,
    struct tally *tally)
{
	struct power *power = power_new();
	struct kept_set *set = calloc(1, sizeof(*set));
	struct kept_found found;
	char directory[2 * KEPT_PATH], path[PATH_MAX];
	size_t at = 0, i;

	if (set == NULL)
		abort();
	snprintf(directory, sizeof(directory), "%s/image", top);
	snprintf(path, sizeof(path), "%s/%s", directory, KEPT_DATABASE);
	for (i = 0; i < n; i++) {
		for (; at < points[i]; at++)
			if (shim_log->entries[at].kind == SHIM_ACKNOWLEDGED)
				kept_add(set,
				    (unsigned)shim_log->entries[at].at);
		power_advance(power, at);
		power_pull(power, directory, KEPT_DATABASE, POWER_CHANCE);
		kept_check(path, set, &found);
		count(tally, &found, at);
		if (i % RESTARTS != 0)
			continue;
		power_pull(power, directory, KEPT_DATABASE, POWER_CHANCE);
		check_restarted(path, journal, set, tally, at);
	}
	power_pull(power, directory, KEPT_DATABASE, POWER_NONE);
	free(set);
	power_free(power);
}

/* Without a power loss nothing is missing either. */
static void
check_as_left(struct tally *tally)
{
	struct kept_set *set = kept_acknowledged(shim_log->nentries);
	struct kept_found found;

	kept_check(shim_log->path[SHIM_DATABASE], set, &found);
	if (set->n == 0)
		tally->ended = false;
	diag("%u events acknowledged, %zu entries, %zu KB, %u kills, %u "
	    "failed syncs", set->n, shim_log->nentries,
	    shim_log->nbytes / 1024, shim_log->kills, shim_log->failures);
	count(tally, &found, shim_log->nentries);
	free(set);
}

/* With pulls 0 the plug is pulled everywhere. */
static void
try_run(const struct run *run, size_t pulls, unsigned seed)
{
	struct tally tally = {0};
	size_t *points;
	char directory[2 * KEPT_PATH];
	unsigned strangers;

	snprintf(directory, sizeof(directory), "%s/run", top);
	shim_log_start(directory, KEPT_DATABASE);
	shim_log->chances = run->chances;
	run_processes(run, seed, &tally);
	shim_log->chances = (struct shim_chances){0};
	shim_log_join(seed);
	if (pulls == 0)
		pulls = shim_log->nentries;
	if ((points = calloc(pulls, sizeof(*points))) == NULL)
		abort();
	choose_points(points, pulls);
	strangers = shim_log->strangers;
	check_as_left(&tally);
	pull_at(points, pulls, run->journal, &tally);
	ok(tally.ended && tally.refused == 0 && tally.lost == 0 &&
	    tally.corrupt == 0 && tally.halves == 0 &&
	    strangers == 0 &&
	    (run->chances.kill == 0 || shim_log->kills > 0) &&
	    (run->chances.fail == 0 || shim_log->failures > 0),
	    "%s: %u pulls, %u lost an event, %u corrupt, %u half",
	    run->name, tally.pulls, tally.lost, tally.corrupt, tally.halves);
	if (strangers > 0)
		diag("%u syncs of the database's files came not through "
		    "SQLite's own file object", strangers);
	if (*tally.why != '\0' || tally.refused > 0 || !tally.ended)
		diag("seed %u: %s; %u refused%s", seed, tally.why,
		    tally.refused, tally.ended ? "" : "; a process failed");
	shim_log_stop();
	kept_remove(directory);
	snprintf(directory, sizeof(directory), "%s/image", top);
	kept_remove(directory);
	free(points);
}

int
main(int argc, char *argv[])
{
	const char *only = NULL;
	unsigned seed = (unsigned)time(NULL) % 1000000, round, i;
	int arg;

	is_long = getenv("BILLHOOK_LONG") != NULL &&
	    *getenv("BILLHOOK_LONG") != '\0';
	for (arg = 1; arg < argc; arg++) {
		if (strcmp(argv[arg], "--long") == 0)
			is_long = true;
		else if (strcmp(argv[arg], "--seed") == 0 && arg + 1 < argc)
			seed = (unsigned)strtoul(argv[++arg], NULL, 10);
		else if (strcmp(argv[arg], "--only") == 0 && arg + 1 < argc)
			only = argv[++arg];
		else {
			fprintf(stderr, "usage: test_power [--long] "
			    "[--seed N] [--only RUN]\n");
			return 2;
		}
	}
	kept_directory(top, "power");
	diag("seed %u", seed);
	/* The log must stand for the VFS to be registered once. */
	shim_vfs_register();
	for (round = 0; round < (is_long ? 20U : 1U); round++)
		for (i = 0; i < sizeof(runs) / sizeof(*runs); i++)
			if (only == NULL || strstr(runs[i].name, only))
				try_run(&runs[i], !is_long ? 100 :
				    round > 0 ? 400 : 0, seed + round);
	(void)rmdir(top);
	return done_testing();
}
