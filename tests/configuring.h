/*
 * What the tests of the configuration file share: an empty directory, files
 * in it, and what was made of them.
 */
#ifndef CONFIGURING_H
#define CONFIGURING_H

#include <sys/stat.h>
#include <sys/types.h>

#include <stdlib.h>
#include <unistd.h>

#include "config.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))
#define DEFAULT "etc/billhook.conf"

static inline void
must(bool done, const char *what)
{
	if (done)
		return;
	diag("cannot %s", what);
	abort();
}

/* Writes a file in one piece, with mode 0600. */
static inline void
put_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	must(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0 &&
	    chmod(path, 0600) == 0, path);
}

static inline struct config *
open_config(void)
{
	struct config *config;

	must(config_open(&config) == 0, "open the configuration");
	return config;
}

/* True if the settings are usable and have this tolerance. */
static inline bool
has_tolerance(const struct config *config, int64_t tolerance)
{
	const struct settings *settings = config_settings(config);

	if (settings == NULL)
		diag("%s", config_error(config));
	return settings != NULL && settings->tolerance == tolerance;
}

/* True if the settings are not usable, and these words say why. */
static inline bool
is_refused(const struct config *config, const char *words)
{
	if (config_settings(config) == NULL &&
	    strstr(config_error(config), words) != NULL)
		return true;
	diag("%s: %s", config_settings(config) == NULL ? "refused" : "taken",
	    config_error(config));
	return false;
}

/* Runs a test in an empty directory, without settings in the environment. */
static inline void
run(void (*test)(void))
{
	char directory[] = "/tmp/test_config.XXXXXX", command[64];
	int i;

	for (i = 0; i < SETTING__MAX; i++)
		unsetenv(setting_name(i));
	unsetenv("BILLHOOK_CONFIG");
	must(mkdtemp(directory) != NULL && chdir(directory) == 0 &&
	    mkdir("etc", 0755) == 0 && chmod(".", 0755) == 0, directory);
	test();
	snprintf(command, sizeof(command), "rm -r %s", directory);
	must(chdir("/") == 0 && system(command) == 0, command);
}

#endif
