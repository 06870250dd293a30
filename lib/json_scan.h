/*
 * What has to be known of JSON bytes before cJSON may read them: it accepts
 * what is no JSON (01, 1., control characters), and misreads some of what is.
 */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#define JSON_SCAN_DEPTH 1000	/* cJSON's own limit */

/*
 * True if the len bytes, behind which a 0 stands, are one whole JSON document
 * (RFC 8259), of at most JSON_SCAN_DEPTH levels, with only white space round
 * it.  Bytes of texts beyond ASCII are not looked at.
 *
 * What cJSON cannot represent is mended in place, without moving a byte: an
 * escape \u0000, or one for half of a surrogate pair, becomes six bytes 0xFF,
 * so that json_scan_text() refuses the text that holds it; a number of more
 * than 63 characters, which not every release of cJSON reads whole, becomes
 * 1e999 or -1e999, which is infinite.
 */
bool json_scan(unsigned char *bytes, size_t len);

/* True if a NUL-ended text is UTF-8: shortest forms, no surrogates, nothing
 * beyond U+10FFFF. */
bool json_scan_text(const char *s);

#endif
