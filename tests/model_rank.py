"""The reference model, part two: which event is the state of an object.

Ranks, seconds, steps and the end of a second, as the issue has them: each
event has a rank of parts (a) to (f); the events of the highest rank are the
last second, those of the next the second before.
"""

import json
from collections import Counter
from dataclasses import dataclass, field

import model_rows as rows

SECOND_MAX = 256

NOTICES = {'customer.subscription.trial_will_end',
           'customer.subscription.pending_update_applied',
           'customer.subscription.pending_update_expired',
           'invoice.finalized'}
OUTCOMES = {'invoice.payment_failed', 'invoice.paid',
            'invoice.payment_succeeded', 'customer.subscription.paused',
            'customer.subscription.resumed'}


def low(value):
    """A key under which NULL is less than any number or text."""
    return (value is not None, value)


@dataclass
class Snapshot:
    """One event of an object, read."""
    event: dict
    word: str
    row: dict
    children: list
    after: dict                     # its compared columns
    before: dict | None             # the same, a step back; None: no step
    more: bool
    rank: tuple = field(default=())

    @property
    def id(self):
        return self.event['id']

    @property
    def type(self):
        return self.event['type']

    @property
    def created(self):
        return self.event['created']

    @property
    def livemode(self):
        return int(bool(self.event.get('livemode')))


def object_id(event):
    """The id that the event's object goes by: a summary has none of its
    own, but its customer's."""
    obj = event['data']['object']
    if rows.TYPES[event['type']] == rows.SUMMARY:
        return rows.ref(obj.get('customer'))
    return rows.text(obj.get('id'))


def read(event):
    """The snapshot that an event carries; Unreadable if it cannot be."""
    word = rows.TYPES[event['type']]
    obj = event['data']['object']
    reader = rows.READERS[word]
    row, children = reader(event['type'], obj)
    previous = event['data'].get('previous_attributes')
    before = None
    if event['type'].endswith('.updated') and previous:
        was = rows.revert(obj, rows.hash_of(previous))
        before = rows.flat(word, *reader(event['type'], was))
    found = Snapshot(event, word, row, children,
                     rows.flat(word, row, children), before,
                     rows.has_more(word, obj))
    found.rank = rank(found)
    return found


def stage(snap):
    """(c): what no life lowers."""
    status = snap.row.get('status')
    if snap.word == 'subscription':
        return int(status in rows.FINAL or snap.type.endswith('.deleted'))
    if snap.word == 'invoice':
        if snap.row['deleted']:
            return 4
        return {'draft': 0, 'uncollectible': 2, 'paid': 3,
                'void': 3}.get(status, 1)
    if snap.word == 'checkout.session':
        return int(status in ('complete', 'expired')) + int(
            snap.row['payment_status'] in ('paid', 'no_payment_required'))
    if snap.word == 'customer':
        return snap.row['deleted']
    return 0


def rank(snap):
    life = low(None)
    if snap.word in ('product', 'price'):
        life = low(rows.integer(snap.event['data']['object'].get('created')))
    return (snap.livemode, life, stage(snap),
            int(not snap.type.endswith('.created')), snap.created,
            int(snap.type.endswith('.deleted')))


def fixed_key(snap):
    """The greatest by this, but for the id, where nothing else decides."""
    weight = 0 if snap.type in NOTICES else 2 if snap.type in OUTCOMES else 1
    return (low(snap.row.get('attempt_count')),
            low(snap.row.get('amount_paid')),
            low(snap.row.get('current_period_start')), weight)


@dataclass
class End:
    """How a second ended."""
    state: Snapshot
    decided: bool
    possible: list | None           # rows it may have ended with; None when
                                    # there were too many events to look at
    starts: list = field(default_factory=list)  # on `columns`
    columns: tuple = ()             # that some step changes


def steps_of(second):
    """The steps, those with equal type, request and data as one."""
    found = {}
    for snap in second:
        if snap.before is not None:
            sign = json.dumps([snap.type, snap.event.get('request'),
                               snap.event['data']], sort_keys=True)
            found.setdefault(sign, snap)
    return list(found.values())


def changed(steps):
    names = set()
    for step in steps:
        names |= {k for k in step.before.keys() | step.after.keys()
                  if step.before.get(k) != step.after.get(k)}
    return tuple(sorted(names, key=str))


def cut(cells, columns):
    """A row on some columns, such that equal ones compare equal."""
    return tuple(cells.get(k) for k in columns)


def greatest(candidates):
    return max(candidates, key=lambda s: (fixed_key(s), s.id))


def end_of(second, before=None):
    """The end of a second; `before` is that of the second before."""
    if len(second) > SECOND_MAX:
        kept = sorted(second, key=lambda s: s.id)[-SECOND_MAX:]
        return End(greatest(kept), False, None)

    steps = steps_of(second)
    columns = changed(steps)
    decided = True
    candidates = second
    starts = []
    if columns:
        count = Counter()
        for step in steps:
            count[cut(step.before, columns)] -= 1
            count[cut(step.after, columns)] += 1
        ends = {r for r in count if count[r] > 0}
        starts = [r for r in count if count[r] < 0] or list(count)
        if not ends:
            ends = set(count)
            decided = False
            if before is not None and before.decided:
                was = cut(before.state.after, columns)
                if was in ends:
                    ends, decided = {was}, True
        elif len(ends) > 1:
            decided = False
        strays = {cut(s.after, columns) for s in second
                  if s.before is None} - count.keys()
        if strays:
            ends |= strays
            decided = False
        candidates = [s for s in second if cut(s.after, columns) in ends]

    state = greatest(candidates)
    if not decided:
        return End(state, False, [s.after for s in candidates], starts,
                   columns)
    level = [s.after for s in candidates
             if fixed_key(s) == fixed_key(state)]
    return End(state, all(r == state.after for r in level), level, starts,
               columns)


@dataclass
class Verdict:
    state: Snapshot
    tie: bool
    gap: bool


def decide(snapshots):
    """Which event is the state, and what doubt there is about it."""
    last_rank = max(s.rank for s in snapshots)
    last = [s for s in snapshots if s.rank == last_rank]
    earlier = [s for s in snapshots
               if s.rank < last_rank and s.rank[:2] == last_rank[:2]]
    before = None
    if earlier:
        next_rank = max(s.rank for s in earlier)
        before = end_of([s for s in earlier if s.rank == next_rank])
    end = end_of(last, before)
    return Verdict(end.state, not end.decided, is_gap(end, before))


def is_gap(end, before):
    if before is None or not end.columns:
        return False
    if end.possible is None or before.possible is None:
        return False
    return not any(cut(r, end.columns) in end.starts
                   for r in before.possible)
