/* JSON for programs. */
#include <inttypes.h>
#include <string.h>

#include "json_layout.h"
#include "jsonout.h"

#define TEXT_MAX ((size_t)1 << 30)

void
jsonout_init(struct jsonout *out, FILE *file)
{
	*out = (struct jsonout){ .file = file };
}

static void
put_text(struct jsonout *out, const char *text)
{
	struct bytes bytes;

	bytes_init(&bytes, TEXT_MAX);
	/* On a terminal it forges nothing, and is the same to a program. */
	json_layout_quote(&bytes, text, strlen(text), true);
	if (!bytes.failed)
		fwrite(bytes.data, 1, bytes.len, out->file);
	else
		fputs("null", out->file);
	bytes_free(&bytes);
}

static void
put_key(struct jsonout *out, const char *key)
{
	if (out->follows && out->depth > 0)
		fputc(',', out->file);
	out->follows = true;
	if (key == NULL)
		return;
	put_text(out, key);
	fputc(':', out->file);
}

static void
end_value(struct jsonout *out)
{
	if (out->depth == 0)
		fputc('\n', out->file);
}

void
jsonout_open(struct jsonout *out, const char *key, char bracket)
{
	put_key(out, key);
	fputc(bracket, out->file);
	out->depth++;
	out->follows = false;
}

void
jsonout_close(struct jsonout *out, char bracket)
{
	fputc(bracket, out->file);
	out->depth--;
	out->follows = true;
	end_value(out);
}

void
jsonout_text(struct jsonout *out, const char *key, const char *text)
{
	put_key(out, key);
	if (text == NULL)
		fputs("null", out->file);
	else
		put_text(out, text);
	end_value(out);
}

void
jsonout_int(struct jsonout *out, const char *key, int64_t value)
{
	put_key(out, key);
	fprintf(out->file, "%" PRId64, value);
	end_value(out);
}

void
jsonout_bool(struct jsonout *out, const char *key, bool value)
{
	put_key(out, key);
	fputs(value ? "true" : "false", out->file);
	end_value(out);
}

void
jsonout_null(struct jsonout *out, const char *key)
{
	jsonout_text(out, key, NULL);
}
