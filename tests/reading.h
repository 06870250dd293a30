/*
 * What the tests of settings share: a file and an environment, read.
 */
#ifndef READING_H
#define READING_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "settings.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))
#define DATABASE "/var/lib/billhook/billhook.db"

static char error[512];

/* The environment of the test: names and values in turn. */
static const char *const *environment;

static inline char *
get(const char *name)
{
	static char value[1024];
	size_t i;

	for (i = 0; environment != NULL && environment[i] != NULL; i += 2)
		if (strcmp(environment[i], name) == 0) {
			snprintf(value, sizeof(value), "%s",
			    environment[i + 1]);
			return value;
		}
	return NULL;
}

/* Settings of a file and of the environment, or NULL with error. */
static inline struct settings *
settings_of(const char *file, size_t len)
{
	struct settings *settings = settings_new();

	if (settings == NULL)
		abort();
	memset(error, 0, sizeof(error));
	if (settings_take_file(settings, file, len, error,
	    sizeof(error)) == 0 &&
	    settings_take_environment(settings, get, error,
	    sizeof(error)) == 0 &&
	    settings_finish(settings, DATABASE, error, sizeof(error)) == 0)
		return settings;
	settings_free(settings);
	return NULL;
}

static inline struct settings *
settings_of_text(const char *file)
{
	return settings_of(file, strlen(file));
}

#endif
