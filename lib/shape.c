/*
 * Reads rows from snapshots by the tables of shape_tables.c, and by hand what
 * no table can say.
 */
#include <stdio.h>
#include <string.h>

#include "place.h"
#include "shape.h"

static enum shape_result
read_columns(struct row *row, struct reader *r, const struct json *object)
{
	const struct shape *shape = row->shape;
	const struct event *event = r->event;
	enum shape_result rc;
	size_t i;

	row->v = arena_array(r->arena, shape->ncolumns, sizeof(*row->v));
	if (row->v == NULL)
		return SHAPE_ENOMEM;
	for (i = 0; i < shape->ncolumns; i++) {
		rc = place_read(&row->v[i], r, shape, &shape->columns[i],
		    object);
		if (rc != SHAPE_OK)
			return rc;
		switch (shape->columns[i].type) {
		case PLACE_LIVEMODE:
			row->v[i] = value_int(event->livemode);
			break;
		case PLACE_UPDATED:
			row->v[i] = value_int(event->created);
			break;
		case PLACE_DELETED:
			row->v[i] = value_int(row->v[i].i != 0 ||
			    event->known->verb == VERB_DELETED);
			break;
		default:
			break;
		}
	}
	return SHAPE_OK;
}

/* Counts the elements of the list at place, and sees whether it goes on. */
static enum shape_result
read_list(const struct json **data, struct row *row, struct reader *r,
    const struct json *object, const char *place)
{
	const struct json *list, *node;
	enum json_result rc;

	*data = NULL;
	rc = json_get(&list, object, place);
	if (rc == JSON_ABSENT)
		return SHAPE_OK;
	if (rc != JSON_OK)
		return place_refuse(r, row->shape, place, rc);
	rc = json_get(&node, list, "has_more");
	if (rc == JSON_OK)
		rc = json_bool(&row->has_more, node);
	if (rc != JSON_OK && rc != JSON_ABSENT)
		return place_refuse(r, row->shape, "has_more", rc);
	rc = json_get(data, list, "data");
	if (rc == JSON_ABSENT)
		return SHAPE_OK;
	if (rc == JSON_OK && !json_is_array(*data))
		rc = JSON_ETYPE;
	if (rc != JSON_OK)
		return place_refuse(r, row->shape, "data", rc);
	for (node = json_first(*data); node != NULL; node = json_next(node))
		row->nchildren++;
	return SHAPE_OK;
}

/* The key of a child that Stripe gave none: never two alike in one list. */
static enum shape_result
check_child_key(struct row *row, size_t n, struct reader *r)
{
	struct row *child = &row->children[n];
	size_t key = child->shape->child_key, i;
	const char *owner = value_str(&row->v[0]);

	if (child->v[key].type == VALUE_NULL) {
		const char *made = arena_printf(r->arena, "%s#%zu",
		    owner == NULL ? "" : owner, n);
		if (made == NULL)
			return SHAPE_ENOMEM;
		child->v[key] = value_text(made);
	}
	for (i = 0; i < n; i++)
		if (value_equal(&row->children[i].v[key], &child->v[key]))
			return place_refuse(r, child->shape,
			    child->shape->columns[key].name, JSON_EDUP);
	return SHAPE_OK;
}

static enum shape_result
read_children(struct row *row, struct reader *r, const struct json *object,
    const char *place)
{
	const struct json *node, *data;
	enum shape_result rc;
	size_t n = 0;

	rc = read_list(&data, row, r, object, place);
	if (rc != SHAPE_OK || row->nchildren == 0)
		return rc;
	/* Each is compared with each, while others wait. */
	if (row->nchildren > SHAPE_CHILDREN_MAX) {
		snprintf(r->error, r->error_size, "%s: %s: has more than %d "
		    "elements", row->shape->object, place,
		    SHAPE_CHILDREN_MAX);
		return SHAPE_UNREADABLE;
	}
	row->children = arena_array(r->arena, row->nchildren,
	    sizeof(*row->children));
	if (row->children == NULL)
		return SHAPE_ENOMEM;
	for (node = json_first(data); node != NULL; node = json_next(node)) {
		row->children[n].shape = row->shape->child;
		if (!json_is_object(node))
			return place_refuse(r, row->shape, place, JSON_ETYPE);
		rc = read_columns(&row->children[n], r, node);
		if (rc == SHAPE_OK)
			rc = check_child_key(row, n, r);
		if (rc != SHAPE_OK)
			return rc;
		n++;
	}
	return SHAPE_OK;
}

