#!/usr/bin/python3
"""Makes tests/signature_vectors.h: deliveries signed by Stripe's SDK for
Python (Debian: python3-stripe), and its verdict on each.

    tests/make_signature_vectors.py >tests/signature_vectors.h

The header is kept in the repository, so that the tests need neither Python nor
the SDK.  Only questions that all official SDKs answer alike stand in
signature_vectors; what Python cannot be asked (bodies that are no UTF-8) or
what one of them answers otherwise (a byte-order mark) is signed with Python's
own hmac, and must be accepted.
"""
import hashlib
import hmac

import stripe
import stripe.webhook

NOW = 1700000000
SECRET = "whsec_test_3kQvN0aXlRzT7uYb"
OTHER = "whsec_test_another_Zx81"
BODY = b'{\n  "id": "evt_1",\n  "object": "event"\n}'
SHORT = b'{"id":"evt_2","n":1}'

REASONS = {
    "Unable to extract": "BH_EHEADER",
    "No signatures found with expected": "BH_ENOV1",
    "No signatures found matching": "BH_EMISMATCH",
    "Timestamp outside": "BH_ETOOOLD",
}


def sign(body, t=NOW, secret=SECRET):
    """The SDK's signature: 64 hexadecimal digits."""
    return stripe.webhook.WebhookSignature._compute_signature(
        "%d.%s" % (t, body.decode()), secret)


def header(body, t=NOW, secret=SECRET):
    return "t=%d,v1=%s" % (t, sign(body, t, secret))


def verdict(vector):
    """What the SDK says to a delivery, in our words."""
    text = (vector["head"] + vector["unit"] * vector["units"] +
            vector["tail"])
    body = vector["body"] * vector["bodies"]
    stripe.webhook.time.time = lambda: vector["now"]
    try:
        stripe.webhook.WebhookSignature.verify_header(
            body.decode(), text, vector["secret"], vector["tolerance"])
    except stripe.error.SignatureVerificationError as error:
        for beginning, reason in REASONS.items():
            if str(error).startswith(beginning):
                return reason
        raise
    return "BH_OK"


def vector(name, head, body=BODY, **more):
    made = {"name": name, "secret": SECRET, "head": head, "unit": "",
            "units": 0, "tail": "", "body": body, "bodies": 1, "now": NOW,
            "tolerance": 300, "exact": True}
    made.update(more)
    return made


def good_bodies():
    """Each is signed and accepted."""
    yield "nothing special", BODY, 1
    yield "a NUL byte", b'{"id":"evt_3","nul":"\x00"}', 1
    yield "lines that end in CRLF", b'{\r\n"id":"evt_4"\r\n}\r\n', 1
    yield "characters beyond ASCII", \
        '{"name":"Zoë Łąka 日本 🧾"}'.encode(), 1
    yield "escaped surrogates", rb'{"name":"\ud83e\uddfe"}', 1
    yield "white space at both ends", b' \t\n{"id":"evt_5"} \n', 1
    yield "65,535 bytes", b"0123456789abcde", 4369
    yield "65,536 bytes", b"0123456789abcdef", 4096
    yield "1 MiB", b"0123456789abcdef0123456789abcdef", 32768
    yield "1 MiB of NUL", b"\x00" * 32, 32768


