/*
 * A database for the targets of the fuzzers that need one: in a directory of
 * its own in memory, with its tables emptied between inputs.
 */
#ifndef FUZZING_DB_H
#define FUZZING_DB_H

#include <stddef.h>
#include <stdint.h>

#define FUZZ_PATH 200

/* The billing tables, of which the law speaks. */
#define FUZZ_TABLES 10
extern const char *const fuzz_tables[FUZZ_TABLES];

/* What each of them holds, as a hash of all its rows. */
struct fuzz_sums {
	uint64_t of[FUZZ_TABLES];
};

/* Makes the directory, in TMPDIR, else in /dev/shm, else in /tmp; once.  It is
 * removed when the process exits. */
const char *fuzz_directory(void);

/* The path of a file in it, borrowed until the next call. */
const char *fuzz_path(const char *name);

/* Empties the tables of the database at path but for the settings that are
 * recorded in it.  The tables must be there. */
void fuzz_db_empty(const char *path);

/* How many events it holds; and how often an event of this id holds just this
 * payload: 0 or 1. */
int64_t fuzz_db_events(const char *path);
int fuzz_db_holds(const char *path, const char *id, const void *payload,
    size_t len);

void fuzz_db_sum(struct fuzz_sums *out, const char *path);

/* Nothing is wrong in the file (integrity_check). */
void fuzz_db_check(const char *path);

#endif
