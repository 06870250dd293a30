/*
 * The database's directory and file as files: made with the modes of the
 * contract, and checked by path, before SQLite opens anything.  Nobody may
 * open the database, its -wal or its -shm by a descriptor of their own while
 * SQLite has it open in the same process: closing that would drop SQLite's
 * locks (https://sqlite.org/howtocorrupt.html, section 2.2).
 */
#ifndef FILES_H
#define FILES_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct files {
	const char *path;	/* of the database */
	bool	    shared;	/* with a group: 0660 and 2770 */
	gid_t	    group;	/* (gid_t)-1 unless shared */
};

/* Looks up the group, if there is one.  0, or -1 with a sentence in error. */
int files_init(struct files *files, const char *path, const char *group,
    char *error, size_t error_size);

/* From now on the only group is the one that was looked up last: to ask for
 * another takes files, sockets and more, which a confined process has not. */
void files_seal_groups(void);

mode_t files_mode(const struct files *files);

/* The directory that path stands in.  0, or -1 if its name is too long. */
int files_directory(char directory[PATH_MAX], const char *path);

/* Makes the directory if it is missing: the last part of its path only.
 * 0, or -1 with a sentence in error. */
int files_make_directory(const struct files *files, char *error,
    size_t error_size);

/*
 * Refuses a path at which something else than a regular file stands, and one
 * where it or a file beside it has another name, too: SQLite keeps apart what
 * is written under two names (https://sqlite.org/howtocorrupt.html, "Multiple
 * links to the same file"), and who may write to the directory may have linked
 * to it a file of root's, for root to overwrite.  Before anything is made
 * beside it.  0, or -1 with a sentence.
 */
int files_check_place(const struct files *files, char *error,
    size_t error_size);

/* The same of the names of the database itself, for one that is open. */
int files_check_names(const struct files *files, char *error,
    size_t error_size);

/* What the file is, if it is none of billhook's: "is not a database".  NULL if
 * it may be one, or is empty, or cannot be read, or if a log or a journal is to
 * be read with it.  Before SQLite opens it. */
const char *files_stranger(const char *path);

/* Makes the database's file if it is missing, empty; refuses as above.  Before
 * SQLite opens it.  0, or -1 with a sentence. */
int files_make_database(const struct files *files, char *error,
    size_t error_size);

/* Whether a file of the database's that cannot be opened belongs to another
 * user than the one who runs this, with no group to share it: then true, with
 * a sentence that says whose it is and how to mend that. */
bool files_is_foreign(const struct files *files, const char *path,
    char *words, size_t words_size);

/* Makes the rollback journal if it is missing, empty, with the owner and mode of
 * the database, so that its entry can be on disk before it is needed.  0, or -1
 * with a sentence. */
int files_make_journal(const struct files *files, char *error,
    size_t error_size);

/* Makes sure that the names of the files in the directory are on disk.  0, or
 * -1 with errno and a sentence. */
int files_sync_entries(const struct files *files, char *error,
    size_t error_size);

/* The same, and of the directory's own in the one that it is in, whoever made
 * it: who did may have died before its sync.  Behind Landlock, which keeps it
 * from the second, that was to be done before. */
int files_sync_directory(const struct files *files, char *error,
    size_t error_size);

/* True if a write-ahead log stands beside the database. */
bool files_has_log(const struct files *files);

/* Whether a database that was made before BILLHOOK_GROUP was set is still closed
 * to that group: then -1, with a sentence in words that says how to open it. */
int files_check_group(const char *path, const char *group, char *words,
    size_t words_size);

#endif
