/*
 * Shadow tables: the computed tables made a second time under other names,
 * filled while the first are in use, and exchanged with them.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sqlite.h"

/* Where in schema.sql the computed tables begin. */
#define COMPUTED "-- From here on:"

static const char *const computed[] = {
	"billhook_ranks", "billhook_parked", "stripe_subscriptions",
	"stripe_subscription_items", "stripe_invoices",
	"billing_checkout_sessions", "stripe_customers", "stripe_products",
	"stripe_prices", "stripe_entitlements", "tenant_pricing",
	"needs_fetch", "billhook_unseen_subscriptions",
};

#define PREFIX "rebuild"	/* and a number and "_" */
#define OLD "old_"		/* behind it, for what was in use */
#define NAME_SIZE 128		/* of a table of a rebuild, and more */
#define NCOMPUTED (sizeof(computed) / sizeof(computed[0]))

static bool
is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* True if the word is a computed table, or an index of one, whose name begins
 * with its table's. */
static bool
is_computed(const char *word, size_t len)
{
	size_t i, n;

	for (i = 0; i < NCOMPUTED; i++) {
		n = strlen(computed[i]);
		if (len >= n && strncmp(word, computed[i], n) == 0 &&
		    (len == n || word[n] == '_'))
			return true;
	}
	return false;
}

char *
sqlite_shadow_sql(const char *sql, const char *prefix)
{
	sqlite3_str *out = sqlite3_str_new(NULL);
	size_t len;

	while (*sql != '\0') {
		for (len = 0; is_word(sql[len]); len++)
			continue;
		if (len > 0 && is_computed(sql, len))
			sqlite3_str_appendall(out, prefix);
		len = len > 0 ? len : 1;
		sqlite3_str_append(out, sql, (int)len);
		sql += len;
	}
	return sqlite3_str_finish(out);
}

/* Runs SQL that is made of a format of sqlite3_mprintf(). */
static enum db_result
run(struct db *db, char *sql)
{
	enum db_result rc;

	if (sql == NULL)
		return sqlite_fail_code(db, SQLITE_NOMEM, "rebuild");
	rc = sqlite_exec(db, sql);
	sqlite3_free(sql);
	return rc;
}

static void
forget_statements(struct db *db)
{
	size_t i, j;

	for (i = 0; i < 2; i++)
		for (j = 0; j < STATEMENT__MAX; j++) {
			(void)sqlite3_finalize(db->statements[i][j]);
			db->statements[i][j] = NULL;
		}
}

/* A prefix that no name has: those of the indexes in use live on. */
static enum db_result
next_prefix(struct db *db)
{
	enum db_result rc = DB_OK;
	char sql[NAME_SIZE], found[NAME_SIZE] = "yes";
	int n;

	for (n = 1; rc == DB_OK && *found != '\0'; n++) {
		snprintf(db->prefix, sizeof(db->prefix), PREFIX "%d_", n);
		snprintf(sql, sizeof(sql), "SELECT name FROM sqlite_schema "
		    "WHERE name GLOB '%s*' LIMIT 1", db->prefix);
		rc = sqlite_ask(db, sql, found, sizeof(found));
	}
	return rc;
}

/* Whether a table is one that a rebuild has made or put aside: no other that
 * begins with the word. */
static bool
is_leftover(const char *name)
{
	size_t len = sqlite_shadow_prefix(name);

	if (strncmp(name + len, OLD, strlen(OLD)) == 0)
		len += strlen(OLD);
	return len > 0 && sqlite_shadow_has(name + len);
}

/* The name of one table that an earlier rebuild left, or, if noted, where it has
 * noted what came; "" if none. */
static enum db_result
find_leftover(struct db *db, bool noted, char *name, size_t size)
{
	sqlite3_stmt *stmt = NULL;
	const char *found;
	int rc;

	*name = '\0';
	rc = sqlite3_prepare_v2(db->handle, "SELECT name FROM sqlite_schema "
	    "WHERE type = 'table' AND name GLOB '" PREFIX "*_*'", -1, &stmt,
	    NULL);
	while (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		found = (const char *)sqlite3_column_text(stmt, 0);
		rc = found == NULL ? SQLITE_NOMEM : is_leftover(found) ||
		    (noted && strcmp(found, "rebuild_arrived") == 0) ?
		    SQLITE_DONE : SQLITE_OK;
		if (rc == SQLITE_DONE)
			snprintf(name, size, "%s", found);
	}
	(void)sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? DB_OK :
	    sqlite_fail_code(db, rc, "look for what a rebuild left");
}

