"""billhook tenants and tenant: has this one paid, since when, until when, and
why do we think so?"""

import re

import pytest

from command_db import (Database, lines, subscription, tiny,
                        with_a_failed_renewal)


@pytest.fixture
def place(tmp_path):
    return Database(tmp_path)


@pytest.fixture
def shop(place):
    return with_a_failed_renewal(place)


def test_tenants_lists_them(shop):
    shop.run("trigger", "signup", "--tenant", "zoo")
    rows = lines(shop.run("tenants", "--json"))
    assert [(row["tenant_id"], row["status"]) for row in rows] == [
        ("acme", "past_due"), ("zoo", "active")]
    columns = [name for _, name, *_ in
               shop.rows("PRAGMA table_info(tenant_pricing)")]
    assert list(rows[0]) == columns
    table = shop.run("tenants").splitlines()
    assert table[0].startswith("TENANT") and len(table) == 3
    assert "29.00 EUR" in table[1]
    only = lines(shop.run("tenants", "--status", "active", "--json"))
    assert [row["tenant_id"] for row in only] == ["zoo"]
    assert len(lines(shop.run("tenants", "--limit", "1", "--json"))) == 1
    assert lines(shop.run("tenants", "--limit", "0", "--json")) == rows
    assert shop.run("tenants", "--status", "paused") == "no such tenant\n"


def test_a_status_that_nobody_knows_is_refused(shop):
    shop.run("tenants", "--status", "pastdue", status=2)
    assert "status pastdue" in shop.errors
    assert "perhaps past_due" in shop.errors
    shop.run("tenants", "--status", "xyzzy", status=2)
    assert "perhaps" not in shop.errors
    # A new word of Stripe's is on record.
    shop.take([subscription(1, status="hibernating")])
    assert "kite" in shop.run("tenants", "--status", "hibernating")


def test_tenant_answers_whether_it_has_paid(shop):
    text = shop.run("tenant", "acme")
    assert re.search(r"^paid +overdue: ", text, re.M)
    assert "to pay " in text and "invoice.payment_failed" in text
    told = shop.json("tenant", "acme")
    assert told["paid"] == "overdue" and told["until"] is None
    assert told["row"]["status"] == "past_due"
    failed = [e for e in told["events"]
              if e["type"] == "invoice.payment_failed"]
    assert failed[0]["state"] and told["since"] == failed[0]["created"]
    assert len(told["subscriptions"]) == 1 and len(told["invoices"]) == 2
    assert len(told["sessions"]) == 1 and told["doubts"] == []
    assert [c["new_status"] for c in told["status_changes"]] == [
        "active", "past_due"]
    states = {e["object_id"] for e in told["events"] if e["state"]}
    assert states == {e["object_id"] for e in told["events"]}

    shop.run("trigger", "recovery", "--tenant", "acme", "--at", "now+1m")
    told = shop.json("tenant", "acme")
    assert told["paid"] == "yes" and told["ends"] is False
    assert told["until"] == told["row"]["current_period_end"]
    assert re.search(r"^paid +yes\n", shop.run("tenant", "acme"), re.M)
    shop.run("trigger", "cancel", "--tenant", "acme", "--at", "now+2m")
    assert shop.json("tenant", "acme")["paid"] in ("yes", "no")


def head(shop, name):
    """A line above the tables, by its name."""
    found = re.findall(rf"^{name} +(.*)$", shop.run("tenant", "acme"), re.M)
    assert len(found) <= 1
    return found[0] if found else None


@pytest.mark.parametrize("story, pays", [
    (("signup",), False), (("signup", "renewal_failure"), True),
    (("signup", "renewal_failure", "recovery"), False),
    (("signup", "cancel"), False)])
def test_only_an_open_invoice_is_to_be_paid(place, story, pays):
    for number, name in enumerate(story):
        place.run("trigger", name, "--tenant", "acme", "--at",
                  f"now+{number}m")
    assert (head(place, "to pay") is not None) == pays
    place.tamper("UPDATE tenant_pricing SET status = 'past_due'")
    assert (head(place, "to pay") is not None) == pays


def test_tenant_says_which_payment_has_failed(shop):
    (invoice, failed_at), = shop.rows(
        "SELECT id, last_failed_at FROM stripe_invoices WHERE status = "
        "'open'")
    (event, at), = shop.rows("SELECT id, created FROM stripe_events WHERE "
                             "type = 'invoice.payment_failed'")
    assert at == failed_at
    said = head(shop, "because")
    assert re.fullmatch(rf"{invoice}, 29\.00 EUR, failed \S+, {event}", said)
    assert said in shop.run("tenant", "acme").split("since")[0]
    shop.run("trigger", "recovery", "--tenant", "acme", "--at", "now+1m")
    assert head(shop, "because") is None


