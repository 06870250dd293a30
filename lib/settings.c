/*
 * Settings: taken as text from the lines of a file and from the environment.
 */
#include <stdlib.h>
#include <string.h>

#include "settings.h"
#include "settings_report.h"

/* The longest name that is compared with ours, and how many letters it may
 * differ in to be taken for one of them. */
#define NAME_LEN_MAX 40
#define NEAR 3

/* A line of the file, without its end; or what of it is still to be read. */
struct line {
	int number;
	const char *start;
	const char *end;
};

static const char *const names[SETTING__MAX] = {
	[SETTING_SECRET] = "STRIPE_WEBHOOK_SECRET",
	[SETTING_DATABASE] = "BILLHOOK_DATABASE",
	[SETTING_TOLERANCE] = "BILLHOOK_TOLERANCE",
	[SETTING_MAX_BODY] = "BILLHOOK_MAX_BODY",
	[SETTING_TENANT_KEY] = "BILLHOOK_TENANT_KEY",
	[SETTING_LIVEMODE] = "BILLHOOK_LIVEMODE",
	[SETTING_ACCOUNT] = "BILLHOOK_ACCOUNT",
	[SETTING_GROUP] = "BILLHOOK_GROUP",
	[SETTING_JOURNAL] = "BILLHOOK_JOURNAL",
	[SETTING_PATIENCE] = "BILLHOOK_PATIENCE",
	[SETTING_KEEP_REJECTED] = "BILLHOOK_KEEP_REJECTED",
	[SETTING_LOG] = "BILLHOOK_LOG",
};

const char *
setting_name(enum setting setting)
{
	return names[setting];
}

struct settings *
settings_new(void)
{
	return calloc(1, sizeof(struct settings));
}

void
settings_free(struct settings *settings)
{
	int i;

	if (settings == NULL)
		return;
	for (i = 0; i < SETTING__MAX; i++)
		settings_wipe(&settings->text[i]);
	settings_drop_secrets(settings);
	free(settings);
}

static char
upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* How many letters must be put in, taken out or changed to make name, of at
 * most NAME_LEN_MAX bytes in any case, into ours (Levenshtein). */
static size_t
distance(const char *name, size_t len, const char *ours)
{
	size_t row[NAME_LEN_MAX + 1], i, diagonal, above, least;

	for (i = 0; i <= len; i++)
		row[i] = i;
	for (; *ours != '\0'; ours++) {
		diagonal = row[0]++;
		for (i = 1; i <= len; i++) {
			above = row[i];
			least = diagonal + (upper(name[i - 1]) != *ours);
			if (above + 1 < least)
				least = above + 1;
			if (row[i - 1] + 1 < least)
				least = row[i - 1] + 1;
			diagonal = above;
			row[i] = least;
		}
	}
	return row[len];
}

/* True if a name of len bytes is exactly this one of ours. */
static bool
is_name(const char *name, size_t len, const char *ours)
{
	return strlen(ours) == len && memcmp(name, ours, len) == 0;
}

/* Refuses a name that is no setting.  The one of ours that is near is shown;
 * what stands in the file is not, since it could be anything. */
static int
refuse_name(const struct settings_report *report, int line, const char *name,
    size_t len)
{
	size_t best = NEAR + 1, far;
	int i, nearest = SETTING__MAX;

	if (len > 7 && memcmp(name, "export", 6) == 0 &&
	    (name[6] == ' ' || name[6] == '\t'))
		return settings_refuse_line(report, line, "the name", "has "
		    "export before it; take that away: this file is no "
		    "script, and a line of it is NAME=value");
	if (is_name(name, len, "BILLHOOK_CONFIG"))
		return settings_refuse_line(report, line, "BILLHOOK_CONFIG",
		    "counts in the environment only; take the line away");

	for (i = 0; i < SETTING__MAX && len <= NAME_LEN_MAX; i++)
		if ((far = distance(name, len, names[i])) < best) {
			best = far;
			nearest = i;
		}
	if (nearest < SETTING__MAX)
		return settings_refuse_line(report, line, "the name",
		    "before '=' is no setting; did you mean %s?",
		    names[nearest]);
	return settings_refuse_line(report, line, "the name", "before '=' is "
	    "no setting of billhook; take the line away, or put # before it");
}

/* Takes the blanks and tabs off both ends. */
static void
trim(const char **start, const char **end)
{
	while (*start < *end && (**start == ' ' || **start == '\t'))
		++*start;
	while (*end > *start && ((*end)[-1] == ' ' || (*end)[-1] == '\t'))
		--*end;
}

