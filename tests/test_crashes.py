"""kill -9 at random while the disk fills and empties at random, and readers
come and go: nothing that was answered 200 is lost, nothing is there twice or
by half, and a redelivery of all ends in the tables of one process that was fed
in order.

    BILLHOOK_LONG=1     other seeds, and ten minutes for each kind of journal
    BILLHOOK_SEED=N     begins with the round of a seed that failed
"""

import collections
import concurrent.futures
import contextlib
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import pytest

import load
import load_events
from billhook_test import program, write_config
from small_disk import SmallDisk
from test_kill import answered, check

LONG = bool(os.environ.get("BILLHOOK_LONG"))
SEED = int(os.environ.get(
    "BILLHOOK_SEED", random.SystemRandom().getrandbits(32) if LONG else 1))

# For how many seconds, in rounds of how many, of how many events.
RUNS = {"wal": (600, 30, 4000) if LONG else (9, 9, 1500),
        "truncate": (600, 30, 2000) if LONG else (6, 6, 600)}
# What has to come at the least in a round.
KILLS, TURNS = 40, 10
READERS = 2

# Room for what is in a round.  Seconds, on the average, until the next thing
# goes wrong; how often it is tried to stop one in a transaction; how many pages
# may be left on a disk that is full.
DISK = "32m"
GAP = 0.03
TRIES = 20
LEFT = 100

# Opens, looks at one moment, closes.  An error is a database that is not there
# yet, that is busy, or that has to be mended by who may write.
READER = """
import contextlib, select, sqlite3, sys
looks = seen = 0
while not select.select([sys.stdin], [], [], 0.01)[0]:
    with contextlib.suppress(sqlite3.OperationalError), contextlib.closing(
            sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True,
                            isolation_level=None)) as one:
        one.execute("BEGIN")
        events, = one.execute("SELECT count(*) FROM stripe_events").fetchone()
        stray, = one.execute(
            "SELECT count(*) FROM status_changes WHERE event_id NOT IN"
            " (SELECT id FROM stripe_events)").fetchone()
        assert events >= seen, f"{events} events, and there were {seen}"
        assert stray == 0, f"{stray} changes by events that are not there"
        seen = events
        looks += 1
print(looks)
"""


class Door(load.FastCgiDoor):
    """One that remembers what errors came with the answers."""

    def __init__(self, path):
        super().__init__(path)
        self.errors = collections.Counter()

    def decode(self, data):
        told = load.FastCgiDoor.decode(data)
        if told is not None:
            self.errors.update(error.decode() for error in re.findall(
                rb"billhook: error: ((?:503 )?\w+)", data))
        return told


class Ground:
    """Responders, and those that are started anew, whose database is on a
    small disk."""

    def __init__(self, room, disk, crew):
        self.room = room
        self.disk = disk
        self.crew = crew
        self.door = Door(crew.path)
        self.database = str(disk.inside / "billhook.db")

    def writer(self):
        """Who holds the lock of those that write, if anybody does."""
        try:
            lock = os.stat(self.database + "-lock")
        except FileNotFoundError:
            return None
        name = (f"{os.major(lock.st_dev):02x}:{os.minor(lock.st_dev):02x}:"
                f"{lock.st_ino}")
        with open("/proc/locks", encoding="ascii") as lines:
            locks = [line.split() for line in lines]
        holders = {int(words[4]) for words in locks
                   if words[1] == "FLOCK" and words[5] == name}
        for process in self.crew.processes:
            if process.pid in holders:
                return process
        return None


@contextlib.contextmanager
def ground(**settings):
    with tempfile.TemporaryDirectory(prefix="billhook.") as room, \
            SmallDisk(room, DISK) as disk:
        config = write_config(
            room, BILLHOOK_DATABASE=disk.mount / "billhook.db", **settings)
        with load.Crew(program(), room, config, 0, disk.enter) as crew:
            yield Ground(room, disk, crew)
            assert crew.stop() == [0] * load.PROCESSES


