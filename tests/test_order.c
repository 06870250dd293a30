/* lib/order.h: which event is the state of an object. */
#include "order_walks.h"
#include "snapshots.h"
#include "tap.h"

#define T	1750000000

/* Old: the period is the subscription's, and there is much besides.  New: it
 * is the item's. */
#define OLD_ITEM "{'id':'si_1','plan':{'id':'price_1'},'quantity':%d}"
#define NEW_ITEM "{'id':'si_1','price':{'id':'price_1'}," \
	"'current_period_start':5,'current_period_end':9,'quantity':%d}"

static const char *
object_of(const struct move *m)
{
	if (m->modern)
		return arena_printf(arena, "{'id':'sub_1','object':"
		    "'subscription','customer':'cus_1','status':'active',"
		    "'created':1,'collection_method':'charge_automatically',"
		    "'billing_mode':{'type':'classic'},'items':{'data':["
		    NEW_ITEM "]}}", m->now);
	return arena_printf(arena, "{'id':'sub_1','object':'subscription',"
	    "'customer':'cus_1','status':'active','created':1,'billing':"
	    "'charge_automatically','current_period_start':5,"
	    "'current_period_end':10,'items':{'data':[" OLD_ITEM "]}}",
	    m->now);
}

static const char *
previous_of(const struct move *m)
{
	if (m->was == 0)
		return NULL;
	if (m->modern)
		return arena_printf(arena, "{'items':{'data':[" NEW_ITEM
		    "]}}", m->was);
	return arena_printf(arena, "{'items':{'data':[" OLD_ITEM "]}}",
	    m->was);
}

/* A second in hand, and what its events borrow from. */
struct held {
	struct second	 second;
	struct snapshot	 snapshots[300];
	struct json_doc *reverted[300];
};

static void
add(struct held *held, const struct move *m, int64_t created)
{
	size_t n = held->second.n++;
	const struct envelope e = {
		.id = m->id, .created = created, .object = object_of(m),
		.previous = previous_of(m),
		.request = m->request != NULL ? m->request : m->id,
		.version = m->modern ? "2025-09-30.clover" : "2018-11-08",
		.type = arena_printf(arena, "customer.subscription.%s",
		    m->type != NULL ? m->type : "updated"),
	};

	held->second.snapshots = held->snapshots;
	if (snapshot_of(&held->snapshots[n], &held->reverted[n], &e) !=
	    SHAPE_OK)
		abort();
}

static void
let_go(struct held *held)
{
	size_t i;

	for (i = 0; i < held->second.n; i++)
		forget(&held->snapshots[i], held->reverted[i]);
	memset(held, 0, sizeof(*held));
}

static int
quantity(const struct snapshot *s)
{
	return (int)s->row.children[0].v[ITEM_QUANTITY].i;
}

/* The number-th order of n snapshots, as the digits of a number whose k-th
 * digit counts to k: out[i] is one of those that are left. */
static void
order(struct snapshot *out, const struct snapshot *in, size_t n,
    size_t number)
{
	size_t taken = 0, i, k, left;

	for (i = 0; i < n; i++) {
		left = number % (n - i);
		number /= n - i;
		for (k = 0; (taken >> k & 1) != 0 || left-- > 0; k++)
			;
		taken |= (size_t)1 << k;
		out[i] = in[k];
	}
}

/* Decides in every order of both seconds; counts the wrong decisions. */
static size_t
count_wrong(const struct walk_case *c, const struct held *last,
    const struct held *before)
{
	struct snapshot a[FEW], b[FEW];
	const struct second l = {a, last->second.n, false};
	const struct second m = {b, before->second.n, false};
	size_t i, j, orders = 1, wrong = 0;
	struct decision d;

	for (i = 2; i <= FEW; i++)
		orders *= i;
	for (i = 0; i < orders; i++) {
		order(a, last->snapshots, l.n, i);
		for (j = 0; j < (m.n > 1 ? m.n * (m.n - 1) : 1); j++) {
			order(b, before->snapshots, m.n, j);
			if (order_decide(&d, &l, m.n > 0 ? &m : NULL,
			    arena) == -1 ||
			    quantity(&a[d.state]) != c->state ||
			    d.tie != c->tie || d.gap != c->gap) {
				if (wrong++ == 0)
					diag("state %d%s%s",
					    quantity(&a[d.state]),
					    d.tie ? " tie" : "",
					    d.gap ? " gap" : "");
			}
		}
	}
	return wrong;
}

