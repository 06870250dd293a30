#include "shop.h"

#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_MAX	100

static const char *const tables[] = {
	"tenant_pricing", "billing_checkout_sessions", "stripe_customers",
	"stripe_subscriptions", "stripe_subscription_items",
	"stripe_invoices", "stripe_products", "stripe_prices",
	"stripe_entitlements", "needs_fetch", "billhook_ranks",
	"billhook_parked", "billhook_unseen_subscriptions",
};

static char *events[EVENTS_MAX];
static size_t nevents;

static void
fail(const char *what)
{
	perror(what);
	exit(2);
}

void
shop_open(void)
{
	const char *top = getenv("srcdir");
	char path[PATH_MAX], line[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/tests/data/shop.jsonl",
	    top == NULL ? "." : top);
	if ((file = fopen(path, "r")) == NULL)
		fail(path);
	while (nevents < EVENTS_MAX && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if ((events[nevents++] = strdup(line)) == NULL)
			fail(path);
	}
	fclose(file);
}

void
shop_close(void)
{
	while (nevents > 0)
		free(events[--nevents]);
}

enum store_result
shop_deliver(struct store *store)
{
	enum store_result result = STORE_OK;
	struct store_verdict verdict;
	size_t i;

	for (i = 0; i < nevents && result == STORE_OK; i++)
		result = store_receive(store, events[i], strlen(events[i]),
		    SHOP_NOW, &verdict);
	return result;
}

static sqlite3 *
open_file(const char *path)
{
	sqlite3 *handle;

	if (sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, NULL) ==
	    SQLITE_OK)
		return handle;
	sqlite3_close(handle);
	return NULL;
}

/* FNV-1a, of one value of a row. */
static uint64_t
mix(uint64_t sum, const char *text)
{
	do
		sum = (sum ^ (unsigned char)*text) * 1099511628211U;
	while (*text++ != '\0');
	return sum;
}

/* The sum with a table's rows; 0 if they cannot be read. */
static uint64_t
add_table(sqlite3 *handle, const char *table, uint64_t sum)
{
	sqlite3_stmt *stmt = NULL;
	const char *text;
	char sql[100];
	int i, rc;

	snprintf(sql, sizeof(sql), "SELECT * FROM %s ORDER BY 1, 2, 3", table);
	rc = sqlite3_prepare_v2(handle, sql, -1, &stmt, NULL);
	while (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
		for (i = 0; i < sqlite3_column_count(stmt); i++) {
			text = (const char *)sqlite3_column_text(stmt, i);
			sum = mix(sum, text == NULL ? "(NULL)" : text);
		}
	return rc == SQLITE_OK && sqlite3_finalize(stmt) == SQLITE_OK ?
	    mix(sum, table) : 0;
}

uint64_t
shop_digest(const char *path)
{
	sqlite3 *handle = open_file(path);
	uint64_t sum = 14695981039346656037U;
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(*tables) && sum != 0; i++)
		sum = handle == NULL ? 0 : add_table(handle, tables[i], sum);
	sqlite3_close(handle);
	return sum;
}

int64_t
shop_ask(const char *path, const char *sql)
{
	sqlite3 *handle = open_file(path);
	sqlite3_stmt *stmt = NULL;
	int64_t found = -1;

	if (handle != NULL && sqlite3_prepare_v2(handle, sql, -1, &stmt,
	    NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
		found = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(handle);
	return found;
}

int
shop_run(const char *path, const char *sql)
{
	sqlite3 *handle = open_file(path);
	int rc = handle == NULL ? SQLITE_CANTOPEN :
	    sqlite3_exec(handle, sql, NULL, NULL, NULL);

	sqlite3_close(handle);
	return rc == SQLITE_OK ? 0 : -1;
}

void
shop_copy(const char *from, const char *to)
{
	FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
	char bytes[65536];
	size_t n;

	if (in == NULL || out == NULL)
		fail(to);
	while ((n = fread(bytes, 1, sizeof(bytes), in)) > 0)
		if (fwrite(bytes, 1, n, out) != n)
			fail(to);
	fclose(in);
	if (fclose(out) != 0)
		fail(to);
}
