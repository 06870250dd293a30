/*
 * Sorts what json.c keeps in lists, whatever its nodes look like.
 */
#ifndef JSON_SORT_H
#define JSON_SORT_H

#include <stddef.h>

/* Where a node has its pointer to the next one, NULL in the last, and that to
 * its key, a text that ends with NUL: offsetof() both. */
struct json_links {
	size_t next, key;
};

/*
 * Sorts a list by the bytes of the keys, in place; members of equal keys stay
 * in their order.  n members take n log n steps at most, and n where they are
 * in order already.  Returns the new head, NULL of an empty list.
 */
void *json_sort(void *list, const struct json_links *links);

#endif
