/*
 * Cells: single columns of a row and of its children, and rows seen through a
 * set of them.  What order.c compares rows on.
 */
#ifndef CELLS_H
#define CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "shape.h"

/* A set of cells of rows of one shape.  Zero bytes are the empty set. */
struct cells {
	uint32_t columns;		/* a bit for each column of the row */
	struct cells_child {
		struct value key;
		uint32_t     columns;
	} *children;
	size_t nchildren;
	size_t room;
	size_t count;			/* cells in the set */
};

/* A row as it looks through a set of cells. */
struct view {
	const struct value **v;
	uint64_t	     hash;
};

/* Adds the cells in which two rows differ; a child that one of them lacks
 * counts as one of NULLs.  0, or -1 without memory. */
int cells_add_difference(struct cells *cells, const struct row *a,
    const struct row *b, struct arena *arena);

/* The row seen through the set.  0, or -1 without memory. */
int cells_view(struct view *out, const struct cells *cells,
    const struct row *row, struct arena *arena);

/* True if two views through one set are alike. */
bool cells_view_equal(const struct cells *cells, const struct view *a,
    const struct view *b);

#endif
