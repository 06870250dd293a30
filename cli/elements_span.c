/* Where JSON values begin and end. */
#include <string.h>

#include "elements_span.h"

bool
elements_scan(struct elements_scan *scan, int c)
{
	if (scan->text) {
		if (scan->escape)
			scan->escape = false;
		else if (c == '\\')
			scan->escape = true;
		else if (c == '"') {
			scan->text = false;
			return scan->depth == 0;
		}
		return false;
	}
	if (c == '"')
		scan->text = true;
	else if (c == '{' || c == '[')
		scan->depth++;
	else if (c == '}' || c == ']')
		return scan->depth <= 1 || --scan->depth == 0;
	return false;
}

static const char *
skip_blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' ||
	    *at == '\n'))
		at++;
	return at;
}

/* The byte behind a value; NULL if it does not end before end. */
static const char *
skip_value(const char *at, const char *end)
{
	struct elements_scan scan = { 0 };
	const char *start = at;

	if (at < end && *at != '{' && *at != '[' && *at != '"') {
		while (at < end && strchr(",]} \t\r\n", *at) == NULL)
			at++;
		return at == start ? NULL : at;
	}
	for (; at < end; at++)
		if (elements_scan(&scan, (unsigned char)*at))
			return at + 1;
	return NULL;
}

const char *
elements_span(const char *at, const char *end)
{
	at = skip_value(at, end);
	return at != NULL && skip_blanks(at, end) == end ? at : NULL;
}

bool
elements_ends_in_text(const char *at, const char *end)
{
	struct elements_scan scan = { 0 };

	for (; at < end && *at != '\n' && *at != '\r'; at++)
		(void)elements_scan(&scan, (unsigned char)*at);
	return scan.text;
}

/* One member of an object: its key, and its value from *value to *at. */
static bool
take_member(const char **at, const char *end, const char **key,
    const char **value)
{
	const char *behind;

	*key = skip_blanks(*at, end);
	if (*key < end && **key == ',')
		*key = skip_blanks(*key + 1, end);
	if (*key >= end || **key != '"')
		return false;
	behind = skip_value(*key, end);
	if (behind == NULL)
		return false;
	behind = skip_blanks(behind, end);
	if (behind >= end || *behind != ':')
		return false;
	*value = skip_blanks(behind + 1, end);
	*at = skip_value(*value, end);
	return *at != NULL;
}

static bool
is_key(const char *key, const char *end, const char *name)
{
	size_t len = strlen(name);

	return (size_t)(end - key) > len + 2 &&
	    memcmp(key + 1, name, len) == 0 && key[len + 1] == '"';
}

const char *
elements_list(const char *at, const char *end, bool *has_more)
{
	const char *key, *value, *data = NULL;

	at = skip_blanks(at, end);
	if (at >= end || elements_span(at, end) == NULL)
		return NULL;
	if (*at == '[')
		return at + 1;
	if (*at != '{')
		return NULL;
	for (at++; take_member(&at, end, &key, &value);) {
		if (is_key(key, end, "data") && *value == '[')
			data = value + 1;
		if (is_key(key, end, "has_more") && *value == 't')
			*has_more = true;
	}
	return data;
}

const char *
elements_each(const char **at, const char *end, size_t *len)
{
	const char *start = skip_blanks(*at, end), *behind;

	while (start < end && *start == ',')
		start = skip_blanks(start + 1, end);
	if (start >= end || *start == ']')
		return NULL;
	behind = skip_value(start, end);
	if (behind == NULL)
		return NULL;
	*len = (size_t)(behind - start);
	*at = behind;
	return start;
}

bool
elements_goes_on(const char *line, const char *end)
{
	while (end > line && skip_blanks(end - 1, end) == end)
		end--;
	return end > line && strchr("{[,:", end[-1]) != NULL;
}
