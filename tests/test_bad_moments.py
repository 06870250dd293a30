"""The database under a running responder: held by others, exchanged, gone.
Nothing acknowledged is lost, and it works again by itself."""

import fcntl
import os
import pathlib
import shutil
import sqlite3
import threading
import time

import pytest

import fastcgi
from billhook_test import (Responder, event, parse_answer, program, request,
                           run_cgi, sign, wait_for, write_config)
from confining import landlock
from event_test import Running, Shop, check_unavailable, large

SOON = 4.0      # seconds beyond its patience that an answer may take


@pytest.fixture
def start(tmp_path):
    running = []

    def start(**settings):
        running.append(Running(tmp_path, **settings))
        return running[-1]
    yield start
    for shop in running:
        shop.stop()


# Held by others past its patience.

def hold_write(database):
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    return connection


def hold_queue(database):
    lock = open(f"{database}-lock", "r+b")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


@pytest.mark.parametrize("hold", [hold_write, hold_queue])
@pytest.mark.parametrize("journal", ["wal", "truncate"])
@pytest.mark.parametrize("patience", [1, 400, 1500])
def test_a_database_that_others_hold_past_patience(start, hold, journal,
                                                   patience):
    shop = start(BILLHOOK_PATIENCE=patience, BILLHOOK_JOURNAL=journal)
    assert shop.take(event("evt_1")) == "applied"
    holder = hold(shop.database)
    try:
        for _ in range(2):
            took = check_unavailable(shop, event("evt_2"), "busy",
                                     "BILLHOOK_PATIENCE", "fuser -v")
            assert patience / 1000 <= took < patience / 1000 + SOON
    finally:
        holder.close()
    assert shop.take(event("evt_2")) in ("applied", "stale")
    assert shop.take(event("evt_1")) == "duplicate"
    assert shop.ids() == ["evt_1", "evt_2"]


@pytest.mark.parametrize("hold", [hold_write, hold_queue])
@pytest.mark.parametrize("journal", ["wal", "truncate"])
def test_a_process_that_opens_it_meanwhile(tmp_path, hold, journal):
    """Plain CGI opens the database for each event."""
    shop = Shop(tmp_path, BILLHOOK_PATIENCE=300, BILLHOOK_JOURNAL=journal)
    assert shop.take(event("evt_1")) == "applied"
    holder = hold(shop.database)
    try:
        begin = time.monotonic()
        status, answer = shop.deliver(event("evt_2"))
        assert (status, answer) == (503, {"error": "unavailable"})
        assert 0.3 <= time.monotonic() - begin < 0.3 * 3 + SOON
        assert "503 busy" in shop.log
    finally:
        holder.close()
    assert shop.take(event("evt_2")) in ("applied", "stale")


@pytest.mark.parametrize("hold", [hold_write, hold_queue])
def test_one_that_lets_go_in_time_costs_nothing(start, hold):
    shop = start(BILLHOOK_PATIENCE=15000)
    assert shop.take(event("evt_1")) == "applied"
    holder = hold(shop.database)
    body = event("evt_2")
    with fastcgi.FastCGIClient(shop.responder.path) as client:
        client.send(fastcgi.begin() +
                    fastcgi.stream(fastcgi.PARAMS, fastcgi.params(
                        request(body, sign(body)))) +
                    fastcgi.stream(fastcgi.STDIN, body))
        wait_until_asleep(shop.responder.processes[0].pid)
        holder.close()
        answer = client.read_answer()
    assert parse_answer(answer.stdout)[0] == 200


def wait_until_asleep(pid):
    """Waits until a process waits in flock, or for the next try."""
    def calls():
        try:
            number = int(pathlib.Path(f"/proc/{pid}/syscall").read_text()
                         .split()[0])
        except (ValueError, PermissionError):
            return True         # this system does not say
        return number in (73, 230, 35)  # flock, clock_nanosleep, nanosleep
    if os.uname().machine == "x86_64":
        wait_for(calls, "the responder to wait for the database")


def test_a_reader_is_in_nobodys_way(start):
    shop = start(BILLHOOK_PATIENCE=100)
    assert shop.take(event("evt_1")) == "applied"
    reader = sqlite3.connect(shop.database, isolation_level=None)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM stripe_events"
                          ).fetchone() == (1,)
    for number in range(20):
        assert shop.take(event(f"evt_r{number}")) in ("applied", "stale")
    assert reader.execute("SELECT count(*) FROM stripe_events"
                          ).fetchone() == (1,)
    reader.close()


# Exchanged or gone.

def test_a_file_that_is_exchanged_is_opened_again(start, tmp_path):
    shop = start()
    shop.take(event("evt_1"))
    backup = tmp_path / "backup.db"
    source = sqlite3.connect(shop.database)
    target = sqlite3.connect(backup)
    source.backup(target)
    source.close()
    target.close()
    shop.take(event("evt_2"))
    for tail in ("-wal", "-shm"):
        pathlib.Path(f"{shop.database}{tail}").unlink(missing_ok=True)
    backup.rename(shop.database)
    assert shop.take(event("evt_3")) in ("applied", "stale")
    assert "exchanged" in shop.log and "opened again" in shop.log
    assert shop.ids() == ["evt_1", "evt_3"]
    assert shop.take(event("evt_2")) in ("applied", "stale")
    assert shop.take(event("evt_3")) == "duplicate"


