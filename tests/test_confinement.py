"""The running responder is locked in: whoever takes it over opens no file but
the database's, no socket and no process; and what is its work it can do."""

import errno
import fcntl
import os
import resource
import shutil
import signal
import socket

import pytest

import fastcgi
from billhook_test import (OTHER_SECRET, PATIENCE, SECRET, Responder, event,
                           parse_answer, program, request, rows, sign,
                           wait_for, write_config)
from confining import (CHMOD, CHOWN, DENIED, EXECVE, FALLOCATE, FCHMOD,
                       FCHMODAT, FCNTL, FORK, FTRUNCATE, KILL, MKDIR, MMAP,
                       MORE, OPEN, PTRACE, PWRITE64, SETSOCKOPT, SHUTDOWN,
                       SOCKET, children, intrude, is_confined, landlock,
                       limits, needs_intruder, needs_landlock, needs_seccomp,
                       raise_limit, status)
from door_test import deliver
from servers import GROUP

READER = "billhook-reader"
SO_ATTACH_FILTER = 26
KILLED = f"killed by {int(signal.SIGSYS)}"


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


def shut_out(start, place):
    """A responder whose database cannot be yet, and which is not confined."""
    (place / "later").write_text("")
    responder = start(BILLHOOK_DATABASE=place / "later/billhook.db")
    assert deliver(responder) == 503
    assert status(responder.processes[0].pid)["NoNewPrivs"] == "0"
    return responder


def let_in(place):
    """From now on it can be."""
    (place / "later").unlink()
    (place / "later").mkdir(mode=0o700)


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


def test_its_limits_are_those_of_its_work(start, place):
    """No core, no process, a few descriptors, whatever it was started with;
    and no privileges of a program that it would start."""
    responder = shut_out(start, place)
    pid = responder.processes[0].pid
    names = {"CORE": 0, "NPROC": 0, "NOFILE": 64}
    for name in names:
        raise_limit(pid, name)
    assert limits(pid, "NOFILE") == {"NOFILE": (MORE, MORE)}
    let_in(place)
    assert deliver(responder) == 200
    assert confined(responder) == pid
    assert limits(pid, *names) == {name: (n, n) for name, n in names.items()}
    assert status(pid)["NoNewPrivs"] == "1"


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
    pid = confined(responder := start())
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


@needs_intruder
@needs_seccomp
@pytest.mark.parametrize("call", [
    (SHUTDOWN, 0, 2), (SHUTDOWN, 1 << 32, 2), (SHUTDOWN, 2, 2),
    (FTRUNCATE, 2, 0), (FTRUNCATE, 1 << 32 | 2, 0), (PWRITE64, 2, "x", 1, 0),
    (FALLOCATE, 2, 0, 0, 9), (FCNTL, 2, fcntl.F_SETFL, os.O_WRONLY),
    (SETSOCKOPT, 0, socket.SOL_SOCKET, SO_ATTACH_FILTER, 0, 0),
    (FCNTL, 0, fcntl.F_DUPFD, 9), (FCNTL, 0, fcntl.F_DUPFD_CLOEXEC, 9)],
    ids=str)
def test_who_takes_it_over_leaves_others_their_socket_and_log(start, call):
    """The web server shares descriptors 0 to 2 with other responders."""
    responder = start()
    assert intrude(confined(responder), *call) == str(-errno.ENOSYS)
    assert "confined to" in responder.stderr()
    assert deliver(responder) == 200


@needs_intruder
@needs_seccomp
def test_who_takes_it_over_lends_no_file(start, place):
    """No program that runs as the responder's user, nothing for others."""
    pid = confined(start())
    opened = next(fd for fd in os.listdir(f"/proc/{pid}/fd") if os.readlink(
        f"/proc/{pid}/fd/{fd}") == f"{place}/data/billhook.db")
    new = (place / "data/new", os.O_CREAT | os.O_RDWR)
    for mode in (0o4600, 0o2600, 0o6755):
        assert intrude(pid, OPEN, *new, mode) == str(-errno.ENOSYS)
    for mode in (0o4600, 0o700, 0o606, 0o660, 0):
        assert intrude(pid, FCHMOD, opened, mode) == str(-errno.ENOSYS)
    assert not new[0].exists()
    assert intrude(pid, FCHMOD, opened, 0o600) == "0"


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
    responder = shut_out(start, place)
    pid = responder.processes[0].pid
    assert responder.stderr().count("not confined yet") == 1
    assert status(pid)["Seccomp"] == "0"
    let_in(place)
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


@pytest.mark.parametrize("journal", ["wal", "truncate"])
@pytest.mark.parametrize("mode", [0o644, 0o700, 0o777])
def test_a_database_in_a_mode_of_its_operators_is_served(start, place,
                                                         journal, mode):
    """SQLite gives the files beside it that mode; some file systems have no
    other."""
    database = place / "data/billhook.db"
    with Responder(program(), place, write_config(
            place, BILLHOOK_DATABASE=database)) as first:
        assert deliver(first, "evt_test_0") == 200
    database.chmod(mode)
    responder = start(BILLHOOK_JOURNAL=journal)
    confined(responder)
    assert deliver(responder) == 200
    beside = place / ("data/billhook.db-wal" if journal == "wal" else
                      "data/billhook.db-journal")
    assert beside.stat().st_mode & 0o777 == mode


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
    assert told.count("the settings cannot be read again") == 1
    assert "Too many open files" in told
    resource.prlimit(reader, resource.RLIMIT_NOFILE, limits)
    assert answer_of(responder, "evt_test_3", OTHER_SECRET)[0] == 200
