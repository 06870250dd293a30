#include "answer.h"

#include <stdio.h>

static const struct {
	int	    status;
	const char *reason;
	const char *error;	/* NULL: it is none */
} answers[ANSWER__MAX] = {
	[ANSWER_RECEIVED] = { 200, "OK", NULL },
	[ANSWER_INVALID_PAYLOAD] = { 400, "Bad Request", "invalid_payload" },
	[ANSWER_INVALID_SIGNATURE] = { 401, "Unauthorized",
	    "invalid_signature" },
	[ANSWER_METHOD_NOT_ALLOWED] = { 405, "Method Not Allowed",
	    "method_not_allowed" },
	[ANSWER_LENGTH_REQUIRED] = { 411, "Length Required",
	    "length_required" },
	[ANSWER_PAYLOAD_TOO_LARGE] = { 413, "Payload Too Large",
	    "payload_too_large" },
	[ANSWER_MISCONFIGURED] = { 500, "Internal Server Error",
	    "misconfigured" },
	[ANSWER_UNAVAILABLE] = { 503, "Service Unavailable", "unavailable" },
};

int
answer_status(enum answer_code code)
{
	return answers[code].status;
}

/* The header that only this answer has, with its line's end, or "". */
static void
print_extra(char *buffer, size_t size, const struct answer *answer)
{
	buffer[0] = '\0';
	if (answer->code == ANSWER_METHOD_NOT_ALLOWED)
		snprintf(buffer, size, "Allow: POST\r\n");
	else if (answer->code == ANSWER_UNAVAILABLE)
		snprintf(buffer, size, "Retry-After: %d\r\n",
		    answer->retry_after);
}

static int
print_body(char *buffer, size_t size, const struct answer *answer)
{
	const char *error = answers[answer->code].error;

	if (error != NULL)
		return snprintf(buffer, size, "{\"error\":\"%s\"}", error);
	return snprintf(buffer, size, "{\"received\":true,\"outcome\":\"%s\"}",
	    store_outcome_name(answer->outcome));
}

size_t
answer_print(char buffer[ANSWER_SIZE], const struct answer *answer)
{
	char extra[64], body[128];
	int len;

	print_extra(extra, sizeof(extra), answer);
	len = print_body(body, sizeof(body), answer);
	return (size_t)snprintf(buffer, ANSWER_SIZE,
	    "Status: %d %s\r\n"
	    "%s"
	    "Content-Type: application/json\r\n"
	    "Content-Length: %d\r\n"
	    "Cache-Control: no-store\r\n"
	    "\r\n"
	    "%s",
	    answers[answer->code].status, answers[answer->code].reason, extra,
	    len, body);
}
