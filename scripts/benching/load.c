/*
 * load PORT CONNECTIONS FILE: posts requests to 127.0.0.1 and measures.
 *
 * FILE holds whole HTTP requests, each after its length, four bytes of this
 * machine's order.  They are sent in order over so many connections, each of
 * which has one request under way.  Prints one line of JSON: how long it took,
 * the answers by status and outcome, and the latencies in microseconds.
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MAX	4096

struct line {
	int	 fd;
	size_t	 len;
	uint64_t began;
	char	 answer[ANSWER_MAX + 1];
};

static const char *const words[] = {
	"applied", "stale", "ignored", "failed", "duplicate",
};
#define NWORDS (sizeof(words) / sizeof(words[0]))

static struct sockaddr_in address;
static const char *at, *end;		/* what is still to be sent */
static uint32_t *latencies;
static size_t nanswers, nother, outcomes[NWORDS];
static int epoll;

static uint64_t
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

static void
line_connect(struct line *line)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = line};
	int on = 1;

	line->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (line->fd == -1 || connect(line->fd,
	    (const struct sockaddr *)&address, sizeof(address)) == -1)
		err(1, "no connection");
	(void)setsockopt(line->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, line->fd, &event) == -1)
		err(1, "epoll");
}

/* Sends the next request; false if there is none. */
static bool
line_send(struct line *line)
{
	uint32_t size;
	size_t sent;
	ssize_t n;

	if (at == end)
		return false;
	memcpy(&size, at, sizeof(size));
	at += sizeof(size);
	line->len = 0;
	line->began = now();
	for (sent = 0; sent < size; sent += (size_t)n) {
		n = send(line->fd, at + sent, size - sent, MSG_NOSIGNAL);
		if (n == -1)
			err(1, "send");
	}
	at += size;
	return true;
}

/* The answer is whole: its body follows its head. */
static const char *
find_body(const struct line *line)
{
	const char *body = strstr(line->answer, "\r\n\r\n"), *length;

	if (body == NULL)
		return NULL;
	body += 4;
	length = strcasestr(line->answer, "\r\nContent-Length:");
	if (length == NULL || length > body)
		errx(1, "an answer without Content-Length");
	return line->len >= (size_t)(body - line->answer) +
	    strtoul(length + 17, NULL, 10) ? body : NULL;
}

static void
count(const struct line *line, const char *body)
{
	const char *outcome = strstr(body, "\"outcome\":\"");
	size_t i;

	latencies[nanswers++] = (uint32_t)((now() - line->began) / 1000);
	if (strncmp(line->answer, "HTTP/1.1 200 ", 13) != 0)
		nother++;
	for (i = 0; outcome != NULL && i < NWORDS; i++)
		if (strncmp(outcome + 11, words[i], strlen(words[i])) == 0)
			outcomes[i]++;
}

/* Reads what is there.  1: another request is under way; 0: wait; -1: this
 * connection has no more to do. */
static int
line_read(struct line *line)
{
	const char *body;
	ssize_t n;

	n = recv(line->fd, line->answer + line->len, ANSWER_MAX - line->len, 0);
	if (n <= 0)
		errx(1, "a connection ended in the middle of an answer");
	line->len += (size_t)n;
	line->answer[line->len] = '\0';
	body = find_body(line);
	if (body == NULL)
		return 0;
	count(line, body);
	if (strcasestr(line->answer, "\r\nConnection: close") != NULL) {
		(void)close(line->fd);
		line->fd = -1;
		if (at == end)
			return -1;
		line_connect(line);
	}
	return line_send(line) ? 1 : -1;
}

static int
compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void
report(double seconds)
{
	size_t i;

	qsort(latencies, nanswers, sizeof(*latencies), compare);
	printf("{\"answers\": %zu, \"not_200\": %zu, \"seconds\": %.6f, "
	    "\"p50\": %u, \"p90\": %u, \"p99\": %u, \"p999\": %u, "
	    "\"max\": %u, \"outcomes\": {", nanswers, nother, seconds,
	    latencies[nanswers / 2], latencies[nanswers * 9 / 10],
	    latencies[nanswers * 99 / 100], latencies[nanswers * 999 / 1000],
	    latencies[nanswers - 1]);
	for (i = 0; i < NWORDS; i++)
		printf("%s\"%s\": %zu", i == 0 ? "" : ", ", words[i],
		    outcomes[i]);
	printf("}}\n");
}

static void
read_requests(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd == -1 || fstat(fd, &st) == -1 || st.st_size == 0)
		err(1, "%s", path);
	at = mmap(NULL, (size_t)st.st_size, PROT_READ,
	    MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (at == MAP_FAILED)
		err(1, "%s", path);
	end = at + st.st_size;
	latencies = calloc((size_t)st.st_size / 64, sizeof(*latencies));
	if (latencies == NULL)
		err(1, "latencies");
}

int
main(int argc, char *argv[])
{
	struct epoll_event ready[64];
	struct line *lines;
	uint64_t began;
	long i, open_lines = 0;
	int n;

	if (argc != 4)
		errx(2, "usage: load PORT CONNECTIONS FILE");
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons((uint16_t)atoi(argv[1]));
	read_requests(argv[3]);
	lines = calloc((size_t)atol(argv[2]), sizeof(*lines));
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (lines == NULL || epoll == -1)
		err(1, "start");
	for (i = 0; i < atol(argv[2]); i++)
		line_connect(&lines[i]);
	began = now();
	for (i = 0; i < atol(argv[2]); i++)
		open_lines += line_send(&lines[i]);
	while (open_lines > 0) {
		n = epoll_wait(epoll, ready, 64, 60000);
		if (n <= 0)
			errx(1, "no answer for a minute");
		while (n-- > 0)
			open_lines -= line_read(ready[n].data.ptr) == -1;
	}
	report((double)(now() - began) / 1e9);
	return 0;
}
