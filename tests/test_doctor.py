"""billhook doctor: each way in which an installation can be unsound is found,
and said in one line with what to do."""

import json
import os
import pwd
import sqlite3
import time

import pytest

from billhook_test import SECRET, Responder, program
from command_db import tiny
from confining import SECCOMP, landlock
from doctor_test import configure, findings, found, sound_place
from door_test import deliver

ROOT = os.geteuid() == 0
ME = pwd.getpwuid(os.geteuid()).pw_name


@pytest.fixture
def place(tmp_path):
    return sound_place(tmp_path)


def test_a_sound_installation_is_sound(place):
    as_me = () if not ROOT else ("--as", ME)
    told = findings(place, *as_me)
    # What the kernel of this machine lacks is not the installation's fault.
    kernel = [f for f in told if f["check"] in ("landlock", "seccomp")]
    assert {f["level"] for f in told if f not in kernel} == {"ok"}, told
    assert {f["check"] for f in told} >= {
        "configuration file", "settings", "secret", "directory", "database",
        "file system", "disk space", "user", "integrity", "schema",
        "journal", "clock", "deliveries", "parked events", "needs_fetch",
        "landlock", "seccomp"}
    text = place.run("doctor", *as_me)
    lacking = sum(f["level"] == "warning" for f in kernel)
    assert text.endswith(f"\n0 problems, {lacking} warning"
                         f"{'s' * (lacking != 1)}\n")
    assert SECRET not in text and "..." + SECRET[-4:] in text


def test_what_the_kernel_offers_to_confine_responders(place):
    said = {f["check"]: f for f in findings(place)}
    if SECCOMP:
        assert said["seccomp"]["level"] == "ok"
        assert "are kept from programs" in said["seccomp"]["says"]
    else:
        assert said["seccomp"]["level"] == "warning"
        assert "libseccomp-dev" in said["seccomp"]["advice"]
    if landlock() == 0:
        assert "without it" in said["landlock"]["advice"]
        return
    assert said["landlock"]["level"] == "ok"
    assert f"version {landlock()}: " in said["landlock"]["says"]
    as_me = () if not ROOT else ("--as", ME)
    user, = (f["says"] for f in findings(place, *as_me)
             if f["check"] == "user")
    assert user.endswith("use the database, confined to its directory")


def test_doctor_takes_no_operands(place):
    place.run("doctor", "x", status=2)


# Settings

def test_a_configuration_file_that_others_can_read(place):
    os.chmod(place.config, 0o644)
    assert "chmod o-r" in found(place, "problem", "settings")["says"]


@pytest.mark.parametrize("secret, words", [
    ("sk_test_0123456789abcdef", "API key"),
    ('"' + SECRET + '"', "quotes"),
    ("test_0123456789abcdefghijklmnopqrstuv", "whsec_"),
    ("pk_live_0123456789abcdef", "API key"),
])
def test_a_secret_that_cannot_be_one(place, secret, words):
    configure(place, STRIPE_WEBHOOK_SECRET=secret)
    said = found(place, "problem", "settings")["says"]
    assert words in said and secret not in said


def test_no_secret(place):
    configure(place, STRIPE_WEBHOOK_SECRET=None)
    finding = found(place, "problem", "secret")
    assert "answered 500" in finding["says"]
    assert "STRIPE_WEBHOOK_SECRET" in finding["advice"]


def test_a_secret_that_was_cut(place):
    configure(place, STRIPE_WEBHOOK_SECRET="whsec_test_01234")
    said = found(place, "warning", "secret")["says"]
    assert "shorter" in said and "01234" not in said


@pytest.mark.parametrize("secret, words", [
    ("@SECRET@", "placeholder"),
    ("whsec_" + "X" * 32, "placeholder"),
    ("whsec_...", "placeholder"),
    (SECRET + ";" + SECRET, "has a character"),
])
def test_a_secret_that_is_none_of_stripes(place, secret, words):
    configure(place, STRIPE_WEBHOOK_SECRET=secret)
    how = {} if secret.startswith("whsec_") else {"status": 1}
    if how:
        finding = found(place, "problem", "settings")
        assert "whsec_" in finding["says"]
        return
    finding = found(place, "warning", "secret")
    assert words in finding["says"] and secret not in finding["says"]


def test_a_setting_out_of_range(place):
    configure(place, BILLHOOK_TOLERANCE="0")
    assert "BILLHOOK_TOLERANCE" in found(place, "problem",
                                         "settings")["says"]


