/*
 * What the queue's file is for: its lock keeps a checkpoint from meeting a
 * delivery, its mark and what it knows of the others keep a failed sync from
 * losing what is acknowledged later.  Each case is several processes that
 * take turns.
 */
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kept.h"
#include "power.h"
#include "shim_vfs.h"
#include "tap.h"
#include "turns.h"

#define MANY	120	/* events that fill the log past a checkpoint */
#define PULLS	24
#define HANG	120	/* seconds after which a process is stuck */

static char top[KEPT_PATH], path[PATH_MAX];
static bool held;

static struct store *
new_store(int64_t patience)
{
	static struct settings settings;
	struct store *store;

	alarm(HANG);
	shim_log_join(1);
	settings = kept_settings(path, JOURNAL_WAL);
	settings.patience = patience;
	store = store_new(&settings, NULL, NULL);
	if (store == NULL || store_open(store) != STORE_OK)
		_exit(2);
	return store;
}

/* Delivers events from to to. */
static void
deliver(struct store *store, unsigned from, unsigned to)
{
	for (; from <= to; from++) {
		if (kept_deliver(store, from) != STORE_OK) {
			fprintf(stderr, "# %s\n", store_error(store));
			_exit(2);
		}
		shim_log_acknowledge(from);
	}
}

/* Where B stands in its checkpoint, and waits for A. */
static void
hold(void *arg)
{
	(void)arg;
	held = true;
	say(to_a, 'h');
	(void)listen_to(to_b);
}

/* B has work for a checkpoint, as far as it knows, and tries when told. */
static int
be_b(void)
{
	struct store *store = new_store(20000);

	(void)listen_to(to_b);
	deliver(store, MANY + 1, MANY + 1);
	say(to_a, 'r');
	(void)listen_to(to_b);
	shim_wait(SHIM_AT_CHECKPOINT, hold, NULL);
	store_tidy(store);
	shim_wait(SHIM_AT_CHECKPOINT, NULL, NULL);
	if (!held) {
		say(to_a, 'n');
		(void)listen_to(to_b);
	}
	say(to_a, 'd');
	(void)listen_to(to_b);
	store_free(store);
	return held;
}

/* A fills the log, lets B know of it, and checkpoints all of it. */
static struct store *
prepare(int64_t patience)
{
	struct store *store = new_store(patience);

	deliver(store, 1, MANY);
	say(to_b, '1');
	(void)listen_to(to_a);
	deliver(store, MANY + 2, MANY + 2);
	store_tidy(store);
	return store;
}

static void
let_b_try(void *arg)
{
	(void)arg;
	say(to_b, 'g');
	(void)listen_to(to_a);
}

/* B's checkpoint comes while A is in its transaction; A goes on, then B. */
static int
be_a_in_transaction(void)
{
	struct store *store = prepare(20000);

	shim_wait(SHIM_AT_WAL_WRITE, let_b_try, NULL);
	deliver(store, MANY + 3, MANY + 60);
	say(to_b, 'e');
	(void)listen_to(to_a);
	say(to_b, 'x');
	store_free(store);
	return 0;
}

/* A delivers while B's checkpoint stands between header and copying. */
static int
be_a_outside(void)
{
	struct store *store = prepare(200);
	int status = 0;

	say(to_b, 'g');
	if (listen_to(to_a) != 'h')
		status = 3;
	else if (kept_deliver(store, MANY + 3) != STORE_EBUSY)
		status = 4;
	say(to_b, 'e');
	(void)listen_to(to_a);
	deliver(store, MANY + 3, MANY + 60);
	say(to_b, 'x');
	store_free(store);
	return status;
}

static void
begin_case(void)
{
	char directory[2 * KEPT_PATH];

	snprintf(directory, sizeof(directory), "%s/run", top);
	snprintf(path, sizeof(path), "%s/%s", directory, KEPT_DATABASE);
	shim_log_start(directory, KEPT_DATABASE);
	shim_vfs_register();
	held = false;
	turns_begin();
}

