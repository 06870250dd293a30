#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "landlock.h"

#ifdef HAVE_LANDLOCK
#include <linux/landlock.h>

static bool entered;

/*
 * Names of later kernels than the one whose headers are here: what is asked of
 * a kernel is cut to what it says that it knows.
 */
#define FS_REFER	(1ULL << 13)	/* version 2 */
#define FS_TRUNCATE	(1ULL << 14)	/* 3 */
#define FS_IOCTL_DEV	(1ULL << 15)	/* 5 */
#define NET_BIND_TCP	(1ULL << 0)	/* 4 */
#define NET_CONNECT_TCP	(1ULL << 1)
#define SCOPE_ABSTRACT	(1ULL << 0)	/* 6 */
#define SCOPE_SIGNAL	(1ULL << 1)

#define FS_READ		(LANDLOCK_ACCESS_FS_READ_FILE | \
	LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_EXECUTE)
#define FS_DIRECTORY	(LANDLOCK_ACCESS_FS_READ_FILE | \
	LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_WRITE_FILE | \
	LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	FS_TRUNCATE)

/* As the kernel has it since version 6; what an older one does not know is 0
 * at its end, which it takes. */
struct rules {
	uint64_t fs, net, scoped;
};

int
landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);

	return abi < 1 ? 0 : (int)abi;
}

/* Everything that this version can refuse. */
static struct rules
all_of(int abi)
{
	struct rules rules = {
		.fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1
	};

	if (abi >= 2)
		rules.fs |= FS_REFER;
	if (abi >= 3)
		rules.fs |= FS_TRUNCATE;
	if (abi >= 4)
		rules.net = NET_BIND_TCP | NET_CONNECT_TCP;
	if (abi >= 5)
		rules.fs |= FS_IOCTL_DEV;
	if (abi >= 6)
		rules.scoped = SCOPE_ABSTRACT | SCOPE_SIGNAL;
	return rules;
}

/* Lets a file, or all below a directory, be used so.  One that is not there
 * needs no rule.  0 or -1 with errno. */
static int
allow(int ruleset, const struct rules *rules, const char *path,
    uint64_t access)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access = access & rules->fs
	};
	int rc, error;

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd == -1)
		return errno == ENOENT ? 0 : -1;
	rc = (int)syscall(SYS_landlock_add_rule, ruleset,
	    LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	error = errno;
	(void)close(rule.parent_fd);
	errno = error;
	return rc;
}

/* What a process in the database's directory may use. */
static int
allow_files(int ruleset, const struct rules *rules, const char *directory)
{
	if (allow(ruleset, rules, directory, FS_DIRECTORY) == -1 ||
	    allow(ruleset, rules, "/dev/urandom",
	    LANDLOCK_ACCESS_FS_READ_FILE) == -1 ||
	    allow(ruleset, rules, "/dev/null", LANDLOCK_ACCESS_FS_READ_FILE |
	    LANDLOCK_ACCESS_FS_WRITE_FILE) == -1)
		return -1;
#ifdef BILLHOOK_SANITIZED
	/* The sanitizers read /proc and start a program to name what they
	 * found. */
	return allow(ruleset, rules, "/", FS_READ);
#else
	return 0;
#endif
}

/* directory is NULL for one that only reads. */
static int
enter(const char *directory)
{
	struct rules rules = all_of(landlock_abi());
	int ruleset, rc = -1, error;

	if (directory == NULL)
		rules.fs &= ~(uint64_t)(LANDLOCK_ACCESS_FS_READ_FILE |
		    LANDLOCK_ACCESS_FS_READ_DIR);
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules,
	    sizeof(rules), 0);
	if (ruleset == -1)
		return -1;
	if ((directory == NULL || allow_files(ruleset, &rules, directory) ==
	    0) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		rc = (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
	error = errno;
	(void)close(ruleset);
	errno = error;
	return rc;
}

int
landlock_enter(const char *directory)
{
	struct stat st;

	/* A rule for nothing would shut all out. */
	if (stat(directory, &st) == -1 || enter(directory) == -1)
		return -1;
	entered = true;
	return 0;
}

int
landlock_enter_reader(void)
{
	return enter(NULL);
}

bool
landlock_entered(void)
{
	return entered;
}

#else

int
landlock_abi(void)
{
	errno = ENOSYS;
	return 0;
}

int
landlock_enter(const char *directory)
{
	(void)directory;
	errno = ENOSYS;
	return -1;
}

int
landlock_enter_reader(void)
{
	errno = ENOSYS;
	return -1;
}

bool
landlock_entered(void)
{
	return false;
}
#endif
