"""What is on record cannot be read any more: a damaged file, a program that is
older than what it stored, or somebody's own hand."""

import json

import pytest

from command_db import Database, body, subscription, tiny


@pytest.fixture
def place(tmp_path):
    return Database(tmp_path)


def renamed(number, name):
    """A change of the one customer in the one second."""
    return tiny(f"evt_{number}", "customer.updated", obj={
        "id": "cus_tiny", "object": "customer", "name": name})


def spoilt(event):
    """The same with a name that no program can read."""
    event["data"]["object"]["name"] = 7
    return json.dumps(event).encode()


@pytest.mark.parametrize("payload", [
    b"", b"{", b'{"id": 7}', spoilt(renamed(1, "one"))])
def test_what_hangs_on_it_is_refused_and_nothing_else(place, payload):
    place.take([renamed(1, "one")])
    place.tamper(("UPDATE stripe_events SET payload = ?", (payload,)))
    before = place.tables()
    place.run("import", "-", stdin=body(renamed(2, "two")), status=1)
    assert "the stored event evt_1 cannot be read any more" in place.errors
    assert place.tables() == before
    place.take([subscription(3)])
    assert place.rows("SELECT id FROM stripe_subscriptions") == [("sub_1",)]


def test_a_payload_that_is_gone_counts_no_more(place):
    place.take([renamed(1, "one")])
    place.tamper("UPDATE stripe_events SET payload = NULL")
    place.take([renamed(2, "two")])
    assert place.rows("SELECT name FROM stripe_customers") == [("two",)]


def test_a_rebuild_keeps_the_place_of_what_is_gone(place):
    """And leaves out what other settings shut out, or what is no event."""
    place.take([renamed(1, "one"), tiny("evt_live", livemode=True),
                tiny("evt_account", account="acct_1"), subscription(3),
                tiny("evt_bad", obj={"id": "cus_2", "object": "customer"})])
    place.tamper(
        "UPDATE stripe_events SET payload = NULL "
        "WHERE id IN ('evt_1', 'evt_live', 'evt_account')",
        ("UPDATE stripe_events SET payload = ? WHERE id = 'evt_bad'",
         (b"{",)))
    place.run("rebuild", BILLHOOK_LIVEMODE="test")
    assert place.rows("SELECT event_id FROM billhook_ranks ORDER BY 1") == [
        ("evt_1",), ("evt_3",)]
    assert place.rows("SELECT id FROM stripe_subscriptions") == [("sub_1",)]


def test_a_rank_of_another_length_is_passed_over(place):
    """As another program would have written it."""
    place.take([renamed(1, "one")])
    place.tamper("UPDATE billhook_ranks SET rank = substr(rank, 1, 3)")
    place.take([renamed(2, "two")])
    assert place.rows("SELECT name FROM stripe_customers") == [("two",)]


def test_what_is_gone_of_one_object_stays_when_another_has_its_id(place):
    """A customer and the summary of its entitlements have one id."""
    def listed(number, more):
        return tiny(f"evt_{number}",
                    "entitlements.active_entitlement_summary.updated",
                    1760000000 + number, {
                        "object": "entitlements.active_entitlement_summary",
                        "customer": "cus_tiny", "entitlements": {
                            "object": "list", "has_more": more, "data": []}})
    place.take([renamed(1, "one"), listed(2, True)])
    assert place.rows("SELECT reason FROM needs_fetch") == [("partial",)]
    place.tamper("UPDATE stripe_events SET payload = NULL WHERE id = 'evt_1'")
    place.take([listed(3, False)])
    assert place.rows("SELECT reason FROM needs_fetch") == []
    assert place.rows("SELECT name FROM stripe_customers") == [("one",)]


@pytest.mark.parametrize("odd", ["evt_" + "A" * 252, "evt_" + "A" * 5000,
                                 "evt_\0A"], ids=["long", "longer", "nul"])
@pytest.mark.parametrize("outcome, command", [
    ("applied", ("prune", "--older-than", "0s")), ("failed", ("replay",)),
    ("applied", ("rebuild",))], ids=["prune", "replay", "rebuild"])
def test_an_id_that_no_event_can_have(place, command, outcome, odd):
    """Whoever can write the file is not to get more by it: the command may
    be root's."""
    place.take([renamed(1, "one"), subscription(3)])
    place.tamper(("UPDATE stripe_events SET id = ?, outcome = ?, "
                  "received_at = 1 WHERE id = 'evt_1'", (odd, outcome)))
    before = place.tables()
    place.run(*command, status=1)
    assert "another program has written there" in place.errors
    assert place.tables() == before


def test_a_payload_that_is_no_event_is_no_reason_to_crash(place):
    """It is parked, and read with others of its object."""
    place.take([renamed(1, "one"), renamed(2, "two")])
    place.tamper(
        ("INSERT INTO stripe_events (id, type, created, livemode, object_id, "
         "received_at, deliveries, outcome, payload) VALUES ('evt_0', "
         "'customer.updated', 5, 0, 'cus_tiny', 1, 1, 'failed', ?)", (b"{}",)),
        "UPDATE stripe_events SET outcome = 'failed' WHERE id = 'evt_2'")
    assert "1 of 2" in place.run("replay", status=1)


def test_a_reason_is_printed_escaped(place):
    place.take([renamed(1, "one")])
    place.tamper("INSERT INTO needs_fetch VALUES ('sub_1', char(27) || "
                 "'[2J' || char(10) || 'events: 9', 'subscription', 0, "
                 "'evt_1', 1)")
    told = place.run("stats")
    assert "\x1b" not in told and "\nevents: 9" not in told


