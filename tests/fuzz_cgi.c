/*
 * A CGI request: variables, one in each line, an empty line, and the body;
 * through plain CGI to the answer, with the clock at FUZZ_NOW and signatures
 * as fuzzing_sign.h makes them.  "@len@" stands for the length of the body.
 *
 * The status is what a second reading of the contract's gates says; no
 * variable of the request changes a setting; every line of the log is one
 * plain line without a secret.
 */
#include <sys/mman.h>
#include <fcntl.h>
#include <unistd.h>

#include "../cgi/plain.h"
#include "fuzzing.h"
#include "fuzzing_db.h"
#include "fuzzing_door.h"
#include "fuzzing_sign.h"
#include "json.h"

const char fuzz_target[] = "cgi";

#define VARIABLES_MAX 64

struct request_text {
	char *variables[VARIABLES_MAX + 2];	/* owned; ends with NULL */
	size_t n;
	struct fuzz_part body;
	bool named;		/* it has the secret by itself: fuzzers guess */
	bool authentic;		/* the first signature is one of ours */
	size_t signatures;
	const char *method, *length;	/* the first of each */
};

extern char **environ;

/* Names that a web server makes of a request: all but those that only the
 * operator can set (ours, and those that libraries read). */
static bool
is_of_request(struct fuzz_part line)
{
	static const char *const prefixes[] = { "HTTP", "REQUEST_",
	    "CONTENT_", "QUERY_STRING=", "PATH_", "SCRIPT_", "SERVER_",
	    "REMOTE_", "GATEWAY_", "REDIRECT_", "AUTH_TYPE=" };
	size_t i;

	for (i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (line.len >= strlen(prefixes[i]) &&
		    memcmp(line.at, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

/* How many bytes of the body count: all, or as many as CONTENT_LENGTH says. */
static struct fuzz_part
counted(const struct request_text *request)
{
	struct fuzz_part body = request->body;

	if (request->length != NULL && request->length[strspn(request->length,
	    "0123456789")] == '\0' && strtoull(request->length, NULL, 10) <
	    body.len)
		body.len = strtoull(request->length, NULL, 10);
	return body;
}

/* Makes "NAME=value" of a line, with what its placeholders stand for. */
static char *
make_variable(const struct request_text *request, struct fuzz_part line,
    bool *configured)
{
	static const char length[] = "CONTENT_LENGTH=@len@";
	struct bytes out;
	char text[64];

	*configured = false;
	if (line.len == strlen(length) &&
	    memcmp(line.at, length, line.len) == 0) {
		snprintf(text, sizeof(text), "CONTENT_LENGTH=%zu",
		    request->body.len);
		return fuzz_text(text, strlen(text));
	}
	bytes_init(&out, SIZE_MAX / 2);
	if (line.len > 22 && memcmp(line.at, "HTTP_STRIPE_SIGNATURE=",
	    22) == 0) {
		bytes_put(&out, line.at, 22);
		line.at += 22;
		line.len -= 22;
		*configured = fuzz_put_header(&out, line, counted(request));
	} else
		bytes_put(&out, line.at, line.len);
	bytes_put_char(&out, '\0');
	return out.data;
}

/* Notes what the gates look at. */
static void
note_variable(struct request_text *request, const char *variable,
    bool configured)
{
	if (strncmp(variable, "REQUEST_METHOD=", 15) == 0) {
		if (request->method == NULL)
			request->method = variable + 15;
	} else if (strncmp(variable, "CONTENT_LENGTH=", 15) == 0) {
		if (request->length == NULL)
			request->length = variable + 15;
	} else if (strncmp(variable, "HTTP_STRIPE_SIGNATURE=", 22) == 0) {
		if (request->signatures++ == 0)
			request->authentic = configured;
	}
}

/* Reads the input in two walks: a signature is of the body, the length of
 * which may stand behind it. */
static void
read_request(struct request_text *request, struct fuzz_part input)
{
	struct fuzz_part lines[VARIABLES_MAX], line;
	bool configured, signature;
	size_t n = 0, i, pass;

	memset(request, 0, sizeof(*request));
	request->named = input.len > 0 && memmem(input.at, input.len,
	    FUZZ_SECRET, strlen(FUZZ_SECRET)) != NULL;
	while (n < VARIABLES_MAX && fuzz_cut(&line, &input, '\n') &&
	    line.len > 0)
		if (is_of_request(line))
			lines[n++] = line;
	request->body = input.at == NULL ? (struct fuzz_part){ "", 0 } : input;
	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < n; i++) {
			signature = lines[i].len > 22 && memcmp(lines[i].at,
			    "HTTP_STRIPE_SIGNATURE=", 22) == 0;
			if (signature != (pass == 1))
				continue;
			request->variables[request->n] =
			    make_variable(request, lines[i], &configured);
			note_variable(request,
			    request->variables[request->n++], configured);
		}
}

/* The contract's gates, read a second time: the status, or 0 where only the
 * signature and the content decide. */
static int
judge(const struct request_text *request)
{
	const char *digits = request->length;

	if (request->method == NULL || strcmp(request->method, "POST") != 0)
		return 405;
	if (digits == NULL || *digits == '\0' ||
	    digits[strspn(digits, "0123456789")] != '\0')
		return 411;
	digits += strspn(digits, "0");
	if (strlen(digits) > 9 || atol(digits) > FUZZ_BODY_MAX)
		return 413;
	if ((size_t)atol(digits) > request->body.len)
		return 400;
	if (request->signatures != 1 || !request->authentic)
		return 401;
	return 0;
}

static int
check_line(void *arg, const char *line, size_t len)
{
	const bool *named = arg;

	fuzz_require(len > 0 && len <= LOG_LINE_MAX && line[len - 1] == '\n' &&
	    fuzz_is_plain(line, len - 1) &&
	    strncmp(line, "billhook: ", 10) == 0, "a forged line in the log");
	fuzz_require(*named || memmem(line, len, FUZZ_SECRET,
	    strlen(FUZZ_SECRET)) == NULL, "a secret in the log");
	return 0;
}

static void
check_settings(const struct setup *setup)
{
	const struct settings *settings = config_settings(setup->config);

	fuzz_require(setup_is_ready(setup), "not ready: %s", setup->fault);
	fuzz_require(settings->nsecrets == 2 &&
	    strcmp(settings->secrets[0], FUZZ_SECRET) == 0 &&
	    settings->max_body == FUZZ_BODY_MAX && settings->tolerance == 300 &&
	    strcmp(settings->tenant_key, "tenant_id") == 0 &&
	    settings->keep_rejected == 3 &&
	    strcmp(settings->database, fuzz_path("cgi.db")) == 0,
	    "a request has set something");
}

/* Serves the request with descriptor 0 and 1 as a web server gives them; the
 * answer in text. */
static void
serve(struct request_text *request, char *text, size_t size)
{
	int saved[2] = { fcntl(0, F_DUPFD_CLOEXEC, 3),
	    fcntl(1, F_DUPFD_CLOEXEC, 3) };
	int in = memfd_create("in", MFD_CLOEXEC);
	int out = memfd_create("out", MFD_CLOEXEC);
	struct log *log = log_new();
	struct setup setup;
	ssize_t len;

	fflush(stdout);
	if (in == -1 || out == -1 || log == NULL ||
	    write(in, request->body.at, request->body.len) !=
	    (ssize_t)request->body.len || lseek(in, 0, SEEK_SET) != 0 ||
	    dup2(in, 0) == -1 || dup2(out, 1) == -1)
		abort();
	log_set_sink(log, check_line, &request->named);
	if (setup_init(&setup, log) == -1)
		abort();
	check_settings(&setup);
	plain_serve(&setup);
	setup_free(&setup);
	log_free(log);
	len = pread(out, text, size - 1, 0);
	text[len > 0 ? len : 0] = '\0';
	close(in);
	close(out);
	if (dup2(saved[0], 0) == -1 || dup2(saved[1], 1) == -1)
		abort();
	close(saved[0]);
	close(saved[1]);
}

/* An answer is whole: head, empty line, one JSON document; and the right
 * one. */
static int
check_answer(const struct request_text *request, const char *answer)
{
	const char *end = strstr(answer, "\r\n\r\n");
	struct json_doc *doc = NULL;
	int status = 0, want = judge(request);

	fuzz_require(sscanf(answer, "Status: %3d ", &status) == 1 &&
	    end != NULL && json_parse(&doc, end + 4, strlen(end + 4)) ==
	    JSON_OK, "no answer: %s", answer);
	json_free(doc);
	if (want == 0)
		fuzz_require(status == 200 || status == 400 || status == 401,
		    "%d for an authentic delivery", status);
	else
		fuzz_require(status == want, "%d, and %d is right", status,
		    want);
	fuzz_require((status == 200) == (strstr(answer, "\"received\"") !=
	    NULL), "status %d does not go with its body", status);
	return status;
}

/* Makes the configuration, once, and the variable that names it. */
static void
prepare(void)
{
	static char config[FUZZ_PATH + 100];

	if (*config == '\0')
		snprintf(config, sizeof(config), "BILLHOOK_CONFIG=%s",
		    fuzz_door_config("cgi.db", "BILLHOOK_KEEP_REJECTED=3\n"
		    "BILLHOOK_LOG=debug\n"));
	environ[0] = config;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool made;
	struct request_text request;
	char **saved = environ, answer[4096];
	int status;
	size_t i;

	if (!made && hmac_init() == -1)
		abort();
	read_request(&request, (struct fuzz_part){ (const char *)data, size });
	/* The operator's one variable stands first. */
	for (i = request.n; i > 0; i--)
		request.variables[i] = request.variables[i - 1];
	(void)fuzz_directory();
	environ = request.variables;
	prepare();
	if (made)
		fuzz_db_empty(fuzz_path("cgi.db"));
	serve(&request, answer, sizeof(answer));
	environ = saved;
	status = check_answer(&request, answer);
	made = made || status == 200;
	if (made)
		fuzz_require(fuzz_db_events(fuzz_path("cgi.db")) ==
		    (status == 200), "%d, and %lld events are kept", status,
		    (long long)fuzz_db_events(fuzz_path("cgi.db")));
	while (request.n > 0)
		free(request.variables[request.n--]);
	return 0;
}
