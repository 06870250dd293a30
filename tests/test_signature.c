/*
 * Signatures: the official SDK's verdicts, the choices where the SDKs differ,
 * and what must fail.
 */
#include "hmac.h"
#include "nomem.h"
#include "signature_vectors.h"
#include "signing.h"
#include "tap.h"

/* n copies of a text, at the place where they end. */
static char *
put(char *at, const char *text, size_t len, size_t n)
{
	for (; n > 0; n--, at += len)
		memcpy(at, text, len);
	return at;
}

static void
test_vector(const struct signature_vector *vector)
{
	size_t head = strlen(vector->head), unit, tail;
	char *text, *bytes, *end;
	struct bh_verifier *verifier;
	enum bh_result result;

	unit = vector->unit == NULL ? 0 : strlen(vector->unit);
	tail = vector->tail == NULL ? 0 : strlen(vector->tail);
	text = malloc(head + unit * vector->units + tail + 1);
	bytes = malloc(vector->body_len * vector->bodies + 1);
	if (text == NULL || bytes == NULL)
		abort();
	end = put(text, vector->head, head, 1);
	end = put(end, vector->unit, unit, vector->units);
	end = put(end, vector->tail, tail, tail > 0);
	put(bytes, vector->body, vector->body_len, vector->bodies);

	verifier = verifier_of(vector->secret, NULL);
	result = bh_signature_verify(verifier, bytes,
	    vector->body_len * vector->bodies, text, (size_t)(end - text),
	    vector->tolerance, vector->now, NULL);
	if (vector->exact)
		is_int(result, vector->sdk, "%s: %s, as the SDK says",
		    vector->name, vector->sdk == BH_OK ? "accepted" :
		    "refused for the same reason");
	else
		ok((result == BH_OK) == (vector->sdk == BH_OK),
		    "%s: refused, as the SDK does", vector->name);

	bh_verifier_free(verifier);
	free(bytes);
	free(text);
}

static void
test_vectors(void)
{
	size_t i;

	for (i = 0; i < COUNT(signature_vectors); i++)
		test_vector(&signature_vectors[i]);
	for (i = 0; i < COUNT(signature_raw_vectors); i++)
		test_vector(&signature_raw_vectors[i]);
}

