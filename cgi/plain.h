/*
 * The plain CGI door (RFC 3875): one request, from the environment and
 * descriptor 0; the answer to descriptor 1.
 */
#ifndef PLAIN_H
#define PLAIN_H

#include "setup.h"

/*
 * Serves the request.  The client has its answer, and the web server has seen
 * its end, when this returns; closing the database may take its time then.
 */
void plain_serve(struct setup *setup);

/* Answers 503 where there is no setup to serve with. */
void plain_refuse(void);

#endif
