"""Load: many connections at once, responders that are killed and replaced,
and what must then be in the database.

A delivery whose connection ends is an answer too: None.
"""

import collections
import contextlib
import functools
import os
import pathlib
import select
import shutil
import signal
import socket
import sqlite3
import struct
import tempfile
import time

import fastcgi
import load_events
from billhook_test import (PATIENCE, Responder, parse_answer, program,
                           request, write_config)
from feed import Feed
from servers import (URL, Ground, Lighttpd, LighttpdCgi, processes_of,
                     signal_process, unprivileged)

CONNECTIONS = 32
PROCESSES = 8

# The journals: what they say depends on what came when.
JOURNALS = ("stripe_events", "status_changes")

# status is None where the connection ended without an answer; seconds is how
# long it took; headers have names in small letters.
Answer = collections.namedtuple("Answer", "id status outcome seconds headers")


# Doors: how a delivery is sent and its answer is read.

class FastCgiDoor:
    """A connection for each request, as web servers do."""

    def __init__(self, path):
        self.address = path

    def connect(self):
        made = socket.socket(socket.AF_UNIX)
        made.settimeout(PATIENCE)
        made.connect(self.address)
        return made

    @staticmethod
    def encode(body, header):
        return (fastcgi.begin() +
                fastcgi.stream(fastcgi.PARAMS,
                               fastcgi.params(request(body, header))) +
                fastcgi.stream(fastcgi.STDIN, body))

    @staticmethod
    def decode(data):
        """(status, headers, body, the connection can be used again), or None
        as long as the answer is not whole."""
        at, out = 0, b""
        while at + 8 <= len(data):
            kind, size, padding = struct.unpack_from(">xBxxHBx", data, at)
            at += 8 + size + padding
            if kind == fastcgi.STDOUT:
                out += data[at - size - padding:at - padding]
            elif kind == fastcgi.END_REQUEST and at <= len(data):
                status, headers, body = parse_answer(out)
                return status, {name.lower(): value for name, value in
                                headers.items()}, body, False
        return None


class HttpDoor:
    """Connections that are kept."""

    def __init__(self, port):
        self.address = ("127.0.0.1", port)

    def connect(self):
        return socket.create_connection(self.address, PATIENCE)

    @staticmethod
    def encode(body, header):
        return (f"POST {URL} HTTP/1.1\r\nHost: localhost\r\n"
                "Content-Type: application/json; charset=utf-8\r\n"
                f"Stripe-Signature: {header}\r\n"
                f"Content-Length: {len(body)}\r\n\r\n").encode() + body

    @staticmethod
    def decode(data):
        head, separator, body = data.partition(b"\r\n\r\n")
        if not separator:
            return None
        lines = head.decode("latin-1").lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:])
        if len(body) < int(headers["content-length"]):
            return None
        return (int(lines[0].split()[1]), headers, body,
                headers.get("connection") != "close")


# The client.

class Lines:
    """So many connections, each with one delivery under way."""

    def __init__(self, door, deliveries, connections):
        self.door = door
        self.connections = connections
        self.deliveries = deliveries
        self.poll = select.epoll()
        self.busy = {}          # descriptor: [socket, delivery, data, begun]
        self.answers = []

    def send(self, line=None):
        """The next delivery, on this connection or a new one."""
        delivery = next(self.deliveries, None)
        if delivery is None:
            if line is not None:
                line.close()
            return
        begun = time.monotonic()
        if line is None:
            line = self.door.connect()
            self.poll.register(line, select.EPOLLIN)
        try:
            line.sendall(delivery[1])
        except (BrokenPipeError, ConnectionResetError):
            pass        # what is read then says so
        self.busy[line.fileno()] = [line, delivery, b"", begun]

    def read(self, number):
        """Reads what is there; True once a delivery has come to its end."""
        line, delivery, data, begun = self.busy[number]
        try:
            piece = line.recv(65536)
        except ConnectionResetError:
            piece = b""
        data += piece
        self.busy[number][2] = data
        told = self.door.decode(data) if piece else (None, {}, b"", False)
        if told is None:
            return False
        status, headers, body, again = told
        outcome = None
        if status == 200:
            outcome = body[body.index(b'"outcome":"') + 11:-2].decode()
        self.answers.append(Answer(delivery[0], status, outcome,
                                   time.monotonic() - begun, headers))
        del self.busy[number]
        if not again:
            line.close()
        self.send(line if again else None)
        return True

    def run(self, between):
        for _ in range(self.connections):
            self.send()
        while self.busy:
            ready = self.poll.poll(PATIENCE)
            assert ready, f"{len(self.busy)} deliveries without an answer"
            for number, _ in ready:
                if self.read(number) and between is not None:
                    between(self.answers)
        self.poll.close()
        return self.answers


def deliver(door, deliveries, between=None, connections=CONNECTIONS):
    """Makes the deliveries, each an Event, over so many connections at once;
    the Answers as they came.  After each, between(answers so far) is
    called."""
    headers = {}

    def encoded():
        for event in deliveries:
            if event.id not in headers:
                headers[event.id] = door.encode(event.body, event.header())
            yield event.id, headers[event.id]

    return Lines(door, encoded(), connections).run(between)


def shuffled(rng, events, times):
    several = list(events) * times
    rng.shuffle(several)
    return several


# The responders.

