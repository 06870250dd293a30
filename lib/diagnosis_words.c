/* The words for causes: data. */
#include "diagnosis_try.h"

#define COPY "copy the endpoint's signing secret from Developers > Webhooks " \
    "in Stripe's dashboard"
#define RAW "let the program that gets the delivery keep the raw bytes, and " \
    "pass those on"
#define PASS "pass the value of the header on as it came"

static const struct diagnosis_words words[CAUSE__MAX] = {
	[CAUSE_SECRET_NONE] = { "no-secret", "no secret is configured",
	    "set STRIPE_WEBHOOK_SECRET; " COPY },
	[CAUSE_SECRET_API_KEY] = { "api-key",
	    "in the place of the secret stands an API key",
	    "an API key signs nothing; " COPY " (whsec_...)" },
	[CAUSE_SECRET_ENDPOINT_ID] = { "endpoint-id",
	    "in the place of the secret stands the id of the endpoint",
	    COPY " (whsec_...)" },
	[CAUSE_SECRET_QUOTED] = { "secret-quoted",
	    "the secret has quotes, which are no part of it",
	    "take the quotes away where the secret is set" },
	[CAUSE_SECRET_BLANK] = { "secret-blank",
	    "the secret has a blank, a line end or another character that no "
	    "secret has",
	    "take it away where the secret is set; a file read whole keeps "
	    "its last line end" },
	[CAUSE_SECRET_PREFIX] = { "secret-prefix",
	    "the secret does not begin with whsec_",
	    "the prefix is a part of the secret; " COPY },
	[CAUSE_SECRET_CUT] = { "secret-cut",
	    "the secret was cut: another that is known here begins with it, "
	    "and matches",
	    "copy it again, whole" },
	[CAUSE_SECRET_OTHER] = { "other-secret",
	    "another secret that is known here matches, not the one in use",
	    "use that one, or both: STRIPE_WEBHOOK_SECRET takes several "
	    "with commas between" },
	[CAUSE_SECRET_WRONG] = { "wrong-secret",
	    "most likely the secret is wrong: the body looks as Stripe writes "
	    "it, and no secret signs it",
	    "each endpoint, test mode, live mode and stripe listen have "
	    "secrets of their own; " COPY ". Otherwise somebody else sent "
	    "this, or a value in the body was changed" },

	[CAUSE_HEADER_NONE] = { "no-header", "there is no header",
	    "either Stripe did not send this, or a proxy or framework does "
	    "not pass Stripe-Signature on" },
	[CAUSE_HEADER_NAME] = { "header-name",
	    "the header's name stands before its value",
	    "pass on only what is behind \"Stripe-Signature: \"" },
	[CAUSE_HEADER_QUOTED] = { "header-quoted",
	    "the header has quotes or brackets round it",
	    PASS ", not a list or a printed form of it" },
	[CAUSE_HEADER_FOLDED] = { "header-folded",
	    "the header was folded into several lines", PASS ", in one line" },
	[CAUSE_HEADER_ESCAPED] = { "header-escaped",
	    "the header was escaped, for a URL or for HTML",
	    PASS ", or decode it before" },
	[CAUSE_HEADER_SEPARATOR] = { "header-separator",
	    "the header's parts are separated by something else than commas "
	    "and =", PASS },
	[CAUSE_HEADER_CASE] = { "header-case",
	    "the header's letters were made capital", PASS },
	[CAUSE_HEADER_CUT] = { "header-cut", "the header was cut",
	    PASS ": some programs take it apart at its first comma, or keep "
	    "only so many characters" },
	[CAUSE_HEADER_V0] = { "only-v0",
	    "the header has a signature of scheme v0, and none of v1",
	    "v0 is none that counts; look at what takes v1 away, and take "
	    "deliveries from Stripe itself" },
	[CAUSE_HEADER_TIMES] = { "two-headers",
	    "the header has two different times: two headers were joined",
	    "look at what sends this delivery on and adds a header of its "
	    "own" },
	[CAUSE_HEADER_MALFORMED] = { "malformed-header",
	    "the header is not t=SECONDS,v1=HEX",
	    "look at what the proxy does to Stripe-Signature, or at which "
	    "header this is" },

	[CAUSE_TOO_OLD] = { "too-old", "the signature is too old",
	    "if Stripe just sent it, set this machine's clock; a kept "
	    "delivery grows old, which is no fault (--at gives the time at "
	    "which it came)" },
	[CAUSE_TOO_NEW] = { "too-new",
	    "the signature is ahead of this machine's clock",
	    "set this machine's clock, with a time server" },

	[CAUSE_NEWLINE_ADDED] = { "newline-added",
	    "blanks or a line end were added at the end of the body",
	    RAW "; shells and editors add a line end, printf %s does not" },
	[CAUSE_NEWLINE_TAKEN] = { "newline-taken",
	    "the line end was taken from the end of the body",
	    RAW "; $(...) in a shell takes line ends away" },
	[CAUSE_BLANKS_ADDED] = { "blanks-added",
	    "blanks or line ends were added before the body", RAW },
	[CAUSE_CRLF] = { "crlf", "LF became CRLF in the body",
	    "transfer it in binary mode; " RAW },
	[CAUSE_LF] = { "lf", "CRLF became LF in the body",
	    "transfer it in binary mode; " RAW },
	[CAUSE_BOM_ADDED] = { "bom-added",
	    "a byte-order mark was put before the body",
	    "write it as UTF-8 without BOM; " RAW },
	[CAUSE_BOM_TAKEN] = { "bom-taken",
	    "the byte-order mark before the body was taken away", RAW },
	[CAUSE_NUL_ADDED] = { "nul-added",
	    "the body has NUL bytes at its end",
	    "use the length that was read, not the size of the buffer" },
	[CAUSE_SURROUNDED] = { "surrounded",
	    "something stands before or behind the body",
	    "look at what prints it; " RAW },
	[CAUSE_LATIN1_READ] = { "latin1-read",
	    "the body was read as Latin-1 and written as UTF-8",
	    "read it as bytes, or as UTF-8" },
	[CAUSE_LATIN1_WRITTEN] = { "latin1-written",
	    "the body was converted from UTF-8 to Latin-1",
	    "keep it as bytes, or write it as UTF-8" },
	[CAUSE_UTF16] = { "utf16", "the body was converted to UTF-16",
	    "keep it as bytes, or write it as UTF-8; older PowerShell's > "
	    "writes UTF-16" },
	[CAUSE_URL_ENCODED] = { "url-encoded", "the body was URL-encoded",
	    "decode it before it is verified; " RAW },
	[CAUSE_URL_DECODED] = { "url-decoded",
	    "the body was URL-decoded although it is JSON",
	    "do not read it as a form; " RAW },
	[CAUSE_BASE64_ENCODED] = { "base64-encoded", "the body is base64",
	    "decode it before it is verified; API Gateway says so in "
	    "isBase64Encoded" },
	[CAUSE_BASE64_DECODED] = { "base64-decoded",
	    "the body was decoded from base64, and signed before that", RAW },
	[CAUSE_HTML_ESCAPED] = { "html-escaped",
	    "the body was escaped for HTML",
	    "take htmlspecialchars() or the input filter away; " RAW },
	[CAUSE_SLASHED] = { "backslashed",
	    "backslashes were put before the quotes of the body",
	    "WordPress does so to $_POST: read php://input; " RAW },
	[CAUSE_JSON_STRING] = { "json-string",
	    "the body is a JSON text that holds the body",
	    "decode that text once, and verify what it holds" },
	[CAUSE_PYTHON_BYTES] = { "python-bytes",
	    "the body is Python's print of bytes, b'...'",
	    "pass the bytes, or body.decode(), not str(body)" },
	[CAUSE_BUFFER] = { "buffer",
	    "the body is the JSON of a Buffer: its bytes as numbers",
	    "pass the Buffer itself, not JSON.stringify() of it" },
	[CAUSE_WRAPPED] = { "wrapped",
	    "the body stands inside other JSON, as API Gateway, a queue or a "
	    "logger wraps it", "verify the inner text, event.body" },
	[CAUSE_FORM] = { "form", "the body stands in a field of a form",
	    "verify the value of that field; " RAW },
	[CAUSE_MULTIPART] = { "multipart",
	    "the body stands in a part of multipart/form-data",
	    "verify the content of that part; " RAW },
	[CAUSE_CHUNKED] = { "chunked",
	    "the body still has the chunks of Transfer-Encoding",
	    "let the web server decode them; " RAW },
	[CAUSE_JSON_MINIFIED] = { "json-minified",
	    "the body was parsed and printed anew, in one line, as "
	    "JSON.stringify() and json_encode() do", RAW },
	[CAUSE_JSON_PYTHON] = { "json-python",
	    "the body was parsed and printed anew, as Python's json.dumps() "
	    "does", RAW ", as request.get_data() or request.body" },
	[CAUSE_JSON_INDENT_2] = { "json-indent-2",
	    "the body was parsed and printed anew, with two spaces", RAW },
	[CAUSE_JSON_INDENT_4] = { "json-indent-4",
	    "the body was parsed and printed anew, with four spaces", RAW },
	[CAUSE_JSON_TAB] = { "json-tab",
	    "the body was parsed and printed anew, with tabs", RAW },
	[CAUSE_JSON_SPACED] = { "json-spaced",
	    "the body's white space was changed", RAW },
	[CAUSE_JSON_SORTED] = { "json-sorted",
	    "the keys of the body were put into another order", RAW },
	[CAUSE_JSON_UNICODE] = { "json-unicode",
	    "characters beyond ASCII became \\u escapes in the body", RAW },
	[CAUSE_JSON_SLASHES] = { "json-slashes",
	    "slashes became \\/ in the body, as json_encode() does", RAW },
	[CAUSE_JSON_HTML] = { "json-html",
	    "< > & became \\u escapes in the body, as Go's json.Marshal() "
	    "does", RAW },
	[CAUSE_JSON_HASHES] = { "json-hashes",
	    "an empty {} became [] in the body, as json_decode() into arrays "
	    "does", RAW ", as file_get_contents('php://input')" },
	[CAUSE_JSON_ESCAPES] = { "json-escapes",
	    "the body was parsed and printed anew, with other escapes", RAW },

	[CAUSE_BODY_EMPTY] = { "empty-body", "the body is empty",
	    "something has read it before: " RAW },
	[CAUSE_BODY_TRUNCATED] = { "truncated",
	    "the body is JSON that ends in the middle",
	    "what is cut off cannot be made up for; raise the limit of the "
	    "proxy, the framework or the column that keeps it" },
	[CAUSE_BODY_COMPRESSED] = { "compressed", "the body is compressed",
	    "let the web server take the compression off before" },
	[CAUSE_BODY_OBJECT] = { "printed-object",
	    "the body is a program's print of an object, or a page, not what "
	    "Stripe sent", RAW },
	[CAUSE_BODY_LOSSY] = { "lossy",
	    "the body has characters that could not be read and are lost "
	    "(U+FFFD)", "read it as bytes, or as UTF-8" },
	[CAUSE_BODY_CHANGED] = { "body-changed",
	    "either the body was changed, or the secret is that of another "
	    "endpoint: it is not laid out as Stripe does, and nothing that "
	    "was tried makes it verify",
	    "compare the secret with the endpoint's in Stripe's dashboard; "
	    "and " RAW },
};

const struct diagnosis_words *
diagnosis_words(enum diagnosis_cause cause)
{
	return &words[cause];
}

void
diagnosis_add(struct diagnosis *found, enum diagnosis_cause cause)
{
	if (!diagnosis_has(found, cause) &&
	    found->ncauses < DIAGNOSIS_CAUSES_MAX)
		found->causes[found->ncauses++] = cause;
}

bool
diagnosis_has(const struct diagnosis *diagnosis, enum diagnosis_cause cause)
{
	size_t i;

	for (i = 0; i < diagnosis->ncauses; i++)
		if (diagnosis->causes[i] == cause)
			return true;
	return false;
}
