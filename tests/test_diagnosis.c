/* lib/diagnosis.h: every broken delivery of tests/data/broken is explained
 * rightly, and no intact one is. */
#include <stdlib.h>

#include "diagnosis.h"
#include "signing.h"
#include "tap.h"

#define RIGHT "whsec_test_broken_deliveries_0123456789"
#define OTHER "whsec_test_broken_deliveries_another_one"
#define INTACT 1000

/* A file of the table: its bytes, owned, with a NUL behind; NULL if there is
 * none. */
static char *
read_file(const char *name, const char *suffix, size_t *len)
{
	const char *top = getenv("srcdir");
	char path[512], *bytes;
	FILE *file;
	long size;

	(void)snprintf(path, sizeof(path), "%s/tests/data/broken/%s%s",
	    top == NULL ? "." : top, name, suffix);
	if ((file = fopen(path, "rb")) == NULL)
		return NULL;
	if (fseek(file, 0, SEEK_END) == -1 || (size = ftell(file)) == -1 ||
	    fseek(file, 0, SEEK_SET) == -1 ||
	    (bytes = calloc(1, (size_t)size + 1)) == NULL)
		abort();
	*len = fread(bytes, 1, (size_t)size, file);
	fclose(file);
	return bytes;
}

/* The causes as "one,two", sorted as they were found. */
static void
list_causes(char *out, size_t size, const struct diagnosis *diagnosis)
{
	size_t i, len = 0;

	*out = '\0';
	for (i = 0; i < diagnosis->ncauses && len < size; i++)
		len += (size_t)snprintf(out + len, size - len, "%s%s",
		    i > 0 ? "," : "",
		    diagnosis_words(diagnosis->causes[i])->name);
}

/* Whether both lists have the same words, in any order. */
static bool
same_words(const char *a, const char *b)
{
	const char *at = a;
	size_t len;

	if (strlen(a) != strlen(b))
		return false;
	for (; *at != '\0'; at += len + (at[len] == ',')) {
		const char *found = b;

		len = strcspn(at, ",");
		for (; (found = memmem(found, strlen(found), at, len)) != NULL;
		    found++)
			if ((found == b || found[-1] == ',') &&
			    (found[len] == ',' || found[len] == '\0'))
				break;
		if (found == NULL)
			return false;
	}
	return true;
}

static void
test_broken(const char *name, const char *causes, bool proven)
{
	struct diagnosis_case given = { .tolerance = 300, .now = NOW };
	struct diagnosis diagnosis;
	char *bytes, *header, *secret, got[256];
	const char *secrets[1];
	size_t len;

	bytes = read_file(name, ".body", &given.body_len);
	header = read_file(name, ".header", &given.header_len);
	secret = read_file(name, ".secret", &len);
	if (bytes == NULL || header == NULL)
		abort();
	secrets[0] = secret == NULL ? RIGHT : secret;
	given.body = bytes;
	given.header = header;
	given.secrets = secrets;
	given.nsecrets = 1;
	if (diagnosis_make(&diagnosis, &given) == -1)
		abort();
	list_causes(got, sizeof(got), &diagnosis);
	if (!ok(same_words(got, causes) && diagnosis.proven == proven &&
	    diagnosis.result != BH_OK, "%s is explained: %s", name, causes))
		diag("got %s, %s, %s, %zu tries", got, diagnosis.proven ?
		    "proven" : "not proven", diagnosis.result == BH_OK ?
		    "fine" : "refused", diagnosis.tries);
	free(bytes);
	free(header);
	free(secret);
}

static void
test_table(void)
{
	char *index, *line, *rest, name[64], causes[128];
	size_t len, count = 0;
	int proven;

	if ((index = read_file("index", ".tsv", &len)) == NULL)
		abort();
	for (line = strtok_r(index, "\n", &rest); line != NULL;
	    line = strtok_r(NULL, "\n", &rest)) {
		if (sscanf(line, "%63[^\t#]\t%127[^\t]\t%d", name, causes,
		    &proven) != 3)
			continue;
		test_broken(name, causes, proven != 0);
		count++;
	}
	ok(count >= 40, "there are at least 40 ways of breaking: %zu", count);
	free(index);
}

