#include <stdio.h>
#include <string.h>

#include "place.h"

/* Of the place in the first len bytes. */
static enum shape_result
refuse(struct reader *r, const struct shape *shape, const char *place,
    size_t len, enum json_result why)
{
	static const char *const words[] = {
		[JSON_ETYPE] = "is of another type than Stripe documents",
		[JSON_EEXACT] = "is no whole number that fits 53 bits",
		[JSON_ETEXT] = "holds a NUL or bytes that are not UTF-8",
		[JSON_EDUP] = "is there twice",
	};

	if (why == JSON_ENOMEM)
		return SHAPE_ENOMEM;
	snprintf(r->error, r->error_size, "%s: %.*s: %s", shape->object,
	    (int)len, place, words[why]);
	return SHAPE_UNREADABLE;
}

enum shape_result
place_refuse(struct reader *r, const struct shape *shape, const char *place,
    enum json_result why)
{
	return refuse(r, shape, place, strlen(place), why);
}

/* An id: a text of 1 to EVENT_ID_MAX bytes, or an object with one as id. */
static enum json_result
read_ref(struct value *out, const struct json *node)
{
	enum json_result rc;
	const char *s;

	if (json_is_object(node)) {
		rc = json_get(&node, node, "id");
		if (rc != JSON_OK)
			return rc == JSON_ABSENT ? JSON_OK : rc;
	}
	rc = json_text(&s, node);
	if (rc != JSON_OK)
		return rc;
	if (strlen(s) > EVENT_ID_MAX)
		return JSON_ETYPE;
	if (*s != '\0')
		*out = value_text(s);
	return JSON_OK;
}

static enum json_result
read_hash(struct value *out, const struct json *node, struct arena *arena)
{
	enum json_result rc;
	const char *s;

	if (!json_is_object(node))
		return JSON_ETYPE;
	rc = json_canonical(&s, node, arena);
	if (rc == JSON_OK)
		*out = value_text(s);
	return rc;
}

static enum json_result
read_node(struct value *out, enum place_type type, const struct json *node,
    struct arena *arena)
{
	enum json_result rc;
	const char *s;
	int64_t i;
	bool b;

	switch (type) {
	case PLACE_TEXT:
		if ((rc = json_text(&s, node)) == JSON_OK)
			*out = value_text(s);
		return rc;
	case PLACE_REF:
		return read_ref(out, node);
	case PLACE_INT:
		if ((rc = json_int(&i, node)) == JSON_OK)
			*out = value_int(i);
		return rc;
	case PLACE_BOOL:
	case PLACE_DELETED:
		if ((rc = json_bool(&b, node)) == JSON_OK)
			*out = value_int(b);
		return rc;
	case PLACE_HASH:
		return read_hash(out, node, arena);
	default:
		return JSON_OK;
	}
}

enum shape_result
place_read(struct value *out, struct reader *r, const struct shape *shape,
    const struct shape_column *column, const struct json *object)
{
	const char *place = column->place, *end;
	const struct json *node;
	enum json_result rc;
	size_t len;

	for (; place != NULL; place = *end == '|' ? end + 1 : NULL) {
		len = strcspn(place, "|");
		end = place + len;
		rc = json_find_len(&node, object, place, len);
		if (rc == JSON_OK)
			rc = read_node(out, column->type, node, r->arena);
		else if (rc == JSON_ABSENT)
			continue;
		return rc == JSON_OK ? SHAPE_OK :
		    refuse(r, shape, place, len, rc);
	}
	return SHAPE_OK;
}
