/* lib/diagnosis.h: without memory, with nothing to go by, and of bodies that
 * are nearly what they seem to be. */
#include <stdlib.h>
#include <string.h>

#include "diagnosis.h"
#include "nomem.h"
#include "tap.h"

#define NOW 1700000000
#define SECRET "whsec_test_diagnosis_edges_0123456789"
#define BODY "{\n  \"id\": \"evt_1\",\n  \"more\": [\n    1,\n    " \
    "\"\\u00e9<\"\n  ],\n  \"none\": {}\n}"
#define MINIFIED "{\"id\":\"evt_1\",\"more\":[1,\"\\u00e9<\"],\"none\":{}}"

static char header[BH_SIGNATURE_SIZE];

/* The signature of a body that was sent. */
static void
sign(const char *sent)
{
	if (bh_signature_make(header, sizeof(header), SECRET, sent,
	    strlen(sent), NOW) != BH_OK)
		abort();
}

static struct diagnosis_case
given_of(const char *const *secrets, size_t nsecrets, const char *came,
    size_t len)
{
	return (struct diagnosis_case){.body = came, .body_len = len,
	    .header = header, .header_len = strlen(header),
	    .secrets = secrets, .nsecrets = nsecrets, .tolerance = 300,
	    .now = NOW};
}

static struct diagnosis
diagnose(const char *came, size_t len)
{
	static const char *const secrets[] = {SECRET};
	const struct diagnosis_case given = given_of(secrets, 1, came, len);
	struct diagnosis diagnosis;

	if (diagnosis_make(&diagnosis, &given) == -1)
		abort();
	return diagnosis;
}

/* With the n-th allocation failing, for every n: it says so, or finds less; a
 * proof names what was done. */
static void
fail_each(const struct diagnosis_case *given)
{
	struct diagnosis diagnosis;
	unsigned refused = 0, wrong = 0;
	long n, blocks;
	bool hit;

	if (!nomem_works()) {
		ok(true, "allocations cannot be made to fail here # SKIP");
		return;
	}
	blocks = nomem_blocks;
	for (n = 1, hit = true; hit; n++) {
		nomem_left = n;
		if (diagnosis_make(&diagnosis, given) == -1)
			refused++;
		else if (diagnosis.proven)
			wrong += diagnosis.ncauses < 2 || !diagnosis_has(
			    &diagnosis, CAUSE_SECRET_BLANK);
		hit = nomem_left == 0;
		nomem_left = 0;
	}
	ok(refused > 5 && wrong == 0 && nomem_blocks == blocks,
	    "each allocation of it may fail, and what is proven holds");
}

static void
test_no_memory(void)
{
	static const char *const secrets[] = {"", " " SECRET};
	struct diagnosis_case given;
	struct diagnosis whole;

	sign(BODY);
	given = given_of(secrets, 2, MINIFIED, strlen(MINIFIED));
	ok(diagnosis_make(&whole, &given) == 0 && whole.proven &&
	    diagnosis_has(&whole, CAUSE_JSON_MINIFIED) &&
	    diagnosis_has(&whole, CAUSE_SECRET_BLANK),
	    "a body that was minified, and a secret with a blank");
	fail_each(&given);
	given = given_of(secrets, 2, BODY, strlen(BODY));
	given.header_len -= 20;
	ok(diagnosis_make(&whole, &given) == 0 &&
	    diagnosis_has(&whole, CAUSE_HEADER_CUT),
	    "a header that was cut");
	fail_each(&given);
}

/* Two prints that differ in nothing but how they write an empty list. */
static void
test_empty_lists(void)
{
	static const char came[] = "{\n  \"a\": []\n}";
	struct diagnosis diagnosis;

	sign("{\n  \"a\": [\n\n  ]\n}");
	diagnosis = diagnose(came, strlen(came));
	ok(diagnosis.proven && diagnosis.ncauses == 1 &&
	    diagnosis_has(&diagnosis, CAUSE_JSON_INDENT_2),
	    "an empty list that was written otherwise");
}

/* A body of which there are too many ways to write it. */
static void
test_spent(void)
{
	const size_t len = 200000;
	struct diagnosis diagnosis;
	char *text = malloc(len + 1);
	size_t at;

	if (text == NULL)
		abort();
	at = (size_t)sprintf(text, "{\"metadata\":[],\"a\":\"/<\xc3\xa9");
	memset(text + at, 'x', len - at);
	memcpy(text + len - 2, "\"}", 3);
	sign(BODY);
	diagnosis = diagnose(text, len);
	ok(!diagnosis.proven && diagnosis.spent,
	    "that not all of them were tried is said");
	free(text);
}

