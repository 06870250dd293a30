/* An event for the library's callers: verified first, read second. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "billhook.h"
#include "event.h"
#include "json.h"

struct bh_event {
	struct event event;
};

/* The longest message: the reader's words in a sentence. */
#define NO_EVENT "authentic, but not an event (%s): look for what else signs " \
    "with this secret"
_Static_assert(sizeof(NO_EVENT) + sizeof(((struct event *)0)->error) <=
    BH_MESSAGE_SIZE, "BH_MESSAGE_SIZE is enough");

/* Reads a body that was verified.  Types that are not acted on are events too,
 * and so is one whose envelope misses something, as in the official SDKs. */
static enum bh_result
read_event(struct event *event, const void *body, size_t body_len)
{
	switch (event_parse(event, body, body_len)) {
	case EVENT_OK:
	case EVENT_IGNORED:
	case EVENT_UNREADABLE:
		return BH_OK;
	case EVENT_THIN:
		return BH_ETHIN;
	case EVENT_INVALID:
		return BH_EPAYLOAD;
	case EVENT_ENOMEM:
		break;
	}
	return BH_ENOMEM;
}

/* What was wrong, with the reader's own words where it has some. */
static void
tell(char *message, size_t size, enum bh_result result, const char *error)
{
	if (message == NULL || size == 0)
		return;
	if (result == BH_OK)
		message[0] = '\0';
	else if (result == BH_ETHIN)
		(void)snprintf(message, size, "authentic, but %s", error);
	else if (result == BH_EPAYLOAD)
		(void)snprintf(message, size, NO_EVENT, error);
	else
		(void)snprintf(message, size, "%s", bh_result_text(result));
}

enum bh_result
bh_event_construct(struct bh_event **out, const struct bh_verifier *verifier,
    const void *body, size_t body_len, const char *header, size_t header_len,
    int64_t tolerance, int64_t now, char *message, size_t message_size)
{
	struct bh_event *event = NULL;
	enum bh_result result;

	*out = NULL;
	result = bh_signature_verify(verifier, body, body_len, header,
	    header_len, tolerance, now, NULL);
	if (result == BH_OK && (event = calloc(1, sizeof(*event))) == NULL)
		result = BH_ENOMEM;
	if (result == BH_OK)
		result = read_event(&event->event, body, body_len);

	tell(message, message_size, result,
	    event != NULL ? event->event.error : "");
	if (result != BH_OK) {
		bh_event_free(event);
		return result;
	}
	*out = event;
	return BH_OK;
}

void
bh_event_free(struct bh_event *event)
{
	if (event == NULL)
		return;
	event_clear(&event->event);
	free(event);
}

const char *
bh_event_id(const struct bh_event *event)
{
	return event->event.id;
}

const char *
bh_event_type(const struct bh_event *event)
{
	return event->event.type;
}

const char *
bh_event_api_version(const struct bh_event *event)
{
	return event->event.api_version;
}

const char *
bh_event_account(const struct bh_event *event)
{
	return event->event.account;
}

int64_t
bh_event_created(const struct bh_event *event)
{
	return event->event.created;
}

int
bh_event_livemode(const struct bh_event *event)
{
	return event->event.livemode ? 1 : 0;
}

/* What stands at a path; NULL if nothing does. */
static const struct json *
find(const struct bh_event *event, const char *path)
{
	const struct json *node;

	(void)json_find(&node, json_root(event->event.doc), path);
	return node;
}

const char *
bh_event_text(const struct bh_event *event, const char *path)
{
	const char *text;

	(void)json_text(&text, find(event, path));
	return text;
}

int
bh_event_int(const struct bh_event *event, const char *path, int64_t *out)
{
	return json_int(out, find(event, path)) == JSON_OK;
}

int
bh_event_bool(const struct bh_event *event, const char *path)
{
	bool value;

	if (json_bool(&value, find(event, path)) != JSON_OK)
		return -1;
	return value ? 1 : 0;
}

const char *
bh_event_ref(const struct bh_event *event, const char *path)
{
	const struct json *node = find(event, path), *id;
	const char *text;

	if (json_is_object(node)) {
		(void)json_get(&id, node, "id");
		node = id;
	}
	(void)json_text(&text, node);
	return text;
}