/* Decides with more and more memory, until there is enough of it.  How often
 * there was not. */
static size_t
decide_at_last(struct decision *out, const struct held *last,
    const struct held *before)
{
	struct arena *small = NULL;
	size_t room = 0, refused = 0;

	for (;; refused++) {
		arena_free(small);
		small = arena_new(room += 16);
		if (order_decide(out, &last->second, &before->second, small) ==
		    0)
			break;
	}
	arena_free(small);
	return refused;
}

static void
test_walks(void)
{
	static struct held last, before;
	struct decision d, rare;
	bool steps;
	size_t i, k;

	for (i = 0; i < COUNT(walks); i++) {
		steps = false;
		for (k = 0; k < FEW && walks[i].last[k].id != NULL; k++) {
			add(&last, &walks[i].last[k], T);
			steps = steps || walks[i].last[k].was != 0;
		}
		for (k = 0; k < FEW && walks[i].before[k].id != NULL; k++)
			add(&before, &walks[i].before[k], T - 5);
		ok(count_wrong(&walks[i], &last, &before) == 0,
		    "in every order: %s", walks[i].name);
		ok(order_asks_before(&last.second) == steps,
		    "... and the second before is asked for if it counts");
		ok(order_decide(&d, &last.second, &before.second, arena) ==
		    0 && decide_at_last(&rare, &last, &before) > 0 &&
		    d.state == rare.state && d.tie == rare.tie &&
		    d.gap == rare.gap, "... with just enough memory, too");
		let_go(&last);
		let_go(&before);
		arena_reset(arena);
	}
}

/* What only grows decides before the type does. */
static void
test_fixed_rule(void)
{
	static const struct {
		const char *name, *less_type, *less, *more_type, *more;
	} cases[] = {
		{"attempt_count",
		    "invoice.payment_failed", "'attempt_count':1",
		    "invoice.finalized", "'attempt_count':2"},
		{"attempt_count, before amount_paid",
		    "invoice.updated", "'attempt_count':1,'amount_paid':9",
		    "invoice.updated", "'attempt_count':2,'amount_paid':0"},
		{"amount_paid", "invoice.payment_failed", "'amount_paid':5",
		    "invoice.finalized", "'amount_paid':10"},
		{"something, beside nothing",
		    "invoice.payment_failed", "'attempt_count':null",
		    "invoice.finalized", "'attempt_count':0"},
		{"a period's start",
		    "customer.subscription.resumed",
		    "'current_period_start':5",
		    "customer.subscription.trial_will_end",
		    "'current_period_start':10"},
		{"finalized stands before updated", "invoice.finalized",
		    "'total':1", "invoice.updated", "'total':2"},
		{"an update before payment_failed", "invoice.updated",
		    "'total':2", "invoice.payment_failed", "'total':1"},
		{"action_required before payment_failed",
		    "invoice.payment_action_required", "'total':2",
		    "invoice.payment_failed", "'total':1"},
		{"an update before paused", "customer.subscription.updated",
		    "'cancel_at':1", "customer.subscription.paused",
		    "'cancel_at':2"},
		{"pending_update_expired before an update",
		    "customer.subscription.pending_update_expired",
		    "'cancel_at':1", "customer.subscription.updated",
		    "'cancel_at':2"},
	};
	static struct held held;
	struct decision d;
	size_t i, k, wrong;

	for (i = 0; i < COUNT(cases); i++) {
		/* Twice, with the ids exchanged. */
		for (wrong = 0, k = 0; k < 2; k++) {
			const struct envelope less = {
				.type = cases[i].less_type,
				.id = k == 0 ? "evt_b" : "evt_a",
				.object = arena_printf(arena,
				    "{'id':'x',%s}", cases[i].less)};
			const struct envelope more = {
				.type = cases[i].more_type,
				.id = k == 0 ? "evt_a" : "evt_b",
				.object = arena_printf(arena,
				    "{'id':'x',%s}", cases[i].more)};

			held.second.snapshots = held.snapshots;
			held.second.n = 2;
			(void)snapshot_of(&held.snapshots[k],
			    &held.reverted[k], &less);
			(void)snapshot_of(&held.snapshots[1 - k],
			    &held.reverted[1 - k], &more);
			wrong += order_decide(&d, &held.second, NULL,
			    arena) == -1 || d.tie || d.gap ||
			    d.state != 1 - k;
			let_go(&held);
			arena_reset(arena);
		}
		ok(wrong == 0, "the greater by %s", cases[i].name);
	}
}

