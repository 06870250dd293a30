/*
 * What the targets of the fuzzers (tests/fuzz_*.c) share.
 *
 * A target is the function that libFuzzer knows, so that libFuzzer and AFL++
 * can both call it (scripts/fuzz).  Linked with the main() of fuzzing.c, it
 * runs each file of its corpus, tests/data/fuzz/NAME, as a test.
 *
 * A target asserts more than that nothing crashes: what must hold for every
 * input, it says with fuzz_require().
 */
#ifndef FUZZING_H
#define FUZZING_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUZZ_NOW	1700000000	/* the clock of all targets */
#define FUZZ_SECRET	"whsec_test_fuzz_one"
#define FUZZ_ROLLED	"whsec_test_fuzz_two"

/* The target: always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Its name, that of its corpus. */
extern const char fuzz_target[];

/* Ends the process with a sentence, unless what must hold does. */
static inline void __attribute__((format(printf, 2, 3)))
fuzz_require(bool holds, const char *format, ...)
{
	va_list values;

	if (holds)
		return;
	fprintf(stderr, "fuzz_%s: broken: ", fuzz_target);
	va_start(values, format);
	vfprintf(stderr, format, values);
	va_end(values);
	fprintf(stderr, "\n");
	abort();
}

/* A run of bytes of the input. */
struct fuzz_part {
	const char *at;
	size_t	    len;
};

/* Takes what stands before the next byte c, or the rest; the input moves
 * behind it.  False at the end. */
static inline bool
fuzz_cut(struct fuzz_part *out, struct fuzz_part *input, char c)
{
	const char *end;

	if (input->at == NULL)
		return false;
	end = input->len == 0 ? NULL : memchr(input->at, c, input->len);
	*out = *input;
	if (end == NULL) {
		input->at = NULL;
		input->len = 0;
	} else {
		out->len = (size_t)(end - out->at);
		input->at = end + 1;
		input->len -= out->len + 1;
	}
	return true;
}

/* A copy that ends where it must, so that a read beyond shows; to be given
 * back with free(). */
static inline char *
fuzz_copy(const char *at, size_t len)
{
	char *copy = malloc(len > 0 ? len : 1);

	if (copy == NULL)
		abort();
	if (len > 0)
		memcpy(copy, at, len);
	return copy;
}

/* The same with a NUL at its end. */
static inline char *
fuzz_text(const char *at, size_t len)
{
	char *copy = malloc(len + 1);

	if (copy == NULL)
		abort();
	if (len > 0)
		memcpy(copy, at, len);
	copy[len] = '\0';
	return copy;
}

/* The length of the character at s in UTF-8, 0 if it is none (Unicode 15,
 * table 3-7): a second opinion, apart from lib/json_scan.c. */
static inline size_t
fuzz_utf8_char(const unsigned char *s)
{
	size_t len = *s < 0x80 ? 1 : *s < 0xC2 ? 0 : *s < 0xE0 ? 2 :
	    *s < 0xF0 ? 3 : *s < 0xF5 ? 4 : 0, i;

	for (i = 1; i < len; i++)
		if ((s[i] & 0xC0) != 0x80)
			return 0;
	if ((*s == 0xE0 && s[1] < 0xA0) || (*s == 0xED && s[1] > 0x9F) ||
	    (*s == 0xF0 && s[1] < 0x90) || (*s == 0xF4 && s[1] > 0x8F))
		return 0;
	return len;
}

static inline bool
fuzz_is_utf8(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t len = 1;

	for (; *s != '\0' && len > 0; s += len)
		len = fuzz_utf8_char(s);
	return len > 0;
}

/* One line that a log or a terminal can show: printable ASCII alone. */
static inline bool
fuzz_is_plain(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return true;
}

#endif
