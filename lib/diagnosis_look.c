/* What can be seen of a body that nothing makes verify. */
#include <string.h>

#include "diagnosis_try.h"
#include "json_layout.h"
#include "undo.h"

static bool
begins(const char *body, size_t len, const char *with)
{
	return len >= strlen(with) && memcmp(body, with, strlen(with)) == 0;
}

/* gzip, and zlib at its usual levels. */
static bool
is_compressed(const char *body, size_t len)
{
	return begins(body, len, "\x1F\x8B") || begins(body, len, "\x78\x01") ||
	    begins(body, len, "\x78\x5E") || begins(body, len, "\x78\x9C") ||
	    begins(body, len, "\x78\xDA");
}

/* What languages print of an object that is no text. */
static bool
is_print_of_object(const char *body, size_t len)
{
	static const char *const prints[] = {
		"[object ", "{'", "Array", "stdClass", "undefined", "map[",
		"{:", "{id=", "<", "{\"id\"=>", "OrderedDict(",
		"ImmutableMultiDict(", "StripeObject",
	};
	size_t i;

	for (i = 0; i < sizeof(prints) / sizeof(prints[0]); i++)
		if (begins(body, len, prints[i]))
			return true;
	return false;
}

/* JSON that begins and does not end. */
static bool
is_truncated(const char *body, size_t len)
{
	struct bytes whole;
	bool ends;

	if (!begins(body, len, "{"))
		return false;
	bytes_init(&whole, len + 1);
	ends = undo_surrounded(&whole, body, len);
	bytes_free(&whole);
	return !ends;
}

/* Whether the white space of a body is as Stripe writes it.  The order of keys
 * is no promise of Stripe's. */
static bool
is_untouched(const char *body, size_t len)
{
	struct json_layout_style style = json_layout_stripe;
	struct json_layout *layout = json_layout_new(body, len);
	struct bytes out;
	bool same = false;
	int i;

	if (layout == NULL)
		return false;
	bytes_init(&out, len + 1);
	style.literal = true;
	style.order = LAYOUT_KEPT;
	for (i = 0; i < 4 && !same; i++) {
		if (i == 3) {
			/* Thin events come in one line. */
			style = (struct json_layout_style){ .literal = true };
			if (memmem(body, len, "v2.core.event", 13) == NULL)
				break;
		} else
			style.empty = i;
		bytes_clear(&out);
		json_layout_write(&out, json_layout_root(layout), &style);
		same = !out.failed && out.len == len &&
		    memcmp(out.data, body, len) == 0;
	}
	bytes_free(&out);
	json_layout_free(layout);
	return same;
}

void
diagnosis_look(struct diagnosis *found, const char *body, size_t len)
{
	if (len == 0)
		diagnosis_add(found, CAUSE_BODY_EMPTY);
	else if (is_compressed(body, len))
		diagnosis_add(found, CAUSE_BODY_COMPRESSED);
	else if (is_print_of_object(body, len))
		diagnosis_add(found, CAUSE_BODY_OBJECT);
	else if (is_truncated(body, len))
		diagnosis_add(found, CAUSE_BODY_TRUNCATED);
	else if (memmem(body, len, "\xEF\xBF\xBD", 3) != NULL)
		diagnosis_add(found, CAUSE_BODY_LOSSY);
	else if (is_untouched(body, len))
		diagnosis_add(found, CAUSE_SECRET_WRONG);
	else
		diagnosis_add(found, CAUSE_BODY_CHANGED);
}
