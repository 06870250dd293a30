/* The diagnosis: the delivery as it came, then the secrets, the header and the
 * body in turn, each mended as far as it can be. */
#include <stdlib.h>
#include <string.h>

#include "diagnosis_try.h"
#include "hmac.h"

#define BUDGET ((uint64_t)1 << 30)	/* bytes hashed: some seconds */
#define FOREVER (INT64_MAX / 2)		/* a tolerance: any age */
#define PREFIX "whsec_"
#define DIGITS_LEN 64

/* A text without the blanks and quotes round it: where and how long. */
struct slice { const char *at; size_t len; };

/* Secrets, mended, of those that are in use and of the others. */
struct keys {
	char **mended;		/* owned, wiped */
	size_t n;
	size_t inuse;
	enum diagnosis_cause *faults;	/* CAUSE__MAX: none */
	size_t *place;		/* in the caller's lists, end to end */
};

/* Whether the digits that are left of a v1 begin the true signature. */
static bool
try_cut(struct diagnosis_try *attempt, const char *body, size_t len)
{
	char header[BH_SIGNATURE_SIZE];
	const char *digits;
	size_t i;

	for (i = 0; i < attempt->nsecrets; i++) {
		if (bh_signature_make(header, sizeof(header),
		    attempt->secrets[i], body, len, attempt->found->t) !=
		    BH_OK)
			continue;
		digits = header + strlen(header) - DIGITS_LEN;
		if (hmac_equal(digits, attempt->cut, attempt->cut_len)) {
			attempt->found->secret = i;
			attempt->found->matched = true;
			return true;
		}
	}
	return false;
}

bool
diagnosis_try(struct diagnosis_try *attempt, const char *body, size_t len)
{
	struct bh_finding finding = { 0 };
	uint64_t cost = (uint64_t)(len + 256) * attempt->nsecrets;

	attempt->budget = cost < attempt->budget ? attempt->budget - cost : 0;
	if (attempt->budget == 0)
		return false;
	attempt->found->tries++;
	if (attempt->cut != NULL)
		return try_cut(attempt, body, len);
	if (bh_signature_verify(attempt->verifier, body, len, attempt->header,
	    attempt->header_len, FOREVER, attempt->now, &finding) != BH_OK)
		return false;
	attempt->found->secret = finding.secret;
	attempt->found->matched = true;
	return true;
}

/* What keeps a text from being a secret as it stands; CAUSE__MAX if nothing.
 * *slice is what it would be without that. */
static enum diagnosis_cause
judge_secret(const char *text, struct slice *slice)
{
	static const char blanks[] = " \t\r\n", quotes[] = "\"'`";
	enum diagnosis_cause fault = CAUSE__MAX;
	const char *at = text, *end = text + strlen(text);

	for (; at < end && strchr(blanks, *at) != NULL; at++)
		fault = CAUSE_SECRET_BLANK;
	for (; end > at && strchr(blanks, end[-1]) != NULL; end--)
		fault = CAUSE_SECRET_BLANK;
	for (; at < end && strchr(quotes, *at) != NULL; at++)
		fault = CAUSE_SECRET_QUOTED;
	for (; end > at && strchr(quotes, end[-1]) != NULL; end--)
		fault = CAUSE_SECRET_QUOTED;
	*slice = (struct slice){ at, (size_t)(end - at) };
	if (slice->len > 3 && strchr("srp", *at) != NULL &&
	    memcmp(at + 1, "k_", 2) == 0)
		return CAUSE_SECRET_API_KEY;
	if (slice->len > 3 && memcmp(at, "we_", 3) == 0)
		return CAUSE_SECRET_ENDPOINT_ID;
	if (slice->len <= strlen(PREFIX) ||
	    memcmp(at, PREFIX, strlen(PREFIX)) != 0)
		return CAUSE_SECRET_PREFIX;
	for (; at < end; at++)
		if (*at <= ' ' || *at > '~')
			return CAUSE_SECRET_BLANK;
	return fault;
}

/* Takes one secret, mended.  Without its prefix it gets one. */
static int
take_secret(struct keys *keys, const char *text, size_t place)
{
	struct slice slice;
	enum diagnosis_cause fault = judge_secret(text, &slice);
	bool bare = fault == CAUSE_SECRET_PREFIX;
	size_t prefix = bare ? strlen(PREFIX) : 0, i;
	char *copy;

	if (slice.len == 0)
		return 0;
	for (i = 0; i < slice.len; i++)
		if (slice.at[i] <= ' ' || slice.at[i] > '~')
			return 0;
	if (fault == CAUSE_SECRET_API_KEY || fault == CAUSE_SECRET_ENDPOINT_ID)
		return 0;
	if ((copy = calloc(1, prefix + slice.len + 1)) == NULL)
		return -1;
	memcpy(copy, PREFIX, prefix);
	memcpy(copy + prefix, slice.at, slice.len);
	keys->mended[keys->n] = copy;
	keys->faults[keys->n] = fault;
	keys->place[keys->n++] = place;
	return 0;
}

