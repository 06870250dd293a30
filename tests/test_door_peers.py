"""Peers of the responder that go away, are slow, are silent, or lie."""

import concurrent.futures
import json
import socket
import struct
import subprocess
import threading
import time

import pytest

import fastcgi
from billhook_test import (PATIENCE, Responder, clean_environment, event,
                           parse_answer, program, request, sign, write_config)
from confining import status
from door_test import deliver, events, head


@pytest.fixture
def responder(tmp_path):
    """One FastCGI process; the test fails unless it ends with 0."""
    with Responder(program(), tmp_path, write_config(tmp_path)) as responder:
        yield responder
        assert responder.stop() == [0] * len(responder.processes)


@pytest.mark.parametrize("sent", [
    b"", b"\1", fastcgi.begin()[:9], fastcgi.begin(),
    fastcgi.begin() + fastcgi.record(fastcgi.PARAMS, b"\x0e\x04REQUEST"),
    b"GET / HTTP/1.0\r\n\r\n", b"\xff" * 4096,
    fastcgi.begin(role=9),
    fastcgi.begin() + fastcgi.record(fastcgi.STDIN, b"early"),
    head(event()), head(event()) + fastcgi.record(fastcgi.STDIN, b"{"),
    head(event()) + fastcgi.record(fastcgi.STDIN, event()[:-1]),
    head(event()) + fastcgi.record(fastcgi.ABORT_REQUEST),
], ids=["nothing", "a byte", "half a record", "begin only", "half params",
        "http", "noise", "unknown role", "stdin too early", "no body",
        "a byte of a body", "body less one", "abort"])
def test_a_peer_that_goes_away_costs_its_own_request(responder, tmp_path,
                                                     sent):
    with fastcgi.FastCGIClient(responder.path) as client:
        client.send(sent)
    assert deliver(responder, "evt_test_2") == 200
    assert events(tmp_path) == ["evt_test_2"]


GET_VALUES = 9
HOSTILE = fastcgi.record(GET_VALUES,
                         fastcgi.pair("FCGI_MPXS_CONNS", "") * 13, 0)


def padded(kind, content=b"", padding=HOSTILE):
    return struct.pack(">BBHHBx", 1, kind, 1, len(content), len(padding)) + \
        content + padding


def test_what_stands_in_padding_is_never_read(responder, tmp_path):
    """libfcgi forgets the padding of a record that ends a stream."""
    body = event()
    sent = (padded(fastcgi.BEGIN_REQUEST, fastcgi.begin()[8:]) +
            padded(fastcgi.PARAMS, fastcgi.params(request(body, sign(body)))) +
            padded(fastcgi.PARAMS) + padded(fastcgi.STDIN, body[:99]) +
            padded(fastcgi.STDIN, body[99:]) + padded(fastcgi.STDIN))
    for size in (1, 7, 100, len(sent)):
        with fastcgi.FastCGIClient(responder.path) as client:
            for i in range(0, len(sent), size):
                client.send(sent[i:i + size])
            assert parse_answer(client.read_answer().stdout)[0] == 200
    assert events(tmp_path) == [json.loads(body)["id"]]


MISPLACED = {
    "stdin": fastcgi.record(fastcgi.STDIN, HOSTILE),
    "params": fastcgi.record(fastcgi.PARAMS, HOSTILE),
    "data": fastcgi.record(8, HOSTILE),
    "unknown": fastcgi.record(77, HOSTILE),
    "begin": fastcgi.begin(), "begin of another": fastcgi.begin(request_id=2),
    "long begin": fastcgi.record(fastcgi.BEGIN_REQUEST, HOSTILE),
    "params of another": fastcgi.record(fastcgi.PARAMS, HOSTILE, 2),
    "stdin of another": fastcgi.record(fastcgi.STDIN, HOSTILE, 2),
    "nothing of another": fastcgi.record(fastcgi.STDIN, b"", 2),
    **{f"{names} names asked for": fastcgi.record(
        GET_VALUES, fastcgi.pair("FCGI_MAX_CONNS", "") * names, 0)
       for names in (1, 4, 12, 500)},
    "another version": b"\2" + fastcgi.record(fastcgi.STDIN, HOSTILE)[1:],
}


