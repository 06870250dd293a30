/*
 * libbillhook: verify and read Stripe's webhook events from C.
 *
 * No global state, no input or output, no clock; safe to use from several
 * threads, where each object is used by one thread at a time (a verifier may
 * be shared by all of them).  Nothing is ever printed, and no secret is in any
 * message.
 */
#ifndef BILLHOOK_H
#define BILLHOOK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BH_TOLERANCE 300	/* seconds; the official SDKs' default */

/* Results.  Apart only where a caller acts differently. */
enum bh_result {
	BH_OK = 0,
	BH_ENOMEM,	/* no memory; try again */
	BH_ESECRET,	/* no secret, or one that cannot be a signing secret */
	BH_ENOHEADER,	/* no Stripe-Signature header, or an empty one */
	BH_EHEADER,	/* the header is malformed */
	BH_ENOV1,	/* the header has no signature of scheme v1 */
	BH_EMISMATCH,	/* no v1 matches: secret, body or header is wrong */
	BH_ETOOOLD,	/* authentic, but older than the tolerance */
	BH_ETOONEW,	/* authentic, but ahead of the clock by more than it */
	BH_EPAYLOAD,	/* authentic, but not an event */
	BH_ETHIN,	/* authentic, but a thin event (v2.core.event) */
	BH_RESULT__MAX
};

/* A sentence for a result, for a log; never NULL, never freed. */
const char *bh_result_text(enum bh_result result);

/*
 * Several signing secrets, ready for use.
 *
 * bh_verifier_new: secrets are n NUL-ended strings, "whsec_..." each, whose
 * bytes are the keys, prefix and all.  *out is the caller's, to be freed with
 * bh_verifier_free(), which wipes the keys.  BH_OK, BH_ESECRET (none, or one
 * that does not begin with whsec_ or holds a byte that is no visible ASCII:
 * *bad, if not NULL, is its index), BH_ENOMEM.
 */
struct bh_verifier;
enum bh_result bh_verifier_new(struct bh_verifier **out,
    const char *const *secrets, size_t n, size_t *bad);
void bh_verifier_free(struct bh_verifier *verifier);

/* What a verification found, for a log line: filled as far as it came. */
struct bh_finding {
	int64_t	t;		/* the header's time, 0 if none was read */
	int64_t	age;		/* now - t in seconds, < 0 if ahead */
	size_t	signatures;	/* how many v1 there were */
	size_t	secret;		/* index of the secret that matched */
};

/*
 * Verifies that a body was sent by Stripe.
 *
 * body, body_len: the raw bytes as received.  header, header_len: the value of
 * Stripe-Signature; header may be NULL.  tolerance: seconds that the header's
 * time may be before or after now, at least 1.  now: Unix seconds.  finding
 * may be NULL.
 *
 * Every v1 is tried against every secret, in constant time; other schemes are
 * ignored; the signature is checked first and the age second
 * (https://docs.stripe.com/webhooks#verify-manually).
 * A header with a NUL, or of more than 80 KiB, is malformed.
 *
 * BH_OK, BH_ENOHEADER, BH_EHEADER, BH_ENOV1, BH_EMISMATCH, BH_ETOOOLD,
 * BH_ETOONEW, BH_ENOMEM.
 */
enum bh_result bh_signature_verify(const struct bh_verifier *verifier,
    const void *body, size_t body_len, const char *header, size_t header_len,
    int64_t tolerance, int64_t now, struct bh_finding *finding);

/*
 * Makes the value of a Stripe-Signature header, "t=...,v1=...", as Stripe
 * would for this body and secret: for tests.  buffer has size bytes, of which
 * BH_SIGNATURE_SIZE are enough.  BH_OK, BH_ESECRET, BH_ENOMEM (also for a
 * buffer that is too small).
 */
#define BH_SIGNATURE_SIZE 96
enum bh_result bh_signature_make(char *buffer, size_t size, const char *secret,
    const void *body, size_t body_len, int64_t t);

/*
 * An event, read from a body that was verified.
 *
 * bh_event_construct: as constructEvent() of the official SDKs: verifies, then
 * reads.  *out is the caller's, to be freed with bh_event_free(); NULL unless
 * BH_OK.  message, if not NULL, has message_size bytes and gets a sentence that
 * says what was wrong and what to do, of which BH_MESSAGE_SIZE are enough.
 * Results as bh_signature_verify(), and BH_EPAYLOAD, BH_ETHIN.
 */
#define BH_MESSAGE_SIZE 256
struct bh_event;
enum bh_result bh_event_construct(struct bh_event **out,
    const struct bh_verifier *verifier, const void *body, size_t body_len,
    const char *header, size_t header_len, int64_t tolerance, int64_t now,
    char *message, size_t message_size);
void bh_event_free(struct bh_event *event);

/* Of the envelope; borrowed from the event.  NULL where the event has none. */
const char *bh_event_id(const struct bh_event *event);
const char *bh_event_type(const struct bh_event *event);
const char *bh_event_api_version(const struct bh_event *event);
const char *bh_event_account(const struct bh_event *event);
int64_t bh_event_created(const struct bh_event *event);	/* Unix seconds */
int bh_event_livemode(const struct bh_event *event);	/* 0 or 1 */

/*
 * A field of the event by its path of keys and list indexes, as
 * "data.object.customer" or "data.object.items.data.0.price.id".
 *
 * bh_event_text: the text, borrowed, or NULL where there is none.
 * bh_event_int: 1 and *out, or 0 where there is no exact integer.
 * bh_event_bool: 1 or 0, or -1 where there is no boolean.
 * bh_event_ref: the id of a reference: the text, or the id of the object that
 * stands there expanded; borrowed, NULL where there is none.
 */
const char *bh_event_text(const struct bh_event *event, const char *path);
int bh_event_int(const struct bh_event *event, const char *path, int64_t *out);
int bh_event_bool(const struct bh_event *event, const char *path);
const char *bh_event_ref(const struct bh_event *event, const char *path);

#ifdef __cplusplus
}
#endif

#endif
