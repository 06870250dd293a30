"""Tables that somebody has made anew or taken away: no command crashes or
hangs by it, each says what to do, and a rebuild makes what it can."""

import sqlite3

import pytest

import model
from bad_ground import ground
from command_db import (Database, body, check_same, renamed, schema,
                        shop_events, subscription)

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


def test_a_table_that_was_spoilt_is_no_change_for_the_journal(place):
    """But for the price and the quantity, of which it does not tell."""
    place.take([subscription(3)])
    noted = changes(place)
    for sql in ("DELETE FROM tenant_pricing",
                "UPDATE tenant_pricing SET status = 'spoilt'",
                "INSERT INTO tenant_pricing SELECT 'other', * FROM (SELECT "
                "stripe_customer_id, stripe_subscription_id, stripe_price_id, "
                "stripe_product_id, lookup_key, quantity, currency, "
                "unit_amount, interval, interval_count, status, status_from, "
                "current_period_start, current_period_end, trial_end, "
                "cancel_at, cancel_at_period_end, canceled_at, ended_at, "
                "pause_behavior, pause_resumes_at, latest_invoice_id, "
                "hosted_invoice_url, subscription_count, livemode, updated_at "
                "FROM tenant_pricing)"):
        place.tamper(sql)
        place.run("rebuild")
        assert changes(place) == noted
    place.tamper("UPDATE tenant_pricing SET quantity = 7")
    place.run("rebuild")
    assert [row[1:5] for row in changes(place)][len(noted):] == [
        ("kite", "sub_1", "active", "active")]


def test_a_table_that_is_gone_beside_a_broken_rebuild(place):
    """What that left is not taken for what is in use."""
    place.take([subscription(3)])
    place.tamper("ALTER TABLE stripe_invoices RENAME TO "
                 "rebuild9_stripe_invoices")
    told = place.json("doctor", status=1)
    assert [f["says"] for f in told["findings"] if f["level"] == "problem"] \
        == ["stripe_invoices is not there"]


def test_settings_that_are_not_on_record_any_more(place):
    """Nor how many rebuilds there were, which a rebuild need not know."""
    place.take([subscription(3)])
    place.run("rebuild")
    before = place.tables()
    place.tamper("DELETE FROM billhook_settings")
    place.run("stats", BILLHOOK_LIVEMODE="live")
    assert "not on record any more" in place.errors
    place.run("stats", BILLHOOK_LIVEMODE="live")
    assert place.errors == ""
    for _ in range(3):
        place.run("rebuild")
        assert place.errors == ""
    assert place.tables() == before


def test_a_rebuild_that_fails_records_no_settings(place):
    """Nor does it say that what was on record differs, or does not."""
    place.take([subscription(3)])
    place.tamper("CREATE TRIGGER theirs BEFORE INSERT ON status_changes BEGIN "
                 "SELECT RAISE(ABORT, 'not on a Sunday'); END",
                 "DELETE FROM status_changes",
                 "DELETE FROM billhook_settings")
    place.run("rebuild", status=1, BILLHOOK_TENANT_KEY="other")
    assert "not on a Sunday" in place.errors
    assert place.rows("SELECT * FROM billhook_settings") == []
    place.run("stats", BILLHOOK_TENANT_KEY="other")
    assert "not on record any more" in place.errors


@pytest.mark.parametrize("name, other", [
    ("status_changes_tenant", "status_changes (new_status)"),
    ("stripe_events_failed", "needs_fetch (since)")])
def test_an_index_of_a_table_that_no_rebuild_makes_is_made(place, name, other):
    place.take([subscription(3)])
    before = schema(place)
    place.tamper(f"DROP INDEX {name}", f"CREATE INDEX {name} ON {other}")
    told = place.json("doctor", status=1)
    assert [f["says"].split()[0] for f in told["findings"]
            if f["level"] == "problem"] == [name]
    place.run("rebuild")
    place.json("doctor")
    assert [row for row in schema(place) if row[1] == name] == [
        row for row in before if row[1] == name]


def test_what_was_added_to_a_table_that_no_rebuild_makes(place):
    place.take([subscription(3)])
    place.tamper("ALTER TABLE stripe_events ADD COLUMN theirs TEXT")
    told = place.json("doctor", status=1)
    assert [f["advice"] for f in told["findings"]
            if f["level"] == "problem"] == [
        "it serves as it is; to have it as it was, take out what was added "
        "to it, a column by ALTER TABLE ... DROP COLUMN: billhook rebuild "
        "does not make that one"]
    place.tamper("ALTER TABLE stripe_events DROP COLUMN theirs")
    place.json("doctor")


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
                 "UPDATE tenant_pricing SET status = 'spoilt', quantity = 7")
    before, there = place.tables(), schema(place)
    place.run("rebuild", status=1)
    assert "not on a Sunday" in place.errors
    assert "billhook doctor" in place.errors
    assert "SELECT" not in place.errors
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
    place.run("backup", str(copy), status=1)
    assert "the copy is made, but not sound" in place.errors
    assert "is not as billhook makes it" in place.errors
    connection = sqlite3.connect(copy)
    assert connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY 1"
                              ).fetchall() == place.rows(
        "SELECT name, sql FROM sqlite_schema ORDER BY 1")
    connection.close()


def test_a_backup_of_what_is_sound_says_nothing(place):
    place.take([renamed(1, "one")])
    assert place.json("backup", str(place.path / "copy.db"))["sound"]
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
