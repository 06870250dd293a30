/* Doctor: the database opened, and what it holds. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "doctor.h"
#include "events.h"
#include "rejected.h"
#include "stats.h"
#include "when.h"

#define LOG_MOST ((int64_t)64 << 20)	/* bytes */
#define QUIET_MOST (7 * 86400)		/* seconds without a delivery */
#define CLOCK_2024 1704067200
#define LEAD_MOST 60			/* seconds that clocks may differ */

/* What the store has to say, a recorded setting that differs above all. */
static void
take_warning(void *arg, int level, const char *message)
{
	struct doctor *doctor = arg;

	if (level <= LOG_WARNING)
		doctor_tell(doctor, DOCTOR_WARNING, "database", NULL, "%s",
		    message);
}

static void
judge_schema(struct doctor *doctor, const struct db_health *health)
{
	if (*health->meddling != '\0')
		doctor_tell(doctor, DOCTOR_PROBLEM, "schema", "take it out: "
		    "what it does to a delivery, nobody can say; other "
		    "programs open the database read only", "%s is a trigger "
		    "or unique index that is not billhook's",
		    health->meddling);
	if (*health->missing != '\0')
		doctor_tell(doctor, DOCTOR_PROBLEM, "schema", !health->remade ?
		    "it serves as it is; to have it as it was, take out what "
		    "was added to it, a column by ALTER TABLE ... DROP "
		    "COLUMN: billhook rebuild does not make that one" :
		    health->changed ? "run billhook rebuild, which makes it "
		    "anew, without what was added to it" : "run billhook "
		    "rebuild, which makes it anew", "%s is not %s",
		    health->missing, health->changed ? "as it was made" :
		    "there");
	if (*health->meddling == '\0' && *health->missing == '\0')
		doctor_tell(doctor, DOCTOR_OK, "schema", NULL, "version %ld",
		    health->schema_version);
}

static void
judge_health(struct doctor *doctor, const struct db_health *health)
{
	const char *journal = doctor->db.settings->journal == JOURNAL_WAL ?
	    "wal" : "truncate";

	if (strcmp(health->integrity, "ok") == 0)
		doctor_tell(doctor, DOCTOR_OK, "integrity", NULL, "ok");
	else if (!health->judged)
		doctor_tell(doctor, DOCTOR_WARNING, "integrity", "see that no "
		    "index on billhook's tables needs what only an "
		    "application has: it would refuse deliveries", "cannot be "
		    "judged: %s", health->integrity);
	else
		doctor_tell(doctor, DOCTOR_PROBLEM, "integrity", "stop the "
		    "responders and restore a backup, or save the events that "
		    "can be read (billhook(1), BACKUP)", "%s", health->integrity);
	judge_schema(doctor, health);
	if (strcmp(health->journal, journal) == 0)
		doctor_tell(doctor, DOCTOR_OK, "journal", NULL, "%s",
		    journal);
	else if (health->shared)
		doctor_tell(doctor, DOCTOR_PROBLEM, "journal", "stop all "
		    "programs that have the database open, and start them "
		    "again", "is %s, and BILLHOOK_JOURNAL says %s: whoever "
		    "goes by that cannot open it now", health->journal,
		    journal);
	else
		doctor_tell(doctor, DOCTOR_WARNING, "journal", "nothing, if a "
		    "backup was restored: the responder changes it as it opens "
		    "the database; else see that the responder has the same "
		    "setting", "is %s, and BILLHOOK_JOURNAL "
		    "says %s", health->journal, journal);
	if (health->log_bytes > LOG_MOST)
		doctor_tell(doctor, DOCTOR_WARNING, "write-ahead log",
		    "find a program that keeps a read transaction open "
		    "(fuser -v on the database), and end it", "has %" PRId64
		    " MB", health->log_bytes >> 20);
	if (health->marked)
		doctor_tell(doctor, DOCTOR_WARNING, "disk", "do nothing: the "
		    "next delivery writes the log anew; but if deliveries "
		    "are answered 503 or dmesg tells of disk errors, make a "
		    "backup elsewhere and have the disk replaced", "a process "
		    "was killed, or kept from ending in order, or the disk has "
		    "refused a write (a sync has failed)");
	if (health->leftovers)
		doctor_tell(doctor, DOCTOR_WARNING, "rebuild", "run billhook "
		    "rebuild, or wait: responders that start clear it away",
		    "one was broken off: its tables are left over, and may "
		    "grow with each delivery");
	else if (health->rebuilding)
		doctor_tell(doctor, DOCTOR_OK, "rebuild", NULL,
		    "one is running");
}

void
doctor_store(struct doctor *doctor)
{
	struct database *db = &doctor->db;
	struct report_health health;

	if (!doctor->there)
		return;
	db->store = store_new(db->settings, take_warning, doctor);
	if (db->store != NULL) {
		store_keep_journal(db->store);
		store_check_tables(db->store, true);
	}
	if (db->store != NULL &&
	    database_open_store(db->store, db->settings) == STORE_OK &&
	    report_health(db->store, &health) == STORE_OK) {
		doctor_tell(doctor, DOCTOR_OK, "database", NULL, "opens");
		judge_health(doctor, &health.db);
		/* What such a table holds is not asked. */
		doctor->there = *health.db.unfit == '\0';
		return;
	}
	doctor->there = false;
	doctor_tell(doctor, DOCTOR_PROBLEM, "database", NULL, "%s",
	    db->store == NULL ? "out of memory" : store_error(db->store));
}

