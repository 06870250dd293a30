/* billhook sign: the header that Stripe would send with a body. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "billhook.h"
#include "cli.h"
#include "input.h"
#include "options.h"

enum { AT, SECRET_FILE };

static const struct options_option options[] = {
	[AT] = { "at", "TIME", "when it is signed: Unix seconds, ISO 8601, "
	    "now-5m" },
	[SECRET_FILE] = { "secret-file", "FILE",
	    "whose first line is the secret" },
	{ NULL, NULL, NULL }
};

static const struct options_help help = {
	"sign", "[BODY]",
	"Prints the value of a Stripe-Signature header for the bytes of BODY, "
	"a file, or\nof standard input.  The secret is the first configured "
	"one; it is never an\nargument, which others could see.",
	options,
	"  $ billhook sign event.json\n"
	"  $ billhook sign --at now-10m event.json\n"
	"  $ billhook sign --secret-file secret.txt < event.json\n"
};

static int
sign(const char *body_path, const char *secret_path, int64_t at)
{
	char header[BH_SIGNATURE_SIZE], error[1024];
	enum bh_result result;
	struct bytes body;
	char *secret;

	secret = input_signing_secret(secret_path, error, sizeof(error));
	if (secret == NULL)
		return cli_fail("sign", "%s", error);
	if (input_read(&body, body_path, error, sizeof(error)) == -1) {
		input_drop(secret);
		return cli_fail("sign", "%s", error);
	}
	result = bh_signature_make(header, sizeof(header), secret,
	    body.data == NULL ? "" : body.data, body.len, at);
	input_drop(secret);
	bytes_free(&body);
	if (result != BH_OK)
		return cli_fail("sign", "%s", bh_result_text(result));
	printf("%s\n", header);
	return CLI_OK;
}

int
cmd_sign(int argc, char **argv)
{
	int64_t now = (int64_t)time(NULL), at = now;
	const char *value, *secret_path = NULL;
	int got;

	while ((got = options_next(&help, argc, argv, &value)) >= 0)
		if (got == SECRET_FILE)
			secret_path = value;
		else if (!options_time(value, now, &at))
			return cli_usage("sign", "--at wants a time: "
			    OPTIONS_TIMES);
	if (got != OPTIONS_END)
		return options_status(got);
	if (argc - optind > 1)
		return cli_usage("sign", "more than one body");
	return sign(argv[optind], secret_path, at);
}