/* A body that has of everything, differently for each number. */
static int
make_body(char *out, size_t size, unsigned int i)
{
	static const char *const texts[] = { "plain", "Zo\xC3\xAB",
	    "a\\/b", "https://example.com/?a=1&b=2", "\\u00e9", "x + y",
	    "<b>", "100%", "\xF0\x9F\x90\x99", "\\\"quoted\\\"" };
	const char *text = texts[i / 5 % COUNT(texts)];

	switch (i % 5) {
	case 0:
		return snprintf(out, size, "{\n  \"id\": \"evt_%u\",\n  "
		    "\"object\": \"event\",\n  \"data\": {},\n  \"n\": %u,"
		    "\n  \"text\": \"%s\"\n}", i, i * 7919, text);
	case 1:
		return snprintf(out, size, "{\"id\":\"evt_%u\",\"object\":"
		    "\"event\",\"n\":%u,\"text\":\"%s\"}", i, i * 7919,
		    text);
	case 2:
		return snprintf(out, size, "{\"id\": \"evt_%u\", \"metadata\""
		    ": [], \"n\": %u, \"text\": \"%s\"}\n", i, i * 7919,
		    text);
	case 3:
		return snprintf(out, size, "\xEF\xBB\xBF{\r\n\t\"id\": "
		    "\"evt_%u\",\r\n\t\"n\": %u,\r\n\t\"text\": \"%s\""
		    "\r\n}\r\n", i, i * 7919, text);
	default:
		return snprintf(out, size, "payload=%%7B%u%%7D&n=%u&%s", i,
		    i * 7919, text);
	}
}

static void
test_intact(void)
{
	static const char *const secrets[] = { OTHER, RIGHT };
	struct diagnosis_case given = { .secrets = secrets, .nsecrets = 2,
	    .tolerance = 300, .now = NOW };
	char text[512], header[256], made[BH_SIGNATURE_SIZE];
	struct diagnosis diagnosis;
	unsigned int i, good = 0;

	for (i = 0; i < INTACT; i++) {
		const char *secret = secrets[i % 3 == 0 ? 0 : 1];

		given.body = text;
		given.body_len = (size_t)make_body(text, sizeof(text), i);
		if (bh_signature_make(made, sizeof(made), secret, text,
		    given.body_len, NOW - 300 + (int64_t)i % 601) != BH_OK)
			abort();
		given.header_len = (size_t)snprintf(header, sizeof(header),
		    "%s%s", made, i % 2 == 0 ? "" : ",v0=6ffbb59b2300aae63f272"
		    "406069a9788598b792a944a07aba816edb039989a39");
		given.header = header;
		if (diagnosis_make(&diagnosis, &given) == -1)
			abort();
		if (diagnosis.result == BH_OK && diagnosis.ncauses == 0 &&
		    diagnosis.matched && diagnosis.proven &&
		    diagnosis.secret == (i % 3 == 0 ? 0 : 1) &&
		    diagnosis.signatures == 1 && diagnosis.v0 == (i % 2 != 0))
			good++;
		else
			diag("%u: %s", i, diagnosis.ncauses == 0 ? "no cause" :
			    diagnosis_words(diagnosis.causes[0])->name);
	}
	is_int(good, INTACT, "no cause is named for an intact delivery");
}

/* Makes *given an intact delivery, signed a second ago with RIGHT, and
 * diagnoses it under the secrets that are in *given. */
static void
diagnose_signed(struct diagnosis *diagnosis, struct diagnosis_case *given)
{
	char header[BH_SIGNATURE_SIZE];

	if (bh_signature_make(header, sizeof(header), RIGHT, body,
	    strlen(body), NOW - 1) != BH_OK)
		abort();
	given->body = body;
	given->body_len = strlen(body);
	given->header = header;
	given->header_len = strlen(header);
	given->tolerance = 300;
	given->now = NOW;
	if (diagnosis_make(diagnosis, given) == -1)
		abort();
}

static void
test_other_secret(void)
{
	static const char *const inuse[] = { OTHER };
	static const char *const others[] = { "whsec_test_third", RIGHT };
	struct diagnosis_case given = { .secrets = inuse, .nsecrets = 1,
	    .others = others, .nothers = 2 };
	struct diagnosis diagnosis;

	diagnose_signed(&diagnosis, &given);
	ok(diagnosis.result == BH_EMISMATCH, "it does not verify");
	ok(diagnosis.ncauses == 1 && diagnosis_has(&diagnosis,
	    CAUSE_SECRET_OTHER), "another known secret is named");
	is_int(diagnosis.secret, 2, "by its place");
	is_int(diagnosis.age, 1, "its age is told");
}

