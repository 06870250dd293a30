/*
 * Verifies a delivery of Stripe's, and says what it is about.
 *
 *     verify [HEADER] < BODY
 *
 * HEADER is the value of Stripe-Signature; without it, that of the variable
 * HTTP_STRIPE_SIGNATURE, where CGI has it.  STRIPE_WEBHOOK_SECRET holds the
 * signing secret, or several with commas or blanks between.  Prints the
 * event's type and its customer, "-" where it has none.
 *
 * Exit status: 0 authentic; 1 refused, so answer Stripe with 400; 2 it could
 * not be tried, so answer 500, and Stripe will send it again.
 *
 *     cc -o verify verify.c $(pkg-config --cflags --libs billhook)
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <billhook.h>

#define BODY_MAX	(1024 * 1024)	/* Stripe's are far smaller */
#define SECRETS_MAX	16

enum { AUTHENTIC, REFUSED, NOT_TRIED };

/* Makes a verifier of the secrets in a text, which is cut into pieces.  NULL,
 * after saying what to do, if they cannot be used. */
static struct bh_verifier *
make_verifier(char *text)
{
	const char *secrets[SECRETS_MAX];
	struct bh_verifier *verifier;
	enum bh_result result;
	size_t n = 0, bad = 0;
	char *secret;

	for (secret = strtok(text, ", \t"); secret != NULL;
	    secret = strtok(NULL, ", \t")) {
		if (n == SECRETS_MAX) {
			fprintf(stderr, "verify: more than %d secrets\n",
			    SECRETS_MAX);
			return NULL;
		}
		secrets[n++] = secret;
	}

	if (n == 0) {
		fprintf(stderr, "verify: set STRIPE_WEBHOOK_SECRET\n");
		return NULL;
	}

	/* Say which one it is, and never what it is. */
	result = bh_verifier_new(&verifier, secrets, n, &bad);
	if (result == BH_ESECRET)
		fprintf(stderr, "verify: STRIPE_WEBHOOK_SECRET, secret %zu of "
		    "%zu: %s\n", bad + 1, n, bh_result_text(result));
	else if (result != BH_OK)
		fprintf(stderr, "verify: %s\n", bh_result_text(result));
	return verifier;
}

/* Reads the body whole, and raw: what is signed is its bytes.  NULL, after
 * saying why, if that is not possible. */
static char *
read_body(size_t *len)
{
	char *body;

	if ((body = malloc(BODY_MAX + 1)) == NULL) {
		fprintf(stderr, "verify: out of memory\n");
		return NULL;
	}
	*len = fread(body, 1, BODY_MAX + 1, stdin);
	if (ferror(stdin) || *len > BODY_MAX) {
		fprintf(stderr, ferror(stdin) ?
		    "verify: the body cannot be read\n" :
		    "verify: the body is larger than any of Stripe's\n");
		free(body);
		return NULL;
	}
	return body;
}

/* The customer's id: the object's customer, or the object itself. */
static const char *
customer_of(const struct bh_event *event)
{
	const char *object = bh_event_text(event, "data.object.object");
	const char *id;

	if (object != NULL && strcmp(object, "customer") == 0)
		id = bh_event_text(event, "data.object.id");
	else
		id = bh_event_ref(event, "data.object.customer");
	return id != NULL ? id : "-";
}

/* Verifies a delivery at the present time, and tells of it. */
static int
verify(const struct bh_verifier *verifier, const char *body, size_t len,
    const char *header)
{
	struct bh_event *event;
	enum bh_result result;
	const char *type;
	char why[BH_MESSAGE_SIZE];

	result = bh_event_construct(&event, verifier, body, len, header,
	    header != NULL ? strlen(header) : 0, BH_TOLERANCE, time(NULL),
	    why, sizeof(why));
	if (result != BH_OK) {
		fprintf(stderr, "verify: %s\n", why);
		return result == BH_ENOMEM ? NOT_TRIED : REFUSED;
	}

	type = bh_event_type(event);
	printf("%s %s\n", type != NULL ? type : "-", customer_of(event));
	bh_event_free(event);
	return AUTHENTIC;
}

int
main(int argc, char **argv)
{
	struct bh_verifier *verifier;
	const char *header, *secrets;
	char *body = NULL, *text = NULL;
	size_t len;
	int status = NOT_TRIED;

	if (argc > 2) {
		fprintf(stderr, "usage: verify [HEADER] < BODY\n");
		return NOT_TRIED;
	}
	header = argc == 2 ? argv[1] : getenv("HTTP_STRIPE_SIGNATURE");
	if ((secrets = getenv("STRIPE_WEBHOOK_SECRET")) == NULL)
		secrets = "";
	if ((text = malloc(strlen(secrets) + 1)) == NULL) {
		fprintf(stderr, "verify: out of memory\n");
		return NOT_TRIED;
	}
	memcpy(text, secrets, strlen(secrets) + 1);

	if ((verifier = make_verifier(text)) != NULL &&
	    (body = read_body(&len)) != NULL)
		status = verify(verifier, body, len, header);

	/* Success is only what was really written. */
	if (fflush(stdout) == EOF) {
		fprintf(stderr, "verify: standard output cannot be written\n");
		status = NOT_TRIED;
	}
	free(body);
	bh_verifier_free(verifier);
	free(text);
	return status;
}
