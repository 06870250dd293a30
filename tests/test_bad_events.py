"""Every kind of bad content gets its answer and loses nothing: what is no
event is refused, what is one and cannot be read is kept, and in either case
the tables stay as they were and a good event works afterwards."""

import json

import pytest

import event_rows
from bad_bodies import (BAD_ENVELOPES, BAD_MEMBERS, MARK, NO_EVENTS, NO_OBJECT,
                        T, deep, subscription)
from billhook_test import SECRET, event
from event_test import Shop, body_of, check_tables, small

@pytest.fixture
def shop(tmp_path):
    """With a subscription and its customer already there."""
    shop = Shop(tmp_path)
    shop.take(small("evt_1", "customer.created", T - 1, {
        "id": "cus_1", "object": "customer", "metadata": {}}))
    shop.take(small("evt_2", "customer.subscription.updated", T, {
        "id": "sub_1", "object": "subscription", "customer": "cus_1",
        "status": "active", "metadata": {"tenant_id": "kite"},
        "items": {"data": [{"id": "si_1", "quantity": 2}]}}))
    yield shop
    assert SECRET not in shop.logs and MARK not in shop.logs


def unchanged(shop, before, doubts=()):
    """The tables are as before, but for rows of needs_fetch."""
    after = shop.tables()
    found = [(row["object_id"], row["reason"], row["event_id"])
             for row in after.pop("needs_fetch", [])]
    assert found == list(doubts)
    check_tables(after, before)


# What is no event: 400, and nothing is kept.

@pytest.mark.parametrize("name", NO_EVENTS)
def test_what_is_no_event_is_refused_and_leaves_nothing(shop, name):
    before, ids = shop.tables(), shop.ids()
    assert shop.deliver(NO_EVENTS[name]) == \
        (400, {"error": "invalid_payload"})
    assert "400 not an event: " in shop.log
    assert shop.ids() == ids
    unchanged(shop, before)
    shop.check_alive()


# What is an event, and cannot be read: 200, failed, kept byte for byte.

def check_parked(shop, body, field, named):
    before = shop.tables()
    assert shop.take(body) == "failed"
    row = shop.recorded("evt_bad")
    assert (row["outcome"], row["payload"], row["deliveries"]) == \
        ("failed", body, 1)
    assert field in row["error"].replace(":", " ").split(), row["error"]
    assert "warning: 200 failed evt_bad" in shop.log
    assert row["error"] in shop.log
    # Once more, it is on disk already.
    assert shop.take(body) == "duplicate"
    assert shop.recorded("evt_bad")["deliveries"] == 2
    unchanged(shop, before, [("sub_1", "unreadable", "evt_bad")]
              if named else [])
    shop.check_alive()


@pytest.mark.parametrize("name", BAD_MEMBERS)
def test_a_field_that_cannot_be_read_parks_its_event(shop, name):
    members, field = BAD_MEMBERS[name]
    check_parked(shop, subscription(members=members), field, named=True)


@pytest.mark.parametrize("name", BAD_ENVELOPES)
def test_an_envelope_that_cannot_be_read_parks_its_event(shop, name):
    body, field = BAD_ENVELOPES[name]
    check_parked(shop, body, field, named=True)


@pytest.mark.parametrize("name", NO_OBJECT)
def test_an_event_without_a_sound_object_is_parked(shop, name):
    body, field = NO_OBJECT[name]
    check_parked(shop, body, field, named=False)


def test_money_past_2_53_is_parked_for_each_kind(tmp_path):
    shop = Shop(tmp_path)
    for number, (kind, field) in enumerate([
            ("invoice.paid", "total"), ("price.updated", "unit_amount"),
            ("customer.updated", "balance"),
            ("checkout.session.completed", "amount_total")]):
        for value in (9007199254740991, 9007199254740993):
            body = small(f"evt_{number}_{value % 10}", kind, T, {
                "id": f"x_{number}", field: value})
            assert shop.take(body) == \
                ("applied" if value < 2 ** 53 else "failed")
    assert shop.one("SELECT total FROM stripe_invoices") == \
        {"total": 9007199254740991}
    assert shop.one("SELECT balance FROM stripe_customers") == \
        {"balance": 9007199254740991}


# What is not read may be anything.

@pytest.mark.parametrize("members", [
    ',"new":"past\udcff"', r',"new":"\ud800"', r',"new":"a\u0000b"',
    ',"new":1e400', ',"new":9007199254740993', ',"new":1,"new":2',
    ',"new":{"a":1,"a":[]}', ',"new":"' + "x" * 500000 + '"',
    ',"' + "x" * 10000 + '":null', ',"new":[' + "{}," * 50000 + "{}]",
], ids=["bad UTF-8", "lone surrogate", "NUL", "1e400", "2^53 + 1",
        "key twice", "key twice inside", "long text", "long key",
        "long list"])
def test_what_is_not_read_may_be_anything(shop, members):
    body = subscription(members=',"status":"past_due"' + members)
    assert shop.take(body) == "applied"
    assert shop.recorded("evt_bad")["payload"] == body
    assert shop.one("SELECT status FROM stripe_subscriptions") == \
        {"status": "past_due"}


