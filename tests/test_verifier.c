/*
 * Verifiers: which secrets they take, what they find, several at once, threads.
 */
#include <pthread.h>

#include "signing.h"
#include "tap.h"

static void
test_secrets(void)
{
	static const char *const bad[] = {
		"", "test_one", "whsec_", "WHSEC_test_one", " whsec_test_one",
		"whsec_test_one ", "whsec_test one", "whsec_test\ttab",
		"whsec_test_one\n", "whsec_test_\x7f", "whsec_t\xc3\xa9st",
		"sk_test_one", NULL,
	};
	const char *secrets[40];
	struct bh_verifier *verifier;
	char header[BH_SIGNATURE_SIZE], text[BH_SIGNATURE_SIZE], many[40][32];
	struct bh_finding found;
	size_t i, index = 9;

	is_int(bh_verifier_new(&verifier, NULL, 0, &index), BH_ESECRET,
	    "no secret is an error");
	ok(verifier == NULL && index == 0, "and there is no verifier");
	for (i = 0; i < COUNT(bad); i++) {
		secrets[0] = SECRET;
		secrets[1] = bad[i];
		is_int(bh_verifier_new(&verifier, secrets, 2, &index),
		    BH_ESECRET, "what cannot be a secret is refused (%zu)", i);
		ok(verifier == NULL && index == 1,
		    "and its index is told (%zu)", i);
		is_int(bh_signature_make(header, sizeof(header), bad[i], body,
		    strlen(body), NOW), BH_ESECRET,
		    "nor does it sign (%zu)", i);
	}
	is_int(bh_verifier_new(&verifier, secrets, 2, NULL), BH_ESECRET,
	    "nobody needs to ask for the index");
	bh_verifier_free(NULL);

	/* Any of many secrets, and any v1 of a header. */
	for (i = 0; i < COUNT(secrets); i++) {
		snprintf(many[i], sizeof(many[i]), "whsec_test_%zu", i);
		secrets[i] = many[i];
	}
	if (bh_verifier_new(&verifier, secrets, COUNT(secrets), NULL) != BH_OK)
		abort();
	for (i = 0; i < COUNT(secrets); i++) {
		snprintf(header, sizeof(header), "t=%d,v1=%s", NOW,
		    hex_of(many[i], NOW));
		memset(&found, 0xff, sizeof(found));
		if (verify(verifier, header, &found) != BH_OK ||
		    found.secret != i)
			break;
	}
	is_int(i, COUNT(secrets), "each of 40 secrets verifies, and is told");
	is_int(bh_signature_make(text, sizeof(text), SECRET, body,
	    strlen(body), NOW), BH_OK, "a signature is made");
	is_int(verify(verifier, text, NULL), BH_EMISMATCH,
	    "a secret that is not among them does not verify");
	bh_verifier_free(verifier);
}

static void
test_rolling(void)
{
	struct bh_verifier *both = verifier_of("whsec_test_old",
	    "whsec_test_new");
	struct bh_verifier *old = verifier_of("whsec_test_old", NULL);
	char header[256], hex[65];
	struct bh_finding found;

	snprintf(hex, sizeof(hex), "%s", hex_of("whsec_test_old", NOW));
	snprintf(header, sizeof(header), "t=%d,v1=%s,v1=%s", NOW,
	    hex_of("whsec_test_new", NOW), hex);
	is_int(verify(old, header, NULL), BH_OK,
	    "Stripe rolls a secret: the old one still verifies");
	is_int(verify(both, header, &found), BH_OK,
	    "and so do both");
	is_int(found.signatures, 2, "both v1 are counted");
	snprintf(header, sizeof(header), "t=%d,v1=%s", NOW,
	    hex_of("whsec_test_new", NOW));
	is_int(verify(old, header, NULL), BH_EMISMATCH,
	    "later the old one verifies no more");
	is_int(verify(both, header, &found), BH_OK, "and both do");
	is_int(found.secret, 1, "by the second");
	bh_verifier_free(old);
	bh_verifier_free(both);
}

