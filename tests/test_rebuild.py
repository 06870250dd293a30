"""billhook rebuild and replay: the tables are a function of the events on
record and of the recorded settings, whatever was there before."""

import copy
import fcntl
import os
import struct
import subprocess
import threading
import time
import zlib

import pytest

import model
from billhook_test import PATIENCE, Responder, wait_for, write_config
from command_db import Database, check_same, deliver, shop_events, tiny

SEEDS = (41, 42, 43, 44, 45, 46)

SPOIL = "UPDATE tenant_pricing SET status = 'spoilt'"


@pytest.fixture
def place(tmp_path):
    return Database(tmp_path)


def leftovers(place):
    return place.rows("SELECT name FROM sqlite_schema WHERE name GLOB "
                      "'rebuild*' AND type <> 'index'")


def test_rebuild_changes_nothing_where_nothing_changed(place):
    events = shop_events(*SEEDS)
    place.take(events)
    before, changes = place.tables(), place.rows("SELECT * FROM "
                                                 "status_changes")
    check_same(before, model.tables(events))
    assert before["tenant_pricing"] and before["needs_fetch"] is not None
    for _ in range(2):
        assert place.json("rebuild")["events"] == len(events)
        assert place.tables() == before
        assert place.rows("SELECT * FROM status_changes") == changes
    assert not leftovers(place)
    assert "every table was computed anew" in place.run("rebuild")


def test_rebuild_changes_nothing_after_prune(place):
    events = shop_events(*SEEDS)
    place.take(events)
    before = place.tables()
    place.tamper("UPDATE stripe_events SET received_at = received_at - 7200")
    pruned = place.json("prune", "--older-than", "1h")
    assert pruned["emptied"] > 10 and pruned["kept"] > 10
    assert pruned["emptied"] + pruned["kept"] <= len(events)
    place.run("rebuild")
    assert place.tables() == before
    # And what comes later is judged by what was kept.
    more = [copy.deepcopy(events[-1])]
    more[0].update(id="evt_later", created=events[-1]["created"] + 100)
    place.take(more)
    check_same(place.tables(), model.tables(events + more))


def test_rebuild_mends_tables_that_somebody_spoilt(place):
    events = shop_events(*SEEDS)
    place.take(events)
    before = place.tables()
    place.tamper("DELETE FROM tenant_pricing",
                 "UPDATE stripe_subscriptions SET status = 'active'",
                 "DELETE FROM stripe_invoices",
                 "DELETE FROM billhook_ranks")
    assert place.tables() != before
    place.run("rebuild")
    assert place.tables() == before


def test_rebuild_misses_nothing_that_comes_meanwhile(place):
    events = shop_events(*SEEDS, *range(50, 60))
    half = len(events) // 2
    place.take(events[:half])
    answers = []
    with Responder(place.responder, place.path, place.config,
                   processes=3) as responder:
        threads = [threading.Thread(target=deliver, args=(
            responder.path, events[half + n::3], answers)) for n in range(3)]
        for thread in threads:
            thread.start()
        rebuilds = 0
        while any(thread.is_alive() for thread in threads) or not rebuilds:
            place.run("rebuild", BILLHOOK_PATIENCE="60000")
            rebuilds += 1
        for thread in threads:
            thread.join()
        # In service still, with the tables exchanged under them.
        deliver(responder.path, [tiny("evt_after")], answers)
    assert set(answers) == {200} and len(answers) == len(events) - half + 1
    check_same(place.tables(), model.tables(events + [tiny("evt_after")]))
    assert not leftovers(place)


