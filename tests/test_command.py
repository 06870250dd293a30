"""The operator's command: its frame, config, sign, explain, and the examples
of its --help and manual page, every one of which is run."""

import http.server
import json
import os
import pwd
import re
import subprocess
import tempfile
import threading
import time

import pytest
import stripe

from billhook_test import OTHER_SECRET, SECRET, sign
from command import BODY, MINIFIED, STRIPE_CLI, Place, source

# Examples that must fail: what they show is a fault.
FAILING = {"billhook explain --kept 1": 1}

@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


class Endpoint(http.server.BaseHTTPRequestHandler):
    """Answers as the responder would, and keeps what came."""

    def do_GET(self):
        self.send_response(405)
        self.send_header("Allow", "POST")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.append((dict(self.headers), body))
        answer = json.dumps({"received": True,
                             "outcome": self.server.outcome}).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def endpoint():
    server = http.server.HTTPServer(("127.0.0.1", 0), Endpoint)
    server.came, server.status, server.outcome = [], 200, "applied"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def commands(place):
    text = place.run("help").split("commands:\n")[1].split("\n\n")[0]
    return [line.split()[0] for line in text.splitlines()]


def examples_of(text):
    """The examples in a text of nothing else: "$ ", or "# " for root."""
    found = [re.fullmatch(r" *([$#]) (\S.*)", line)
             for line in text.splitlines()]
    assert found and all(found), f"not only examples:\n{text}"
    return [match.groups() for match in found]


def helped(place, name):
    """The examples of a command's --help."""
    text = place.run(name, "--help")
    assert text == place.run("help", name)
    assert text.count("examples:\n") == 1, f"{name} --help has no examples"
    return examples_of(text.split("examples:\n")[1])


def manual(text):
    """The examples of the manual page, or a part of it, as mandoc would show
    them: all of its displays."""
    assert not re.search(r"^\.(Dl|D1|Bd (?!-literal ))", text, re.M)
    shown = re.findall(r"^\.Bd -literal .*?\n(.*?)^\.Ed$", text, re.M | re.S)
    return [example for display in shown
            for example in examples_of(display.replace("\\e", "\\"))]


def page():
    return (source() / "cli/billhook.1").read_text(encoding="utf-8")


def place_of_www_data(place):
    """A place that belongs to the user www-data, who may enter it."""
    made = Place(tempfile.mkdtemp(dir=place.path))
    owner = pwd.getpwnam("www-data")
    for path in (made.path, made.config):
        os.chown(path, owner.pw_uid, owner.pw_gid)
    for parent in made.path.parents:
        if parent.name.startswith(("pytest-", "test_", "popen-")):
            parent.chmod(0o711)
    return made


def run_example(place, endpoint, prompt, example):
    """Runs an example where all that it names is there."""
    at = (1700000000 if "2023-11-14T22:13:20Z" in example else
          int(time.time()) - 3600 if "--at now-1h" in example else
          int(time.time()))
    place.header(at)
    place.keep((int(time.time()), sign(BODY), MINIFIED, "401 mismatch"))
    place.install("stripe", STRIPE_CLI)
    if "damaged.db" in example:
        place.run("import", "event.json")
        place.database.rename(place.path / "damaged.db")
    line = example
    for url in ("http://127.0.0.1:8080/", "https://example.com/"):
        line = line.replace(url, f"http://127.0.0.1:{endpoint.server_port}/")
    if prompt == "#" and os.geteuid() == 0:
        place = place_of_www_data(place)
    elif prompt == "#":
        # Only root can be another user than itself.
        me = pwd.getpwuid(os.geteuid()).pw_name
        line = line.replace("--as www-data", f"--as {me}")
    done = place.sh("set -o pipefail; " + line)
    assert done.returncode == FAILING.get(example, 0), \
        (example, done.stdout, done.stderr)
    assert done.stdout and SECRET.encode() not in done.stdout + done.stderr


def test_every_example_of_every_help_works(place, endpoint):
    names = [name for name in commands(place) if name != "help"]
    assert set(names) >= {"config", "explain", "sign", "trigger"}
    for name in names:
        for example in helped(place, name):
            run_example(place, endpoint, *example)


