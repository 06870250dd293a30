"""Tables that somebody has made anew or taken away, and what an application
has put on them: no command crashes or hangs by it, each says what to do, and a
rebuild makes what it can and takes nothing from the application."""

import sqlite3

import pytest

import model
from bad_ground import ground
from command_db import (Database, body, check_same, renamed, shop_events,
                        subscription)

REMADE = {
    "settings": ("CREATE TABLE other (name, value)",
                 "INSERT INTO other SELECT * FROM billhook_settings",
                 "INSERT INTO other VALUES (NULL, 'x'), ('x', NULL)",
                 "DROP TABLE billhook_settings",
                 "ALTER TABLE other RENAME TO billhook_settings"),
    "events": ("CREATE TABLE other AS SELECT * FROM stripe_events",
               "INSERT INTO other (id) VALUES (NULL)",
               "DROP TABLE stripe_events",
               "ALTER TABLE other RENAME TO stripe_events"),
    "doubts": ("DROP TABLE needs_fetch",
               "CREATE TABLE needs_fetch (object_id, reason, object, created, "
               "event_id, noticed_at, UNIQUE (object_id, reason))",
               "INSERT INTO needs_fetch VALUES "
               "('cus_tiny', NULL, NULL, 0, NULL, 1)"),
    "view": ("DROP TABLE tenant_pricing",
             "CREATE VIEW tenant_pricing AS WITH RECURSIVE n(tenant_id) AS "
             "(VALUES (1) UNION ALL SELECT tenant_id + 1 FROM n) SELECT * "
             "FROM n"),
    "keyless": ("CREATE TABLE other (id TEXT NOT NULL, type TEXT, "
                "api_version TEXT, created INTEGER, livemode INTEGER NOT "
                "NULL, account TEXT, object_id TEXT, received_at INTEGER NOT "
                "NULL, deliveries INTEGER NOT NULL, outcome TEXT NOT NULL, "
                "error TEXT, payload BLOB) STRICT",
                "DROP TABLE stripe_events",
                "ALTER TABLE other RENAME TO stripe_events"),
    "pricing": ("DROP TABLE tenant_pricing",
                "CREATE TABLE tenant_pricing (tenant_id TEXT NOT NULL PRIMARY "
                "KEY, status TEXT) STRICT",
                "INSERT INTO tenant_pricing VALUES ('kite', 'unpaid')"),
    "ranks": ("DROP TABLE billhook_ranks",
              "CREATE TABLE billhook_ranks (object_id TEXT, event_id TEXT)"),
    "computed": ("ALTER TABLE stripe_customers RENAME TO other",
                 "CREATE TABLE stripe_customers AS SELECT * FROM other",
                 "ALTER TABLE stripe_customers DROP COLUMN email",
                 "ALTER TABLE stripe_customers ADD COLUMN email TEXT AS "
                 "(hex(zeroblob(100)))"),
}


# What a rebuild makes anew.
COMPUTED = (*model.BILLING, "billhook_ranks", "billhook_parked",
            "billhook_unseen_subscriptions")


@pytest.fixture
def place(tmp_path):
    return Database(tmp_path)


def schema(place):
    return place.rows("SELECT type, name, tbl_name, sql FROM sqlite_schema "
                      "ORDER BY 1, 2")


def changes(place):
    return place.rows("SELECT * FROM status_changes ORDER BY seq")


@pytest.mark.parametrize("remade", REMADE)
def test_a_table_that_was_made_anew_is_named_by_every_command(place, remade):
    """A command crashes by none, nor waits for ever."""
    place.take([renamed(1, "one"), subscription(3)])
    place.tamper(*REMADE[remade])
    for command in (("stats",), ("events",), ("tenants",), ("tenant", "a"),
                    ("replay",), ("prune", "--older-than", "1h"),
                    ("import", "-")):
        place.run(*command, status=1, stdin=body(renamed(2, "two")))
        assert "is not as billhook makes it" in place.errors, command
        assert "billhook rebuild" in place.errors
    told = place.json("doctor", status=1)
    assert [f for f in told["findings"]
            if f["level"] == "problem" and f["check"] in ("schema",
                                                          "database")]


def test_a_view_in_place_of_a_table_is_for_a_rebuild_to_refuse(place):
    place.take([subscription(3)])
    before = place.tables()
    place.tamper(*REMADE["view"])
    place.run("rebuild", status=1)
    assert "DROP VIEW" in place.errors
    place.tamper("DROP VIEW tenant_pricing")
    place.run("rebuild")
    assert place.tables() == before


