/*
 * The configuration file: which one, its modes, reading it again.
 *
 * Built with a db/config.c whose $(sysconfdir) is "etc", in an empty directory.
 */
#include <sys/resource.h>
#include <sys/wait.h>

#include "configuring.h"
#include "nomem.h"

static void
test_which(void)
{
	struct config *config = open_config();

	is_str(config_path(config), DEFAULT, "the default file is in etc");
	ok(has_tolerance(config, 300), "it need not be there");
	is_str(config_error(config), "", "there is no error then");
	is_str(config_settings(config)->database,
	    BILLHOOK_LOCALSTATEDIR "/lib/billhook/billhook.db",
	    "the default database is in localstatedir");
	config_free(config);

	put_file(DEFAULT, "BILLHOOK_TOLERANCE=11\n");
	put_file("other.conf", "BILLHOOK_TOLERANCE=22\n");
	config = open_config();
	ok(has_tolerance(config, 11), "the default file is read");
	config_free(config);

	setenv("BILLHOOK_CONFIG", "other.conf", 1);
	setenv("HTTP_BILLHOOK_TOLERANCE", "33", 1);
	config = open_config();
	is_str(config_path(config), "other.conf", "BILLHOOK_CONFIG names one");
	ok(has_tolerance(config, 22), "and that is read");
	config_free(config);

	setenv("BILLHOOK_TOLERANCE", "44", 1);
	config = open_config();
	ok(has_tolerance(config, 44), "the environment goes above it");
	config_free(config);
	unsetenv("BILLHOOK_TOLERANCE");

	setenv("BILLHOOK_CONFIG", "nowhere.conf", 1);
	config = open_config();
	ok(is_refused(config, "nowhere.conf is not there; make it, or correct "
	    "BILLHOOK_CONFIG"), "a named file that is not there is an error");
	config_free(config);

	setenv("BILLHOOK_CONFIG", "", 1);
	config = open_config();
	is_str(config_path(config), DEFAULT, "an empty name is none");
	config_free(config);
	config_free(NULL);
}

/* Does what a message says behind its colon. */
static bool
obey(const char *message)
{
	const char *command = strstr(message, ": chmod ");

	return command != NULL && system(command + 2) == 0;
}

static void
test_modes(void)
{
	static const struct {
		mode_t mode;
		const char *words;
	} cases[] = {
		{ 0600, NULL }, { 0400, NULL }, { 0640, NULL },
		{ 0660, NULL }, { 0440, NULL }, { 0711, NULL },
		{ 0644, "others can read it: chmod o-r 'etc/billhook.conf'" },
		{ 0604, "others can read it: chmod o-r 'etc/billhook.conf'" },
		{ 0444, "others can read it: chmod o-r 'etc/billhook.conf'" },
		{ 0602, "others can write it: chmod o-w 'etc/billhook.conf'" },
		{ 0666, "others can read it: chmod o-rw 'etc/billhook.conf'" },
		{ 0777, "others can read it: chmod o-rw 'etc/billhook.conf'" },
	};
	struct config *config;
	size_t i;

	put_file(DEFAULT, "BILLHOOK_TOLERANCE=11\n");
	for (i = 0; i < COUNT(cases); i++) {
		must(chmod(DEFAULT, cases[i].mode) == 0, "chmod");
		config = open_config();
		if (cases[i].words == NULL) {
			ok(has_tolerance(config, 11), "mode %04o is taken",
			    (unsigned int)cases[i].mode);
			config_free(config);
			continue;
		}
		ok(is_refused(config, cases[i].words), "mode %04o is refused",
		    (unsigned int)cases[i].mode);
		ok(obey(config_error(config)) && config_refresh(config) &&
		    has_tolerance(config, 11), "the chmod of the message "
		    "mends it at once");
		config_free(config);
	}
}

static void
test_kinds(void)
{
	static char text[64 * 1024 + 2];
	struct config *config;

	must(mkdir(DEFAULT, 0700) == 0, "mkdir");
	config = open_config();
	ok(is_refused(config, "is not a regular file"),
	    "a directory is refused");
	config_free(config);
	must(rmdir(DEFAULT) == 0, "rmdir");

	must(mkfifo(DEFAULT, 0600) == 0, "mkfifo");
	config = open_config();
	ok(is_refused(config, "is not a regular file"),
	    "a FIFO is refused, and not waited for");
	config_free(config);
	must(unlink(DEFAULT) == 0, "unlink");

	put_file("real.conf", "BILLHOOK_TOLERANCE=11\n");
	must(symlink("../real.conf", DEFAULT) == 0, "symlink");
	config = open_config();
	ok(has_tolerance(config, 11), "a symbolic link is followed");
	must(chmod("real.conf", 0644) == 0, "chmod");
	config_refresh(config);
	ok(is_refused(config, "others can read"),
	    "and the modes are those of what it leads to");
	config_free(config);
	must(unlink(DEFAULT) == 0, "unlink");

	memset(text, '#', sizeof(text) - 2);
	put_file(DEFAULT, text);
	config = open_config();
	ok(has_tolerance(config, 300), "64 KiB are read");
	config_free(config);
	memset(text, '#', sizeof(text) - 1);
	put_file(DEFAULT, text);
	config = open_config();
	ok(is_refused(config, "has more than 65536 bytes"),
	    "a byte more is refused");
	config_free(config);
}

