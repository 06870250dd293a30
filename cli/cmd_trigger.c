/* billhook trigger: a signed event, or a whole lifecycle, delivered. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "billhook.h"
#include "cli.h"
#include "database.h"
#include "deliver.h"
#include "input.h"
#include "jsonout.h"
#include "options.h"
#include "show.h"
#include "table.h"
#include "template.h"

#define CHANGES_MAX 32
#define COUNT_MAX 1000000
#define DAY 86400
#define WORD 9			/* letters of an outcome */
#define NEWEST "2025-09-30.clover"
#define RESPONDER BILLHOOK_PKGLIBEXECDIR "/billhook.fcgi"

enum { LIST, API_VERSION, SET, TENANT, LIVEMODE, COUNT, AT, SINCE, CYCLE, URL,
    CGI, PRINT, SECRET_FILE, JSON };

static const struct options_option options[] = {
	[LIST] = { "list", NULL, "print the types, lifecycles and versions" },
	[API_VERSION] = { "api-version", "VERSION",
	    "shape of the objects (default: " NEWEST ")" },
	[SET] = { "set", "PATH=VALUE",
	    "change a field; JSON, or else a text; many times" },
	[TENANT] = { "tenant", "ID", "whose (default: example)" },
	[LIVEMODE] = { "livemode", NULL, "as of live mode" },
	[COUNT] = { "count", "N", "so many times, each with ids of its own" },
	[AT] = { "at", "TIME", "created of the events (default: now)" },
	[SINCE] = { "since", "TIME", "when the subscription began (default: "
	    "the beginning of the day of --at, UTC)" },
	[CYCLE] = { "cycle", "N",
	    "months after --since, for renewals and invoices" },
	[URL] = { "url", "URL", "deliver over HTTP or HTTPS" },
	[CGI] = { "cgi", "PROGRAM", "deliver to this responder as CGI "
	    "(default: the installed one)" },
	[PRINT] = { "print", NULL, "print the body and deliver nothing" },
	[SECRET_FILE] = { "secret-file", "FILE",
	    "whose first line is the secret" },
	[JSON] = { "json", NULL, "for programs" },
	{ NULL, NULL, NULL }
};

static const struct options_help help = {
	"trigger", "EVENT\n       billhook trigger --list [--json]",
	"Makes a realistic event, signs it with the first configured secret, "
	"delivers it\nand says what was answered.  EVENT is a type of Stripe's "
	"that billhook acts on,\nor a lifecycle of several events.  All "
	"events of one tenant fit together, also\nfrom one call to the next "
	"on the same day (see --since).\n\n"
	"Without --url or --print the events go INTO THE CONFIGURED DATABASE, "
	"where they\nstay and count like any others.  To try something out, "
	"name a database of its\nown, or another file of settings, for this "
	"command and for those that look at it:\n\n"
	"  export BILLHOOK_DATABASE=$PWD/try.db      (or BILLHOOK_CONFIG=...)",
	options,
	"  $ billhook trigger --list\n"
	"  $ BILLHOOK_DATABASE=$PWD/try.db billhook trigger signup --tenant "
	"acme\n"
	"  $ billhook trigger signup --tenant acme\n"
	"  $ billhook trigger renewal_failure --tenant acme\n"
	"  $ billhook trigger customer.subscription.updated --set "
	"data.object.status=past_due\n"
	"  $ billhook trigger invoice.paid --api-version 2020-08-27 --print\n"
	"  $ billhook trigger invoice.paid --url "
	"http://127.0.0.1:8080/webhook\n"
};

struct order {
	struct template *template;
	const struct template_plot *plot;
	struct template_story story;
	const char *changes[CHANGES_MAX];
	size_t nchanges;
	const char *url, *cgi, *secret_path;
	char *secret, *tenant_key;
	char *database;		/* that the responder as CGI writes to */
	int64_t count;
	bool print, json, list, since_given;
	size_t printed;		/* bodies so far */
	bool broken;		/* no event can be made or delivered */
	int advised;		/* the last status that was explained */
	struct jsonout out;
};

/* Says once what to do about an answer of a URL.  What the responder has to say
 * as CGI it says on standard error. */
static void
advise(struct order *order, int status)
{
	const char *advice = deliver_advice(status);

	if (order->url == NULL || *advice == '\0' || status ==
	    order->advised)
		return;
	order->advised = status;
	(void)fflush(stdout);
	(void)cli_fail("trigger", "%d from %s: %s", status, order->url,
	    advice);
}

/* Says what was answered.  CLI_OK if it is one of ours for an event that is
 * on disk and could be read, or another's with 2xx. */
