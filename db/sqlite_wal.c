/*
 * What 2xx rests on: the write-ahead log on disk.
 *
 * With synchronous=NORMAL a commit does not sync.  We sync the log ourselves,
 * through SQLite's own file object (which also syncs the directory of a new
 * log), after the commit, outside the lock, before the answer; that makes
 * this commit and all before it durable.
 *
 * A sync that failed has thrown data away, and the next one says that all is
 * well (fsync(2) on Linux).  So after a failed sync nobody answers 2xx until
 * the whole log was written anew and synced.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sqlite.h"

#define CHECKPOINT_FRAMES	1000
#define TIDY_PATIENCE		1000	/* milliseconds */
#define LARGE_BYTES		(64 * 1024 * 1024)
#define LARGE_EVERY		10	/* seconds between two tries */
#define LARGE_PATIENCE		500	/* milliseconds */

int
sqlite_wal_hook(void *arg, sqlite3 *handle, const char *name, int frames)
{
	struct db *db = arg;

	(void)handle;
	(void)name;
	db->frames = frames;
	return SQLITE_OK;
}

/* SQLite's file object of the log; NULL where there is none to sync. */
static sqlite3_file *
log_file(struct db *db)
{
	sqlite3_file *file = NULL;

	if (sqlite3_file_control(db->handle, "main",
	    SQLITE_FCNTL_JOURNAL_POINTER, &file) != SQLITE_OK ||
	    file == NULL || file->pMethods == NULL)
		return NULL;
	return file;
}

/* What ailed a file last, if it is one of the limits: else 0. */
static int
limit_of(sqlite3_file *file)
{
	int error = 0;

	if (file != NULL && file->pMethods != NULL)
		(void)file->pMethods->xFileControl(file,
		    SQLITE_FCNTL_LAST_ERRNO, &error);
	return error == EDQUOT || error == EFBIG ? error : 0;
}

/*
 * To SQLite this is a disk that errs.  Each of its files keeps what ailed it
 * last, and by now errno may be another one's: so it is asked of those that
 * were written.  A sync is another matter: it has thrown data away.
 */
int
sqlite_limit(struct db *db, int code, bool checkpoint)
{
	const bool wal = db->options.journal == JOURNAL_WAL;
	sqlite3_file *file = NULL;
	int error = 0;

	if (code != SQLITE_IOERR_WRITE || db->handle == NULL)
		return 0;
	(void)sqlite3_file_control(db->handle, "main",
	    SQLITE_FCNTL_FILE_POINTER, &file);
	if (checkpoint || !wal)
		error = limit_of(file);
	return error == 0 && !checkpoint ? limit_of(log_file(db)) : error;
}

enum db_result
sqlite_wal_repair(struct db *db)
{
	sqlite3_file *file = log_file(db);
	sqlite3_int64 size = 0, at;
	unsigned char *bytes;
	const int step = 65536;
	int rc = SQLITE_OK, n;

	bytes = malloc((size_t)step);
	if (bytes == NULL)
		return sqlite_fail_code(db, SQLITE_NOMEM, "repair the log");
	if (file != NULL)
		rc = file->pMethods->xFileSize(file, &size);
	for (at = 0; at < size && rc == SQLITE_OK; at += n) {
		n = size - at < step ? (int)(size - at) : step;
		rc = file->pMethods->xRead(file, bytes, n, at);
		if (rc == SQLITE_OK)
			rc = file->pMethods->xWrite(file, bytes, n, at);
	}
	if (rc == SQLITE_OK && file != NULL)
		rc = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
	free(bytes);
	if (rc == SQLITE_OK && queue_mark(db->queue, false) == -1)
		rc = SQLITE_IOERR_WRITE;
	if (rc != SQLITE_OK)
		return sqlite_fail_code(db, rc, "write the log anew after a "
		    "failed sync");
	db->options.log(db->options.arg, LOG_WARNING,
	    "a process was killed, or kept from ending in order, or the disk "
	    "has refused a write: the database's log was written anew, and no "
	    "event that was answered 200 is lost.  There is nothing to do, "
	    "unless dmesg tells of disk errors: then make a backup elsewhere "
	    "and have the disk replaced");
	return DB_OK;
}

/*
 * A process that died as its sync failed, and one whose sync at the last
 * close failed, have set no mark.  Both leave a log and nobody who has it
 * open; whoever opens it anew would not hear of the failure.
 */
enum db_result
sqlite_wal_inherit(struct db *db)
{
	bool orphaned;

	if (db->options.journal != JOURNAL_WAL)
		return DB_OK;
	if (queue_enter(db->queue, &orphaned) == QUEUE_OK &&
	    (!orphaned || !files_has_log(&db->files) ||
	    queue_mark(db->queue, true) == 0))
		return DB_OK;
	return sqlite_fail_code(db, SQLITE_IOERR_WRITE, "queue");
}

