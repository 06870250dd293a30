/* lib/rank.h: the parts of the rank, (a) to (f), and which stands above
 * which. */
#include "snapshots.h"
#include "tap.h"

#define T	1750000000

#define SUB	"customer.subscription."
#define SAYS(status) "{'id':'x','status':'" status "'}"
#define PAYS(status, paid) \
	"{'id':'x','status':'" status "','payment_status':'" paid "'}"
#define BORN(created) "{'id':'x','created':" #created "}"
#define LIST(more) "{'customer':'x','entitlements':{'data':[]," \
	"'has_more':" more "}}"

struct side {
	const char *type;
	const char *object;
	int64_t	    created;
	bool	    live;
};

static const struct pair {
	const char *name;
	struct side less, more;
} pairs[] = {
	/* Each part by itself. */
	{"(a) live stands above test",
	    {SUB "updated", SAYS("active"), T, false},
	    {SUB "updated", SAYS("active"), T, true}},
	{"(b) a price made anew is a new life",
	    {"price.updated", BORN(100), T, false},
	    {"price.updated", BORN(101), T, false}},
	{"(b) a product, too",
	    {"product.updated", BORN(100), T, false},
	    {"product.updated", BORN(101), T, false}},
	{"(b) a price that lacks created is of the first life",
	    {"price.updated", "{'id':'x'}", T, false},
	    {"price.updated", BORN(1), T, false}},
	{"(c) a subscription that is canceled",
	    {SUB "updated", SAYS("active"), T, false},
	    {SUB "updated", SAYS("canceled"), T, false}},
	{"(c) one that is incomplete_expired",
	    {SUB "updated", SAYS("incomplete"), T, false},
	    {SUB "updated", SAYS("incomplete_expired"), T, false}},
	{"(c) one that is deleted, whatever it says",
	    {SUB "updated", SAYS("active"), T, false},
	    {SUB "deleted", SAYS("active"), T, false}},
	{"(c) an invoice: draft, open",
	    {"invoice.updated", SAYS("draft"), T, false},
	    {"invoice.updated", SAYS("open"), T, false}},
	{"(c) an invoice: a word that is new is as open",
	    {"invoice.updated", SAYS("draft"), T, false},
	    {"invoice.updated", SAYS("pending"), T, false}},
	{"(c) an invoice: open, uncollectible",
	    {"invoice.updated", SAYS("open"), T, false},
	    {"invoice.updated", SAYS("uncollectible"), T, false}},
	{"(c) an invoice: uncollectible, paid",
	    {"invoice.updated", SAYS("uncollectible"), T, false},
	    {"invoice.updated", SAYS("paid"), T, false}},
	{"(c) an invoice: uncollectible, void",
	    {"invoice.updated", SAYS("uncollectible"), T, false},
	    {"invoice.updated", SAYS("void"), T, false}},
	{"(c) an invoice: paid, deleted",
	    {"invoice.updated", SAYS("paid"), T, false},
	    {"invoice.deleted", SAYS("draft"), T, false}},
	{"(c) a session: open, expired",
	    {"checkout.session.completed", PAYS("open", "unpaid"), T, false},
	    {"checkout.session.expired", PAYS("expired", "unpaid"), T,
	    false}},
	{"(c) a session: complete, paid",
	    {"checkout.session.completed", PAYS("complete", "unpaid"), T,
	    false},
	    {"checkout.session.completed", PAYS("complete", "paid"), T,
	    false}},
	{"(c) a session: complete, nothing to pay",
	    {"checkout.session.completed", PAYS("complete", "unpaid"), T,
	    false},
	    {"checkout.session.completed",
	    PAYS("complete", "no_payment_required"), T, false}},
	{"(c) a customer that is deleted",
	    {"customer.updated", "{'id':'x'}", T, false},
	    {"customer.deleted", "{'id':'x'}", T, false}},
	{"(c) of entitlements, a whole list",
	    {"entitlements.active_entitlement_summary.updated", LIST("true"),
	    T, false},
	    {"entitlements.active_entitlement_summary.updated", LIST("false"),
	    T, false}},
	{"(d) created, anything else",
	    {SUB "created", SAYS("active"), T, false},
	    {SUB "trial_will_end", SAYS("active"), T, false}},
	{"(e) the later event",
	    {SUB "updated", SAYS("active"), T, false},
	    {SUB "updated", SAYS("active"), T + 1, false}},
	{"(e) times are numbers, not texts",
	    {SUB "updated", SAYS("active"), 999999999, false},
	    {SUB "updated", SAYS("active"), 1000000000, false}},
	{"(f) a product's end, in the second of its last update",
	    {"product.updated", BORN(100), T, false},
	    {"product.deleted", BORN(100), T, false}},

	/* Each above all behind it. */
	{"(a) above (b)", {"price.updated", BORN(900), T, false},
	    {"price.updated", BORN(100), T, true}},
	{"(a) above (c)", {SUB "deleted", SAYS("canceled"), T, false},
	    {SUB "updated", SAYS("active"), T, true}},
	{"(b) above (d)", {"price.updated", BORN(100), T, false},
	    {"price.created", BORN(101), T, false}},
	{"(b) above (e)", {"price.updated", BORN(100), T + 9, false},
	    {"price.updated", BORN(101), T, false}},
	{"(b) above (f)", {"price.deleted", BORN(100), T, false},
	    {"price.updated", BORN(101), T, false}},
	{"(c) above (d)", {SUB "updated", SAYS("incomplete"), T, false},
	    {SUB "created", SAYS("incomplete_expired"), T, false}},
	{"(c) above (e)", {"invoice.updated", SAYS("open"), T + 9, false},
	    {"invoice.paid", SAYS("paid"), T, false}},
	{"(d) above (e)", {SUB "created", SAYS("active"), T + 9, false},
	    {SUB "updated", SAYS("active"), T, false}},
	{"(e) above (f)", {"product.deleted", BORN(100), T, false},
	    {"product.updated", BORN(100), T + 1, false}},
};

