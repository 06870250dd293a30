"""Memory runs out for a responder, at any allocation of any library: at its
start, which then serves or ends with one line, and in a request, of which
nothing is answered 2xx that is not kept.  It never crashes and never turns
deaf, and the next request works."""

import os
import pathlib
import random
import select
import struct
import subprocess

import pytest

import fastcgi
from billhook_test import (PATIENCE, Responder, event, parse_answer, program,
                           request, rows, sign, write_config)
from confining import SECCOMP, built_with

LONG = bool(os.environ.get("BILLHOOK_LONG"))
NO_START = "OpenSSL or memory is missing at the start"

pytestmark = pytest.mark.skipif(
    built_with("BILLHOOK_SANITIZED"),
    reason="the sanitizers have an allocator of their own")


class Memory:
    """A program's memory, of which one allocation fails."""

    def __init__(self, directory):
        self.path = directory / "nomem"
        self.path.write_bytes(bytes(8))
        self.shim = directory / "nomem.so"
        source = pathlib.Path(__file__).parent / "nomem.c"
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC",
                        "-D_GNU_SOURCE", str(source), "-o", str(self.shim)],
                       check=True)

    def fail(self, n):
        """The n-th from now on; 0 for none."""
        # In place: the program has it mapped.
        with open(self.path, "r+b") as file:
            file.write(struct.pack("=q", n))

    def left(self):
        """How many are missing until one fails, 0 if it has."""
        return max(0, struct.unpack("=q", self.path.read_bytes())[0])

    def env(self, **more):
        return {"LD_PRELOAD": str(self.shim), "NOMEM_FILE": str(self.path),
                **more}


@pytest.fixture(scope="module")
def memory(tmp_path_factory):
    return Memory(tmp_path_factory.mktemp("memory"))


def every(step, long_step=1):
    """Each step-th number from a random one on, without an end; in the long
    form each long_step-th."""
    step = long_step if LONG else step
    n = random.randrange(1, step + 1)
    while True:
        yield n
        n += step


def send(responder, body, header):
    """(status, log) of a delivery; None for a connection that was closed."""
    answer = fastcgi.call(responder.path, request(body, header), body)
    status = parse_answer(answer.stdout)[0] if answer.stdout else None
    return status, answer.stderr.decode()


def is_kept(directory, event_id):
    return rows(directory / "billhook.db", "SELECT 1 FROM stripe_events "
                "WHERE id = ?", event_id) == [(1,)]


# A request.

def new(directory, n):
    body = event(f"evt_{n}", "customer.updated", 1700000000 + n)
    return body, sign(body)


def duplicate(directory, n):
    body = event("evt_first")
    return body, sign(body)


def refused(directory, n):
    body = event(f"evt_{n}")
    return body, sign(body + b" ")


def settings_changed(directory, n):
    write_config(directory)
    return new(directory, n)


@pytest.mark.parametrize("make, good, step", [
    (new, 200, 1), (duplicate, 200, 1), (refused, 401, 1),
    (settings_changed, 200, 29)])
def test_any_allocation_of_a_request(tmp_path, memory, make, good, step):
    memory.fail(0)
    with Responder(program(), tmp_path, write_config(tmp_path),
                   env=memory.env()) as responder:
        def well():
            body = event("evt_first")
            return send(responder, body, sign(body))[0] == 200

        assert well()
        told, named = {}, 0
        for n in every(step):
            body, header = make(tmp_path, n)
            before = len(responder.stderr())
            memory.fail(n)
            status, log = send(responder, body, header)
            left = memory.left()
            memory.fail(0)
            log += responder.stderr()[before:]
            assert responder.processes[0].poll() is None, (n, log)
            assert status in (good, 503, None), (n, status, log)
            # Lines about what is not authentic come at a bounded rate.
            assert " 503 " not in log or "memory" in log, (n, log)
            named += " 503 " in log
            assert status != 200 or make is duplicate or \
                is_kept(tmp_path, f"evt_{n}"), (n, log)
            assert well(), (n, responder.stderr()[before:])
            told[status] = told.get(status, 0) + 1
            if left > 0:
                break
        assert told[good] > 0 and told[503] > 2, told
        assert named > 3 or make is refused, told
        assert responder.stop() == [0]


# The start.

class Start:
    """What comes of a start, and of the first request after it."""

    def __init__(self, responder):
        self.status = self.ended = None
        process = responder.processes[0]
        body = event("evt_start")
        with fastcgi.FastCGIClient(responder.path, PATIENCE) as client:
            client.send(
                fastcgi.begin() + fastcgi.stream(
                    fastcgi.PARAMS,
                    fastcgi.params(request(body, sign(body)))) +
                fastcgi.stream(fastcgi.STDIN, body))
            end = os.pidfd_open(process.pid)
            heard = select.select([client.socket, end], [], [], PATIENCE)[0]
            os.close(end)
            assert heard, "it neither serves nor ends"
            if client.socket in heard:
                answer = client.read_answer()
                if answer.stdout:
                    self.status = parse_answer(answer.stdout)[0]
            else:
                self.ended = process.wait()
        self.log = responder.stderr()


def start(directory, memory, n, **more):
    """A Start that has failed as it may, or has served; whether there are more
    allocations."""
    for old in directory.glob("billhook.db*"):
        old.unlink()
    config = write_config(directory)
    memory.fail(n)
    with Responder(program(), directory, config, env=memory.env(**more),
                   name=f"{n}.sock") as responder:
        begun = Start(responder)
        left = memory.left()
        memory.fail(0)
        if begun.ended is None:
            assert begun.status in (200, 503, None), (n, begun.log)
            assert begun.status != 200 or is_kept(directory, "evt_start"), n
            body = event("evt_next")
            assert send(responder, body, sign(body))[0] == 200, \
                (n, responder.stderr())
            assert responder.stop() == [0], (n, responder.stderr())
            assert not SECCOMP or "(seccomp)" in responder.stderr(), n
        elif begun.ended == 1:
            assert begun.log.count("\n") == 1, (n, begun.log)
            assert "memory" in begun.log, (n, begun.log)
    os.unlink(responder.path)
    os.unlink(responder.log)
    return begun, left > 0


def test_any_allocation_of_the_start(tmp_path, memory):
    """Where memory fails OpenSSL as it starts, it may crash: excused is what
    comes before an allocation of which the log says that it is OpenSSL's."""
    excused = 0
    for n in every(401):
        begun, done = start(tmp_path, memory, n)
        later = n
        while begun.ended not in (None, 1) and excused < n:
            assert not begun.log and later < n + 99, (n, begun.log)
            later += 1
            if NO_START in start(tmp_path, memory, later)[0].log:
                excused = later
        if done:
            break


def test_any_allocation_of_the_processes_that_it_makes(tmp_path, memory):
    """Of what makes the filter of system calls, and of the reader.  They run
    at once, so that none can be said to be OpenSSL's: see above for those."""
    for n in every(1801, 17):
        begun, done = start(tmp_path, memory, n, NOMEM_CHILDREN="1")
        assert begun.ended in (None, 1) or not begun.log, (n, begun.log)
        if done:
            break
