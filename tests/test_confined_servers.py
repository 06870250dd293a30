"""The responder is confined under every server, and in plain CGI."""

import os
import socket
import subprocess
import termios

import pytest

from billhook_test import (PATIENCE, Responder, clean_environment, event,
                           parse_answer, program, request, sign, wait_for,
                           write_config)
from confining import (DENIED, INTRUDES, OPEN, intrude, is_confined,
                       limits, needs_landlock)
from door_test import deliver, wait_until_read
from servers import (URL, Apache, ApacheCgid, Ground, Lighttpd, LighttpdSpawn,
                     processes_of)


@pytest.fixture
def serve():
    """Makes servers, and clears them away."""
    made = []

    def serve(kind):
        made.append(kind(Ground(program())))
        return made[-1].start()

    yield serve
    for server in made:
        server.stop()
        server.ground.remove()


@needs_landlock
@pytest.mark.parametrize("kind", [Lighttpd, Apache, LighttpdSpawn])
def test_every_responder_of_a_server_is_confined(serve, kind):
    server = serve(kind)
    body = event()
    assert server.post(body, sign(body))[0] == 200

    def confined():
        """All of them; not one that makes a filter, which ends soon."""
        pids = processes_of(server.ground.program)
        try:
            return pids if all(map(is_confined, pids)) else None
        except (FileNotFoundError, ProcessLookupError):
            return None

    for pid in wait_for(confined, "confinement"):
        if INTRUDES:
            assert intrude(pid, OPEN, "/etc/passwd", os.O_RDONLY, 0) == DENIED
    body = event("evt_test_2")
    assert server.post(body, sign(body))[0] == 200


@needs_landlock
def test_a_responder_in_plain_cgi_is_confined(tmp_path):
    (tmp_path / "data").mkdir(mode=0o700)
    config = write_config(tmp_path,
                          BILLHOOK_DATABASE=tmp_path / "data/billhook.db")
    with Responder(program(), tmp_path, config) as responder:
        assert deliver(responder) == 200
    env = clean_environment(config)
    body = event("evt_test_2")
    env.update(request(body, sign(body)))
    process = subprocess.Popen([program()], env=env, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)
    process.stdin.write(body[:-1])
    process.stdin.flush()
    wait_until_read(process.stdin, termios.FIONREAD)
    assert is_confined(process.pid, filtered=False)
    assert limits(process.pid, "CORE", "NPROC") == {"CORE": (0, 0),
                                                    "NPROC": (0, 0)}
    if INTRUDES:
        assert intrude(process.pid, OPEN, "/etc/passwd", os.O_RDONLY,
                       0) == DENIED
    out, _ = process.communicate(body[-1:], PATIENCE)
    assert parse_answer(out)[0] == 200


@needs_landlock
def test_a_responder_of_apaches_mod_cgid_is_confined(serve):
    server = serve(ApacheCgid)
    body = event()
    assert server.post(body, sign(body))[0] == 200
    wait_for(lambda: not processes_of(server.ground.program), "its end")
    body = event("evt_test_2")
    head = (f"POST {URL} HTTP/1.1\r\nHost: localhost\r\n"
            f"Stripe-Signature: {sign(body)}\r\nConnection: close\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode()
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(head + body[:-1])
        pid, = wait_for(lambda: processes_of(server.ground.program),
                        "the responder")
        wait_for(lambda: is_confined(pid, filtered=False), "confinement")
        client.sendall(body[-1:])
        assert client.recv(65536).startswith(b"HTTP/1.1 200")
