/*
 * Settings: lines, places, what goes above what, and messages.
 */
#include "nomem.h"
#include "reading.h"
#include "tap.h"

static void
test_defaults(void)
{
	struct settings *settings = settings_of_text("");
	int i, others = 0;

	if (!ok(settings != NULL, "nothing needs to be set"))
		return;
	is_int(settings->nsecrets, 0, "there is no secret by default");
	is_str(settings->database, DATABASE, "the database is the default");
	is_int(settings->tolerance, 300, "the tolerance is 300 s");
	is_int(settings->max_body, 1048576, "a body has at most 1 MiB");
	is_str(settings->tenant_key, "tenant_id", "the key is tenant_id");
	is_int(settings->livemode, LIVEMODE_ANY, "any mode counts");
	is_str(settings->account, "", "no connected account counts");
	ok(settings->group == NULL, "no group may read");
	is_int(settings->journal, JOURNAL_WAL, "the journal is wal");
	is_int(settings->patience, 5000, "patience is 5000 ms");
	is_int(settings->keep_rejected, 0, "no refused delivery is kept");
	is_int(settings->log, LOG_INFO, "the log is info");
	for (i = 0; i < SETTING__MAX; i++)
		others += settings->source[i] != SOURCE_DEFAULT ||
		    settings->text[i] != NULL;
	is_int(others, 0, "and all of them say that they are defaults");
	settings_free(settings);
	settings_free(NULL);
}

static void
test_file(void)
{
	struct settings *settings = settings_of_text(
	    "\xef\xbb\xbf# settings\r\n"
	    "\r\n"
	    "STRIPE_WEBHOOK_SECRET=whsec_test_a, whsec_test_b\twhsec_test_c,\n"
	    "   # more\n"
	    "\t BILLHOOK_DATABASE = /srv/my data/b#1.db \t\n"
	    "BILLHOOK_TOLERANCE=600\r\n"
	    "BILLHOOK_MAX_BODY=0065536\n"
	    "BILLHOOK_TENANT_KEY=shop id\n"
	    "BILLHOOK_LIVEMODE=test\n"
	    "BILLHOOK_ACCOUNT=acct_b,acct_a acct_b\n"
	    "BILLHOOK_GROUP=www-data\n"
	    "BILLHOOK_JOURNAL=truncate\n"
	    "BILLHOOK_PATIENCE=100\n"
	    "BILLHOOK_KEEP_REJECTED=20\n"
	    "BILLHOOK_LOG=debug");

	if (!ok(settings != NULL, "a whole file is read")) {
		diag("%s", error);
		return;
	}
	is_int(settings->nsecrets, 3, "secrets stand apart by commas, blanks "
	    "or tabs");
	is_str(settings->secrets[0], "whsec_test_a", "the first is whole");
	is_str(settings->secrets[2], "whsec_test_c", "the last, too");
	is_str(settings->database, "/srv/my data/b#1.db",
	    "a value keeps the blanks and the # inside it");
	is_int(settings->tolerance, 600, "a line may end in CRLF");
	is_int(settings->max_body, 65536, "a number may begin with 0 and is "
	    "decimal");
	is_str(settings->tenant_key, "shop id", "a key may have a blank");
	is_int(settings->livemode, LIVEMODE_TEST, "livemode is read");
	is_str(settings->account, "acct_a,acct_b", "accounts are sorted, each "
	    "once");
	is_str(settings->group, "www-data", "group is read");
	is_int(settings->journal, JOURNAL_TRUNCATE, "journal is read");
	is_int(settings->patience, 100, "patience is read");
	is_int(settings->keep_rejected, 20, "keep_rejected is read");
	is_int(settings->log, LOG_DEBUG, "the last line needs no end");
	is_int(settings->source[SETTING_LOG], SOURCE_FILE, "it knows that it "
	    "came from the file");
	is_int(settings->line[SETTING_LOG], 15, "and from which line");
	is_int(settings_finish(settings, DATABASE, error, sizeof(error)), 0,
	    "the values can be read again");
	is_int(settings->nsecrets, 3, "which doubles no secret");
	settings_free(settings);
}

