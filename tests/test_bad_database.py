"""Every kind of bad database file gets its answer, says what to do, and loses
nothing: as a user without privileges, whoever runs the tests."""

import grp
import os
import pathlib
import sqlite3
import stat

import pytest

from bad_ground import NOBODY, ground
from billhook_test import event


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def test_a_trigger_that_takes_an_event_away(ground):
    """What is not on disk is no repeat, and is answered no 200."""
    ground.make()
    with sqlite3.connect(ground.database) as db:
        db.execute("CREATE TRIGGER theirs BEFORE INSERT ON stripe_events "
                   "BEGIN SELECT RAISE(IGNORE); END")
    db.close()
    ground.refused("a trigger that is not billhook's", "billhook doctor")
    with sqlite3.connect(ground.database) as db:
        db.execute("DROP TRIGGER theirs")
    db.close()
    ground.works()
    assert ground.ids() == ["evt_first", "evt_later"]


# Modes that stand in the way.

def test_a_file_that_may_not_be_written(ground):
    ground.make()
    before = ground.database.read_bytes()
    ground.database.chmod(0o400)
    ground.refused("may not be written", "give the file and its directory to "
                   "the user that the responder runs as")
    assert ground.database.read_bytes() == before
    ground.database.chmod(0o600)
    ground.works()
    assert ground.ids() == ["evt_first", "evt_later"]


def test_a_file_that_may_not_be_read(ground):
    ground.make()
    ground.database.chmod(0)
    ground.refused("must be able to read and write it")
    ground.database.chmod(0o600)
    ground.works()


@pytest.mark.parametrize("journal, words", [
    ("wal", ["user", "responder"]),
    # Nothing is written without a journal that has its name.
    ("truncate", ["-journal: cannot make", "must be able to write there"])])
def test_a_directory_that_may_not_be_written(ground, journal, words):
    ground.configure(BILLHOOK_JOURNAL=journal)
    ground.make()
    pathlib.Path(f"{ground.database}-journal").unlink(missing_ok=True)
    before = ground.database.read_bytes()
    ground.data.chmod(0o500)
    ground.refused(*words)
    assert ground.database.read_bytes() == before
    ground.data.chmod(0o700)
    ground.works()
    assert ground.ids() == ["evt_first", "evt_later"]


def test_a_directory_that_may_not_be_written_and_is_empty(ground):
    ground.data.mkdir(mode=0o500)
    ground.give(ground.data)
    ground.refused("responder's user must be able to write there")
    assert list(ground.data.iterdir()) == []
    ground.data.chmod(0o700)
    ground.works()


def test_a_directory_that_may_not_be_entered(ground):
    ground.make()
    ground.data.chmod(0)
    ground.refused("responder's user must be able to write there")
    ground.data.chmod(0o700)
    ground.works()


def test_a_lock_file_that_may_not_be_written(ground):
    ground.make()
    lock = pathlib.Path(f"{ground.database}-lock")
    lock.chmod(0)
    ground.refused("-lock", "responder's user must be able to write there")
    lock.chmod(0o600)
    ground.works()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has files that the "
                    "responder may not have")
@pytest.mark.parametrize("tail", ["", "-lock"])
def test_a_file_of_root(ground, tail):
    ground.make()
    os.chown(f"{ground.database}{tail}", 0, 0)
    ground.refused(f"billhook.db{tail}: cannot be opened by user {NOBODY}: it "
                   "belongs to root", f"chown {NOBODY}:{NOBODY} ")
    ground.give(pathlib.Path(f"{ground.database}{tail}"))
    ground.works()


# What is not there yet.

@pytest.mark.parametrize("umask", ["022", "000", "077", "777"])
def test_a_missing_directory_is_made_for_one_user(ground, umask):
    ground.umask(umask)
    ground.works()
    assert mode(ground.data) == 0o700
    for path in ground.data.iterdir():
        assert mode(path) == 0o600, path
    assert {path.name for path in ground.data.iterdir()} >= \
        {"billhook.db", "billhook.db-lock"}


@pytest.mark.parametrize("umask", ["022", "077"])
def test_a_missing_directory_is_made_for_a_group(ground, umask):
    gid = NOBODY if ground.root else os.getegid()
    ground.configure(BILLHOOK_GROUP=grp.getgrgid(gid).gr_name)
    ground.umask(umask)
    ground.works()
    assert mode(ground.data) == 0o2770
    for path in (ground.data, *ground.data.iterdir()):
        assert path.stat().st_gid == gid
        if path != ground.data:
            assert mode(path) == 0o660, path


