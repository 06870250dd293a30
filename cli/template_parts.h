/*
 * What the files of the templates share: the parsed files, and the values that
 * templates name and the program knows: ids, which are made of a hash of the
 * tenant, and times.  For cli/template*.c alone.
 */
#ifndef TEMPLATE_PARTS_H
#define TEMPLATE_PARTS_H

#include "json_layout.h"
#include "template.h"

#define TEMPLATE_FILES_MAX 8

struct template {
	struct json_layout *files[TEMPLATE_FILES_MAX];
	const struct json_layout_node *events;
};


/* The member of an object under a name; types have dots in theirs.  NULL if
 * there is none, or no object. */
const struct json_layout_node *template_member(
    const struct json_layout_node *node, const char *name, size_t len);
const struct json_layout_node *template_get(
    const struct json_layout_node *node, const char *name);

/* The node of a step: in a lifecycle one of its steps, else the type's. */
const struct json_layout_node *template_step(const struct template_plot *plot,
    size_t step);

struct template_value {
	const struct template_story *story;
	const char *type;
	size_t	step;
	int64_t	cycle;		/* months since the subscription began */
};

void template_value_init(struct template_value *values,
    const struct template_story *story, const char *type, size_t step);

/* Puts the value of a name as JSON.  False if there is none. */
bool template_value_put(const struct template_value *values,
    struct bytes *out, const char *name, size_t len);

/* The event's id. */
void template_value_id(const struct template_value *values,
    char id[TEMPLATE_ID_SIZE]);

#endif
