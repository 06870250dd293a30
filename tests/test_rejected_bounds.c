/* db/rejected.h: how much of what is refused is kept, and how often. */
#include <sys/file.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "rejected.h"
#include "tap.h"

#define NOW 1700000000
#define MANY 100
#define LONG (REJECTED_BURST * REJECTED_PAUSE)	/* after it all is paid for */

static char directory[] = "/tmp/billhook-bounds-XXXXXX";
static char database[128], path[160];
static char large[REJECTED_BODY + 1];

static enum rejected_result
keep(int64_t n, int64_t at, const char *header, size_t len)
{
	const struct settings settings = { .database = database,
	    .max_body = sizeof(large), .keep_rejected = n };
	const struct rejected_entry entry = { at, header, large, len, "401" };

	return rejected_keep(&settings, &entry);
}

/* How many are kept, of those with a header or of those without. */
static int
count(int64_t now, bool with)
{
	const struct settings settings = { .database = database };
	const struct rejected_entry *entry;
	struct rejected *rejected;
	char error[256];
	size_t i;
	int n = 0;

	rejected = rejected_read(&settings, now, error, sizeof(error));
	if (rejected == NULL)
		abort();
	for (i = 0; (entry = rejected_at(rejected, i)) != NULL; i++)
		n += (*entry->header != '\0') == with;
	rejected_free(rejected);
	return n;
}

static struct stat
look(void)
{
	struct stat st = { 0 };

	(void)stat(path, &st);
	return st;
}

static void
start_again(void)
{
	(void)keep(0, NOW, NULL, 0);
}

/* The file is written a few times, whatever comes. */
static void
test_flood(void)
{
	struct stat before = { 0 };
	int i, written = 0, often = 0;

	for (i = 0; i < MANY; i++) {
		often += keep(1000, NOW, "t=1", 1) == REJECTED_OFTEN;
		written += look().st_ino != before.st_ino;
		before = look();
	}
	is_int(often, MANY - REJECTED_BURST, "a flood is not kept");
	is_int(written, REJECTED_BURST, "and not written, but for the first");
	is_int(count(NOW, true), REJECTED_BURST, "which are there");
	is_int(keep(1000, NOW - 1, "t=1", 1), REJECTED_OFTEN,
	    "nor what was read off the clock a moment before");
	is_int(keep(1000, NOW, NULL, 1), REJECTED_KEPT,
	    "one without a signature is counted apart");
	is_int(keep(1000, NOW, "", 1), REJECTED_KEPT, "and an empty one");
	is_int(keep(1000, NOW + REJECTED_PAUSE - 1, "t=1", 1), REJECTED_OFTEN,
	    "until the pause is over");
	is_int(keep(1000, NOW + REJECTED_PAUSE, "t=1", 1), REJECTED_KEPT,
	    "then there is room for one");
	is_int(keep(1000, NOW + REJECTED_PAUSE, "t=1", 1), REJECTED_OFTEN,
	    "and no more");
	is_int(keep(1000, NOW - 86400, "t=1", 1), REJECTED_KEPT,
	    "a clock that was set back does not keep one out");
	start_again();
}

/* What was dropped since counts as well. */
static void
test_one(void)
{
	int i, kept = 0;

	for (i = 0; i < MANY; i++)
		kept += keep(1, NOW, "t=1", 1) == REJECTED_KEPT;
	is_int(kept, REJECTED_BURST, "of one place the rate holds, too");
	is_int(count(NOW, true), 1, "and it has the newest");
	start_again();
	for (i = 0, kept = 0; i < MANY; i++)
		kept += keep(1000, NOW, "t=1", REJECTED_BODY) == REJECTED_KEPT;
	is_int(kept, REJECTED_BURST, "of large ones it holds, too");
	start_again();
}

/* A flood does not wait where the others do. */
static void
test_held(void)
{
	int fd, i;

	for (i = 0; i < REJECTED_BURST; i++)
		(void)keep(1000, NOW, "t=1", 1);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd == -1 || flock(fd, LOCK_EX) == -1)
		abort();
	is_int(keep(1000, NOW, "t=1", 1), REJECTED_OFTEN,
	    "what comes too often asks for no lock");
	(void)close(fd);
	start_again();
}

/* What one kind does to the other. */
static void
test_kinds(void)
{
	int64_t now = NOW;
	int i;

	is_int(keep(3, now, "t=1", 1), REJECTED_KEPT, "one with a signature");
	for (i = 0; i < MANY; i++)
		(void)keep(3, now += REJECTED_PAUSE, NULL, 1);
	ok(count(now, true) == 1 && count(now, false) == 2,
	    "is not washed away by those without");
	for (i = 0; i < MANY; i++)
		(void)keep(1000, now += REJECTED_PAUSE, NULL, REJECTED_BODY);
	is_int(count(now, true), 1, "nor by large ones");
	for (i = 0; i < MANY; i++)
		(void)keep(3, now += REJECTED_PAUSE, "t=1", 1);
	ok(count(now, true) == 2 && count(now, false) == 1,
	    "nor are those without by those with one");
	start_again();
}

static void
test_size(void)
{
	int i, kept = 0;

	for (i = 0; i < MANY; i++)
		kept += keep(1000, NOW + i * LONG, "t=1", REJECTED_BODY / 4) ==
		    REJECTED_KEPT;
	is_int(kept, MANY, "large ones are kept");
	ok(look().st_size <= REJECTED_SIZE &&
	    look().st_size > REJECTED_SIZE / 2, "in a file that is bounded");
	is_int(keep(1000, NOW + MANY * LONG, "t=1", REJECTED_BODY),
	    REJECTED_KEPT, "the largest is kept");
	ok(look().st_size <= REJECTED_SIZE, "in it, too");
	is_int(keep(1000, NOW + MANY * LONG, "t=1", REJECTED_BODY + 1),
	    REJECTED_LARGE, "one that is larger is not");
	ok(count(NOW + MANY * LONG, true) > 1, "and the others stay");
	start_again();
	is_int(keep(0, NOW, "t=1", REJECTED_BODY + 1), REJECTED_KEPT,
	    "where none is kept it is like any other");
}

/* Larger than ours: what somebody else put there. */
static void
test_stranger(void)
{
	FILE *file = fopen(path, "wb");

	if (file == NULL || fputs("something else", file) < 0 ||
	    fclose(file) != 0 || truncate(path, 2 * REJECTED_SIZE) == -1)
		abort();
	is_int(keep(5, NOW, "t=1", 1), REJECTED_KEPT,
	    "a file of somebody else is replaced");
	is_int(count(NOW, true), 1, "by one with the delivery alone");
	start_again();
}

int
main(void)
{
	if (mkdtemp(directory) == NULL)
		abort();
	(void)snprintf(database, sizeof(database), "%s/billhook.db",
	    directory);
	(void)snprintf(path, sizeof(path), "%s-rejected", database);
	memset(large, 'x', sizeof(large));
	test_flood();
	test_one();
	test_held();
	test_kinds();
	test_size();
	test_stranger();
	(void)rmdir(directory);
	return done_testing();
}
