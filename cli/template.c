/* The templates, and what is in them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "json_layout.h"
#include "options.h"
#include "template.h"
#include "template_parts.h"

#define DEFAULT_EVENTS "events"
#define NEAR 5			/* letters apart are too many */

struct template *
template_new(void)
{
	struct template *template = calloc(1, sizeof(*template));
	const struct template_file *file;
	size_t i;

	for (i = 0; template != NULL && i < TEMPLATE_FILES_MAX &&
	    template_files[i].name != NULL; i++) {
		file = &template_files[i];
		template->files[i] = json_layout_new(file->text,
		    strlen(file->text));
		if (template->files[i] == NULL) {
			template_free(template);
			return NULL;
		}
		if (strcmp(file->name, DEFAULT_EVENTS) == 0)
			template->events = json_layout_root(
			    template->files[i]);
	}
	return template;
}

void
template_free(struct template *template)
{
	size_t i;

	if (template == NULL)
		return;
	for (i = 0; i < TEMPLATE_FILES_MAX; i++)
		json_layout_free(template->files[i]);
	free(template);
}

const struct json_layout_node *
template_member(const struct json_layout_node *node, const char *name,
    size_t len)
{
	if (node == NULL)
		return NULL;
	for (node = node->first; node != NULL; node = node->next)
		if (node->key_len == len && memcmp(node->key, name, len) == 0)
			return node;
	return NULL;
}

const struct json_layout_node *
template_get(const struct json_layout_node *node, const char *name)
{
	return template_member(node, name, strlen(name));
}

/* A plot is the node of a lifecycle, or that of a type. */
static const struct json_layout_node *
node_of(const struct template_plot *plot)
{
	return (const struct json_layout_node *)(const void *)plot;
}

const struct template_plot *
template_find(const struct template *template, const char *name)
{
	const struct json_layout_node *events = template->events, *node;

	node = template_get(template_get(events, "lifecycles"), name);
	if (node == NULL)
		node = template_get(template_get(events, "types"), name);
	return (const struct template_plot *)(const void *)node;
}

size_t
template_steps(const struct template_plot *plot)
{
	const struct json_layout_node *steps;

	steps = template_get(node_of(plot), "steps");
	return steps == NULL ? 1 : steps->n;
}

const struct json_layout_node *
template_step(const struct template_plot *plot, size_t step)
{
	const struct json_layout_node *node;

	node = template_get(node_of(plot), "steps");
	if (node == NULL)
		return node_of(plot);
	for (node = node->first; node != NULL && step > 0; step--)
		node = node->next;
	return node;
}

const char *
template_step_type(const struct template_plot *plot, size_t step, char *type,
    size_t size)
{
	const struct json_layout_node *node = template_step(plot, step), *name;

	name = template_get(node, "type");
	if (name == NULL)
		(void)snprintf(type, size, "%.*s", (int)node->key_len,
		    node->key);
	else
		(void)snprintf(type, size, "%.*s", (int)name->len - 2,
		    name->text + 1);
	return type;
}

void
template_list(const struct template *template)
{
	const struct json_layout_node *node, *types;
	const struct event_type *type;
	size_t i;

	printf("lifecycles:\n");
	node = template_get(template->events, "lifecycles");
	for (node = node->first; node != NULL; node = node->next)
		printf("  %-18.*s %.*s\n", (int)node->key_len, node->key,
		    (int)template_get(node, "about")->len - 2,
		    template_get(node, "about")->text + 1);
	printf("\ntypes:\n");
	types = template_get(template->events, "types");
	for (type = event_types(); type->name != NULL; type++)
		if (template_get(types, type->name) != NULL)
			printf("  %s\n", type->name);
	printf("\nAPI versions:\n");
	for (i = 0; template_files[i].name != NULL; i++)
		if (strcmp(template_files[i].name, DEFAULT_EVENTS) != 0)
			printf("  %s\n", template_files[i].name);
}

void
template_list_json(const struct template *template, struct jsonout *out)
{
	const struct json_layout_node *node, *types;
	const struct event_type *type;
	char name[64], about[128];
	size_t i;

	jsonout_open(out, NULL, '{');
	jsonout_open(out, "lifecycles", '[');
	node = template_get(template->events, "lifecycles");
	for (node = node->first; node != NULL; node = node->next) {
		(void)snprintf(name, sizeof(name), "%.*s", (int)node->key_len,
		    node->key);
		(void)snprintf(about, sizeof(about), "%.*s",
		    (int)template_get(node, "about")->len - 2,
		    template_get(node, "about")->text + 1);
		jsonout_open(out, NULL, '{');
		jsonout_text(out, "name", name);
		jsonout_text(out, "about", about);
		jsonout_close(out, '}');
	}
	jsonout_close(out, ']');
	jsonout_open(out, "types", '[');
	types = template_get(template->events, "types");
	for (type = event_types(); type->name != NULL; type++)
		if (template_get(types, type->name) != NULL)
			jsonout_text(out, NULL, type->name);
	jsonout_close(out, ']');
	jsonout_open(out, "api_versions", '[');
	for (i = 0; template_files[i].name != NULL; i++)
		if (strcmp(template_files[i].name, DEFAULT_EVENTS) != 0)
			jsonout_text(out, NULL, template_files[i].name);
	jsonout_close(out, ']');
	jsonout_close(out, '}');
}

const char *
template_near(const struct template *template, const char *name, char *near,
    size_t size)
{
	static const char *const groups[] = { "lifecycles", "types" };
	const struct json_layout_node *node;
	unsigned int distance, least = NEAR;
	char each[128];
	size_t i;

	*near = '\0';
	for (i = 0; i < 2; i++) {
		node = template_get(template->events, groups[i]);
		for (node = node->first; node != NULL; node = node->next) {
			(void)snprintf(each, sizeof(each), "%.*s",
			    (int)node->key_len, node->key);
			distance = options_distance(name, each);
			if (distance >= least)
				continue;
			least = distance;
			(void)snprintf(near, size, "%s", each);
		}
	}
	return *near == '\0' ? NULL : near;
}
