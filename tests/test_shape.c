/* lib/shape.h: rows from snapshots of every API version. */
#include "shape_columns.h"
#include "snapshots.h"
#include "tap.h"

/* Reads the row of an object of which all but its id is given. */
static enum shape_result
read_object(struct snapshot *s, struct json_doc **reverted, const char *type,
    const char *object)
{
	const struct envelope e = {.type = type, .object = arena_printf(arena,
	    "{'id':'x',%s%s}", strcmp(type, ENTITLEMENTS) == 0 ?
	    "'customer':'x'," : "", object)};

	return snapshot_of(s, reverted, &e);
}

static void
test_columns(void)
{
	struct json_doc *reverted;
	struct snapshot s;
	size_t i;

	for (i = 0; i < COUNT(column_cases); i++) {
		const struct column_case *c = &column_cases[i];

		if (read_object(&s, &reverted, c->type, c->object) ==
		    SHAPE_OK)
			is_str(shown(&s.row.v[c->column]), c->want, "%s: %s",
			    c->name, shape_column_name(s.row.shape,
			    c->column));
		else
			ok(false, "%s: %s", c->name, error);
		forget(&s, reverted);
		arena_reset(arena);
	}
	for (i = 0; i < COUNT(item_cases); i++) {
		const struct column_case *c = &item_cases[i];

		if (read_object(&s, &reverted, c->type, c->object) ==
		    SHAPE_OK && s.row.nchildren > 0)
			is_str(shown(&s.row.children[0].v[c->column]),
			    c->want, "%s: %s", c->name,
			    shape_column_name(s.row.children[0].shape,
			    c->column));
		else
			ok(false, "%s: %s", c->name, error);
		forget(&s, reverted);
		arena_reset(arena);
	}
}

/* Fields that cannot be what they are: the event is parked, the field named. */
static void
test_unreadable(void)
{
	static const struct {
		const char *type, *object, *names, *says;
	} cases[] = {
		{SUBSCRIPTION, "'status':7", "status", "another type"},
		{SUBSCRIPTION, "'created':'yesterday'", "created",
		    "another type"},
		{SUBSCRIPTION, "'created':true", "created", "another type"},
		{SUBSCRIPTION, "'cancel_at':1.5", "cancel_at", "whole"},
		{SUBSCRIPTION, "'cancel_at':9007199254740993", "cancel_at",
		    "53 bits"},
		{SUBSCRIPTION, "'cancel_at':-9007199254740993", "cancel_at",
		    "53 bits"},
		{SUBSCRIPTION, "'cancel_at':1e400", "cancel_at", "whole"},
		{SUBSCRIPTION, "'cancel_at_period_end':1",
		    "cancel_at_period_end", "another type"},
		{SUBSCRIPTION, "'cancel_at_period_end':'true'",
		    "cancel_at_period_end", "another type"},
		{SUBSCRIPTION, "'metadata':'none'", "metadata",
		    "another type"},
		{SUBSCRIPTION, "'metadata':[]", "metadata", "another type"},
		{SUBSCRIPTION, "'metadata':{'a':'1','a':'2'}", "metadata",
		    "twice"},
		{SUBSCRIPTION, "'status':'active','status':'canceled'",
		    "status", "twice"},
		{SUBSCRIPTION, "'customer':7", "customer", "another type"},
		{SUBSCRIPTION, "'customer':['cus_1']", "customer",
		    "another type"},
		{SUBSCRIPTION, "'customer':{'id':7}", "customer",
		    "another type"},
		{SUBSCRIPTION, "'customer':{'id':'a','id':'b'}", "customer",
		    "twice"},
		{SUBSCRIPTION, "'currency':'e\\u0000r'", "currency", "NUL"},
		{SUBSCRIPTION, "'currency':'e\xff'", "currency", "UTF-8"},
		{SUBSCRIPTION, "'currency':'\\ud800'", "currency", "UTF-8"},
		{SUBSCRIPTION, "'items':{},'items':{}", "items", "twice"},
		{SUBSCRIPTION, "'items':{'data':{}}", "data",
		    "another type"},
		{SUBSCRIPTION, "'items':{'data':['si_1']}", "items",
		    "another type"},
		{SUBSCRIPTION, "'items':{'has_more':'no','data':[]}",
		    "has_more", "another type"},
		{SUBSCRIPTION, "'items':{'data':[{'id':'a'},{'id':'a'}]}",
		    "id", "twice"},
		{SUBSCRIPTION, "'items':{'data':[{'quantity':2.5}]}",
		    "quantity", "whole"},
		{SUBSCRIPTION, "'quantity':'two'", "quantity",
		    "another type"},
		{INVOICE, "'total':1e400", "total", "whole"},
		{INVOICE, "'status_transitions':{'paid_at':'now'}",
		    "status_transitions.paid_at", "another type"},
		{INVOICE, "'parent':{'subscription_details':"
		    "{'subscription':1}}",
		    "parent.subscription_details.subscription",
		    "another type"},
		{INVOICE, "'lines':{'data':[{'subscription':1}]}",
		    "subscription", "another type"},
		{SESSION, "'client_reference_id':5", "client_reference_id",
		    "another type"},
		{CUSTOMER, "'balance':0.5", "balance", "whole"},
		{"product.updated", "'active':'yes'", "active",
		    "another type"},
		{"price.updated", "'unit_amount_decimal':0.05",
		    "unit_amount_decimal", "another type"},
		{ENTITLEMENTS, "'entitlements':{'data':[{'lookup_key':'a'},"
		    "{'lookup_key':'a'}]}", "lookup_key", "twice"},
	};
	struct json_doc *reverted;
	struct snapshot s;
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		is_int(read_object(&s, &reverted, cases[i].type,
		    cases[i].object), SHAPE_UNREADABLE, "unreadable: %s",
		    cases[i].names);
		if (!ok(strstr(error, cases[i].names) != NULL &&
		    strstr(error, cases[i].says) != NULL,
		    "it says which field and why"))
			diag("it says: %s", error);
		forget(&s, reverted);
		arena_reset(arena);
	}
}

