"""Thousands of deliveries at once: eight responders behind a real web server,
each event three times in random order, and the tables of one process that was
fed in order.

    BILLHOOK_LONG=1     other seeds, several
    BILLHOOK_SEED=N     the run of a seed that failed
"""

import collections
import contextlib
import os
import random
import sqlite3

import pytest

import load
import load_events

TIMES = 3
LONG = bool(os.environ.get("BILLHOOK_LONG"))
SEED = os.environ.get("BILLHOOK_SEED")
SEEDS = ([int(SEED)] if SEED else
         [random.SystemRandom().getrandbits(32) for _ in range(5)] if LONG
         else [1])

# Where, how many events, and with what settings.
RUNS = {
    "lighttpd-eight": (load.lighttpd, 5000, {}),
    "lighttpd-eight-truncate": (load.lighttpd, 200,
                                {"BILLHOOK_JOURNAL": "truncate"}),
    "lighttpd-cgi": (load.lighttpd_cgi, 200, {}),
    "lighttpd-cgi-truncate": (load.lighttpd_cgi, 100,
                              {"BILLHOOK_JOURNAL": "truncate"}),
}


def check_answers(answers, log):
    """{id: its outcome}: 200 all of them, one of each event the first, and
    the others duplicates."""
    assert collections.Counter(a.status for a in answers) == {
        200: len(answers)}, log()[-2000:]
    told = collections.defaultdict(list)
    for answer in answers:
        told[answer.id].append(answer.outcome)
    first = {}
    for event_id, outcomes in told.items():
        assert len(outcomes) == TIMES, event_id
        assert outcomes.count("duplicate") == TIMES - 1, (event_id, outcomes)
        first[event_id] = next(o for o in outcomes if o != "duplicate")
    return first


def check_events(database, events, first, outcomes):
    """Each is recorded once, whole, with what was answered."""
    rows = load.event_rows(database)
    assert len(rows) == len(events)
    for event in events:
        row = rows[event.id]
        assert row["payload"] == event.body
        assert row["deliveries"] == TIMES, event.id
        assert row["outcome"] == first[event.id], event.id
        # What depends on no order.
        if {row["outcome"], outcomes[event.id]} & {"ignored", "failed"}:
            assert row["outcome"] == outcomes[event.id], event.id
    assert {row["outcome"] for row in rows.values()} >= {
        "applied", "ignored", "failed"}


def check_journal(database, count):
    """status_changes tells one story of each tenant, to its end, and no event
    has two parts in it."""
    tables = load.snapshot(database)
    events = load.event_rows(database)
    now = {}
    seen = set()
    for row in sorted(tables["status_changes"]):
        _, tenant, _, old, new, event_id, created, _ = row
        assert now.get(tenant) == old, row
        now[tenant] = new
        assert (tenant, event_id) not in seen, row
        seen.add((tenant, event_id))
        assert events[event_id]["outcome"] == "applied", row
        assert events[event_id]["created"] == created, row
    assert len(now) >= count / 100
    with contextlib.closing(sqlite3.connect(database)) as connection:
        status = dict(connection.execute(
            "SELECT tenant_id, status FROM tenant_pricing"))
        assert connection.execute("PRAGMA integrity_check").fetchall() == [
            ("ok",)]
    assert status == {t: s for t, s in now.items() if s is not None}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("run", RUNS)
def test_each_is_applied_once_whatever_the_order_and_the_processes(run, seed):
    where, count, settings = RUNS[run]
    events = load_events.make(seed, count)
    tables, outcomes = load.reference(seed, count)
    several = load.shuffled(random.Random(seed), events, TIMES)
    with where(**settings) as at:
        answers = load.deliver(at.door, several)
        first = check_answers(answers, at.log)
        check_events(at.database, events, first, outcomes)
        check_journal(at.database, count)
        is_ = load.computed(load.snapshot(at.database))
    assert not load.differences(is_, tables), f"seed {seed}\n" + \
        load.differences(is_, tables)
