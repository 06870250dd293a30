/*
 * cgi/confine.h, cgi/reader.h: a process of its own confines itself, and then
 * does what somebody would who has taken it over.
 */
#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <unistd.h>

#include "attempts.h"
#include "confine.h"
#include "landlock.h"
#include "reader.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static struct settings settings = { .database = database };
static struct confine confine;
static struct log *quiet;

struct attempt {
	const char *name;
	int (*call)(void);
	int whole;	/* what comes of it in a process of many requests: 0,
			 * an errno, or a signal, negative */
	int once;	/* in one of one request; ANY: not its matter */
	int abi;	/* of Landlock that this takes, 0 if none */
};

#define ANY INT_MAX

static const struct attempt attempts[] = {
	{ "work in the database's directory", work, 0, 0, 0 },
	{ "read /dev/urandom", read_randomness, 0, 0, 0 },
	{ "use /dev/null", use_null, 0, 0, 0 },
	{ "open /etc/passwd", read_passwd, EACCES, EACCES, 1 },
	{ "read a file beside the directory", read_beside, EACCES, EACCES, 1 },
	{ "write a file beside it", write_beside, EACCES, EACCES, 1 },
	{ "make a file beside it", make_beside, EACCES, EACCES, 1 },
	{ "remove a file beside it", remove_beside, EACCES, EACCES, 1 },
	{ "move the database out of it", move_out, EACCES, EACCES, 2 },
	{ "make a directory in it", make_directory, ENOSYS, EACCES, 1 },
	{ "list /", list_root, EACCES, EACCES, 1 },
	{ "read its own /proc", read_memory, EACCES, EACCES, 1 },
	{ "dump a core", have_core, ANY, EACCES, 0 },
	{ "connect by TCP", connect_tcp, -SIGSYS, EACCES, 4 },
	{ "bind a TCP port", bind_tcp, -SIGSYS, EACCES, 4 },
	{ "signal another process", signal_parent, -SIGSYS, EPERM, 6 },
	{ "run a program", run_program, -SIGSYS, EACCES, 1 },
	{ "make a socket", make_socket, -SIGSYS, ANY, 0 },
	{ "make a process", make_process, -SIGSYS, ANY, 0 },
	{ "trace another process", trace_parent, -SIGSYS, ANY, 0 },
	{ "have memory to write code in", write_code, ENOSYS, ANY, 0 },
	{ "turn memory into code", become_code, ENOSYS, ANY, 0 },
	{ "make a call that nobody needs", call_the_unknown, ENOSYS, ANY, 0 },
	{ "end by abort(3), as ever", give_up, -SIGABRT, -SIGABRT, 0 },
};

static void
enter_whole(void)
{
	must(confine_enter(&confine, &settings, quiet), "enter");
}

static void
enter_once(void)
{
	confine_enter_once(&settings);
}

/* What comes of it: 0, an errno, or a signal, negative. */
static int
come_of(void (*enter)(void), int (*call)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		enter();
		_exit(call() == 0 ? 0 : errno);
	}
	if (pid == -1 || waitpid(pid, &status, 0) != pid)
		return ANY;
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void
try_all(bool whole)
{
	bool filtered = false;
	size_t i;

#ifdef HAVE_SECCOMP
	filtered = whole;
#endif
	for (i = 0; i < COUNT(attempts); i++) {
		const struct attempt *a = &attempts[i];
		int want = filtered ? a->whole : a->once;

		if (want == ANY)
			continue;
		if (landlock_abi() < a->abi && want != -SIGSYS)
			ok(true, "%s # SKIP Landlock %d is not here", a->name,
			    a->abi);
		else
			is_int(come_of(whole ? enter_whole : enter_once,
			    a->call), want, "%s: %s, %s", whole ?
			    "many requests" : "one request", a->name,
			    want == 0 ? "which it can" : "which fails");
	}
}

/* When it enters. */

static void
enter_nothing(void)
{
}

static int
enter_without(void)
{
	struct settings none = { .database = outside };
	struct confine fresh = { .entered = false };
	char nothing[256];

	snprintf(nothing, sizeof(nothing), "%s/none/billhook.db", place);
	none.database = nothing;
	if (confine_enter(&fresh, &none, quiet) ||
	    confine_enter(&fresh, NULL, quiet))
		return -1;
	none.database = database;
	none.group = "no-such-group-here";
	return confine_enter(&fresh, &none, quiet) ? -1 : read_passwd();
}

