/* billhook events: the events on record. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "database.h"
#include "events.h"
#include "options.h"
#include "show.h"
#include "store.h"
#include "table.h"
#include "when.h"

#define LIMIT_MAX 1000000000
#define NEAR 3			/* letters that a slip may change */

enum { TYPE, OUTCOME, OBJECT, SINCE, UNTIL, LIMIT, JSON };

static const struct options_option options[] = {
	[TYPE] = { "type", "TYPE", "of this type; one that ends in '.' is the "
	    "beginning of several" },
	[OUTCOME] = { "outcome", "WORD", "applied, stale, ignored or failed" },
	[OBJECT] = { "object", "ID", "about this object (sub_..., in_...)" },
	[SINCE] = { "since", "TIME", "received since: Unix seconds, "
	    "2026-11-22, or 2h, 3d, ... ago" },
	[UNTIL] = { "until", "TIME", "received before that" },
	[LIMIT] = { "limit", "N", "so many at most (default: 50; 0: all)" },
	[JSON] = { "json", NULL, "for programs: one event in each line" },
	{ NULL, NULL, NULL }
};

static const struct options_help help = {
	"events", "[ID]",
	"Lists the events on record, the latest received first.  With ID it "
	"shows that\nevent: what became of it, what it changed, whether its "
	"object's row is read from\nit, and the payload.",
	options,
	"  $ billhook events\n"
	"  $ billhook events --type customer.subscription. --since 2d\n"
	"  $ billhook events --outcome failed\n"
	"  $ billhook events --json --limit 1\n"
};

/* What is asked for. */
struct filter {
	const char *type;
	const char *outcome;
	const char *object;
	int64_t	    since, until;	/* -1: any */
	int64_t	    limit;
	bool	    json;
};

struct listing {
	const struct filter *filter;
	struct table *table;
	struct jsonout out;
	int64_t n;
};

static bool
is_prefix(const char *type)
{
	size_t len = strlen(type);

	return len > 0 && type[len - 1] == '.';
}

static void
add_line(struct listing *list, const struct value *v)
{
	char when[WHEN_SIZE];
	const char *cells[] = {
		when_value(when, &v[EVENTS_RECEIVED_AT]),
		value_str(&v[EVENTS_ID]), value_str(&v[EVENTS_TYPE]),
		value_str(&v[EVENTS_OBJECT_ID]),
		value_str(&v[EVENTS_OUTCOME]),
		v[EVENTS_ERROR].type == VALUE_NULL ? "" :
		    value_str(&v[EVENTS_ERROR]),
	};

	table_add(list->table, cells);
}

static int
take(void *arg, const struct value *v, size_t n)
{
	struct listing *list = arg;
	const char *type = list->filter->type;
	const char *is = value_str(&v[EVENTS_TYPE]);

	if (type != NULL && !is_prefix(type) &&
	    (is == NULL || strcmp(is, type) != 0))
		return 0;
	if (list->filter->json) {
		jsonout_open(&list->out, NULL, '{');
		show_members(&list->out, REPORT_EVENTS, v, n);
		jsonout_close(&list->out, '}');
	} else
		add_line(list, v);
	return ++list->n == list->filter->limit;
}

/* A whole type could be the beginning of another, so rows are counted here
 * and not by the database. */
static void
make_params(const struct filter *filter, struct value params[6])
{
	bool counted = filter->limit > 0 && (filter->type == NULL ||
	    is_prefix(filter->type));

	params[0] = value_text(filter->type);
	params[1] = value_text(filter->outcome);
	params[2] = value_text(filter->object);
	params[3] = filter->since < 0 ? value_null() :
	    value_int(filter->since);
	params[4] = filter->until < 0 ? value_null() :
	    value_int(filter->until);
	params[5] = value_int(counted ? filter->limit : INT64_MAX);
}