@pytest.mark.parametrize("where, name", [
    (where, name) for where in ("first", "params", "body")
    for name in MISPLACED if (where, name) not in (
        ("first", "begin"), ("first", "begin of another"),
        ("params", "params"), ("body", "stdin"))])
def test_a_misplaced_record_costs_its_own_connection(responder, tmp_path,
                                                     where, name):
    """libfcgi would read its content as heads, and of names that are asked
    for write the answer beyond the end of a buffer."""
    body = event()
    begin, ask = fastcgi.begin(), MISPLACED[name]
    rest = head(body)[len(begin):] + fastcgi.stream(fastcgi.STDIN, body)
    sent = ask + begin + rest if where == "first" else begin + ask + rest
    if where == "body":
        sent = head(body) + ask + fastcgi.stream(fastcgi.STDIN, body)
    with fastcgi.FastCGIClient(responder.path) as client:
        client.send(sent)
        # A head that was read before it is answered, that of a short body.
        answer = client.read_answer().stdout
        assert answer == b"" or (where == "body" and
                                 parse_answer(answer)[0] == 400)
    assert deliver(responder, "evt_test_2") == 200
    if where != "body":
        assert "that no web server sends there" in responder.stderr()
    assert events(tmp_path) == ["evt_test_2"]


def test_an_aborted_request_is_a_short_body(responder, tmp_path):
    body = event()
    with fastcgi.FastCGIClient(responder.path) as client:
        client.send(head(body) + fastcgi.record(fastcgi.STDIN, body[:50]) +
                    fastcgi.record(fastcgi.ABORT_REQUEST))
        assert parse_answer(client.read_answer().stdout)[0] == 400
    assert events(tmp_path) == []


@pytest.mark.parametrize("role", [fastcgi.AUTHORIZER, fastcgi.FILTER])
def test_another_role_is_refused(responder, role):
    body = event()
    answer = fastcgi.call(responder.path, request(body, sign(body)), body,
                          role=role)
    assert parse_answer(answer.stdout)[0] == 500
    assert b"responder" in answer.stderr


def test_two_signature_headers_are_refused(responder):
    body = event()
    variables = list(request(body, sign(body)).items())
    for more in (sign(body), "", "t=1"):
        for order in (1, -1):
            twice = variables + [("HTTP_STRIPE_SIGNATURE", more)]
            answer = fastcgi.call(responder.path, twice[::order], body)
            assert parse_answer(answer.stdout)[0] == 401
            assert b"401 malformed header" in answer.stderr


def test_a_signature_with_a_nul_is_refused_or_cut(responder):
    body = event()
    for header in ("\0" + sign(body), sign(body)[:30] + "\0" + sign(body)[30:],
                   "t=\0"):
        answer = fastcgi.call(responder.path, request(body, header), body)
        assert parse_answer(answer.stdout)[0] == 401


@pytest.mark.parametrize("more", [
    {f"HTTP_X_{n}": "x" * 50 for n in range(2000)},
    {f"X{n}": "" for n in range(15000)}, {"HTTP_LARGE": "y" * 130000}],
    ids=["many", "small", "large"])
def test_thousands_of_parameters_and_large_ones_do_no_harm(responder, more):
    body = event()
    answer = fastcgi.call(responder.path, more | request(body, sign(body)),
                          body)
    assert parse_answer(answer.stdout)[0] == 200


def most_memory(responder):
    """KiB that its process had at most."""
    return int(status(responder.processes[0].pid)["VmHWM"].split()[0])


@pytest.mark.parametrize("pair", [
    b"\0\0", fastcgi.pair("HTTP_LARGE", "y" * 1048576),
    fastcgi.pair("X", "y" * 100)], ids=["empty", "large", "small"])
