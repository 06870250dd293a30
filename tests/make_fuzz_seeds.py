#!/usr/bin/python3
"""Makes the seeds of the fuzzers, tests/data/fuzz/TARGET/seed-*, from the
events, lifecycles and broken deliveries in tests/data.  What a fuzzer found
besides (other names) is kept.

    make_fuzz_seeds.py [DIRECTORY]
"""

import json
import pathlib
import sys

DATA = pathlib.Path(__file__).resolve().parent / "data"
CLOVER, OLD = "2025-09-30.clover", "2020-08-27"
T = 1700000000
SIGNED = f"t={T},v1=@1"
PING = '{"id":"evt_1","object":"event","type":"ping"}'
HEADERS = {
    "one": SIGNED, "rolled": f"t={T},v1=@0,v1=@2", "v0": f"{SIGNED},v0=@1",
    "blanks": f" t={T} ,\tv1=@1 ,,x,=", "old": f"t={T - 301},v1=@1",
    "edge": f"t={T + 300},v1=@2", "new": f"t={T + 301},v1=@1",
    "zeros": f"t=00{T},v1=@1", "twice": f"t={T},t={T},v1=@1",
    "two": f"t={T},t={T + 1},v1=@1", "long": f"t={'9' * 18},v1=@1",
    "longer": f"t={'9' * 19},v1=@1", "no-t": "v1=@1", "no-v1": f"t={T},v0=@1",
    "empty": "", "other": f"t={T},v1=@0", "nul": f"t={T},v1=@1\0",
    "short": f"t={T},v1=@1".replace("@1", "ab"), "minus": f"t=-{T},v1=@1",
    "list": f"t={T}, v1=@0, v1=@0, v1=@1",
}


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def event(version, kind):
    path = DATA / "events" / version / f"{kind}.json"
    return json.loads(path.read_text("utf-8"))


def lifecycle(name):
    path = DATA / "lifecycles" / f"{name}.json"
    return json.loads(path.read_text("utf-8"))["events"]


def signatures():
    return {name: f"{PING}\n{header}" for name, header in HEADERS.items()}


def events():
    kinds = {
        "2018-11-08": ["customer.subscription.updated",
                       "invoice.payment_failed"],
        OLD: ["checkout.session.completed", "customer.subscription.paused",
              "invoice.paid", "price.updated",
              "entitlements.active_entitlement_summary.updated"],
        CLOVER: ["checkout.session.completed", "customer.updated",
                 "customer.subscription.updated", "invoice.payment_failed",
                 "customer.subscription.deleted", "price.created",
                 "product.deleted"],
    }
    seeds = {f"{version[:4]}-{kind}": compact(event(version, kind))
             for version, names in kinds.items() for kind in names}
    seeds["thin"] = compact({
        "id": "evt_thin", "object": "v2.core.event", "livemode": True,
        "type": "v1.billing.meter.error_report_triggered",
        "created": "2024-09-17T06:20:52.246Z",
        "related_object": {"id": "mtr_1", "type": "billing.meter"}})
    seeds["texts"] = ('{"id":"evt_\\u00e9\\ud83d\\ude00","object":"event",'
                      '"type":"a\\u0000b","created":1e999,"data":{"object":'
                      '{"id":"\\ud83d","n":[-0,1E+2,9007199254740993]}}}')
    seeds["numbers"] = PING.replace("}", ',"n":[01,1.,+1]}')
    # Sorted by its characters, a key stands elsewhere than by its spelling.
    seeds["keys"] = PING.replace(
        '"type"', '"\\u00e9":1,"z":2,"\\u0069":3,"type"')
    seeds["twice"] = PING.replace('"type"', '"id":"evt_2","type"')
    return seeds


def bare(value):
    """Without what is null: absent says the same, and is shorter."""
    if isinstance(value, dict):
        return {key: bare(one) for key, one in value.items()
                if one is not None}
    return [bare(one) for one in value] if isinstance(value, list) else value


def bodies():
    seeds = {}
    for name, parts in {
            "2020-signup_via_checkout": 2, "2025-renewal_failure_recovered": 3,
            "2025-upgrade_mid_cycle": 1, "2020-cancel_then_reactivated": 1,
    }.items():
        steps = lifecycle(name)
        for part in range(parts):
            seeds[f"{name}-{part + 1}"] = "\n".join(
                compact(bare(step)) for step in steps[part * 6:part * 6 + 6])
    for kind in ("product", "price"):
        seeds[kind] = "\n".join(
            compact(event(CLOVER, f"{kind}.{verb}"))
            for verb in ("created", "updated", "deleted"))
    seeds["entitlements"] = compact(event(
        CLOVER, "entitlements.active_entitlement_summary.updated"))
    seeds["trial"] = "\n".join(
        compact(event(OLD, f"customer.subscription.{verb}"))
        for verb in ("created", "trial_will_end", "paused", "resumed"))
    seeds["second"] = "\n".join(small(n, status) for n, status in enumerate(
        ("incomplete", "active", "past_due", "active", "canceled")))
    seeds["parked"] = "\n".join(
        (small(1, "active"), small(2, 3), small(3, "past_due")))
    seeds["others"] = "\n".join((PING, "{", "[]", small(4, "active").replace(
        '"livemode":false', '"livemode":false,"account":"acct_2"')))
    return seeds


