/*
 * Refusals of settings, and the wiping of their texts.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmac.h"
#include "settings_report.h"

/* Writes a refusal; line 0 is the environment. */
static void __attribute__((format(printf, 4, 0)))
write_refusal(const struct settings_report *report, int line,
    const char *subject, const char *format, va_list values)
{
	const char *file = line == 0 ? NULL : report->settings->file;
	char place[32] = "environment", what[256];

	if (line != 0)
		snprintf(place, sizeof(place), "line %d", line);
	vsnprintf(what, sizeof(what), format, values);
	snprintf(report->text, report->size, "%s%s%s: %s %s",
	    file == NULL ? "" : file, file == NULL ? "" : ", ", place, subject,
	    what);
}

int
settings_refuse(const struct settings_report *report, enum setting setting,
    const char *format, ...)
{
	const struct settings *settings = report->settings;
	va_list values;

	va_start(values, format);
	write_refusal(report, settings->source[setting] == SOURCE_FILE ?
	    settings->line[setting] : 0, setting_name(setting), format, values);
	va_end(values);
	return -1;
}

int
settings_refuse_line(const struct settings_report *report, int line,
    const char *subject, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	write_refusal(report, line, subject, format, values);
	va_end(values);
	return -1;
}

int
settings_refuse_memory(const struct settings_report *report)
{
	report->settings->starved = true;
	snprintf(report->text, report->size,
	    "out of memory while the settings were read; try again");
	return -1;
}

void
settings_wipe(char **text)
{
	if (*text != NULL)
		hmac_wipe(*text, strlen(*text));
	free(*text);
	*text = NULL;
}

void
settings_drop_secrets(struct settings *settings)
{
	while (settings->nsecrets > 0)
		settings_wipe(&settings->secrets[--settings->nsecrets]);
}
