"""Feeds events to the real store and reads the billing tables back, by the
program tests/feed of the build, and compares them with the model's.
"""

import json
import os
import pathlib
import subprocess
import tempfile

import pytest

import model

OUTCOMES = {'applied', 'stale', 'ignored', 'failed', 'duplicate'}

JSON_COLUMNS = ('metadata', 'pending_update')


def program():
    build = os.environ.get('BILLHOOK_BUILD')
    if not build:
        pytest.skip('set BILLHOOK_BUILD to the directory of the build')
    path = pathlib.Path(build) / 'tests' / 'feed'
    if not os.access(path, os.X_OK):
        pytest.fail(f'{path} is not there: run `make tests/feed` first')
    return str(path)


class Feed:
    """One store, in a directory of its own that no disk slows down."""

    def __init__(self, tenant_key='tenant_id'):
        shm = pathlib.Path('/dev/shm')
        self.room = tempfile.TemporaryDirectory(
            prefix='billhook-law-',
            dir=shm if os.access(shm, os.W_OK) else None)
        self.errors = tempfile.TemporaryFile()
        path = pathlib.Path(self.room.name) / 'db' / 'billhook.db'
        path.parent.mkdir(mode=0o700)
        self.process = subprocess.Popen(
            [program(), str(path), tenant_key], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self.errors)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.errors.close()
        self.room.cleanup()

    def say(self, data):
        try:
            self.process.stdin.write(data)
            self.process.stdin.flush()
        except BrokenPipeError:
            self.dead()

    def hear(self):
        line = self.process.stdout.readline()
        if not line.endswith(b'\n'):
            self.dead()
        return line.decode()

    def dead(self):
        self.process.wait()
        self.errors.seek(0)
        raise AssertionError(
            f'feed ended with {self.process.returncode}: '
            + self.errors.read().decode(errors='replace'))

    def reset(self):
        self.say(b'reset\n')
        assert self.hear() == 'reset\n'

    def take(self, event):
        """One event's outcome."""
        body = event if isinstance(event, bytes) else json.dumps(
            event, ensure_ascii=False).encode()
        self.say(b'%d\n%s' % (len(body), body))
        outcome = self.hear().strip()
        assert outcome in OUTCOMES, outcome
        return outcome

    def tables(self):
        """The billing tables as they are, in the model's form."""
        self.say(b'0\n')
        line = self.hear()
        assert line.startswith('{'), line
        held = json.loads(line)
        return {table: {model.key_of(table, row): row
                        for row in held[table]} for table in model.BILLING}

    def result(self, events):
        """The tables of a new database that got these events."""
        self.reset()
        for event in events:
            self.take(event)
        return self.tables()


def same(column, one, other):
    """JSON is compared by its content, and by its keys being sorted."""
    if column in JSON_COLUMNS and one is not None and other is not None:
        return (json.loads(one) == json.loads(other)
                and list(json.loads(one)) == sorted(json.loads(one)))
    return one == other


def differences(real, wanted):
    """[(table, key, column, what is, what should be)]."""
    found = []
    for table in model.BILLING:
        for key in sorted(real[table].keys() | wanted[table].keys()):
            row, due = real[table].get(key), wanted[table].get(key)
            if row is None or due is None:
                found.append((table, key, '(row)', row, due))
                continue
            found += [(table, key, column, row.get(column, '(missing)'),
                       due.get(column, '(missing)'))
                      for column in sorted(row.keys() | due.keys())
                      if column not in row or column not in due
                      or not same(column, row[column], due[column])]
    return found


def shrunk(events, fails):
    """The shortest part of a failing list, in its order, that still fails:
    pieces are left out, large ones first, until none can be."""
    size = max(1, len(events) // 2)
    while True:
        for start in range(0, len(events), size):
            fewer = events[:start] + events[start + size:]
            if fewer and fails(fewer):
                events = fewer
                break
        else:
            if size == 1:
                return events
            size = max(1, size // 2)


def told(events):
    """A failing list of events for people."""
    lines = []
    for event in events:
        obj = event['data']['object']
        lines.append(' '.join(str(part) for part in (
            event['created'], event['id'], event['type'],
            event['api_version'], 'live' if event['livemode'] else 'test',
            obj.get('id'), obj.get('status', ''),
            json.dumps(event['data'].get('previous_attributes')))))
    return '\n'.join(lines)


def compare(feed, events, seed, wanted=None, **settings):
    """Fails, with seed and the shortest failing list, where the tables are
    not the model's."""
    wanted = wanted or model.tables(events, **settings)
    found = differences(feed.result(events), wanted)
    if not found:
        return

    def fails(some):
        return bool(differences(feed.result(some),
                                model.tables(some, **settings)))
    # A list of which no part fails alone is wrong by its order only.
    least = shrunk(events, fails) if fails(events) else events
    found = differences(feed.result(least),
                        model.tables(least, **settings)) or found
    with tempfile.NamedTemporaryFile('w', prefix='billhook-law-', delete=False,
                                     suffix='.json') as kept:
        json.dump(least, kept)
    lines = '\n'.join(f'{t} {k} {c}: is {a!r}, should be {b!r}'
                      for t, k, c, a, b in found[:20])
    pytest.fail(f'seed {seed}: {len(least)} of {len(events)} events, kept '
                f'in {kept.name}\n{told(least)}\n{lines}', pytrace=False)
