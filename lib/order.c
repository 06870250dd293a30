#include <string.h>

#include "cells.h"
#include "order.h"

/* A distinct row of a second, on the columns that its steps change, and how
 * often steps enter it more than they leave it. */
struct node {
	struct view view;
	long	    net;
	bool	    possible;	/* a possible end */
};

/* A second, looked at. */
struct walk {
	const struct second *second;
	struct cells	     cells;	/* changed by some step */
	struct node	    *nodes;
	size_t		     nnodes;
	size_t		     nstepped;	/* of them, those of steps */
	size_t		    *shows;	/* per snapshot: its row's node */
	size_t		    *from;	/* per step: the node it leaves */
	size_t		     nsteps;
	bool		     decided;
	size_t		     state;
};

enum shape_result
order_snapshot(struct snapshot *snapshot, struct json_doc **reverted,
    struct arena *arena, char *error, size_t error_size)
{
	const struct event *event = &snapshot->event;
	enum shape_result rc;

	*reverted = NULL;
	snapshot->step = event->known->verb == VERB_UPDATED &&
	    event->previous != NULL;
	rc = shape_read(&snapshot->row, event, event->object, arena, error,
	    error_size);
	if (rc != SHAPE_OK || !snapshot->step)
		return rc;
	if (json_revert(reverted, event->object, event->previous) != JSON_OK)
		return SHAPE_ENOMEM;
	return shape_read(&snapshot->before, event, json_root(*reverted),
	    arena, error, error_size);
}

static int
compare_values(const struct value *a, const struct value *b)
{
	if (a->type != VALUE_INT || b->type != VALUE_INT)
		return (a->type == VALUE_INT) - (b->type == VALUE_INT);
	return (a->i > b->i) - (a->i < b->i);
}

static int
type_class(const struct snapshot *s)
{
	switch (s->event.known->verb) {
	case VERB_NOTICE:
		return 0;
	case VERB_SETTLED:
		return 2;
	default:
		return 1;
	}
}

/* The fixed rule, but for the id: by what only grows, then by type. */
static int
compare_fixed(const struct snapshot *a, const struct snapshot *b)
{
	const struct value *x = a->row.v, *y = b->row.v;
	int c = 0;

	switch (a->event.known->kind) {
	case KIND_INVOICE:
		c = compare_values(&x[INVOICE_ATTEMPT_COUNT],
		    &y[INVOICE_ATTEMPT_COUNT]);
		if (c == 0)
			c = compare_values(&x[INVOICE_AMOUNT_PAID],
			    &y[INVOICE_AMOUNT_PAID]);
		break;
	case KIND_SUBSCRIPTION:
		c = compare_values(&x[SUBSCRIPTION_CURRENT_PERIOD_START],
		    &y[SUBSCRIPTION_CURRENT_PERIOD_START]);
		break;
	default:
		break;
	}
	return c != 0 ? c : type_class(a) - type_class(b);
}

/* The node of a row; a new one if no other row looked like it. */
static int
find_node(size_t *out, struct walk *w, const struct row *row,
    struct arena *arena)
{
	struct view view;
	size_t i;

	if (cells_view(&view, &w->cells, row, arena) == -1)
		return -1;
	for (i = 0; i < w->nnodes; i++)
		if (cells_view_equal(&w->cells, &w->nodes[i].view, &view))
			break;
	if (i == w->nnodes)
		w->nodes[w->nnodes++].view = view;
	*out = i;
	return 0;
}

static bool
same_json(const struct json *a, const struct json *b)
{
	return a == NULL || b == NULL ? a == b : json_equal(a, b);
}

/* Stripe may send one change under two ids: equal type, request and data. */
static bool
same_step(const struct snapshot *a, const struct snapshot *b)
{
	return a->event.known == b->event.known &&
	    same_json(a->event.request, b->event.request) &&
	    same_json(a->event.previous, b->event.previous) &&
	    same_json(a->event.object, b->event.object);
}

static bool
is_repeat(const struct walk *w, size_t n)
{
	const struct snapshot *s = w->second->snapshots;
	size_t i;

	for (i = 0; i < n; i++)
		if (s[i].step && w->shows[i] == w->shows[n] &&
		    w->from[i] == w->from[n] && same_step(&s[i], &s[n]))
			return true;
	return false;
}

/* Which columns the steps of the second change, which rows they show on
 * these, and how often each is entered and left. */
static int
walk_steps(struct walk *w, struct arena *arena)
{
	const struct snapshot *s = w->second->snapshots;
	size_t i, n = w->second->n;

	for (i = 0; i < n; i++)
		if (s[i].step && cells_add_difference(&w->cells,
		    &s[i].before, &s[i].row, arena) == -1)
			return -1;
	for (i = 0; i < n; i++) {
		if (!s[i].step)
			continue;
		w->nsteps++;
		if (find_node(&w->from[i], w, &s[i].before, arena) == -1 ||
		    find_node(&w->shows[i], w, &s[i].row, arena) == -1)
			return -1;
		if (!is_repeat(w, i)) {
			w->nodes[w->from[i]].net--;
			w->nodes[w->shows[i]].net++;
		}
	}
	w->nstepped = w->nnodes;
	for (i = 0; i < n; i++)
		if (!s[i].step &&
		    find_node(&w->shows[i], w, &s[i].row, arena) == -1)
			return -1;
	return 0;
}

