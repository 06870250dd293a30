/*
 * HMAC-SHA256 through OpenSSL 3's EVP_MAC.  A context is fetched and keyed
 * once; each digest works on a copy of it, so that threads can share it.
 */
#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "hmac.h"

struct hmac {
	EVP_MAC_CTX *keyed;
};

/* An HMAC-SHA256 context with this key, or NULL. */
static EVP_MAC_CTX *
make_keyed(const void *key, size_t len)
{
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest,
		    0),
		OSSL_PARAM_construct_end()
	};
	EVP_MAC_CTX *keyed;
	EVP_MAC *mac;

	if ((mac = EVP_MAC_fetch(NULL, "HMAC", NULL)) == NULL)
		return NULL;

	/* The context keeps the algorithm alive. */
	keyed = EVP_MAC_CTX_new(mac);
	EVP_MAC_free(mac);
	if (keyed != NULL && EVP_MAC_init(keyed, key, len, params) != 1) {
		EVP_MAC_CTX_free(keyed);
		keyed = NULL;
	}
	return keyed;
}

struct hmac *
hmac_new(const void *key, size_t len)
{
	struct hmac *hmac;

	if ((hmac = malloc(sizeof(*hmac))) == NULL)
		return NULL;

	/* The caller's own errors stay as they were in OpenSSL's queue. */
	ERR_set_mark();
	hmac->keyed = make_keyed(key, len);
	ERR_pop_to_mark();

	if (hmac->keyed == NULL) {
		free(hmac);
		return NULL;
	}
	return hmac;
}

void
hmac_free(struct hmac *hmac)
{
	if (hmac == NULL)
		return;

	/* OpenSSL clears the key and what was derived from it. */
	EVP_MAC_CTX_free(hmac->keyed);
	free(hmac);
}

int
hmac_digest(const struct hmac *hmac, unsigned char digest[HMAC_LEN],
    const struct hmac_part *parts, size_t n)
{
	EVP_MAC_CTX *context;
	size_t i, written = 0;
	int good;

	ERR_set_mark();
	context = EVP_MAC_CTX_dup(hmac->keyed);
	good = context != NULL;
	for (i = 0; good && i < n; i++)
		if (parts[i].len > 0)
			good = EVP_MAC_update(context, parts[i].bytes,
			    parts[i].len) == 1;
	good = good &&
	    EVP_MAC_final(context, digest, &written, HMAC_LEN) == 1 &&
	    written == HMAC_LEN;
	EVP_MAC_CTX_free(context);
	ERR_pop_to_mark();

	return good ? 0 : -1;
}

int
hmac_init(void)
{
	/* One MAC is all that is asked of it: no configuration file, no tables
	 * of names of other algorithms, no texts of errors, no cleaning up of
	 * all that at the end.  In plain CGI this is a third of the start. */
	const uint64_t bare = OPENSSL_INIT_NO_LOAD_CONFIG |
	    OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS |
	    OPENSSL_INIT_NO_ADD_ALL_CIPHERS | OPENSSL_INIT_NO_ADD_ALL_DIGESTS |
	    OPENSSL_INIT_NO_ATEXIT;
	static const unsigned char key[HMAC_LEN];
	unsigned char digest[HMAC_LEN];
	struct hmac *first = NULL;
	int rc = -1;

	/* It loads its algorithms when one is first asked for.  Where memory
	 * fails it meanwhile, this process is without them for good. */
	if (OPENSSL_init_crypto(bare, NULL) == 1 &&
	    (first = hmac_new(key, sizeof(key))) != NULL)
		rc = hmac_digest(first, digest, NULL, 0);
	hmac_free(first);
	return rc;
}

bool
hmac_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

void
hmac_wipe(void *bytes, size_t len)
{
	OPENSSL_cleanse(bytes, len);
}
