/*
 * The answers of the contract.  Nothing in them tells a stranger more than
 * its table.
 */
#ifndef ANSWER_H
#define ANSWER_H

#include <stddef.h>

#include "store.h"

enum answer_code {
	ANSWER_RECEIVED,
	ANSWER_INVALID_PAYLOAD,
	ANSWER_INVALID_SIGNATURE,
	ANSWER_METHOD_NOT_ALLOWED,
	ANSWER_LENGTH_REQUIRED,
	ANSWER_PAYLOAD_TOO_LARGE,
	ANSWER_MISCONFIGURED,
	ANSWER_UNAVAILABLE,
	ANSWER__MAX
};

struct answer {
	enum answer_code   code;
	enum store_outcome outcome;	/* of ANSWER_RECEIVED */
	int		   retry_after;	/* of ANSWER_UNAVAILABLE: seconds */
};

#define ANSWER_SIZE 512	/* bytes, enough for every answer */

/* The HTTP status of a code, as 200. */
int answer_status(enum answer_code code);

/*
 * Writes the whole answer as CGI has it, "Status:" first, with its body; its
 * length in bytes.
 */
size_t answer_print(char buffer[ANSWER_SIZE], const struct answer *answer);

#endif
