/*
 * Stripe's signatures: t=SECONDS,v1=HEX[,v1=HEX...], where HEX is the
 * HMAC-SHA256, in lower case, of "SECONDS.BODY" under the whole secret.
 *
 * Where the official SDKs agree, so does this.  Where they do not, it takes
 * the choice that is safe with what Stripe really sends: the time is signed as
 * its literal text, two different times are refused, upper-case hex does not
 * match, and the clock may be off both ways.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billhook.h"
#include "hmac.h"

#define PREFIX "whsec_"
#define HEX_LEN (2 * HMAC_LEN)

/* Eighteen digits always fit an int64_t; Stripe sends ten. */
#define TIME_DIGITS_MAX 18

/*
 * The longest header that is looked at.  The SDKs know no limit, and take a
 * thousand v1: 69 KB when a proxy has joined them with ", ".  Web servers
 * refuse a header of that size themselves; this bounds the work for those
 * that do not.
 */
#define HEADER_MAX (80 * 1024)

struct bh_verifier {
	size_t n;
	struct hmac *keys[];
};

/* key=value in a header; borrowed from it. */
struct element {
	const char *key;
	size_t key_len;
	const char *value;
	size_t value_len;
};

/* What the header says, but for the signatures themselves. */
struct stamp {
	const char *text;	/* the time as written; NULL if there is none */
	size_t len;
	int64_t time;
	size_t signatures;
};

const char *
bh_result_text(enum bh_result result)
{
	static const char *const texts[BH_RESULT__MAX] = {
		[BH_OK] = "the event is authentic",
		[BH_ENOMEM] = "out of memory; try again",
		[BH_ESECRET] = "no usable signing secret; it begins with "
		    "whsec_ and is under Developers > Webhooks in Stripe's "
		    "dashboard",
		[BH_ENOHEADER] = "no Stripe-Signature header; either Stripe "
		    "did not send this, or a proxy does not pass the header on",
		[BH_EHEADER] = "the Stripe-Signature header is malformed; "
		    "Stripe sends t=SECONDS,v1=HEX, so look at what a proxy "
		    "does to it",
		[BH_ENOV1] = "the Stripe-Signature header has no signature of "
		    "scheme v1; look at what a proxy does to it",
		[BH_EMISMATCH] = "no signature matches; either the signing "
		    "secret is that of another endpoint or mode, or something "
		    "on the way changes the body",
		[BH_ETOOOLD] = "the signature is older than the tolerance; "
		    "check this machine's clock, or it is a request sent again "
		    "by somebody else",
		[BH_ETOONEW] = "the signature is ahead of the clock by more "
		    "than the tolerance; set this machine's clock",
		[BH_EPAYLOAD] = "authentic, but not an event; send Stripe's "
		    "events to this address, nothing else",
		[BH_ETHIN] = "authentic, but a thin event (v2.core.event); "
		    "choose the payload style Snapshot for this endpoint in "
		    "Stripe's dashboard",
	};

	if ((unsigned int)result >= BH_RESULT__MAX)
		return "unknown result";
	return texts[result];
}

/* Whether a text can be a signing secret. */
static bool
is_secret(const char *secret)
{
	const char *c;

	if (secret == NULL || strncmp(secret, PREFIX, strlen(PREFIX)) != 0 ||
	    secret[strlen(PREFIX)] == '\0')
		return false;
	for (c = secret; *c != '\0'; c++)
		if (*c <= ' ' || *c > '~')
			return false;
	return true;
}