def small(number, status):
    """A subscription's update of one second, with what can undo it."""
    return compact({
        "id": f"evt_{number}", "object": "event", "api_version": CLOVER,
        "created": T, "livemode": False,
        "type": "customer.subscription.updated",
        "data": {"object": {
            "id": "sub_1", "object": "subscription", "customer": "cus_1",
            "created": T - 9, "status": status, "metadata": {"tenant_id": "a"},
            "items": {"data": [{"id": "si_1", "quantity": number}]}},
            "previous_attributes": {
                "items": {"data": [{"id": "si_1", "quantity": number - 1}]}}}})


def settings():
    secret = "STRIPE_WEBHOOK_SECRET=whsec_test_canary"
    return {
        "all": f"# comment\n{secret}1, whsec_test_canary2\n"
               "BILLHOOK_DATABASE = /srv/b/billhook.db\n"
               "BILLHOOK_TOLERANCE=300\nBILLHOOK_MAX_BODY=1048576\n"
               "BILLHOOK_TENANT_KEY=org\nBILLHOOK_LIVEMODE=live\n"
               "BILLHOOK_ACCOUNT=acct_2,acct_1 acct_1\n"
               "BILLHOOK_GROUP=www-data\nBILLHOOK_JOURNAL=truncate\n"
               "BILLHOOK_PATIENCE=60000\nBILLHOOK_KEEP_REJECTED=1000\n"
               "BILLHOOK_LOG=debug\n",
        "crlf": f"\ufeff\r\n{secret}\r\nBILLHOOK_ACCOUNT=any\r\n",
        "environment": f"BILLHOOK_LOG=info\n---\n{secret}\n"
                       "BILLHOOK_LIVEMODE=test\nBILLHOOK_TOLERANCE=31536000",
        "quotes": 'STRIPE_WEBHOOK_SECRET="whsec_test_canary"\n',
        "key": "STRIPE_WEBHOOK_SECRET=sk_test_canary\n",
        "twice": f"{secret}\n{secret}\n", "near": "BILHOOK_LOG=info\n",
        "comment": f"{secret} # mine\n", "empty": "BILLHOOK_LOG=\n",
        "bounds": "BILLHOOK_TOLERANCE=0\n", "no-equals": "canary\n",
        "large": "BILLHOOK_MAX_BODY=99999999999999999999\n",
        "relative": "BILLHOOK_DATABASE=billhook.db\n", "nul": "a\0=b\n",
        "control": "BILLHOOK_GROUP=a\x1b[2Jb\n",
    }


def diagnoses():
    """Every second of the broken deliveries that are not large; its secret, or
    the right one and one more."""
    broken = DATA / "broken"
    right = "whsec_test_broken_deliveries_0123456789"
    seeds = {}
    lines = (broken / "index.tsv").read_text("utf-8").splitlines()
    for line in lines[1::2]:
        name = line.split("\t")[0]
        body = (broken / f"{name}.body").read_bytes()
        if len(body) > 4000:
            continue
        secret = broken / f"{name}.secret"
        header = (broken / f"{name}.header").read_bytes().decode("latin-1")
        for letter, escape in zip("\n\r\t", ("\\n", "\\r", "\\t")):
            header = header.replace(letter, escape)
        secrets = (secret.read_text("latin-1").replace("\n", " ")
                   if secret.exists() else f"{right}|whsec_test_more")
        head = f"{secrets}||{right}\n{header}\n"
        seeds[name] = head.encode("latin-1") + body
    seeds["secret-control"] = f"whsec_test_\x12_one\nt={T},v1=@1\n[]"
    # A body that the fuzzer can change as it likes, and one it cannot.
    seeds["signed"] = f"whsec_test_fuzz_one\n{SIGNED}\n{PING}"
    seeds["line-end"] = f"whsec_test_fuzz_one\n{SIGNED}\n{PING}\n"
    return seeds


def elements():
    some = [event(CLOVER, "product.created"), event(OLD, "price.deleted")]
    listed = {"object": "list", "data": some, "has_more": True, "url": "/v1"}
    return {
        "event": compact(some[0]), "array": compact(some),
        "pretty": json.dumps(some[0], indent=2), "list": compact(listed),
        "lines": "\n".join(compact(one) for one in some) + "\n\n",
        "crlf": "\ufeff" + "\r\n".join(compact(one) for one in some),
        "documents": json.dumps(some, indent=1) + json.dumps(listed, indent=1),
        "cut": compact(some)[:-40], "broken": '{"a":"\n' + PING + "\n{}",
        "words": "[1, true,null ,\"x\\\"]\",[[]]] 7 ", "empty": "",
    }