def test_a_recorded_key_that_is_empty(place):
    event = renamed(1, "one")
    event["data"]["object"]["metadata"] = {"a": "b"}
    place.take([event])
    place.tamper("UPDATE billhook_settings SET value = '' "
                 "WHERE name = 'BILLHOOK_TENANT_KEY'")
    place.run("events", "evt_1", "--json")
    place.take([renamed(2, "two")])


def test_numbers_that_are_too_large_together(place):
    place.take([renamed(1, "one"), subscription(3)])
    place.tamper("UPDATE stripe_events SET deliveries = 9223372036854775807")
    assert place.json("stats")["deliveries"] == 2 ** 63 - 1


# Tables that somebody has made anew.

REMADE = {
    "settings": ("CREATE TABLE other (name, value)",
                 "INSERT INTO other SELECT * FROM billhook_settings",
                 "INSERT INTO other VALUES (NULL, 'x'), ('x', NULL)",
                 "DROP TABLE billhook_settings",
                 "ALTER TABLE other RENAME TO billhook_settings"),
    "events": ("CREATE TABLE other AS SELECT * FROM stripe_events",
               "INSERT INTO other (id) VALUES (NULL)",
               "DROP TABLE stripe_events",
               "ALTER TABLE other RENAME TO stripe_events"),
    "doubts": ("DROP TABLE needs_fetch",
               "CREATE TABLE needs_fetch (object_id, reason, object, created, "
               "event_id, noticed_at, UNIQUE (object_id, reason))",
               "INSERT INTO needs_fetch VALUES "
               "('cus_tiny', NULL, NULL, 0, NULL, 1)"),
    "view": ("DROP TABLE tenant_pricing",
             "CREATE VIEW tenant_pricing AS WITH RECURSIVE n(tenant_id) AS "
             "(VALUES (1) UNION ALL SELECT tenant_id + 1 FROM n) SELECT * "
             "FROM n"),
    "computed": ("ALTER TABLE stripe_customers RENAME TO other",
                 "CREATE TABLE stripe_customers AS SELECT * FROM other",
                 "ALTER TABLE stripe_customers DROP COLUMN email",
                 "ALTER TABLE stripe_customers ADD COLUMN email TEXT AS "
                 "(hex(zeroblob(100)))"),
}


@pytest.mark.parametrize("remade", REMADE)
def test_a_table_that_was_made_anew_is_named_by_every_command(place, remade):
    """A command crashes by none, nor waits for ever."""
    place.take([renamed(1, "one"), subscription(3)])
    place.tamper(*REMADE[remade])
    for command in (("stats",), ("events",), ("tenants",), ("tenant", "a"),
                    ("replay",), ("prune", "--older-than", "1h"),
                    ("import", "-")):
        place.run(*command, status=1, stdin=body(renamed(2, "two")))
        assert "is not as billhook makes it" in place.errors, command
        assert "billhook rebuild" in place.errors
    told = place.json("doctor", status=1)
    assert [f for f in told["findings"]
            if f["level"] == "problem" and f["check"] in ("schema",
                                                          "database")]


def test_a_view_in_place_of_a_table_is_for_a_rebuild_to_refuse(place):
    place.take([subscription(3)])
    place.tamper(*REMADE["view"])
    place.run("rebuild", status=1)
    assert "restore a backup" in place.errors


def test_views_of_an_application_are_its_own(place):
    """Also where its triggers read them."""
    place.take([subscription(2)])
    place.tamper(
        "CREATE VIEW paying AS SELECT tenant_id, status FROM tenant_pricing",
        "CREATE VIEW kites AS SELECT * FROM paying WHERE tenant_id = 'kite'",
        "CREATE TABLE outbox (tenant_id)",
        "CREATE TRIGGER tell AFTER INSERT ON tenant_pricing BEGIN INSERT INTO "
        "outbox SELECT tenant_id FROM kites; END")
    place.take([subscription(3, status="past_due")])
    place.run("rebuild")
    place.take([subscription(4)])
    assert place.rows("SELECT status FROM kites") == [("active",)]


def test_a_table_of_an_application_that_begins_with_rebuild_is_its_own(place):
    place.take([subscription(2)])
    place.tamper("CREATE TABLE rebuild_notes (x)",
                 "CREATE TABLE rebuilds (x)",
                 "INSERT INTO rebuild_notes VALUES ('mine')")
    place.take([subscription(3, status="past_due")])
    place.run("rebuild")
    place.take([subscription(4)])
    assert place.rows("SELECT x FROM rebuild_notes") == [("mine",)]
    assert place.rows("SELECT x FROM rebuilds") == []


@pytest.mark.parametrize("remade", ["doubts", "computed"])
def test_a_rebuild_makes_it_as_it_was(place, remade):
    place.take([renamed(1, "one"), subscription(3)])
    before = place.tables()
    place.tamper(*REMADE[remade])
    place.run("backup", str(place.path / f"{remade}.db"))
    place.run("rebuild")
    assert place.tables() == before
    place.run("stats")


def test_a_column_more_is_no_reason_to_refuse(place):
    place.take([renamed(1, "one")])
    place.tamper("ALTER TABLE stripe_events ADD COLUMN ours TEXT",
                 "DROP INDEX IF EXISTS tenant_pricing_status")
    place.run("stats")
    place.take([renamed(2, "two")])