@pytest.mark.parametrize("processes", [1, 3])
@pytest.mark.parametrize("events", [0, 1, 40, 400])
def test_a_backup_that_is_moved_over_it_is_not_mixed_with_its_log(
        start, tmp_path, processes, events):
    """The log of the file that was there before is beside the new one, and
    SQLite would take it for the new one's."""
    shop = start()
    shop.responder.processes += [shop.responder.start()
                                 for _ in range(processes - 1)]
    first = {f"evt_a{number}" for number in range(20)}
    for event_id in first:
        shop.take(event(event_id))
    backup = tmp_path / "backup.db"
    source, target = sqlite3.connect(shop.database), sqlite3.connect(backup)
    source.backup(target)
    source.close()
    target.close()
    for number in range(events):
        shop.take(large(f"evt_b{number}", number))
    backup.rename(shop.database)
    last = {f"evt_c{number}" for number in range(30)}
    for event_id in last:
        shop.take(event(event_id))
    assert set(shop.ids()) == first | last
    assert shop.ask("PRAGMA integrity_check") == [{"integrity_check": "ok"}]


def test_a_file_that_is_moved_away_takes_all_with_it(start, tmp_path):
    shop = start()
    ids = [f"evt_{number:02}" for number in range(30)]
    for event_id in ids:
        shop.take(event(event_id))
    away = tmp_path / "away.db"
    shop.database.rename(away)
    shop.take(event("evt_later"))
    assert shop.ids() == ["evt_later"]
    shop.database = away
    assert shop.ids() == ids
    assert shop.ask("PRAGMA integrity_check") == [{"integrity_check": "ok"}]


@pytest.mark.parametrize("tails", [("",), ("", "-wal", "-shm"),
                                   ("", "-wal", "-shm", "-lock")])
def test_a_file_that_is_deleted_is_made_again(start, tails):
    shop = start()
    shop.take(event("evt_1"))
    for tail in tails:
        pathlib.Path(f"{shop.database}{tail}").unlink()
    assert shop.take(event("evt_2")) == "applied"
    assert "opened again" in shop.log
    assert "warning: a new and empty database was made" in shop.log
    assert shop.take(event("evt_3")) in ("applied", "stale")
    assert shop.ids() == ["evt_2", "evt_3"]
    assert shop.ask("PRAGMA integrity_check") == [{"integrity_check": "ok"}]


def test_a_directory_that_is_deleted_is_made_again(start, tmp_path):
    shop = start(BILLHOOK_DATABASE=tmp_path / "data" / "billhook.db")
    shop.database = tmp_path / "data" / "billhook.db"
    shop.take(event("evt_1"))
    shutil.rmtree(tmp_path / "data")
    if landlock():
        # It is confined to the one that is gone, and ends.
        check_unavailable(shop, event("evt_2"), "ends, to be started anew")
        assert shop.responder.processes[0].wait(20) == 1
        shop.responder.processes[0] = shop.responder.start()
    assert shop.take(event("evt_2")) == "applied"
    assert shop.ids() == ["evt_2"]


def test_two_processes_after_a_deletion_share_the_new_file(start, tmp_path):
    shop, other = start(), None
    shop.take(event("evt_1"))
    (tmp_path / "other").mkdir()
    other = Responder(program(), tmp_path / "other", shop.config)
    try:
        def take(event_id):
            body = event(event_id)
            answer = fastcgi.call(other.path, request(body, sign(body)), body)
            return parse_answer(answer.stdout)[0]

        assert take("evt_2") == 200
        for tail in ("", "-wal", "-shm", "-lock"):
            pathlib.Path(f"{shop.database}{tail}").unlink()
        for number in range(3, 9):
            if number % 2:
                shop.take(event(f"evt_{number}"))
            else:
                assert take(f"evt_{number}") == 200
        assert shop.ids() == [f"evt_{number}" for number in range(3, 9)]
    finally:
        assert other.stop() == [0]


def test_a_file_that_becomes_another_is_refused_until_it_is_back(start,
                                                                 tmp_path):
    shop = start()
    shop.take(event("evt_1"))
    ours = tmp_path / "ours.db"
    shop.database.rename(ours)      # and what its log holds goes with it
    shop.database.write_text("Dear diary,\n" * 100)
    check_unavailable(shop, event("evt_2"), "is not a database")
    check_unavailable(shop, event("evt_2"), "is not a database")
    assert shop.database.read_text() == "Dear diary,\n" * 100
    ours.rename(shop.database)
    assert shop.take(event("evt_2")) in ("applied", "stale")
    assert shop.ids() == ["evt_1", "evt_2"]


