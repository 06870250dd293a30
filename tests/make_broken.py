#!/usr/bin/python3
"""Makes tests/data/broken: deliveries that were broken in one way each.

    make_broken.py [DIRECTORY]

Of each case NAME there are NAME.body and NAME.header as they arrive, and
NAME.secret where it is not the right one; index.tsv lists them with the causes
that a diagnosis must name, and whether it can prove them by verifying.

What other languages print is made by themselves: Node's JSON.stringify() and
PHP's json_encode() run where node and php are installed, and the files they
made before are kept where they are not.
"""

import base64
import gzip
import hashlib
import hmac
import html
import json
import pathlib
import shutil
import subprocess
import sys
import urllib.parse

SECRET = "whsec_test_broken_deliveries_0123456789"
OTHER = "whsec_test_broken_deliveries_another_one"
T = 1700000000

EVENT = {
    "id": "evt_test_broken_1", "object": "event",
    "api_version": "2025-09-30.clover", "created": 1699999998,
    "data": {"object": {
        "id": "cus_test_broken", "object": "customer", "address": None,
        "balance": -250, "created": 1690000000, "delinquent": False,
        "description": "Line one\nline \"two\", \\ and a tab\t; 2 < 3 & 4 > 1",
        "discount": {"coupon": {"id": "co_1", "percent_off": 12.5}},
        "email": "zo\u00eb+billing@example.com",
        "invoice_settings": {"custom_fields": [], "footer": None},
        "livemode": False, "metadata": {}, "name": "Zo\u00eb \u00c9xample",
        "next_invoice_sequence": 2, "phone": None,
        "preferred_locales": ["nl", "fr"],
        "url": "https://example.com/account?a=1&b=2"}},
    "livemode": False, "pending_webhooks": 1,
    "request": {"id": "req_test", "idempotency_key": None},
    "type": "customer.created"}
BODY = json.dumps(EVENT, indent=2, ensure_ascii=False).encode()
OLD_BODY = (BODY.replace(b'"custom_fields": []',
                         b'"custom_fields": [\n\n        ]')
            .replace(b'"metadata": {}', b'"metadata": {\n      }'))


def header_of(body, secret=SECRET, t=T):
    digest = hmac.new(secret.encode(), b"%d." % t + body, hashlib.sha256)
    return f"t={t},v1={digest.hexdigest()}"


HEADER = header_of(BODY)
V1 = HEADER.split(",")[1]


def python(**how):
    return json.dumps(EVENT, **how).encode()


NODE = """
const text = require('fs').readFileSync(0, 'utf8');
const event = JSON.parse(text);
process.stdout.write(%s);
"""
PHP = """
$text = file_get_contents('php://stdin');
echo %s;
"""


def run(program, script):
    """What another language prints of BODY; None where it is not here."""
    path = shutil.which(program)
    if path is None:
        return None
    flag = "-e" if program == "node" else "-r"
    return subprocess.run([path, flag, script], input=BODY, check=True,
                          stdout=subprocess.PIPE).stdout


def node(expression):
    return run("node", NODE % expression)


def php(expression):
    return run("php", PHP % expression)


def multipart(body):
    return (b"--frontier\r\nContent-Disposition: form-data; name=\"event\"\r\n"
            b"Content-Type: application/json\r\n\r\n" + body +
            b"\r\n--frontier--\r\n")


def chunked(body):
    parts = (body[:300], body[300:])
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in parts) + b"0\r\n\r\n"


def gateway(body, encoded):
    inner = base64.b64encode(body).decode() if encoded else body.decode()
    return json.dumps({"resource": "/webhook", "httpMethod": "POST",
                       "headers": {"Content-Type": "application/json"},
                       "body": inner, "isBase64Encoded": encoded}).encode()


def decoded_form(body):
    return urllib.parse.unquote_plus(body.decode()).encode()


