"""The running responder is locked in, under every server: whoever takes it
over opens no file but the database's, no socket and no process; and what is
its work it can do."""

import errno
import fcntl
import os
import resource
import shutil
import signal
import socket
import subprocess
import termios

import pytest

import fastcgi
from billhook_test import (OTHER_SECRET, PATIENCE, SECRET, Responder,
                           clean_environment, event, parse_answer, program,
                           request, rows, sign, wait_for, write_config)
from confining import (CHMOD, CHOWN, EXECVE, FCHMODAT, FCNTL, FORK, INTRUDES,
                       KILL, MKDIR, MMAP, OPEN, PTRACE, SOCKET, children,
                       intrude, is_confined, landlock, needs_intruder,
                       needs_landlock, needs_seccomp, status)
from door_test import deliver, wait_until_read
from servers import (GROUP, URL, Apache, ApacheCgid, Ground, Lighttpd,
                     LighttpdSpawn, processes_of)

READER = "billhook-reader"
KILLED = f"killed by {int(signal.SIGSYS)}"
DENIED = str(-errno.EACCES)


@pytest.fixture
def place(tmp_path):
    """The configuration is not where the database is."""
    (tmp_path / "data").mkdir(mode=0o700)
    return tmp_path


@pytest.fixture
def start(place):
    """Starts responders; the test ends those that have not ended."""
    started = []

    def start(**settings):
        settings.setdefault("BILLHOOK_DATABASE", place / "data/billhook.db")
        config = write_config(place, **settings)
        started.append(Responder(program(), place, config,
                                 name=f"{len(started)}.sock"))
        return started[-1]

    yield start
    for responder in started:
        responder.stop()


def confined(responder):
    """The id of its process, once that is confined."""
    pid = responder.processes[0].pid
    wait_for(lambda: "confined to the system" in responder.stderr(),
             "confinement")
    assert is_confined(pid)
    return pid


def answer_of(responder, event_id="evt_test_1", secret=SECRET):
    """(status, log) of a delivery."""
    body = event(event_id)
    answer = fastcgi.call(responder.path,
                          request(body, sign(body, secret)), body)
    return parse_answer(answer.stdout)[0], answer.stderr.decode()


def ends(responder):
    """Waits for the end of a process that cannot serve any more."""
    assert responder.processes[0].wait(PATIENCE) == 1
    responder.processes[0] = responder.start()


# What holds.

@needs_landlock
@needs_seccomp
def test_it_is_confined_and_says_so(start, place):
    responder = start()
    pid = confined(responder)
    assert [line for line in responder.stderr().splitlines()
            if "confined to " in line] == [
        f"billhook: info: confined to {place}/data (Landlock {landlock()})",
        "billhook: info: confined to the system calls of its work (seccomp)"]
    assert deliver(responder) == 200
    assert is_confined(pid)


@needs_landlock
def test_its_reader_is_confined_too_and_ends_with_it(start):
    responder = start()
    reader, = children(confined(responder))
    assert is_confined(reader)
    assert status(reader)["Name"] == READER
    responder.processes[0].kill()
    wait_for(lambda: not os.path.exists(f"/proc/{reader}/cmdline") or
             status(reader)["State"].startswith("Z"), "the reader's end")


@needs_landlock
def test_no_reader_is_left_when_it_stops(start):
    responder = start()
    reader, = children(confined(responder))
    assert responder.stop() == [0]
    assert not os.path.exists(f"/proc/{reader}")


@needs_intruder
@needs_landlock
@pytest.mark.parametrize("path, flags", [
    ("/etc/passwd", os.O_RDONLY), ("/", os.O_RDONLY | os.O_DIRECTORY),
    ("@/billhook.conf", os.O_RDONLY), ("@/data/../0.sock.log", os.O_WRONLY),
    ("@/new", os.O_WRONLY | os.O_CREAT), ("/proc/self/mem", os.O_RDWR),
    ("/dev/mem", os.O_RDONLY), ("/bin/sh", os.O_RDONLY)])