def test_a_thousand_levels_are_read(shop):
    body = subscription(more=deep(999), members=',"status":"past_due"')
    assert shop.take(body) == "applied"
    # Also where all of them are kept, compared and put back.
    lists = "[" * 990 + "]" * 990
    body = subscription("evt_deep", T + 20, f',"metadata":{{"a":{lists}}}')
    body = body.replace(b'"data":{', b'"data":{"previous_attributes":'
                        b'{"metadata":{"a":%s}},' % lists.encode())
    assert shop.take(body) == "applied"
    assert shop.one("SELECT metadata FROM stripe_subscriptions") == \
        {"metadata": '{"a":%s}' % lists}
    shop.check_alive()


def test_a_byte_order_mark_is_passed_over_and_kept(shop):
    body = b"\xef\xbb\xbf" + event("evt_bom")
    assert shop.take(body) == "applied"
    assert shop.recorded("evt_bom")["payload"] == body


def test_unicode_of_all_kinds_is_kept(shop):
    body = small("evt_u", "customer.updated", T + 5, {
        "id": "cus_1", "name": "\u00e9 \u20ac \U0001f600 \x7f \u2028",
        "email": "\uffff@example.com", "metadata": {"\U0001f600": "\ufeff"}})
    assert shop.take(body) == "applied"
    assert shop.one("SELECT name, email, metadata FROM stripe_customers") == {
        "name": "\u00e9 \u20ac \U0001f600 \x7f \u2028",
        "email": "\uffff@example.com",
        "metadata": '{"\U0001f600":"\ufeff"}'}


def test_an_unknown_status_is_kept_as_text(shop):
    assert shop.take(subscription(members=',"status":"hibernating"')) == \
        "applied"
    assert shop.one("SELECT status FROM stripe_subscriptions") == \
        {"status": "hibernating"}
    assert shop.take(small("evt_i", "invoice.updated", T, {
        "id": "in_1", "status": "pending"})) == "applied"
    assert shop.one("SELECT status FROM stripe_invoices") == \
        {"status": "pending"}


def test_deleted_objects_are_read(shop):
    gone = {"id": "cus_1", "object": "customer", "deleted": True}
    assert shop.take(small("evt_3", "customer.subscription.updated", T + 5, {
        "id": "sub_1", "customer": gone, "status": "active"})) == "applied"
    assert shop.one("SELECT customer_id FROM stripe_subscriptions") == \
        {"customer_id": "cus_1"}
    assert shop.take(small("evt_4", "customer.updated", T + 6, gone)) == \
        "applied"
    assert shop.one("SELECT deleted, email FROM stripe_customers") == \
        {"deleted": 1, "email": None}


def test_each_body_is_read_in_its_own_version(tmp_path):
    shop = Shop(tmp_path)
    kind = "customer.subscription.updated"
    for turn, version in enumerate(event_rows.VERSIONS[::-1]
                                   + event_rows.VERSIONS):
        body = json.loads(body_of(version, kind))
        del body["data"]["previous_attributes"]
        body.update(id=f"evt_{turn}", created=event_rows.AT + turn)
        assert shop.take(json.dumps(body).encode()) == "applied"
        want = event_rows.rows_of(version, kind)
        for table in ("tenant_pricing", "stripe_subscriptions"):
            want[table][0]["updated_at"] = event_rows.AT + turn
        check_tables(shop.tables(), want)


@pytest.mark.parametrize("bad", ["2020-08-27", "2025-09-30.clover"])
def test_of_two_versions_the_later_counts_even_if_it_is_bad(tmp_path, bad):
    bodies = []
    for version in ("2020-08-27", "2025-09-30.clover"):
        bodies.append(small("evt_1", "customer.updated", T, {
            "id": "cus_1", "name": 7 if version == bad else version},
            api_version=version))
    for number, order in enumerate((bodies, bodies[::-1])):
        directory = tmp_path / str(number)
        directory.mkdir()
        shop = Shop(directory)
        for body in order:
            shop.take(body)
        row = shop.recorded("evt_1")
        assert row["payload"] == bodies[1]
        if bad == "2020-08-27":
            assert shop.one("SELECT name FROM stripe_customers") == \
                {"name": "2025-09-30.clover"}
            assert "needs_fetch" not in shop.tables()
        else:
            assert row["outcome"] == "failed"
            assert list(shop.tables()) == ["needs_fetch"]
        shop.check_alive()


# What is not acted on.

@pytest.mark.parametrize("body, words", [
    (small("evt_x", "customer.subscription.teleported", T + 1,
           {"id": "sub_1", "status": 7}), None),
    (small("evt_x", "invoice.upcoming", T + 1, {"subscription": "sub_1"}),
     None),
    (event("evt_x", object="v2.core.event", created="2026-01-01T00:00:00Z",
           kind="v1.customer.subscription.updated", data=None,
           related_object={"id": "sub_1", "type": "subscription"}),
     "Snapshot instead of Thin"),
    (event("evt_x", object="v2.core.event", created=None, data=None,
           kind="v2.core.event_destination.ping", livemode="no"),
     "Snapshot instead of Thin"),
    (event("evt_x", account="acct_other"), "BILLHOOK_ACCOUNT"),
], ids=["unknown type", "invoice.upcoming", "thin", "thin ping",
        "connected account"])
