#include "fcgi.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <assert.h>
#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deadline.h"
#include "receive.h"
#include "records.h"

#define ROLE_RESPONDER	1
#define WRITE_SECONDS	5	/* that a peer may let us wait for a write */

static volatile sig_atomic_t stop;

static void
on_stop(int signal)
{
	(void)signal;
	stop = 1;
}

/* The signals that end the process. */
static const int ends[] = { SIGTERM, SIGUSR1, SIGINT, SIGHUP };
#define NENDS (sizeof(ends) / sizeof(ends[0]))

/* Blocks them everywhere but where *waiting is the mask. */
static void
block_ends(sigset_t *waiting)
{
	sigset_t blocked;

	sigemptyset(&blocked);
	for (size_t i = 0; i < NENDS; i++)
		sigaddset(&blocked, ends[i]);
	sigprocmask(SIG_BLOCK, &blocked, waiting);
	for (size_t i = 0; i < NENDS; i++)
		sigdelset(waiting, ends[i]);
}

/* Puts our handlers where libfcgi has put its own. */
static void
handle_signals(void)
{
	struct sigaction action = { .sa_handler = on_stop };

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < NENDS; i++)
		sigaction(ends[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* What is read of connections; libfcgi may take several in one call. */
static struct {
	ino_t	       connection;
	struct records records;
	bool	       refused;		/* a record of one of them */
} incoming;

/* By this libfcgi reads, found by its name before its own; in a static link,
 * by the linker's --wrap. */
#ifdef BILLHOOK_STATIC_LIBS
#define OS_Read __wrap_OS_Read
#endif
int OS_Read(int fd, char *bytes, size_t len);

int
OS_Read(int fd, char *bytes, size_t len)
{
	struct records *records = &incoming.records;
	struct stat st;
	size_t passed;
	ssize_t n;

	if (fstat(fd, &st) == 0 && st.st_ino != incoming.connection) {
		incoming.connection = st.st_ino;
		memset(records, 0, sizeof(*records));
	}
	while (records->state < RECORDS_ENDED) {
		if ((n = read(fd, bytes, len)) <= 0)
			return (int)n;
		passed = records_take(records, bytes, (size_t)n);
		if (passed > 0)
			return (int)passed;
	}
	if (records->state == RECORDS_ENDED)
		return 0;
	incoming.refused = true;
	errno = EPROTO;
	return -1;
}

/* Says if a connection was refused since it was asked last. */
static void
tell_refused(struct log *log)
{
	if (incoming.refused)
		log_refused(log, LOG_WARNING, "a connection was closed: it "
		    "brought a FastCGI record that no web server sends there, "
		    "or more than %d bytes of parameters; who else can reach "
		    "the FastCGI socket?", RECORDS_PARAMS_MAX);
	incoming.refused = false;
}

static size_t
read_body(struct request *request, void *bytes, size_t len)
{
	FCGX_Request *fcgx = request->door;
	const size_t piece = 1 << 20;
	size_t got = 0;

	while (got < len) {
		size_t want = len - got < piece ? len - got : piece;
		int n = FCGX_GetStr((char *)bytes + got, (int)want, fcgx->in);

		got += (size_t)n;
		if ((size_t)n < want)
			break;
	}

	/* All was read that will be: no step disturbs the database. */
	deadline_stop();
	request->late = deadline_passed();
	return got;
}

/* A log_sink: the error stream of a request; 504 bytes fit into a record. */
static int
write_log(void *arg, const char *line, size_t len)
{
	FCGX_Stream *err = arg;

	if (FCGX_PutStr(line, (int)len, err) != (int)len)
		return -1;
	return FCGX_FFlush(err) == 0 ? 0 : -1;
}

/* Answers one request whose head was read. */
static void
serve(struct setup *setup, struct log *log, FCGX_Request *fcgx)
{
	struct timeval patience = { .tv_sec = WRITE_SECONDS };
	struct request request = { .read = read_body, .door = fcgx };
	char answer[ANSWER_SIZE];
	size_t len;

	setsockopt(fcgx->ipcFd, SOL_SOCKET, SO_SNDTIMEO, &patience,
	    sizeof(patience));
	request_take_variables(&request, fcgx->envp);
	if (fcgx->role != ROLE_RESPONDER)
		request.fault = "called as a FastCGI authorizer or filter: "
		    "configure the web server to use it as a responder";

	log_set_sink(log, write_log, fcgx->err);
	setup_refresh(setup);
	len = receive_take(setup, &request, answer);
	log_set_sink(log, NULL, NULL);
	tell_refused(log);
	FCGX_PutStr(answer, (int)len, fcgx->out);

	/*
	 * Sends the answer and waits a moment for the peer to close: the
	 * deadline is for one that goes on sending.  A connection is never
	 * kept for a next request, which would keep others waiting.
	 */
	deadline_start();
	FCGX_Finish_r(fcgx);
	if (fcgx->ipcFd >= 0)
		FCGX_Free(fcgx, 1);
	deadline_stop();
	setup_tidy(setup);
}

static jmp_buf *way_out;	/* of FCGX_Accept_r(), while it is called */

#ifdef __GLIBC__
/*
 * Where an assertion ends that fails, libfcgi's, too, which finds it by its
 * name.  libfcgi asserts that there is memory, also for as many bytes as a
 * peer only says that a parameter has: this is to cost the connection and not
 * the process.
 */
void
__assert_fail(const char *assertion, const char *file, unsigned int line,
    const char *function)
{
	if (way_out != NULL)
		longjmp(*way_out, 1);
	fprintf(stderr, "%s:%u: %s: assertion failed: %s\n", file, line,
	    function == NULL ? "" : function, assertion);
	abort();
}
#endif

/* FCGX_Accept_r(); -EBADMSG where it gave up in the middle of a request, and
 * then the connection is closed. */
static int
accept_request(FCGX_Request *fcgx)
{
	jmp_buf here;
	int error;

	if (setjmp(here) != 0) {
		way_out = NULL;
		FCGX_Free(fcgx, 1);
		return -EBADMSG;
	}
	way_out = &here;
	error = FCGX_Accept_r(fcgx);
	way_out = NULL;
	return error;
}

/*
 * Takes a connection and reads a request's head.  1 if there is one, 0 if
 * not, or -1 where the socket is of no use any more.
 */
static int
take(struct log *log, FCGX_Request *fcgx, const sigset_t *waiting)
{
	struct pollfd listening = { .fd = STDIN_FILENO, .events = POLLIN };
	const struct timespec moment = { .tv_nsec = 100000000 };
	int error;

	if (ppoll(&listening, 1, NULL, waiting) == -1)
		return 0;	/* a signal */
	if ((listening.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
		log_line(log, LOG_ERROR, "nobody can connect any more: the "
		    "listening socket was shut down; start it anew through "
		    "the web server or spawn-fcgi");
		return -1;
	}

	deadline_start();
	incoming.connection = 0;
	error = accept_request(fcgx);
	tell_refused(log);
	if (deadline_passed())
		log_refused(log, LOG_WARNING, "a connection brought no whole "
		    "request within %d seconds and was closed; who else can "
		    "reach the FastCGI socket?", REQUEST_DEADLINE);
	if (error == 0 && incoming.records.whole)
		return 1;

	deadline_stop();
	if (error == 0) {
		/* libfcgi takes what came of the parameters for all. */
		FCGX_Free(fcgx, 1);
		if (incoming.connection != 0)
			return 0;
		log_line(log, LOG_ERROR, "this libfcgi reads its connections "
		    "by itself, and cannot be guarded: link it as the build "
		    "does, without -Bsymbolic");
		return -1;
	}
	switch (-error) {
	case EAGAIN:		/* another process took it, or it was bad */
	case EINTR:
		return 0;
	case EBADMSG:
		log_refused(log, LOG_WARNING, "a connection was closed: there "
		    "is no memory for parameters as long as it says; who else "
		    "can reach the FastCGI socket?");
		return 0;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		/* The connection waits in the queue, and so do we. */
		log_refused(log, LOG_ERROR, "cannot take a connection: %s; "
		    "raise the limit or run fewer processes",
		    strerror(-error));
		ppoll(NULL, 0, &moment, waiting);
		return 0;
	default:
		log_line(log, LOG_ERROR, "cannot take connections from "
		    "descriptor 0 (error %d), giving up; start it anew "
		    "through the web server or spawn-fcgi", -error);
		return -1;
	}
}

/* What must be in place before the first request.  0, or -1 with errno. */
static int
start(FCGX_Request *fcgx, sigset_t *waiting)
{
	int flags;

	/* How long libfcgi waits, in ms, for a peer to close after us: long
	 * enough that no reset overtakes the answer. */
	setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "50", 0);
	block_ends(waiting);
	if (FCGX_Init() != 0 ||
	    FCGX_InitRequest(fcgx, STDIN_FILENO, 0) != 0)
		return -1;
	handle_signals();
	if (deadline_init(&fcgx->ipcFd, REQUEST_DEADLINE) == -1)
		return -1;

	/* Of several processes that wait only one gets the connection. */
	flags = fcntl(STDIN_FILENO, F_GETFL);
	return flags == -1 ? -1 :
	    fcntl(STDIN_FILENO, F_SETFL, flags | O_NONBLOCK);
}

int
fcgi_serve(struct setup *setup, struct log *log, struct reader *reader)
{
	FCGX_Request fcgx;
	sigset_t waiting;
	int taken = 0;

	if (start(&fcgx, &waiting) == -1) {
		log_line(log, LOG_ERROR, "cannot start as FastCGI: %s",
		    strerror(errno));
		return EXIT_FAILURE;
	}
	setup_announce(setup);
	while (!stop && taken != -1 && !setup->outgrown) {
		setup_confine(setup, reader);
		taken = take(log, &fcgx, &waiting);
		if (taken == 1)
			serve(setup, log, &fcgx);
	}
	FCGX_Free(&fcgx, 1);
	if (taken == -1 || setup->outgrown)
		return EXIT_FAILURE;
	log_line(log, LOG_INFO, "stopped by a signal");
	return EXIT_SUCCESS;
}