/* The one item of a subscription from before lists of items: its plan. */
static enum shape_result
read_single_plan(struct row *row, struct reader *r, const struct json *object)
{
	const struct json *plan;
	enum shape_result rc;

	if (row->nchildren > 0 ||
	    json_get(&plan, object, "plan") != JSON_OK)
		return SHAPE_OK;
	row->children = arena_array(r->arena, 1, sizeof(*row->children));
	if (row->children == NULL)
		return SHAPE_ENOMEM;
	row->children->shape = row->shape->child;
	row->nchildren = 1;
	rc = read_columns(row->children, r, object);
	if (rc != SHAPE_OK)
		return rc;
	row->children->v[ITEM_ID] = value_null();
	return check_child_key(row, 0, r);
}

/* Widens a period that is spread over the items: the least start, the
 * greatest end. */
static void
widen(struct value *out, const struct value *v, int sign)
{
	if (v->type == VALUE_INT && (out->type != VALUE_INT ||
	    (sign < 0 ? v->i < out->i : v->i > out->i)))
		*out = *v;
}

static enum shape_result
finish_subscription(struct row *row, struct reader *r,
    const struct json *object)
{
	struct value start = value_null(), end = value_null();
	struct value *v = row->v, quantity = value_null();
	enum shape_result rc;
	size_t i;

	rc = read_children(row, r, object, "items");
	if (rc == SHAPE_OK)
		rc = read_single_plan(row, r, object);
	if (rc == SHAPE_OK)
		rc = place_read(&quantity, r, row->shape,
		    &row->shape->child->columns[ITEM_QUANTITY], object);
	if (rc != SHAPE_OK)
		return rc;
	/* Since 2025-03-31 periods are the items'; before, theirs is the
	 * subscription's. */
	for (i = 0; i < row->nchildren; i++) {
		struct value *item = row->children[i].v;

		item[ITEM_SUBSCRIPTION_ID] = v[SUBSCRIPTION_ID];
		item[ITEM_POSITION] = value_int((int64_t)i);
		if (row->nchildren == 1 &&
		    item[ITEM_QUANTITY].type == VALUE_NULL)
			item[ITEM_QUANTITY] = quantity;
		widen(&start, &item[ITEM_CURRENT_PERIOD_START], -1);
		widen(&end, &item[ITEM_CURRENT_PERIOD_END], 1);
		if (item[ITEM_CURRENT_PERIOD_START].type == VALUE_NULL)
			item[ITEM_CURRENT_PERIOD_START] =
			    v[SUBSCRIPTION_CURRENT_PERIOD_START];
		if (item[ITEM_CURRENT_PERIOD_END].type == VALUE_NULL)
			item[ITEM_CURRENT_PERIOD_END] =
			    v[SUBSCRIPTION_CURRENT_PERIOD_END];
	}
	if (start.type == VALUE_INT)
		v[SUBSCRIPTION_CURRENT_PERIOD_START] = start;
	if (end.type == VALUE_INT)
		v[SUBSCRIPTION_CURRENT_PERIOD_END] = end;
	if (r->event->known->verb == VERB_DELETED)
		v[SUBSCRIPTION_STATUS] = value_text("canceled");
	return SHAPE_OK;
}

static bool
says_true(const struct json *object, const char *key)
{
	const struct json *node;
	bool b;

	return json_get(&node, object, key) == JSON_OK &&
	    json_bool(&b, node) == JSON_OK && b;
}

