/*
 * More ways to fail, beside those of faulting.h.  To be included by one file of
 * a program in which what is named here as __wrap_ is wrapped.
 */
#ifndef FAULTING_WORKS_H
#define FAULTING_WORKS_H

#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "arena.h"

/* Statements that cannot be made ready, and memory of an arena that is not to
 * be had: the n-th from now. */
static long prepare_left, arena_left;
static int prepare_code;

int __real_sqlite3_prepare_v2(sqlite3 *handle, const char *sql, int len,
    sqlite3_stmt **out, const char **tail);
int __wrap_sqlite3_prepare_v2(sqlite3 *handle, const char *sql, int len,
    sqlite3_stmt **out, const char **tail);
int __real_sqlite3_prepare_v3(sqlite3 *handle, const char *sql, int len,
    unsigned flags, sqlite3_stmt **out, const char **tail);
int __wrap_sqlite3_prepare_v3(sqlite3 *handle, const char *sql, int len,
    unsigned flags, sqlite3_stmt **out, const char **tail);
char *__wrap_sqlite3_mprintf(const char *format, ...);
char *__real_sqlite3_str_finish(sqlite3_str *text);
char *__wrap_sqlite3_str_finish(sqlite3_str *text);
void *__real_arena_alloc(struct arena *arena, size_t size);
void *__wrap_arena_alloc(struct arena *arena, size_t size);
void *__real_arena_array(struct arena *arena, size_t n, size_t size);
void *__wrap_arena_array(struct arena *arena, size_t n, size_t size);
char *__real_arena_text(struct arena *arena, const char *s, size_t len);
char *__wrap_arena_text(struct arena *arena, const char *s, size_t len);

/* Nobody waits here that a long work must give way to. */
int __wrap_nanosleep(const struct timespec *time, struct timespec *left);

int
__wrap_nanosleep(const struct timespec *time, struct timespec *left)
{
	(void)time;
	(void)left;
	return 0;
}

static inline bool
is_the_one(long *left)
{
	return *left > 0 && --*left == 0;
}

int
__wrap_sqlite3_prepare_v2(sqlite3 *handle, const char *sql, int len,
    sqlite3_stmt **out, const char **tail)
{
	return is_the_one(&prepare_left) ? prepare_code :
	    __real_sqlite3_prepare_v2(handle, sql, len, out, tail);
}

int
__wrap_sqlite3_prepare_v3(sqlite3 *handle, const char *sql, int len,
    unsigned flags, sqlite3_stmt **out, const char **tail)
{
	return is_the_one(&prepare_left) ? prepare_code :
	    __real_sqlite3_prepare_v3(handle, sql, len, flags, out, tail);
}

/* Nor the text of a statement, without memory. */
char *
__wrap_sqlite3_mprintf(const char *format, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, format);
	if (!is_the_one(&prepare_left))
		text = sqlite3_vmprintf(format, ap);
	va_end(ap);
	return text;
}

char *
__wrap_sqlite3_str_finish(sqlite3_str *text)
{
	char *made = __real_sqlite3_str_finish(text);

	if (!is_the_one(&prepare_left))
		return made;
	sqlite3_free(made);
	return NULL;
}

void *
__wrap_arena_alloc(struct arena *arena, size_t size)
{
	return is_the_one(&arena_left) ? NULL :
	    __real_arena_alloc(arena, size);
}

void *
__wrap_arena_array(struct arena *arena, size_t n, size_t size)
{
	return is_the_one(&arena_left) ? NULL :
	    __real_arena_array(arena, n, size);
}

char *
__wrap_arena_text(struct arena *arena, const char *s, size_t len)
{
	return is_the_one(&arena_left) ? NULL :
	    __real_arena_text(arena, s, len);
}

static inline void
arm_prepare(long n, int code)
{
	prepare_left = n;
	prepare_code = code;
}

static inline bool
disarm_prepare(void)
{
	const bool came = prepare_left == 0;

	prepare_left = 0;
	return came;
}

static inline void
arm_arena(long n, int code)
{
	(void)code;
	arena_left = n;
}

static inline bool
disarm_arena(void)
{
	const bool came = arena_left == 0;

	arena_left = 0;
	return came;
}

#endif
