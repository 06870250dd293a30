/* billhook prune: empties old payloads. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "database.h"
#include "jsonout.h"
#include "options.h"
#include "when.h"

enum { OLDER_THAN, DRY_RUN, JSON };

static const struct options_option options[] = {
	[OLDER_THAN] = { "older-than", "SPAN",
	    "received so long ago: 90d, 12w, 1y, 36h or seconds" },
	[DRY_RUN] = { "dry-run", NULL, "only say what would be emptied" },
	[JSON] = { "json", NULL, "for programs" },
	{ NULL, NULL, NULL }
};

static const struct options_help help = {
	"prune", "",
	"Empties the payloads of old events, with responders running, and "
	"gives the space\nback.  Ids, types, times and outcomes stay for "
	"ever, so that no event is taken\ntwice; and so do the payloads that "
	"the tables can still depend on.",
	options,
	"  $ billhook prune --older-than 90d --dry-run\n"
	"  $ billhook prune --older-than 90d\n"
};

static void
put_json(const struct prune_result *result)
{
	struct jsonout out;

	jsonout_init(&out, stdout);
	jsonout_open(&out, NULL, '{');
	jsonout_int(&out, "emptied", result->emptied);
	jsonout_int(&out, "bytes", result->bytes);
	jsonout_int(&out, "kept", result->kept);
	jsonout_close(&out, '}');
}

static void
put_words(const struct prune_result *result, bool dry)
{
	printf("%" PRId64 " payload%s of %" PRId64 " bytes %s\n",
	    result->emptied, result->emptied == 1 ? "" : "s", result->bytes,
	    dry ? "would be emptied" : "emptied");
	if (result->kept > 0)
		printf("%" PRId64 " as old %s, since the tables can still "
		    "depend on %s\n", result->kept,
		    result->kept == 1 ? "stays" : "stay",
		    result->kept == 1 ? "it" : "them");
}

static int
prune(int64_t span, bool dry, bool json)
{
	struct prune_result result;
	struct database db;
	int status;

	status = database_open(&db, "prune", false);
	if (status == CLI_OK && report_prune(db.store, (int64_t)time(NULL) -
	    span, dry, &result) != STORE_OK)
		status = database_fail(&db);
	if (status == CLI_OK && json)
		put_json(&result);
	else if (status == CLI_OK)
		put_words(&result, dry);
	database_close(&db);
	return status;
}

int
cmd_prune(int argc, char **argv)
{
	bool json = false, dry = false, given = false;
	const char *value;
	int64_t span = 0;
	int got;

	while ((got = options_next(&help, argc, argv, &value)) >= 0)
		switch (got) {
		case OLDER_THAN:
			given = true;
			/* Of m nobody knows whether months are meant. */
			if (!when_span(value, &span) ||
			    strchr(value, 'm') != NULL)
				return cli_usage("prune", "--older-than is "
				    "no span like 90d, 12w or 1y");
			break;
		case DRY_RUN:
			dry = true;
			break;
		default:
			json = true;
		}
	if (got != OPTIONS_END)
		return options_status(got);
	if (optind < argc)
		return cli_usage("prune", "there are no operands");
	if (!given)
		return cli_usage("prune", "--older-than says how old; it is "
		    "needed");
	return prune(span, dry, json);
}