static void
test_findings(void)
{
	struct bh_verifier *verifier = verifier_of(SECRET, NULL);
	struct bh_finding found;
	char header[256];

	memset(&found, 0xff, sizeof(found));
	verify(verifier, "", &found);
	ok(found.t == 0 && found.age == 0 && found.signatures == 0 &&
	    found.secret == 0, "without a header nothing is found");
	snprintf(header, sizeof(header), "t=%d,v1=%s", NOW - 1000,
	    hex_of(SECRET, NOW - 1000));
	is_int(verify(verifier, header, &found), BH_ETOOOLD, "too old");
	ok(found.t == NOW - 1000 && found.age == 1000 &&
	    found.signatures == 1, "its time and its age are told");
	snprintf(header, sizeof(header), "t=%d,v1=0,v1=1,v0=2", NOW + 7);
	is_int(verify(verifier, header, &found), BH_EMISMATCH, "no match");
	ok(found.t == NOW + 7 && found.age == -7 && found.signatures == 2,
	    "its time, its lead and its v1 are told");
	bh_verifier_free(verifier);
}

static void
test_make(void)
{
	struct bh_verifier *verifier = verifier_of(SECRET, NULL);
	char header[BH_SIGNATURE_SIZE];
	size_t len, size;

	is_int(bh_signature_make(header, sizeof(header), SECRET, body,
	    strlen(body), INT64_MIN), BH_OK,
	    "BH_SIGNATURE_SIZE is enough for any time");
	is_int(bh_signature_make(header, sizeof(header), SECRET, NULL, 0,
	    NOW), BH_OK, "an empty body is signed");
	is_int(bh_signature_verify(verifier, NULL, 0, header, strlen(header),
	    300, NOW, NULL), BH_OK, "and verified");
	len = strlen(header);
	for (size = 0; size <= len; size++)
		if (bh_signature_make(header, size, SECRET, NULL, 0, NOW) !=
		    BH_ENOMEM)
			break;
	is_int(size, len + 1, "a buffer that is too small is refused");
	is_int(bh_signature_make(header, len + 1, SECRET, NULL, 0, NOW),
	    BH_OK, "one that just fits is not");
	bh_verifier_free(verifier);
}

static void
test_texts(void)
{
	int i, j, bad = 0;

	for (i = 0; i < BH_RESULT__MAX; i++) {
		bad += *bh_result_text(i) == '\0';
		for (j = 0; j < i; j++)
			bad += strcmp(bh_result_text(i), bh_result_text(j)) ==
			    0;
	}
	is_int(bad, 0, "each result has a sentence of its own");
	is_str(bh_result_text(BH_RESULT__MAX), "unknown result",
	    "what is no result has one, too");
	is_str(bh_result_text((enum bh_result)-1), "unknown result",
	    "also if it is negative");
}

#define THREADS 4
#define ROUNDS 500

struct thread {
	pthread_t id;
	const struct bh_verifier *verifier;
	char header[BH_SIGNATURE_SIZE];
	enum bh_result want;
	int right;
};

static void *
verify_often(void *arg)
{
	struct thread *thread = arg;
	int i;

	for (i = 0; i < ROUNDS; i++)
		thread->right += verify(thread->verifier, thread->header,
		    NULL) == thread->want;
	return NULL;
}

static void
test_threads(void)
{
	struct bh_verifier *verifier = verifier_of("whsec_test_a", SECRET);
	struct thread threads[THREADS];
	int i, right = 0;

	for (i = 0; i < THREADS; i++) {
		threads[i].verifier = verifier;
		threads[i].right = 0;
		threads[i].want = i % 2 == 0 ? BH_OK : BH_EMISMATCH;
		if (bh_signature_make(threads[i].header,
		    sizeof(threads[i].header), i % 2 == 0 ? SECRET :
		    "whsec_test_b", body, strlen(body), NOW + i) != BH_OK ||
		    pthread_create(&threads[i].id, NULL, verify_often,
		    &threads[i]) != 0)
			abort();
	}
	for (i = 0; i < THREADS; i++) {
		if (pthread_join(threads[i].id, NULL) != 0)
			abort();
		right += threads[i].right;
	}
	is_int(right, THREADS * ROUNDS,
	    "four threads share a verifier, and each gets its own verdict");
	bh_verifier_free(verifier);
}

int
main(void)
{
	test_secrets();
	test_rolling();
	test_findings();
	test_make();
	test_texts();
	test_threads();
	return done_testing();
}