static void
test_environment(void)
{
	static const char *const above[] = {
		"BILLHOOK_TOLERANCE", "60", "BILLHOOK_GROUP", "",
		"BILLHOOK_LOG", "  ", "STRIPE_WEBHOOK_SECRET",
		" whsec_test_env ", "HTTP_BILLHOOK_PATIENCE", "1",
		"HTTP_STRIPE_WEBHOOK_SECRET", "whsec_test_http",
		"REDIRECT_BILLHOOK_PATIENCE", "1", "BILLHOOK_NOISE", "1", NULL
	};
	struct settings *settings;

	environment = above;
	settings = settings_of_text("BILLHOOK_TOLERANCE=what?\n"
	    "BILLHOOK_GROUP=staff\nBILLHOOK_LOG=error\n"
	    "STRIPE_WEBHOOK_SECRET=whsec_test_file\n");
	environment = NULL;
	if (!ok(settings != NULL, "the environment goes above the file")) {
		diag("%s", error);
		return;
	}
	is_int(settings->tolerance, 60, "its value counts");
	is_int(settings->source[SETTING_TOLERANCE], SOURCE_ENVIRONMENT,
	    "and is known to be its own");
	is_str(settings->group, "staff", "an empty value counts as not set");
	is_int(settings->log, LOG_ERROR, "a blank one, too");
	is_int(settings->nsecrets, 1, "secrets of both are not mixed");
	is_str(settings->secrets[0], "whsec_test_env", "the environment's is "
	    "taken, without blanks");
	is_int(settings->patience, 5000,
	    "names that begin with HTTP_ set nothing");
	settings_free(settings);
}

static void
test_lines(void)
{
	static const struct {
		const char *name, *file, *want;
	} cases[] = {
		{ "a line without '='", "#\nwhsec_LEAK\n",
		    "line 2: the line has no '='; write NAME=value, or # "
		    "before a comment" },
		{ "a secret before the '='", "whsec_LEAK=\n",
		    "line 1: the name before '=' is no setting of billhook; "
		    "take the line away, or put # before it" },
		{ "a name with a letter wrong", "\nBILLHOOK_TOLERENCE=5\n",
		    "line 2: the name before '=' is no setting; did you mean "
		    "BILLHOOK_TOLERANCE?" },
		{ "a name with a letter missing", "BILHOOK_MAX_BODY=5\n",
		    "line 1: the name before '=' is no setting; did you mean "
		    "BILLHOOK_MAX_BODY?" },
		{ "a name with letters too many", "STRIPE_WEBHOOKS_SECRETS=5",
		    "line 1: the name before '=' is no setting; did you mean "
		    "STRIPE_WEBHOOK_SECRET?" },
		{ "a name in lower case", "billhook_livemode=live\n",
		    "line 1: the name before '=' is no setting; did you mean "
		    "BILLHOOK_LIVEMODE?" },
		{ "a name of ours that is like none", "BILLHOOK_NONSENSE=1\n",
		    "line 1: the name before '=' is no setting of billhook; "
		    "take the line away, or put # before it" },
		{ "a name of somebody else", "PATH=/bin\n",
		    "line 1: the name before '=' is no setting of billhook; "
		    "take the line away, or put # before it" },
		{ "no name", "=whsec_LEAK\n",
		    "line 1: the name before '=' is no setting of billhook; "
		    "take the line away, or put # before it" },
		{ "a name without an end",
		    "BILLHOOK_LOGBILLHOOK_LOGBILLHOOK_LOGBILLHOOK_LOG=1\n",
		    "line 1: the name before '=' is no setting of billhook; "
		    "take the line away, or put # before it" },
		{ "the name of the file", "BILLHOOK_CONFIG=/etc/x\n",
		    "line 1: BILLHOOK_CONFIG counts in the environment only; "
		    "take the line away" },
		{ "a setting twice", "BILLHOOK_LOG=info\n\nBILLHOOK_LOG=info\n",
		    "line 3: BILLHOOK_LOG is set in line 1 already; keep one "
		    "of the two" },
		{ "a second line of secrets", "STRIPE_WEBHOOK_SECRET=whsec_a\n"
		    "STRIPE_WEBHOOK_SECRET=whsec_LEAK\n",
		    "line 2: STRIPE_WEBHOOK_SECRET is set in line 1 already; "
		    "keep one of the two (several secrets go into one line, "
		    "apart by commas)" },
		{ "no value", "BILLHOOK_GROUP= \t\n",
		    "line 1: BILLHOOK_GROUP has no value; give it one, or "
		    "take the line away" },
		{ "a comment behind a value", "BILLHOOK_LOG=info # quiet\n",
		    "line 1: BILLHOOK_LOG has a comment behind '='; put the "
		    "comment on a line of its own" },
		{ "a comment as the value", "BILLHOOK_LOG=#quiet\n",
		    "line 1: BILLHOOK_LOG has a comment behind '='; put the "
		    "comment on a line of its own" },
		{ "a value in quotes", "BILLHOOK_LOG=\"info\"\n",
		    "line 1: BILLHOOK_LOG has a value in quotes; take them "
		    "away, blanks need none" },
		{ "a carriage return inside", "BILLHOOK_LOG=in\rfo\n",
		    "line 1: BILLHOOK_LOG has a control character; write the "
		    "value again by hand" },
	};
	static const char nul[] = "#\nBILLHOOK_LOG=info\0\n";
	struct settings *settings;
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		settings = settings_of_text(cases[i].file);
		ok(settings == NULL, "%s is refused", cases[i].name);
		is_str(error, cases[i].want, "with a reason");
		settings_free(settings);
	}
	settings = settings_of(nul, sizeof(nul) - 1);
	ok(settings == NULL, "a NUL is refused");
	is_str(error, "line 2: the line has a NUL byte; save the file as "
	    "plain text", "with a reason");
	settings_free(settings);
}