@pytest.mark.parametrize("name, value, expected", [
    ("BILLHOOK_TENANT_KEY", "team", {"tenant_key": "team"}),
    ("BILLHOOK_LIVEMODE", "live", {"livemode": "live"}),
    ("BILLHOOK_LIVEMODE", "test", {"livemode": "test"}),
    ("BILLHOOK_ACCOUNT", "acct_1", {"account": "acct_1"}),
    ("BILLHOOK_ACCOUNT", "any", {"account": "any"}),
])
def test_rebuild_takes_other_settings_over(place, tmp_path, name, value,
                                           expected):
    events = shop_events(*SEEDS)
    for number, event in enumerate(events):
        obj = event["data"]["object"]
        if obj.get("metadata"):
            obj["metadata"]["team"] = "team-" + obj["metadata"].get(
                "tenant_id", "none")
        event["livemode"] = obj["livemode"] = zlib.crc32(
            str(obj.get("customer", obj.get("id"))).encode()) % 2 == 0
        if number % 7 == 0:
            event["account"] = f"acct_{number % 2}"
    place.take(events)
    before = place.tables()
    write_config(place.path, **{name: value})
    # What is recorded binds, and doctor says that it differs.
    told = place.json("doctor")["findings"]
    assert any(f["level"] == "warning" and name in f["says"] for f in told)
    place.take([tiny("evt_between", livemode=True)])
    events.append(tiny("evt_between", livemode=True))

    # Who does what the warning says is not warned.
    place.run("stats")
    assert f"{name} differs" in place.errors
    place.run("rebuild")
    assert name not in place.errors
    after = place.tables()
    assert after != before
    (tmp_path / "fresh").mkdir()
    fresh = Database(tmp_path / "fresh", **{name: value})
    fresh.take(events)
    assert after == fresh.tables()
    check_same(after, model.tables(events, **expected))
    assert not any(name in f["says"] for f in
                   place.json("doctor")["findings"])
    # And back.
    write_config(place.path)
    place.run("rebuild")
    check_same(place.tables(), model.tables(events))


def start(place):
    return subprocess.Popen([place.real, "rebuild"], env=place.environment(),
                            stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)


def shadow_rows(place, table):
    """How many rows a rebuild has made so far, -1 before it has begun."""
    names = [name for name, in place.rows(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB ?",
        f"rebuild[0-9]*_{table}")]
    if not names:
        return -1
    return place.rows(f"SELECT count(*) FROM {names[-1]}")[0][0]


@pytest.mark.parametrize("table, rows", [
    ("billhook_ranks", 0), ("billhook_ranks", 150),
    ("stripe_invoices", 1), ("tenant_pricing", 5)])
def test_a_rebuild_that_is_killed_changes_nothing(place, table, rows):
    events = shop_events(*range(60, 90))
    place.take(events)
    place.tamper(SPOIL)
    spoilt = place.tables()
    # It may be done before it is killed; then once more.
    for _ in range(20):
        rebuild = start(place)
        wait_for(lambda: rebuild.poll() is not None or
                 shadow_rows(place, table) >= rows, "the rebuild to be there")
        rebuild.kill()
        if rebuild.wait(PATIENCE) == -9 and place.tables() == spoilt:
            break
        place.tamper(SPOIL)
    assert place.tables() == spoilt and leftovers(place)

    # It is named; deliveries go on beside what it left, and clear some of it
    # away, what they feed first; and the next one works.
    assert [f["level"] for f in place.json("doctor")["findings"]
            if f["check"] == "rebuild"] == ["warning"]
    assert leftovers(place)
    place.take([tiny("evt_beside")])
    assert not {("rebuild_arrived",), ("rebuild_inserted",),
                ("rebuild_updated",)} & set(leftovers(place))
    place.run("rebuild")
    check_same(place.tables(), model.tables(events + [tiny("evt_beside")]))
    assert not leftovers(place)


def test_a_rebuild_killed_at_any_time_leaves_old_tables_or_new_ones(place):
    events = shop_events(*range(60, 75))
    place.take(events)
    good = place.tables()
    place.tamper(SPOIL)
    spoilt = place.tables()
    seen = set()
    for pause in range(0, 200, 10):
        rebuild = start(place)
        try:
            rebuild.wait(pause / 1000)
        except subprocess.TimeoutExpired:
            rebuild.kill()
            rebuild.wait()
        now = place.tables()
        assert now in (good, spoilt)
        seen.add(now == good)
        place.tamper(SPOIL)
    assert False in seen
    place.run("rebuild")
    assert place.tables() == good and not leftovers(place)


