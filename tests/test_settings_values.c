/*
 * Settings: the bounds of each value; refusals show no secret.
 */
#include "reading.h"
#include "tap.h"

/* What settings take or refuse, and words that the refusal must have. */
struct value_case {
	enum setting setting;
	const char *value;
	const char *words;	/* NULL: the value is good */
};

/* Tries a value in the file and in the environment. */
static void
test_value(const struct value_case *this)
{
	const char *name = setting_name(this->setting);
	const char *const pair[] = { name, this->value, NULL };
	struct settings *settings;
	char file[1024], shown[48], place[64];
	int in_environment;

	snprintf(file, sizeof(file), "# first\n%s=%s\n", name, this->value);
	snprintf(shown, sizeof(shown), "%s=%s", name + 9, this->value);
	for (in_environment = 0; in_environment < 2; in_environment++) {
		environment = in_environment ? pair : NULL;
		settings = settings_of_text(in_environment ? "" : file);
		environment = NULL;
		if (this->words == NULL) {
			if (!ok(settings != NULL, "%s is taken", shown))
				diag("%s", error);
			settings_free(settings);
			continue;
		}

		snprintf(place, sizeof(place), "%s: %s ", in_environment ?
		    "environment" : "line 2", name);
		if (!ok(settings == NULL && strstr(error, this->words) &&
		    strncmp(error, place, strlen(place)) == 0,
		    "%s is refused, with place, name and reason", shown))
			diag("%s", error);
		settings_free(settings);
	}
}

static void
test_numbers(void)
{
	static const struct value_case cases[] = {
		{ SETTING_TOLERANCE, "1", NULL },
		{ SETTING_TOLERANCE, "31536000", NULL },
		{ SETTING_TOLERANCE, "0", "seconds from 1 to 31536000" },
		{ SETTING_TOLERANCE, "31536001", "from 1 to 31536000" },
		{ SETTING_TOLERANCE, "-1", "whole number" },
		{ SETTING_TOLERANCE, "+5", "whole number" },
		{ SETTING_TOLERANCE, "5.0", "whole number" },
		{ SETTING_TOLERANCE, "5s", "whole number" },
		{ SETTING_TOLERANCE, "5 6", "whole number" },
		{ SETTING_TOLERANCE, "0x10", "whole number" },
		{ SETTING_TOLERANCE, "1e3", "whole number" },
		{ SETTING_TOLERANCE, "five", "whole number" },
		{ SETTING_TOLERANCE, "18446744073709551916", "whole number" },
		{ SETTING_TOLERANCE, "99999999999999999999999999999999999999",
		    "whole number" },
		{ SETTING_MAX_BODY, "1", NULL },
		{ SETTING_MAX_BODY, "67108864", NULL },
		{ SETTING_MAX_BODY, "0", "bytes from 1 to 67108864" },
		{ SETTING_MAX_BODY, "67108865", "from 1 to 67108864" },
		{ SETTING_MAX_BODY, "1M", "whole number" },
		{ SETTING_PATIENCE, "1", NULL },
		{ SETTING_PATIENCE, "60000", NULL },
		{ SETTING_PATIENCE, "0", "milliseconds from 1 to 60000" },
		{ SETTING_PATIENCE, "60001", "from 1 to 60000" },
		{ SETTING_KEEP_REJECTED, "0", NULL },
		{ SETTING_KEEP_REJECTED, "1000", NULL },
		{ SETTING_KEEP_REJECTED, "1001", "from 0 to 1000" },
	};
	size_t i;

	for (i = 0; i < COUNT(cases); i++)
		test_value(&cases[i]);
}

