/* billhook tenants: who has paid. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "cli.h"
#include "database.h"
#include "options.h"
#include "show.h"
#include "table.h"
#include "tenants.h"
#include "when.h"

#define LIMIT_MAX 1000000000

enum { STATUS, LIMIT, JSON };

static const struct options_option options[] = {
	[STATUS] = { "status", "WORD", "of this status: active, past_due, "
	    "..." },
	[LIMIT] = { "limit", "N", "so many at most (default, and 0: all)" },
	[JSON] = { "json", NULL, "for programs: one tenant in each line" },
	{ NULL, NULL, NULL }
};

static const struct options_help help = {
	"tenants", "",
	"Lists the tenants, by their ids: status, price and period of the "
	"subscription\nthat counts.  billhook tenant ID says why.",
	options,
	"  $ billhook tenants\n"
	"  $ billhook tenants --status past_due\n"
	"  $ billhook tenants --json\n"
};

struct listing {
	struct table *table;
	struct jsonout out;
	bool json;
	int64_t n;
};

static int
take(void *arg, const struct value *v, size_t n)
{
	char until[WHEN_SIZE], quantity[SHOW_SIZE], price[SHOW_SIZE];
	struct listing *list = arg;
	const char *cells[] = {
		value_str(&v[TENANTS_ID]), value_str(&v[TENANTS_STATUS]),
		show_number(quantity, &v[TENANTS_QUANTITY]),
		show_money(price, &v[TENANTS_UNIT_AMOUNT],
		    &v[TENANTS_CURRENCY]),
		value_str(&v[TENANTS_INTERVAL]),
		when_value(until, &v[TENANTS_PERIOD_END]),
		v[TENANTS_LIVEMODE].i != 0 ? "live" : "test",
		value_str(&v[TENANTS_SUBSCRIPTION]),
	};

	list->n++;
	if (list->json) {
		jsonout_open(&list->out, NULL, '{');
		show_members(&list->out, REPORT_TENANTS, v, n);
		jsonout_close(&list->out, '}');
	} else
		table_add(list->table, cells);
	return 0;
}

/* A word that nobody knows is a slip, unless Stripe has a new one and a tenant
 * is of it. */
static int
refuse_status(const char *word)
{
	const char *near = tenants_near(word);

	return cli_usage("tenants", "no tenant has the status %s, and Stripe "
	    "has none of that name%s%s", word, near == NULL ? "" :
	    "; perhaps ", near == NULL ? "" : near);
}

static int
list_tenants(struct database *db, const char *word, int64_t limit, bool json)
{
	static const char *const heads[] = { "TENANT", "STATUS", "QUANTITY",
	    "PRICE", "EVERY", "PERIOD ENDS", "MODE", "SUBSCRIPTION" };
	const struct value params[] = { value_text(word), value_int(limit) };
	struct listing list = { .json = json };
	int status;

	jsonout_init(&list.out, stdout);
	list.table = table_new(heads, sizeof(heads) / sizeof(heads[0]));
	if (list.table == NULL)
		return cli_fail("tenants", "out of memory");
	status = database_run(db, REPORT_TENANTS, params, take, &list);
	if (status == CLI_OK && list.n == 0 && word != NULL &&
	    !tenants_is_known(word))
		status = refuse_status(word);
	else if (status == CLI_OK && !json && list.n == 0)
		printf(word == NULL ? "no tenant yet\n" :
		    "no such tenant\n");
	else if (status == CLI_OK && !json &&
	    table_print(list.table, stdout) == -1)
		status = cli_fail("tenants", "out of memory");
	table_free(list.table);
	return status;
}

int
cmd_tenants(int argc, char **argv)
{
	const char *value, *word = NULL;
	int64_t limit = INT64_MAX;
	struct database db;
	bool json = false;
	int got, status;

	while ((got = options_next(&help, argc, argv, &value)) >= 0)
		if (got == STATUS)
			word = value;
		else if (got == JSON)
			json = true;
		else if (!options_number(value, 0, LIMIT_MAX, &limit))
			return cli_usage("tenants", "--limit is a number; 0 "
			    "for all");
	if (limit == 0)
		limit = INT64_MAX;
	if (got != OPTIONS_END)
		return options_status(got);
	if (optind < argc)
		return cli_usage("tenants", "there are no operands; billhook "
		    "tenant ID shows one");

	status = database_open(&db, "tenants", false);
	if (status == CLI_OK)
		status = list_tenants(&db, word, limit, json);
	database_close(&db);
	return status;
}
