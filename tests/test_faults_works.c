/*
 * Every step of a long work fails in turn: of a rebuild, a replay, a prune, of
 * the reports and of a whole shop's deliveries.  Nothing crashes or leaks, the
 * error says why, a rebuild that failed has changed nothing, and the work done
 * again brings the tables to where they belong.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "faulting.h"
#include "faulting_works.h"
#include "kept.h"
#include "queue.h"
#include "recorded.h"
#include "report.h"
#include "shop.h"
#include "tap.h"

#define MANY	100000000	/* more steps than any work has */

static char top[KEPT_PATH], path[2 * KEPT_PATH], whole[2 * KEPT_PATH],
    parked[2 * KEPT_PATH], copy[2 * KEPT_PATH];
static uint64_t wanted;

enum { STEP, STEP_AFTER, STEPS, PREPARE, ARENA, ALLOCATION, FAULT__MAX };
static const struct counted {
	struct fault   fault;
	volatile long *left;
	int	       tries;	/* in the short form */
} faults[FAULT__MAX] = {
	[STEP] = {{"statement fails in turn", arm_step, disarm_step},
	    &step_left, 40},
	[STEP_AFTER] = {{"statement fails in turn after it was done",
	    arm_step_after, disarm_step}, &step_left, 8},
	[STEPS] = {{"statement fails in turn, and all after it", arm_steps,
	    disarm_step}, &step_left, 10},
	[PREPARE] = {{"statement cannot be made ready in turn", arm_prepare,
	    disarm_prepare}, &prepare_left, 15},
	[ARENA] = {{"piece of the arena cannot be had in turn", arm_arena,
	    disarm_arena}, &arena_left, 40},
	[ALLOCATION] = {{"allocation fails in turn", arm_allocation,
	    disarm_allocation}, &nomem_left, 15},
};

static enum store_result
do_rebuild(struct store *store)
{
	return store_rebuild(store, SHOP_NOW, NULL, NULL);
}

static enum store_result
do_replay(struct store *store)
{
	int64_t found, applied;

	return store_replay(store, SHOP_NOW, &found, &applied);
}

static enum store_result
do_prune(struct store *store)
{
	struct prune_result result;

	return report_prune(store, SHOP_NOW + 1, false, &result);
}

static int
count_row(void *arg, const struct value *v, size_t n)
{
	unsigned *rows = arg;

	(void)v;
	*rows += n > 0;
	return 0;
}

/* Each report, with parameters of which it takes what it needs. */
static enum store_result
do_reports(struct store *store)
{
	const struct value any[] = {value_null(), value_null(), value_null(),
	    value_null(), value_null(), value_int(100)};
	const struct value tenants[] = {value_null(), value_int(100)};
	const struct value names[REPORT__MAX] = {
		[REPORT_EVENT] = value_text("evt_09"),
		[REPORT_OBJECT_EVENTS] = value_text("sub_1"),
		[REPORT_EVENT_CHANGES] = value_text("evt_16"),
		[REPORT_SUBSCRIPTION_INVOICES] = value_text("sub_1"),
	};
	enum store_result result = STORE_OK;
	struct value kite = value_text("kite");
	unsigned rows;
	int i;

	for (i = 0; i < REPORT__MAX && result == STORE_OK; i++) {
		rows = 0;
		result = report_run(store, i, i == REPORT_EVENTS ? any :
		    i == REPORT_TENANTS ? tenants :
		    names[i].s != NULL ? &names[i] : &kite, count_row, &rows);
		if (result == STORE_OK && rows == 0)
			diag("report %d is empty", i);
	}
	return result;
}

static enum store_result
do_health(struct store *store)
{
	struct report_health health;
	enum store_result result = report_health(store, &health);

	if (result == STORE_OK && strcmp(health.db.integrity, "ok") != 0)
		diag("%s", health.db.integrity);
	return result;
}

static enum store_result
do_backup(struct store *store)
{
	bool sound;

	(void)unlink(copy);
	return report_backup(store, copy, &sound);
}

static enum store_result
do_care(struct store *store)
{
	char id[EVENT_ID_MAX + 1];
	enum store_result result;

	result = report_state(store, KIND_SUBSCRIPTION, "sub_1", id);
	if (result == STORE_OK)
		result = do_health(store);
	return result == STORE_OK ? do_backup(store) : result;
}

