/* Doctor: the database's directory and files, by path and never opened. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "doctor.h"
#include "files.h"

#define SPACE_LEAST ((int64_t)100 << 20)	/* bytes */

/* Whether a mode is as the contract has it, and what gives it. */
static void
judge_mode(struct doctor *doctor, const char *check, const char *path,
    const struct stat *st, const struct files *files)
{
	bool directory = S_ISDIR(st->st_mode);
	mode_t mode = st->st_mode & 07777;
	mode_t want = !directory ? files_mode(files) : files->shared ? 02770 :
	    0700;
	char advice[DOCTOR_PATH_SIZE + 64];

	if (files->shared && st->st_gid != files->group) {
		(void)snprintf(advice, sizeof(advice), "chgrp %s '%s'",
		    doctor->db.settings->group, path);
		doctor_tell(doctor, DOCTOR_WARNING, check, advice,
		    "%s is of another group than BILLHOOK_GROUP", path);
	}
	(void)snprintf(advice, sizeof(advice), "chmod %04o '%s'",
	    (unsigned int)want, path);
	if ((mode & 0007) != 0)
		doctor_tell(doctor, directory ? DOCTOR_WARNING :
		    DOCTOR_PROBLEM, check, advice, "%s has mode %04o: others "
		    "have access", path, (unsigned int)mode);
	else if (mode != want)
		doctor_tell(doctor, DOCTOR_WARNING, check, advice,
		    "%s has mode %04o and not %04o", path,
		    (unsigned int)mode, (unsigned int)want);
	else
		doctor_tell(doctor, DOCTOR_OK, check, NULL, "%s, mode %04o, "
		    "of user %lu", path, (unsigned int)mode,
		    (unsigned long)st->st_uid);
}

/* False if there is none. */
static bool
look_at_directory(struct doctor *doctor, const struct files *files)
{
	char path[DOCTOR_PATH_SIZE], *slash;
	struct stat st;

	doctor_directory(doctor, path);
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		judge_mode(doctor, "directory", path, &st, files);
		return true;
	}
	if (errno != ENOENT && errno != ENOTDIR) {
		doctor_tell(doctor, DOCTOR_PROBLEM, "directory", "run doctor "
		    "as root or as the responder's user", "%s: %s", path,
		    strerror(errno));
		return false;
	}
	slash = strrchr(path, '/');
	if (slash != NULL)
		slash[slash == path] = '\0';
	if (slash != NULL && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		doctor_tell(doctor, DOCTOR_WARNING, "directory",
		    "nothing, if the responder's user may write there; else "
		    "make it and give it to that user", "is not made yet; "
		    "the first delivery makes it in %s", path);
	else
		doctor_tell(doctor, DOCTOR_PROBLEM, "directory",
		    "make it, owned by the responder's user with mode 0700, "
		    "or correct BILLHOOK_DATABASE", "neither it nor %s is "
		    "there", path);
	return false;
}

/* The files that SQLite and we keep beside the database. */
static void
look_beside(struct doctor *doctor, const struct stat *st)
{
	static const char *const tails[] = { "-wal", "-shm", "-lock",
	    "-journal", "-rejected" };
	char path[DOCTOR_PATH_SIZE], advice[DOCTOR_PATH_SIZE * 2 + 64];
	struct stat beside;
	size_t i;

	for (i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s%s",
		    doctor->db.settings->database, tails[i]);
		if (stat(path, &beside) == -1 ||
		    (beside.st_uid == st->st_uid &&
		    (beside.st_mode & 0777) == (st->st_mode & 0777)))
			continue;
		(void)snprintf(advice, sizeof(advice),
		    "chown %lu:%lu '%s' && chmod %04o '%s'",
		    (unsigned long)st->st_uid, (unsigned long)st->st_gid,
		    path, (unsigned int)st->st_mode & 0777, path);
		doctor_tell(doctor, beside.st_uid != st->st_uid ?
		    DOCTOR_PROBLEM : DOCTOR_WARNING, "database", advice,
		    "%s has another owner or mode than the database", path);
	}
}

