/* Counts, and their form for Prometheus. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "dossier.h"
#include "stats.h"
#include "store.h"

/* No more than a number can be, whatever was written there. */
static int64_t
sum(int64_t a, int64_t b)
{
	return b > 0 && a > INT64_MAX - b ? INT64_MAX :
	    b < 0 && a < INT64_MIN - b ? INT64_MIN : a + b;
}

static void
add_counts(struct stats *out)
{
	const char *parked = store_outcome_name(OUTCOME_FAILED);
	const struct value *v;
	size_t i;

	for (i = 0; i < out->counts.n; i++) {
		v = out->counts.v[i];
		out->events = sum(out->events, v[COUNTS_EVENTS].i);
		out->deliveries = sum(out->deliveries,
		    v[COUNTS_DELIVERIES].i);
		if (v[COUNTS_LAST_RECEIVED_AT].i > out->last)
			out->last = v[COUNTS_LAST_RECEIVED_AT].i;
		if (strcmp(v[COUNTS_OUTCOME].s, parked) == 0)
			out->parked += v[COUNTS_EVENTS].i;
	}
}

static void
add_doubts(struct stats *out, const struct database_rows *doubts)
{
	const char *word;
	size_t i, at;

	for (i = 0; i < doubts->n; i++) {
		word = doubts->v[i][DOUBTS_REASON].s;
		for (at = 0; at < out->nreasons; at++)
			if (strcmp(out->reasons[at].word, word) == 0)
				break;
		if (at == STATS_REASONS_MAX)
			continue;
		if (at == out->nreasons) {
			out->reasons[at].word = word;
			out->nreasons++;
		}
		out->reasons[at].n++;
	}
}

int
stats_read(struct database *db, struct stats *out)
{
	struct database_rows doubts;
	int status;

	memset(out, 0, sizeof(*out));
	status = database_gather(db, REPORT_COUNTS, NULL, &out->counts);
	if (status == CLI_OK)
		status = database_gather(db, REPORT_STATUSES, NULL,
		    &out->statuses);
	if (status == CLI_OK)
		status = database_gather(db, REPORT_DOUBTS, NULL, &doubts);
	if (status != CLI_OK)
		return status;
	add_counts(out);
	add_doubts(out, &doubts);
	return CLI_OK;
}

/* A label's value, quoted.  What is not printable ASCII could speak to a
 * terminal, and is written \\xNN, byte by byte. */
static void
put_label(const char *name, const struct value *v, const char *behind)
{
	const unsigned char *s = (const unsigned char *)
	    (v->type == VALUE_TEXT ? v->s : "");

	printf("%s=\"", name);
	for (; *s != '\0'; s++) {
		if (*s == '\\' || *s == '"')
			printf("\\%c", *s);
		else if (*s == '\n')
			printf("\\n");
		else if (*s < ' ' || *s > '~')
			printf("\\\\x%02x", *s);
		else
			putchar(*s);
	}
	printf("\"%s", behind);
}

static void
put_head(const char *name, const char *type, const char *text)
{
	printf("# HELP billhook_%s %s\n# TYPE billhook_%s %s\n", name, text,
	    name, type);
}

static void
put_number(const char *name, const char *type, const char *text, int64_t n)
{
	put_head(name, type, text);
	printf("billhook_%s %" PRId64 "\n", name, n);
}

static void
put_counts(const struct stats *stats)
{
	const struct value *v;
	size_t i;

	put_head("events", "gauge", "Events on record by type and outcome.");
	for (i = 0; i < stats->counts.n; i++) {
		v = stats->counts.v[i];
		printf("billhook_events{");
		put_label("type", &v[COUNTS_TYPE], ",");
		put_label("outcome", &v[COUNTS_OUTCOME], "} ");
		printf("%" PRId64 "\n", v[COUNTS_EVENTS].i);
	}
}

void
stats_prometheus(const struct stats *stats)
{
	struct value word;
	size_t i;

	put_counts(stats);
	put_number("deliveries_total", "counter", "Authentic deliveries of "
	    "events, repeats among them.", stats->deliveries);
	put_number("parked_events", "gauge", "Events that could not be read.",
	    stats->parked);
	put_number("last_event_timestamp_seconds", "gauge", "When the latest "
	    "new event came, in Unix seconds; 0 if none did.", stats->last);
	put_head("tenants", "gauge", "Tenants by status.");
	for (i = 0; i < stats->statuses.n; i++) {
		printf("billhook_tenants{");
		put_label("status", &stats->statuses.v[i][STATUSES_STATUS],
		    "} ");
		printf("%" PRId64 "\n",
		    stats->statuses.v[i][STATUSES_TENANTS].i);
	}
	put_head("needs_fetch", "gauge", "Objects that only Stripe can "
	    "settle, by reason.");
	for (i = 0; i < stats->nreasons; i++) {
		word = value_text(stats->reasons[i].word);
		printf("billhook_needs_fetch{");
		put_label("reason", &word, "} ");
		printf("%" PRId64 "\n", stats->reasons[i].n);
	}
}
