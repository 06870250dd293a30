#include <string.h>

#include "json.h"
#include "tenant.h"

const char *
tenant_of(const struct tenant_facts *facts)
{
	const char *const list[] = {
		facts->subscription,
		facts->session.metadata,
		facts->customer,
		facts->session.client_reference_id,
		facts->latest.metadata,
		facts->latest.client_reference_id,
		facts->customer_id,
	};
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (list[i] != NULL && *list[i] != '\0')
			return list[i];
	return NULL;
}

int
tenant_in_metadata(const char **out, const struct value *metadata,
    const char *key, struct arena *arena)
{
	const struct json *node;
	struct json_doc *doc;
	const char *s;
	int rc = 0;

	*out = NULL;
	if (metadata->type != VALUE_TEXT || strcmp(metadata->s, "{}") == 0)
		return 0;
	if (json_parse(&doc, metadata->s, metadata->len) != JSON_OK)
		return -1;	/* it was written by us: no memory */
	if (json_get(&node, json_root(doc), key) == JSON_OK &&
	    json_text(&s, node) == JSON_OK) {
		*out = arena_text(arena, s, strlen(s));
		rc = *out == NULL ? -1 : 0;
	}
	json_free(doc);
	return rc;
}

bool
tenant_is_odd(const struct value *metadata, const char *key)
{
	size_t len = strlen(key);
	const struct json *node;
	struct json_doc *doc;
	const char *at, *s;
	bool odd;

	/* Minified by us: a key that could be it, and no text behind. */
	if (metadata->type != VALUE_TEXT || len == 0)
		return false;
	for (at = strstr(metadata->s, key); at != NULL;
	    at = strstr(at + 1, key))
		if (strncmp(at + len, "\":", 2) == 0 && at[len + 2] != '"')
			break;
	if (at == NULL || json_parse(&doc, metadata->s, metadata->len) !=
	    JSON_OK)
		return false;
	odd = json_get(&node, json_root(doc), key) == JSON_OK &&
	    json_text(&s, node) == JSON_ETYPE;
	json_free(doc);
	return odd;
}
