/* One event, shown. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "events.h"
#include "json.h"
#include "show.h"
#include "table.h"
#include "tenant.h"
#include "when.h"

/* The columns of REPORT_EVENT_CHANGES. */
enum { CHANGE_TENANT_ID, CHANGE_SUBSCRIPTION_ID, CHANGE_OLD, CHANGE_NEW };

int
events_state(struct database *db, const struct value *v,
    char id[EVENT_ID_MAX + 1])
{
	const char *type = value_str(&v[EVENTS_TYPE]);
	const char *object = value_str(&v[EVENTS_OBJECT_ID]);
	const struct event_type *known = type == NULL ? NULL :
	    event_type_find(type);

	*id = '\0';
	if (known == NULL || object == NULL)
		return CLI_OK;
	if (report_state(db->store, known->kind, object, id) != STORE_OK)
		return database_fail(db);
	return CLI_OK;
}

/* Whether the metadata of an event's object name no tenant, although they have
 * the key. */
static bool
is_odd(const struct database *db, const struct value *payload)
{
	const struct json *metadata;
	struct json_doc *doc;
	struct value column;
	const char *text;
	bool odd = false;

	if (payload->type == VALUE_NULL ||
	    json_parse(&doc, payload->s, payload->len) != JSON_OK)
		return false;
	if (json_find(&metadata, json_root(doc), "data.object.metadata") ==
	    JSON_OK && json_canonical(&text, metadata, db->arena) == JSON_OK) {
		column = value_text(text);
		odd = tenant_is_odd(&column, report_tenant_key(db->store));
	}
	json_free(doc);
	return odd;
}

int
events_status(struct database *db, const struct value *payload,
    const char **out)
{
	const struct json *node;
	struct json_doc *doc;
	const char *text;
	int status = CLI_OK;

	*out = NULL;
	if (payload->type == VALUE_NULL ||
	    json_parse(&doc, payload->s, payload->len) != JSON_OK)
		return CLI_OK;
	if (json_find(&node, json_root(doc), "data.object.status") ==
	    JSON_OK && json_text(&text, node) == JSON_OK) {
		*out = arena_text(db->arena, text, strlen(text));
		if (*out == NULL)
			status = cli_fail(db->name, "out of memory");
	}
	json_free(doc);
	return status;
}

static void
put_line(const char *name, const char *text)
{
	if (text == NULL)
		return;
	printf("%-12s", name);
	table_put(stdout, text);
	printf("\n");
}

/* Which event the row of its object is read from. */
static void
put_state(const struct value *v, const char *state)
{
	if (*state == '\0')
		put_line("row", "none is read from this event");
	else if (strcmp(state, value_str(&v[EVENTS_ID])) == 0)
		put_line("row", "its object's row is read from this event");
	else {
		put_line("row", "its object's row is not read from this "
		    "event, but from");
		put_line("", state);
	}
}

static void
put_envelope(const struct value *v, const char *state)
{
	char created[WHEN_SIZE], received[WHEN_SIZE], number[SHOW_SIZE];

	put_line("event", value_str(&v[EVENTS_ID]));
	put_line("type", value_str(&v[EVENTS_TYPE]));
	put_line("object", value_str(&v[EVENTS_OBJECT_ID]));
	put_line("mode", v[EVENTS_LIVEMODE].i != 0 ? "live" : "test");
	put_line("account", value_str(&v[EVENTS_ACCOUNT]));
	put_line("api version", value_str(&v[EVENTS_API_VERSION]));
	put_line("created", when_value(created, &v[EVENTS_CREATED]));
	put_line("received", when_value(received, &v[EVENTS_RECEIVED_AT]));
	put_line("deliveries", show_number(number, &v[EVENTS_DELIVERIES]));
	put_line("outcome", value_str(&v[EVENTS_OUTCOME]));
	put_line("error", value_str(&v[EVENTS_ERROR]));
	put_state(v, state);
}

static const char *
word_of(const struct value *v)
{
	return v->type == VALUE_NULL ? "none" : value_str(v);
}

static void
put_changes(const struct database_rows *changes)
{
	size_t i;

	for (i = 0; i < changes->n; i++) {
		printf("%-12stenant ", "changed");
		table_put(stdout, word_of(&changes->v[i][CHANGE_TENANT_ID]));
		printf(": ");
		table_put(stdout, word_of(&changes->v[i][CHANGE_OLD]));
		if (value_equal(&changes->v[i][CHANGE_OLD],
		    &changes->v[i][CHANGE_NEW]))
			printf(", with another price or quantity");
		else {
			printf(" -> ");
			table_put(stdout,
			    word_of(&changes->v[i][CHANGE_NEW]));
		}
		printf("\n");
	}
	if (changes->n == 0)
		put_line("changed", "no tenant's status, price or quantity");
}

static int
put_payload(const struct value *payload)
{
	if (payload->type == VALUE_NULL) {
		put_line("payload", "pruned");
		return CLI_OK;
	}
	printf("\n");
	return show_document(stdout, payload->s, payload->len) == -1 ?
	    cli_fail("events", "out of memory") : CLI_OK;
}

static void
put_json(const struct value *v, const char *state, bool odd,
    const struct database_rows *changes)
{
	struct jsonout out;
	size_t i;

	jsonout_init(&out, stdout);
	jsonout_open(&out, NULL, '{');
	show_members(&out, REPORT_EVENT, v, EVENTS_PAYLOAD + 1);
	jsonout_bool(&out, "state", strcmp(state, value_str(&v[EVENTS_ID])) ==
	    0);
	jsonout_text(&out, "state_event", *state == '\0' ? NULL : state);
	jsonout_bool(&out, "tenant_is_no_text", odd);
	jsonout_open(&out, "changes", '[');
	for (i = 0; i < changes->n; i++) {
		jsonout_open(&out, NULL, '{');
		show_members(&out, REPORT_EVENT_CHANGES, changes->v[i], 5);
		jsonout_close(&out, '}');
	}
	jsonout_close(&out, ']');
	jsonout_close(&out, '}');
}

int
events_show(struct database *db, const char *id, bool json)
{
	struct value param = value_text(id);
	struct database_rows event, changes;
	char state[EVENT_ID_MAX + 1];
	bool odd;
	int status;

	status = database_gather(db, REPORT_EVENT, &param, &event);
	if (status == CLI_OK && event.n == 0)
		return cli_fail("events", "no event of this id is on record; "
		    "billhook events lists those that are");
	if (status == CLI_OK)
		status = database_gather(db, REPORT_EVENT_CHANGES, &param,
		    &changes);
	if (status == CLI_OK)
		status = events_state(db, event.v[0], state);
	if (status != CLI_OK)
		return status;
	odd = is_odd(db, &event.v[0][EVENTS_PAYLOAD]);
	if (json) {
		put_json(event.v[0], state, odd, &changes);
		return CLI_OK;
	}
	put_envelope(event.v[0], state);
	if (odd)
		put_line("note", "its metadata have the tenant's key, but "
		    "with no text, so they name no tenant");
	put_changes(&changes);
	return put_payload(&event.v[0][EVENTS_PAYLOAD]);
}
