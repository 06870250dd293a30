"""What the tests of the command billhook share: a place with settings, files
and a responder, and the command run in it."""

import json
import os
import pathlib
import select
import subprocess
import time

from billhook_test import (PATIENCE, SECRET, clean_environment, program, rows,
                           sign, write_config)

BODY = json.dumps({
    "id": "evt_test_cli", "object": "event",
    "api_version": "2025-09-30.clover", "created": 1700000000,
    "data": {"object": {"id": "cus_1", "object": "customer",
                        "url": "https://example.com/", "name": "Zoë"}},
    "livemode": False, "type": "customer.created"},
    indent=2, ensure_ascii=False).encode()
MINIFIED = json.dumps(json.loads(BODY), separators=(",", ":"),
                      ensure_ascii=False).encode()


def read_terminal(ours):
    """What is shown on a terminal until its other side is closed."""
    shown = b""
    while True:
        assert select.select([ours], [], [], PATIENCE)[0]
        try:
            part = os.read(ours, 65536)
        except OSError:     # the other side is closed
            break
        if not part:
            break
        shown += part
    os.close(ours)
    return shown.decode()


# The Stripe CLI, as far as the examples call it.
STRIPE_CLI = """#!/bin/sh
[ "$*" = "events list --limit 100" ] || exit 1
printf '{"object": "list", "data": [%s], "has_more": false}' \
    "$(cat event.json)"
"""


class Place:
    """A directory with billhook.conf, its database, and files to ask about.

    The command in it is called billhook and delivers to the responder under
    test where it would take the installed one.
    """

    def __init__(self, directory, **settings):
        self.path = pathlib.Path(directory)
        self.real = program("BILLHOOK")
        self.responder = program("BILLHOOK_FCGI")
        self.config = write_config(directory, **settings)
        self.database = self.path / "billhook.db"
        (self.path / "bin").mkdir()
        self.install(
            "billhook", "#!/bin/sh\ncase \"$*\" in\n"
            "trigger*--url*|trigger*--cgi*|trigger*--help*) ;;\n"
            f"trigger*) shift; set -- trigger --cgi '{self.responder}' "
            "\"$@\" ;;\nesac\n"
            f"exec '{self.real}' \"$@\"\n")
        (self.path / "body.json").write_bytes(BODY)
        (self.path / "event.json").write_bytes(BODY)
        (self.path / "secret.txt").write_text(SECRET + "\n")
        self.header(int(time.time()))

    def install(self, name, text):
        """A script that its PATH leads to."""
        script = self.path / "bin" / name
        script.write_text(text)
        script.chmod(0o755)

    def header(self, t):
        (self.path / "header.txt").write_text(sign(BODY, t=t) + "\n")

    def environment(self, **more):
        env = clean_environment(self.config, **{"LC_ALL": "C.UTF-8", **more})
        env["PATH"] = f"{self.path / 'bin'}:{env['PATH']}"
        return env

    def sh(self, line, stdin=b"", **more):
        """A line of shell; the finished process."""
        return subprocess.run(["bash", "-c", line], cwd=self.path,
                              env=self.environment(**more), input=stdin,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=PATIENCE)

    def run(self, *arguments, stdin=b"", status=0, **more):
        """The command; its output as text.  It must exit with status."""
        done = subprocess.run([str(self.path / "bin/billhook"), *arguments],
                              cwd=self.path, env=self.environment(**more),
                              input=stdin, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=PATIENCE)
        self.errors = done.stderr.decode()
        assert status in (None, done.returncode), (done.returncode, done.stdout,
                                           self.errors)
        return done.stdout.decode()

    def json(self, *arguments, **how):
        return json.loads(self.run(*arguments, "--json", **how))

    def keep(self, *entries):
        """Writes the file of refused deliveries as the responder does."""
        data = b"billhook-rejected 2 0 0\n"
        for at, header, body, reason in entries:
            header, reason = header.encode(), reason.encode()
            data += b"%d %d %d %d\n%s\n%s\n%s\n" % (
                at, len(header), len(body), len(reason), header, body, reason)
        path = pathlib.Path(str(self.database) + "-rejected")
        path.write_bytes(data)
        path.chmod(0o600)

    def rows(self, sql, *arguments):
        return rows(self.database, sql, *arguments)


def source():
    """The top of the source tree."""
    return pathlib.Path(os.environ.get(
        "BILLHOOK_SOURCE", pathlib.Path(__file__).resolve().parent.parent))