def test_who_takes_it_over_opens_no_other_file(start, place, path, flags):
    responder = start()
    pid = confined(responder)
    path = path.replace("@", str(place))
    # /dev/mem need not be there; then nothing opens it either.
    assert intrude(pid, OPEN, path, flags, 0o600) == DENIED or \
        not os.path.exists(path)
    assert not (place / "new").exists()
    assert deliver(responder) == 200
    assert int(intrude(pid, OPEN, place / "data/billhook.db",
                       os.O_RDWR)) >= 0


@needs_intruder
@needs_seccomp
@pytest.mark.parametrize("call", [
    (SOCKET, int(socket.AF_INET), int(socket.SOCK_STREAM), 0),
    (SOCKET, int(socket.AF_UNIX), int(socket.SOCK_STREAM), 0),
    (FORK,), (EXECVE, "/bin/true", 0, 0), (PTRACE, 0, 0, 0, 0), (KILL, 1, 0)],
    ids=lambda call: str(call[0]))
def test_a_socket_or_a_process_is_its_end(start, place, call):
    responder = start()
    assert deliver(responder) == 200
    pid = confined(responder)
    assert intrude(pid, *call) == KILLED
    assert responder.processes[0].wait(PATIENCE) == -signal.SIGSYS
    responder.processes[0] = responder.start()
    assert deliver(responder, "evt_test_2") == 200


@needs_intruder
@needs_seccomp
def test_who_takes_it_over_makes_no_code_and_no_directory(start, place):
    responder = start()
    pid = confined(responder)
    assert intrude(pid, MMAP, 0, 4096, 7, 0x22, -1, 0) == str(-errno.ENOSYS)
    assert intrude(pid, MKDIR, place / "data/new", 0o700) == \
        str(-errno.ENOSYS)
    assert deliver(responder) == 200


@needs_intruder
@needs_seccomp
@pytest.mark.parametrize("call", [
    (CHMOD, "@/billhook.conf", 0o666), (CHOWN, "@/billhook.conf", -1, -1),
    (FCHMODAT, -100, "@/billhook.conf", 0o666),
    (FCNTL, 0, fcntl.F_SETOWN, 1), (FCNTL, 0, fcntl.F_SETSIG, 9)],
    ids=lambda call: f"{call[0]}-{call[2]}")
def test_who_takes_it_over_gives_no_file_and_no_signal_away(start, place,
                                                            call):
    """Landlock guards neither modes nor owners."""
    responder = start()
    pid = confined(responder)
    before = (place / "billhook.conf").stat()
    call = [str(word).replace("@", str(place)) if isinstance(word, str)
            else word for word in call]
    assert intrude(pid, *call) == str(-errno.ENOSYS)
    assert (place / "billhook.conf").stat() == before
    assert intrude(pid, FCNTL, 0, fcntl.F_GETFL) != str(-errno.ENOSYS)
    assert deliver(responder) == 200


# What it can do still.

def test_a_file_in_the_place_of_its_configuration_is_read(start, place):
    responder = start()
    pid = confined(responder)
    assert answer_of(responder, secret=OTHER_SECRET)[0] == 401
    for secret in (OTHER_SECRET, SECRET, OTHER_SECRET):
        write_config(place, STRIPE_WEBHOOK_SECRET=secret,
                     BILLHOOK_DATABASE=place / "data/billhook.db")
        assert answer_of(responder, secret=secret)[0] == 200
    (place / "billhook.conf").unlink()
    assert answer_of(responder)[0] == 500
    write_config(place, BILLHOOK_DATABASE=place / "data/billhook.db")
    assert answer_of(responder)[0] == 200
    assert responder.processes[0].poll() is None and is_confined(pid)


def test_a_database_that_was_removed_is_made_again(start, place):
    responder = start(BILLHOOK_GROUP=GROUP.gr_name,
                      BILLHOOK_KEEP_REJECTED="3")
    confined(responder)
    assert deliver(responder, "evt_test_1") == 200
    for path in (place / "data").iterdir():
        path.unlink()
    assert deliver(responder, "evt_test_2") == 200
    assert rows(place / "data/billhook.db",
                "SELECT id FROM stripe_events") == [("evt_test_2",)]
    assert (place / "data/billhook.db").stat().st_gid == GROUP.gr_gid
    assert answer_of(responder, secret=OTHER_SECRET)[0] == 401
    assert (place / "data/billhook.db-rejected").exists()


