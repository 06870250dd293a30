/*
 * Memory that runs out, laid over a program by LD_PRELOAD: one allocation
 * fails, in whatever library it is asked for.  Which one says the file
 * NOMEM_FILE, mapped at the start, in which a test sets how many calls away it
 * is (a 64-bit integer, 0 for none); every call counts it down, those of the
 * processes that the program makes only if NOMEM_CHILDREN is set.
 */
#include <sys/mman.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

static volatile int64_t *left;

static void
forget(void)
{
	left = NULL;
}

__attribute__((constructor)) static void
map(void)
{
	const char *path = getenv("NOMEM_FILE");
	int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
	void *p;

	if (fd == -1)
		abort();
	if (getenv("NOMEM_CHILDREN") == NULL &&
	    pthread_atfork(NULL, NULL, forget) != 0)
		abort();
	p = mmap(NULL, sizeof(*left), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
	    0);
	if (p == MAP_FAILED)
		abort();
	(void)close(fd);
	left = p;
}

static bool
refuses(void)
{
	if (left == NULL || *left <= 0 || --*left > 0)
		return false;
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t size)
{
	return refuses() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return refuses() ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *old, size_t size)
{
	return refuses() ? NULL : __libc_realloc(old, size);
}