/* Alike in rank: the rules of a second have to tell them apart. */
static const struct pair ties[] = {
	{"paid and void", {"invoice.paid", SAYS("paid"), T, false},
	    {"invoice.voided", SAYS("void"), T, false}},
	{"open and a word that is new",
	    {"invoice.updated", SAYS("open"), T, false},
	    {"invoice.updated", SAYS("pending"), T, false}},
	{"an update and a notice", {SUB "updated", SAYS("active"), T, false},
	    {SUB "trial_will_end", SAYS("trialing"), T, false}},
	{"a subscription's created is no life",
	    {SUB "updated", BORN(100), T, false},
	    {SUB "updated", BORN(900), T, false}},
	{"a customer's neither", {"customer.updated", BORN(100), T, false},
	    {"customer.updated", BORN(900), T, false}},
	{"active and past_due", {SUB "updated", SAYS("active"), T, false},
	    {SUB "updated", SAYS("past_due"), T, false}},
	{"deleted, whatever it says",
	    {SUB "deleted", SAYS("canceled"), T, false},
	    {SUB "deleted", SAYS("active"), T, false}},
};

static void
rank_in(unsigned char rank[RANK_LEN], const struct side *side)
{
	const struct envelope e = {.type = side->type,
	    .object = side->object, .created = side->created,
	    .live = side->live};
	struct json_doc *reverted;
	struct snapshot s;

	if (snapshot_of(&s, &reverted, &e) != SHAPE_OK)
		abort();
	rank_of(rank, &s.event, &s.row);
	forget(&s, reverted);
}

static void
test_pairs(void)
{
	unsigned char less[RANK_LEN], more[RANK_LEN];
	size_t i;

	for (i = 0; i < COUNT(pairs); i++) {
		rank_in(less, &pairs[i].less);
		rank_in(more, &pairs[i].more);
		ok(memcmp(less, more, RANK_LEN) < 0, "%s", pairs[i].name);
		arena_reset(arena);
	}
	for (i = 0; i < COUNT(ties); i++) {
		rank_in(less, &ties[i].less);
		rank_in(more, &ties[i].more);
		ok(memcmp(less, more, RANK_LEN) == 0, "alike: %s",
		    ties[i].name);
		arena_reset(arena);
	}
}

/* What begins alike is the same life: the second before is looked for there. */
static void
test_life(void)
{
	static const struct {
		const char *name;
		bool	    same;
		struct side a, b;
	} cases[] = {
		{"of a subscription, whatever its stage and time", true,
		    {SUB "created", SAYS("incomplete"), T, true},
		    {SUB "deleted", SAYS("canceled"), T + 9, true}},
		{"another mode is another life", false,
		    {SUB "updated", SAYS("active"), T, true},
		    {SUB "updated", SAYS("active"), T, false}},
		{"another kind is another life", false,
		    {SUB "updated", SAYS("active"), T, true},
		    {"invoice.updated", SAYS("open"), T, true}},
		{"a price made anew is another life", false,
		    {"price.updated", BORN(100), T, true},
		    {"price.updated", BORN(101), T, true}},
	};
	unsigned char a[RANK_LEN], b[RANK_LEN];
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		rank_in(a, &cases[i].a);
		rank_in(b, &cases[i].b);
		ok((memcmp(a, b, RANK_LIFE) == 0) == cases[i].same, "%s",
		    cases[i].name);
		arena_reset(arena);
	}
}

/* Ranks stand in databases: how they are written must not change unnoticed. */
static void
test_bytes(void)
{
	static const unsigned char want[RANK_LEN] = {
		6, 1, 0x80, 0, 0, 0, 0, 0, 0, 100, 0, 1,
		0x80, 0, 0, 0, 0x68, 0x4e, 0xe1, 0x80, 1
	};
	const struct side side = {"price.deleted", BORN(100), T, true};
	unsigned char got[RANK_LEN];

	rank_in(got, &side);
	ok(memcmp(got, want, RANK_LEN) == 0, "a rank is written as ever");
	ok(KIND_SUBSCRIPTION == 1 && KIND_PRICE == 6,
	    "and kinds have the numbers that they had");
}

int
main(void)
{
	arena = arena_new(1 << 20);
	test_pairs();
	test_life();
	test_bytes();
	arena_free(arena);
	return done_testing();
}
