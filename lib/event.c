#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "event.h"

/* The dashboard's old test sends this id each time. */
#define TEST_ID		"evt_00000000000000"
#define TEST_TEXT	"the dashboard's test event: it arrived, and its " \
			"signature was good; nothing is to be done"
#define THIN_TEXT	"a thin event has no object: in Stripe's dashboard, " \
			"make this event destination anew with payload " \
			"style Snapshot instead of Thin"

/* The first complaint is the one that is kept. */
static void __attribute__((format(printf, 2, 3)))
complain(struct event *event, const char *format, ...)
{
	va_list args;

	if (event->error[0] != '\0')
		return;
	va_start(args, format);
	(void)vsnprintf(event->error, sizeof(event->error), format, args);
	va_end(args);
}

/* Of a field that could not be found or read as what it should be. */
static void
complain_field(struct event *event, const char *field, enum json_result why,
    const char *should_be)
{
	switch (why) {
	case JSON_OK:
		break;
	case JSON_ABSENT:
		complain(event, "%s: is missing", field);
		break;
	case JSON_EDUP:
		complain(event, "%s: is there more than once", field);
		break;
	case JSON_ETEXT:
		complain(event, "%s: holds a NUL or bad UTF-8", field);
		break;
	default:
		complain(event, "%s: is not %s", field, should_be);
	}
}

/* The name of a field behind its last dot: its key. */
static const char *
key_of(const char *field)
{
	const char *dot = strrchr(field, '.');

	return dot != NULL ? dot + 1 : field;
}

/* A member that may be absent: NULL then, and NULL with a complaint if it is
 * there twice. */
static const struct json *
read_member(struct event *event, const struct json *from, const char *field)
{
	const struct json *node;
	enum json_result result;

	result = json_get(&node, from, key_of(field));
	if (result != JSON_ABSENT)
		complain_field(event, field, result, NULL);
	return node;
}

/* A text as short and clean as Stripe's ids and words are. */
static const char *
clean_text(struct event *event, const struct json *node, const char *field)
{
	const char *text, *p;
	enum json_result result;

	if ((result = json_text(&text, node)) != JSON_OK) {
		complain_field(event, field, result, "a text");
		return NULL;
	}
	for (p = text; *p != '\0'; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7F) {
			complain(event, "%s: holds a control character", field);
			return NULL;
		}
	}
	if (p == text) {
		complain(event, "%s: is empty", field);
		return NULL;
	}
	if (p - text > EVENT_ID_MAX) {
		complain(event, "%s: is longer than %d bytes", field,
		    EVENT_ID_MAX);
		return NULL;
	}
	return text;
}

/* A text member that may be absent. */
static const char *
read_text(struct event *event, const struct json *from, const char *field)
{
	const struct json *node = read_member(event, from, field);

	return node != NULL ? clean_text(event, node, field) : NULL;
}

static void
read_created(struct event *event, const struct json *root)
{
	const struct json *node = read_member(event, root, "created");

	if (node != NULL && json_int(&event->created, node) == JSON_OK &&
	    event->created >= 0) {
		event->has_created = true;
		return;
	}
	event->created = 0;
	complain_field(event, "created",
	    node == NULL ? JSON_ABSENT : JSON_ETYPE,
	    "a whole number of seconds");
}

static void
read_livemode(struct event *event, const struct json *root)
{
	const struct json *node = read_member(event, root, "livemode");

	if (node != NULL)
		complain_field(event, "livemode",
		    json_bool(&event->livemode, node), "true or false");
}

/* The id of data.object; of a summary of entitlements its customer, which may
 * stand there expanded. */
static void
read_object_id(struct event *event)
{
	const char *field = "data.object.id";
	const struct json *from = event->object, *node;

	if (event->known != NULL && event->known->kind == KIND_ENTITLEMENTS) {
		field = "data.object.customer";
		node = read_member(event, from, field);
		if (json_is_object(node)) {
			from = node;
			field = "data.object.customer.id";
		}
	}
	event->object_id = read_text(event, from, field);
	if (event->object_id == NULL)
		complain_field(event, field, JSON_ABSENT, NULL);
}

static void
read_data(struct event *event, const struct json *root)
{
	const struct json *data, *node;

	data = read_member(event, root, "data");
	node = read_member(event, data, "data.object");
	if (json_is_object(node)) {
		event->object = node;
		read_object_id(event);
	} else
		complain_field(event, "data.object",
		    node == NULL ? JSON_ABSENT : JSON_ETYPE, "an object");

	node = read_member(event, data, "data.previous_attributes");
	if (node != NULL && !json_is_object(node))
		complain_field(event, "data.previous_attributes", JSON_ETYPE,
		    "an object");
	else if (json_first(node) != NULL)
		event->previous = node;
}