@pytest.mark.parametrize("remade", ["doubts", "computed", "pricing", "ranks"])
def test_a_rebuild_makes_it_as_it_was(place, remade):
    place.take([renamed(1, "one"), subscription(3)])
    before, noted = place.tables(), changes(place)
    place.tamper(*REMADE[remade])
    place.run("rebuild")
    assert place.tables() == before and changes(place) == noted
    place.run("stats")
    place.take([subscription(4, status="past_due")])


@pytest.mark.parametrize("gone", [*((t,) for t in COMPUTED), COMPUTED],
                         ids=[*COMPUTED, "all"])
def test_a_rebuild_makes_what_is_gone(place, gone):
    """And the journal goes on from its last word."""
    events = shop_events(41)
    place.take(events)
    place.tamper("CREATE VIEW theirs AS SELECT * FROM tenant_pricing JOIN "
                 "stripe_customers ON id = stripe_customer_id")
    before, noted = place.tables(), changes(place)
    seen = place.rows("SELECT * FROM theirs")
    place.tamper(*(f"DROP TABLE {table}" for table in gone))
    place.run("stats", status=1)
    assert "billhook rebuild" in place.errors
    told = place.json("doctor", status=1)
    advice = [f["advice"] for f in told["findings"] if f["level"] == "problem"]
    assert advice == ["run billhook rebuild, which makes it anew"]
    place.run("rebuild")
    assert place.tables() == before and changes(place) == noted
    assert seen and place.rows("SELECT * FROM theirs") == seen
    place.json("doctor")
    assert not place.rows("SELECT 1 FROM sqlite_schema WHERE name GLOB "
                          "'rebuild*' AND type <> 'index'")


def test_the_journal_notes_what_is_new_beside_a_table_that_is_gone(place):
    place.take([subscription(3)])
    place.tamper("DELETE FROM status_changes", "DROP TABLE tenant_pricing")
    place.run("rebuild")
    assert [row[1:5] for row in changes(place)] == [
        ("kite", "sub_1", None, "active")]
    place.tamper("DROP TABLE tenant_pricing", "DELETE FROM stripe_events")
    place.run("rebuild")
    assert [row[1:5] for row in changes(place)][1:] == [
        ("kite", "sub_1", "active", None)]


def test_places_that_are_gone_with_pruned_payloads(place):
    events = shop_events(41, 42)
    place.take(events)
    before = place.tables()
    place.tamper("UPDATE stripe_events SET received_at = received_at - 7200")
    assert place.json("prune", "--older-than", "1h")["emptied"] > 5
    place.tamper("DROP TABLE billhook_ranks")
    place.run("rebuild")
    check_same(place.tables(), before)


def test_a_rebuild_that_is_refused_leaves_nothing(place):
    """And says what refused, whose word that is, and what to do."""
    place.take([subscription(3)])
    place.tamper("CREATE TRIGGER theirs BEFORE INSERT ON status_changes BEGIN "
                 "SELECT RAISE(ABORT, 'not on a Sunday'); END",
                 "UPDATE tenant_pricing SET status = 'spoilt'")
    before, there = place.tables(), schema(place)
    place.run("rebuild", status=1)
    assert "not on a Sunday" in place.errors
    assert "billhook doctor" in place.errors
    assert "SELECT coalesce" not in place.errors
    assert place.tables() == before and schema(place) == there
    place.tamper("DROP TRIGGER theirs")
    place.run("rebuild")
    assert place.rows("SELECT status FROM tenant_pricing") == [("active",)]


@pytest.mark.parametrize("remade", REMADE)
def test_a_backup_is_made_of_whatever_is_there(place, remade):
    """Most of all then; and it says what is not as it should be."""
    place.take([renamed(1, "one"), subscription(3)])
    place.tamper(*REMADE[remade])
    copy = place.path / "copy.db"
    place.run("backup", str(copy))
    assert "warning" in place.errors
    assert "is not as billhook makes it" in place.errors
    connection = sqlite3.connect(copy)
    assert connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY 1"
                              ).fetchall() == place.rows(
        "SELECT name, sql FROM sqlite_schema ORDER BY 1")
    connection.close()


def test_a_backup_of_what_is_sound_says_nothing(place):
    place.take([renamed(1, "one")])
    place.run("backup", str(place.path / "copy.db"))
    assert place.errors == ""