/* A file that this process may not read. */
static void
test_forbidden(void)
{
	struct config *config;
	int status;
	pid_t pid;

	put_file(DEFAULT, "BILLHOOK_TOLERANCE=11\n");
	must(chmod(DEFAULT, 0000) == 0, "chmod");
	fflush(stdout);
	must((pid = fork()) != -1, "fork");
	if (pid == 0) {
		/* Root may read everything. */
		if (geteuid() == 0 && setuid(65534) == -1)
			_exit(2);
		config = open_config();
		status = !is_refused(config, "cannot be read by user");
		fflush(stdout);
		config_free(config);
		_exit(status);
	}
	must(waitpid(pid, &status, 0) == pid, "wait");
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
	    "a file that may not be read is an error that names the user");
}

static void
test_content(void)
{
	struct config *config;

	put_file(DEFAULT, "\nSTRIPE_WEBHOOK_SECRET=sk_test_LEAK\n");
	config = open_config();
	ok(is_refused(config, DEFAULT ", line 2: STRIPE_WEBHOOK_SECRET"),
	    "an error in the file names it and the line");
	ok(strstr(config_error(config), "LEAK") == NULL,
	    "and does not show the secret");
	setenv("BILLHOOK_LOG", "loud", 1);
	put_file(DEFAULT, "BILLHOOK_TOLERANCE=11\n");
	ok(config_refresh(config) && is_refused(config,
	    "environment: BILLHOOK_LOG must be"),
	    "an error in the environment names that");
	unsetenv("BILLHOOK_LOG");
	config_free(config);
}

static void
test_refresh(void)
{
	struct config *config = open_config();
	const struct settings *before;

	ok(!config_refresh(config), "no file, and none later: nothing to do");
	put_file(DEFAULT, "BILLHOOK_TOLERANCE=11\n");
	ok(config_refresh(config) && has_tolerance(config, 11),
	    "a file that comes is read");
	before = config_settings(config);
	ok(!config_refresh(config) && config_settings(config) == before,
	    "one that stays is not read again");

	put_file(DEFAULT, "BILLHOOK_TOLERANCE=222\n");
	ok(config_refresh(config) && has_tolerance(config, 222),
	    "one that is written again is");
	put_file("new", "BILLHOOK_TOLERANCE=333\n");
	must(rename("new", DEFAULT) == 0, "rename");
	ok(config_refresh(config) && has_tolerance(config, 333),
	    "one in its place, of the same size, too");

	put_file(DEFAULT, "BILLHOOK_TOLERANCE=4444444444\n");
	ok(config_refresh(config) && is_refused(config, "BILLHOOK_TOLERANCE"),
	    "one that is wrong makes the settings not usable");
	ok(!config_refresh(config), "and is not read for each request");
	put_file(DEFAULT, "BILLHOOK_TOLERANCE=55\n");
	ok(config_refresh(config) && has_tolerance(config, 55),
	    "until it is mended");
	is_str(config_error(config), "", "which leaves no error behind");

	must(chmod(DEFAULT, 0666) == 0, "chmod");
	ok(config_refresh(config) && is_refused(config, "others can read"),
	    "a chmod alone is seen");
	must(chmod(DEFAULT, 0600) == 0, "chmod");
	ok(config_refresh(config) && has_tolerance(config, 55),
	    "and one back");
	must(unlink(DEFAULT) == 0, "unlink");
	ok(config_refresh(config) && has_tolerance(config, 300),
	    "without the file the defaults count again");
	config_free(config);

	put_file("named.conf", "BILLHOOK_TOLERANCE=11\n");
	setenv("BILLHOOK_CONFIG", "named.conf", 1);
	config = open_config();
	must(unlink("named.conf") == 0, "unlink");
	ok(config_refresh(config) && is_refused(config, "is not there"),
	    "a named file that goes makes them not usable");
	put_file("named.conf", "BILLHOOK_TOLERANCE=22\n");
	ok(config_refresh(config) && has_tolerance(config, 22),
	    "until it is back");
	config_free(config);
}

