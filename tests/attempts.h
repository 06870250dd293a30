/*
 * What somebody would do who has taken a responder over, and what is its work:
 * each 0, or -1 with errno.
 */
#ifndef ATTEMPTS_H
#define ATTEMPTS_H

#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "tap.h"

/* The database's directory, and files in it and beside it. */
static char place[] = "/tmp/billhook-confine-XXXXXX";
static char directory[128], database[160], outside[160], conf[160];

static inline int
make_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int rc = fd != -1 && write(fd, text, strlen(text)) ==
	    (ssize_t)strlen(text) ? 0 : -1;

	if (fd != -1)
		(void)close(fd);
	return rc;
}

static inline void
must(bool done, const char *what)
{
	if (done)
		return;
	diag("cannot %s: %s", what, strerror(errno));
	abort();
}

static inline void
make_place(void)
{
	must(mkdtemp(place) != NULL, "make a directory");
	snprintf(directory, sizeof(directory), "%s/db", place);
	snprintf(database, sizeof(database), "%s/billhook.db", directory);
	snprintf(outside, sizeof(outside), "%s/outside", place);
	snprintf(conf, sizeof(conf), "%s/billhook.conf", place);
	must(mkdir(directory, 0700) == 0 && make_file(database, "") == 0 &&
	    make_file(outside, "outside") == 0 &&
	    make_file(conf, "one") == 0, "make files");
}

static inline void
remove_place(void)
{
	(void)unlink(database);
	(void)unlink(outside);
	(void)unlink(conf);
	(void)rmdir(directory);
	(void)rmdir(place);
}

/* What is tried: 0, or -1 with errno. */

static inline int
open_path(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd == -1)
		return -1;
	(void)close(fd);
	return 0;
}

static inline int
read_passwd(void)
{
	return open_path("/etc/passwd", O_RDONLY);
}

static inline int
read_beside(void)
{
	return open_path(outside, O_RDONLY);
}

static inline int
write_beside(void)
{
	return open_path(outside, O_WRONLY);
}

static inline int
make_beside(void)
{
	char path[192];

	snprintf(path, sizeof(path), "%s/new", place);
	return open_path(path, O_WRONLY | O_CREAT | O_EXCL);
}

static inline int
remove_beside(void)
{
	return unlink(outside);
}

static inline int
list_root(void)
{
	return open_path("/", O_RDONLY | O_DIRECTORY);
}

static inline int
read_memory(void)
{
	return open_path("/proc/self/maps", O_RDONLY);
}

static inline int
make_directory(void)
{
	char path[192];

	snprintf(path, sizeof(path), "%s/new", directory);
	return mkdir(path, 0700);
}

static inline int
move_out(void)
{
	char path[192];

	snprintf(path, sizeof(path), "%s/moved", place);
	return rename(database, path);
}

static inline int
read_randomness(void)
{
	return open_path("/dev/urandom", O_RDONLY);
}

static inline int
use_null(void)
{
	return open_path("/dev/null", O_RDWR);
}

/* All that SQLite and billhook do with files. */
static inline int
work(void)
{
	char path[192], other[192];
	int fd = -1, list = -1, rc = -1;
	void *memory = MAP_FAILED;
	char byte;

	snprintf(path, sizeof(path), "%s/billhook.db-wal", directory);
	snprintf(other, sizeof(other), "%s/billhook.db-new", directory);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	list = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 || list == -1 || ftruncate(fd, 8192) == -1)
		goto out;
	memory = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory != MAP_FAILED && pwrite(fd, "x", 1, 0) == 1 &&
	    pread(fd, &byte, 1, 0) == 1 && *(char *)memory == 'x' &&
	    fchmod(fd, 0600) == 0 && fdatasync(fd) == 0 && fsync(list) == 0 &&
	    rename(path, other) == 0 && unlink(other) == 0 &&
	    open_path(database, O_RDWR | O_TRUNC) == 0)
		rc = 0;
	munmap(memory, 8192);
out:
	(void)close(fd);
	(void)close(list);
	return rc;
}

static inline int
make_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) == -1 ? -1 : 0;
}

static inline int
make_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid == -1 ? -1 : 0;
}

static inline int
run_program(void)
{
	char name[] = "/bin/true";
	char *const argv[] = { name, NULL };

	return execv(name, argv);
}

static inline int
trace_parent(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == -1 ? -1 : 0;
}

static inline int
signal_parent(void)
{
	return kill(getppid(), 0);
}

static inline int
write_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
}

static inline int
become_code(void)
{
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return 0;
	return mprotect(memory, 4096, PROT_READ | PROT_EXEC);
}

static inline int
call_the_unknown(void)
{
	return syscall(SYS_getpriority, 0, 0) == -1 ? -1 : 0;
}

static inline int
give_up(void)
{
	abort();
}

/* A TCP address of this machine that nobody listens at, or can have. */
static inline struct sockaddr_in
address(uint16_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET };

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	in.sin_port = htons(port);
	return in;
}

static inline int
connect_tcp(void)
{
	struct sockaddr_in in = address(1);

	return connect(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
	    (struct sockaddr *)&in, sizeof(in));
}

static inline int
bind_tcp(void)
{
	struct sockaddr_in in = address(0);

	return bind(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
	    (struct sockaddr *)&in, sizeof(in));
}

static inline int
have_core(void)
{
	struct rlimit limit;

	errno = EACCES;
	return getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_max > 0 ?
	    0 : -1;
}

#endif