/* Before 2018-11-08 an invoice had flags in place of a status. */
static const char *
status_from_flags(const struct json *object)
{
	const struct json *node;

	if (says_true(object, "paid"))
		return "paid";
	if (says_true(object, "forgiven"))
		return "uncollectible";
	if (says_true(object, "closed"))
		return "void";
	if (says_true(object, "attempted"))
		return "open";
	return json_get(&node, object, "paid") == JSON_OK ||
	    json_get(&node, object, "closed") == JSON_OK ||
	    json_get(&node, object, "attempted") == JSON_OK ? "draft" : NULL;
}

static enum shape_result
finish_invoice(struct row *row, struct reader *r, const struct json *object)
{
	static const struct shape_column line = {"subscription_id", PLACE_REF,
	    "subscription|parent.subscription_item_details.subscription"};
	const struct json *lines, *node;
	struct value *v = row->v;
	enum shape_result rc;

	if (v[INVOICE_STATUS].type == VALUE_NULL)
		v[INVOICE_STATUS] = value_text(r->event->known->status);
	if (v[INVOICE_STATUS].type == VALUE_NULL)
		v[INVOICE_STATUS] = value_text(status_from_flags(object));
	/* An invoice that does not name its subscription: a line may. */
	if (v[INVOICE_SUBSCRIPTION_ID].type != VALUE_NULL ||
	    json_find(&lines, object, "lines.data") != JSON_OK)
		return SHAPE_OK;
	for (node = json_first(lines); node != NULL &&
	    v[INVOICE_SUBSCRIPTION_ID].type == VALUE_NULL;
	    node = json_next(node)) {
		rc = place_read(&v[INVOICE_SUBSCRIPTION_ID], r, row->shape,
		    &line, node);
		if (rc != SHAPE_OK)
			return rc;
	}
	return SHAPE_OK;
}

static enum shape_result
finish_summary(struct row *row, struct reader *r, const struct json *object)
{
	enum shape_result rc;
	size_t i;

	rc = read_children(row, r, object, "entitlements");
	if (rc != SHAPE_OK)
		return rc;
	for (i = 0; i < row->nchildren; i++)
		row->children[i].v[ENTITLEMENT_CUSTOMER_ID] =
		    row->v[SUMMARY_CUSTOMER_ID];
	return SHAPE_OK;
}

enum shape_result
shape_read(struct row *out, const struct event *event,
    const struct json *object, struct arena *arena, char *error,
    size_t error_size)
{
	struct reader r = {event, arena, error, error_size};
	enum shape_result rc;

	memset(out, 0, sizeof(*out));
	out->shape = shape_of(event->known->kind);
	rc = read_columns(out, &r, object);
	if (rc != SHAPE_OK)
		return rc;
	switch (event->known->kind) {
	case KIND_SUBSCRIPTION:
		return finish_subscription(out, &r, object);
	case KIND_INVOICE:
		return finish_invoice(out, &r, object);
	case KIND_ENTITLEMENTS:
		return finish_summary(out, &r, object);
	case KIND_SESSION:
		if (out->v[SESSION_STATUS].type == VALUE_NULL)
			out->v[SESSION_STATUS] =
			    value_text(event->known->status);
		return SHAPE_OK;
	default:
		return SHAPE_OK;
	}
}

static const struct row *
same_child(const struct row *row, const struct row *child)
{
	size_t i, key = child->shape->child_key;

	for (i = 0; i < row->nchildren; i++)
		if (value_equal(&row->children[i].v[key], &child->v[key]))
			return &row->children[i];
	return NULL;
}

bool
row_equal(const struct row *a, const struct row *b)
{
	const struct row *other;
	size_t i;

	if (a->shape != b->shape || a->nchildren != b->nchildren ||
	    !value_equal_all(a->v, b->v, a->shape->ncolumns))
		return false;
	for (i = 0; i < a->nchildren; i++) {
		other = same_child(b, &a->children[i]);
		if (other == NULL || !row_equal(&a->children[i], other))
			return false;
	}
	return true;
}
