/*
 * The plug is pulled: what a disk may hold at a point of the log.
 *
 * What a sync covered that has returned is there.  Of anything later there is
 * nothing, all, or some sectors, and so it is with the entries of the
 * directory.  What a failed sync covered is there by chance, and later syncs
 * do not bring it back; but a file's size is the file system's own, which it
 * does not forget: what is written past a truncation reaches the disk after
 * it, and a truncation whose sync failed is done by the next one.
 */
#ifndef POWER_H
#define POWER_H

#include <stddef.h>

/* What becomes of what no sync covers: one of these for each file, or by
 * chance. */
enum power_rest { POWER_NONE, POWER_ALL, POWER_SOME, POWER_CHANCE };

struct power;

/* A disk on which nothing happened yet.  Exits without memory. */
struct power *power_new(void);
void power_free(struct power *power);

/* Lets happen what stands in shim_log before entry. */
void power_advance(struct power *power, size_t entry);

/* Makes the database's files in directory, which is made if need be, what they
 * would be now, and removes those that would not be there.  Exits when it
 * cannot. */
void power_pull(const struct power *power, const char *directory,
    const char *database, enum power_rest rest);

#endif