def test_a_group_that_is_not_there(ground):
    ground.configure(BILLHOOK_GROUP="no-such-group")
    ground.refused("BILLHOOK_GROUP", "there is no group no-such-group",
                   "groupadd no-such-group")
    assert not ground.data.exists()


def test_a_group_of_others(ground):
    """One of which the responder's user is no member."""
    mine = {NOBODY} if ground.root else {os.getegid(), *os.getgroups()}
    other = next((entry.gr_name for entry in grp.getgrall()
                  if entry.gr_gid not in mine), None)
    assert other, "this machine has no group that we are not in"
    ground.configure(BILLHOOK_GROUP=other)
    ground.refused("BILLHOOK_GROUP", "must be a member")
    assert not ground.data.exists()
    ground.configure()
    ground.works()


def test_a_missing_parent_is_not_made(ground):
    ground.database = ground.home / "a" / "b" / "billhook.db"
    ground.configure()
    ground.refused(str(ground.home / "a" / "b"),
                   "cannot make the database's directory: No such file",
                   "make it, owned by the user that the responder runs as")
    assert not (ground.home / "a").exists()
    (ground.home / "a").mkdir()
    ground.give(ground.home / "a")
    ground.works()
    assert mode(ground.home / "a" / "b") == 0o700


def test_a_file_where_the_directory_should_be(ground):
    ground.put(b"not a directory\n", ground.data)
    ground.refused(str(ground.data), "make it")
    assert ground.data.read_bytes() == b"not a directory\n"
    ground.data.unlink()
    ground.works()


def test_a_directory_where_the_file_should_be(ground):
    ground.database.mkdir(parents=True)
    ground.give(ground.data)
    ground.give(ground.database)
    ground.refused("is a directory; let BILLHOOK_DATABASE name a file in it")
    ground.database.rmdir()
    ground.works()


def test_an_empty_file_is_a_new_database(ground):
    ground.put(b"")
    ground.works()
    assert ground.ids() == ["evt_later"]


# What is not a database of ours.

@pytest.mark.parametrize("content", [
    b"Dear diary,\n" * 1000, b"xy", b"\0" * 65536,
    b"SQLite format 3\0" + b"\xff" * 4080, os.urandom(8192),
], ids=["text", "two bytes", "NULs", "a head alone", "noise"])
def test_a_file_that_is_no_database(ground, content):
    ground.put(content)
    ground.refused(str(ground.database))
    ground.refused("move it away, or correct BILLHOOK_DATABASE"
                   if content[:6] != b"SQLite" else str(ground.database))
    assert ground.database.read_bytes() == content
    ground.database.unlink()
    ground.works()


def sqlite(path, script):
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.commit()
    connection.close()


@pytest.mark.parametrize("script", [
    "CREATE TABLE diary (day TEXT); INSERT INTO diary VALUES ('Monday');",
    "PRAGMA application_id=252006674; CREATE TABLE diary (day TEXT);",
    "PRAGMA application_id=252006674; PRAGMA user_version=1;"
    "CREATE TABLE diary (day TEXT);",
    "PRAGMA user_version=1; CREATE TABLE stripe_events (id TEXT);",
    "PRAGMA application_id=252006674; PRAGMA user_version=7;",
    "PRAGMA application_id=252006674; VACUUM;",
], ids=["no stamp", "a stamp", "a stamp and a version", "a table's name",
        "no table", "nothing but a stamp"])
def test_a_database_of_another_program(ground, script):
    ground.put(b"")
    sqlite(ground.database, script)
    content = ground.database.read_bytes()
    assert content
    ground.refused("not billhook's", "correct BILLHOOK_DATABASE")
    assert ground.database.read_bytes() == content
    assert not os.path.exists(f"{ground.database}-wal")


@pytest.mark.parametrize("version", [99, 2, 0, -1])
def test_a_database_of_another_schema_version(ground, version):
    ground.make()
    (known,) = ground.one("PRAGMA user_version").values()
    sqlite(ground.database, f"PRAGMA user_version={version}")
    content = ground.database.read_bytes()
    ground.refused(f"has schema version {version}",
                   f"this program knows {known}", "a newer one")
    assert ground.database.read_bytes() == content
    sqlite(ground.database, f"PRAGMA user_version={known}")
    ground.works()
    assert ground.ids() == ["evt_first", "evt_later"]


def damage(path, at, size):
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(b"\xaa" * size)