def test_every_example_of_the_manual_page_works(place, endpoint):
    examples = manual(page())
    assert len(examples) >= 30
    for example in examples:
        run_example(place, endpoint, *example)


def test_an_example_that_cannot_be_run_is_noticed():
    display = ".Bd -literal -offset indent\n{}\n.Ed\n"
    assert manual(display.format("$ billhook x\n# A=1 y | billhook z")) == [
        ("$", "billhook x"), ("#", "A=1 y | billhook z")]
    for text in (display.format("billhook x"), display.format("$ x\n> y"),
                 display.format(""), ".Dl billhook x\n",
                 ".Bd -unfilled\n$ billhook x\n.Ed\n"):
        with pytest.raises(AssertionError):
            manual(text)


def test_every_command_and_option_stands_in_the_manual_page(place):
    text = page()
    for name in commands(place):
        if name == "help":
            continue
        section = re.search(rf'BEGIN {name}\n(.*?)\.\\" END {name}\n', text,
                            re.S)
        assert section and f".Cm {name}\n" in section[1], name
        assert manual(section[1]), f"{name} has no example"
        for option in re.findall(r"^  --([a-z-]+)",
                                 place.run(name, "--help"), re.M):
            assert f"Fl -{option}" in section[1] or option == "help", \
                (name, option)


def test_the_manual_page_is_clean():
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning",
                           source() / "cli/billhook.1"],
                          stdout=subprocess.PIPE)
    assert done.returncode == 0, done.stdout


def test_the_frame_answers_wrong_usage(place):
    assert place.run("--version").startswith("billhook ")
    assert "commands:" in place.run("--help")
    assert "commands:" in place.run(status=2)
    place.run("expain", status=2)
    assert "perhaps explain" in place.errors
    place.run("xyzzyx", status=2)
    assert "perhaps" not in place.errors
    for name in commands(place):
        if name != "help":
            place.run(name, "--no-such-option", status=2)
            assert f"billhook {name} --help" in place.errors
    place.run("sign", "--secret-file", status=2)
    assert "needs an argument" in place.errors


def test_config_says_where_each_value_came_from(place):
    shown = place.json("config", BILLHOOK_LOG="debug")["settings"]
    assert shown["BILLHOOK_LOG"] == {"value": "debug", "from": "environment"}
    assert shown["BILLHOOK_TOLERANCE"] == {"value": "300", "from": "default"}
    assert shown["STRIPE_WEBHOOK_SECRET"] == {
        "value": "..." + SECRET[-4:], "from": "file", "line": 1}
    assert len(shown) == 12
    table = place.run("config")
    assert SECRET not in table and SECRET[-4:] in table
    assert str(place.config) in table


def test_config_says_why_settings_are_not_usable(place):
    place.run("config", status=1, STRIPE_WEBHOOK_SECRET="sk_test_12345678")
    assert "API key" in place.errors and "12345678" not in place.errors
    place.run("config", status=1, BILLHOOK_TOLERANCE="0")
    assert "BILLHOOK_TOLERANCE" in place.errors
    with open(place.config, "a") as file:
        file.write("export BILLHOOK_LOG=debug\n")
    place.run("config", status=1)
    assert "take that away" in place.errors


def test_a_hostile_value_cannot_forge_escapes(place, endpoint):
    key = "a\u202eb\\c"
    table = place.run("config", BILLHOOK_TENANT_KEY=key)
    assert "a\\xe2\\x80\\xaeb\\\\c" in table and "\u202e" not in table
    shown = place.json("config", BILLHOOK_TENANT_KEY=key)
    assert shown["settings"]["BILLHOOK_TENANT_KEY"]["value"] == key
    assert place.run("config", "--json", BILLHOOK_TENANT_KEY=key).isascii()
    assert "café" in place.run("config", BILLHOOK_TENANT_KEY="café")
    place.keep((int(time.time()), "", b"x", "\x1b[2Jgone\u009b\xff"))
    table = place.run("explain", "--kept")
    assert "\\x1b[2Jgone\\xc2\\x9bÿ" in table and "\x1b" not in table
    endpoint.outcome = "\x1b]0;x\x07\r\n"
    told = place.run("trigger", "invoice.paid", "--url",
                     f"http://127.0.0.1:{endpoint.server_port}/")
    assert "\\x1b]0;x\\x07\\x0d\\x0a  " in told and "\x1b" not in told


