#include "kept.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shim_log.h"

#define CREATED		1700000000
#define SUBSCRIPTIONS	12

static const char form[] =
    "{\"id\":\"evt_%u\",\"object\":\"event\",\"api_version\":"
    "\"2025-09-30.clover\",\"created\":%u,\"livemode\":false,\"type\":"
    "\"customer.subscription.updated\",\"pending_webhooks\":1,\"request\":"
    "{\"id\":null,\"idempotency_key\":null},\"data\":{\"object\":{\"id\":"
    "\"sub_%u\",\"object\":\"subscription\",\"application\":null,"
    "\"cancel_at_period_end\":false,\"collection_method\":"
    "\"charge_automatically\",\"created\":1690000000,\"currency\":\"eur\","
    "\"customer\":\"cus_%u\",\"items\":{\"object\":\"list\",\"data\":[{"
    "\"id\":\"si_%u\",\"object\":\"subscription_item\",\"created\":"
    "1690000000,\"current_period_end\":1702592000,\"current_period_start\":"
    "1700000000,\"metadata\":{},\"price\":{\"id\":\"price_1\",\"object\":"
    "\"price\",\"active\":true,\"currency\":\"eur\",\"lookup_key\":\"pro\","
    "\"product\":\"prod_1\",\"recurring\":{\"interval\":\"month\","
    "\"interval_count\":1,\"usage_type\":\"licensed\"},\"type\":"
    "\"recurring\",\"unit_amount\":1200,\"unit_amount_decimal\":\"1200\"},"
    "\"quantity\":%u,\"subscription\":\"sub_%u\"}],\"has_more\":false,"
    "\"total_count\":1},\"latest_invoice\":null,\"livemode\":false,"
    "\"metadata\":{\"tenant_id\":\"tenant_%u\"},\"start_date\":1690000000,"
    "\"status\":\"active\"}}}";

/* A subscription's, its item's and its tenant's row are those of the newest
 * event that is there; and no row is there without an event. */
static const char halves[] =
    "SELECT count(*) FROM (SELECT object_id, max(created) AS newest FROM "
    "stripe_events GROUP BY object_id) LEFT JOIN stripe_subscriptions s ON "
    "s.id = object_id LEFT JOIN stripe_subscription_items i ON "
    "i.subscription_id = object_id LEFT JOIN tenant_pricing t ON "
    "t.stripe_subscription_id = object_id WHERE s.updated_at IS NOT newest "
    "OR i.quantity IS NOT newest - 1700000000 OR t.quantity IS NOT "
    "newest - 1700000000 UNION ALL SELECT count(*) FROM "
    "stripe_subscriptions WHERE id NOT IN (SELECT object_id FROM "
    "stripe_events)";

size_t
kept_body(char body[KEPT_BODY], unsigned n)
{
	const unsigned sub = n % SUBSCRIPTIONS + 1;

	return (size_t)snprintf(body, KEPT_BODY, form, n, CREATED + n, sub,
	    sub, sub, n, sub, sub);
}

struct settings
kept_settings(const char *path, enum setting_journal journal)
{
	struct settings settings = {
		.database = path,
		.patience = 20000,
		.tenant_key = "tenant_id",
		.livemode = LIVEMODE_ANY,
		.account = "",
		.journal = journal,
	};

	return settings;
}

enum store_result
kept_deliver(struct store *store, unsigned n)
{
	struct store_verdict verdict;
	char body[KEPT_BODY];
	const size_t len = kept_body(body, n);

	return store_receive(store, body, len, CREATED, &verdict);
}

void
kept_add(struct kept_set *set, unsigned n)
{
	set->n += !set->has[n];
	set->has[n] = true;
}

struct kept_set *
kept_acknowledged(size_t end)
{
	struct kept_set *set = calloc(1, sizeof(*set));
	size_t at;

	if (set == NULL)
		abort();
	for (at = 0; at < end; at++)
		if (shim_log->entries[at].kind == SHIM_ACKNOWLEDGED)
			kept_add(set, (unsigned)shim_log->entries[at].at);
	return set;
}

/* Runs sql and gives the first column of each row to take. */
static int
each_row(sqlite3 *handle, const char *sql,
    void (*take)(void *arg, sqlite3_stmt *stmt), void *arg)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(handle, sql, -1, &stmt, NULL);

	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		rc = sqlite3_step(stmt);
		if (rc == SQLITE_ROW)
			take(arg, stmt);
	}
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static void
take_integrity(void *arg, sqlite3_stmt *stmt)
{
	struct kept_found *found = arg;
	const char *words = (const char *)sqlite3_column_text(stmt, 0);

	if (strcmp(words, "ok") != 0 && found->sound) {
		found->sound = false;
		snprintf(found->why, sizeof(found->why), "%s", words);
	}
}

static void
take_event(void *arg, sqlite3_stmt *stmt)
{
	struct kept_set *there = arg;
	unsigned n;

	if (sscanf((const char *)sqlite3_column_text(stmt, 0), "evt_%u",
	    &n) == 1 && n < KEPT_EVENTS)
		kept_add(there, n);
}

static void
take_count(void *arg, sqlite3_stmt *stmt)
{
	unsigned *count = arg;

	*count += (unsigned)sqlite3_column_int(stmt, 0);
}

static int
look(sqlite3 *handle, struct kept_set *there, struct kept_found *out)
{
	unsigned tables = 0;
	int rc;

	rc = each_row(handle, "PRAGMA integrity_check", take_integrity, out);
	if (rc == SQLITE_OK)
		rc = each_row(handle, "SELECT count(*) FROM sqlite_schema",
		    take_count, &tables);
	/* Before the tables were made nothing can be missing in them. */
	if (rc != SQLITE_OK || tables == 0)
		return rc;
	rc = each_row(handle, "SELECT id FROM stripe_events", take_event,
	    there);
	if (rc == SQLITE_OK)
		rc = each_row(handle, halves, take_count, &out->halves);
	return rc;
}

void
kept_check(const char *path, const struct kept_set *set,
    struct kept_found *out)
{
	struct kept_set *there = calloc(1, sizeof(*there));
	sqlite3 *handle = NULL;
	unsigned n;
	int rc;

	if (there == NULL)
		abort();
	memset(out, 0, sizeof(*out));
	out->sound = true;
	rc = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_CREATE, "unix");
	if (rc == SQLITE_OK)
		rc = look(handle, there, out);
	if (rc != SQLITE_OK) {
		out->sound = false;
		snprintf(out->why, sizeof(out->why), "%s",
		    sqlite3_errmsg(handle));
	}
	for (n = 0; n < KEPT_EVENTS; n++)
		out->lost += set->has[n] && !there->has[n];
	sqlite3_close(handle);
	free(there);
}

void
kept_directory(char path[KEPT_PATH], const char *test)
{
	const char *tmp = getenv("TMPDIR");

	if (tmp == NULL || *tmp == '\0')
		tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	if (snprintf(path, KEPT_PATH, "%s/billhook-%s.XXXXXX", tmp, test) >=
	    KEPT_PATH || mkdtemp(path) == NULL) {
		perror(path);
		exit(2);
	}
}

void
kept_remove(const char *directory)
{
	static const char *const tails[] = {"", "-wal", "-shm", "-journal",
	    "-lock"};
	char path[2 * KEPT_PATH];
	size_t i;

	for (i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
		snprintf(path, sizeof(path), "%s/%s%s", directory,
		    KEPT_DATABASE, tails[i]);
		(void)unlink(path);
	}
	(void)rmdir(directory);
}