def test_no_configuration_file(place):
    finding = found(
        place, "problem", "settings",
        BILLHOOK_CONFIG=str(place.path / "none.conf"))
    assert "is not there" in finding["says"]


def test_settings_that_differ_from_those_recorded(place):
    configure(place, BILLHOOK_TENANT_KEY="team", BILLHOOK_LIVEMODE="live")
    told = [f for f in findings(place) if f["level"] == "warning"
            and f["check"] == "database"]
    assert [f["says"].split()[0] for f in told] == [
        "BILLHOOK_TENANT_KEY", "BILLHOOK_LIVEMODE"]
    assert all("billhook rebuild" in f["says"] for f in told)


# The database

def test_what_is_no_database(place):
    place.database.write_bytes(b"no database at all\n" * 500)
    assert "is not a database" in found(place, "problem", "database")["says"]


def test_a_database_of_another_program(place):
    place.tamper("PRAGMA application_id = 7")
    assert "not billhook's" in found(place, "problem", "database")["says"]


def test_nothing_is_made_beside_a_database_of_another_program(place):
    theirs = place.database.with_name("theirs.db")
    connection = sqlite3.connect(theirs)
    connection.execute("CREATE TABLE sessions (id)")
    connection.commit()
    connection.close()
    configure(place, BILLHOOK_DATABASE=theirs)
    before = set(theirs.parent.iterdir())
    as_me = () if not ROOT else ("--as", ME)
    assert "not billhook's" in found(place, "problem", "database",
                                     *as_me)["says"]
    assert set(theirs.parent.iterdir()) == before


def test_a_database_of_a_newer_billhook(place):
    place.tamper("PRAGMA user_version = 99")
    assert "schema version 99" in found(place, "problem",
                                        "database")["says"]


@pytest.mark.parametrize("kind, sql", [
    ("TRIGGER", "BEFORE INSERT ON stripe_events "
     "BEGIN SELECT RAISE(IGNORE); END"),
    ("UNIQUE INDEX", "ON stripe_events (received_at, payload)")])
def test_what_somebody_else_has_put_into_the_schema(place, kind, sql):
    place.tamper(f"CREATE {kind} theirs {sql}")
    finding = found(place, "problem", "schema")
    assert finding["says"].startswith("theirs ")
    place.tamper(f"DROP {kind.split()[-1]} theirs",
                 "CREATE TABLE theirs (n)", "CREATE INDEX fast ON "
                 "stripe_events (received_at)",
                 "CREATE UNIQUE INDEX once ON theirs (n)")
    assert found(place, "ok", "schema")["says"] == "version 1"


@pytest.mark.parametrize("sql, name", [
    ("DROP INDEX stripe_subscriptions_tenant", "stripe_subscriptions_tenant"),
    ("DROP INDEX stripe_events_failed", "stripe_events_failed"),
    ("ALTER TABLE stripe_invoices ADD COLUMN theirs TEXT",
     "stripe_invoices")])
def test_what_was_changed_in_the_schema_a_rebuild_makes_anew(place, sql, name):
    place.tamper(sql)
    finding = found(place, "problem", "schema")
    assert finding["says"].startswith(name + " ")
    assert "billhook rebuild" in finding["advice"]
    for _ in range(2):
        place.run("rebuild")
        assert found(place, "ok", "schema")["says"] == "version 1"


def test_a_table_that_is_gone(place):
    place.tamper("DROP TABLE status_changes")
    finding = found(place, "problem", "database")
    assert "its table status_changes is not" in finding["says"]
    assert "restore a backup" in finding["says"]


def test_a_damaged_database(place):
    place.run("import", "-", stdin=b"\n".join(
        json.dumps(tiny(f"evt_{n}", obj={
            "id": f"cus_{n}", "object": "customer", "name": "n" * 500})
        ).encode() for n in range(200)))
    root, = place.rows("SELECT rootpage FROM sqlite_schema "
                       "WHERE name = 'stripe_customers'")[0]
    size, = place.rows("PRAGMA page_size")[0]
    with open(place.database, "r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\x55" * size)
    assert [f for f in findings(place, status=1) if f["level"] == "problem"
            and f["check"] in ("integrity", "database")]


