/* Undoing wrappers: a body inside JSON, a form, a program's own notation. */
#include <stdlib.h>
#include <string.h>

#include "json_layout.h"
#include "undo.h"

#define NAME_MAX_LEN 64	/* of a field in a form */

/* The largest descendant of a kind; wrappers hold little else. */
static const struct json_layout_node *
largest(const struct json_layout_node *node, char type)
{
	const struct json_layout_node *best = NULL, *child, *found;

	if (node->type == type)
		best = node;
	for (child = node->first; child != NULL; child = child->next) {
		found = largest(child, type);
		if (found != NULL && (best == NULL || found->len > best->len))
			best = found;
	}
	return best;
}

/* JSON twice: the whole body is one text. */
bool
undo_json_string(struct bytes *out, const char *body, size_t len)
{
	struct json_layout *layout;
	bool good = false;

	if (memchr(body, '"', len) == NULL ||
	    (layout = json_layout_new(body, len)) == NULL)
		return false;
	good = json_layout_text(out, json_layout_root(layout));
	json_layout_free(layout);
	return good;
}

/* {"body": "...", ...}, as API Gateway and queues have it; or the event as an
 * object in another. */
bool
undo_wrapped(struct bytes *out, const char *body, size_t len)
{
	const struct json_layout_node *root, *node;
	struct json_layout *layout;
	bool good = false;

	if ((layout = json_layout_new(body, len)) == NULL)
		return false;
	root = json_layout_root(layout);
	node = largest(root, '"');
	if (root->type == '{' && node != NULL && node->len > 16 &&
	    node->len > root->len / 4)
		good = json_layout_text(out, node);
	if (!good && root->type == '{') {
		/* The event's own data would be one, too. */
		for (node = root->first; node != NULL; node = node->next)
			if (node->type == '{' &&
			    json_layout_find(node, "api_version") != NULL)
				break;
		if (node != NULL) {
			bytes_put(out, node->text, node->len);
			good = true;
		}
	}
	json_layout_free(layout);
	return good;
}

/* {"type":"Buffer","data":[123,10,...]}: Node's JSON of a Buffer; or the same
 * numbers alone, or as members 0, 1, 2. */
bool
undo_buffer(struct bytes *out, const char *body, size_t len)
{
	const struct json_layout_node *node, *byte;
	struct json_layout *layout;
	char *end;
	long value;

	if ((layout = json_layout_new(body, len)) == NULL)
		return false;
	node = json_layout_root(layout);
	if (node->type != '{' || node->n < 3 || node->first->type != 'v')
		node = largest(node, '[');
	for (byte = node == NULL ? NULL : node->first; byte != NULL;
	    byte = byte->next) {
		value = strtol(byte->text, &end, 10);
		if (byte->type != 'v' || end != byte->text + byte->len ||
		    value < 0 || value > 255)
			break;
		bytes_put_char(out, (char)value);
	}
	if (byte != NULL)
		bytes_clear(out);
	json_layout_free(layout);
	return out->len > 2;
}

/* A form with the body as the value of its first field. */
bool
undo_form(struct bytes *out, const char *body, size_t len)
{
	const char *equals = memchr(body, '=', len), *amp;
	struct bytes decoded;
	size_t name = equals == NULL ? 0 : (size_t)(equals - body);
	bool good;

	if (name == 0 || name > NAME_MAX_LEN ||
	    memchr(body, '{', name) != NULL || memchr(body, '"', name) != NULL)
		return false;
	body += name + 1;
	len -= name + 1;
	amp = memchr(body, '&', len);
	if (amp != NULL)
		len = (size_t)(amp - body);
	bytes_init(&decoded, len + 1);
	good = undo_url_plus(&decoded, body, len) && !decoded.failed;
	if (good)
		bytes_put(out, decoded.data, decoded.len);
	else
		bytes_put(out, body, len);
	bytes_free(&decoded);
	return true;
}

/* multipart/form-data with the body as its first part. */
bool
undo_multipart(struct bytes *out, const char *body, size_t len)
{
	const char *head, *end, *line;
	size_t boundary;

	if (len < 8 || body[0] != '-' || body[1] != '-' ||
	    (line = memchr(body, '\n', len)) == NULL)
		return false;
	boundary = (size_t)(line - body);
	if (body[boundary - 1] == '\r')
		boundary--;
	head = memmem(body, len, "\r\n\r\n", 4);
	if (head == NULL)
		return false;
	head += 4;
	end = memmem(head, len - (size_t)(head - body), body, boundary);
	if (end == NULL || end - head < 2)
		return false;
	bytes_put(out, head, (size_t)(end - head) - 2);
	return true;
}

/* Transfer-Encoding: chunked that nobody decoded. */
bool
undo_chunked(struct bytes *out, const char *body, size_t len)
{
	const char *line;
	char size[20];
	size_t at = 0, digits;
	unsigned long n;
	char *end;

	while (at < len) {
		line = memchr(body + at, '\n', len - at);
		digits = line == NULL ? 0 : (size_t)(line - body) - at;
		if (digits == 0 || digits >= sizeof(size))
			return false;
		memcpy(size, body + at, digits);
		size[digits] = '\0';
		n = strtoul(size, &end, 16);
		if (end == size || (*end != '\r' && *end != '\0' &&
		    *end != ';'))
			return false;
		at += digits + 1;
		if (n == 0)
			return out->len > 0;
		if (n > len - at)
			return false;
		bytes_put(out, body + at, n);
		at += n;
		while (at < len && (body[at] == '\r' || body[at] == '\n'))
			at++;
	}
	return false;
}

/* One escape of Python's notation, with body[i] behind the backslash.  How many
 * bytes it has. */
static size_t
put_python_escape(struct bytes *out, const char *body, size_t len)
{
	static const char names[] = "nrtbf", bytes[] = "\n\r\t\b\f";
	const char *name = *body == '\0' ? NULL : strchr(names, *body);
	char digits[3];

	if (name != NULL)
		bytes_put_char(out, bytes[name - names]);
	else if (*body == 'x' && len > 2) {
		digits[0] = body[1];
		digits[1] = body[2];
		digits[2] = '\0';
		bytes_put_char(out, (char)strtoul(digits, NULL, 16));
		return 3;
	} else
		bytes_put_char(out, *body);
	return 1;
}

/* b'...', Python's print of bytes. */
bool
undo_python_bytes(struct bytes *out, const char *body, size_t len)
{
	size_t i;

	if (len < 3 || body[0] != 'b' || (body[1] != '\'' && body[1] != '"') ||
	    body[len - 1] != body[1])
		return false;
	for (i = 2; i < len - 1; i++)
		if (body[i] == '\\')
			i += put_python_escape(out, body + i + 1,
			    len - 1 - (i + 1));
		else
			bytes_put_char(out, body[i]);
	return true;
}
