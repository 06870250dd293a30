"""Readers that overlap keep SQLite's log from starting anew; without care it
grows as long as they go on.  Here an application reads without a gap while
events come in."""

import contextlib
import json
import os
import sqlite3
import subprocess
import sys

import load
from load_events import Event

MB = 1024 * 1024
EVENTS = 700
SIZE = 200 * 1024
# The log may reach 64 MB before anything is done about it, and some more
# before that has its effect.
BOUND = 100 * MB

# Three connections, each of which begins to read before the one before it
# ends.  A line says when there is no gap any more.
READER = """
import sqlite3, sys, time
kept = [sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True,
                        isolation_level=None) for _ in range(3)]
turn = 0
while True:
    one = kept[turn % 3]
    if one.in_transaction:
        one.execute("COMMIT")
    one.execute("BEGIN")
    one.execute("SELECT count(*) FROM tenant_pricing").fetchall()
    turn += 1
    if turn == 3:
        print("reading", flush=True)
    time.sleep(0.03)
"""


def large(number):
    """An event of a type that is recorded only, and of some size."""
    return Event(f"evt_large{number:04}", json.dumps({
        "id": f"evt_large{number:04}", "object": "event",
        "type": "charge.succeeded", "created": 1700000000 + number,
        "livemode": False, "api_version": "2025-09-30.clover",
        "data": {"object": {"id": f"ch_{number}", "object": "charge",
                            "description": "x" * SIZE}}}).encode())


@contextlib.contextmanager
def reading(database):
    with subprocess.Popen([sys.executable, "-c", READER, database],
                          stdout=subprocess.PIPE) as reader:
        try:
            assert reader.stdout.readline() == b"reading\n"
            yield
            assert reader.poll() is None
        finally:
            reader.kill()


def test_readers_that_overlap_do_not_let_the_log_grow_without_end():
    sizes = []
    with load.direct(processes=2) as at:
        log = at.database + "-wal"
        load.deliver(at.door, [large(0)])
        with reading(at.database):
            answers = load.deliver(
                at.door, [large(n) for n in range(1, EVENTS)],
                lambda _: sizes.append(os.path.getsize(log)), connections=4)
        assert {a.status for a in answers} == {200}
        with contextlib.closing(sqlite3.connect(at.database)) as connection:
            assert connection.execute(
                "SELECT count(*) FROM stripe_events").fetchone() == (EVENTS,)
    assert EVENTS * SIZE > 1.3 * BOUND, "this would pass without any care"
    assert max(sizes) > 64 * MB, "the readers were not in the way"
    assert max(sizes) < BOUND
