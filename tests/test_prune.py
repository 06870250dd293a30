"""billhook prune and backup."""

import json
import os
import re
import sqlite3
import stat
import subprocess
import threading
import time

import pytest

import model
from billhook_test import PATIENCE, Responder, write_config
from command_db import (Database, check_same, deliver, shop_events, tiny,
                        subscription, with_a_failed_renewal)

SEEDS = (41, 42, 43)


@pytest.fixture
def place(tmp_path):
    return Database(tmp_path)


@pytest.fixture
def shop(place):
    return with_a_failed_renewal(place)


def age(place, seconds):
    place.tamper(("UPDATE stripe_events SET received_at = ?",
                  (int(time.time()) - seconds,)))


@pytest.mark.parametrize("span, seconds", [
    ("90d", 90 * 86400), ("36h", 36 * 3600), ("2w", 14 * 86400),
    ("1y", 365 * 86400), ("3600", 3600)])
def test_prune_knows_spans(place, span, seconds):
    place.take([subscription(n) for n in range(10)])
    age(place, seconds - 60)
    assert place.json("prune", "--older-than", span)["emptied"] == 0
    age(place, seconds + 60)
    assert place.json("prune", "--older-than", span)["emptied"] == 8


def test_prune_empties_payloads_and_nothing_else(place):
    events = shop_events(*SEEDS)
    place.take(events)
    age(place, 100 * 86400)
    before, recorded = place.tables(), place.rows(
        "SELECT id, type, created, received_at, outcome FROM stripe_events")
    held = place.payloads()
    dry = place.json("prune", "--older-than", "90d", "--dry-run")
    assert place.payloads() == held and dry["emptied"] > 0
    assert "would be emptied" in place.run("prune", "--older-than", "90d",
                                           "--dry-run")
    told = place.json("prune", "--older-than", "90d")
    assert told == dry
    left = place.payloads()
    emptied = [name for name in held if left[name] is None]
    assert len(emptied) == told["emptied"]
    assert sum(len(held[name]) for name in emptied) == told["bytes"]
    assert all(left[name] in (None, held[name]) for name in held)
    assert place.tables() == before
    assert place.rows("SELECT id, type, created, received_at, outcome "
                      "FROM stripe_events") == recorded
    # Pruned is still known.
    again = place.take(events)
    assert again["duplicate"] == len(events)
    assert place.tables() == before
    shown = place.json("events", emptied[0])
    assert shown["payload"] is None
    assert re.search(r"^payload +pruned$",
                     place.run("events", emptied[0]), re.M)
    told = place.json("prune", "--older-than", "90d")
    assert told["emptied"] == 0 and told["bytes"] == 0


@pytest.mark.parametrize("shut_out", [
    {"BILLHOOK_LIVEMODE": "live"}, {"BILLHOOK_ACCOUNT": "acct_2"}])
def test_prune_keeps_what_other_settings_would_let_in(place, shut_out):
    event = subscription(3)
    event["account"] = "acct_1"
    place.run("import", "-", stdin=json.dumps(event).encode(), **shut_out)
    assert place.rows("SELECT outcome FROM stripe_events") == [("ignored",)]
    age(place, 7200)
    assert place.json("prune", "--older-than", "1h")["emptied"] == 0
    place.run("rebuild", BILLHOOK_LIVEMODE="any", BILLHOOK_ACCOUNT="acct_1")
    assert place.rows("SELECT id FROM stripe_subscriptions") == [("sub_1",)]


@pytest.mark.parametrize("name, values, narrow", [
    ("livemode", (False, True, True), {"BILLHOOK_LIVEMODE": "test"}),
    ("account", (None, "acct_1", "acct_1"), {}),
    ("account", ("acct_1", "acct_2", "acct_2"),
     {"BILLHOOK_ACCOUNT": "acct_1"})])
def test_prune_keeps_what_other_settings_would_leave(tmp_path, name, values,
                                                     narrow):
    """A product's id is the shop's own, and may be used in several places."""
    def history():
        for n, value in enumerate(values):
            event = tiny(f"evt_{n}", "product.updated", 1760000000 + n, {
                "id": "gold", "object": "product", "name": f"gold {n}",
                "created": 1760000000})
            event[name] = value
            yield event

    tables = []
    for pruned in (False, True):
        directory = tmp_path / str(pruned)
        directory.mkdir()
        place = Database(directory, BILLHOOK_LIVEMODE="any",
                         BILLHOOK_ACCOUNT="any")
        place.take(list(history()))
        if pruned:
            age(place, 7200)
            place.run("prune", "--older-than", "1h")
        write_config(place.path, **narrow)
        place.run("rebuild")
        assert place.rows("SELECT id FROM stripe_products") == [("gold",)]
        tables.append(place.tables())
    assert tables[0] == tables[1]