/* Takes the last one back if it is that of one in use, once mended: then the
 * fault of that one is the cause. */
static void
drop_known(struct keys *keys)
{
	char *last = keys->mended[keys->n - 1];
	size_t i;

	for (i = 0; i < keys->inuse; i++)
		if (strcmp(keys->mended[i], last) == 0) {
			hmac_wipe(last, strlen(last));
			free(last);
			keys->n--;
			return;
		}
}

static void
free_keys(struct keys *keys)
{
	size_t i;

	for (i = 0; i < keys->n; i++) {
		hmac_wipe(keys->mended[i], strlen(keys->mended[i]));
		free(keys->mended[i]);
	}
	free(keys->mended);
	free(keys->faults);
	free(keys->place);
}

static int
take_secrets(struct keys *keys, const struct diagnosis_case *given)
{
	size_t all = given->nsecrets + given->nothers, i;

	memset(keys, 0, sizeof(*keys));
	keys->mended = calloc(all + 1, sizeof(*keys->mended));
	keys->faults = calloc(all + 1, sizeof(*keys->faults));
	keys->place = calloc(all + 1, sizeof(*keys->place));
	if (keys->mended == NULL || keys->faults == NULL ||
	    keys->place == NULL)
		return -1;
	for (i = 0; i < all; i++) {
		if (take_secret(keys, i < given->nsecrets ? given->secrets[i] :
		    given->others[i - given->nsecrets], i) == -1)
			return -1;
		if (i < given->nsecrets)
			keys->inuse = keys->n;
		else if (keys->n > keys->inuse)
			drop_known(keys);
	}
	return 0;
}

/* The verdict on the delivery as it came, under the secrets in use as they
 * are.  Those that a verifier does not take match nothing. */
static enum bh_result
verdict(struct diagnosis *out, const struct diagnosis_case *given)
{
	struct bh_verifier *verifier = NULL;
	struct bh_finding finding = { 0 };
	enum bh_result result;
	const char **good;
	size_t n = given->nsecrets, bad = 0, i;

	good = calloc(n + 1, sizeof(*good));
	if (good == NULL)
		return BH_ENOMEM;
	for (i = 0; i < n; i++)
		good[i] = given->secrets[i];
	while ((result = bh_verifier_new(&verifier, good, n, &bad)) ==
	    BH_ESECRET && n > 0) {
		n--;
		memmove(good + bad, good + bad + 1, (n - bad) * sizeof(*good));
	}
	if (result == BH_OK) {
		result = bh_signature_verify(verifier, given->body,
		    given->body_len, given->header, given->header_len,
		    given->tolerance, given->now, &finding);
		out->t = finding.t;
		out->age = finding.t == 0 ? 0 : finding.age;
		out->signatures = finding.signatures;
	}
	if (result == BH_OK || result == BH_ETOOOLD || result == BH_ETOONEW) {
		/* The same text in the caller's list. */
		while (given->secrets[out->secret] != good[finding.secret])
			out->secret++;
		out->matched = true;
		out->proven = true;
	}
	bh_verifier_free(verifier);
	free(good);
	return result;
}

static bool
has_v0(const char *header, size_t len)
{
	const char *at = header == NULL ? NULL : memmem(header, len, "v0=", 3);

	return at != NULL && (at == header || strchr(", \t\"", at[-1]) != NULL);
}

/* Reads what the mended header says: its time, how many v1. */
static void
read_header(struct diagnosis *out, const struct diagnosis_case *given,
    const struct bytes *header, const struct bh_verifier *verifier)
{
	struct bh_finding finding = { 0 };
	enum bh_result result;

	result = bh_signature_verify(verifier, "", 0, header->data,
	    header->len, FOREVER, given->now, &finding);
	out->t = finding.t;
	out->age = finding.t == 0 ? 0 : finding.age;
	out->signatures = finding.signatures;
	if (result == BH_ENOV1)
		diagnosis_add(out, out->v0 ? CAUSE_HEADER_V0 :
		    CAUSE_HEADER_CUT);
	else if (result == BH_EHEADER && finding.t != 0)
		diagnosis_add(out, CAUSE_HEADER_TIMES);
	else if (result == BH_EHEADER)
		diagnosis_add(out, finding.signatures > 0 ||
		    memmem(header->data, header->len, "v1=", 3) != NULL ?
		    CAUSE_HEADER_CUT : CAUSE_HEADER_MALFORMED);
	else if (result == BH_ENOHEADER)
		diagnosis_add(out, CAUSE_HEADER_NONE);
}

