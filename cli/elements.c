/* The events of a file. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bytes.h"
#include "elements.h"
#include "elements_span.h"

enum mode { MODE_UNKNOWN, MODE_LINES, MODE_DOCUMENTS };

struct elements {
	FILE *file;
	bool standard;
	enum mode mode;
	struct bytes ahead;	/* lines read to find the mode out */
	size_t ahead_at;
	struct bytes document;	/* the one in work */
	bool array;		/* inside an array at the top of the file */
	const char *inner;	/* inside a list in document; NULL if not */
	int64_t line, number, start;
	int64_t read, size;
	bool has_more;
	char error[256];
};

struct elements *
elements_open(const char *path, char *error, size_t error_size)
{
	struct elements *e = calloc(1, sizeof(*e));
	struct stat st;

	if (e == NULL) {
		(void)snprintf(error, error_size, "out of memory");
		return NULL;
	}
	bytes_init(&e->ahead, ELEMENTS_MAX);
	bytes_init(&e->document, ELEMENTS_MAX);
	e->line = 1;
	e->standard = strcmp(path, "-") == 0;
	e->file = e->standard ? stdin : fopen(path, "rb");
	/* A directory can be opened, and only then not be read. */
	if (e->file != NULL && fstat(fileno(e->file), &st) == 0 &&
	    S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		if (!e->standard)
			(void)fclose(e->file);
		e->file = NULL;
	}
	if (e->file == NULL) {
		(void)snprintf(error, error_size, "%s cannot be read: %s",
		    path, strerror(errno));
		elements_close(e);
		return NULL;
	}
	if (fstat(fileno(e->file), &st) == 0 && S_ISREG(st.st_mode))
		e->size = (int64_t)st.st_size;
	return e;
}

void
elements_close(struct elements *e)
{
	if (e == NULL)
		return;
	if (e->file != NULL && !e->standard)
		(void)fclose(e->file);
	bytes_free(&e->ahead);
	bytes_free(&e->document);
	free(e);
}

static int __attribute__((format(printf, 2, 3)))
fail(struct elements *e, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	(void)vsnprintf(e->error, sizeof(e->error), format, values);
	va_end(values);
	return -1;
}

/* The next byte, from what was read ahead or from the file; EOF at the end. */
static int
next_byte(struct elements *e)
{
	int c;

	if (e->ahead_at < e->ahead.len)
		c = (unsigned char)e->ahead.data[e->ahead_at++];
	else
		c = getc_unlocked(e->file);
	if (c == EOF)
		return EOF;
	e->read++;
	if (c == '\n')
		e->line++;
	return c;
}

static bool
is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Reads a line of the file to what is ahead; false at the end. */
static bool
read_ahead(struct elements *e)
{
	int c = EOF;

	while (!e->ahead.failed && (c = getc_unlocked(e->file)) != EOF) {
		bytes_put_char(&e->ahead, (char)c);
		if (c == '\n')
			break;
	}
	return c != EOF;
}

/* Takes a byte-order mark away; then the next line that has anything, from
 * *line to the end of what is ahead.  1, 0 or -1. */
static int
look_ahead(struct elements *e, size_t *line)
{
	static const char mark[] = "\xEF\xBB\xBF";
	size_t start;
	bool more = true;

	while (more) {
		start = e->ahead.len;
		more = read_ahead(e);
		if (e->ahead.failed)
			return fail(e, "a line has more than 1 GiB");
		if (start == 0 && e->ahead.len >= 3 &&
		    memcmp(e->ahead.data, mark, 3) == 0)
			e->ahead_at = start = 3;
		for (*line = start; *line < e->ahead.len; ++*line)
			if (!is_blank(e->ahead.data[*line]))
				return 1;
	}
	return 0;
}

/*
 * One document in each line, or not?  It is if the first line is a whole
 * object; and, since the first may be a broken one, if it ends inside a text,
 * or the second is whole and the first does not lead there.
 */
static int
find_mode(struct elements *e)
{
	size_t first, second, len;
	const char *end;
	int got;

	e->mode = MODE_DOCUMENTS;
	got = look_ahead(e, &first);
	if (got != 1 || e->ahead.data[first] != '{')
		return got == -1 ? -1 : 0;
	len = e->ahead.len;
	end = e->ahead.data + len;
	if (elements_span(e->ahead.data + first, end) != NULL ||
	    elements_ends_in_text(e->ahead.data + first, end)) {
		e->mode = MODE_LINES;
		return 0;
	}
	if (elements_goes_on(e->ahead.data + first, end))
		return 0;
	got = look_ahead(e, &second);
	if (got == 1 && e->ahead.data[second] == '{' &&
	    elements_span(e->ahead.data + second,
	    e->ahead.data + e->ahead.len) != NULL)
		e->mode = MODE_LINES;
	return got == -1 ? -1 : 0;
}

/* The next byte, which stays; EOF at the end. */
static int
peek(struct elements *e)
{
	int c;

	if (e->ahead_at < e->ahead.len)
		return (unsigned char)e->ahead.data[e->ahead_at];
	c = getc_unlocked(e->file);
	return c == EOF ? EOF : ungetc(c, e->file);
}

