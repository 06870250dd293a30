/* Times and spans. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "options.h"
#include "when.h"

#define SPAN_MAX ((int64_t)1 << 40)

const char *
when_text(char text[WHEN_SIZE], int64_t t)
{
	time_t seconds = (time_t)t;
	struct tm tm;
	size_t len;

	if (localtime_r(&seconds, &tm) == NULL || (len = strftime(text,
	    WHEN_SIZE - 1, "%Y-%m-%dT%H:%M:%S%z", &tm)) < 5) {
		(void)snprintf(text, WHEN_SIZE, "%" PRId64, t);
		return text;
	}
	/* The colon that %z leaves out. */
	memmove(text + len - 1, text + len - 2, 3);
	text[len - 2] = ':';
	return text;
}

const char *
when_value(char text[WHEN_SIZE], const struct value *v)
{
	return v->type != VALUE_INT ? NULL : when_text(text, v->i);
}

const char *
when_long(char text[WHEN_SIZE], int64_t seconds)
{
	if (seconds >= 86400)
		(void)snprintf(text, WHEN_SIZE, "%" PRId64 " d %" PRId64 " h",
		    seconds / 86400, seconds % 86400 / 3600);
	else if (seconds >= 3600)
		(void)snprintf(text, WHEN_SIZE, "%" PRId64 " h %" PRId64
		    " min", seconds / 3600, seconds % 3600 / 60);
	else if (seconds >= 60)
		(void)snprintf(text, WHEN_SIZE, "%" PRId64 " min %" PRId64
		    " s", seconds / 60, seconds % 60);
	else
		(void)snprintf(text, WHEN_SIZE, "%" PRId64 " s", seconds);
	return text;
}

bool
when_span(const char *text, int64_t *out)
{
	static const char units[] = "smhdwy";
	static const int64_t seconds[] = { 1, 60, 3600, 86400, 604800,
	    31536000 };
	size_t len = strlen(text);
	const char *unit;
	char number[24];

	if (len == 0 || len >= sizeof(number))
		return false;
	memcpy(number, text, len + 1);
	unit = strchr(units, number[len - 1]);
	if (unit != NULL)
		number[len - 1] = '\0';
	if (!options_number(number, 0, SPAN_MAX, out))
		return false;
	*out *= unit == NULL ? 1 : seconds[unit - units];
	return *out <= SPAN_MAX;
}

bool
when_read(const char *text, int64_t now, int64_t *out)
{
	if (options_time(text, now, out))
		return true;
	if (!when_span(text, out))
		return false;
	*out = now - *out;
	return true;
}
