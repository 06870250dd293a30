#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "landlock.h"

/* The group that was looked up last. */
static struct {
	char  name[256];	/* "" if none was */
	gid_t id;
	bool  sealed;
} last_group;

void
files_seal_groups(void)
{
	last_group.sealed = true;
}

/* Asks for a group, or remembers what was said.  0 or -1. */
static int
find_group(const char *name, gid_t *id)
{
	const struct group *entry;

	if (strcmp(last_group.name, name) != 0) {
		entry = last_group.sealed ? NULL : getgrnam(name);
		if (entry == NULL)
			return -1;
		snprintf(last_group.name, sizeof(last_group.name), "%s",
		    name);
		last_group.id = entry->gr_gid;
	}
	*id = last_group.id;
	return 0;
}

int
files_init(struct files *files, const char *path, const char *group,
    char *error, size_t error_size)
{
	files->path = path;
	files->shared = group != NULL;
	files->group = (gid_t)-1;
	if (group == NULL)
		return 0;
	if (find_group(group, &files->group) == -1) {
		snprintf(error, error_size, "BILLHOOK_GROUP: there is no "
		    "group %s; name one that the application's user is in, "
		    "or make it (groupadd %s)", group, group);
		return -1;
	}
	return 0;
}

mode_t
files_mode(const struct files *files)
{
	return files->shared ? 0660 : 0600;
}

int
files_directory(char directory[PATH_MAX], const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - path);

	if (len >= PATH_MAX)
		return -1;
	if (slash == NULL)
		memcpy(directory, ".", 2);
	else if (len == 0)
		memcpy(directory, "/", 2);
	else {
		memcpy(directory, path, len);
		directory[len] = '\0';
	}
	return 0;
}

static int
sync_directory(const char *directory)
{
	int fd, rc, e;

	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	rc = fsync(fd);
	/* A file system that knows no sync of a directory. */
	if (rc == -1 && (errno == EINVAL || errno == ENOTSUP))
		rc = 0;
	e = errno;
	(void)close(fd);
	errno = e;
	return rc;
}

int
files_make_directory(const struct files *files, char *error,
    size_t error_size)
{
	char directory[PATH_MAX];
	struct stat st;

	if (files_directory(directory, files->path) == -1) {
		snprintf(error, error_size,
		    "BILLHOOK_DATABASE: the path is too long; shorten it");
		return -1;
	}
	if (stat(directory, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	if (mkdir(directory, 0700) == -1) {
		if (errno == EEXIST && stat(directory, &st) == 0 &&
		    S_ISDIR(st.st_mode))
			return 0;	/* another process was first */
		snprintf(error, error_size, "%s: cannot make the database's "
		    "directory: %s; make it, owned by the user that the "
		    "responder runs as", directory, strerror(errno));
		return -1;
	}
	if (files->shared && (chown(directory, (uid_t)-1, files->group) == -1 ||
	    chmod(directory, 02770) == -1)) {
		snprintf(error, error_size, "%s: cannot give the directory "
		    "to BILLHOOK_GROUP: %s; the responder's user must be a "
		    "member", directory, strerror(errno));
		(void)rmdir(directory);
		return -1;
	}
	return 0;
}

/* How a file is made; (uid_t)-1 and (gid_t)-1 for who makes it. */
struct making {
	mode_t mode;
	uid_t  uid;
	gid_t  gid;
};

/* Makes a file of the database's if it is missing, empty.  0; -1 with errno,
 * and a sentence; of one that is there errno is EEXIST. */
static int
make_file(const char *path, const struct making *making, char *error,
    size_t error_size)
{
	int fd, e;

	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	if (fd == -1) {
		e = errno;
		snprintf(error, error_size, "%s: cannot make the database: "
		    "%s; the responder's user must be able to write there",
		    path, strerror(e));
		errno = e;
		return -1;
	}
	if (((making->uid != (uid_t)-1 || making->gid != (gid_t)-1) &&
	    fchown(fd, making->uid, making->gid) == -1) ||
	    fchmod(fd, making->mode) == -1) {
		e = errno;
		snprintf(error, error_size, "%s: cannot give the database to "
		    "BILLHOOK_GROUP: %s; the responder's user must be a "
		    "member", path, strerror(e));
		(void)unlink(path);
		(void)close(fd);
		errno = e;
		return -1;
	}
	(void)close(fd);
	return 0;
}

int
files_make_database(const struct files *files, char *error, size_t error_size)
{
	const struct making making = { files_mode(files), (uid_t)-1,
	    files->shared ? files->group : (gid_t)-1 };
	struct stat st;

	if (make_file(files->path, &making, error, error_size) == 0)
		return 0;
	return errno == EEXIST && lstat(files->path, &st) == 0 ?
	    files_check_place(files, error, error_size) : -1;
}

int
files_make_journal(const struct files *files, char *error, size_t error_size)
{
	const bool root = geteuid() == 0;
	struct making making;
	char path[PATH_MAX];
	struct stat st;

	if (snprintf(path, sizeof(path), "%s-journal", files->path) >=
	    (int)sizeof(path)) {
		snprintf(error, error_size,
		    "BILLHOOK_DATABASE: the path is too long; shorten it");
		return -1;
	}
	if (lstat(path, &st) == 0)
		return 0;
	if (stat(files->path, &st) == -1) {
		snprintf(error, error_size, "%s: cannot be looked at: %s; is "
		    "somebody moving it?", files->path, strerror(errno));
		return -1;
	}
	/* As SQLite makes it. */
	making = (struct making){ st.st_mode & 0777,
	    root ? st.st_uid : (uid_t)-1,
	    root || files->shared ? st.st_gid : (gid_t)-1 };
	return make_file(path, &making, error, error_size) == 0 ||
	    errno == EEXIST ? 0 : -1;
}

/* Says why a directory could not be synced, as errno has it: always -1. */
static int
fail_sync(const struct files *files, char *error, size_t error_size)
{
	int e = errno;

	snprintf(error, error_size, "%s: cannot sync the directory that it "
	    "is in: %s; %s", files->path, strerror(e), e == EACCES ?
	    "the responder's user must be able to read it" :
	    "look at the disk and its log");
	errno = e;
	return -1;
}

int
files_sync_entries(const struct files *files, char *error, size_t error_size)
{
	char directory[PATH_MAX];

	if (files_directory(directory, files->path) == -1 ||
	    sync_directory(directory) == -1)
		return fail_sync(files, error, error_size);
	return 0;
}

int
files_sync_directory(const struct files *files, char *error,
    size_t error_size)
{
	char directory[PATH_MAX], parent[PATH_MAX];

	if (files_sync_entries(files, error, error_size) == -1)
		return -1;
	/* Where we may not write, we have not made a directory. */
	if (files_directory(directory, files->path) == 0 &&
	    files_directory(parent, directory) == 0 &&
	    (sync_directory(parent) == 0 ||
	    (errno == EACCES && (landlock_entered() ||
	    faccessat(AT_FDCWD, parent, W_OK, AT_EACCESS) == -1))))
		return 0;
	return fail_sync(files, error, error_size);
}
