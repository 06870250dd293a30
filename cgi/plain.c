#include "plain.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "receive.h"

#define DRAIN_MAX (16 << 20)	/* bytes of a refused body that are read */

extern char **environ;

struct door {
	int64_t	deadline;	/* milliseconds of the monotonic clock */
	bool	whole;		/* the body was read as far as it is long */
};

static int64_t
milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* read(2) from descriptor 0 that gives up at the deadline, with -1. */
static ssize_t
read_some(const struct door *door, void *bytes, size_t len)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	ssize_t n;

	do {
		int64_t left = door->deadline - milliseconds();

		if (left <= 0)
			return -1;
		n = poll(&input, 1, (int)left);
		if (n > 0)
			n = read(STDIN_FILENO, bytes, len);
		else if (n == 0)
			return -1;
	} while (n == -1 && (errno == EINTR || errno == EAGAIN));
	return n;
}

static size_t
read_body(struct request *request, void *bytes, size_t len)
{
	struct door *door = request->door;
	size_t got = 0;
	ssize_t n = 1;

	while (got < len && n > 0) {
		n = read_some(door, (char *)bytes + got, len - got);
		if (n > 0)
			got += (size_t)n;
	}
	request->late = n == -1 && milliseconds() >= door->deadline;
	door->whole = got == len;
	return got;
}

static void
write_answer(const char *answer, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = write(STDOUT_FILENO, answer + done, len - done);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return;	/* nobody is there to read it */
		done += (size_t)n;
	}
}

/*
 * Reads what was sent and not read: mod_cgid loses the answer of a program
 * that ends before.
 */
static void
drain(const struct door *door)
{
	char bytes[16384];
	size_t all = 0;
	ssize_t n;

	if (isatty(STDIN_FILENO))
		return;
	while (all < DRAIN_MAX &&
	    (n = read_some(door, bytes, sizeof(bytes))) > 0)
		all += (size_t)n;
}

/* Ends the conversation; the descriptors stay taken, so that no file of the
 * database ever gets their numbers. */
static void
close_door(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null == -1) {
		close(STDOUT_FILENO);
		close(STDIN_FILENO);
		return;
	}
	dup2(null, STDOUT_FILENO);
	dup2(null, STDIN_FILENO);
	close(null);
}

void
plain_refuse(void)
{
	const struct answer answer = { .code = ANSWER_UNAVAILABLE,
	    .retry_after = 60 };
	char text[ANSWER_SIZE];

	write_answer(text, answer_print(text, &answer));
}

void
plain_serve(struct setup *setup)
{
	struct door door = { .deadline = milliseconds() +
	    REQUEST_DEADLINE * 1000 };
	struct request request = { .read = read_body, .door = &door };
	char answer[ANSWER_SIZE];
	size_t len;

	/* A transaction that is cut is as if it had never begun, so these may
	 * end the process anywhere. */
	signal(SIGTERM, SIG_DFL);
	signal(SIGUSR1, SIG_DFL);

	confine_enter_once(config_settings(setup->config));
	request_take_variables(&request, environ);
	len = receive_take(setup, &request, answer);

	/* lighttpd sends SIGTERM as soon as it has the answer; what is left to
	 * do takes moments, and left undone costs the next ones more.  With a
	 * request that was refused before its body nothing is left. */
	if (door.whole) {
		signal(SIGTERM, SIG_IGN);
		signal(SIGUSR1, SIG_IGN);
	}
	write_answer(answer, len);
	if (!door.whole)
		drain(&door);
	close_door();
	setup_tidy(setup);
}
