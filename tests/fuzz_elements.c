/*
 * The reader of what is imported: it ends, gives bytes of the file in their
 * order, and counts lines as they are.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "../cli/elements.h"
#include "../cli/elements_span.h"
#include "fuzzing.h"
#include "json.h"

const char fuzz_target[] = "elements";

/* A file of these bytes; its path goes into path. */
static int
make_file(char path[64], const uint8_t *data, size_t size)
{
	int fd = memfd_create("elements", MFD_CLOEXEC);

	if (fd == -1 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, 64, "/proc/self/fd/%d", fd);
	return fd;
}

static size_t
count_lines(const uint8_t *data, size_t size)
{
	size_t lines = 1, i;

	for (i = 0; i < size; i++)
		lines += data[i] == '\n';
	return lines;
}

/* One event, as Stripe sends it, is one element, whole. */
static void
check_whole(const uint8_t *data, size_t size, size_t given, size_t len)
{
	struct json_doc *doc;
	const struct json *node;

	if (size == 0 || data[0] != '{' || data[size - 1] != '}' ||
	    json_parse(&doc, data, size) != JSON_OK)
		return;
	if (json_get(&node, json_root(doc), "data") == JSON_ABSENT &&
	    json_get(&node, json_root(doc), "has_more") == JSON_ABSENT)
		fuzz_require(given == 1 && len == size,
		    "a document became %zu, the last of %zu bytes", given, len);
	json_free(doc);
}

static void
read_all(struct elements *elements, const uint8_t *data, size_t size)
{
	size_t lines = count_lines(data, size), given = 0, len = 0, n = 0;
	int64_t line = 0;
	const char *text;
	int got;

	while ((got = elements_next(elements, &text, &len)) == 1) {
		given++;
		n = len;
		fuzz_require(given <= size, "more elements than bytes");
		fuzz_require(len <= size && (len == 0 ||
		    memmem(data, size, text, len) != NULL),
		    "an element is not in the file");
		fuzz_require(elements_number(elements) == (int64_t)given,
		    "element %zu has another number", given);
		fuzz_require(elements_line(elements) >= line &&
		    elements_line(elements) <= (int64_t)lines,
		    "line %lld of %zu", (long long)elements_line(elements),
		    lines);
		line = elements_line(elements);
		fuzz_require(elements_read(elements) <= (int64_t)size,
		    "more was read than is there");
	}
	fuzz_require(got == 0 || *elements_error(elements) != '\0',
	    "failed without a word");
	if (got == 0)
		check_whole(data, size, given, n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[64], error[256], *exact = fuzz_copy((const char *)data, size);
	int fd = make_file(path, data, size);
	struct elements *elements;
	bool has_more = false;
	size_t len;
	const char *at;

	elements = elements_open(path, error, sizeof(error));
	if (elements == NULL)
		abort();
	read_all(elements, data, size);
	elements_close(elements);
	close(fd);

	/* The same bytes, with nothing readable behind them. */
	(void)elements_ends_in_text(exact, exact + size);
	at = elements_list(exact, exact + size, &has_more);
	while (at != NULL && elements_each(&at, exact + size, &len) != NULL)
		fuzz_require(at <= exact + size, "beyond the end");
	free(exact);
	return 0;
}
