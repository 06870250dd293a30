/*
 * Calls of the system that fail: the call_left-th from now of those that the
 * program itself makes (SQLite's own stand in a library and are not met).  To
 * be included by one file of a program in which they are wrapped.  Where the
 * compiler puts a checked call in the place of one, that is not met either.
 */
#ifndef FAULTING_CALLS_H
#define FAULTING_CALLS_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

static volatile long call_left;
static int call_error;

static inline bool
call_fails(void)
{
	if (call_left == 0 || --call_left > 0)
		return false;
	errno = call_error;
	return true;
}

static inline void
arm_system(long n, int error)
{
	call_left = n;
	call_error = error;
}

/* A call with these parameters, which returns -1 when it fails. */
#define WRAPPED(type, name, parameters, arguments) \
	type __real_##name parameters; \
	type __wrap_##name parameters; \
	type \
	__wrap_##name parameters \
	{ \
		return call_fails() ? -1 : __real_##name arguments; \
	} \
	type __wrap_##name parameters

WRAPPED(int, stat, (const char *path, struct stat *st), (path, st));
WRAPPED(int, lstat, (const char *path, struct stat *st), (path, st));
WRAPPED(int, fstat, (int fd, struct stat *st), (fd, st));
WRAPPED(int, mkdir, (const char *path, mode_t mode), (path, mode));
WRAPPED(int, chmod, (const char *path, mode_t mode), (path, mode));
WRAPPED(int, chown, (const char *path, uid_t uid, gid_t gid),
    (path, uid, gid));
WRAPPED(int, fchmod, (int fd, mode_t mode), (fd, mode));
WRAPPED(int, fchown, (int fd, uid_t uid, gid_t gid), (fd, uid, gid));
WRAPPED(int, flock, (int fd, int operation), (fd, operation));
WRAPPED(int, fsync, (int fd), (fd));
WRAPPED(int, rename, (const char *from, const char *to), (from, to));
WRAPPED(ssize_t, read, (int fd, void *bytes, size_t n), (fd, bytes, n));
WRAPPED(ssize_t, write, (int fd, const void *bytes, size_t n),
    (fd, bytes, n));
WRAPPED(ssize_t, pread, (int fd, void *bytes, size_t n, off_t at),
    (fd, bytes, n, at));
WRAPPED(ssize_t, pwrite, (int fd, const void *bytes, size_t n, off_t at),
    (fd, bytes, n, at));
WRAPPED(int, timer_create, (clockid_t clock, struct sigevent *event,
    timer_t *timer), (clock, event, timer));
WRAPPED(int, timer_settime, (timer_t timer, int flags,
    const struct itimerspec *spec, struct itimerspec *old),
    (timer, flags, spec, old));
WRAPPED(int, sigaction, (int number, const struct sigaction *action,
    struct sigaction *old), (number, action, old));

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);

int
__wrap_open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	va_start(ap, flags);
	if ((flags & O_CREAT) != 0)
		mode = va_arg(ap, mode_t);
	va_end(ap);
	return call_fails() ? -1 : __real_open(path, flags, mode);
}

/* What billhook asks of it has a lock as its argument. */
int
__wrap_fcntl(int fd, int command, ...)
{
	struct flock *lock;
	va_list ap;

	va_start(ap, command);
	lock = va_arg(ap, struct flock *);
	va_end(ap);
	return call_fails() ? -1 : __real_fcntl(fd, command, lock);
}

#endif
