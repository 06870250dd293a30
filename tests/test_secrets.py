"""A process with a secret is shut to all but root: nobody else looks into its
memory, and what ps shows of it has no secret."""

import contextlib
import os
import shutil
import subprocess
import termios

import pytest

from billhook_test import (SECRET, Responder, clean_environment, event,
                           program, request, sign, wait_for, write_config)
from confining import children, landlock, status
from door_test import deliver, wait_until_read
from load import Crew
from servers import ROOT, USER, Ground, give, unprivileged


@pytest.fixture
def ground():
    """A place of a user who is not root: what is root's says nothing."""
    ground = Ground(program())
    yield ground
    ground.remove()


@contextlib.contextmanager
def waiting(command, env):
    """The id of that user's process, which has read a byte and waits for
    more."""
    process = subprocess.Popen(
        unprivileged(*command), env=env, stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.stdin.write(b"x")
        process.stdin.flush()
        wait_until_read(process.stdin, termios.FIONREAD)
        yield process.pid
    finally:
        process.kill()
        process.wait()
        process.stdin.close()


def is_shut(pid):
    """Whether a process is not dumpable: what tells of it is root's then."""
    owner = os.stat(f"/proc/{pid}/mem").st_uid
    assert owner in (0, USER.pw_uid)
    return owner == 0


def test_a_process_is_open_by_itself():
    with waiting([shutil.which("cat")], clean_environment()) as pid:
        assert not is_shut(pid)


def test_nobody_looks_into_the_command(ground):
    command = ground.program.with_name("billhook")
    shutil.copy(program("BILLHOOK"), command)
    command.chmod(0o755)
    with waiting([command, "sign"], clean_environment(ground.config)) as pid:
        assert is_shut(pid)


def test_nobody_looks_into_a_responder(ground):
    """Nor into billhook-reader, be they confined or not yet."""
    place = ground.path / "var/later"
    place.write_text("")
    config = give(write_config(ground.path,
                               BILLHOOK_DATABASE=place / "billhook.db"))
    with Crew(str(ground.program), ground.path / "server", config, 1,
              unprivileged()) as crew:
        pid = crew.processes[0].pid
        assert deliver(crew) == 503
        assert status(pid)["NoNewPrivs"] == "0"
        assert all(map(is_shut, (pid, *children(pid))))
        place.unlink()
        place.mkdir(mode=0o700)
        give(place)
        assert deliver(crew) == 200
        wait_for(lambda: status(pid)["NoNewPrivs"] == "1", "confinement")
        assert all(map(is_shut, (pid, *children(pid))))


def test_nobody_looks_into_a_responder_in_plain_cgi(ground):
    env = clean_environment(ground.config)
    env.update(request(event(), sign(event())))
    with waiting([ground.program], env) as pid:
        assert is_shut(pid)


@pytest.mark.parametrize("by", ["file", "environment"])
def test_no_secret_is_in_ps(tmp_path, by):
    """Of the responder and of billhook-reader, which it has started: neither
    in the words nor in the name.  The environment is shown, to root alone,
    as it came; a secret of the file is not put into it."""
    config = write_config(tmp_path, **(
        {} if by == "file" else {"STRIPE_WEBHOOK_SECRET": None}))
    env = {} if by == "file" else {"STRIPE_WEBHOOK_SECRET": SECRET}
    names = ["cmdline", "comm"]
    if ROOT and by == "file":
        names.append("environ")
    with Responder(program(), tmp_path, config, env=env) as responder:
        assert deliver(responder) == 200
        pid = responder.processes[0].pid
        pids = [pid, *children(pid)]
        assert len(pids) == (2 if landlock() else 1)
        for each in pids:
            for name in names:
                with open(f"/proc/{each}/{name}", "rb") as file:
                    # A name has room for fifteen bytes.
                    assert SECRET[6:14].encode() not in file.read(), name
