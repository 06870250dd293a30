/*
 * The header of a signature, "BODY\nHEADER" (see fuzzing_sign.h), against a
 * second reading of it, written as plainly as can be.
 */
#include "billhook.h"
#include "fuzzing.h"
#include "fuzzing_sign.h"

#define HEADER_MAX (80 * 1024)

const char fuzz_target[] = "signature";

/* What the header says, read a second time. */
struct reading {
	enum bh_result result;
	size_t	 signatures;
	long long t;
	bool	 matched[2];	/* by which secret */
};

static bool
is_time(struct fuzz_part t)
{
	size_t i;

	for (i = 0; i < t.len; i++)
		if (t.at[i] < '0' || t.at[i] > '9')
			return false;
	return t.len > 0 && t.len <= 18;
}

/* An element that is no longer than its blanks allow; "" for one without a
 * '='.  To be given back with free(). */
static char *
trimmed(struct fuzz_part element)
{
	char *text = fuzz_text(element.at, element.len), *start = text;
	size_t len = element.len;

	while (len > 0 && strchr(" \t", text[len - 1]) != NULL)
		text[--len] = '\0';
	start += strspn(start, " \t");
	memmove(text, start, strlen(start) + 1);
	if (strchr(text, '=') == NULL)
		*text = '\0';
	return text;
}

static void
judge_element(struct reading *reading, const char *text, struct fuzz_part t,
    char digits[2][FUZZ_HEX + 1])
{
	size_t i;

	if (strncmp(text, "t=", 2) == 0) {
		if (!is_time(t) || strlen(text + 2) != t.len ||
		    memcmp(text + 2, t.at, t.len) != 0)
			reading->result = BH_EHEADER;
		reading->t = atoll(text + 2);
	} else if (strncmp(text, "v1=", 3) == 0) {
		reading->signatures++;
		for (i = 0; i < 2; i++)
			if (strcmp(text + 3, digits[i]) == 0)
				reading->matched[i] = true;
	}
}

static void
read_header(struct reading *reading, struct fuzz_part header,
    struct fuzz_part body)
{
	struct fuzz_part t = fuzz_time(header), rest = header, element;
	char digits[2][FUZZ_HEX + 1], *text;

	memset(reading, 0, sizeof(*reading));
	if (header.len == 0)
		reading->result = BH_ENOHEADER;
	else if (header.len > HEADER_MAX || strlen(header.at) != header.len)
		reading->result = BH_EHEADER;
	if (reading->result != BH_OK)
		return;

	fuzz_sign(digits[0], FUZZ_SECRET, t, body);
	fuzz_sign(digits[1], FUZZ_ROLLED, t, body);
	while (fuzz_cut(&element, &rest, ',')) {
		text = trimmed(element);
		judge_element(reading, text, t, digits);
		free(text);
	}
	if (reading->result != BH_OK || t.len == 0)
		reading->result = BH_EHEADER;
	else if (reading->signatures == 0)
		reading->result = BH_ENOV1;
	else if (!reading->matched[0] && !reading->matched[1])
		reading->result = BH_EMISMATCH;
	else if (reading->t < FUZZ_NOW - BH_TOLERANCE)
		reading->result = BH_ETOOOLD;
	else if (reading->t > FUZZ_NOW + BH_TOLERANCE)
		reading->result = BH_ETOONEW;
}

static void
check(const struct bh_verifier *verifier, struct fuzz_part header,
    struct fuzz_part body)
{
	struct bh_finding finding = { 0 };
	struct reading reading;
	enum bh_result result;
	char *exact = fuzz_copy(header.at, header.len);

	read_header(&reading, header, body);
	result = bh_signature_verify(verifier, body.at, body.len, exact,
	    header.len, BH_TOLERANCE, FUZZ_NOW, &finding);
	free(exact);
	fuzz_require(result == reading.result, "result %d, where %d is right",
	    (int)result, (int)reading.result);
	if (result != BH_OK && result != BH_ETOOOLD && result != BH_ETOONEW)
		return;
	fuzz_require(finding.secret < 2 && reading.matched[finding.secret],
	    "secret %zu is said to match", finding.secret);
	fuzz_require(finding.signatures == reading.signatures &&
	    finding.t == reading.t && finding.age == FUZZ_NOW - reading.t,
	    "the finding is not what the header says");
}

/* What bh_signature_make() writes, verifies; and for no other body. */
static void
check_made(const struct bh_verifier *verifier, struct fuzz_part body)
{
	char header[BH_SIGNATURE_SIZE];
	struct bytes other;

	fuzz_require(bh_signature_make(header, sizeof(header), FUZZ_ROLLED,
	    body.at, body.len, FUZZ_NOW) == BH_OK &&
	    bh_signature_verify(verifier, body.at, body.len, header,
	    strlen(header), BH_TOLERANCE, FUZZ_NOW, NULL) == BH_OK,
	    "a signature of ours does not verify");
	bytes_init(&other, SIZE_MAX / 2);
	bytes_put(&other, body.at, body.len);
	bytes_put_char(&other, '\n');
	fuzz_require(bh_signature_verify(verifier, other.data, other.len,
	    header, strlen(header), BH_TOLERANCE, FUZZ_NOW, NULL) ==
	    BH_EMISMATCH, "a signature verifies another body");
	bytes_free(&other);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const secrets[] = { FUZZ_SECRET, FUZZ_ROLLED };
	static struct bh_verifier *verifier;
	struct fuzz_part input = { (const char *)data, size }, body = { "", 0 };
	struct bytes header;

	if (verifier == NULL &&
	    bh_verifier_new(&verifier, secrets, 2, NULL) != BH_OK)
		abort();
	fuzz_cut(&body, &input, '\n');
	bytes_init(&header, SIZE_MAX / 2);
	fuzz_put_header(&header, input, body);
	bytes_put_char(&header, '\0');
	check(verifier, (struct fuzz_part){ header.data, header.len - 1 },
	    body);
	check_made(verifier, body);
	bytes_free(&header);
	return 0;
}