enum bh_result
bh_verifier_new(struct bh_verifier **out, const char *const *secrets, size_t n,
    size_t *bad)
{
	struct bh_verifier *verifier;
	size_t i;

	*out = NULL;
	for (i = 0; i < n && is_secret(secrets[i]); i++)
		;
	if (n == 0 || i < n) {
		if (bad != NULL)
			*bad = i;
		return BH_ESECRET;
	}

	if (n > (SIZE_MAX - sizeof(*verifier)) / HEX_LEN)
		return BH_ENOMEM;
	verifier = calloc(1, sizeof(*verifier) + n * sizeof(*verifier->keys));
	if (verifier == NULL)
		return BH_ENOMEM;

	/* The bytes of the secret are the key, prefix and all. */
	for (i = 0; i < n; i++, verifier->n++) {
		verifier->keys[i] = hmac_new(secrets[i], strlen(secrets[i]));
		if (verifier->keys[i] == NULL) {
			bh_verifier_free(verifier);
			return BH_ENOMEM;
		}
	}
	*out = verifier;
	return BH_OK;
}

void
bh_verifier_free(struct bh_verifier *verifier)
{
	size_t i;

	if (verifier == NULL)
		return;
	for (i = 0; i < verifier->n; i++)
		hmac_free(verifier->keys[i]);
	free(verifier);
}

/*
 * Takes the next element of a header that has a '=', without the blanks and
 * tabs round it; the value ends where the element does, whatever is in it.
 * False at the end.
 */
static bool
next_element(struct element *element, const char **at, const char *end)
{
	const char *start, *stop, *equals;

	while (*at < end) {
		start = *at;
		stop = memchr(start, ',', (size_t)(end - start));
		*at = stop == NULL ? end : stop + 1;
		if (stop == NULL)
			stop = end;

		while (start < stop && (*start == ' ' || *start == '\t'))
			start++;
		while (stop > start && (stop[-1] == ' ' || stop[-1] == '\t'))
			stop--;
		equals = memchr(start, '=', (size_t)(stop - start));
		if (equals == NULL)
			continue;

		element->key = start;
		element->key_len = (size_t)(equals - start);
		element->value = equals + 1;
		element->value_len = (size_t)(stop - equals - 1);
		return true;
	}
	return false;
}

static bool
has_key(const struct element *element, const char *key)
{
	return element->key_len == strlen(key) &&
	    memcmp(element->key, key, element->key_len) == 0;
}

/* Takes a time: digits only, of which there is a bounded number.  False if it
 * is none, or another one than was read before. */
static bool
take_time(struct stamp *stamp, const struct element *element)
{
	size_t i;

	if (stamp->text != NULL)
		return element->value_len == stamp->len &&
		    memcmp(element->value, stamp->text, stamp->len) == 0;

	if (element->value_len == 0 || element->value_len > TIME_DIGITS_MAX)
		return false;
	for (i = 0; i < element->value_len; i++) {
		if (element->value[i] < '0' || element->value[i] > '9')
			return false;
		stamp->time = stamp->time * 10 + (element->value[i] - '0');
	}
	stamp->text = element->value;
	stamp->len = element->value_len;
	return true;
}

/* Reads the header but for its signatures, which are counted. */
static enum bh_result
read_header(struct stamp *stamp, const char *header, size_t len)
{
	const char *at = header;
	struct element element;

	memset(stamp, 0, sizeof(*stamp));
	if (header == NULL || len == 0)
		return BH_ENOHEADER;
	if (len > HEADER_MAX || memchr(header, '\0', len) != NULL)
		return BH_EHEADER;

	while (next_element(&element, &at, header + len)) {
		if (has_key(&element, "t")) {
			if (!take_time(stamp, &element))
				return BH_EHEADER;
		} else if (has_key(&element, "v1"))
			stamp->signatures++;
	}
	if (stamp->text == NULL)
		return BH_EHEADER;
	return stamp->signatures > 0 ? BH_OK : BH_ENOV1;
}

/* Writes the signature of a time and a body in lower-case hex, by arithmetic
 * alone: no branch and no address depends on it.  0, or -1 without memory. */
