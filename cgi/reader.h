/*
 * The reader: a process of its own that opens the configuration file for a
 * responder which is confined and may not.  The responder reads its settings
 * again when the file changed, also where another was put in its place; to let
 * it read what stands beside that file, as /etc/passwd, would be no
 * confinement.  The reader opens that one path, to read, and can do nothing
 * else; it ends when the responder does.
 */
#ifndef READER_H
#define READER_H

#include <stdbool.h>

struct reader;

/* Starts it for path, before anything is in memory that it should not have.
 * argv is main()'s, over which it writes a title for ps(1).  NULL with
 * errno. */
struct reader *reader_start(const char *path, char **argv);

/* Ends it.  NULL is legal. */
void reader_stop(struct reader *reader);

/* In the shape of config_set_open(); arg is the reader, or NULL where none
 * could be started.  EAGAIN: it is gone. */
int reader_open(void *arg);

/* True if an open has failed since it is gone. */
bool reader_is_gone(const struct reader *reader);

#endif
