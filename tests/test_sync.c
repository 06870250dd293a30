/*
 * What a failed sync has lost, and what a process that died has not told, is
 * mended before anybody acknowledges an event.
 */
#include <sqlite3.h>

#include "turns.h"

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

/* One that finds something to mend, and says so. */
static int
deliver_mended(void)
{
	(void)deliver_later();
	return warnings == 1 ? 0 : 1;
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
	is_int(run(deliver_mended), 0,
	    "the next process mends, says so, and delivers");
	check_pulled("what a failed sync has lost is written anew before "
	    "anybody acknowledges again");
	say(to_b, 'x');
	(void)end(bystander);
	end_case();

	begin_case();
	is_int(run(die_before_sync), -SIGKILL, "a process dies unsynced");
	is_int(run(fail_at_close), 0, "and the last to close cannot sync");
	is_int(run(deliver_mended), 0,
	    "the next process mends, says so, and delivers");
	check_pulled("nothing is lost after a failed sync at the last close");
	end_case();

	begin_case();
	is_int(run(die_as_sync_fails), -SIGKILL,
	    "a process dies before it can tell of a failed sync");
	shim_log->chances.fail = 0;
	is_int(run(deliver_mended), 0,
	    "the next process mends, says so, and delivers");
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

/* Succeeds where opening and delivering has found nothing to mend. */
static int
come_after(void)
{
	struct store *store = new_store(20000);

	deliver(store, 6, 6);
	return warnings == 0 ? 0 : 1;
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

static int log_syncs;	/* until one fails */

static void
go_well_again(void *arg)
{
	(void)arg;
	shim_log->chances.fail = 0;
}

static void
fail_at_log(void *arg)
{
	if (--log_syncs > 0) {
		shim_wait(SHIM_AT_WAL_SYNC, fail_at_log, arg);
		return;
	}
	shim_log->chances.fail = 1;
	shim_wait(SHIM_AT_SYNC_FAILED, go_well_again, NULL);
}

/* Once cannot sync the log of a database that it makes. */
static int
fail_making(void)
{
	struct settings settings = kept_settings(path, JOURNAL_WAL);
	struct store *store = store_new(&settings, NULL, NULL);
	enum store_result result;

	shim_log_join(1);
	shim_wait(SHIM_AT_WAL_SYNC, fail_at_log, NULL);
	result = kept_deliver(store, 1);
	store_free(store);
	return result == STORE_EUNAVAILABLE ? 0 : 1;
}

/* What it has left is in the log, but by half on disk. */
static void
test_made_by_half(void)
{
	int n;

	for (n = 1; n <= 3; n++) {
		begin_case();
		log_syncs = n;
		is_int(run(fail_making), 0, "refused as sync %d fails", n);
		is_int(run(deliver_later), 0, "the next process delivers");
		check_pulled("what is acknowledged then is there");
		end_case();
	}
}

static enum setting_journal journal;
static bool is_new;
static long go_well;	/* syncs of the directory, before they fail */

/* Delivers an event while syncs of the directory fail, and once more when they
 * go well again; ends without closing.  1 if it was refused at first. */
static int
deliver_unnamed(void)
{
	struct settings settings = kept_settings(path, journal);
	struct store *store = store_new(&settings, NULL, NULL);
	bool refused;

	shim_log_join(1);
	if (!is_new)
		deliver(store, 1, 5);
	store_close(store);
	shim_directories = go_well;
	refused = kept_deliver(store, 6) != STORE_OK;
	if (!refused)
		shim_log_acknowledge(6);
	else if (strstr(store_error(store), "cannot sync the directory") ==
	    NULL)
		return 2;
	else {
		shim_directories = -1;
		deliver(store, 6, 6);
	}
	return refused;
}

/* What is in the log or the journal is of no use where its name is not on
 * disk.  SQLite does not say whether it is. */
static void
test_names(const char *name)
{
	int status = 1;

	for (go_well = 0; status == 1 && go_well < 10; go_well++) {
		begin_case();
		status = run(deliver_unnamed);
		check_pulled("what is acknowledged is there, be its file's "
		    "name on disk or not");
		end_case();
	}
	ok(status == 0 && go_well > 1, "%s: refused as long as one of %ld "
	    "syncs of the directory fails", name, go_well - 1);
}

/* Gives a new database up while syncs of the directory fail, and closes it. */
static int
give_up_unnamed(void)
{
	struct settings settings = kept_settings(path, journal);
	struct store *store = store_new(&settings, NULL, NULL);
	bool refused;

	shim_log_join(1);
	shim_directories = go_well;
	refused = kept_deliver(store, 6) != STORE_OK;
	store_free(store);
	return refused;
}

/* How often there is no sound database, be the plug pulled where it may. */
static unsigned
count_damage(void)
{
	static const struct kept_set none;
	struct power *power = power_new();
	char directory[2 * KEPT_PATH], image[PATH_MAX];
	struct kept_found found;
	unsigned damage = 0;
	const size_t entries = shim_log->nentries;
	size_t at;

	snprintf(directory, sizeof(directory), "%s/image", top);
	snprintf(image, sizeof(image), "%s/%s", directory, KEPT_DATABASE);
	for (at = 1; at <= entries; at++) {
		power_advance(power, at);
		power_pull(power, directory, KEPT_DATABASE, POWER_CHANCE);
		kept_check(image, &none, &found);
		damage += !found.sound;
	}
	power_free(power);
	return damage;
}

/* SQLite itself needs a journal's name, and a log's when it copies it. */
static void
test_unnamed(const char *name)
{
	unsigned damage = 0;
	int status = 1;

	for (go_well = 0; status == 1 && go_well < 10; go_well++) {
		begin_case();
		status = run(give_up_unnamed);
		damage += count_damage();
		end_case();
	}
	is_int(damage, 0, "%s: sound, whichever of %ld syncs of the directory "
	    "fails", name, go_well - 1);
}

int
main(void)
{
	kept_directory(top, "sync");
	test_mark();
	test_left();
	test_making();
	test_made_by_half();
	test_names("a log");
	is_new = true;
	test_names("the log of a new database");
	test_unnamed("the log of a new database");
	journal = JOURNAL_TRUNCATE;
	test_names("the journal of a new one");
	test_unnamed("the journal of a new one");
	(void)rmdir(top);
	return done_testing();
}