static int
sign(char hex[HEX_LEN], const struct hmac *key, const struct hmac_part *time,
    const struct hmac_part *body)
{
	const struct hmac_part parts[] = { *time, { ".", 1 }, *body };
	unsigned char digest[HMAC_LEN];
	unsigned int nibble;
	size_t i;

	if (hmac_digest(key, digest, parts, 3) == -1)
		return -1;
	for (i = 0; i < HEX_LEN; i++) {
		nibble = digest[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15;
		hex[i] = (char)('0' + nibble +
		    ((9 - nibble) >> 8 & ('a' - '9' - 1)));
	}
	hmac_wipe(digest, sizeof(digest));
	return 0;
}

/*
 * Compares every v1 with each of n signatures, to the end, whatever matches.
 * The number of the one that did, from 1, or 0.
 */
static size_t
match(const char *header, size_t len, const char *expected, size_t n)
{
	const char *at = header;
	struct element element;
	size_t i, same, matched = 0;

	while (next_element(&element, &at, header + len)) {
		if (!has_key(&element, "v1") || element.value_len != HEX_LEN)
			continue;
		for (i = 0; i < n; i++) {
			same = (size_t)0 - hmac_equal(element.value,
			    expected + i * HEX_LEN, HEX_LEN);
			matched = (matched & ~same) | ((i + 1) & same);
		}
	}
	return matched;
}

/* Whether an age is within the tolerance, which can be small but never off. */
static enum bh_result
judge_age(int64_t age, int64_t tolerance)
{
	if (tolerance < 0)
		tolerance = 0;
	if (age > tolerance)
		return BH_ETOOOLD;
	return age < -tolerance ? BH_ETOONEW : BH_OK;
}

enum bh_result
bh_signature_verify(const struct bh_verifier *verifier, const void *body,
    size_t body_len, const char *header, size_t header_len, int64_t tolerance,
    int64_t now, struct bh_finding *finding)
{
	struct bh_finding found = { 0, 0, 0, 0 };
	const struct hmac_part raw = { body, body_len };
	struct hmac_part time;
	struct stamp stamp;
	enum bh_result result;
	size_t i, matched;
	char *expected = NULL;

	/* Read the header. */
	result = read_header(&stamp, header, header_len);
	found.t = stamp.time;
	found.signatures = stamp.signatures;
	if (result != BH_OK)
		goto done;
	if (__builtin_sub_overflow(now, stamp.time, &found.age))
		found.age = INT64_MIN;

	/* What the signature would be, under each secret. */
	time = (struct hmac_part){ stamp.text, stamp.len };
	if ((expected = malloc(verifier->n * HEX_LEN)) == NULL) {
		result = BH_ENOMEM;
		goto done;
	}
	for (i = 0; i < verifier->n; i++)
		if (sign(expected + i * HEX_LEN, verifier->keys[i], &time,
		    &raw) == -1) {
			result = BH_ENOMEM;
			goto wipe;
		}

	/* The signature first, so that only who can sign learns our clock. */
	matched = match(header, header_len, expected, verifier->n);
	if (matched == 0) {
		result = BH_EMISMATCH;
		goto wipe;
	}
	found.secret = matched - 1;
	result = judge_age(found.age, tolerance);

wipe:
	hmac_wipe(expected, verifier->n * HEX_LEN);
	free(expected);
done:
	if (finding != NULL)
		*finding = found;
	return result;
}

enum bh_result
bh_signature_make(char *buffer, size_t size, const char *secret,
    const void *body, size_t body_len, int64_t t)
{
	const struct hmac_part raw = { body, body_len };
	struct hmac_part time;
	struct hmac *key;
	char digits[24], hex[HEX_LEN];
	enum bh_result result = BH_ENOMEM;
	int len;

	if (!is_secret(secret))
		return BH_ESECRET;
	if ((key = hmac_new(secret, strlen(secret))) == NULL)
		return BH_ENOMEM;

	snprintf(digits, sizeof(digits), "%" PRId64, t);
	time = (struct hmac_part){ digits, strlen(digits) };
	if (sign(hex, key, &time, &raw) == 0) {
		len = snprintf(buffer, size, "t=%s,v1=%.*s", digits, HEX_LEN,
		    hex);
		if (len > 0 && (size_t)len < size)
			result = BH_OK;
	}
	hmac_free(key);
	return result;
}
