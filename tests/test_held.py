"""What a responder holds out: load that goes on, bursts, storms of repeats.

    BILLHOOK_LONG=1     half an hour of load, 100,000 repeats
    BILLHOOK_HELD=N     so many seconds of load
"""

import collections
import contextlib
import fcntl
import functools
import os
import random
import sqlite3
import statistics
import time

import pytest

import load
import load_events
from billhook_test import PATIENCE, wait_for

LONG = bool(os.environ.get("BILLHOOK_LONG"))
SECONDS = int(os.environ.get("BILLHOOK_HELD", 1800 if LONG else 10))
SLICE = 1000
FIRST, REPEATS = (200, 100000) if LONG else (20, 5000)
KB = 1024


def private_memory(pid):
    """Bytes that are this process's own."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as lines:
        return sum(int(line.split()[1]) * KB for line in lines
                   if line.startswith("Private_"))


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def pages(database):
    """Of the database, those included that are still in the log."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return connection.execute("PRAGMA page_count").fetchone()[0]


def statuses(answers):
    return set(collections.Counter(a.status for a in answers))


def test_load_that_goes_on_lets_nothing_grow():
    """Memory, descriptors, log and latency after the first slices and at the
    end."""
    rng = random.Random(1)
    memory, open_, latency = [], [], []
    with load.direct(processes=4) as at:
        pids = [process.pid for process in at.crew.processes]
        end = time.monotonic() + SECONDS
        number = 0
        while number < 6 or time.monotonic() < end:
            events = load_events.make(1000 + number, SLICE)
            answers = load.deliver(at.door, load.shuffled(rng, events, 2))
            assert statuses(answers) == {200}, at.log()[-2000:]
            # Of the new ones alone: they are the same work in each slice.
            latency.append(statistics.median(
                a.seconds for a in answers if a.outcome != "duplicate"))
            memory.append([private_memory(pid) for pid in pids])
            open_.append(max(map(descriptors, pids)))
            number += 1
        # A log is begun anew after 1,000 pages and what came meanwhile.
        assert os.path.getsize(at.database + "-wal") < 32 * KB * KB
    most = [max(each) for each in memory]
    third = len(latency) // 3
    early, late = map(statistics.median,
                      (latency[1:1 + third], latency[-third:]))
    print(f"{number} slices; private memory {most[1] // KB} to "
          f"{most[-1] // KB} KB; median of the first third "
          f"{early * 1000:.1f}, of the last {late * 1000:.1f} ms; "
          f"descriptors {min(open_)} to {max(open_)}")
    # SQLite's page cache fills up to its 2 MB, and then there is no more.
    assert max(most) < 4 * KB * KB
    # What leaks grows in each of them; one alone had more to do at once.
    half = len(memory) // 2
    assert min(max(after) - max(before) for before, after in zip(
        zip(*memory[1:half]), zip(*memory[half:]))) <= 512 * KB
    # One may still wait for its last connection to close.
    assert max(open_) <= min(open_) + 1
    # As a ratio in one run; only over half an hour does it mean anything.
    if LONG:
        assert late < 2 * early


@pytest.mark.parametrize("where, connections", [
    (functools.partial(load.direct, processes=2), 100), (load.lighttpd, 120)])
def test_a_burst_is_answered_and_not_left_hanging(where, connections):
    """Many more connections at once than there are responders, as long as the
    socket's queue (here of 128) holds them; beyond it the web server answers
    by itself."""
    events = load_events.make(7, 600)
    with where() as at:
        answers = load.deliver(at.door, events, connections=connections)
        assert len(answers) == 600
        assert statuses(answers) <= {200, 503}
        told = {a.id for a in answers if a.status == 200}
        assert told == set(load.event_rows(at.database)) & told
        # What was refused comes again, as Stripe would send it.
        again = [event for event in events if event.id not in told]
        assert statuses(load.deliver(at.door, again)) <= {200}
        assert len(load.event_rows(at.database)) == 600


@contextlib.contextmanager
def queue_held(database):
    """Its queue, as by a responder that comes to no end."""
    with open(database + "-lock", "r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def database_held(database):
    """As by another program, which does not queue."""
    with contextlib.closing(sqlite3.connect(database,
                                            isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@pytest.mark.parametrize("held", [queue_held, database_held])
def test_who_is_refused_in_a_burst_is_told_to_come_again(held):
    """Nobody waits longer than BILLHOOK_PATIENCE for what is held."""
    events = load_events.make(13, 300)
    with load.direct(processes=2, BILLHOOK_PATIENCE="1") as at:
        wait_for(lambda: statuses(load.deliver(at.door, events[:1])) == {200},
                 "a database, which both want to make")
        stack = contextlib.ExitStack()
        stack.enter_context(held(at.database))
        answers = load.deliver(
            at.door, events, lambda told: len(told) < 100 or stack.close(),
            connections=100)
        assert [a.status for a in answers[:100]] == [503] * 100
        assert max(a.seconds for a in answers) < PATIENCE
        for _ in range(20):
            assert statuses(answers) <= {200, 503}
            assert all(int(a.headers["retry-after"]) > 0 for a in answers
                       if a.status == 503)
            told = {a.id for a in answers if a.status == 200}
            assert told <= set(load.event_rows(at.database))
            left = [event for event in events if event.id not in told]
            answers += load.deliver(at.door, left, connections=1)
        assert not left and len(load.event_rows(at.database)) == 300


def test_a_storm_of_repeats_leaves_the_file_as_large_as_it_was():
    events = load_events.make(11, 50)
    rng = random.Random(2)
    with load.direct(processes=4) as at:
        answers = load.deliver(at.door, load.shuffled(rng, events, FIRST))
        assert statuses(answers) == {200}
        before = pages(at.database)
        answers = load.deliver(
            at.door, load.shuffled(rng, events, REPEATS // len(events)))
        assert collections.Counter((a.status, a.outcome) for a in answers) == {
            (200, "duplicate"): REPEATS}
        assert pages(at.database) == before
        counted = load.event_rows(at.database)
        assert {row["deliveries"] for row in counted.values()} == {
            FIRST + REPEATS // len(events)}
