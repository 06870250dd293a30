#!/usr/bin/env python3
"""A customer's story as Stripe would tell it: signed events, delivered.

    story.py send ACT --url URL --config FILE --tenant NAME --run ID --now T
    story.py show DATABASE

The acts are in tests/data/story: signup, renewal_failure, recovery.  Each is a
list of events in which @TENANT@ stands for the tenant, @RUN@ for a part of
every id, and "@NOW-60@" for a time.  The secret is read from the configuration
file, so that it is never an argument that others could see.
"""

import argparse
import hashlib
import hmac
import json
import pathlib
import re
import sqlite3
import sys
import time
import urllib.error
import urllib.request

STORY = pathlib.Path(__file__).resolve().parent.parent / "tests/data/story"
COLUMNS = ("tenant_id", "status", "status_from", "lookup_key", "quantity",
           "unit_amount", "currency", "current_period_end", "updated_at")


def act(name, tenant, run, now):
    """The events of an act, each as the bytes of a body."""
    text = (STORY / f"{name}.json").read_text(encoding="utf-8")
    text = text.replace("@TENANT@", tenant).replace("@RUN@", run)
    text = re.sub(r'"@NOW([+-]\d+)@"', lambda m: str(now + int(m[1])), text)
    return [json.dumps(event, indent=2, ensure_ascii=False).encode()
            for event in json.loads(text)]


def sign(body, secret, t):
    """The value of Stripe-Signature: https://docs.stripe.com/webhooks#verify-manually"""
    signed = b"%d." % t + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={t},v1={digest}"


def deliver(url, body, header):
    """POSTs a body as Stripe does; (status, text of the answer)."""
    request = urllib.request.Request(url, data=body, method="POST", headers={
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Stripe-Signature": header})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read().decode(errors="replace")


def secret_of(config):
    for line in pathlib.Path(config).read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition("=")
        if name == "STRIPE_WEBHOOK_SECRET":
            return value.split(",")[0].strip()
    raise SystemExit(f"{config} has no STRIPE_WEBHOOK_SECRET")


def send(args):
    secret = secret_of(args.config)
    for body in act(args.act, args.tenant, args.run, args.now):
        header = sign(body, secret, int(time.time()))
        try:
            status, answer = deliver(args.url, body, header)
        except OSError as error:
            raise SystemExit(f"no answer from {args.url}: {error}")
        print(f"  {json.loads(body)['type']:32} {status} {answer}")
        if status != 200:
            raise SystemExit("an event was refused")


def shown(name, value):
    if value is None:
        return "-"
    if name in ("current_period_end", "updated_at"):
        return time.strftime("%Y-%m-%d %H:%M", time.gmtime(value))
    return str(value)


def show(args):
    """tenant_pricing as a table; times in UTC."""
    uri = pathlib.Path(args.database).resolve().as_uri() + "?mode=ro"
    database = sqlite3.connect(uri, uri=True, timeout=10)
    rows = database.execute(f"SELECT {', '.join(COLUMNS)} FROM tenant_pricing"
                            " ORDER BY length(tenant_id), tenant_id").fetchall()
    lines = [COLUMNS] + [tuple(map(shown, COLUMNS, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines)]
    lines.insert(1, tuple("-" * width for width in widths))
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths))
        print("  " + "  ".join(cells).rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("send")
    command.set_defaults(run_it=send)
    command.add_argument("act", choices=sorted(
        path.stem for path in STORY.glob("*.json")))
    for name in ("url", "config", "tenant", "run"):
        command.add_argument(f"--{name}", required=True)
    command.add_argument("--now", type=int, required=True)
    command = commands.add_parser("show")
    command.set_defaults(run_it=show)
    command.add_argument("database")
    args = parser.parse_args()
    args.run_it(args)


if __name__ == "__main__":
    sys.exit(main())