/* No descriptor is left to read a changed file with. */
static void
test_descriptors(void)
{
	struct rlimit limit, none;
	struct config *config;
	bool again;
	int i;

	put_file(DEFAULT, "BILLHOOK_TOLERANCE=11\n");
	config = open_config();
	put_file(DEFAULT, "BILLHOOK_TOLERANCE=222\n");
	must(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
	none = limit;
	none.rlim_cur = 0;
	for (i = 0; i < 2; i++) {
		must(setrlimit(RLIMIT_NOFILE, &none) == 0, "setrlimit");
		again = config_refresh(config);
		must(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
		ok(!again && has_tolerance(config, 11), "without descriptors "
		    "the settings stay as they were (%d)", i);
	}
	ok(config_refresh(config) && has_tolerance(config, 222),
	    "and are read when there are some again");
	config_free(config);
}

/* Opens or refreshes with each allocation failing in turn. */
static void
test_memory(void)
{
	static const char *const texts[] = {
		"BILLHOOK_TOLERANCE=11\nSTRIPE_WEBHOOK_SECRET=whsec_test_a\n",
		"BILLHOOK_TOLERANCE=222\nBILLHOOK_ACCOUNT=acct_b,acct_a\n"
	};
	struct config *config;
	int opened = 0, kept = 0, bad = 0, hit, got;
	bool again;
	long n;

	if (!nomem_works())
		return;
	put_file(DEFAULT, texts[0]);
	for (n = 1, hit = 1; hit; n++) {
		nomem_left = n;
		got = config_open(&config);
		hit = nomem_left == 0;
		nomem_left = 0;
		opened += hit;
		if (got == -1) {
			bad += config != NULL || !hit;
			continue;
		}
		if (hit)
			bad += config_settings(config) != NULL ||
			    strstr(config_error(config), "emory") == NULL ||
			    !config_refresh(config);
		bad += !has_tolerance(config, 11);
		config_free(config);
	}
	ok(opened > 5 && bad == 0, "each allocation of an open may fail, and "
	    "the next refresh mends it");

	for (n = 1, hit = 1, bad = 0; hit; n++) {
		put_file(DEFAULT, texts[0]);
		config = open_config();
		put_file(DEFAULT, texts[1]);
		nomem_left = n;
		again = config_refresh(config);
		hit = nomem_left == 0;
		nomem_left = 0;
		if (hit) {
			kept++;
			bad += again || !has_tolerance(config, 11) ||
			    *config_error(config) != '\0' ||
			    !config_refresh(config);
		}
		bad += !has_tolerance(config, 222);
		config_free(config);
	}
	ok(kept > 5 && bad == 0, "each allocation of a refresh may fail: the "
	    "settings stay, and the next refresh changes them");
}

static int
open_other(void *arg)
{
	int *opened = arg;

	++*opened;
	return config_open_file("other.conf");
}

/* A file that cannot be read: no memory is at its beginning. */
static int
open_unreadable(void *arg)
{
	(void)arg;
	return config_open_file("/proc/self/mem");
}

static void
test_disk(void)
{
	struct config *config;

	put_file(DEFAULT, "BILLHOOK_TOLERANCE=11\n");
	config = open_config();
	config_set_open(config, open_unreadable, NULL);
	put_file(DEFAULT, "BILLHOOK_TOLERANCE=222\n");
	ok(!config_refresh(config) && has_tolerance(config, 11) &&
	    *config_error(config) == '\0' && config_stale(config) != NULL &&
	    strstr(config_stale(config), "Input/output error") != NULL,
	    "an error of the disk leaves the settings, and is told");
	config_set_open(config, NULL, NULL);
	ok(config_refresh(config) && has_tolerance(config, 222) &&
	    config_stale(config) == NULL, "and passes by itself");
	config_free(config);
}

/* Who may not open it itself has it opened by somebody else. */
static void
test_opened_by_another(void)
{
	struct config *config = open_config();
	int opened = 0;

	put_file("other.conf", "BILLHOOK_TOLERANCE=22\n");
	config_set_open(config, open_other, &opened);
	ok(!config_refresh(config) && opened == 0,
	    "nobody is asked while nothing has changed");
	put_file(DEFAULT, "BILLHOOK_TOLERANCE=11\n");
	ok(config_refresh(config) && opened == 1 &&
	    has_tolerance(config, 22), "what somebody else opens is read");
	config_free(config);
}

int
main(void)
{
	run(test_which);
	run(test_modes);
	run(test_kinds);
	run(test_forbidden);
	run(test_content);
	run(test_refresh);
	run(test_descriptors);
	run(test_memory);
	run(test_disk);
	run(test_opened_by_another);
	return done_testing();
}
