/* billhook stats: counts of what is on record. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "cli.h"
#include "database.h"
#include "options.h"
#include "show.h"
#include "stats.h"
#include "table.h"
#include "when.h"

enum { PROMETHEUS, JSON };

static const struct options_option options[] = {
	[PROMETHEUS] = { "prometheus", NULL, "in the text format of "
	    "Prometheus" },
	[JSON] = { "json", NULL, "for programs" },
	{ NULL, NULL, NULL }
};

static const struct options_help help = {
	"stats", "",
	"Counts events by type and outcome, deliveries, tenants by status, "
	"and what is in\ndoubt.",
	options,
	"  $ billhook stats\n"
	"  $ billhook stats --prometheus\n"
};

static void
put_json(const struct stats *stats)
{
	struct jsonout out;
	size_t i;

	jsonout_init(&out, stdout);
	jsonout_open(&out, NULL, '{');
	jsonout_int(&out, "events", stats->events);
	jsonout_int(&out, "deliveries", stats->deliveries);
	jsonout_int(&out, "parked", stats->parked);
	if (stats->last != 0)
		jsonout_int(&out, "last_received_at", stats->last);
	else
		jsonout_null(&out, "last_received_at");
	jsonout_open(&out, "counts", '[');
	for (i = 0; i < stats->counts.n; i++) {
		jsonout_open(&out, NULL, '{');
		show_members(&out, REPORT_COUNTS, stats->counts.v[i],
		    COUNTS__MAX);
		jsonout_close(&out, '}');
	}
	jsonout_close(&out, ']');
	jsonout_open(&out, "tenants", '[');
	for (i = 0; i < stats->statuses.n; i++) {
		jsonout_open(&out, NULL, '{');
		show_members(&out, REPORT_STATUSES, stats->statuses.v[i],
		    STATUSES__MAX);
		jsonout_close(&out, '}');
	}
	jsonout_close(&out, ']');
	jsonout_open(&out, "doubts", '{');
	for (i = 0; i < stats->nreasons; i++)
		jsonout_int(&out, stats->reasons[i].word,
		    stats->reasons[i].n);
	jsonout_close(&out, '}');
	jsonout_close(&out, '}');
}

static int
put_counts(const struct stats *stats)
{
	static const char *const heads[] = { "TYPE", "OUTCOME", "EVENTS",
	    "DELIVERIES", "LAST RECEIVED" };
	struct table *table = table_new(heads, COUNTS__MAX);
	char events[SHOW_SIZE], deliveries[SHOW_SIZE], last[WHEN_SIZE];
	const struct value *v;
	size_t i;
	int status;

	if (table == NULL)
		return -1;
	for (i = 0; i < stats->counts.n; i++) {
		v = stats->counts.v[i];
		const char *cells[] = {
			value_str(&v[COUNTS_TYPE]),
			value_str(&v[COUNTS_OUTCOME]),
			show_number(events, &v[COUNTS_EVENTS]),
			show_number(deliveries, &v[COUNTS_DELIVERIES]),
			when_value(last, &v[COUNTS_LAST_RECEIVED_AT]),
		};

		table_add(table, cells);
	}
	status = stats->counts.n == 0 ? 0 : table_print(table, stdout);
	table_free(table);
	return status;
}

static void
put_lines(const struct stats *stats)
{
	const int64_t now = (int64_t)time(NULL);
	char last[WHEN_SIZE], ago[WHEN_SIZE];
	const struct value *v;
	size_t i;

	printf("%s%" PRId64 " event%s, %" PRId64 " deliver%s, %" PRId64
	    " parked\n", stats->counts.n == 0 ? "" : "\n",
	    stats->events, stats->events == 1 ? "" : "s",
	    stats->deliveries, stats->deliveries == 1 ? "y" : "ies",
	    stats->parked);
	if (stats->last > now)
		printf("the latest came at %s, which is still to come: the "
		    "clock was turned back\n", when_text(last, stats->last));
	else if (stats->last != 0)
		printf("the latest came at %s, %s ago\n",
		    when_text(last, stats->last),
		    when_long(ago, now - stats->last));
	for (i = 0; i < stats->statuses.n; i++) {
		v = stats->statuses.v[i];
		printf("tenants ");
		table_put(stdout, v[STATUSES_STATUS].type == VALUE_NULL ? "-" :
		    v[STATUSES_STATUS].s);
		printf(": %" PRId64 "\n", v[STATUSES_TENANTS].i);
	}
	for (i = 0; i < stats->nreasons; i++) {
		printf("doubts ");
		table_put(stdout, stats->reasons[i].word);
		printf(": %" PRId64 "\n", stats->reasons[i].n);
	}
}

int
cmd_stats(int argc, char **argv)
{
	bool json = false, prometheus = false;
	struct stats stats;
	struct database db;
	const char *value;
	int got, status;

	while ((got = options_next(&help, argc, argv, &value)) >= 0)
		if (got == PROMETHEUS)
			prometheus = true;
		else
			json = true;
	if (got != OPTIONS_END)
		return options_status(got);
	if (optind < argc)
		return cli_usage("stats", "there are no operands");
	if (json && prometheus)
		return cli_usage("stats", "--json or --prometheus, not both");

	status = database_open(&db, "stats", false);
	if (status == CLI_OK)
		status = stats_read(&db, &stats);
	if (status == CLI_OK && prometheus)
		stats_prometheus(&stats);
	else if (status == CLI_OK && json)
		put_json(&stats);
	else if (status == CLI_OK && put_counts(&stats) == -1)
		status = cli_fail("stats", "out of memory");
	else if (status == CLI_OK)
		put_lines(&stats);
	database_close(&db);
	return status;
}
