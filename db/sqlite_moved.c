/*
 * Files that are taken away or exchanged under our feet, by somebody who brings
 * a backup back, moves the database or tidies up.  SQLite takes the log or the
 * journal that lies beside a database for its own, and goes on with files whose
 * names are gone.
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

/* stat(2) of a file beside the database.  0 or -1. */
static int
look_at(const struct db *db, const char *tail, struct stat *st)
{
	char *path = beside(db, tail);
	int rc = path == NULL ? -1 : stat(path, st);

	sqlite3_free(path);
	return rc;
}

static void
remove_index(const struct db *db)
{
	char *path = beside(db, "-shm");

	if (path != NULL)
		(void)unlink(path);
	sqlite3_free(path);
}

void
sqlite_wal_note(struct db *db)
{
	const bool wal = db->options.journal == JOURNAL_WAL;
	struct queue_files files;
	struct stat st, log, index;

	if (look_at(db, wal ? "-wal" : "-journal", &log) == -1)
		return;
	if (wal) {
		db->log_dev = log.st_dev;
		db->log_ino = log.st_ino;
		db->index_ino = look_at(db, "-shm", &index) == 0 ?
		    index.st_ino : 0;
	}
	if (stat(db->path, &st) == -1)
		return;
	files = (struct queue_files){st.st_dev, st.st_ino, log.st_dev,
	    log.st_ino};
	queue_set_files(db->queue, &files);
}

static void
tell_of(struct db *db, const char *aside, const char *tail)
{
	char words[400];

	snprintf(words, sizeof(words), "the database was moved or exchanged; "
	    "what belongs to the one that was there is in %s: to use that one "
	    "again, stop what has it open, and give this file the name of "
	    "that database with %s behind it", aside, tail);
	db->options.log(db->options.arg, LOG_ERROR, words);
}

/* Gives a log or a journal a name under which no database finds it. */
static void
put_aside(struct db *db, const char *tail, ino_t ino)
{
	char *path = beside(db, tail), *aside = NULL;
	struct stat st;
	int n;

	for (n = 0; path != NULL && n < ASIDES_MAX; n++) {
		sqlite3_free(aside);
		aside = sqlite3_mprintf(n == 0 ? "%s-moved-%lld" :
		    "%s-moved-%lld-%d", path, (long long)ino, n);
		if (aside == NULL || lstat(aside, &st) == -1)
			break;
	}
	if (path != NULL && aside != NULL && rename(path, aside) == 0)
		tell_of(db, aside, tail);
	sqlite3_free(aside);
	sqlite3_free(path);
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
	if (db->log_ino == 0 || look_at(db, "-wal", &st) == -1 ||
	    st.st_dev != db->log_dev || st.st_ino != db->log_ino)
		return;
	remove_index(db);
	if (rc == SQLITE_OK && frames == done) {
		char *log = beside(db, "-wal");

		if (log != NULL)
			(void)unlink(log);
		sqlite3_free(log);
		return;
	}
	/* A reader stands in the way: what is not copied is kept aside. */
	put_aside(db, "-wal", st.st_ino);
}

/*
 * A handle whose log or index has lost its name may not write any more: who
 * comes later sees another log.  What is in the log goes into the database
 * first, and until it is there the handle stays, which alone still has it.
 */
enum db_result
sqlite_wal_check(struct db *db)
{
	int rc, frames = -1, done = 0;
	struct stat st;
	bool log;

	if (db->log_ino == 0 || db->index_ino == 0)
		return DB_OK;
	log = look_at(db, "-wal", &st) == 0 && st.st_dev == db->log_dev &&
	    st.st_ino == db->log_ino;
	if (log && look_at(db, "-shm", &st) == 0 &&
	    st.st_ino == db->index_ino)
		return DB_OK;
	if (!log) {
		rc = sqlite3_wal_checkpoint_v2(db->handle, "main",
		    SQLITE_CHECKPOINT_FULL, &frames, &done);
		if (rc != SQLITE_OK || frames != done)
			return sqlite_fail(db, DB_EUNAVAILABLE, "%s-wal: was "
			    "taken away, and a reader keeps what was in it "
			    "from the database: let applications end their "
			    "read transactions, and kill no responder",
			    db->path);
	}
	/* Else who closes last would take the others' log away. */
	(void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
	    1, NULL);
	return sqlite_fail(db, DB_EMOVED, "%s: its -wal or -shm was taken "
	    "away; they belong to the database", db->path);
}

/* True if the log or journal is the one that was there last, and the database
 * is not. */
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

/* True if the database says that it has no log, as a backup does: what lies
 * beside it is another's (https://sqlite.org/fileformat2.html, bytes 18 and
 * 19).  This process has not opened it yet. */
static bool
has_no_log(const struct db *db)
{
	static const unsigned char none[2] = {1, 1};
	unsigned char versions[2];
	bool result;
	int fd;

	fd = open(db->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd == -1)
		return false;
	result = pread(fd, versions, 2, 18) == 2 &&
	    memcmp(versions, none, 2) == 0;
	(void)close(fd);
	return result;
}

void
sqlite_wal_disown(struct db *db)
{
	struct stat st;

	if (look_at(db, "-wal", &st) == 0 && st.st_size > 0 &&
	    (is_of_another(db, &st) || has_no_log(db))) {
		remove_index(db);
		put_aside(db, "-wal", st.st_ino);
	}
	if (look_at(db, "-journal", &st) == 0 && st.st_size > 0 &&
	    is_of_another(db, &st))
		put_aside(db, "-journal", st.st_ino);
}
