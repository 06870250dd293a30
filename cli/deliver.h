/*
 * Delivering an event as Stripe does: POSTed to a URL through libcurl, which
 * brings TLS and proxies and is known by deliver.c alone, or given to the
 * responder as a plain CGI request.
 */
#ifndef DELIVER_H
#define DELIVER_H

#include <stddef.h>

#include "bytes.h"

#define DELIVER_TIMEOUT 30		/* seconds */

struct deliver_answer {
	int	     status;	/* of HTTP; 0 if there was no answer */
	struct bytes body;	/* freed by the caller */
	char	     allow[32];	/* the header Allow; "" if none */
	char	     error[256];	/* why there was none */
};

/* 0 if there was an answer, whatever it said; -1 with a sentence. */
int deliver_url(struct deliver_answer *answer, const char *url,
    const char *header, const struct bytes *body);
int deliver_cgi(struct deliver_answer *answer, const char *program,
    const char *header, const struct bytes *body);

/* What to do where an endpoint refuses a delivery with this status of HTTP; ""
 * where it does not. */
const char *deliver_advice(int status);

/* Asks with a GET whether a responder is there.  As deliver_url(); with a
 * status of -1 where this billhook has no libcurl to ask with. */
int deliver_ask(struct deliver_answer *answer, const char *url);

#endif
