/*
 * The configuration file, and behind a line "---" the environment, a
 * NAME=value in each line.  What is accepted keeps its bounds and can be
 * written down and read again; what is refused is said in one plain sentence
 * that shows no secret.
 */
#include "billhook.h"
#include "fuzzing.h"
#include "settings.h"

const char fuzz_target[] = "settings";

#define ENVIRONMENT "\n---\n"
#define DATABASE "/nowhere/billhook.db"
#define CANARY "canary"		/* in the secrets of the corpus */

static char *variables[100];
static size_t nvariables;

static char *
get(const char *name)
{
	size_t i, len = strlen(name);

	for (i = 0; i < nvariables; i++)
		if (strncmp(variables[i], name, len) == 0 &&
		    variables[i][len] == '=')
			return variables[i] + len + 1;
	return NULL;
}

static void
take_variables(struct fuzz_part input)
{
	struct fuzz_part line;

	nvariables = 0;
	while (nvariables < 100 && fuzz_cut(&line, &input, '\n'))
		variables[nvariables++] = fuzz_text(line.at, line.len);
}

static void
check_refusal(const char *error)
{
	fuzz_require(*error != '\0', "refused without a word");
	fuzz_require(fuzz_is_plain(error, strlen(error)),
	    "the refusal is no plain line");
	fuzz_require(strstr(error, CANARY) == NULL,
	    "the refusal shows a secret: %s", error);
}

static void
check_accounts(const char *account)
{
	char *text = strdup(account), *item, *rest, *last = NULL;

	for (item = strtok_r(text, ",", &rest); item != NULL;
	    item = strtok_r(NULL, ",", &rest)) {
		fuzz_require(strcmp(account, "any") == 0 ||
		    strncmp(item, "acct_", 5) == 0, "an account is %s", item);
		fuzz_require(last == NULL || strcmp(last, item) < 0,
		    "accounts are not sorted: %s", account);
		fuzz_require(settings_admits_account(account, item),
		    "an account of the list is not let in");
		last = item;
	}
	fuzz_require(settings_admits_account(account, NULL),
	    "the shop's own events are not let in");
	fuzz_require(strcmp(account, "any") == 0 ||
	    !settings_admits_account(account, "acct_"),
	    "an account is let in that nobody named");
	free(text);
}

static void
check_accepted(const struct settings *s)
{
	struct bh_verifier *verifier = NULL;

	fuzz_require(s->tolerance >= 1 && s->tolerance <= 31536000 &&
	    s->max_body >= 1 && s->max_body <= 67108864 &&
	    s->patience >= 1 && s->patience <= 60000 &&
	    s->keep_rejected >= 0 && s->keep_rejected <= 1000,
	    "a number is out of its bounds");
	fuzz_require(*s->database == '/', "the database is no whole path");
	fuzz_require(strlen(s->tenant_key) >= 1 &&
	    strlen(s->tenant_key) <= 40 && fuzz_is_utf8(s->tenant_key) &&
	    strpbrk(s->tenant_key, "[]") == NULL, "no key for a tenant");
	check_accounts(s->account);
	fuzz_require(s->nsecrets <= SETTINGS_SECRETS_MAX, "too many secrets");
	if (s->nsecrets == 0)
		return;
	fuzz_require(bh_verifier_new(&verifier,
	    (const char *const *)s->secrets, s->nsecrets, NULL) == BH_OK,
	    "a secret is accepted that cannot be one");
	bh_verifier_free(verifier);
}

/* Written down as a file and read again, all is as it was. */
static void
check_again(const struct settings *s)
{
	struct settings *again = settings_new();
	char file[65536 * 2], error[1024] = "";
	size_t len = 0, i;

	for (i = 0; i < SETTING__MAX; i++)
		if (s->text[i] != NULL)
			len += (size_t)snprintf(file + len, sizeof(file) - len,
			    "%s = %s\n", setting_name(i), s->text[i]);
	if (settings_take_file(again, file, len, error, sizeof(error)) == -1)
		/* The environment may hold what reads as a comment. */
		fuzz_require(strstr(error, "comment") != NULL, "%s", error);
	else if (settings_finish(again, DATABASE, error, sizeof(error)) == -1)
		fuzz_require(false, "not accepted again: %s", error);
	else {
		for (i = 0; i < SETTING__MAX; i++)
			fuzz_require((s->text[i] == NULL) ==
			    (again->text[i] == NULL) && (s->text[i] == NULL ||
			    strcmp(s->text[i], again->text[i]) == 0),
			    "%s is read otherwise", setting_name(i));
		fuzz_require(again->nsecrets == s->nsecrets &&
		    again->tolerance == s->tolerance &&
		    again->max_body == s->max_body &&
		    again->livemode == s->livemode &&
		    again->journal == s->journal && again->log == s->log &&
		    again->patience == s->patience &&
		    again->keep_rejected == s->keep_rejected &&
		    strcmp(again->account, s->account) == 0,
		    "a value is read otherwise");
	}
	settings_free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t mark = sizeof(ENVIRONMENT) - 1;
	struct settings *settings = settings_new();
	struct fuzz_part file = { (const char *)data, size }, rest = { 0 };
	char error[1024] = "", *exact;
	const char *at = NULL;

	if (size > 32768)
		size = file.len = 32768;
	if (size > 0)
		at = memmem(data, size, ENVIRONMENT, mark);
	if (at != NULL) {
		file.len = (size_t)(at - file.at) + 1;
		rest.at = at + mark;
		rest.len = size - file.len - (mark - 1);
	}
	take_variables(rest);
	exact = fuzz_copy(file.at, file.len);
	if (settings_take_file(settings, exact, file.len, error,
	    sizeof(error)) == -1 || settings_take_environment(settings, get,
	    error, sizeof(error)) == -1 || settings_finish(settings, DATABASE,
	    error, sizeof(error)) == -1)
		check_refusal(error);
	else {
		check_accepted(settings);
		check_again(settings);
	}
	free(exact);
	settings_free(settings);
	while (nvariables > 0)
		free(variables[--nvariables]);
	return 0;
}
