/* bh_event_* of lib/billhook.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billhook.h"
#include "nomem.h"
#include "tap.h"

#define SECRET	"whsec_test_construct"
#define NOW	1700000000

static const char BODY[] =
    "{\"id\":\"evt_1\",\"object\":\"event\",\"account\":\"acct_1\","
    "\"api_version\":\"2025-09-30.clover\",\"created\":1699999990,"
    "\"livemode\":true,\"type\":\"customer.subscription.updated\","
    "\"data\":{\"object\":{\"id\":\"sub_1\",\"customer\":{\"id\":\"cus_1\"},"
    "\"latest_invoice\":\"in_1\",\"cancel_at\":null,\"big\":1e300,"
    "\"nul\":\"a\\u0000\",\"cancel_at_period_end\":false,"
    "\"two\":1,\"two\":1,\"items\":{\"has_more\":true,\"data\":["
    "{\"quantity\":4294967296,\"price\":{\"id\":\"price_1\"}},"
    "{\"price\":\"price_2\"}]}}}}";

struct outcome {
	enum bh_result result;
	struct bh_event *event;
	char message[BH_MESSAGE_SIZE];
};

/* Signs a body at t with secret, and constructs the event with SECRET. */
static struct outcome
construct_with(const char *secret, const char *body, int64_t t)
{
	const char *const secrets[] = { SECRET };
	struct outcome out = { .message = "untouched" };
	char header[BH_SIGNATURE_SIZE];
	struct bh_verifier *verifier;

	if (bh_verifier_new(&verifier, secrets, 1, NULL) != BH_OK ||
	    bh_signature_make(header, sizeof(header), secret, body,
	    strlen(body), t) != BH_OK) {
		printf("Bail out! cannot sign\n");
		exit(1);
	}
	out.result = bh_event_construct(&out.event, verifier, body,
	    strlen(body), header, strlen(header), BH_TOLERANCE, NOW,
	    out.message, sizeof(out.message));
	bh_verifier_free(verifier);
	return out;
}

static struct outcome
construct(const char *body)
{
	return construct_with(SECRET, body, NOW);
}

static void
test_envelope(void)
{
	struct outcome out = construct(BODY);

	is_int(out.result, BH_OK, "an authentic event");
	is_str(out.message, "", "leaves no message");
	is_str(bh_event_id(out.event), "evt_1", "id");
	is_str(bh_event_type(out.event), "customer.subscription.updated",
	    "type");
	is_str(bh_event_api_version(out.event), "2025-09-30.clover",
	    "api_version");
	is_str(bh_event_account(out.event), "acct_1", "account");
	is_int(bh_event_created(out.event), 1699999990, "created");
	is_int(bh_event_livemode(out.event), 1, "livemode");
	bh_event_free(out.event);
	bh_event_free(NULL);
}

static void
test_fields(void)
{
	struct outcome out = construct(BODY);
	const struct bh_event *event = out.event;
	int64_t i = 7;

	is_str(bh_event_text(event, "data.object.id"), "sub_1", "a text");
	is_str(bh_event_text(event, "data.object.items.data.0.price.id"),
	    "price_1", "a text in a list");
	is_str(bh_event_text(event, "type"), "customer.subscription.updated",
	    "a text of the envelope");
	ok(bh_event_text(event, "data.object.items.data.2.price") == NULL &&
	    bh_event_text(event, "data.object.items.data.x") == NULL &&
	    bh_event_text(event, "data.object.cancel_at") == NULL &&
	    bh_event_text(event, "data.object.big") == NULL &&
	    bh_event_text(event, "data.object.customer") == NULL &&
	    bh_event_text(event, "data.object.nothing.at.all") == NULL &&
	    bh_event_text(event, "data.object.ID") == NULL &&
	    bh_event_text(event, "") == NULL, "no text is NULL");
	ok(bh_event_text(event, "data.object.nul") == NULL,
	    "nor is one with a NUL, cut short");

	is_int(bh_event_int(event, "data.object.items.data.0.quantity", &i), 1,
	    "an integer");
	is_int(i, 4294967296, "of more than 32 bits");
	ok(!bh_event_int(event, "data.object.big", &i) &&
	    !bh_event_int(event, "data.object.id", &i) &&
	    !bh_event_int(event, "data.object.two", &i) &&
	    !bh_event_int(event, "data.object.none", &i), "no integer is 0");
	is_int(i, 4294967296, "and leaves what was there");

	is_int(bh_event_bool(event, "livemode"), 1, "true");
	is_int(bh_event_bool(event, "data.object.cancel_at_period_end"), 0,
	    "false");
	is_int(bh_event_bool(event, "data.object.id"), -1, "no boolean");
	is_int(bh_event_bool(event, "data.object.none"), -1, "absent");

	is_str(bh_event_ref(event, "data.object.latest_invoice"), "in_1",
	    "a reference");
	is_str(bh_event_ref(event, "data.object.customer"), "cus_1",
	    "a reference expanded");
	is_str(bh_event_ref(event, "data.object.items.data.1.price"),
	    "price_2", "a reference in a list");
	ok(bh_event_ref(event, "data.object.cancel_at") == NULL &&
	    bh_event_ref(event, "data.object.items") == NULL &&
	    bh_event_ref(event, "data.object.items.data") == NULL &&
	    bh_event_ref(event, "data.object.big") == NULL,
	    "no reference is NULL");
	bh_event_free(out.event);
}