enum db_result
db_shadow_drop(struct db *db, bool *more)
{
	enum db_result rc;
	char name[NAME_SIZE];

	forget_statements(db);
	rc = find_leftover(db, false, name, sizeof(name));
	*more = *name != '\0';
	return rc != DB_OK || !*more ? rc :
	    run(db, sqlite3_mprintf("DROP TABLE \"%w\"", name));
}

enum db_result
sqlite_shadow_look(struct db *db, bool *there)
{
	enum db_result rc;
	char name[NAME_SIZE];

	rc = find_leftover(db, true, name, sizeof(name));
	*there = *name != '\0';
	return rc;
}

/* The triggers and their table in one transaction, then a table in each. */
static enum db_result
drop_next(struct db *db)
{
	enum db_result rc;
	bool more = true;
	char name[NAME_SIZE];

	rc = sqlite_ask(db, "SELECT name FROM sqlite_schema WHERE "
	    "name = 'rebuild_arrived'", name, sizeof(name));
	if (rc == DB_OK && *name != '\0')
		return db_shadow_give_up(db);
	if (rc == DB_OK)
		rc = db_shadow_drop(db, &more);
	if (!more)
		db->leftovers = false;
	return rc;
}

void
sqlite_shadow_tidy(struct db *db)
{
	int64_t patience = db->options.patience;
	enum db_result rc;

	if (queue_rebuilds(db->queue))
		return;
	/* Another time, where it would have to wait. */
	db->options.patience = 0;
	rc = db_begin(db);
	db->options.patience = patience;
	if (rc != DB_OK)
		return;
	/* Nobody begins a rebuild without the queue lock, which we have. */
	if (!queue_rebuilds(db->queue) && drop_next(db) == DB_OK)
		(void)db_commit(db);
	else
		db_rollback(db);
}

enum db_result
db_shadow_enter(struct db *db)
{
	enum queue_result result = queue_lock(db->queue, db->options.patience);

	/* In the queue: not while somebody clears away what another left. */
	if (result != QUEUE_OK)
		return sqlite_fail_queue(db, result);
	result = queue_rebuild(db->queue, true);
	queue_unlock(db->queue);
	db->leftovers = false;
	switch (result) {
	case QUEUE_OK:
		return DB_OK;
	case QUEUE_EBUSY:
		return sqlite_fail(db, DB_EBUSY, "%s: another rebuild is "
		    "running; wait for its end", db->options.path);
	default:
		return sqlite_fail_code(db, SQLITE_IOERR, "rebuild");
	}
}

void
db_shadow_leave(struct db *db)
{
	(void)queue_rebuild(db->queue, false);
}

bool
sqlite_shadow_has(const char *table)
{
	size_t i;

	for (i = 0; i < NCOMPUTED; i++)
		if (sqlite3_stricmp(computed[i], table) == 0)
			return true;
	return false;
}

size_t
sqlite_shadow_prefix(const char *name)
{
	const size_t word = strlen(PREFIX);
	size_t len = word;

	if (strncmp(name, PREFIX, word) != 0)
		return 0;
	while (isdigit((unsigned char)name[len]))
		len++;
	return len > word && name[len] == '_' ? len + 1 : 0;
}

enum db_result
db_shadow_make(struct db *db, bool *ranked)
{
	const char *from = strstr(schema_sql, COMPUTED);
	char unfit[NAME_SIZE];
	enum db_result rc;

	if (from == NULL)
		return sqlite_fail(db, DB_EUNAVAILABLE, "schema.sql does not "
		    "say where the computed tables begin");
	forget_statements(db);
	rc = sqlite_fit_look(db, "billhook_ranks", unfit, sizeof(unfit));
	*ranked = rc == DB_OK && *unfit == '\0';
	if (rc == DB_OK)
		rc = next_prefix(db);
	/* What was taken out of the others, or changed, too. */
	if (rc == DB_OK)
		rc = sqlite_schema_clear(db);
	if (rc == DB_OK)
		rc = run(db, sqlite3_mprintf("%.*s", (int)(from - schema_sql),
		    schema_sql));
	if (rc == DB_OK)
		rc = run(db, sqlite_shadow_sql(from, db->prefix));
	/* What comes meanwhile, from whatever process. */
	return rc == DB_OK ? sqlite_exec(db,
	    "DROP TRIGGER IF EXISTS rebuild_inserted;"
	    "DROP TRIGGER IF EXISTS rebuild_updated;"
	    "DROP TABLE IF EXISTS rebuild_arrived;"
	    "CREATE TABLE rebuild_arrived (seq INTEGER PRIMARY KEY "
	    "AUTOINCREMENT, event_id TEXT NOT NULL, object_id TEXT);"
	    "CREATE TRIGGER rebuild_inserted AFTER INSERT ON stripe_events "
	    "BEGIN INSERT INTO rebuild_arrived (event_id, object_id) "
	    "VALUES (new.id, NULL); END;"
	    "CREATE TRIGGER rebuild_updated AFTER UPDATE OF payload ON "
	    "stripe_events WHEN new.payload IS NOT NULL "
	    "BEGIN INSERT INTO rebuild_arrived (event_id, object_id) "
	    "VALUES (new.id, old.object_id); END") : rc;
}

