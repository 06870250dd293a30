/* Keeps refused deliveries: the file is read whole, changed, replaced. */
#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bytes.h"
#include "files.h"
#include "rejected_private.h"

#define LOCK_TRIES 20
#define LOCK_PAUSE 5000000	/* nanoseconds between them */

/* The file's most bytes under these settings. */
static size_t
size_max(const struct settings *settings)
{
	size_t one = (size_t)settings->max_body + 2 * REJECTED_HEADER;

	return one > REJECTED_SIZE ? one : REJECTED_SIZE;
}

/* Opens the file, made if it is missing, and locks it: the file that has the
 * name, not one that was just replaced.  -1 with errno. */
static int
open_locked(const char *path)
{
	const struct timespec pause = { 0, LOCK_PAUSE };
	struct stat mine, named;
	int fd, tries;

	for (tries = 0; tries < LOCK_TRIES; tries++) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW |
		    O_NONBLOCK, 0600);
		if (fd == -1)
			return -1;
		if (flock(fd, LOCK_EX | LOCK_NB) == 0 &&
		    fstat(fd, &mine) == 0 && stat(path, &named) == 0 &&
		    mine.st_ino == named.st_ino && mine.st_dev == named.st_dev)
			return fd;
		close(fd);
		(void)nanosleep(&pause, NULL);
	}
	errno = EWOULDBLOCK;
	return -1;
}

static void
put_entry(struct bytes *out, const struct rejected_entry *entry)
{
	const char *header = entry->header == NULL ? "" : entry->header;
	size_t header_len = strnlen(header, REJECTED_HEADER);
	char line[128];

	(void)snprintf(line, sizeof(line), "%" PRId64 " %zu %zu %zu\n",
	    entry->at, header_len, entry->len, strlen(entry->reason));
	bytes_put_text(out, line);
	bytes_put(out, header, header_len);
	bytes_put_char(out, '\n');
	bytes_put(out, entry->body, entry->len);
	bytes_put_char(out, '\n');
	bytes_put_text(out, entry->reason);
	bytes_put_char(out, '\n');
}

/* Writes bytes to a new file with the database's mode.  0, or -1 with
 * errno. */
static int
write_new(const char *path, const struct settings *settings,
    const struct bytes *bytes)
{
	struct files files;
	char error[256];
	size_t done = 0;
	ssize_t n;
	int fd;

	if (files_init(&files, path, settings->group, error,
	    sizeof(error)) == -1) {
		errno = EINVAL;
		return -1;
	}
	(void)unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	if (fd == -1)
		return -1;
	if (files.shared && (fchown(fd, (uid_t)-1, files.group) == -1 ||
	    fchmod(fd, files_mode(&files)) == -1))
		goto fail;
	while (done < bytes->len) {
		n = write(fd, bytes->data + done, bytes->len - done);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			goto fail;
		done += (size_t)n;
	}
	return close(fd);
fail:
	(void)close(fd);
	(void)unlink(path);
	return -1;
}

/* Replaces the file by the newest entries, as many as may stay. */
static int
replace(const struct settings *settings, const struct rejected *old,
    const struct rejected_entry *entry)
{
	char path[PATH_MAX], fresh[PATH_MAX];
	size_t keep = (size_t)settings->keep_rejected, first, size, i;
	struct bytes bytes;
	int status = -1;

	first = old->n + 1 > keep ? old->n + 1 - keep : 0;
	size = entry->len;
	for (i = old->n; i > first; i--) {
		size += old->entries[i - 1].len + 2 * REJECTED_HEADER;
		if (size > size_max(settings) - 2 * REJECTED_HEADER)
			first = i;
	}
	bytes_init(&bytes, size_max(settings));
	bytes_put_text(&bytes, REJECTED_MAGIC);
	for (i = first; i < old->n; i++)
		put_entry(&bytes, &old->entries[i]);
	put_entry(&bytes, entry);
	errno = ENOMEM;
	if (!bytes.failed && rejected_path(path, settings, "") == 0 &&
	    rejected_path(fresh, settings, ".new") == 0 &&
	    write_new(fresh, settings, &bytes) == 0)
		status = rename(fresh, path);
	bytes_free(&bytes);
	return status;
}

/* Makes the database's directory: the first delivery may be a refused one. */
static int
make_directory(const struct settings *settings)
{
	struct files files;
	char error[256];

	if (files_init(&files, settings->database, settings->group, error,
	    sizeof(error)) == -1)
		return -1;
	return files_make_directory(&files, error, sizeof(error));
}

int
rejected_keep(const struct settings *settings,
    const struct rejected_entry *entry)
{
	struct rejected *old;
	char path[PATH_MAX];
	int fd, status = -1, error;

	if (rejected_path(path, settings, "") == -1)
		return -1;
	if (settings->keep_rejected == 0) {
		/* What an earlier setting left behind. */
		(void)unlink(path);
		return 0;
	}
	fd = open_locked(path);
	if (fd == -1 && errno == ENOENT && make_directory(settings) == 0)
		fd = open_locked(path);
	if (fd == -1)
		return -1;
	old = rejected_load(fd, size_max(settings), entry->at - REJECTED_AGE);
	if (old != NULL)
		status = replace(settings, old, entry);
	error = errno;
	rejected_free(old);
	(void)close(fd);
	errno = error;
	return status;
}
