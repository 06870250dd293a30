/*
 * What the tests of signatures share: a body, a verifier, a signature.
 */
#ifndef SIGNING_H
#define SIGNING_H

#include <stdlib.h>
#include <string.h>

#include "billhook.h"

#define NOW 1700000000
#define SECRET "whsec_test_one"
#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static const char body[] = "{\"id\":\"evt_1\",\"object\":\"event\"}";

/* A verifier of one secret, or of two. */
static inline struct bh_verifier *
verifier_of(const char *one, const char *two)
{
	const char *const secrets[] = { one, two };
	struct bh_verifier *verifier;

	if (bh_verifier_new(&verifier, secrets, two == NULL ? 1 : 2, NULL) !=
	    BH_OK)
		abort();
	return verifier;
}

/* The hexadecimal digits of the signature of our body. */
static inline const char *
hex_of(const char *secret, int64_t t)
{
	static char header[BH_SIGNATURE_SIZE];

	if (bh_signature_make(header, sizeof(header), secret, body,
	    strlen(body), t) != BH_OK)
		abort();
	return strstr(header, ",v1=") + strlen(",v1=");
}

/* Verifies our body with a header that is a C text. */
static inline enum bh_result
verify(const struct bh_verifier *verifier, const char *header,
    struct bh_finding *finding)
{
	return bh_signature_verify(verifier, body, strlen(body), header,
	    strlen(header), BH_TOLERANCE, NOW, finding);
}

#endif
