#include "receive.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "billhook.h"
#include "gate.h"
#include "rejected.h"
#include "store.h"

#define RETRY_BUSY	5	/* seconds until another try is worth it */
#define RETRY_BROKEN	60

/* A delivery on its walk. */
struct walk {
	struct setup	*setup;
	struct request	*request;
	const struct settings *settings;	/* NULL if unusable */
	struct answer	 answer;
	unsigned char	*body;			/* owned */
	size_t		 len;
	int64_t		 now;
};

/* Decides the answer and ends the walk: always false. */
static bool
refuse(struct walk *walk, enum answer_code code)
{
	walk->answer.code = code;
	return false;
}

static bool
pass_settings(struct walk *walk)
{
	const struct setup *setup = walk->setup;
	const char *fault = NULL;
	enum answer_code code = ANSWER_MISCONFIGURED;

	if (!setup_is_ready(setup)) {
		fault = setup->fault;
		code = setup->code;
	} else if (walk->request->fault != NULL) {
		fault = walk->request->fault;
	}
	if (fault == NULL)
		return true;

	walk->answer.retry_after = RETRY_BROKEN;
	log_refused(setup->log, LOG_ERROR, "%d %s: %s",
	    answer_status(code), code == ANSWER_MISCONFIGURED ?
	    "misconfigured" : "unavailable", fault);
	return refuse(walk, code);
}

static bool
pass_gate(struct walk *walk)
{
	const struct request *request = walk->request;
	struct log *log = walk->setup->log;

	switch (gate_check(request, walk->settings->max_body, &walk->len)) {
	case GATE_OPEN:
		return true;
	case GATE_METHOD:
		log_refused(log, LOG_WARNING, "405 method %.32s: only POST is "
		    "taken here; Stripe sends nothing else",
		    request->method == NULL ? "(none)" : request->method);
		return refuse(walk, ANSWER_METHOD_NOT_ALLOWED);
	case GATE_LENGTH:
		log_refused(log, LOG_WARNING, "411 length: CONTENT_LENGTH is "
		    "%s%.32s; where a proxy sends bodies in chunks, let the "
		    "web server buffer them",
		    request->length == NULL ? "missing" : "no length: ",
		    request->length == NULL ? "" : request->length);
		return refuse(walk, ANSWER_LENGTH_REQUIRED);
	case GATE_SIZE:
	default:
		log_refused(log, LOG_WARNING, "413 too large: %.32s bytes, "
		    "the limit is %" PRId64 "; if Stripe sent it, raise "
		    "BILLHOOK_MAX_BODY", request->length,
		    walk->settings->max_body);
		return refuse(walk, ANSWER_PAYLOAD_TOO_LARGE);
	}
}

/* Reads the raw bytes, all of them, and the clock. */
static bool
read_body(struct walk *walk)
{
	struct request *request = walk->request;
	struct log *log = walk->setup->log;
	size_t got;

	walk->body = malloc(walk->len > 0 ? walk->len : 1);
	if (walk->body == NULL) {
		log_refused(log, LOG_ERROR, "503 no memory: for a body of %zu "
		    "bytes; free some, Stripe will send the event again",
		    walk->len);
		walk->answer.retry_after = RETRY_BROKEN;
		return refuse(walk, ANSWER_UNAVAILABLE);
	}
	got = request->read(request, walk->body, walk->len);
	walk->now = (int64_t)time(NULL);
	if (got == walk->len)
		return true;

	log_refused(log, LOG_WARNING, "400 short body: %zu of %zu bytes %s; "
	    "Stripe will send the event again", got, walk->len,
	    request->late ? "came in time" :
	    "came, then the client or the web server went away");
	return refuse(walk, ANSWER_INVALID_PAYLOAD);
}

/* How to learn more of a delivery. */
static const char *
how_to_ask(const struct walk *walk, enum rejected_result kept)
{
	if (walk->settings->keep_rejected == 0)
		return "set BILLHOOK_KEEP_REJECTED=5, and billhook explain "
		    "--kept says it";
	if (kept == REJECTED_KEPT)
		return "ask: billhook explain --kept 1";
	if (kept == REJECTED_OFTEN)
		return "not kept, since many came just before it: let Stripe "
		    "send it again in a minute";
	return "not kept";
}

/* Logs why a signature was refused, and what to do. */
static void
log_signature(const struct walk *walk, enum bh_result result,
    const struct bh_finding *finding, enum rejected_result kept)
{
	struct log *log = walk->setup->log;

	switch (result) {
	case BH_ENOHEADER:
		log_refused(log, LOG_WARNING, "401 no header: the request has "
		    "no Stripe-Signature; not from Stripe, or a proxy takes "
		    "the header away");
		break;
	case BH_ENOV1:
		log_refused(log, LOG_WARNING, "401 no v1: Stripe-Signature "
		    "has no signature of scheme v1; not from Stripe");
		break;
	case BH_EMISMATCH:
		log_refused(log, LOG_WARNING, "401 mismatch: no v1 signature "
		    "matches any of %zu secrets (is STRIPE_WEBHOOK_SECRET this "
		    "endpoint's? does a proxy change the body?); %s",
		    walk->settings->nsecrets, how_to_ask(walk, kept));
		break;
	case BH_ETOOOLD:
		log_refused(log, LOG_WARNING, "401 too old: signed %" PRId64
		    " s ago, allowed are %" PRId64 " (is the clock of this "
		    "machine right? is a recorded request sent again?)",
		    finding->age, walk->settings->tolerance);
		break;
	case BH_ETOONEW:
		log_refused(log, LOG_WARNING, "401 too new: signed %" PRId64
		    " s ahead of this machine's clock, allowed are %" PRId64
		    " (set the clock right)", -finding->age,
		    walk->settings->tolerance);
		break;
	default:
		log_refused(log, LOG_WARNING, "401 malformed header: "
		    "Stripe-Signature is not t=...,v1=...; not from Stripe, "
		    "or a proxy changes it");
		break;
	}
}