/* What is not read may be anything. */
static void
test_unread(void)
{
	static const char *const objects[] = {
		"'new':1e400", "'new':'\xff'", "'new':'\\u0000'",
		"'new':1,'new':2", "'items':null", "'items':{}",
		"'items':{'data':null}", "'items':{'data':[]}",
		"'items':[]", "'description':9007199254740993",
	};
	struct json_doc *reverted;
	struct snapshot s;
	size_t i;

	for (i = 0; i < COUNT(objects); i++) {
		is_int(read_object(&s, &reverted, SUBSCRIPTION, objects[i]),
		    SHAPE_OK, "readable all the same: %s", objects[i]);
		is_int((int64_t)s.row.nchildren, 0, "without items");
		forget(&s, reverted);
		arena_reset(arena);
	}
}

/* With so many elements, each {}. */
static enum shape_result
read_list_of(size_t n)
{
	static char text[4 * SHAPE_CHILDREN_MAX + 100];
	struct json_doc *reverted;
	enum shape_result result;
	struct snapshot s;
	char *end;
	size_t i;

	end = text + sprintf(text, "'items':{'data':[{}");
	for (i = 1; i < n; i++)
		end += sprintf(end, ",{}");
	strcpy(end, "]}");
	result = read_object(&s, &reverted, SUBSCRIPTION, text);
	forget(&s, reverted);
	return result;
}

static void
test_many_elements(void)
{
	is_int(read_list_of(SHAPE_CHILDREN_MAX), SHAPE_OK,
	    "a list of %d elements", SHAPE_CHILDREN_MAX);
	is_int(read_list_of(SHAPE_CHILDREN_MAX + 1), SHAPE_UNREADABLE,
	    "one more is parked");
	ok(strstr(error, "more than 1000 elements") != NULL, "and says so");
}

static void
test_lists(void)
{
	struct json_doc *reverted;
	struct snapshot s;

	(void)read_object(&s, &reverted, SUBSCRIPTION,
	    "'items':{'has_more':true,'data':[{'id':'si_2'},"
	    "{'id':'si_1'},{}]}");
	ok(s.row.nchildren == 3 && s.row.has_more,
	    "a list that goes on at Stripe");
	is_str(shown(&s.row.children[0].v[ITEM_ID]), "si_2",
	    "items stand as they came");
	is_str(shown(&s.row.children[2].v[ITEM_ID]), "x#2",
	    "and get a key where they have none");
	is_int(s.row.children[2].v[ITEM_POSITION].i, 2, "by their place");
	forget(&s, reverted);

	(void)read_object(&s, &reverted, ENTITLEMENTS,
	    "'entitlements':{'data':[{'lookup_key':'b','feature':{'id':"
	    "'feat_1'}},{'lookup_key':'a','feature':'feat_2'}]}");
	ok(s.row.nchildren == 2 && !s.row.has_more, "entitlements");
	is_str(shown(&s.row.children[0].v[ENTITLEMENT_FEATURE_ID]), "feat_1",
	    "the feature, expanded");
	is_str(shown(&s.row.children[1].v[ENTITLEMENT_FEATURE_ID]), "feat_2",
	    "or its id");
	is_str(shown(&s.row.children[1].v[ENTITLEMENT_CUSTOMER_ID]), "x",
	    "each is its customer's");
	forget(&s, reverted);
	arena_reset(arena);
}