def test_sign_makes_what_stripe_would(place):
    at = int(time.time()) - 10
    header = place.run("sign", "--at", str(at), "body.json").strip()
    assert header == sign(BODY, t=at)
    header = place.run("sign", stdin=BODY).strip()
    event = stripe.Webhook.construct_event(BODY, header, SECRET)
    assert event["id"] == "evt_test_cli"
    (place.path / "other.txt").write_text(OTHER_SECRET + "\r\n")
    header = place.run("sign", "--secret-file", "other.txt", "body.json",
                       "--at", str(at)).strip()
    assert header == sign(BODY, OTHER_SECRET, t=at)
    assert place.run("sign", "--at", "2023-11-14T22:13:20Z",
                     "body.json").startswith("t=1700000000,")


def test_sign_says_what_is_missing(place):
    place.run("sign", "nothing.json", status=1)
    assert "nothing.json cannot be read" in place.errors
    place.run("sign", "--secret-file", "nothing.txt", "body.json", status=1)
    (place.path / "key.txt").write_text("sk_test_0123456789\n")
    place.run("sign", "--secret-file", "key.txt", "body.json", status=1)
    assert "sk_test" not in place.errors
    place.run("sign", "--at", "yesterday", "body.json", status=2)


def causes(found):
    return [cause["name"] for cause in found["causes"]]


def test_explain_calls_only_what_verifies_intact(place):
    found = place.json("explain", "--header-file", "header.txt", "body.json")
    assert found["intact"] and found["proven"] and not found["causes"]
    assert found["secret_tail"] == "..." + SECRET[-4:]
    text = place.run("explain", "--header", sign(BODY), stdin=BODY)
    assert text.startswith("intact: ") and "secret 1 of 1" in text
    found = place.json("explain", "--header", sign(BODY), stdin=MINIFIED,
                       status=1)
    assert not found["intact"] and causes(found) == ["json-minified"]
    text = place.run("explain", "--header", sign(BODY), status=1,
                     stdin=MINIFIED)
    assert text.startswith("refused: ") and "proven: " in text
    found = place.json("explain", "--header", "", stdin=BODY, status=1)
    assert causes(found) == ["no-header"]


def test_explain_asks_for_the_header(place):
    place.run("explain", stdin=BODY, status=1)
    assert "no --header was given" in place.errors
    assert "--header-file" in place.errors
    for more in (("--header", "x"), ("--header-file", "header.txt"),
                 ("--at", "now-5m")):
        place.run("explain", "--kept", *more, "1", status=2)
        assert "--kept has the header" in place.errors


def test_explain_tells_the_age_and_by_how_much(place):
    old = sign(BODY, t=int(time.time()) - 4000)
    text = place.run("explain", "--header", old, stdin=BODY, status=1)
    assert "too old: by 370" in text and "allowed are 300 s" in text
    found = place.json("explain", "--header", old, "--tolerance", "5000",
                       stdin=BODY)
    assert found["intact"]
    ahead = sign(BODY, t=int(time.time()) + 4000)
    found = place.json("explain", "--header", ahead, stdin=BODY, status=1)
    assert causes(found) == ["too-new"] and found["proven"]


def test_explain_finds_the_configured_secret_that_matches(place):
    (place.path / "app.txt").write_text(OTHER_SECRET + "\n")
    found = place.json("explain", "--secret-file", "app.txt", "--header",
                       sign(BODY), stdin=BODY, status=1)
    assert causes(found) == ["other-secret"] and found["proven"]
    text = place.run("explain", "--secret-file", "app.txt", "--header",
                     sign(BODY), stdin=BODY, status=1)
    assert f"configured secret 1 of 1 (...{SECRET[-4:]})" in text
    assert SECRET not in text and OTHER_SECRET not in text


