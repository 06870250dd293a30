/*
 * Events made from templates: data files in cli/templates, compiled in.  One
 * for each API shape has the objects, events.json the types, what each says
 * of its object, and lifecycles.
 *
 * In a template a text "@NAME@" stands for a value, "@NAME+SECONDS@" for a
 * time, "@:NAME@" for another object of the file.
 */
#ifndef TEMPLATE_H
#define TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes.h"
#include "jsonout.h"

/* The compiled files; ends with a NULL name. */
struct template_file { const char *name; const char *text; };
extern const struct template_file template_files[];

/* All templates, parsed. */
struct template;
struct template *template_new(void);
void template_free(struct template *template);

/* What the events are about.  One tenant always has the same ids. */
struct template_story {
	const char *api_version;	/* of one of the files */
	const char *tenant;
	const char *tenant_key;
	bool	    livemode;
	int64_t	    now;		/* created of the events */
	int64_t	    since;		/* when the subscription began */
	int64_t	    cycle;		/* months since; -1: the step's own */
	uint64_t    salt;		/* makes the ids of events differ */
};

/* A type, or a lifecycle with its steps. */
struct template_plot;

/* The plot of a name: a lifecycle, or a type alone.  NULL if there is none. */
const struct template_plot *template_find(const struct template *template,
    const char *name);
size_t template_steps(const struct template_plot *plot);

/* The type of the event of a step, into type, which is returned. */
const char *template_step_type(const struct template_plot *plot, size_t step,
    char *type, size_t size);

/*
 * Makes the event of a step, as Stripe prints it, with n changes of the form
 * PATH=VALUE, where VALUE is JSON or else a text.  out is initialised, and
 * freed by the caller.  id gets the event's id.  0, or -1 with a sentence in
 * error.
 */
#define TEMPLATE_ID_SIZE 64
#define TEMPLATE_ERROR_SIZE 256
struct template_want {
	const struct template_plot *plot;
	size_t step;
	const struct template_story *story;
	const char *const *changes;
	size_t nchanges;
};
int template_make(const struct template *template,
    const struct template_want *want, struct bytes *out,
    char id[TEMPLATE_ID_SIZE], char error[TEMPLATE_ERROR_SIZE]);

/* The name of a lifecycle or type that is much like one that is none; NULL if
 * there is none such. */
const char *template_near(const struct template *template, const char *name,
    char *near, size_t size);

/* Prints the lifecycles, the types and the API versions. */
void template_list(const struct template *template);
void template_list_json(const struct template *template,
    struct jsonout *out);

#endif
