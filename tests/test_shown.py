"""What the command shows: on a terminal, of refused deliveries that were kept,
and of words that others choose."""

import fcntl
import json
import os
import pty
import pwd
import signal
import struct
import subprocess
import termios
import time

import pytest

from billhook_test import PATIENCE, sign
from command import BODY, Place, read_terminal
from command_db import body, tiny

# What a terminal would obey, take for another line, or not show.
HOSTILE = ("x\x1b[31m\nbillhook: forged\r\t\x07\x7f\u009b31m\u0085\u2028"
           "\u202e\u2066\u200b\ufeff\\").encode() + b"\xff\x9b\xc3"

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


def check_shown(place, text):
    """That nothing of HOSTILE came out but escaped, in one line of errors."""
    for told in (text, place.errors):
        assert all(c == "\n" or c.isprintable() for c in told), told
    assert "\nbillhook: forged" not in text + place.errors
    assert place.errors.count("\n") <= 1


@pytest.mark.parametrize("arguments", [
    (HOSTILE,), ("help", HOSTILE), (b"--" + HOSTILE,),
    ("events", b"--" + HOSTILE), ("events", HOSTILE),
    ("events", "--type", HOSTILE), ("events", "--since", HOSTILE),
    ("import", HOSTILE), ("sign", HOSTILE),
    ("sign", "--secret-file", HOSTILE, "body.json"),
    ("explain", "--header", "t=1", HOSTILE),
    ("explain", "--header", HOSTILE, "body.json"),
    ("explain", "--header-file", HOSTILE, "body.json"),
    ("backup", b"nowhere/" + HOSTILE), ("tenants", "--status", HOSTILE),
    ("tenant", HOSTILE), ("doctor", "--as", HOSTILE),
    ("doctor", "--url", b"http://127.0.0.1:1/" + HOSTILE),
    ("trigger", HOSTILE), ("trigger", "signup", "--url", HOSTILE),
    ("trigger", "signup", "--url", b"http://127.0.0.1:1/" + HOSTILE),
    ("trigger", "signup", "--cgi", HOSTILE),
    ("trigger", "signup", "--api-version", HOSTILE),
    ("trigger", "signup", "--tenant", HOSTILE),
    ("trigger", "signup", "--set", HOSTILE)])
def test_no_argument_forges_an_escape_or_a_line(place, arguments):
    place.run("trigger", "invoice.paid")
    for locale in ("C.UTF-8", "C"):
        text = place.run(*arguments, status=None, LC_ALL=locale)
        check_shown(place, text)
        assert text or place.errors
        assert (text + place.errors).isascii() or locale != "C"


def test_no_path_of_the_settings_forges_an_escape_or_a_line(place):
    path = os.fsdecode(bytes(place.path) + b"/" + HOSTILE)
    for name in commands(place):
        if name in ("help", "import", "backup", "tenant", "trigger"):
            continue
        for setting in ("BILLHOOK_CONFIG", "BILLHOOK_DATABASE"):
            check_shown(place, place.run(name, status=None,
                                         **{setting: path}))
    for arguments in (("import", "event.json"), ("backup", "copy.db"),
                      ("tenant", "acme"), ("trigger", "signup")):
        check_shown(place, place.run(*arguments, status=1,
                                     BILLHOOK_CONFIG=path))


def test_a_name_in_letters_stays_readable(place):
    for name in ("Zahlungsübersicht.json", "支払い.json"):
        place.run("sign", name, status=1)
        assert place.errors == (f"billhook sign: {name} cannot be read: No "
                                "such file or directory\n")
    place.run("sign", "Übersicht.json", status=1, LC_ALL="C")
    assert "sign: \\xc3\\x9cbersicht.json cannot" in place.errors


def program_that_says(place, *commands_):
    path = place.path / "says.sh"
    path.write_text("\n".join(("#!/bin/sh", *commands_)) + "\n")
    path.chmod(0o755)
    return str(path)


ANSWER = "printf 'Status: 200 OK\\r\\n\\r\\n{\"outcome\":\"applied\"}'"


