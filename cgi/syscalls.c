#include "syscalls.h"

#include <errno.h>
#include <stddef.h>

#ifdef HAVE_SECCOMP
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <fcntl.h>
#include <seccomp.h>
#include <string.h>
#include <unistd.h>

/* Also the names that other processors have for the same: one that is not
 * known here is passed over. */
static const char *const serving[] = {
	/* The database, its log, its lock. */
	"close", "read", "pread64", "preadv", "readv",
	"write", "writev", "lseek", "_llseek",
	"fsync", "fdatasync",
	"flock", "unlink", "unlinkat", "rename",
	"renameat", "renameat2", "stat", "stat64", "lstat", "lstat64",
	"fstat", "fstat64", "fstatat64", "newfstatat", "statx", "statfs",
	"statfs64", "fstatfs", "fstatfs64", "access", "faccessat",
	"faccessat2", "readlink", "readlinkat", "getcwd",
	"fchown", "fchown32", "umask",
	"getuid", "getuid32", "geteuid", "geteuid32", "getgid", "getgid32",
	"getegid", "getegid32", "getpid", "gettid",

	/* A request, and the reader. */
	"accept", "accept4", "poll", "ppoll", "ppoll_time64", "select",
	"_newselect", "pselect6", "pselect6_time64", "recvmsg",
	"getsockopt", "getsockname", "getpeername", "wait4",
	"waitid",

	/* Time and signals. */
	"clock_gettime", "clock_gettime64", "clock_getres",
	"clock_getres_time64", "gettimeofday", "time", "nanosleep",
	"clock_nanosleep", "clock_nanosleep_time64", "timer_create",
	"timer_settime", "timer_settime64", "timer_delete",
	"timer_getoverrun", "rt_sigaction", "rt_sigprocmask",
	"rt_sigreturn", "sigreturn", "sigaltstack", "restart_syscall",
	"pause",

	/* Memory, and what a libc does by itself. */
	"brk", "munmap", "mremap", "madvise", "futex", "futex_time64",
	"getrandom", "sched_yield", "sched_getaffinity", "sysinfo", "uname",
	"exit", "exit_group", NULL
};

static const char *const reading[] = {
	"read", "open", "openat", "sendmsg", "close", "rt_sigreturn",
	"sigreturn", "restart_syscall", "exit", "exit_group", NULL
};

static const char *const fatal[] = {
	/* A program, a process. */
	"execve", "execveat", "fork", "vfork", "clone", "clone3",
	/* Somebody else's. */
	"ptrace", "process_vm_readv", "process_vm_writev", "pidfd_open",
	"pidfd_getfd", "pidfd_send_signal", "kill", "tkill",
	"rt_sigqueueinfo", "rt_tgsigqueueinfo", "process_madvise", "kcmp",
	/* A socket. */
	"socket", "socketpair", "connect", "bind", "listen",
	/* Another identity, another root. */
	"setuid", "setuid32", "setgid", "setgid32", "setreuid",
	"setreuid32", "setregid", "setregid32", "setresuid", "setresuid32",
	"setresgid", "setresgid32", "setgroups", "setgroups32", "setfsuid",
	"setfsuid32", "setfsgid", "setfsgid32", "capset", "chroot",
	"pivot_root", "unshare", "setns", "mount", "umount2", "umount",
	"move_mount", "open_tree", "fsopen", "fsconfig", "fsmount",
	"fspick", "mount_setattr", "open_by_handle_at",
	/* The kernel itself, and where its faults were found. */
	"bpf", "perf_event_open", "userfaultfd", "io_uring_setup",
	"io_uring_enter", "io_uring_register", "io_setup", "io_submit",
	"add_key", "request_key", "keyctl", "init_module", "finit_module",
	"delete_module", "create_module", "kexec_load", "kexec_file_load",
	"personality", "modify_ldt", "ioperm", "iopl", "reboot", "swapon",
	"swapoff", "acct", "quotactl", "settimeofday", "clock_settime",
	"clock_adjtime", "adjtimex", "sethostname", "setdomainname",
	"syslog", "memfd_create", "memfd_secret", "mknod", "mknodat", NULL
};

/* Adds a call by its name, if it is one here.  0 or -errno. */
static int
add(scmp_filter_ctx filter, uint32_t action, const char *name,
    unsigned int n, struct scmp_arg_cmp *when)
{
	int number = seccomp_syscall_resolve_name(name), rc = 0;

	if (number != __NR_SCMP_ERROR)
		rc = seccomp_rule_add_array(filter, action, number, n, when);
	/* A name of another processor. */
	return rc == -EDOM ? 0 : rc;
}

static int
add_all(scmp_filter_ctx filter, uint32_t action, const char *const *names)
{
	int rc = 0;

	for (; *names != NULL && rc == 0; names++)
		rc = add(filter, action, *names, 0, NULL);
	return rc;
}