def test_a_file_moved_away_beside_a_reader_loses_nothing(start, tmp_path):
    """What could not be copied into it is kept, and the log says where."""
    shop = start(BILLHOOK_PATIENCE=200)
    shop.take(event("evt_1"))
    reader = sqlite3.connect(f"file:{shop.database}?mode=ro", uri=True,
                             isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM stripe_events").fetchall()
    for number in range(2, 6):
        shop.take(event(f"evt_{number}"))
    away = tmp_path / "away.db"
    shop.database.rename(away)
    shop.take(event("evt_later"))
    reader.close()
    kept = list(tmp_path.glob("*-wal-moved-*"))
    assert len(kept) == 1 and str(kept[0]) in shop.logs
    kept[0].rename(f"{away}-wal")
    assert shop.ids() == ["evt_later"]
    shop.database = away
    assert shop.ids() == [f"evt_{number}" for number in range(1, 6)]
    assert shop.ask("PRAGMA integrity_check") == [{"integrity_check": "ok"}]


@pytest.mark.parametrize("exchanged", [False, True])
def test_nor_where_no_responder_runs_to_see_it(tmp_path, exchanged):
    """Plain CGI: who opens what stands there now has never seen the other,
    whose log SQLite would delete, or take for this one's."""
    shop = Shop(tmp_path, BILLHOOK_PATIENCE=200)
    shop.take(large("evt_1", 1))
    other, away = tmp_path / "other.db", tmp_path / "away.db"
    shutil.copy(shop.database, other)
    reader = sqlite3.connect(f"file:{shop.database}?mode=ro", uri=True,
                             isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM stripe_events").fetchall()
    for number in range(2, 6):
        shop.take(large(f"evt_{number}", number))
    shop.database.rename(away)
    if exchanged:
        other.rename(shop.database)
    shop.take(large("evt_later", 6))
    reader.close()
    kept = list(tmp_path.glob("*-wal-moved-*"))
    assert len(kept) == 1 and str(kept[0]) in shop.logs
    shop.take(large("evt_last", 7))
    assert list(tmp_path.glob("*-wal-moved-*")) == kept
    kept[0].rename(f"{away}-wal")
    assert shop.ids() == ["evt_1"] * exchanged + ["evt_last", "evt_later"]
    assert shop.ask("PRAGMA integrity_check") == [{"integrity_check": "ok"}]
    shop.database = away
    assert shop.ids() == [f"evt_{number}" for number in range(1, 6)]
    assert shop.ask("PRAGMA integrity_check") == [{"integrity_check": "ok"}]


def test_a_log_that_is_copied_with_its_database_stays_with_it(tmp_path):
    """All of a responder that was killed, brought to another place."""
    shop = Shop(tmp_path)
    shop.take(event("evt_1"))
    reader = sqlite3.connect(f"file:{shop.database}?mode=ro", uri=True)
    reader.execute("SELECT count(*) FROM stripe_events").fetchall()
    shop.take(event("evt_2"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for tail in ("", "-wal", "-lock"):
        shutil.copy(f"{shop.database}{tail}", elsewhere)
    reader.close()
    copied = Shop(elsewhere)
    copied.take(event("evt_3"))
    assert copied.ids() == ["evt_1", "evt_2", "evt_3"]
    assert "moved" not in copied.logs


def test_patience_is_one_for_the_queue_and_the_database(start):
    shop = start(BILLHOOK_PATIENCE=1500)
    shop.take(event("evt_1"))
    writer, queue = hold_write(shop.database), hold_queue(shop.database)
    leaves = threading.Timer(1.3, queue.close)
    leaves.start()
    try:
        begin = time.monotonic()
        status, _ = shop.deliver(event("evt_2"))
        took = time.monotonic() - begin
    finally:
        leaves.join()
        writer.close()
    assert status == 503 and "BEGIN IMMEDIATE" in shop.log
    assert 1.5 <= took < 2.6


def test_a_queue_that_is_deleted_is_queued_for_anew(start, tmp_path):
    shop = start(BILLHOOK_PATIENCE=200)
    shop.take(event("evt_1"))
    pathlib.Path(f"{shop.database}-lock").unlink()
    assert shop.take(event("evt_2")) in ("applied", "stale")
    assert "opened again" in shop.log
    held = hold_queue(shop.database)
    try:
        check_unavailable(shop, event("evt_3"), "busy")
    finally:
        held.close()
    assert shop.ids() == ["evt_1", "evt_2"]


def test_a_limit_on_the_size_of_files_is_answered(tmp_path):
    """SIGXFSZ would end the process without a word."""
    limited = tmp_path / "limited.fcgi"
    limited.write_text(f'#!/bin/sh\nulimit -f 60\nexec "{program()}"\n')
    limited.chmod(0o755)
    config = write_config(tmp_path)
    body = event("evt_1")
    status, headers, answer, log = run_cgi(str(limited), body, sign(body),
                                           config=config)
    assert (status, answer) == (503, b'{"error":"unavailable"}'), log
    assert "Retry-After" in headers and "503" in log
    assert "ulimit -f unlimited" in log