def test_what_a_responder_says_is_told_escaped(place):
    (place.path / "words").write_bytes(HOSTILE + b"\n\nZo\xc3\xab")
    says = program_that_says(place, "cat words >&2", ANSWER, "cat >body")
    text = place.run("trigger", "invoice.paid", "--cgi", says)
    assert text.startswith("200 applied ")
    lines = place.errors.split("\n")
    assert lines[0] == "x\\x1b[31m" and lines[2:] == ["", "Zoë", ""]
    assert lines[1].startswith("billhook: forged\\x0d\\x09\\x07\\x7f\\xc2\\x9b")
    assert all(line.isprintable() for line in lines)
    assert (place.path / "body").read_bytes().startswith(b'{\n  "id": "evt_')

    says = program_that_says(place, "echo it fails >&2; exit 3")
    place.run("trigger", "invoice.paid", "--cgi", says, status=1)
    said, told = place.errors.splitlines()
    assert said == "it fails" and "(exit status 3)" in told


def test_a_responder_that_says_much_is_not_waited_for(place):
    says = program_that_says(place, "yes 2>&1 | head -c 3000000 >&2", ANSWER)
    text = place.run("trigger", "invoice.paid", "--cgi", says)
    assert text.startswith("200 applied ")
    assert place.errors.endswith("y\n...\n")
    assert 900000 < len(place.errors) < 2000000


def test_who_keeps_the_log_of_a_responder_is_not_waited_for(place):
    says = program_that_says(place, "sleep 25 >/dev/null & echo $! >child",
                             ANSWER)
    text = place.run("trigger", "invoice.paid", "--cgi", says)
    assert text.startswith("200 applied ")
    os.kill(int((place.path / "child").read_text()), signal.SIGKILL)


def test_a_printed_event_is_escaped_on_a_terminal_alone(place):
    name = "a\u009b2J\u202e\x7f\\\x1bë"
    arguments = ("trigger", "customer.created", "--print", "--at",
                 "1772704800", "--tenant")
    printed = place.run(*arguments, name)
    assert "\u009b2J\u202e\x7f" in printed
    shown = on_a_terminal(place, *arguments, name)
    assert all(c == "\n" or c.isprintable() for c in shown)
    assert "\\u009b2J\\u202e\\u007f" in shown and "ë" in shown
    assert json.loads(shown) == json.loads(printed)
    printed = place.run(*arguments, "acme", "--count", "2")
    shown = on_a_terminal(place, *arguments, "acme", "--count", "2")
    assert shown.replace("\n\n", "\n") == printed + "\n"


def make_latin_1(place):
    """Makes the locale latin1, which needs no charmap of the machine's; the
    variables that choose it."""
    (place.path / "charmap").write_text("\n".join((
        "<code_set_name> ISO-8859-1", "<escape_char> /", "<mb_cur_max> 1",
        "CHARMAP", *(f"<U{c:04X}> /x{c:02x}" for c in range(256)),
        "END CHARMAP", "")))
    (place.path / "source").write_text(
        "escape_char /\nLC_CTYPE\n"
        "upper <U0041>..<U005A>;<U00C0>..<U00D6>;<U00D8>..<U00DE>\n"
        "lower <U0061>..<U007A>;<U00DF>..<U00F6>;<U00F8>..<U00FF>\n"
        "punct <U0021>..<U002F>;<U003A>..<U0040>;<U005B>..<U0060>;"
        "<U007B>..<U007E>\nspace <U0020>\nEND LC_CTYPE\n")
    subprocess.run(["localedef", "--force", "--quiet", "-f", "./charmap",
                    "-i", "./source", "./latin1"], cwd=place.path,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    chosen = {"LOCPATH": str(place.path), "LC_ALL": "", "LC_CTYPE": "latin1"}
    done = place.sh("locale charmap", **chosen)
    assert done.stdout == b"ISO-8859-1\n", done.stderr
    return chosen


def test_letters_are_shown_where_the_charset_is_utf_8_alone(place):
    """In UTF-8 the letter U+00DB is the bytes C3 9B, and 9B alone begins an
    escape where a character is a byte."""
    name = "\u00db31m"
    event = tiny("evt_1", "customer.created", account=name, obj={
        "id": "cus_1", "object": "customer", "name": name})
    place.run("import", "-", stdin=body(event))
    for chosen in ({"LC_ALL": "C"}, make_latin_1(place)):
        shown = place.run("events", "evt_1", **chosen)
        assert shown.isascii() and "account     \\xc3\\x9b31m\n" in shown
        assert '"name": "\\u00db31m"' in shown
        place.run("sign", name, status=1, **chosen)
        assert place.errors.startswith("billhook sign: \\xc3\\x9b31m cannot")
    shown = place.run("events", "evt_1")
    assert f"account     {name}\n" in shown and f'"name": "{name}"' in shown