/* The type that is nearest to a word, if it is near. */
static const char *
near_type(const char *word)
{
	const struct event_type *type;
	unsigned int distance, least = NEAR + 1;
	const char *near = NULL;

	for (type = event_types(); type->name != NULL; type++) {
		distance = options_distance(word, type->name);
		if (distance < least) {
			least = distance;
			near = type->name;
		}
	}
	return near;
}

/* Whether types that billhook acts on begin with a word and a dot. */
static bool
is_family(const char *word)
{
	const struct event_type *type;
	size_t len = strlen(word);

	for (type = event_types(); type->name != NULL; type++)
		if (strncmp(type->name, word, len) == 0 &&
		    type->name[len] == '.')
			return true;
	return false;
}

/* Nothing was found: says what else the type was perhaps meant to be.  Types
 * that billhook does not act on are on record, too, so none is refused. */
static void
hint(const char *type)
{
	const char *near;

	if (type == NULL || is_prefix(type) || event_type_find(type) != NULL)
		return;
	if (is_family(type))
		fprintf(stderr, "billhook events: perhaps --type %s. with a "
		    "dot, for all that begin so\n", type);
	else if ((near = near_type(type)) != NULL)
		fprintf(stderr, "billhook events: perhaps --type %s\n", near);
}

static int
list_events(struct database *db, const struct filter *filter)
{
	static const char *const heads[] = { "RECEIVED", "EVENT", "TYPE",
	    "OBJECT", "OUTCOME", "ERROR" };
	struct listing list = { .filter = filter };
	struct value params[6];
	int status;

	jsonout_init(&list.out, stdout);
	list.table = table_new(heads, sizeof(heads) / sizeof(heads[0]));
	if (list.table == NULL)
		return cli_fail("events", "out of memory");
	make_params(filter, params);
	status = database_run(db, REPORT_EVENTS, params, take, &list);
	if (status == CLI_OK && list.n == 0)
		hint(filter->type);
	if (status == CLI_OK && !filter->json && list.n == 0)
		printf("no such event\n");
	else if (status == CLI_OK && !filter->json &&
	    table_print(list.table, stdout) == -1)
		status = cli_fail("events", "out of memory");
	table_free(list.table);
	return status;
}

static bool
is_outcome(const char *word)
{
	int i;

	for (i = 0; i < OUTCOME_DUPLICATE; i++)
		if (strcmp(word, store_outcome_name(i)) == 0)
			return true;
	return false;
}

/* CLI_OK or CLI_USAGE. */
static int
take_option(struct filter *filter, int option, const char *value)
{
	int64_t now = (int64_t)time(NULL);

	switch (option) {
	case TYPE:
		filter->type = value;
		break;
	case OUTCOME:
		filter->outcome = value;
		if (!is_outcome(value))
			return cli_usage("events", "--outcome is applied, "
			    "stale, ignored or failed");
		break;
	case OBJECT:
		filter->object = value;
		break;
	case SINCE:
	case UNTIL:
		if (!when_read(value, now, option == SINCE ? &filter->since :
		    &filter->until))
			return cli_usage("events", "--%s wants a time: "
			    "2h, 3d or 1w ago; " OPTIONS_TIMES,
			    options[option].name);
		break;
	case LIMIT:
		if (!options_number(value, 0, LIMIT_MAX, &filter->limit))
			return cli_usage("events", "--limit is a number; 0 "
			    "for all");
		break;
	default:
		filter->json = true;
	}
	return CLI_OK;
}

int
cmd_events(int argc, char **argv)
{
	struct filter filter = { .since = -1, .until = -1, .limit = 50 };
	struct database db;
	const char *value;
	int got, status;

	while ((got = options_next(&help, argc, argv, &value)) >= 0)
		if (take_option(&filter, got, value) != CLI_OK)
			return CLI_USAGE;
	if (got != OPTIONS_END)
		return options_status(got);
	if (argc - optind > 1)
		return cli_usage("events", "more than one event");

	status = database_open(&db, "events", false);
	if (status == CLI_OK)
		status = optind < argc ?
		    events_show(&db, argv[optind], filter.json) :
		    list_events(&db, &filter);
	database_close(&db);
	return status;
}
