/*
 * The settings that shape the tables, as the database has them recorded: they
 * bind every process, whatever its own settings say, so that the tables are a
 * function of the events and of what is recorded.
 */
#ifndef RECORDED_H
#define RECORDED_H

#include "driver.h"
#include "event.h"
#include "settings.h"

struct recorded;

/* Reads them, or records those of settings in a new database; tells log where
 * settings differ.  Where that is NULL, a rebuild is to take them over: nothing
 * is told, and nothing recorded.  *out is the caller's, to be freed with
 * recorded_free(). */
enum db_result recorded_open(struct recorded **out, struct db *db,
    const struct settings *settings,
    void (*log)(void *arg, int level, const char *message), void *arg);

/* Whether the database has the same recorded still: a rebuild by another
 * process may have taken other settings over. */
enum db_result recorded_check(const struct recorded *recorded, struct db *db,
    bool *same);

/* What settings would record; NULL without memory.  And records that. */
struct recorded *recorded_of(const struct settings *settings);
enum db_result recorded_put(const struct recorded *recorded, struct db *db);
void recorded_free(struct recorded *recorded);

const char *recorded_tenant_key(const struct recorded *recorded);

/* Why an event is not acted on by its mode or account; NULL if it is. */
const char *recorded_refuses(const struct recorded *recorded,
    const struct event *event);

#endif
