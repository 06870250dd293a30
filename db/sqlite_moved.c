/*
 * A database that is moved or exchanged under our feet, by somebody who brings
 * a backup back.  SQLite takes the log that lies beside a database for its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sqlite.h"

#define ASIDES_MAX	100	/* names that are tried for one file */

/* A path beside the database, to be freed with sqlite3_free(). */
static char *
beside(const struct db *db, const char *tail)
{
	return sqlite3_mprintf("%s%s", db->path, tail);
}

/* What the log is.  0, or -1 if there is none; a link is none, which SQLite does
 * not follow. */
static int
look_at_log(const struct db *db, struct stat *st)
{
	char *path = beside(db, "-wal");
	int rc = path == NULL || lstat(path, st) == -1 ||
	    !S_ISREG(st->st_mode) ? -1 : 0;

	sqlite3_free(path);
	return rc;
}

static void
remove_beside(const struct db *db, const char *tail)
{
	char *path = beside(db, tail);

	if (path != NULL)
		(void)unlink(path);
	sqlite3_free(path);
}

static void
tell_of(struct db *db, const char *aside)
{
	char words[400];

	snprintf(words, sizeof(words), "the database was moved or exchanged; "
	    "what belongs to the one that was there is in %s: to use that one "
	    "again, stop what has it open, and give this file the name of "
	    "that database with -wal behind it", aside);
	db->options.log(db->options.arg, LOG_ERROR, words);
}

/* A name under which no database finds the log, to be freed with
 * sqlite3_free(); NULL if there is none. */
static char *
find_aside(const struct db *db, ino_t ino)
{
	struct stat st;
	char *aside;
	int n;

	for (n = 0; n < ASIDES_MAX; n++) {
		aside = sqlite3_mprintf(n == 0 ? "%s-wal-moved-%lld" :
		    "%s-wal-moved-%lld-%d", db->path, (long long)ino, n);
		if (aside == NULL || lstat(aside, &st) == -1)
			return aside;
		sqlite3_free(aside);
	}
	errno = EEXIST;
	return NULL;
}

/* Takes the log away from the database that stands there: one that holds
 * something gets another name.  0 or -1. */
static int
put_aside(struct db *db, const struct stat *log)
{
	char *path, *aside;
	int rc = -1;

	if (log->st_size == 0) {
		remove_beside(db, "-wal");
		remove_beside(db, "-shm");
		return 0;
	}
	path = beside(db, "-wal");
	aside = find_aside(db, log->st_ino);
	if (path != NULL && aside != NULL)
		rc = rename(path, aside);
	if (rc == 0) {
		tell_of(db, aside);
		remove_beside(db, "-shm");
	}
	sqlite3_free(aside);
	sqlite3_free(path);
	return rc;
}

void
sqlite_wal_leave(struct db *db)
{
	int rc, frames = -1, done = 0;
	struct stat st;

	/* What it holds goes to its own database, wherever that was moved. */
	rc = sqlite3_wal_checkpoint_v2(db->handle, "main",
	    SQLITE_CHECKPOINT_FULL, &frames, &done);

	/* Another process may have done it, and the log be the new one's. */
	if (db->log_ino == 0 || look_at_log(db, &st) == -1 ||
	    st.st_dev != db->log_dev || st.st_ino != db->log_ino)
		return;
	if (rc == SQLITE_OK && frames == done) {
		remove_beside(db, "-shm");
		remove_beside(db, "-wal");
		return;
	}
	/* A reader stands in the way: what is not copied is kept aside. */
	(void)put_aside(db, &st);
}

void
sqlite_wal_note(struct db *db)
{
	struct queue_files files;
	struct stat st, log;
	int known, moved = 0;

	if (db->options.journal != JOURNAL_WAL ||
	    look_at_log(db, &log) == -1)
		return;
	db->log_dev = log.st_dev;
	db->log_ino = log.st_ino;
	known = stat(db->path, &st);
	/* Exchanged while it was opened: what stands there is not ours. */
	if (sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_HAS_MOVED,
	    &moved) == SQLITE_OK && moved)
		sqlite_wal_leave(db);
	else if (known == 0) {
		files = (struct queue_files){st.st_dev, st.st_ino,
		    log.st_dev, log.st_ino};
		queue_set_files(db->queue, &files);
	}
}

/* True if the log is the one that was there last, and the database is not. */
static bool
is_of_another(const struct db *db, const struct stat *log)
{
	struct queue_files files;
	struct stat st;

	if (!queue_files(db->queue, &files) ||
	    files.log_dev != (uint64_t)log->st_dev ||
	    files.log_ino != (uint64_t)log->st_ino)
		return false;
	return stat(db->path, &st) == -1 ? errno == ENOENT :
	    files.dev != (uint64_t)st.st_dev ||
	    files.ino != (uint64_t)st.st_ino;
}

bool
sqlite_file_journal(const struct db *db, enum setting_journal *journal)
{
	static const unsigned char modes[][2] = {
		[JOURNAL_WAL] = {2, 2}, [JOURNAL_TRUNCATE] = {1, 1},
	};
	unsigned char versions[2];
	bool known = false;
	size_t i;
	int fd;

	fd = open(db->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd == -1)
		return false;
	if (pread(fd, versions, 2, 18) == 2)
		for (i = 0; i < sizeof(modes) / sizeof(modes[0]) && !known;
		    i++) {
			known = memcmp(versions, modes[i], 2) == 0;
			if (known)
				*journal = (enum setting_journal)i;
		}
	(void)close(fd);
	return known;
}

/* True if the database says that it has no log, as one does that `billhook
 * backup` has made: what lies beside it is another's. */
static bool
has_no_log(const struct db *db)
{
	enum setting_journal journal;

	return sqlite_file_journal(db, &journal) && journal != JOURNAL_WAL;
}

enum db_result
sqlite_wal_disown(struct db *db)
{
	struct stat st;

	if (look_at_log(db, &st) == -1 || (!is_of_another(db, &st) &&
	    (st.st_size == 0 || !has_no_log(db))) || put_aside(db, &st) == 0)
		return DB_OK;
	return sqlite_fail(db, DB_EUNAVAILABLE, "%s-wal: is the log of "
	    "another database, and cannot be put aside: %s; move it away",
	    db->path, strerror(errno));
}