static void
look_at_database(struct doctor *doctor, const struct files *files)
{
	const char *path = doctor->db.settings->database;
	struct stat st;

	if (lstat(path, &st) == -1 && errno == ENOENT)
		doctor_tell(doctor, DOCTOR_WARNING, "database",
		    "send an event to the endpoint (billhook trigger)",
		    "%s is not made yet; the first delivery makes it", path);
	else if (lstat(path, &st) == -1)
		doctor_tell(doctor, DOCTOR_PROBLEM, "database", "run doctor "
		    "as root or as the responder's user", "%s: %s", path,
		    strerror(errno));
	else if (S_ISDIR(st.st_mode))
		doctor_tell(doctor, DOCTOR_PROBLEM, "database",
		    "let BILLHOOK_DATABASE name a file in it, as "
		    "billhook.db", "%s is a directory", path);
	else if (!S_ISREG(st.st_mode))
		doctor_tell(doctor, DOCTOR_PROBLEM, "database",
		    "let BILLHOOK_DATABASE name the file itself",
		    "%s is no regular file", path);
	else {
		judge_mode(doctor, "database", path, &st, files);
		look_beside(doctor, &st);
		/* An empty file is one that is being made. */
		doctor->there = st.st_size > 0;
	}
}

void
doctor_files(struct doctor *doctor)
{
	const struct settings *settings = doctor->db.settings;
	struct files files;
	char error[512];

	if (files_init(&files, settings->database, settings->group, error,
	    sizeof(error)) == -1) {
		doctor_tell(doctor, DOCTOR_PROBLEM, "group", NULL, "%s",
		    error);
		return;
	}
	if (look_at_directory(doctor, &files))
		look_at_database(doctor, &files);
}

/* File systems by their magic numbers (statfs(2)): those where processes, or
 * machines, do not share memory as WAL needs it. */
static const struct {
	unsigned int magic;
	const char *name;
	bool sure;		/* that WAL cannot be */
} systems[] = {
	{ 0x6969, "NFS", true },
	{ 0x517B, "SMB", true },
	{ 0xFF534D42, "CIFS", true },
	{ 0xFE534D42, "SMB 2", true },
	{ 0x01021997, "9p", true },
	{ 0x5346414F, "AFS", true },
	{ 0x00C36400, "Ceph", true },
	{ 0x0BD00BD0, "Lustre", true },
	{ 0x786F4256, "VirtualBox's shared folders", true },
	{ 0x65735546, "FUSE", false },
};

static void
look_at_system(struct doctor *doctor, const char *path)
{
	bool wal = doctor->db.settings->journal == JOURNAL_WAL;
	struct statfs fs;
	size_t i, n = sizeof(systems) / sizeof(systems[0]);

	if (statfs(path, &fs) == -1)
		return;
	for (i = 0; i < n; i++)
		if ((unsigned int)fs.f_type == systems[i].magic)
			break;
	if (i == n)
		doctor_tell(doctor, DOCTOR_OK, "file system", NULL,
		    "a local one, as far as its type 0x%lx tells",
		    (unsigned long)fs.f_type & 0xFFFFFFFFUL);
	else if (!wal)
		doctor_tell(doctor, DOCTOR_OK, "file system", NULL,
		    "%s, with BILLHOOK_JOURNAL=truncate", systems[i].name);
	else
		doctor_tell(doctor, systems[i].sure ? DOCTOR_PROBLEM :
		    DOCTOR_WARNING, "file system", "set "
		    "BILLHOOK_JOURNAL=truncate, or put BILLHOOK_DATABASE on a "
		    "local disk", "it is %s, where a write-ahead log %s",
		    systems[i].name, systems[i].sure ? "does not work" :
		    "may not work");
}

static void
look_at_space(struct doctor *doctor, const char *path)
{
	struct statvfs fs;
	struct stat st;
	int64_t left, size;

	if (statvfs(path, &fs) == -1)
		return;
	left = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
	size = stat(doctor->db.settings->database, &st) == 0 ?
	    (int64_t)st.st_size : 0;
	if (left < SPACE_LEAST || left < size)
		doctor_tell(doctor, DOCTOR_WARNING, "disk space", "make room "
		    "on its file system; billhook prune empties old payloads",
		    "%" PRId64 " MB are free, and the database has %" PRId64
		    " MB", left >> 20, size >> 20);
	else
		doctor_tell(doctor, DOCTOR_OK, "disk space", NULL,
		    "%" PRId64 " MB are free", left >> 20);
	if (fs.f_favail == 0 && fs.f_files != 0)
		doctor_tell(doctor, DOCTOR_PROBLEM, "disk space",
		    "remove files from its file system",
		    "no more files can be made: it has no inodes left");
	if ((fs.f_flag & ST_RDONLY) != 0)
		doctor_tell(doctor, DOCTOR_PROBLEM, "disk space",
		    "mount it for writing", "its file system is read-only");
}

void
doctor_disk(struct doctor *doctor)
{
	char path[DOCTOR_PATH_SIZE], *slash;
	struct stat st;

	doctor_directory(doctor, path);
	slash = strrchr(path, '/');
	if (stat(path, &st) == -1 && slash != NULL)
		slash[slash == path] = '\0';
	look_at_system(doctor, path);
	look_at_space(doctor, path);
}
