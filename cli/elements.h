/*
 * The events of a file: the bytes of each, as they stand there.  A file may
 * hold JSON documents one behind the other (an event, an array of events, or
 * a list as Stripe's API gives it), or one document in each line.
 *
 * Only where each begins and ends is looked for; an array at the top, and
 * lines, are read as a stream.
 */
#ifndef ELEMENTS_H
#define ELEMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ELEMENTS_MAX ((size_t)1 << 30)	/* bytes of one document or event */

struct elements;

/* Opens a file, or standard input for "-".  NULL with a sentence in error. */
struct elements *elements_open(const char *path, char *error,
    size_t error_size);
void elements_close(struct elements *elements);

/*
 * The next one, borrowed until the next call.  1; 0 at the end; -1 if the rest
 * cannot be read, and then elements_error() says why.
 */
int elements_next(struct elements *elements, const char **text, size_t *len);
const char *elements_error(const struct elements *elements);

/* Where the one that was given stands: its number from 1, and the line in
 * which it, or the list that holds it, begins. */
int64_t elements_number(const struct elements *elements);
int64_t elements_line(const struct elements *elements);

/* Bytes read so far; and of the file, 0 if unknown. */
int64_t elements_read(const struct elements *elements);
int64_t elements_size(const struct elements *elements);

/* True if a list said that it goes on at Stripe. */
bool elements_has_more(const struct elements *elements);

#endif
