/*
 * What a peer of the FastCGI socket sends, to the real fcgi_serve() and
 * libfcgi, in a thread of this process.  The input is a letter and its
 * argument in each line:
 *
 *   b ROLE FLAGS	BEGIN_REQUEST		p NAME=VALUE	one parameter
 *   i TEXT		STDIN			P		end of PARAMS
 *   a			ABORT_REQUEST		I		end of STDIN
 *   l TYPE LEN TEXT	a record whose header says LEN, whatever is there
 *   n NUMBER		the id of the requests from here on
 *   x HEX		bytes as they are	r TEXT	the same as text
 *   m COUNT		COUNT parameters of COUNT bytes
 *   z HEX		the padding of the records from here on
 *
 * Signatures are made as fuzzing_sign.h has it, of all that "i" sends, and
 * "@len@" is its length.  Whatever comes: the answer, if there is one, is one
 * of the contract's, 200 only for what was signed; and the next peer, who is
 * honest, gets its 200.
 */
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "../cgi/fcgi.h"
#include "fuzzing.h"
#include "fuzzing_db.h"
#include "fuzzing_door.h"
#include "fuzzing_sign.h"

const char fuzz_target[] = "fcgi";

#define SENT_MAX ((size_t)128 << 10)	/* what a socket takes at once */
#define ANSWER_MAX 65536
#define SECONDS 15		/* that an answer may take, at most */
#define GOOD "p REQUEST_METHOD=POST\np CONTENT_LENGTH=@len@\n" \
	"p HTTP_STRIPE_SIGNATURE=t=1700000000,v1=@1\nP\ni {\"id\":" \
	"\"evt_good\",\"object\":\"event\",\"type\":\"ping\"}\nI\n"

enum { BEGIN_REQUEST = 1, ABORT_REQUEST, PARAMS = 4, STDIN, STDOUT };

static struct sockaddr_un address = { .sun_family = AF_UNIX };
static pthread_t server;

/* AddressSanitizer asks for its options.  libfcgi allocates what a peer only
 * says: more than this is no memory, and no fault of the program. */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "allocator_may_return_null=1:max_allocation_size_mb=64";
}

/* The records of a peer as they are made. */
struct peer {
	struct bytes sent;
	struct bytes body;	/* all that "i" sends */
	struct bytes padding;
	unsigned id;
	bool configured;	/* a signature of ours is among it */
};

static void
put_record(struct peer *peer, unsigned type, size_t said, const char *content,
    size_t len)
{
	const char header[8] = { 1, (char)type, (char)(peer->id >> 8),
	    (char)peer->id, (char)(said >> 8), (char)said,
	    (char)peer->padding.len, 0 };

	bytes_put(&peer->sent, header, sizeof(header));
	bytes_put(&peer->sent, content, len);
	bytes_put(&peer->sent, peer->padding.len == 0 ? "" :
	    peer->padding.data, peer->padding.len);
}

static void
put_length(struct bytes *out, size_t len)
{
	if (len >= 128) {
		bytes_put_char(out, (char)(len >> 24 | 0x80));
		bytes_put_char(out, (char)(len >> 16));
		bytes_put_char(out, (char)(len >> 8));
	}
	bytes_put_char(out, (char)len);
}

static void
put_parameter(struct peer *peer, struct fuzz_part line)
{
	const struct fuzz_part body = { peer->body.data == NULL ? "" :
	    peer->body.data, peer->body.len };
	struct fuzz_part name = { "", 0 };
	struct bytes value, content;
	char text[32];

	bytes_init(&value, SENT_MAX);
	bytes_init(&content, SENT_MAX);
	fuzz_cut(&name, &line, '=');
	if (line.len == 5 && memcmp(line.at, "@len@", 5) == 0) {
		snprintf(text, sizeof(text), "%zu", body.len);
		bytes_put_text(&value, text);
	} else if (fuzz_put_header(&value, line, body))
		peer->configured = true;
	put_length(&content, name.len);
	put_length(&content, value.len);
	bytes_put(&content, name.at, name.len);
	bytes_put(&content, value.data == NULL ? "" : value.data, value.len);
	put_record(peer, PARAMS, content.len, content.data, content.len);
	bytes_free(&value);
	bytes_free(&content);
}

