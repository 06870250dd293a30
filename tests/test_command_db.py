"""What the commands that read the database have in common; billhook events and
stats."""

import json
import os
import pwd
import re
import shlex
import sqlite3
import stat
import time

import pytest

from command_db import (Database, lines, subscription, tiny,
                        with_a_failed_renewal)


@pytest.fixture
def place(tmp_path):
    return Database(tmp_path)


@pytest.fixture
def shop(place):
    return with_a_failed_renewal(place)


READING = (("events",), ("tenants",), ("tenant", "acme"), ("stats",),
           ("replay",), ("rebuild",), ("prune", "--older-than", "1d"),
           ("backup", "copy.db"))


def test_none_makes_a_database_but_import(place):
    for arguments in READING:
        place.run(*arguments, status=1)
        assert "is not there" in place.errors, arguments
        assert "billhook doctor" in place.errors
    assert not place.database.exists() and not (place.path /
                                                "copy.db").exists()
    place.run("import", "event.json")
    assert ("belongs to root" in place.errors) == (os.geteuid() == 0)
    assert stat.S_IMODE(place.database.stat().st_mode) == 0o600


def test_all_say_why_settings_are_not_usable(place):
    for arguments in (*READING, ("import", "event.json")):
        place.run(*arguments, status=1, BILLHOOK_TOLERANCE="0")
        assert "BILLHOOK_TOLERANCE" in place.errors


def test_a_limit_on_the_size_of_files_is_told(shop):
    """SIGXFSZ would end the command without a word."""
    def limited(arguments, to=""):
        done = shop.sh(f"ulimit -f 0; billhook {shlex.join(arguments)} {to}")
        assert not done.stdout or not to
        assert done.returncode == 1, (arguments, done)
        return done.stdout.decode(), done.stderr.decode()

    for arguments in (*READING, ("import", "event.json")):
        assert "disk I/O error" in limited(arguments)[1], arguments
    text, _ = limited(("doctor",))
    assert "no file may be larger than 0 bytes" in text
    assert "disk I/O error" in text and "1 problem, " in text
    assert "ulimit" not in shop.run("doctor", status=None)
    # Whatever the status is, that nothing could be read is told.
    for arguments in (("doctor",), ("doctor", "--json"), ("config",),
                      ("--version",), ("help",), ("sign", "--help")):
        told = limited(arguments, ">output")[1]
        assert told == "billhook: cannot write the output: File too large\n"
    told = shop.sh("billhook >/dev/full")
    assert told.returncode == 2 and b"No space left" in told.stderr


def test_wrong_usage(place):
    for arguments, words in (
            (("events", "a", "b"), "more than one"),
            (("events", "--limit", "x"), "--limit"),
            (("events", "--since", "yesterday"), "--since"),
            (("events", "--outcome", "duplicate"), "--outcome"),
            (("import",), "name a file"),
            (("tenant",), "name one tenant"),
            (("tenants", "x"), "no operands"),
            (("prune",), "--older-than"),
            (("prune", "--older-than", "90days"), "span"),
            (("prune", "--older-than", "-1d"), "span"),
            (("prune", "--older-than", "1m"), "no span like 90d"),
            (("backup",), "one new file"),
            (("stats", "--json", "--prometheus"), "not both"),
            (("rebuild", "x"), "no operands"),
            (("replay", "x"), "no operands")):
        place.run(*arguments, status=2)
        assert words in place.errors, arguments


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can lend")
def test_root_leaves_nothing_of_its_own_beside_the_database(tmp_path):
    nobody = pwd.getpwnam("nobody")
    place = Database(tmp_path, BILLHOOK_DATABASE=str(
        tmp_path / "db" / "billhook.db"))
    place.database = tmp_path / "db" / "billhook.db"
    for parent in tmp_path.parents:
        if parent.name.startswith("pytest-of"):
            parent.chmod(0o755)
    tmp_path.parent.chmod(0o755)
    tmp_path.chmod(0o755)
    place.database.parent.mkdir(mode=0o700)
    os.chown(place.database.parent, nobody.pw_uid, nobody.pw_gid)
    place.run("import", "event.json")
    assert place.errors == ""
    place.database.with_name("billhook.db-lock").unlink()
    reader = sqlite3.connect(place.database)    # leaves -wal and -shm there
    try:
        place.run("stats")
        reader.execute("SELECT * FROM stripe_events").fetchall()
        place.run("import", "event.json")
        place.run("rebuild")
        owners = {path.name: path.stat().st_uid
                  for path in place.database.parent.iterdir()}
    finally:
        reader.close()
    assert {"billhook.db", "billhook.db-lock"} <= owners.keys()
    assert set(owners.values()) == {nobody.pw_uid}, owners