/* Reads all that can be read, also when something cannot. */
static enum event_result
read_snapshot(struct event *event, const struct json *root)
{
	event->type = read_text(event, root, "type");
	if (event->type == NULL)
		complain_field(event, "type", JSON_ABSENT, NULL);
	event->known = event_type_find(event->type);
	event->account = read_text(event, root, "account");
	event->api_version = read_text(event, root, "api_version");
	read_created(event, root);
	read_livemode(event, root);
	event->request = read_member(event, root, "request");
	read_data(event, root);

	if (strcmp(event->id, TEST_ID) == 0) {
		event->error[0] = '\0';
		complain(event, "%s", TEST_TEXT);
		return EVENT_IGNORED;
	}
	if (event->type != NULL && event->known == NULL) {
		event->error[0] = '\0';
		return EVENT_IGNORED;
	}
	return event->error[0] != '\0' ? EVENT_UNREADABLE : EVENT_OK;
}

/* The number in n digits at s; -1 if there are others. */
static int
digits(const char *s, int n)
{
	int number = 0;

	for (; n > 0; n--, s++) {
		if (*s < '0' || *s > '9')
			return -1;
		number = number * 10 + *s - '0';
	}
	return number;
}

/* Days from 1970-01-01 to a date, counted in years that begin in March, so
 * that a leap day is the last of its year. */
static int64_t
days_of(int year, int month, int day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t m = month > 2 ? month - 3 : month + 9;

	return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day -
	    1 - 719468;
}

/* A time of ISO 8601, YYYY-MM-DDThh:mm:ssZ with or without a fraction, in
 * Unix seconds; false if it is none. */
static bool
read_iso(int64_t *out, const char *s)
{
	static const char form[] = "0000-00-00T00:00:00";
	static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	int year, month, day, hour, minute, second;
	size_t i;

	for (i = 0; form[i] != '\0'; i++)
		if (form[i] == '0' ? digits(s + i, 1) < 0 : s[i] != form[i])
			return false;
	year = digits(s, 4);
	month = digits(s + 5, 2);
	day = digits(s + 8, 2);
	hour = digits(s + 11, 2);
	minute = digits(s + 14, 2);
	second = digits(s + 17, 2);
	if (year < 1970 || month < 1 || month > 12 || day < 1 ||
	    day > days[month - 1] || hour > 23 || minute > 59 || second > 60)
		return false;
	if (s[i] == '.') {
		if (digits(s + ++i, 1) < 0)
			return false;
		i += strspn(s + i, "0123456789");
	}
	if (strcmp(s + i, "Z") != 0)
		return false;
	*out = days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 +
	    second;
	return true;
}

/* A thin event is never more than recorded: what cannot be read is left. */
static enum event_result
read_thin(struct event *event, const struct json *root)
{
	const struct json *related;
	const char *created;

	event->type = read_text(event, root, "type");
	created = read_text(event, root, "created");
	event->has_created = created != NULL &&
	    read_iso(&event->created, created);
	read_livemode(event, root);
	related = read_member(event, root, "related_object");
	event->object_id = read_text(event, related, "related_object.id");

	event->error[0] = '\0';
	complain(event, "%s", THIN_TEXT);
	return EVENT_THIN;
}

/* The object's own word for what it is: true for an event of either kind, and
 * where there is no word. */
static bool
is_event(struct event *event, const struct json *root, bool *thin)
{
	const struct json *node = read_member(event, root, "object");
	const char *word = "event";

	if (node != NULL && json_text(&word, node) != JSON_OK)
		word = "";
	*thin = strcmp(word, "v2.core.event") == 0;
	return *thin || strcmp(word, "event") == 0;
}

enum event_result
event_parse(struct event *out, const void *body, size_t len)
{
	const struct json *root;
	enum json_result result;
	bool thin;

	memset(out, 0, sizeof(*out));
	if ((result = json_parse(&out->doc, body, len)) == JSON_ENOMEM) {
		complain(out, "no memory");
		return EVENT_ENOMEM;
	}
	if (result != JSON_OK) {
		complain(out, "the body is not one whole JSON document");
		return EVENT_INVALID;
	}
	root = json_root(out->doc);
	if (!json_is_object(root)) {
		complain(out, "the body is JSON, but no object");
		return EVENT_INVALID;
	}
	out->id = read_text(out, root, "id");
	if (out->id == NULL) {
		complain_field(out, "id", JSON_ABSENT, NULL);
		return EVENT_INVALID;
	}
	if (!is_event(out, root, &thin)) {
		complain(out, "object: is not \"event\"");
		return EVENT_INVALID;
	}
	return thin ? read_thin(out, root) : read_snapshot(out, root);
}

void
event_clear(struct event *event)
{
	json_free(event->doc);
	memset(event, 0, sizeof(*event));
}

int
event_version_compare(const char *a, const char *b)
{
	return strncmp(a != NULL ? a : "", b != NULL ? b : "", 10);
}
