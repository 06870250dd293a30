/* billhook import: events from files. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cli.h"
#include "database.h"
#include "elements.h"
#include "jsonout.h"
#include "options.h"
#include "progress.h"
#include "table.h"

static const struct options_option options[] = {
	{ "json", NULL, "the counts for programs" },
	{ NULL, NULL, NULL }
};

static const struct options_help help = {
	"import", "FILE...",
	"Takes the events of files as if they had been delivered: what stripe "
	"events list\nprints, an array, one event in each line, or a single "
	"event; - is standard input.\nNo signature is asked for: whoever runs "
	"this vouches that they come from Stripe.\nEvents on record count as "
	"duplicates, so it can be run again.  Exit status 1 if\nany entry was "
	"no event.",
	options,
	"  $ billhook import event.json\n"
	"  $ stripe events list --limit 100 | billhook import -\n"
};

struct import {
	struct database db;
	struct progress progress;
	const char *path;	/* of the file in work */
	int64_t before;		/* bytes of the files before it */
	int64_t counts[OUTCOME__MAX];
	int64_t entries, bad;
	int64_t faults;		/* files that could not be read or are empty */
	bool has_more;
};

/* Says which entry is bad or odd and why, and goes on. */
static void
tell(struct import *import, const struct elements *elements, const char *id,
    const char *why)
{
	progress_clear(&import->progress);
	fprintf(stderr, "billhook import: ");
	table_put(stderr, import->path);
	fprintf(stderr, ": entry %" PRId64 ", line %" PRId64 ": ",
	    elements_number(elements), elements_line(elements));
	if (id != NULL) {
		table_put(stderr, id);
		fprintf(stderr, ": ");
	}
	table_put(stderr, why);
	fprintf(stderr, "\n");
}

/* CLI_OK to go on, also behind a bad entry. */
static int
take(struct import *import, const struct elements *elements,
    const char *text, size_t len)
{
	struct store_verdict verdict;
	struct store *store = import->db.store;

	import->entries++;
	switch (store_receive(store, text, len, (int64_t)time(NULL),
	    &verdict)) {
	case STORE_OK:
		import->counts[verdict.outcome]++;
		if (verdict.odd && !verdict.parked)
			tell(import, elements, verdict.id, verdict.error);
		break;
	case STORE_EPAYLOAD:
		import->bad++;
		tell(import, elements, NULL, store_error(store));
		break;
	default:
		progress_clear(&import->progress);
		(void)database_fail(&import->db);
		return cli_fail("import", "stopped at entry %" PRId64 " of "
		    "%s; those before it are on disk, and to run it again is "
		    "harmless", elements_number(elements), import->path);
	}
	store_tidy(store);
	progress_show(&import->progress, import->before +
	    elements_read(elements), import->entries);
	return CLI_OK;
}

/* CLI_OK, CLI_PROBLEM to stop. */
static int
take_file(struct import *import)
{
	struct elements *elements;
	char error[1024];
	const char *text;
	size_t len;
	int got, status = CLI_OK;

	elements = elements_open(import->path, error, sizeof(error));
	if (elements == NULL) {
		import->faults++;
		(void)cli_fail("import", "%s", error);
		return CLI_OK;
	}
	while (status == CLI_OK &&
	    (got = elements_next(elements, &text, &len)) != 0) {
		if (got == 1)
			status = take(import, elements, text, len);
		else {
			import->bad++;
			tell(import, elements, NULL, elements_error(elements));
			break;
		}
	}
	if (status == CLI_OK && elements_read(elements) == 0) {
		import->faults++;
		progress_clear(&import->progress);
		(void)cli_fail("import", "%s: is empty, there is no event in "
		    "it", import->path);
	}
	import->has_more |= elements_has_more(elements);
	import->before += elements_size(elements);
	elements_close(elements);
	return status;
}

static void
put_json(const struct import *import)
{
	struct jsonout out;
	int i;

	jsonout_init(&out, stdout);
	jsonout_open(&out, NULL, '{');
	jsonout_int(&out, "entries", import->entries);
	for (i = 0; i < OUTCOME__MAX; i++)
		jsonout_int(&out, store_outcome_name(i), import->counts[i]);
	jsonout_int(&out, "bad", import->bad);
	jsonout_bool(&out, "has_more", import->has_more);
	jsonout_close(&out, '}');
}

static void
put_words(const struct import *import)
{
	int i;

	printf("%" PRId64 " entr%s:", import->entries,
	    import->entries == 1 ? "y" : "ies");
	for (i = 0; i < OUTCOME__MAX; i++)
		printf(" %" PRId64 " %s%s", import->counts[i],
		    store_outcome_name(i), i + 1 < OUTCOME__MAX ? "," : "");
	if (import->bad > 0)
		printf("; %" PRId64 " bad", import->bad);
	printf("\n");
	if (import->counts[OUTCOME_FAILED] > 0)
		printf("what failed is parked: billhook events --outcome "
		    "failed says why\n");
	if (import->has_more)
		printf("a list goes on at Stripe (has_more): fetch the rest "
		    "with --starting-after\n");
}

/* Bytes of all files; 0 if one of them does not say. */
static int64_t
total_size(int n, char **paths)
{
	int64_t total = 0;
	struct stat st;
	int i;

	for (i = 0; i < n; i++) {
		if (stat(paths[i], &st) == -1 || !S_ISREG(st.st_mode))
			return 0;
		total += (int64_t)st.st_size;
	}
	return total;
}

int
cmd_import(int argc, char **argv)
{
	struct import import;
	const char *value;
	bool json = false;
	int got, i, status;

	while ((got = options_next(&help, argc, argv, &value)) >= 0)
		json = true;
	if (got != OPTIONS_END)
		return options_status(got);
	if (optind == argc)
		return cli_usage("import", "name a file, or - for standard "
		    "input");

	memset(&import, 0, sizeof(import));
	status = database_open(&import.db, "import", true);
	progress_start(&import.progress, "entries",
	    total_size(argc - optind, argv + optind));
	for (i = optind; i < argc && status == CLI_OK; i++) {
		import.path = argv[i];
		status = take_file(&import);
	}
	progress_clear(&import.progress);
	if (import.entries > 0 || (status == CLI_OK &&
	    (json || import.faults == 0))) {
		if (json)
			put_json(&import);
		else
			put_words(&import);
	}
	database_close(&import.db);
	return status == CLI_OK && import.bad + import.faults > 0 ?
	    CLI_PROBLEM : status;
}
