/*
 * billhook.fcgi: receives Stripe's webhooks behind a web server.  FastCGI when
 * descriptor 0 is a listening socket, else plain CGI.
 */
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fcgi.h"
#include "hmac.h"
#include "json.h"
#include "landlock.h"
#include "log.h"
#include "plain.h"
#include "pool.h"
#include "reader.h"
#include "setup.h"

#define EXIT_USAGE 2

static void
print_usage(FILE *out)
{
	fputs("billhook.fcgi " PACKAGE_VERSION
	    ": receives Stripe's webhooks behind a web server\n"
	    "\n"
	    "A web server starts this program; it does nothing by hand:\n"
	    "  FastCGI  with the listening socket as descriptor 0\n"
	    "           (Apache mod_fcgid, lighttpd mod_fastcgi, or\n"
	    "           spawn-fcgi -s /run/billhook.sock -- billhook.fcgi)\n"
	    "  CGI      with GATEWAY_INTERFACE in its environment\n"
	    "           (Apache mod_cgi and mod_cgid, lighttpd mod_cgi)\n"
	    "\n"
	    "Settings are lines of NAME=value in the file that\n"
	    "BILLHOOK_CONFIG names, else in the installed billhook.conf\n"
	    "(mode 0600); without STRIPE_WEBHOOK_SECRET=whsec_... nothing\n"
	    "works.  `billhook doctor` says what is missing.\n"
	    "\n"
	    "  --help     prints this\n"
	    "  --version  prints the version\n", out);
}

/* What a person gets who starts it by hand; the exit status. */
static int
serve_person(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts("billhook.fcgi " PACKAGE_VERSION);
		return EXIT_SUCCESS;
	}
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		print_usage(stdout);
		return EXIT_SUCCESS;
	}
	print_usage(stderr);
	return EXIT_USAGE;
}

/* True if descriptor 0 is a listening socket. */
static bool
is_fastcgi(void)
{
	int listening = 0;
	socklen_t len = sizeof(listening);

	return getsockopt(STDIN_FILENO, SOL_SOCKET, SO_ACCEPTCONN, &listening,
	    &len) == 0 && listening == 1;
}

static bool
is_cgi(void)
{
	return getenv("GATEWAY_INTERFACE") != NULL ||
	    getenv("REQUEST_METHOD") != NULL;
}

/* Makes the process its own, whoever started it. */
static void
settle(void)
{
	/* Where one of 0, 1, 2 is closed, no file may get that number: what
	 * is meant for the client or the log would go into it. */
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) == -1)
			(void)!open("/dev/null", O_RDWR);

	/* Web servers leave pipes of theirs open. */
	if (close_range(3, ~0U, 0) == -1)
		for (int fd = 3; fd < 1024; fd++)
			close(fd);

	/* Nothing for others: files, and the memory with its secrets. */
	umask(077);
	prctl(PR_SET_DUMPABLE, 0);

	/* A peer that went away is an error of write(2), not the end. */
	signal(SIGPIPE, SIG_IGN);
	/* A limit on the size of files is an error to answer, not an end. */
	signal(SIGXFSZ, SIG_IGN);
	/* Whoever started it may have left its children to nobody. */
	signal(SIGCHLD, SIG_DFL);
}

int
main(int argc, char **argv)
{
	struct reader *reader = NULL;
	struct setup setup;
	struct log *log;
	int status = EXIT_SUCCESS;

	/* Arguments count for nothing else: a web server may make them from
	 * a query string. */
	if (!is_fastcgi() && !is_cgi())
		return serve_person(argc, argv);

	settle();
	json_set_allocator(pool_alloc, pool_clear);
	/* Before the file is read: a secret that comes by it is never in the
	 * reader's memory, one of the environment is. */
	if (is_fastcgi() && landlock_abi() > 0)
		reader = reader_start(config_file(), argv);
	log = log_new();
	if (log == NULL || hmac_init() == -1 || setup_init(&setup, log) == -1) {
		fputs("billhook: error: OpenSSL or memory is missing at the "
		    "start: free some memory, check libcrypto\n", stderr);
		if (!is_fastcgi())
			plain_refuse();
		reader_stop(reader);
		log_free(log);
		return EXIT_FAILURE;
	}
	if (is_fastcgi())
		status = fcgi_serve(&setup, log, reader);
	else
		plain_serve(&setup);
	setup_free(&setup);
	reader_stop(reader);
	log_free(log);
	return status;
}