@contextlib.contextmanager
def reading(disk):
    """Readers inside; how often each could look is there at the end."""
    readers = [subprocess.Popen(
        disk.enter + [sys.executable, "-c", READER,
                      str(disk.mount / "billhook.db")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(READERS)]
    looks = []
    try:
        yield looks
    finally:
        said = [reader.communicate() for reader in readers]
    for reader, (out, error) in zip(readers, said):
        assert reader.returncode == 0, error.decode()
        looks.append(int(out))


class Fates:
    """What goes wrong, one after the other, in a thread: while one mends or
    makes a database nobody is answered, and that moment has to come, too."""

    def __init__(self, at, seed):
        self.at = at
        self.rng = random.Random(f"crashes {seed}")
        self.over = threading.Event()
        self.answers = []
        self.killed = self.writers = 0
        # How often the disk was filled or emptied, and how many answers there
        # were at the last time.
        self.turns = self.turned = 0
        # What dead processes left, and what had been answered.
        self.left = []

    def hear(self, answers):
        self.answers = answers

    def run(self):
        # Half of the databases are made where there is hardly room.
        if self.rng.random() < 0.5:
            self.at.disk.fill(self.rng.randrange(LEFT))
            self.turns = 1
        self.kill_all()
        while not self.over.wait(self.rng.expovariate(1 / GAP)):
            self.rng.choices((self.kill_one, self.kill_writer, self.kill_all,
                              self.turn), (3, 4, 2, 4))[0]()
        self.kill(list(self.at.crew.processes))
        self.look()
        self.at.disk.free()
        self.at.crew.fill()

    def kill(self, which):
        self.killed += len(which)
        self.at.crew.kill(which)

    @staticmethod
    def send(which, number):
        for process in which:
            process.send_signal(number)

    def kill_one(self):
        self.kill([self.rng.choice(self.at.crew.processes)])
        self.at.crew.fill()

    def kill_writer(self):
        """One in the middle of a transaction: all are stopped, to see who
        stands there."""
        crew = self.at.crew
        for _ in range(TRIES):
            self.send(crew.processes, signal.SIGSTOP)
            writer = self.at.writer()
            if writer is not None:
                self.kill([writer])
                self.writers += 1
            self.send(crew.processes, signal.SIGCONT)
            if writer is not None:
                break
        crew.fill()

    def kill_all(self):
        """Those included, at times, that find what was left, while they are at
        it."""
        crew = self.at.crew
        self.kill(list(crew.processes))
        for _ in range(self.rng.randrange(5)):
            crew.processes.append(crew.start())
            for _ in range(TRIES):
                self.over.wait(self.rng.uniform(0, 0.005))
                self.send(crew.processes, signal.SIGSTOP)
                if self.at.writer() is not None and self.rng.random() < 0.5:
                    self.writers += 1
                    break
                self.send(crew.processes, signal.SIGCONT)
            self.kill(list(crew.processes))
        if self.rng.random() < 0.1 and answered(self.answers):
            self.look()
        crew.fill()

    def look(self):
        room = pathlib.Path(tempfile.mkdtemp(dir=self.at.room))
        for path in self.at.disk.inside.glob("billhook.db*"):
            shutil.copy(path, room)
        self.left.append((str(room / "billhook.db"), list(self.answers)))

    def turn(self):
        """Fills the disk or empties it, once somebody has felt what was."""
        full = self.turns % 2 == 1
        if (503 if full else 200) not in {
                answer.status for answer in self.answers[self.turned:]}:
            return
        if full:
            self.at.disk.free()
        else:
            self.at.disk.fill(self.rng.randrange(LEFT))
        self.turns += 1
        self.turned = len(self.answers)

    def enough(self):
        return self.killed >= KILLS and self.turns >= TURNS


def endless(rng, events, seconds, fates):
    """Deliveries for so long: of more events the later it is."""
    begin = time.monotonic()
    passed = 0
    while passed < 1 or not fates.enough():
        yield events[rng.randrange(1 + int(passed * (len(events) - 1)))]
        passed = min(1, (time.monotonic() - begin) / seconds)


def suffer(at, seed, events, seconds):
    """Deliveries for so long, and what went wrong meanwhile."""
    rng = random.Random(seed)
    fates = Fates(at, seed)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        running = pool.submit(fates.run)
        try:
            load.deliver(at.door, endless(rng, load.shuffled(rng, events, 1),
                                          seconds, fates), fates.hear)
        finally:
            fates.over.set()
            running.result()
    return fates


def figures(fates, looks, errors):
    """What a round was, which is nothing to go by if little happened."""
    statuses = collections.Counter(a.status for a in fates.answers)
    assert set(statuses) == {200, None, 503}, statuses
    assert statuses[None] >= fates.killed / 10
    # That the disk was full is all that is said to have gone wrong.
    assert errors == {"503 full": statuses[503]}
    assert min(looks) > 0
    return collections.Counter({
        "killed": fates.killed, "at work": statuses[None],
        "in a transaction": fates.writers, "answered 200": statuses[200],
        "503 for a full disk": statuses[503],
        "filled": (fates.turns + 1) // 2, "read": sum(looks),
        "looked at": len(fates.left)})


def check_counted(answers, rows):
    """A delivery that ended without an answer may have been counted; one that
    was refused was not."""
    told = collections.Counter((a.id, a.status) for a in answers)
    for name, row in rows.items():
        assert told[name, 200] <= row["deliveries"] <= (
            told[name, 200] + told[name, None]), name


def one_round(journal, seed, seconds, count):
    events = load_events.make(seed, count)
    bodies = {event.id: event.body for event in events}
    tables, _ = load.reference(seed, count)
    with ground(BILLHOOK_JOURNAL=journal) as at:
        with reading(at.disk) as looks:
            fates = suffer(at, seed, events, seconds)
        found = figures(fates, looks, at.door.errors)
        # Of those that began on a full disk.
        for line in at.crew.stderr().splitlines():
            assert "error:" not in line or "no space left" in line, line
        assert {path.name[11:] for path in at.disk.inside.iterdir()} <= {
            "", "-lock", "-wal", "-shm", "-journal"}
        for left, answers in fates.left:
            with load.copied(left) as database:
                check(database, answers)
                rows = load.event_rows(database)
            assert bodies.items() >= {
                (name, row["payload"]) for name, row in rows.items()}

        again = load.deliver(at.door, events)
        assert {answer.status for answer in again} == {200}
        there = answered(fates.answers)
        for answer in again:
            assert answer.outcome == "duplicate" or answer.id not in there
        with load.copied(at.database) as database:
            rows = load.event_rows(database)
            is_ = load.computed(load.snapshot(database))
    check_counted(fates.answers + again, rows)
    assert bodies == {name: row["payload"] for name, row in rows.items()}
    wrong = load.differences(is_, tables)
    assert not wrong, wrong
    return found


@pytest.mark.parametrize("journal", RUNS)
def test_kill_9_while_the_disk_fills_and_empties(journal):
    seconds, each, count = RUNS[journal]
    found = collections.Counter()
    for seed in range(SEED, SEED + seconds // each):
        print(f"{journal}, seed {seed}", flush=True)
        found += one_round(journal, seed, each, count)
        print(f"{journal}, so far: {dict(found)}", flush=True)
