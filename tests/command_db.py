"""What the tests of the command's care for the database share."""

import json
import os
import pty
import random
import sqlite3
import subprocess
import time

import fastcgi
import histories
import model
from billhook_test import PATIENCE, parse_answer, request, sign
from command import Place, read_terminal


def shop_events(*seeds):
    """The events of some histories, in their true order."""
    return [event for seed in seeds
            for event in histories.make(seed).events(random.Random(seed))]


def body(event):
    return json.dumps(event, ensure_ascii=False).encode()


def tiny(event_id, kind="customer.created", created=1760000000, obj=None,
         **more):
    """A hand-made event."""
    return {"id": event_id, "object": "event", "type": kind,
            "created": created, "livemode": False,
            "data": {"object": obj or {"id": "cus_tiny",
                                       "object": "customer"}}, **more}


def renamed(number, name):
    """A change of the one customer in the one second."""
    return tiny(f"evt_{number}", "customer.updated", obj={
        "id": "cus_tiny", "object": "customer", "name": name})


def subscription(number, **more):
    """An update of the subscription of the tenant kite."""
    return tiny(f"evt_{number}", "customer.subscription.updated",
                1760000000 + number, {
                    "id": "sub_1", "object": "subscription",
                    "customer": "cus_1", "status": "active",
                    "start_date": 1750000000, "created": 1750000000,
                    "metadata": {"tenant_id": "kite"}, **more})


def lines(text):
    """JSON for programs, one document in each line."""
    return [json.loads(line) for line in text.splitlines()]


def with_a_failed_renewal(place):
    """The place with a tenant acme whose renewal has failed."""
    place.run("trigger", "signup", "--tenant", "acme")
    place.run("trigger", "renewal_failure", "--tenant", "acme")
    return place


class Database(Place):
    """A place whose database is looked into and tampered with."""

    def take(self, events):
        """Imports events."""
        lines = b"".join(body(event) + b"\n" for event in events)
        return self.json("import", "-", stdin=lines)

    def tables(self):
        """The billing tables in the model's form."""
        connection = sqlite3.connect(self.database, timeout=PATIENCE)
        connection.row_factory = sqlite3.Row
        try:
            return {table: {model.key_of(table, dict(row)): dict(row)
                            for row in connection.execute(
                                f"SELECT * FROM {table}")}
                    for table in model.BILLING}
        finally:
            connection.close()

    def payloads(self):
        return dict(self.rows("SELECT id, payload FROM stripe_events"))

    def tamper(self, *statements):
        """Changes the file behind billhook's back, while nothing runs."""
        connection = sqlite3.connect(self.database, timeout=PATIENCE)
        try:
            with connection:
                for statement in statements:
                    connection.execute(*statement if isinstance(
                        statement, tuple) else (statement,))
        finally:
            connection.close()

    def park(self, *events):
        """Leaves events as a program does that cannot read them."""
        statements = []
        for event in events:
            obj = event["data"]["object"]
            statements += [
                ("INSERT INTO stripe_events (id, type, api_version, created, "
                 "livemode, object_id, received_at, deliveries, outcome, "
                 "error, payload) VALUES (?, ?, ?, ?, ?, ?, ?, 1, 'failed', "
                 "'not known here', ?)",
                 (event["id"], event["type"], event["api_version"],
                  event["created"], int(event["livemode"]), obj["id"],
                  int(time.time()), body(event))),
                ("INSERT INTO billhook_parked VALUES (?, ?, ?, ?)",
                 (obj["id"], event["id"], event["type"], event["created"]))]
        self.tamper(*statements)

    def on_a_terminal(self, *arguments):
        """The command with a terminal as its standard error; what was shown
        there, and its exit status."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [self.real, *arguments], cwd=self.path,
            env=self.environment(TERM="xterm"), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=theirs)
        os.close(theirs)
        return read_terminal(ours), process.wait(PATIENCE)


def schema(place):
    return place.rows("SELECT type, name, tbl_name, sql FROM sqlite_schema "
                      "ORDER BY 1, 2")


def check_same(got, want):
    """That two states of the tables are alike; a failure names what is not,
    and JSON is compared by its content."""
    wrong = []
    for table in model.BILLING:
        for key in sorted(got[table].keys() | want[table].keys(), key=str):
            one, other = got[table].get(key), want[table].get(key)
            if one is None or other is None:
                wrong.append(f"{table} {key}: {one} / {other}")
                continue
            for column in one.keys() | other.keys():
                a, b = one.get(column), other.get(column)
                if column in ("metadata", "pending_update") and a and b:
                    a, b = json.loads(a), json.loads(b)
                if a != b:
                    wrong.append(f"{table} {key} {column}: {a!r} / {b!r}")
    assert not wrong, "\n".join(wrong[:20])


def deliver(path, events, answers):
    """Delivers events to a responder, and adds the status of each answer."""
    for event in events:
        raw = body(event)
        answer = fastcgi.call(path, request(raw, sign(raw)), raw)
        answers.append(parse_answer(answer.stdout)[0])
