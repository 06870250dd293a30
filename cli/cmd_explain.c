/* billhook explain: why a signature does not verify. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "database.h"
#include "diagnosis.h"
#include "explain.h"
#include "input.h"
#include "jsonout.h"
#include "options.h"
#include "rejected.h"
#include "table.h"

#define REASON_SIZE 29

enum { HEADER, HEADER_FILE, AT, TOLERANCE, SECRET_FILE, KEPT, JSON };

static const struct options_option options[] = {
	[HEADER] = { "header", "VALUE", "the Stripe-Signature that came" },
	[HEADER_FILE] = { "header-file", "FILE", "so, from a file" },
	[AT] = { "at", "TIME", "when it came (default: now)" },
	[TOLERANCE] = { "tolerance", "SECONDS",
	    "largest age (default: BILLHOOK_TOLERANCE)" },
	[SECRET_FILE] = { "secret-file", "FILE",
	    "the secrets that are in use, one a line" },
	[KEPT] = { "kept", NULL, "what the responder refused and kept: a "
	    "list, or number N, of which 1 is the newest" },
	[JSON] = { "json", NULL, "for programs" },
	{ NULL, NULL, NULL }
};

static const struct options_help help = {
	"explain", "[BODY]\n       billhook explain --kept [options] [N]",
	"Says which of the three is wrong when a signature does not verify: "
	"the secret,\nthe header or the body, and what was done to it.  BODY "
	"is a file with the bytes\nas they arrived, standard input without "
	"one.  Exit status: 0 the delivery is\nintact, 1 it is not.\n\nWith "
	"BILLHOOK_KEEP_REJECTED the responder keeps what it refuses: --kept "
	"lists\nthat, and --kept N explains number N.",
	options,
	"  $ billhook explain --header-file header.txt body.json\n"
	"  $ billhook explain --at 2023-11-14T22:13:20Z --header-file "
	"header.txt body.json\n"
	"  $ billhook explain --kept\n"
	"  $ billhook explain --kept 1\n"
};

/* What was asked for, and what it is judged by. */
struct question {
	const char *body_path, *header, *header_path, *secret_path;
	int64_t now, at, tolerance;
	bool kept, json;
	struct config *config;
	const struct settings *settings;	/* NULL if not usable */
	struct input_secrets secrets;
	struct diagnosis_case given;
};

/* The secrets in use: those of the file, or else the configured ones; the
 * configured ones are known besides. */
static int
take_secrets(struct question *question)
{
	const struct settings *settings = question->settings;
	struct diagnosis_case *given = &question->given;
	char error[512];

	if (settings == NULL && question->secret_path == NULL)
		return database_no_settings("explain", question->config);
	if (question->secret_path != NULL) {
		if (input_secrets(&question->secrets, question->secret_path,
		    error, sizeof(error)) == -1)
			return cli_fail("explain", "%s", error);
		given->secrets = question->secrets.list;
		given->nsecrets = question->secrets.n;
		given->others = settings == NULL ? NULL :
		    (const char *const *)settings->secrets;
		given->nothers = settings == NULL ? 0 : settings->nsecrets;
	} else {
		given->secrets = (const char *const *)settings->secrets;
		given->nsecrets = settings->nsecrets;
	}
	given->tolerance = question->tolerance != 0 ? question->tolerance :
	    settings != NULL ? settings->tolerance : BH_TOLERANCE;
	given->now = question->at;
	return CLI_OK;
}

static int
explain(const struct question *question)
{
	struct diagnosis diagnosis;

	if (diagnosis_make(&diagnosis, &question->given) == -1)
		return cli_fail("explain", "out of memory");
	if (question->json)
		explain_json(&question->given, &diagnosis);
	else
		explain_print(&question->given, &diagnosis);
	return diagnosis.ncauses == 0 ? CLI_OK : CLI_PROBLEM;
}