bool
sqlite_wal_bequeath(struct db *db)
{
	sqlite3_file *file;

	if (db->options.journal != JOURNAL_WAL || !queue_is_last(db->queue))
		return false;
	file = log_file(db);
	return file != NULL && !queue_marked(db->queue) &&
	    file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) == SQLITE_OK;
}

/* A sync has failed: say so to all, then mend it. */
static enum db_result
sync_failed(struct db *db, int code)
{
	enum db_result rc = sqlite_fail_code(db, code, "sync");

	if (queue_mark(db->queue, true) == -1)
		db->options.log(db->options.arg, LOG_ERROR, "the disk "
		    "does not keep what is written to it: stop the responder "
		    "(Stripe sends again, for three days), make a backup "
		    "elsewhere and have the disk replaced");
	if (queue_lock(db->queue, db->options.patience) == QUEUE_OK) {
		(void)sqlite_wal_repair(db);
		queue_unlock(db->queue);
	}
	return rc;
}

enum db_result
db_durable(struct db *db)
{
	sqlite3_file *file;
	int rc;

	if (db->options.journal != JOURNAL_WAL)
		return DB_OK;	/* EXTRA has synced all in COMMIT */
	file = log_file(db);
	if (file == NULL)
		return sqlite_fail(db, DB_EUNAVAILABLE,
		    "%s: its log is not open", db->options.path);
	rc = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
	if (rc != SQLITE_OK)
		return sync_failed(db, rc);
	/* Ours went well, but perhaps after one that did not. */
	if (queue_marked(db->queue))
		return sync_failed(db, SQLITE_IOERR_FSYNC);
	return DB_OK;
}

static int64_t
now_seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec;
}

/* Of the database, which another may have made with pages of another size. */
static int64_t
page_bytes(struct db *db)
{
	char text[16];

	if (db->page_bytes == 0 && sqlite_ask(db, "PRAGMA page_size", text,
	    sizeof(text)) == DB_OK)
		db->page_bytes = strtol(text, NULL, 10);
	return db->page_bytes;
}

/* Readers that overlap keep the log from starting anew: past a size, wait
 * for a gap between them. */
static bool
is_too_large(struct db *db)
{
	return db->handle != NULL && db->frames >= CHECKPOINT_FRAMES &&
	    db->frames * page_bytes(db) > LARGE_BYTES &&
	    (db->restarted == 0 ||
	    now_seconds() - db->restarted >= LARGE_EVERY);
}

static void
checkpoint(struct db *db, bool large)
{
	int rc, frames = 0, done = 0;

	(void)sqlite3_busy_timeout(db->handle, large ? LARGE_PATIENCE : 0);
	rc = sqlite3_wal_checkpoint_v2(db->handle, "main",
	    large ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_FULL,
	    &frames, &done);
	(void)sqlite3_busy_timeout(db->handle, (int)db->options.patience);
	if (rc == SQLITE_OK && large)
		frames = 0;
	if (frames >= 0)
		queue_set_frames(db->queue, done == frames ? 0 : frames);
	if ((rc & 0xff) == SQLITE_IOERR && sqlite_limit(db, rc, true) == 0) {
		if (queue_mark(db->queue, true) == 0)
			(void)sqlite_wal_repair(db);
		db->options.log(db->options.arg, LOG_ERROR, "EMERGENCY: "
		    "the disk has refused a write into the database.  Make a "
		    "backup on another disk now (billhook backup FILE); then "
		    "billhook doctor says whether the database is whole, and "
		    "dmesg what ails the disk");
	} else if (rc == SQLITE_BUSY && large)
		db->options.log(db->options.arg, LOG_WARNING, "the database's "
		    "log has grown past 64 MB since a reader stands in the "
		    "way; let applications end their read transactions");
}

void
db_tidy(struct db *db)
{
	bool large = is_too_large(db);
	int64_t patience = 0;

	if (db->handle != NULL && db->leftovers)
		sqlite_shadow_tidy(db);
	if (db->handle == NULL || db->options.journal != JOURNAL_WAL ||
	    db->frames < CHECKPOINT_FRAMES)
		return;
	/* Where there is always somebody in the queue it is waited for, too:
	 * not at once, so that one of many does. */
	if (db->frames - queue_frames(db->queue) >= 2 * CHECKPOINT_FRAMES)
		patience = TIDY_PATIENCE;
	if (queue_lock(db->queue, patience) != QUEUE_OK)
		return;
	/* Another process may have done it since. */
	if (large || db->frames - queue_frames(db->queue) >=
	    CHECKPOINT_FRAMES || db->frames < queue_frames(db->queue)) {
		if (large)
			db->restarted = now_seconds();
		checkpoint(db, large);
	}
	queue_unlock(db->queue);
}