/* For `billhook explain`, where the operator asked for it: the body is gone
 * otherwise when somebody looks. */
static enum rejected_result
keep_rejected(const struct walk *walk, enum bh_result result)
{
	struct rejected_entry entry = { walk->now, walk->request->signature,
	    walk->body, walk->len, bh_result_text(result) };
	enum rejected_result kept = rejected_keep(walk->settings, &entry);

	if (kept == REJECTED_FAILED)
		log_refused(walk->setup->log, LOG_WARNING, "the refused "
		    "delivery could not be kept: %s; may the directory of "
		    "BILLHOOK_DATABASE be written?", strerror(errno));
	if (kept == REJECTED_LARGE)
		log_refused(walk->setup->log, LOG_WARNING, "the refused "
		    "delivery is not kept: of %zu bytes, and %d are the most; "
		    "Stripe's are smaller", walk->len, REJECTED_BODY);
	return kept;
}

static bool
verify(struct walk *walk)
{
	const struct request *request = walk->request;
	struct log *log = walk->setup->log;
	struct bh_finding finding = { 0 };
	enum bh_result result = BH_EHEADER;
	enum rejected_result kept;

	/* Of two headers neither is better than the other. */
	if (request->nsignatures <= 1)
		result = bh_signature_verify(walk->setup->verifier,
		    walk->body, walk->len, request->signature,
		    request->signature == NULL ? 0 :
		    strlen(request->signature), walk->settings->tolerance,
		    walk->now, &finding);
	if (result == BH_OK) {
		log_line(log, LOG_DEBUG, "signed %" PRId64 " s ago, with "
		    "secret %zu of %zu", finding.age, finding.secret + 1,
		    walk->settings->nsecrets);
		return true;
	}
	if (result == BH_ENOMEM) {
		log_refused(log, LOG_ERROR, "503 no memory: to verify a "
		    "signature; free some, Stripe will send the event again");
		walk->answer.retry_after = RETRY_BROKEN;
		return refuse(walk, ANSWER_UNAVAILABLE);
	}
	kept = keep_rejected(walk, result);
	log_signature(walk, result, &finding, kept);
	return refuse(walk, ANSWER_INVALID_SIGNATURE);
}

/* One line for an event that is on disk. */
static void
log_verdict(struct log *log, const struct store_verdict *verdict)
{
	const char *why = verdict->error;

	if (verdict->outcome == OUTCOME_IGNORED && *why == '\0')
		why = "billhook does not act on this type";
	log_line(log, verdict->odd ? LOG_WARNING : LOG_INFO,
	    "200 %s %s%s%s%s%s%s",
	    store_outcome_name(verdict->outcome), verdict->id,
	    verdict->type[0] != '\0' ? " " : "", verdict->type,
	    *why != '\0' ? ": " : "", why,
	    verdict->parked ?
	    " (kept; billhook replay applies it once it can be read)" : "");
}

static void
keep(struct walk *walk)
{
	static const char *const words[] = {
		[STORE_EBUSY] = "busy", [STORE_EFULL] = "full",
		[STORE_EUNAVAILABLE] = "unavailable",
		[STORE_EVERSION] = "wrong database",
		[STORE_ENOMEM] = "no memory",
	};
	struct setup *setup = walk->setup;
	struct store_verdict verdict = { 0 };
	enum store_result result;

	result = store_receive(setup->store, walk->body, walk->len,
	    walk->now, &verdict);
	if (result == STORE_OK) {
		log_verdict(setup->log, &verdict);
		walk->answer.code = ANSWER_RECEIVED;
		walk->answer.outcome = verdict.outcome;
		return;
	}
	if (result == STORE_EPAYLOAD) {
		log_line(setup->log, LOG_WARNING, "400 not an event: %s",
		    store_error(setup->store));
		walk->answer.code = ANSWER_INVALID_PAYLOAD;
		return;
	}
	log_line(setup->log, LOG_ERROR, "503 %s%s%s: %s", words[result],
	    verdict.id[0] != '\0' ? " " : "", verdict.id,
	    store_error(setup->store));
	walk->answer.code = ANSWER_UNAVAILABLE;
	walk->answer.retry_after =
	    result == STORE_EBUSY ? RETRY_BUSY : RETRY_BROKEN;
}

size_t
receive_take(struct setup *setup, struct request *request,
    char answer[ANSWER_SIZE])
{
	struct walk walk = {
		.setup = setup, .request = request,
		.settings = config_settings(setup->config),
	};

	if (pass_settings(&walk) && pass_gate(&walk) && read_body(&walk) &&
	    verify(&walk))
		keep(&walk);
	free(walk.body);
	return answer_print(answer, &walk.answer);
}
