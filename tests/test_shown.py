"""What the command shows: on a terminal, and of refused deliveries that were
kept."""

import fcntl
import json
import os
import pty
import pwd
import struct
import subprocess
import termios
import time

import pytest

from billhook_test import PATIENCE, sign
from command import BODY, Place, read_terminal

REASON = "the Stripe-Signature header has no signature of scheme v1; look"


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def commands(place):
    text = place.run("help").split("commands:\n")[1].split("\n\n")[0]
    return [line.split()[0] for line in text.splitlines()]


def on_a_terminal(place, *arguments):
    """The command with a terminal of 80 columns as its output."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen([place.real, *arguments], cwd=place.path,
                               env=place.environment(), stdout=theirs)
    os.close(theirs)
    shown = read_terminal(ours)
    assert process.wait(PATIENCE) == 0
    return shown.replace("\r\n", "\n")


def test_tables_fit_a_terminal_and_lose_nothing(place):
    place.run("trigger", "signup", "--tenant", "acme")
    for arguments in (("events",), ("tenants",), ("stats",)):
        wide = place.run(*arguments)
        shown = on_a_terminal(place, *arguments)
        assert max(map(len, wide.splitlines())) > 80, arguments
        assert max(map(len, shown.splitlines())) <= 80, shown
        # All but how long ago something came, which goes on.
        assert shown.split("ago")[0].rsplit(",", 1)[0].split() == \
            wide.split("ago")[0].rsplit(",", 1)[0].split(), arguments
    shown = on_a_terminal(place, "events", "--limit", "1").splitlines()
    assert shown[0].startswith("RECEIVED") and shown[1].startswith("    ")


def test_no_help_is_wider_than_a_terminal(place):
    for name in commands(place):
        text = place.run(name, "--help").split("\nexamples:\n")[0]
        assert all(len(line) < 80 for line in text.splitlines()), text


def test_the_list_of_kept_deliveries(place):
    now = int(time.time())
    place.keep((now - 600, sign(BODY, t=now - 600), BODY + b"\n",
                "401 mismatch"), (now - 60, "t=1", BODY, REASON))
    lines = place.run("explain", "--kept").splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert "  the Stripe-Signature head...  " in lines[1]
    listed = [json.loads(line) for line in
              place.run("explain", "--kept", "--json").splitlines()]
    assert listed == [
        {"n": 1, "at": now - 60, "bytes": len(BODY), "refused": REASON,
         "cause": "header-cut"},
        {"n": 2, "at": now - 600, "bytes": len(BODY) + 1,
         "refused": "401 mismatch", "cause": "newline-added"}]


def test_no_delivery_is_kept(place):
    assert place.run("explain", "--kept", "--json") == ""
    place.run("explain", "--kept", "1", status=1)
    assert "set BILLHOOK_KEEP_REJECTED=5" in place.errors
    place.run("explain", "--kept", "1", status=1, BILLHOOK_KEEP_REJECTED="5")
    assert "dropped after a day" in place.errors


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another")
def test_another_user_is_told_who_can_read_what_was_kept(place, tmp_path):
    for parent in (tmp_path, *tmp_path.parents):
        if parent.name.startswith(("pytest-", "test_", "popen-")):
            parent.chmod(0o711)
    place.keep((int(time.time()), "t=1", BODY, "401 mismatch"))

    def told():
        done = place.sh(f"setpriv --reuid=nobody --regid=nogroup "
                        f"--clear-groups '{place.real}' explain --kept")
        assert done.returncode == 1 and not done.stdout
        return done.stderr.decode()

    said = told()
    assert f"{place.config} cannot be read" in said
    assert "as the user of the responder, or as root" in said
    os.chown(place.config, pwd.getpwnam("nobody").pw_uid, -1)
    said = told()
    assert "billhook.db-rejected: cannot be read" in said
    assert "as the user of the responder, or as root" in said