@pytest.mark.parametrize("what", ["schema", "events", "half"])
def test_a_damaged_database(ground, what):
    ground.make()
    whole = ground.database.read_bytes()
    if what == "schema":
        damage(ground.database, 100, 3000)
    elif what == "events":
        page = ground.one("SELECT rootpage FROM sqlite_schema WHERE name = "
                          "'stripe_events'")["rootpage"]
        size = ground.one("PRAGMA page_size")["page_size"]
        damage(ground.database, (page - 1) * size, size)
    else:
        os.truncate(ground.database, len(whole) // 2)
    damaged = ground.database.read_bytes()
    ground.refused("damaged", "restore a backup", "billhook(1), BACKUP")
    assert ground.database.read_bytes() == damaged
    ground.database.write_bytes(whole)
    ground.works()
    ground.check()


# Links.

def test_a_link_in_place_of_the_database(ground):
    ground.make()
    real = ground.home / "elsewhere.db"
    ground.database.rename(real)
    content = real.read_bytes()
    ground.database.symlink_to(real)
    ground.give(ground.database)
    ground.refused("is no regular file (a link?)",
                   "let BILLHOOK_DATABASE name the file itself")
    assert real.read_bytes() == content
    ground.database.unlink()
    real.rename(ground.database)
    ground.works()


def test_a_link_to_nothing(ground):
    ground.data.mkdir()
    ground.give(ground.data)
    ground.database.symlink_to(ground.home / "elsewhere.db")
    ground.refused("is no regular file (a link?)")
    assert not (ground.home / "elsewhere.db").exists()


def test_a_link_in_place_of_the_lock(ground):
    ground.make()
    lock = pathlib.Path(f"{ground.database}-lock")
    lock.unlink()
    target = ground.data / "precious"
    ground.put(b"precious", target)
    lock.symlink_to(target)
    ground.refused("-lock")
    assert target.read_bytes() == b"precious"
    lock.unlink()
    ground.works()


@pytest.mark.parametrize("journal", ["wal", "truncate"])
@pytest.mark.parametrize("tail", ["-wal", "-shm", "-journal"])
def test_a_link_beside_the_database_is_not_followed(ground, tail, journal):
    """To a file that Landlock would let it write."""
    ground.configure(BILLHOOK_JOURNAL=journal)
    ground.make()
    beside = pathlib.Path(f"{ground.database}{tail}")
    beside.unlink(missing_ok=True)
    target = ground.data / "precious"
    ground.put(b"precious", target)
    before = target.stat()
    beside.symlink_to(target)
    if (tail, journal) == ("-shm", "truncate"):     # not used then
        assert ground.take(event("evt_other")) == "applied"
    else:
        ground.refused(str(ground.database), "cannot be opened")
    assert beside.is_symlink()
    assert target.read_bytes() == b"precious"
    assert (target.stat().st_uid, target.stat().st_mtime_ns) == (
        before.st_uid, before.st_mtime_ns)
    beside.unlink()
    ground.works()


@pytest.mark.parametrize("tail", ["-lock", "-wal", "-shm", "-journal"])
def test_a_hard_link_beside_the_database(ground, tail):
    ground.make()
    beside = pathlib.Path(f"{ground.database}{tail}")
    beside.unlink(missing_ok=True)
    target = ground.home / "precious"
    ground.put(b"precious", target)
    before = target.stat()
    os.link(target, beside)
    ground.refused(f"billhook.db{tail}: has 2 names (hard links)",
                   f"find / -samefile '{beside}'")
    assert target.read_bytes() == b"precious"
    assert (target.stat().st_uid, target.stat().st_mtime_ns) == (
        before.st_uid, before.st_mtime_ns)
    beside.unlink()
    ground.works()


def test_a_database_under_two_names(ground):
    ground.make()
    content = ground.database.read_bytes()
    copy = ground.home / "snapshot.db"
    os.link(ground.database, copy)
    ground.refused("billhook.db: has 2 names (hard links)",
                   "make copies by billhook backup")
    assert copy.read_bytes() == content
    copy.unlink()
    ground.works()


def test_a_pipe_in_place_of_the_database(ground):
    ground.data.mkdir()
    os.mkfifo(ground.database)
    ground.give(ground.data)
    ground.give(ground.database)
    ground.refused("is no regular file")


def test_a_link_in_the_way_to_it_is_followed(ground):
    (ground.home / "real").mkdir()
    ground.give(ground.home / "real")
    ground.data.symlink_to(ground.home / "real")
    ground.works()
    assert (ground.home / "real" / "billhook.db").exists()
