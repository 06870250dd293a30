"""The life of the responder's process: how it starts, serves and ends."""

import concurrent.futures
import fcntl
import os
import resource
import select
import shutil
import signal
import socket
import subprocess
import termios
import time

import pytest

import fastcgi
from billhook_test import (OTHER_SECRET, PATIENCE, SECRET, Responder,
                           clean_environment, event, parse_answer, program,
                           request, rows, sign, write_config)
from door_test import deliver, events, head, wait_until_read


@pytest.fixture
def responder(tmp_path):
    """One FastCGI process; the test fails unless it ends with 0."""
    with Responder(program(), tmp_path, write_config(tmp_path)) as responder:
        yield responder
        assert responder.stop() == [0] * len(responder.processes)


# How it starts.

def test_by_hand_it_says_what_it_is(tmp_path):
    done = subprocess.run([program()], stdin=subprocess.DEVNULL,
                          env=clean_environment(), capture_output=True)
    assert done.returncode == 2 and done.stdout == b""
    for word in (b"web server", b"spawn-fcgi", b"GATEWAY_INTERFACE",
                 b"STRIPE_WEBHOOK_SECRET", b"BILLHOOK_CONFIG"):
        assert word in done.stderr


@pytest.mark.parametrize("option,words", [("--version", b"billhook.fcgi "),
                                          ("--help", b"GATEWAY_INTERFACE")])
def test_version_and_help_are_printed(option, words):
    done = subprocess.run([program(), option], stdin=subprocess.DEVNULL,
                          env=clean_environment(), capture_output=True)
    assert done.returncode == 0 and done.stderr == b""
    assert words in done.stdout


def test_an_unknown_argument_is_refused():
    done = subprocess.run([program(), "--nonsense"], stdin=subprocess.DEVNULL,
                          env=clean_environment(), capture_output=True)
    assert done.returncode == 2 and done.stdout == b""


def test_a_query_that_comes_as_an_argument_counts_for_nothing(tmp_path):
    env = clean_environment(write_config(tmp_path))
    env.update(request(REQUEST_METHOD="GET", QUERY_STRING="--version"))
    done = subprocess.run([program(), "--version"], stdin=subprocess.DEVNULL,
                          env=env, capture_output=True)
    assert parse_answer(done.stdout)[0] == 405


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_socket_that_does_not_listen_is_no_fastcgi(kind):
    with socket.socket(socket.AF_UNIX, kind) as stdin:
        done = subprocess.run([program()], stdin=stdin.fileno(),
                              env=clean_environment(), capture_output=True)
    assert done.returncode == 2


def test_closed_standard_descriptors_do_no_harm(tmp_path):
    env = clean_environment(write_config(tmp_path))
    env.update(request(REQUEST_METHOD="GET"))
    done = subprocess.run(["/bin/sh", "-c", 'exec "$0" <&- 2>&-', program()],
                          env=env, stdout=subprocess.PIPE)
    assert parse_answer(done.stdout)[0] == 405
    body = event()
    env.update(request(body, sign(body)))
    subprocess.run(["/bin/sh", "-c", 'exec "$0" >&- 2>&-', program()],
                   env=env, input=body, check=True)
    assert events(tmp_path) == ["evt_test_1"]


def test_no_file_gets_the_number_of_a_standard_descriptor(tmp_path):
    body = event()
    env = clean_environment(write_config(tmp_path))
    env.update(request(body, sign(body)))
    process = subprocess.Popen(
        ["/bin/sh", "-c", 'exec "$0" >&- 2>&-', program()], env=env,
        stdin=subprocess.PIPE)
    try:
        process.stdin.write(body[:-1])
        process.stdin.flush()
        wait_until_read(process.stdin, termios.FIONREAD)
        try:
            assert [os.readlink(f"/proc/{process.pid}/fd/{fd}")
                    for fd in (1, 2)] == ["/dev/null"] * 2
        except PermissionError:
            pytest.skip("only root can look into such a process")
    finally:
        process.stdin.close()
        assert process.wait(PATIENCE) == 0