/* Two ends are two ends, though one of them is the greater. */
static void
test_two_ends(void)
{
	static struct held held;
	const struct envelope one = {.id = "evt_b", .type = "invoice.updated",
	    .object = "{'id':'x','attempt_count':1}",
	    .previous = "{'attempt_count':0}"};
	const struct envelope two = {.id = "evt_a", .type = "invoice.updated",
	    .object = "{'id':'x','attempt_count':2}",
	    .previous = "{'attempt_count':0}"};
	struct decision d;

	held.second.snapshots = held.snapshots;
	held.second.n = 2;
	(void)snapshot_of(&held.snapshots[0], &held.reverted[0], &one);
	(void)snapshot_of(&held.snapshots[1], &held.reverted[1], &two);
	ok(order_decide(&d, &held.second, NULL, arena) == 0 && d.tie,
	    "a second with two ends is undecided, whatever they say");
	is_int((int64_t)d.state, 1, "and the greater of them stands");
	let_go(&held);
	arena_reset(arena);
}

/* A chain of n steps, given backwards. */
static void
add_chain(struct held *held, int n)
{
	struct move m = {0};
	int i;

	for (i = n; i > 0; i--) {
		m.id = arena_printf(arena, "evt_%03d", i * 7 % 1000);
		m.was = i;
		m.now = i + 1;
		add(held, &m, T);
	}
}

static void
test_full_second(void)
{
	static struct held held, before;
	const struct move made = S("m", 0, 9), step = S("x", 700, 701);
	struct decision d;

	add_chain(&held, ORDER_SECOND_MAX);
	ok(order_decide(&d, &held.second, NULL, arena) == 0 && !d.tie &&
	    quantity(&held.snapshots[d.state]) == ORDER_SECOND_MAX + 1,
	    "%d steps of one second are followed", ORDER_SECOND_MAX);
	held.second.overfull = true;
	ok(!order_asks_before(&held.second), "of more, none is");
	add(&before, &made, T - 5);
	ok(order_decide(&d, &held.second, &before.second, arena) == 0 &&
	    d.tie && !d.gap, "then it is undecided, and no gap is seen");
	is_str(held.snapshots[d.state].event.id, "evt_994",
	    "and the greatest id stands");
	before.second.overfull = true;
	ok(order_decide(&d, &before.second, NULL, arena) == 0 && d.tie,
	    "even where all that are looked at are alike");
	before.second.overfull = false;
	ok(order_decide(&d, &before.second, &held.second, arena) == 0 &&
	    !d.tie && !d.gap, "a second after it is decided by itself");
	let_go(&before);
	add(&before, &step, T + 5);
	ok(order_decide(&d, &before.second, &held.second, arena) == 0 &&
	    !d.tie && !d.gap, "and nothing is known of what it starts from");
	let_go(&held);
	let_go(&before);
	arena_reset(arena);
}

static void
test_no_memory(void)
{
	static struct held held, before;
	struct decision d;

	add_chain(&held, 20);
	ok(decide_at_last(&d, &held, &before) > 10,
	    "without memory it says so, wherever it ends");
	ok(!d.tie && quantity(&held.snapshots[d.state]) == 21,
	    "and with just enough of it it is right");
	let_go(&held);
}

int
main(void)
{
	arena = arena_new(256 << 20);
	test_walks();
	test_fixed_rule();
	test_two_ends();
	test_full_second();
	test_no_memory();
	arena_free(arena);
	return done_testing();
}
