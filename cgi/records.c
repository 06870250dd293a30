#include "records.h"

#include <string.h>

/* Places in a head. */
enum { AT_VERSION, AT_TYPE, AT_ID, AT_CONTENT = 4, AT_PADDING = 6 };

/* Types of records, and how long the body of the first is. */
enum { BEGIN_REQUEST = 1, ABORT_REQUEST, PARAMS = 4, STDIN, BEGIN_SIZE = 8 };

static unsigned
number(const unsigned char *two)
{
	return (unsigned)two[0] << 8 | two[1];
}

/* The state after a record, whose head is there. */
static enum records_state
next_state(struct records *records)
{
	const unsigned char *head = records->head;
	const unsigned id = number(head + AT_ID);
	const unsigned len = number(head + AT_CONTENT);

	if (head[AT_VERSION] != 1 || id == 0)
		return RECORDS_REFUSED;
	if (records->state == RECORDS_BEGIN) {
		records->id = id;
		return head[AT_TYPE] == BEGIN_REQUEST && len == BEGIN_SIZE ?
		    RECORDS_PARAMS : RECORDS_REFUSED;
	}
	if (id != records->id)
		return RECORDS_REFUSED;
	if (head[AT_TYPE] == ABORT_REQUEST)
		return RECORDS_ENDED;
	if (records->state == RECORDS_PARAMS) {
		records->params += len;
		if (head[AT_TYPE] != PARAMS ||
		    records->params > RECORDS_PARAMS_MAX)
			return RECORDS_REFUSED;
		records->whole = len == 0;
		return len == 0 ? RECORDS_STDIN : RECORDS_PARAMS;
	}
	if (head[AT_TYPE] != STDIN)
		return RECORDS_REFUSED;
	return len == 0 ? RECORDS_ENDED : RECORDS_STDIN;
}

/*
 * Takes one byte of a head; *pass is what libfcgi gets to see.  False at the
 * last byte of one that it must not see whole.
 */
static bool
take_head(struct records *records, unsigned char byte, unsigned char *pass)
{
	*pass = records->have == AT_PADDING ? 0 : byte;
	records->head[records->have++] = byte;
	if (records->have < sizeof(records->head))
		return true;
	records->have = 0;
	records->state = next_state(records);
	if (records->state == RECORDS_REFUSED ||
	    records->head[AT_TYPE] == ABORT_REQUEST)
		return false;
	records->content = number(records->head + AT_CONTENT);
	records->padding = records->head[AT_PADDING];
	return true;
}

/* How many of n bytes belong to a part of which *left are still to come. */
static size_t
share(size_t *left, size_t n)
{
	if (n > *left)
		n = *left;
	*left -= n;
	return n;
}

size_t
records_take(struct records *records, void *bytes, size_t len)
{
	unsigned char *at = bytes, *end = at + len, *out = at;
	size_t n;

	while (at < end) {
		n = share(&records->content, (size_t)(end - at));
		if (out != at)
			memmove(out, at, n);
		out += n;
		at += n;
		at += share(&records->padding, (size_t)(end - at));
		if (at == end || records->state >= RECORDS_ENDED)
			break;
		if (take_head(records, *at++, out))
			out++;
	}
	return (size_t)(out - (unsigned char *)bytes);
}
