"""billhook.conf(5) and billhook-tables(5): they name all that there is, and
what they show works."""

import pathlib
import re
import sqlite3
import subprocess

import pytest

from billhook_test import PATIENCE
from command import source
from command_db import Database, with_a_failed_renewal

PAGES = ("billhook.1", "billhook.conf.5", "billhook-tables.5")


def page(name):
    return (source() / "cli" / name).read_text(encoding="utf-8")


def displays(name):
    """The examples of a page: all of its displays."""
    text = page(name)
    assert not re.search(r"^\.(Dl|D1|Bd (?!-literal ))", text, re.M)
    return re.findall(r"^\.Bd -literal .*?\n(.*?)^\.Ed$", text, re.M | re.S)


def items(text):
    """The names that the lists of a text explain."""
    return [name for line in re.findall(r"^\.It (?:Li|Ev) (.*)$", text, re.M)
            for name in line.split(" , ")]


def schema():
    """The tables that an application may read, and their columns."""
    text = (source() / "db/schema.sql").read_text(encoding="utf-8")
    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript(text)
        names = [name for name, in connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name "
            "NOT LIKE 'billhook#_%' ESCAPE '#' AND name NOT LIKE 'sqlite#_%' "
            "ESCAPE '#'")]
        return {name: [row[1] for row in connection.execute(
            f"PRAGMA table_info({name})")] for name in names}
    finally:
        connection.close()


def sources_settings():
    names = set()
    for path in (source() / "lib").glob("settings*.c"):
        text = path.read_text(encoding="utf-8")
        names |= set(re.findall(r'\[SETTING_\w+\] = "(\w+)"', text))
    return names


@pytest.fixture
def place(tmp_path):
    return Database(tmp_path)


def test_every_setting_stands_in_its_page(place):
    text = page("billhook.conf.5")
    section = text.split(".Sh SETTINGS\n")[1].split("\n.Sh ")[0]
    named = items(section)
    assert len(named) == len(set(named))
    assert set(named) == sources_settings()
    assert set(named) == set(place.json("config")["settings"])
    # Each with the default that counts.
    for name, shown in place.json("config")["settings"].items():
        told = re.search(rf"^\.It Ev {name}\n(.*?)(?=^\.(?:It|El))", section,
                         re.M | re.S)[1]
        default = re.search(r"^Default:(.*)", told, re.M | re.S)
        assert default, name
        if shown["from"] == "default" and shown["value"]:
            value = shown["value"].rsplit("/", 1)[-1]
            assert re.search(rf"\b{re.escape(value)}\b", default[1]), name


def test_every_table_and_column_stands_in_its_page():
    tables = schema()
    assert len(tables) == 12
    sections = dict(re.findall(
        r"^\.Ss ([a-z_]+)\n(.*?)(?=^\.S[hs] )", page("billhook-tables.5"),
        re.M | re.S))
    assert set(sections) == set(tables)
    for table, columns in tables.items():
        # Words inside another list are explained, too.
        named = [name for name in items(sections[table]) if name in columns]
        assert sorted(named) == sorted(columns), table
        others = set(items(sections[table])) - set(columns)
        assert others <= {"tie", "gap", "partial", "unreadable", "applied",
                          "stale", "ignored", "failed"}, table


def test_the_words_of_the_program_stand_in_the_page():
    text = page("billhook-tables.5")
    for path, pattern in (("db/doubts.c", r'\[DOUBT_\w+\] = "(\w+)"'),
                          ("db/store.c", r'\[OUTCOME_\w+\] = "(\w+)"'),
                          ("lib/status.c", r'move\(&s, "(\w+)"')):
        words = re.findall(pattern, (source() / path).read_text())
        assert len(words) >= 4
        for word in words:
            assert re.search(rf"^\.(It )?Li {word}( |$)", text, re.M), word


def test_the_example_of_a_configuration_can_be_used(place):
    shown, = displays("billhook.conf.5")
    pathlib.Path(place.config).write_text(shown, encoding="utf-8")
    settings = place.json("config")["settings"]
    given = dict(line.split("=", 1) for line in shown.splitlines()
                 if not line.startswith("#"))
    assert len(given) >= 5
    for name, value in given.items():
        assert settings[name]["from"] == "file"
        if name != "STRIPE_WEBHOOK_SECRET":
            assert settings[name]["value"] == value


def test_the_example_queries_answer(place):
    shop = with_a_failed_renewal(place)
    invoice, = shop.rows("SELECT amount_remaining, currency, "
                         "hosted_invoice_url FROM stripe_invoices "
                         "WHERE status = 'open'")
    period, = shop.rows("SELECT current_period_end FROM tenant_pricing")
    may, pay, changed = displays("billhook-tables.5")
    connection = sqlite3.connect(f"file:{shop.database}?mode=ro", uri=True,
                                 timeout=PATIENCE)
    try:
        assert connection.execute(may).fetchall() == [(0, *period)]
        assert connection.execute(pay).fetchall() == [("acme", *invoice)]
        assert connection.execute(changed).fetchall() == [
            (1, "acme", None, "active"), (2, "acme", "active", "past_due")]
    finally:
        connection.close()


def test_the_pages_are_clean():
    for name in PAGES:
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning",
                               source() / "cli" / name],
                              stdout=subprocess.PIPE)
        assert done.returncode == 0, done.stdout


def test_the_pages_name_each_other():
    for name in PAGES:
        also = page(name).split(".Sh SEE ALSO\n")[1]
        for other in PAGES:
            if other != name:
                assert ".Xr " + " ".join(other.rsplit(".", 1)) in also


def test_no_synopsis_runs_into_the_next():
    done = subprocess.run(["mandoc", "-T", "utf8", source() /
                           "cli/billhook.1"], stdout=subprocess.PIPE,
                          check=True)
    shown = re.sub(".\b", "", done.stdout.decode())
    assert not re.search(r"\] billhook |\w billhook [a-z]+ \[", shown)


def test_every_option_of_a_synopsis_is_described():
    sections = re.findall(r'^\.\\" BEGIN (\w+)\n(.*?)^\.\\" END \1$',
                          page("billhook.1"), re.M | re.S)
    assert len(sections) >= 14
    for command, text in sections:
        used = {option for part in text.split(".Pp\n")
                if f".Nm\n.Cm {command}\n" in part
                for option in re.findall(r"\bFl -([a-z-]+)", part)}
        items = re.findall(r"^\.It (Fl .*)$", text, re.M)
        described = set(re.findall(r"\bFl -([a-z-]+)", "\n".join(items)))
        # The page says once for all what this one does.
        assert used - described <= {"json"}, command