/* The works, what each starts from, and what it must not leave half done. */
static const struct work {
	const char *name;
	enum store_result (*run)(struct store *store);
	const char *from;	/* NULL: nothing is there yet */
	bool	    at_once;	/* the tables are as they belong all along */
	int	    percent;	/* of the tries: it takes long, or has many
				 * kinds of steps */
	int	    again;	/* so many tries, and it is done again */
	bool	    opens;	/* the database is not open yet */
} works[] = {
	{"a rebuild", do_rebuild, whole, true, 50, 4, false},
	{"a replay", do_replay, parked, false, 100, 1, false},
	{"a prune", do_prune, whole, true, 100, 1, false},
	{"the reports", do_reports, whole, true, 100, 1, false},
	{"a look and a backup", do_care, whole, true, 100, 1, false},
	{"a shop's deliveries", shop_deliver, NULL, false, 500, 5, false},
	{"opening for a rebuild", do_rebuild, whole, true, 50, 4, true},
	{"opening for a replay", do_replay, parked, false, 100, 1, true},
	{"opening for a prune", do_prune, whole, true, 100, 1, true},
	{"opening for a report", do_reports, whole, true, 100, 1, true},
	{"opening for a look", do_care, whole, true, 100, 1, true},
	{"opening for a check", do_health, whole, true, 100, 1, true},
	{"opening for a backup", do_backup, whole, true, 100, 1, true},
	{"opening for a delivery", shop_deliver, NULL, false, 1000, 50, true},
};

struct sweep {
	const struct work  *work;
	const struct fault *fault;
	struct settings	    settings;
	unsigned	    tries, refused;
	unsigned	    wordless;	/* refused without saying why */
	unsigned	    halves;	/* left the tables half done */
	unsigned	    broken;	/* the same again did not work */
};

static bool
try_to_make(void *arg)
{
	struct store *store = store_new(arg, NULL, NULL);
	const bool made = store != NULL;

	store_free(store);
	return made;
}

static bool
try_to_record(void *arg)
{
	struct recorded *recorded = recorded_of(arg);
	const bool made = recorded != NULL;

	recorded_free(recorded);
	return made;
}

static bool
try_to_queue(void *arg)
{
	struct queue *queue = queue_open(arg, 0600, (gid_t)-1);
	const bool made = queue != NULL;

	queue_close(queue);
	return made;
}

static void
remove_database(void)
{
	static const char *const tails[] = {"", "-wal", "-shm", "-lock"};
	char name[3 * KEPT_PATH];
	size_t i;

	for (i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
		snprintf(name, sizeof(name), "%s%s", path, tails[i]);
		(void)unlink(name);
	}
}

/* A store on what the work starts from. */
static struct store *
begin(struct sweep *sweep)
{
	struct store *store = store_new(&sweep->settings, NULL, NULL);

	remove_database();
	if (sweep->work->from != NULL)
		shop_copy(sweep->work->from, path);
	if (store == NULL || (!sweep->work->opens &&
	    store_open(store) != STORE_OK))
		abort();
	return store;
}

/* True if the work, done again by another process, is done well. */
static bool
works_again(struct sweep *sweep)
{
	struct store *store = store_new(&sweep->settings, NULL, NULL);
	bool done;

	if (store == NULL)
		abort();
	done = sweep->work->run(store) == STORE_OK &&
	    shop_digest(path) == wanted && shop_ask(path, "SELECT count(*) "
	    "FROM sqlite_schema WHERE name GLOB 'rebuild*' AND type <> "
	    "'index'") == 0;
	if (!done)
		diag("%s, again: %s", sweep->work->name, store_error(store));
	store_free(store);
	return done;
}

/* Fails step n of the work. */
static void
try_step(struct sweep *sweep, long n, int code)
{
	struct store *store = begin(sweep);
	enum store_result result;

	sweep->fault->arm(n, code);
	result = sweep->work->run(store);
	(void)sweep->fault->disarm();
	sweep->tries++;
	sweep->refused += result != STORE_OK;
	sweep->wordless += result != STORE_OK && *store_error(store) == '\0';
	if ((sweep->work->at_once || result == STORE_OK) &&
	    shop_digest(path) != wanted && sweep->halves++ == 0)
		diag("step %ld leaves the tables half done: %s", n,
		    store_error(store));
	store_free(store);
}

/* How many steps the work has, or its opening. */
static long
count_steps(const struct work *work, const struct counted *counted)
{
	struct sweep sweep = {.work = work, .fault = &counted->fault,
	    .settings = kept_settings(path, JOURNAL_WAL)};
	struct store *store = begin(&sweep);
	long steps;

	counted->fault.arm(MANY, 0);
	if ((work->opens ? store_open(store) : work->run(store)) != STORE_OK)
		abort();
	steps = MANY - *counted->left;
	counted->fault.disarm();
	store_free(store);
	return steps;
}

