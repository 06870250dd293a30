"""A process with a secret is shut to all but root: nobody else looks into its
memory, nor does the system write that into a file."""

import contextlib
import os
import shutil
import subprocess
import termios

import pytest

from billhook_test import clean_environment, program
from door_test import wait_until_read
from servers import USER, Ground, unprivileged


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
