/*
 * The walk of a delivery, in one direction: settings, gates, body, signature,
 * store, answer.  2xx is said only at the end, when the event is on disk.
 */
#ifndef RECEIVE_H
#define RECEIVE_H

#include <stddef.h>

#include "answer.h"
#include "request.h"
#include "setup.h"

/*
 * Takes a request and writes the whole answer, whose length it returns.  One
 * line goes to the log.  The clock is read once, when the body is there.
 */
size_t receive_take(struct setup *setup, struct request *request,
    char answer[ANSWER_SIZE]);

#endif