/* That the low 32 bits of an argument, which are all that the kernel reads of
 * an int, have this value. */
static struct scmp_arg_cmp
is_word(unsigned int argument, int value)
{
	struct scmp_arg_cmp word = SCMP_CMP64(argument, SCMP_CMP_MASKED_EQ,
	    0xffffffff, (uint32_t)value);

	return word;
}

/* Flags and locks of a descriptor, and not whom its signals go to. */
static int
add_fcntl(scmp_filter_ctx filter)
{
	static const int commands[] = {F_GETFD, F_SETFD, F_GETFL,
	    F_GETLK, F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK,
	    F_OFD_SETLKW};
	size_t i;
	int rc = 0;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]) && rc == 0;
	    i++) {
		struct scmp_arg_cmp one = is_word(1, commands[i]);

		rc = add(filter, SCMP_ACT_ALLOW, "fcntl", 1, &one);
		if (rc == 0)
			rc = add(filter, SCMP_ACT_ALLOW, "fcntl64", 1, &one);
	}
	return rc;
}

/* The calls that give files a mode: open(), to none that lends who made it;
 * and SQLite's and our own fchmod(). */
static int
add_files(scmp_filter_ctx filter, const mode_t modes[SYSCALLS_MODES])
{
	static const struct {
		const char *name;
		unsigned flags;		/* the argument; the mode is next */
	} opens[] = {{"open", 1}, {"openat", 2}};
	const scmp_datum_t makes = O_CREAT | (O_TMPFILE & ~O_DIRECTORY);
	const scmp_datum_t lends = S_ISUID | S_ISGID;
	size_t i;
	int rc = 0;

	for (i = 0; i < sizeof(opens) / sizeof(opens[0]) && rc == 0; i++) {
		struct scmp_arg_cmp there = SCMP_CMP64(opens[i].flags,
		    SCMP_CMP_MASKED_EQ, makes, 0);
		struct scmp_arg_cmp plain = SCMP_CMP64(opens[i].flags + 1,
		    SCMP_CMP_MASKED_EQ, lends, 0);

		rc = add(filter, SCMP_ACT_ALLOW, opens[i].name, 1, &there);
		if (rc == 0)
			rc = add(filter, SCMP_ACT_ALLOW, opens[i].name, 1,
			    &plain);
	}
	for (i = 0; i < SYSCALLS_MODES && rc == 0; i++) {
		struct scmp_arg_cmp same = is_word(1, (int)modes[i]);

		rc = add(filter, SCMP_ACT_ALLOW, "fchmod", 1, &same);
	}
	return rc;
}

/*
 * Allows a call for descriptors other than the first three, which the web
 * server shares with others: the listening socket, and its log.  A filter
 * knows no "greater" of 32 bits: one bit from 4 on is set, or it is 3.
 */
static int
add_own(scmp_filter_ctx filter, const char *name)
{
	struct scmp_arg_cmp three = is_word(0, 3);
	int rc = add(filter, SCMP_ACT_ALLOW, name, 1, &three), bit;

	for (bit = 2; bit < 31 && rc == 0; bit++) {
		struct scmp_arg_cmp set = SCMP_CMP64(0, SCMP_CMP_MASKED_EQ,
		    (scmp_datum_t)1 << bit, (scmp_datum_t)1 << bit);

		rc = add(filter, SCMP_ACT_ALLOW, name, 1, &set);
	}
	return rc;
}

/* Connections: how long a write may take, ours; TCP_NODELAY, libfcgi's. */
static int
add_sockets(scmp_filter_ctx filter)
{
	static const int options[][2] = {
		{SOL_SOCKET, SO_SNDTIMEO}, {IPPROTO_TCP, TCP_NODELAY},
#ifdef SO_SNDTIMEO_NEW
		{SOL_SOCKET, SO_SNDTIMEO_NEW},
#endif
	};
	size_t i;
	int rc = 0;

	for (i = 0; i < sizeof(options) / sizeof(options[0]) && rc == 0; i++) {
		struct scmp_arg_cmp both[] = { is_word(1, options[i][0]),
		    is_word(2, options[i][1]) };

		rc = add(filter, SCMP_ACT_ALLOW, "setsockopt", 2, both);
	}
	return rc;
}

/* Calls that are needed in one form: memory that no code runs in, and a signal
 * to itself, which is how abort(3) ends. */
