"""What the benchmark sends: events like Stripe's, and signed requests."""

import json
import pathlib
import re
import struct
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
LIFECYCLES = TOP / "tests/data/lifecycles"
URL = "/api/billing/webhook"
SECRET = "whsec_test_of_the_benchmark_and_nothing_else"
MONTH = 2592000

sys.path.insert(0, str(HERE.parent))
import story  # noqa: E402  (scripts/story.py: signing)


def lifecycles():
    """The events of a few real-looking subscriptions, from their beginning to
    their end, as text."""
    return [[json.dumps(event, indent=2) for event in
             json.loads(path.read_text())["events"]]
            for path in sorted(LIFECYCLES.glob("*.json"))]


IDS = re.compile(r'"(evt|cus|sub|in|si|il|cs_test|pi|pm|ch|seti|req)_')


def mixed(count, part):
    """Events of all types, of as many customers as it takes, interleaved."""
    stories = lifecycles()
    made, number = [], 0
    while len(made) < count:
        group = [[IDS.sub(rf'"\1_{part}x{number + i}x', text)
                  for text in story_] for i, story_ in enumerate(stories)]
        for i in range(max(map(len, group))):
            made += [story_[i] for story_ in group if i < len(story_)]
        number += len(stories)
    return [text.encode() for text in made[:count]]


def scatter(n):
    """A number of 64 bits that says nothing of n: ids in no order, each one
    once."""
    n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9 & (1 << 64) - 1
    n = (n ^ (n >> 27)) * 0x94d049bb133111eb & (1 << 64) - 1
    return n ^ (n >> 31)


class Renewals:
    """customer.subscription.updated without end: event i is of subscription
    i modulo their number, each time its next period."""

    HOLE = re.compile(r"@(\w+)@")

    def __init__(self, part, subscriptions, small=False):
        self.part, self.subscriptions = part, max(1, subscriptions)
        event = json.loads(next(
            text for told in lifecycles() for text in told
            if '"2020-08-27"' in text
            and '"type": "customer.subscription.updated"' in text))
        of = event["data"]["object"]
        self.first = of["created"]
        of.update(id="sub_@sub@", customer="cus_@sub@",
                  latest_invoice="in_@sub@x@step@",
                  current_period_start="@start@", current_period_end="@end@")
        for item in of["items"]["data"]:
            item.update(id="si_@sub@", subscription="sub_@sub@")
        event.update(id="evt_@evt@", created="@start@")
        event["data"]["previous_attributes"] = {
            "current_period_end": "@start@",
            "current_period_start": "@before@",
            "latest_invoice": "in_@sub@x@last@"}
        text = json.dumps(event, separators=(",", ":") if small else None,
                          indent=None if small else 2)
        if small:   # what yardstick.c looks for
            text = text.replace('"id":"evt_', '"id": "evt_', 1)
        text = re.sub(r'"(@(?:start|end|before)@)"', r"\1", text)
        self.pieces = self.HOLE.split(text)

    def body(self, i):
        step, number = divmod(i, self.subscriptions)
        start = self.first + step * MONTH
        values = {"sub": f"{self.part}{scatter(number):016x}", "step": step,
                  "last": step - 1, "start": start, "end": start + MONTH,
                  "before": start - MONTH,
                  "evt": f"{self.part}{scatter(i):016x}"}
        pieces = list(self.pieces)
        for at in range(1, len(pieces), 2):
            pieces[at] = str(values[pieces[at]])
        return "".join(pieces).encode()


def renewals(count, part):
    """Renewals, each subscription ten times; less often where they are few,
    since two of one subscription may overtake each other."""
    made = Renewals(part, max(40, count // 10))
    return [made.body(i) for i in range(count)]


def requests_file(path, bodies):
    """Whole signed HTTP requests, for load.c."""
    t = int(time.time())
    with open(path, "wb") as out:
        for body in bodies:
            whole = (f"POST {URL} HTTP/1.1\r\nHost: localhost\r\n"
                     "Content-Type: application/json; charset=utf-8\r\n"
                     f"Stripe-Signature: {story.sign(body, SECRET, t)}\r\n"
                     f"Content-Length: {len(body)}\r\n\r\n").encode() + body
            out.write(struct.pack("=I", len(whole)) + whole)
    return path


def record(body):
    """An event as feed.c reads it."""
    return b"%d\n" % len(body) + body