@pytest.mark.parametrize("command", ["replay", "rebuild"])
def test_a_parked_event_is_applied_once_it_can_be_read(place, command):
    events = shop_events(*SEEDS)
    last = max((e for e in events
                if e["type"] == "customer.subscription.updated"),
               key=lambda e: e["created"])
    fewer = [e for e in events if e["id"] != last["id"]]
    place.take(fewer)
    place.park(last)
    check_same(place.tables(), model.tables(fewer))
    found = place.json("doctor")["findings"]
    assert any(f["check"] == "parked events" and f["level"] == "warning"
               for f in found)
    told = place.json(command)
    if command == "replay":
        assert told == {"parked": 1, "applied": 1, "left": 0}
    check_same(place.tables(), model.tables(events))
    assert place.rows("SELECT outcome, error FROM stripe_events WHERE id = ?",
                      last["id"]) == [("applied", None)]
    assert place.rows("SELECT * FROM billhook_parked") == []
    assert "no event is parked" in place.run("replay")


def test_what_cannot_be_read_stays_parked(place):
    events = shop_events(*SEEDS)
    place.take(events)
    bad = tiny("evt_bad", "customer.subscription.updated", 1990000000,
               {"id": "sub_bad", "object": "subscription", "status": 7})
    assert place.take([bad])["failed"] == 1
    before = place.tables()
    assert ("sub_bad", "unreadable") in before["needs_fetch"]
    assert place.json("replay", status=1) == {
        "parked": 1, "applied": 0, "left": 1}
    assert "--outcome failed" in place.run("replay", status=1)
    assert place.tables() == before
    place.run("rebuild")
    assert place.tables() == before
    assert place.rows("SELECT outcome FROM stripe_events WHERE id = "
                      "'evt_bad'") == [("failed",)]


def test_rebuild_shows_how_far_it_is_on_a_terminal(place):
    place.take(shop_events(*range(60, 80)))
    shown, status = place.on_a_terminal("rebuild")
    assert status == 0 and "%" in shown and "events" in shown
    # It is taken away at the end.
    assert shown.endswith("\r\x1b[K")
    place.run("rebuild")
    assert place.errors == ""


def test_rebuild_and_replay_need_a_database(place):
    for command in ("rebuild", "replay"):
        place.run(command, status=1)
        assert "is not there" in place.errors
        assert not place.database.exists()


def test_deliveries_clear_away_what_a_rebuild_left(place):
    events = shop_events(*range(60, 90))
    place.take(events)
    good = place.tables()
    for _ in range(20):
        rebuild = start(place)
        wait_for(lambda: rebuild.poll() is not None or
                 shadow_rows(place, "billhook_ranks") >= 0, "the rebuild")
        rebuild.kill()
        if rebuild.wait(PATIENCE) == -9 and leftovers(place):
            break
    assert ("rebuild_arrived",) in leftovers(place)
    # While another one goes on, nobody touches anything.
    with open(f"{place.database}-lock", "r+b") as lock:
        fcntl.fcntl(lock, fcntl.F_OFD_SETLK, struct.pack(
            "hhqqi", fcntl.F_WRLCK, os.SEEK_SET, 17, 1, 0))
        kept = leftovers(place)
        place.take([tiny("evt_1")])
        assert leftovers(place) == kept
        assert place.rows("SELECT event_id FROM rebuild_arrived") \
            == [("evt_1",)]
        assert [f["level"] for f in place.json("doctor")["findings"]
                if f["check"] == "rebuild"] == ["ok"]
    place.take([tiny(f"evt_{n}", created=1760000000 + n)
                for n in range(2, 30)])
    assert not leftovers(place)
    assert not [f for f in place.json("doctor")["findings"]
                if f["check"] == "rebuild"]
    assert place.tables()["tenant_pricing"] == good["tenant_pricing"]


