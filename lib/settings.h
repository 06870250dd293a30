/*
 * billhook's settings: names, bounds, defaults, and where each value came
 * from.  Pure: text in, settings out; db/config.h reads the file.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum setting {
	SETTING_SECRET,		/* STRIPE_WEBHOOK_SECRET */
	SETTING_DATABASE,
	SETTING_TOLERANCE,
	SETTING_MAX_BODY,
	SETTING_TENANT_KEY,
	SETTING_LIVEMODE,
	SETTING_ACCOUNT,
	SETTING_GROUP,
	SETTING_JOURNAL,
	SETTING_PATIENCE,
	SETTING_KEEP_REJECTED,
	SETTING_LOG,
	SETTING__MAX
};

enum setting_source { SOURCE_DEFAULT, SOURCE_FILE, SOURCE_ENVIRONMENT };

enum setting_livemode { LIVEMODE_ANY, LIVEMODE_LIVE, LIVEMODE_TEST };
enum setting_journal { JOURNAL_WAL, JOURNAL_TRUNCATE };
enum setting_log { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

#define SETTINGS_SECRETS_MAX 32

struct settings {
	const char *file;	/* its path in messages, borrowed; or NULL */
	bool	 starved;	/* refused for want of memory: try again */
	char	*text[SETTING__MAX];	/* as given, owned; NULL: default */
	enum setting_source source[SETTING__MAX];
	int	 line[SETTING__MAX];	/* in the file, if SOURCE_FILE */

	/* Read and checked by settings_finish(): */
	char	*secrets[SETTINGS_SECRETS_MAX];	/* owned, wiped when freed */
	size_t	 nsecrets;
	const char *database;
	int64_t	 tolerance;		/* seconds */
	int64_t	 max_body;		/* bytes */
	const char *tenant_key;
	enum setting_livemode livemode;
	const char *account;		/* "" none, "any", or acct_...,...
					 * sorted, each once (text, too) */
	const char *group;		/* NULL if none */
	enum setting_journal journal;
	int64_t	 patience;		/* milliseconds */
	int64_t	 keep_rejected;		/* deliveries */
	enum setting_log log;
};

/* The name of a setting, as in the environment and in the file. */
const char *setting_name(enum setting setting);

/* Settings with nothing set.  NULL without memory. */
struct settings *settings_new(void);

/* Wipes secrets and frees.  NULL is legal. */
void settings_free(struct settings *settings);

/*
 * Takes the lines of a configuration file: NAME=value, # comments, blank
 * lines, LF or CRLF.  A name that is no setting, a line without '=', a value
 * in quotes, a NUL, a setting that stands there twice: an error.  0; -1 with a
 * sentence in error that names the line and says what to do (never a value).
 */
int settings_take_file(struct settings *settings, const char *bytes,
    size_t len, char *error, size_t error_size);

/*
 * Takes what get (as getenv) has; it goes above the file.  An empty value
 * counts as not set.  0, or -1 as above.
 */
int settings_take_environment(struct settings *settings,
    char *(*get)(const char *name), char *error, size_t error_size);

/*
 * Reads and checks every value.  A value out of range is an error that names
 * the setting and its bounds; so is a secret that cannot be one (an API key,
 * quotes, no whsec_).  No secret at all is no error here: nsecrets is 0.
 * 0, or -1 as above.
 */
int settings_finish(struct settings *settings, const char *default_database,
    char *error, size_t error_size);

/* True if the account of an event is one that settings.account lets in:
 * account may be NULL (the shop's own), which always is. */
bool settings_admits_account(const char *setting, const char *account);

#endif
