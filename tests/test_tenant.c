/* lib/tenant.h: whose a subscription is. */
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "tenant.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

/* All facts there are, each with its own word, in the contract's order. */
static const char *const words[] = {"of its metadata", "of its session",
    "of its customer", "its session's reference", "of the latest session",
    "the latest session's reference", "cus_1"};

/* Facts with the words from a place of the list on; lacking is what stands in
 * the places before. */
static struct tenant_facts
facts_from(size_t place, const char *lacking)
{
	const char *list[COUNT(words)];
	size_t i;

	for (i = 0; i < COUNT(words); i++)
		list[i] = i < place ? lacking : words[i];
	return (struct tenant_facts){
		.subscription = list[0],
		.session = {list[1], list[3]},
		.customer = list[2],
		.latest = {list[4], list[5]},
		.customer_id = list[6],
	};
}

static void
test_places(void)
{
	struct tenant_facts facts;
	size_t i;

	for (i = 0; i < COUNT(words); i++) {
		facts = facts_from(i, NULL);
		is_str(tenant_of(&facts), words[i],
		    "place %zu of the list stands above all behind it",
		    i + 1);
		facts = facts_from(i, "");
		is_str(tenant_of(&facts), words[i],
		    "and empty texts before it count for nothing");
	}
	facts = facts_from(COUNT(words), NULL);
	ok(tenant_of(&facts) == NULL, "without any there is no tenant");
	facts = facts_from(COUNT(words), "");
	ok(tenant_of(&facts) == NULL, "nor where all are empty");
	facts = facts_from(0, NULL);
	facts.subscription = " ";
	is_str(tenant_of(&facts), " ", "a blank is a name");
}

static void
test_alone(void)
{
	struct tenant_facts facts;
	size_t i;

	/* Each place by itself: the others are not needed. */
	for (i = 0; i < COUNT(words); i++) {
		memset(&facts, 0, sizeof(facts));
		*(const char **[]){&facts.subscription,
		    &facts.session.metadata, &facts.customer,
		    &facts.session.client_reference_id,
		    &facts.latest.metadata,
		    &facts.latest.client_reference_id,
		    &facts.customer_id}[i] = words[i];
		is_str(tenant_of(&facts), words[i], "place %zu alone", i + 1);
	}
}

static void
test_metadata(void)
{
	static const struct {
		const char *name, *metadata, *want;
	} cases[] = {
		{"a text", "{\"tenant_id\":\"acme\"}", "acme"},
		{"among others", "{\"a\":\"b\",\"tenant_id\":\"acme\"}",
		    "acme"},
		{"in UTF-8", "{\"tenant_id\":\"b\xc3\xa4r\"}", "b\xc3\xa4r"},
		{"an empty text", "{\"tenant_id\":\"\"}", ""},
		{"another key", "{\"tenant\":\"acme\"}", NULL},
		{"another case", "{\"Tenant_Id\":\"acme\"}", NULL},
		{"null", "{\"tenant_id\":null}", NULL},
		{"a number is no name", "{\"tenant_id\":7}", NULL},
		{"nor is an object", "{\"tenant_id\":{\"id\":\"a\"}}", NULL},
		{"nothing", "{}", NULL},
		{"no metadata", NULL, NULL},
	};
	struct arena *arena = arena_new(4096);
	const char *out = "left over";
	struct value v;
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		v = value_text(cases[i].metadata);
		is_int(tenant_in_metadata(&out, &v, "tenant_id", arena), 0,
		    "metadata: %s", cases[i].name);
		is_str(out, cases[i].want, "its tenant");
	}
	v = value_text("{\"a.b\":\"acme\"}");
	(void)tenant_in_metadata(&out, &v, "a.b", arena);
	is_str(out, "acme", "the key is no path");
	arena_free(arena);

	arena = arena_new(4);
	v = value_text("{\"tenant_id\":\"a long name\"}");
	is_int(tenant_in_metadata(&out, &v, "tenant_id", arena), -1,
	    "without memory it says so");
	arena_free(arena);
}

static void
test_odd(void)
{
	static const struct { const char *metadata; bool odd; } cases[] = {
		{"{\"tenant_id\":7}", true},
		{"{\"a\":\"b\",\"tenant_id\":{\"id\":\"a\"}}", true},
		{"{\"tenant_id\":true}", true},
		{"{\"tenant_id\":[\"a\"]}", true},
		{"{\"tenant_id\":\"acme\"}", false},
		{"{\"tenant_id\":\"\"}", false},
		{"{\"a\":{\"tenant_id\":7}}", false},
		{"{\"a\":{\"tenant_id\":7},\"tenant_id\":\"acme\"}", false},
		{"{\"my_tenant_id\":7,\"tenant_id_2\":7}", false},
		{"{\"a\":\"tenant_id\\\":7\"}", false},
		{"{}", false},
		{NULL, false},
	};
	struct value v;
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		v = value_text(cases[i].metadata);
		ok(tenant_is_odd(&v, "tenant_id") == cases[i].odd,
		    "%s in %s", cases[i].odd ? "no text" : "nothing odd",
		    cases[i].metadata == NULL ? "none" : cases[i].metadata);
	}
}

int
main(void)
{
	test_places();
	test_alone();
	test_metadata();
	test_odd();
	return done_testing();
}