/* Each header is written with %s for the right v1, and one that is wrong. */
static void
test_choices(void)
{
	static const struct {
		const char *name, *format;
		enum bh_result want;
	} cases[] = {
		{ "blanks and tabs round elements are trimmed",
		    " \tt=1700000000 ,\t v1=%s\t ", BH_OK },
		{ "a proxy may join with ', '", "t=1700000000, v1=%s", BH_OK },
		{ "blanks round '=' are not trimmed",
		    "t=1700000000,v1= %s", BH_EMISMATCH },
		{ "a blank behind a key makes another key",
		    "t=1700000000,v1 =%s", BH_ENOV1 },
		{ "an element without '=' is ignored",
		    "foo,t=1700000000,bar,v1=%s", BH_OK },
		{ "a bare v1 is ignored", "t=1700000000,v1,v1=%s", BH_OK },
		{ "a bare t is ignored", "t,t=1700000000,v1=%s", BH_OK },
		{ "empty elements are ignored",
		    ",,t=1700000000,,v1=%s,", BH_OK },
		{ "an empty v1 beside the right one is ignored",
		    "t=1700000000,v1=,v1=%s", BH_OK },
		{ "an empty v1 alone does not match",
		    "t=1700000000,v1=,v0=%s", BH_EMISMATCH },
		{ "an empty key is another scheme",
		    "t=1700000000,=%s", BH_ENOV1 },
		{ "the same t twice is one",
		    "t=1700000000,v1=%s,t=1700000000", BH_OK },
		{ "two different t are refused, the right one first",
		    "t=1700000000,t=1700000001,v1=%s", BH_EHEADER },
		{ "two different t are refused, the right one last",
		    "t=1700000001,v1=%s,t=1700000000", BH_EHEADER },
		{ "the same time in two spellings is two",
		    "t=1700000000,t=01700000000,v1=%s", BH_EHEADER },
		{ "a second t with a digit more is another",
		    "t=1700000000,t=17000000000,v1=%s", BH_EHEADER },
		{ "a second t that is empty is another",
		    "t=1700000000,t=,v1=%s", BH_EHEADER },
		{ "a value goes on behind a second '='",
		    "t=1700000000,v1=%s=x", BH_EMISMATCH },
		{ "a t goes on behind a second '='",
		    "t=1700000000=1,v1=%s", BH_EHEADER },
		{ "an empty t", "t=,v1=%s", BH_EHEADER },
		{ "a t with a sign", "t=+1700000000,v1=%s", BH_EHEADER },
		{ "a negative t", "t=-1700000000,v1=%s", BH_EHEADER },
		{ "a t with a blank in it", "t= 1700000000,v1=%s",
		    BH_EHEADER },
		{ "a t with a fraction", "t=1700000000.0,v1=%s", BH_EHEADER },
		{ "a t with an exponent", "t=17e8,v1=%s", BH_EHEADER },
		{ "a hexadecimal t", "t=0x6553f100,v1=%s", BH_EHEADER },
		{ "a t with junk behind", "t=1700000000x,v1=%s", BH_EHEADER },
		{ "a t with an underscore", "t=1_700000000,v1=%s",
		    BH_EHEADER },
		{ "a t in other digits than ASCII's",
		    "t=\xd9\xa1\xd9\xa7,v1=%s", BH_EHEADER },
		{ "a t of 2^63", "t=9223372036854775808,v1=%s", BH_EHEADER },
		{ "a t of 2^64 and our time",
		    "t=18446744075409551616,v1=%s", BH_EHEADER },
		{ "the largest t that is read is not ours",
		    "t=999999999999999999,v1=%s", BH_EMISMATCH },
		{ "a t without an end",
		    "t=00000000000000000000000000001700000000,v1=%s",
		    BH_EHEADER },
		{ "nothing but blanks and the v1", " \t,v1=%s", BH_EHEADER },
	};
	struct bh_verifier *verifier = verifier_of(SECRET, NULL);
	char header[256];
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		/* Each format has one %s. */
		const char *at = strstr(cases[i].format, "%s");

		snprintf(header, sizeof(header), "%.*s%s%s",
		    (int)(at - cases[i].format), cases[i].format,
		    hex_of(SECRET, NOW), at + 2);
		is_int(verify(verifier, header, NULL), cases[i].want,
		    "%s: %s", cases[i].name, cases[i].want == BH_OK ?
		    "accepted" : "refused");
	}
	bh_verifier_free(verifier);
}

static void
test_hex(void)
{
	struct bh_verifier *verifier = verifier_of(SECRET, NULL);
	char header[BH_SIGNATURE_SIZE], *c;
	int letters = 0;

	snprintf(header, sizeof(header), "t=%d,v1=%s", NOW,
	    hex_of(SECRET, NOW));
	for (c = strstr(header, "v1=") + 3; *c != '\0'; c++)
		if (*c >= 'a' && *c <= 'f') {
			*c = (char)(*c - 'a' + 'A');
			letters++;
		}
	ok(letters > 0 && verify(verifier, header, NULL) == BH_EMISMATCH,
	    "upper-case digits do not match");
	bh_verifier_free(verifier);
}

