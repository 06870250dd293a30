/*
 * The records of a FastCGI connection, looked at before libfcgi reads them
 * (FastCGI Specification 1.0, 3.3 and 5).
 *
 * libfcgi 2.4.2 is out of step with a peer after a record that it does not
 * expect, or with padding behind one after which it expects another type: it
 * takes what follows for heads.  And it writes its answer to a management
 * record, of request 0, into 64 bytes, however many variables are asked for.
 * So it gets to see what a web server sends for one request, and nothing else:
 * FCGI_BEGIN_REQUEST, then FCGI_PARAMS and FCGI_STDIN up to the empty one of
 * each, all of one id, and all without their padding.  libfcgi keeps whatever
 * parameters come, and of many small ones twenty times their size.
 */
#ifndef RECORDS_H
#define RECORDS_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of all parameters.  A delivery of Stripe's has some 2 KiB with all that
 * a web server adds. */
#define RECORDS_PARAMS_MAX (128 * 1024)

enum records_state {
	RECORDS_BEGIN,		/* which record must be next */
	RECORDS_PARAMS,
	RECORDS_STDIN,
	RECORDS_ENDED,		/* none: the request is whole, or given up */
	RECORDS_REFUSED		/* none: one came that must not */
};

struct records {
	enum records_state state;
	unsigned char	   head[8];
	size_t		   have;	/* of the head */
	size_t		   content;	/* of the record, still to come */
	size_t		   padding;
	unsigned	   id;		/* of the request */
	size_t		   params;	/* bytes of them so far */
	bool		   whole;	/* its parameters are */
};

/*
 * Takes the next len bytes of a connection; *records is all zeros before the
 * first.  Leaves in their place what libfcgi may read, and returns how many
 * bytes that is: 0 also where only padding came.  What follows the end of the
 * request or a refused record is dropped.
 */
size_t records_take(struct records *records, void *bytes, size_t len);

#endif
