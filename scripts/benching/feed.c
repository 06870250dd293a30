/*
 * feed DB [SCRIPT]: hands events to the store without syncing each of them, a
 * thousand to a transaction: a database of millions of true rows in minutes.
 *
 * Standard input is a sequence of records, "LENGTH\n" and that many bytes: an
 * event each, taken as authentic.  With SCRIPT, every statement that the store
 * ran for each event is written there with its parameters, for yardstick.c.
 *
 * It is linked so that the store's calls of the driver come here first.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "driver.h"
#include "script.h"
#include "store.h"

#define BATCH	1000

enum db_result __real_db_begin(struct db *);
enum db_result __real_db_commit(struct db *);
enum db_result __real_db_durable(struct db *);
void __real_db_rollback(struct db *);
void __real_db_tidy(struct db *);
enum db_result __real_db_run(struct db *, enum statement,
    const struct value *, db_row *, void *);
enum db_result __wrap_db_begin(struct db *);
enum db_result __wrap_db_commit(struct db *);
enum db_result __wrap_db_durable(struct db *);
void __wrap_db_rollback(struct db *);
void __wrap_db_tidy(struct db *);
enum db_result __wrap_db_run(struct db *, enum statement,
    const struct value *, db_row *, void *);

static bool feeding, begun;
static size_t inside;
static struct db *used;
static FILE *script;
static const char *body;	/* of the event that is being recorded */
static size_t body_len;
static uint32_t nstatements;

enum db_result
__wrap_db_begin(struct db *db)
{
	enum db_result rc = DB_OK;

	used = db;
	if (!feeding)
		return __real_db_begin(db);
	if (!begun)
		rc = __real_db_begin(db);
	begun = rc == DB_OK;
	return rc;
}

static enum db_result
end_batch(void)
{
	begun = false;
	inside = 0;
	return __real_db_commit(used);
}

enum db_result
__wrap_db_commit(struct db *db)
{
	if (!feeding)
		return __real_db_commit(db);
	return ++inside < BATCH ? DB_OK : end_batch();
}

enum db_result
__wrap_db_durable(struct db *db)
{
	return begun ? DB_OK : __real_db_durable(db);
}

void
__wrap_db_rollback(struct db *db)
{
	if (begun)
		errx(1, "an event was not taken: %s", db_error(db));
	__real_db_rollback(db);
}

void
__wrap_db_tidy(struct db *db)
{
	if (!begun)
		__real_db_tidy(db);
}

static void
put(const void *bytes, size_t len)
{
	if (fwrite(bytes, 1, len, script) != len)
		err(1, "script");
}

static void
put_number(uint32_t n)
{
	put(&n, sizeof(n));
}

static void
put_value(const struct value *v)
{
	unsigned char type = (unsigned char)v->type;

	if (v->type == VALUE_BYTES && v->len == body_len &&
	    memcmp(v->s, body, body_len) == 0)
		type = SCRIPT_BODY;
	put(&type, 1);
	if (type == VALUE_INT)
		put(&v->i, sizeof(v->i));
	if (type != VALUE_TEXT && type != VALUE_BYTES)
		return;
	put_number((uint32_t)v->len);
	put(v->s, v->len);
}

enum db_result
__wrap_db_run(struct db *db, enum statement statement,
    const struct value *params, db_row *row, void *arg)
{
	const char *types = statement_text(statement)->types;
	size_t i, n = strlen(types);

	if (script != NULL && feeding) {
		put_number((uint32_t)statement);
		put_number((uint32_t)n);
		for (i = 0; i < n; i++)
			put_value(&params[i]);
		nstatements++;
	}
	return __real_db_run(db, statement, params, row, arg);
}

static void
tell(void *arg, int level, const char *message)
{
	(void)arg;
	if (level <= LOG_WARNING)
		warnx("%s", message);
}

/* One event of the script: its id, how many statements, and they. */
static void
take_recorded(struct store *store, struct store_verdict *verdict)
{
	char *buffer = NULL;
	size_t size = 0;
	FILE *file = script;

	if (file != NULL && (script = open_memstream(&buffer, &size)) == NULL)
		err(1, "script");
	nstatements = 0;
	if (store_receive(store, body, body_len, (int64_t)time(NULL),
	    verdict) != STORE_OK)
		errx(1, "an event was not taken: %s", store_error(store));
	if (file == NULL)
		return;
	if (fclose(script) != 0)
		err(1, "script");
	script = file;
	put_number((uint32_t)strlen(verdict->id));
	put(verdict->id, strlen(verdict->id));
	put_number((uint32_t)size);
	put_number(nstatements);
	put(buffer, size);
	free(buffer);
}

int
main(int argc, char *argv[])
{
	struct settings settings = {
		.patience = 5000, .tenant_key = "tenant_id",
		.livemode = LIVEMODE_ANY, .account = "",
		.journal = JOURNAL_WAL,
	};
	struct store_verdict verdict;
	struct store *store;
	char line[32], *bytes = NULL;

	if (argc < 2)
		errx(2, "usage: feed DB [SCRIPT]");
	if (argc > 2 && (script = fopen(argv[2], "wb")) == NULL)
		err(1, "%s", argv[2]);
	settings.database = argv[1];
	store = store_new(&settings, tell, NULL);
	if (store == NULL || store_open(store) != STORE_OK)
		errx(1, "%s", store == NULL ? "memory" : store_error(store));
	feeding = true;
	while (fgets(line, sizeof(line), stdin) != NULL) {
		body_len = (size_t)strtoul(line, NULL, 10);
		bytes = realloc(bytes, body_len + 1);
		if (bytes == NULL ||
		    fread(bytes, 1, body_len, stdin) != body_len)
			errx(1, "a record is cut short");
		body = bytes;
		take_recorded(store, &verdict);
		store_tidy(store);
	}
	if (begun && (end_batch() != DB_OK || __real_db_durable(used) !=
	    DB_OK))
		errx(1, "%s", db_error(used));
	feeding = false;
	store_free(store);
	free(bytes);
	if (script != NULL && fclose(script) != 0)
		err(1, "script");
	return 0;
}
