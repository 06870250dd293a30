/*
 * feed DB [TENANT_KEY]: hands events to the store, for the tests of the law.
 *
 * Standard input is a sequence of records, "LENGTH\n" and that many bytes: an
 * event each, taken as authentic.  Answered with one line, the outcome or
 * "error WORDS".  Length 0 prints every billing table as one line of JSON,
 * {"table": [{"column": value}]}; the line "reset" starts with a new database,
 * "rebuild" rebuilds it, "replay" applies what is parked.
 */
#define _GNU_SOURCE
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store.h"

static const char *const tables[] = {
	"tenant_pricing", "billing_checkout_sessions", "stripe_customers",
	"stripe_subscriptions", "stripe_subscription_items",
	"stripe_invoices", "stripe_products", "stripe_prices",
	"stripe_entitlements", "needs_fetch",
};

static void
tell(void *arg, int level, const char *message)
{
	(void)arg;
	if (level <= LOG_WARNING)
		fprintf(stderr, "feed: %s\n", message);
}

static void
print_text(const char *s)
{
	putchar('"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			printf("\\%c", *s);
		else if ((unsigned char)*s < 0x20)
			printf("\\u%04x", *s);
		else
			putchar(*s);
	}
	putchar('"');
}

static void
print_table(sqlite3 *handle, const char *table)
{
	sqlite3_stmt *stmt;
	char sql[100];
	int i, rows = 0;

	snprintf(sql, sizeof(sql), "SELECT * FROM %s", table);
	if (sqlite3_prepare_v2(handle, sql, -1, &stmt, NULL) != SQLITE_OK) {
		fprintf(stderr, "feed: %s\n", sqlite3_errmsg(handle));
		exit(1);
	}
	printf("\"%s\": [", table);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		printf(rows++ > 0 ? ", {" : "{");
		for (i = 0; i < sqlite3_column_count(stmt); i++) {
			printf("%s\"%s\": ", i > 0 ? ", " : "",
			    sqlite3_column_name(stmt, i));
			if (sqlite3_column_type(stmt, i) == SQLITE_INTEGER)
				printf("%lld", (long long)
				    sqlite3_column_int64(stmt, i));
			else if (sqlite3_column_type(stmt, i) == SQLITE_NULL)
				printf("null");
			else
				print_text((const char *)
				    sqlite3_column_text(stmt, i));
		}
		putchar('}');
	}
	putchar(']');
	sqlite3_finalize(stmt);
}

static void
dump(const char *path)
{
	sqlite3 *handle;
	size_t i;

	if (sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, NULL) !=
	    SQLITE_OK) {
		fprintf(stderr, "feed: %s\n", sqlite3_errmsg(handle));
		exit(1);
	}
	putchar('{');
	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (i > 0)
			printf(", ");
		print_table(handle, tables[i]);
	}
	printf("}\n");
	sqlite3_close(handle);
}

static void
remove_database(const char *path)
{
	static const char *const tails[] = {"", "-wal", "-shm", "-lock"};
	char name[4200];
	size_t i;

	for (i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", path, tails[i]);
		(void)unlink(name);
	}
}

static void
take(struct store *store, size_t len)
{
	struct store_verdict verdict;
	char *body = malloc(len);

	if (body == NULL || fread(body, 1, len, stdin) != len) {
		fprintf(stderr, "feed: a record is cut short\n");
		exit(1);
	}
	if (store_receive(store, body, len, (int64_t)time(NULL), &verdict) ==
	    STORE_OK)
		printf("%s\n", store_outcome_name(verdict.outcome));
	else
		printf("error %s\n", store_error(store));
	free(body);
}

int
main(int argc, char *argv[])
{
	struct settings settings = {
		.patience = 5000,
		.tenant_key = argc > 2 ? argv[2] : "tenant_id",
		.livemode = LIVEMODE_ANY,
		.account = "",
		.journal = JOURNAL_WAL,
	};
	struct store *store;
	char line[64];

	if (argc < 2) {
		fprintf(stderr, "usage: feed DB [TENANT_KEY]\n");
		return 2;
	}
	settings.database = argv[1];
	store = store_new(&settings, tell, NULL);
	while (store != NULL && fgets(line, sizeof(line), stdin) != NULL) {
		if (strcmp(line, "reset\n") == 0) {
			store_close(store);
			remove_database(argv[1]);
			printf("reset\n");
		} else if (strcmp(line, "rebuild\n") == 0) {
			printf("%s\n", store_rebuild(store,
			    (int64_t)time(NULL), NULL, NULL) == STORE_OK ?
			    "rebuild" : store_error(store));
		} else if (strcmp(line, "replay\n") == 0) {
			int64_t parked, applied;

			if (store_replay(store, (int64_t)time(NULL), &parked,
			    &applied) == STORE_OK)
				printf("replay %lld %lld\n",
				    (long long)parked, (long long)applied);
			else
				printf("error %s\n", store_error(store));
		} else if (atol(line) == 0) {
			if (store_open(store) != STORE_OK)
				printf("error %s\n", store_error(store));
			dump(argv[1]);
		} else
			take(store, (size_t)atol(line));
		fflush(stdout);
	}
	store_free(store);
	return 0;
}
