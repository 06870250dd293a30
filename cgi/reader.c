#include "reader.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "landlock.h"
#include "syscalls.h"

#define TITLE "billhook-reader"

struct reader {
	int   fd;
	pid_t pid;
	bool  gone;
};

/* A message of one int, the errno, and room for one descriptor beside it. */
struct letter {
	struct msghdr head;
	struct iovec  text;
	int	      error;
	_Alignas(struct cmsghdr) char beside[CMSG_SPACE(sizeof(int))];
};

static void
letter_init(struct letter *letter)
{
	memset(letter, 0, sizeof(*letter));
	letter->text.iov_base = &letter->error;
	letter->text.iov_len = sizeof(letter->error);
	letter->head.msg_iov = &letter->text;
	letter->head.msg_iovlen = 1;
	letter->head.msg_control = letter->beside;
	letter->head.msg_controllen = sizeof(letter->beside);
}

/* In the reader: opens the file and hands it over.  0 or -1. */
static int
hand_over(int fd, const char *path)
{
	int file = config_open_file(path);
	struct cmsghdr *beside;
	struct letter letter;
	ssize_t n;

	letter_init(&letter);
	if (file == -1) {
		letter.error = errno;
		letter.head.msg_controllen = 0;
	} else {
		beside = CMSG_FIRSTHDR(&letter.head);
		beside->cmsg_level = SOL_SOCKET;
		beside->cmsg_type = SCM_RIGHTS;
		beside->cmsg_len = CMSG_LEN(sizeof(file));
		memcpy(CMSG_DATA(beside), &file, sizeof(file));
	}
	n = sendmsg(fd, &letter.head, 0);
	if (file != -1)
		(void)close(file);
	return n == sizeof(letter.error) ? 0 : -1;
}

/* The signals that end a responder come to its process group at times; and the
 * web server's descriptors are not the reader's. */
static void
let_go(char **argv)
{
	static const int ends[] = { SIGTERM, SIGUSR1, SIGINT, SIGHUP,
	    SIGPIPE };
	size_t size = strlen(argv[0]), i;
	int null;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		(void)signal(ends[i], SIG_IGN);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (i = 0; i <= 2; i++)
		if (null == -1 || dup2(null, (int)i) == -1)
			(void)close((int)i);
	if (null > 2)
		(void)close(null);
	(void)prctl(PR_SET_NAME, TITLE);
	memset(argv[0], 0, size);
	memcpy(argv[0], TITLE, size < sizeof(TITLE) ? size : sizeof(TITLE));
}

/* What the reader keeps of its rights; all, where the kernel has neither. */
static void
lock_in(void)
{
	struct syscalls_filter filter;

	(void)landlock_enter_reader();
	if (syscalls_make(&filter, SYSCALLS_READ, NULL) == 0)
		(void)syscalls_enter(&filter);
}

/* The process: a byte asks, the end of the file ends it. */
static void
serve(int fd, const char *path)
{
	char byte;

	while (read(fd, &byte, 1) == 1 && hand_over(fd, path) == 0)
		;
}

struct reader *
reader_start(const char *path, char **argv)
{
	struct reader *reader = calloc(1, sizeof(*reader));
	int pair[2], error;

	if (reader == NULL || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC,
	    0, pair) == -1)
		goto fail;
	reader->fd = pair[0];
	reader->pid = fork();
	if (reader->pid == 0) {
		(void)close(pair[0]);
		let_go(argv);
		lock_in();
		serve(pair[1], path);
		_exit(EXIT_SUCCESS);
	}
	error = errno;
	(void)close(pair[1]);
	if (reader->pid != -1)
		return reader;
	(void)close(pair[0]);
	errno = error;
fail:
	free(reader);
	return NULL;
}

void
reader_stop(struct reader *reader)
{
	if (reader == NULL)
		return;
	(void)close(reader->fd);
	while (waitpid(reader->pid, NULL, 0) == -1 && errno == EINTR)
		;
	free(reader);
}

/* The descriptor that came with a letter, or -1. */
static int
take_out(struct letter *letter)
{
	struct cmsghdr *beside = CMSG_FIRSTHDR(&letter->head);
	int file = -1;

	if (beside != NULL && beside->cmsg_level == SOL_SOCKET &&
	    beside->cmsg_type == SCM_RIGHTS &&
	    beside->cmsg_len == CMSG_LEN(sizeof(file)))
		memcpy(&file, CMSG_DATA(beside), sizeof(file));
	return file;
}

int
reader_open(void *arg)
{
	struct reader *reader = arg;
	struct letter letter;
	ssize_t n = -1;
	int file;

	letter_init(&letter);
	if (reader != NULL && !reader->gone &&
	    write(reader->fd, "", 1) == 1)
		do
			n = recvmsg(reader->fd, &letter.head,
			    MSG_CMSG_CLOEXEC);
		while (n == -1 && errno == EINTR);
	if (n != sizeof(letter.error)) {
		if (reader != NULL)
			reader->gone = true;
		errno = EAGAIN;
		return -1;
	}
	file = take_out(&letter);
	/* Sent but not received: this process has no descriptor left. */
	if (file == -1)
		errno = letter.error != 0 ? letter.error : EMFILE;
	return file;
}

bool
reader_is_gone(const struct reader *reader)
{
	return reader == NULL || reader->gone;
}
