/*
 * Authentic bodies, one in each line, through the store to the tables.  None
 * may be refused for ever: each is kept, or it is no event.  And the law: the
 * same tables after a repeat, in another order, and after a rebuild.
 */
#include "event.h"
#include "fuzzing.h"
#include "fuzzing_db.h"
#include "store.h"

const char fuzz_target[] = "store";

#define BODIES_MAX 6
#define SIZE_LIMIT 65536
#define REBUILD_EACH 16		/* inputs, one of which is rebuilt */

/* Events of different ids, as they were sent. */
struct input {
	struct fuzz_part body[BODIES_MAX];
	char id[BODIES_MAX][EVENT_ID_MAX + 1];	/* "" if it is no event */
	size_t n;
};

static struct store *store;
static char database[FUZZ_PATH];

static void
open_store(void)
{
	static struct settings settings = {
		.patience = 5000, .tenant_key = "tenant_id",
		.livemode = LIVEMODE_ANY, .account = "acct_1",
		.journal = JOURNAL_WAL,
	};

	snprintf(database, sizeof(database), "%s", fuzz_path("store.db"));
	settings.database = database;
	store = store_new(&settings, NULL, NULL);
	fuzz_require(store_open(store) == STORE_OK, "%s", store_error(store));
}

static void
close_store(void)
{
	if (store != NULL) {
		fuzz_db_check(database);
		store_free(store);
	}
}

/* Takes a body, unless another one is there under its id: which of the two
 * counts may depend on the order. */
static void
take_body(struct input *input, struct fuzz_part body)
{
	struct event event;
	enum event_result result;
	bool again = false;
	size_t i;

	result = event_parse(&event, body.at, body.len);
	input->id[input->n][0] = '\0';
	if (result != EVENT_INVALID && result != EVENT_ENOMEM)
		snprintf(input->id[input->n], sizeof(*input->id), "%s",
		    event.id);
	for (i = 0; i < input->n; i++)
		again = again || (event.id != NULL &&
		    strcmp(event.id, input->id[i]) == 0);
	event_clear(&event);
	if (!again)
		input->body[input->n++] = body;
}

static void
deliver(const struct input *input, size_t i, bool before)
{
	struct fuzz_part body = input->body[i];
	char *exact = fuzz_copy(body.at, body.len);
	struct store_verdict verdict;
	enum store_result result;

	result = store_receive(store, exact, body.len, FUZZ_NOW, &verdict);
	free(exact);
	if (*input->id[i] == '\0') {
		fuzz_require(result == STORE_EPAYLOAD &&
		    *store_error(store) != '\0',
		    "what is no event gets %d", (int)result);
		return;
	}
	fuzz_require(result == STORE_OK, "event %s gets %d: %s", input->id[i],
	    (int)result, store_error(store));
	fuzz_require(strcmp(verdict.id, input->id[i]) == 0,
	    "the verdict is on another event");
	fuzz_require((verdict.outcome == OUTCOME_DUPLICATE) == before,
	    "event %s: outcome %s", input->id[i],
	    store_outcome_name(verdict.outcome));
	fuzz_require(fuzz_db_holds(database, input->id[i], body.at,
	    body.len) == 1, "event %s is not kept as it came", input->id[i]);
}

static void
compare(const struct fuzz_sums *want, const char *when)
{
	struct fuzz_sums got;
	size_t i;

	fuzz_db_sum(&got, database);
	for (i = 0; i < FUZZ_TABLES; i++)
		fuzz_require(got.of[i] == want->of[i], "%s is another %s",
		    fuzz_tables[i], when);
}

static void
check_law(const struct input *input, bool rebuild)
{
	struct fuzz_sums sums;
	size_t i;

	for (i = 0; i < input->n; i++)
		deliver(input, i, false);
	fuzz_db_sum(&sums, database);
	for (i = input->n; i-- > 0;)
		deliver(input, i, true);
	compare(&sums, "after a repeat");
	if (rebuild) {
		fuzz_require(store_rebuild(store, FUZZ_NOW, NULL, NULL) ==
		    STORE_OK, "no rebuild: %s", store_error(store));
		compare(&sums, "after a rebuild");
	}
	if (input->n < 2)
		return;

	fuzz_db_empty(database);
	for (i = input->n; i-- > 0;)
		deliver(input, i, false);
	compare(&sums, "in another order");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_part rest = { (const char *)data, size }, body;
	static struct input input;
	static unsigned runs;
	static bool opened;

	if (!opened) {
		opened = true;
		(void)fuzz_directory();
		atexit(close_store);
		open_store();
	}
	if (rest.len > SIZE_LIMIT)
		rest.len = SIZE_LIMIT;
	input.n = 0;
	while (input.n < BODIES_MAX && fuzz_cut(&body, &rest, '\n'))
		if (body.len > 0)
			take_body(&input, body);
	fuzz_db_empty(database);
	check_law(&input, size % REBUILD_EACH == 0);
	if (++runs % 64 == 0)
		store_tidy(store);
	return 0;
}
