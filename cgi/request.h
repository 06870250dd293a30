/*
 * A request as the receiver sees it, whichever door it came through.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include <stdbool.h>
#include <stddef.h>

/* Seconds that a peer has for a request's head and body together. */
#define REQUEST_DEADLINE 20

struct request {
	const char *method;	/* REQUEST_METHOD, NULL if none */
	const char *length;	/* CONTENT_LENGTH, NULL if none */
	const char *signature;	/* HTTP_STRIPE_SIGNATURE, NULL if none */
	size_t	    nsignatures; /* how many of them there are */
	const char *fault;	/* what is wrong with how the server calls us,
				 * and what to do; NULL if nothing */
	bool	    late;	/* set by read: the deadline passed */

	/* Reads len bytes of the body; fewer where it ends before. */
	size_t	  (*read)(struct request *request, void *bytes, size_t len);
	void	   *door;	/* whatever read needs */
};

/*
 * Takes method, length and signature from variables, a list of "NAME=value"
 * that ends with NULL, and borrows them.  Of a name that is there twice the
 * first counts; signatures are counted.  The rest of *request is not touched.
 */
void request_take_variables(struct request *request, char *const *variables);

#endif
