"""How cost grows with what is stored: the same work on databases of several
sizes, in turns; start-up, disk and memory."""

import os
import random
import shutil
import subprocess
import sys
import threading
import time

from events import Renewals, record, requests_file
from rounds import discard
from servers import Servers, private_bytes

WARM = 200
PRIME = 7919    # events of neighbouring subscriptions are measured far apart
COPIES = 200000     # up to here every round has its own copy of the database


def grow(args, database, made, first, last):
    """Events first to last, through the store, a thousand to a transaction.
    Returns how many bytes they were."""
    told, sent = time.monotonic(), 0
    with subprocess.Popen([args.tools / "feed", database],
                          stdin=subprocess.PIPE) as fed:
        for i in range(first, last):
            body = made.body(i)
            sent += len(body)
            fed.stdin.write(record(body))
            if time.monotonic() > told + 30:
                told = time.monotonic()
                print(f"  {i} events stored", file=sys.stderr)
        fed.stdin.close()
        if fed.wait() != 0:
            raise SystemExit("feed has failed")
    return sent


class Growth:
    def __init__(self, args, sizes, count):
        self.args, self.sizes, self.count = args, sorted(sizes), count
        self.home = args.room / "growth"
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir()
        self.largest = max(self.sizes)
        self.made = {size: Renewals("w", max(count + WARM, size) // 10,
                                    args.small) for size in self.sizes}
        self.runs = {size: [] for size in self.sizes}
        self.disk, self.startup = {}, {size: [] for size in self.sizes}
        self.used = {size: size for size in self.sizes}
        self.random = random.Random(1)

    def path(self, size):
        return self.home / f"of-{size}.db"

    def prefill(self):
        """A database of each size.  Their subscriptions are a tenth of their
        events, so none can be grown from another."""
        for size in self.sizes:
            if size == 0:
                continue
            print(f"  storing {size} events", file=sys.stderr)
            began = time.monotonic()
            sent = grow(self.args, self.path(size), self.made[size], 0, size)
            self.disk[size] = {
                "payload": sent, "file": self.path(size).stat().st_size,
                "seconds": time.monotonic() - began}

    def database(self, size):
        """The one to measure on, and what throws it away afterwards."""
        if size > COPIES:
            return self.path(size), lambda: None
        copy = self.home / "copy.db"
        if size:
            shutil.copy(self.path(size), copy)
        return copy, lambda: discard(copy)

    def fresh(self, size, n):
        """Bodies that were not stored yet: of every subscription its next."""
        made = self.made[size]
        found = []
        for i in range(self.used[size], self.used[size] + n):
            step, number = divmod(i, made.subscriptions)
            found.append(made.body(step * made.subscriptions + number * PRIME
                                   % made.subscriptions))
        if size > COPIES:
            self.used[size] += n
        return found

    def repeats(self, size, n, fresh):
        if not size:
            return fresh
        return [self.made[size].body(i)
                for i in self.random.sample(range(size), n)]

    def round(self):
        sizes = list(self.sizes)
        self.random.shuffle(sizes)
        for size in sizes:
            self.one(size)

    def one(self, size):
        database, done = self.database(size)
        bodies = self.fresh(size, self.count + WARM)
        with Servers(self.args, "fastcgi", [self.args.program],
                     self.args.processes, database=database) as servers:
            servers.load(8, bodies[:WARM])
            new = servers.load(8, bodies[WARM:], "applied")
            again = servers.load(8, self.repeats(size, self.count,
                                                 bodies[WARM:]), "duplicate")
            memory = max(private_bytes(p.pid) for p in servers.responders)
        self.runs[size].append({"new": new, "duplicates": again,
                                "private": memory})
        self.startup[size].append(self.start(database, bodies[-1]))
        done()

    def start(self, database, body):
        """Milliseconds from the start of a responder until the first event
        is answered."""
        with Servers(self.args, "fastcgi", [self.args.program], 1,
                     database=database, lazy=True) as servers:
            path = requests_file(servers.room / "requests", [body])
            asking = threading.Thread(
                target=servers.run_load, args=(1, path))
            asking.start()
            time.sleep(0.05)    # it is connected, and waits
            began = time.perf_counter()
            servers.start_responders()
            asking.join()
            return (time.perf_counter() - began) * 1e3

    def finish(self):
        shutil.rmtree(self.home)
        return {"sizes": self.sizes, "disk": self.disk, "count": self.count,
                "small": self.args.small, "startup": self.startup,
                "runs": self.runs}


def memory(args, points):
    """Private memory of one responder after so many events, new ones and
    duplicates in turns."""
    made = Renewals("y", max(points) // 10, args.small)
    found, sent, piece = [], 0, 10000
    with Servers(args, "fastcgi", [args.program], 1) as servers:
        pid = servers.responders[0].pid
        for point in points:
            while sent < point:
                n = min(piece, point - sent)
                fresh = [made.body(i) for i in range(sent, sent + n * 4 // 5)]
                servers.load(8, fresh + fresh[:n - len(fresh)])
                sent += n
            found.append({"events": sent, "private": private_bytes(pid)})
    return found


def instructions(args, size, count=200):
    """Instructions of one new event and of one duplicate, by callgrind, on a
    database of so many events; None where that is not here."""
    if not shutil.which("valgrind"):
        return None
    made = Renewals("i", max(size, count + 60) // 10, args.small)
    database = args.room / "counted.db"
    if size:
        grow(args, database, made, 0, size)
    wrapper = args.room / "counted"
    out = args.room / "counted.out"
    wrapper.write_text("#!/bin/sh\nexec valgrind -q --tool=callgrind "
                       f"--callgrind-out-file={out} {args.program}\n")
    wrapper.chmod(0o755)
    bodies = [made.body(i) for i in range(size, size + count + 60)]
    found = {}
    with Servers(args, "fastcgi", [wrapper], 1, database=database) as servers:
        pid = str(servers.responders[0].pid)
        servers.load(1, bodies[:60])
        for name, expected in (("new", "applied"),
                               ("duplicate", "duplicate")):
            control(pid, "-z")
            servers.load(1, bodies[60:], expected)
            control(pid, "-d")
        for name, part in (("new", 1), ("duplicate", 2)):
            text = (args.room / f"counted.out.{part}").read_text()
            line = next(s for s in text.splitlines()
                        if s.startswith(("totals:", "summary:")))
            found[name] = int(line.split()[1]) // count
    for path in args.room.glob("counted*"):
        os.unlink(path)
    return found


def control(pid, what):
    subprocess.run(["callgrind_control", what, pid], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
