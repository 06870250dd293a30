/* lib/event.h: the envelope. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "nomem.h"
#include "tap.h"

#define X50	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X250	X50 X50 X50 X50 X50

/* An event of a customer, with more members of the root in front. */
#define CUSTOMER(more) \
	"{" more "\"id\":\"evt_1\",\"object\":\"event\"," \
	"\"type\":\"customer.updated\",\"created\":1700000000," \
	"\"livemode\":true,\"data\":{\"object\":{\"id\":\"cus_1\"}}}"

/* The same with all of it but the id to be given. */
#define EVENT(members)	"{\"id\":\"evt_1\"," members "}"
#define DATA		"\"data\":{\"object\":{\"id\":\"cus_1\"}}"
#define TYPE		"\"type\":\"customer.updated\""
#define CREATED		"\"created\":1700000000"

static enum event_result
parse(struct event *event, const char *body)
{
	return event_parse(event, body, strlen(body));
}

static void
test_whole_event(void)
{
	static const char body[] =
	    "{\"id\":\"evt_1Abc\",\"object\":\"event\","
	    "\"account\":\"acct_1\",\"api_version\":\"2025-09-30.clover\","
	    "\"created\":1700000000,\"data\":{\"object\":{\"id\":\"sub_1\","
	    "\"status\":\"active\"},\"previous_attributes\":"
	    "{\"status\":\"past_due\"}},\"livemode\":true,"
	    "\"pending_webhooks\":1,\"request\":{\"id\":\"req_1\","
	    "\"idempotency_key\":null},"
	    "\"type\":\"customer.subscription.updated\",\"new\":[{}]}";
	struct event event;

	is_int(parse(&event, body), EVENT_OK, "an event");
	is_str(event.id, "evt_1Abc", "id");
	is_str(event.type, "customer.subscription.updated", "type");
	is_str(event.account, "acct_1", "account");
	is_str(event.api_version, "2025-09-30.clover", "api_version");
	ok(event.has_created && event.created == 1700000000, "created");
	ok(event.livemode, "livemode");
	is_str(event.object_id, "sub_1", "the id of its object");
	ok(json_is_object(event.object), "its object");
	is_str(json_key(json_first(event.previous)), "status", "previous");
	ok(json_is_object(event.request), "its request");
	ok(event.known != NULL && event.known->kind == KIND_SUBSCRIPTION &&
	    event.known->verb == VERB_UPDATED, "its type is known");
	is_str(event.error, "", "and nothing is wrong");
	event_clear(&event);
	event_clear(&event);
	ok(event.doc == NULL && event.id == NULL, "cleared twice");
}

static void
test_least_event(void)
{
	struct event event;

	is_int(parse(&event, EVENT(TYPE "," CREATED "," DATA)), EVENT_OK,
	    "an event with nothing but what it needs");
	ok(!event.livemode, "without livemode it is a test");
	ok(event.api_version == NULL && event.account == NULL &&
	    event.previous == NULL && event.request == NULL,
	    "what is absent is NULL");
	event_clear(&event);

	is_int(parse(&event, CUSTOMER("\"api_version\":null,\"account\":null,"
	    "\"request\":null,")), EVENT_OK, "and with nulls");
	ok(event.api_version == NULL && event.account == NULL &&
	    event.request == NULL, "what is null is NULL");
	event_clear(&event);

	is_int(parse(&event, CUSTOMER("\"request\":\"req_1\",")), EVENT_OK,
	    "a request may be a text, as before 2017");
	ok(event.request != NULL, "and is there");
	event_clear(&event);

	is_int(parse(&event, EVENT(TYPE "," CREATED ",\"data\":{\"object\":"
	    "{\"id\":\"cus_1\"},\"previous_attributes\":{}}")), EVENT_OK,
	    "previous_attributes may be empty");
	ok(event.previous == NULL, "and are none then");
	event_clear(&event);
}

