/* db/files.h: where the database's files stand, and their modes. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static char top[] = "/tmp/billhook-files-XXXXXX";
static char error[400];

static void
test_directory(void)
{
	static const struct { const char *path, *directory; } cases[] = {
		{"billhook.db", "."}, {"/billhook.db", "/"},
		{"db/billhook.db", "db"}, {"/var/db/billhook.db", "/var/db"},
		{"db//billhook.db", "db/"},
	};
	static char name[PATH_MAX + 10];
	struct files files;
	char directory[PATH_MAX];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		ok(files_directory(directory, cases[i].path) == 0,
		    "%s has a directory", cases[i].path);
		is_str(directory, cases[i].directory, "which is told");
	}
	memset(name, 'd', sizeof(name) - 3);
	strcpy(name + sizeof(name) - 3, "/x");
	ok(files_directory(directory, name) == -1,
	    "one that is too long is none");
	ok(files_init(&files, name, NULL, error, sizeof(error)) == 0 &&
	    files_make_directory(&files, error, sizeof(error)) == -1 &&
	    strstr(error, "too long; shorten it") != NULL,
	    "and cannot be made");
	ok(files_sync_directory(&files, error, sizeof(error)) == -1,
	    "nor synced");
}

static void
test_group(void)
{
	struct files files;

	ok(files_init(&files, "x", "no such group", error, sizeof(error)) ==
	    -1 && strstr(error, "groupadd no such group") != NULL,
	    "a group that is not there is refused, with what to do");
	ok(files_init(&files, "x", NULL, error, sizeof(error)) == 0 &&
	    files_mode(&files) == 0600, "without one it is its owner's");
}

/* What stands where the database should. */
static void
test_stranger(void)
{
	char path[100];
	FILE *file;

	snprintf(path, sizeof(path), "%s/file", top);
	ok(files_stranger(path) == NULL, "what is not there is no stranger");
	ok(files_stranger(top) == NULL,
	    "nor is a directory, of which something else is said");
	if ((file = fopen(path, "w")) == NULL || fclose(file) != 0)
		abort();
	ok(files_stranger(path) == NULL, "nor an empty file");
	if ((file = fopen(path, "w")) == NULL || fputs("text", file) < 0 ||
	    fclose(file) != 0)
		abort();
	is_str(files_stranger(path), "is not a database", "a text is one");
	(void)unlink(path);
}

/* Who owns a file that cannot be opened. */
static void
test_foreign(void)
{
	struct files files = {.path = "billhook.db"};
	char path[100];
	FILE *file;

	snprintf(path, sizeof(path), "%s/file", top);
	if ((file = fopen(path, "w")) == NULL || fclose(file) != 0)
		abort();
	ok(!files_is_foreign(&files, path, error, sizeof(error)),
	    "our own file is not foreign");
	errno = EACCES;
	ok(!files_is_foreign(&files, "/nowhere/x", error, sizeof(error)) &&
	    errno == EACCES, "nor one that is not there, and errno stays");
	if (chown(path, geteuid() + 1, (gid_t)-1) == -1)
		ok(true, "only root gives files away # SKIP");
	else
		ok(files_is_foreign(&files, path, error, sizeof(error)) &&
		    strstr(error, "it belongs to user 1;") != NULL,
		    "that of another user is, and it is said whose it is");
	(void)unlink(path);
}

/* Files with a second name, where something is to be written. */
static void
test_names(void)
{
	static const char *const tails[] = { "", "-lock", "-wal", "-shm",
	    "-journal" };
	char path[100], name[120], other[100];
	struct files files = { .path = path };
	size_t i;
	FILE *file;

	snprintf(path, sizeof(path), "%s/billhook.db", top);
	snprintf(other, sizeof(other), "%s/other", top);
	for (i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
		snprintf(name, sizeof(name), "%s%s", path, tails[i]);
		if ((file = fopen(name, "w")) == NULL || fclose(file) != 0)
			abort();
		ok(files_check_place(&files, error, sizeof(error)) == 0,
		    "a file with a tail of \"%s\" may be there", tails[i]);
		if (link(name, other) == -1)
			abort();
		ok(files_check_place(&files, error, sizeof(error)) == -1 &&
		    strncmp(error, name, strlen(name)) == 0 &&
		    strstr(error, ": has 2 names (hard links)") != NULL,
		    "but not under two names, and it is said which");
		(void)unlink(other);
	}
	ok(files_make_database(&files, error, sizeof(error)) == 0,
	    "under one each it is a database");
	for (i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
		snprintf(name, sizeof(name), "%s%s", path, tails[i]);
		(void)unlink(name);
	}
}

int
main(void)
{
	if (mkdtemp(top) == NULL)
		abort();
	test_directory();
	test_group();
	test_stranger();
	test_foreign();
	test_names();
	(void)rmdir(top);
	return done_testing();
}
