#include <string.h>

#include "cells.h"

static const struct value nothing = {VALUE_NULL, 0, NULL, 0};

static const struct row *
find_child(const struct row *row, const struct value *key)
{
	size_t i;

	for (i = 0; i < row->nchildren; i++)
		if (value_equal(
		    &row->children[i].v[row->children[i].shape->child_key],
		    key))
			return &row->children[i];
	return NULL;
}

/* The columns in which two rows differ, either of which may be missing. */
static uint32_t
difference(const struct row *a, const struct row *b)
{
	const struct shape *shape = a != NULL ? a->shape : b->shape;
	uint32_t columns = 0;
	size_t i;

	for (i = 0; i < shape->ncolumns - shape->nuncompared; i++)
		if (!value_equal(a != NULL ? &a->v[i] : &nothing,
		    b != NULL ? &b->v[i] : &nothing))
			columns |= UINT32_C(1) << i;
	return columns;
}

static void
count_new(struct cells *cells, uint32_t *set, uint32_t columns)
{
	cells->count += (size_t)__builtin_popcount(columns & ~*set);
	*set |= columns;
}

static int
add_child(struct cells *cells, const struct value *key, uint32_t columns,
    struct arena *arena)
{
	struct cells_child *child;
	size_t i;

	if (columns == 0)
		return 0;
	for (i = 0; i < cells->nchildren; i++)
		if (value_equal(&cells->children[i].key, key)) {
			count_new(cells, &cells->children[i].columns, columns);
			return 0;
		}
	if (cells->nchildren == cells->room) {
		size_t room = cells->room == 0 ? 8 : cells->room * 2;

		child = arena_array(arena, room, sizeof(*child));
		if (child == NULL)
			return -1;
		if (cells->nchildren > 0)
			memcpy(child, cells->children,
			    cells->nchildren * sizeof(*child));
		cells->children = child;
		cells->room = room;
	}
	child = &cells->children[cells->nchildren++];
	child->key = *key;
	child->columns = 0;
	count_new(cells, &child->columns, columns);
	return 0;
}

int
cells_add_difference(struct cells *cells, const struct row *a,
    const struct row *b, struct arena *arena)
{
	const struct value *key;
	const struct row *child;
	size_t i;

	count_new(cells, &cells->columns, difference(a, b));
	for (i = 0; i < a->nchildren; i++) {
		child = &a->children[i];
		key = &child->v[child->shape->child_key];
		if (add_child(cells, key,
		    difference(child, find_child(b, key)), arena) == -1)
			return -1;
	}
	for (i = 0; i < b->nchildren; i++) {
		child = &b->children[i];
		key = &child->v[child->shape->child_key];
		if (find_child(a, key) == NULL && add_child(cells, key,
		    difference(NULL, child), arena) == -1)
			return -1;
	}
	return 0;
}

/* FNV-1a, so that unequal views mostly show it at once. */
static uint64_t
hash_value(uint64_t hash, const struct value *v)
{
	const unsigned char *p = (const unsigned char *)&v->i;
	size_t i, n = sizeof(v->i);

	if (v->type == VALUE_TEXT) {
		p = (const unsigned char *)v->s;
		n = v->len;
	} else if (v->type == VALUE_NULL)
		n = 0;
	hash = (hash ^ (uint64_t)v->type) * UINT64_C(1099511628211);
	for (i = 0; i < n; i++)
		hash = (hash ^ p[i]) * UINT64_C(1099511628211);
	return hash;
}

static size_t
view_columns(struct view *out, size_t n, const struct row *row,
    uint32_t columns)
{
	size_t i;

	for (i = 0; i < SHAPE_COLUMNS_MAX; i++) {
		if ((columns & UINT32_C(1) << i) == 0)
			continue;
		out->v[n] = row != NULL ? &row->v[i] : &nothing;
		out->hash = hash_value(out->hash, out->v[n]);
		n++;
	}
	return n;
}

int
cells_view(struct view *out, const struct cells *cells, const struct row *row,
    struct arena *arena)
{
	size_t i, n;

	out->hash = UINT64_C(14695981039346656037);
	out->v = arena_array(arena, cells->count + 1, sizeof(*out->v));
	if (out->v == NULL)
		return -1;
	n = view_columns(out, 0, row, cells->columns);
	for (i = 0; i < cells->nchildren; i++)
		n = view_columns(out, n,
		    find_child(row, &cells->children[i].key),
		    cells->children[i].columns);
	return 0;
}

bool
cells_view_equal(const struct cells *cells, const struct view *a,
    const struct view *b)
{
	size_t i;

	if (a->hash != b->hash)
		return false;
	for (i = 0; i < cells->count; i++)
		if (!value_equal(a->v[i], b->v[i]))
			return false;
	return true;
}