static void
test_words(void)
{
	static const char key40[] = "a23456789b23456789c23456789d234567890";
	static const struct value_case cases[] = {
		{ SETTING_LIVEMODE, "live", NULL },
		{ SETTING_LIVEMODE, "any", NULL },
		{ SETTING_LIVEMODE, "Live", "live, test or any" },
		{ SETTING_LIVEMODE, "true", "live, test or any" },
		{ SETTING_JOURNAL, "wal", NULL },
		{ SETTING_JOURNAL, "delete", "wal or truncate" },
		{ SETTING_LOG, "warning", NULL },
		{ SETTING_LOG, "error", NULL },
		{ SETTING_LOG, "verbose", "error, warning, info or debug" },
		{ SETTING_LOG, "info debug", "error, warning, info or debug" },
		{ SETTING_DATABASE, "/tmp/b.db", NULL },
		{ SETTING_DATABASE, "b.db", "whole path" },
		{ SETTING_DATABASE, ":memory:", "whole path" },
		{ SETTING_DATABASE, "file:/tmp/b.db", "whole path" },
		{ SETTING_TENANT_KEY, "t", NULL },
		{ SETTING_TENANT_KEY, "\xc3\xa9tablissement", NULL },
		{ SETTING_TENANT_KEY, key40, NULL },
		{ SETTING_TENANT_KEY, "a23456789b23456789c23456789d23456789e1234",
		    "1 to 40 bytes" },
		{ SETTING_TENANT_KEY, "tenant[id]", "square brackets" },
		{ SETTING_TENANT_KEY, "t\xff", "UTF-8" },
		{ SETTING_TENANT_KEY, "t\x01", "control character" },
		{ SETTING_TENANT_KEY, "t\x7f", "control character" },
		{ SETTING_GROUP, "www-data", NULL },
		{ SETTING_GROUP, "\"www-data\"", "quotes" },
		{ SETTING_ACCOUNT, "any", NULL },
		{ SETTING_ACCOUNT, "acct_1", NULL },
		{ SETTING_ACCOUNT, "acct_1,acct_2", NULL },
		{ SETTING_ACCOUNT, "acct_", "any, or ids" },
		{ SETTING_ACCOUNT, "Any", "any, or ids" },
		{ SETTING_ACCOUNT, "any,acct_1", "any, or ids" },
		{ SETTING_ACCOUNT, "acct_1;acct_2", "any, or ids" },
		{ SETTING_ACCOUNT, "cus_1", "any, or ids" },
		{ SETTING_ACCOUNT, ",", "any, or ids" },
	};
	size_t i;

	for (i = 0; i < COUNT(cases); i++)
		test_value(&cases[i]);
}

static void
test_secrets(void)
{
	static const struct value_case cases[] = {
		{ SETTING_SECRET, "whsec_test_1", NULL },
		{ SETTING_SECRET, "whsec_test_1,whsec_test_1", NULL },
		{ SETTING_SECRET, ",whsec_test_1 ,, whsec_test_2,", NULL },
		{ SETTING_SECRET, "whsec_", "nothing else" },
		{ SETTING_SECRET, "whsec_,whsec_test_1", "nothing else" },
		{ SETTING_SECRET, ",", "no secret" },
		{ SETTING_SECRET, "LEAK_1", "does not begin with whsec_" },
		{ SETTING_SECRET, "WHSEC_LEAK", "does not begin with" },
		{ SETTING_SECRET, "xwhsec_LEAK", "does not begin with" },
		{ SETTING_SECRET, "whsec_test_1 LEAK", "(secret 2 of the list)" },
		{ SETTING_SECRET, "whsec_test_1;whsec_LEAK", NULL },
		{ SETTING_SECRET, "sk_test_LEAK", "is an API key" },
		{ SETTING_SECRET, "sk_live_LEAK", "Developers > Webhooks" },
		{ SETTING_SECRET, "rk_test_LEAK", "is an API key" },
		{ SETTING_SECRET, "pk_test_LEAK", "is an API key" },
		{ SETTING_SECRET, "whsec_test_1,sk_test_LEAK",
		    "(secret 2 of the list) is an API key" },
		{ SETTING_SECRET, "\"whsec_LEAK\"", "quotes" },
		{ SETTING_SECRET, "'whsec_LEAK'", "quotes" },
		{ SETTING_SECRET, "whsec_LEAK\"", "quotes" },
		{ SETTING_SECRET, "whsec_a,\"whsec_LEAK\",whsec_b", "quotes" },
		{ SETTING_SECRET, "`whsec_LEAK`", "quotes" },
		{ SETTING_SECRET, "\xe2\x80\x9cwhsec_LEAK\xe2\x80\x9d",
		    "a character that no secret has" },
		{ SETTING_SECRET, "whsec_LE\xc2\xa0" "AK",
		    "a character that no secret has" },
		{ SETTING_SECRET, "whsec_LEAK\x1b", "control character" },
	};
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		test_value(&cases[i]);
		if (cases[i].words != NULL)
			ok(strstr(error, "LEAK") == NULL,
			    "and the value is not shown");
	}
}

