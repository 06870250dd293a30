"""kill -9 of random responders in the middle of thousands of deliveries: what
was answered 200 is there, nothing is there by half, and a redelivery of all
ends in the tables of one process that was fed in order.

    BILLHOOK_LONG=1     other seeds, and 20 seconds of kills
    BILLHOOK_SEED=N     the run of a seed that failed
"""

import collections
import contextlib
import os
import random
import sqlite3
import time

import pytest

import load
import load_events

TIMES = 3
LONG = bool(os.environ.get("BILLHOOK_LONG"))
SEED = os.environ.get("BILLHOOK_SEED")
SEEDS = ([int(SEED)] if SEED else
         [random.SystemRandom().getrandbits(32) for _ in range(3)] if LONG
         else [1])
SECONDS = 20 if LONG else 0

# Where, how many events, how many kills at least, and with what settings.
RUNS = {
    "eight": (load.direct, 5000, 100, {}),
    "lighttpd-eight": (load.lighttpd, 1000, 40, {}),
    "eight-truncate": (load.direct, 200, 40, {"BILLHOOK_JOURNAL": "truncate"}),
    "lighttpd-cgi": (load.lighttpd_cgi, 200, 30, {}),
    "lighttpd-cgi-truncate": (load.lighttpd_cgi, 100, 20,
                              {"BILLHOOK_JOURNAL": "truncate"}),
}


def answered(answers):
    """{id: its outcomes, in order} of what was answered 200."""
    told = collections.defaultdict(list)
    for answer in answers:
        if answer.status == 200:
            told[answer.id].append(answer.outcome)
    return told


def check(database, answers):
    """The database as it is, whoever died: nothing lost, nothing by half.
    The events are recorded, and the tables are those of a new database that
    took what is recorded."""
    told = answered(answers)
    rows = load.event_rows(database)
    attempts = collections.Counter(answer.id for answer in answers)
    for event_id, outcomes in told.items():
        assert event_id in rows, f"{event_id} was answered 200 and is gone"
        assert rows[event_id]["deliveries"] >= len(outcomes), event_id
        # Its first may have died after the commit; no second one applied it.
        assert len(outcomes) - outcomes.count("duplicate") <= 1, event_id
    for event_id, row in rows.items():
        assert row["deliveries"] <= attempts[event_id] + load.CONNECTIONS
    with contextlib.closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [
            ("ok",)]
    tables = load.computed(load.snapshot(database))
    wrong = load.differences(
        tables, load.rebuilt([row["payload"] for row in rows.values()]))
    assert not wrong, wrong


class Killer:
    """Called after each answer: kills one responder now and then, and once
    all of them, to look at what they left."""

    def __init__(self, at, seed, kills, deliveries):
        self.at = at
        self.rng = random.Random(f"kill {seed}")
        self.every = deliveries / (kills + 1)
        self.due = self.rng.uniform(0, 2 * self.every)
        self.look = deliveries // 2
        self.killed = 0

    def __call__(self, answers):
        if len(answers) >= self.due and load.kill_any(self.at, self.rng):
            self.killed += 1
            self.due = len(answers) + self.rng.uniform(0, 2 * self.every)
        if len(answers) >= self.look and self.at.crew is not None:
            self.look = float("inf")
            self.killed += len(self.at.crew.processes)
            self.at.crew.kill(list(self.at.crew.processes))
            with load.copied(self.at.database) as database:
                check(database, answers)
            self.at.crew.fill()


def endless(rng, events, kills, killer):
    """Deliveries until so many seconds have passed and so many kills."""
    end = time.monotonic() + SECONDS
    for event in load.shuffled(rng, events, TIMES):
        yield event
    while time.monotonic() < end or killer.killed < kills:
        yield rng.choice(events)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("run", RUNS)
def test_kill_9_loses_nothing_and_leaves_nothing_by_half(run, seed):
    where, count, kills, settings = RUNS[run]
    events = load_events.make(seed, count)
    tables, _ = load.reference(seed, count)
    rng = random.Random(seed)
    with where(**settings) as at:
        killer = Killer(at, seed, kills, TIMES * count)
        answers = load.deliver(at.door, endless(rng, events, kills, killer),
                               killer)
        statuses = collections.Counter(a.status for a in answers)
        # Kills that hit nobody at work would prove nothing.
        assert len(answers) - statuses[200] >= killer.killed / 10, statuses
        assert set(statuses) <= {200, None, 500, 503}, statuses
        check(at.database, answers)

        again = load.deliver(at.door, load.shuffled(rng, events, 1))
        assert {a.status for a in again} == {200}, at.log()[-2000:]
        there = answered(answers)
        for answer in again:
            assert answer.outcome == "duplicate" or answer.id not in there
        rows = load.event_rows(at.database)
        is_ = load.computed(load.snapshot(at.database))
    assert {event.id: event.body for event in events} == {
        event_id: row["payload"] for event_id, row in rows.items()}
    wrong = load.differences(is_, tables)
    assert not wrong, f"seed {seed}\n{wrong}"