/* An update's row before: in the places of its own version. */
static void
test_before(void)
{
	const struct envelope e = {.type = SUBSCRIPTION,
	    .object = "{'id':'x','status':'active','metadata':{'a':'1',"
	    "'b':'2'},'items':{'data':[{'id':'si_1','quantity':2}]}}",
	    .previous = "{'status':'past_due','metadata':{'b':null},"
	    "'cancel_at':5,'items':{'data':[{'id':'si_1','quantity':1}]}}"};
	struct json_doc *reverted;
	struct snapshot s;

	is_int(snapshot_of(&s, &reverted, &e), SHAPE_OK, "a step");
	ok(s.step, "is one");
	is_str(shown(&s.before.v[SUBSCRIPTION_STATUS]), "past_due",
	    "what was");
	is_str(shown(&s.before.v[SUBSCRIPTION_CANCEL_AT]), "5",
	    "what is gone");
	is_str(shown(&s.before.v[SUBSCRIPTION_METADATA]), "{\"a\":\"1\"}",
	    "a hash is put back key by key");
	is_str(shown(&s.before.children[0].v[ITEM_QUANTITY]), "1",
	    "a list whole");
	ok(!row_equal(&s.row, &s.before) && row_equal(&s.row, &s.row),
	    "rows are compared with all that they have");
	forget(&s, reverted);
	arena_reset(arena);
}

static void
test_equal(void)
{
	static const char *const objects[] = {
		"'status':'active'", "'status':'paused'", "'cancel_at':1",
		"'cancel_at':2", "'items':{'data':[{'id':'a'}]}",
		"'items':{'data':[{'id':'b'}]}",
		"'items':{'data':[{'id':'a'},{'id':'b'}]}",
		"'items':{'data':[{'id':'b'},{'id':'a'}]}",
	};
	struct json_doc *reverted[COUNT(objects)];
	struct snapshot s[COUNT(objects)];
	size_t i, j, wrong = 0;

	for (i = 0; i < COUNT(objects); i++)
		(void)read_object(&s[i], &reverted[i], SUBSCRIPTION,
		    objects[i]);
	for (i = 0; i < COUNT(objects); i++)
		for (j = 0; j < COUNT(objects); j++)
			wrong += row_equal(&s[i].row, &s[j].row) != (i == j);
	ok(wrong == 0, "a row is equal to itself alone");
	for (i = 0; i < COUNT(objects); i++)
		forget(&s[i], reverted[i]);
	arena_reset(arena);
}

/* Reads with more and more memory, until there is enough of it. */
static void
read_at_last(const char *object, size_t children)
{
	const struct envelope e = {.type = SUBSCRIPTION, .object = object,
	    .previous = "{'status':'paused'}"};
	char *body = body_of(&e);
	struct arena *small = NULL;
	struct json_doc *reverted = NULL;
	struct snapshot s = {.row = {.nchildren = 0}};
	enum shape_result rc;
	size_t room = 0, refused = 0;

	do {
		arena_free(small);
		small = arena_new(room += 16);
		json_free(reverted);
		event_clear(&s.event);
		(void)event_parse(&s.event, body, strlen(body));
		rc = order_snapshot(&s, &reverted, small, error,
		    sizeof(error));
		refused += rc == SHAPE_ENOMEM;
	} while (rc == SHAPE_ENOMEM);
	ok(refused > 10, "without memory it says so, wherever it ends");
	is_int(rc, SHAPE_OK, "and reads all with just enough");
	is_int((int64_t)s.before.nchildren, (int64_t)children,
	    "the row before, too");
	forget(&s, reverted);
	arena_free(small);
}

static void
test_no_memory(void)
{
	read_at_last("{'id':'x','metadata':{'a':'1'},'items':{'data':["
	    "{'id':'si_1'},{}]}}", 2);
	read_at_last("{'id':'x','plan':{'id':'price_1'}}", 1);
}

static void
test_names(void)
{
	enum kind kind;

	ok(shape_of(KIND_NONE) == NULL && shape_of(KIND__MAX) == NULL,
	    "there is no shape of nothing");
	for (kind = KIND_NONE + 1; kind < KIND__MAX; kind++) {
		const struct shape *shape = shape_of(kind);
		size_t i, named = 0;

		for (i = 0; i < shape->ncolumns; i++)
			named += shape_column_name(shape, i) != NULL;
		ok(named == shape->ncolumns &&
		    named <= SHAPE_COLUMNS_MAX &&
		    shape_column_name(shape, shape->ncolumns) == NULL,
		    "every column of %s has a name", shape->object);
	}
}

int
main(void)
{
	arena = arena_new(1 << 24);
	test_columns();
	test_unreadable();
	test_unread();
	test_lists();
	test_many_elements();
	test_before();
	test_equal();
	test_no_memory();
	test_names();
	arena_free(arena);
	return done_testing();
}
