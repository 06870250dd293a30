"""Thousands of distinct events of many small shops, for the tests under load.

    for each in make(seed, 5000):
        each.id, each.body

The shops are those of `histories`, each with tenants of its own, and run at
the same time: the list is in the order in which Stripe would have sent it.
Among them are some that are recorded and change nothing: of a type that is
not acted on, and with a time that cannot be read.
"""

import json
import random
from dataclasses import dataclass

import histories
from billhook_test import sign

# One of each among so many.
ODD = 40


@dataclass
class Event:
    id: str
    body: bytes

    def header(self):
        """Its Stripe-Signature, as of now, by Stripe's own SDK."""
        return sign(self.body)


def shop(seed, number):
    """The events of one shop, as dicts."""
    rng = random.Random(f'load {seed} {number}')
    history = histories.make(rng.getrandbits(64))
    text = json.dumps(history.events(rng))
    for tenant in ('acme', 'bolt', 'cord'):
        text = text.replace(f'"{tenant}"', f'"{tenant}-{seed}-{number}"')
    return json.loads(text)


def odd(rng, event, kind):
    """Another event beside one, that changes no state."""
    other = json.loads(json.dumps(event))
    other['id'] = histories.new_id(rng, 'event')
    if kind == 'ignored':
        other['type'] = 'charge.succeeded'
        other['data']['object'].update(object='charge',
                                       id='ch_' + other['id'][4:])
    else:
        other['created'] = str(event['created'])
    return other


def make(seed, count):
    """That many events, distinct, in order."""
    rng = random.Random(f'odd {seed}')
    found = []
    number = 0
    while len(found) < count:
        found += shop(seed, number)
        number += 1
    found.sort(key=lambda event: event['created'])
    found = found[:count]
    for i in range(count // ODD // 2, count, ODD):
        found[i] = odd(rng, found[i], ('ignored', 'failed')[i // ODD % 2])
    made = [Event(event['id'], json.dumps(event, indent=2).encode())
            for event in found]
    assert len({event.id for event in made}) == count
    return made
