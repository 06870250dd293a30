/*
 * The FastCGI door (https://fastcgi-archives.github.io), through libfcgi.
 */
#ifndef FCGI_H
#define FCGI_H

#include "log.h"
#include "reader.h"
#include "setup.h"

/*
 * Serves requests from the listening socket that is descriptor 0, until TERM,
 * USR1, INT or HUP: at once when idle, after the request when busy.  Confined,
 * with reader (NULL if there is none).  The exit status of the process: 0, or
 * 1 where it could not go on, which was logged.
 */
int fcgi_serve(struct setup *setup, struct log *log, struct reader *reader);

#endif
