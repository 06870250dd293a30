/*
 * The store as such: made, opened, closed, and what it says.
 */
#include <stdio.h>
#include <stdlib.h>

#include "files.h"
#include "store_private.h"

#define MEMORY_MAX ((size_t)256 * 1024 * 1024)

const char *
store_error(const struct store *store)
{
	return store->error;
}

struct store *
store_new(const struct settings *settings, store_log *log, void *arg)
{
	struct store *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return NULL;
	store->arena = arena_new(MEMORY_MAX);
	if (store->arena == NULL) {
		free(store);
		return NULL;
	}
	store->log = log;
	store->arg = arg;
	store_configure(store, settings);
	return store;
}

void
store_configure(struct store *store, const struct settings *settings)
{
	store_close(store);
	store->settings = settings;
	store->had = false;
}

void
store_expect_rebuild(struct store *store)
{
	store->rebuilds = true;
}

void
store_keep_journal(struct store *store)
{
	store->keeps_journal = true;
}

void
store_check_tables(struct store *store, bool recorded)
{
	store->checks_tables = true;
	store->checks_recorded = recorded;
}

void
store_only_copy(struct store *store)
{
	store->copies = true;
}

void
store_close(struct store *store)
{
	db_close(store->db);
	store->db = NULL;
	recorded_free(store->recorded);
	store->recorded = NULL;
}

void
store_free(struct store *store)
{
	if (store == NULL)
		return;
	store_close(store);
	arena_free(store->arena);
	free(store);
}

void
store_tell(void *arg, int level, const char *message)
{
	struct store *store = arg;

	if (store->log != NULL)
		store->log(store->arg, level, message);
}

enum store_result
store_fail(struct store *store, enum db_result rc, const char *words)
{
	static const enum store_result results[] = {
		[DB_OK] = STORE_OK,
		[DB_EBUSY] = STORE_EBUSY,
		[DB_EFULL] = STORE_EFULL,
		[DB_EUNAVAILABLE] = STORE_EUNAVAILABLE,
		[DB_EVERSION] = STORE_EVERSION,
		[DB_ENOMEM] = STORE_ENOMEM,
		[DB_EMOVED] = STORE_EUNAVAILABLE,
	};

	if (words == NULL || *words == '\0')
		words = store->db != NULL ? db_error(store->db) : "";
	if (rc == DB_ENOMEM && *words == '\0')
		words = "no memory; the event will be delivered again";
	snprintf(store->error, sizeof(store->error), "%s", words);
	return results[rc];
}

enum store_result
store_open(struct store *store)
{
	const struct settings *s = store->settings;
	struct db_options options = {s->database, s->group, s->journal,
	    store->keeps_journal, store->copies, s->patience, store_tell,
	    store};
	enum store_result result;
	enum db_result rc;
	char words[400];
	bool made;

	if (store->db != NULL)
		return STORE_OK;
	rc = db_open(&store->db, &options, &made);
	if (rc == DB_OK && made && store->had)
		store_tell(store, LOG_WARNING, "a new and empty database was "
		    "made where there was one; if that was not meant, bring "
		    "a backup back");
	else if (rc == DB_OK && made)
		store_tell(store, LOG_INFO, "a new database was made");
	if (rc == DB_OK && store->checks_tables)
		rc = db_check_tables(store->db, store->checks_recorded);
	if (rc == DB_OK && files_check_group(s->database, s->group, words,
	    sizeof(words)) == -1)
		store_tell(store, LOG_INFO, words);
	if (rc == DB_OK && !store->copies)
		rc = recorded_open(&store->recorded, store->db, s,
		    store->rebuilds ? NULL : store_tell, store);
	store->had = store->had || rc == DB_OK;
	if (rc == DB_OK)
		return STORE_OK;
	result = store_fail(store, rc, NULL);
	store_close(store);
	return result;
}
