/* Rows of reports shown. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "json_layout.h"
#include "show.h"
#include "table.h"

#define TEXT_MAX ((size_t)1 << 30)

size_t
show_column(enum report report, const char *name)
{
	const char *column;
	size_t i;

	for (i = 0; (column = report_column(report, i)) != NULL; i++)
		if (strcmp(column, name) == 0)
			return i;
	abort();
}

void
show_members(struct jsonout *out, enum report report, const struct value *v,
    size_t n)
{
	const char *name;
	struct bytes text;
	size_t i;

	for (i = 0; i < n; i++) {
		name = report_column(report, i);
		if (v[i].type == VALUE_INT)
			jsonout_int(out, name, v[i].i);
		else if (v[i].type == VALUE_NULL)
			jsonout_null(out, name);
		else {
			/* Bytes have no NUL behind them. */
			bytes_init(&text, TEXT_MAX);
			bytes_put(&text, v[i].s, v[i].len);
			jsonout_text(out, name, text.data == NULL ? "" :
			    text.data);
			bytes_free(&text);
		}
	}
}

const char *
show_number(char text[SHOW_SIZE], const struct value *v)
{
	if (v->type != VALUE_INT)
		return NULL;
	(void)snprintf(text, SHOW_SIZE, "%" PRId64, v->i);
	return text;
}

/* Digits behind the point, as Stripe counts minor units
 * (https://docs.stripe.com/currencies#minor-units). */
static int
digits_of(const char *currency)
{
	static const char *const none[] = { "bif", "clp", "djf", "gnf", "jpy",
	    "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof",
	    "xpf" };
	static const char *const three[] = { "bhd", "jod", "kwd", "omr",
	    "tnd" };
	size_t i;

	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (strcmp(currency, none[i]) == 0)
			return 0;
	for (i = 0; i < sizeof(three) / sizeof(three[0]); i++)
		if (strcmp(currency, three[i]) == 0)
			return 3;
	return 2;
}

const char *
show_money(char text[SHOW_SIZE], const struct value *amount,
    const struct value *currency)
{
	static const int64_t units[] = { 1, 10, 100, 1000 };
	char name[16];
	int digits;
	size_t i;
	int64_t whole, part;

	if (amount->type != VALUE_INT || value_str(currency) == NULL)
		return NULL;
	digits = digits_of(currency->s);
	whole = amount->i / units[digits];
	part = amount->i % units[digits];
	(void)snprintf(name, sizeof(name), "%s", currency->s);
	for (i = 0; name[i] != '\0'; i++)
		name[i] = (char)toupper((unsigned char)name[i]);
	if (digits == 0)
		(void)snprintf(text, SHOW_SIZE, "%" PRId64 " %s", whole,
		    name);
	else
		(void)snprintf(text, SHOW_SIZE, "%s%" PRId64 ".%0*" PRId64
		    " %s", amount->i < 0 ? "-" : "", whole < 0 ? -whole :
		    whole, digits, part < 0 ? -part : part, name);
	return text;
}

/* How many bytes the character at a place has, and which it is; 0 where there
 * is none. */
static size_t
take_character(const char *at, size_t left, unsigned long *point)
{
	const unsigned char *s = (const unsigned char *)at;
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 :
	    s[0] < 0xF0 ? 3 : s[0] < 0xF5 ? 4 : 0, i;

	if (n == 0 || n > left)
		return 0;
	*point = n == 1 ? s[0] : s[0] & (0x7Fu >> n);
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xC0) != 0x80)
			return 0;
		*point = *point << 6 | (s[i] & 0x3F);
	}
	return n;
}

static void
put_escape(struct bytes *out, unsigned long point)
{
	char escape[16];

	if (point >= 0x10000) {
		put_escape(out, 0xD800 + ((point - 0x10000) >> 10));
		point = 0xDC00 + ((point - 0x10000) & 0x3FF);
	}
	(void)snprintf(escape, sizeof(escape), "\\u%04lx", point);
	bytes_put_text(out, escape);
}

/* Laid out, control characters can stand in texts alone, where an escape is
 * the same character. */
static void
put_shown(struct bytes *out, const char *text, size_t len)
{
	unsigned long point;
	size_t i, n;

	for (i = 0; i < len; i += n) {
		n = take_character(text + i, len - i, &point);
		if (n == 0) {
			n = 1;
			put_escape(out, 0xFFFD);
		} else if (point == '\n' || table_columns((wchar_t)point) > 0)
			bytes_put(out, text + i, n);
		else
			put_escape(out, point);
	}
}

static void
put_document(struct bytes *out, const char *text, size_t len)
{
	struct json_layout_style style = json_layout_stripe;
	struct json_layout *layout = json_layout_new(text, len);
	struct bytes laid;

	if (layout == NULL) {
		(void)table_escape(out, text, len);
		return;
	}
	style.order = LAYOUT_KEPT;
	bytes_init(&laid, TEXT_MAX);
	json_layout_write(&laid, json_layout_root(layout), &style);
	if (laid.failed)
		out->failed = true;
	else
		put_shown(out, laid.data, laid.len);
	bytes_free(&laid);
	json_layout_free(layout);
}

int
show_document(FILE *file, const char *text, size_t len)
{
	struct bytes out;
	int status = -1;

	bytes_init(&out, TEXT_MAX);
	put_document(&out, text, len);
	bytes_put_char(&out, '\n');
	if (!out.failed) {
		fputs(out.data, file);
		status = 0;
	}
	bytes_free(&out);
	return status;
}
