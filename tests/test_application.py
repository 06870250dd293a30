"""What an application has put beside billhook's tables or on them: it stays
its own, and stops nothing; and what somebody has put there to do harm does
none."""

import sqlite3

import pytest

from command_db import Database, body, renamed, schema, subscription


@pytest.fixture
def place(tmp_path):
    return Database(tmp_path)


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
    names = ("rebuild_notes", "rebuilds", "rebuild1_notes", "rebuild2_old_x",
             "rebuild3_tenant_pricing_notes")
    place.take([subscription(2)])
    place.tamper(*(f"CREATE TABLE {name} AS SELECT 'mine' AS x"
                   for name in names))
    place.take([subscription(3, status="past_due")])
    place.run("rebuild")
    place.take([subscription(4)])
    for name in names:
        assert place.rows(f"SELECT x FROM {name}") == [("mine",)]
    told = place.json("doctor")
    assert "rebuild" not in [f["check"] for f in told["findings"]]


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
    # A name that was one of ours.
    place.run("rebuild")
    place.tamper("CREATE INDEX stripe_invoices_subscription ON "
                 "stripe_invoices (total)")
    theirs = [row for row in schema(place) if row[1] in (
        'their "own" index', "tenant_pricing_theirs", "tell", "noted",
        "stripe_invoices_subscription")]
    assert len(theirs) == 5
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
        "CREATE TABLE outbox (x)",
        "CREATE TRIGGER tell AFTER UPDATE OF status ON tenant_pricing BEGIN "
        "INSERT INTO outbox VALUES (new.theirs); END",
        "DROP TABLE needs_fetch", "CREATE TABLE needs_fetch (n)",
        "CREATE INDEX by_n ON needs_fetch (n)")
    place.run("rebuild")
    for name in ("index by_theirs", "index by_n", "trigger tell",
                 "column theirs", "column n"):
        assert f"the {name} " in place.errors
    assert place.errors.count("was left out") == 5
    assert place.tables() == before
    place.run("rebuild")
    assert place.errors == ""
    place.take([subscription(3, status="past_due")])


def test_what_only_an_application_can_compare_stops_nothing(place):
    """Its own collation: of a table of its own, and of one of ours."""
    place.take([subscription(2)])
    before = place.tables()
    place.tamper("CREATE TABLE notes (x)", "INSERT INTO notes VALUES ('b')")
    connection = sqlite3.connect(place.database)
    for name in ("de", "fr", "it's"):
        connection.create_collation(name, lambda a, b: (a > b) - (a < b))
    connection.execute("CREATE INDEX by_notes ON notes (x COLLATE de)")
    for n, name in enumerate(("de", "fr", "it's")):
        connection.execute(f"CREATE INDEX by_{n} ON tenant_pricing "
                           f'(status COLLATE "{name}")')
    connection.close()
    theirs = [row for row in schema(place) if row[1] == "by_notes"]
    told = place.json("doctor")
    assert [f["says"] for f in told["findings"]
            if f["check"] == "integrity"] == [
        "cannot be judged: no such collation sequence: de"]
    assert place.json("backup", str(place.path / "copy.db"))["sound"]
    place.run("rebuild")
    for n, name in enumerate(("de", "fr", "it's")):
        assert (f"the index by_{n} on the table tenant_pricing was left out, "
                "which was made anew: no such collation sequence: "
                f"{name};") in place.errors
    assert place.tables() == before
    assert [row for row in schema(place) if row[1] == "by_notes"] == theirs
    place.take([subscription(3, status="past_due")])


def test_a_trigger_that_needs_an_index_made_later_outlives_a_rebuild(place):
    place.take([subscription(2)])
    place.tamper(
        "CREATE UNIQUE INDEX once ON stripe_products (name, id)",
        "CREATE TRIGGER tell AFTER UPDATE ON tenant_pricing BEGIN INSERT INTO "
        "stripe_products (id, name, deleted, livemode, updated_at) VALUES "
        "('mine', 'mine', 0, 0, 0) ON CONFLICT (name, id) DO NOTHING; END",
        "DROP INDEX once",
        "CREATE UNIQUE INDEX once ON stripe_products (name, id)")
    place.run("rebuild")
    assert place.errors == ""
    place.take([subscription(3, status="past_due")])
    assert place.rows("SELECT name FROM stripe_products") == [("mine",)]


def problems(place):
    return [(f["says"], f["advice"]) for f in place.json(
        "doctor", status=None)["findings"] if f["level"] == "problem"]


def test_a_trigger_on_what_stays_that_goes_by_what_is_gone_is_told(place):
    place.take([subscription(2)])
    place.tamper(
        "ALTER TABLE tenant_pricing ADD COLUMN theirs TEXT",
        "CREATE TABLE outbox (x)",
        "CREATE TRIGGER tell AFTER INSERT ON stripe_events BEGIN "
        "INSERT INTO outbox SELECT theirs FROM tenant_pricing; END")
    place.take([subscription(3)])
    place.run("rebuild")
    assert "a trigger on the table stripe_events does not fit" in place.errors
    place.run("import", "-", stdin=body(subscription(4)), status=1)
    assert "no such column" in place.errors
    assert problems(place)[0][0].startswith("tell is a trigger")


