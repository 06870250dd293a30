/*
 * What frameworks and proxies do to a body, each undone: the bytes that may
 * have been there before.
 */
#ifndef UNDO_H
#define UNDO_H

#include "bytes.h"

/*
 * One way of undoing: puts what the body may have been into out, which is
 * empty.  False where it cannot apply.
 */
typedef bool undo_way(struct bytes *out, const char *body, size_t len);

undo_way undo_newline_added, undo_newline_taken, undo_crlf_taken,
    undo_blanks_added, undo_crlf, undo_lf, undo_bom_added, undo_bom_taken,
    undo_nul_added, undo_surrounded;
undo_way undo_latin1_read, undo_cp1252_read, undo_latin1_written,
    undo_cp1252_written, undo_utf16;
undo_way undo_url_encoded, undo_url_plus, undo_plus_decoded,
    undo_blank_decoded, undo_base64_encoded, undo_base64_decoded,
    undo_html_escaped, undo_slashed;
undo_way undo_json_string, undo_python_bytes, undo_buffer, undo_wrapped,
    undo_form, undo_multipart, undo_chunked;

#endif
