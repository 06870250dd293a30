/* Deliveries over HTTP, by libcurl. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#ifdef HAVE_LIBCURL
#include <curl/curl.h>
#endif

#include "deliver.h"
#include "json_layout.h"

#define ANSWER_MAX ((size_t)1 << 20)

#define ROUTE "let the web server pass this very path, POST and all, to " \
    "billhook.fcgi; billhook doctor --url looks at it"

const char *
deliver_advice(int status)
{
	static const struct {
		int from, to;
		const char *advice;
	} table[] = {
		{ 200, 299, "" },
		{ 300, 399, "Stripe follows no redirect: give the URL that "
		    "it leads to" },
		{ 400, 400, "see the responder's log" },
		{ 401, 401, "the responder has another secret, or does not "
		    "get these bytes: compare billhook config there with the "
		    "one used here, or set BILLHOOK_KEEP_REJECTED there and "
		    "ask billhook explain --kept" },
		{ 402, 403, "something before the responder refuses it: let "
		    "no login and no filter stand before this path" },
		{ 404, 410, "something else than billhook is at this "
		    "address: " ROUTE },
		{ 413, 413, "raise BILLHOOK_MAX_BODY, or the web server's own "
		    "limit" },
		{ 411, 499, ROUTE },
		{ 500, 500, "see the web server's error log: if it says "
		    "misconfigured, what the responder reads of the settings "
		    "cannot be used" },
		{ 502, 504, "see the responder's log: it could not write its "
		    "database, or the web server does not reach it" },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (status >= table[i].from && status <= table[i].to)
			return table[i].advice;
	return "see the web server's error log";
}

bool
deliver_is_url(const char *url)
{
	return strncasecmp(url, "http://", 7) == 0 ||
	    strncasecmp(url, "https://", 8) == 0;
}

void
deliver_outcome(char outcome[DELIVER_OUTCOME_SIZE],
    const struct deliver_answer *answer)
{
	const struct json_layout_node *node;
	struct json_layout *layout;
	struct bytes text;

	*outcome = '\0';
	layout = json_layout_new(answer->body.data == NULL ? "" :
	    answer->body.data, answer->body.len);
	if (layout == NULL)
		return;
	node = json_layout_find(json_layout_root(layout), "outcome");
	if (node == NULL)
		node = json_layout_find(json_layout_root(layout), "error");
	bytes_init(&text, 4096);
	if (json_layout_text(&text, node) && text.data != NULL)
		(void)snprintf(outcome, DELIVER_OUTCOME_SIZE, "%s",
		    text.data);
	bytes_free(&text);
	json_layout_free(layout);
}

#ifdef HAVE_LIBCURL

static size_t
take_part(char *part, size_t size, size_t n, void *arg)
{
	struct bytes *body = arg;

	bytes_put(body, part, size * n);
	return body->failed ? 0 : size * n;
}

/* The headers that Stripe sends.  NULL without memory. */
static struct curl_slist *
make_headers(const char *signature)
{
	static const char *const fixed[] = {
		"Content-Type: application/json; charset=utf-8",
		"User-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)",
		"Accept: */*; q=0.5, application/xml",
		"Cache-Control: no-cache",
		"Expect:",
	};
	struct curl_slist *list = NULL, *longer;
	char line[256];
	size_t i, n = sizeof(fixed) / sizeof(fixed[0]);

	(void)snprintf(line, sizeof(line), "Stripe-Signature: %s", signature);
	for (i = 0; i <= n; i++) {
		longer = curl_slist_append(list, i < n ? fixed[i] : line);
		if (longer == NULL) {
			curl_slist_free_all(list);
			return NULL;
		}
		list = longer;
	}
	return list;
}

/* The header Allow, without the blanks round it. */
static size_t
take_header(char *line, size_t size, size_t n, void *arg)
{
	static const char name[] = "allow:";
	struct deliver_answer *answer = arg;
	size_t len = size * n, start = sizeof(name) - 1;

	if (len < start || strncasecmp(line, name, start) != 0)
		return len;
	while (start < len && (line[start] == ' ' || line[start] == '\t'))
		start++;
	(void)snprintf(answer->allow, sizeof(answer->allow), "%.*s",
	    (int)(len - start), line + start);
	answer->allow[strcspn(answer->allow, " \t\r\n")] = '\0';
	return len;
}

static void
set_up(CURL *curl, const char *url, struct deliver_answer *answer)
{
	/* Stripe follows no redirect. */
	curl_easy_setopt(curl, CURLOPT_URL, url);
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS,
	    (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)DELIVER_TIMEOUT);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_part);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer->body);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, answer);
}

/* Asks, and ends the handle, which may be NULL.  0 or -1 with a sentence. */
static int
perform(CURL *curl, const char *url, struct deliver_answer *answer)
{
	CURLcode result = CURLE_OUT_OF_MEMORY;
	long status = 0;

	if (curl != NULL)
		result = curl_easy_perform(curl);
	if (result == CURLE_OK)
		result = curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE,
		    &status);
	if (result != CURLE_OK)
		(void)snprintf(answer->error, sizeof(answer->error),
		    "no answer from %.128s: %s", url,
		    curl_easy_strerror(result));
	answer->status = (int)status;
	curl_easy_cleanup(curl);
	return result == CURLE_OK ? 0 : -1;
}

static void
begin(struct deliver_answer *answer)
{
	memset(answer, 0, sizeof(*answer));
	bytes_init(&answer->body, ANSWER_MAX);
}

int
deliver_url(struct deliver_answer *answer, const char *url,
    const char *header, const struct bytes *body)
{
	struct curl_slist *headers = make_headers(header);
	CURL *curl = headers == NULL ? NULL : curl_easy_init();
	int status;

	begin(answer);
	if (curl != NULL) {
		set_up(curl, url, answer);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)body->len);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->data);
		curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	}
	status = perform(curl, url, answer);
	curl_slist_free_all(headers);
	return status;
}

int
deliver_ask(struct deliver_answer *answer, const char *url)
{
	CURL *curl = curl_easy_init();

	begin(answer);
	if (curl != NULL)
		set_up(curl, url, answer);
	return perform(curl, url, answer);
}

#else

int
deliver_ask(struct deliver_answer *answer, const char *url)
{
	(void)url;
	memset(answer, 0, sizeof(*answer));
	bytes_init(&answer->body, ANSWER_MAX);
	answer->status = -1;
	(void)snprintf(answer->error, sizeof(answer->error), "not asked: "
	    "this billhook was built without libcurl; see what curl -i says");
	return -1;
}

int
deliver_url(struct deliver_answer *answer, const char *url,
    const char *header, const struct bytes *body)
{
	(void)url;
	(void)header;
	(void)body;
	memset(answer, 0, sizeof(*answer));
	bytes_init(&answer->body, ANSWER_MAX);
	(void)snprintf(answer->error, sizeof(answer->error), "this billhook "
	    "was built without libcurl; use --cgi, or --print with billhook "
	    "sign and curl");
	return -1;
}

#endif