def test_one_rebuild_at_a_time(place):
    place.take(shop_events(*SEEDS))
    with open(f"{place.database}-lock", "r+b") as lock:
        fcntl.fcntl(lock, fcntl.F_OFD_SETLK, struct.pack(
            "hhqqi", fcntl.F_WRLCK, os.SEEK_SET, 17, 1, 0))
        place.run("rebuild", status=1)
        assert "another rebuild is running" in place.errors
    place.run("rebuild")


MANY = 6000


def test_a_replay_does_not_outlive_the_settings_that_it_began_with(place):
    """A rebuild beside it takes others over, which shut its events out."""
    place.take([tiny("evt_live", livemode=True)])
    place.park(*(tiny(f"evt_{number:04}", api_version=None, obj={
        "id": f"cus_{number}", "object": "customer"})
        for number in range(MANY)))
    applied = ("SELECT count(*) FROM stripe_events "
               "WHERE outcome = 'applied' AND livemode = 0")
    with open(f"{place.database}-lock", "r+b") as queue:
        replay = subprocess.Popen([place.real, "replay"],
                                  env=place.environment(),
                                  stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        # It stands in the queue anew for each of its transactions, of which
        # there are some hundred: whoever comes again and again is between two.
        done = 0
        while not done and replay.poll() is None:
            fcntl.flock(queue, fcntl.LOCK_UN)
            # Lets in who waits, as db_give_way() does: a lock that is free
            # goes to who asks first.
            time.sleep(0.001)
            fcntl.flock(queue, fcntl.LOCK_EX)
            done = place.rows(applied)[0][0]
        place.tamper("UPDATE billhook_settings SET value = 'live' "
                     "WHERE name = 'BILLHOOK_LIVEMODE'")
    assert replay.wait(PATIENCE) == 1 and 0 < done < MANY
    assert place.rows(applied) == [(done,)]
    assert len(place.rows("SELECT id FROM stripe_customers")) == done + 1


@pytest.mark.parametrize("live", [False, True])
def test_what_cannot_be_read_is_told_with_its_mode(place, live):
    place.take([tiny("evt_bad", livemode=live, obj={
        "id": "cus_1", "object": "customer", "email": 7})])
    assert place.rows("SELECT livemode FROM needs_fetch") == [(live,)]
    place.run("rebuild")
    assert place.rows("SELECT livemode FROM needs_fetch") == [(live,)]


def test_what_a_rebuild_parks_is_replayed_as_well(place):
    """Ignored at arrival, let in by other settings, and not to be read: it
    waits for a newer program like any other."""
    write_config(place.path, BILLHOOK_LIVEMODE="live")
    place.take([tiny("evt_bad", obj={
        "id": "cus_1", "object": "customer", "email": 7})])
    write_config(place.path)
    place.run("rebuild")
    assert place.rows("SELECT reason FROM needs_fetch") == [("unreadable",)]
    assert place.json("replay", status=1)["left"] == 1


def test_a_parked_event_that_is_no_event_stays_parked(place):
    """A damaged file, or another program: the others are replayed."""
    place.take([tiny("evt_0")])
    place.park(*(tiny(f"evt_{number}", api_version=None, obj={
        "id": f"cus_{number}", "object": "customer"}) for number in (1, 2)))
    place.tamper("UPDATE stripe_events SET payload = x'7b' "
                 "WHERE id = 'evt_1'")
    replayed = place.json("replay", status=1)
    assert (replayed["applied"], replayed["left"]) == (1, 1)
    place.run("rebuild")
    assert place.rows("SELECT id FROM stripe_customers ORDER BY id") == [
        ("cus_2",), ("cus_tiny",)]


def test_a_responder_follows_the_settings_that_a_rebuild_took_over(place):
    answers = []
    with Responder(place.responder, place.path, place.config) as responder:
        deliver(responder.path, [tiny("evt_1")], answers)
        place.run("rebuild", BILLHOOK_LIVEMODE="live")
        deliver(responder.path, [tiny("evt_2")], answers)
    assert answers == [200, 200]
    assert place.rows("SELECT outcome FROM stripe_events ORDER BY id") == [
        ("applied",), ("ignored",)]
