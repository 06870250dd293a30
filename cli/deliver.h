/*
 * Delivering an event as Stripe does: POSTed to a URL through libcurl, which
 * brings TLS and proxies and is known by deliver.c alone, or given to the
 * responder as a plain CGI request.
 */
#ifndef DELIVER_H
#define DELIVER_H

#include <stdbool.h>
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

/* As deliver_url(); what the program says on its standard error is printed on
 * ours, escaped. */
int deliver_cgi(struct deliver_answer *answer, const char *program,
    const char *header, const struct bytes *body);

/* What to do where an endpoint refuses a delivery with this status of HTTP; ""
 * where it does not. */
const char *deliver_advice(int status);

/* Asks with a GET whether a responder is there.  As deliver_url(); with a
 * status of -1 where this billhook has no libcurl to ask with. */
int deliver_ask(struct deliver_answer *answer, const char *url);

/* Whether it is the address of an endpoint; if not, what to say of it. */
bool deliver_is_url(const char *url);
#define DELIVER_URLS "%s: --url wants an address that begins with http:// " \
    "or https://"

/* Where an answer of ours says what became of the event, or what was wrong:
 * {"received":true,"outcome":"applied"}.  "" if it does not. */
#define DELIVER_OUTCOME_SIZE 32
void deliver_outcome(char outcome[DELIVER_OUTCOME_SIZE],
    const struct deliver_answer *answer);

#endif
