/* Command lines, and the text of --help. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "options.h"

#define OPTIONS_MAX 24
#define WORD_MAX 48
#define HELP_COLUMN 25		/* where what an option does stands */
#define HELP_WIDTH 79

/* Prints the words of a paragraph from a column on, in lines that fit a
 * terminal, with the blanks between them.  Where it ends. */
static const char *
print_wrapped(const char *text, size_t column)
{
	size_t at = column, gap = 0, len;

	while (*text != '\0' && strncmp(text, "\n\n", 2) != 0) {
		len = strcspn(text, " \n");
		if (at > column && at + gap + len > HELP_WIDTH) {
			printf("\n%*s", (int)column, "");
			at = column;
			gap = 0;
		}
		printf("%*s%.*s", (int)gap, "", (int)len, text);
		at += gap + len;
		text += len;
		gap = *text == '\n' ? 1 : strspn(text, " ");
		if (strncmp(text, "\n\n", 2) != 0)
			text += gap;
	}
	printf("\n");
	return text;
}

/* Paragraphs; one that begins with a blank stands as it is. */
static void
print_about(const char *text)
{
	size_t len;

	for (; *text != '\0'; text += strspn(text, "\n")) {
		printf("\n");
		if (*text != ' ') {
			text = print_wrapped(text, 0);
			continue;
		}
		len = strcspn(text, "\n");
		printf("%.*s\n", (int)len, text);
		text += len;
	}
}

static void
print_help(const struct options_help *help)
{
	const struct options_option *option;
	char head[64];

	printf("usage: billhook %s [options]%s%s\n", help->name,
	    *help->operands == '\0' ? "" : " ", help->operands);
	print_about(help->about);
	printf("\noptions:\n");
	for (option = help->options; option->name != NULL; option++) {
		(void)snprintf(head, sizeof(head), "--%s%s%s", option->name,
		    option->argument == NULL ? "" : " ",
		    option->argument == NULL ? "" : option->argument);
		printf("  %-22s ", head);
		(void)print_wrapped(option->help, HELP_COLUMN);
	}
	printf("  %-22s %s\n", "--help", "print this");
	printf("\nexamples:\n%s", help->examples);
}

int
options_next(const struct options_help *help, int argc, char **argv,
    const char **value)
{
	struct option longs[OPTIONS_MAX + 2];
	int n, got, at = 0;

	memset(longs, 0, sizeof(longs));
	for (n = 0; n < OPTIONS_MAX && help->options[n].name != NULL; n++) {
		longs[n].name = help->options[n].name;
		longs[n].has_arg = help->options[n].argument == NULL ?
		    no_argument : required_argument;
	}
	longs[n].name = "help";

	opterr = 0;
	got = getopt_long(argc, argv, ":h", longs, &at);
	*value = optarg;
	if (got == -1)
		return OPTIONS_END;
	if (got == 'h' || (got == 0 && at == n)) {
		print_help(help);
		return OPTIONS_HELP;
	}
	if (got == 0)
		return at;
	(void)cli_usage(help->name, got == ':' ? "%s needs an argument" :
	    "there is no option %s, or it takes no argument",
	    argv[optind - 1]);
	return OPTIONS_BAD;
}

int
options_status(int ended)
{
	return ended == OPTIONS_HELP ? CLI_OK : CLI_USAGE;
}

bool
options_json(const struct options_help *help, int argc, char **argv,
    bool *json, int *ended)
{
	const char *value;
	int got;

	*json = false;
	while ((got = options_next(help, argc, argv, &value)) >= 0)
		*json = true;
	if (got == OPTIONS_END && optind < argc)
		*ended = cli_usage(help->name, "there are no operands");
	else if (got != OPTIONS_END)
		*ended = options_status(got);
	return got == OPTIONS_END && optind >= argc;
}

bool
options_number(const char *text, int64_t least, int64_t greatest,
    int64_t *out)
{
	const char *at = text + (*text == '-');
	int digits;

	*out = 0;
	for (digits = 0; *at >= '0' && *at <= '9' && digits < 18; digits++)
		*out = *out * 10 + (*at++ - '0');
	if (*text == '-')
		*out = -*out;
	return digits > 0 && *at == '\0' && *out >= least && *out <= greatest;
}

/* The seconds in "+5m" or "-300". */
static bool
read_shift(const char *text, int64_t *out)
{
	static const char units[] = "smhd";
	static const int64_t seconds[] = { 1, 60, 3600, 86400 };
	const char *unit;
	char number[24];
	size_t len = strlen(text);

	if (len < 2 || len >= sizeof(number) ||
	    (*text != '+' && *text != '-'))
		return false;
	memcpy(number, text + 1, len);
	unit = strchr(units, number[len - 2]);
	if (unit != NULL)
		number[len - 2] = '\0';
	if (!options_number(number, 0, (int64_t)1 << 40, out))
		return false;
	*out *= unit == NULL ? 1 : seconds[unit - units];
	if (*text == '-')
		*out = -*out;
	return true;
}

bool
options_time(const char *text, int64_t now, int64_t *out)
{
	static const char *const forms[] = { "%Y-%m-%dT%H:%M:%SZ",
	    "%Y-%m-%d %H:%M:%SZ", "%Y-%m-%d" };
	const char *end;
	struct tm tm;
	size_t i;

	if (strcmp(text, "now") == 0) {
		*out = now;
		return true;
	}
	if (strncmp(text, "now", 3) == 0 && read_shift(text + 3, out)) {
		*out += now;
		return true;
	}
	if (options_number(text, 0, (int64_t)1 << 40, out))
		return true;
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		memset(&tm, 0, sizeof(tm));
		end = strptime(text, forms[i], &tm);
		if (end != NULL && *end == '\0') {
			*out = (int64_t)timegm(&tm);
			return true;
		}
	}
	return false;
}

unsigned int
options_distance(const char *a, const char *b)
{
	unsigned int row[WORD_MAX + 1], diagonal, above, least;
	size_t len = strnlen(a, WORD_MAX), i;

	for (i = 0; i <= len; i++)
		row[i] = (unsigned int)i;
	for (; *b != '\0'; b++) {
		diagonal = row[0]++;
		for (i = 1; i <= len; i++) {
			above = row[i];
			least = above < row[i - 1] ? above : row[i - 1];
			row[i] = a[i - 1] == *b && diagonal <= least ?
			    diagonal : 1 + (diagonal < least ? diagonal :
			    least);
			diagonal = above;
		}
	}
	return row[len];
}
