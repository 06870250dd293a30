/* billhook backup: a copy of the database, with responders running. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cli.h"
#include "database.h"
#include "jsonout.h"
#include "options.h"
#include "table.h"

static const struct options_option options[] = {
	{ "json", NULL, "for programs" },
	{ NULL, NULL, NULL }
};

static const struct options_help help = {
	"backup", "FILE",
	"Copies the database, as of one moment, to a new file of mode 0600, "
	"with\nresponders running.  FILE must not be there yet.  Exit status 1 "
	"where it could\nnot be made, or is not sound, as the database is not. "
	" To restore, stop the\nresponders, remove DATABASE, DATABASE-wal, "
	"DATABASE-shm and DATABASE-journal,\nput the copy in its place with its "
	"owner and mode, and start them;\nDATABASE-lock stays.",
	options,
	"  $ billhook backup billhook-2026-11-22.db\n"
};

static void
tell(const char *path, int64_t bytes, bool sound, bool json)
{
	struct jsonout out;

	if (json) {
		jsonout_init(&out, stdout);
		jsonout_open(&out, NULL, '{');
		jsonout_text(&out, "file", path);
		jsonout_int(&out, "bytes", bytes);
		jsonout_bool(&out, "sound", sound);
		jsonout_close(&out, '}');
		return;
	}
	table_put(stdout, path);
	printf(": %" PRId64 " bytes\n", bytes);
}

int
cmd_backup(int argc, char **argv)
{
	struct database db;
	const char *value;
	bool json = false, sound = true;
	struct stat st;
	int got, status;

	while ((got = options_next(&help, argc, argv, &value)) >= 0)
		json = true;
	if (got != OPTIONS_END)
		return options_status(got);
	if (argc - optind != 1)
		return cli_usage("backup", "name one new file");

	status = database_open_to_copy(&db, "backup");
	if (status == CLI_OK &&
	    report_backup(db.store, argv[optind], &sound) != STORE_OK)
		status = database_fail(&db);
	if (status == CLI_OK && stat(argv[optind], &st) == -1)
		status = cli_fail("backup", "the copy is not there any more");
	if (status == CLI_OK)
		tell(argv[optind], (int64_t)st.st_size, sound, json);
	if (status == CLI_OK && !sound)
		status = cli_fail("backup", "the copy is made, but not sound, "
		    "as the database is not: keep those from before; %s",
		    store_error(db.store));
	database_close(&db);
	return status;
}
