/*
 * A body, read: JSON, envelope, the row of its object and of the object as it
 * was before, the layout that explain and trigger work on, and the public
 * library on top.
 */
#include "billhook.h"
#include "event.h"
#include "fuzzing.h"
#include "json_layout.h"
#include "shape.h"

const char fuzz_target[] = "event";

#define MEMORY ((size_t)64 << 20)

static const char *
canonical(const struct json *node, struct arena *arena)
{
	const char *text = NULL;

	return json_canonical(&text, node, arena) == JSON_OK ? text : NULL;
}

/* The canonical text is UTF-8, and its own canonical text.  There is none of
 * a node with a text that cannot be read, which is like nothing. */
static void
check_canonical(const struct json *node, struct arena *arena)
{
	const char *text = canonical(node, arena), *again;
	struct json_doc *doc;

	if (text == NULL)
		return;
	fuzz_require(json_equal(node, node), "a node is not like itself");
	fuzz_require(fuzz_is_utf8(text), "canonical text is not UTF-8");
	fuzz_require(json_parse(&doc, text, strlen(text)) == JSON_OK,
	    "canonical text is no JSON: %s", text);
	again = canonical(json_root(doc), arena);
	fuzz_require(again != NULL && strcmp(text, again) == 0,
	    "canonical text is not stable: %s", text);
	json_free(doc);
}

/* Texts that go into tables and log lines. */
static void
check_word(const char *word, const char *what)
{
	const unsigned char *p = (const unsigned char *)word;

	if (word == NULL)
		return;
	fuzz_require(*word != '\0' && strlen(word) <= EVENT_ID_MAX,
	    "%s is empty or too long", what);
	fuzz_require(fuzz_is_utf8(word), "%s is not UTF-8", what);
	for (; *p != '\0'; p++)
		fuzz_require(*p >= ' ' && *p != 0x7F,
		    "%s holds a control character", what);
}

static void
check_value(const struct value *value, const char *column)
{
	if (value->type != VALUE_TEXT)
		return;
	fuzz_require(strlen(value->s) == value->len, "%s holds a NUL", column);
	fuzz_require(fuzz_is_utf8(value->s), "%s is not UTF-8", column);
}

static void
check_row(const struct row *row)
{
	size_t i;

	for (i = 0; i < row->shape->ncolumns; i++)
		check_value(&row->v[i], shape_column_name(row->shape, i));
	fuzz_require(row_equal(row, row), "a row is not like itself");
	for (i = 0; i < row->nchildren; i++)
		check_row(&row->children[i]);
}

static void
check_shape(const struct event *event, const struct json *object,
    struct arena *arena)
{
	char error[200] = "";
	struct row row;

	if (event->known == NULL || event->known->kind == KIND_NONE)
		return;
	switch (shape_read(&row, event, object, arena, error, sizeof(error))) {
	case SHAPE_OK:
		check_row(&row);
		break;
	case SHAPE_UNREADABLE:
		fuzz_require(*error != '\0', "unreadable, and no word why");
		break;
	case SHAPE_ENOMEM:
		break;
	}
}

/* As it was before; and once is enough, but for members that are null. */
static void
check_revert(const struct event *event, struct arena *arena)
{
	struct json_doc *before, *again;
	const char *once, *twice;

	if (json_revert(&before, event->object, event->previous) != JSON_OK)
		return;
	once = canonical(json_root(before), arena);
	if (once != NULL && json_revert(&again, json_root(before),
	    event->previous) == JSON_OK) {
		twice = canonical(json_root(again), arena);
		fuzz_require(twice != NULL && strcmp(once, twice) == 0,
		    "what was put back is not put back");
		json_free(again);
	}
	check_shape(event, json_root(before), arena);
	check_canonical(json_root(before), arena);
	json_free(before);
}

