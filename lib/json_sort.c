/*
 * A list is cut into runs that are in order, and these are merged.  Stripe
 * writes "id" and "object" first, and then the other keys in their order: few
 * runs.
 */
#include <string.h>

#include "json_sort.h"

static void *
pointer_at(const void *node, size_t offset)
{
	void *pointer;

	memcpy(&pointer, (const char *)node + offset, sizeof(pointer));
	return pointer;
}

static void
set_next(void *node, const struct json_links *links, const void *next)
{
	memcpy((char *)node + links->next, &next, sizeof(next));
}

/* Compares the keys of two nodes, as strcmp() does. */
static int
compare(const void *a, const void *b, const struct json_links *links)
{
	return strcmp(pointer_at(a, links->key), pointer_at(b, links->key));
}

/* Two sorted lists, neither empty, made one; of equal keys those of a come
 * first. */
static void *
merge(void *a, void *b, const struct json_links *links)
{
	void *head = NULL, *last = NULL, *least, **from;

	while (a != NULL && b != NULL) {
		from = compare(b, a, links) < 0 ? &b : &a;
		least = *from;
		*from = pointer_at(least, links->next);
		if (last == NULL)
			head = least;
		else
			set_next(last, links, least);
		last = least;
	}
	set_next(last, links, a != NULL ? a : b);
	return head;
}

/* Cuts the run off that *list, which is not empty, begins with. */
static void *
cut_run(void **list, const struct json_links *links)
{
	void *run = *list, *last = run, *next;

	while ((next = pointer_at(last, links->next)) != NULL &&
	    compare(last, next, links) <= 0)
		last = next;
	if (next != NULL)
		set_next(last, links, NULL);
	*list = next;
	return run;
}

/* Cuts off 2^depth runs, or all that there are, and makes one list of them. */
static void *
cut_runs(void **list, unsigned depth, const struct json_links *links)
{
	void *first;

	if (depth == 0)
		return cut_run(list, links);
	first = cut_runs(list, depth - 1, links);
	if (*list == NULL)
		return first;
	return merge(first, cut_runs(list, depth - 1, links), links);
}

void *
json_sort(void *list, const struct json_links *links)
{
	void *sorted;
	unsigned depth;

	if (list == NULL)
		return NULL;
	sorted = cut_run(&list, links);
	for (depth = 0; list != NULL; depth++)
		sorted = merge(sorted, cut_runs(&list, depth, links), links);
	return sorted;
}
