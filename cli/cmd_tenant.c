/* billhook tenant: has this one paid, and why do we think so? */
#include <getopt.h>
#include <stdio.h>

#include "cli.h"
#include "database.h"
#include "dossier.h"
#include "options.h"

#define EVENTS_MAX 1000000

enum { EVENTS, JSON };

static const struct options_option options[] = {
	[EVENTS] = { "events", "N", "show the last N events (default: 20)" },
	[JSON] = { "json", NULL, "for programs: all that is on record" },
	{ NULL, NULL, NULL }
};

static const struct options_help help = {
	"tenant", "ID",
	"Says whether a tenant has paid, since when and until when, and why: "
	"its\nsubscriptions, invoices and checkout sessions, the events that "
	"led there, how its\nstatus changed, and what is in doubt.  Exit "
	"status 1 if nothing is on record.",
	options,
	"  $ billhook tenant acme\n"
	"  $ billhook tenant acme --json\n"
};

static int
show(struct database *db, const char *tenant, size_t events, bool json)
{
	struct dossier dossier;
	int status = dossier_read(db, tenant, &dossier);

	if (status != CLI_OK)
		return status;
	if (dossier.row == NULL && dossier.subscriptions.n == 0 &&
	    dossier.sessions.n == 0 && dossier.changes.n == 0)
		return cli_fail("tenant", "nothing is on record of this "
		    "tenant; billhook tenants lists those that have a "
		    "subscription");
	if (!json)
		return dossier_print(&dossier, tenant, events);
	dossier_json(&dossier, tenant);
	return CLI_OK;
}

int
cmd_tenant(int argc, char **argv)
{
	struct database db;
	int64_t events = 20;
	const char *value;
	bool json = false;
	int got, status;

	while ((got = options_next(&help, argc, argv, &value)) >= 0)
		if (got == JSON)
			json = true;
		else if (!options_number(value, 0, EVENTS_MAX, &events))
			return cli_usage("tenant", "--events is a number");
	if (got != OPTIONS_END)
		return options_status(got);
	if (argc - optind != 1)
		return cli_usage("tenant", "name one tenant");

	status = database_open(&db, "tenant", false);
	if (status == CLI_OK)
		status = show(&db, argv[optind], (size_t)events, json);
	database_close(&db);
	return status;
}
