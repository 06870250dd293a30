"""Every event that billhook acts on, in the shapes of four API versions:
delivered, it writes its rows; and what tenant_pricing makes of them."""

import json

import pytest

import event_rows
from billhook_test import event
from event_test import DATA, Shop, body_of, check_tables, small

OURS = sorted((path.parent.name, path.stem) for path in DATA.glob("*/*.json"))


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


def test_all_types_are_here_in_each_version_that_has_them():
    named = set(event_rows.TYPES) | {"invoice.upcoming"}
    assert len(named) == 33
    assert {version for version, _ in OURS} == set(event_rows.VERSIONS)
    for version in event_rows.VERSIONS[1:]:
        assert {kind for v, kind in OURS if v == version} == named


@pytest.mark.parametrize("version, kind", [
    pair for pair in OURS if pair[1] != "invoice.upcoming"])
def test_an_event_writes_its_rows(shop, version, kind):
    body = body_of(version, kind)
    assert shop.take(body) == "applied"
    check_tables(shop.tables(), event_rows.rows_of(version, kind))
    said = json.loads(body)
    row = shop.recorded(said["id"])
    received_at = row.pop("received_at")
    assert received_at > 1760000000
    obj = said["data"]["object"]
    assert row == {
        "id": said["id"], "type": kind, "api_version": version,
        "created": event_rows.AT, "livemode": 0, "account": None,
        "object_id": obj["id"] if "id" in obj else obj["customer"],
        "deliveries": 1, "outcome": "applied", "error": None,
        "payload": body}
    # Again, it is on disk already.
    assert shop.take(body) == "duplicate"
    check_tables(shop.tables(), event_rows.rows_of(version, kind))
    assert shop.recorded(said["id"])["deliveries"] == 2


@pytest.mark.parametrize("version", event_rows.VERSIONS)
def test_an_upcoming_invoice_is_ignored(shop, version):
    body = body_of(version, "invoice.upcoming")
    assert shop.take(body) == "ignored"
    assert shop.tables() == {}
    row = shop.recorded(json.loads(body)["id"])
    assert (row["outcome"], row["object_id"], row["payload"]) == \
        ("ignored", None, body)


@pytest.mark.parametrize("kind", [
    "customer.subscription.teleported", "invoice.sent", "plan.created",
    "charge.succeeded", "payment_intent.succeeded",
    "customer.discount.created", "invoice_payment.paid", "account.updated",
    "checkout.session.created", "entitlements.feature.created",
    "billing.meter.created", "customer", "customer.created.",
    "Customer.created", "ping"])
def test_other_types_are_recorded_and_ignored(shop, kind):
    body = event(kind=kind)
    assert shop.take(body) == "ignored"
    assert shop.tables() == {}
    row = shop.recorded("evt_test_1")
    assert (row["type"], row["outcome"], row["payload"]) == \
        (kind, "ignored", body)


def test_the_later_version_of_one_event_counts_whichever_came_first(tmp_path):
    kind = "customer.subscription.updated"
    old, new = (json.loads(body_of(version, kind))
                for version in ("2020-08-27", "2025-09-30.clover"))
    new["id"] = old["id"]
    # Seen by what the older one says otherwise.
    old["data"]["object"]["items"]["data"][0]["quantity"] = 4
    old, new = (json.dumps(body).encode() for body in (old, new))
    for number, order in enumerate(([old, new], [new, old],
                                    [old, new, old], [new, old, new])):
        directory = tmp_path / str(number)
        directory.mkdir()
        shop = Shop(directory)
        assert [shop.take(body) for body in order] == \
            ["applied"] + ["duplicate"] * (len(order) - 1)
        check_tables(shop.tables(),
                     event_rows.rows_of("2025-09-30.clover", kind))
        row = shop.one("SELECT api_version, payload, deliveries "
                       "FROM stripe_events")
        assert row == {"api_version": "2025-09-30.clover", "payload": new,
                       "deliveries": len(order)}


def test_a_whole_body_and_one_without_a_version(shop):
    body = json.loads(body_of("2020-08-27", "customer.created"))
    body["api_version"] = None
    body["data"]["object"]["name"] = "Before"
    assert shop.take(json.dumps(body).encode()) == "applied"
    assert shop.take(body_of("2020-08-27", "customer.created")) == "duplicate"
    check_tables(shop.tables(), event_rows.rows_of("2020-08-27",
                                               "customer.created"))


