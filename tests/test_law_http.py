"""The law over HTTP: whole histories, each event several times and in any
order, through lighttpd and eight responders at once, end in the tables of the
reference model.

    BILLHOOK_LONG=1     more histories, other seeds
    BILLHOOK_SEED=N     the run of a seed that failed
"""

import contextlib
import json
import os
import random
import sqlite3

import pytest

import feed
import histories
import load
import load_events
import model

LONG = bool(os.environ.get('BILLHOOK_LONG'))
SEED = os.environ.get('BILLHOOK_SEED')
SEEDS = ([int(SEED)] if SEED else
         [random.SystemRandom().getrandbits(32) for _ in range(5)] if LONG
         else [2])
HISTORIES = 100 if LONG else 25


def tables_of(database):
    """The billing tables in the model's form."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        found = {}
        for table in model.BILLING:
            rows = [dict(row) for row in connection.execute(
                f'SELECT * FROM {table}')]
            found[table] = {model.key_of(table, row): row for row in rows}
        return found


@pytest.mark.parametrize('seed', SEEDS)
def test_histories_through_eight_responders_obey_the_law(seed):
    rng = random.Random(seed)
    events = []
    for number in range(HISTORIES):
        history = histories.make(seed + number)
        events += history.events(rng)
    wanted = model.tables(events)
    deliveries = [load_events.Event(
        event['id'], json.dumps(event, ensure_ascii=False).encode())
                  for event in events for _ in range(rng.choice([1, 1, 2, 3]))]
    rng.shuffle(deliveries)
    with load.lighttpd() as at:
        answers = load.deliver(at.door, deliveries)
        assert {answer.status for answer in answers} == {200}, at.log()[-2000:]
        is_ = tables_of(at.database)
    assert feed.differences(is_, wanted)[:5] == [], f'seed {seed}'
