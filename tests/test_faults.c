/*
 * Every step of a delivery fails in turn: each call to the file system, each
 * statement, each allocation.  Nothing crashes or leaks, STORE_OK is said only
 * of what would survive the plug being pulled, the error says why, and the
 * next delivery works.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "faulting.h"
#include "kept.h"
#include "power.h"
#include "shim_vfs.h"
#include "tap.h"

#define TOO_MANY	20000	/* steps of one delivery */

static void
arm_call(long n, int code)
{
	shim_fail(n, code, false);
}

static void
arm_calls(long n, int code)
{
	shim_fail(n, code, true);
}

static bool
disarm_call(void)
{
	const bool came = shim_failed();

	shim_fail(0, 0, false);
	return came;
}

enum { CALL, CALLS, STEP, STEP_AFTER, STEPS, ALLOCATION, FAULT__MAX };
static const struct fault faults[FAULT__MAX] = {
	[CALL] = {"call fails in turn", arm_call, disarm_call},
	[CALLS] = {"call fails in turn, and all after it", arm_calls,
	    disarm_call},
	[STEP] = {"statement fails in turn", arm_step, disarm_step},
	[STEP_AFTER] = {"statement fails in turn after it was done",
	    arm_step_after, disarm_step},
	[STEPS] = {"statement fails in turn, and all after it", arm_steps,
	    disarm_step},
	[ALLOCATION] = {"allocation fails in turn", arm_allocation,
	    disarm_allocation},
};

/* One sweep. */
struct sweep {
	const struct fault *fault;
	bool		    reopen;	/* before each delivery */
	struct settings	    settings;
	struct store	   *store;
	struct power	   *power;
	struct kept_set	   *set;	/* acknowledged */
	unsigned	    event;
	unsigned	    tries, refused;
	unsigned	    wordless;	/* refused without saying why */
	unsigned	    broken;	/* the next delivery did not work */
	unsigned	    lost;	/* STORE_OK, and not on disk */
};

static char top[KEPT_PATH], image[PATH_MAX], path[PATH_MAX];

/* What is on disk of what was acknowledged, in the worst case. */
static void
pull(struct sweep *sweep)
{
	struct kept_found found;
	char directory[2 * KEPT_PATH];

	snprintf(directory, sizeof(directory), "%s/image", top);
	power_advance(sweep->power, shim_log->nentries);
	power_pull(sweep->power, directory, KEPT_DATABASE, POWER_NONE);
	kept_check(image, sweep->set, &found);
	if (found.lost == 0 && found.sound && found.halves == 0)
		return;
	if (sweep->lost++ == 0)
		diag("try %u: %u lost, %u half, %s", sweep->tries,
		    found.lost, found.halves,
		    found.sound ? "sound" : found.why);
}

static bool
deliver(struct sweep *sweep)
{
	if (kept_deliver(sweep->store, sweep->event) != STORE_OK)
		return false;
	kept_add(sweep->set, sweep->event);
	return true;
}

/* Fails step n of a delivery; then delivers again.  False if the delivery has
 * no step n. */
static bool
try_step(struct sweep *sweep, long n, int code)
{
	bool came, done;

	sweep->event++;
	sweep->tries++;
	if (sweep->reopen)
		store_close(sweep->store);
	sweep->fault->arm(n, code);
	done = deliver(sweep);
	came = sweep->fault->disarm();
	sweep->refused += !done;
	sweep->wordless += !done && *store_error(sweep->store) == '\0';
	if (done && came)
		pull(sweep);
	if (!deliver(sweep)) {
		if (sweep->broken++ == 0)
			diag("after step %ld: %s", n,
			    store_error(sweep->store));
		store_close(sweep->store);
	}
	return came;
}

static void
begin_sweep(struct sweep *sweep, enum setting_journal journal)
{
	unsigned i;

	snprintf(image, sizeof(image), "%s/image/%s", top, KEPT_DATABASE);
	snprintf(path, sizeof(path), "%s/run/%s", top, KEPT_DATABASE);
	sweep->settings = kept_settings(path, journal);
	sweep->settings.patience = 5;
	sweep->power = power_new();
	sweep->set = calloc(1, sizeof(*sweep->set));
	sweep->store = store_new(&sweep->settings, NULL, NULL);
	if (sweep->set == NULL || sweep->store == NULL)
		abort();
	/* Everything that happens once, and a few statements. */
	for (i = 0; i < 3; i++) {
		sweep->event++;
		if (!deliver(sweep))
			abort();
	}
}

