/*
 * The statements of events, as feed.c writes them and yardstick.c runs them.
 * For each event: the length of its id and the id; the length of what follows
 * its number of statements; that number; and for each statement its number,
 * that of its parameters, and these: a byte of type, then nothing, 8 bytes, or
 * a length and so many bytes.  Lengths and numbers are 4 bytes of this
 * machine's order.
 */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "value.h"

/* Beside those of enum value_type: the body of the request itself. */
#define SCRIPT_BODY	(VALUE_BYTES + 1)

#endif
