/* Doctor: the database's directory and files, by path, before anybody here has
 * the database open. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor.h"
#include "files.h"

#define SEND "send an event to the endpoint (billhook trigger --url, or " \
    "Stripe itself)"
#define FOREIGN_MOST 8		/* files of others that may stand beside it */

/* Whether somebody else may be at work with what stands in a directory: a file
 * that others can read there, a socket, a directory. */
static bool
is_for_others(const struct stat *directory, const struct stat *st)
{
	return !S_ISREG(st->st_mode) || ((directory->st_mode & S_IXOTH) != 0 &&
	    (st->st_mode & S_IROTH) != 0);
}

bool
doctor_is_own(const struct doctor *doctor, const char *path,
    const struct stat *st)
{
	const char *name = strrchr(doctor->db.settings->database, '/');
	const struct dirent *entry;
	size_t foreign = 0, len;
	struct stat root, beside;
	bool own = true;
	DIR *directory;

	name = name == NULL ? doctor->db.settings->database : name + 1;
	len = strlen(name);
	if ((st->st_mode & S_ISVTX) != 0 || (stat("/", &root) == 0 &&
	    root.st_dev == st->st_dev && root.st_ino == st->st_ino))
		return false;
	if ((directory = opendir(path)) == NULL)
		return st->st_uid != 0;
	while (own && (entry = readdir(directory)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0 ||
		    strncmp(entry->d_name, name, len) == 0)
			continue;
		own = st->st_uid != 0 && ++foreign <= FOREIGN_MOST &&
		    fstatat(dirfd(directory), entry->d_name, &beside,
		    AT_SYMLINK_NOFOLLOW) == 0 &&
		    beside.st_uid == st->st_uid && !is_for_others(st, &beside);
	}
	(void)closedir(directory);
	return own;
}

/* Who can do what is advised, if not who runs this: "as root: ", or "". */
static const char *
who_can(const struct stat *st)
{
	return geteuid() == 0 || geteuid() == st->st_uid ? "" :
	    "as its owner or root: ";
}

/* Advises a command for a path, unless that is none of the database's own. */
static void
tell_mode(struct doctor *doctor, enum doctor_level level, const char *path,
    const struct stat *st, const char *command)
{
	bool directory = S_ISDIR(st->st_mode);
	char advice[DOCTOR_PATH_SIZE + 300];

	if (directory && !doctor->own)
		(void)snprintf(advice, sizeof(advice), DOCTOR_OWN_PLACE);
	else
		(void)snprintf(advice, sizeof(advice), "%s%s '%s'",
		    who_can(st), command, path);
	doctor_tell(doctor, level, directory ? "directory" : "database",
	    advice, "%s has mode %04o%s", path,
	    (unsigned int)st->st_mode & 07777, (st->st_mode & 0007) != 0 ?
	    ": others have access" : "");
}

/* Whether a mode is as the contract has it, and what gives it. */
static void
judge_mode(struct doctor *doctor, const char *path, const struct stat *st,
    const struct files *files)
{
	bool directory = S_ISDIR(st->st_mode);
	mode_t mode = st->st_mode & 07777;
	mode_t want = !directory ? files_mode(files) : files->shared ? 02770 :
	    0700;
	const char *check = directory ? "directory" : "database";
	char command[300];

	if (files->shared && st->st_gid != files->group &&
	    (!directory || doctor->own)) {
		(void)snprintf(command, sizeof(command), "%schgrp %s '%s'",
		    who_can(st), doctor->db.settings->group, path);
		doctor_tell(doctor, DOCTOR_WARNING, check, command,
		    "%s is of another group than BILLHOOK_GROUP", path);
	}
	(void)snprintf(command, sizeof(command), "chmod %04o",
	    (unsigned int)want);
	if (mode != want)
		tell_mode(doctor, (mode & 0007) != 0 && !directory ?
		    DOCTOR_PROBLEM : DOCTOR_WARNING, path, st, command);
	else
		doctor_tell(doctor, DOCTOR_OK, check, NULL, "%s, mode %04o, "
		    "of user %lu", path, (unsigned int)mode,
		    (unsigned long)st->st_uid);
}

