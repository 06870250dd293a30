/* billhook rebuild: every table anew from the events on record. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "cli.h"
#include "database.h"
#include "jsonout.h"
#include "options.h"
#include "progress.h"

static const struct options_option options[] = {
	{ "json", NULL, "for programs" },
	{ NULL, NULL, NULL }
};

static const struct options_help help = {
	"rebuild", "",
	"Recomputes every billing table from the events on record, with "
	"responders\nrunning: until it is done the old tables are read, then "
	"all are exchanged at once.\nThe configured BILLHOOK_TENANT_KEY, "
	"BILLHOOK_LIVEMODE and BILLHOOK_ACCOUNT take\nhold, and parked events "
	"are applied that can be read now.  Broken off, it leaves\nthe tables as they were.",
	options,
	"  $ billhook rebuild\n"
	"  $ billhook rebuild --json\n"
};

/* How many events there are, and what was read of them. */
struct reading {
	struct progress progress;
	int64_t events;
};

static int
add_up(void *arg, const struct value *v, size_t n)
{
	int64_t *total = arg;

	(void)n;
	*total += v[2].i;
	return 0;
}

static void
show(void *arg, int64_t events)
{
	struct reading *reading = arg;

	reading->events = events;
	progress_show(&reading->progress, events, events);
}

static int
rebuild(struct database *db, struct reading *reading)
{
	int64_t total = 0;
	enum store_result result;
	int status;

	status = database_run(db, REPORT_COUNTS, NULL, add_up, &total);
	if (status != CLI_OK)
		return status;
	progress_start(&reading->progress, "events", total);
	result = store_rebuild(db->store, (int64_t)time(NULL), show, reading);
	progress_clear(&reading->progress);
	return result == STORE_OK ? CLI_OK : database_fail(db);
}

static void
put_json(const struct reading *reading, int64_t seconds)
{
	struct jsonout out;

	jsonout_init(&out, stdout);
	jsonout_open(&out, NULL, '{');
	jsonout_int(&out, "events", reading->events);
	jsonout_int(&out, "seconds", seconds);
	jsonout_close(&out, '}');
}

int
cmd_rebuild(int argc, char **argv)
{
	int64_t start = (int64_t)time(NULL), seconds;
	struct reading reading = { .events = 0 };
	struct database db;
	bool json;
	int status;

	if (!options_json(&help, argc, argv, &json, &status))
		return status;

	status = database_open_to_rebuild(&db, "rebuild");
	if (status == CLI_OK)
		status = rebuild(&db, &reading);
	seconds = (int64_t)time(NULL) - start;
	if (status == CLI_OK && json)
		put_json(&reading, seconds);
	else if (status == CLI_OK)
		printf("every table was computed anew from %" PRId64
		    " events, in %" PRId64 " s\n", reading.events, seconds);
	database_close(&db);
	return status;
}