def test_what_is_not_acted_on_is_recorded_and_ignored(shop, body, words):
    before = shop.tables()
    assert shop.take(body) == "ignored"
    row = shop.recorded("evt_x")
    assert (row["outcome"], row["payload"]) == ("ignored", body)
    if words is None:
        assert row["error"] is None
    else:
        assert words in row["error"] and words in shop.log
    unchanged(shop, before)
    assert shop.take(body) == "duplicate"
    shop.check_alive()


def test_the_dashboards_test_event_is_ignored_then_a_duplicate(shop):
    before = shop.tables()
    for outcome, kind in (("ignored", "invoice.payment_failed"),
                          ("duplicate", "customer.subscription.updated")):
        assert shop.take(small("evt_00000000000000", kind, 1326853478, {
            "id": "sub_1", "status": "canceled"})) == outcome
    row = shop.recorded("evt_00000000000000")
    assert row["type"] == "invoice.payment_failed"
    assert row["deliveries"] == 2
    assert "signature was good" in row["error"]
    unchanged(shop, before)


@pytest.mark.parametrize("setting, account, outcome", [
    (None, "acct_1", "ignored"), (None, None, "applied"),
    ("acct_1", "acct_1", "applied"), ("acct_2,acct_1", "acct_1", "applied"),
    ("acct_2", "acct_1", "ignored"), ("acct_2", None, "applied"),
    ("acct_12", "acct_1", "ignored"), ("acct_1", "acct_12", "ignored"),
    ("acct_1", "ACCT_1", "ignored"), ("any", "acct_1", "applied"),
])
def test_connected_accounts(tmp_path, setting, account, outcome):
    shop = Shop(tmp_path, BILLHOOK_ACCOUNT=setting)
    assert shop.take(event(account=account)) == outcome
    assert shop.recorded("evt_test_1")["account"] == account
    assert bool(shop.tables()) == (outcome == "applied")


@pytest.mark.parametrize("setting, live, outcome", [
    (None, True, "applied"), (None, False, "applied"),
    ("any", True, "applied"), ("any", False, "applied"),
    ("live", True, "applied"), ("live", False, "ignored"),
    ("test", True, "ignored"), ("test", False, "applied"),
])
def test_modes(tmp_path, setting, live, outcome):
    shop = Shop(tmp_path, BILLHOOK_LIVEMODE=setting)
    assert shop.take(event(livemode=live)) == outcome
    row = shop.recorded("evt_test_1")
    assert row["livemode"] == live
    if outcome == "ignored":
        assert "BILLHOOK_LIVEMODE" in row["error"]
        assert shop.tables() == {}
    else:
        assert shop.one("SELECT livemode FROM stripe_customers") == \
            {"livemode": live}


def test_what_the_database_was_made_with_binds(tmp_path):
    shop = Shop(tmp_path, BILLHOOK_LIVEMODE="live")
    assert shop.take(event("evt_1")) == "ignored"
    shop.configure(BILLHOOK_LIVEMODE="test", BILLHOOK_TENANT_KEY="other")
    assert shop.take(event("evt_2")) == "ignored"
    for name in ("BILLHOOK_LIVEMODE", "BILLHOOK_TENANT_KEY"):
        assert f"{name} differs from what the database was made with" \
            in shop.log
    assert "billhook rebuild" in shop.log


# Doubt comes and goes.

def test_a_parked_event_makes_its_object_doubtful_until_a_newer_comes(shop):
    shop.take(subscription("evt_bad", T + 10, ',"status":7'))
    assert shop.tables()["needs_fetch"] == [{
        "object_id": "sub_1", "reason": "unreadable",
        "object": "subscription", "livemode": 0, "event_id": "evt_bad",
        "since": T}]
    shop.take(subscription("evt_3", T + 5, ',"status":"active"'))
    assert shop.tables()["needs_fetch"][0]["since"] == T + 5
    shop.take(subscription("evt_4", T + 11, ',"status":"past_due"'))
    assert "needs_fetch" not in shop.tables()


def test_a_parked_event_that_is_older_is_no_doubt(shop):
    before = shop.tables()
    assert shop.take(subscription("evt_bad", T - 10, ',"status":7')) == \
        "failed"
    unchanged(shop, before)


def test_an_object_of_which_nothing_can_be_read_is_doubtful(tmp_path):
    shop = Shop(tmp_path)
    assert shop.take(subscription(members=',"status":7')) == "failed"
    assert shop.tables() == {"needs_fetch": [{
        "object_id": "sub_1", "reason": "unreadable",
        "object": "subscription", "livemode": 0, "event_id": "evt_bad",
        "since": None}]}