static void
test_invalid(void)
{
	static const struct {
		const char *body, *error;
	} rows[] = {
		{ "", "JSON document" },
		{ "{\"id\":\"evt_1\"} x", "JSON document" },
		{ "{\"id\":\"evt_1\"", "JSON document" },
		{ "[]", "no object" },
		{ "\"evt_1\"", "no object" },
		{ "null", "no object" },
		{ "{}", "id: is missing" },
		{ "{\"ID\":\"evt_1\"}", "id: is missing" },
		{ "{\"id\":null}", "id: is missing" },
		{ "{\"id\":1}", "id: is not a text" },
		{ "{\"id\":\"\"}", "id: is empty" },
		{ "{\"id\":\"evt_\\u0000\"}", "id: holds a NUL" },
		{ "{\"id\":\"evt_\xFF\"}", "id: holds a NUL or bad UTF-8" },
		{ "{\"id\":\"evt_\\n\"}", "id: holds a control character" },
		{ "{\"id\":\"evt_\\u007f\"}", "id: holds a control character" },
		{ "{\"id\":\"evt_1\",\"id\":\"evt_1\"}", "id: is there more" },
		{ "{\"id\":\"" X250 "123456\"}", "id: is longer than 255" },
		{ "{\"id\":\"cus_1\",\"object\":\"customer\"}",
		    "object: is not \"event\"" },
		{ "{\"id\":\"evt_1\",\"object\":\"Event\"}",
		    "object: is not \"event\"" },
		{ "{\"id\":\"evt_1\",\"object\":\"v3.core.event\"}",
		    "object: is not \"event\"" },
		{ "{\"id\":\"evt_1\",\"object\":\"\"}",
		    "object: is not \"event\"" },
		{ "{\"id\":\"evt_1\",\"object\":{}}",
		    "object: is not \"event\"" },
	};
	struct event event;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		is_int(parse(&event, rows[i].body), EVENT_INVALID,
		    "no event: %zu", i);
		ok(strstr(event.error, rows[i].error) != NULL,
		    "because \"%s\": %s", rows[i].error, event.error);
		event_clear(&event);
	}
	is_int(parse(&event, EVENT(TYPE "," CREATED "," DATA)), EVENT_OK,
	    "`object` may be absent");
	event_clear(&event);
	is_int(parse(&event, "{\"id\":\"" X250 "12345\"," TYPE "," CREATED ","
	    DATA "}"), EVENT_OK, "an id of 255 bytes");
	is_int((int64_t)strlen(event.id), 255, "is read whole");
	event_clear(&event);
}

static void
test_unreadable(void)
{
	static const struct {
		const char *body, *error, *object_id;
		bool has_created;
	} rows[] = {
		{ EVENT(CREATED "," DATA), "type: is missing", "cus_1", true },
		{ EVENT("\"type\":7," CREATED "," DATA), "type: is not a text",
		    "cus_1", true },
		{ EVENT(TYPE "," TYPE "," CREATED "," DATA),
		    "type: is there more than once", "cus_1", true },
		{ EVENT("\"type\":\"customer.updated\\u0000\"," CREATED ","
		    DATA), "type: holds a NUL", "cus_1", true },
		{ EVENT(TYPE "," DATA), "created: is missing", "cus_1", false },
		{ EVENT(TYPE ",\"created\":\"1700000000\"," DATA),
		    "created: is not a whole number", "cus_1", false },
		{ EVENT(TYPE ",\"created\":1700000000.5," DATA),
		    "created: is not a whole number", "cus_1", false },
		{ EVENT(TYPE ",\"created\":9007199254740993," DATA),
		    "created: is not a whole number", "cus_1", false },
		{ EVENT(TYPE ",\"created\":-1," DATA),
		    "created: is not a whole number", "cus_1", false },
		{ EVENT(TYPE "," CREATED "," CREATED "," DATA),
		    "created: is there more than once", "cus_1", false },
		{ CUSTOMER("\"livemode\":true,"),
		    "livemode: is there more than once", "cus_1", true },
		{ EVENT(TYPE "," CREATED ",\"livemode\":1," DATA),
		    "livemode: is not true or false", "cus_1", true },
		{ CUSTOMER("\"account\":1,"), "account: is not a text",
		    "cus_1", true },
		{ CUSTOMER("\"account\":\"\","), "account: is empty",
		    "cus_1", true },
		{ CUSTOMER("\"account\":\"acct_1\",\"account\":null,"),
		    "account: is there more than once", "cus_1", true },
		{ CUSTOMER("\"api_version\":2025,"),
		    "api_version: is not a text", "cus_1", true },
		{ CUSTOMER("\"request\":null,\"request\":{},"),
		    "request: is there more than once", "cus_1", true },
		{ CUSTOMER("\"object\":\"event\","),
		    "object: is there more than once", "cus_1", true },
		{ EVENT(TYPE "," CREATED), "data.object: is missing", NULL,
		    true },
		{ EVENT(TYPE "," CREATED ",\"data\":[]"),
		    "data.object: is missing", NULL, true },
		{ EVENT(TYPE "," CREATED ",\"data\":{\"object\":\"cus_1\"}"),
		    "data.object: is not an object", NULL, true },
		{ EVENT(TYPE "," CREATED "," DATA "," DATA),
		    "data: is there more than once", NULL, true },
		{ EVENT(TYPE "," CREATED ",\"data\":{\"object\":{}}"),
		    "data.object.id: is missing", NULL, true },
		{ EVENT(TYPE "," CREATED ",\"data\":{\"object\":{\"id\":1}}"),
		    "data.object.id: is not a text", NULL, true },
		{ EVENT(TYPE "," CREATED ",\"data\":{\"object\":{\"id\":"
		    "\"c\\u0000\"}}"), "data.object.id: holds a NUL", NULL,
		    true },
		{ EVENT(TYPE "," CREATED ",\"data\":{\"object\":{\"id\":\""
		    X250 "123456\"}}"), "data.object.id: is longer", NULL,
		    true },
		{ EVENT(TYPE "," CREATED ",\"data\":{\"object\":{\"id\":"
		    "\"cus_1\"},\"previous_attributes\":[]}"),
		    "data.previous_attributes: is not an object", "cus_1",
		    true },
		{ EVENT("\"type\":\"entitlements.active_entitlement_summary."
		    "updated\"," CREATED "," DATA),
		    "data.object.customer: is missing", NULL, true },
		{ EVENT("\"type\":\"entitlements.active_entitlement_summary."
		    "updated\"," CREATED ",\"data\":{\"object\":{\"customer\":"
		    "{}}}"), "data.object.customer.id: is missing", NULL,
		    true },
	};
	struct event event;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		is_int(parse(&event, rows[i].body), EVENT_UNREADABLE,
		    "unreadable: %zu", i);
		ok(strstr(event.error, rows[i].error) == event.error,
		    "because \"%s\": %s", rows[i].error, event.error);
		is_str(event.id, "evt_1", "it has its id");
		is_str(event.object_id, rows[i].object_id,
		    "and its object's, if any");
		is_int(event.has_created, rows[i].has_created,
		    "and its time, if any");
		is_int(event.created, rows[i].has_created ? 1700000000 : 0,
		    "which is right");
		event_clear(&event);
	}
	is_int(parse(&event, EVENT(TYPE ",\"account\":1,\"livemode\":true,"
	    DATA)), EVENT_UNREADABLE, "what follows a fault");
	ok(event.known != NULL && event.livemode && event.object != NULL,
	    "is read too");
	event_clear(&event);
}

