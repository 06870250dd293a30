/* db/rejected.h: the file of refused deliveries. */
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "nomem.h"
#include "rejected.h"
#include "tap.h"

#define NOW 1700000000
#define CHILDREN 4
#define EACH 10
#define LATER 120	/* seconds after which any number was long ago */

static char directory[] = "/tmp/billhook-rejected-XXXXXX";
static char database[128], path[160];

static struct settings
settings_of(int64_t keep)
{
	struct settings settings = { .database = database,
	    .max_body = 1048576, .keep_rejected = keep };

	return settings;
}

static int
keep(int64_t n, int64_t at, const char *text)
{
	const struct settings settings = settings_of(n);
	const struct rejected_entry entry = { at, "t=1,v1=00", text,
	    strlen(text), "401 mismatch" };

	return rejected_keep(&settings, &entry);
}

static struct rejected *
read_all(int64_t now)
{
	const struct settings settings = settings_of(10);
	struct rejected *rejected;
	char error[256];

	rejected = rejected_read(&settings, now, error, sizeof(error));
	if (rejected == NULL) {
		diag("%s", error);
		abort();
	}
	return rejected;
}

static void
test_off(void)
{
	struct rejected *rejected;
	struct stat st;

	is_int(keep(0, NOW, "x"), 0, "nothing to do when it is off");
	ok(stat(path, &st) == -1 && errno == ENOENT, "there is no file");
	rejected = read_all(NOW);
	is_int(rejected_count(rejected), 0, "no file is no entry");
	rejected_free(rejected);
}

static void
test_newest(void)
{
	static const char *const texts[] = { "one", "two", "three", "four" };
	struct rejected *rejected;
	struct stat st;
	int i, kept = 0;

	for (i = 0; i < 4; i++)
		kept += keep(3, NOW + i, texts[i]) == 0;
	is_int(kept, 4, "all were kept");
	ok(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600,
	    "the file is for its owner alone");
	rejected = read_all(NOW + 5);
	is_int(rejected_count(rejected), 3, "the newest three are there");
	is_str(rejected_at(rejected, 0)->body, "four", "the newest is first");
	is_str(rejected_at(rejected, 2)->body, "two", "the oldest last");
	is_str(rejected_at(rejected, 0)->header, "t=1,v1=00", "its header");
	is_str(rejected_at(rejected, 0)->reason, "401 mismatch", "its reason");
	is_int(rejected_at(rejected, 0)->at, NOW + 3, "its time");
	ok(rejected_at(rejected, 3) == NULL, "there are no more");
	rejected_free(rejected);
}

static void
test_age(void)
{
	struct rejected *rejected = read_all(NOW + 2 + REJECTED_AGE);

	is_int(rejected_count(rejected), 2, "older than a day is not told");
	rejected_free(rejected);
	is_int(keep(10, NOW + 2 * REJECTED_AGE, "late"), 0, "a later one");
	rejected = read_all(NOW);
	is_int(rejected_count(rejected), 1, "older than a day is dropped");
	rejected_free(rejected);
}

static void
test_bytes(void)
{
	static const char bytes[] = "\n1 2 3 4\n\0{\n  \"a\": 1\n}\r\n";
	const struct settings settings = settings_of(2);
	struct rejected_entry entry = { NOW + 2 * REJECTED_AGE, NULL, bytes,
	    sizeof(bytes), "" };
	struct rejected *rejected;

	is_int(rejected_keep(&settings, &entry), 0, "any bytes are kept");
	is_int(keep(2, NOW + 2 * REJECTED_AGE, "after"), 0, "and one after");
	rejected = read_all(NOW + 2 * REJECTED_AGE);
	ok(rejected_count(rejected) == 2 &&
	    rejected_at(rejected, 1)->len == sizeof(bytes) &&
	    memcmp(rejected_at(rejected, 1)->body, bytes, sizeof(bytes)) == 0,
	    "byte by byte");
	is_str(rejected_at(rejected, 1)->header, "", "no header is none");
	rejected_free(rejected);
}

static void
test_damage(void)
{
	FILE *file = fopen(path, "wb");
	struct rejected *rejected;

	if (file == NULL)
		abort();
	fputs("billhook-rejected 2 0 0\n1 99999999999999999 1 1\nx", file);
	fclose(file);
	rejected = read_all(NOW);
	is_int(rejected_count(rejected), 0, "a damaged file ends the list");
	rejected_free(rejected);
	is_int(keep(5, NOW, "new"), 0, "and is replaced");
	rejected = read_all(NOW);
	is_int(rejected_count(rejected), 1, "by a good one");
	rejected_free(rejected);
}

/* Several processes at once: what each was told is kept is there. */
static void
test_processes(void)
{
	struct rejected *rejected;
	pid_t children[CHILDREN];
	int i, k, status, told = 0;

	(void)unlink(path);
	for (i = 0; i < CHILDREN; i++) {
		if ((children[i] = fork()) == -1)
			abort();
		if (children[i] == 0) {
			for (k = 0, told = 0; k < EACH; k++)
				told += keep(1000, NOW + k * LATER,
				    "body") == 0;
			_exit(told);
		}
	}
	for (i = 0, told = 0; i < CHILDREN; i++)
		if (waitpid(children[i], &status, 0) == children[i])
			told += WEXITSTATUS(status);
	rejected = read_all(NOW);
	is_int(rejected_count(rejected), told, "of several processes each "
	    "delivery is kept that was said to be");
	ok(told >= EACH, "which are at least those of one");
	rejected_free(rejected);
}