def vectors():
    right = sign(BODY)
    wrong = "0" * 64

    for name, body, bodies in good_bodies():
        yield vector("a body with " + name, header(body * bodies), body,
                     bodies=bodies)

    # Changes on the way.
    nul = b'{"id":"evt_3"}\x00tail'
    yield vector("a body cut at its NUL", header(nul), nul.split(b"\0")[0])
    yield vector("a body with a NUL put behind it", header(BODY),
                 BODY + b"\0")
    yield vector("a newline put behind the body", header(BODY), BODY + b"\n")
    yield vector("LF made CRLF", header(BODY), BODY.replace(b"\n", b"\r\n"))
    yield vector("another digit in the body", header(SHORT),
                 SHORT.replace(b"1}", b"2}"))
    yield vector("white space taken out", header(BODY),
                 BODY.replace(b"\n", b"").replace(b" ", b""))
    yield vector("the time changed after signing",
                 "t=%d,v1=%s" % (NOW + 1, right))

    # Secrets.
    yield vector("another secret", header(BODY, secret=OTHER))
    yield vector("the secret without its prefix as the key",
                 header(BODY, secret=SECRET[len("whsec_"):]))
    for size in 63, 64, 65, 300:
        long = ("whsec_test_" + "k" * size)[:size]
        yield vector("a secret of %d bytes" % size,
                     header(BODY, secret=long), secret=long)

    # Signatures in the header.
    t = "t=%d" % NOW
    yield vector("the right v1 first", "%s,v1=%s,v1=%s" % (t, right, wrong))
    yield vector("the right v1 last", "%s,v1=%s,v1=%s" % (t, wrong, right))
    yield vector("the right v1 twice", "%s,v1=%s,v1=%s" % (t, right, right))
    yield vector("two wrong v1", "%s,v1=%s,v1=%s" % (t, wrong, "f" * 64))
    yield vector("a thousand v1, of which the last is right", t,
                 unit=",v1=" + wrong, units=999, tail=",v1=" + right)
    yield vector("a thousand wrong v1", t, unit=",v1=" + wrong, units=1000)
    yield vector("v0 beside v1", "%s,v1=%s,v0=%s" % (t, right, wrong))
    yield vector("the right signature as v0", "%s,v0=%s" % (t, right))
    yield vector("the right signature as v10", "%s,v10=%s" % (t, right))
    yield vector("the right v0 beside a wrong v1",
                 "%s,v0=%s,v1=%s" % (t, right, wrong))
    yield vector("an unknown scheme beside v1",
                 "%s,foo=bar,v1=%s,v2=%s" % (t, right, wrong))
    yield vector("v1 before t", "v1=%s,%s" % (right, t))
    yield vector("v1 in capitals as a key", "%s,V1=%s" % (t, right))
    yield vector("t in capitals as a key", "T=%d,v1=%s" % (NOW, right),
                 exact=False)
    yield vector("only t", t)
    yield vector("only v1", "v1=" + right, exact=False)
    yield vector("an empty header", "", exact=False)
    yield vector("no element with a '='", "nothing", exact=False)

    # Signatures that are nearly right.
    yield vector("a v1 without its last digit", "%s,v1=%s" % (t, right[:-1]))
    yield vector("a v1 with a digit too many", "%s,v1=%s0" % (t, right))
    for place in 0, 31, 32, 63:
        digit = "0" if right[place] != "0" else "1"
        yield vector("a v1 with another digit %d" % place, "%s,v1=%s" % (
            t, right[:place] + digit + right[place + 1:]))
    yield vector("half a v1", "%s,v1=%s" % (t, right[:32]))
    yield vector("a v1 in another alphabet", "%s,v1=%s" % (t, "z" * 64))

    # Times.
    for age in 0, 1, 299, 300, 301, 86400, -1, -299, -300:
        name = ("%d seconds old" % age if age >= 0 else
                "%d seconds ahead" % -age)
        yield vector(name, header(BODY, NOW - age))
    yield vector("an hour old, and an hour allowed",
                 header(BODY, NOW - 3600), tolerance=3600)
    yield vector("11 seconds old, and 10 allowed", header(BODY, NOW - 11),
                 tolerance=10)
    yield vector("old, and wrong", "t=%d,v1=%s" % (NOW - 301, wrong),
                 exact=False)
    yield vector("the time 0", header(BODY, 0), exact=False)
    yield vector("the time -1", header(BODY, -1), exact=False)


def raw_vectors():
    """Signed without the SDK, and all right."""
    for name, body in (
            ("bytes that are no UTF-8", bytes(range(256))),
            ("a byte-order mark", b"\xef\xbb\xbf" + BODY),
            ("nothing in it", b"")):
        digest = hmac.new(SECRET.encode(), b"%d." % NOW + body,
                          hashlib.sha256).hexdigest()
        yield vector("a body with " + name, "t=%d,v1=%s" % (NOW, digest),
                     body)


def literal(data):
    """Bytes as C text, in lines of a bounded length."""
    if isinstance(data, str):
        data = data.encode()
    plain = [32 <= c < 127 and chr(c) not in '"\\?' for c in data]
    width = 64 if all(plain) else 16
    lines = []
    for at in range(0, max(len(data), 1), width):
        lines.append('"%s"' % "".join(
            chr(c) if plain[i] else "\\%03o" % c
            for i, c in enumerate(data[at:at + width], at)))
    return "\n\t    ".join(lines)


def write(name, made):
    print("\nstatic const struct signature_vector %s[] = {" % name)
    for v in made:
        print("\t{ .name = %s," % literal(v["name"]))
        print("\t  .secret = %s," % literal(v["secret"]))
        print("\t  .head = %s," % literal(v["head"]))
        if v["units"] or v["tail"]:
            print("\t  .unit = %s," % literal(v["unit"]))
            print("\t  .units = %d," % v["units"])
            print("\t  .tail = %s," % literal(v["tail"]))
        print("\t  .body = %s," % literal(v["body"]))
        print("\t  .body_len = %d, .bodies = %d," % (len(v["body"]),
                                                     v["bodies"]))
        print("\t  .now = %d, .tolerance = %d," % (v["now"], v["tolerance"]))
        print("\t  .sdk = %s, .exact = %s }," % (
            v["sdk"], "true" if v["exact"] else "false"))
    print("};")


def main():
    asked = list(vectors())
    for v in asked:
        v["sdk"] = verdict(v)
    raw = list(raw_vectors())
    for v in raw:
        v["sdk"] = "BH_OK"

    print("""/*
 * Made by tests/make_signature_vectors.py with Stripe's SDK for Python %s.
 *
 * A header is head, unit (units times), tail; a body is body (bodies times).
 * sdk is the SDK's verdict; exact: the reason must be the same, too, and not
 * only whether it is accepted.
 */
#ifndef SIGNATURE_VECTORS_H
#define SIGNATURE_VECTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "billhook.h"

struct signature_vector {
	const char *name;
	const char *secret;
	const char *head, *unit, *tail;
	size_t units;
	const char *body;
	size_t body_len, bodies;
	int64_t now, tolerance;
	enum bh_result sdk;
	bool exact;
};""" % stripe.version.VERSION)
    write("signature_vectors", asked)
    write("signature_raw_vectors", raw)
    print("\n#endif")


main()