/* With one descriptor, enough to look at the directory: Landlock wants two. */
static int
enter_later(void)
{
	struct confine fresh = { .entered = false };
	struct rlimit all, one;
	int next = dup(0);
	bool early;

	(void)close(next);
	must(next != -1, "have a descriptor");
	must(getrlimit(RLIMIT_NOFILE, &all) == 0, "ask for the limit");
	one = all;
	one.rlim_cur = (rlim_t)next + 1;
	must(setrlimit(RLIMIT_NOFILE, &one) == 0, "lower it");
	early = confine_enter(&fresh, &settings, quiet);
	must(setrlimit(RLIMIT_NOFILE, &all) == 0, "raise it");
	return early || !confine_enter(&fresh, &settings, quiet) ? 0 :
	    read_passwd();
}

/* What it outgrows. */

static int
outgrow_nothing(void)
{
	char path[192];
	struct settings other = { .database = path };

	snprintf(path, sizeof(path), "%s/other.db", directory);
	errno = EINVAL;
	return confine_outgrown(&confine, &settings) == NULL &&
	    confine_outgrown(&confine, &other) == NULL &&
	    confine_outgrown(&confine, NULL) == NULL ? 0 : -1;
}

static int
outgrow_directory(void)
{
	struct settings other = { .database = outside };

	errno = EINVAL;
	return confine_outgrown(&confine, &other) != NULL ? 0 : -1;
}

static int
outgrow_group(void)
{
	struct settings other = { .database = database, .group = "root" };

	errno = EINVAL;
	return confine_outgrown(&confine, &other) != NULL ? 0 : -1;
}

/* The reader, for a process that is confined. */

static char title[] = "a name of the program that is long enough for it";
static char *title_argv[] = { title, NULL };
static struct reader *reader;

/* Whether the reader hands over a file with this text. */
static bool
reads(const char *text)
{
	int fd = reader_open(reader);
	char bytes[16] = "";
	bool same = fd != -1 && read(fd, bytes, sizeof(bytes) - 1) >= 0 &&
	    strcmp(bytes, text) == 0 &&
	    (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;

	if (fd != -1)
		(void)close(fd);
	return same;
}

static int
read_by_reader(void)
{
	errno = EINVAL;
	return open_path(conf, O_RDONLY) == -1 && errno == EACCES &&
	    reads("one") && !reader_is_gone(reader) ? 0 : -1;
}

static void
test_reader(void)
{
	char fresh[192];

	reader = reader_start(conf, title_argv);
	must(reader != NULL, "start a reader");
	ok(reads("one"), "the reader opens the file");
	if (landlock_abi() > 0)
		is_int(come_of(enter_whole, read_by_reader), 0,
		    "also for a process that may not open it");
	snprintf(fresh, sizeof(fresh), "%s.new", conf);
	must(make_file(fresh, "two") == 0 && rename(fresh, conf) == 0,
	    "replace the file");
	ok(reads("two"), "another file in its place is opened");
	must(unlink(conf) == 0, "remove the file");
	ok(reader_open(reader) == -1 && errno == ENOENT &&
	    !reader_is_gone(reader), "none in its place is told by its errno");
	must(make_file(conf, "three") == 0, "make the file");
	ok(reads("three"), "and one that comes back is opened");
	reader_stop(reader);
	ok(reader_open(NULL) == -1 && errno == EAGAIN && reader_is_gone(NULL),
	    "no reader is told, too");
}

#ifdef BILLHOOK_SANITIZED
#define SANITIZED true
#else
#define SANITIZED false
#endif

int
main(void)
{
	if (SANITIZED) {
		printf("1..0 # SKIP the sanitizers read files and call the "
		    "kernel\n");
		return 0;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	quiet = log_new();
	must(quiet != NULL, "make a log");
	log_set_level(quiet, LOG_ERROR);
	make_place();
	try_all(true);
	try_all(false);
	is_int(come_of(enter_nothing, enter_without), 0,
	    "without a database or the group nothing is entered");
	is_int(come_of(enter_whole, outgrow_nothing), 0,
	    "another database in the directory is not outgrown");
	if (landlock_abi() > 0)
		is_int(come_of(enter_nothing, enter_later), EACCES,
		    "without descriptors it is entered later");
	if (landlock_abi() > 0)
		is_int(come_of(enter_whole, outgrow_directory), 0,
		    "another directory is outgrown");
	is_int(come_of(enter_whole, outgrow_group), 0,
	    "another group is outgrown");
	test_reader();
	log_free(quiet);
	remove_place();
	return done_testing();
}