/* t is signed as it is written. */
static void
test_literal_time(void)
{
	static const char text[] = "0001700000000.";
	struct bh_verifier *verifier = verifier_of(SECRET, NULL);
	struct hmac *hmac = hmac_new(SECRET, strlen(SECRET));
	const struct hmac_part parts[] = {
		{ text, strlen(text) }, { body, strlen(body) }
	};
	unsigned char digest[HMAC_LEN];
	char header[128];
	struct bh_finding found;
	int i, len;

	if (hmac == NULL || hmac_digest(hmac, digest, parts, 2) == -1)
		abort();
	len = snprintf(header, sizeof(header), "t=0001700000000,v1=");
	for (i = 0; i < HMAC_LEN; i++)
		len += snprintf(header + len, sizeof(header) - (size_t)len,
		    "%02x", digest[i]);
	is_int(verify(verifier, header, &found), BH_OK,
	    "t is signed as its literal text");
	is_int(found.t, NOW, "and read as a decimal number");
	snprintf(header, sizeof(header), "t=0001700000000,v1=%s",
	    hex_of(SECRET, NOW));
	is_int(verify(verifier, header, NULL), BH_EMISMATCH,
	    "and not as that number printed again");
	hmac_free(hmac);
	bh_verifier_free(verifier);
}

static void
test_ages(void)
{
	static const struct {
		const char *name;
		int64_t t, now, tolerance;
		enum bh_result want;
	} cases[] = {
		{ "300 s ahead", NOW + 300, NOW, 300, BH_OK },
		{ "301 s ahead", NOW + 301, NOW, 300, BH_ETOONEW },
		{ "a year ahead", NOW + 31536000, NOW, 300, BH_ETOONEW },
		{ "a year ahead, a year allowed", NOW + 31536000, NOW,
		    31536000, BH_OK },
		{ "2 s old, 1 allowed", NOW - 2, NOW, 1, BH_ETOOOLD },
		{ "tolerance 0 is not off: 1 s old", NOW - 1, NOW, 0,
		    BH_ETOOOLD },
		{ "tolerance 0 is not off: 1 s ahead", NOW + 1, NOW, 0,
		    BH_ETOONEW },
		{ "a negative tolerance is not off", NOW - 9, NOW, -5,
		    BH_ETOOOLD },
		{ "the least tolerance is not off", NOW - 9, NOW, INT64_MIN,
		    BH_ETOOOLD },
		{ "a clock at the least number", NOW, INT64_MIN, 300,
		    BH_ETOONEW },
		{ "a clock at the greatest number", NOW, INT64_MAX, 300,
		    BH_ETOOOLD },
		{ "a clock before 1970", 5, -5, 300, BH_OK },
		{ "the greatest tolerance", 0, NOW, INT64_MAX, BH_OK },
	};
	struct bh_verifier *verifier = verifier_of(SECRET, NULL);
	char header[BH_SIGNATURE_SIZE];
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		if (bh_signature_make(header, sizeof(header), SECRET, body,
		    strlen(body), cases[i].t) != BH_OK)
			abort();
		is_int(bh_signature_verify(verifier, body, strlen(body),
		    header, strlen(header), cases[i].tolerance, cases[i].now,
		    NULL), cases[i].want, "%s: %s", cases[i].name,
		    cases[i].want == BH_OK ? "accepted" : "refused");
	}
	bh_verifier_free(verifier);
}