static void
put_many(struct peer *peer, size_t count)
{
	struct bytes text;
	size_t i;

	bytes_init(&text, SENT_MAX);
	bytes_put_text(&text, "HTTP_X=");
	for (i = 0; i < count; i++)
		bytes_put_char(&text, 'x');
	for (i = 0; i < count && peer->sent.len < SENT_MAX / 2; i++)
		put_parameter(peer,
		    (struct fuzz_part){ text.data, text.len });
	bytes_free(&text);
}

static void
put_hex(struct bytes *out, struct fuzz_part digits)
{
	char text[3] = "";
	size_t i;

	for (i = 0; i + 1 < digits.len; i += 2) {
		memcpy(text, digits.at + i, 2);
		bytes_put_char(out, (char)strtoul(text, NULL, 16));
	}
}

/* "l TYPE LEN TEXT" and "b ROLE FLAGS": two numbers, and what is behind. */
static void
put_numbered(struct peer *peer, char letter, struct fuzz_part line)
{
	char *text = fuzz_text(line.at, line.len), *end;
	unsigned long one = strtoul(text, &end, 10);
	unsigned long two = strtoul(end, &end, 10);
	const char begin[8] = { (char)(one >> 8), (char)one, (char)two };

	if (letter == 'b')
		put_record(peer, BEGIN_REQUEST, 8, begin, 8);
	else
		put_record(peer, (unsigned)one & 255, two & 65535, end,
		    strlen(end));
	free(text);
}

static void
put_line(struct peer *peer, struct fuzz_part line)
{
	char letter = line.at[0];
	size_t skip = line.len > 1 ? 2 : 1;
	struct fuzz_part rest = { line.at + skip, line.len - skip };
	char *number = fuzz_text(rest.at, rest.len < 8 ? rest.len : 8);

	switch (letter) {
	case 'b':
	case 'l':
		put_numbered(peer, letter, rest);
		break;
	case 'p':
		put_parameter(peer, rest);
		break;
	case 'i':
		put_record(peer, STDIN, rest.len, rest.at, rest.len);
		break;
	case 'P':
		put_record(peer, PARAMS, 0, "", 0);
		break;
	case 'I':
		put_record(peer, STDIN, 0, "", 0);
		break;
	case 'a':
		put_record(peer, ABORT_REQUEST, 0, "", 0);
		break;
	case 'n':
		peer->id = (unsigned)atoi(number);
		break;
	case 'm':
		put_many(peer, (size_t)(unsigned)atoi(number) % 4096);
		break;
	case 'x':
		put_hex(&peer->sent, rest);
		break;
	case 'z':
		bytes_clear(&peer->padding);
		put_hex(&peer->padding, rest);
		break;
	case 'r':
		bytes_put(&peer->sent, rest.at, rest.len);
		break;
	default:
		break;
	}
	free(number);
}

/* Makes the records of an input. */
static void
make_peer(struct peer *peer, struct fuzz_part input)
{
	struct fuzz_part rest = input, line;

	memset(peer, 0, sizeof(*peer));
	peer->id = 1;
	bytes_init(&peer->sent, SENT_MAX);
	bytes_init(&peer->body, SENT_MAX);
	bytes_init(&peer->padding, 255);
	while (fuzz_cut(&line, &rest, '\n'))
		if (line.len > 2 && line.at[0] == 'i')
			bytes_put(&peer->body, line.at + 2, line.len - 2);
	rest = input;
	while (fuzz_cut(&line, &rest, '\n'))
		if (line.len > 0)
			put_line(peer, line);
	bytes_free(&peer->body);
	bytes_free(&peer->padding);
}

static void *
serve(void *arg)
{
	struct log *log = log_new();
	struct setup setup;

	(void)arg;
	if (log == NULL || setup_init(&setup, log) == -1)
		abort();
	fuzz_require(setup_is_ready(&setup), "not ready: %s", setup.fault);
	fuzz_require(fcgi_serve(&setup, log, NULL) == 0, "the server has failed");
	setup_free(&setup);
	log_free(log);
	return NULL;
}

/* A connection that waits for no answer longer than SECONDS. */
static int
connect_server(void)
{
	const struct timeval patience = { .tv_sec = SECONDS };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	fuzz_require(fd != -1 && connect(fd, (struct sockaddr *)&address,
	    sizeof(address)) == 0, "no connection: %s", strerror(errno));
	return fd;
}

