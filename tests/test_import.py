"""billhook import: events of files, whatever their form."""

import json
import sqlite3

import pytest

import model
from command_db import Database, check_same, shop_events, tiny

SEEDS = (41, 42, 43)


@pytest.fixture
def place(tmp_path):
    return Database(tmp_path)


EVENTS = [tiny(f"evt_{n}", "customer.updated", 1760000000 + n,
               {"id": "cus_tiny", "object": "customer", "name": "a]}\\\"{["},
               pending_webhooks=None) for n in range(3)]
for one in EVENTS:
    one["data"]["previous_attributes"] = {"name": None}

FORMS = {
    "list": json.dumps({"object": "list", "data": EVENTS,
                        "has_more": False, "url": "/v1/events"}, indent=2),
    "list-compact": json.dumps({"object": "list", "data": EVENTS}),
    "array": json.dumps(EVENTS, indent=4),
    "array-compact": json.dumps(EVENTS),
    "lines": "\n".join(json.dumps(e) for e in EVENTS),
    "lines-crlf": "\r\n\r\n".join(json.dumps(e) for e in EVENTS) + "\r\n",
    "documents": "\n".join(json.dumps(e, indent=2) for e in EVENTS),
    # As deliveries and backfilled ones come out of one table.
    "lines-and-documents": "\n".join(json.dumps(e, indent=n) for n, e in
                                     zip((None, 2, 0), EVENTS)),
    "documents-and-lines": "\n".join(json.dumps(e, indent=n) for n, e in
                                     zip((2, None, 0), EVENTS)),
    "bom": "\ufeff" + json.dumps(EVENTS),
    "bom-lines": "\ufeff" + "\n".join(json.dumps(e) for e in EVENTS),
    "pages": "\n".join(json.dumps({"object": "list", "data": [e]}, indent=2)
                       for e in EVENTS),
    "pages-slurped": json.dumps([{"object": "list", "data": [e]}
                                 for e in EVENTS]),
    "pages-lines": "\n".join(json.dumps({"object": "list", "data": [e]})
                             for e in EVENTS),
    "data-first": json.dumps({"data": EVENTS, "object": "list"}, indent=1),
    "one-behind-the-other": "".join(json.dumps(e) for e in EVENTS),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("from_stdin", [False, True])
def test_import_takes_every_form(place, form, from_stdin):
    (place.path / "in.json").write_text(FORMS[form], encoding="utf-8")
    told = place.json("import", "-" if from_stdin else "in.json",
                      stdin=FORMS[form].encode())
    assert told["entries"] == 3 and told["bad"] == 0
    assert told["applied"] + told["stale"] == 3
    got = place.payloads()
    assert {name: json.loads(payload) for name, payload in got.items()} == {
        e["id"]: e for e in EVENTS}
    # The bytes are those of the file; a null in them is not nothing.
    for payload in got.values():
        assert payload.decode() in FORMS[form]
        assert b'"name": null' in payload
    check_same(place.tables(), model.tables(EVENTS))


def test_import_takes_a_single_event(place):
    assert "1 entry: 1 applied" in place.run("import", "event.json")
    assert place.payloads() == {"evt_test_cli":
                             (place.path / "event.json").read_bytes()}
    told = place.json("import", "event.json", "event.json")
    assert told["duplicate"] == 2 and told["entries"] == 2


def test_import_says_which_entry_is_bad_and_goes_on(place):
    good = [json.dumps(e) for e in EVENTS]
    (place.path / "lines").write_text("\n".join((
        good[0], "", '{"id": "evt_cut", "da', "{}", "7", '"text"', good[1],
        '{"id": "evt_x" "y": 1}', "[]", good[2][:-1], good[2])))
    told = place.json("import", "lines", status=1)
    assert told["bad"] == 6 and told["applied"] + told["stale"] == 3
    assert len(place.payloads()) == 3
    for entry, line in ((2, 3), (3, 4), (4, 5), (5, 6), (7, 8), (8, 10)):
        assert f"lines: entry {entry}, line {line}: " in place.errors

    (place.path / "array").write_text(
        f'[{good[0]},\n 7, null,\n{{"a": 1 2}},\n"x]",\n{good[1]}]')
    told = place.json("import", "array", status=1)
    assert told["duplicate"] == 2 and told["bad"] == 4
    assert "array: entry 2, line 2: " in place.errors
    assert place.run("import", "array", status=1).count("; 4 bad") == 1


@pytest.mark.parametrize("text, entries, words", [
    ("", 0, "there is no event in it"),
    (" \n\n", 0, ""),
    ("[", 0, "cut short"),
    ('[{"id": "evt', 0, "cut short"),
    ('{"data": [\n{"id": 1},\n', 0, "line 1: what begins there is cut"),
    ("]]]", 3, "entry 3"),
    ("\x00\x01", 1, "entry 1"),
    ("no json at all", 4, "entry 4"),
    ('{"id": "cut\n' + json.dumps(EVENTS[0]), 2, "entry 1, line 1"),
    ('{"id": "cut"\n' + json.dumps(EVENTS[0]), 2, "entry 1, line 1"),
])
def test_import_survives_what_is_no_list_of_events(place, text, entries,
                                                   words):
    told = place.json("import", "-", stdin=text.encode(),
                      status=1 if words else 0)
    assert told["entries"] == entries and words in place.errors


def test_import_goes_on_behind_a_file_that_is_not_there(place):
    told = place.json("import", "none.json", "event.json", status=1)
    assert told["applied"] == 1 and told["bad"] == 0
    assert "none.json cannot be read" in place.errors
    assert place.run("import", "bin", status=1) == ""
    assert "bin cannot be read: Is a directory" in place.errors
    (place.path / "empty").touch()
    told = place.json("import", "empty", "event.json", status=1)
    assert told["duplicate"] == 1 and told["bad"] == 0
    assert "empty: is empty" in place.errors


def test_import_says_that_a_list_goes_on_at_stripe(place):
    page = json.dumps({"object": "list", "data": EVENTS, "has_more": True})
    assert "--starting-after" in place.run("import", "-",
                                           stdin=page.encode())
    assert place.json("import", "-", stdin=page.encode())["has_more"] is True


def test_import_stops_where_the_database_cannot_be_written(place):
    place.take(EVENTS[:1])
    held = sqlite3.connect(place.database, isolation_level=None)
    held.execute("BEGIN IMMEDIATE")
    try:
        place.run("import", "-", stdin=json.dumps(EVENTS).encode(), status=1,
                  BILLHOOK_PATIENCE="100")
    finally:
        held.close()
    assert "BILLHOOK_PATIENCE" in place.errors
    assert "stopped at entry 1" in place.errors and \
        "to run it again is harmless" in place.errors
    place.take(EVENTS)


def test_import_gives_the_tables_of_deliveries(place):
    events = shop_events(*SEEDS)
    (place.path / "all.json").write_bytes(json.dumps(
        {"object": "list", "data": events[::-1]}).encode())
    place.run("import", "all.json")
    check_same(place.tables(), model.tables(events))


def test_import_shows_how_far_it_is_on_a_terminal(place):
    (place.path / "all.json").write_bytes(json.dumps(
        shop_events(*SEEDS)).encode())
    shown, status = place.on_a_terminal("import", "all.json")
    assert status == 0 and "[#" in shown.replace(".", "#") and "%" in shown
    assert "entries" in shown and shown.endswith("\r\x1b[K")
    place.run("import", "all.json")
    assert place.errors == ""
