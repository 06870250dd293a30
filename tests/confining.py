"""What the tests of the responder's confinement share: what holds for a
process, and what comes of a system call that somebody makes in it."""

import contextlib
import ctypes
import errno
import os
import pathlib
import platform
import resource
import subprocess

import pytest

# Numbers of x86-64, which tests/intruder knows.
OPEN, SOCKET, FORK, EXECVE, PTRACE, KILL = 2, 41, 57, 59, 101, 62
MMAP, MKDIR, FCHMOD, FTRUNCATE, SHUTDOWN, SETSOCKOPT = 9, 83, 91, 77, 48, 54
FALLOCATE, PWRITE64 = 285, 18
FCNTL, CHMOD, CHOWN, FCHMODAT = 72, 90, 92, 268

MORE = 100      # of anything, than a confined responder may have

DENIED = str(-errno.EACCES)     # by Landlock

CREATE_RULESET, VERSION = 444, 1
BUILD = pathlib.Path(os.environ.get("BILLHOOK_BUILD", "."))


def built_with(name):
    """Whether configure has defined a name."""
    return f"-D{name}=1" in (BUILD / "Makefile").read_text()


SECCOMP = built_with("HAVE_SECCOMP")


def landlock():
    """The version of Landlock that kernel and build have, 0 if none."""
    if not built_with("HAVE_LANDLOCK"):
        return 0
    abi = ctypes.CDLL(None).syscall(CREATE_RULESET, None, ctypes.c_size_t(0),
                                    ctypes.c_uint(VERSION))
    return max(abi, 0)


needs_landlock = pytest.mark.skipif(
    landlock() == 0, reason="this kernel or build has no Landlock")
needs_seccomp = pytest.mark.skipif(
    not SECCOMP, reason="this build has no seccomp")
# The sanitizers' build reads files of its own.
INTRUDES = os.geteuid() == 0 and platform.machine() == "x86_64" and \
    not built_with("BILLHOOK_SANITIZED")
needs_intruder = pytest.mark.skipif(
    not INTRUDES, reason="to take a responder over needs root, a processor"
    " that tests/intruder knows, and a build without sanitizers")


def status(pid):
    """The lines of /proc/PID/status."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return dict(line.split(":\t", 1) for line in text.splitlines()
                if ":\t" in line)


def is_confined(pid, filtered=True):
    """Whether it has no new privileges and, for FastCGI, its filter."""
    told = status(pid)
    return told["NoNewPrivs"] == "1" and \
        told["Seccomp"] == ("2" if filtered and SECCOMP else "0")


def limits(pid, *names):
    """Its limits of these names: the one that counts, and the most."""
    return {name: resource.prlimit(pid, getattr(resource, f"RLIMIT_{name}"))
            for name in names}


def raise_limit(pid, name):
    """Lets it have more than when it is confined, where that may be: only
    root raises what is the most."""
    with contextlib.suppress(PermissionError, ValueError):
        resource.prlimit(pid, getattr(resource, f"RLIMIT_{name}"),
                         (MORE, MORE))


def children(pid):
    """The processes that it has started."""
    text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]


def intrude(pid, call, *arguments):
    """What comes of a system call that the process is made to do."""
    done = subprocess.run(
        [BUILD / "tests/intruder", str(pid), str(call),
         *map(str, arguments)], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
