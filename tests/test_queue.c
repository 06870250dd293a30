/*
 * The lock of the queue keeps a checkpoint from meeting a delivery.
 */
#include "turns.h"

#define MANY	120	/* events that fill the log past a checkpoint */

static bool held;

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

	shim_wait(SHIM_AT_WRITE_LOCK, let_b_try, NULL);
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

int
main(void)
{
	kept_directory(top, "queue");
	test_lock();
	(void)rmdir(top);
	return done_testing();
}