def test_it_is_confined_as_soon_as_there_is_a_database(start, place):
    (place / "later").write_text("")
    responder = start(BILLHOOK_DATABASE=place / "later/billhook.db")
    pid = responder.processes[0].pid
    assert deliver(responder) == 503
    assert responder.stderr().count("not confined yet") == 1
    assert status(pid)["Seccomp"] == "0"
    (place / "later").unlink()
    (place / "later").mkdir(mode=0o700)
    assert deliver(responder) == 200
    assert confined(responder) == pid
    assert deliver(responder, "evt_test_2") == 200


# What it cannot, and ends for.

@needs_landlock
def test_for_another_directory_it_ends_and_is_started_anew(start, place):
    responder = start()
    confined(responder)
    assert deliver(responder, "evt_test_1") == 200
    (place / "other").mkdir(mode=0o700)
    write_config(place, BILLHOOK_DATABASE=place / "other/billhook.db")
    code, log = answer_of(responder, "evt_test_2")
    assert code == 503 and "the database's directory is another one" in log
    ends(responder)
    assert deliver(responder, "evt_test_2") == 200
    assert rows(place / "other/billhook.db",
                "SELECT id FROM stripe_events") == [("evt_test_2",)]


@needs_landlock
def test_for_a_directory_in_the_place_of_its_own_it_ends(start, place):
    responder = start()
    confined(responder)
    shutil.move(place / "data", place / "old")
    (place / "data").mkdir(mode=0o700)
    assert deliver(responder) == 503
    ends(responder)
    assert deliver(responder) == 200


def test_for_another_group_it_ends(start, place):
    responder = start()
    confined(responder)
    write_config(place, BILLHOOK_DATABASE=place / "data/billhook.db",
                 BILLHOOK_GROUP=GROUP.gr_name)
    code, log = answer_of(responder)
    assert code == 503 and "BILLHOOK_GROUP" in log
    ends(responder)
    assert deliver(responder) == 200


@needs_landlock
def test_without_its_reader_it_serves_until_the_file_changes(start, place):
    responder = start()
    reader, = children(confined(responder))
    os.kill(reader, signal.SIGKILL)
    assert deliver(responder) == 200
    write_config(place, BILLHOOK_DATABASE=place / "data/billhook.db",
                 STRIPE_WEBHOOK_SECRET=OTHER_SECRET)
    code, log = answer_of(responder)
    assert code == 503 and READER in log
    ends(responder)
    assert answer_of(responder, secret=OTHER_SECRET)[0] == 200


@needs_landlock
def test_settings_that_cannot_be_read_now_leave_those_before(start, place):
    responder = start()
    reader, = children(confined(responder))
    limits = resource.prlimit(reader, resource.RLIMIT_NOFILE)
    resource.prlimit(reader, resource.RLIMIT_NOFILE, (0, limits[1]))
    write_config(place, BILLHOOK_DATABASE=place / "data/billhook.db",
                 STRIPE_WEBHOOK_SECRET=OTHER_SECRET)
    answers = [answer_of(responder, f"evt_test_{i}") for i in (1, 2)]
    assert [code for code, _ in answers] == [200, 200]
    told = responder.stderr() + "".join(log for _, log in answers)
    assert told.count("the settings changed, and cannot be read") == 1
    assert "Too many open files" in told
    resource.prlimit(reader, resource.RLIMIT_NOFILE, limits)
    assert answer_of(responder, "evt_test_3", OTHER_SECRET)[0] == 200


# Under the servers.

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
    pids = processes_of(server.ground.program)
    assert pids
    for pid in pids:
        wait_for(lambda: is_confined(pid), "confinement")
        if INTRUDES:
            assert intrude(pid, OPEN, "/etc/passwd", os.O_RDONLY, 0) == DENIED
    body = event("evt_test_2")
    assert server.post(body, sign(body))[0] == 200


@needs_landlock
def test_a_responder_in_plain_cgi_is_confined(place):
    config = write_config(place, BILLHOOK_DATABASE=place / "data/billhook.db")
    with Responder(program(), place, config) as responder:
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