/* Takes a value, which is not empty, in the place of an earlier one; refuses
 * what no value may have, whatever its setting.  line 0 is the environment. */
static int
set_text(const struct settings_report *report, enum setting setting,
    const struct line *value)
{
	struct settings *settings = report->settings;
	size_t len = (size_t)(value->end - value->start), i;
	char *text;

	if ((text = malloc(len + 1)) == NULL)
		return settings_refuse_memory(report);
	memcpy(text, value->start, len);
	text[len] = '\0';
	settings_wipe(&settings->text[setting]);
	settings->text[setting] = text;
	settings->source[setting] = value->number == 0 ?
	    SOURCE_ENVIRONMENT : SOURCE_FILE;
	settings->line[setting] = value->number;

	if (*text == '"' || *text == '\'' ||
	    text[len - 1] == '"' || text[len - 1] == '\'')
		return settings_refuse(report, setting, "has a value in "
		    "quotes; take them away, blanks need none");
	for (i = 0; i < len; i++)
		if (((unsigned char)text[i] < ' ' && text[i] != '\t') ||
		    text[i] == '\177')
			return settings_refuse(report, setting, "has a "
			    "control character; write the value again by "
			    "hand");
	return 0;
}

/* Takes the value of a line of the file. */
static int
take_value(const struct settings_report *report, enum setting setting,
    const struct line *value)
{
	const struct settings *settings = report->settings;
	const char *name = names[setting], *c;

	if (settings->text[setting] != NULL)
		return settings_refuse_line(report, value->number, name,
		    "is set in line %d already; keep one of the two%s",
		    settings->line[setting], setting == SETTING_SECRET ?
		    " (several secrets go into one line, apart by commas)" :
		    "");
	if (value->start == value->end)
		return settings_refuse_line(report, value->number, name,
		    "has no value; give it one, or take the line away");
	for (c = value->start; c < value->end; c++)
		if (*c == '#' && (c == value->start || c[-1] == ' ' ||
		    c[-1] == '\t'))
			return settings_refuse_line(report, value->number,
			    name, "has a comment behind '='; put the comment "
			    "on a line of its own");
	return set_text(report, setting, value);
}

/* Takes a line of the file. */
static int
take_line(const struct settings_report *report, struct line *line)
{
	const char *equals, *name, *name_end;
	int i;

	trim(&line->start, &line->end);
	if (line->start == line->end || *line->start == '#')
		return 0;
	equals = memchr(line->start, '=', (size_t)(line->end - line->start));
	if (equals == NULL)
		return settings_refuse_line(report, line->number, "the line",
		    "has no '='; write NAME=value, or # before a comment");

	name = line->start;
	name_end = equals;
	trim(&name, &name_end);
	line->start = equals + 1;
	trim(&line->start, &line->end);

	for (i = 0; i < SETTING__MAX; i++)
		if (is_name(name, (size_t)(name_end - name), names[i]))
			return take_value(report, i, line);
	return refuse_name(report, line->number, name,
	    (size_t)(name_end - name));
}

int
settings_take_file(struct settings *settings, const char *bytes, size_t len,
    char *error, size_t error_size)
{
	const struct settings_report report = { settings, error, error_size };
	const char *at = bytes, *end = bytes + len, *stop;
	struct line line;
	int number;

	/* Some editors begin a file with a byte-order mark. */
	if (len >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
		at += 3;

	for (number = 1; at < end; number++) {
		stop = memchr(at, '\n', (size_t)(end - at));
		line = (struct line){ number, at, stop == NULL ? end : stop };
		at = stop == NULL ? end : stop + 1;
		if (line.end > line.start && line.end[-1] == '\r')
			line.end--;

		if (memchr(line.start, '\0',
		    (size_t)(line.end - line.start)) != NULL)
			return settings_refuse_line(&report, number,
			    "the line", "has a NUL byte; save the file as "
			    "plain text");
		if (take_line(&report, &line) == -1)
			return -1;
	}
	return 0;
}

int
settings_take_environment(struct settings *settings,
    char *(*get)(const char *name), char *error, size_t error_size)
{
	const struct settings_report report = { settings, error, error_size };
	struct line value = { 0, NULL, NULL };
	int i;

	for (i = 0; i < SETTING__MAX; i++) {
		if ((value.start = get(names[i])) == NULL)
			continue;
		value.end = value.start + strlen(value.start);
		trim(&value.start, &value.end);
		if (value.start != value.end &&
		    set_text(&report, i, &value) == -1)
			return -1;
	}
	return 0;
}
