/* lib/event.h: the table of types, versions, and thin events. */
#include <stdio.h>
#include <string.h>

#include "event.h"
#include "tap.h"

static enum event_result
parse(struct event *event, const char *body)
{
	return event_parse(event, body, strlen(body));
}

/* kind, verb and status as one line of text. */
static void
describe(char *line, size_t size, const struct event_type *type)
{
	static const char *const kinds[KIND__MAX] = {
		[KIND_NONE] = "none", [KIND_SUBSCRIPTION] = "subscription",
		[KIND_INVOICE] = "invoice", [KIND_SESSION] = "session",
		[KIND_CUSTOMER] = "customer", [KIND_PRODUCT] = "product",
		[KIND_PRICE] = "price", [KIND_ENTITLEMENTS] = "entitlements" };
	static const char *const verbs[] = { [VERB_NOTICE] = "notice",
		[VERB_CREATED] = "created", [VERB_UPDATED] = "updated",
		[VERB_OTHER] = "other", [VERB_SETTLED] = "settled",
		[VERB_DELETED] = "deleted" };

	(void)snprintf(line, size, "%s %s %s %s", type->name, kinds[type->kind],
	    verbs[type->verb], type->status != NULL ? type->status : "-");
}

static void
test_types(void)
{
	static const char *const want[] = {
		"checkout.session.async_payment_failed session other complete",
		"checkout.session.async_payment_succeeded session other "
		    "complete",
		"checkout.session.completed session other complete",
		"checkout.session.expired session other expired",
		"customer.created customer created -",
		"customer.deleted customer deleted -",
		"customer.subscription.created subscription created -",
		"customer.subscription.deleted subscription deleted canceled",
		"customer.subscription.paused subscription settled -",
		"customer.subscription.pending_update_applied subscription "
		    "notice -",
		"customer.subscription.pending_update_expired subscription "
		    "notice -",
		"customer.subscription.resumed subscription settled -",
		"customer.subscription.trial_will_end subscription notice -",
		"customer.subscription.updated subscription updated -",
		"customer.updated customer updated -",
		"entitlements.active_entitlement_summary.updated entitlements "
		    "updated -",
		"invoice.created invoice created draft",
		"invoice.deleted invoice deleted -",
		"invoice.finalized invoice notice open",
		"invoice.marked_uncollectible invoice other uncollectible",
		"invoice.paid invoice settled paid",
		"invoice.payment_action_required invoice other open",
		"invoice.payment_failed invoice settled open",
		"invoice.payment_succeeded invoice settled paid",
		"invoice.updated invoice updated -",
		"invoice.voided invoice other void",
		"price.created price created -",
		"price.deleted price deleted -",
		"price.updated price updated -",
		"product.created product created -",
		"product.deleted product deleted -",
		"product.updated product updated -",
	};
	const size_t n = sizeof(want) / sizeof(want[0]);
	const struct event_type *type = event_types();
	char line[160];
	size_t i;

	for (i = 0; i < n && type->name != NULL; i++, type++) {
		describe(line, sizeof(line), type);
		is_str(line, want[i], "the row of %s", type->name);
		ok(event_type_find(type->name) == type, "is found");
	}
	ok(i == n && type->name == NULL, "these are all types");
	ok(event_type_find("invoice.upcoming") == NULL &&
	    event_type_find("customer.") == NULL &&
	    event_type_find("Customer.created") == NULL &&
	    event_type_find("zzz") == NULL && event_type_find("") == NULL &&
	    event_type_find(NULL) == NULL, "others are not found");
}

static void
test_versions(void)
{
	ok(event_version_compare("2019-12-03", "2020-08-27") < 0, "before");
	ok(event_version_compare("2025-09-30.clover", "2020-08-27") > 0,
	    "after");
	ok(event_version_compare("2025-09-30.clover", "2025-09-30.basil") == 0,
	    "only the date counts");
	ok(event_version_compare(NULL, "2011-01-01") < 0, "none is earliest");
	ok(event_version_compare("2011-01-01", NULL) > 0, "from either side");
	ok(event_version_compare(NULL, NULL) == 0, "none and none are equal");
}

static void
test_thin(void)
{
	static const struct {
		const char *created;
		int64_t want;	/* -1: none */
	} rows[] = {
		{ "\"2026-11-02T09:13:07.442Z\"", 1793610787 },
		{ "\"2026-11-02T09:13:07Z\"", 1793610787 },
		{ "\"1970-01-01T00:00:00Z\"", 0 },
		{ "\"2000-02-29T23:59:59.999999Z\"", 951868799 },
		{ "\"2024-02-29T00:00:00Z\"", 1709164800 },
		{ "\"2024-03-01T00:00:00Z\"", 1709251200 },
		{ "\"2100-03-01T00:00:00Z\"", 4107542400 },
		{ "\"2024-12-31T23:59:60Z\"", 1735689600 },
		{ "\"2024-13-01T00:00:00Z\"", -1 },
		{ "\"2024-00-01T00:00:00Z\"", -1 },
		{ "\"2024-04-00T00:00:00Z\"", -1 },
		{ "\"2024-04-31T00:00:00Z\"", -1 },
		{ "\"2024-01-01T24:00:00Z\"", -1 },
		{ "\"2024-01-01T00:60:00Z\"", -1 },
		{ "\"2024-01-01T00:00:61Z\"", -1 },
		{ "\"2024-01-01T00:00:00\"", -1 },
		{ "\"2024-01-01T00:00:00.Z\"", -1 },
		{ "\"2024-01-01T00:00:00Zx\"", -1 },
		{ "\"2024-01-01T00:00:00+01:00\"", -1 },
		{ "\"2024-01-01 00:00:00Z\"", -1 },
		{ "\"2024-01\"", -1 },
		{ "\"1969-12-31T23:59:59Z\"", -1 },
		{ "\"\"", -1 },
		{ "1700000000", -1 },
		{ "null", -1 },
	};
	struct event event;
	char body[512];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(body, sizeof(body), "{\"id\":\"evt_test_1\","
		    "\"object\":\"v2.core.event\",\"type\":"
		    "\"v1.customer.subscription.updated\",\"livemode\":true,"
		    "\"context\":null,\"created\":%s,\"related_object\":"
		    "{\"id\":\"sub_1\",\"type\":\"subscription\"}}",
		    rows[i].created);
		is_int(parse(&event, body), EVENT_THIN, "a thin event");
		is_int(event.has_created, rows[i].want >= 0, "of %s",
		    rows[i].created);
		is_int(event.created, rows[i].want >= 0 ? rows[i].want : 0,
		    "%s in seconds", rows[i].created);
		event_clear(&event);
	}
	(void)parse(&event, body);
	is_str(event.id, "evt_test_1", "a thin event's id");
	is_str(event.type, "v1.customer.subscription.updated", "and type");
	is_str(event.object_id, "sub_1", "and related object");
	ok(event.livemode, "and mode");
	ok(event.known == NULL && event.object == NULL, "but no object");
	ok(strstr(event.error, "Snapshot instead of Thin") != NULL &&
	    strlen(event.error) < sizeof(event.error) - 1,
	    "its error says what to do: %s", event.error);
	event_clear(&event);
	is_int(parse(&event, "{\"id\":\"evt_1\",\"object\":\"v2.core.event\","
	    "\"type\":\"v2.core.event_destination.ping\",\"related_object\":"
	    "null}"), EVENT_THIN, "a ping without a related object");
	ok(event.object_id == NULL, "names none");
	event_clear(&event);
}

int
main(void)
{
	test_types();
	test_versions();
	test_thin();
	return done_testing();
}
