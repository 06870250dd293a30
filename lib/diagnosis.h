/*
 * Why does a signature not verify?  From a body, a header and secrets: which
 * of the three is wrong, and what was done to it.  Pure.
 *
 * A cause is named when undoing it makes bh_signature_verify() accept the
 * delivery (the finding is then "proven"), or when it can be seen and cannot
 * be undone.  Without any cause the delivery is intact, and only if
 * bh_signature_verify() says so.
 */
#ifndef DIAGNOSIS_H
#define DIAGNOSIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "billhook.h"

enum diagnosis_cause {
	/* The secret. */
	CAUSE_SECRET_NONE,
	CAUSE_SECRET_API_KEY,
	CAUSE_SECRET_ENDPOINT_ID,
	CAUSE_SECRET_QUOTED,
	CAUSE_SECRET_BLANK,
	CAUSE_SECRET_PREFIX,
	CAUSE_SECRET_CUT,	/* another known one begins with it */
	CAUSE_SECRET_OTHER,	/* another known one matches */
	CAUSE_SECRET_WRONG,	/* likely: the body looks untouched */

	/* The header. */
	CAUSE_HEADER_NONE,
	CAUSE_HEADER_NAME,
	CAUSE_HEADER_QUOTED,
	CAUSE_HEADER_FOLDED,
	CAUSE_HEADER_ESCAPED,
	CAUSE_HEADER_SEPARATOR,
	CAUSE_HEADER_CASE,
	CAUSE_HEADER_CUT,
	CAUSE_HEADER_V0,
	CAUSE_HEADER_TIMES,
	CAUSE_HEADER_MALFORMED,

	/* The time. */
	CAUSE_TOO_OLD,
	CAUSE_TOO_NEW,

	/* The body, in ways that can be undone. */
	CAUSE_NEWLINE_ADDED,
	CAUSE_NEWLINE_TAKEN,
	CAUSE_BLANKS_ADDED,
	CAUSE_CRLF,		/* LF became CRLF */
	CAUSE_LF,		/* CRLF became LF */
	CAUSE_BOM_ADDED,
	CAUSE_BOM_TAKEN,
	CAUSE_NUL_ADDED,
	CAUSE_SURROUNDED,
	CAUSE_LATIN1_READ,	/* UTF-8 read as Latin-1, written as UTF-8 */
	CAUSE_LATIN1_WRITTEN,	/* UTF-8 became Latin-1 */
	CAUSE_UTF16,
	CAUSE_URL_ENCODED,
	CAUSE_URL_DECODED,
	CAUSE_BASE64_ENCODED,
	CAUSE_BASE64_DECODED,
	CAUSE_HTML_ESCAPED,
	CAUSE_SLASHED,		/* backslashes before quotes */
	CAUSE_JSON_STRING,
	CAUSE_PYTHON_BYTES,
	CAUSE_BUFFER,
	CAUSE_WRAPPED,
	CAUSE_FORM,
	CAUSE_MULTIPART,
	CAUSE_CHUNKED,
	CAUSE_JSON_MINIFIED,
	CAUSE_JSON_PYTHON,
	CAUSE_JSON_INDENT_2,
	CAUSE_JSON_INDENT_4,
	CAUSE_JSON_TAB,
	CAUSE_JSON_SPACED,	/* in some other layout */
	CAUSE_JSON_SORTED,
	CAUSE_JSON_UNICODE,
	CAUSE_JSON_SLASHES,
	CAUSE_JSON_HTML,
	CAUSE_JSON_HASHES,	/* {} became [] */
	CAUSE_JSON_ESCAPES,	/* texts are written otherwise */

	/* The body, in ways that can only be seen. */
	CAUSE_BODY_EMPTY,
	CAUSE_BODY_TRUNCATED,
	CAUSE_BODY_COMPRESSED,
	CAUSE_BODY_OBJECT,	/* a language's print of an object */
	CAUSE_BODY_LOSSY,	/* U+FFFD or ? for what could not be read */
	CAUSE_BODY_CHANGED,	/* otherwise */

	CAUSE__MAX
};

/* The words for a cause; all static. */
struct diagnosis_words {
	const char *name;	/* one word for programs */
	const char *says;	/* what is wrong, a sentence without a stop */
	const char *advice;	/* what to do, the same */
};
const struct diagnosis_words *diagnosis_words(enum diagnosis_cause cause);

struct diagnosis_case {
	const char *body;
	size_t	    body_len;
	const char *header;	/* NULL if there is none */
	size_t	    header_len;
	const char *const *secrets;	/* in use, as written, faults and all */
	size_t	    nsecrets;
	const char *const *others;	/* known besides */
	size_t	    nothers;
	int64_t	    tolerance;	/* seconds */
	int64_t	    now;	/* Unix seconds */
};

#define DIAGNOSIS_CAUSES_MAX 12

struct diagnosis {
	enum bh_result result;	/* of the delivery as it came, under the
				 * secrets in use */
	bool	proven;		/* with the causes undone it verifies */
	enum diagnosis_cause causes[DIAGNOSIS_CAUSES_MAX];
	size_t	ncauses;	/* 0 if and only if result is BH_OK */
	size_t	secret;		/* of those in use, then the others; the one
				 * that matched, or at fault */
	bool	matched;	/* secret is one that matched */
	size_t	signatures;	/* of scheme v1 */
	bool	v0;		/* the header has a v0, too */
	int64_t	t;		/* of the header; 0 if none was read */
	int64_t	age;		/* now - t */
	size_t	tries;		/* signatures that were computed */
	bool	spent;		/* not everything was tried: too large */
};

/* Diagnoses.  0, or -1 without memory. */
int diagnosis_make(struct diagnosis *out, const struct diagnosis_case *given);

/* Whether the cause is among those that were found. */
bool diagnosis_has(const struct diagnosis *diagnosis,
    enum diagnosis_cause cause);

#endif