static int
report(struct order *order, const char *type, const char *id,
    const struct deliver_answer *answer)
{
	char outcome[DELIVER_OUTCOME_SIZE];
	bool good;

	deliver_outcome(outcome, answer);
	good = answer->status >= 200 && answer->status < 300 &&
	    strcmp(outcome, "failed") != 0;
	if (order->json) {
		jsonout_open(&order->out, NULL, '{');
		jsonout_text(&order->out, "type", type);
		jsonout_text(&order->out, "id", id);
		jsonout_int(&order->out, "status", answer->status);
		jsonout_text(&order->out, "outcome",
		    *outcome == '\0' ? NULL : outcome);
		jsonout_text(&order->out, "advice", order->url == NULL ||
		    *deliver_advice(answer->status) == '\0' ? NULL :
		    deliver_advice(answer->status));
		jsonout_close(&order->out, '}');
	} else {
		printf("%d ", answer->status);
		table_put(stdout, *outcome == '\0' ? "-" : outcome);
		printf("%*s%s  %s\n", (int)(strlen(outcome) < WORD ? WORD -
		    strlen(outcome) : 0) + 2, "", id, type);
		advise(order, answer->status);
	}
	return good ? CLI_OK : CLI_PROBLEM;
}

static int
deliver(struct order *order, const char *type, const char *id,
    const struct bytes *body)
{
	struct deliver_answer answer;
	char header[BH_SIGNATURE_SIZE];
	enum bh_result signed_;
	int status;

	/* The signature is of this moment, whenever the event is from. */
	signed_ = bh_signature_make(header, sizeof(header), order->secret,
	    body->data, body->len, (int64_t)time(NULL));
	if (signed_ != BH_OK)
		return cli_fail("trigger", "%s", bh_result_text(signed_));
	status = order->url != NULL ?
	    deliver_url(&answer, order->url, header, body) :
	    deliver_cgi(&answer, order->cgi, header, body);
	order->broken = status == -1;
	status = status == -1 ? cli_fail("trigger", "%s", answer.error) :
	    report(order, type, id, &answer);
	bytes_free(&answer.body);
	return status;
}

/* To a file the very bytes that would be delivered, to a terminal what may be
 * shown there: the same document. */
static int
print(struct order *order, const struct bytes *body)
{
	printf("%s", order->printed++ > 0 ? "\n" : "");
	if (!isatty(STDOUT_FILENO))
		(void)fwrite(body->data, 1, body->len, stdout);
	else if (show_document(stdout, body->data, body->len) == -1)
		return cli_fail("trigger", "out of memory");
	return CLI_OK;
}

/* Makes one event and delivers or prints it. */
static int
perform(struct order *order, size_t step)
{
	const struct template_want want = { order->plot, step, &order->story,
	    order->changes, order->nchanges };
	char id[TEMPLATE_ID_SIZE], error[TEMPLATE_ERROR_SIZE], type[128];
	struct bytes body;
	int status = CLI_OK;

	bytes_init(&body, INPUT_MAX);
	if (template_make(order->template, &want, &body, id, error) == -1) {
		order->broken = true;
		status = cli_fail("trigger", "%s", error);
	} else if (order->print)
		status = print(order, &body);
	else
		status = deliver(order, template_step_type(order->plot, step,
		    type, sizeof(type)), id, &body);
	bytes_free(&body);
	return status;
}

static int
perform_all(struct order *order)
{
	size_t steps = template_steps(order->plot), step;
	int worst = CLI_OK, status;
	int64_t i;

	/* What was refused is said, and the story goes on. */
	for (i = 0; i < order->count && !order->broken; i++) {
		for (step = 0; step < steps && !order->broken; step++) {
			status = perform(order, step);
			if (status > worst)
				worst = status;
		}
		order->story.salt++;
	}
	return worst;
}

/* What the settings and the clock say. */
static int
prepare(struct order *order)
{
	const struct settings *settings;
	struct config *config;
	char error[1024];
	int status = CLI_OK;

	if (!order->since_given)
		order->story.since = order->story.now -
		    order->story.now % DAY;
	if (config_open(&config) == -1)
		return cli_fail("trigger", "out of memory");
	settings = config_settings(config);
	order->tenant_key = strdup(settings == NULL ? "tenant_id" :
	    settings->tenant_key);
	if (settings != NULL && order->url == NULL && !order->print) {
		order->database = strdup(settings->database);
		status = database_refuse_root("trigger", settings);
	}
	config_free(config);
	if (status != CLI_OK)
		return status;
	if (order->tenant_key == NULL)
		return cli_fail("trigger", "out of memory");
	order->story.tenant_key = order->tenant_key;
	if (order->print)
		return CLI_OK;
	order->secret = input_signing_secret(order->secret_path, error,
	    sizeof(error));
	return order->secret == NULL ? cli_fail("trigger", "%s", error) :
	    CLI_OK;
}

