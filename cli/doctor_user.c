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
	(void)snprintf(error, size, "cannot be confined to %s: %s; let that "
	    "user read and enter it", directory, strerror(errno));
	return -1;
}

/* Opens the database as an application and as the responder would. */
static void
try_store(const struct settings *settings, char *error, size_t size)
{
	const struct value params[] = { value_null(), value_int(1) };
	struct store *store = store_new(settings, NULL, NULL);

	if (store != NULL) {
		store_keep_journal(store);
		store_check_tables(store, false);
	}
	if (store == NULL)
		(void)snprintf(error, size, "out of memory");
	else if (report_run(store, REPORT_TENANTS, params, NULL, NULL) !=
	    STORE_OK)
		(void)snprintf(error, size, "%s", store_error(store));
	store_free(store);
}

/* What the user cannot do, in a sentence, and what mends it; "" if nothing, or
 * if the sentence says that, too. */
struct words {
	char says[DOCTOR_PATH_SIZE + 64];
	char advice[DOCTOR_PATH_SIZE + 256];
};

/* The first directory above a path that may not be entered; false if all may
 * be. */
static bool
is_shut(const char *path, char above[DOCTOR_PATH_SIZE])
{
	const char *slash = path;

	while ((slash = strchr(slash + 1, '/')) != NULL) {
		(void)snprintf(above, DOCTOR_PATH_SIZE, "%.*s",
		    (int)(slash - path), path);
		if (!may(above, X_OK) && errno == EACCES)
			return true;
	}
	return false;
}

/* The directory is there, and the user may not write it: errno says why. */
static void
advise_directory(struct doctor *doctor, const struct passwd *user,
    const char *path, struct words *words)
{
	int e = errno;
	struct stat st;

	(void)snprintf(words->says, sizeof(words->says),
	    "%s: may not be written%s%s", path, e == EROFS ? ": " : "",
	    e == EROFS ? strerror(e) : "");
	if (e == EROFS)
		(void)snprintf(words->advice, sizeof(words->advice),
		    "mount it for writing; if the kernel has taken that away, "
		    "dmesg says why");
	else if (stat(path, &st) == -1 || !doctor->own)
		(void)snprintf(words->advice, sizeof(words->advice),
		    DOCTOR_OWN_PLACE);
	else if (st.st_uid == user->pw_uid)
		(void)snprintf(words->advice, sizeof(words->advice),
		    "chmod %s '%s'", doctor->db.settings->group == NULL ?
		    "0700" : "2770", path);
	else
		(void)snprintf(words->advice, sizeof(words->advice),
		    "give it with all in it to that user: chown -R %s '%s'",
		    user->pw_name, path);
}

/* Neither the database nor its directory is there, nor may it be made. */
static void
advise_making(struct doctor *doctor, const struct passwd *user,
    const char *path, struct words *words)
{
	const char *group = doctor->db.settings->group;

	(void)snprintf(words->says, sizeof(words->says), "%s: is not there, "
	    "and cannot be made", path);
	(void)snprintf(words->advice, sizeof(words->advice), "make it: "
	    "install -d -o %s%s%s -m %s '%s'", user->pw_name,
	    group == NULL ? "" : " -g ", group == NULL ? "" : group,
	    group == NULL ? "0700" : "2770", path);
}

/* Whether the user may use the database and what is beside it. */
static bool
may_use(const struct passwd *user, const char *path, struct words *words)
{
	static const char *const tails[] = { "", "-wal", "-shm", "-lock",
	    "-journal" };
	char at[DOCTOR_PATH_SIZE + 16];
	struct stat st;
	size_t i;

	for (i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		(void)snprintf(at, sizeof(at), "%s%s", path, tails[i]);
		if (!may(at, R_OK | W_OK) && errno != ENOENT)
			break;
	}
	if (i == sizeof(tails) / sizeof(tails[0]))
		return true;
	(void)snprintf(words->says, sizeof(words->says),
	    "%s: may not be read and written", at);
	if (stat(at, &st) == 0 && st.st_uid == user->pw_uid &&
	    (st.st_mode & 0600) != 0600)
		(void)snprintf(words->advice, sizeof(words->advice),
		    "chmod u+rw '%s'*", path);
	else
		(void)snprintf(words->advice, sizeof(words->advice),
		    "give it, with the files beside it, to that user: "
		    "chown %s '%s'*", user->pw_name, path);
	return false;
}

