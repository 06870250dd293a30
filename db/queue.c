#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "queue.h"

/* The file's content: bytes, and the frames as a number of this host. */
#define MARK_AT		0
#define LEFT_AT		1	/* 1: the last one left in good order */
#define FRAMES_AT	8
#define FILES_AT	24
#define PRESENCE_AT	16	/* locked by all that are there; no content */
#define REBUILD_AT	17	/* locked by who rebuilds; no content */

#define WAKE_SIGNAL	(SIGRTMIN + 3)
#define WAKE_AGAIN_NS	20000000L	/* a wake that came too early comes
					 * again */

struct queue {
	int		 fd;
	char		*path;
	bool		 timed;		/* the timer is made, the handler set */
	timer_t		 timer;
	struct sigaction before;	/* what the signal did before */
};

struct queue *
queue_open(const char *path, mode_t mode, gid_t group)
{
	struct queue *queue = calloc(1, sizeof(*queue));
	int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW, e;

	if (queue == NULL)
		return NULL;
	queue->path = strdup(path);
	if (queue->path == NULL) {
		free(queue);
		return NULL;
	}
	queue->fd = open(path, flags | O_CREAT | O_EXCL, mode & 0700);
	if (queue->fd != -1) {
		/* Made by us: the modes of the contract, whatever the umask. */
		if ((group != (gid_t)-1 &&
		    fchown(queue->fd, (uid_t)-1, group) == -1) ||
		    fchmod(queue->fd, mode) == -1) {
			e = errno;
			(void)unlink(path);
			queue_close(queue);
			errno = e;
			return NULL;
		}
	} else if (errno == EEXIST)
		queue->fd = open(path, flags);
	if (queue->fd == -1) {
		e = errno;
		free(queue->path);
		free(queue);
		errno = e;
		return NULL;
	}
	return queue;
}

void
queue_close(struct queue *queue)
{
	if (queue == NULL)
		return;
	if (queue->timed) {
		(void)timer_delete(queue->timer);
		(void)sigaction(WAKE_SIGNAL, &queue->before, NULL);
	}
	(void)close(queue->fd);
	free(queue->path);
	free(queue);
}

/* Its only work is to make flock() return. */
static void
wake(int signal)
{
	(void)signal;
}

/* What interrupts a wait: made for the first one, and kept.  0 or -1. */
static int
make_timer(struct queue *queue)
{
	struct sigaction action = {.sa_handler = wake};
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL};
	sigset_t set;

	if (queue->timed)
		return 0;
	event.sigev_signo = WAKE_SIGNAL;
	if (timer_create(CLOCK_MONOTONIC, &event, &queue->timer) == -1)
		return -1;
	sigemptyset(&action.sa_mask);
	if (sigaction(WAKE_SIGNAL, &action, &queue->before) == -1) {
		(void)timer_delete(queue->timer);
		return -1;
	}
	sigemptyset(&set);
	sigaddset(&set, WAKE_SIGNAL);
	(void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	queue->timed = true;
	return 0;
}

/* Interrupts this thread after so many ms, and then again and again: one
 * signal alone could come just before the call that it should end.  0 ms:
 * never.  0 or -1. */
static int
set_timer(struct queue *queue, int64_t ms)
{
	struct itimerspec spec = {{0, ms > 0 ? WAKE_AGAIN_NS : 0},
	    {ms / 1000, (long)(ms % 1000) * 1000000L}};

	return timer_settime(queue->timer, 0, &spec, NULL);
}

static int64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The lock is there: but is it the one that others queue for? */
static enum queue_result
check_path(struct queue *queue)
{
	struct stat ours, there;
	int e = 0;

	if (fstat(queue->fd, &ours) == -1 || stat(queue->path, &there) == -1)
		e = errno;
	else if (ours.st_dev == there.st_dev && ours.st_ino == there.st_ino)
		return QUEUE_OK;
	queue_unlock(queue);
	errno = e;
	return e == 0 || e == ENOENT || e == ENOTDIR ? QUEUE_EMOVED :
	    QUEUE_EHIDDEN;
}

