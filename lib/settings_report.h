/*
 * What the files of settings share: refusals, and texts that may be secret.
 * For lib/settings*.c alone.
 *
 * A refusal is a sentence "PLACE: SUBJECT what is wrong; what to do".  It
 * never shows what stands in the file or in the environment: a secret in the
 * wrong place is still a secret.
 */
#ifndef SETTINGS_REPORT_H
#define SETTINGS_REPORT_H

#include <stddef.h>

#include "settings.h"

/* The settings in work, and where a refusal of them is written. */
struct settings_report {
	struct settings *settings;
	char *text;
	size_t size;
};

/* Refuses the value of a setting; the place is where it came from.  Always
 * -1. */
int settings_refuse(const struct settings_report *report,
    enum setting setting, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Refuses a line of the file, from 1, or what subject it has.  Always -1. */
int settings_refuse_line(const struct settings_report *report, int line,
    const char *subject, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Says that there is no memory, and marks the settings starved.  Always -1. */
int settings_refuse_memory(const struct settings_report *report);

/* Wipes and frees a text, which may be NULL, and makes it NULL. */
void settings_wipe(char **text);

/* Wipes and frees the secrets that settings_finish() read. */
void settings_drop_secrets(struct settings *settings);

#endif