def test_events_lists_the_latest_first(place):
    place.take([tiny(f"evt_{n}", created=1760000000 + n) for n in range(60)])
    listed = lines(place.run("events", "--json"))
    assert [e["id"] for e in listed] == [f"evt_{n}" for n in
                                         range(59, 9, -1)]
    assert listed[0].keys() == {
        "id", "type", "created", "received_at", "object_id", "livemode",
        "account", "api_version", "deliveries", "outcome", "error"}
    assert len(lines(place.run("events", "--json", "--limit", "0"))) == 60
    table = place.run("events", "--limit", "3").splitlines()
    assert len(table) == 4 and table[0].startswith("RECEIVED")
    assert "evt_59" in table[1]


def ids(place, *arguments):
    return {e["id"] for e in lines(place.run("events", "--json",
                                             *arguments))}


def test_events_filters(place):
    place.take([
        tiny("evt_a", "customer.created"),
        tiny("evt_b", "customer.created.twice"),
        tiny("evt_c", "customer.updated", 1760000001),
        tiny("evt_d", "charge.succeeded", obj={"id": "ch_1"}),
        tiny("evt_e", "customer.updated", obj={"id": "cus_2", "object":
             "customer", "email": 7})])
    now = int(time.time())
    place.tamper("UPDATE stripe_events SET received_at = received_at - "
                 "86400 * 3 WHERE id = 'evt_a'")
    assert ids(place, "--type", "customer.created") == {"evt_a"}
    assert ids(place, "--type", "customer.") == {
        "evt_a", "evt_b", "evt_c", "evt_e"}
    assert ids(place, "--type", "customer.created", "--limit",
               "1") == {"evt_a"}
    assert ids(place, "--type", "cust") == set()
    assert ids(place, "--outcome", "ignored") == {"evt_b", "evt_d"}
    assert ids(place, "--outcome", "failed") == {"evt_e"}
    assert ids(place, "--object", "cus_tiny", "--outcome",
               "applied") >= {"evt_c"}
    assert ids(place, "--since", "2d") == ids(place) - {"evt_a"}
    assert ids(place, "--until", "2d") == {"evt_a"}
    assert ids(place, "--since", "4d", "--until", "36h") == {"evt_a"}
    assert ids(place, "--since", str(now - 3600)) == ids(place) - {"evt_a"}
    day = time.strftime("%Y-%m-%d", time.gmtime(now - 2 * 86400))
    assert ids(place, "--until", day) == {"evt_a"}
    assert place.run("events", "--object", "sub_none") == "no such event\n"
    assert place.run("events", "--object", "sub_none", "--json") == ""


@pytest.mark.parametrize("word, perhaps", [
    ("invoice", "invoice. "), ("invoice.piad", "invoice.paid"),
    ("customer.subscription", "customer.subscription. "),
    ("invoice.paid", None), ("invoice.", None), ("charge.refunded", None)])
def test_events_tell_what_type_was_perhaps_meant(place, word, perhaps):
    place.take([tiny("evt_a")])
    for form in ((), ("--json",)):
        place.run("events", "--type", word, *form)
        if perhaps is None:
            assert "perhaps" not in place.errors
        else:
            assert f"perhaps --type {perhaps}" in place.errors.replace(
                "\n", " ")
    place.run("events", "--type", "customer.created")
    assert place.errors == ""


