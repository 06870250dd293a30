/* Events made from templates. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_layout.h"
#include "template.h"
#include "template_parts.h"

#define EVENT_MAX ((size_t)1 << 22)
#define DEPTH_MAX 32		/* of templates in templates */

/* An event in the making. */
struct making {
	const struct json_layout_node *shape;	/* the objects */
	const struct json_layout_node *vars[4];	/* nearest first; NULL: none */
	struct template_value *values;
	struct bytes *out;
	int depth;
	char *error;
};

static void expand(struct making *making, const struct json_layout_node *node);

/* Puts the value of a name: an object of the shape, a variable, or one that
 * the program knows.  False if there is none. */
static bool
put_name(struct making *making, const char *name, size_t len)
{
	const struct json_layout_node *node = NULL;
	size_t i;

	if (*name == ':') {
		node = template_member(making->shape, name + 1, len - 1);
	} else {
		for (i = 0; i < 4 && node == NULL; i++)
			node = template_member(making->vars[i], name, len);
	}
	if (node != NULL) {
		expand(making, node);
		return true;
	}
	return template_value_put(making->values, making->out, name, len);
}

/* The end of a placeholder that begins at text, or NULL. */
static const char *
placeholder_end(const char *text, const char *end)
{
	const char *at = text + 1;

	if (*text != '@')
		return NULL;
	while (at < end && (islower((unsigned char)*at) ||
	    isdigit((unsigned char)*at) || strchr("_:+-", *at) != NULL))
		at++;
	return at < end && *at == '@' && at > text + 1 ? at : NULL;
}

/* A text with placeholders in it; those of texts lose their quotes. */
static void
expand_text(struct making *making, const char *text, size_t len)
{
	const char *at, *end = text + len, *stop;
	struct bytes *out = making->out, value;

	bytes_put_char(out, '"');
	for (at = text; at < end; at++) {
		stop = placeholder_end(at, end);
		if (stop == NULL) {
			bytes_put_char(out, *at);
			continue;
		}
		bytes_init(&value, EVENT_MAX);
		making->out = &value;
		if (!put_name(making, at + 1, (size_t)(stop - at) - 1))
			(void)snprintf(making->error, TEMPLATE_ERROR_SIZE,
			    "the template names %.*s, which is nothing",
			    (int)(stop - at) + 1, at);
		making->out = out;
		if (value.len > 1 && value.data[0] == '"')
			bytes_put(out, value.data + 1, value.len - 2);
		else
			bytes_put(out, value.data, value.len);
		bytes_free(&value);
		at = stop;
	}
	bytes_put_char(out, '"');
}

/* Writes a template with its placeholders filled in. */
static void
expand(struct making *making, const struct json_layout_node *node)
{
	const struct json_layout_node *child;
	const char *end;

	if (++making->depth > DEPTH_MAX) {
		making->out->failed = true;
	} else if (node->type == '"') {
		end = node->text + node->len - 1;
		if (placeholder_end(node->text + 1, end) != end - 1 ||
		    node->len < 4)
			expand_text(making, node->text + 1, node->len - 2);
		else if (!put_name(making, node->text + 2, node->len - 4))
			expand_text(making, node->text + 1, node->len - 2);
	} else if (node->type == 'v') {
		bytes_put(making->out, node->text, node->len);
	} else {
		bytes_put_char(making->out, node->type);
		for (child = node->first; child != NULL; child = child->next) {
			if (child != node->first)
				bytes_put_char(making->out, ',');
			if (child->key != NULL) {
				expand_text(making, child->key,
				    child->key_len);
				bytes_put_char(making->out, ':');
			}
			expand(making, child);
		}
		bytes_put_char(making->out, node->type == '{' ? '}' : ']');
	}
	making->depth--;
}

/* Puts one change PATH=VALUE into the event. */
static int
change(struct json_layout *event, const char *change, char *error)
{
	const char *equals = strchr(change, '=');
	struct bytes quoted;
	char path[256];
	int status;

	if (equals == NULL || equals == change ||
	    (size_t)(equals - change) >= sizeof(path)) {
		(void)snprintf(error, TEMPLATE_ERROR_SIZE, "--set wants "
		    "PATH=VALUE, as data.object.status=past_due");
		return -1;
	}
	memcpy(path, change, (size_t)(equals - change));
	path[equals - change] = '\0';

	/* What is no JSON is a text. */
	if (json_layout_set(event, path, equals + 1, strlen(equals + 1)) == 0)
		return 0;
	bytes_init(&quoted, EVENT_MAX);
	json_layout_quote(&quoted, equals + 1, strlen(equals + 1), false);
	status = quoted.failed ? -1 :
	    json_layout_set(event, path, quoted.data, quoted.len);
	bytes_free(&quoted);
	if (status == -1)
		(void)snprintf(error, TEMPLATE_ERROR_SIZE, "--set: the event "
		    "has no place %.160s; billhook trigger --print shows it",
		    path);
	return status;
}

