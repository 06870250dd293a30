/* A diagnosis in words, and as JSON. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "explain.h"
#include "input.h"
#include "jsonout.h"
#include "table.h"

void
explain_time(char text[EXPLAIN_TIME_SIZE], int64_t t)
{
	time_t seconds = (time_t)t;
	struct tm tm;

	if (gmtime_r(&seconds, &tm) == NULL ||
	    strftime(text, EXPLAIN_TIME_SIZE, "%Y-%m-%d %H:%M:%SZ", &tm) == 0)
		(void)snprintf(text, EXPLAIN_TIME_SIZE, "%" PRId64, t);
}

static const char *
secret_at(const struct diagnosis_case *given, size_t place)
{
	if (place < given->nsecrets)
		return given->secrets[place];
	place -= given->nsecrets;
	return place < given->nothers ? given->others[place] : "";
}

/* "secret 2 of 3 (...abcd)", or of those that are known besides. */
static void
put_secret(const struct diagnosis_case *given, size_t place)
{
	bool other = place >= given->nsecrets;
	char tail[INPUT_TAIL_SIZE];

	input_tail(tail, secret_at(given, place));
	printf("%s %zu of %zu (", other ? "configured secret" : "secret",
	    (other ? place - given->nsecrets : place) + 1,
	    other ? given->nothers : given->nsecrets);
	table_put(stdout, tail);
	printf(")");
}

/* "4000 s (1 h 6 min)". */
static void
put_span(int64_t seconds)
{
	printf("%" PRId64 " s", seconds);
	if (seconds >= 86400)
		printf(" (%" PRId64 " d %" PRId64 " h)", seconds / 86400,
		    seconds % 86400 / 3600);
	else if (seconds >= 120)
		printf(" (%" PRId64 " h %" PRId64 " min)", seconds / 3600,
		    seconds % 3600 / 60);
}

/* Sizes at which programs cut, and one less where they keep a NUL. */
static bool
is_limit(size_t len)
{
	static const size_t decimal[] = { 1000, 2000, 4000, 5000, 10000,
	    16000, 20000, 50000, 64000, 100000, 1000000 };
	size_t i;

	for (i = 0; i < sizeof(decimal) / sizeof(decimal[0]); i++)
		if (len == decimal[i])
			return true;
	return len > 0 && (len % 1024 == 0 || (len + 1) % 1024 == 0 ||
	    (len & (len - 1)) == 0 || (len & (len + 1)) == 0);
}

/* What there is to say of this delivery beside the words of a cause. */
static void
put_detail(const struct diagnosis_case *given,
    const struct diagnosis *diagnosis, enum diagnosis_cause cause)
{
	switch (cause) {
	case CAUSE_TOO_OLD:
		printf(": by ");
		put_span(diagnosis->age - given->tolerance);
		printf("; signed ");
		put_span(diagnosis->age);
		printf(" before, allowed are %" PRId64 " s", given->tolerance);
		break;
	case CAUSE_TOO_NEW:
		printf(": by ");
		put_span(-diagnosis->age);
		printf(", allowed are %" PRId64 " s", given->tolerance);
		break;
	case CAUSE_BODY_TRUNCATED:
		printf(": %zu bytes%s", given->body_len,
		    is_limit(given->body_len) ? ", a limit that programs have"
		    : "");
		break;
	case CAUSE_SECRET_CUT:
	case CAUSE_SECRET_OTHER:
	case CAUSE_SECRET_API_KEY:
	case CAUSE_SECRET_ENDPOINT_ID:
	case CAUSE_SECRET_QUOTED:
	case CAUSE_SECRET_BLANK:
	case CAUSE_SECRET_PREFIX:
		printf(": ");
		put_secret(given, diagnosis->secret);
		break;
	default:
		break;
	}
}

static void
put_hints(const struct diagnosis *diagnosis)
{
	if (diagnosis_has(diagnosis, CAUSE_SECRET_WRONG) && diagnosis->v0)
		printf("hint: beside v1 the header has a v0, as deliveries of "
		    "test mode and of stripe\n  listen have; stripe listen "
		    "--print-secret prints the secret of the latter\n");
	if (diagnosis->spent)
		printf("hint: the body is so large that not everything was "
		    "tried\n");
}

void
explain_print(const struct diagnosis_case *given,
    const struct diagnosis *diagnosis)
{
	const struct diagnosis_words *words;
	char when[EXPLAIN_TIME_SIZE];
	size_t i;

	explain_time(when, diagnosis->t);
	if (diagnosis->ncauses == 0)
		printf("intact: %s\n", bh_result_text(diagnosis->result));
	else
		printf("refused: %s\n", bh_result_text(diagnosis->result));
	for (i = 0; i < diagnosis->ncauses; i++) {
		words = diagnosis_words(diagnosis->causes[i]);
		printf("cause: %s", words->says);
		put_detail(given, diagnosis, diagnosis->causes[i]);
		printf(" [%s]\n  what to do: %s\n", words->name,
		    words->advice);
	}
	put_hints(diagnosis);
	if (diagnosis->matched) {
		printf("%s ", !diagnosis->proven ?
		    "likely: what is left of the signature matches" :
		    diagnosis->ncauses == 0 ? "verified with" :
		    "proven: with that undone it verifies, with");
		put_secret(given, diagnosis->secret);
		printf("\n");
	}
	if (diagnosis->t != 0)
		printf("signed: %s\n", when);
}

void
explain_json(const struct diagnosis_case *given,
    const struct diagnosis *diagnosis)
{
	const struct diagnosis_words *words;
	char tail[INPUT_TAIL_SIZE];
	struct jsonout out;
	size_t i;

	jsonout_init(&out, stdout);
	jsonout_open(&out, NULL, '{');
	jsonout_bool(&out, "intact", diagnosis->ncauses == 0);
	jsonout_bool(&out, "proven", diagnosis->proven);
	jsonout_text(&out, "verdict", bh_result_text(diagnosis->result));
	jsonout_open(&out, "causes", '[');
	for (i = 0; i < diagnosis->ncauses; i++) {
		words = diagnosis_words(diagnosis->causes[i]);
		jsonout_open(&out, NULL, '{');
		jsonout_text(&out, "name", words->name);
		jsonout_text(&out, "says", words->says);
		jsonout_text(&out, "advice", words->advice);
		jsonout_close(&out, '}');
	}
	jsonout_close(&out, ']');
	if (diagnosis->matched) {
		input_tail(tail, secret_at(given, diagnosis->secret));
		jsonout_int(&out, "secret", (int64_t)diagnosis->secret + 1);
		jsonout_text(&out, "secret_tail", tail);
	}
	if (diagnosis->t != 0) {
		jsonout_int(&out, "t", diagnosis->t);
		jsonout_int(&out, "age", diagnosis->age);
	}
	jsonout_bool(&out, "v0", diagnosis->v0);
	jsonout_int(&out, "tolerance", given->tolerance);
	jsonout_close(&out, '}');
}
