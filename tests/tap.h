/*
 * Test Anything Protocol for tests in C: one behaviour, one ok(), named as a
 * sentence; the plan stands at the end.
 */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failures;

/* A remark, for who reads the log. */
static inline void __attribute__((format(printf, 1, 2)))
diag(const char *format, ...)
{
	va_list values;

	va_start(values, format);
	printf("# ");
	vprintf(format, values);
	printf("\n");
	va_end(values);
}

/* One test.  Returns whether it passed. */
static inline bool __attribute__((format(printf, 2, 3)))
ok(bool passed, const char *format, ...)
{
	va_list values;

	tap_count++;
	tap_failures += !passed;
	va_start(values, format);
	printf("%sok %d - ", passed ? "" : "not ", tap_count);
	vprintf(format, values);
	printf("\n");
	va_end(values);
	fflush(stdout);
	return passed;
}

/* One test: got is want.  Each says what it got if it is not. */
#define is_int(got, want, ...) do { \
	const int64_t tap_got = (got), tap_want = (want); \
	if (!ok(tap_got == tap_want, __VA_ARGS__)) \
		diag("%s:%d: got %lld, want %lld", __FILE__, __LINE__, \
		    (long long)tap_got, (long long)tap_want); \
} while (0)

#define is_str(got, want, ...) do { \
	const char *const tap_got = (got), *const tap_want = (want); \
	if (!ok(tap_got == NULL || tap_want == NULL ? tap_got == tap_want : \
	    strcmp(tap_got, tap_want) == 0, __VA_ARGS__)) \
		diag("%s:%d: got %s, want %s", __FILE__, __LINE__, \
		    tap_got == NULL ? "NULL" : tap_got, \
		    tap_want == NULL ? "NULL" : tap_want); \
} while (0)

/* Prints the plan.  The exit status of main(): 0 if some ran and all passed. */
static inline int
done_testing(void)
{
	printf("1..%d\n", tap_count);
	if (tap_failures > 0)
		diag("%d of %d failed", tap_failures, tap_count);
	return tap_failures > 0 || tap_count == 0;
}

#endif
