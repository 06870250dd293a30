/*
 * The records of a connection, cut where two reads may meet: at every byte.
 * What libfcgi gets to see does not depend on the cut.
 */
#include <stdlib.h>

#include "records.h"
#include "tap.h"

#define ROOM 512
#define REQUEST 0x102

enum { BEGIN = 1, ABORT, PARAMS = 4, STDIN, DATA = 8, GET_VALUES };

struct stream {
	unsigned char bytes[ROOM];
	size_t len;
};

static void
add(struct stream *stream, const void *bytes, size_t len)
{
	if (len > ROOM - stream->len)
		abort();
	memcpy(stream->bytes + stream->len, bytes, len);
	stream->len += len;
}

/* A record; its padding is heads of management records. */
static void
add_record(struct stream *stream, unsigned type, unsigned id,
    const char *content, size_t padding)
{
	static const unsigned char ask[8] = { 1, GET_VALUES };
	const size_t len = strlen(content);
	const unsigned char head[8] = { 1, (unsigned char)type,
	    (unsigned char)(id >> 8), (unsigned char)id,
	    (unsigned char)(len >> 8), (unsigned char)len,
	    (unsigned char)padding, 0 };
	size_t i;

	add(stream, head, sizeof(head));
	add(stream, content, len);
	for (i = 0; i < padding; i++)
		add(stream, &ask[i % sizeof(ask)], 1);
}

/* Up to the record from, each with so much padding. */
static void
add_request(struct stream *stream, size_t padding, int from, int to)
{
	static const struct {
		unsigned type;
		const char *content;
	} records[] = {
		{BEGIN, "\1\1\1\1\1\1\1\1"}, {PARAMS, "\1\1ab"},
		{PARAMS, "c"}, {PARAMS, ""}, {STDIN, "{"}, {STDIN, "}"},
		{STDIN, ""},
	};

	for (; from < to; from++)
		add_record(stream, records[from].type, REQUEST,
		    records[from].content, padding);
}

/* Takes a stream in pieces that end at a and at b.  What came out. */
static struct records
take(const struct stream *in, size_t a, size_t b, struct stream *out)
{
	const size_t ends[] = { a, b, in->len };
	struct records records;
	unsigned char piece[ROOM];
	size_t at = 0, i, len;

	memset(&records, 0, sizeof(records));
	out->len = 0;
	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		len = ends[i] - at;
		memcpy(piece, in->bytes + at, len);
		add(out, piece, records_take(&records, piece, len));
		at = ends[i];
	}
	return records;
}

/* True if, however it is cut, that comes out, then perhaps the beginning of a
 * head, and in that state. */
static bool
gives(const struct stream *in, const struct stream *want,
    enum records_state state, bool whole)
{
	struct records records;
	struct stream out;
	size_t a, b;

	for (a = 0; a <= in->len; a++)
		for (b = a; b <= in->len; b++) {
			records = take(in, a, b, &out);
			if (out.len < want->len || out.len > want->len + 7 ||
			    memcmp(out.bytes, want->bytes, want->len) != 0 ||
			    records.state != state || records.whole != whole) {
				diag("cut at %zu and %zu: %zu bytes, state %d",
				    a, b, out.len, (int)records.state);
				return false;
			}
		}
	return true;
}

static void
test_whole(void)
{
	static const size_t paddings[] = { 0, 1, 7, 8, 17 };
	struct stream in, want = { .len = 0 };
	size_t i;

	add_request(&want, 0, 0, 7);
	for (i = 0; i < sizeof(paddings) / sizeof(*paddings); i++) {
		in.len = 0;
		add_request(&in, paddings[i], 0, 7);
		ok(gives(&in, &want, RECORDS_ENDED, true), "a request passes "
		    "without its padding of %zu", paddings[i]);
		add_record(&in, GET_VALUES, 0, "what follows", 3);
		ok(gives(&in, &want, RECORDS_ENDED, true), "and nothing that "
		    "follows it");
	}
}

