/*
 * The records of a FastCGI connection, looked at before libfcgi reads them
 * (FastCGI Specification 1.0, 3.3).
 *
 * A management record, of request 0, asks for variables; libfcgi 2.4.2 writes
 * its answer into 64 bytes, however many are asked for: four names are enough
 * to write beyond.  No web server needs one.
 */
#ifndef RECORDS_H
#define RECORDS_H

#include <stdbool.h>
#include <stddef.h>

struct records {
	unsigned char head[8];
	size_t	      have;	/* of the head */
	size_t	      skip;	/* of what stands behind it */
};

/* The next len bytes of a connection; *records is all zeros before the first.
 * False if they hold the head of a management record. */
bool records_pass(struct records *records, const void *bytes, size_t len);

#endif
