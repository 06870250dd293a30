/*
 * Ways to fail, each for the n-th step from now: a statement, an allocation.
 * To be included by one file of a program in which sqlite3_step() and
 * sqlite3_exec() are wrapped.
 */
#ifndef FAULTING_H
#define FAULTING_H

#include <sqlite3.h>
#include <stdbool.h>

#include "nomem.h"

static const struct {
	int code;
	const char *name;
} codes[] = {
	{SQLITE_BUSY, "BUSY"}, {SQLITE_FULL, "FULL"},
	{SQLITE_IOERR, "IOERR"}, {SQLITE_CORRUPT, "CORRUPT"},
	{SQLITE_NOMEM, "NOMEM"}, {SQLITE_READONLY, "READONLY"},
};

/* Statements that fail: the step_left-th from now, before it does anything,
 * or after; and all later ones, if step_on. */
static long step_left;
static int step_code;
static bool step_after, step_on, step_came;

int __real_sqlite3_step(sqlite3_stmt *stmt);
int __wrap_sqlite3_step(sqlite3_stmt *stmt);
int __real_sqlite3_exec(sqlite3 *handle, const char *sql,
    int (*row)(void *, int, char **, char **), void *arg, char **error);
int __wrap_sqlite3_exec(sqlite3 *handle, const char *sql,
    int (*row)(void *, int, char **, char **), void *arg, char **error);

static inline bool
step_fails(void)
{
	if (step_left == 0 || --step_left > 0)
		return false;
	step_came = true;
	step_left = step_on;
	return true;
}

int
__wrap_sqlite3_step(sqlite3_stmt *stmt)
{
	if (!step_fails())
		return __real_sqlite3_step(stmt);
	if (step_after)
		(void)__real_sqlite3_step(stmt);
	return step_code;
}

int
__wrap_sqlite3_exec(sqlite3 *handle, const char *sql,
    int (*row)(void *, int, char **, char **), void *arg, char **error)
{
	if (!step_fails())
		return __real_sqlite3_exec(handle, sql, row, arg, error);
	if (step_after)
		(void)__real_sqlite3_exec(handle, sql, row, arg, error);
	return step_code;
}

/* One way to fail: armed for the n-th step, and whether that came. */
struct fault {
	const char *name;
	void (*arm)(long n, int code);
	bool (*disarm)(void);
};

static inline void
arm_step(long n, int code)
{
	step_left = n;
	step_code = code;
	step_after = step_on = step_came = false;
}

static inline void
arm_step_after(long n, int code)
{
	arm_step(n, code);
	step_after = true;
}

static inline void
arm_steps(long n, int code)
{
	arm_step(n, code);
	step_on = true;
}

static inline bool
disarm_step(void)
{
	step_left = 0;
	return step_came;
}

static inline void
arm_allocation(long n, int code)
{
	(void)code;
	nomem_left = n;
}

static inline bool
disarm_allocation(void)
{
	const bool came = nomem_left == 0;

	nomem_left = 0;
	return came;
}

#endif
