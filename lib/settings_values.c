/*
 * Settings: their texts read and checked, each by its bounds.
 */
#include <stdlib.h>
#include <string.h>

#include "json_scan.h"
#include "settings.h"
#include "settings_report.h"

#define SEPARATORS ", \t"
#define PREFIX "whsec_"
#define WHERE "from Developers > Webhooks in Stripe's dashboard"

/* Stripe's bound for a key of metadata. */
#define TENANT_KEY_MAX 40

/*
 * Numbers.  A body is held in memory whole by each process, and 64 MiB is far
 * above what Stripe sends.  Stripe waits less than a minute for an answer.
 * A thousand refused deliveries are more than anybody reads.
 */
static const struct range {
	int64_t least, greatest, preset;
	const char *unit;
} ranges[SETTING__MAX] = {
	[SETTING_TOLERANCE] = { 1, 31536000, 300, "seconds" },
	[SETTING_MAX_BODY] = { 1, 67108864, 1048576, "bytes" },
	[SETTING_PATIENCE] = { 1, 60000, 5000, "milliseconds" },
	[SETTING_KEEP_REJECTED] = { 0, 1000, 0, "deliveries" },
};

/* Words, each at its place in its enum. */
#define WORDS_MAX 4
static const struct choice {
	const char *words[WORDS_MAX];
	int preset;
	const char *all;
} choices[SETTING__MAX] = {
	[SETTING_LIVEMODE] = { { [LIVEMODE_ANY] = "any",
	    [LIVEMODE_LIVE] = "live", [LIVEMODE_TEST] = "test" },
	    LIVEMODE_ANY, "live, test or any" },
	[SETTING_JOURNAL] = { { [JOURNAL_WAL] = "wal",
	    [JOURNAL_TRUNCATE] = "truncate" },
	    JOURNAL_WAL, "wal or truncate" },
	[SETTING_LOG] = { { [LOG_ERROR] = "error", [LOG_WARNING] = "warning",
	    [LOG_INFO] = "info", [LOG_DEBUG] = "debug" },
	    LOG_INFO, "error, warning, info or debug" },
};

/* What keeps a text from being a signing secret, or NULL. */
static const char *
secret_fault(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] == '"' || text[i] == '\'' || text[i] == '`')
			return "has quotes; take them away, for they are no "
			    "part of a secret";
		if (text[i] <= ' ' || text[i] > '~')
			return "has a character that no secret has; copy it "
			    "again " WHERE;
	}
	if (len >= 3 && (*text == 's' || *text == 'r' || *text == 'p') &&
	    text[1] == 'k' && text[2] == '_')
		return "is an API key; take the signing secret, whsec_..., "
		    WHERE;
	if (len < strlen(PREFIX) || memcmp(text, PREFIX, strlen(PREFIX)) != 0)
		return "does not begin with whsec_; copy the signing secret "
		    WHERE;
	if (len == strlen(PREFIX))
		return "is whsec_ and nothing else; copy the whole of it "
		    WHERE;
	return NULL;
}

static int
read_secrets(const struct settings_report *report)
{
	struct settings *settings = report->settings;
	const char *at = settings->text[SETTING_SECRET], *fault;
	char *secret;
	size_t len;

	settings_drop_secrets(settings);
	if (at == NULL)
		return 0;
	for (at += strspn(at, SEPARATORS); *at != '\0';
	    at += len, at += strspn(at, SEPARATORS)) {
		len = strcspn(at, SEPARATORS);
		if ((fault = secret_fault(at, len)) != NULL)
			return settings_refuse(report, SETTING_SECRET,
			    "(secret %zu of the list) %s",
			    settings->nsecrets + 1, fault);
		if (settings->nsecrets == SETTINGS_SECRETS_MAX)
			return settings_refuse(report, SETTING_SECRET,
			    "has more than %d secrets; take away those that "
			    "Stripe no longer uses", SETTINGS_SECRETS_MAX);
		if ((secret = strndup(at, len)) == NULL)
			return settings_refuse_memory(report);
		settings->secrets[settings->nsecrets++] = secret;
	}
	if (settings->nsecrets == 0)
		return settings_refuse(report, SETTING_SECRET,
		    "has no secret between its commas; copy it " WHERE);
	return 0;
}

/* Reads a whole decimal number, however long its text is. */
static int
read_number(const struct settings_report *report, enum setting setting,
    int64_t *out)
{
	const struct range *range = &ranges[setting];
	const char *c = report->settings->text[setting];

	*out = range->preset;
	if (c == NULL)
		return 0;
	for (*out = 0; *c >= '0' && *c <= '9' && *out <= range->greatest; c++)
		*out = *out * 10 + (*c - '0');
	if (*c != '\0' || *out < range->least || *out > range->greatest)
		return settings_refuse(report, setting,
		    "must be a whole number of %s from %lld to %lld",
		    range->unit, (long long)range->least,
		    (long long)range->greatest);
	return 0;
}

