/* Mending a Stripe-Signature header. */
#include <string.h>
#include <strings.h>

#include "diagnosis_try.h"
#include "undo.h"

#define NAME "stripe-signature"
#define DIGITS "0123456789abcdef"
#define DIGITS_LEN 64		/* of a whole v1 */
#define CUT_MIN 8		/* digits that are enough to tell a cut one */

/* What is being mended: a slice that shrinks, and a copy that replaces it. */
struct mending {
	struct diagnosis *found;
	struct bytes *out;
	const char *at;
	size_t len;
};

static void
trim(struct mending *m)
{
	while (m->len > 0 && strchr(" \t\r\n", *m->at) != NULL && *m->at) {
		m->at++;
		m->len--;
	}
	while (m->len > 0 && m->at[m->len - 1] != '\0' &&
	    strchr(" \t\r\n", m->at[m->len - 1]) != NULL)
		m->len--;
}

/* "Stripe-Signature: ...", and HTTP_STRIPE_SIGNATURE=... of a CGI dump. */
static void
take_name(struct mending *m)
{
	size_t skip = 0, i;

	if (m->len > 5 && strncasecmp(m->at, "http_", 5) == 0)
		skip = 5;
	for (i = 0; i < strlen(NAME); i++)
		if (skip + i >= m->len || (strncasecmp(m->at + skip + i,
		    &NAME[i], 1) != 0 && m->at[skip + i] != '_'))
			return;
	skip += strlen(NAME);
	while (skip < m->len && strchr("\"' \t", m->at[skip]) != NULL &&
	    m->at[skip] != '\0')
		skip++;
	if (skip == m->len || (m->at[skip] != ':' && m->at[skip] != '='))
		return;
	m->at += skip + 1;
	m->len -= skip + 1;
	trim(m);
	diagnosis_add(m->found, CAUSE_HEADER_NAME);
}

/* Quotes, and the brackets of a list that was printed, at either end. */
static void
take_quotes(struct mending *m)
{
	static const char marks[] = "\"'`[]()<>";
	size_t before = m->len;

	while (m->len > 0 && *m->at != '\0' && strchr(marks, *m->at) != NULL) {
		m->at++;
		m->len--;
	}
	while (m->len > 0 && m->at[m->len - 1] != '\0' &&
	    strchr(marks, m->at[m->len - 1]) != NULL)
		m->len--;
	if (m->len < before)
		diagnosis_add(m->found, CAUSE_HEADER_QUOTED);
	trim(m);
}

/* Puts the copy that is in fresh in the place of the slice. */
static void
replace(struct mending *m, struct bytes *fresh)
{
	bytes_free(m->out);
	*m->out = *fresh;
	m->at = m->out->data == NULL ? "" : m->out->data;
	m->len = m->out->len;
}

/* %XX, and HTML's &#61; that text fields make of it. */
static void
take_escapes(struct mending *m)
{
	struct bytes fresh;

	bytes_init(&fresh, m->len + 1);
	if (undo_url_encoded(&fresh, m->at, m->len) && !fresh.failed) {
		replace(m, &fresh);
		diagnosis_add(m->found, CAUSE_HEADER_ESCAPED);
		return;
	}
	bytes_free(&fresh);
	bytes_init(&fresh, m->len + 1);
	if (undo_html_escaped(&fresh, m->at, m->len) && !fresh.failed) {
		replace(m, &fresh);
		diagnosis_add(m->found, CAUSE_HEADER_ESCAPED);
		return;
	}
	bytes_free(&fresh);
}

/* Line breaks in the middle, with the blanks that a folded header has, and
 * the two bytes \n that stand for one in a log. */