static void
test_ignored(void)
{
	struct event event;

	is_int(parse(&event, EVENT("\"type\":\"charge.succeeded\"," CREATED
	    ",\"livemode\":true,\"data\":{\"object\":{\"id\":\"ch_1\"}}")),
	    EVENT_IGNORED, "a type that is not acted on");
	ok(event.known == NULL && event.has_created && event.livemode, "is "
	    "read all the same");
	is_str(event.object_id, "ch_1", "with the id of its object");
	is_str(event.error, "", "and is no error");
	event_clear(&event);

	is_int(parse(&event, EVENT("\"type\":\"x.y\",\"created\":\"z\","
	    "\"livemode\":3,\"account\":[],\"data\":\"nothing\"")),
	    EVENT_IGNORED, "whatever its fields are");
	is_str(event.type, "x.y", "it has its type");
	is_str(event.error, "", "and no error");
	event_clear(&event);

	is_int(parse(&event, EVENT("\"type\":\"invoice.upcoming\"," CREATED
	    ",\"data\":{\"object\":{\"object\":\"invoice\"}}")),
	    EVENT_IGNORED, "invoice.upcoming has no id and is ignored");
	event_clear(&event);

	is_int(parse(&event, "{\"id\":\"evt_00000000000000\",\"object\":"
	    "\"event\"," TYPE ",\"created\":1326853478," DATA "}"),
	    EVENT_IGNORED, "the dashboard's test event");
	ok(strstr(event.error, "test event") != NULL &&
	    strstr(event.error, "signature was good") != NULL,
	    "says what it is: %s", event.error);
	is_int(event.created, 1326853478, "and is read");
	event_clear(&event);

	is_int(parse(&event, "{\"id\":\"evt_00000000000000\",\"type\":1}"),
	    EVENT_IGNORED, "also a bad one");
	ok(strstr(event.error, "test event") != NULL, "says what it is");
	event_clear(&event);
}

static void
test_entitlements(void)
{
	struct event event;

	is_int(parse(&event, EVENT("\"type\":\"entitlements."
	    "active_entitlement_summary.updated\"," CREATED ",\"data\":"
	    "{\"object\":{\"customer\":\"cus_1\"}}")), EVENT_OK,
	    "a summary of entitlements");
	is_str(event.object_id, "cus_1", "is its customer's");
	event_clear(&event);
	is_int(parse(&event, EVENT("\"type\":\"entitlements."
	    "active_entitlement_summary.updated\"," CREATED ",\"data\":"
	    "{\"object\":{\"id\":\"no\",\"customer\":{\"id\":\"cus_2\"}}}")),
	    EVENT_OK, "also with its customer expanded");
	is_str(event.object_id, "cus_2", "is its customer's");
	event_clear(&event);
}

static bool
try_parse(void *arg)
{
	struct event event;
	enum event_result result;

	result = parse(&event, arg);
	if (result != EVENT_OK && result != EVENT_ENOMEM)
		printf("# parsing gave %d\n", result);
	event_clear(&event);
	return result == EVENT_OK;
}

static void
test_no_memory(void)
{
	static char body[] = CUSTOMER("");

	if (nomem_works())
		ok(nomem_every(try_parse, body) > 20,
		    "each allocation failed is EVENT_ENOMEM");
	else
		ok(true, "allocations cannot be made to fail here # SKIP");
}

int
main(void)
{
	test_whole_event();
	test_least_event();
	test_invalid();
	test_unreadable();
	test_ignored();
	test_entitlements();
	test_no_memory();
	return done_testing();
}
