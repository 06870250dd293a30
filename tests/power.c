#include "power.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shim_log.h"

/* Entries of the log that no sync has covered yet, in their order. */
struct pending {
	size_t *entries;
	size_t	n, room;
};

struct content {
	unsigned char *bytes;
	size_t	       size, room;
};

struct disk_file {
	struct content	content;	/* on disk */
	struct pending	pending;
};

struct power {
	size_t		 at;		/* of the log */
	bool		 has_directory;	/* itself on disk */
	int		 names[SHIM__MAX];	/* on disk; -1: none */
	struct pending	 pending;	/* of the names */
	struct disk_file files[SHIM_FILES];
};

static void *
grow(void *p, size_t size)
{
	p = realloc(p, size);
	if (p == NULL) {
		fprintf(stderr, "power: no memory\n");
		exit(2);
	}
	return p;
}

struct power *
power_new(void)
{
	struct power *power = grow(NULL, sizeof(*power));
	size_t i;

	memset(power, 0, sizeof(*power));
	for (i = 0; i < SHIM__MAX; i++)
		power->names[i] = -1;
	return power;
}

void
power_free(struct power *power)
{
	size_t i;

	for (i = 0; i < SHIM_FILES; i++) {
		free(power->files[i].content.bytes);
		free(power->files[i].pending.entries);
	}
	free(power->pending.entries);
	free(power);
}

static void
resize(struct content *content, size_t size)
{
	if (size > content->room) {
		content->room = size * 2;
		content->bytes = grow(content->bytes, content->room);
	}
	if (size > content->size)
		memset(content->bytes + content->size, 0,
		    size - content->size);
	content->size = size;
}

/* One write or truncation reaches the disk, of a write perhaps only some
 * sectors.  False if nothing later can. */
static bool
reach(struct content *content, const struct shim_entry *entry, bool torn)
{
	const unsigned char *bytes = &shim_log->bytes[entry->bytes];
	const size_t begin = (size_t)entry->at, end = begin + entry->len;
	size_t at, next;

	if (entry->kind == SHIM_TRUNCATE) {
		if (torn && shim_random(2) == 0)
			return false;
		resize(content, begin);
		return true;
	}
	for (at = begin; at < end; at = next) {
		next = (at / SHIM_SECTOR + 1) * SHIM_SECTOR;
		if (next > end)
			next = end;
		if (torn && shim_random(2) == 0)
			continue;
		if (content->size < next)
			resize(content, next);
		memcpy(content->bytes + at, bytes + (at - begin), next - at);
	}
	return true;
}

static void
reach_rest(struct content *content, const struct pending *pending,
    size_t before, enum power_rest rest)
{
	size_t i;

	if (rest == POWER_CHANCE)
		rest = (enum power_rest)shim_random(POWER_CHANCE);
	for (i = 0; i < pending->n && rest != POWER_NONE; i++)
		if (pending->entries[i] < before && !reach(content,
		    &shim_log->entries[pending->entries[i]],
		    rest == POWER_SOME))
			break;
}

/* Forgets what stands before an entry. */
static void
settle(struct pending *pending, size_t before)
{
	size_t i, n = 0;

	for (i = 0; i < pending->n; i++)
		if (pending->entries[i] >= before)
			pending->entries[n++] = pending->entries[i];
	pending->n = n;
}

/* A sync has failed: of the writes that it covered, some reach the disk, and
 * the others never do.  Truncations stay what they are: those in between are
 * done, those at the end wait for the next sync. */
static void
fail(struct disk_file *file, size_t before)
{
	struct pending *pending = &file->pending;
	const struct shim_entry *entry;
	const enum power_rest rest = (enum power_rest)
	    shim_random(POWER_CHANCE);
	size_t i, end = 0;

	for (i = 0; i < pending->n && pending->entries[i] < before; i++)
		if (shim_log->entries[pending->entries[i]].kind == SHIM_WRITE)
			end = pending->entries[i] + 1;
	for (i = 0; i < pending->n && pending->entries[i] < end; i++) {
		entry = &shim_log->entries[pending->entries[i]];
		if (entry->kind == SHIM_TRUNCATE || rest != POWER_NONE)
			(void)reach(&file->content, entry, entry->kind ==
			    SHIM_WRITE && rest == POWER_SOME);
	}
	settle(pending, end);
}