static void
take_folds(struct mending *m)
{
	struct bytes fresh;
	size_t i;
	bool folded = false, escape;

	bytes_init(&fresh, m->len + 1);
	for (i = 0; i < m->len; i++) {
		escape = m->at[i] == '\\' && i + 1 < m->len &&
		    (m->at[i + 1] == 'n' || m->at[i + 1] == 'r');
		if (m->at[i] != '\r' && m->at[i] != '\n' && !escape) {
			bytes_put_char(&fresh, m->at[i]);
			continue;
		}
		folded = true;
		i += escape;
		while (i + 1 < m->len && (m->at[i + 1] == ' ' ||
		    m->at[i + 1] == '\t'))
			i++;
	}
	if (!folded || fresh.failed) {
		bytes_free(&fresh);
		return;
	}
	replace(m, &fresh);
	diagnosis_add(m->found, CAUSE_HEADER_FOLDED);
}

/* ";", "&" or blanks where commas should be; ":" where "=" should. */
static void
take_separators(struct mending *m)
{
	bool changed = false;
	struct bytes fresh;
	size_t i;
	char c;

	bytes_init(&fresh, m->len + 1);
	for (i = 0; i < m->len; i++) {
		c = m->at[i];
		if (c == ';' || c == '&' || c == '|' || (c == ' ' && i > 0 &&
		    memchr(m->at, ',', m->len) == NULL))
			c = ',';
		else if (c == ':')
			c = '=';
		changed |= c != m->at[i];
		bytes_put_char(&fresh, c);
	}
	if (!changed || fresh.failed) {
		bytes_free(&fresh);
		return;
	}
	replace(m, &fresh);
	diagnosis_add(m->found, CAUSE_HEADER_SEPARATOR);
}

/* Capital letters: of keys, and of the digits. */
static void
take_capitals(struct mending *m)
{
	bool changed = false;
	struct bytes fresh;
	size_t i;
	char c;

	bytes_init(&fresh, m->len + 1);
	for (i = 0; i < m->len; i++) {
		c = m->at[i];
		if (c >= 'A' && c <= 'Z') {
			c = (char)(c - 'A' + 'a');
			changed = true;
		}
		bytes_put_char(&fresh, c);
	}
	if (!changed || fresh.failed) {
		bytes_free(&fresh);
		return;
	}
	replace(m, &fresh);
	diagnosis_add(m->found, CAUSE_HEADER_CASE);
}

/* Looks for a v1 that was cut.  How many are whole. */
static size_t
look_at_elements(const struct mending *m, size_t *cut, size_t *cut_len)
{
	const char *at = m->at, *end = m->at + m->len, *stop;
	size_t len, whole = 0;

	*cut_len = 0;
	for (; at < end; at = stop + 1) {
		stop = memchr(at, ',', (size_t)(end - at));
		if (stop == NULL)
			stop = end;
		while (at < stop && *at == ' ')
			at++;
		if (stop - at < 3 || memcmp(at, "v1=", 3) != 0)
			continue;
		for (len = 0; at + 3 + len < stop && at[3 + len] != '\0' &&
		    strchr(DIGITS, at[3 + len]) != NULL; len++)
			;
		if (len == DIGITS_LEN)
			whole++;
		else if (len >= CUT_MIN && len < DIGITS_LEN) {
			*cut = (size_t)(at + 3 - m->at);
			*cut_len = len;
		}
	}
	if (whole > 0)
		*cut_len = 0;
	return whole;
}

size_t
diagnosis_header(struct diagnosis *found, struct bytes *out,
    const char *header, size_t len, size_t *cut, size_t *cut_len)
{
	struct mending m = { found, out, header, len };
	struct bytes copy;
	size_t whole;

	trim(&m);
	take_name(&m);
	take_quotes(&m);
	take_escapes(&m);
	take_folds(&m);
	take_separators(&m);
	take_capitals(&m);

	/* The slice itself, where nothing was copied or more was trimmed. */
	bytes_init(&copy, m.len + 1);
	bytes_put(&copy, m.at, m.len);
	whole = look_at_elements(&m, cut, cut_len);
	bytes_free(out);
	*out = copy;
	return whole;
}
