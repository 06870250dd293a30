/* billhook replay: applies the parked events that can be read now. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "cli.h"
#include "database.h"
#include "jsonout.h"
#include "options.h"

static const struct options_option options[] = {
	{ "json", NULL, "for programs" },
	{ NULL, NULL, NULL }
};

static const struct options_help help = {
	"replay", "",
	"Applies the events that were parked because this billhook, or an "
	"older one, could\nnot read them (outcome failed), as far as it can "
	"now.  Exit status 1 if any stay\nparked.",
	options,
	"  $ billhook replay\n"
	"  $ billhook replay --json\n"
};

static void
put_json(int64_t parked, int64_t applied)
{
	struct jsonout out;

	jsonout_init(&out, stdout);
	jsonout_open(&out, NULL, '{');
	jsonout_int(&out, "parked", parked);
	jsonout_int(&out, "applied", applied);
	jsonout_int(&out, "left", parked - applied);
	jsonout_close(&out, '}');
}

static void
put_words(int64_t parked, int64_t applied)
{
	if (parked == 0)
		printf("no event is parked\n");
	else
		printf("%" PRId64 " of %" PRId64 " parked events applied\n",
		    applied, parked);
	if (applied < parked)
		printf("%" PRId64 " cannot be read by this billhook: see "
		    "billhook events --outcome failed,\nand try again with a "
		    "newer one\n", parked - applied);
}

int
cmd_replay(int argc, char **argv)
{
	int64_t parked = 0, applied = 0;
	struct database db;
	bool json;
	int status;

	if (!options_json(&help, argc, argv, &json, &status))
		return status;

	status = database_open(&db, "replay", false);
	if (status == CLI_OK && store_replay(db.store, (int64_t)time(NULL),
	    &parked, &applied) != STORE_OK)
		status = database_fail(&db);
	if (status == CLI_OK && json)
		put_json(parked, applied);
	else if (status == CLI_OK)
		put_words(parked, applied);
	database_close(&db);
	return status == CLI_OK && applied < parked ? CLI_PROBLEM : status;
}
