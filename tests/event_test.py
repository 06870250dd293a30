"""What the tests of events share: a shop with a database of its own, to which
events are delivered through the responder."""

import hashlib
import hmac
import json
import pathlib
import sqlite3
import time

import fastcgi
from billhook_test import (PATIENCE, SECRET, Responder, event, parse_answer,
                           program, request, run_cgi, sign, write_config)

DATA = pathlib.Path(__file__).parent / "data" / "events"

BILLING = ("tenant_pricing", "billing_checkout_sessions", "stripe_customers",
           "stripe_subscriptions", "stripe_subscription_items",
           "stripe_invoices", "stripe_products", "stripe_prices",
           "stripe_entitlements", "needs_fetch")


def body_of(version, kind):
    """The bytes of one of our own events."""
    return (DATA / version / f"{kind}.json").read_bytes()


def small(event_id, kind, created, obj, previous=None, **more):
    """A hand-made event with as little as can be."""
    body = {"id": event_id, "object": "event", "type": kind,
            "created": created, "data": {"object": obj}}
    if previous is not None:
        body["data"]["previous_attributes"] = previous
    body.update(more)
    return json.dumps(body).encode()


def large(event_id, number):
    """An event of a customer of its own, of some 20 KB."""
    return small(event_id, "customer.created", 1760000000 + number, {
        "id": f"cus_{number}", "object": "customer", "name": "n" * 5000,
        "metadata": {"tenant_id": f"t{number}", "note": "m" * 10000}})


def raw_sign(body):
    """sign() for bytes that are no UTF-8, which Stripe's SDK cannot sign."""
    t = int(time.time())
    digest = hmac.new(SECRET.encode(), b"%d." % t + body,
                      hashlib.sha256).hexdigest()
    return f"t={t},v1={digest}"


def check_tables(got, want):
    """That both {table: [row]} are alike; a failure names the columns."""
    wrong = []
    for table in sorted(got.keys() | want.keys()):
        are, due = got.get(table, []), want.get(table, [])
        if len(are) != len(due):
            wrong.append(f"{table}: {len(are)} rows, should be {len(due)}")
        for number, (one, other) in enumerate(zip(are, due)):
            wrong += [f"{table} {number} {column}: {one.get(column)!r}, "
                      f"should be {other.get(column)!r}"
                      for column in sorted(one.keys() | other.keys())
                      if column not in one or column not in other
                      or one[column] != other[column]]
    assert not wrong, "\n".join(wrong)


class Shop:
    """One database, and the responder as plain CGI."""

    def __init__(self, directory, **settings):
        self.program = program()
        self.directory = pathlib.Path(directory)
        self.database = self.directory / "billhook.db"
        self.log = ""
        self.logs = ""
        self.configure(**settings)

    def configure(self, **settings):
        self.config = write_config(self.directory, **settings)

    def deliver(self, body):
        """(status, answer) of a signed delivery; the log is kept."""
        try:
            header = sign(body)
        except UnicodeDecodeError:
            header = raw_sign(body)
        status, _, answer, self.log = run_cgi(self.program, body, header,
                                              config=self.config)
        self.logs += self.log
        return status, json.loads(answer)

    def take(self, body):
        """The outcome of a delivery that must be answered 200."""
        status, answer = self.deliver(body)
        assert status == 200, (status, self.log)
        assert answer.keys() == {"received", "outcome"} and answer["received"]
        return answer["outcome"]

    def ask(self, sql, *arguments):
        """Rows as dicts, through a connection that only reads."""
        uri = self.database.absolute().as_uri() + "?mode=ro"
        connection = sqlite3.connect(uri, uri=True, timeout=PATIENCE)
        try:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql, arguments)]
        finally:
            connection.close()

    def one(self, sql, *arguments):
        found = self.ask(sql, *arguments)
        assert len(found) == 1, found
        return found[0]

    def tables(self):
        """All billing tables, {table: [row]} without the empty ones."""
        if not self.database.exists():
            return {}
        held = {table: self.ask(f"SELECT * FROM {table} ORDER BY 1, 2")
                for table in BILLING}
        return {table: found for table, found in held.items() if found}

    def recorded(self, event_id):
        """The row of an event."""
        return self.one("SELECT * FROM stripe_events WHERE id = ?", event_id)

    def ids(self):
        return [row["id"] for row in
                self.ask("SELECT id FROM stripe_events ORDER BY id")]

    def tenant(self, name):
        return self.one("SELECT * FROM tenant_pricing WHERE tenant_id = ?",
                        name)

    def check_alive(self):
        """That a good event still works, by a new object of its own."""
        number = len(self.logs)
        assert self.take(event(f"evt_alive_{number}", data={"object": {
            "id": f"cus_alive_{number}", "object": "customer"}})) == "applied"
        assert self.one("SELECT deleted FROM stripe_customers WHERE id = ?",
                        f"cus_alive_{number}") == {"deleted": 0}


class Running(Shop):
    """A shop with one FastCGI process."""

    def __init__(self, directory, **settings):
        super().__init__(directory, **settings)
        self.responder = Responder(self.program, directory, self.config)

    def deliver(self, body):
        status, _, answer = self.call(body)
        return status, json.loads(answer)

    def call(self, body):
        """(status, headers, body)."""
        answer = fastcgi.call(self.responder.path, request(body, sign(body)),
                              body)
        assert answer.protocol_status == fastcgi.REQUEST_COMPLETE
        self.log = answer.stderr.decode("ascii")
        self.logs += self.log
        return parse_answer(answer.stdout)

    def stop(self):
        assert set(self.responder.stop()) == {0}
        self.logs += self.responder.stderr()
        assert SECRET not in self.logs and "@example.com" not in self.logs


def check_unavailable(shop, body, *words):
    """That an event is answered 503; how long that took."""
    begin = time.monotonic()
    status, headers, answer = shop.call(body)
    took = time.monotonic() - begin
    assert (status, answer) == (503, b'{"error":"unavailable"}'), shop.log
    assert int(headers["Retry-After"]) > 0
    line = shop.log.splitlines()[-1]
    assert line.startswith("billhook: error: 503 ")
    for word in words:
        assert word in line, line
    return took
