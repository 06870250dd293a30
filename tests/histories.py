"""A model of Stripe's state machines that emits events as Stripe does:
whole histories of a small shop, with the ties of one second.

    history = make(seed)
    history.events(random.Random(1))        # as Stripe would send them
    history.truth()                         # what then is true

A history is a list of changes that know no API version and no event id; both
are given when it is rendered, at random or not.  Any first part of a history
is a history too.
"""

import random
from dataclasses import dataclass

import stripe_bodies as bodies

START = 1750000000
MONTH = 2592000

LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

PREFIX = {'customer': 'cus_', 'subscription': 'sub_', 'invoice': 'in_',
          'checkout.session': 'cs_test_', 'product': 'prod_',
          'price': 'price_', 'item': 'si_', 'event': 'evt_'}

SUMMARY = 'entitlements.active_entitlement_summary'


def new_id(rng, word):
    return PREFIX[word] + ''.join(rng.choices(LETTERS, k=14))


@dataclass
class Change:
    word: str
    id: str
    type: str
    at: int
    before: dict | None
    after: dict
    request: dict


class History:
    def __init__(self, seed, changes):
        self.seed = seed
        self.changes = changes

    def first(self, count):
        """The first changes: what had happened some time before."""
        return History(self.seed, self.changes[:count])

    def without(self, *types):
        """As a shop sees it that does not tick these types."""
        return History(self.seed, [c for c in self.changes
                                   if c.type not in types])

    def events(self, rng, version=None):
        """The events in true order, with new ids; each in the given version,
        or (None) in any of the two."""
        found = []
        for i, change in enumerate(self.changes):
            twin = i > 0 and change is self.changes[i - 1]
            if not twin:
                chosen = version or rng.choice(bodies.VERSIONS)
            found.append(bodies.event(change, chosen, new_id(rng, 'event')))
        return found

    def truth(self):
        """{(word, id): (the object's last change)}."""
        return {(c.word, c.id): c for c in self.changes}


class World:
    """The shop at Stripe: objects, clock, and the events so far."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.now = START
        self.objects = {}
        self.changes = []
        self.gone = set()
        self.api()

    def chance(self, part):
        return self.rng.random() < part

    def tick(self, *choices):
        self.now += self.rng.choice(choices)

    def api(self):
        """What follows is the doing of one API request."""
        tail = ''.join(self.rng.choices(LETTERS, k=14))
        self.request = {'id': 'req_' + tail, 'idempotency_key': tail}

    def clockwork(self):
        """What follows is Stripe's own doing."""
        self.request = {'id': None, 'idempotency_key': None}

    def of(self, word, alive=True, **having):
        return [o for (w, i), o in self.objects.items()
                if w == word and (not alive or (w, i) not in self.gone)
                and all(o[k] == v for k, v in having.items())]

    def emit(self, event_type, word, state):
        before = self.objects.get((word, state['id']))
        change = Change(word, state['id'], event_type, self.now, before,
                        state, dict(self.request))
        self.objects[word, state['id']] = state
        self.changes.append(change)
        if self.chance(0.02):
            self.changes.append(change)     # one change, two event ids

    def born(self, word, what, state):
        self.emit(f'{what}.created', word, state)

    def update(self, word, what, state, **new):
        """`*.updated`, if that changes anything; gives the new state."""
        new = {**state, **new}
        if new != state:
            self.emit(f'{what}.updated', word, new)
        return new

    def notice(self, event_type, word, state):
        """An event that shows an object and changes nothing."""
        self.emit(event_type, word, state)

    def vanish(self, word, what, state, **new):
        self.emit(f'{what}.deleted', word, {**state, **new})
        self.gone.add((word, state['id']))


def make(seed, size=None):
    """A history of about `size` actions."""
    import histories_subs
    world = World(seed)
    rng = world.rng
    size = size or rng.randint(2, 14)
    histories_subs.open_shop(world)
    for _ in range(size):
        world.tick(0, 0, 0, 1, 1, 2, 60, 3600, 86400)
        world.api()
        rng.choice(histories_subs.DEEDS)(world)
    return History(seed, world.changes)