/* Sends all and nothing more, and reads what comes until the end. */
static size_t
converse(const struct bytes *sent, char *answer)
{
	int fd = connect_server();
	size_t done = 0, len = 0;
	ssize_t n;

	while (done < sent->len && (n = send(fd, sent->data + done,
	    sent->len - done, MSG_NOSIGNAL)) > 0)
		done += (size_t)n;
	shutdown(fd, SHUT_WR);
	while ((n = recv(fd, answer + len, ANSWER_MAX - len, 0)) > 0)
		len += (size_t)n;
	fuzz_require(n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK),
	    "no end within %d seconds", SECONDS);
	close(fd);
	return len;
}

/* The status in the first records of STDOUT, 0 if there is none; only one of
 * the contract's is right. */
static int
status_of(const char *answer, size_t len)
{
	static const int statuses[] = { 200, 400, 401, 405, 411, 413, 500 };
	char text[32] = "";
	size_t at = 0, said, i;
	int status = 0;

	for (; at + 8 <= len; at += 8 + said + (unsigned char)answer[at + 6]) {
		said = (size_t)(unsigned char)answer[at + 4] << 8 |
		    (unsigned char)answer[at + 5];
		if (answer[at + 1] != STDOUT || said < sizeof(text) ||
		    at + 8 + sizeof(text) > len)
			continue;
		memcpy(text, answer + at + 8, sizeof(text) - 1);
		fuzz_require(sscanf(text, "Status: %3d ", &status) == 1,
		    "an answer begins with %s", text);
		for (i = 0; i < 7 && statuses[i] != status; i++)
			;
		fuzz_require(i < 7, "a status of %d", status);
		return status;
	}
	return 0;
}

static void
stop_server(void)
{
	pthread_kill(server, SIGHUP);
	pthread_join(server, NULL);
}

/* Starts the server in a thread that no signal of the fuzzer disturbs; the
 * fuzzer keeps its own handlers, and the server's timers do not end its calls
 * of recv(), which has a patience here, and so is not restarted. */
static void
start_server(void)
{
	static const int kept[] = { SIGINT, SIGTERM, SIGUSR1 };
	struct sigaction handlers[3];
	char answer[ANSWER_MAX];
	struct peer good;
	sigset_t all, mask;
	size_t i;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	/* First, so that OpenSSL cleans up when the server has stopped. */
	if (hmac_init() == -1)
		abort();
	snprintf(address.sun_path, sizeof(address.sun_path), "%s",
	    fuzz_path("socket"));
	if (fd == -1 || bind(fd, (struct sockaddr *)&address,
	    sizeof(address)) == -1 || listen(fd, 16) == -1 ||
	    dup2(fd, 0) == -1)
		abort();
	close(fd);
	setenv("BILLHOOK_CONFIG", fuzz_door_config("fcgi.db",
	    "BILLHOOK_LOG=warning\n"), 1);
	for (i = 0; i < 3; i++)
		sigaction(kept[i], NULL, &handlers[i]);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &mask);
	if (pthread_create(&server, NULL, serve, NULL) != 0)
		abort();
	for (i = 0; i < 8; i++)
		sigaddset(&mask, SIGRTMIN + (int)i);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	atexit(stop_server);

	make_peer(&good, (struct fuzz_part){ "b 1 0\n" GOOD,
	    strlen("b 1 0\n" GOOD) });
	fuzz_require(status_of(answer, converse(&good.sent, answer)) == 200,
	    "a good delivery is refused at the start");
	bytes_free(&good.sent);
	for (i = 0; i < 3; i++)
		sigaction(kept[i], &handlers[i], NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char answer[ANSWER_MAX];
	static bool started;
	struct peer peer;
	int status, tries;

	if (!started) {
		started = true;
		(void)fuzz_directory();
		start_server();
	}
	make_peer(&peer, (struct fuzz_part){ (const char *)data, size });
	status = status_of(answer, converse(&peer.sent, answer));
	fuzz_require(status != 200 || peer.configured,
	    "200 for what nobody signed");
	if (status == 200)
		fuzz_db_empty(fuzz_path("fcgi.db"));
	bytes_free(&peer.sent);

	/* libfcgi drops who sends nothing for two seconds, which on a busy
	 * machine an honest peer may be, but not each time. */
	make_peer(&peer, (struct fuzz_part){ "b 1 0\n" GOOD,
	    strlen("b 1 0\n" GOOD) });
	status = 0;
	for (tries = 0; tries < 3 && status == 0; tries++)
		status = status_of(answer, converse(&peer.sent, answer));
	fuzz_require(status == 200, "the next peer gets %d and no 200",
	    status);
	bytes_free(&peer.sent);
	return 0;
}