def test_descriptors_of_the_server_are_closed(tmp_path):
    ours, theirs = os.pipe()
    config = write_config(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        process = subprocess.Popen([program()], stdin=listener.fileno(),
                                   stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL,
                                   env=clean_environment(config),
                                   pass_fds=[theirs])
        os.close(theirs)
        try:
            assert select.select([ours], [], [], PATIENCE)[0], "still open"
            assert os.read(ours, 1) == b""      # the only writer let go
            assert process.poll() is None
        finally:
            process.terminate()
            assert process.wait() in (0, -signal.SIGTERM)
            os.close(ours)


def test_no_core_is_dumped(tmp_path):
    def dumps(command, ready):
        process = subprocess.Popen(
            command, cwd=tmp_path, stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=env, preexec_fn=lambda: resource.setrlimit(
                resource.RLIMIT_CORE, (1 << 30, 1 << 30)))
        process.stdin.write(ready)
        process.stdin.flush()
        wait_until_read(process.stdin, termios.FIONREAD)
        process.send_signal(signal.SIGABRT)
        status = os.waitpid(process.pid, 0)[1]
        process.returncode = status
        process.stdin.close()
        assert os.WIFSIGNALED(status)
        return os.WCOREDUMP(status)

    env = clean_environment(write_config(tmp_path))
    env.update(request(event(), sign(event())))
    if not dumps([shutil.which("cat")], b"x"):
        pytest.skip("this system dumps no core of any program")
    assert not dumps([program()], b"x")


# How it ends.

@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1,
                                    signal.SIGINT, signal.SIGHUP])
def test_an_idle_process_ends_at_once(responder, number):
    assert deliver(responder) == 200
    start = time.monotonic()
    responder.processes[0].send_signal(number)
    assert responder.processes[0].wait(PATIENCE) == 0
    assert time.monotonic() - start < 2
    assert "stopped" in responder.stderr()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1,
                                    signal.SIGINT, signal.SIGHUP])
def test_a_busy_process_ends_after_its_request(responder, tmp_path, number):
    body = event()
    records = fastcgi.stream(fastcgi.STDIN, body, piece=100)
    with fastcgi.FastCGIClient(responder.path) as client:
        client.send(head(body) + records[:150])
        wait_until_read(client.socket)
        responder.processes[0].send_signal(number)
        for i in range(150, len(records), 40):
            client.send(records[i:i + 40])
            wait_until_read(client.socket)
            responder.processes[0].send_signal(number)
        answer = client.read_answer()
    assert parse_answer(answer.stdout)[0] == 200
    assert responder.processes[0].wait(PATIENCE) == 0
    assert events(tmp_path) == ["evt_test_1"]


def test_a_cgi_process_ends_by_term_and_leaves_nothing(tmp_path):
    body = event()
    env = clean_environment(write_config(tmp_path))
    env.update(request(body, sign(body)))
    process = subprocess.Popen([program()], env=env, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)
    process.stdin.write(body[:100])
    process.stdin.flush()
    wait_until_read(process.stdin, termios.FIONREAD)
    process.terminate()
    assert process.wait(PATIENCE) == -signal.SIGTERM
    assert process.stdout.read() == b""
    process.stdin.close()
    process.stdout.close()
    assert not (tmp_path / "billhook.db").exists()


