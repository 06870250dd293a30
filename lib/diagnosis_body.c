/* The search for what was done to a body: the ways of undoing, one and two
 * behind each other, and JSON printed anew at the end of each. */
#include <string.h>

#include "diagnosis_try.h"
#include "undo.h"

#define DEPTH 2

/* Simple ways first: what is found first is named. */
static const struct way {
	enum diagnosis_cause cause;
	undo_way *undo;
	bool white;	/* touches what JSON printed anew does not keep */
} ways[] = {
	{ CAUSE_NEWLINE_ADDED, undo_newline_added, true },
	{ CAUSE_NEWLINE_TAKEN, undo_newline_taken, true },
	{ CAUSE_NEWLINE_TAKEN, undo_crlf_taken, true },
	{ CAUSE_CRLF, undo_crlf, true },
	{ CAUSE_LF, undo_lf, true },
	{ CAUSE_BOM_ADDED, undo_bom_added, false },
	{ CAUSE_BOM_TAKEN, undo_bom_taken, false },
	{ CAUSE_NUL_ADDED, undo_nul_added, false },
	{ CAUSE_BLANKS_ADDED, undo_blanks_added, true },
	{ CAUSE_LATIN1_READ, undo_latin1_read, false },
	{ CAUSE_LATIN1_READ, undo_cp1252_read, false },
	{ CAUSE_LATIN1_WRITTEN, undo_latin1_written, false },
	{ CAUSE_LATIN1_WRITTEN, undo_cp1252_written, false },
	{ CAUSE_UTF16, undo_utf16, false },
	{ CAUSE_URL_ENCODED, undo_url_plus, false },
	{ CAUSE_URL_ENCODED, undo_url_encoded, false },
	{ CAUSE_URL_DECODED, undo_plus_decoded, false },
	{ CAUSE_URL_DECODED, undo_blank_decoded, false },
	{ CAUSE_BASE64_ENCODED, undo_base64_encoded, false },
	{ CAUSE_BASE64_DECODED, undo_base64_decoded, false },
	{ CAUSE_HTML_ESCAPED, undo_html_escaped, false },
	{ CAUSE_SLASHED, undo_slashed, false },
	{ CAUSE_JSON_STRING, undo_json_string, false },
	{ CAUSE_PYTHON_BYTES, undo_python_bytes, false },
	{ CAUSE_BUFFER, undo_buffer, false },
	{ CAUSE_WRAPPED, undo_wrapped, false },
	{ CAUSE_FORM, undo_form, false },
	{ CAUSE_MULTIPART, undo_multipart, false },
	{ CAUSE_CHUNKED, undo_chunked, false },
	{ CAUSE_SURROUNDED, undo_surrounded, false },
};

#define NWAYS (sizeof(ways) / sizeof(ways[0]))

/* Undoes one way.  False if it changes nothing or there is no memory. */
static bool
undo(struct bytes *out, const struct way *way, const char *body, size_t len)
{
	/* Decoding never makes more of it, encoding at most three times. */
	bytes_init(out, 4 * len + 64);
	if (way->undo(out, body, len) && !out->failed && out->len > 0 &&
	    !(out->len == len && memcmp(out->data, body, len) == 0))
		return true;
	bytes_free(out);
	return false;
}

/* All line ends taken away and one put back: some of several were added. */
static void
add(struct diagnosis *found, enum diagnosis_cause cause)
{
	size_t n = found->ncauses;

	if (cause == CAUSE_NEWLINE_ADDED && n > 0 &&
	    found->causes[n - 1] == CAUSE_NEWLINE_TAKEN)
		found->causes[n - 1] = cause;
	else
		diagnosis_add(found, cause);
}

/* Tries each way to the given depth, then JSON printed anew if relaid. */
static bool
search(struct diagnosis_try *attempt, const char *body, size_t len, int depth,
    bool relaid)
{
	struct bytes undone;
	bool good = false;
	size_t i;

	if (depth == 0)
		return relaid ? diagnosis_relaid(attempt, body, len) :
		    diagnosis_try(attempt, body, len);
	for (i = 0; i < NWAYS && !good && attempt->budget > 0; i++) {
		if ((relaid && ways[i].white) ||
		    !undo(&undone, &ways[i], body, len))
			continue;
		good = search(attempt, undone.data, undone.len, depth - 1,
		    relaid);
		if (good)
			add(attempt->found, ways[i].cause);
		bytes_free(&undone);
	}
	return good;
}

bool
diagnosis_body(struct diagnosis_try *attempt, const char *body, size_t len)
{
	int depth;

	/* Fewer steps explain better than more, and bytes that were added
	 * better than JSON that was printed anew. */
	for (depth = 0; depth <= DEPTH; depth++)
		if (search(attempt, body, len, depth, false))
			return true;
	for (depth = 0; depth <= DEPTH; depth++)
		if (search(attempt, body, len, depth, true))
			return true;
	attempt->found->spent = attempt->budget == 0;
	return false;
}
