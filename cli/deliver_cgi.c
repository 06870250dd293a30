/* Deliveries to the responder as a plain CGI request: a process that reads the
 * body from its standard input, writes the answer, and its log. */
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
#include "table.h"

#define ANSWER_MAX ((size_t)1 << 20)
#define WORDS_MAX ((size_t)1 << 20)	/* of its log; the rest is left out */

#define LINGER 1000		/* ms for a child of it that keeps the log */

enum { PIPES = 3 };		/* standard input, output and error */

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
become(const char *program, const int ends[PIPES], const char *header,
    size_t len)
{
	char *name = strdup(program);
	char *arguments[] = { name, NULL };
	int i;

	/* One that is there already would be closed by execv(). */
	for (i = 0; i < PIPES; i++)
		if (name == NULL || (ends[i] == i ? fcntl(i, F_SETFD, 0) :
		    dup2(ends[i], i)) == -1)
			_exit(126);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGXFSZ, SIG_DFL);
	set_variables(header, len);
	execv(program, arguments);
	_exit(127);
}

static void
finish(struct pollfd *end)
{
	if (end->fd != -1)
		close(end->fd);
	end->fd = -1;
}

static void
give(struct pollfd *end, const struct bytes *body, size_t *done)
{
	ssize_t n;

	if (end->fd == -1 || end->revents == 0)
		return;
	n = write(end->fd, body->data + *done, body->len - *done);
	if (n > 0)
		*done += (size_t)n;
	if ((n == -1 && errno != EAGAIN) || *done == body->len)
		finish(end);
}

static void
take(struct pollfd *end, struct bytes *out)
{
	char part[16384];
	ssize_t n;

	if (end->fd == -1 || end->revents == 0)
		return;
	n = read(end->fd, part, sizeof(part));
	if (n > 0)
		bytes_put(out, part, (size_t)n);
	else
		finish(end);
}

/* Writes the body and reads the answer and the log, whichever the program is
 * ready for.  False if it was ready for none too long, with the answer not
 * whole. */
static bool
converse(const int ends[PIPES], const struct bytes *body,
    struct bytes *answer, struct bytes *words)
{
	struct pollfd polled[PIPES] = {
		{ .fd = ends[0], .events = POLLOUT },
		{ .fd = ends[1], .events = POLLIN },
		{ .fd = ends[2], .events = POLLIN },
	};
	size_t done = 0;
	bool whole;
	int ready, i;

	while (polled[1].fd != -1 || polled[2].fd != -1) {
		ready = poll(polled, PIPES, polled[1].fd == -1 ? LINGER :
		    DELIVER_TIMEOUT * 1000);
		if (ready == -1 && errno == EINTR)
			continue;
		if (ready <= 0)
			break;
		give(&polled[0], body, &done);
		take(&polled[1], answer);
		take(&polled[2], words);
	}
	whole = polled[1].fd == -1;
	for (i = 0; i < PIPES; i++)
		finish(&polled[i]);
	return whole;
}

/* Prints what the program said, each line escaped. */
static void
print_words(const struct bytes *words)
{
	const char *at = words->data, *end;
	size_t left = words->len, len;
	struct bytes shown;

	/* Of a byte become four. */
	bytes_init(&shown, WORDS_MAX * 4);
	for (; left > 0; at += len, left -= len) {
		end = memchr(at, '\n', left);
		len = end == NULL ? left : (size_t)(end - at);
		(void)table_escape(&shown, at, len);
		bytes_put_char(&shown, '\n');
		len += end != NULL;
	}
	if (shown.data != NULL)
		fputs(shown.data, stderr);
	if (words->failed || shown.failed)
		fputs("...\n", stderr);
	bytes_free(&shown);
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

/* Starts the program with pipes as its first descriptors, of which the other
 * ends are ours.  0, or -1 with errno. */
static int
start(const char *program, const char *header, size_t len, pid_t *pid,
    int ends[PIPES])
{
	int pipes[PIPES][2], theirs[PIPES], n, i, error;

	*pid = -1;
	for (n = 0; n < PIPES && pipe2(pipes[n], O_CLOEXEC) == 0; n++) {
		theirs[n] = pipes[n][n == STDIN_FILENO ? 0 : 1];
		ends[n] = pipes[n][n == STDIN_FILENO ? 1 : 0];
	}
	if (n == PIPES && (*pid = fork()) == 0)
		become(program, theirs, header, len);
	error = errno;
	for (i = 0; i < n; i++) {
		close(theirs[i]);
		if (*pid == -1)
			close(ends[i]);
	}
	errno = error;
	return *pid == -1 ? -1 : 0;
}

int
deliver_cgi(struct deliver_answer *answer, const char *program,
    const char *header, const struct bytes *body)
{
	int ends[PIPES], status = 0;
	struct bytes words;
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
	bytes_init(&words, WORDS_MAX);
	if (!converse(ends, body, &answer->body, &words))
		(void)kill(pid, SIGTERM);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	print_words(&words);
	bytes_free(&words);
	if (!answer->body.failed && read_answer(answer) == 0)
		return 0;
	(void)snprintf(answer->error, sizeof(answer->error), "%.160s gave no "
	    "answer (exit status %d); its words are above", program,
	    WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	return -1;
}
