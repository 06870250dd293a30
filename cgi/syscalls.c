#include "syscalls.h"

#include <errno.h>
#include <stddef.h>

#ifdef HAVE_SECCOMP
#include <sys/mman.h>
#include <fcntl.h>
#include <seccomp.h>
#include <unistd.h>

/* Also the names that other processors have for the same: one that is not
 * known here is passed over. */
static const char *const serving[] = {
	/* The database, its log, its lock. */
	"open", "openat", "close", "read", "pread64", "preadv", "readv",
	"write", "pwrite64", "pwritev", "writev", "lseek", "_llseek",
	"ftruncate", "ftruncate64", "fallocate", "fsync", "fdatasync",
	"flock", "unlink", "unlinkat", "rename",
	"renameat", "renameat2", "stat", "stat64", "lstat", "lstat64",
	"fstat", "fstat64", "fstatat64", "newfstatat", "statx", "statfs",
	"statfs64", "fstatfs", "fstatfs64", "access", "faccessat",
	"faccessat2", "readlink", "readlinkat", "getcwd", "fchmod",
	"fchown", "fchown32", "umask",
	"getuid", "getuid32", "geteuid", "geteuid32", "getgid", "getgid32",
	"getegid", "getegid32", "getpid", "gettid",

	/* A request, and the reader. */
	"accept", "accept4", "poll", "ppoll", "ppoll_time64", "select",
	"_newselect", "pselect6", "pselect6_time64", "recvmsg", "shutdown",
	"getsockopt", "setsockopt", "getsockname", "getpeername", "wait4",
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

/* Flags and locks of a descriptor, and not whom its signals go to. */
static int
add_fcntl(scmp_filter_ctx filter)
{
	static const int commands[] = {F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD,
	    F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_SETLKW,
	    F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW};
	size_t i;
	int rc = 0;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]) && rc == 0;
	    i++) {
		struct scmp_arg_cmp one = SCMP_CMP64(1, SCMP_CMP_MASKED_EQ,
		    0xffffffff, (scmp_datum_t)commands[i]);

		rc = add(filter, SCMP_ACT_ALLOW, "fcntl", 1, &one);
		if (rc == 0)
			rc = add(filter, SCMP_ACT_ALLOW, "fcntl64", 1, &one);
	}
	return rc;
}

/* Calls that are needed in one form: memory that no code runs in, and a signal
 * to itself, which is how abort(3) ends. */
static int
add_forms(scmp_filter_ctx filter)
{
	struct scmp_arg_cmp no_code = SCMP_CMP64(2, SCMP_CMP_MASKED_EQ,
	    PROT_EXEC, 0);
	struct scmp_arg_cmp itself = SCMP_CMP64(0, SCMP_CMP_EQ,
	    (scmp_datum_t)getpid(), 0);
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
	return rc;
}

int
syscalls_confine(enum syscalls_for what)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int rc;

	if (filter == NULL) {
		errno = ENOMEM;
		return -1;
	}
	/* Another processor's calls through a back door. */
	rc = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
	    SCMP_ACT_KILL_PROCESS);
	if (rc == 0)
		rc = add_all(filter, SCMP_ACT_ALLOW,
		    what == SYSCALLS_SERVE ? serving : reading);
	if (rc == 0 && what == SYSCALLS_SERVE)
		rc = add_forms(filter);
	if (rc == 0)
		rc = add_all(filter, SCMP_ACT_KILL_PROCESS, fatal);
	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	if (rc == 0)
		return 0;
	errno = -rc;
	return -1;
}

#else

int
syscalls_confine(enum syscalls_for what)
{
	(void)what;
	errno = ENOTSUP;
	return -1;
}
#endif