/* What arrives by accident or in malice. */
static void
test_bad_headers(void)
{
	static char huge[100 * 1000], nul[BH_SIGNATURE_SIZE];
	struct bh_verifier *verifier = verifier_of(SECRET, NULL);
	char header[BH_SIGNATURE_SIZE], *end;
	size_t len, i;

	is_int(bh_signature_verify(verifier, body, strlen(body), NULL, 0,
	    300, NOW, NULL), BH_ENOHEADER, "no header is named so");
	is_int(bh_signature_verify(verifier, body, strlen(body), NULL, 7,
	    300, NOW, NULL), BH_ENOHEADER, "no header, whatever its length");
	is_int(verify(verifier, "", NULL), BH_ENOHEADER,
	    "an empty header is named so");
	is_int(verify(verifier, " ", NULL), BH_EHEADER,
	    "a blank header is malformed");

	snprintf(header, sizeof(header), "t=%d,v1=%s", NOW,
	    hex_of(SECRET, NOW));
	len = strlen(header);
	is_int(verify(verifier, header, NULL), BH_OK, "the header is right");

	/* A NUL at every place, and one that is not the header's any more. */
	for (i = 0; i <= len; i++) {
		memcpy(nul, header, i);
		nul[i] = '\0';
		memcpy(nul + i + 1, header + i, len - i);
		if (bh_signature_verify(verifier, body, strlen(body), nul,
		    len + 1, 300, NOW, NULL) != BH_EHEADER)
			break;
	}
	is_int(i, len + 1, "a NUL anywhere in the header is malformed");
	is_int(bh_signature_verify(verifier, body, strlen(body), nul, len,
	    300, NOW, NULL), BH_OK, "a NUL behind the header is not read");

	/* The right header, with so much behind it. */
	memset(huge, ',', sizeof(huge));
	memcpy(huge, header, len);
	is_int(bh_signature_verify(verifier, body, strlen(body), huge,
	    80 * 1024, 300, NOW, NULL), BH_OK, "a header of 80 KiB is read");
	is_int(bh_signature_verify(verifier, body, strlen(body), huge,
	    80 * 1024 + 1, 300, NOW, NULL), BH_EHEADER,
	    "a header of 80 KiB and a byte is malformed");
	is_int(bh_signature_verify(verifier, body, strlen(body), huge,
	    sizeof(huge), 300, NOW, NULL), BH_EHEADER,
	    "a header of 100 KB is malformed");

	/* A thousand v1, joined by a proxy. */
	end = put(huge, header, len, 1);
	for (i = 1; i < 1000; i++) {
		end = put(end, ", v1=", 5, 1);
		memset(end, 'a', 64);
		end += 64;
	}
	is_int(bh_signature_verify(verifier, body, strlen(body), huge,
	    (size_t)(end - huge), 300, NOW, NULL), BH_OK,
	    "a thousand v1, joined with ', ', are read");
	bh_verifier_free(verifier);
}
/* Makes a verifier, verifies with it and frees it. */
static enum bh_result
try_verify(char *header)
{
	const char *const secrets[] = { "whsec_test_other", SECRET };
	struct bh_verifier *verifier;
	enum bh_result result;

	result = bh_verifier_new(&verifier, secrets, 2, NULL);
	if (result == BH_OK)
		result = verify(verifier, header, NULL);
	bh_verifier_free(verifier);
	return result;
}

static enum bh_result
try_make(char *header)
{
	return bh_signature_make(header, BH_SIGNATURE_SIZE, SECRET, body,
	    strlen(body), NOW);
}

/*
 * Fails each allocation in turn.  OpenSSL does without a few of its own, so a
 * run may succeed all the same, but it may not say anything else, nor keep
 * memory.  How many runs were refused, or -1.
 */
static int
fail_each(enum bh_result (*try)(char *), char *header)
{
	enum bh_result result;
	long before, n;
	int refused = 0, hit = 1;

	for (n = 1; hit; n++) {
		before = nomem_blocks;
		nomem_left = n;
		result = try(header);
		hit = nomem_left == 0;
		nomem_left = 0;
		if (nomem_blocks != before ||
		    (result != BH_OK && (!hit || result != BH_ENOMEM)))
			return -1;
		refused += result == BH_ENOMEM;
	}
	return refused;
}

static void
test_memory(void)
{
	char header[BH_SIGNATURE_SIZE];

	ok(try_make(header) == BH_OK && try_verify(header) == BH_OK,
	    "with memory it works");
	if (!nomem_works())
		return;
	ok(fail_each(try_verify, header) > 30, "each allocation of a "
	    "verification may fail: BH_ENOMEM, and nothing leaks");
	ok(fail_each(try_make, header) > 10, "each allocation of signing may "
	    "fail: BH_ENOMEM, and nothing leaks");
	is_int(try_verify(header), BH_OK, "and what was signed is right");
}

int
main(void)
{
	test_vectors();
	test_choices();
	test_hex();
	test_literal_time();
	test_ages();
	test_bad_headers();
	test_memory();
	return done_testing();
}