struct newest {
	int64_t created, received_at;
	bool	livemode;
};

static int
take_newest(void *arg, const struct value *v, size_t n)
{
	struct newest *newest = arg;

	(void)n;
	newest->created = v[EVENTS_CREATED].i;
	newest->received_at = v[EVENTS_RECEIVED_AT].i;
	newest->livemode = v[EVENTS_LIVEMODE].i != 0;
	return 1;
}

static void
look_at_clock(struct doctor *doctor)
{
	const struct value params[] = { value_null(), value_null(),
	    value_null(), value_null(), value_null(), value_int(1) };
	static const char advice[] = "set the clock, and let NTP keep it "
	    "(timedatectl): signatures are refused by their age";
	struct newest newest = { 0, 0, false };
	int64_t most = doctor->now + LEAD_MOST;

	if (report_run(doctor->db.store, REPORT_EVENTS, params, take_newest,
	    &newest) != STORE_OK)
		return;
	if (doctor->now < CLOCK_2024)
		doctor_tell(doctor, DOCTOR_PROBLEM, "clock", advice,
		    "says a time before 2024");
	else if (newest.received_at > most)
		doctor_tell(doctor, DOCTOR_PROBLEM, "clock", advice,
		    "was turned back: the newest event was received %" PRId64
		    " s ahead of it", newest.received_at - doctor->now);
	else if (newest.created > most && newest.livemode)
		doctor_tell(doctor, DOCTOR_PROBLEM, "clock", advice,
		    "is behind: the newest event is %" PRId64 " s ahead of "
		    "it", newest.created - doctor->now);
	else if (newest.created > most)
		doctor_tell(doctor, DOCTOR_WARNING, "clock", "set the clock, "
		    "unless that event was made with a time of its own",
		    "the newest event, of test mode, is %" PRId64 " s ahead "
		    "of it", newest.created - doctor->now);
	else
		doctor_tell(doctor, DOCTOR_OK, "clock", NULL,
		    "not behind any event");
}

static void
look_at_deliveries(struct doctor *doctor, const struct stats *stats)
{
	static const char advice[] = "look whether the endpoint is enabled "
	    "(Stripe's dashboard, Webhooks), and send an event (billhook "
	    "trigger --url)";
	char ago[WHEN_SIZE];
	int64_t quiet = doctor->now - stats->last;

	if (stats->events == 0)
		doctor_tell(doctor, DOCTOR_WARNING, "deliveries", advice,
		    "no event has come yet");
	else if (quiet > QUIET_MOST)
		doctor_tell(doctor, DOCTOR_WARNING, "deliveries", advice,
		    "the last new event came %s ago", when_long(ago, quiet));
	else
		doctor_tell(doctor, DOCTOR_OK, "deliveries", NULL,
		    "%" PRId64 " events, the last came %s ago",
		    stats->events, when_long(ago, quiet < 0 ? 0 : quiet));
}

static void
look_at_doubts(struct doctor *doctor, const struct stats *stats)
{
	size_t i;

	if (stats->parked > 0)
		doctor_tell(doctor, DOCTOR_WARNING, "parked events",
		    "see billhook events --outcome failed; billhook replay "
		    "applies them, with a newer billhook if this one cannot "
		    "read them", "%" PRId64, stats->parked);
	else
		doctor_tell(doctor, DOCTOR_OK, "parked events", NULL, "none");
	for (i = 0; i < stats->nreasons; i++)
		doctor_tell(doctor, DOCTOR_WARNING, "needs_fetch",
		    "ask Stripe for these objects (table needs_fetch), or "
		    "wait for their next event",
		    "%" PRId64 " with reason %s", stats->reasons[i].n,
		    stats->reasons[i].word);
	if (stats->nreasons == 0)
		doctor_tell(doctor, DOCTOR_OK, "needs_fetch", NULL, "none: "
		    "no gap was noticed");
}

/* What the responder refused and kept, if it does. */
static void
look_at_refused(struct doctor *doctor)
{
	char ago[WHEN_SIZE], error[512];
	struct rejected *rejected;
	int64_t past;

	rejected = rejected_read(doctor->db.settings, doctor->now, error,
	    sizeof(error));
	if (rejected == NULL)
		doctor_tell(doctor, DOCTOR_WARNING, "refused deliveries",
		    NULL, "%s", error);
	else if (rejected_count(rejected) > 0) {
		past = doctor->now - rejected_at(rejected, 0)->at;
		doctor_tell(doctor, DOCTOR_WARNING, "refused deliveries",
		    "billhook explain --kept says why", "%zu kept, the last "
		    "came %s ago", rejected_count(rejected),
		    when_long(ago, past < 0 ? 0 : past));
	}
	rejected_free(rejected);
}

void
doctor_content(struct doctor *doctor)
{
	struct stats stats;

	look_at_clock(doctor);
	if (stats_read(&doctor->db, &stats) != CLI_OK) {
		doctor_tell(doctor, DOCTOR_PROBLEM, "database", NULL, "%s",
		    store_error(doctor->db.store));
		return;
	}
	look_at_deliveries(doctor, &stats);
	look_at_refused(doctor);
	look_at_doubts(doctor, &stats);
}