static int
explain_files(struct question *question)
{
	struct bytes body, header;
	char error[512];
	int status;

	bytes_init(&header, INPUT_MAX);
	if (input_read(&body, question->body_path, error,
	    sizeof(error)) == -1)
		return cli_fail("explain", "%s", error);
	if (question->header_path != NULL &&
	    input_read(&header, question->header_path, error,
	    sizeof(error)) == -1) {
		bytes_free(&body);
		return cli_fail("explain", "%s", error);
	}
	/* The line end of a file is none of the header's. */
	while (header.len > 0 && (header.data[header.len - 1] == '\n' ||
	    header.data[header.len - 1] == '\r'))
		header.data[--header.len] = '\0';
	if (question->header_path == NULL && question->header == NULL) {
		bytes_free(&body);
		return cli_fail("explain", "no --header was given: name what "
		    "came as Stripe-Signature with --header 't=...,v1=...' "
		    "or --header-file FILE; '' says that none came");
	}
	question->given.body = body.data == NULL ? "" : body.data;
	question->given.body_len = body.len;
	question->given.header = question->header_path != NULL ?
	    header.data : question->header;
	question->given.header_len = question->header_path != NULL ?
	    header.len : question->header == NULL ? 0 :
	    strlen(question->header);
	status = explain(question);
	bytes_free(&header);
	bytes_free(&body);
	return status;
}

static void
take_entry(struct question *question, const struct rejected_entry *entry)
{
	question->given.body = entry->body;
	question->given.body_len = entry->len;
	question->given.header = entry->header;
	question->given.header_len = strlen(entry->header);
	question->given.now = entry->at;
}

/* The first cause, or what stands for none. */
static const char *
first_cause(const struct diagnosis *diagnosis)
{
	return diagnosis->ncauses == 0 ? "none: it is intact" :
	    diagnosis_words(diagnosis->causes[0])->name;
}

/* What was found, without what to do. */
static void
shorten(char text[REASON_SIZE], const char *reason)
{
	size_t len = strcspn(reason, ";");

	(void)snprintf(text, REASON_SIZE, "%.*s", (int)len, reason);
	if (len >= REASON_SIZE)
		memcpy(text + REASON_SIZE - 4, "...", 4);
}

static int
list_json(struct question *question, const struct rejected *rejected)
{
	const struct rejected_entry *entry;
	struct diagnosis diagnosis;
	struct jsonout out;
	size_t i;

	jsonout_init(&out, stdout);
	for (i = 0; (entry = rejected_at(rejected, i)) != NULL; i++) {
		take_entry(question, entry);
		if (diagnosis_make(&diagnosis, &question->given) == -1)
			return cli_fail("explain", "out of memory");
		jsonout_open(&out, NULL, '{');
		jsonout_int(&out, "n", (int64_t)i + 1);
		jsonout_int(&out, "at", entry->at);
		jsonout_int(&out, "bytes", (int64_t)entry->len);
		jsonout_text(&out, "refused", entry->reason);
		jsonout_text(&out, "cause", diagnosis.ncauses == 0 ? NULL :
		    first_cause(&diagnosis));
		jsonout_close(&out, '}');
	}
	return CLI_OK;
}

/* One line for each, with its first cause. */
static int
list_kept(struct question *question, const struct rejected *rejected)
{
	static const char *const heads[] = { "N", "CAME", "BYTES", "REFUSED",
	    "CAUSE" };
	struct table *table = table_new(heads, 5);
	const struct rejected_entry *entry;
	char number[24], bytes[24], came[EXPLAIN_TIME_SIZE];
	char reason[REASON_SIZE];
	const char *cells[5];
	struct diagnosis diagnosis;
	size_t i;

	for (i = 0; table != NULL &&
	    (entry = rejected_at(rejected, i)) != NULL; i++) {
		take_entry(question, entry);
		if (diagnosis_make(&diagnosis, &question->given) == -1)
			break;
		(void)snprintf(number, sizeof(number), "%zu", i + 1);
		(void)snprintf(bytes, sizeof(bytes), "%zu", entry->len);
		explain_time(came, entry->at);
		cells[0] = number;
		cells[1] = came;
		cells[2] = bytes;
		shorten(reason, entry->reason);
		cells[3] = reason;
		cells[4] = first_cause(&diagnosis);
		table_add(table, cells);
	}
	if (table == NULL || table_print(table, stdout) == -1) {
		table_free(table);
		return cli_fail("explain", "out of memory");
	}
	table_free(table);
	return CLI_OK;
}

