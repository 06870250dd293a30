"""Files beside the database that somebody takes away, or that are another's
and lie there still."""

import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys

import pytest

import fastcgi
from billhook_test import (Responder, event, parse_answer, program, request,
                           sign)
from event_test import Running, Shop, check_unavailable, large

WHOLE = [{"integrity_check": "ok"}]
# Leaves a journal that is to be rolled back, as a process does that is killed.
KILLED = """
import os, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA journal_mode=truncate")
db.execute("PRAGMA cache_size=4")
db.execute("BEGIN IMMEDIATE")
db.execute("UPDATE stripe_events SET payload = zeroblob(20000)")
os._exit(0)
"""


@pytest.fixture
def shop(tmp_path):
    shop = Running(tmp_path, BILLHOOK_PATIENCE=200)
    yield shop
    shop.stop()


def beside(shop, tail):
    return pathlib.Path(f"{shop.database}{tail}")


def kill(shop):
    shop.responder.processes[0].kill()
    shop.responder.processes[0].wait()
    shop.responder.processes[0] = shop.responder.start()


@pytest.mark.parametrize("tail", ["-shm", "-wal"])
def test_a_log_that_is_taken_away_takes_no_event_with_it(shop, tmp_path, tail):
    """One has the old one open, the other comes later; they take turns."""
    told, logs = {f"evt_{number}" for number in range(3)}, b""
    for number in range(3):
        shop.take(large(f"evt_{number}", number))
    beside(shop, tail).unlink()
    (tmp_path / "other").mkdir()
    with Responder(program(), tmp_path / "other", shop.config) as other:
        def deliver(number):
            nonlocal logs
            body = large(f"evt_{number}", number)
            path = (shop.responder if number % 2 else other).path
            answer = fastcgi.call(path, request(body, sign(body)), body)
            logs += answer.stderr
            return parse_answer(answer.stdout)[0]

        missing = []
        for number in range(3, 15):
            if deliver(number) == 200:
                told.add(f"evt_{number}")
            else:
                missing.append(number)
        assert told <= set(shop.ids())
        assert {deliver(number) for number in missing} <= {200}
        assert len(shop.ids()) == 15
    assert (b"its -wal or -shm was taken away; they belong to the database; "
            b"the database is opened again") in logs
    shop.stop()
    assert len(shop.ids()) == 15 and shop.ask("PRAGMA integrity_check") == WHOLE


@pytest.mark.parametrize("tails", [("-shm",), ("-wal",), ("-wal", "-shm")])
def test_nor_if_it_is_killed_then(shop, tails):
    shop.take(event("evt_1"))
    for tail in tails:
        beside(shop, tail).unlink()
    shop.take(event("evt_2"))
    kill(shop)
    shop.take(event("evt_3"))
    assert shop.ids() == ["evt_1", "evt_2", "evt_3"]
    assert shop.ask("PRAGMA integrity_check") == WHOLE


def test_who_alone_has_it_keeps_it_while_a_reader_stands_in_the_way(shop):
    shop.take(event("evt_1"))
    reader = sqlite3.connect(f"file:{shop.database}?mode=ro", uri=True,
                             isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM stripe_events").fetchall()
    shop.take(event("evt_2"))
    beside(shop, "-wal").unlink()
    check_unavailable(shop, event("evt_3"), "was taken away",
                      "end their read transactions")
    reader.close()
    shop.take(event("evt_3"))
    assert shop.ids() == ["evt_1", "evt_2", "evt_3"]
    assert shop.ask("PRAGMA integrity_check") == WHOLE


def back_up(shop, tmp_path):
    backup = tmp_path / "backup.db"
    subprocess.run([program("BILLHOOK"), "backup", backup], check=True,
                   env={"BILLHOOK_CONFIG": str(shop.config)},
                   stdout=subprocess.DEVNULL)
    return backup


def test_a_log_that_lies_beside_a_backup_is_not_its(shop, tmp_path):
    """Copied over what was there, so that it is the same file as before."""
    for number in range(5):
        shop.take(large(f"evt_a{number}", number))
    backup = back_up(shop, tmp_path)
    for number in range(60):
        shop.take(large(f"evt_b{number}", number))
    shop.responder.processes[0].kill()
    shop.responder.processes[0].wait()
    assert beside(shop, "-wal").stat().st_size > 0
    shutil.copy(backup, shop.database)
    shop.responder.processes[0] = shop.responder.start()
    shop.take(event("evt_c"))
    assert len(list(tmp_path.glob("*-wal-moved-*"))) == 1
    assert "was moved or exchanged" in shop.responder.stderr()
    assert shop.ids() == [f"evt_a{number}" for number in range(5)] + ["evt_c"]
    assert shop.ask("PRAGMA integrity_check") == WHOLE


def test_nor_is_a_journal_that_does(tmp_path):
    shop = Shop(tmp_path, BILLHOOK_JOURNAL="truncate")
    for number in range(5):
        shop.take(large(f"evt_a{number}", number))
    backup = back_up(shop, tmp_path)
    for number in range(60):
        shop.take(large(f"evt_b{number}", number))
    subprocess.run([sys.executable, "-c", KILLED, shop.database], check=True)
    assert beside(shop, "-journal").stat().st_size > 0
    os.rename(backup, shop.database)
    shop.take(event("evt_c"))
    assert len(list(tmp_path.glob("*-journal-moved-*"))) == 1
    assert shop.ids() == [f"evt_a{number}" for number in range(5)] + ["evt_c"]
    assert shop.ask("PRAGMA integrity_check") == WHOLE


def test_a_journal_of_its_own_is_rolled_back(tmp_path):
    shop = Shop(tmp_path, BILLHOOK_JOURNAL="truncate")
    for number in range(60):
        shop.take(large(f"evt_{number:02}", number))
    subprocess.run([sys.executable, "-c", KILLED, shop.database], check=True)
    assert beside(shop, "-journal").stat().st_size > 0
    shop.take(event("evt_later"))
    assert not list(tmp_path.glob("*-moved-*"))
    assert len(shop.ids()) == 61 and shop.ask("PRAGMA integrity_check") == WHOLE
    assert shop.ask("SELECT count(*) AS n FROM stripe_events WHERE "
                    "payload = zeroblob(20000)") == [{"n": 0}]