def big_body(size):
    """A body of more than size bytes."""
    event = json.loads(BODY)
    lines = [{"id": f"il_{i}", "amount": i, "description": "x" * 60}
             for i in range(size // 100)]
    event["data"]["object"]["lines"] = {"object": "list", "data": lines}
    return json.dumps(event, indent=2, ensure_ascii=False).encode()


def bodies():
    """Cases whose body was changed: name, body, causes, proven."""
    yield "newline-added", BODY + b"\n", "newline-added"
    yield "crlf-added", BODY + b"\r\n", "newline-added"
    yield "newlines-added", BODY + b"\n\n", "newline-added"
    yield "newlines-added-behind-one", BODY + b"\n\n\n", "newline-added", \
        True, header_of(BODY + b"\n")
    yield "blanks-added-behind", BODY + b"  \n\n", "newline-added"
    yield "blanks-added-before", b"\n " + BODY, "blanks-added"
    yield "crlf", BODY.replace(b"\n", b"\r\n"), "crlf"
    yield "bom-added", b"\xef\xbb\xbf" + BODY, "bom-added"
    yield "bom-and-crlf", b"\xef\xbb\xbf" + BODY.replace(b"\n", b"\r\n"), \
        "bom-added,crlf"
    yield "nul-added", BODY + b"\0" * 37, "nul-added"
    yield "warning-before", b"<b>Warning</b>: header\n" + BODY, "surrounded"
    yield "text-behind", BODY + b"</body>", "surrounded"

    yield "json-python", python(), "json-python,json-unicode"
    yield "json-python-utf8", python(ensure_ascii=False), "json-python"
    yield "json-minified-python", python(separators=(",", ":"),
                                         ensure_ascii=False), "json-minified"
    yield "json-minified-ascii", python(separators=(",", ":")), \
        "json-minified,json-unicode"
    yield "json-sorted", python(sort_keys=True), \
        "json-python,json-sorted,json-unicode"
    yield "json-sorted-indent-2", python(
        sort_keys=True, indent=2, ensure_ascii=False), "json-sorted"
    yield "json-indent-2-ascii", python(indent=2), "json-unicode"
    yield "json-indent-4", python(indent=4, ensure_ascii=False), \
        "json-indent-4"
    yield "json-indent-4-ascii", python(indent=4), \
        "json-indent-4,json-unicode"
    yield "json-tab", python(indent="\t", ensure_ascii=False), "json-tab"
    yield "json-indent-3", python(indent=3, ensure_ascii=False), "json-spaced"
    yield "json-newline", python() + b"\n", "json-python,json-unicode"
    yield "json-go", (python(separators=(",", ":"), ensure_ascii=False)
                      .replace(b"<", b"\\u003c").replace(b">", b"\\u003e")
                      .replace(b"&", b"\\u0026")), "json-minified,json-html"
    yield "node-stringify", node("JSON.stringify(event)"), "json-minified"
    yield "node-stringify-2", node("JSON.stringify(event, null, 2) + '\\n'"), \
        "newline-added"
    yield "node-stringify-4", node("JSON.stringify(event, null, 4)"), \
        "json-indent-4"
    yield "node-stringify-tab", node("JSON.stringify(event, null, '\\t')"), \
        "json-tab"
    yield "node-twice", node("JSON.stringify(text)"), "json-string"
    yield "node-buffer", node("JSON.stringify(Buffer.from(text))"), "buffer"
    yield "node-latin1", node("Buffer.from(Buffer.from(text)"
                              ".toString('latin1'))"), "latin1-read"
    yield "node-object", node("String(event)"), "printed-object", False
    yield "php-encode", php("json_encode(json_decode($text))"), \
        "json-minified,json-unicode,json-slashes"
    yield "php-array", php("json_encode(json_decode($text, true))"), \
        "json-minified,json-unicode,json-slashes,json-hashes"
    yield "php-pretty", php("json_encode(json_decode($text), "
                            "JSON_PRETTY_PRINT)"), \
        "json-indent-4,json-unicode,json-slashes"
    yield "php-unescaped", php("json_encode(json_decode($text), "
                               "JSON_UNESCAPED_UNICODE)"), \
        "json-minified,json-slashes"
    yield "php-addslashes", php("addslashes($text)"), "backslashed"
    yield "php-htmlspecialchars", php("htmlspecialchars($text)"), \
        "html-escaped"
    yield "php-utf8-encode", php("@utf8_encode($text)"), "latin1-read"

    yield "mojibake", BODY.decode("latin-1").encode(), "latin1-read"
    yield "mojibake-1252", BODY.replace(
        "É".encode(), "€".encode()).decode("cp1252").encode(), "latin1-read", \
        True, header_of(BODY.replace("É".encode(), "€".encode()))
    yield "latin1", BODY.decode().encode("latin-1"), "latin1-written"
    yield "utf16", BODY.decode().encode("utf-16"), "utf16"
    yield "utf16-be", BODY.decode().encode("utf-16-be"), "utf16"
    yield "lossy", BODY.decode("ascii", "replace").encode(), "lossy", False

    yield "url-encoded", urllib.parse.quote(BODY).encode(), "url-encoded"
    yield "url-encoded-plus", urllib.parse.quote_plus(BODY).encode(), \
        "url-encoded"
    yield "url-decoded", decoded_form(BODY), "url-decoded"
    yield "form-key", (urllib.parse.quote_plus(BODY) + "=").encode(), \
        "url-encoded"
    yield "form-field", b"payload=" + urllib.parse.quote_plus(BODY).encode(), \
        "form"
    yield "form-fields", (b"event=" + urllib.parse.quote_plus(BODY).encode()
                          + b"&submit=1"), "form"
    yield "multipart", multipart(BODY), "multipart"
    yield "chunked", chunked(BODY), "chunked"
    yield "base64", base64.b64encode(BODY), "base64-encoded"
    yield "base64-lines", base64.encodebytes(BODY), "base64-encoded"
    yield "base64-minified", base64.b64encode(python(
        separators=(",", ":"), ensure_ascii=False)), \
        "base64-encoded,json-minified"
    yield "base64-decoded", BODY, "base64-decoded", True, \
        header_of(base64.b64encode(BODY))
    yield "gateway", gateway(BODY, False), "wrapped"
    yield "gateway-base64", gateway(BODY, True), "wrapped,base64-encoded"
    yield "gateway-object", json.dumps({"body": EVENT}).encode(), \
        "wrapped,json-python,json-unicode"
    yield "gateway-minified", gateway(python(
        separators=(",", ":"), ensure_ascii=False), False), \
        "wrapped,json-minified"
    yield "python-bytes", repr(BODY).encode(), "python-bytes"
    yield "python-dict", str(EVENT).encode(), "printed-object", False
    yield "html-escaped", html.escape(BODY.decode()).encode(), "html-escaped"

    for size in (8192, 65536, 131072):
        whole = big_body(size + 5000)
        yield f"truncated-{size}", whole[:size], "truncated", False, \
            header_of(whole)
    yield "truncated-odd", BODY[:777], "truncated", False
    yield "gzip", gzip.compress(BODY, mtime=0), "compressed", False
    yield "empty-body", b"", "empty-body", False
    yield "value-changed", python(separators=(",", ":")).replace(
        b"-250", b"250"), "body-changed", False

    # Signed over what Stripe no longer sends, or never did.
    yield "old-brackets", python(separators=(",", ":"), ensure_ascii=False), \
        "json-minified", True, header_of(OLD_BODY)
    yield "newline-taken", BODY, "newline-taken", True, \
        header_of(BODY + b"\n")
    yield "bom-taken", BODY, "bom-taken", True, \
        header_of(b"\xef\xbb\xbf" + BODY)
    yield "lf", BODY, "lf", True, header_of(BODY.replace(b"\n", b"\r\n"))
    yield "minified-indented", BODY, "json-indent-2", True, \
        header_of(python(separators=(",", ":"), ensure_ascii=False))


def headers():
    """Cases whose header was changed: name, header, causes, proven."""
    yield "header-name", "Stripe-Signature: " + HEADER, "header-name"
    yield "header-name-small", "stripe-signature:" + HEADER, "header-name"
    yield "header-cgi", "HTTP_STRIPE_SIGNATURE=" + HEADER, "header-name"
    yield "header-quoted", f'"{HEADER}"', "header-quoted"
    yield "header-list", f"['{HEADER}']", "header-quoted"
    yield "header-folded", HEADER.replace(",", ",\r\n "), "header-folded"
    yield "header-broken", HEADER[:50] + "\n" + HEADER[50:], "header-folded"
    yield "header-url-encoded", urllib.parse.quote(HEADER), "header-escaped"
    yield "header-html", HEADER.replace("=", "&#61;"), "header-escaped"
    yield "header-semicolons", HEADER.replace(",", ";"), "header-separator"
    yield "header-query", HEADER.replace(",", "&"), "header-separator"
    yield "header-capitals", "t=" + HEADER[2:].upper().replace("V1", "v1"), \
        "header-case"
    yield "header-cut", HEADER[:60], "header-cut", False
    yield "header-cut-comma", HEADER.split(",")[0], "header-cut", False
    yield "header-cut-front", V1, "header-cut", False
    yield "header-cut-empty", HEADER.split(",")[0] + ",v1=", "header-cut", \
        False
    yield "header-v0", HEADER.replace("v1=", "v0="), "only-v0", False
    yield "header-two", HEADER + ", " + header_of(BODY, t=T + 1), \
        "two-headers", False
    yield "header-none", "", "no-header", False
    yield "header-other", "application/json", "malformed-header", False


def cases():
    """All of them, as name, body, header, secret, causes, proven."""
    for name, body, causes, *rest in bodies():
        proven = rest[0] if rest else True
        yield (name, body, rest[1] if len(rest) > 1 else HEADER, SECRET,
               causes, proven)
    for name, header, causes, *rest in headers():
        yield name, BODY, header, SECRET, causes, rest[0] if rest else True
    for name, secret, causes, proven in (
            ("wrong-secret", OTHER, "wrong-secret", False),
            ("api-key", "sk_test_0123456789abcdef", "api-key", False),
            ("restricted-key", "rk_test_0123456789abcdef", "api-key", False),
            ("endpoint-id", "we_0123456789abcdef", "endpoint-id", False),
            ("secret-quoted", f'"{SECRET}"', "secret-quoted", True),
            ("secret-line-end", SECRET + "\n", "secret-blank", True),
            ("secret-blank", " " + SECRET, "secret-blank", True),
            ("secret-bare", SECRET[6:], "secret-prefix", True)):
        yield name, BODY, HEADER, secret, causes, proven
    yield ("too-old", BODY, header_of(BODY, t=T - 4000), SECRET, "too-old",
           True)
    yield ("too-new", BODY, header_of(BODY, t=T + 7200), SECRET, "too-new",
           True)
    yield ("old-and-minified", python(separators=(",", ":"),
                                      ensure_ascii=False),
           header_of(BODY, t=T - 90000), SECRET, "json-minified,too-old", True)
    yield ("header-quoted-and-newline", BODY + b"\n", f'"{HEADER}"', SECRET,
           "header-quoted,newline-added", True)


def main():
    here = pathlib.Path(__file__).resolve().parent
    where = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else
                         here / "data/broken")
    where.mkdir(parents=True, exist_ok=True)
    index = [f"# name\tcauses\tproven; secret {SECRET}, time {T}"]
    for name, body, header, secret, causes, proven in cases():
        path = where / f"{name}.body"
        if body is not None:
            path.write_bytes(body)
        elif not path.exists():
            raise SystemExit(f"{path} is missing, and so is its language")
        (where / f"{name}.header").write_bytes(header.encode())
        if secret != SECRET:
            (where / f"{name}.secret").write_bytes(secret.encode())
        index.append(f"{name}\t{causes}\t{int(proven)}")
    (where / "index.tsv").write_text("\n".join(index) + "\n")


if __name__ == "__main__":
    main()