/* False if there is none. */
static bool
look_at_directory(struct doctor *doctor, const struct files *files)
{
	char path[DOCTOR_PATH_SIZE], advice[DOCTOR_PATH_SIZE + 256], *slash;
	struct stat st;

	doctor_directory(doctor, path);
	(void)snprintf(advice, sizeof(advice), "install -d -o %s -m %s '%s'",
	    doctor->user == NULL ? "www-data" : doctor->user,
	    files->shared ? "2770" : "0700", path);
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		doctor->own = doctor_is_own(doctor, path, &st);
		judge_mode(doctor, path, &st, files);
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
		    advice, "is not made yet; the first delivery makes it "
		    "in %s if the responder's user may write there", path);
	else
		doctor_tell(doctor, DOCTOR_PROBLEM, "directory",
		    "correct BILLHOOK_DATABASE, or make both, the directory "
		    "owned by the responder's user with mode 0700",
		    "neither it nor %s is there", path);
	return false;
}

/* The files that SQLite and we keep beside the database, st: they are to have
 * its owner, and the mode that it is to have. */
static void
look_beside(struct doctor *doctor, const struct stat *st,
    const struct files *files)
{
	static const char *const tails[] = { "-wal", "-shm", "-lock",
	    "-journal", "-rejected" };
	char path[DOCTOR_PATH_SIZE + 16], advice[DOCTOR_PATH_SIZE * 2 + 96];
	struct stat beside;
	size_t i;

	for (i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s%s",
		    doctor->db.settings->database, tails[i]);
		if (stat(path, &beside) == -1 ||
		    (beside.st_uid == st->st_uid &&
		    (beside.st_mode & 0777) == files_mode(files)))
			continue;
		(void)snprintf(advice, sizeof(advice),
		    "%schown %lu:%lu '%s' && chmod %04o '%s'",
		    geteuid() == 0 ? "" : "as root: ",
		    (unsigned long)st->st_uid, (unsigned long)st->st_gid,
		    path, (unsigned int)files_mode(files), path);
		doctor_tell(doctor, beside.st_uid != st->st_uid ?
		    DOCTOR_PROBLEM : DOCTOR_WARNING, "database", advice,
		    "%s has another owner or mode than is right beside the "
		    "database", path);
	}
}

/* Whose the database is to be: its directory's owner uses it, and of another
 * owner it is of no use there, unless a group shares both. */
static void
judge_owner(struct doctor *doctor, struct stat *st, const struct files *files)
{
	const char *path = doctor->db.settings->database;
	char directory[DOCTOR_PATH_SIZE], advice[DOCTOR_PATH_SIZE + 128];
	struct stat above;

	doctor_directory(doctor, directory);
	if (stat(directory, &above) == -1 || above.st_uid == st->st_uid)
		return;
	if ((st->st_uid != 0 && ((above.st_mode & S_IWOTH) != 0 ||
	    ((above.st_mode & S_IWGRP) != 0 && above.st_gid == st->st_gid))) ||
	    (files->shared && above.st_gid == files->group &&
	    st->st_gid == files->group))
		return;
	(void)snprintf(advice, sizeof(advice), "%schown %lu:%lu '%s'",
	    geteuid() == 0 ? "" : "as root: ",
	    (unsigned long)(above.st_uid != 0 ? above.st_uid : st->st_uid),
	    (unsigned long)(above.st_uid != 0 ? above.st_gid : st->st_gid),
	    above.st_uid != 0 ? path : directory);
	doctor_tell(doctor, DOCTOR_PROBLEM, "owner", doctor->own ? advice :
	    DOCTOR_OWN_PLACE, "%s belongs to user %lu, and its directory to "
	    "user %lu: one of them is shut out", path,
	    (unsigned long)st->st_uid, (unsigned long)above.st_uid);
	if (doctor->own && above.st_uid != 0) {
		st->st_uid = above.st_uid;
		st->st_gid = above.st_gid;
	}
}

static void
look_at_file(struct doctor *doctor, struct stat *st,
    const struct files *files)
{
	const char *path = doctor->db.settings->database;
	const char *what = files_stranger(path);

	if (what != NULL) {
		doctor_tell(doctor, DOCTOR_PROBLEM, "database", "correct "
		    "BILLHOOK_DATABASE, or move that file away", "%s %s",
		    path, what);
		return;
	}
	/* An empty file is one that is being made, or not ours. */
	doctor->there = st->st_size > 0;
	if (!doctor->there) {
		doctor_tell(doctor, DOCTOR_WARNING, "database", SEND,
		    "%s is empty; the first delivery makes it", path);
		return;
	}
	judge_mode(doctor, path, st, files);
	judge_owner(doctor, st, files);
	look_beside(doctor, st, files);
}

static void
look_at_database(struct doctor *doctor, const struct files *files)
{
	const char *path = doctor->db.settings->database;
	struct stat st;

	if (lstat(path, &st) == -1 && errno == ENOENT)
		doctor_tell(doctor, DOCTOR_WARNING, "database",
		    SEND,
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
	else
		look_at_file(doctor, &st, files);
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