/* Nothing that can be a secret, in ways that the settings would refuse. */
static void
test_no_secrets(void)
{
	static const char *const secrets[] = {"", "sk_test_0123456789abcdef",
	    "\xc3\xa9"};
	struct diagnosis_case none, bad;
	struct diagnosis diagnosis;

	sign(BODY);
	none = given_of(NULL, 0, BODY, strlen(BODY));
	bad = given_of(secrets, 3, BODY, strlen(BODY));
	ok(diagnosis_make(&diagnosis, &none) == 0 && !diagnosis.proven &&
	    diagnosis_has(&diagnosis, CAUSE_SECRET_NONE),
	    "that there is no secret is named");
	ok(diagnosis_make(&diagnosis, &bad) == 0 && !diagnosis.proven &&
	    diagnosis.ncauses > 0, "what cannot be one proves nothing");
}

/* UTF-8 as UTF-16 without a mark, in either order; beyond the BMP, too. */
static void
test_utf16(void)
{
	static const char sent[] = "{\"a\":\"\xf0\x9f\xaa\x81\xc3\xa9\"}";
	static const unsigned short units[] = {'{', '"', 'a', '"', ':', '"',
	    0xD83E, 0xDE81, 0xE9, '"', '}'};
	const size_t n = sizeof(units) / sizeof(*units);
	char came[2 * sizeof(units) / sizeof(*units)];
	struct diagnosis diagnosis;
	size_t i;
	int big;

	sign(sent);
	for (big = 0; big < 2; big++) {
		for (i = 0; i < n; i++) {
			came[2 * i + !big] = (char)(units[i] >> 8);
			came[2 * i + big] = (char)(units[i] & 0xFF);
		}
		diagnosis = diagnose(came, sizeof(came));
		ok(diagnosis.proven && diagnosis_has(&diagnosis, CAUSE_UTF16),
		    "UTF-16, %s end first", big ? "big" : "little");
	}
}

/* What is nearly a way to spoil a body, and none. */
static void
test_nearly(void)
{
	static const struct { const char *name, *came; } cases[] = {
		{"a chunk that is longer than what is there",
		    "ff\r\n{\"a\"\r\n0\r\n\r\n"},
		{"chunks without a last one", "5\r\n{\"a\"}\r\n"},
		{"a size with other letters", "5z\r\n{\"a\"}\r\n0\r\n\r\n"},
		{"an entity of no character", "{&quot;a&#0;&quot;:1}"},
		{"an entity without its end", "{&quot;a&quot;:1&#12"},
		{"an entity of another language", "{&quot;a&eacute;&quot;:1}"},
		{"a list with a surrogate alone", "[\"\\ud83e\"]"},
	};
	struct diagnosis diagnosis;
	size_t i;

	sign("{\"a\":1}");
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		diagnosis = diagnose(cases[i].came, strlen(cases[i].came));
		ok(!diagnosis.proven && diagnosis.ncauses > 0,
		    "it is not fine: %s", cases[i].name);
	}
}

/* The header's name before its value, as somebody copied it. */
static void
test_header_names(void)
{
	static const struct { const char *before; bool named; } cases[] = {
		{"Stripe-Signature: ", true},
		{"HTTP_STRIPE_SIGNATURE=", true},
		{"stripe-signature\": ", true},
		{"Stripe-Signature ", false},
		{"Stripe-Signature", false},
	};
	static const char *const secrets[] = {SECRET};
	struct diagnosis_case given = given_of(secrets, 1, BODY, strlen(BODY));
	char line[2 * BH_SIGNATURE_SIZE];
	struct diagnosis diagnosis;
	size_t i;

	sign(BODY);
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		snprintf(line, sizeof(line), "%s%s", cases[i].before, header);
		given.header = line;
		given.header_len = strlen(line);
		if (diagnosis_make(&diagnosis, &given) == -1)
			abort();
		ok(diagnosis_has(&diagnosis, CAUSE_HEADER_NAME) ==
		    cases[i].named, "'%s' %s", cases[i].before,
		    cases[i].named ? "is the header's name" : "is not");
	}
}

int
main(void)
{
	test_no_memory();
	test_empty_lists();
	test_spent();
	test_no_secrets();
	test_utf16();
	test_nearly();
	test_header_names();
	return done_testing();
}
