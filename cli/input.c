/* Bodies and secrets. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hmac.h"
#include "input.h"

int
input_read(struct bytes *out, const char *path, char *error, size_t error_size)
{
	bool standard = path == NULL || strcmp(path, "-") == 0;
	FILE *file = standard ? stdin : fopen(path, "rb");
	char part[16384];
	size_t n;
	int status = 0;

	bytes_init(out, INPUT_MAX);
	if (file == NULL) {
		(void)snprintf(error, error_size, "%s cannot be read: %s",
		    path, strerror(errno));
		return -1;
	}
	if (isatty(fileno(file)))
		fprintf(stderr, "reading from the terminal; Ctrl-D ends it\n");
	while ((n = fread(part, 1, sizeof(part), file)) > 0)
		bytes_put(out, part, n);
	if (ferror(file) || out->failed) {
		(void)snprintf(error, error_size, "%s cannot be read: %s",
		    standard ? "standard input" : path, out->failed ?
		    "it is larger than 64 MiB" : strerror(errno));
		bytes_free(out);
		status = -1;
	}
	if (!standard)
		fclose(file);
	hmac_wipe(part, sizeof(part));
	return status;
}

/* The value of a line of variables, as STRIPE_WEBHOOK_SECRET=whsec_...; any
 * other line as it is. */
static char *
skip_name(char *line)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"
	    "abcdefghijklmnopqrstuvwxyz0123456789";
	char *name = line + strspn(line, " \t"), *value;

	if (strncmp(name, "export ", 7) == 0)
		name += 7 + strspn(name + 7, " \t");
	value = name + strspn(name, letters);
	if (value == name || *value++ != '=')
		return line;
	return strncmp(value, "whsec_", 6) == 0 ||
	    (*value != '\0' && strncmp(value + 1, "whsec_", 6) == 0) ||
	    strncmp(name, "STRIPE_WEBHOOK_SECRET=", 22) == 0 ? value : line;
}

/* Takes the secrets of a line: several stand there with commas between. */
static void
take_line(struct input_secrets *out, char *line)
{
	char *at = skip_name(line), *next;

	while (*at != '\0' && out->n < INPUT_SECRETS_MAX) {
		out->list[out->n++] = at;
		for (next = at; (next = strchr(next, ',')) != NULL; next++)
			if (strncmp(next + 1 + strspn(next + 1, " \t"),
			    "whsec_", 6) == 0)
				break;
		if (next == NULL)
			return;
		*next++ = '\0';
		at = next + strspn(next, " \t");
	}
}

int
input_secrets(struct input_secrets *out, const char *path, char *error,
    size_t error_size)
{
	struct bytes bytes;
	char *at, *end;

	memset(out, 0, sizeof(*out));
	if (input_read(&bytes, path, error, error_size) == -1)
		return -1;
	bytes_put_char(&bytes, '\n');
	out->bytes = bytes.data;
	out->len = bytes.len;
	if (bytes.failed) {
		(void)snprintf(error, error_size, "out of memory");
		return -1;
	}
	for (at = out->bytes; *at != '\0' && out->n < INPUT_SECRETS_MAX;
	    at = end + 1) {
		end = strchr(at, '\n');
		if (end == NULL)
			break;
		*end = '\0';
		if (end > at && end[-1] == '\r')
			end[-1] = '\0';
		take_line(out, at);
	}
	if (out->n > 0)
		return 0;
	(void)snprintf(error, error_size, "%s has no secret; put whsec_... "
	    "into its first line", path);
	return -1;
}

void
input_secrets_free(struct input_secrets *secrets)
{
	if (secrets->bytes != NULL)
		hmac_wipe(secrets->bytes, secrets->len);
	free(secrets->bytes);
	memset(secrets, 0, sizeof(*secrets));
}

void
input_tail(char tail[INPUT_TAIL_SIZE], const char *secret)
{
	size_t len = strlen(secret);

	/* Of a short one the last four would be too much. */
	(void)snprintf(tail, INPUT_TAIL_SIZE, "...%s",
	    len < 14 ? "" : secret + len - 4);
}

/* The first configured one. */
static char *
configured_secret(char *error, size_t error_size)
{
	const struct settings *settings;
	struct config *config;
	char *secret = NULL;

	if (config_open(&config) == -1) {
		(void)snprintf(error, error_size, "out of memory");
		return NULL;
	}
	settings = config_settings(config);
	if (settings == NULL)
		(void)snprintf(error, error_size, "%s", config_error(config));
	else if (settings->nsecrets == 0)
		(void)snprintf(error, error_size, "no secret is configured; "
		    "put STRIPE_WEBHOOK_SECRET=whsec_... into %s, or name a "
		    "file with --secret-file", config_path(config));
	else if ((secret = strdup(settings->secrets[0])) == NULL)
		(void)snprintf(error, error_size, "out of memory");
	config_free(config);
	return secret;
}

char *
input_signing_secret(const char *path, char *error, size_t error_size)
{
	struct input_secrets secrets;
	char *secret = NULL;

	if (path == NULL)
		return configured_secret(error, error_size);
	if (input_secrets(&secrets, path, error, error_size) == 0 &&
	    (secret = strdup(secrets.list[0])) == NULL)
		(void)snprintf(error, error_size, "out of memory");
	input_secrets_free(&secrets);
	return secret;
}

void
input_drop(char *secret)
{
	if (secret != NULL)
		hmac_wipe(secret, strlen(secret));
	free(secret);
}
