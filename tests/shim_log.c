#define _GNU_SOURCE
#include "shim_log.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* One in so many syncs of the directory fails where syncs do: there are few. */
#define DIRECTORY_FAILS	3

struct shim_log *shim_log;
unsigned *shim_heard;
void (*shim_at_directory)(void);
long shim_directories = -1;

static uint64_t state = 1;

static void
give_up(const char *why)
{
	fprintf(stderr, "shim_log: %s\n", why);
	_exit(2);
}

static void
make_lock(void)
{
	pthread_mutexattr_t attributes;

	/* Robust: a process may die of something else than its own kill. */
	if (pthread_mutexattr_init(&attributes) != 0 ||
	    pthread_mutexattr_setpshared(&attributes,
	    PTHREAD_PROCESS_SHARED) != 0 ||
	    pthread_mutexattr_setrobust(&attributes,
	    PTHREAD_MUTEX_ROBUST) != 0 ||
	    pthread_mutex_init(&shim_log->lock, &attributes) != 0)
		give_up("no lock that processes can share");
	pthread_mutexattr_destroy(&attributes);
}

void
shim_log_start(const char *directory, const char *database)
{
	static const char *const tails[SHIM__MAX] = {
		[SHIM_DATABASE] = "", [SHIM_WAL] = "-wal",
		[SHIM_JOURNAL] = "-journal",
	};
	size_t i;

	shim_log = mmap(NULL, sizeof(*shim_log), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (shim_log == MAP_FAILED)
		give_up("no memory to share");
	make_lock();
	snprintf(shim_log->directory, PATH_MAX, "%s", directory);
	for (i = 0; i < SHIM__MAX; i++)
		if (snprintf(shim_log->path[i], PATH_MAX, "%s/%s%s",
		    directory, database, tails[i]) >= PATH_MAX)
			give_up("the path is too long");
}

void
shim_log_stop(void)
{
	munmap(shim_log, sizeof(*shim_log));
	shim_log = NULL;
}

void
shim_log_join(unsigned seed)
{
	shim_log_lock();
	state = ((uint64_t)seed << 20) + ++shim_log->processes;
	shim_log_unlock();
	(void)shim_random(2);
}

/* splitmix64 (Steele, Lea, Flood 2014) */
unsigned
shim_random(unsigned below)
{
	uint64_t z = state += 0x9e3779b97f4a7c15U;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return (unsigned)((z ^ (z >> 31)) >> 33) % below;
}

void
shim_log_lock(void)
{
	if (pthread_mutex_lock(&shim_log->lock) == EOWNERDEAD)
		pthread_mutex_consistent(&shim_log->lock);
}

void
shim_log_unlock(void)
{
	pthread_mutex_unlock(&shim_log->lock);
}

void
shim_log_add(const struct shim_entry *entry, const void *bytes)
{
	struct shim_entry *to;

	if (shim_log->nentries == SHIM_ENTRIES ||
	    entry->len > SHIM_BYTES - shim_log->nbytes)
		give_up("the log is full: run fewer events");
	to = &shim_log->entries[shim_log->nentries];
	*to = *entry;
	if (bytes != NULL) {
		to->bytes = shim_log->nbytes;
		memcpy(&shim_log->bytes[to->bytes], bytes, entry->len);
		shim_log->nbytes += entry->len;
	}
	shim_log->nentries++;
}

/* The file of an inode. */
static int
find(ino_t inode)
{
	size_t i;

	for (i = shim_log->nfiles; i-- > 0;)
		if (shim_log->files[i].inode == inode)
			return (int)i;
	return -1;
}

/* Records as removed what has stood under name, but for one inode. */
static void
forget(enum shim_name name, ino_t but)
{
	const struct shim_entry entry = {.kind = SHIM_REMOVED, .name = name};
	struct shim_file *f = shim_log->files;

	for (; f < shim_log->files + shim_log->nfiles; f++)
		if (f->name == name && f->inode != 0 && f->inode != but) {
			f->inode = 0;
			shim_log_add(&entry, NULL);
		}
}

int
shim_log_file(enum shim_name name)
{
	struct shim_entry entry = {.kind = SHIM_CREATED, .name = name};
	struct stat st;
	int found;

	if (stat(shim_log->path[name], &st) == -1) {
		forget(name, 0);
		return -1;
	}
	forget(name, st.st_ino);
	found = find(st.st_ino);
	if (found != -1 && shim_log->files[found].name == name)
		return found;
	if (shim_log->nfiles == SHIM_FILES)
		give_up("too many files: run fewer events");
	found = (int)shim_log->nfiles++;
	shim_log->files[found].inode = st.st_ino;
	shim_log->files[found].name = name;
	entry.file = (unsigned)found;
	shim_log_add(&entry, NULL);
	return found;
}

void
shim_log_sync_directory(void)
{
	struct shim_entry entry = {.kind = SHIM_DIRECTORY_SYNCED};

	shim_log_lock();
	shim_log_add(&entry, NULL);
	shim_log_unlock();
}

void
shim_log_acknowledge(unsigned event)
{
	struct shim_entry entry = {.kind = SHIM_ACKNOWLEDGED, .at = event};

	shim_log_lock();
	shim_log_add(&entry, NULL);
	shim_log_unlock();
}

void
shim_perhaps_kill(void)
{
	const unsigned chance = shim_log->chances.kill;

	if (chance == 0 || shim_random(chance) != 0)
		return;
	__atomic_add_fetch(&shim_log->kills, 1, __ATOMIC_RELAXED);
	raise(SIGKILL);
}

/* Whether a sync of the directory fails. */
static bool
directory_fails(void)
{
	if (shim_directories > 0)
		shim_directories--;
	else if (shim_directories == 0)
		return true;
	return shim_log->chances.fail != 0 &&
	    shim_random(DIRECTORY_FAILS) == 0;
}

/* A directory's: ours, or the one it is in. */
static int
sync_directory(const struct stat *which)
{
	struct shim_entry entry = {.kind = SHIM_DIRECTORY_SYNCED};
	bool fails = false;
	struct stat st;

	if (shim_at_directory != NULL)
		shim_at_directory();
	shim_log_lock();
	if (stat(shim_log->directory, &st) == 0) {
		if (st.st_ino != which->st_ino)
			entry.kind = SHIM_PARENT_SYNCED;
		/* What is made and removed without SQLite. */
		(void)shim_log_file(SHIM_DATABASE);
		(void)shim_log_file(SHIM_JOURNAL);
		/* If it fails, the names wait for the next one. */
		fails = entry.kind == SHIM_DIRECTORY_SYNCED &&
		    directory_fails();
		shim_log->failures += fails;
		if (!fails)
			shim_log_add(&entry, NULL);
	}
	shim_log_unlock();
	if (fails)
		errno = EIO;
	return fails ? -1 : 0;
}

/* As Linux has it: what a failed sync covered is not written any more, and
 * each descriptor that was open hears of it once, also from a sync that did
 * write all it had to (errseq_t). */
static bool
end_sync(int file, size_t begun, unsigned *heard)
{
	struct shim_file *f = &shim_log->files[file];
	struct shim_entry entry = {.kind = SHIM_SYNCED,
	    .file = (unsigned)file, .at = (int64_t)begun};
	const unsigned chance = f->name == SHIM_DATABASE &&
	    !shim_log->chances.database ? 0 : shim_log->chances.fail;
	const unsigned before = f->failures;

	if (chance != 0 && shim_random(chance) == 0) {
		entry.kind = SHIM_SYNC_FAILED;
		f->failures++;
		shim_log->failures++;
	}
	shim_log_add(&entry, NULL);
	if ((heard == NULL ? before : *heard) == f->failures)
		return true;
	if (heard != NULL)
		*heard = f->failures;
	return false;
}

static void
wait_a_little(unsigned most)
{
	struct timespec t = {0, 0};

	if (most == 0)
		return;
	t.tv_nsec = (long)shim_random(most) * 1000;
	nanosleep(&t, NULL);
}

static int
record_sync(int fd)
{
	struct shim_entry entry = {.kind = SHIM_SYNC_BEGUN};
	struct stat st;
	size_t begun;
	bool done;
	int file;

	if (shim_log == NULL)
		return 0;
	if (fstat(fd, &st) == -1)
		return -1;
	if (S_ISDIR(st.st_mode))
		return sync_directory(&st);
	shim_log_lock();
	file = find(st.st_ino);
	begun = shim_log->nentries;
	if (file != -1) {
		entry.file = (unsigned)file;
		shim_log->strangers += shim_heard == NULL;
		shim_log_add(&entry, NULL);
	}
	shim_log_unlock();
	if (file == -1)
		return 0;
	if (shim_log->files[file].name != SHIM_DATABASE)
		wait_a_little(shim_log->chances.delay);
	shim_log_lock();
	done = end_sync(file, begun, shim_heard);
	shim_log_unlock();
	if (done)
		return 0;
	errno = EIO;
	return -1;
}

int
fsync(int fd)
{
	return record_sync(fd);
}

int
fdatasync(int fd)
{
	return record_sync(fd);
}