static void
end_case(void)
{
	char directory[2 * KEPT_PATH];

	turns_end();
	shim_log_stop();
	snprintf(directory, sizeof(directory), "%s/run", top);
	kept_remove(directory);
	snprintf(directory, sizeof(directory), "%s/image", top);
	kept_remove(directory);
}

/* All that was acknowledged is in the file as it stands. */
static void
check_file(const char *name)
{
	struct kept_set *set = kept_acknowledged(shim_log->nentries);
	struct kept_found found;

	kept_check(path, set, &found);
	if (!ok(set->n > 0 && found.lost == 0 && found.sound &&
	    found.halves == 0, "%s", name))
		diag("of %u acknowledged %u are lost; %s", set->n,
		    found.lost, found.sound ? "sound" : found.why);
	free(set);
}

/* All that was acknowledged is there if the plug is pulled now, however much
 * of what a failed sync covered is gone. */
static void
check_pulled(const char *name)
{
	struct kept_set *set = kept_acknowledged(shim_log->nentries);
	struct kept_found found;
	struct power *power;
	char directory[2 * KEPT_PATH], image[PATH_MAX];
	unsigned i, lost = 0, unsound = 0;
	const size_t entries = shim_log->nentries;

	snprintf(directory, sizeof(directory), "%s/image", top);
	snprintf(image, sizeof(image), "%s/%s", directory, KEPT_DATABASE);
	for (i = 0; i < PULLS; i++) {
		power = power_new();
		power_advance(power, entries);
		power_pull(power, directory, KEPT_DATABASE, POWER_CHANCE);
		kept_check(image, set, &found);
		lost += found.lost > 0;
		unsound += !found.sound || found.halves > 0;
		power_free(power);
	}
	if (!ok(set->n > 0 && lost == 0 && unsound == 0, "%s", name))
		diag("%u of %u pulls lost an event, %u left damage", lost,
		    PULLS, unsound);
	free(set);
}

static void
test_lock(void)
{
	pid_t b;

	begin_case();
	b = start(be_b);
	is_int(run(be_a_in_transaction), 0,
	    "a delivery goes on while another process wants to checkpoint");
	is_int(end(b), 0, "a checkpoint stays away while a delivery is in "
	    "its transaction");
	check_file("nothing is lost when a checkpoint meets a delivery that "
	    "starts the log anew");
	end_case();

	begin_case();
	b = start(be_b);
	is_int(run(be_a_outside), 0, "a delivery that meets a checkpoint "
	    "waits for it, and is refused past its patience");
	is_int(end(b), 1, "the checkpoint was under way meanwhile");
	check_file("nothing is lost by a checkpoint that takes long");
	end_case();
}

static void
die(void *arg)
{
	(void)arg;
	raise(SIGKILL);
}

/* Has the database open, and does nothing. */
static int
be_bystander(void)
{
	struct store *store = new_store(20000);

	deliver(store, 1, 1);
	say(to_a, 'r');
	(void)listen_to(to_b);
	/* Ends without closing, so that nothing is mended by it. */
	raise(SIGKILL);
	store_free(store);
	return 0;
}

/* Delivers an event while no sync of the log works any more. */
static int
fail_to_sync(void)
{
	struct store *store = new_store(20000);
	enum store_result result;

	deliver(store, 2, 2);
	shim_log->chances.fail = 1;
	result = kept_deliver(store, 3);
	store_free(store);
	shim_log->chances.fail = 0;
	return result == STORE_EUNAVAILABLE ? 0 : 1;
}

static int
die_before_sync(void)
{
	struct store *store = new_store(20000);

	deliver(store, 2, 2);
	shim_wait(SHIM_AT_WAL_SYNC, die, NULL);
	deliver(store, 3, 3);
	return 1;
}

static int
fail_at_close(void)
{
	struct store *store = new_store(20000);

	shim_log->chances.fail = 1;
	store_free(store);
	shim_log->chances.fail = 0;
	return shim_log->failures > 0 ? 0 : 1;
}

