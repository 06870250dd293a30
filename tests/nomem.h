/*
 * Makes the n-th allocation of a test program fail, in whatever library it is
 * asked for, and counts what is not given back.  To be included by one file of
 * the program.  Not with sanitizers or under valgrind, which have allocators of
 * their own, and only with the GNU C library: elsewhere nomem_works() is false.
 */
#ifndef NOMEM_H
#define NOMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define NOMEM_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || \
    __has_feature(thread_sanitizer)
#define NOMEM_SANITIZED 1
#endif
#endif

/* How far away the failing one is (0: none), and how many blocks are held.
 * Volatile, since a compiler believes that malloc() changes no variable. */
static volatile long nomem_left;
static volatile long nomem_blocks;

#if defined(__GLIBC__) && !defined(NOMEM_SANITIZED)
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void __libc_free(void *);

static inline bool
nomem_refuses(void)
{
	return nomem_left > 0 && --nomem_left == 0;
}

void *
malloc(size_t size)
{
	void *p = nomem_refuses() ? NULL : __libc_malloc(size);

	nomem_blocks += p != NULL;
	return p;
}

void *
calloc(size_t n, size_t size)
{
	void *p = nomem_refuses() ? NULL : __libc_calloc(n, size);

	nomem_blocks += p != NULL;
	return p;
}

void *
realloc(void *old, size_t size)
{
	void *p = nomem_refuses() ? NULL : __libc_realloc(old, size);

	nomem_blocks += p != NULL && old == NULL;
	return p;
}

void
free(void *p)
{
	nomem_blocks -= p != NULL;
	__libc_free(p);
}
#endif

/* True if the program's allocations come by here. */
static inline bool
nomem_works(void)
{
	const long before = nomem_blocks;
	void *volatile p = malloc(1);
	const bool counted = nomem_blocks == before + 1;

	free(p);
	return counted;
}

/*
 * Runs try(arg) with its first allocation failing, then with its second, and
 * so on until one run has no failure left.  try returns true if it succeeded,
 * and has freed everything in either case.  The number of runs that failed, or
 * -1 if one of them said that it succeeded, the last that it did not, or one
 * kept memory.
 */
static inline long
nomem_every(bool (*try)(void *), void *arg)
{
	long n, before, hit;
	bool done;

	for (n = 1;; n++) {
		before = nomem_blocks;
		nomem_left = n;
		done = try(arg);
		hit = nomem_left == 0;
		nomem_left = 0;
		if (done == (bool)hit || nomem_blocks != before)
			return -1;
		if (done)
			return n - 1;
	}
}

#endif