/* Whether the line that was read is the first of an object that has several,
 * and not a broken one with others behind it. */
static bool
has_more_lines(struct elements *e)
{
	const char *at = e->document.data, *end = at + e->document.len;
	int c = peek(e);

	return *at == '{' && (c == ' ' || c == '\t' || c == '"') &&
	    elements_goes_on(at, end) && elements_span(at, end) == NULL;
}

/* Reads the other lines of such an object. */
static void
read_lines(struct elements *e)
{
	struct elements_scan scan = { 0 };
	size_t i;
	int c = '\n';

	for (i = 0; i < e->document.len; i++)
		(void)elements_scan(&scan, e->document.data[i]);
	do
		bytes_put_char(&e->document, (char)c);
	while (!elements_scan(&scan, c) && !e->document.failed &&
	    (c = next_byte(e)) != EOF);
}

/* The next line that is not empty, or the next object of several lines among
 * them.  1, 0 or -1. */
static int
next_line(struct elements *e)
{
	bool blank = true;
	int c;

	bytes_clear(&e->document);
	e->start = e->line;
	while ((c = next_byte(e)) != EOF) {
		if (c == '\n' && !blank)
			break;
		if (c == '\n' || (blank && is_blank(c))) {
			e->start = e->line;
			continue;
		}
		blank = false;
		bytes_put_char(&e->document, (char)c);
	}
	if (!blank && !e->document.failed && has_more_lines(e))
		read_lines(e);
	if (e->document.failed)
		return fail(e, "line %lld has more than 1 GiB",
		    (long long)e->start);
	return blank ? 0 : 1;
}

/* The rest of a value that is no object and no array, to where something else
 * begins.  What it is, the reader of events says. */
static void
read_word(struct elements *e, int c)
{
	while (c != EOF && c != ',' && c != ']' && !is_blank(c)) {
		bytes_put_char(&e->document, (char)c);
		c = next_byte(e);
	}
	if (c == ']')
		e->array = false;
}

/* The rest of an object or array that begins with c.  False if it is cut. */
static bool
read_nested(struct elements *e, int c)
{
	struct elements_scan scan = { 0 };

	do {
		bytes_put_char(&e->document, (char)c);
		if (elements_scan(&scan, c))
			return true;
	} while (!e->document.failed && (c = next_byte(e)) != EOF);
	return false;
}

/* The next document, or the next element of an array at the top. */
static int
next_document(struct elements *e)
{
	int c;

	bytes_clear(&e->document);
	for (;;) {
		c = next_byte(e);
		if (c == EOF)
			return e->array ? fail(e, "the array is cut short: "
			    "its ']' is missing") : 0;
		if (e->array && c == ']')
			e->array = false;
		else if (!e->array && c == '[')
			e->array = true;
		else if (!is_blank(c) && c != ',')
			break;
	}
	e->start = e->line;
	if (c != '{' && c != '[' && c != '"')
		read_word(e, c);
	else if (!read_nested(e, c))
		return fail(e, e->document.failed ? "line %lld: what begins "
		    "there has more than 1 GiB" : "line %lld: what begins "
		    "there is cut short", (long long)e->start);
	return 1;
}

/* The next of the list that is in work; NULL if there is none. */
static const char *
next_inner(struct elements *e, size_t *len)
{
	const char *at = NULL;

	if (e->inner != NULL)
		at = elements_each(&e->inner, e->document.data +
		    e->document.len, len);
	if (at == NULL)
		e->inner = NULL;
	return at;
}

/* The next document; *list is true where it is one, to be gone into. */
static int
next_whole(struct elements *e, bool *list)
{
	int got = e->mode == MODE_LINES ? next_line(e) : next_document(e);

	*list = false;
	if (ferror(e->file))
		return fail(e, "reading failed: %s", strerror(errno));
	if (got == 1 && e->document.len > 0)
		e->inner = elements_list(e->document.data,
		    e->document.data + e->document.len, &e->has_more);
	*list = e->inner != NULL;
	return got;
}

int
elements_next(struct elements *e, const char **text, size_t *len)
{
	bool list;
	int got;

	if (e->mode == MODE_UNKNOWN && find_mode(e) == -1)
		return -1;
	do {
		*text = next_inner(e, len);
		if (*text != NULL) {
			e->number++;
			return 1;
		}
		got = next_whole(e, &list);
		if (got != 1)
			return got;
	} while (list);
	*text = e->document.data == NULL ? "" : e->document.data;
	*len = e->document.len;
	e->number++;
	return 1;
}

const char *
elements_error(const struct elements *e)
{
	return e->error;
}

int64_t
elements_number(const struct elements *e)
{
	return e->number;
}

int64_t
elements_line(const struct elements *e)
{
	return e->start;
}

int64_t
elements_read(const struct elements *e)
{
	return e->read;
}

int64_t
elements_size(const struct elements *e)
{
	return e->size;
}

bool
elements_has_more(const struct elements *e)
{
	return e->has_more;
}