static void
check_event(enum event_result result, const struct event *event,
    struct arena *arena)
{
	fuzz_require((result == EVENT_OK) == (*event->error == '\0') ||
	    result == EVENT_IGNORED, "result %d with the error \"%s\"",
	    (int)result, event->error);
	fuzz_require(strlen(event->error) < sizeof(event->error) &&
	    fuzz_is_plain(event->error, strlen(event->error)),
	    "the error is no plain line");
	if (result == EVENT_INVALID || result == EVENT_ENOMEM)
		return;
	fuzz_require(event->id != NULL, "an event without an id");
	check_word(event->id, "id");
	check_word(event->type, "type");
	check_word(event->account, "account");
	check_word(event->api_version, "api_version");
	check_word(event->object_id, "data.object.id");
	check_canonical(json_root(event->doc), arena);
	if (result != EVENT_OK)
		return;
	fuzz_require(event->known != NULL && event->object != NULL &&
	    event->object_id != NULL && event->has_created,
	    "an event that can be acted on lacks something");
	check_shape(event, event->object, arena);
	check_revert(event, arena);
}

/* The public library comes to the same. */
static void
check_construct(const struct bh_verifier *verifier, const uint8_t *data,
    size_t size, enum event_result result, const struct event *event)
{
	char header[BH_SIGNATURE_SIZE], message[200];
	enum bh_result constructed;
	struct bh_event *public;

	if (bh_signature_make(header, sizeof(header), FUZZ_SECRET, data, size,
	    FUZZ_NOW) != BH_OK)
		abort();
	constructed = bh_event_construct(&public, verifier, data, size, header,
	    strlen(header), BH_TOLERANCE, FUZZ_NOW, message, sizeof(message));
	fuzz_require((constructed == BH_OK) == (public != NULL) &&
	    (constructed == BH_EPAYLOAD) == (result == EVENT_INVALID) &&
	    (constructed == BH_ETHIN) == (result == EVENT_THIN),
	    "bh_event_construct() says %d, event_parse() %d",
	    (int)constructed, (int)result);
	if (public == NULL)
		return;
	fuzz_require(strcmp(bh_event_id(public), event->id) == 0,
	    "the public library reads another id");
	(void)bh_event_text(public, "data.object.items.data.0.price.id");
	(void)bh_event_ref(public, "data.object.customer");
	bh_event_free(public);
}

/* The layout takes no less than cJSON, and writes what can be read again. */
static void
check_layout(const uint8_t *data, size_t size)
{
	struct json_layout *layout, *again;
	struct bytes text, twice;
	char *exact = fuzz_copy((const char *)data, size);

	bytes_init(&text, MEMORY);
	bytes_init(&twice, MEMORY);
	layout = json_layout_new(exact, size);
	if (layout == NULL)
		goto done;
	json_layout_write(&text, json_layout_root(layout),
	    &json_layout_stripe);
	if (text.failed)
		goto done;
	again = json_layout_new(text.data, text.len);
	fuzz_require(again != NULL, "what was laid out is no JSON");
	json_layout_write(&twice, json_layout_root(again),
	    &json_layout_stripe);
	fuzz_require(twice.failed || (text.len == twice.len &&
	    memcmp(text.data, twice.data, text.len) == 0),
	    "what was laid out is laid out otherwise");
	json_layout_free(again);
done:
	json_layout_free(layout);
	bytes_free(&text);
	bytes_free(&twice);
	free(exact);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const secrets[] = { FUZZ_SECRET };
	static struct bh_verifier *verifier;
	static struct arena *arena;
	enum event_result result;
	struct event event;

	if (arena == NULL && ((arena = arena_new(MEMORY)) == NULL ||
	    bh_verifier_new(&verifier, secrets, 1, NULL) != BH_OK))
		abort();
	result = event_parse(&event, data, size);
	check_event(result, &event, arena);
	check_construct(verifier, data, size, result, &event);
	check_layout(data, size);
	event_clear(&event);
	arena_reset(arena);
	return 0;
}
