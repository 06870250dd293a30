/* The ways into a document that need not know cJSON. */
#include <string.h>

#include "json.h"

enum json_result
json_get(const struct json **out, const struct json *node, const char *key)
{
	return json_get_len(out, node, key, strlen(key));
}

/* The element whose number is the first len bytes of index. */
static enum json_result
find_element(const struct json **out, const struct json *array,
    const char *index, size_t len)
{
	const struct json *element = json_first(array);
	unsigned long n = 0;
	size_t i;

	if (len == 0 || len > 9)
		return JSON_ABSENT;
	for (i = 0; i < len; i++) {
		if (index[i] < '0' || index[i] > '9')
			return JSON_ABSENT;
		n = n * 10 + (unsigned long)(index[i] - '0');
	}
	for (; element != NULL && n > 0; n--)
		element = json_next(element);
	if (element == NULL || json_is_null(element))
		return JSON_ABSENT;
	*out = element;
	return JSON_OK;
}

enum json_result
json_find_len(const struct json **out, const struct json *node,
    const char *path, size_t path_len)
{
	const char *end = path + path_len, *dot;
	enum json_result result;
	size_t len;

	*out = NULL;
	for (;; path += len + 1) {
		dot = memchr(path, '.', (size_t)(end - path));
		len = (size_t)((dot != NULL ? dot : end) - path);
		result = json_is_array(node) ?
		    find_element(&node, node, path, len) :
		    json_get_len(&node, node, path, len);
		if (result != JSON_OK)
			return result;
		if (dot == NULL)
			break;
	}
	*out = node;
	return JSON_OK;
}

enum json_result
json_find(const struct json **out, const struct json *node, const char *path)
{
	return json_find_len(out, node, path, strlen(path));
}