/*
 * Into the journal, what the exchange has changed for a tenant: as against its
 * own last word, also where somebody has spoilt the table that was in use; and,
 * if that could be read, the price and the quantity, of which it does not tell.
 */
static enum db_result
note_changes(struct db *db, bool fits)
{
	static const char sql[] =
	    "INSERT INTO status_changes (tenant_id, stripe_subscription_id, "
	    "old_status, new_status, recorded_at) "
	    "SELECT coalesce(a.tenant_id, b.tenant_id), "
	    "coalesce(b.stripe_subscription_id, a.stripe_subscription_id), "
	    "a.new_status, b.status, unixepoch() FROM "
	    "(SELECT * FROM status_changes WHERE seq IN "
	    "(SELECT max(seq) FROM status_changes GROUP BY tenant_id)) a "
	    "FULL JOIN tenant_pricing b ON a.tenant_id = b.tenant_id "
	    "LEFT JOIN %s%stenant_pricing c ON c.tenant_id = b.tenant_id "
	    "WHERE a.new_status IS NOT b.status "
	    "OR (c.tenant_id IS NOT NULL "
	    "AND (c.stripe_price_id IS NOT b.stripe_price_id "
	    "OR c.quantity IS NOT b.quantity))";

	/* Without the old one the new one, which differs in nothing. */
	return run(db, sqlite3_mprintf(sql, fits ? db->prefix : "", fits ?
	    OLD : ""));
}

/* Puts a shadow in the place of the table in use, which may be gone. */
static enum db_result
swap(struct db *db, const char *table)
{
	char sql[2 * NAME_SIZE], name[NAME_SIZE];
	enum db_result rc;

	snprintf(sql, sizeof(sql), "SELECT name FROM sqlite_schema WHERE type "
	    "= 'table' AND name = '%s' COLLATE NOCASE", table);
	rc = sqlite_ask(db, sql, name, sizeof(name));
	if (rc == DB_OK && *name != '\0')
		rc = run(db, sqlite3_mprintf("ALTER TABLE %s RENAME TO "
		    "%s" OLD "%s", table, db->prefix, table));
	return rc == DB_OK ? run(db, sqlite3_mprintf("ALTER TABLE %s%s RENAME "
	    "TO %s", db->prefix, table, table)) : rc;
}

/* Views of an application stay with the name, not with the table. */
static enum db_result
swap_all(struct db *db)
{
	enum db_result rc, off;
	size_t i;

	rc = sqlite_exec(db, "PRAGMA legacy_alter_table=ON");
	sqlite_others_lend(db);
	for (i = 0; i < NCOMPUTED && rc == DB_OK; i++)
		rc = swap(db, computed[i]);
	sqlite_others_take_back(db);
	off = sqlite_exec(db, "PRAGMA legacy_alter_table=OFF");
	return rc == DB_OK ? off : rc;
}

enum db_result
db_shadow_exchange(struct db *db)
{
	struct others *others = NULL;
	char unfit[NAME_SIZE];
	enum db_result rc;

	forget_statements(db);
	rc = sqlite_fit_look(db, "tenant_pricing", unfit, sizeof(unfit));
	if (rc == DB_OK)
		rc = sqlite_others_read(db, &others);
	if (rc == DB_OK)
		rc = swap_all(db);
	if (rc == DB_OK)
		rc = sqlite_others_put(db, others);
	if (rc == DB_OK)
		rc = note_changes(db, *unfit == '\0');
	sqlite_others_free(others);
	return rc == DB_OK ? sqlite_exec(db, "DROP TRIGGER rebuild_inserted;"
	    "DROP TRIGGER rebuild_updated; DROP TABLE rebuild_arrived") : rc;
}

enum db_result
db_shadow_give_up(struct db *db)
{
	forget_statements(db);
	return sqlite_exec(db, "DROP TRIGGER IF EXISTS rebuild_inserted;"
	    "DROP TRIGGER IF EXISTS rebuild_updated;"
	    "DROP TABLE IF EXISTS rebuild_arrived");
}

void
db_shadow_use(struct db *db, bool use)
{
	db->shadow = use;
}
