/*
 * Shared by the files of the SQLite driver, and by nobody else.
 */
#ifndef SQLITE_H
#define SQLITE_H

#include <sqlite3.h>
#include <sys/types.h>

#include "driver.h"
#include "files.h"
#include "queue.h"

#define SQLITE_APPLICATION_ID	0x4248484b	/* "BHHK" */
#define SQLITE_SCHEMA_VERSION	1

/* Made from schema.sql. */
extern const char schema_sql[];

struct db {
	struct db_options options;
	char		 *path;		/* owned, in options and files */
	struct files	  files;
	struct queue	 *queue;
	sqlite3		 *handle;	/* NULL: to be opened again */
	sqlite3_stmt	 *statements[2][STATEMENT__MAX]; /* plain, shadow */
	sqlite3_stmt	 *begin, *commit;
	bool		  shadow;	/* which of them are run */
	char		  prefix[32];	/* of the shadow tables' names */
	bool		  leftovers;	/* of a broken rebuild, for db_tidy */
	bool		  placed;	/* the log's name is on disk */
	bool		  damaged;	/* to be opened again, too */
	bool		  begun;	/* in a transaction, lock held */
	dev_t		  log_dev;	/* of the log's file; its inode 0 */
	ino_t		  log_ino;	/* where that is not known */
	int64_t		  frames;	/* of the log, after our last commit */
	int64_t		  page_bytes;	/* 0: not asked yet */
	int64_t		  restarted;	/* monotonic seconds, 0: never */
	char		  error[400];
};

/* Puts a sentence into db->error and gives result back. */
enum db_result sqlite_fail(struct db *db, enum db_result result,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same for a result code of SQLite; doing says what was tried. */
enum db_result sqlite_fail_code(struct db *db, int code, const char *doing);

/* The same where the queue lock was not to be had, with errno as it left it:
 * DB_EBUSY, or DB_EMOVED where opening it again says more, or goes on. */
enum db_result sqlite_fail_queue(struct db *db, enum queue_result result);

/* sqlite_wal.c: the limit that a call which has just failed with code, a
 * checkpoint or another one, has met: EDQUOT, the disk quota; EFBIG, that of a
 * file's size; 0, none. */
int sqlite_limit(struct db *db, int code, bool checkpoint);

/* Runs SQL that gives no rows. */
enum db_result sqlite_exec(struct db *db, const char *sql);

/* sqlite.c: closes the handle and its statements; nothing where it is closed
 * already. */
void sqlite_close_handle(struct db *db);

/* sqlite_open.c: from now on what cannot be read in the schema is passed over:
 * for who only copies pages.  A result code of SQLite. */
int sqlite_read_whatever(sqlite3 *handle);

/* The first column of the first row of a statement, as text in out. */
enum db_result sqlite_ask(struct db *db, const char *sql, char *out,
    size_t size);

/* sqlite_open.c: in a transaction: a database without a log may have been given
 * one by another process, and who goes by the journal then syncs by the wrong
 * rules.  DB_EMOVED if so. */
enum db_result sqlite_check_journal(struct db *db);

/* sqlite_wal.c: writes the log anew after a failed sync and takes the mark
 * away; the queue lock is held. */
enum db_result sqlite_wal_repair(struct db *db);

/* sqlite_moved.c: notes which files the database and its log are; and, when
 * another database stands at the path, takes that log away: SQLite would read
 * it as the log of the other one, and ruin it.  The queue lock is held. */
void sqlite_wal_note(struct db *db);
void sqlite_wal_leave(struct db *db);

/* sqlite_moved.c: before the handle is opened, with the queue lock held: where
 * another database stands at the path than the one that the log beside it was
 * opened with last, or none, and nobody has seen that (plain CGI, or all were
 * killed), puts that log aside. */
enum db_result sqlite_wal_disown(struct db *db);

/* sqlite_moved.c: before the handle is opened, with the queue lock held: the
 * journal that the database has, by its header
 * (https://sqlite.org/fileformat2.html, bytes 18 and 19).  False if there is
 * none yet. */
bool sqlite_file_journal(const struct db *db, enum setting_journal *journal);

/* sqlite_shadow.c: SQL with the computed tables under other names, to be freed
 * with sqlite3_free(); NULL without memory. */
char *sqlite_shadow_sql(const char *sql, const char *prefix);

/* sqlite_shadow.c: whether tables of a rebuild are there, of one that goes on
 * or of one that was broken off. */
enum db_result sqlite_shadow_look(struct db *db, bool *there);

/* sqlite_schema.c: sets all that db_health() says of the schema but unfit. */
enum db_result sqlite_schema_look(struct db *db, struct db_health *out);

/* sqlite_schema.c: takes out an index that has the name of one of ours, on a
 * table that stays, and is another, so that ours can be made. */
enum db_result sqlite_schema_clear(struct db *db);

/* sqlite_fit.c: the first table that cannot be read and written as ours, or
 * this one if it cannot be; "" if all, or it, can. */
enum db_result sqlite_fit_look(struct db *db, const char *table, char *unfit,
    size_t size);

/* sqlite_shadow.c: whether a rebuild makes this table anew. */
bool sqlite_shadow_has(const char *table);

/* sqlite_shadow.c: how long the prefix of a rebuild is that a name begins with;
 * 0 if it begins with none. */
size_t sqlite_shadow_prefix(const char *name);

/*
 * sqlite_others.c: what is not ours on the tables that a rebuild exchanges, and
 * would go with the old ones.  read notes it while those are in use; put makes
 * indexes and triggers anew, and warns of those that do not fit the tables in
 * use now, and of columns, which are left out.  free is legal for none.
 */
struct others;
enum db_result sqlite_others_read(struct db *db, struct others **out);
enum db_result sqlite_others_put(struct db *db, struct others *others);
void sqlite_others_free(struct others *others);

/* sqlite_others.c: collations of an application's, which a change of a table's
 * name asks for wherever they are named: while it goes on there are some of
 * these names, that no row may be compared with. */
void sqlite_others_lend(struct db *db);
void sqlite_others_take_back(struct db *db);

/* sqlite_shadow.c: if no rebuild goes on, takes away one thing that a broken
 * one left: first what deliveries still feed. */
void sqlite_shadow_tidy(struct db *db);

/* sqlite_wal.c: before the handle is opened, with the queue lock held: a log
 * that processes left which are gone is written anew before anybody commits,
 * since a sync of it may have failed without a word. */
enum db_result sqlite_wal_inherit(struct db *db);

/* sqlite_wal.c: before the handle is closed, with the queue lock held: where
 * nobody else of ours has the database open, but perhaps a reader that keeps
 * the log, syncs it.  True if so; what is left is in good order then. */
bool sqlite_wal_bequeath(struct db *db);

/* sqlite_wal.c: called by SQLite after each commit. */
int sqlite_wal_hook(void *arg, sqlite3 *handle, const char *name, int frames);

#endif