static void
test_messages(void)
{
	static const char file[] = "BILLHOOK_LOG=x\n";
	struct settings *settings = settings_new();
	char small[10];

	if (settings == NULL)
		abort();
	settings->file = "/etc/billhook.conf";
	is_int(settings_take_file(settings, file, strlen(file), error,
	    sizeof(error)), 0, "words are read at the end");
	is_int(settings_finish(settings, DATABASE, error, sizeof(error)), -1,
	    "and refused there");
	is_str(error, "/etc/billhook.conf, line 1: BILLHOOK_LOG must be "
	    "error, warning, info or debug, in lower case",
	    "the message names the file, if it is known");
	settings_finish(settings, DATABASE, small, sizeof(small));
	is_str(small, "/etc/bill", "a message is cut where its room ends");
	settings_free(settings);
}

static bool
try_settings(void *arg)
{
	static const char *const pairs[] = { "BILLHOOK_LOG", "debug", NULL };
	struct settings *settings;
	bool done;

	(void)arg;
	if ((settings = settings_new()) == NULL)
		return false;
	environment = pairs;
	done = settings_take_file(settings,
	    "STRIPE_WEBHOOK_SECRET=whsec_a,whsec_b\nBILLHOOK_ACCOUNT=acct_b,"
	    "acct_a\n", 68, error, sizeof(error)) == 0 &&
	    settings_take_environment(settings, get, error,
	    sizeof(error)) == 0 &&
	    settings_finish(settings, DATABASE, error, sizeof(error)) == 0;
	environment = NULL;
	if (!done && (!settings->starved || strstr(error, "memory") == NULL))
		abort();
	settings_free(settings);
	return done;
}

static void
test_memory(void)
{
	ok(try_settings(NULL), "with memory it works");
	if (nomem_works())
		ok(nomem_every(try_settings, NULL) > 5, "each allocation may "
		    "fail: it says so, and nothing leaks");
}

int
main(void)
{
	test_defaults();
	test_file();
	test_environment();
	test_lines();
	test_messages();
	test_memory();
	return done_testing();
}