static int
die_as_sync_fails(void)
{
	struct store *store = new_store(20000);

	deliver(store, 2, 2);
	shim_log->chances.fail = 1;
	shim_wait(SHIM_AT_SYNC_FAILED, die, NULL);
	deliver(store, 3, 3);
	return 1;
}

/* A process that comes later, and ends without closing. */
static int
deliver_later(void)
{
	struct store *store = new_store(20000);

	deliver(store, 4, 5);
	return 0;
}

static void
test_mark(void)
{
	pid_t bystander;

	begin_case();
	bystander = start(be_bystander);
	(void)listen_to(to_a);
	is_int(run(fail_to_sync), 0,
	    "a delivery whose sync fails is not acknowledged");
	is_int(run(deliver_later), 0, "the next process can deliver");
	check_pulled("what a failed sync has lost is written anew before "
	    "anybody acknowledges again");
	say(to_b, 'x');
	(void)end(bystander);
	end_case();

	begin_case();
	is_int(run(die_before_sync), -SIGKILL, "a process dies unsynced");
	is_int(run(fail_at_close), 0, "and the last to close cannot sync");
	is_int(run(deliver_later), 0, "the next process can deliver");
	check_pulled("nothing is lost after a failed sync at the last close");
	end_case();

	begin_case();
	is_int(run(die_as_sync_fails), -SIGKILL,
	    "a process dies before it can tell of a failed sync");
	shim_log->chances.fail = 0;
	is_int(run(deliver_later), 0, "the next process can deliver");
	check_pulled("nothing is lost after a failed sync that killed");
	end_case();
}

/* An application that reads, with SQLite's own VFS. */
static int
be_reader(void)
{
	sqlite3 *handle;

	if (sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, "unix") !=
	    SQLITE_OK || sqlite3_exec(handle, "SELECT count(*) FROM "
	    "stripe_events", NULL, NULL, NULL) != SQLITE_OK)
		return 1;
	say(to_a, 'r');
	(void)listen_to(to_b);
	return 0;
}

static int
deliver_and_close(void)
{
	struct store *store = new_store(20000);

	deliver(store, 1, 5);
	store_free(store);
	return 0;
}

/* True if opening has found nothing to mend. */
static int
come_after(void)
{
	struct store *store = new_store(20000);
	const size_t before = shim_log->nbytes;

	deliver(store, 6, 6);
	return shim_log->nbytes - before < 100000 ? 0 : 1;
}

static void
test_left(void)
{
	pid_t reader;

	begin_case();
	(void)run(deliver_and_close);
	reader = start(be_reader);
	(void)listen_to(to_a);
	is_int(run(deliver_and_close) | run(deliver_and_close), 0,
	    "processes come and go while a reader keeps the log");
	is_int(run(come_after), 0,
	    "what the last one left in good order is not written anew");
	check_pulled("and is on disk");
	say(to_b, 'x');
	is_int(end(reader), 0, "the reader could read");
	end_case();
}

static int directory_syncs;

static void
die_at_directory(void)
{
	if (--directory_syncs == 0)
		raise(SIGKILL);
}

static int
make_database(void)
{
	shim_at_directory = die_at_directory;
	store_free(new_store(20000));
	return 0;
}

/* A process dies before each sync of a directory that making the database
 * takes; the next one goes on from there. */
static void
test_making(void)
{
	int n, status = -SIGKILL;

	for (n = 1; status == -SIGKILL && n < 20; n++) {
		begin_case();
		directory_syncs = n;
		status = run(make_database);
		if (run(deliver_later) != 0)
			status = 1;
		check_pulled("what is acknowledged is there, whoever died "
		    "making the database");
		end_case();
	}
	ok(status == 0 && n > 3, "a process died before each of %d syncs of "
	    "a directory", n - 2);
}

int
main(void)
{
	kept_directory(top, "queue");
	test_lock();
	test_mark();
	test_left();
	test_making();
	(void)rmdir(top);
	return done_testing();
}
