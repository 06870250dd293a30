/*
 * The log: one line for each request, which says what happened and what to do
 * next.  A line has at most LOG_LINE_MAX bytes with the newline at its end;
 * control bytes, backslashes and what is not ASCII stand in it as \xNN, so no
 * request and no event can forge a line or reach a terminal.
 */
#ifndef LOG_H
#define LOG_H

#include <stddef.h>

#include "settings.h"

#define LOG_LINE_MAX 500

struct log;

/* Takes a line; 0, or -1 if it could not be written there. */
typedef int log_sink(void *arg, const char *line, size_t len);

/* A log of level info, to descriptor 2.  Where that leads nowhere, a few lines
 * are kept, and handed on with the next that has a sink.  NULL without
 * memory. */
struct log *log_new(void);
void log_free(struct log *log);	/* NULL is legal */

void log_set_level(struct log *log, enum setting_log level);

/* Where lines go: to sink, and to descriptor 2 where it is NULL or fails. */
void log_set_sink(struct log *log, log_sink *sink, void *arg);

/* Writes a line, if the level asks for it. */
void log_line(struct log *log, enum setting_log level, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/*
 * The same for a request that anyone could have sent: twenty lines at once,
 * then one each second.  The others are counted, and the next line of the log
 * says how many they were.
 */
void log_refused(struct log *log, enum setting_log level, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/* log_line() in the shape of a store_log; arg is the log. */
void log_store(void *arg, int level, const char *message);

#endif