static void
end_sweep(struct sweep *sweep)
{
	char directory[2 * KEPT_PATH];

	store_free(sweep->store);
	pull(sweep);
	power_free(sweep->power);
	free(sweep->set);
	snprintf(directory, sizeof(directory), "%s/run", top);
	kept_remove(directory);
	snprintf(directory, sizeof(directory), "%s/image", top);
	kept_remove(directory);
}

/* Every step with one code, or with every code.  What the sweep held is given
 * back at its end. */
static void
run_sweep(const struct fault *fault, enum setting_journal journal,
    bool reopen, size_t ncodes)
{
	struct sweep sweep = {.fault = fault, .reopen = reopen};
	char directory[2 * KEPT_PATH];
	const bool counts = nomem_works();
	long before, n;
	/* A lock that stays busy makes SQLite try again for ten seconds. */
	size_t i = fault == &faults[CALLS] ? 1 : 0;

	snprintf(directory, sizeof(directory), "%s/run", top);
	shim_log_start(directory, KEPT_DATABASE);
	shim_log_join(1);
	shim_vfs_register();
	before = nomem_blocks;
	begin_sweep(&sweep, journal);
	for (; i < ncodes; i++)
		for (n = 1; try_step(&sweep, n, codes[i].code) &&
		    n < TOO_MANY; n++)
			;
	end_sweep(&sweep);
	shim_log_stop();
	if (!ok(sweep.refused > 0 && sweep.lost == 0 && sweep.broken == 0 &&
	    sweep.wordless == 0 && (!counts || nomem_blocks == before),
	    "each %s (%s%s): %u tries, %u refused, the rest on disk",
	    fault->name,
	    journal == JOURNAL_WAL ? "wal" : "truncate",
	    reopen ? ", opened anew" : "", sweep.tries, sweep.refused))
		diag("%u lost or damaged, %u broken afterwards, %u without a "
		    "word, %ld blocks kept", sweep.lost, sweep.broken,
		    sweep.wordless, nomem_blocks - before);
}

/* Opens with step n busy, once: true if all went well. */
static bool
opens(const struct settings *settings, long n, bool *came)
{
	struct store *store = store_new(settings, NULL, NULL);
	enum store_result result;

	if (store == NULL)
		abort();
	arm_step(n, SQLITE_BUSY);
	result = store_open(store);
	*came = disarm_step();
	store_free(store);
	return result == STORE_OK;
}

/* With a rollback journal who commits keeps readers out. */
static void
test_busy_open(void)
{
	char directory[2 * KEPT_PATH];
	struct settings settings;
	unsigned survived = 0;
	bool came = false;
	long n;

	snprintf(path, sizeof(path), "%s/run/%s", top, KEPT_DATABASE);
	settings = kept_settings(path, JOURNAL_TRUNCATE);
	if (!opens(&settings, 0, &came))
		abort();
	for (n = 1, came = true; came && n < TOO_MANY; n++)
		survived += opens(&settings, n, &came) && came;
	ok(survived > 0, "what is read of the settings when the database is "
	    "opened is read in turn if it is busy");
	snprintf(directory, sizeof(directory), "%s/run", top);
	kept_remove(directory);
}

int
main(void)
{
	const size_t all = sizeof(codes) / sizeof(*codes);
	const char *form = getenv("BILLHOOK_LONG");
	const bool is_long = form != NULL && *form != '\0';
	int i;

	kept_directory(top, "faults");
	test_busy_open();
	for (i = CALL; i < ALLOCATION; i++) {
		run_sweep(&faults[i], JOURNAL_WAL, false, all);
		run_sweep(&faults[i], JOURNAL_WAL, true, all);
		run_sweep(&faults[i], JOURNAL_TRUNCATE, false, all);
		run_sweep(&faults[i], JOURNAL_TRUNCATE, true, all);
	}
	if (nomem_works()) {
		run_sweep(&faults[ALLOCATION], JOURNAL_WAL, false, 1);
		run_sweep(&faults[ALLOCATION], JOURNAL_TRUNCATE, false, 1);
		if (is_long)
			run_sweep(&faults[ALLOCATION], JOURNAL_WAL, true, 1);
	}
	(void)rmdir(top);
	return done_testing();
}