/* The verdict is that of a verifier which has those of the secrets that it
 * takes, faults and all. */
static void
test_verdict(void)
{
	static const struct {
		const char *secrets[3];
		enum bh_result result;
		size_t secret;		/* that matched */
		enum diagnosis_cause cause;
	} cases[] = {
		{ { RIGHT }, BH_OK, 0, CAUSE__MAX },
		{ { "sk_test_x", OTHER, RIGHT }, BH_OK, 2, CAUSE__MAX },
		{ { RIGHT, "sk_test_x", "whsec_ x" }, BH_OK, 0, CAUSE__MAX },
		{ { "\"" OTHER, RIGHT }, BH_OK, 1, CAUSE__MAX },
		{ { RIGHT "\"" }, BH_EMISMATCH, 0, CAUSE_SECRET_QUOTED },
		{ { "\"" RIGHT "\"" }, BH_ESECRET, 0, CAUSE_SECRET_QUOTED },
		{ { OTHER, RIGHT " " }, BH_EMISMATCH, 1, CAUSE_SECRET_BLANK },
	};
	struct diagnosis diagnosis;
	size_t i, n;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct diagnosis_case given = { .secrets = cases[i].secrets };

		for (n = 0; n < 3 && cases[i].secrets[n] != NULL; n++)
			given.nsecrets++;
		diagnose_signed(&diagnosis, &given);
		is_int(diagnosis.result, cases[i].result,
		    "secrets %zu: the verdict", i);
		ok(diagnosis.matched && diagnosis.proven &&
		    diagnosis.secret == cases[i].secret,
		    "secrets %zu: the one that matched", i);
		ok(cases[i].cause == CAUSE__MAX ? diagnosis.ncauses == 0 :
		    diagnosis.ncauses == 1 && diagnosis_has(&diagnosis,
		    cases[i].cause), "secrets %zu: the cause", i);
	}
}

static void
test_no_secret(void)
{
	struct diagnosis_case given = { .tolerance = 300, .now = NOW };
	struct diagnosis diagnosis;

	given.body = body;
	given.body_len = strlen(body);
	given.header = "t=1700000000,v1=00";
	given.header_len = strlen(given.header);
	if (diagnosis_make(&diagnosis, &given) == -1)
		abort();
	ok(diagnosis.result == BH_ESECRET && !diagnosis.proven &&
	    diagnosis.ncauses > 0, "without a secret nothing is fine");
}

static void
test_words(void)
{
	const struct diagnosis_words *one, *two;
	size_t i, k, bad = 0;

	for (i = 0; i < CAUSE__MAX; i++) {
		one = diagnosis_words(i);
		if (one->name == NULL || one->says == NULL ||
		    one->advice == NULL) {
			bad++;
			continue;
		}
		for (k = 0; k < i; k++) {
			two = diagnosis_words(k);
			bad += strcmp(one->name, two->name) == 0;
		}
	}
	is_int(bad, 0, "every cause has words and a name of its own");
}

/* A large body that nothing explains ends in time, and says that it did. */
static void
test_large(void)
{
	static const char *const secrets[] = { RIGHT };
	struct diagnosis_case given = { .secrets = secrets, .nsecrets = 1,
	    .tolerance = 300, .now = NOW };
	const size_t len = 200000;
	struct diagnosis diagnosis;
	char header[BH_SIGNATURE_SIZE], *text = calloc(1, len + 1);
	size_t i;

	if (text == NULL || bh_signature_make(header, sizeof(header), OTHER,
	    body, strlen(body), NOW) != BH_OK)
		abort();
	memset(text, '[', len);
	given.body = text;
	given.body_len = len;
	given.header = header;
	given.header_len = strlen(header);
	ok(diagnosis_make(&diagnosis, &given) == 0 && !diagnosis.proven,
	    "200,000 opening brackets are not fine");
	for (i = 0; i < len; i++)
		text[i] = i == 0 ? '[' : i == len - 1 ? ']' :
		    i % 2 == 1 ? '1' : ',';
	given.body_len = len;
	ok(diagnosis_make(&diagnosis, &given) == 0 && !diagnosis.proven &&
	    diagnosis.ncauses > 0, "nor are 100,000 numbers");
	free(text);
}

int
main(void)
{
	test_table();
	test_intact();
	test_other_secret();
	test_verdict();
	test_no_secret();
	test_words();
	test_large();
	return done_testing();
}
