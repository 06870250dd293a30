/*
 * What subcommands read: bodies, and secrets.  A secret never comes from the
 * command line, where ps(1) would show it.
 */
#ifndef INPUT_H
#define INPUT_H

#include <stddef.h>

#include "bytes.h"
#include "config.h"

#define INPUT_MAX ((size_t)64 << 20)	/* bytes of a body: the largest that
					 * BILLHOOK_MAX_BODY can allow */
#define INPUT_SECRETS_MAX 32

/* Secrets from a file, one in each line as it stands there; or behind
 * STRIPE_WEBHOOK_SECRET=, as in a file of variables, and several with commas
 * between. */
struct input_secrets {
	char *bytes;		/* owned, wiped */
	size_t len;
	const char *list[INPUT_SECRETS_MAX];
	size_t n;
};

/* Reads a file, or standard input for NULL and "-".  0, or -1 with a sentence
 * in error. */
int input_read(struct bytes *out, const char *path, char *error,
    size_t error_size);

/* Reads secrets: all lines that are not empty.  0, or -1 with a sentence. */
int input_secrets(struct input_secrets *out, const char *path, char *error,
    size_t error_size);
void input_secrets_free(struct input_secrets *secrets);

/* The end of a secret that may be shown: "...abcd". */
#define INPUT_TAIL_SIZE 8
void input_tail(char tail[INPUT_TAIL_SIZE], const char *secret);

/*
 * The secret to sign with: the first of a file, if there is a path, else the
 * first configured one; a copy, to be given to input_drop().  NULL with a
 * sentence in error.
 */
char *input_signing_secret(const char *path, char *error, size_t error_size);
void input_drop(char *secret);

#endif