def cgi():
    def request(method="POST", length="@len@", header=SIGNED, body=PING,
                more=""):
        lines = [f"REQUEST_METHOD={method}", f"CONTENT_LENGTH={length}",
                 f"HTTP_STRIPE_SIGNATURE={header}"]
        return "\n".join(lines) + f"\n{more}\n{body}"
    body = compact(event(CLOVER, "customer.subscription.updated"))
    server = ("SERVER_PROTOCOL=HTTP/1.1\nGATEWAY_INTERFACE=CGI/1.1\n"
              "CONTENT_TYPE=application/json\n"
              "QUERY_STRING=BILLHOOK_LOG=debug\n"
              "HTTP_BILLHOOK_DATABASE=/nowhere\nREMOTE_ADDR=127.0.0.1\n")
    return {
        "good": request(more=server), "event": request(body=body),
        "get": request("GET"), "long": request(length="99999999999999999999"),
        "large": request(length="20001"), "most": request(length="20000"),
        "short": request(length="60"), "less": request(length="44"),
        "no-length": request(length=""), "plus": request(length="+45"),
        "no-header": request(header=""), "unsigned": request(
            header=f"t={T},v1={'0' * 64}"),
        "two": request(more=f"HTTP_STRIPE_SIGNATURE={SIGNED}\n"),
        "not-json": request(body="{"), "escape": request(
            body=PING.replace("ping", "a\\n\\u001b[31mb")),
        "thin": request(body=events()["thin"]),
        "method": request("\x1b[2J\xe9\\"), "nothing": "",
    }


def fcgi():
    def request(begin="b 1 0", method="POST", length="@len@", header=SIGNED,
                end=f"i {PING}\nI\n"):
        return (f"{begin}\np REQUEST_METHOD={method}\n"
                f"p CONTENT_LENGTH={length}\n"
                f"p HTTP_STRIPE_SIGNATURE={header}\nP\n{end}")
    good = request()
    # FCGI_GET_VALUES with more names than libfcgi has room for.
    asks = "x 0109000000400000" + ("0e00" + b"FCGI_MAX_CONNS".hex()) * 4 + "\n"
    return {
        "asks": asks + good, "asks-later": "b 1 0\n" + asks + good[6:],
        "padded": "z 01090000000f0000" + b"\x0d\0FCGI_MAX_REQS".hex() +
                  "\n" + good, "padded-less": "z 00000000\n" + good,
        "good": good, "keep": request("b 1 1") + request(),
        "authorizer": request("b 2 0"), "filter": request("b 3 0"),
        "unknown-role": request("b 9 255"), "get": request(method="GET"),
        "abort": request(end="i {\na\n"), "cut": request(end="i {\n"),
        "late": request(end="") + "b 1 0\nn 2\nb 1 0\ni {\nI\n",
        "early": "i {}\n" + good, "other-id": "n 7\n" + good + "n 8\nI\n",
        "lies": "b 1 0\nl 4 65535 abc\n" + good,
        "lies-less": "b 1 0\nl 4 1 abcdefgh\n" + good,
        "unknown": "b 1 0\nl 11 8 abcdefgh\nn 0\nl 9 0\nl 77 3 abc\nn 1\n" +
                   good,
        "many": "b 1 0\nm 500\n" + good[6:],
        "one-large": "b 1 0\nm 4095\nP\nI\n",
        "lengths": "b 1 0\nx 0104000100080000ffffffffffffffff\nP\nI\n",
        "claims": "b 1 0\nx 0104000100060000fffffffd0161\nP\nI\n",
        "version": "x 0201000100080000000100000000000000\n" + good,
        "http": "r GET / HTTP/1.0\nr\nr\n", "nothing": "",
        "two-headers": request(header=f"{SIGNED}\np HTTP_STRIPE_SIGNATURE=x"),
        "long-body": request(length="44"), "short-body": request(length="99"),
        "event": request(end="i " + compact(event(CLOVER, "price.created")) +
                         "\nI\n"),
        "pieces": request(length="45", end="i " + PING[:20] + "\ni " +
                          PING[20:] + "\nI\n"),
        "forged": request(header=f"t={T},v1={'f' * 64}\\u000a"),
    }


def main():
    top = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else DATA / "fuzz"
    for target, seeds in {
            "signature": signatures(), "event": events(), "store": bodies(),
            "settings": settings(), "diagnosis": diagnoses(),
            "elements": elements(), "cgi": cgi(), "fcgi": fcgi()}.items():
        directory = top / target
        directory.mkdir(parents=True, exist_ok=True)
        for old in directory.glob("seed-*"):
            old.unlink()
        for name, seed in seeds.items():
            if isinstance(seed, str):
                seed = seed.encode("utf-8")
            (directory / f"seed-{name}").write_bytes(seed)


if __name__ == "__main__":
    main()
