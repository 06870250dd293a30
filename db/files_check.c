/* What stands where the database should, and beside it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "sqlite.h"

/* Refuses a file that has other names, too, be it the database or, with a tail,
 * one beside it.  0, or -1 with a sentence. */
static int
check_names(const struct files *files, const char *tail, char *error,
    size_t error_size)
{
	char path[PATH_MAX];
	struct stat st;

	if (snprintf(path, sizeof(path), "%s%s", files->path, tail) >=
	    (int)sizeof(path) || lstat(path, &st) == -1 ||
	    !S_ISREG(st.st_mode) || st.st_nlink < 2)
		return 0;
	snprintf(error, error_size, "%s: has %lu names (hard links): a "
	    "database under two is destroyed, another file overwritten; "
	    "remove the wrong one (find / -samefile '%s'), and make copies by "
	    "billhook backup", path, (unsigned long)st.st_nlink, path);
	return -1;
}

int
files_check_names(const struct files *files, char *error, size_t error_size)
{
	return check_names(files, "", error, error_size);
}

int
files_check_place(const struct files *files, char *error, size_t error_size)
{
	/* What SQLite and we write to, by these names. */
	static const char *const tails[] = { "", "-lock", "-wal", "-shm",
	    "-journal" };
	struct stat st;
	size_t i;

	for (i = 0; i < sizeof(tails) / sizeof(tails[0]); i++)
		if (check_names(files, tails[i], error, error_size) == -1)
			return -1;
	if (lstat(files->path, &st) == -1 || S_ISREG(st.st_mode))
		return 0;
	if (S_ISDIR(st.st_mode))
		snprintf(error, error_size, "%s: is a directory; let "
		    "BILLHOOK_DATABASE name a file in it, as %s/billhook.db",
		    files->path, files->path);
	else
		snprintf(error, error_size, "%s: is no regular file (a link?)"
		    "; let BILLHOOK_DATABASE name the file itself",
		    files->path);
	return -1;
}

/* Whether a file beside the database holds something. */
static bool
has_beside(const char *database, const char *tail)
{
	char path[PATH_MAX];
	struct stat st;

	return snprintf(path, sizeof(path), "%s%s", database, tail) <
	    (int)sizeof(path) && stat(path, &st) == 0 && st.st_size > 0;
}

/* Four bytes of a database's header. */
static unsigned long
number_at(const unsigned char *head, size_t at)
{
	return (unsigned long)head[at] << 24 |
	    (unsigned long)head[at + 1] << 16 |
	    (unsigned long)head[at + 2] << 8 | head[at + 3];
}

/* Fields of it (https://sqlite.org/fileformat2.html). */
#define SCHEMA_COOKIE_AT	40	/* 0: there never was a table */
#define APPLICATION_ID_AT	68

const char *
files_stranger(const char *path)
{
	static const char magic[16] = "SQLite format 3";
	unsigned char head[72] = { 0 };
	unsigned long id;
	ssize_t n;
	int fd;

	/* What is right stands there, where power failed. */
	if (has_beside(path, "-wal") || has_beside(path, "-journal"))
		return NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd == -1)
		return NULL;
	n = read(fd, head, sizeof(head));
	(void)close(fd);
	if (n <= 0)
		return NULL;
	if (n < (ssize_t)sizeof(head) ||
	    memcmp(head, magic, sizeof(magic)) != 0)
		return "is not a database";
	id = number_at(head, APPLICATION_ID_AT);
	return id == SQLITE_APPLICATION_ID ||
	    (id == 0 && number_at(head, SCHEMA_COOKIE_AT) == 0) ? NULL :
	    "is a database, but not billhook's";
}

bool
files_is_foreign(const struct files *files, const char *path, char *words,
    size_t words_size)
{
	unsigned long us = (unsigned long)geteuid();
	char owner[40] = "root";
	int before = errno, status;
	struct stat st;

	status = lstat(path, &st);
	errno = before;
	if (files->shared || status == -1 || st.st_uid == us)
		return false;
	/* A confined process cannot ask for names. */
	if (st.st_uid != 0)
		snprintf(owner, sizeof(owner), "user %lu",
		    (unsigned long)st.st_uid);
	snprintf(words, words_size, "%s: cannot be opened by user %lu: it "
	    "belongs to %s; if the responder runs as user %lu: chown %lu:%lu "
	    "'%s'*", path, us, owner, us, us, (unsigned long)getegid(),
	    files->path);
	return true;
}

bool
files_has_log(const struct files *files)
{
	return has_beside(files->path, "-wal");
}

int
files_check_group(const char *path, const char *group, char *words,
    size_t words_size)
{
	char directory[PATH_MAX];
	struct files files;
	struct stat st;

	if (group == NULL || files_init(&files, path, group, words,
	    words_size) == -1 || stat(path, &st) == -1 ||
	    (st.st_gid == files.group &&
	    (st.st_mode & 0660) == files_mode(&files)) ||
	    files_directory(directory, path) == -1)
		return 0;
	snprintf(words, words_size, "the database is older than "
	    "BILLHOOK_GROUP, and closed to it: chgrp %s %s %s*; "
	    "chmod 2770 %s; chmod 0660 %s*", group, directory, path,
	    directory, path);
	return -1;
}