def test_events_of_one_second_stand_as_they_came(place):
    at = 1760000000
    came = ["evt_9", "evt_3", "evt_5"]
    statuses = ["draft", "open", "paid"]
    place.take([subscription(1, latest_invoice="in_1")] + [
        tiny(event_id, "invoice.updated", at, {
            "id": "in_1", "object": "invoice", "customer": "cus_1",
            "subscription": "sub_1", "status": status})
        for event_id, status in zip(came, statuses)])
    told = place.json("tenant", "kite")["events"]
    assert [e["id"] for e in told if e["created"] == at] == came
    rows = re.findall(r"(evt_\d) +invoice\.updated +(\w+)",
                      place.run("tenant", "kite"))
    assert rows == list(zip(came, statuses))


@pytest.mark.parametrize("more, paid, words", [
    ({"status": "active", "cancel_at_period_end": True,
      "current_period_end": 1999999999}, "yes", "then it ends"),
    ({"status": "active", "cancel_at": 1999999999}, "yes", "then it ends"),
    ({"status": "active", "current_period_end": 1760000001}, "yes",
     "an event may be missing"),
    ({"status": "active", "current_period_end": 1999999999,
      "pause_collection": {"behavior": "void"}}, "yes",
     "collecting payments is paused (void)"),
    ({"status": "trialing", "trial_end": 1999999999}, "trial",
     "it is on trial"),
    ({"status": "past_due"}, "overdue", "overdue"),
    ({"status": "unpaid"}, "no", "no: its invoices stay unpaid"),
    ({"status": "paused"}, "no", "it is paused"),
    ({"status": "incomplete"}, "no", "still to be made"),
    ({"status": "incomplete_expired"}, "no", "was never made"),
    ({"status": "canceled", "ended_at": 1760000000}, "no", "it has ended"),
    ({"status": "hibernating"}, "unknown", "does not know the status"),
])
def test_tenant_knows_every_status(place, more, paid, words):
    place.take([subscription(1, **more)])
    told = place.json("tenant", "kite")
    assert told["paid"] == paid and told["since"] == 1760000001
    assert words in place.run("tenant", "kite")


def test_tenant_tells_doubts_and_what_it_knows_from_sessions_alone(place):
    place.take([tiny("evt_s1", "checkout.session.completed", 1760000000, {
        "id": "cs_1", "object": "checkout.session", "mode": "subscription",
        "status": "complete", "payment_status": "paid", "customer": "cus_9",
        "subscription": "sub_9", "client_reference_id": "walk-in"}),
        tiny("evt_s2", "checkout.session.completed", 1760000000, {
            "id": "cs_2", "object": "checkout.session", "mode": "payment",
            "status": "complete", "payment_status": "paid",
            "client_reference_id": "once"}),
        subscription(1), subscription(2, status="past_due"),
        tiny("evt_3", "customer.subscription.updated", 1760000002, {
            "id": "sub_1", "object": "subscription", "status": "unpaid",
            "customer": "cus_1", "metadata": {"tenant_id": "kite"}})])
    told = place.json("tenant", "walk-in")
    assert told["paid"] == "yes" and told["row"]["status_from"] == "checkout"
    assert told["subscriptions"] == []
    assert "checkout session proves" in place.run("tenant", "walk-in")
    told = place.json("tenant", "once")
    assert told["paid"] == "no" and told["row"] is None
    assert "it has no subscription" in place.run("tenant", "once")
    doubts = place.json("tenant", "kite")["doubts"]
    assert [(d["object_id"], d["reason"]) for d in doubts] == [
        ("sub_1", "tie")]
    assert "doubts: ask Stripe" in place.run("tenant", "kite")
    assert place.json("tenant", "walk-in")["doubts"] == []
    place.run("tenant", "nobody", status=1)
    assert "nothing is on record" in place.errors


def test_tenant_shows_the_last_events(place):
    place.take([subscription(n) for n in range(30)])
    def shown(*more):
        return re.findall(r"evt_\d+", place.run("tenant", "kite", *more)
                          .split("events that led there")[1]
                          .split("how its status")[0])
    assert shown() == [f"evt_{n}" for n in range(10, 30)]
    assert shown("--events", "2") == ["evt_28", "evt_29"]
    assert "events that led" not in place.run("tenant", "kite", "--events",
                                              "0")
    assert len(place.json("tenant", "kite")["events"]) == 30
