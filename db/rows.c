#include <string.h>

#include "ops.h"

/* The statements of each kind of object. */
static const struct {
	enum statement get, put, remove;
} statements[KIND__MAX] = {
	[KIND_SUBSCRIPTION] = {STATEMENT_SUBSCRIPTION_GET,
	    STATEMENT_SUBSCRIPTION_PUT, STATEMENT_SUBSCRIPTION_DELETE},
	[KIND_INVOICE] = {STATEMENT_INVOICE_GET, STATEMENT_INVOICE_PUT,
	    STATEMENT_INVOICE_DELETE},
	[KIND_SESSION] = {STATEMENT_SESSION_GET, STATEMENT_SESSION_PUT,
	    STATEMENT_SESSION_DELETE},
	[KIND_CUSTOMER] = {STATEMENT_CUSTOMER_GET, STATEMENT_CUSTOMER_PUT,
	    STATEMENT_CUSTOMER_DELETE},
	[KIND_PRODUCT] = {STATEMENT_PRODUCT_GET, STATEMENT_PRODUCT_PUT,
	    STATEMENT_PRODUCT_DELETE},
	[KIND_PRICE] = {STATEMENT_PRICE_GET, STATEMENT_PRICE_PUT,
	    STATEMENT_PRICE_DELETE},
};

/* What rows are copied into while a statement runs. */
struct copy {
	struct ops  *ops;
	struct rows *rows;
	size_t	     room;
	size_t	     most;
};

static int
copy_row(void *arg, const struct value *v, size_t n)
{
	struct copy *copy = arg;
	struct rows *rows = copy->rows;
	struct value **grown;
	size_t room;

	if (rows->n == copy->room) {
		room = copy->room == 0 ? 4 : copy->room * 2;
		grown = arena_array(copy->ops->arena, room, sizeof(*grown));
		if (grown == NULL)
			return -1;
		if (rows->n > 0)
			memcpy(grown, rows->v, rows->n * sizeof(*grown));
		rows->v = grown;
		copy->room = room;
	}
	rows->v[rows->n] = value_copy(copy->ops->arena, v, n);
	if (rows->v[rows->n] == NULL)
		return -1;
	return ++rows->n == copy->most;
}

enum db_result
rows_all(struct ops *ops, enum statement statement,
    const struct value *params, struct rows *out)
{
	struct copy copy = {ops, out, 0, 0};

	memset(out, 0, sizeof(*out));
	return db_run(ops->db, statement, params, copy_row, &copy);
}

enum db_result
rows_go_on(struct ops *ops, char cursor[EVENT_ID_MAX + 1],
    const struct value *id)
{
	const char *s = value_str(id);

	if (s == NULL || id->len > EVENT_ID_MAX || strlen(s) != id->len)
		return db_refuse(ops->db, "an id in it is longer than 255 "
		    "bytes, or no text: another program has written there; "
		    "take that row away, or put a backup in its place");
	memcpy(cursor, s, id->len + 1);
	return DB_OK;
}

enum db_result
rows_first(struct ops *ops, enum statement statement,
    const struct value *params, struct value **out)
{
	struct rows rows = {NULL, 0};
	struct copy copy = {ops, &rows, 0, 1};
	enum db_result rc;

	rc = db_run(ops->db, statement, params, copy_row, &copy);
	*out = rc == DB_OK && rows.n > 0 ? rows.v[0] : NULL;
	return rc;
}

enum db_result
rows_get(struct ops *ops, enum kind kind, const char *id, struct value **out)
{
	struct value param = value_text(id);

	*out = NULL;
	if (id == NULL)
		return DB_OK;
	return rows_first(ops, statements[kind].get, &param, out);
}

/* The columns of indexes that seldom change, and the statement that leaves
 * them alone. */
static const struct {
	enum statement put;
	size_t	       columns[2];
	size_t	       n;
} in_place[KIND__MAX] = {
	[KIND_SUBSCRIPTION] = {STATEMENT_SUBSCRIPTION_PUT_IN_PLACE,
	    {SUBSCRIPTION_CUSTOMER_ID, SUBSCRIPTION_TENANT_ID}, 2},
	[KIND_INVOICE] = {STATEMENT_INVOICE_PUT_IN_PLACE,
	    {INVOICE_SUBSCRIPTION_ID, INVOICE_CREATED}, 2},
};

enum db_result
rows_put(struct ops *ops, enum kind kind, const struct value *before,
    const struct value *after)
{
	bool same = before != NULL && in_place[kind].n > 0;
	size_t i;

	for (i = 0; same && i < in_place[kind].n; i++)
		same = value_equal(&before[in_place[kind].columns[i]],
		    &after[in_place[kind].columns[i]]);
	return db_run(ops->db, same ? in_place[kind].put :
	    statements[kind].put, after, NULL, NULL);
}

enum db_result
rows_delete(struct ops *ops, enum kind kind, const char *id)
{
	struct value param = value_text(id);

	return db_run(ops->db, statements[kind].remove, &param, NULL, NULL);
}
