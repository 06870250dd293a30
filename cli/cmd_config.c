/* billhook config: the settings, and where each came from. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "config.h"
#include "database.h"
#include "input.h"
#include "jsonout.h"
#include "options.h"
#include "table.h"

static const struct options_option options[] = {
	{ "json", NULL, "for programs" },
	{ NULL, NULL, NULL }
};

static const struct options_help help = {
	"config", "",
	"Shows every setting as the responder would read it here, and where "
	"it came from:\nthe environment, the configuration file or the "
	"default.  Secrets are shown as\ntheir last four characters.",
	options,
	"  $ billhook config\n"
	"  $ billhook config --json\n"
};

static const char *const sources[] = {
	[SOURCE_DEFAULT] = "default",
	[SOURCE_FILE] = "file",
	[SOURCE_ENVIRONMENT] = "environment",
};

/* The secrets, as far as they may be shown. */
static void
list_secrets(struct bytes *out, const struct settings *settings)
{
	char tail[INPUT_TAIL_SIZE];
	size_t i;

	for (i = 0; i < settings->nsecrets; i++) {
		input_tail(tail, settings->secrets[i]);
		if (i > 0)
			bytes_put_char(out, ' ');
		bytes_put_text(out, tail);
	}
	if (settings->nsecrets == 0)
		bytes_put_text(out, "none: every delivery is answered 500");
}

/* What a setting is, default or not. */
static void
put_value(struct bytes *out, const struct settings *settings,
    enum setting setting)
{
	static const char *const presets[SETTING__MAX] = {
		[SETTING_LIVEMODE] = "any", [SETTING_ACCOUNT] = "none",
		[SETTING_GROUP] = "none", [SETTING_JOURNAL] = "wal",
		[SETTING_LOG] = "info",
	};
	const int64_t numbers[SETTING__MAX] = {
		[SETTING_TOLERANCE] = settings->tolerance,
		[SETTING_MAX_BODY] = settings->max_body,
		[SETTING_PATIENCE] = settings->patience,
		[SETTING_KEEP_REJECTED] = settings->keep_rejected,
	};
	char digits[24];

	if (setting == SETTING_SECRET)
		list_secrets(out, settings);
	else if (settings->text[setting] != NULL)
		bytes_put_text(out, settings->text[setting]);
	else if (setting == SETTING_DATABASE)
		bytes_put_text(out, settings->database);
	else if (setting == SETTING_TENANT_KEY)
		bytes_put_text(out, settings->tenant_key);
	else if (presets[setting] != NULL)
		bytes_put_text(out, presets[setting]);
	else {
		(void)snprintf(digits, sizeof(digits), "%" PRId64,
		    numbers[setting]);
		bytes_put_text(out, digits);
	}
}

static int
print_table(const struct config *config, const struct settings *settings)
{
	static const char *const heads[] = { "SETTING", "VALUE", "FROM" };
	struct table *table = table_new(heads, 3);
	const char *cells[3];
	struct bytes value;
	char source[32];
	int i, status = -1;

	if (table == NULL)
		return cli_fail("config", "out of memory");
	for (i = 0; i < SETTING__MAX; i++) {
		bytes_init(&value, 65536);
		put_value(&value, settings, i);
		(void)snprintf(source, sizeof(source), "%s",
		    sources[settings->source[i]]);
		if (settings->source[i] == SOURCE_FILE)
			(void)snprintf(source, sizeof(source), "line %d",
			    settings->line[i]);
		cells[0] = setting_name(i);
		cells[1] = value.data;
		cells[2] = source;
		table_add(table, cells);
		bytes_free(&value);
	}
	status = table_print(table, stdout);
	table_free(table);
	if (status == -1)
		return cli_fail("config", "out of memory");
	printf("\nThe file is ");
	table_put(stdout, config_path(config));
	printf("\n");
	return CLI_OK;
}

static void
print_json(const struct config *config, const struct settings *settings)
{
	struct jsonout out;
	struct bytes value;
	int i;

	jsonout_init(&out, stdout);
	jsonout_open(&out, NULL, '{');
	jsonout_text(&out, "file", config_path(config));
	jsonout_open(&out, "settings", '{');
	for (i = 0; i < SETTING__MAX; i++) {
		bytes_init(&value, 65536);
		put_value(&value, settings, i);
		jsonout_open(&out, setting_name(i), '{');
		jsonout_text(&out, "value", value.data);
		jsonout_text(&out, "from", sources[settings->source[i]]);
		if (settings->source[i] == SOURCE_FILE)
			jsonout_int(&out, "line", settings->line[i]);
		jsonout_close(&out, '}');
		bytes_free(&value);
	}
	jsonout_close(&out, '}');
	jsonout_close(&out, '}');
}

int
cmd_config(int argc, char **argv)
{
	const struct settings *settings;
	struct config *config;
	int status;
	bool json;

	if (!options_json(&help, argc, argv, &json, &status))
		return status;

	if (config_open(&config) == -1)
		return cli_fail("config", "out of memory");
	status = CLI_OK;
	settings = config_settings(config);
	if (settings == NULL)
		status = database_no_settings("config", config);
	else if (json)
		print_json(config, settings);
	else
		status = print_table(config, settings);
	if (settings != NULL && settings->nsecrets == 0)
		status = CLI_PROBLEM;
	config_free(config);
	return status;
}
