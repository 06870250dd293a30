#include "records.h"

/* Places in a head. */
enum { ID = 2, CONTENT = 4, PADDING = 6 };

static size_t
number(const unsigned char *two)
{
	return (size_t)two[0] << 8 | two[1];
}

bool
records_pass(struct records *records, const void *bytes, size_t len)
{
	const unsigned char *at = bytes, *end = at + len;

	while (at < end) {
		if (records->skip > 0) {
			size_t n = (size_t)(end - at);

			if (n > records->skip)
				n = records->skip;
			records->skip -= n;
			at += n;
			continue;
		}
		records->head[records->have++] = *at++;
		if (records->have < sizeof(records->head))
			continue;
		records->have = 0;
		if (number(records->head + ID) == 0)
			return false;
		records->skip = number(records->head + CONTENT) +
		    records->head[PADDING];
	}
	return true;
}
