"""What is on record cannot be read any more: a damaged file, a program that is
older than what it stored, or somebody's own hand."""

import json

import pytest

from command_db import Database, body, renamed, subscription, tiny


@pytest.fixture
def place(tmp_path):
    return Database(tmp_path)


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
