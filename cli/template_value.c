/* Ids and times for templates. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmac.h"
#include "json_layout.h"
#include "template_parts.h"

#define MONTH 2592000		/* seconds: thirty days */
#define KEY "billhook trigger"
#define ID_LEN_MAX 56

/* Ids: the name in templates, the prefix, how long the rest is, and what of
 * the story it depends on. */
enum { OF_TENANT = 1, OF_CYCLE = 2, OF_EVENT = 4 };
static const struct id {
	const char *name;
	const char *prefix;
	size_t len;
	int of;
} ids[] = {
	{ "customer", "cus_", 14, OF_TENANT },
	{ "subscription", "sub_1", 23, OF_TENANT },
	{ "item", "si_", 14, OF_TENANT },
	{ "session", "cs_@mode@_a1", 56, OF_TENANT },
	{ "invoice", "in_1", 23, OF_TENANT | OF_CYCLE },
	{ "line", "il_1", 23, OF_TENANT | OF_CYCLE },
	{ "ent_site", "ent_1", 23, OF_TENANT },
	{ "ent_mail", "ent_1", 23, OF_TENANT },
	{ "prefix", "", 8, OF_TENANT },
	{ "product", "prod_", 14, 0 },
	{ "price", "price_1", 23, 0 },
	{ "feat_site", "feat_1", 23, 0 },
	{ "feat_mail", "feat_1", 23, 0 },
	{ "event", "evt_1", 23, OF_TENANT | OF_CYCLE | OF_EVENT },
};

void
template_value_init(struct template_value *values,
    const struct template_story *story, const char *type, size_t step)
{
	*values = (struct template_value){ story, type, step,
	    story->cycle < 0 ? 0 : story->cycle };
}

/* len letters and digits that are made of a text. */
static void
hash(char *out, size_t len, const char *text)
{
	static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz";
	unsigned char digest[HMAC_LEN] = { 0 };
	struct hmac_part parts[2] = { { text, strlen(text) }, { NULL, 1 } };
	struct hmac *key = hmac_new(KEY, strlen(KEY));
	unsigned char round;
	size_t i;

	for (i = 0; i < len; i++) {
		if (i % HMAC_LEN == 0 && key != NULL) {
			round = (unsigned char)(i / HMAC_LEN);
			parts[1].bytes = &round;
			(void)hmac_digest(key, digest, parts, 2);
		}
		out[i] = letters[digest[i % HMAC_LEN] % 62];
	}
	out[len] = '\0';
	hmac_free(key);
}

/* The id of a name for one of the months. */
static void
make_id(const struct template_value *values, const struct id *id,
    int64_t cycle, char out[96])
{
	const struct template_story *story = values->story;
	struct bytes text;
	char part[160], rest[ID_LEN_MAX + 1];
	const char *mode = story->livemode ? "live" : "test";

	bytes_init(&text, 65536);
	(void)snprintf(part, sizeof(part), "%s %s ", id->name, mode);
	bytes_put_text(&text, part);
	if ((id->of & OF_CYCLE) != 0) {
		(void)snprintf(part, sizeof(part), "%" PRId64 " ", cycle);
		bytes_put_text(&text, part);
	}
	if ((id->of & OF_EVENT) != 0) {
		(void)snprintf(part, sizeof(part), "%s %zu %" PRId64 " %"
		    PRIu64 " ", values->type, values->step, story->now,
		    story->salt);
		bytes_put_text(&text, part);
	}
	if ((id->of & OF_TENANT) != 0)
		bytes_put_text(&text, story->tenant);
	hash(rest, id->len, text.failed ? "" : text.data);
	bytes_free(&text);
	if (strchr(id->prefix, '@') != NULL)
		(void)snprintf(out, 96, "cs_%s_a1%s", mode, rest);
	else
		(void)snprintf(out, 96, "%s%s", id->prefix, rest);
}

void
template_value_id(const struct template_value *values,
    char id[TEMPLATE_ID_SIZE])
{
	size_t last = sizeof(ids) / sizeof(ids[0]) - 1;
	char text[96];

	make_id(values, &ids[last], values->cycle, text);
	(void)snprintf(id, TEMPLATE_ID_SIZE, "%.60s", text);
}

static bool
is_name(const char *name, size_t len, const char *with)
{
	return len == strlen(with) && memcmp(name, with, len) == 0;
}

static void
put_int(struct bytes *out, int64_t value)
{
	char digits[24];

	(void)snprintf(digits, sizeof(digits), "%" PRId64, value);
	bytes_put_text(out, digits);
}

/* Times, with seconds added or taken. */
static bool
put_time(const struct template_value *values, struct bytes *out,
    const char *name, size_t len)
{
	const struct template_story *story = values->story;
	int64_t start = story->since + values->cycle * MONTH;
	const struct { const char *name; int64_t value; } times[] = {
		{ "now", story->now }, { "since", story->since },
		{ "period_start", start }, { "period_end", start + MONTH },
		{ "prev_period_start", values->cycle == 0 ? start :
		    start - MONTH },
		{ "prev_period_end", start },
	};
	size_t i, bare = 0;

	while (bare < len && name[bare] != '+' && name[bare] != '-')
		bare++;
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (is_name(name, bare, times[i].name)) {
			put_int(out, times[i].value + (bare == len ? 0 :
			    strtoll(name + bare, NULL, 10)));
			return true;
		}
	return false;
}

static void
put_quoted(struct bytes *out, const char *text)
{
	json_layout_quote(out, text, strlen(text), false);
}

bool
template_value_put(const struct template_value *values, struct bytes *out,
    const char *name, size_t len)
{
	const struct template_story *story = values->story;
	const struct id *id;
	char text[96];
	size_t i;

	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		id = &ids[i];
		if (!is_name(name, len, id->name))
			continue;
		make_id(values, id, values->cycle, text);
		put_quoted(out, text);
		return true;
	}
	if (is_name(name, len, "prev_invoice")) {
		for (id = ids; strcmp(id->name, "invoice") != 0; id++)
			;
		make_id(values, id, values->cycle - 1, text);
		put_quoted(out, text);
	} else if (is_name(name, len, "number_text")) {
		hash(text, 8, story->tenant);
		(void)snprintf(text + 8, sizeof(text) - 8, "-%04d",
		    (int)(values->cycle % 10000) + 1);
		put_quoted(out, text);
	} else if (is_name(name, len, "tenant"))
		put_quoted(out, story->tenant);
	else if (is_name(name, len, "tenant_key"))
		put_quoted(out, story->tenant_key);
	else if (is_name(name, len, "api_version"))
		put_quoted(out, story->api_version);
	else if (is_name(name, len, "type"))
		put_quoted(out, values->type);
	else if (is_name(name, len, "livemode"))
		bytes_put_text(out, story->livemode ? "true" : "false");
	else
		return put_time(values, out, name, len);
	return true;
}
