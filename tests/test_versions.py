"""One event under one id in two shapes, as two endpoints of different API
versions on one URL send it: the body of the later version counts, whatever it
says and whichever came first, and nothing is left of the other.
"""

import copy
import json
import os
import random
from pathlib import Path

import pytest

from feed import Feed, differences

DATA = Path(__file__).parent / 'data' / 'lifecycles'
LONG = bool(os.environ.get('BILLHOOK_LONG'))
EARLIER = ('2019-03-14', None, '2020-01-01')


@pytest.fixture(scope='module')
def feed():
    made = Feed(tenant_key='tenant')
    yield made
    made.close()


def earlier_shape(rng, event):
    """The same event in an earlier version, and as unlike as can be: of
    another object, time, mode or type, or not to be read at all."""
    other = copy.deepcopy(event)
    other['api_version'] = rng.choice(EARLIER)
    thing = other['data']['object']
    if rng.random() < .5:
        thing['status'] = 'past_due'
    if rng.random() < .3:
        thing['metadata'] = [1]
    if rng.random() < .3:
        other['created'] += rng.choice([-100, 100])
    if rng.random() < .3 and 'id' in thing:
        thing['id'] += 'x'
    if rng.random() < .2:
        other['type'] = 'customer.updated'
    if rng.random() < .2:
        other['livemode'] = True
    return other


@pytest.mark.parametrize('seed', range(40 if LONG else 6))
@pytest.mark.parametrize('path', sorted(DATA.glob('*.json')),
                         ids=lambda path: path.stem)
def test_the_later_version_of_an_event_counts(feed, path, seed):
    events = json.loads(path.read_text())['events']
    wanted = feed.result(events)
    rng = random.Random(seed)
    both = events + [earlier_shape(rng, e) for e in events
                     if rng.random() < .7]
    rng.shuffle(both)
    assert differences(feed.result(both), wanted) == []
    feed.say(b'rebuild\n')
    assert feed.hear() == 'rebuild\n'
    assert differences(feed.tables(), wanted) == []
