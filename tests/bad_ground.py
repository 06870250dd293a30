"""A place of a user without privileges, and the responder as that user,
whoever runs the tests."""

import os
import pathlib
import shutil
import tempfile

import pytest

from billhook_test import SECRET, event, program, run_cgi, sign, write_config
from event_test import Shop

# Whom the responder runs as, where that is not who runs the tests.
NOBODY = 65534

AS_NOBODY = f"""#!/bin/sh
umask {{umask}}
exec {{setpriv}} --reuid={NOBODY} --regid={NOBODY} --clear-groups -- "{{path}}"
"""
AS_OURSELVES = """#!/bin/sh
umask {umask}
exec "{path}"
"""


class Ground(Shop):
    """A place of a user without privileges, and the responder as that user.
    Nothing there is root's: the modes are what counts."""

    def __init__(self):
        self.root = os.geteuid() == 0
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="billhook-test-"))
        self.place.chmod(0o711)
        binary = self.place / "billhook.fcgi"
        shutil.copy(program(), binary)
        binary.chmod(0o755)
        self.umask("022")
        self.home = self.place / "home"
        self.home.mkdir(mode=0o700)
        self.give(self.home)
        self.directory = self.home
        self.data = self.home / "data"
        self.database = self.data / "billhook.db"
        self.log = self.logs = ""
        self.configure()

    def umask(self, umask):
        text = AS_NOBODY if self.root else AS_OURSELVES
        setpriv = shutil.which("setpriv", path=os.defpath + ":/usr/bin:/bin")
        assert setpriv or not self.root, "setpriv(1), of util-linux, is needed"
        run = self.place / "run"
        run.write_text(text.format(umask=umask, setpriv=setpriv,
                                   path=self.place / "billhook.fcgi"))
        run.chmod(0o755)
        self.program = str(run)

    def give(self, path):
        if self.root:
            os.lchown(path, NOBODY, NOBODY)

    def configure(self, **settings):
        self.config = write_config(self.home, **{
            "BILLHOOK_DATABASE": self.database, **settings})
        self.give(self.config)

    def make(self):
        """A database with an event in it."""
        assert self.take(event("evt_first")) == "applied"
        assert not os.path.exists(f"{self.database}-wal")

    def put(self, content, path=None):
        """A file of that user's."""
        path = path or self.database
        path.parent.mkdir(exist_ok=True)
        self.give(path.parent)
        path.write_bytes(content)
        self.give(path)

    def refused(self, *words, body=None):
        """Delivers an event that must be answered 503, in these words."""
        body = body or event("evt_later")
        status, headers, answer, self.log = run_cgi(
            self.program, body, sign(body), config=self.config)
        self.logs += self.log
        assert (status, answer) == (503, b'{"error":"unavailable"}'), self.log
        assert int(headers["Retry-After"]) > 0
        line = self.log.splitlines()[-1]
        assert line.startswith("billhook: error: 503 "), line
        for word in words:
            assert word in line, line

    def works(self):
        assert self.take(event("evt_later")) in ("applied", "stale")

    def check(self):
        """That the database is whole."""
        assert self.ask("PRAGMA integrity_check") == \
            [{"integrity_check": "ok"}]


@pytest.fixture
def ground():
    ground = Ground()
    try:
        yield ground
        # Nothing that came or that must stay secret is in any line.
        assert SECRET not in ground.logs and "whsec_" not in ground.logs
        assert "@example.com" not in ground.logs and "v1=" not in ground.logs
    finally:
        for path, _, _ in os.walk(ground.place):
            os.chmod(path, 0o700)
        shutil.rmtree(ground.place)