enum queue_result
queue_lock(struct queue *queue, int64_t patience)
{
	int64_t end = now_ms() + patience;
	int rc, e;

	/* Mostly nobody is there. */
	if (flock(queue->fd, LOCK_EX | LOCK_NB) == 0)
		return check_path(queue);
	if (errno != EWOULDBLOCK && errno != EINTR)
		return QUEUE_EIO;
	if (patience <= 0)
		return QUEUE_EBUSY;
	if (make_timer(queue) == -1 || set_timer(queue, patience) == -1)
		return QUEUE_EIO;
	/* Another signal than ours may interrupt, too: look at the clock. */
	do {
		rc = flock(queue->fd, LOCK_EX);
		e = errno;
	} while (rc == -1 && e == EINTR && now_ms() < end);
	(void)set_timer(queue, 0);
	if (rc == 0)
		return check_path(queue);
	return e == EINTR ? QUEUE_EBUSY : QUEUE_EIO;
}

void
queue_unlock(struct queue *queue)
{
	(void)flock(queue->fd, LOCK_UN);
}

int
queue_mark(struct queue *queue, bool mark)
{
	unsigned char byte = mark;

	return pwrite(queue->fd, &byte, 1, MARK_AT) == 1 ? 0 : -1;
}

bool
queue_marked(const struct queue *queue)
{
	unsigned char byte = 0;
	ssize_t n = pread(queue->fd, &byte, 1, MARK_AT);

	return n == -1 || (n == 1 && byte != 0);
}

/* Locks of the open file, not of the process, where the system has them: the
 * process may open the file twice. */
#ifdef F_OFD_SETLK
#define SET_LOCK F_OFD_SETLK
#define GET_LOCK F_OFD_GETLK
#else
#define SET_LOCK F_SETLK
#define GET_LOCK F_GETLK
#endif

static int
lock_byte(const struct queue *queue, off_t at, short type)
{
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET,
	    .l_start = at, .l_len = 1};

	return fcntl(queue->fd, SET_LOCK, &lock);
}

bool
queue_is_last(const struct queue *queue)
{
	return lock_byte(queue, PRESENCE_AT, F_WRLCK) == 0;
}

enum queue_result
queue_enter(struct queue *queue, bool *orphaned)
{
	unsigned char left = 0;

	/* Only who is alone gets it for writing; then others may come in. */
	*orphaned = false;
	if (queue_is_last(queue)) {
		*orphaned = pread(queue->fd, &left, 1, LEFT_AT) != 1 || !left;
		left = 0;
		if (pwrite(queue->fd, &left, 1, LEFT_AT) != 1)
			return QUEUE_EIO;
	} else if (errno != EAGAIN && errno != EACCES)
		return QUEUE_EIO;
	return lock_byte(queue, PRESENCE_AT, F_RDLCK) == 0 ? QUEUE_OK : QUEUE_EIO;
}

void
queue_leave(struct queue *queue, bool in_order)
{
	const unsigned char left = 1;

	/* If it cannot be said, the next one has more to do. */
	if (in_order && pwrite(queue->fd, &left, 1, LEFT_AT) == -1)
		in_order = false;
	(void)lock_byte(queue, PRESENCE_AT, F_UNLCK);
}

enum queue_result
queue_rebuild(struct queue *queue, bool begin)
{
	if (lock_byte(queue, REBUILD_AT, begin ? F_WRLCK : F_UNLCK) == 0)
		return QUEUE_OK;
	return errno == EAGAIN || errno == EACCES ? QUEUE_EBUSY : QUEUE_EIO;
}

/* Whether somebody else has a lock of a byte. */
static bool
is_locked(const struct queue *queue, off_t at)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET,
	    .l_start = at, .l_len = 1};

	return fcntl(queue->fd, GET_LOCK, &lock) == 0 &&
	    lock.l_type != F_UNLCK;
}

bool
queue_has_others(const struct queue *queue)
{
	return is_locked(queue, PRESENCE_AT);
}

bool
queue_rebuilds(const struct queue *queue)
{
	return is_locked(queue, REBUILD_AT);
}

int64_t
queue_frames(const struct queue *queue)
{
	int64_t frames;

	if (pread(queue->fd, &frames, sizeof(frames), FRAMES_AT) !=
	    (ssize_t)sizeof(frames))
		return 0;
	return frames;
}

void
queue_set_frames(struct queue *queue, int64_t frames)
{
	/* Lost or torn it costs one checkpoint more or less. */
	if (pwrite(queue->fd, &frames, sizeof(frames), FRAMES_AT) == -1)
		return;
}

bool
queue_files(const struct queue *queue, struct queue_files *out)
{
	return pread(queue->fd, out, sizeof(*out), FILES_AT) ==
	    (ssize_t)sizeof(*out);
}

void
queue_set_files(struct queue *queue, const struct queue_files *files)
{
	/* Without it an old log is not known as one. */
	if (pwrite(queue->fd, files, sizeof(*files), FILES_AT) == -1)
		return;
}