/* Whether one in use is the beginning of the one that matched. */
static bool
is_cut(const struct keys *keys, size_t matched)
{
	size_t i, len;

	for (i = 0; i < keys->inuse; i++) {
		len = strlen(keys->mended[i]);
		if (len > strlen(PREFIX) + 3 &&
		    strncmp(keys->mended[matched], keys->mended[i], len) == 0)
			return true;
	}
	return false;
}

/* The faults of secrets, where none can be tried or the one that matched has
 * one, or stands among the others. */
static void
name_secret(struct diagnosis *out, const struct diagnosis_case *given,
    const struct keys *keys)
{
	struct slice slice;
	size_t i;

	if (out->matched) {
		if (keys->faults[out->secret] != CAUSE__MAX)
			diagnosis_add(out, keys->faults[out->secret]);
		if (out->secret >= keys->inuse)
			diagnosis_add(out, is_cut(keys, out->secret) ?
			    CAUSE_SECRET_CUT : CAUSE_SECRET_OTHER);
		out->secret = keys->place[out->secret];
		return;
	}
	if (given->nsecrets == 0)
		diagnosis_add(out, CAUSE_SECRET_NONE);
	for (i = 0; i < given->nsecrets; i++) {
		enum diagnosis_cause fault = judge_secret(given->secrets[i],
		    &slice);

		if (fault == CAUSE__MAX)
			continue;
		diagnosis_add(out, fault);
		out->secret = i;
	}
}

/* Names the age of a delivery that is authentic once mended. */
static void
name_age(struct diagnosis *out, const struct diagnosis_case *given)
{
	if (out->age > given->tolerance)
		diagnosis_add(out, CAUSE_TOO_OLD);
	else if (out->age < -given->tolerance)
		diagnosis_add(out, CAUSE_TOO_NEW);
}

/* The header mended, the body undone.  0, or -1 without memory. */
static int
search(struct diagnosis *out, const struct diagnosis_case *given,
    const struct keys *keys)
{
	struct diagnosis_try attempt = { .found = out, .now = given->now,
	    .secrets = (const char *const *)keys->mended,
	    .nsecrets = keys->n, .budget = BUDGET };
	static const char *const nobody[] = { "whsec_nobody" };
	struct bh_verifier *verifier = NULL;
	size_t cut = 0, cut_len = 0, whole, header_causes;
	struct bytes header;
	int status = -1;

	bytes_init(&header, given->header_len + 1);
	whole = diagnosis_header(out, &header, given->header == NULL ? "" :
	    given->header, given->header_len, &cut, &cut_len);
	if (header.failed || bh_verifier_new(&verifier,
	    keys->n == 0 ? nobody : attempt.secrets,
	    keys->n == 0 ? 1 : keys->n, NULL) != BH_OK)
		goto done;
	attempt.verifier = verifier;
	attempt.header = header.data;
	attempt.header_len = header.len;
	header_causes = out->ncauses;
	read_header(out, given, &header, verifier);
	if (whole == 0 && cut_len == 0 && out->ncauses == header_causes)
		diagnosis_add(out, CAUSE_HEADER_CUT);
	else if (cut_len > 0) {
		attempt.cut = header.data + cut;
		attempt.cut_len = cut_len;
		diagnosis_add(out, CAUSE_HEADER_CUT);
		header_causes = out->ncauses;
	}

	/* Without a time or a signature there is nothing to try. */
	status = 0;
	if (out->ncauses > header_causes)
		goto done;
	if (keys->n > 0 && diagnosis_body(&attempt, given->body,
	    given->body_len)) {
		out->proven = cut_len == 0;
		name_secret(out, given, keys);
		name_age(out, given);
		goto done;
	}
	name_secret(out, given, keys);
	if (keys->inuse > 0 || given->nsecrets == 0)
		diagnosis_look(out, given->body, given->body_len);

done:
	bh_verifier_free(verifier);
	bytes_free(&header);
	return status;
}

int
diagnosis_make(struct diagnosis *out, const struct diagnosis_case *given)
{
	struct keys keys;
	int status = -1;

	memset(out, 0, sizeof(*out));
	if (take_secrets(&keys, given) == -1)
		goto done;

	/* As it came: authentic, and then only its age can be wrong. */
	out->result = verdict(out, given);
	out->v0 = has_v0(given->header, given->header_len);
	if (out->matched)
		name_age(out, given);
	if (out->matched)
		status = 0;
	else if (out->result != BH_ENOMEM)
		status = search(out, given, &keys);
done:
	free_keys(&keys);
	return status;
}
