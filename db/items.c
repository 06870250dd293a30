#include <string.h>

#include "ops.h"

/* True if the stored rows are the children of row, in their order. */
static bool
are_alike(const struct rows *stored, const struct row *row)
{
	size_t i;

	if (stored->n != row->nchildren)
		return false;
	for (i = 0; i < stored->n; i++)
		if (!value_equal_all(stored->v[i], row->children[i].v,
		    ITEM__MAX))
			return false;
	return true;
}

static const struct value *
find(const struct rows *stored, const struct value *id)
{
	size_t i;

	for (i = 0; i < stored->n; i++)
		if (value_equal(&stored->v[i][ITEM_ID], id))
			return stored->v[i];
	return NULL;
}

/* True if each of the stored rows has a child of its id in row. */
static bool
has_all(const struct row *row, const struct rows *stored)
{
	size_t i, found = 0;

	for (i = 0; i < row->nchildren; i++)
		found += find(stored, &row->children[i].v[ITEM_ID]) != NULL;
	return found == stored->n;
}

enum db_result
items_put(struct ops *ops, const char *subscription_id,
    const struct rows *standing, const struct row *row, bool *changed)
{
	static const struct row none;
	struct value param = value_text(subscription_id);
	const struct value *stored, *child;
	enum db_result rc = DB_OK;
	bool in_place;
	size_t i;

	if (row == NULL)
		row = &none;
	if (are_alike(standing, row))
		return DB_OK;
	*changed = true;
	in_place = has_all(row, standing);
	if (!in_place)
		rc = db_run(ops->db, STATEMENT_ITEMS_DELETE, &param, NULL,
		    NULL);
	for (i = 0; i < row->nchildren && rc == DB_OK; i++) {
		child = row->children[i].v;
		stored = in_place ? find(standing, &child[ITEM_ID]) : NULL;
		if (stored == NULL ||
		    !value_equal_all(stored, child, ITEM__MAX))
			rc = db_run(ops->db, STATEMENT_ITEM_PUT, child, NULL,
			    NULL);
	}
	return rc;
}