static int
add_forms(scmp_filter_ctx filter, const mode_t modes[SYSCALLS_MODES],
    pid_t pid)
{
	static const char *const own[] = {"ftruncate", "ftruncate64",
	    "fallocate", "pwrite64", "pwritev", "shutdown"};
	size_t i;
	struct scmp_arg_cmp no_code = SCMP_CMP64(2, SCMP_CMP_MASKED_EQ,
	    PROT_EXEC, 0);
	struct scmp_arg_cmp itself = SCMP_CMP64(0, SCMP_CMP_EQ,
	    (scmp_datum_t)pid, 0);
	int rc;

	rc = add(filter, SCMP_ACT_ALLOW, "mmap", 1, &no_code);
	if (rc == 0)
		rc = add(filter, SCMP_ACT_ALLOW, "mmap2", 1, &no_code);
	if (rc == 0)
		rc = add(filter, SCMP_ACT_ALLOW, "mprotect", 1, &no_code);
	if (rc == 0)
		rc = add(filter, SCMP_ACT_ALLOW, "tgkill", 1, &itself);
	if (rc == 0)
		rc = add_fcntl(filter);
	if (rc == 0)
		rc = add_files(filter, modes);
	if (rc == 0)
		rc = add_sockets(filter);
	for (i = 0; i < sizeof(own) / sizeof(own[0]) && rc == 0; i++)
		rc = add_own(filter, own[i]);
	return rc;
}

/* Writes the filter of a process.  0 or -errno. */
static int
write_filter(int fd, enum syscalls_for what,
    const mode_t modes[SYSCALLS_MODES], pid_t pid)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int rc;

	if (filter == NULL)
		return -ENOMEM;
	/* Another processor's calls through a back door. */
	rc = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
	    SCMP_ACT_KILL_PROCESS);
	if (rc == 0)
		rc = add_all(filter, SCMP_ACT_ALLOW,
		    what == SYSCALLS_SERVE ? serving : reading);
	if (rc == 0 && what == SYSCALLS_SERVE)
		rc = add_forms(filter, modes, pid);
	if (rc == 0)
		rc = add_all(filter, SCMP_ACT_KILL_PROCESS, fatal);
	if (rc == 0)
		rc = seccomp_export_bpf(filter, fd);
	seccomp_release(filter);
	return rc;
}

/* Reads a filter, or as much as there is of it. */
static void
read_filter(int fd, struct syscalls_filter *filter)
{
	ssize_t n = pread(fd, filter->code, sizeof(filter->code), 0);

	filter->n = n == -1 ? 0 : (size_t)n / sizeof(filter->code[0]);
}

/*
 * Makes a filter in a process of its own: where an allocation fails,
 * libseccomp may crash, or turn in a circle, which is why the process has one
 * second of the processor and nobody to tell of its end.  Where no process is
 * to be had, in this one: better so than without a filter.
 */
static int
make_apart(struct syscalls_filter *filter, enum syscalls_for what,
    const mode_t modes[SYSCALLS_MODES])
{
	const struct rlimit second = { .rlim_cur = 1, .rlim_max = 1 };
	const pid_t pid = getpid();
	int fd = memfd_create("filter", MFD_CLOEXEC), status = 0, error;
	pid_t maker;

	if (fd == -1)
		return -1;
	maker = fork();
	if (maker == 0) {
		(void)setrlimit(RLIMIT_CPU, &second);
		(void)close(STDERR_FILENO);
		_exit(-write_filter(fd, what, modes, pid));
	}
	if (maker == -1)
		error = -write_filter(fd, what, modes, pid);
	else {
		while (waitpid(maker, &status, 0) == -1 && errno == EINTR)
			;
		error = WIFEXITED(status) ? WEXITSTATUS(status) : ENOMEM;
	}
	read_filter(fd, filter);
	(void)close(fd);
	if (error == 0 && filter->n > 0)
		return 0;
	/* A bad address is its word for a failure that it did not foresee. */
	errno = error == 0 || error == EFAULT ? ENOMEM : error;
	return -1;
}

int
syscalls_make(struct syscalls_filter *filter, enum syscalls_for what,
    const mode_t modes[SYSCALLS_MODES])
{
	struct syscalls_filter again;

	if (make_apart(filter, what, modes) == -1 ||
	    make_apart(&again, what, modes) == -1)
		return -1;
	/* Without memory it may also be another filter, without a word. */
	if (filter->n == again.n && memcmp(filter->code, again.code,
	    again.n * sizeof(again.code[0])) == 0)
		return 0;
	errno = ENOMEM;
	return -1;
}

int
syscalls_enter(const struct syscalls_filter *filter)
{
	struct sock_filter code[sizeof(filter->code) /
	    sizeof(filter->code[0])];
	struct sock_fprog program = { .len = (unsigned short)filter->n,
	    .filter = code };

	memcpy(code, filter->code, filter->n * sizeof(code[0]));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

#else

int
syscalls_make(struct syscalls_filter *filter, enum syscalls_for what,
    const mode_t modes[SYSCALLS_MODES])
{
	(void)filter;
	(void)what;
	(void)modes;
	errno = ENOTSUP;
	return -1;
}

int
syscalls_enter(const struct syscalls_filter *filter)
{
	(void)filter;
	errno = ENOTSUP;
	return -1;
}
#endif
