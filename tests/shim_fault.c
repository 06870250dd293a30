/* The calls that a test lets fail, and the places where it waits. */
#include "shim_log.h"

#include <sqlite3.h>

static long fail_left;
static int fail_code;
static bool fail_on, failed;

static struct {
	void (*wait)(void *arg);
	void *arg;
} waits[SHIM_AT_CHECKPOINT + 1];

void
shim_wait(enum shim_place place, void (*wait)(void *arg), void *arg)
{
	waits[place].wait = wait;
	waits[place].arg = arg;
}

void
shim_come_by(enum shim_place place)
{
	void (*wait)(void *arg) = waits[place].wait;

	waits[place].wait = NULL;
	if (wait != NULL)
		wait(waits[place].arg);
}

void
shim_fail(long n, int code, bool on)
{
	fail_left = n;
	fail_code = code;
	fail_on = on;
	failed = false;
}

bool
shim_failed(void)
{
	return failed;
}

/* The failure asked for as a call can have it, which is named by its own I/O
 * error: only locks are busy, only what is written or made finds no room. */
static int
as_seen(int ioerr)
{
	const bool locks = ioerr == SQLITE_IOERR_LOCK ||
	    ioerr == SQLITE_IOERR_SHMLOCK;

	switch (fail_code) {
	case SQLITE_NOMEM:
		return SQLITE_IOERR_NOMEM;
	case SQLITE_BUSY:
		return locks ? SQLITE_BUSY : ioerr;
	case SQLITE_FULL:
		return ioerr == SQLITE_IOERR_WRITE ||
		    ioerr == SQLITE_IOERR_SHMMAP ? SQLITE_FULL : ioerr;
	case SQLITE_CORRUPT:
		return ioerr == SQLITE_IOERR_READ ? SQLITE_CORRUPT : ioerr;
	case SQLITE_READONLY:
		return ioerr == SQLITE_CANTOPEN ? SQLITE_READONLY : ioerr;
	default:
		return ioerr;
	}
}

int
shim_enter(int ioerr)
{
	shim_perhaps_kill();
	if (fail_left == 0 || --fail_left > 0)
		return SQLITE_OK;
	failed = true;
	fail_left = fail_on;
	return as_seen(ioerr);
}
