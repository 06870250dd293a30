/*
 * The command line of a subcommand: long options by getopt_long(3), and the
 * text of --help from the same table.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct options_option {
	const char *name;	/* without dashes; NULL ends the table */
	const char *argument;	/* its name in --help; NULL if it has none */
	const char *help;
};

struct options_help {
	const char *name;	/* of the subcommand */
	const char *operands;	/* as in "[BODY]"; "" for none */
	const char *about;	/* what it does, paragraphs apart by a line */
	const struct options_option *options;	/* --help is not in it */
	const char *examples;	/* lines "  $ billhook ..." */
};

enum { OPTIONS_END = -1, OPTIONS_HELP = -2, OPTIONS_BAD = -3 };

/*
 * The next option: its place in the table, with *value its argument or NULL;
 * OPTIONS_END, and the operands begin at argv[optind]; OPTIONS_HELP, which was
 * printed; OPTIONS_BAD, of which the user was told.
 */
int options_next(const struct options_help *help, int argc, char **argv,
    const char **value);

/* The exit status for OPTIONS_HELP or OPTIONS_BAD. */
int options_status(int ended);

/*
 * The whole command line of a subcommand that has --json alone, and no
 * operands.  False with the exit status in *ended if it is to end here.
 */
bool options_json(const struct options_help *help, int argc, char **argv,
    bool *json, int *ended);

/* A whole number from least to greatest.  False if it is none. */
bool options_number(const char *text, int64_t least, int64_t greatest,
    int64_t *out);

/* A time: Unix seconds, YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ (UTC), or now with
 * +N or -N seconds, minutes, hours or days behind it (now-5m).  False if it is
 * none. */
bool options_time(const char *text, int64_t now, int64_t *out);
#define OPTIONS_TIMES "now-5m, 2026-11-22, 2026-11-22T10:00:00Z (UTC) or " \
    "Unix seconds"

/* How many letters apart two words are; for "did you mean". */
unsigned int options_distance(const char *a, const char *b);

#endif
