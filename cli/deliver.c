/* Deliveries over HTTP, by libcurl. */
#include <stdio.h>
#include <string.h>

#ifdef HAVE_LIBCURL
#include <curl/curl.h>
#endif

#include "deliver.h"

#define ANSWER_MAX ((size_t)1 << 20)

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

static CURLcode
set_up(CURL *curl, const char *url, struct curl_slist *headers,
    const struct bytes *body, struct deliver_answer *answer)
{
	/* Stripe follows no redirect. */
	curl_easy_setopt(curl, CURLOPT_URL, url);
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS,
	    (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
	    (curl_off_t)body->len);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->data);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)DELIVER_TIMEOUT);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_part);
	return curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer->body);
}

int
deliver_url(struct deliver_answer *answer, const char *url,
    const char *header, const struct bytes *body)
{
	struct curl_slist *headers = make_headers(header);
	CURL *curl = curl_easy_init();
	CURLcode result = CURLE_OUT_OF_MEMORY;
	long status = 0;

	memset(answer, 0, sizeof(*answer));
	bytes_init(&answer->body, ANSWER_MAX);
	if (curl != NULL && headers != NULL)
		result = set_up(curl, url, headers, body, answer);
	if (result == CURLE_OK)
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
	curl_slist_free_all(headers);
	return result == CURLE_OK ? 0 : -1;
}

#else

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
