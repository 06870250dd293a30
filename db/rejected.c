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

/* What there is of a kind, with the one to come. */
struct share {
	size_t n;
	size_t bytes;		/* of the file, at most */
};

static int
kind_of(const struct rejected_entry *entry)
{
	return entry->header == NULL || *entry->header == '\0' ?
	    REJECTED_UNSIGNED : REJECTED_SIGNED;
}

/* How many seconds are due, of those that may be.  More than that is what a
 * clock says that was set back since; one pause more may be due to a process
 * that read the same clock later. */
static int64_t
debt_of(int64_t due, int64_t now)
{
	return due < now ||
	    due > now + (REJECTED_BURST + 1) * REJECTED_PAUSE ? 0 : due - now;
}

static bool
is_often(const int64_t due[REJECTED_KINDS], const struct rejected_entry *entry)
{
	return debt_of(due[kind_of(entry)], entry->at) >
	    (REJECTED_BURST - 1) * REJECTED_PAUSE;
}

/* The same by a look at the file as it is.  It is replaced as a whole, so that
 * a flood neither reads it nor waits for its lock. */
static bool
looks_often(const char *path, const struct rejected_entry *entry)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int64_t due[REJECTED_KINDS];
	char line[REJECTED_LINE];
	ssize_t n;

	if (fd == -1)
		return false;
	n = read(fd, line, sizeof(line));
	(void)close(fd);
	return n > 0 && rejected_head(line, (size_t)n, due) != NULL &&
	    is_often(due, entry);
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
	char line[REJECTED_LINE];

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

/* Takes an entry into what there is of its kind (1), or out of it (-1). */
static void
count(struct share of[REJECTED_KINDS], const struct rejected_entry *entry,
    int times)
{
	struct share *share = &of[kind_of(entry)];
	size_t bytes = REJECTED_LINE + entry->len + strlen(entry->reason);

	if (entry->header != NULL)
		bytes += strnlen(entry->header, REJECTED_HEADER);
	share->n += (size_t)times;
	share->bytes += (size_t)times * bytes;
}

/* The oldest of the kind of which there is more, or else of all. */
static size_t
find_oldest(const struct rejected *old, size_t n_signed, size_t n_unsigned)
{
	int kind = n_signed > n_unsigned ? REJECTED_SIGNED : REJECTED_UNSIGNED;
	size_t i = 0;

	while (n_signed != n_unsigned && i + 1 < old->n &&
	    kind_of(&old->entries[i]) != kind)
		i++;
	return i;
}

/* Drops entries until there is room for the one to come. */
static void
make_room(struct rejected *old, const struct rejected_entry *entry, size_t keep)
{
	struct share of[REJECTED_KINDS] = { { 0 } };
	const struct share *with = &of[REJECTED_SIGNED];
	const struct share *without = &of[REJECTED_UNSIGNED];
	size_t i;

	count(of, entry, 1);
	for (i = 0; i < old->n; i++)
		count(of, &old->entries[i], 1);
	while (old->n > 0) {
		if (old->n >= keep)
			i = find_oldest(old, with->n, without->n);
		else if (with->bytes + without->bytes >
		    REJECTED_SIZE - REJECTED_LINE)
			i = find_oldest(old, with->bytes, without->bytes);
		else
			break;
		count(of, &old->entries[i], -1);
		old->n--;
		memmove(&old->entries[i], &old->entries[i + 1],
		    (old->n - i) * sizeof(old->entries[0]));
	}
}

/* Replaces the file by what may stay of it, and the new entry. */
static int
replace(const struct settings *settings, struct rejected *old,
    const struct rejected_entry *entry)
{
	char path[PATH_MAX], fresh[PATH_MAX], line[REJECTED_LINE];
	int64_t *due = &old->due[kind_of(entry)];
	struct bytes bytes;
	int status = -1;
	size_t i;

	make_room(old, entry, (size_t)settings->keep_rejected);
	*due = entry->at + debt_of(*due, entry->at) + REJECTED_PAUSE;
	(void)snprintf(line, sizeof(line), "%s%" PRId64 " %" PRId64 "\n",
	    REJECTED_MAGIC, old->due[REJECTED_SIGNED],
	    old->due[REJECTED_UNSIGNED]);
	bytes_init(&bytes, REJECTED_SIZE);
	bytes_put_text(&bytes, line);
	for (i = 0; i < old->n; i++)
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

enum rejected_result
rejected_keep(const struct settings *settings,
    const struct rejected_entry *entry)
{
	enum rejected_result result = REJECTED_FAILED;
	struct rejected *old;
	char path[PATH_MAX];
	int fd, error;

	if (rejected_path(path, settings, "") == -1)
		return REJECTED_FAILED;
	if (settings->keep_rejected == 0) {
		/* What an earlier setting left behind. */
		(void)unlink(path);
		return REJECTED_KEPT;
	}
	if (entry->len > REJECTED_BODY)
		return REJECTED_LARGE;
	if (looks_often(path, entry))
		return REJECTED_OFTEN;
	fd = open_locked(path);
	if (fd == -1 && errno == ENOENT && make_directory(settings) == 0)
		fd = open_locked(path);
	if (fd == -1)
		return REJECTED_FAILED;
	old = rejected_load(fd, entry->at - REJECTED_AGE);
	if (old != NULL && is_often(old->due, entry))
		result = REJECTED_OFTEN;
	else if (old != NULL && replace(settings, old, entry) == 0)
		result = REJECTED_KEPT;
	error = errno;
	rejected_free(old);
	(void)close(fd);
	errno = error;
	return result;
}