static int
walk_open(struct walk *w, const struct second *second, struct arena *arena)
{
	memset(w, 0, sizeof(*w));
	w->second = second;
	w->nodes = arena_array(arena, 2 * second->n, sizeof(*w->nodes));
	w->shows = arena_array(arena, second->n, sizeof(*w->shows));
	w->from = arena_array(arena, second->n, sizeof(*w->from));
	if (w->nodes == NULL || w->shows == NULL || w->from == NULL)
		return -1;
	return walk_steps(w, arena);
}

/*
 * The second undid itself: it ended with the row with which the one before
 * ended, if that is one of its rows.
 */
static int
end_of_circle(struct walk *w, const struct walk *before, struct arena *arena)
{
	struct view view;
	size_t i;

	if (before == NULL || !before->decided)
		return 0;
	if (cells_view(&view, &w->cells,
	    &before->second->snapshots[before->state].row, arena) == -1)
		return -1;
	for (i = 0; i < w->nstepped; i++)
		if (cells_view_equal(&w->cells, &w->nodes[i].view, &view)) {
			w->nodes[i].possible = true;
			w->decided = true;
		}
	return 0;
}

/* Marks the rows with which the second can have ended. */
static int
find_ends(struct walk *w, const struct walk *before, struct arena *arena)
{
	size_t i, ends = 0;

	for (i = 0; i < w->nstepped; i++)
		if (w->nodes[i].net > 0) {
			w->nodes[i].possible = true;
			ends++;
		}
	w->decided = ends == 1;
	if (ends == 0 && w->nstepped == 1)
		w->nodes[0].possible = w->decided = true;
	else if (ends == 0 && end_of_circle(w, before, arena) == -1)
		return -1;
	for (i = 0; i < w->nstepped && ends == 0 && !w->decided; i++)
		w->nodes[i].possible = true;
	/* A row that no step shows: nobody knows when it was. */
	for (i = w->nstepped; i < w->nnodes; i++) {
		w->nodes[i].possible = true;
		w->decided = false;
	}
	return 0;
}

/* Chooses the state among the snapshots that show a possible end. */
static void
choose(struct walk *w)
{
	const struct snapshot *s = w->second->snapshots, *best = NULL;
	size_t i, n = w->second->n;
	int c;

	for (i = 0; i < n; i++) {
		if (!w->nodes[w->shows[i]].possible)
			continue;
		c = best == NULL ? 1 : compare_fixed(&s[i], best);
		if (c > 0 || (c == 0 &&
		    strcmp(s[i].event.id, best->event.id) > 0)) {
			best = &s[i];
			w->state = i;
		}
	}
	/* Where nothing but the id is left to tell different rows apart, it
	 * tells nothing. */
	for (i = 0; i < n; i++)
		if (w->nodes[w->shows[i]].possible &&
		    compare_fixed(&s[i], best) == 0 &&
		    !row_equal(&s[i].row, &best->row))
			w->decided = false;
}

static int
resolve(struct walk *w, const struct second *second, const struct walk *before,
    struct arena *arena)
{
	size_t i;

	if (walk_open(w, second, arena) == -1)
		return -1;
	if (w->nsteps > 0 && !second->overfull) {
		if (find_ends(w, before, arena) == -1)
			return -1;
	} else {
		for (i = 0; i < w->nnodes; i++)
			w->nodes[i].possible = true;
		w->decided = !second->overfull;
	}
	choose(w);
	return 0;
}

static bool
is_start(const struct walk *w, const struct view *view)
{
	bool any = false;
	size_t i;

	for (i = 0; i < w->nstepped; i++)
		any = any || w->nodes[i].net < 0;
	for (i = 0; i < w->nstepped; i++)
		if ((w->nodes[i].net < 0 || !any) &&
		    cells_view_equal(&w->cells, &w->nodes[i].view, view))
			return true;
	return false;
}

/* True if no row with which the second before can have ended is one from
 * which this one can have started. */
static int
find_gap(bool *gap, const struct walk *w, const struct walk *before,
    struct arena *arena)
{
	struct view view;
	size_t i;

	*gap = true;
	for (i = 0; i < before->second->n && *gap; i++) {
		if (before->decided ? i != before->state :
		    !before->nodes[before->shows[i]].possible)
			continue;
		if (cells_view(&view, &w->cells,
		    &before->second->snapshots[i].row, arena) == -1)
			return -1;
		*gap = !is_start(w, &view);
	}
	return 0;
}

bool
order_asks_before(const struct second *last)
{
	size_t i;

	for (i = 0; i < last->n && !last->overfull; i++)
		if (last->snapshots[i].step)
			return true;
	return false;
}

int
order_decide(struct decision *out, const struct second *last,
    const struct second *before, struct arena *arena)
{
	struct walk w, b;
	bool known = before != NULL && before->n > 0;

	if (known && resolve(&b, before, NULL, arena) == -1)
		return -1;
	if (resolve(&w, last, known ? &b : NULL, arena) == -1)
		return -1;
	out->state = w.state;
	out->tie = !w.decided;
	out->gap = false;
	if (known && w.nsteps > 0 && !last->overfull && !before->overfull)
		return find_gap(&out->gap, &w, &b, arena);
	return 0;
}