static void
try_all(struct doctor *doctor, const struct passwd *user, struct words *words)
{
	const struct settings *settings = doctor->db.settings;
	char directory[DOCTOR_PATH_SIZE], above[DOCTOR_PATH_SIZE], *slash;
	struct stat st;
	bool there;

	doctor_directory(doctor, directory);
	if (is_shut(settings->database, above) &&
	    strcmp(above, directory) != 0) {
		(void)snprintf(words->says, sizeof(words->says),
		    "%s: may not be entered", above);
		(void)snprintf(words->advice, sizeof(words->advice),
		    "let that user enter it: chmod o+x '%s'", above);
		return;
	}
	there = stat(directory, &st) == 0 || errno != ENOENT;
	(void)snprintf(above, sizeof(above), "%s", directory);
	slash = strrchr(above, '/');
	if (slash != NULL)
		slash[slash == above] = '\0';
	if (there && !may(directory, R_OK | W_OK | X_OK))
		advise_directory(doctor, user, directory, words);
	else if (!there && !may(slash == NULL ? "." : above, W_OK | X_OK))
		advise_making(doctor, user, directory, words);
	else if (doctor->there && may_use(user, settings->database, words) &&
	    try_landlock(settings, directory,
	    words->says, sizeof(words->says)) == 0)
		try_store(settings, words->says, sizeof(words->says));
}

/* True if the settings can be read, or there are none. */
static bool
reads_config(struct doctor *doctor, const struct passwd *user,
    struct words *words)
{
	const char *path = config_path(doctor->db.config);
	char above[DOCTOR_PATH_SIZE];
	struct stat st;

	if (may(path, R_OK) || (stat(path, &st) == -1 && errno == ENOENT))
		return true;
	(void)snprintf(words->says, sizeof(words->says),
	    "%s: may not be read", path);
	if (is_shut(path, above))
		(void)snprintf(words->advice, sizeof(words->advice),
		    "let that user enter its directory: chmod o+x '%s'",
		    above);
	else
		(void)snprintf(words->advice, sizeof(words->advice),
		    "let that user read it: chgrp \"$(id -gn %s)\" '%s' && "
		    "chmod 0640 '%s'", user->pw_name, path, path);
	return false;
}

/* The process of the user: writes what it cannot do to fd. */
static void
try_as(struct doctor *doctor, const struct passwd *user, int fd)
{
	struct words words;

	memset(&words, 0, sizeof(words));
	if (become(user) == -1)
		(void)snprintf(words.says, sizeof(words.says), "cannot become "
		    "this user: %s", strerror(errno));
	else if (reads_config(doctor, user, &words))
		try_all(doctor, user, &words);
	_exit(write(fd, &words, sizeof(words)) == (ssize_t)sizeof(words) ?
	    0 : 1);
}

/* Runs the process; 0 with its words, or -1. */
static int
ask(struct doctor *doctor, const struct passwd *user, struct words *words)
{
	size_t size = sizeof(*words), len = 0;
	int pipes[2], status = 0;
	ssize_t n;
	pid_t pid;

	memset(words, 0, size);
	if (pipe(pipes) == -1)
		return -1;
	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		(void)close(pipes[0]);
		try_as(doctor, user, pipes[1]);
	}
	(void)close(pipes[1]);
	while (pid > 0 && len < size && (n = read(pipes[0],
	    (char *)words + len, size - len)) > 0)
		len += (size_t)n;
	(void)close(pipes[0]);
	if (pid == -1 || waitpid(pid, &status, 0) == -1)
		return -1;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

/* Only root can give files away, and who is not the responder's user should
 * not be given them: true if what is asked about is another user's. */
static bool
is_anothers(struct doctor *doctor)
{
	char directory[DOCTOR_PATH_SIZE];
	struct stat st;

	doctor_directory(doctor, directory);
	return geteuid() != 0 &&
	    (stat(doctor->db.settings->database, &st) == 0 ||
	    stat(directory, &st) == 0) && st.st_uid != geteuid();
}

static void
check(struct doctor *doctor, const struct passwd *user)
{
	struct words words;

	if (ask(doctor, user, &words) == -1)
		doctor_tell(doctor, DOCTOR_PROBLEM, "user", "try again",
		    "the check as %s could not be made", user->pw_name);
	else if (*words.says != '\0')
		doctor_tell(doctor, DOCTOR_PROBLEM, "user",
		    is_anothers(doctor) ? "run doctor as the user that the "
		    "database belongs to (sudo -u www-data billhook doctor), "
		    "or as root with --as" : *words.advice == '\0' ? NULL :
		    words.advice,
		    "as %s: %s", user->pw_name, words.says);
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
