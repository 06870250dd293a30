/*
 * Seconds of one subscription, and what must come of them in every order.
 */
#ifndef ORDER_WALKS_H
#define ORDER_WALKS_H

#include <stdbool.h>

#define FEW	6	/* events of a second in the tables below */

/* An event of a subscription with a quantity. */
struct move {
	const char *id;
	int	    was;	/* before it; 0 where it is no step */
	int	    now;
	const char *type;	/* behind customer.subscription.; updated */
	const char *request;	/* one of its own if NULL */
	bool	    modern;	/* in the version of 2025 */
};

#define BASE(i, w, n)		.id = (i), .was = (w), .now = (n)
#define S(i, w, n)		{BASE(i, w, n)}
#define TYPED(i, w, n, t)	{BASE(i, w, n), .type = (t)}
#define ASKED(i, w, n, r)	{BASE(i, w, n), .request = (r)}
#define MODERN(i, w, n)		{BASE(i, w, n), .modern = true}

static const struct walk_case {
	const char *name;
	struct move before[FEW], last[FEW];
	int	    state;	/* quantity */
	bool	    tie, gap;
} walks[] = {
	/* The example of the rule. */
	{"A", {S("m", 0, 1)}, {S("a", 1, 2)}, 2, false, false},
	{"A, C: B is missing", {S("m", 0, 1)}, {S("a", 1, 2), S("c", 1, 3)},
	    3, true, false},
	{"A, B: back to where it began", {S("m", 0, 1)},
	    {S("a", 1, 2), S("b", 2, 1)}, 1, false, false},
	{"A, B, C", {S("m", 0, 1)}, {S("a", 1, 2), S("b", 2, 1),
	    S("c", 1, 3)}, 3, false, false},
	{"A, B, C, whatever their ids", {S("m", 0, 1)},
	    {S("z", 1, 2), S("y", 2, 1), S("x", 1, 3)}, 3, false, false},
	{"A, C, whatever their ids", {S("m", 0, 1)},
	    {S("z", 1, 2), S("c", 1, 3)}, 2, true, false},

	/* Walks. */
	{"a chain", {S("m", 0, 1)},
	    {S("d", 1, 2), S("c", 2, 3), S("b", 3, 4), S("a", 4, 5)}, 5, false,
	    false},
	{"a chain with a link missing", {S("m", 0, 1)},
	    {S("a", 1, 2), S("b", 3, 4)}, 4, true, false},
	{"a walk that comes by its start", {S("m", 0, 1)},
	    {S("a", 1, 2), S("b", 2, 3), S("c", 3, 1), S("d", 1, 2)}, 2, false,
	    false},
	{"a walk through two circles", {S("m", 0, 1)},
	    {S("a", 1, 2), S("b", 2, 1), S("c", 1, 3), S("d", 3, 1)}, 1, false,
	    false},
	{"without a second before a walk has an end all the same", {{0}},
	    {S("a", 1, 2), S("b", 2, 3)}, 3, false, false},
	{"a step that changes nothing that is kept", {S("m", 0, 1)},
	    {S("a", 1, 1)}, 1, false, false},
	{"... and one that does", {S("m", 0, 1)}, {S("a", 1, 1), S("b", 1, 2)},
	    2, false, false},

	/* Circles. */
	{"a circle without a second before", {{0}},
	    {S("a", 1, 2), S("b", 2, 1)}, 1, true, false},
	{"a circle that the row before is not on", {S("m", 0, 7)},
	    {S("a", 1, 2), S("b", 2, 1)}, 1, true, true},
	{"a circle after a second that is undecided",
	    {S("k", 5, 1), S("m", 5, 2)}, {S("a", 1, 2), S("b", 2, 1)}, 1,
	    true, false},
	{"a circle after a circle: no look further back",
	    {S("k", 2, 1), S("m", 1, 2)}, {S("a", 1, 2), S("b", 2, 1)}, 1,
	    true, false},
	{"a circle after a walk", {S("k", 5, 1), S("m", 1, 2)},
	    {S("a", 1, 2), S("b", 2, 1)}, 2, false, false},

	/* Gaps. */
	{"it starts where the second before did not end", {S("m", 0, 1)},
	    {S("a", 5, 6)}, 6, false, true},
	{"it starts where an undecided second can have ended",
	    {S("k", 5, 1), S("m", 5, 2)}, {S("a", 1, 7)}, 7, false, false},
	{"... and where it cannot", {S("k", 5, 1), S("m", 5, 2)},
	    {S("a", 5, 7)}, 7, false, true},
	{"it starts inside the second before, not at its end",
	    {S("k", 1, 2), S("m", 2, 3)}, {S("a", 2, 4)}, 4, false, true},
	{"of two starts one fits", {S("m", 0, 1)}, {S("a", 1, 2),
	    S("b", 3, 4)}, 4, true, false},
	{"a snapshot has no start", {S("m", 0, 1)}, {S("a", 0, 9)}, 9, false,
	    false},

	/* One change under two ids. */
	{"a step that came twice", {S("m", 0, 1)},
	    {ASKED("a", 1, 2, "r1"), ASKED("b", 1, 2, "r1"),
	    ASKED("c", 2, 1, "r2")}, 1, false, false},
	{"a step that was made twice", {S("m", 0, 1)},
	    {ASKED("a", 1, 2, "r1"), ASKED("b", 1, 2, "r3"),
	    ASKED("c", 2, 1, "r2")}, 2, false, false},
	{"other steps of one request", {S("m", 0, 1)},
	    {ASKED("a", 1, 2, "r1"), ASKED("b", 2, 3, "r1")}, 3, false,
	    false},

	/* Snapshots beside steps. */
	{"a snapshot of the end", {S("m", 0, 1)},
	    {S("a", 1, 2), TYPED("b", 0, 2, "trial_will_end")}, 2, false,
	    false},
	{"a snapshot of the start", {S("m", 0, 1)},
	    {S("a", 1, 2), TYPED("b", 0, 1, "trial_will_end")}, 2, false,
	    false},
	{"a snapshot whose row no step shows", {S("m", 0, 1)},
	    {S("a", 1, 2), TYPED("b", 0, 9, "trial_will_end")}, 2, true,
	    false},
	{"... and that stands higher by its type", {S("m", 0, 1)},
	    {S("a", 1, 2), TYPED("b", 0, 9, "paused")}, 9, true, false},

	/* No steps: the fixed rule. */
	{"one snapshot", {{0}}, {S("a", 0, 3)}, 3, false, false},
	{"two that are alike", {{0}}, {S("a", 0, 3), S("b", 0, 3)}, 3, false,
	    false},
	{"two with nothing but the id to tell them apart", {{0}},
	    {S("a", 0, 3), S("b", 0, 4)}, 4, true, false},
	{"a notice stands before an update", {{0}},
	    {TYPED("z", 0, 3, "trial_will_end"), S("b", 0, 4)}, 4, false,
	    false},
	{"an update before resumed", {{0}},
	    {S("z", 0, 3), TYPED("b", 0, 4, "resumed")}, 4, false, false},

	/* Two API versions in one second. */
	{"a walk through two versions", {S("m", 0, 1)},
	    {S("a", 1, 2), MODERN("b", 2, 3), S("c", 3, 4)}, 4,
	    false, false},
	{"a circle in two versions", {MODERN("m", 0, 1)},
	    {MODERN("a", 1, 2), S("b", 2, 1)}, 1, false, false},
	{"the second before in another version",
	    {MODERN("m", 0, 1)}, {S("a", 1, 2)}, 2, false, false},
};

#endif