/* Reads one of a few words: its place in its enum, or -1. */
static int
read_word(const struct settings_report *report, enum setting setting)
{
	const struct choice *choice = &choices[setting];
	const char *text = report->settings->text[setting];
	int i;

	if (text == NULL)
		return choice->preset;
	for (i = 0; i < WORDS_MAX && choice->words[i] != NULL; i++)
		if (strcmp(text, choice->words[i]) == 0)
			return i;
	return settings_refuse(report, setting, "must be %s, in lower case",
	    choice->all);
}

static int
read_database(const struct settings_report *report, const char *preset)
{
	struct settings *settings = report->settings;
	const char *text = settings->text[SETTING_DATABASE];

	settings->database = text == NULL ? preset : text;
	if (text != NULL && *text != '/')
		return settings_refuse(report, SETTING_DATABASE, "must be a "
		    "whole path, from / on: each web server starts programs "
		    "in another directory");
	return 0;
}

static int
read_tenant_key(const struct settings_report *report)
{
	struct settings *settings = report->settings;
	const char *text = settings->text[SETTING_TENANT_KEY];

	settings->tenant_key = text == NULL ? "tenant_id" : text;
	if (text == NULL)
		return 0;
	if (strlen(text) > TENANT_KEY_MAX)
		return settings_refuse(report, SETTING_TENANT_KEY,
		    "must have 1 to %d bytes, as keys of Stripe's metadata do",
		    TENANT_KEY_MAX);
	if (strpbrk(text, "[]") != NULL || !json_scan_text(text))
		return settings_refuse(report, SETTING_TENANT_KEY,
		    "must be UTF-8 without square brackets, as keys of "
		    "Stripe's metadata are");
	return 0;
}

static bool
is_account(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

	return strncmp(text, "acct_", 5) == 0 && text[5] != '\0' &&
	    text[strspn(text, letters)] == '\0';
}

static int
compare_texts(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* Writes n accounts into the text that had them all, sorted, each once. */
static void
join_accounts(char *text, const char **accounts, size_t n)
{
	size_t i;

	qsort(accounts, n, sizeof(*accounts), compare_texts);
	for (i = 0; i < n; i++) {
		if (i > 0 && strcmp(accounts[i], accounts[i - 1]) == 0)
			continue;
		if (i > 0)
			*text++ = ',';
		text = stpcpy(text, accounts[i]);
	}
}

/* Two spellings of one set of accounts become the same text. */
static int
read_accounts(const struct settings_report *report)
{
	struct settings *settings = report->settings;
	char *text = settings->text[SETTING_ACCOUNT], *copy, *item, *rest;
	const char **accounts;
	size_t n = 0;
	int status = 0;

	settings->account = text == NULL ? "" : text;
	if (text == NULL || strcmp(text, "any") == 0)
		return 0;

	/* There are no more of them than every second byte. */
	copy = strdup(text);
	accounts = calloc(strlen(text) / 2 + 1, sizeof(*accounts));
	if (copy == NULL || accounts == NULL) {
		status = settings_refuse_memory(report);
		goto done;
	}
	for (item = strtok_r(copy, SEPARATORS, &rest);
	    item != NULL && is_account(item);
	    item = strtok_r(NULL, SEPARATORS, &rest))
		accounts[n++] = item;
	if (item != NULL || n == 0)
		status = settings_refuse(report, SETTING_ACCOUNT, "must be "
		    "any, or ids of accounts (acct_...) apart by commas");
	else
		join_accounts(text, accounts, n);

done:
	free(accounts);
	free(copy);
	return status;
}

int
settings_finish(struct settings *settings, const char *default_database,
    char *error, size_t error_size)
{
	const struct settings_report report = { settings, error, error_size };
	int livemode, journal, log;

	if (read_secrets(&report) == -1 ||
	    read_database(&report, default_database) == -1 ||
	    read_number(&report, SETTING_TOLERANCE,
	    &settings->tolerance) == -1 ||
	    read_number(&report, SETTING_MAX_BODY, &settings->max_body) == -1 ||
	    read_tenant_key(&report) == -1 ||
	    (livemode = read_word(&report, SETTING_LIVEMODE)) == -1 ||
	    read_accounts(&report) == -1 ||
	    (journal = read_word(&report, SETTING_JOURNAL)) == -1 ||
	    read_number(&report, SETTING_PATIENCE, &settings->patience) == -1 ||
	    read_number(&report, SETTING_KEEP_REJECTED,
	    &settings->keep_rejected) == -1 ||
	    (log = read_word(&report, SETTING_LOG)) == -1)
		return -1;

	settings->livemode = livemode;
	settings->journal = journal;
	settings->log = log;
	settings->group = settings->text[SETTING_GROUP];
	return 0;
}

bool
settings_admits_account(const char *setting, const char *account)
{
	size_t len;

	if (account == NULL || strcmp(setting, "any") == 0)
		return true;
	for (; *setting != '\0'; setting += len + (setting[len] == ',')) {
		len = strcspn(setting, ",");
		if (len > 0 && strlen(account) == len &&
		    memcmp(account, setting, len) == 0)
			return true;
	}
	return false;
}