static const struct misplaced {
	const char *name;
	unsigned type, id;
	const char *content;
	int from, to;		/* records that it may not stand before */
} misplaced[] = {
	{"of parameters", PARAMS, REQUEST, "\1\1ab", 0, 1},
	{"without parameters", PARAMS, REQUEST, "", 0, 1},
	{"that begins, too long", BEGIN, REQUEST, "123456789", 0, 7},
	{"that begins, too short", BEGIN, REQUEST, "1234567", 0, 7},
	{"that begins again", BEGIN, REQUEST, "12345678", 1, 7},
	{"of the body", STDIN, REQUEST, "{}", 0, 4},
	{"of no body", STDIN, REQUEST, "", 0, 4},
	{"of parameters", PARAMS, REQUEST, "\1\1ab", 4, 7},
	{"that gives up what did not begin", ABORT, REQUEST, "", 0, 1},
	{"of data", DATA, REQUEST, "data", 0, 7},
	{"of an unknown type", 77, REQUEST, "", 0, 7},
	{"of management", GET_VALUES, 0, "name", 0, 7},
	{"that begins request 0", BEGIN, 0, "12345678", 0, 7},
	{"of parameters of another request", PARAMS, 1, "\1\1ab", 1, 7},
	{"of the body of another request", STDIN, 2, "{}", 1, 7},
};

static void
test_misplaced(void)
{
	const struct misplaced *m = misplaced;
	const struct misplaced *end = m +
	    sizeof(misplaced) / sizeof(*misplaced);
	struct stream in, want;
	bool good;
	int at;

	for (; m < end; m++) {
		for (at = m->from, good = true; at < m->to && good; at++) {
			in.len = want.len = 0;
			add_request(&in, 9, 0, at);
			add_record(&in, m->type, m->id, m->content, 9);
			add_request(&in, 9, at, 7);
			add_request(&want, 0, 0, at);
			good = gives(&in, &want, RECORDS_REFUSED, at > 3);
		}
		ok(good, "a record %s is refused wherever it does not belong",
		    m->name);
	}
}

/* Takes so many records of as many bytes of parameters. */
static enum records_state
give_parameters(size_t n, size_t size)
{
	static unsigned char record[8 + 65535];
	static struct records records;
	struct stream begin = { .len = 0 };
	size_t i;

	memset(&records, 0, sizeof(records));
	add_request(&begin, 0, 0, 1);
	(void)records_take(&records, begin.bytes, begin.len);
	for (i = 0; i < n; i++) {
		memcpy(record, (unsigned char[8]){ 1, PARAMS, REQUEST >> 8,
		    REQUEST & 255, (unsigned char)(size >> 8),
		    (unsigned char)size }, 8);
		(void)records_take(&records, record, 8 + size);
	}
	return records.state;
}

static void
test_bound(void)
{
	is_int(give_parameters(4, RECORDS_PARAMS_MAX / 4), RECORDS_PARAMS,
	    "as many parameters as may be are taken");
	is_int(give_parameters(5, RECORDS_PARAMS_MAX / 4), RECORDS_REFUSED,
	    "and no more");
	is_int(give_parameters(RECORDS_PARAMS_MAX + 1, 1), RECORDS_REFUSED,
	    "in whatever pieces");
}

static void
test_others(void)
{
	struct stream in = { .len = 0 }, want = { .len = 0 };

	add_request(&in, 3, 0, 5);
	add_record(&in, ABORT, REQUEST, "", 3);
	add_request(&in, 3, 5, 7);
	add_request(&want, 0, 0, 5);
	ok(gives(&in, &want, RECORDS_ENDED, true), "a body that is given up "
	    "ends there");

	in.len = want.len = 0;
	add_request(&in, 3, 0, 2);
	add_record(&in, ABORT, REQUEST, "", 3);
	add_request(&want, 0, 0, 2);
	ok(gives(&in, &want, RECORDS_ENDED, false), "parameters that are "
	    "given up are none");

	in.len = want.len = 0;
	add_request(&in, 0, 0, 7);
	in.bytes[0] = 2;
	ok(gives(&in, &want, RECORDS_REFUSED, false), "another version is "
	    "refused");
}

int
main(void)
{
	test_whole();
	test_misplaced();
	test_bound();
	test_others();
	return done_testing();
}
