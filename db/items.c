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

enum db_result
items_put(struct ops *ops, const char *subscription_id,
    const struct rows *standing, const struct row *row, bool *changed)
{
	static const struct row none;
	struct value param = value_text(subscription_id);
	enum db_result rc = DB_OK;
	size_t i;

	if (row == NULL)
		row = &none;
	if (are_alike(standing, row))
		return DB_OK;
	*changed = true;
	if (standing->n > 0)
		rc = db_run(ops->db, STATEMENT_ITEMS_DELETE, &param, NULL,
		    NULL);
	for (i = 0; i < row->nchildren && rc == DB_OK; i++)
		rc = db_run(ops->db, STATEMENT_ITEM_PUT, row->children[i].v,
		    NULL, NULL);
	return rc;
}