class Crew(Responder):
    """Responders on one socket, as spawn-fcgi starts them, and whoever
    starts new ones when they are killed."""

    def __init__(self, program, directory, config, processes=PROCESSES,
                 command=()):
        self.prefix = list(command)
        super().__init__(program, directory, config, processes)

    def start(self):
        if self.command[:len(self.prefix)] != self.prefix:
            self.command = self.prefix + self.command
        return super().start()

    def kill(self, which):
        """kill -9 to these processes, and waits for their end."""
        for process in which:
            assert process.poll() is None, (
                f"a responder ended by itself: {process.returncode}\n"
                + self.stderr()[-2000:])
            process.kill()
        for process in which:
            process.wait()
            self.processes.remove(process)

    def fill(self):
        while len(self.processes) < PROCESSES:
            self.processes.append(self.start())

    def kill_one(self, rng):
        self.kill([rng.choice(self.processes)])
        self.fill()


class LighttpdBefore(Lighttpd):
    """lighttpd before responders that it did not start."""
    conf = "lighttpd-spawn-fcgi.conf"


class Set:
    """A place with responders: database, door, the crew or else the ids of
    the processes, and what was logged."""

    def __init__(self, database, door, log, crew=None, pids=None):
        self.database = str(database)
        self.door = door
        self.log = log
        self.crew = crew
        self.pids = pids


@contextlib.contextmanager
def direct(processes=PROCESSES, **settings):
    """Responders on a socket, and no web server."""
    with tempfile.TemporaryDirectory(prefix="billhook.") as room:
        config = write_config(room, **settings)
        with Crew(program(), room, config, processes) as crew:
            yield Set(f"{room}/billhook.db", FastCgiDoor(crew.path),
                      crew.stderr, crew)
            assert crew.stop() == [0] * processes


@contextlib.contextmanager
def lighttpd(**settings):
    """lighttpd before responders on one socket."""
    ground = Ground(program(), **settings)
    server = LighttpdBefore(ground)
    try:
        with Crew(str(ground.program), ground.path / "server", ground.config,
                  command=unprivileged()) as crew:
            server.values["SOCKET"] = crew.path
            os.chmod(crew.path, 0o666)
            server.start()
            yield Set(ground.database, HttpDoor(server.port),
                      server.log, crew)
            assert crew.stop() == [0] * PROCESSES
    finally:
        server.stop()
        ground.remove()


@contextlib.contextmanager
def lighttpd_cgi(**settings):
    """lighttpd, and a process for each request."""
    ground = Ground(program(), **settings)
    server = LighttpdCgi(ground)
    try:
        server.start()
        yield Set(ground.database, HttpDoor(server.port), server.log,
                  pids=lambda: processes_of(ground.program))
    finally:
        server.stop()
        ground.remove()


def kill_any(at, rng):
    """kill -9 to one responder; False if there is none just now."""
    if at.crew is not None:
        at.crew.kill_one(rng)
        return True
    found = at.pids()
    return bool(found) and signal_process(rng.choice(found), signal.SIGKILL)


# What must be in the database.

def snapshot(database):
    """{table: its rows, sorted} of all tables, as of one moment."""
    uri = pathlib.Path(database).absolute().as_uri() + "?mode=ro"
    connection = sqlite3.connect(uri, uri=True, timeout=PATIENCE,
                                 isolation_level=None)
    try:
        connection.execute("BEGIN")
        names = [name for name, in connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table'"
            " AND name NOT LIKE 'sqlite_%'")]
        return {name: sorted(connection.execute(f"SELECT * FROM {name}"),
                             key=repr) for name in names}
    finally:
        connection.close()


def computed(tables):
    """Those tables that are a function of the set of events."""
    return {name: rows for name, rows in tables.items()
            if name not in JOURNALS}


def differences(is_, should):
    """A few lines on what differs, "" if nothing does."""
    lines = [f"{name}: in one only" for name in is_.keys() ^ should.keys()]
    for name in is_.keys() & should.keys():
        if is_[name] == should[name]:
            continue
        more, less = set(is_[name]), set(should[name])
        lines.append(f"{name}: {len(more - less)} rows too many, "
                     f"{len(less - more)} missing")
        lines += [f"  {word} {row}" for word, rows in (
            ("is    ", more - less), ("should", less - more))
            for row in sorted(rows, key=repr)[:3]]
    return "\n".join(lines)


def event_rows(database):
    """{id: its row as a dict} of stripe_events."""
    uri = pathlib.Path(database).absolute().as_uri() + "?mode=ro"
    connection = sqlite3.connect(uri, uri=True, timeout=PATIENCE)
    connection.row_factory = sqlite3.Row
    try:
        return {row["id"]: dict(row) for row in connection.execute(
            "SELECT * FROM stripe_events")}
    finally:
        connection.close()


@functools.lru_cache(maxsize=4)
def reference(seed, count):
    """The tables, and each event's outcome, of one process that was fed in
    order, and nothing twice."""
    with direct(processes=1) as at:
        answers = deliver(at.door, load_events.make(seed, count),
                          connections=1)
        assert {answer.status for answer in answers} == {200}
        return computed(snapshot(at.database)), {
            answer.id: answer.outcome for answer in answers}


@contextlib.contextmanager
def copied(database):
    """A copy of a database that nobody has open, with what a process that
    died has left beside it: to look at the copy mends nothing."""
    with tempfile.TemporaryDirectory(prefix="billhook.") as room:
        for tail in ("", "-wal", "-journal"):
            with contextlib.suppress(FileNotFoundError):
                shutil.copy(database + tail, f"{room}/copy.db{tail}")
        with contextlib.closing(sqlite3.connect(f"{room}/copy.db")) as copy:
            copy.execute("SELECT count(*) FROM sqlite_schema").fetchall()
            yield f"{room}/copy.db"


def rebuilt(events):
    """The tables of a new database that took these bodies."""
    feed = Feed()
    try:
        feed.reset()
        for body in events:
            feed.take(body)
        return computed(snapshot(f"{feed.room.name}/db/billhook.db"))
    finally:
        feed.close()