/* Takes one option.  False with what is wrong in fault. */
static bool
take_option(struct order *order, int option, const char *value,
    const char **fault)
{
	struct template_story *story = &order->story;
	int64_t now = (int64_t)time(NULL);

	switch (option) {
	case LIST:
		order->list = true;
		break;
	case API_VERSION:
		story->api_version = value;
		break;
	case SET:
		*fault = "too many --set";
		if (order->nchanges == CHANGES_MAX)
			return false;
		*fault = "the type is that of EVENT: name another EVENT";
		if (strncmp(value, "type=", 5) == 0)
			return false;
		order->changes[order->nchanges++] = value;
		break;
	case TENANT:
		*fault = "--tenant wants a name of at most 255 bytes";
		story->tenant = value;
		return *value != '\0' && strlen(value) <= 255;
	case LIVEMODE:
		story->livemode = true;
		break;
	case COUNT:
		*fault = "--count is a number from 1 to 1000000";
		return options_number(value, 1, COUNT_MAX, &order->count);
	case AT:
		*fault = "--at wants a time: " OPTIONS_TIMES;
		story->salt = 0;
		return options_time(value, now, &story->now);
	case SINCE:
		*fault = "--since wants a time: " OPTIONS_TIMES;
		order->since_given = true;
		return options_time(value, now, &story->since);
	case CYCLE:
		*fault = "--cycle is a number from 0 to 1200";
		return options_number(value, 0, 1200, &story->cycle);
	case URL:
		order->url = value;
		break;
	case CGI:
		order->cgi = value;
		break;
	case PRINT:
		order->print = true;
		break;
	case SECRET_FILE:
		order->secret_path = value;
		break;
	default:
		order->json = true;
	}
	return true;
}

static int
run(struct order *order, const char *event)
{
	char near[128];
	int status;

	if ((order->template = template_new()) == NULL)
		return cli_fail("trigger", "out of memory");
	if (order->list) {
		if (order->json)
			template_list_json(order->template, &order->out);
		else
			template_list(order->template);
		return CLI_OK;
	}
	if (event == NULL)
		return cli_usage("trigger", "which event? billhook trigger "
		    "--list has them");
	order->plot = template_find(order->template, event);
	if (order->plot == NULL && template_near(order->template, event, near,
	    sizeof(near)) != NULL)
		return cli_usage("trigger", "there is no event or lifecycle "
		    "%s, perhaps %s; billhook trigger --list has them all",
		    event, near);
	if (order->plot == NULL)
		return cli_usage("trigger", "there is no event or lifecycle "
		    "%s that billhook acts on; billhook trigger --list has "
		    "them all", event);
	status = prepare(order);
	if (status == CLI_OK)
		status = perform_all(order);
	if (status == CLI_OK && order->database != NULL && !order->json) {
		printf("\ninto the database ");
		table_put(stdout, order->database);
		printf("\n");
	}
	return status;
}

int
cmd_trigger(int argc, char **argv)
{
	struct timespec clock;
	struct order order = {
		.story = { .api_version = NEWEST, .tenant = "example",
		    .cycle = -1 },
		.count = 1,
	};
	const char *value, *fault;
	int got, status;

	/* Without --at each call makes events of its own. */
	(void)clock_gettime(CLOCK_REALTIME, &clock);
	order.story.now = (int64_t)clock.tv_sec;
	order.story.salt = (uint64_t)clock.tv_nsec;
	while ((got = options_next(&help, argc, argv, &value)) >= 0)
		if (!take_option(&order, got, value, &fault))
			return cli_usage("trigger", "%s", fault);
	if (got != OPTIONS_END)
		return options_status(got);
	if (argc - optind > 1)
		return cli_usage("trigger", "more than one event");
	if (order.url != NULL && (order.cgi != NULL || order.print))
		return cli_usage("trigger", "either --url or %s, not both",
		    order.print ? "--print" : "--cgi");
	if (order.url != NULL && !deliver_is_url(order.url))
		return cli_usage("trigger", DELIVER_URLS, order.url);
	if (order.cgi == NULL)
		order.cgi = RESPONDER;

	jsonout_init(&order.out, stdout);
	status = run(&order, argv[optind]);
	template_free(order.template);
	input_drop(order.secret);
	free(order.tenant_key);
	free(order.database);
	return status;
}
