/*
 * The doors in the process of a fuzzer: their clock stands still at FUZZ_NOW,
 * and they do not confine themselves, which would confine the fuzzer, too
 * (-Wl,--wrap in Makefile.am).
 */
#ifndef FUZZING_DOOR_H
#define FUZZING_DOOR_H

#include <stdbool.h>
#include <time.h>

struct confine;
struct log;
struct settings;

time_t __wrap_time(time_t *t);
bool __wrap_confine_enter(struct confine *confine,
    const struct settings *settings, struct log *log);
void __wrap_confine_enter_once(const struct settings *settings);

/* Writes the configuration of a door to "billhook.conf" in the directory of
 * fuzzing_db.h: two secrets, a database of this name, bodies of at most
 * FUZZ_BODY_MAX bytes, and more lines.  Its path, borrowed. */
#define FUZZ_BODY_MAX 20000
const char *fuzz_door_config(const char *database, const char *more);

#endif