# The five sentences, each to be seen in tenant_pricing: with whole bodies.

def story(version, kind, at, event_id, **obj):
    """A body of ours at another time, with members of its object changed."""
    body = json.loads(body_of(version, kind))
    body.update(id=event_id, created=at)
    body["data"].pop("previous_attributes", None)
    body["data"]["object"].update(obj)
    return json.dumps(body).encode()


@pytest.mark.parametrize("version", event_rows.VERSIONS[1:])
def test_a_subscription_from_checkout_to_its_end(shop, version):
    at = event_rows.AT

    def state():
        row = shop.tenant("kite")
        return (row["status"], row["status_from"], row["updated_at"])

    shop.take(story(version, "checkout.session.completed", at, "evt_1",
                    payment_status="paid"))
    assert state() == ("active", "checkout", at)
    shop.take(story(version, "customer.subscription.created", at - 2,
                    "evt_2", status="incomplete"))
    assert state() == ("active", "checkout", at)
    shop.take(story(version, "customer.subscription.updated", at + 1,
                    "evt_3", status="active", cancel_at_period_end=True))
    assert state() == ("active", "subscription", at + 1)
    assert shop.tenant("kite")["cancel_at_period_end"] == 1
    assert shop.tenant("kite")["quantity"] == 3
    shop.take(story(version, "invoice.payment_failed", at + 50, "evt_4",
                    id="in_Kite2", created=at + 40))
    assert state() == ("past_due", "invoice", at + 50)
    row = shop.tenant("kite")
    assert row["latest_invoice_id"] == "in_Kite2"
    assert row["hosted_invoice_url"] == "https://invoice.example/i/kite1"
    shop.take(story(version, "invoice.paid", at + 90, "evt_5",
                    id="in_Kite2", created=at + 40, status_transitions={
                        "paid_at": at + 90}))
    assert state() == ("active", "subscription", at + 1)
    shop.take(story(version, "customer.subscription.updated", at + 95,
                    "evt_6", status="past_due"))
    assert state()[0] == "past_due"
    shop.take(story(version, "invoice.paid", at + 99, "evt_7",
                    id="in_Kite3", created=at + 96, status_transitions={
                        "paid_at": at + 99}))
    assert state() == ("active", "invoice", at + 99)
    shop.take(story(version, "customer.subscription.deleted", at + 100,
                    "evt_8"))
    assert state() == ("canceled", "subscription", at + 100)
    assert shop.tenant("kite")["subscription_count"] == 0
    # Nothing older undoes the end.
    shop.take(story(version, "customer.subscription.updated", at + 98,
                    "evt_9"))
    assert state() == ("canceled", "subscription", at + 100)
    changes = [(row["old_status"], row["new_status"], row["event_id"])
               for row in shop.ask("SELECT * FROM status_changes ORDER BY "
                                   "seq") if row["old_status"] !=
               row["new_status"]]
    assert changes == [
        (None, "active", "evt_1"), ("active", "past_due", "evt_4"),
        ("past_due", "active", "evt_5"), ("active", "past_due", "evt_6"),
        ("past_due", "active", "evt_7"), ("active", "canceled", "evt_8")]


# And with bodies made by hand.

T = 1760000000


def session(event_id="evt_s", created=T, **more):
    return small(event_id, "checkout.session.completed", created, {
        "id": "cs_1", "object": "checkout.session", "subscription": "sub_1",
        "metadata": {"tenant_id": "kite"}, **more})


def subscription(event_id, name, created, **more):
    return small(event_id, "customer.subscription." + name, created, {
        "id": "sub_1", "object": "subscription",
        "metadata": {"tenant_id": "kite"}, **more})


def invoice(event_id, name, created, **more):
    return small(event_id, "invoice." + name, created, {
        "id": "in_1", "object": "invoice", "subscription": "sub_1", **more})


def check_status(shop, *expected):
    row = shop.tenant("kite")
    assert (row["status"], row["status_from"]) == expected


def test_a_completed_checkout_activates(shop):
    assert shop.take(session()) == "applied"
    check_status(shop, "active", "checkout")


def test_a_completed_checkout_activates_what_is_incomplete(shop):
    shop.take(subscription("evt_1", "created", T - 1, status="incomplete"))
    check_status(shop, "incomplete", "subscription")
    shop.take(session())
    check_status(shop, "active", "checkout")