@pytest.mark.parametrize("line, cause", [
    (f'"{SECRET}"', "secret-quoted"),
    (SECRET + " ", "secret-blank"),
    (SECRET[len("whsec_"):], "secret-prefix"),
    (SECRET[:-4], "secret-cut"),
    (f"STRIPE_WEBHOOK_SECRET='{SECRET}'", "secret-quoted"),
    (f"STRIPE_WEBHOOK_SECRET={SECRET[:-4]}", "secret-cut"),
    ("export KEY=" + OTHER_SECRET, "other-secret"),
    (f"export STRIPE_WEBHOOK_SECRET={OTHER_SECRET}, {SECRET}", None),
])
def test_explain_mends_the_given_secret_before_it_takes_another(place, line,
                                                                cause):
    (place.path / "app.txt").write_text(line + "\n")
    found = place.json("explain", "--secret-file", "app.txt", "--header",
                       sign(BODY), stdin=BODY, status=1 if cause else 0)
    assert causes(found) == ([cause] if cause else []) and found["proven"]
    assert SECRET not in place.errors


def test_explain_hints_at_the_secret_of_stripe_listen(place):
    header = sign(BODY, "whsec_test_of_stripe_listen") + ",v0=" + "0" * 64
    text = place.run("explain", "--header", header, stdin=BODY, status=1)
    assert "[wrong-secret]" in text and "stripe listen" in text


def test_explain_says_when_the_settings_are_the_fault(place):
    place.run("explain", "--header", sign(BODY), stdin=BODY, status=1,
              STRIPE_WEBHOOK_SECRET="rk_live_0123456789")
    assert "API key" in place.errors


def test_explain_names_the_size_at_which_a_body_was_cut(place):
    body = BODY[:-1] + b" " * 9000
    text = place.run("explain", "--header", sign(BODY), status=1,
                     stdin=body[:8192])
    assert "8192 bytes, a limit that programs have" in text
    text = place.run("explain", "--header", sign(BODY), status=1,
                     stdin=body[:8000])
    assert "8000 bytes [truncated]" in text


def test_explain_reads_what_the_responder_kept(place):
    assert "BILLHOOK_KEEP_REJECTED" in place.run("explain", "--kept")
    now = int(time.time())
    place.keep((now - 90000, "t=1,v1=00", b"too old", "401 mismatch"),
               (now - 600, sign(BODY, t=now - 600), BODY + b"\n",
                "401 mismatch"),
               (now - 60, "", b"", "401 no header"))
    lines = place.run("explain", "--kept").splitlines()
    assert len(lines) == 3 and lines[0].startswith("N  CAME")
    assert lines[1].startswith("1 ") and lines[1].endswith("no-header")
    assert lines[2].startswith("2 ") and lines[2].endswith("newline-added")
    # Its age is that at which it came.
    found = place.json("explain", "--kept", "2", status=1)
    assert causes(found) == ["newline-added"] and found["proven"]
    place.run("explain", "--kept", "3", status=1)
    assert "there are 2" in place.errors


def complete(place, *words):
    line = " ".join(f"'{word}'" for word in words)
    done = place.sh(f"source '{source()}/cli/billhook.bash'; "
                    f"COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; "
                    "_billhook; printf '%s\\n' \"${COMPREPLY[@]}\"")
    assert done.returncode == 0 and not done.stderr
    return done.stdout.decode().split()


def test_completion_knows_commands_options_and_events(place):
    assert set(complete(place, "billhook", "")) >= set(commands(place))
    assert complete(place, "billhook", "expl") == ["explain"]
    assert complete(place, "billhook", "sign", "--se") == ["--secret-file"]
    assert "invoice.paid" in complete(place, "billhook", "trigger", "inv")
    assert "renewal_failure" in complete(place, "billhook", "trigger", "ren")
    assert "2020-08-27" in complete(place, "billhook", "trigger",
                                    "--api-version", "2")
    assert complete(place, "billhook", "sign", "bod") == ["body.json"]
