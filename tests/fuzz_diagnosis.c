/*
 * Why does a signature not verify?  The input is a line of secrets, apart by
 * "|" and those that are known besides behind "||"; a line that is the header,
 * "-" for none, with \n, \r and \t for what it cannot hold, and signatures as
 * fuzzing_sign.h makes them; and the body.
 */
#include "billhook.h"
#include "diagnosis.h"
#include "fuzzing.h"
#include "fuzzing_sign.h"

const char fuzz_target[] = "diagnosis";

#define SECRETS_MAX 8
#define SIZE_LIMIT 4096	/* what is larger is only slower */

struct secrets {
	const char *list[SECRETS_MAX];	/* owned, those in use first */
	size_t inuse;
	size_t n;
};

static void
take_secrets(struct secrets *secrets, struct fuzz_part line)
{
	struct fuzz_part part;
	bool others = false;

	while (secrets->n < SECRETS_MAX && fuzz_cut(&part, &line, '|')) {
		if (part.len == 0) {
			others = true;
			continue;
		}
		secrets->list[secrets->n++] = fuzz_text(part.at, part.len);
		secrets->inuse += !others;
	}
}

/* The header with its escapes and signatures made; of the body as Stripe
 * signed it, that is, without a line end behind. */
static void
take_header(struct bytes *out, struct fuzz_part line, struct fuzz_part body)
{
	static const char escapes[] = "n\nr\rt\t";
	struct bytes text;
	const char *escape;
	size_t i;

	bytes_init(&text, SIZE_MAX / 2);
	for (i = 0; i < line.len; i++) {
		escape = line.at[i] == '\\' && i + 1 < line.len ?
		    memchr(escapes, line.at[i + 1], 6) : NULL;
		if (escape != NULL && *escape >= ' ') {
			bytes_put_char(&text, escape[1]);
			i++;
		} else
			bytes_put_char(&text, line.at[i]);
	}
	while (body.len > 0 && body.at[body.len - 1] == '\n')
		body.len--;
	fuzz_put_header(out, (struct fuzz_part){ text.data, text.len }, body);
	bytes_free(&text);
}

/* What verifying says, with those of the secrets in use that can be one. */
static void
check_result(const struct diagnosis *found, const struct diagnosis_case *given)
{
	const char *good[SECRETS_MAX];
	struct bh_verifier *verifier;
	enum bh_result result;
	size_t n = 0, i;

	for (i = 0; i < given->nsecrets; i++) {
		if (bh_verifier_new(&verifier, given->secrets + i, 1, NULL) ==
		    BH_OK)
			good[n++] = given->secrets[i];
		bh_verifier_free(verifier);
	}
	result = bh_verifier_new(&verifier, good, n, NULL);
	if (result == BH_OK)
		result = bh_signature_verify(verifier, given->body,
		    given->body_len, given->header, given->header_len,
		    given->tolerance, given->now, NULL);
	fuzz_require(found->result == result, "diagnosed %d, verified %d",
	    (int)found->result, (int)result);
	bh_verifier_free(verifier);
}

static void
check_found(const struct diagnosis *found, const struct diagnosis_case *given)
{
	const struct diagnosis_words *words;
	size_t i;

	fuzz_require(found->ncauses <= DIAGNOSIS_CAUSES_MAX &&
	    (found->ncauses == 0) == (found->result == BH_OK),
	    "%zu causes for the result %d", found->ncauses,
	    (int)found->result);
	for (i = 0; i < found->ncauses; i++) {
		fuzz_require(found->causes[i] < CAUSE__MAX, "no such cause");
		words = diagnosis_words(found->causes[i]);
		fuzz_require(words != NULL && words->name != NULL &&
		    words->says != NULL && words->advice != NULL,
		    "a cause without words");
	}
	fuzz_require(!found->matched ||
	    found->secret < given->nsecrets + given->nothers,
	    "secret %zu of %zu", found->secret,
	    given->nsecrets + given->nothers);
	fuzz_require(!found->proven || found->matched,
	    "proven, and no secret matched");
	check_result(found, given);
}

static void
diagnose(const struct secrets *secrets, const struct bytes *header,
    struct fuzz_part body)
{
	struct diagnosis_case given = {
		.body = fuzz_copy(body.at, body.len), .body_len = body.len,
		.header = header->len == 1 && header->data[0] == '-' ? NULL :
		    fuzz_copy(header->data, header->len),
		.secrets = secrets->list, .nsecrets = secrets->inuse,
		.others = secrets->list + secrets->inuse,
		.nothers = secrets->n - secrets->inuse,
		.tolerance = BH_TOLERANCE, .now = FUZZ_NOW,
	};
	struct diagnosis found;

	given.header_len = given.header == NULL ? 0 : header->len;
	if (diagnosis_make(&found, &given) == 0)
		check_found(&found, &given);
	free((void *)(uintptr_t)given.header);
	free((void *)(uintptr_t)given.body);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_part input = { (const char *)data, size }, line = { "", 0 };
	struct secrets secrets = { 0 };
	struct bytes header;

	if (input.len > SIZE_LIMIT)
		input.len = SIZE_LIMIT;
	fuzz_cut(&line, &input, '\n');
	take_secrets(&secrets, line);
	line.len = 0;
	fuzz_cut(&line, &input, '\n');
	if (input.at == NULL)
		input.at = "";
	bytes_init(&header, SIZE_MAX / 2);
	take_header(&header, line, input);
	diagnose(&secrets, &header, input);
	bytes_free(&header);
	while (secrets.n > 0)
		free((void *)(uintptr_t)secrets.list[--secrets.n]);
	return 0;
}