/* A list of none is an answer; the one that was asked for is not there. */
static int
tell_none(const struct question *question)
{
	const char *advice = question->settings->keep_rejected == 0 ?
	    "; set BILLHOOK_KEEP_REJECTED=5, and let Stripe send it again" :
	    "; they are dropped after a day";

	if (question->body_path != NULL)
		return cli_fail("explain", "no refused delivery is kept%s",
		    advice);
	printf("No refused delivery is kept%s.\n", advice);
	return CLI_OK;
}

static int
explain_kept(struct question *question)
{
	const struct rejected_entry *entry;
	struct rejected *rejected;
	char error[512];
	int64_t place;
	int status;

	if (question->settings == NULL)
		return database_no_settings("explain", question->config);
	rejected = rejected_read(question->settings, question->now, error,
	    sizeof(error));
	if (rejected == NULL)
		return cli_fail("explain", "%s", error);
	if (question->body_path == NULL && question->json)
		status = list_json(question, rejected);
	else if (rejected_count(rejected) == 0)
		status = tell_none(question);
	else if (question->body_path == NULL)
		status = list_kept(question, rejected);
	else if (!options_number(question->body_path, 1,
	    (int64_t)rejected_count(rejected), &place))
		status = cli_fail("explain", "%s: there are %zu kept "
		    "deliveries, name one by its number: 1 is the newest",
		    question->body_path, rejected_count(rejected));
	else {
		entry = rejected_at(rejected, (size_t)place - 1);
		take_entry(question, entry);
		status = explain(question);
	}
	rejected_free(rejected);
	return status;
}

/* Takes the options.  CLI_OK, or the exit status in *ended. */
static bool
read_options(struct question *question, int argc, char **argv, int *ended)
{
	const char *value;
	int got;

	*ended = CLI_USAGE;
	while ((got = options_next(&help, argc, argv, &value)) >= 0)
		switch (got) {
		case HEADER:
			question->header = value;
			break;
		case HEADER_FILE:
			question->header_path = value;
			break;
		case SECRET_FILE:
			question->secret_path = value;
			break;
		case AT:
			if (!options_time(value, question->now, &question->at))
				return cli_usage("explain", "--at wants a "
				    "time: " OPTIONS_TIMES) == CLI_OK;
			break;
		case TOLERANCE:
			if (!options_number(value, 1, 31536000,
			    &question->tolerance))
				return cli_usage("explain", "--tolerance is "
				    "a number of seconds") == CLI_OK;
			break;
		case KEPT:
			question->kept = true;
			break;
		default:
			question->json = true;
		}
	if (got != OPTIONS_END) {
		*ended = options_status(got);
		return false;
	}
	if (argc - optind > 1)
		return cli_usage("explain", "more than one body") == CLI_OK;
	if (question->header != NULL && question->header_path != NULL)
		return cli_usage("explain", "two headers") == CLI_OK;
	if (question->kept && (question->header != NULL ||
	    question->header_path != NULL || question->at != question->now))
		return cli_usage("explain", "--kept has the header and the "
		    "time of each delivery: no --header, --header-file or "
		    "--at beside it") == CLI_OK;
	question->body_path = argv[optind];
	return true;
}

int
cmd_explain(int argc, char **argv)
{
	struct question question = { .now = (int64_t)time(NULL) };
	int status;

	question.at = question.now;
	if (!read_options(&question, argc, argv, &status))
		return status;
	if (config_open(&question.config) == -1)
		return cli_fail("explain", "out of memory");
	question.settings = config_settings(question.config);
	status = take_secrets(&question);
	if (status == CLI_OK)
		status = question.kept ? explain_kept(&question) :
		    explain_files(&question);
	input_secrets_free(&question.secrets);
	config_free(question.config);
	return status;
}
