#include <string.h>

#include "value.h"

struct value
value_null(void)
{
	return (struct value){ .type = VALUE_NULL };
}

struct value
value_int(int64_t i)
{
	return (struct value){ .type = VALUE_INT, .i = i };
}

struct value
value_text(const char *s)
{
	if (s == NULL)
		return value_null();
	return (struct value){ .type = VALUE_TEXT, .s = s, .len = strlen(s) };
}

struct value
value_bytes(const void *bytes, size_t len)
{
	if (bytes == NULL)
		return value_null();
	return (struct value){ .type = VALUE_BYTES, .s = bytes, .len = len };
}

bool
value_equal(const struct value *a, const struct value *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case VALUE_INT:
		return a->i == b->i;
	case VALUE_TEXT:
	case VALUE_BYTES:
		return a->len == b->len && memcmp(a->s, b->s, a->len) == 0;
	case VALUE_NULL:
		break;
	}
	return true;
}

bool
value_equal_all(const struct value *a, const struct value *b, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!value_equal(&a[i], &b[i]))
			return false;
	return true;
}

const char *
value_str(const struct value *v)
{
	return v->type == VALUE_TEXT ? v->s : NULL;
}

struct value *
value_copy(struct arena *arena, const struct value *v, size_t n)
{
	struct value *out = arena_array(arena, n, sizeof(*out));
	size_t i;

	for (i = 0; out != NULL && i < n; i++) {
		out[i] = v[i];
		if (v[i].s != NULL && (out[i].s =
		    arena_text(arena, v[i].s, v[i].len)) == NULL)
			return NULL;
	}
	return out;
}
