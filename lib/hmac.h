/*
 * HMAC-SHA256 (RFC 2104, FIPS 180-4) through OpenSSL.  The only room that
 * knows OpenSSL.  It offers to verify, never a digest to compare.
 */
#ifndef HMAC_H
#define HMAC_H

#include <stdbool.h>
#include <stddef.h>

#define HMAC_LEN 32	/* bytes of a digest */

struct hmac;	/* a keyed context */

/*
 * Starts OpenSSL without its configuration file and the tables of what is not
 * asked of it, which cost a CGI request a millisecond, and tries a digest.  For
 * programs, at start-up, before anything else uses OpenSSL; the library itself
 * never calls it, since how OpenSSL starts is for the host program to say.  0,
 * or -1 if OpenSSL does not start: then it may never, in this process.
 */
int hmac_init(void);

/* A context keyed with len bytes; NULL without memory. */
struct hmac *hmac_new(const void *key, size_t len);

/* Wipes and frees.  NULL is legal. */
void hmac_free(struct hmac *hmac);

/*
 * The digest of the parts of a message, one behind the other.  hmac itself is
 * not changed and can be shared by threads.  0, or -1 without memory.
 */
struct hmac_part { const void *bytes; size_t len; };
int hmac_digest(const struct hmac *hmac, unsigned char digest[HMAC_LEN],
    const struct hmac_part *parts, size_t n);

/* True if both are equal, in a time that depends on len alone. */
bool hmac_equal(const void *a, const void *b, size_t len);

/* Overwrites memory that held a secret. */
void hmac_wipe(void *bytes, size_t len);

#endif
