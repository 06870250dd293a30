"""The installation as users have it: ./configure --prefix=$HOME/..., without
root, and then servers that pass no environment, so that only the
configuration file speaks (as under suEXEC)."""

import os
import shutil
import stat
import subprocess
import time

import pytest

from billhook_test import SECRET, program, rows, sign
from servers import (SOURCE, USER, Ground, LighttpdCgi, Server, SharedHosting,
                     SharedHostingCgi, fill, give, story, unprivileged)

CONSUMER = r"""
#include <billhook.h>
#include <stdio.h>
#include <string.h>

int
main(int argc, char **argv)
{
	const char *secrets[] = { argv[1] };
	struct bh_verifier *verifier;
	struct bh_event *event;
	char why[BH_MESSAGE_SIZE];
	enum bh_result result;

	if (argc != 5 || bh_verifier_new(&verifier, secrets, 1, NULL) != BH_OK)
		return 2;
	result = bh_event_construct(&event, verifier, argv[2], strlen(argv[2]),
	    argv[3], strlen(argv[3]), BH_TOLERANCE, strtoll(argv[4], NULL, 10),
	    why, sizeof(why));
	if (result == BH_OK)
		printf("%s %s\n", bh_event_type(event),
		    bh_event_text(event, "data.object.email"));
	else
		printf("%s\n", bh_result_text(result));
	bh_event_free(event);
	bh_verifier_free(verifier);
	return result != BH_OK;
}
"""


class Home:
    """An account's home with billhook built and installed in it."""

    def __init__(self):
        self.ground = Ground(program())
        self.path = self.ground.path / "home"
        self.prefix = self.path / "billhook"
        self.source = self.path / "billhook-src"
        self.path.mkdir(mode=0o755)
        # What git ignores is generated (configure) or in the way (.build).
        shutil.copytree(SOURCE, self.source, ignore=shutil.ignore_patterns(
            ".*", "__pycache__", "autom4te.cache"))
        for directory, names, files in os.walk(self.path):
            for name in [".", *files]:
                give(os.path.join(directory, name))

    def run(self, *command, cwd=None):
        """A command of the account's owner; its output."""
        done = subprocess.run(
            unprivileged(*command), cwd=cwd or self.source,
            env={"HOME": str(self.path), "PATH": os.environ["PATH"],
                 "PKG_CONFIG_PATH": str(self.prefix / "lib/pkgconfig")},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=300)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def settings(self, **settings):
        """The configuration file where the program was built to look."""
        lines = [f"{name}={value}\n" for name, value in settings.items()]
        path = self.prefix / "etc/billhook.conf"
        path.write_text("".join(lines))
        path.chmod(0o600)
        give(path)


@pytest.fixture(scope="module")
def home():
    made = Home()
    try:
        made.run("./configure", f"--prefix={made.prefix}")
        made.run("make", f"-j{os.cpu_count()}")
        made.run("make", "install")
        yield made
    finally:
        made.ground.remove()


def test_what_is_installed_is_what_is_promised(home):
    for path in ("bin/billhook", "share/man/man1/billhook.1",
                 "share/man/man5/billhook.conf.5",
                 "share/man/man5/billhook-tables.5",
                 "share/man/man3/libbillhook.3",
                 "share/man/man3/bh_event_ref.3",
                 "share/doc/billhook/examples/verify.c",
                 "libexec/billhook/billhook.fcgi", "include/billhook.h",
                 "lib/libbillhook.so", "lib/libbillhook.a",
                 "lib/pkgconfig/billhook.pc"):
        assert (home.prefix / path).is_file(), path
    for path in ("etc", "var/lib"):
        assert (home.prefix / path).is_dir(), path
    assert not (home.prefix / "var/lib/billhook").exists()
    told = home.run(home.prefix / "libexec/billhook/billhook.fcgi",
                    "--version")
    assert told.startswith("billhook.fcgi ")


def test_a_c_program_can_use_the_library(home):
    home.ground.write("home/consumer.c", "#include <stdlib.h>\n" + CONSUMER)
    flags = home.run("pkg-config", "--cflags", "--libs", "billhook").split()
    home.run("cc", "-Wall", "-Werror", "consumer.c", "-o", "consumer", *flags,
             f"-Wl,-rpath,{home.prefix}/lib", cwd=home.path)
    now = int(time.time())
    body = story.act("signup", "acme", "Consumer", now)[0]
    said = home.run("./consumer", SECRET, body.decode(), sign(body, t=now),
                    now, cwd=home.path)
    assert said == "customer.created ada@example.com\n"


class BareCgi(LighttpdCgi):
    """lighttpd's mod_cgi without the line that names the settings."""

    def configure(self):
        command = super().configure()
        text = fill(self.conf, **self.values)
        self.ground.write("include.conf", "\n".join(
            line for line in text.split("\n")
            if "setenv.add-environment" not in line))
        return command


def without_settings(lines):
    """The wrapper without its two lines of BILLHOOK_CONFIG."""
    kept = [line for line in lines if "BILLHOOK_CONFIG" not in line]
    assert len(kept) < len(lines)
    return kept


class BareHosting(SharedHosting):
    wrapper_lines = staticmethod(without_settings)


class BareHostingCgi(SharedHostingCgi):
    wrapper_lines = staticmethod(without_settings)


@pytest.mark.parametrize("kind", [BareCgi, BareHosting, BareHostingCgi])
def test_the_file_alone_is_enough(home, kind):
    # The installed program in the place of the one that the ground has.
    shutil.rmtree(home.prefix / "var/lib/billhook", ignore_errors=True)
    home.settings(STRIPE_WEBHOOK_SECRET=SECRET)
    ground = home.ground
    ground.program = home.prefix / "libexec/billhook/billhook.fcgi"
    server: Server = kind(ground).start()
    try:
        now = int(time.time())
        for name in ("signup", "renewal_failure", "recovery"):
            for body in story.act(name, "acme", "Home", now):
                answer = server.post(body, sign(body))
                assert answer[0] == 200, (answer, server.log())
    finally:
        server.stop()

    database = home.prefix / "var/lib/billhook/billhook.db"
    assert stat.S_IMODE(database.stat().st_mode) == 0o600
    assert stat.S_IMODE(database.parent.stat().st_mode) == 0o700
    assert database.stat().st_uid == USER.pw_uid
    assert rows(database, "SELECT tenant_id, status FROM tenant_pricing") \
        == [("acme", "active")]


def test_uninstall_takes_away_what_install_brought(home):
    home.run("make", "uninstall")
    left = [path for path in home.prefix.rglob("*")
            if not path.is_dir() and "var/lib" not in str(path)]
    assert left == [home.prefix / "etc/billhook.conf"]


def test_what_a_build_in_the_tree_has_left_is_not_copied(tmp_path):
    """Else scripts/test and its like would take it for their own."""
    tree, copy = tmp_path / "tree", tmp_path / "copy"
    left = ["lib/arena.lo", "lib/.libs/arena.o", "db/schema_sql.c",
            "cli/templates.c", "tests/test_json", "tests/test_json.log"]
    kept = ["lib/arena.c", "db/schema.sql", "tests/test_json.c",
            "tests/data/broken/crlf.body", "scripts/run"]
    for name in left + kept:
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    subprocess.run(["sh", "-c", f'top="{tree}"; build="{tmp_path}"; '
                    f'. "{SOURCE}/scripts/lib.sh"; copy_sources "{copy}"'],
                   check=True)
    assert sorted(str(path.relative_to(copy)) for path in copy.rglob("*")
                  if path.is_file()) == sorted(kept)
