/* Deliveries to the responder as a plain CGI request: a process that reads the
 * body from its standard input and writes the answer. */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deliver.h"

#define ANSWER_MAX ((size_t)1 << 20)

/* The variables that a web server passes. */
static void
set_variables(const char *header, size_t len)
{
	static const char *const fixed[][2] = {
		{ "GATEWAY_INTERFACE", "CGI/1.1" },
		{ "SERVER_PROTOCOL", "HTTP/1.1" },
		{ "SERVER_SOFTWARE", "billhook" },
		{ "REQUEST_METHOD", "POST" },
		{ "SCRIPT_NAME", "/webhook" },
		{ "QUERY_STRING", "" },
		{ "REMOTE_ADDR", "127.0.0.1" },
		{ "CONTENT_TYPE", "application/json; charset=utf-8" },
	};
	char length[24];
	size_t i;

	for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		(void)setenv(fixed[i][0], fixed[i][1], 1);
	/* What was answered is said here; its log only adds what went wrong. */
	(void)setenv("BILLHOOK_LOG", "warning", 0);
	(void)snprintf(length, sizeof(length), "%zu", len);
	(void)setenv("CONTENT_LENGTH", length, 1);
	(void)setenv("HTTP_STRIPE_SIGNATURE", header, 1);
}

/* In the child: becomes the program, with its ends of the pipes. */
static void
become(const char *program, int in, int out, const char *header, size_t len)
{
	char *name = strdup(program);
	char *arguments[] = { name, NULL };

	if (name == NULL || dup2(in, STDIN_FILENO) == -1 ||
	    dup2(out, STDOUT_FILENO) == -1)
		_exit(126);
	(void)signal(SIGPIPE, SIG_DFL);
	set_variables(header, len);
	execv(program, arguments);
	_exit(127);
}

/* Writes the body and reads the answer, whichever the program is ready for.
 * False if it was ready for neither too long. */
static bool
converse(int in, int out, const struct bytes *body, struct bytes *answer)
{
	struct pollfd ends[2] = { { .fd = in, .events = POLLOUT },
	    { .fd = out, .events = POLLIN } };
	char part[16384];
	size_t done = 0;
	int ready;
	ssize_t n;

	for (;;) {
		ready = poll(ends, 2, DELIVER_TIMEOUT * 1000);
		if (ready == -1 && errno == EINTR)
			continue;
		if (ready <= 0)
			break;
		if (ends[0].fd != -1 && ends[0].revents != 0) {
			n = write(in, body->data + done, body->len - done);
			if (n > 0)
				done += (size_t)n;
			if ((n == -1 && errno != EAGAIN) || done == body->len) {
				close(in);
				ends[0].fd = -1;
			}
		}
		if (ends[1].revents != 0) {
			n = read(out, part, sizeof(part));
			if (n <= 0)
				break;
			bytes_put(answer, part, (size_t)n);
		}
	}
	if (ends[0].fd != -1)
		close(in);
	close(out);
	return ready > 0;
}

/* Takes the head off the answer: its Status, and only its body stays. */
static int
read_answer(struct deliver_answer *answer)
{
	char *end = answer->body.data == NULL ? NULL :
	    strstr(answer->body.data, "\r\n\r\n");
	const char *status;
	size_t head;

	if (end == NULL)
		return -1;
	*end = '\0';
	status = strstr(answer->body.data, "Status: ");
	answer->status = status == NULL ? 200 :
	    atoi(status + strlen("Status: "));
	head = (size_t)(end + 4 - answer->body.data);
	answer->body.len -= head;
	memmove(answer->body.data, answer->body.data + head,
	    answer->body.len + 1);
	return 0;
}

/* Starts the program with two pipes.  0, or -1 with errno. */
static int
start(const char *program, const char *header, size_t len, pid_t *pid,
    int ends[2])
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) == -1)
		return -1;
	if (pipe2(out, O_CLOEXEC) == -1) {
		close(in[0]);
		close(in[1]);
		return -1;
	}
	if ((*pid = fork()) == 0)
		become(program, in[0], out[1], header, len);
	close(in[0]);
	close(out[1]);
	ends[0] = in[1];
	ends[1] = out[0];
	if (*pid != -1)
		return 0;
	close(in[1]);
	close(out[0]);
	return -1;
}

int
deliver_cgi(struct deliver_answer *answer, const char *program,
    const char *header, const struct bytes *body)
{
	int ends[2], status = 0;
	pid_t pid;

	memset(answer, 0, sizeof(*answer));
	bytes_init(&answer->body, ANSWER_MAX);
	if (access(program, X_OK) == -1) {
		(void)snprintf(answer->error, sizeof(answer->error),
		    "%.160s cannot be run: %s; name the responder with --cgi",
		    program, strerror(errno));
		return -1;
	}
	fflush(NULL);
	if (start(program, header, body->len, &pid, ends) == -1) {
		(void)snprintf(answer->error, sizeof(answer->error),
		    "no process for the responder: %s", strerror(errno));
		return -1;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	(void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
	if (!converse(ends[0], ends[1], body, &answer->body))
		(void)kill(pid, SIGTERM);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	if (!answer->body.failed && read_answer(answer) == 0)
		return 0;
	(void)snprintf(answer->error, sizeof(answer->error), "%.160s gave no "
	    "answer (exit status %d); its words are above", program,
	    WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	return -1;
}
