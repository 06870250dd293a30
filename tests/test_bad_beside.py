"""What lies beside the database: a log or a journal, its own or another's."""

import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys

import pytest

import fastcgi
from bad_ground import ground
from billhook_test import (Responder, event, parse_answer, program, request,
                           run_cgi, sign, wait_for, write_config)
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


def test_nor_is_it_read_where_it_cannot_be_put_aside(shop, tmp_path):
    """All names that it could get are taken."""
    shop.take(event("evt_1"))
    backup = back_up(shop, tmp_path)
    shop.take(event("evt_2"))
    shop.responder.processes[0].kill()
    shop.responder.processes[0].wait()
    log = beside(shop, "-wal")
    number = log.stat().st_ino
    for tail in ["", *(f"-{n}" for n in range(1, 100))]:
        beside(shop, f"-wal-moved-{number}{tail}").touch()
    shutil.copy(backup, shop.database)
    shop.responder.processes[0] = shop.responder.start()
    check_unavailable(shop, event("evt_3"), "is the log of another database",
                      "cannot be put aside: File exists; move it away")
    log.rename(tmp_path / "log")
    shop.take(event("evt_3"))
    assert shop.ids() == ["evt_1", "evt_3"]


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


def test_an_empty_log_of_another_is_not_shared(shop, tmp_path):
    """Who has the old database open would copy from it into that one what
    others have put there for the new one."""
    shop.take(event("evt_1"))
    backup = back_up(shop, tmp_path)
    shop.responder.processes[0].terminate()
    shop.responder.processes[0].wait()
    shop.responder.processes[0] = shop.responder.start()
    wait_for(beside(shop, "-wal").exists, "its log")
    os.rename(backup, shop.database)
    (tmp_path / "other").mkdir()
    with Responder(program(), tmp_path / "other", shop.config) as newcomer:
        for number in range(2, 6):
            body = event(f"evt_{number}")
            answer = fastcgi.call(newcomer.path, request(body, sign(body)),
                                  body)
            assert parse_answer(answer.stdout)[0] == 200
        shop.take(event("evt_6"))
    shop.stop()
    assert shop.ids() == [f"evt_{number}" for number in range(1, 7)]
    assert shop.ask("PRAGMA integrity_check") == WHOLE


def test_a_log_that_is_taken_away_is_named(shop):
    shop.take(event("evt_1"))
    beside(shop, "-wal").unlink()
    with pytest.raises(sqlite3.OperationalError):
        shop.ask("SELECT 1 FROM stripe_events")
    body = event("evt_2")
    status, _, _, log = run_cgi(shop.program, body, sign(body),
                                config=shop.config)
    assert status == 503
    assert "if its -wal or -shm was taken away, stop what has it open" in log


def test_a_journal_that_another_changes_under_it(tmp_path):
    """It goes by the one that there is, or by none."""
    shop = Running(tmp_path, BILLHOOK_JOURNAL="truncate")
    shop.take(event("evt_1"))
    (tmp_path / "other").mkdir()
    other = write_config(tmp_path / "other", BILLHOOK_JOURNAL="wal",
                         BILLHOOK_DATABASE=shop.database)
    body = event("evt_2")
    status, _, _, log = run_cgi(shop.program, body, sign(body), config=other)
    assert status == 200, log
    assert shop.database.read_bytes()[18:20] == b"\2\2"
    assert shop.take(event("evt_3")) in ("applied", "stale")
    assert "has given it another journal" in shop.log
    assert "opened again" in shop.log
    assert shop.database.read_bytes()[18:20] == b"\1\1"
    assert shop.ids() == ["evt_1", "evt_2", "evt_3"]
    shop.stop()


def test_a_second_name_of_one_that_is_open(shop, tmp_path):
    shop.take(event("evt_1"))
    os.link(shop.database, tmp_path / "snapshot.db")
    check_unavailable(shop, event("evt_2"), "has 2 names (hard links)",
                      "find / -samefile")
    (tmp_path / "snapshot.db").unlink()
    assert shop.take(event("evt_2")) in ("applied", "stale")
    assert shop.ids() == ["evt_1", "evt_2"]


def test_a_directory_that_is_closed_while_it_is_open(ground):
    """It is not said to be gone."""
    def send(event_id):
        body = event(event_id)
        answer = fastcgi.call(responder.path, request(body, sign(body)), body)
        return parse_answer(answer.stdout)[0], answer.stderr.decode()

    with Responder(ground.program, ground.place, ground.config) as responder:
        assert send("evt_1")[0] == 200
        ground.data.chmod(0)
        status, log = send("evt_2")
        assert status == 503 and "Permission denied" in log
        assert "-lock: cannot be looked at" in log and "away" not in log
        ground.data.chmod(0o700)
        assert send("evt_2")[0] == 200