def test_events_shows_one(place):
    old = tiny("evt_old", "customer.created", 1760000000)
    new = tiny("evt_new", "customer.updated", 1760000001, obj={
        "id": "cus_tiny", "object": "customer", "name": "Zoë",
        "balance": None})
    place.take([old, new])
    shown = place.json("events", "evt_new")
    assert json.loads(shown["payload"]) == new and shown["state"] is True
    assert shown["outcome"] == "applied" and shown["changes"] == []
    assert shown["state_event"] == "evt_new"
    assert shown["tenant_is_no_text"] is False
    old = place.json("events", "evt_old")
    assert old["state"] is False and old["state_event"] == "evt_new"
    text = place.run("events", "evt_new")
    head, payload = text.split("\n\n", 1)
    assert json.loads(payload) == new and "Zoë" in payload
    assert re.search(r"^outcome +applied$", head, re.M)
    assert "row is read from this event" in head
    assert re.search(r"is not read from this event, but from\n +evt_new\n",
                     place.run("events", "evt_old"))
    place.run("events", "evt_none", status=1)
    assert "no event of this id" in place.errors


def test_events_shows_what_an_event_changed(shop):
    found = [place_event["id"] for place_event in lines(
        shop.run("events", "--json", "--type", "invoice.payment_failed"))]
    shown = shop.json("events", found[0])
    assert [(c["tenant_id"], c["old_status"], c["new_status"])
            for c in shown["changes"]] == [("acme", "active", "past_due")]
    assert "tenant acme: active -> past_due" in shop.run("events", found[0])


def test_a_change_of_price_or_quantity_is_called_so(place):
    item = {"object": "list", "data": [{"id": "si_1", "quantity": 1}]}
    place.take([subscription(1, items=item)])
    item["data"][0]["quantity"] = 2
    place.take([subscription(2, items=item)])
    assert place.rows("SELECT old_status, new_status FROM status_changes") \
        == [(None, "active"), ("active", "active")]
    assert "tenant kite: active, with another price or quantity" in \
        place.run("events", "evt_2")
    assert re.search(r"  active  \(price, quantity\)  evt_2  ",
                     place.run("tenant", "kite"))


@pytest.mark.parametrize("tenant", [7, True, ["kite"], {"id": "kite"}])
def test_a_tenant_that_is_no_text_is_told(place, tenant):
    place.take([subscription(1, metadata={"tenant_id": tenant})])
    assert "evt_1: tenant_id in its metadata is no text" in place.errors
    assert place.rows("SELECT tenant_id FROM tenant_pricing") == [("cus_1",)]
    assert place.json("events", "evt_1")["tenant_is_no_text"] is True
    assert "so they name no tenant" in place.run("events", "evt_1")
    assert "tenant_id in the metadata of sub_1 is no text" in \
        place.run("tenant", "cus_1")
    place.take([subscription(2, metadata={"tenant_id": "7", "n": 7})])
    assert place.errors == ""
    assert "no text" not in place.run("tenant", "7")
    assert "name no tenant" not in place.run("events", "evt_2")


def test_another_content_under_a_known_id_is_told(place):
    place.take([subscription(1)])
    told = place.take([subscription(1, status="past_due")])
    assert told["duplicate"] == 1
    assert "evt_1: its content is not that on record" in place.errors
    place.take([subscription(1)])
    assert place.errors == ""


def test_a_directory_or_a_link_is_refused_and_leaves_nothing(place, tmp_path):
    (tmp_path / "dir").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "none")
    before = sorted(tmp_path.iterdir())
    for name, words in (("dir", f"{tmp_path}/dir/billhook.db"),
                        ("link", "the file itself")):
        path = str(tmp_path / name)
        place.run("import", "event.json", status=1, BILLHOOK_DATABASE=path)
        assert "BILLHOOK_DATABASE name" in place.errors
        assert words in place.errors
        told = place.run("doctor", status=1, BILLHOOK_DATABASE=path)
        assert "let BILLHOOK_DATABASE name" in told
    assert sorted(tmp_path.iterdir()) == before