/* As the SDKs do: whatever has an id and is authentic is an event. */
static void
test_any_event(void)
{
	struct outcome out = construct("{\"id\":\"evt_1\"}");

	is_int(out.result, BH_OK, "an event of nothing but an id");
	ok(bh_event_type(out.event) == NULL &&
	    bh_event_account(out.event) == NULL &&
	    bh_event_api_version(out.event) == NULL, "has no more");
	is_int(bh_event_created(out.event), 0, "no time");
	is_int(bh_event_livemode(out.event), 0, "no mode");
	bh_event_free(out.event);

	out = construct("{\"id\":\"evt_00000000000000\",\"type\":\"a.b\"}");
	is_int(out.result, BH_OK, "a test event of an unknown type");
	is_str(out.message, "", "without a message");
	is_str(bh_event_type(out.event), "a.b", "is read");
	bh_event_free(out.event);
}

static void
test_refused(void)
{
	struct outcome out;

	out = construct("{\"id\":1}");
	is_int(out.result, BH_EPAYLOAD, "no event");
	ok(out.event == NULL, "gives none");
	ok(strstr(out.message, "id: is not a text") != NULL &&
	    strstr(out.message, "secret") != NULL, "%s", out.message);

	out = construct("{\"id\":\"evt_1\",\"object\":\"v2.core.event\"}");
	is_int(out.result, BH_ETHIN, "a thin event");
	ok(out.event == NULL, "gives none");
	ok(strstr(out.message, "Snapshot instead of Thin") != NULL, "%s",
	    out.message);

	out = construct_with("whsec_test_other", "not even JSON", NOW);
	is_int(out.result, BH_EMISMATCH, "the signature comes before the body");
	ok(out.event == NULL, "gives none");
	is_str(out.message, bh_result_text(BH_EMISMATCH), "says so");
	ok(strstr(out.message, SECRET) == NULL, "without the secret");

	out = construct_with(SECRET, BODY, NOW - BH_TOLERANCE - 1);
	is_int(out.result, BH_ETOOOLD, "too old");
	ok(out.event == NULL, "gives none");
}

/* A message is cut to its room, and not asked for is not written. */
static void
test_message_room(void)
{
	const char *const secrets[] = { SECRET };
	struct bh_verifier *verifier;
	struct bh_event *event;
	char small[8];

	if (bh_verifier_new(&verifier, secrets, 1, NULL) != BH_OK) {
		printf("Bail out! no verifier\n");
		exit(1);
	}
	memset(small, '#', sizeof(small));
	is_int(bh_event_construct(&event, verifier, BODY, strlen(BODY), NULL,
	    0, BH_TOLERANCE, NOW, small, sizeof(small) - 1), BH_ENOHEADER,
	    "no header");
	is_int((int64_t)strlen(small), 6, "its message is cut");
	is_int(small[7], '#', "and stays in its room");
	is_int(bh_event_construct(&event, verifier, BODY, strlen(BODY), NULL,
	    0, BH_TOLERANCE, NOW, NULL, 0), BH_ENOHEADER, "without a message");
	is_int(bh_event_construct(&event, verifier, BODY, strlen(BODY), NULL,
	    0, BH_TOLERANCE, NOW, small, 0), BH_ENOHEADER, "without room");
	bh_verifier_free(verifier);
}

/* OpenSSL does without a few allocations of its own, so a run may succeed all
 * the same; but it may not say anything else, nor keep memory. */
static void
test_no_memory(void)
{
	static const char *const secrets[] = {SECRET};
	struct bh_verifier *verifier;
	struct bh_event *event;
	char header[BH_SIGNATURE_SIZE], message[BH_MESSAGE_SIZE];
	enum bh_result result;
	int refused = 0, wrong = 0, hit = 1;
	long n, blocks = nomem_blocks;

	if (bh_verifier_new(&verifier, secrets, 1, NULL) != BH_OK ||
	    bh_signature_make(header, sizeof(header), SECRET, BODY,
	    strlen(BODY), NOW) != BH_OK)
		abort();
	for (n = 1; hit && nomem_works(); n++) {
		blocks = nomem_blocks;
		nomem_left = n;
		result = bh_event_construct(&event, verifier, BODY,
		    strlen(BODY), header, strlen(header), BH_TOLERANCE, NOW,
		    message, sizeof(message));
		hit = nomem_left == 0;
		nomem_left = 0;
		refused += result == BH_ENOMEM && event == NULL &&
		    *message != '\0';
		wrong += result != BH_ENOMEM && result != BH_OK;
		bh_event_free(event);
		wrong += nomem_blocks != blocks;
	}
	if (nomem_works())
		ok(refused > 5 && wrong == 0, "each allocation may fail, it "
		    "says so, and keeps nothing");
	else
		ok(true, "allocations cannot be made to fail here # SKIP");
	bh_verifier_free(verifier);
}

/* Those of the reader fit by the assertion in construct.c. */
static void
test_message_size(void)
{
	size_t longest = 0, len;
	int i;

	for (i = 0; i < BH_RESULT__MAX; i++)
		if ((len = strlen(bh_result_text(i))) > longest)
			longest = len;
	ok(longest < BH_MESSAGE_SIZE, "BH_MESSAGE_SIZE is enough");
}

int
main(void)
{
	test_envelope();
	test_fields();
	test_any_event();
	test_refused();
	test_message_room();
	test_no_memory();
	test_message_size();
	return done_testing();
}