def test_nor_does_one_stay_that_was_refused_before_its_body(tmp_path):
    env = clean_environment(write_config(tmp_path))
    env.update(request(event(), None))
    env["REQUEST_METHOD"] = "GET"
    process = subprocess.Popen([program()], env=env, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
    answer = b""
    while not answer.endswith(b"}"):
        answer += os.read(process.stdout.fileno(), 1000)
    assert parse_answer(answer)[0] == 405
    process.terminate()
    assert process.wait(PATIENCE) == -signal.SIGTERM
    process.stdout.close()
    process.stdin.close()


def test_no_end_waits_long_for_who_holds_the_queue(tmp_path):
    """Not as long as a delivery would, which here is a minute."""
    config = write_config(tmp_path, BILLHOOK_PATIENCE=60000)
    with Responder(program(), tmp_path, config) as responder:
        assert deliver(responder) == 200
        with open(tmp_path / "billhook.db-lock", "r+b") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            responder.processes[0].terminate()
            assert responder.processes[0].wait(PATIENCE) == 0
    assert events(tmp_path) == ["evt_test_1"]


# Several requests, several processes.

def test_one_process_serves_many_requests(responder, tmp_path):
    for number in range(50):
        assert deliver(responder, f"evt_test_{number}") == 200
    assert len(events(tmp_path)) == 50


def test_several_processes_share_one_socket(tmp_path):
    with Responder(program(), tmp_path, write_config(tmp_path),
                   processes=4) as responder:
        ids = [f"evt_test_{number % 200}" for number in range(400)]
        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            assert set(pool.map(lambda i: deliver(responder, i), ids)) == {200}
        assert sorted(events(tmp_path)) == sorted(set(ids))
        assert responder.stop() == [0] * 4


def test_no_process_blocks_in_accept(responder):
    """One that another was faster than would not hear TERM any more."""
    assert deliver(responder) == 200
    assert fcntl.fcntl(responder.socket, fcntl.F_GETFL) & os.O_NONBLOCK


def test_it_ends_when_nobody_can_connect_any_more(tmp_path):
    with Responder(program(), tmp_path, write_config(tmp_path)) as responder:
        assert deliver(responder) == 200
        responder.socket.shutdown(socket.SHUT_RDWR)
        assert responder.processes[0].wait(PATIENCE) == 1
        assert "error: nobody can connect any more" in responder.stderr()


def test_a_connection_is_never_kept(responder):
    body = event()
    with fastcgi.FastCGIClient(responder.path) as client:
        answer = client.call(request(body, sign(body)), body,
                             flags=fastcgi.KEEP_CONNECTION)
        assert parse_answer(answer.stdout)[0] == 200
        assert client.is_closed()
        assert deliver(responder) == 200


def test_a_changed_configuration_is_read_between_requests(responder, tmp_path):
    def status(secret):
        body = event()
        answer = fastcgi.call(responder.path,
                              request(body, sign(body, secret)), body)
        return parse_answer(answer.stdout)[0]

    assert (status(SECRET), status(OTHER_SECRET)) == (200, 401)
    write_config(tmp_path, STRIPE_WEBHOOK_SECRET=f"{OTHER_SECRET},{SECRET}")
    assert (status(SECRET), status(OTHER_SECRET)) == (200, 200)
    write_config(tmp_path, STRIPE_WEBHOOK_SECRET="nonsense")
    assert (status(SECRET), status(OTHER_SECRET)) == (500, 500)
    write_config(tmp_path, STRIPE_WEBHOOK_SECRET=None)
    assert (status(SECRET), status(OTHER_SECRET)) == (500, 500)
    write_config(tmp_path, STRIPE_WEBHOOK_SECRET=OTHER_SECRET)
    assert (status(SECRET), status(OTHER_SECRET)) == (401, 200)
    assert responder.processes[0].poll() is None


def test_another_database_is_taken_between_requests(responder, tmp_path):
    assert deliver(responder, "evt_test_1") == 200
    other = tmp_path / "other.db"
    write_config(tmp_path, BILLHOOK_DATABASE=other)
    assert deliver(responder, "evt_test_2") == 200
    assert events(tmp_path) == ["evt_test_1"]
    assert rows(other, "SELECT id FROM stripe_events") == [("evt_test_2",)]


def test_a_database_that_comes_back_is_opened_again(tmp_path):
    (tmp_path / "place").write_text("")
    config = write_config(tmp_path,
                          BILLHOOK_DATABASE=tmp_path / "place" / "b.db")
    with Responder(program(), tmp_path, config) as responder:
        assert deliver(responder) == 503
        assert "the database cannot be opened" in responder.stderr()
        (tmp_path / "place").unlink()
        (tmp_path / "place").mkdir(mode=0o700)
        assert deliver(responder) == 200


def test_in_cgi_what_follows_the_answer_is_done_in_spite_of_sigterm(tmp_path):
    """lighttpd sends it to a CGI program whose answer it has."""
    config = write_config(tmp_path)
    for n in range(20):
        body = event(f"evt_test_{n}")
        env = clean_environment(config)
        env.update(request(body, sign(body)))
        process = subprocess.Popen([program()], env=env,
                                   stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL)
        process.stdin.write(body)
        process.stdin.close()
        assert parse_answer(process.stdout.read())[0] == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        process.stdout.close()
    # Whoever is the last to close the database leaves no log behind.
    assert not list(tmp_path.glob("*.db-wal"))
