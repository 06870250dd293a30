/*
 * What went wrong, in words that say what to do.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sqlite.h"

#define DOING_SIZE 48	/* of what is named as tried */

enum db_result
sqlite_fail(struct db *db, enum db_result result, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(db->error, sizeof(db->error), format, ap);
	va_end(ap);
	return result;
}

/* What SQLite calls a disk that errs, and is not; NULL for all else. */
static const char *
words_of(struct db *db, int code, enum db_result *result)
{
	*result = DB_EFULL;
	switch (sqlite_limit(db, code, false)) {
	case EFBIG:
		return "a file may not grow further; lift the limit of files' "
		    "size for the responder (ulimit -f unlimited)";
	case EDQUOT:
		return "the disk quota of its user is used up; take other "
		    "files away, or have it raised";
	}
	if (code == SQLITE_IOERR_SHMSIZE)
		return "no space left for its -shm; make room on its file "
		    "system, or lift the limit of files' size for the "
		    "responder (ulimit -f unlimited)";
	*result = DB_EUNAVAILABLE;
	return code != SQLITE_IOERR_SHORT_READ ? NULL : "part of it is "
	    "missing; if its -wal or -shm was taken away, stop what has it "
	    "open and start it again; else look at the disk and its log";
}

/* What was tried, where that is SQL: as much of it as leaves room for why. */
static const char *
shorten(char out[DOING_SIZE], const char *doing)
{
	char *p;

	if (snprintf(out, DOING_SIZE, "%s", doing) >= DOING_SIZE)
		memcpy(out + DOING_SIZE - 4, "...", 4);
	for (p = out; *p != '\0'; p++)
		if (isspace((unsigned char)*p))
			*p = ' ';
	return out;
}

enum db_result
sqlite_fail_code(struct db *db, int code, const char *doing)
{
	const char *path = db->options.path, *words;
	enum db_result result;
	char text[DOING_SIZE];

	doing = shorten(text, doing);
	words = words_of(db, code, &result);
	if (words != NULL) {
		db->damaged = true;
		return sqlite_fail(db, result, "%s: %s: %s", path, doing,
		    words);
	}
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return sqlite_fail(db, DB_EBUSY, "%s: %s: held by another "
		    "program for more than BILLHOOK_PATIENCE (%lld ms); find "
		    "it with: fuser -v %s", path, doing,
		    (long long)db->options.patience, path);
	case SQLITE_FULL:
		return sqlite_fail(db, DB_EFULL,
		    "%s: %s: no space left; make room on its file system",
		    path, doing);
	case SQLITE_NOMEM:
		return sqlite_fail(db, DB_ENOMEM, "%s: %s: no memory", path,
		    doing);
	case SQLITE_NOTADB:
		return sqlite_fail(db, DB_EVERSION, "%s: is not a database; "
		    "move it away, or correct BILLHOOK_DATABASE", path);
	case SQLITE_READONLY:
		return sqlite_fail(db, DB_EUNAVAILABLE, "%s: %s: may not be "
		    "written; give the file and its directory to the user "
		    "that the responder runs as", path, doing);
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
		return sqlite_fail(db, DB_EUNAVAILABLE, "%s: %s: cannot be "
		    "opened; the responder's user must be able to read and "
		    "write it and its directory", path, doing);
	case SQLITE_CORRUPT:
		db->damaged = true;
		return sqlite_fail(db, DB_EUNAVAILABLE, "%s: %s: damaged "
		    "(%.100s); restore a backup, or save the events that can "
		    "be read (billhook(1), BACKUP)", path, doing,
		    db->handle == NULL ? sqlite3_errstr(code) :
		    sqlite3_errmsg(db->handle));
	case SQLITE_ERROR:
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
		/* Not the disk, and nothing that stays with the handle. */
		return sqlite_fail(db, DB_EUNAVAILABLE, "%s: %s: %.120s; its "
		    "tables are not as billhook made them, or somebody else's "
		    "trigger or index refuses: billhook doctor says which, and "
		    "what mends it", path, doing, sqlite3_errmsg(db->handle));
	default:
		/* What failed may stay with the handle although the disk
		 * does not err any more. */
		db->damaged = true;
		return sqlite_fail(db, DB_EUNAVAILABLE,
		    "%s: %s: %s (%d); look at the disk and its log", path,
		    doing, db->handle == NULL ? sqlite3_errstr(code) :
		    sqlite3_errmsg(db->handle), code);
	}
}

enum db_result
sqlite_fail_queue(struct db *db, enum queue_result result)
{
	switch (result) {
	case QUEUE_EBUSY:
		return sqlite_fail_code(db, SQLITE_BUSY, "queue");
	case QUEUE_EHIDDEN:
		return sqlite_fail(db, DB_EMOVED, "%s-lock: cannot be looked "
		    "at: %s; the responder's user must be able to enter its "
		    "directory", db->options.path, strerror(errno));
	case QUEUE_EMOVED:
		return sqlite_fail(db, DB_EMOVED, "%s-lock: was taken away; "
		    "it belongs to the database", db->options.path);
	default:
		return sqlite_fail_code(db, SQLITE_IOERR, "queue");
	}
}