def test_backup_is_a_whole_database_while_deliveries_go_on(place):
    events = shop_events(*SEEDS, *range(50, 56))
    half = len(events) // 2
    place.take(events[:half])
    answers = []
    with Responder(place.responder, place.path, place.config,
                   processes=2) as responder:
        thread = threading.Thread(target=deliver, args=(
            responder.path, events[half:], answers))
        thread.start()
        copies = 0
        while thread.is_alive() or not copies:
            place.run("backup", f"copy{copies}.db")
            copies += 1
        thread.join()
    assert set(answers) == {200}
    counts = []
    for number in range(copies):
        path = place.path / f"copy{number}.db"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert not path.with_name(path.name + "-wal").exists()
        copy = Database.__new__(Database)
        copy.database = path
        taken = [json.loads(row[0]) for row in
                 copy.rows("SELECT payload FROM stripe_events")]
        check_same(copy.tables(), model.tables(taken))
        assert copy.rows("PRAGMA integrity_check") == [("ok",)]
        counts.append(len(taken))
    assert counts == sorted(counts) and counts[0] >= half


def test_what_can_be_read_of_a_damaged_database_makes_a_new_one(place):
    """As the manual page says; and a copy of it is called what it is."""
    events = shop_events(*SEEDS)
    place.take(events)
    before = place.tables()
    place.tamper("INSERT INTO stripe_events SELECT 'evt_pruned', type, NULL, "
                 "1, 0, NULL, NULL, 1, 1, 'ignored', NULL, NULL "
                 "FROM stripe_events LIMIT 1")
    root, = place.rows("SELECT rootpage FROM sqlite_schema WHERE name = "
                       "'stripe_invoices'")[0]
    with open(place.database, "r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\x55" * 4096)
    place.run("backup", "copy.db", status=1)
    assert "the copy is made, but not sound" in place.errors
    assert "keep those from before" in place.errors
    damaged = place.path / "damaged.db"
    place.database.rename(damaged)
    connection = sqlite3.connect(damaged)
    text = "".join((text or "") + "\n" for text, in connection.execute(
        "SELECT CAST(payload AS TEXT) FROM stripe_events"))
    connection.close()
    place.run("import", "-", stdin=text.encode())
    assert place.tables() == before
    place.json("doctor")


def test_an_index_that_says_something_else_is_damage(place):
    place.take([tiny("evt_1"), tiny("evt_2")])
    root, = place.rows("SELECT rootpage FROM sqlite_schema WHERE name = "
                       "'sqlite_autoindex_stripe_events_1'")[0]
    whole = place.database.read_bytes()
    page = whole[(root - 1) * 4096:root * 4096]
    place.database.write_bytes(whole.replace(page, page.replace(
        b"evt_2", b"evt_3")))
    assert not place.json("backup", "copy.db", status=1)["sound"]
    assert "missing from index sqlite_autoindex_stripe_events_1" in \
        place.errors


def test_backup_makes_no_file_that_is_there(shop):
    told = shop.json("backup", "copy.db")
    assert told["bytes"] == (shop.path / "copy.db").stat().st_size
    shop.run("backup", "copy.db", status=1)
    assert "File exists" in shop.errors
    shop.run("backup", "none/copy.db", status=1)
    shop.run("backup", "x" * 5000, status=1)
    assert "is too long; name a shorter one" in shop.errors
    for name in ("billhook.db-journal", "./billhook.db-rejected",
                 f"{shop.path}/billhook.db-wal"):
        shop.run("backup", name, status=1)
        assert "of the database's own; name another" in shop.errors
    shop.run("backup", "file:copy.db")
    assert (shop.path / "file:copy.db").stat().st_size == told["bytes"]
    # It is a database of billhook's, in the place of the first.
    assert "acme" in shop.run("tenants", BILLHOOK_DATABASE=str(
        shop.path / "copy.db"))


def test_backups_to_one_name_at_once_make_one(shop):
    """And no file that somebody has put there is filled or left."""
    (shop.path / "precious").write_text("precious")
    os.link(shop.path / "precious", shop.path / "copy.db.part")
    before = set(shop.path.iterdir())
    for _ in range(8):
        at_once = [subprocess.Popen(
            [shop.real, "backup", "copy.db"], cwd=shop.path,
            env=shop.environment(), stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE) for _ in range(3)]
        told = sorted((process.wait(PATIENCE), process.stderr.read())
                      for process in at_once)
        assert [status for status, _ in told] == [0, 1, 1]
        assert all(b"File exists" in words for _, words in told[1:])
        copy = shop.path / "copy.db"
        assert set(shop.path.iterdir()) - before == {copy}
        connection = sqlite3.connect(copy)
        assert connection.execute(
            "SELECT count(*) FROM stripe_events").fetchone() != (0,)
        connection.close()
        copy.unlink()
    assert (shop.path / "precious").read_text() == "precious"


@pytest.mark.parametrize("bad", [
    {"obj": {"id": 7, "object": "customer"}},
    {"kind": 7},
    {"obj": {"id": "cus_1", "object": "customer", "email": 7}},
])
def test_prune_keeps_what_waits_for_a_program_that_can_read_it(place, bad):
    """Whatever it is that cannot be read, be it what the event is of."""
    place.take([tiny("evt_bad", **bad)])
    assert place.rows("SELECT outcome FROM stripe_events") == [("failed",)]
    age(place, 7200)
    place.json("prune", "--older-than", "1h")
    assert place.payloads()["evt_bad"]
