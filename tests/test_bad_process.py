"""What the system refuses a process, or tells it wrongly: descriptors that run
out, a clock that jumps.  Nothing is answered 2xx that is not kept, the log
names the cause, and afterwards all is well by itself."""

import os
import pathlib
import resource
import struct
import subprocess
import time

import pytest

import fastcgi
from billhook_test import (Responder, clean_environment, event, parse_answer,
                           program, request, rows, sign, wait_for,
                           write_config)

HOUR, YEAR = 3600, 365 * 86400


def ids(directory):
    database = directory / "billhook.db"
    # One that could not be made is there without its tables.
    if not database.exists() or not rows(
            database, "SELECT 1 FROM sqlite_schema"):
        return set()
    return {i for i, in rows(database, "SELECT id FROM stripe_events")}


@pytest.mark.parametrize("made", [False, True])
@pytest.mark.parametrize("journal", ["wal", "truncate"])
def test_plain_cgi_with_any_number_of_descriptors(tmp_path, journal, made):
    config = write_config(tmp_path, BILLHOOK_JOURNAL=journal)

    def deliver(body, limit):
        def set_limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
        env = clean_environment(config)
        env.update(request(body, sign(body)))
        return subprocess.run([program()], input=body, env=env,
                              preexec_fn=set_limit, capture_output=True,
                              timeout=60)

    if made:
        assert b"Status: 200" in deliver(event("evt_first"), 256).stdout
    served, told = 0, []
    for limit in range(3, 24):
        body = event(f"evt_{limit}")
        done = deliver(body, limit)
        # Too few for the dynamic linker: nothing of ours has run.
        if done.returncode == 127:
            assert b"error while loading shared libraries" in done.stderr
            continue
        assert done.returncode in (0, 1), (limit, done)
        status = parse_answer(done.stdout)[0]
        assert status in (200, 500, 503), (limit, done)
        # The log or, without any descriptor, nothing says why.
        assert status == 200 or done.stderr, limit
        assert (f"evt_{limit}" in ids(tmp_path)) or status != 200, limit
        served += status == 200
        told.append((limit, status))
    assert served >= 8, told
    body = event("evt_last")
    assert b"Status: 200" in deliver(body, 256).stdout
    assert "evt_last" in ids(tmp_path)


def test_a_responder_whose_descriptors_run_out(tmp_path):
    """It takes no connection then, and all that waited when it can."""
    with Responder(program(), tmp_path, write_config(tmp_path)) as responder:
        def deliver(event_id):
            body = event(event_id)
            return parse_answer(fastcgi.call(
                responder.path, request(body, sign(body)), body).stdout)[0]

        assert deliver("evt_1") == 200
        pid = responder.processes[0].pid
        usual = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, usual[1]))
        body = event("evt_2")
        waiting = subprocess.Popen(
            ["/usr/bin/python3", "-c", WAITING, responder.path],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        waiting.stdin.write(fastcgi.begin() + fastcgi.stream(
            fastcgi.PARAMS, fastcgi.params(request(body, sign(body)))) +
            fastcgi.stream(fastcgi.STDIN, body))
        waiting.stdin.close()
        wait_for(lambda: "cannot take a connection" in responder.stderr(),
                 "the log's line")
        assert "raise the limit" in responder.stderr()
        assert "evt_2" not in ids(tmp_path)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, usual)
        assert b"Status: 200" in waiting.stdout.read()
        assert waiting.wait() == 0
        assert ids(tmp_path) == {"evt_1", "evt_2"}
        assert deliver("evt_3") == 200


WAITING = """
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(sys.stdin.buffer.read())
while piece := s.recv(65536):
    sys.stdout.buffer.write(piece)
"""


class Clock:
    """A clock laid over a program, that can be moved while it runs."""

    def __init__(self, directory):
        self.path = directory / "clock"
        self.move(0)
        self.shim = directory / "clock.so"
        source = pathlib.Path(__file__).parent / "clock.c"
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC",
                        str(source), "-o", str(self.shim), "-ldl"], check=True)

    def move(self, seconds):
        self.seconds = seconds
        # In place: the program has it mapped.
        with open(self.path, "r+b" if self.path.exists() else "w+b") as file:
            file.write(struct.pack("=q", seconds))

    def env(self):
        return {"LD_PRELOAD": str(self.shim), "CLOCK_FILE": str(self.path)}

    def now(self):
        return int(time.time()) + self.seconds


@pytest.mark.parametrize("jump", [-HOUR, -YEAR, HOUR, YEAR])
def test_a_clock_that_jumps(tmp_path, jump):
    clock = Clock(tmp_path)
    with Responder(program(), tmp_path, write_config(tmp_path),
                   env=clock.env()) as responder:
        def deliver(event_id, t):
            body = event(event_id)
            return parse_answer(fastcgi.call(
                responder.path, request(body, sign(body, t=t)), body).stdout)[0]

        assert deliver("evt_1", clock.now()) == 200
        clock.move(jump)
        # What Stripe signs by a right clock is refused by a wrong one, with
        # words that name the clock; nothing of it is kept.
        assert deliver("evt_2", int(time.time())) == 401
        assert "clock" in responder.stderr()
        assert ids(tmp_path) == {"evt_1"}
        # What is signed by the same clock is taken, and a repeat known.
        assert deliver("evt_3", clock.now()) == 200
        assert deliver("evt_1", clock.now()) == 200
        clock.move(0)
        assert deliver("evt_2", clock.now()) == 200
        assert deliver("evt_3", clock.now()) == 200
        assert responder.stop() == [0]
    assert ids(tmp_path) == {"evt_1", "evt_2", "evt_3"}
    database = tmp_path / "billhook.db"
    assert dict(rows(database, "SELECT id, deliveries FROM stripe_events")) == {
        "evt_1": 2, "evt_2": 1, "evt_3": 2}
    (received,), = rows(database, "SELECT received_at FROM stripe_events "
                        "WHERE id = 'evt_3'")
    assert abs(received - (time.time() + jump)) < 600