/* Reads the expanded text as JSON, changes it, and prints it as Stripe. */
static int
finish(const struct template_want *want, const struct bytes *text,
    struct bytes *out, char *error)
{
	struct json_layout *event = text->failed ? NULL :
	    json_layout_new(text->data, text->len);
	int status = 0;
	size_t i;

	if (event == NULL) {
		(void)snprintf(error, TEMPLATE_ERROR_SIZE,
		    "the event is no JSON; is the tenant's name UTF-8?");
		return -1;
	}
	for (i = 0; i < want->nchanges && status == 0; i++)
		status = change(event, want->changes[i], error);
	if (status == 0)
		json_layout_write(out, json_layout_root(event),
		    &json_layout_stripe);
	json_layout_free(event);
	if (status == 0 && out->failed) {
		(void)snprintf(error, TEMPLATE_ERROR_SIZE, "out of memory");
		return -1;
	}
	return status;
}

/* A node that another names by a text: states[step.state]. */
static const struct json_layout_node *
referred(const struct json_layout_node *in, const struct json_layout_node *by)
{
	return by == NULL ? NULL :
	    template_member(in, by->text + 1, by->len - 2);
}

static const struct json_layout_node *
shape_of(const struct template *template, const char *api_version)
{
	size_t i;

	for (i = 0; template_files[i].name != NULL; i++)
		if (strcmp(template_files[i].name, api_version) == 0)
			return json_layout_root(template->files[i]);
	return NULL;
}

/* Writes the event: its envelope, with the object and what it was before. */
static void
expand_event(struct making *making, const struct json_layout_node *type,
    const struct json_layout_node *step)
{
	const struct json_layout_node *previous, *data, *object, *child;

	previous = template_get(step, "previous");
	if (previous == NULL)
		previous = template_get(type, "previous");
	previous = referred(template_get(making->shape, "previous"),
	    previous);
	object = referred(making->shape, template_get(type, "object"));

	data = template_get(making->shape, "event");
	bytes_put_char(making->out, '{');
	for (child = data->first; child != NULL; child = child->next) {
		expand_text(making, child->key, child->key_len);
		bytes_put_char(making->out, ':');
		if (child->key_len == 4 && memcmp(child->key, "data", 4) == 0) {
			bytes_put_text(making->out, "{\"object\":");
			expand(making, object);
			if (previous != NULL) {
				bytes_put_text(making->out,
				    ",\"previous_attributes\":");
				expand(making, previous);
			}
			bytes_put_char(making->out, '}');
		} else
			expand(making, child);
		bytes_put_text(making->out, child->next == NULL ? "}" : ",");
	}
}

int
template_make(const struct template *template,
    const struct template_want *want, struct bytes *out,
    char id[TEMPLATE_ID_SIZE], char error[TEMPLATE_ERROR_SIZE])
{
	const struct json_layout_node *types, *states, *type, *state, *step;
	struct making making = { .error = error };
	struct template_value values;
	struct bytes text;
	char name[128];
	int status;

	*error = '\0';
	step = template_step(want->plot, want->step);
	making.shape = shape_of(template, want->story->api_version);
	if (making.shape == NULL) {
		(void)snprintf(error, TEMPLATE_ERROR_SIZE, "there are no "
		    "events of API version %.40s; billhook trigger --list has "
		    "the versions", want->story->api_version);
		return -1;
	}
	types = template_get(template->events, "types");
	states = template_get(template->events, "states");
	(void)template_step_type(want->plot, want->step, name, sizeof(name));
	type = template_get(types, name);

	/* The step's own words go before its state's, and those before the
	 * type's. */
	state = template_get(step, "state");
	making.vars[0] = template_get(step, "vars");
	making.vars[1] = referred(states, state);
	making.vars[2] = type == step ? NULL : template_get(type, "vars");
	making.vars[3] = template_get(template->events, "defaults");
	if (state == NULL && type != step)
		making.vars[1] = referred(states, template_get(type, "state"));

	bytes_init(&text, EVENT_MAX);
	making.out = &text;
	making.values = &values;
	template_value_init(&values, want->story, name, want->step);
	if (want->story->cycle < 0) {
		(void)put_name(&making, "cycle", 5);
		values.cycle = text.data == NULL ? 0 : atoll(text.data);
		bytes_clear(&text);
	}
	expand_event(&making, type, step);
	template_value_id(&values, id);
	status = *error == '\0' ? finish(want, &text, out, error) : -1;
	bytes_free(&text);
	return status;
}
