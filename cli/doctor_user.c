/*
 * Doctor: can the user that the responder runs as use the database?  Tried by
 * a process of that user, which opens it as the responder does.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doctor.h"
#include "files.h"
#include "landlock.h"
#include "store.h"

/* Becomes the user for good.  0 or -1. */
static int
become(const struct passwd *user)
{
	if (geteuid() != 0)
		return user->pw_uid == geteuid() ? 0 : -1;
	if (initgroups(user->pw_name, user->pw_gid) == -1 ||
	    setresgid(user->pw_gid, user->pw_gid, user->pw_gid) == -1 ||
	    setresuid(user->pw_uid, user->pw_uid, user->pw_uid) == -1)
		return -1;
	return 0;
}

static bool
may(const char *path, int how)
{
	return faccessat(AT_FDCWD, path, how, AT_EACCESS) == 0;
}

/* Locks this process in as the responder does.  0, or -1 with words. */
static int
try_landlock(const struct settings *settings, const char *directory,
    char *error, size_t size)
{
	struct files files;

	/* The group is looked up before that. */
	if (files_init(&files, settings->database, settings->group, error,
	    size) == -1)
		return -1;
	if (landlock_abi() == 0 || landlock_enter(directory) == 0)
		return 0;
	(void)snprintf(error, size, "cannot be confined to %s: %s",
	    directory, strerror(errno));
	return -1;
}

/* Opens the database as an application and as the responder would. */
static void
try_store(const struct settings *settings, char *error, size_t size)
{
	const struct value params[] = { value_null(), value_int(1) };
	struct store *store = store_new(settings, NULL, NULL);

	if (store == NULL)
		(void)snprintf(error, size, "out of memory");
	else if (report_run(store, REPORT_TENANTS, params, NULL, NULL) !=
	    STORE_OK)
		(void)snprintf(error, size, "%s", store_error(store));
	store_free(store);
}

/* What the user cannot do, in a sentence; "" if nothing. */
static void
try_all(struct doctor *doctor, char *error, size_t size)
{
	const struct settings *settings = doctor->db.settings;
	char directory[DOCTOR_PATH_SIZE], *slash;
	struct stat st;

	*error = '\0';
	doctor_directory(doctor, directory);
	slash = strrchr(directory, '/');
	if (stat(directory, &st) == -1 && errno == ENOENT && slash != NULL)
		slash[slash == directory] = '\0';
	if (!may(directory, R_OK | W_OK | X_OK))
		(void)snprintf(error, size, "%s: may not be written",
		    directory);
	else if (doctor->there && !may(settings->database, R_OK | W_OK))
		(void)snprintf(error, size, "%s: may not be read and written",
		    settings->database);
	else if (doctor->there && try_landlock(settings, directory, error,
	    size) == 0)
		try_store(settings, error, size);
}

static bool
reads_config(struct doctor *doctor)
{
	const char *path = config_path(doctor->db.config);
	struct stat st;

	return may(path, R_OK) || (stat(path, &st) == -1 && errno == ENOENT);
}

/* The process of the user: writes what it cannot do to fd. */
static void
try_as(struct doctor *doctor, const struct passwd *user, int fd)
{
	char error[DOCTOR_PATH_SIZE + 64];
	ssize_t written;

	if (become(user) == -1)
		(void)snprintf(error, sizeof(error), "cannot become this "
		    "user: %s", strerror(errno));
	else if (!reads_config(doctor))
		(void)snprintf(error, sizeof(error), "%s: may not be read",
		    config_path(doctor->db.config));
	else
		try_all(doctor, error, sizeof(error));
	written = write(fd, error, strlen(error));
	_exit(written == (ssize_t)strlen(error) ? 0 : 1);
}

/* Runs the process; 0 with its words, or -1. */
static int
ask(struct doctor *doctor, const struct passwd *user, char *words,
    size_t size)
{
	int pipes[2], status = 0;
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	if (pipe(pipes) == -1)
		return -1;
	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		(void)close(pipes[0]);
		try_as(doctor, user, pipes[1]);
	}
	(void)close(pipes[1]);
	while (pid > 0 && len + 1 < size && (n = read(pipes[0], words + len,
	    size - 1 - len)) > 0)
		len += (size_t)n;
	words[len] = '\0';
	(void)close(pipes[0]);
	if (pid == -1 || waitpid(pid, &status, 0) == -1)
		return -1;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static void
check(struct doctor *doctor, const struct passwd *user)
{
	char words[DOCTOR_PATH_SIZE + 64], advice[DOCTOR_PATH_SIZE + 256];
	char directory[DOCTOR_PATH_SIZE];

	doctor_directory(doctor, directory);
	(void)snprintf(advice, sizeof(advice), "give the configuration file "
	    "and the directory with all in it to that user: chown -R %s '%s'",
	    user->pw_name, directory);
	if (ask(doctor, user, words, sizeof(words)) == -1)
		doctor_tell(doctor, DOCTOR_PROBLEM, "user", "try again",
		    "the check as %s could not be made", user->pw_name);
	else if (*words != '\0')
		doctor_tell(doctor, DOCTOR_PROBLEM, "user", advice,
		    "as %s: %s", user->pw_name, words);
	else
		doctor_tell(doctor, DOCTOR_OK, "user", NULL, "%s can read "
		    "the settings and %s", user->pw_name, doctor->there ?
		    landlock_abi() > 0 ? "use the database, confined to its "
		    "directory" : "use the database" : "make the database");
}

void
doctor_user(struct doctor *doctor)
{
	const struct passwd *user = doctor->user == NULL ?
	    getpwuid(geteuid()) : getpwnam(doctor->user);

	if (doctor->user != NULL && user == NULL)
		doctor_tell(doctor, DOCTOR_PROBLEM, "user", "name the user "
		    "in whose name the responder runs (ps -o user= -C "
		    "billhook.fcgi)", "there is no user %s", doctor->user);
	else if (doctor->user == NULL && geteuid() == 0)
		doctor_tell(doctor, DOCTOR_WARNING, "user",
		    "run doctor with --as and the user that the responder "
		    "runs as (often www-data)", "not checked whether the "
		    "responder can use the database");
	else if (user != NULL && geteuid() != 0 && user->pw_uid != geteuid())
		doctor_tell(doctor, DOCTOR_WARNING, "user",
		    "run doctor as root, or as that user", "only root can "
		    "check what %s can do", user->pw_name);
	else if (user != NULL)
		check(doctor, user);
}