def test_a_trigger_on_the_journal_sees_what_it_tells_of(place):
    """Also where the table was gone."""
    place.take([subscription(2)])
    place.tamper(
        "CREATE TABLE outbox (x)",
        "CREATE TRIGGER tell AFTER INSERT ON status_changes BEGIN "
        "INSERT INTO outbox SELECT status FROM tenant_pricing WHERE "
        "tenant_id = new.tenant_id; END",
        "DROP TABLE tenant_pricing", "DELETE FROM status_changes")
    place.run("rebuild")
    assert place.rows("SELECT x FROM outbox") == [("active",)]


def test_triggers_with_names_of_ours_outlive_a_rebuild(place):
    place.take([subscription(2)])
    place.tamper("CREATE TABLE outbox (x)", *(
        f"CREATE TRIGGER {name} AFTER UPDATE ON tenant_pricing BEGIN INSERT "
        f"INTO outbox VALUES ('{name}'); END"
        for name in ("tenant_pricing", "stripe_events", "rebuild1_mine")))
    place.run("rebuild")
    place.take([subscription(3, status="past_due")])
    assert len(place.rows("SELECT x FROM outbox")) == 3


@pytest.mark.parametrize("behind", [
    "; DROP TABLE precious", "; COMMIT", "; ATTACH '{other}' AS e; CREATE "
    "TABLE e.t (x)", "; /* */ SELECT 1", " "])
@pytest.mark.parametrize("kind, text", [
    ("index", "CREATE INDEX theirs ON tenant_pricing (status)"),
    ("trigger", "CREATE TRIGGER theirs AFTER INSERT ON tenant_pricing BEGIN "
     "SELECT 1; END")])
def test_only_what_makes_an_index_or_a_trigger_is_run(place, kind, text,
                                                      behind):
    """Who rebuilds may be root, and who can write the file may not."""
    place.take([subscription(2)])
    before = place.tables()
    other = place.path / "other.db"
    other.touch()
    place.tamper(
        "CREATE TABLE precious (x)", text, "PRAGMA writable_schema=ON",
        ("UPDATE sqlite_schema SET sql = ? || substr(sql, 7) || ? WHERE name "
         "= 'theirs'", ("CREATE" + " " * (behind == " "),
                        behind.format(other=other))))
    place.run("rebuild")
    assert f"the {kind} theirs on the table tenant_pricing was left out" in \
        place.errors
    assert other.stat().st_size == 0
    assert place.rows("SELECT * FROM precious") == []
    assert place.tables() == before
    assert not place.rows("SELECT 1 FROM sqlite_schema WHERE name = 'theirs'")


def test_a_schema_with_much_of_others_in_it(place):
    """More than anybody has; and views whose columns alone take long."""
    place.take([subscription(2)])
    place.tamper(
        *(f"CREATE TABLE a{n} (x)" for n in range(1100)),
        *(f"CREATE TRIGGER a{n} AFTER INSERT ON needs_fetch BEGIN SELECT 1; "
          "END" for n in range(1100)),
        "CREATE VIEW v0 AS SELECT 1 AS a, 2 AS b",
        *(f"CREATE VIEW v{n + 1} AS SELECT * FROM v{n} AS a, v{n} AS b, "
          f"v{n} AS c" for n in range(30)))
    place.run("stats")
    place.run("rebuild")
    assert problems(place) == [
        ("a0 is a trigger or unique index that is not billhook's",
         "take it out: what it does to a delivery, nobody can say; other "
         "programs open the database read only")]


@pytest.mark.parametrize("sql, drop", [
    ("CREATE VIEW TENANT_PRICING AS SELECT 1 AS tenant_id",
     "DROP VIEW TENANT_PRICING"),
    ("CREATE INDEX tenant_pricing ON other (x)", "DROP INDEX tenant_pricing")])
def test_what_has_the_name_of_a_table_is_named(place, sql, drop):
    place.take([subscription(2)])
    before = place.tables()
    place.tamper("CREATE TABLE other (x)", "DROP TABLE tenant_pricing", sql)
    for command in ("stats", "rebuild"):
        place.run(command, status=1)
        assert " ".join(drop.split()[:2]) in place.errors
    place.tamper(drop)
    place.run("rebuild")
    assert place.tables() == before


@pytest.mark.parametrize("name, table", [
    ("theirs", "STRIPE_EVENTS"), ("sqlite3_sync", "stripe_events")])
def test_a_trigger_is_named_however_it_is_written(place, name, table):
    place.take([subscription(2)])
    place.tamper(f"CREATE TRIGGER {name} BEFORE INSERT ON {table} BEGIN "
                 "SELECT RAISE(IGNORE); END")
    assert problems(place)[0][0].startswith(f"{name} is a trigger")


def test_a_schema_that_cannot_be_read_is_told(place):
    """As one that a newer SQLite has written."""
    place.take([renamed(1, "one")])
    place.tamper(
        "CREATE VIEW theirs AS SELECT 1", "PRAGMA writable_schema=ON",
        "UPDATE sqlite_schema SET sql = 'CREATE VIEW theirs AS SELECT FROM' "
        "WHERE name = 'theirs'")
    place.run("stats", status=1)
    assert "malformed database schema (theirs)" in place.errors
    # And copied all the same, and the events can be read.
    copy = place.path / "copy.db"
    place.run("backup", str(copy), status=1)
    assert "the copy is made, but not sound" in place.errors
    connection = sqlite3.connect(copy)
    connection.execute("PRAGMA writable_schema=ON")
    assert connection.execute("SELECT id FROM stripe_events").fetchall() == [
        ("evt_1",)]
    connection.close()
