/*
 * Counts of what is on record.
 */
#ifndef STATS_H
#define STATS_H

#include "database.h"

/* The columns of REPORT_COUNTS and REPORT_STATUSES. */
enum stats_count {
	COUNTS_TYPE, COUNTS_OUTCOME, COUNTS_EVENTS, COUNTS_DELIVERIES,
	COUNTS_LAST_RECEIVED_AT, COUNTS__MAX
};
enum stats_status { STATUSES_STATUS, STATUSES_TENANTS, STATUSES__MAX };

#define STATS_REASONS_MAX 8

struct stats {
	struct database_rows counts;	/* by type and outcome */
	struct database_rows statuses;	/* tenants by status */
	int64_t events, deliveries, parked;
	int64_t last;			/* received; 0 if none */
	size_t nreasons;		/* of doubts */
	struct { const char *word; int64_t n; } reasons[STATS_REASONS_MAX];
};

/* Reads them; rows live in the database's arena.  CLI_OK, or CLI_PROBLEM and
 * it was said why. */
int stats_read(struct database *db, struct stats *out);

/* Prints them in the text format of Prometheus. */
void stats_prometheus(const struct stats *stats);

#endif
