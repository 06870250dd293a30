#include "confine.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "files.h"
#include "landlock.h"
#include "syscalls.h"

/* A responder has a dozen open. */
#define DESCRIPTORS 64

/* Requests for which the filter may be put off: then it is served without. */
#define TRIES 100

/* Where to: the database's directory.  False if it cannot be said yet. */
static bool
find_place(const struct settings *settings, struct files *files,
    char directory[PATH_MAX], struct stat *st)
{
	char error[512];

	return settings != NULL &&
	    files_init(files, settings->database, settings->group, error,
	    sizeof(error)) == 0 &&
	    stat(settings->database, st) == 0 && S_ISREG(st->st_mode) &&
	    files_directory(directory, settings->database) == 0 &&
	    stat(directory, st) == 0;
}

static void
lower(int which, rlim_t most)
{
	struct rlimit limit;

	if (getrlimit(which, &limit) == -1)
		return;
	if (limit.rlim_max > most)
		limit.rlim_max = most;
	if (limit.rlim_cur > most)
		limit.rlim_cur = most;
	(void)setrlimit(which, &limit);
}

/* For good: no program that is started gets rights of its owner's, nothing
 * draws a picture of the memory with its secrets, and there is no process. */
static void
set_limits(void)
{
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	lower(RLIMIT_CORE, 0);
#ifndef BILLHOOK_SANITIZED
	/* The sanitizers look for leaks with a process of their own. */
	lower(RLIMIT_NPROC, 0);
#endif
}

/* Says what holds and what does not; landlock and filter are 0 or an errno. */
static void
tell(struct log *log, const char *directory, int abi, int landlock,
    int filter)
{
	if (landlock == 0)
		log_line(log, LOG_INFO, "confined to %s (Landlock %d)",
		    directory, abi);
	else
		log_line(log, LOG_WARNING, "not confined to the database's "
		    "directory: %s; billhook doctor says more",
		    landlock == ENOSYS || landlock == EOPNOTSUPP ?
		    "no Landlock in this kernel or build" :
		    strerror(landlock));
	if (filter == 0)
		log_line(log, LOG_INFO, "confined to the system calls of its "
		    "work (seccomp)");
	else
		log_line(log, LOG_WARNING, "not confined to the system calls "
		    "of its work: %s; billhook doctor says more",
		    filter == ENOTSUP ? "no seccomp in this build" :
		    strerror(filter));
}

/* Says once why it has not entered.  False. */
static bool
put_off(struct confine *confine, struct log *log, const char *why)
{
	if (!confine->told)
		log_line(log, LOG_WARNING, "not confined yet: %s; tried again "
		    "at each request", why);
	confine->told = true;
	return false;
}

/* True of an error that is gone another time. */
static bool
passes(int error)
{
	return error == ENOMEM || error == EMFILE || error == ENFILE;
}

bool
confine_enter(struct confine *confine, const struct settings *settings,
    struct log *log)
{
	int abi = landlock_abi(), landlock = 0, filter = 0;
	char directory[PATH_MAX], error[512];
	mode_t modes[SYSCALLS_MODES];
	struct syscalls_filter calls;
	struct files files;
	struct stat st, database;

	if (confine->entered)
		return true;
	/* Behind Landlock the directory's own entry cannot be synced. */
	if (!find_place(settings, &files, directory, &st))
		return put_off(confine, log, "there is no database to be "
		    "confined to");
	if (files_sync_directory(&files, error, sizeof(error)) == -1)
		return put_off(confine, log, error);

	/* What takes memory and files, while both may be had. */
	modes[0] = modes[1] = files_mode(&files);
	if (stat(settings->database, &database) == 0)
		modes[1] = database.st_mode & 0777;
	if (syscalls_make(&calls, SYSCALLS_SERVE, modes) == -1)
		filter = errno;
	if (passes(filter) && confine->tries++ < TRIES)
		return put_off(confine, log, strerror(filter));

	if (landlock_enter(directory) == -1)
		landlock = errno;
	if (passes(landlock))
		return put_off(confine, log, strerror(landlock));

	confine->entered = true;
	confine->device = st.st_dev;
	confine->inode = st.st_ino;
	files_seal_groups();
	set_limits();
	lower(RLIMIT_NOFILE, DESCRIPTORS);
	if (filter == 0 && syscalls_enter(&calls) == -1)
		filter = errno;
	confine->landlock = landlock == 0;
	tell(log, directory, abi, landlock, filter);
	return true;
}

void
confine_enter_once(const struct settings *settings)
{
	char directory[PATH_MAX], error[512];
	struct files files;
	struct stat st, database;

	set_limits();
	if (!find_place(settings, &files, directory, &st))
		return;
	/* Who left an empty one may have died before the directory that it
	 * made was on disk, which Landlock keeps from us. */
	if ((stat(settings->database, &database) == 0 &&
	    database.st_size > 0) ||
	    files_sync_directory(&files, error, sizeof(error)) == 0)
		(void)landlock_enter(directory);
}

const char *
confine_outgrown(const struct confine *confine,
    const struct settings *settings)
{
	char directory[PATH_MAX], error[512];
	struct files files;
	struct stat st;

	if (!confine->entered || settings == NULL)
		return NULL;
	if (files_init(&files, settings->database, settings->group, error,
	    sizeof(error)) == -1)
		return "BILLHOOK_GROUP is another group now";
	if (!confine->landlock ||
	    files_directory(directory, settings->database) == -1)
		return NULL;
	if (stat(directory, &st) == -1 ? errno == ENOENT || errno == ENOTDIR :
	    st.st_dev != confine->device || st.st_ino != confine->inode)
		return "the database's directory is another one now";
	return NULL;
}