def test_views_of_an_application_are_its_own(place):
    """Also where its triggers read them."""
    place.take([subscription(2)])
    place.tamper(
        "CREATE VIEW paying AS SELECT tenant_id, status FROM tenant_pricing",
        "CREATE VIEW kites AS SELECT * FROM paying WHERE tenant_id = 'kite'",
        "CREATE TABLE outbox (tenant_id)",
        "CREATE TRIGGER tell AFTER INSERT ON tenant_pricing BEGIN INSERT INTO "
        "outbox SELECT tenant_id FROM kites; END")
    place.take([subscription(3, status="past_due")])
    place.run("rebuild")
    place.take([subscription(4)])
    assert place.rows("SELECT status FROM kites") == [("active",)]


def test_a_table_of_an_application_that_begins_with_rebuild_is_its_own(place):
    place.take([subscription(2)])
    place.tamper("CREATE TABLE rebuild_notes (x)",
                 "CREATE TABLE rebuilds (x)",
                 "INSERT INTO rebuild_notes VALUES ('mine')")
    place.take([subscription(3, status="past_due")])
    place.run("rebuild")
    place.take([subscription(4)])
    assert place.rows("SELECT x FROM rebuild_notes") == [("mine",)]
    assert place.rows("SELECT x FROM rebuilds") == []


def test_indexes_and_triggers_of_an_application_outlive_a_rebuild(place):
    """They are on its tables as before, under their names, and at work."""
    place.take([subscription(2)])
    place.tamper(
        "CREATE TABLE outbox (tenant_id, status)",
        'CREATE INDEX "their ""own"" index" ON tenant_pricing (status)',
        "CREATE UNIQUE INDEX tenant_pricing_theirs ON tenant_pricing "
        "(stripe_subscription_id, tenant_id)",
        "CREATE TRIGGER tell AFTER UPDATE ON tenant_pricing BEGIN INSERT INTO "
        "outbox SELECT new.tenant_id, new.status FROM tenant_pricing WHERE "
        "tenant_id = new.tenant_id; END",
        "CREATE TABLE tenant_pricing_notes (x)",
        "CREATE INDEX noted ON tenant_pricing_notes (x)")
    theirs = [row for row in schema(place) if row[1] in (
        'their "own" index', "tenant_pricing_theirs", "tell", "noted")]
    assert len(theirs) == 4
    for n in range(2):
        place.run("rebuild")
        assert place.errors == ""
        assert [row for row in schema(place) if row in theirs] == theirs
        place.take([subscription(3 + n, status=f"status_{n}")])
    assert place.rows("SELECT * FROM outbox") == [
        ("kite", "status_0"), ("kite", "status_1")]


def test_what_does_not_fit_a_table_that_was_made_anew_is_told(place):
    """It is no reason to do without the tables."""
    place.take([subscription(2)])
    before = place.tables()
    place.tamper(
        "ALTER TABLE tenant_pricing ADD COLUMN theirs TEXT",
        "CREATE INDEX by_theirs ON tenant_pricing (theirs)",
        "DROP TABLE needs_fetch", "CREATE TABLE needs_fetch (n)",
        "CREATE INDEX by_n ON needs_fetch (n)")
    place.run("rebuild")
    for name in ("by_theirs", "by_n"):
        assert f"the index {name} is on a table that was made" in place.errors
    assert place.tables() == before
    place.run("rebuild")
    assert place.errors == ""


def test_a_column_more_is_no_reason_to_refuse(place):
    place.take([renamed(1, "one")])
    place.tamper("ALTER TABLE stripe_events ADD COLUMN ours TEXT",
                 "DROP INDEX IF EXISTS tenant_pricing_status")
    place.run("stats")
    place.take([renamed(2, "two")])


# What a responder says, which does not look at the tables beforehand.

@pytest.mark.parametrize("sql, words", [
    ("DROP TABLE stripe_customers", "no such table: "),
    ("DROP TABLE stripe_events", "no such table: "),
    ("DROP TABLE stripe_customers; CREATE VIEW stripe_customers AS SELECT 1 "
     "AS id", "no such column: "),
    ("CREATE TRIGGER theirs BEFORE INSERT ON stripe_events BEGIN SELECT "
     "RAISE(ABORT, 'not on a Sunday'); END", "not on a Sunday")])
def test_a_delivery_that_the_tables_refuse(ground, sql, words):
    ground.make()
    with sqlite3.connect(ground.database) as db:
        db.executescript(sql)
    db.close()
    ground.refused(words, "billhook doctor")
    assert "look at the disk" not in ground.log