/* Some of the steps, from the first to the last; in the long form many. */
static void
run_sweep(const struct work *work, const struct counted *counted,
    bool is_long)
{
	struct sweep sweep = {.work = work, .fault = &counted->fault,
	    .settings = kept_settings(path, JOURNAL_WAL)};
	const size_t ncodes = sizeof(codes) / sizeof(*codes);
	const long steps = count_steps(work, counted);
	const long tries = counted->tries * work->percent / 100 *
	    (is_long ? 30 : 1);
	const long every = 1 + steps / tries;
	const bool counts = nomem_works();
	const long before = nomem_blocks;
	long n, i;

	sweep.settings.patience = 5;
	/* Not always at the same distance: works repeat themselves. */
	for (i = 0; i * every < steps; i++) {
		n = 1 + i * every + i * 7919 % every;
		try_step(&sweep, n > steps ? steps : n, codes[i % ncodes].code);
		if (i % work->again == 0)
			sweep.broken += !works_again(&sweep);
	}
	if (!ok(sweep.wordless == 0 && sweep.halves == 0 &&
	    sweep.broken == 0 && (!counts || nomem_blocks == before),
	    "%s, of which each %s: %u tries, %u refused, all is well then",
	    work->name, counted->fault.name, sweep.tries, sweep.refused))
		diag("%u without a word, %u half done, %u broken afterwards, "
		    "%ld blocks kept", sweep.wordless, sweep.halves,
		    sweep.broken, nomem_blocks - before);
}

/* The database after the shop's events, with what an application has put there,
 * and the same with two of them parked,
 * as a program that cannot read them would have left it. */
static void
prepare(void)
{
	static const char park[] =
	    "INSERT INTO billhook_parked SELECT object_id, id, type, created "
	    "FROM stripe_events WHERE id IN ('evt_16', 'evt_27');"
	    "DELETE FROM billhook_ranks WHERE event_id IN ('evt_16', 'evt_27');"
	    "UPDATE stripe_events SET outcome = 'failed' WHERE id IN "
	    "('evt_16', 'evt_27');"
	    "UPDATE stripe_subscriptions SET status = 'unpaid';"
	    "UPDATE tenant_pricing SET status = 'unpaid' WHERE tenant_id IN "
	    "('kite', 'cus_3')";
	static const char put[] =
	    "CREATE INDEX theirs ON tenant_pricing (status);"
	    "CREATE TRIGGER tell AFTER UPDATE ON tenant_pricing BEGIN "
	    "SELECT new.status; END";
	struct settings settings = kept_settings(path, JOURNAL_WAL);
	struct store *store = store_new(&settings, NULL, NULL);

	if (store == NULL || shop_deliver(store) != STORE_OK)
		abort();
	store_free(store);
	if (shop_run(path, put) == -1)
		abort();
	shop_copy(path, whole);
	wanted = shop_digest(whole);
	if (shop_run(path, park) == -1)
		abort();
	shop_copy(path, parked);
	remove_database();
}

int
main(void)
{
	const char *form = getenv("BILLHOOK_LONG");
	const bool is_long = form != NULL && *form != '\0';
	struct settings settings;
	size_t i;
	int f;

	kept_directory(top, "faults-works");
	snprintf(path, sizeof(path), "%s/%s", top, KEPT_DATABASE);
	snprintf(whole, sizeof(whole), "%s/whole", top);
	snprintf(parked, sizeof(parked), "%s/parked", top);
	snprintf(copy, sizeof(copy), "%s/copy", top);
	settings = kept_settings(path, JOURNAL_WAL);
	ok(!nomem_works() || nomem_every(try_to_make, &settings) > 1,
	    "each allocation of a store failed, nothing is kept");
	ok(!nomem_works() || nomem_every(try_to_record, &settings) > 1,
	    "each allocation of what is recorded failed, nothing is kept");
	ok(!nomem_works() || nomem_every(try_to_queue, copy) > 1,
	    "each allocation of a queue failed, nothing is kept");
	shop_open();
	prepare();
	for (i = 0; i < sizeof(works) / sizeof(*works); i++)
		for (f = 0; f < FAULT__MAX; f++)
			if (f != ALLOCATION || nomem_works())
				run_sweep(&works[i], &faults[f], is_long);
	shop_close();
	remove_database();
	(void)unlink(whole);
	(void)unlink(parked);
	(void)unlink(copy);
	(void)rmdir(top);
	return done_testing();
}