static void
add(struct pending *pending, size_t entry)
{
	if (pending->n == pending->room) {
		pending->room = pending->room * 2 + 16;
		pending->entries = grow(pending->entries,
		    pending->room * sizeof(*pending->entries));
	}
	pending->entries[pending->n++] = entry;
}

static void
reach_name(int names[SHIM__MAX], const struct shim_entry *entry)
{
	names[entry->name] = entry->kind == SHIM_CREATED ?
	    (int)entry->file : -1;
}

static void
happen(struct power *power, size_t at)
{
	const struct shim_entry *entry = &shim_log->entries[at];
	struct disk_file *file = &power->files[entry->file];
	size_t i;

	switch (entry->kind) {
	case SHIM_WRITE:
	case SHIM_TRUNCATE:
		add(&file->pending, at);
		break;
	case SHIM_SYNC_FAILED:
		fail(file, (size_t)entry->at);
		break;
	case SHIM_SYNCED:
		reach_rest(&file->content, &file->pending, (size_t)entry->at,
		    POWER_ALL);
		settle(&file->pending, (size_t)entry->at);
		break;
	case SHIM_CREATED:
	case SHIM_REMOVED:
		add(&power->pending, at);
		break;
	case SHIM_DIRECTORY_SYNCED:
		for (i = 0; i < power->pending.n; i++)
			reach_name(power->names,
			    &shim_log->entries[power->pending.entries[i]]);
		settle(&power->pending, at);
		break;
	case SHIM_PARENT_SYNCED:
		power->has_directory = true;
		break;
	case SHIM_SYNC_BEGUN:
	case SHIM_ACKNOWLEDGED:
		break;
	}
}

void
power_advance(struct power *power, size_t entry)
{
	for (; power->at < entry; power->at++)
		happen(power, power->at);
}

static void
write_file(const char *path, const struct content *content)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd == -1 || write(fd, content->bytes, content->size) !=
	    (ssize_t)content->size) {
		perror(path);
		exit(2);
	}
	close(fd);
}

static void
pull_file(const struct power *power, int number, const char *path,
    enum power_rest rest)
{
	const struct disk_file *file = &power->files[number];
	struct content content = {NULL, 0, 0};

	resize(&content, file->content.size + 1);
	content.size = file->content.size;
	if (content.size > 0)
		memcpy(content.bytes, file->content.bytes, content.size);
	reach_rest(&content, &file->pending, power->at, rest);
	write_file(path, &content);
	free(content.bytes);
}

void
power_pull(const struct power *power, const char *directory,
    const char *database, enum power_rest rest)
{
	static const char *const tails[SHIM__MAX + 1] = {
		"", "-wal", "-journal", "-shm"
	};
	int names[SHIM__MAX];
	char path[PATH_MAX];
	enum power_rest of_names = rest;
	bool there = power->has_directory || rest == POWER_ALL;
	size_t i;

	if (mkdir(directory, 0700) == -1 && errno != EEXIST) {
		perror(directory);
		exit(2);
	}
	if (rest == POWER_CHANCE) {
		of_names = (enum power_rest)shim_random(POWER_CHANCE);
		there |= shim_random(2) == 0;
	}
	memcpy(names, power->names, sizeof(names));
	for (i = 0; i < power->pending.n && of_names != POWER_NONE; i++)
		if (of_names == POWER_ALL || shim_random(2) == 0)
			reach_name(names,
			    &shim_log->entries[power->pending.entries[i]]);
	for (i = 0; i <= SHIM__MAX; i++) {
		if (snprintf(path, sizeof(path), "%s/%s%s", directory,
		    database, tails[i]) >= (int)sizeof(path))
			exit(2);
		if (i < SHIM__MAX && there && names[i] != -1)
			pull_file(power, names[i], path, rest);
		else
			(void)unlink(path);
	}
}