/* As many secrets as there may be, and one more. */
static void
test_many_secrets(void)
{
	struct settings *settings;
	char file[1024], *at = file;
	int i;

	at += sprintf(at, "STRIPE_WEBHOOK_SECRET=");
	for (i = 0; i < SETTINGS_SECRETS_MAX; i++)
		at += sprintf(at, "whsec_test_%d,", i);
	settings = settings_of_text(file);
	if (ok(settings != NULL, "%d secrets are taken", i))
		is_int(settings->nsecrets, SETTINGS_SECRETS_MAX, "all of them");
	settings_free(settings);

	sprintf(at, "whsec_test_one_more");
	settings = settings_of_text(file);
	ok(settings == NULL && strstr(error, "more than 32 secrets") != NULL,
	    "one more is refused");
	settings_free(settings);
}

static void
test_accounts(void)
{
	static const struct {
		const char *setting, *account;
		bool want;
	} cases[] = {
		{ "", NULL, true }, { "any", NULL, true },
		{ "acct_1", NULL, true }, { "", "acct_1", false },
		{ "any", "acct_1", true }, { "acct_1", "acct_1", true },
		{ "acct_1,acct_2", "acct_1", true },
		{ "acct_1,acct_2", "acct_2", true },
		{ "acct_1,acct_2,acct_3", "acct_2", true },
		{ "acct_1,acct_2", "acct_3", false },
		{ "acct_1,acct_2", "acct_", false },
		{ "acct_1,acct_2", "acct_22", false },
		{ "acct_1,acct_2", "cct_2", false },
		{ "acct_1,acct_2", "acct_1,acct_2", false },
		{ "acct_1", "", false }, { "", "", false },
		{ ",,", "", false }, { "acct_any", "any", false },
	};
	struct settings *one, *other;
	size_t i;

	for (i = 0; i < COUNT(cases); i++)
		is_int(settings_admits_account(cases[i].setting,
		    cases[i].account), cases[i].want, "'%s' %s %s",
		    cases[i].setting, cases[i].want ? "admits" : "keeps out",
		    cases[i].account == NULL ? "the shop's own events" :
		    cases[i].account);

	one = settings_of_text("BILLHOOK_ACCOUNT=acct_c,acct_a,acct_b\n");
	other = settings_of_text("BILLHOOK_ACCOUNT=acct_b acct_c,,\tacct_a "
	    "acct_c acct_b\n");
	if (one == NULL || other == NULL)
		abort();
	is_str(one->account, "acct_a,acct_b,acct_c", "accounts are sorted");
	is_str(other->account, one->account,
	    "two spellings of one set are the same");
	is_str(other->text[SETTING_ACCOUNT], one->account, "text, too");
	settings_free(one);
	settings_free(other);
}

int
main(void)
{
	test_numbers();
	test_words();
	test_secrets();
	test_many_secrets();
	test_accounts();
	return done_testing();
}
