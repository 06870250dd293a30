/*
 * The queue lock: a file beside the database, locked (flock(2)) before every
 * write and every checkpoint.  Waiters are served in the order in which they
 * came, where SQLite's own busy handler lets some starve; and it keeps a
 * checkpoint from meeting a commit that resets the write-ahead log, which
 * destroys data in SQLite before 3.51.3
 * (https://sqlite.org/wal.html#walresetbug).
 *
 * The file also holds what processes must tell each other: the mark of a
 * failed sync, how far the log was checkpointed, which files these are, and who
 * is there.
 */
#ifndef QUEUE_H
#define QUEUE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct queue;

enum queue_result {
	QUEUE_OK,
	QUEUE_EBUSY,
	QUEUE_EIO,
	QUEUE_EHIDDEN,	/* what stands at the path cannot be looked at: errno */
	QUEUE_EMOVED	/* another file stands at the path, or none: others would
			 * queue there */
};

/* Opens the file at path, making it with mode (and group, unless (gid_t)-1).
 * NULL with errno set. */
struct queue *queue_open(const char *path, mode_t mode, gid_t group);
void queue_close(struct queue *queue);

/* Waits at most patience milliseconds. */
enum queue_result queue_lock(struct queue *queue, int64_t patience);
void queue_unlock(struct queue *queue);

/*
 * The mark: a sync of the log has failed, so what it covered may be gone
 * although a later sync says that it is fine.  Nobody may answer 2xx while it
 * stands.  queue_mark: 0 or -1.  queue_marked: true also where it cannot be
 * read.
 */
int queue_mark(struct queue *queue, bool mark);
bool queue_marked(const struct queue *queue);

/*
 * Who has the database open; all under the lock.  queue_enter() says that this
 * process has; *orphaned is true if no other one has, and the last that had
 * did not leave in good order.  queue_is_last(): no other one has; to be
 * followed by queue_leave(), which takes back what queue_enter() said (so does
 * the end of the process, but never in good order).
 */
enum queue_result queue_enter(struct queue *queue, bool *orphaned);
bool queue_is_last(const struct queue *queue);
bool queue_has_others(const struct queue *queue);	/* only asks */
void queue_leave(struct queue *queue, bool in_order);

/* One rebuild at a time: begins and ends it; QUEUE_EBUSY if another process is
 * at it.  The end of the process ends it, too. */
enum queue_result queue_rebuild(struct queue *queue, bool begin);

/* Whether another process is at a rebuild. */
bool queue_rebuilds(const struct queue *queue);

/* Frames of the log at its last checkpoint, 0 if unknown; under the lock. */
int64_t queue_frames(const struct queue *queue);
void queue_set_frames(struct queue *queue, int64_t frames);

/* Which files the database and its log were when they were opened last; under
 * the lock.  queue_files: false if unknown. */
struct queue_files {
	uint64_t dev, ino;
	uint64_t log_dev, log_ino;
};
bool queue_files(const struct queue *queue, struct queue_files *out);
void queue_set_files(struct queue *queue, const struct queue_files *files);

#endif