static void
test_links(void)
{
	(void)unlink(path);
	if (symlink("/dev/null", path) == -1)
		abort();
	is_int(keep(5, NOW, "x"), -1, "a symbolic link is not followed");
	(void)unlink(path);
	is_int(keep(5, NOW, "x"), 0, "a file is made");
	is_int(keep(0, NOW, "x"), 0, "turned off");
	ok(access(path, F_OK) == -1, "the file is gone");
}

/* Where the file is made that then takes the place of the one before. */
static void
test_link_in_its_way(void)
{
	char fresh[sizeof(path) + 4], target[sizeof(database)];
	struct stat st;
	int fd;

	(void)snprintf(fresh, sizeof(fresh), "%s.new", path);
	(void)snprintf(target, sizeof(target), "%s/precious", directory);
	fd = open(target, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd == -1 || write(fd, "precious", 8) != 8 || close(fd) == -1 ||
	    symlink(target, fresh) == -1)
		abort();
	is_int(keep(5, NOW, "x"), 0, "a link where the file is made is none "
	    "in its way");
	ok(stat(target, &st) == 0 && st.st_size == 8, "nor is it followed");
	ok(lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    lstat(fresh, &st) == -1, "a file has taken its place");
	(void)unlink(target);
	is_int(keep(0, NOW, "x"), 0, "turned off");
}

/* Somebody holds the file for longer than a request may wait. */
static void
test_held(void)
{
	int fd;

	is_int(keep(5, NOW, "one"), 0, "a file is there");
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd == -1 || flock(fd, LOCK_EX) == -1)
		abort();
	ok(keep(5, NOW, "two") == -1 && errno == EWOULDBLOCK,
	    "while somebody holds it nothing is kept");
	(void)close(fd);
	is_int(keep(5, NOW, "three"), 0, "and then it is");
	is_int(keep(0, NOW, "x"), 0, "turned off");
}

static void
test_paths(void)
{
	static char name[PATH_MAX + 100];
	struct settings settings = settings_of(5);
	const struct rejected_entry entry = { NOW, "t=1", "x", 1, "401" };
	char error[256] = "";

	memset(name, 'x', sizeof(name) - 1);
	name[0] = '/';
	settings.database = name;
	ok(rejected_keep(&settings, &entry) == -1 && errno == ENAMETOOLONG,
	    "a path that is too long keeps nothing");
	ok(rejected_read(&settings, NOW, error, sizeof(error)) == NULL &&
	    strstr(error, "too long") != NULL, "and it is said why");
	name[PATH_MAX - 12] = '\0';
	ok(rejected_keep(&settings, &entry) == -1,
	    "neither does one to which nothing can be added");
	settings = settings_of(5);
	settings.group = "no such group";
	(void)unlink(path);
	is_int(rejected_keep(&settings, &entry), -1,
	    "a group that is not there keeps nothing");
	(void)snprintf(name, sizeof(name), "%s/none/billhook.db", directory);
	settings.database = name;
	is_int(rejected_keep(&settings, &entry), -1,
	    "nor is a directory made for it");
	settings.database = database;
	(void)unlink(path);
	if (symlink("/dev/null", path) == -1)
		abort();
	settings.group = NULL;
	ok(rejected_read(&settings, NOW, error, sizeof(error)) == NULL &&
	    strstr(error, path) != NULL, "a link is not read, and named");
	(void)unlink(path);
}

static bool
try_to_keep(void *arg)
{
	static int64_t now = NOW;
	struct rejected *rejected;
	char error[256];
	bool done;

	(void)arg;
	now += LATER;
	if (keep(5, now, "x") == -1)
		return false;
	rejected = rejected_read(&(struct settings){ .database = database },
	    now, error, sizeof(error));
	done = rejected != NULL;
	rejected_free(rejected);
	return done;
}

static void
test_no_memory(void)
{
	is_int(keep(5, NOW, "one"), 0, "a file is there");
	if (nomem_works())
		ok(nomem_every(try_to_keep, NULL) > 3,
		    "each allocation failed, nothing is held");
	else
		ok(true, "allocations cannot be made to fail here # SKIP");
	is_int(keep(0, NOW, "x"), 0, "turned off");
}

int
main(void)
{
	if (mkdtemp(directory) == NULL)
		abort();
	(void)snprintf(database, sizeof(database), "%s/new/billhook.db",
	    directory);
	(void)snprintf(path, sizeof(path), "%s-rejected", database);
	test_off();
	test_newest();
	test_age();
	test_bytes();
	test_damage();
	test_processes();
	test_links();
	test_link_in_its_way();
	test_held();
	test_paths();
	test_no_memory();
	(void)snprintf(path, sizeof(path), "%s/new", directory);
	(void)rmdir(path);
	(void)rmdir(directory);
	return done_testing();
}
