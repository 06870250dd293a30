#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorded.h"

enum recorded_setting { RECORDED_TENANT_KEY, RECORDED_LIVEMODE,
    RECORDED_ACCOUNT, RECORDED__MAX };

struct recorded {
	char *values[RECORDED__MAX];
};

static const char *const names[RECORDED__MAX] = {
	[RECORDED_TENANT_KEY] = "BILLHOOK_TENANT_KEY",
	[RECORDED_LIVEMODE] = "BILLHOOK_LIVEMODE",
	[RECORDED_ACCOUNT] = "BILLHOOK_ACCOUNT",
};

static const char *
value_of(const struct settings *settings, enum recorded_setting which)
{
	static const char *const modes[] = {
		[LIVEMODE_ANY] = "any",
		[LIVEMODE_LIVE] = "live",
		[LIVEMODE_TEST] = "test",
	};

	switch (which) {
	case RECORDED_TENANT_KEY:
		return settings->tenant_key;
	case RECORDED_LIVEMODE:
		return modes[settings->livemode];
	default:
		return settings->account;
	}
}

/* Whether a row is that of a setting: others may have made the table anew, with
 * room for anything. */
static bool
is_of(const struct value *row, enum recorded_setting which)
{
	return row[0].type == VALUE_TEXT && row[1].type == VALUE_TEXT &&
	    strcmp(row[0].s, names[which]) == 0;
}

static int
take(void *arg, const struct value *v, size_t n)
{
	struct recorded *recorded = arg;
	size_t i;

	(void)n;
	for (i = 0; i < RECORDED__MAX; i++) {
		if (!is_of(v, i))
			continue;
		free(recorded->values[i]);
		recorded->values[i] = strdup(v[1].s);
		if (recorded->values[i] == NULL)
			return -1;
	}
	return 0;
}

static bool
is_whole(const struct recorded *recorded)
{
	size_t i;

	for (i = 0; i < RECORDED__MAX; i++)
		if (recorded->values[i] == NULL)
			return false;
	return true;
}

/* Fills in, from the settings, what is not there. */
static int
fill(struct recorded *recorded, const struct settings *settings)
{
	size_t i;

	for (i = 0; i < RECORDED__MAX; i++)
		if (recorded->values[i] == NULL && (recorded->values[i] =
		    strdup(value_of(settings, i))) == NULL)
			return -1;
	return 0;
}

struct recorded *
recorded_of(const struct settings *settings)
{
	struct recorded *recorded = calloc(1, sizeof(*recorded));

	if (recorded != NULL && fill(recorded, settings) == -1) {
		recorded_free(recorded);
		return NULL;
	}
	return recorded;
}

enum db_result
recorded_put(const struct recorded *recorded, struct db *db)
{
	struct value params[2];
	enum db_result rc = DB_OK;
	size_t i;

	for (i = 0; i < RECORDED__MAX && rc == DB_OK; i++) {
		params[0] = value_text(names[i]);
		params[1] = value_text(recorded->values[i]);
		rc = db_run(db, STATEMENT_SETTING_PUT, params, NULL, NULL);
	}
	return rc;
}

static int
note_event(void *arg, const struct value *v, size_t n)
{
	bool *there = arg;

	(void)v;
	(void)n;
	*there = true;
	return 1;
}

/* In turn: reads, and records in a new database, if put, what the settings say.
 * Several processes may come here at once; the first has said it.  *lost says
 * whether the tables were shaped by others, which somebody has taken away. */
static enum db_result
read_in_turn(struct recorded *recorded, struct db *db,
    const struct settings *settings, bool put, bool *lost)
{
	enum db_result rc = db_begin(db);

	if (rc != DB_OK)
		return rc;
	rc = db_run(db, STATEMENT_SETTINGS_GET, NULL, take, recorded);
	if (rc == DB_OK && !is_whole(recorded)) {
		rc = db_run(db, STATEMENT_EVENT_KINDS, NULL, note_event, lost);
		if (rc == DB_OK && fill(recorded, settings) == -1)
			rc = DB_ENOMEM;
		if (rc == DB_OK && put)
			rc = recorded_put(recorded, db);
	}
	if (rc != DB_OK) {
		db_rollback(db);
		return rc;
	}
	return db_commit(db);
}

struct check {
	const struct recorded *recorded;
	bool		      *same;
};

static int
compare(void *arg, const struct value *v, size_t n)
{
	struct check *check = arg;
	size_t i;

	(void)n;
	for (i = 0; i < RECORDED__MAX; i++)
		if (is_of(v, i) &&
		    strcmp(v[1].s, check->recorded->values[i]) != 0)
			*check->same = false;
	return 0;
}

enum db_result
recorded_check(const struct recorded *recorded, struct db *db, bool *same)
{
	struct check check = {recorded, same};

	*same = true;
	return db_run(db, STATEMENT_SETTINGS_GET, NULL, compare, &check);
}

enum db_result
recorded_open(struct recorded **out, struct db *db,
    const struct settings *settings,
    void (*log)(void *arg, int level, const char *message), void *arg)
{
	struct recorded *recorded = calloc(1, sizeof(*recorded));
	enum db_result rc = DB_ENOMEM;
	bool lost = false;
	char message[200];
	size_t i;

	*out = recorded;
	/* Where there is a rollback journal, who commits keeps out all others,
	 * and they have no turn but in the queue. */
	if (recorded != NULL)
		rc = db_run(db, STATEMENT_SETTINGS_GET, NULL, take, recorded);
	if (rc == DB_EBUSY || (rc == DB_OK && !is_whole(recorded)))
		rc = read_in_turn(recorded, db, settings, log != NULL, &lost);
	if (rc == DB_OK && lost && log != NULL)
		log(arg, LOG_WARNING, "the settings that the tables were made "
		    "with were not on record any more, and those of now are "
		    "recorded instead; if they are others, correct them, and "
		    "run: billhook rebuild");
	for (i = 0; i < RECORDED__MAX && rc == DB_OK; i++) {
		if (log == NULL ||
		    strcmp(recorded->values[i], value_of(settings, i)) == 0)
			continue;
		snprintf(message, sizeof(message), "%s differs from what the "
		    "database was made with, which binds; correct the "
		    "setting, or run: billhook rebuild", names[i]);
		log(arg, LOG_WARNING, message);
	}
	return rc;
}

void
recorded_free(struct recorded *recorded)
{
	size_t i;

	if (recorded == NULL)
		return;
	for (i = 0; i < RECORDED__MAX; i++)
		free(recorded->values[i]);
	free(recorded);
}

const char *
recorded_tenant_key(const struct recorded *recorded)
{
	return recorded->values[RECORDED_TENANT_KEY];
}

const char *
recorded_refuses(const struct recorded *recorded, const struct event *event)
{
	const char *mode = recorded->values[RECORDED_LIVEMODE];

	if (strcmp(mode, "any") != 0 &&
	    (strcmp(mode, "live") == 0) != event->livemode)
		return event->livemode ?
		    "a live event, and BILLHOOK_LIVEMODE is test" :
		    "a test event, and BILLHOOK_LIVEMODE is live";
	if (!settings_admits_account(recorded->values[RECORDED_ACCOUNT],
	    event->account))
		return "of a connected account that BILLHOOK_ACCOUNT does "
		    "not name";
	return NULL;
}
