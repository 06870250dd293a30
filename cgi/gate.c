#include "gate.h"

#include <string.h>

/* Digits only: no sign, no blank, no 0x, no second value. */
static enum gate_result
check_length(const char *text, uint64_t max, size_t *len)
{
	uint64_t n = 0;

	if (text == NULL || *text == '\0' ||
	    text[strspn(text, "0123456789")] != '\0')
		return GATE_LENGTH;

	for (; *text != '\0'; text++) {
		unsigned int digit = (unsigned int)(*text - '0');

		if (n > (max - digit) / 10 || digit > max)
			return GATE_SIZE;
		n = n * 10 + digit;
	}
	*len = (size_t)n;
	return GATE_OPEN;
}

enum gate_result
gate_check(const struct request *request, int64_t max, size_t *len)
{
	uint64_t most = (uint64_t)max;

	if (request->method == NULL || strcmp(request->method, "POST") != 0)
		return GATE_METHOD;

	/* A body must fit into memory as well as into the setting. */
	if (most > SIZE_MAX / 2)
		most = SIZE_MAX / 2;
	return check_length(request->length, most, len);
}
