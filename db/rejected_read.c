/* Reads the file of refused deliveries. */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rejected_private.h"

int
rejected_path(char path[PATH_MAX], const struct settings *settings,
    const char *suffix)
{
	int len = snprintf(path, PATH_MAX, "%s-rejected%s",
	    settings->database, suffix);

	if (len > 0 && len < PATH_MAX)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
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

const char *
rejected_head(const char *bytes, size_t len, int64_t due[REJECTED_KINDS])
{
	const size_t magic = strlen(REJECTED_MAGIC);
	const char *at = len > magic ? bytes + magic : bytes;
	const char *end = bytes + len;

	if (at != bytes && memcmp(bytes, REJECTED_MAGIC, magic) == 0 &&
	    take_number(&at, end, ' ', &due[REJECTED_SIGNED]) &&
	    take_number(&at, end, '\n', &due[REJECTED_UNSIGNED]))
		return at;
	due[REJECTED_SIGNED] = due[REJECTED_UNSIGNED] = 0;
	return NULL;
}

/* Reads the entries out of the bytes of a file; what cannot be read ends the
 * list.  Those from before since are left out. */
static void
read_entries(struct rejected *rejected, size_t len, int64_t since)
{
	const char *at = rejected_head(rejected->bytes, len, rejected->due);
	const char *end = rejected->bytes + len;
	struct rejected_entry entry;
	int64_t header, body, reason;

	while (at != NULL && rejected->n < REJECTED_ENTRIES &&
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

struct rejected *
rejected_load(int fd, int64_t since)
{
	struct rejected *rejected;
	struct stat st;
	size_t len = 0;
	ssize_t got;
	int error;

	if (fstat(fd, &st) == -1 ||
	    (rejected = calloc(1, sizeof(*rejected))) == NULL)
		return NULL;
	if (st.st_size < 0 || st.st_size > REJECTED_SIZE)
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

struct rejected *
rejected_read(const struct settings *settings, int64_t now, char *error,
    size_t error_size)
{
	struct rejected *rejected;
	char path[PATH_MAX];
	int fd;

	if (rejected_path(path, settings, "") == -1) {
		snprintf(error, error_size, "BILLHOOK_DATABASE: the path is "
		    "too long; shorten it");
		return NULL;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd == -1 && errno == ENOENT) {
		rejected = calloc(1, sizeof(*rejected));
	} else {
		rejected = fd == -1 ? NULL :
		    rejected_load(fd, now - REJECTED_AGE);
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