def test_parameters_without_end_cost_their_own_connection(responder, pair):
    """libfcgi keeps them all, and needs many times their size for it."""
    assert deliver(responder) == 200
    before = most_memory(responder)
    content = pair * (8388608 // len(pair))
    with fastcgi.FastCGIClient(responder.path) as client:
        client.send(fastcgi.begin() + fastcgi.stream(fastcgi.PARAMS, content))
        assert client.read_answer().stdout == b""
    assert deliver(responder, "evt_test_2") == 200
    assert most_memory(responder) < before + 32768


def test_a_second_request_on_one_connection_harms_no_other(responder):
    body = event()
    with fastcgi.FastCGIClient(responder.path) as client:
        client.send(head(body) + fastcgi.begin(request_id=2) +
                    fastcgi.stream(fastcgi.STDIN, body))
        assert parse_answer(client.read_answer().stdout)[0] in (200, 400)
    assert deliver(responder) == 200


def test_a_large_refused_body_does_not_lose_the_answer(responder, tmp_path):
    body = bytes(8 << 20)
    with fastcgi.FastCGIClient(responder.path) as client:
        client.send(fastcgi.begin() + fastcgi.stream(
            fastcgi.PARAMS, fastcgi.params(request(body, "t=1"))))
        sender = threading.Thread(target=send_all, args=(
            client.socket, fastcgi.stream(fastcgi.STDIN, body)))
        sender.start()
        assert parse_answer(client.read_answer().stdout)[0] == 413
        sender.join()


def send_all(connection, data):
    try:
        connection.sendall(data)
    except (BrokenPipeError, ConnectionResetError):
        pass


def test_in_cgi_a_large_refused_body_is_read_before_the_end(tmp_path):
    """As mod_cgid has it: one socket is stdin and stdout, and what is not
    read when the program ends takes the answer with it."""
    body = bytes(8 << 20)
    env = clean_environment(write_config(tmp_path))
    env.update(request(body, "t=1"))
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = subprocess.Popen([program()], env=env, stdin=theirs,
                                   stdout=theirs, stderr=subprocess.DEVNULL)
        theirs.close()
        ours.sendall(body)
        ours.shutdown(socket.SHUT_WR)
        raw = b""
        while piece := ours.recv(65536):
            raw += piece
    assert parse_answer(raw)[0] == 413
    assert process.wait(PATIENCE) == 0


def test_slow_and_silent_peers_hold_a_process_twenty_seconds_at_most(tmp_path):
    """Each has a process for itself; all wait at the same time.  The first
    says nothing at all, over TCP: on a unix socket libfcgi ends that itself.
    """
    body = event()
    config = write_config(tmp_path)
    silent = [
        b"", b"\1", fastcgi.begin() + b"\1\4",
        head(body) + fastcgi.record(fastcgi.STDIN, body[:-1]),
    ]

    def hold(number):
        with Responder(program(), tmp_path, config,
                       name=f"{number}.sock", tcp=number == 0) as responder:
            with fastcgi.FastCGIClient(responder.path, 60) as client:
                client.send(silent[number])
                start = time.monotonic()
                client.read_answer()
                held = time.monotonic() - start
                assert deliver(responder, f"evt_test_{number}") == 200
            assert responder.stop() == [0]
            return held, responder.stderr()

    def drip():
        with Responder(program(), tmp_path, config,
                       name="drip.sock") as responder:
            with fastcgi.FastCGIClient(responder.path, 0.5) as client:
                client.send(head(body))
                start = time.monotonic()
                try:
                    while time.monotonic() - start < 60:
                        client.send(fastcgi.record(fastcgi.STDIN, b" "))
                        try:
                            if client.socket.recv(1) == b"":
                                break
                        except TimeoutError:
                            pass
                except (BrokenPipeError, ConnectionResetError):
                    pass
                held = time.monotonic() - start
                assert deliver(responder, "evt_test_drip") == 200
            assert responder.stop() == [0]
            return held, responder.stderr()

    def hold_cgi():
        start = time.monotonic()
        env = clean_environment(config)
        env.update(request(body, sign(body)))
        process = subprocess.Popen([program()], env=env,
                                   stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        process.stdin.write(body[:-1])
        process.stdin.flush()
        try:
            assert process.wait(60) == 0
        finally:
            process.kill()
        held = time.monotonic() - start
        answer = process.stdout.read()
        log = process.stderr.read().decode()
        process.stdin.close()
        process.stdout.close()
        process.stderr.close()
        assert parse_answer(answer)[0] == 400
        return held, log

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        work = [pool.submit(hold, number) for number in range(4)]
        work += [pool.submit(drip), pool.submit(hold_cgi)]
        results = [done.result() for done in work]
    for held, log in results:
        assert 15 < held < 25
    for held, log in results[:3]:
        assert "brought no whole request within 20 seconds" in log
    for held, log in results[3:]:
        assert "came in time" in log
