/* Opening the database for a subcommand. */
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "database.h"
#include "files.h"
#include "table.h"

#define MEMORY_MAX ((size_t)1 << 30)

/* What a database is opened for. */
enum purpose { USE, MAKE, REBUILD, COPY };

static void
tell(void *arg, int level, const char *message)
{
	const struct database *db = arg;

	if (level > LOG_WARNING)
		return;
	fprintf(stderr, "billhook %s: warning: ", db->name);
	table_put(stderr, message);
	fprintf(stderr, "\n");
}

/* Whose the database is, or, where it is still to be made, its directory, or,
 * where that is too, the one above. */
static bool
find_owner(const char *path, struct stat *st)
{
	char at[PATH_MAX], above[PATH_MAX];
	int step;

	(void)snprintf(at, sizeof(at), "%s", path);
	for (step = 0; stat(at, st) == -1; step++) {
		if (step == 2 || files_directory(above, at) == -1)
			return false;
		memcpy(at, above, sizeof(at));
	}
	return true;
}

int
database_refuse_root(const char *name, const struct settings *settings)
{
	const char *path = settings->database;
	char lock[PATH_MAX + 8], owner[32];
	const struct passwd *user;
	struct stat st, there;

	(void)snprintf(lock, sizeof(lock), "%s-lock", path);
	if (geteuid() != 0 || !find_owner(path, &st) || st.st_uid == 0 ||
	    (stat(path, &there) == 0 && stat(lock, &there) == 0))
		return CLI_OK;
	(void)snprintf(owner, sizeof(owner), "#%lu",
	    (unsigned long)st.st_uid);
	user = getpwuid(st.st_uid);
	return cli_fail(name, "%s would be root's, and closed to %s, whose "
	    "directory that is; run it as that user (sudo -u '%s' billhook "
	    "%s ...), or name the endpoint with --url",
	    stat(path, &there) == 0 ? lock : path,
	    user == NULL ? owner : user->pw_name,
	    user == NULL ? owner : user->pw_name, name);
}

enum store_result
database_open_store(struct store *store, const struct settings *settings)
{
	enum store_result result;
	bool lent = false;
	struct stat st;

	/* A lock or a log of root's would shut the responder out. */
	if (geteuid() == 0 && find_owner(settings->database, &st) &&
	    st.st_uid != 0)
		lent = setegid(st.st_gid) == 0 && seteuid(st.st_uid) == 0;
	result = store_open(store);
	if (lent && (seteuid(0) == -1 || setegid(0) == -1))
		return STORE_EUNAVAILABLE;
	return result;
}

/* Root's database is of no use to a responder of another user. */
static void
warn_of_root(struct database *db)
{
	struct stat st;

	if (geteuid() == 0 && stat(db->settings->database, &st) == 0 &&
	    st.st_uid == 0)
		tell(db, LOG_WARNING, "the database was made and belongs to "
		    "root; if the responder runs as another user, give it to "
		    "that user with its directory (chown -R)");
}

static int
open_store(struct database *db, enum purpose purpose)
{
	db->store = store_new(db->settings, tell, db);
	if (db->store == NULL)
		return cli_fail(db->name, "out of memory");
	store_keep_journal(db->store);
	if (purpose == COPY)
		store_only_copy(db->store);
	else
		store_check_tables(db->store, purpose == REBUILD);
	if (purpose == REBUILD)
		store_expect_rebuild(db->store);
	if (database_open_store(db->store, db->settings) != STORE_OK)
		return database_fail(db);
	return CLI_OK;
}

int
database_no_settings(const char *name, const struct config *config)
{
	bool closed = access(config_path(config), R_OK) == -1 &&
	    errno == EACCES;

	return cli_fail(name, "%s%s", config_error(config), closed ?
	    "; or run this as the user of the responder, or as root" : "");
}

static int
open_for(struct database *db, const char *name, enum purpose purpose)
{
	struct stat st;
	bool there;
	int status;

	memset(db, 0, sizeof(*db));
	db->name = name;
	db->arena = arena_new(MEMORY_MAX);
	if (db->arena == NULL || config_open(&db->config) == -1)
		return cli_fail(name, "out of memory");
	db->settings = config_settings(db->config);
	if (db->settings == NULL)
		return database_no_settings(name, db->config);
	there = stat(db->settings->database, &st) == 0 ||
	    (errno != ENOENT && errno != ENOTDIR);
	if (access(db->settings->database, R_OK | W_OK) == -1 &&
	    errno == EACCES)
		return cli_fail(name, "%s: may not be read and written by "
		    "you; run this as the user of the responder (sudo -u "
		    "www-data billhook %s ...), or as root",
		    db->settings->database, name);
	if (!there && purpose != MAKE)
		return cli_fail(name, "%s is not there: no delivery has come "
		    "yet, or BILLHOOK_DATABASE names another file than the "
		    "responder's; see billhook doctor",
		    db->settings->database);
	status = open_store(db, purpose);
	if (status == CLI_OK && !there)
		warn_of_root(db);
	return status;
}

int
database_open(struct database *db, const char *name, bool make)
{
	return open_for(db, name, make ? MAKE : USE);
}

int
database_open_to_rebuild(struct database *db, const char *name)
{
	return open_for(db, name, REBUILD);
}

int
database_open_to_copy(struct database *db, const char *name)
{
	return open_for(db, name, COPY);
}

void
database_close(struct database *db)
{
	store_free(db->store);
	config_free(db->config);
	arena_free(db->arena);
	memset(db, 0, sizeof(*db));
}

int
database_fail(const struct database *db)
{
	const char *words = store_error(db->store);

	return cli_fail(db->name, "%s", *words == '\0' ?
	    "the database cannot be used" : words);
}

int
database_run(struct database *db, enum report report,
    const struct value *params, report_row *row, void *arg)
{
	if (report_run(db->store, report, params, row, arg) != STORE_OK)
		return database_fail(db);
	return CLI_OK;
}

struct gathering {
	struct arena *arena;
	struct database_rows *rows;
	size_t room;
};

static int
take_row(void *arg, const struct value *v, size_t n)
{
	struct gathering *g = arg;
	struct value **grown;

	if (g->rows->n == g->room) {
		g->room = g->room == 0 ? 16 : g->room * 2;
		grown = arena_array(g->arena, g->room, sizeof(*grown));
		if (grown == NULL)
			return -1;
		if (g->rows->n > 0)
			memcpy(grown, g->rows->v, g->rows->n *
			    sizeof(*grown));
		g->rows->v = grown;
	}
	g->rows->v[g->rows->n] = value_copy(g->arena, v, n);
	return g->rows->v[g->rows->n++] == NULL ? -1 : 0;
}

int
database_gather(struct database *db, enum report report,
    const struct value *params, struct database_rows *out)
{
	struct gathering g = { db->arena, out, 0 };

	memset(out, 0, sizeof(*out));
	return database_run(db, report, params, take_row, &g);
}
