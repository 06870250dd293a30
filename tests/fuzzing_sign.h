/*
 * Signatures in the input of a fuzzer, which can mutate everything but guess
 * no digest: "@1" and "@2" in a header stand for the digits of a signature
 * with the first and the second configured secret, "@0" for one with a secret
 * that is not configured, each of the header's own first time and of the body.
 */
#ifndef FUZZING_SIGN_H
#define FUZZING_SIGN_H

#include "bytes.h"
#include "fuzzing.h"
#include "hmac.h"

#define FUZZ_HEX (2 * HMAC_LEN)

/* The digits of a signature of time and body. */
static inline void
fuzz_sign(char hex[FUZZ_HEX + 1], const char *secret, struct fuzz_part t,
    struct fuzz_part body)
{
	const struct hmac_part parts[] = { { t.at, t.len }, { ".", 1 },
	    { body.at, body.len } };
	struct hmac *hmac = hmac_new(secret, strlen(secret));
	unsigned char digest[HMAC_LEN];
	size_t i;

	if (hmac == NULL || hmac_digest(hmac, digest, parts, 3) == -1)
		abort();
	for (i = 0; i < HMAC_LEN; i++)
		sprintf(hex + 2 * i, "%02x", digest[i]);
	hmac_free(hmac);
}

/* The text of the first time that stands in a header. */
static inline struct fuzz_part
fuzz_time(struct fuzz_part header)
{
	const struct fuzz_part none = { "", 0 };
	struct fuzz_part element;

	while (fuzz_cut(&element, &header, ',')) {
		while (element.len > 0 && (*element.at == ' ' ||
		    *element.at == '\t')) {
			element.at++;
			element.len--;
		}
		while (element.len > 0 && (element.at[element.len - 1] == ' ' ||
		    element.at[element.len - 1] == '\t'))
			element.len--;
		if (element.len >= 2 && memcmp(element.at, "t=", 2) == 0) {
			element.at += 2;
			element.len -= 2;
			return element;
		}
	}
	return none;
}

/* Puts the header behind what is in out, with its signatures made.  True if
 * one of them is of a configured secret. */
static inline bool
fuzz_put_header(struct bytes *out, struct fuzz_part header,
    struct fuzz_part body)
{
	static const char *const secrets[] = { "whsec_test_fuzz_other",
	    FUZZ_SECRET, FUZZ_ROLLED };
	struct fuzz_part t = fuzz_time(header);
	char hex[FUZZ_HEX + 1];
	bool configured = false;
	size_t i, which;

	for (i = 0; i < header.len; i++) {
		which = i + 1 < header.len && header.at[i] == '@' ?
		    (size_t)(header.at[i + 1] - '0') : 3;
		if (which >= 3) {
			bytes_put_char(out, header.at[i]);
			continue;
		}
		fuzz_sign(hex, secrets[which], t, body);
		bytes_put_text(out, hex);
		configured = configured || which > 0;
		i++;
	}
	return configured;
}

#endif
