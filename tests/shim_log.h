/*
 * What a run of several processes did to one database's files, in one order:
 * every write, truncation, sync, creation, removal and acknowledgement.  It
 * stands in memory that forked processes share; power.h makes from it what a
 * disk would hold had the plug been pulled.
 *
 * shim_vfs.c records what SQLite does.  Syncs are recorded where they reach
 * the system: this file defines fsync() and fdatasync() for the program that
 * is linked with it, so that nothing that claims to sync goes unseen, a
 * directory's neither.  They do not sync anything: the image is made from the
 * log, never from the disk.
 */
#ifndef SHIM_LOG_H
#define SHIM_LOG_H

#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SHIM_SECTOR	512
#define SHIM_FILES	8192
#define SHIM_ENTRIES	((size_t)1 << 19)
#define SHIM_BYTES	((size_t)1 << 29)

/* The names that are recorded.  The -shm file holds nothing durable. */
enum shim_name {
	SHIM_DATABASE, SHIM_WAL, SHIM_JOURNAL, SHIM__MAX
};

enum shim_kind {
	SHIM_WRITE,
	SHIM_TRUNCATE,		/* at: the new size */
	SHIM_SYNC_BEGUN,	/* covers what stands before it */
	SHIM_SYNCED,		/* at: where it began */
	SHIM_SYNC_FAILED,	/* at: where it began */
	SHIM_CREATED,		/* file, under name */
	SHIM_REMOVED,		/* what stands under name */
	SHIM_DIRECTORY_SYNCED,
	SHIM_PARENT_SYNCED,	/* the directory that the directory is in */
	SHIM_ACKNOWLEDGED	/* at: the event's number */
};

struct shim_entry {
	enum shim_kind kind;
	unsigned       file;	/* of shim_log.files */
	enum shim_name name;
	int64_t	       at;
	size_t	       len;
	size_t	       bytes;	/* of a write: where in shim_log.bytes */
};

/* One inode, from its creation on. */
struct shim_file {
	ino_t	       inode;	/* 0 once it is removed */
	enum shim_name name;
	unsigned       failures;	/* of syncs, so far */
};

/* What goes wrong, each by chance: one in so many, 0 for never. */
struct shim_chances {
	unsigned kill;		/* a call of the VFS kills the process */
	unsigned fail;		/* a sync of the log or journal fails, or,
				 * oftener, of the directory */
	unsigned delay;		/* microseconds at most before such a sync */
	bool	 database;	/* a sync of the database's file fails, too */
};

struct shim_log {
	pthread_mutex_t	    lock;
	char		    directory[PATH_MAX];
	char		    path[SHIM__MAX][PATH_MAX];
	struct shim_chances chances;
	unsigned	    processes;	/* so far; the next one's number */
	unsigned	    next_event;
	unsigned	    kills;
	unsigned	    failures;
	unsigned	    strangers;	/* syncs of recorded files that came
					 * not through SQLite */
	size_t		    nfiles;
	size_t		    nentries;
	size_t		    nbytes;
	struct shim_file    files[SHIM_FILES];
	struct shim_entry   entries[SHIM_ENTRIES];
	unsigned char	    bytes[SHIM_BYTES];
};

/* The log of this program; NULL until shim_log_start(). */
extern struct shim_log *shim_log;

/* Starts recording what happens to the database of this name in directory,
 * which need not be there yet.  Exits when it cannot. */
void shim_log_start(const char *directory, const char *database);
void shim_log_stop(void);

/* What every process calls first: its own random numbers. */
void shim_log_join(unsigned seed);
unsigned shim_random(unsigned below);

void shim_log_lock(void);
void shim_log_unlock(void);

/* Under the lock: records one entry, whose bytes are copied. */
void shim_log_add(const struct shim_entry *entry, const void *bytes);

/* Under the lock: the file that stands under name now, recorded as created
 * where it was not known yet; -1 if there is none. */
int shim_log_file(enum shim_name name);

/* Records that the directory was synced. */
void shim_log_sync_directory(void);

void shim_log_acknowledge(unsigned event);

/* Kills the process, by chance. */
void shim_perhaps_kill(void);

/* The failures of its file that a descriptor has heard of: set while SQLite
 * syncs one of its own, NULL while somebody else syncs. */
extern unsigned *shim_heard;

/* Where a call may be made to wait. */
enum shim_place {
	SHIM_AT_WRITE_LOCK,	/* a transaction has taken the write lock */
	SHIM_AT_WAL_SYNC,	/* before the log is synced */
	SHIM_AT_SYNC_FAILED,	/* a sync has failed, nobody was told yet */
	SHIM_AT_CHECKPOINT	/* a checkpoint has read the log's header, of
				 * a log that others wrote to, and has copied
				 * nothing yet */
};

/* Calls wait(arg) once, when this process comes by the place next. */
void shim_wait(enum shim_place place, void (*wait)(void *arg), void *arg);

/*
 * Lets the n-th call from now that can fail, and all later ones if on, do
 * nothing but return code (SQLITE_FULL, ...), where such a call can return it:
 * SQLITE_IOERR and the like turn up as the extended code of the call.  n 0:
 * none any more.
 */
void shim_fail(long n, int code, bool on);

/* True if the call that shim_fail() was told of has come. */
bool shim_failed(void);

/* What a call does first, that fails with its own I/O error: returns the code
 * that it is to return, SQLITE_OK to go on.  And what it does by a place. */
int shim_enter(int ioerr);
void shim_come_by(enum shim_place place);

/* Called before a directory is synced, unless NULL. */
extern void (*shim_at_directory)(void);

/* How many syncs of the directory go well before all of them fail; -1: all go
 * well. */
extern long shim_directories;

#endif
