"""The law, through the real store: for any set of events, every order and
repetition gives the tables of the reference model.

    BILLHOOK_SHUFFLES   random shuffles with repeats, in all (300; the long
                        form: 10000)
    BILLHOOK_PERMUTED   the most events of which every order is tried (5; the
                        long form: 7)
"""

import itertools
import json
import os
import random
from pathlib import Path

import pytest

import histories
import law_cases
import law_cases_rows
import model
from feed import Feed, compare, differences
from test_model import unmet

SHUFFLES = int(os.environ.get('BILLHOOK_SHUFFLES', '300'))
PERMUTED = int(os.environ.get('BILLHOOK_PERMUTED', '5'))

DATA = Path(__file__).parent / 'data' / 'lifecycles'
CASES = law_cases.CASES + law_cases_rows.CASES


@pytest.fixture(scope='module')
def feed():
    made = Feed()
    yield made
    made.close()


@pytest.fixture(scope='module')
def feed_of_lifecycles():
    made = Feed(tenant_key='tenant')
    yield made
    made.close()


def repeated(rng, events):
    """In any order, some of them several times."""
    more = [e for e in events for _ in range(rng.choice([1, 1, 1, 2, 3]))]
    rng.shuffle(more)
    return more


@pytest.mark.parametrize('name, events, expected', CASES,
                         ids=[case[0] for case in CASES])
def test_a_case_comes_out_as_the_contract_says(feed, name, events, expected):
    assert unmet(feed.result(events), expected) == []
    wanted = model.tables(events)
    orders = [list(o) for o in itertools.permutations(events)
              ] if len(events) <= 4 else [events, events[::-1]]
    for order in orders:
        compare(feed, order, name, wanted)


@pytest.mark.parametrize('path', sorted(DATA.glob('*.json')),
                         ids=lambda p: p.stem)
def test_a_lifecycle_in_any_order(feed_of_lifecycles, path):
    events = json.loads(path.read_text())['events']
    wanted = model.tables(events, tenant_key='tenant')
    rng = random.Random(path.stem)
    orders = [events, events[::-1]] + [
        repeated(rng, events) for _ in range(1 + SHUFFLES // 100)]
    for order in orders:
        compare(feed_of_lifecycles, order, path.stem, wanted,
                tenant_key='tenant')


def history(seed):
    """(a generator, the events) of some part of a history: a first part,
    without a type or not, in one API version or both, ids anew."""
    rng = random.Random(f'law {seed}')
    made = histories.make(seed)
    if rng.random() < 0.7:
        made = made.first(rng.randint(1, len(made.changes)))
    if rng.random() < 0.3:
        made = made.without('invoice.updated')
    elif rng.random() < 0.4:
        made = made.without(rng.choice(made.changes).type)
    if rng.random() < 0.2:
        made.changes = [c for c in made.changes if rng.random() < 0.9]
    return rng, made.events(rng, rng.choice(
        [None, None, *histories.bodies.VERSIONS]))


def test_a_history_in_true_order_reversed_and_shuffled(feed):
    for seed in range(max(1, SHUFFLES // 5)):
        rng, events = history(seed)
        wanted = model.tables(events)
        for order in (events, events[::-1], repeated(rng, events),
                      repeated(rng, events), repeated(rng, events)):
            compare(feed, order, seed, wanted)


def test_a_shuffle_is_right_after_each_of_its_events(feed):
    for seed in range(10000, 10000 + max(1, SHUFFLES // 20)):
        rng, events = history(seed)
        order = repeated(rng, events)
        feed.reset()
        for count, event in enumerate(order, 1):
            feed.take(event)
            if rng.random() < 0.3:
                wanted = model.tables(order[:count])
                if feed.tables() != wanted:
                    # Compares again, more slowly, to tell what is wrong.
                    compare(feed, order[:count], seed, wanted)
                    feed.reset()
                    for again in order[:count]:
                        feed.take(again)


def windows(seed, width):
    """Parts of a history worth trying in every order: some events that lie
    side by side, or some of one object that share their second."""
    rng, events = history(seed)
    start = rng.randrange(max(1, len(events) - width))
    yield events[start:start + width]
    groups = {}
    for event in events:
        obj = event['data']['object']
        groups.setdefault((obj.get('id'), event['created']),
                          []).append(event)
    largest = max(groups.values(), key=len, default=[])
    rest = [e for e in events if e not in largest]
    tied = largest[-width:]
    yield tied + rng.sample(rest, min(len(rest), width - len(tied)))


def test_every_order_of_a_few_events(feed):
    for seed in range(20000, 20000 + max(1, SHUFFLES // 60)):
        for events in windows(seed, PERMUTED):
            wanted = model.tables(events)
            for order in itertools.permutations(events):
                compare(feed, list(order), seed, wanted)


def test_a_second_of_more_events_than_are_looked_at(feed):
    steps = [law_cases.step(f's{i:03}', i, i + 1) for i in range(257)]
    random.Random(257).shuffle(steps)
    real = feed.result(steps)
    assert differences(real, model.tables(steps)) == []
    assert [row['reason'] for row in real['needs_fetch'].values()] == ['tie']


def named_alike(event_id, type, created, name):
    return {'id': event_id, 'object': 'event', 'type': type,
            'created': created, 'livemode': False,
            'data': {'object': {'id': 'x', 'name': name}}}


def test_objects_of_different_kinds_share_an_id_and_a_doubt(feed):
    events = [named_alike('e1', 'product.updated', 10, 'a'),
              named_alike('e2', 'product.updated', 10, 'b'),
              named_alike('e3', 'customer.updated', 10, 'a'),
              named_alike('e4', 'customer.updated', 10, 'b'),
              named_alike('e5', 'customer.updated', 11, 'b')]
    for order in itertools.permutations(events):
        rows = feed.result(order)['needs_fetch'].values()
        assert [(r['object'], r['event_id']) for r in rows] == [
            ('product', 'e2')], order