def test_an_unpaid_checkout_does_not(shop):
    shop.take(session(payment_status="unpaid"))
    check_status(shop, "incomplete", "checkout")
    shop.take(small("evt_2", "checkout.session.async_payment_succeeded",
                    T + 9, {"id": "cs_1", "object": "checkout.session",
                            "subscription": "sub_1", "payment_status": "paid",
                            "metadata": {"tenant_id": "kite"}}))
    check_status(shop, "active", "checkout")


def test_a_checkout_that_sells_no_subscription_moves_nothing(shop):
    shop.take(session(mode="payment", subscription=None))
    assert shop.ask("SELECT * FROM tenant_pricing") == []
    assert len(shop.ask("SELECT * FROM billing_checkout_sessions")) == 1


@pytest.mark.parametrize("status", ["trialing", "past_due", "unpaid",
                                    "paused", "active", "incomplete",
                                    "hibernating"])
def test_an_updated_subscription_updates_its_status(shop, status):
    shop.take(subscription("evt_1", "created", T, status="incomplete"))
    shop.take(subscription("evt_2", "updated", T + 1, status=status))
    check_status(shop, status, "subscription")
    # An older one does not.
    assert shop.take(subscription("evt_3", "updated", T - 1,
                                  status="active")) == "stale"
    check_status(shop, status, "subscription")


def test_a_deleted_subscription_is_canceled(shop):
    shop.take(subscription("evt_1", "updated", T + 5, status="active"))
    shop.take(subscription("evt_2", "deleted", T + 4))
    check_status(shop, "canceled", "subscription")


def test_a_failed_payment_makes_it_past_due(shop):
    shop.take(subscription("evt_1", "updated", T, status="active"))
    shop.take(invoice("evt_2", "payment_failed", T + 1))
    check_status(shop, "past_due", "invoice")
    assert shop.tenant("kite")["updated_at"] == T + 1


def test_a_paid_invoice_brings_it_back(shop):
    shop.take(subscription("evt_1", "updated", T, status="active"))
    shop.take(invoice("evt_2", "payment_failed", T + 1))
    shop.take(invoice("evt_3", "paid", T + 2))
    check_status(shop, "active", "subscription")


@pytest.mark.parametrize("status", ["past_due", "unpaid"])
@pytest.mark.parametrize("name", ["paid", "payment_succeeded"])
def test_a_paid_invoice_brings_back_what_stripe_says_is_due(shop, status,
                                                            name):
    shop.take(subscription("evt_1", "updated", T, status=status))
    shop.take(invoice("evt_2", name, T + 2))
    check_status(shop, "active", "invoice")


def test_the_five_in_any_order_come_to_the_same(tmp_path):
    five = [session(), subscription("evt_1", "updated", T + 1,
                                    status="active"),
            invoice("evt_2", "payment_failed", T + 2),
            invoice("evt_3", "paid", T + 3),
            subscription("evt_4", "deleted", T + 4)]
    held = []
    for turn in range(5):
        directory = tmp_path / str(turn)
        directory.mkdir()
        shop = Shop(directory)
        for body in five[turn:] + five[:turn]:
            shop.take(body)
        held.append(shop.tables())
    assert all(tables == held[0] for tables in held)
    check_status(shop, "canceled", "subscription")


def test_a_failed_payment_that_is_all_there_is_makes_no_row(shop):
    assert shop.take(invoice("evt_2", "payment_failed", T + 1)) == "applied"
    assert shop.ask("SELECT * FROM tenant_pricing") == []
    shop.take(session())
    check_status(shop, "past_due", "invoice")


def test_an_object_that_is_deleted_keeps_its_row(shop):
    for kind, table in (("customer", "stripe_customers"),
                        ("product", "stripe_products"),
                        ("price", "stripe_prices")):
        for name in ("deleted", "created"):
            shop.take(body_of("2020-08-27", f"{kind}.{name}"))
        assert shop.one(f"SELECT deleted FROM {table}") == {"deleted": 1}


def test_the_customers_end_is_its_subscriptions_end(shop):
    shop.take(subscription("evt_1", "updated", T, status="active",
                           customer="cus_1"))
    shop.take(small("evt_2", "customer.deleted", T + 1, {
        "id": "cus_1", "object": "customer"}))
    check_status(shop, "canceled", "customer")
    assert shop.one("SELECT status FROM stripe_subscriptions") == \
        {"status": "active"}
