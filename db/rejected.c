/* The file of refused deliveries: read whole, changed, replaced. */
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
#include "rejected.h"

#define MAGIC "billhook-rejected 1\n"
#define ENTRIES_MAX 1000	/* BILLHOOK_KEEP_REJECTED's own bound */
#define LOCK_TRIES 20
#define LOCK_PAUSE 5000000	/* nanoseconds between them */

struct rejected {
	char *bytes;		/* of the file; entries point into it */
	size_t n;
	struct rejected_entry entries[ENTRIES_MAX];	/* oldest first */
};

static int
path_of(char path[PATH_MAX], const struct settings *settings,
    const char *suffix)
{
	int len = snprintf(path, PATH_MAX, "%s-rejected%s",
	    settings->database, suffix);

	if (len > 0 && len < PATH_MAX)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

/* The file's most bytes under these settings. */
static size_t
size_max(const struct settings *settings)
{
	size_t one = (size_t)settings->max_body + 2 * REJECTED_HEADER;

	return one > REJECTED_SIZE ? one : REJECTED_SIZE;
}

/* Takes a decimal number and the byte behind it. */
static bool
take_number(const char **at, const char *end, char stop, int64_t *out)
{
	int digits;

	*out = 0;
	for (digits = 0; *at < end && **at >= '0' && **at <= '9' &&
	    digits < 18; digits++)
		*out = *out * 10 + (*(*at)++ - '0');
	return digits > 0 && *at < end && *(*at)++ == stop;
}

/* Takes n bytes and ends them with a NUL, over the line's own end. */
static char *
take_bytes(const char **at, const char *end, char *taken, int64_t n)
{
	if (n < 0 || n >= end - *at || (*at)[n] != '\n')
		return NULL;
	taken[n] = '\0';
	*at += n + 1;
	return taken;
}

/* Reads the entries out of the bytes of a file; what cannot be read ends the
 * list.  Those from before since are left out. */
static void
read_entries(struct rejected *rejected, size_t len, int64_t since)
{
	const char *at = rejected->bytes, *end = at + len;
	struct rejected_entry entry;
	int64_t header, body, reason;

	if (len < strlen(MAGIC) || memcmp(at, MAGIC, strlen(MAGIC)) != 0)
		return;
	at += strlen(MAGIC);
	while (rejected->n < ENTRIES_MAX &&
	    take_number(&at, end, ' ', &entry.at) &&
	    take_number(&at, end, ' ', &header) &&
	    take_number(&at, end, ' ', &body) &&
	    take_number(&at, end, '\n', &reason)) {
		entry.header = take_bytes(&at, end,
		    rejected->bytes + (at - rejected->bytes), header);
		entry.body = entry.header == NULL ? NULL : take_bytes(&at, end,
		    rejected->bytes + (at - rejected->bytes), body);
		entry.reason = entry.body == NULL ? NULL : take_bytes(&at, end,
		    rejected->bytes + (at - rejected->bytes), reason);
		if (entry.reason == NULL)
			break;
		entry.len = (size_t)body;
		if (entry.at >= since)
			rejected->entries[rejected->n++] = entry;
	}
}

/* Reads the whole of an open file.  NULL with errno. */
static struct rejected *
read_open(int fd, size_t max, int64_t since)
{
	struct rejected *rejected;
	struct stat st;
	size_t len = 0;
	ssize_t got;
	int error;

	if (fstat(fd, &st) == -1 ||
	    (rejected = calloc(1, sizeof(*rejected))) == NULL)
		return NULL;
	if (st.st_size < 0 || (uint64_t)st.st_size > max)
		st.st_size = 0;
	rejected->bytes = malloc((size_t)st.st_size + 1);
	if (rejected->bytes == NULL)
		goto fail;
	while (len < (size_t)st.st_size) {
		got = read(fd, rejected->bytes + len,
		    (size_t)st.st_size - len);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			goto fail;
		if (got == 0)
			break;
		len += (size_t)got;
	}
	read_entries(rejected, len, since);
	return rejected;
fail:
	error = errno;
	rejected_free(rejected);
	errno = error;
	return NULL;
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
	bytes_put_text(&bytes, MAGIC);
	for (i = first; i < old->n; i++)
		put_entry(&bytes, &old->entries[i]);
	put_entry(&bytes, entry);
	errno = ENOMEM;
	if (!bytes.failed && path_of(path, settings, "") == 0 &&
	    path_of(fresh, settings, ".new") == 0 &&
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

	if (path_of(path, settings, "") == -1)
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
	old = read_open(fd, size_max(settings), entry->at - REJECTED_AGE);
	if (old != NULL)
		status = replace(settings, old, entry);
	error = errno;
	rejected_free(old);
	(void)close(fd);
	errno = error;
	return status;
}

struct rejected *
rejected_read(const struct settings *settings, int64_t now, char *error,
    size_t error_size)
{
	struct rejected *rejected;
	char path[PATH_MAX];
	int fd;

	if (path_of(path, settings, "") == -1) {
		snprintf(error, error_size, "BILLHOOK_DATABASE: the path is "
		    "too long; shorten it");
		return NULL;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd == -1 && errno == ENOENT) {
		rejected = calloc(1, sizeof(*rejected));
	} else {
		rejected = fd == -1 ? NULL :
		    read_open(fd, SIZE_MAX / 2, now - REJECTED_AGE);
	}
	if (rejected == NULL)
		snprintf(error, error_size, "%s: cannot be read: %s; run this "
		    "as the user of the responder, or as root", path,
		    strerror(errno));
	if (fd != -1)
		(void)close(fd);
	return rejected;
}

void
rejected_free(struct rejected *rejected)
{
	if (rejected == NULL)
		return;
	free(rejected->bytes);
	free(rejected);
}

size_t
rejected_count(const struct rejected *rejected)
{
	return rejected->n;
}

const struct rejected_entry *
rejected_at(const struct rejected *rejected, size_t place)
{
	return place < rejected->n ?
	    &rejected->entries[rejected->n - 1 - place] : NULL;
}