def test_a_hostile_event_cannot_forge_escapes(place):
    evil = "\x1b]0;owned\x07\u009b2J\u202e\x7f"
    place.take([
        tiny("evt_1", "customer.created", account=evil),
        tiny("evt_2", obj={"id": "cus_1", "object": "customer",
                           "name": evil,
                           "metadata": {"tenant_id": evil, evil: "x"}}),
        tiny("evt_3", "customer.subscription.created", obj={
            "id": "sub_1", "object": "subscription", "customer": "cus_1",
            "status": "active" + evil, "metadata": {"tenant_id": evil}}),
        tiny("evt_4", "customer." + evil),
        tiny("evt_5", "customer.updated", obj={
            "id": "cus_5", "object": "customer", "email": [evil]})])
    for arguments in (("events",), ("events", "evt_1"), ("events", "evt_2"),
                      ("events", "evt_4"), ("tenants",), ("tenant", evil),
                      ("stats",), ("stats", "--prometheus"), ("doctor",)):
        told = place.run(*arguments) + place.errors
        unsafe = set("\x1b\x07\u009b\x7f") if "--prometheus" in arguments \
            else set("\x1b\x07\u009b\u202e\x7f")
        assert len(told) > 10 and not unsafe & set(told), arguments
    # What is shown of a payload is the same document.
    shown = place.run("events", "evt_2").split("\n\n", 1)[1]
    assert json.loads(shown)["data"]["object"]["name"] == evil
    assert place.json("tenant", evil)["tenant_id"] == evil


def test_times_are_local_in_tables_and_seconds_in_json(place):
    place.take([tiny("evt_1", created=1760000000)])
    text = place.run("events", "evt_1", TZ="Asia/Kolkata")
    assert "2025-10-09T14:23:20+05:30" in text
    assert place.json("events", "evt_1")["created"] == 1760000000


def test_stats_counts(shop):
    shop.run("import", "event.json")
    shop.run("import", "event.json")
    shop.take([tiny("evt_bad", "customer.updated", obj={
        "id": "cus_bad", "object": "customer", "email": []})])
    told = shop.json("stats")
    events, = shop.rows("SELECT count(*), sum(deliveries), "
                        "max(received_at) FROM stripe_events")
    assert (told["events"], told["deliveries"],
            told["last_received_at"]) == events
    assert told["parked"] == 1 and told["doubts"] == {"unreadable": 1}
    assert told["tenants"] == [{"status": "past_due", "tenants": 1}]
    assert sum(c["events"] for c in told["counts"]) == told["events"]
    text = shop.run("stats")
    assert f"{told['events']} events" in text and "1 parked" in text
    assert "tenants past_due: 1" in text and "doubts unreadable: 1" in text


def samples(text):
    """The samples of a text in Prometheus's format, checked line by line."""
    found, typed = {}, set()
    for line in text.splitlines():
        head = re.fullmatch(r"# (HELP|TYPE) (billhook_\w+) (.+)", line)
        if head:
            if head[1] == "TYPE":
                assert head[3] in ("gauge", "counter")
                typed.add(head[2])
            continue
        match = re.fullmatch(
            r'(billhook_\w+)(\{(\w+="([^"\\]|\\[\\n"])*",?)+\})? (\d+)', line)
        assert match, line
        assert match[1] in typed
        key = match[1] + (match[2] or "")
        assert key not in found
        found[key] = int(match[5])
    return found


def test_stats_for_prometheus(shop):
    shop.take([tiny("evt_odd", 'a\\b"c')])
    found = samples(shop.run("stats", "--prometheus"))
    told = shop.json("stats")
    assert found["billhook_deliveries_total"] == told["deliveries"]
    assert found['billhook_tenants{status="past_due"}'] == 1
    assert found['billhook_events{type="invoice.payment_failed",'
                 'outcome="applied"}'] == 1
    assert found['billhook_events{type="a\\\\b\\"c",'
                 'outcome="ignored"}'] == 1
    assert found["billhook_last_event_timestamp_seconds"] == \
        told["last_received_at"]
    assert found["billhook_parked_events"] == 0
    assert sum(n for key, n in found.items()
               if key.startswith("billhook_events{")) == told["events"]


def test_stats_of_nothing(place):
    place.run("import", "-", stdin=b"[]")
    assert "0 events, 0 deliveries, 0 parked" in place.run("stats")
    assert place.json("stats")["last_received_at"] is None
    assert samples(place.run("stats", "--prometheus"))[
        "billhook_deliveries_total"] == 0
    place.take([tiny("evt_1")])
    assert "1 event, 1 delivery, 0 parked" in place.run("stats")
    place.take([tiny("evt_1")])
    assert "1 event, 2 deliveries, 0 parked" in place.run("stats")
