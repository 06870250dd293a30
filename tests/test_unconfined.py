"""Where the kernel lacks what a responder locks itself in with, it says so once
and serves all the same, and billhook doctor shows it."""

import errno
import json
import os
import subprocess

import pytest

from billhook_test import (clean_environment, event, parse_answer, program,
                           request, sign, wait_for, write_config)
from confining import BUILD, landlock, needs_seccomp
from door_test import deliver
from load import Crew

pytestmark = needs_seccomp      # tests/lacking has a filter, too

LANDLOCK = "the database's directory: no Landlock in this kernel or build"
SECCOMP = "the system calls of its work: "
TRIES = 100                     # of cgi/confine.c


@pytest.fixture(params=[("landlock", errno.ENOSYS),
                        ("landlock", errno.EOPNOTSUPP),
                        ("seccomp", errno.ENOSYS), ("seccomp", errno.EINVAL)],
                ids=lambda lack: f"{lack[0]}-{errno.errorcode[lack[1]]}")
def lack(request):
    """What there is none of, and the error that says so."""
    return request.param


def without(lack, *command):
    return [str(BUILD / "tests/lacking"), lack[0], str(lack[1]), *command]


def test_without_it_says_so_once_and_serves(tmp_path, lack):
    with Crew(program(), tmp_path, write_config(tmp_path), 1,
              without(lack)) as crew:
        assert deliver(crew, "evt_test_1") == 200
        wait_for(lambda: "(seccomp)" in crew.stderr() or
                 SECCOMP in crew.stderr(), "what it says")
        assert deliver(crew, "evt_test_2") == 200
        assert crew.stop() == [0]
        said = [line for line in crew.stderr().splitlines()
                if "confined" in line]
    lacking = [line for line in said if "not confined" in line]
    assert len(said) == 2
    assert len(lacking) == (2 if lack[0] == "seccomp" and not landlock()
                            else 1)
    what = LANDLOCK if lack[0] == "landlock" else SECCOMP
    assert lacking[-1].startswith(f"billhook: warning: not confined to {what}")
    assert lacking[-1].endswith("; billhook doctor says more")


def test_without_another_process_it_is_confined(tmp_path):
    """Its filter is made in one, where there is one."""
    with Crew(program(), tmp_path, write_config(tmp_path), 1,
              without(("process", errno.EAGAIN))) as crew:
        assert deliver(crew, "evt_test_1") == 200
        wait_for(lambda: "(seccomp)" in crew.stderr(), "what it says")
        assert deliver(crew, "evt_test_2") == 200
        assert crew.stop() == [0]
        assert "not confined to the system" not in crew.stderr()


@pytest.mark.parametrize("error", [errno.ENOMEM, errno.EMFILE, errno.ENFILE],
                         ids=errno.errorcode.get)
def test_without_memory_for_its_filter_it_waits_and_then_does_without(
        tmp_path, error):
    """The rest holds from then on: a filter that never comes does not keep
    the door to the file system open."""
    with Crew(program(), tmp_path, write_config(tmp_path), 1,
              without(("file", error))) as crew:
        # Once at the start, and then after each request.
        for n in range(1, TRIES):
            assert deliver(crew, f"evt_test_{n}") == 200
        yet = [line for line in crew.stderr().splitlines()
               if "confined" in line]
        assert yet == ["billhook: warning: not confined yet: "
                       f"{os.strerror(error)}; tried again at each request"]
        assert deliver(crew, "evt_test_last") == 200
        lacking = (f"not confined to {SECCOMP}{os.strerror(error)}; "
                   "billhook doctor says more")
        wait_for(lambda: lacking in crew.stderr(), "what it lacks")
        assert not landlock() or \
            f"confined to {tmp_path} (Landlock" in crew.stderr()
        assert deliver(crew, "evt_test_confined") == 200
        assert crew.stop() == [0]


def test_without_it_plain_cgi_serves(tmp_path, lack):
    env = clean_environment(write_config(tmp_path))
    for body in (event("evt_test_1"), event("evt_test_2")):
        env.update(request(body, sign(body)))
        done = subprocess.run(without(lack, program()), input=body, env=env,
                              capture_output=True)
        assert parse_answer(done.stdout)[0] == 200, done.stderr


def test_without_it_doctor_shows_that(tmp_path, lack):
    done = subprocess.run(
        without(lack, program("BILLHOOK"), "doctor", "--json"),
        env=clean_environment(write_config(tmp_path)), capture_output=True)
    found = {finding["check"]: finding
             for finding in json.loads(done.stdout)["findings"]}
    assert found[lack[0]]["level"] == "warning"
    assert found[lack[0]]["says"].startswith("there is no")
    assert "responders serve without it" in found[lack[0]]["advice"]
    if lack[0] == "landlock":
        assert found["seccomp"]["level"] == "ok"
