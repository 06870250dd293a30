/* Tables in columns, and escaped texts. */
#include <langinfo.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wctype.h>

#include "table.h"

#define TEXT_MAX ((size_t)1 << 20)
#define TABLE_MAX ((size_t)1 << 30)
#define GAP 2
#define INDENT 4
#define TERMINAL 80		/* columns, where it does not say */

struct cell { size_t start, len, width; };

struct table {
	size_t n;			/* columns */
	size_t widths[TABLE_COLUMNS_MAX];
	struct bytes text;		/* of all cells */
	struct bytes cells;		/* struct cell each */
};

size_t
table_columns(wchar_t c)
{
	int columns = iswprint((wint_t)c) ? wcwidth(c) : 0;

	if (c > 0x7F && strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		return 0;
	return columns > 0 ? (size_t)columns : 0;
}

size_t
table_escape(struct bytes *out, const char *text, size_t len)
{
	mbstate_t state = { 0 };
	size_t width = 0, columns, i, n;
	char escape[8];
	wchar_t c;

	for (i = 0; i < len; i += n) {
		n = mbrtowc(&c, text + i, len - i, &state);
		columns = n == 0 || n > len - i ? 0 : table_columns(c);
		if (columns > 0 && c != L'\\') {
			bytes_put(out, text + i, n);
			width += columns;
			continue;
		}
		memset(&state, 0, sizeof(state));
		n = 1;
		if (text[i] == '\\')
			(void)snprintf(escape, sizeof(escape), "\\\\");
		else
			(void)snprintf(escape, sizeof(escape), "\\x%02x",
			    (unsigned int)(unsigned char)text[i]);
		bytes_put_text(out, escape);
		width += strlen(escape);
	}
	return width;
}

void
table_put(FILE *file, const char *text)
{
	struct bytes out;

	bytes_init(&out, TEXT_MAX);
	(void)table_escape(&out, text, strlen(text));
	if (out.data != NULL)
		fputs(out.data, file);
	else if (*text != '\0')
		fputs("out of memory", file);
	bytes_free(&out);
}

struct table *
table_new(const char *const *heads, size_t n)
{
	struct table *table;

	if (n > TABLE_COLUMNS_MAX ||
	    (table = calloc(1, sizeof(*table))) == NULL)
		return NULL;
	table->n = n;
	bytes_init(&table->text, TABLE_MAX);
	bytes_init(&table->cells, TABLE_MAX);
	table_add(table, heads);
	return table;
}

void
table_free(struct table *table)
{
	if (table == NULL)
		return;
	bytes_free(&table->text);
	bytes_free(&table->cells);
	free(table);
}

void
table_add(struct table *table, const char *const *cells)
{
	struct cell cell;
	const char *text;
	size_t i;

	for (i = 0; i < table->n; i++) {
		text = cells[i] == NULL ? "-" : cells[i];
		cell.start = table->text.len;
		cell.width = table_escape(&table->text, text, strlen(text));
		cell.len = table->text.len - cell.start;
		bytes_put(&table->cells, &cell, sizeof(cell));
		if (cell.width > table->widths[i])
			table->widths[i] = cell.width;
	}
}

/* The columns of a terminal; as many as there may be where it is none. */
static size_t
width_of(FILE *file)
{
	struct winsize size;

	if (!isatty(fileno(file)))
		return SIZE_MAX;
	if (ioctl(fileno(file), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return TERMINAL;
}

/* Where the line ends that begins with a column: the first that goes on in the
 * next. */
static size_t
end_of_line(const struct table *table, size_t first, size_t width)
{
	size_t i, used = first == 0 ? 0 : INDENT;

	used += table->widths[first];
	for (i = first + 1; i < table->n; i++) {
		used += GAP + table->widths[i];
		if (used > width)
			break;
	}
	return i;
}

/* Cells of one row in a line; a line that goes on with nothing is left out. */
static void
print_line(const struct table *table, const struct cell *cells, size_t first,
    size_t end, FILE *file)
{
	size_t i, pad = first == 0 ? 0 : INDENT;
	bool begun = first == 0;

	for (i = first; i < end; i++) {
		if (cells[i].len > 0) {
			fprintf(file, "%*s", (int)pad, "");
			fwrite(table->text.data + cells[i].start, 1,
			    cells[i].len, file);
			pad = 0;
			begun = true;
		}
		pad += table->widths[i] - cells[i].width + GAP;
	}
	if (begun)
		fputc('\n', file);
}

int
table_print(const struct table *table, FILE *file)
{
	size_t count = table->cells.len / sizeof(struct cell), i, first, end;
	struct cell cells[TABLE_COLUMNS_MAX];
	size_t width = width_of(file);

	if (table->text.failed || table->cells.failed)
		return -1;
	for (i = 0; i < count; i += table->n) {
		memcpy(cells, table->cells.data + i * sizeof(cells[0]),
		    table->n * sizeof(cells[0]));
		for (first = 0; first < table->n; first = end) {
			end = end_of_line(table, first, width);
			print_line(table, cells, first, end, file);
		}
	}
	return 0;
}
