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
