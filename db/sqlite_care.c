/*
 * Care of an SQLite database by its operator: backup, space, health.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "sqlite.h"

#define WORDS_SIZE 200	/* of what is wrong with a copy */

/* The copy is one file that is on disk: no log beside it. */
static int
copy_pages(struct db *db, sqlite3 *to)
{
	sqlite3_backup *backup = sqlite3_backup_init(to, "main", db->handle,
	    "main");
	int rc;

	if (backup == NULL)
		return sqlite3_errcode(to);
	/* In one read transaction: writers go on, and what they write is not
	 * in the copy. */
	rc = sqlite3_backup_step(backup, -1);
	(void)sqlite3_backup_finish(backup);
	if (rc == SQLITE_DONE)
		rc = sqlite3_exec(to, "PRAGMA journal_mode=delete", NULL,
		    NULL, NULL);
	return rc;
}

/* What is wrong with a database, in words; "ok" if nothing is.  An index of an
 * application's may need what only its own programs have: *judged is false
 * then, and the words say what. */
static void
judge_pages(sqlite3 *handle, char words[WORDS_SIZE], bool *judged)
{
	sqlite3_stmt *stmt = NULL;
	int rc;

	rc = sqlite3_prepare_v2(handle, "PRAGMA integrity_check(1)", -1, &stmt,
	    NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	snprintf(words, WORDS_SIZE, "%s", rc == SQLITE_ROW ?
	    (const char *)sqlite3_column_text(stmt, 0) :
	    sqlite3_errmsg(handle));
	*judged = (rc & 0xff) != SQLITE_ERROR;
	(void)sqlite3_finalize(stmt);
}

/* Copies into the empty file at path. */
static int
copy_to(struct db *db, const char *path)
{
	sqlite3 *to = NULL;
	int rc;

	rc = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite_read_whatever(to);
	if (rc == SQLITE_OK)
		rc = copy_pages(db, to);
	(void)sqlite3_close(to);
	return rc;
}

/* Whether a copy is in order, with words if it is not. */
static bool
is_whole(const char *path, char words[WORDS_SIZE])
{
	sqlite3 *copy = NULL;
	bool judged = true;

	snprintf(words, WORDS_SIZE, "it cannot be opened");
	if (sqlite3_open_v2(path, &copy, SQLITE_OPEN_READONLY, NULL) ==
	    SQLITE_OK)
		judge_pages(copy, words, &judged);
	(void)sqlite3_close(copy);
	return !judged || strcmp(words, "ok") == 0;
}

/* Gives a file a name that is not there yet, in place of its own.  0 or -1. */
static int
name_new(const char *from, const char *to)
{
	struct stat st;

	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	/* A file system that cannot do that. */
	if ((errno == EINVAL || errno == ENOSYS) && lstat(to, &st) == -1)
		return rename(from, to);
	return -1;
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/* Whether a file would be taken for the database's log, its lock, or the like:
 * in its directory, with its name and more behind a "-". */
static bool
is_beside(const struct db *db, const char *path)
{
	const char *own = base_name(db->path), *name = base_name(path);
	char there[PATH_MAX], here[PATH_MAX];
	struct stat a, b;

	return strncmp(name, own, strlen(own)) == 0 &&
	    name[strlen(own)] == '-' &&
	    files_directory(there, db->path) == 0 && stat(there, &a) == 0 &&
	    files_directory(here, path) == 0 && stat(here, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/*
 * A copy that is cut short never has the name that was asked for; and nobody
 * knows beforehand which one it has meanwhile, to have put a file of his there,
 * or one for a journal.
 */
enum db_result
db_backup(struct db *db, const char *path, bool *whole)
{
	const struct files copy = {.path = path};
	char part[PATH_MAX], words[WORDS_SIZE];
	struct stat st;
	int fd = -1, rc;

	/* SQLite takes "file:" at the beginning for a URI. */
	if (snprintf(part, sizeof(part), "%s%s.XXXXXX", *path == '/' ? "" :
	    "./", path) >= (int)sizeof(part))
		return sqlite_fail(db, DB_EUNAVAILABLE, "the name of the "
		    "backup is too long; name a shorter one");
	if (is_beside(db, path))
		return sqlite_fail(db, DB_EUNAVAILABLE, "%s: that name is "
		    "for a file of the database's own; name another", path);
	if (lstat(path, &st) == 0)
		errno = EEXIST;
	else
		fd = mkostemp(part, O_CLOEXEC);
	if (fd == -1)
		goto no_file;
	(void)close(fd);
	rc = copy_to(db, part);
	if (rc != SQLITE_OK) {
		(void)unlink(part);
		return sqlite_fail(db, DB_EUNAVAILABLE, "%s: the backup "
		    "failed: %s; is there space?", path, sqlite3_errstr(rc));
	}
	*whole = is_whole(part, words);
	if (name_new(part, path) == 0) {
		/* Where one may write and not read, it is as good as it gets. */
		if (files_sync_entries(&copy, db->error, sizeof(db->error)) ==
		    0 || errno == EACCES) {
			(void)sqlite_fail(db, DB_OK, "it is damaged: %s",
			    words);
			return DB_OK;
		}
		return sqlite_fail(db, DB_EUNAVAILABLE, "%s: is there, but "
		    "its name may not be on disk yet: %s; look at the disk "
		    "and its log", path, strerror(errno));
	}
	rc = errno;
	(void)unlink(part);
	errno = rc;
no_file:
	return sqlite_fail(db, DB_EUNAVAILABLE, "%s: cannot be made: %s; name "
	    "a new file in a directory that you may write", path,
	    strerror(errno));
}

enum db_result
db_give_back(struct db *db, int pages)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "PRAGMA incremental_vacuum(%d)", pages);
	return sqlite_exec(db, sql);
}

static int64_t
size_of(const char *path, const char *tail)
{
	char name[PATH_MAX];
	struct stat st;

	snprintf(name, sizeof(name), "%s%s", path, tail);
	return stat(name, &st) == -1 ? 0 : (int64_t)st.st_size;
}

enum db_result
db_health(struct db *db, struct db_health *out)
{
	struct statvfs fs;
	enum db_result rc;
	char version[32];

	rc = sqlite_ask(db, "PRAGMA journal_mode", out->journal,
	    sizeof(out->journal));
	if (rc == DB_OK)
		rc = sqlite_ask(db, "PRAGMA user_version", version,
		    sizeof(version));
	judge_pages(db->handle, out->integrity, &out->judged);
	if (rc == DB_OK)
		rc = sqlite_schema_look(db, out);
	if (rc == DB_OK)
		rc = sqlite_fit_look(db, NULL, out->unfit,
		    sizeof(out->unfit));
	if (rc != DB_OK)
		return rc;
	out->schema_version = strtol(version, NULL, 10);
	out->bytes = size_of(db->options.path, "");
	out->log_bytes = size_of(db->options.path, "-wal");
	if (statvfs(db->options.path, &fs) == 0)
		out->free_bytes = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
	out->marked = queue_marked(db->queue);
	out->shared = queue_has_others(db->queue);
	out->rebuilding = queue_rebuilds(db->queue);
	rc = sqlite_shadow_look(db, &out->leftovers);
	out->leftovers = out->leftovers && !out->rebuilding;
	return rc;
}