def test_a_database_that_another_program_holds(place):
    # Even a reader must wait for a writer with a rollback journal.
    configure(place, BILLHOOK_JOURNAL="truncate", BILLHOOK_PATIENCE="100")
    place.run("trigger", "customer.created")
    held = sqlite3.connect(place.database, isolation_level=None)
    try:
        held.execute("BEGIN EXCLUSIVE")
        assert "BILLHOOK_PATIENCE" in found(place, "problem",
                                            "database")["says"]
    finally:
        held.close()


@pytest.mark.parametrize("has, says", [("wal", "truncate"),
                                       ("truncate", "wal")])
def test_no_command_changes_the_journal(place, has, says):
    def versions():
        """Of the file format, https://sqlite.org/fileformat2.html."""
        return tuple(place.database.read_bytes()[18:20])

    configure(place, BILLHOOK_JOURNAL=has)
    place.run("trigger", "customer.created")
    before = versions()
    assert before == {"wal": (2, 2), "truncate": (1, 1)}[has]
    configure(place, BILLHOOK_JOURNAL=says)
    as_me = () if not ROOT else ("--as", ME)
    finding = found(place, "warning", "journal", *as_me)
    assert finding["says"] == f"is {has}, and BILLHOOK_JOURNAL says {says}"
    place.run("tenants")
    place.run("rebuild")
    assert versions() == before
    # The responder does.
    place.run("trigger", "customer.created")
    assert versions() != before
    found(place, "ok", "journal")


def test_a_journal_that_cannot_be_changed_now(place, tmp_path):
    with Responder(program(), tmp_path, place.config) as responder:
        assert deliver(responder) == 200
        configure(place, BILLHOOK_JOURNAL="truncate")
        finding = found(place, "problem", "journal")
        assert finding["advice"].startswith("stop all programs")


def test_a_large_log(place):
    reader = sqlite3.connect(place.database, isolation_level=None)
    writer = sqlite3.connect(place.database, isolation_level=None)
    try:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM stripe_events").fetchall()
        writer.execute("CREATE TABLE large (x)")
        writer.execute("INSERT INTO large VALUES (zeroblob(70000000))")
        finding = found(place, "warning", "write-ahead log")
        assert "fuser" in finding["advice"]
    finally:
        reader.close()
        writer.execute("DROP TABLE large")
        writer.close()


def test_a_sync_that_failed(place):
    with open(str(place.database) + "-lock", "r+b") as lock:
        lock.write(b"\x01")
    reader = sqlite3.connect(place.database)
    try:
        reader.execute("SELECT * FROM stripe_events").fetchall()
        assert "sync has failed" in found(place, "warning", "disk")["says"]
        place.run("import", "event.json")
        assert not [f for f in findings(place) if f["check"] == "disk"]
    finally:
        reader.close()


# Clock and deliveries

def test_a_clock_that_is_behind(place):
    ahead = int(time.time()) + 4000
    place.tamper(("UPDATE stripe_events SET created = ?", (ahead,)))
    assert "of test mode" in found(place, "warning", "clock")["says"]
    place.tamper("UPDATE stripe_events SET livemode = 1")
    finding = found(place, "problem", "clock")
    assert "is behind" in finding["says"] and "NTP" in finding["advice"]
    place.tamper(("UPDATE stripe_events SET created = 1, received_at = ?",
                  (ahead,)))
    assert "turned back" in found(place, "problem", "clock")["says"]


def test_a_long_silence(place):
    place.tamper(("UPDATE stripe_events SET received_at = ?",
                  (int(time.time()) - 8 * 86400,)))
    assert "8 d 0 h ago" in found(place, "warning", "deliveries")["says"]
    place.tamper("DELETE FROM stripe_events")
    assert "no event has come" in found(place, "warning",
                                        "deliveries")["says"]


def test_deliveries_that_were_refused(place):
    now = int(time.time())
    place.keep((now - 600, "", b"{}", "401"), (now - 300, "", b"", "401"))
    finding = found(place, "warning", "refused deliveries")
    assert finding["says"].startswith("2 kept, the last came 5 min")
    assert "billhook explain --kept" in finding["advice"]


def test_parked_events_and_doubts(place):
    place.take([tiny("evt_bad", "customer.updated", obj={
        "id": "cus_bad", "object": "customer", "email": 1})])
    assert "billhook replay" in found(place, "warning",
                                      "parked events")["advice"]
    assert "1 with reason unreadable" in found(place, "warning",
                                               "needs_fetch")["says"]
