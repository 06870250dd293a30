"""billhook doctor: the files of the database, their owners and modes, and the
user of the responder.  What it advises mends what it names, and nothing else
is touched."""

import grp
import json
import os
import pwd
import subprocess

import pytest

from billhook_test import clean_environment, program, write_config
from doctor_test import (configure, findings, found, open_parents,
                         sound_place)
from small_disk import SmallDisk

ROOT = os.geteuid() == 0


@pytest.fixture
def place(tmp_path):
    return sound_place(tmp_path)


def test_a_directory_that_others_may_enter(place):
    place.database.parent.chmod(0o755)
    assert "chmod 0700" in found(place, "warning", "directory")["advice"]


def test_a_database_that_others_may_read(place):
    place.database.chmod(0o644)
    told = [f for f in findings(place, status=1) if f["level"] == "problem"]
    assert len(told) == 1 and "others have access" in told[0]["says"]
    subprocess.run(["sh", "-c", told[0]["advice"]], check=True)
    assert not [f for f in findings(place) if f["level"] == "problem"]


def test_what_is_beside_it_does_not_get_a_mode_that_is_wrong(place):
    place.database.chmod(0o644)
    place.database.with_name("billhook.db-lock").chmod(0o640)
    advice = [f["advice"] for f in findings(place, status=1)
              if f["check"] == "database" and f["advice"]]
    assert len(advice) == 2
    for line in advice:
        subprocess.run(["sh", "-c", line], check=True)
    assert {p.stat().st_mode & 0o777
            for p in place.database.parent.iterdir()} == {0o600}


def test_a_group_that_shall_read(place):
    group = os.getgid()

    configure(place, BILLHOOK_GROUP=grp.getgrgid(group).gr_name)
    told = findings(place)
    advice = [f["advice"] for f in told if f["level"] == "warning"
              and f["check"] in ("directory", "database")]
    assert sorted(a.split(" '")[0] for a in advice)[:2] == [
        "chmod 0660", "chmod 2770"]
    for line in advice:
        subprocess.run(["sh", "-c", line], check=True)
    place.database.with_name("billhook.db-lock").chmod(0o660)
    assert not [f for f in findings(place) if f["level"] == "warning"
                and f["check"] in ("directory", "database")]


def test_a_group_that_is_none(place):
    configure(place, BILLHOOK_GROUP="no-such-group")
    assert "groupadd" in found(place, "problem", "group")["says"]


@pytest.mark.skipif(not ROOT, reason="only root can give files away")
def test_a_file_of_somebody_else_beside_the_database(place):
    lock = place.database.with_name("billhook.db-lock")
    nobody = pwd.getpwnam("nobody")
    os.chown(lock, nobody.pw_uid, nobody.pw_gid)
    finding = found(place, "problem", "database")
    assert "another owner" in finding["says"]
    subprocess.run(["sh", "-c", finding["advice"]], check=True)
    assert not [f for f in findings(place) if f["level"] == "problem"]


def test_a_database_that_is_not_made_yet(place, tmp_path):
    configure(place, BILLHOOK_DATABASE=str(tmp_path / "new" / "x.db"))
    assert "is not made yet" in found(place, "warning", "directory")["says"]
    assert not (tmp_path / "new").exists()
    configure(place, BILLHOOK_DATABASE=str(place.database) + "2")
    assert "is not made yet" in found(place, "warning", "database")["says"]
    assert not os.path.exists(str(place.database) + "2")
    configure(place, BILLHOOK_DATABASE=str(tmp_path / "a" / "b" / "x.db"))
    assert "neither" in found(place, "problem", "directory")["says"]


def test_a_link_in_the_place_of_the_database(place, tmp_path):
    link = place.database.with_name("link.db")
    link.symlink_to(place.database)
    configure(place, BILLHOOK_DATABASE=str(link))
    assert "is no regular file" in found(place, "problem",
                                         "database")["says"]


def test_a_database_under_two_names(place, tmp_path):
    os.link(place.database, tmp_path / "snapshot.db")
    assert any("has 2 names (hard links)" in finding["says"]
               for finding in findings(place, status=1)
               if finding["level"] == "problem")


@pytest.mark.skipif(not ROOT, reason="only root can give files away")
def test_a_database_of_another_user_than_its_directory(place, tmp_path):
    open_parents(tmp_path)
    nobody = pwd.getpwnam("nobody")
    os.chown(place.database.parent, nobody.pw_uid, nobody.pw_gid)
    for _ in range(2):
        told = [f for f in findings(place, status=1)
                if f["level"] == "problem"]
        assert told[0]["check"] == "owner"
        assert "one of them is shut out" in told[0]["says"]
        for finding in told:
            if finding["advice"] is not None:
                subprocess.run(["sh", "-c", finding["advice"]], check=True)
        assert not [f for f in findings(place) if f["level"] == "problem"]
        assert {p.stat().st_uid for p in place.database.parent.iterdir()} \
            == {nobody.pw_uid}
        # The other way round, the directory is root's.
        os.chown(place.database.parent, 0, 0)


@pytest.mark.skipif(not ROOT, reason="of root's directories")
@pytest.mark.parametrize("path", ["/tmp/billhook-none.db", "/etc", "/x.db",
                                  "/etc/passwd", "/dev/null", "/etc/x.db"])
def test_no_command_would_change_what_is_not_ours(place, path):
    before = sorted(os.listdir(os.path.dirname(path)))
    configure(place, BILLHOOK_DATABASE=path)
    told = findings(place, status=None)
    assert not [f for f in told if f["advice"] and
                ("chmod" in f["advice"] or "chown" in f["advice"])]
    assert [f for f in told if f["check"] == "directory" and
            "a directory of its own" in f["advice"]]
    name = os.path.basename(path)
    assert [p for p in sorted(os.listdir(os.path.dirname(path)))
            if p.startswith(name)] == [p for p in before
                                       if p.startswith(name)]


def test_a_file_that_is_not_ours_keeps_its_mode(place):
    for content in (b"no database at all\n" * 500, b"short"):
        place.database.write_bytes(content)
        place.database.chmod(0o644)
        finding = found(place, "problem", "database")
        assert "is not a database" in finding["says"]
        assert "chmod" not in finding["advice"]
    place.database.write_bytes(b"")
    assert "is empty" in found(place, "warning", "database")["says"]


def test_a_directory_of_many_other_files(place):
    place.database.parent.chmod(0o755)
    for n in range(9):
        (place.database.parent / f"file{n}").touch()
    advice = found(place, "warning", "directory")["advice"]
    assert "a directory of its own" in advice and "chmod" not in advice


@pytest.mark.parametrize("make", [
    lambda beside: beside.write_text("<?php"), lambda beside: beside.mkdir(),
    lambda beside: os.mkfifo(beside)], ids=["file", "directory", "pipe"])
def test_a_directory_that_others_use(place, make):
    place.database.parent.chmod(0o755)
    make(place.database.parent / "theirs")
    advice = found(place, "warning", "directory")["advice"]
    assert "a directory of its own" in advice and "chmod" not in advice


# The file system

def on(disk, config, *arguments):
    """Runs the command inside; what it has written."""
    return subprocess.run(
        [*disk.enter, program("BILLHOOK"), *arguments],
        env=clean_environment(config), capture_output=True)


def told(disk, config, check, *arguments):
    """What doctor finds there."""
    done = on(disk, config, "doctor", "--json", *arguments)
    return [f for f in json.loads(done.stdout)["findings"]
            if f["check"] == check]


def test_a_full_file_system(tmp_path):
    with SmallDisk(tmp_path, "8m") as disk:
        config = write_config(
            tmp_path, BILLHOOK_DATABASE=disk.mount / "billhook.db")
        on(disk, config, "trigger", "--cgi", program(), "customer.created")
        assert told(disk, config, "disk space")[0]["level"] == "warning"
        disk.fill()
        finding, = told(disk, config, "disk space")
        assert finding["level"] == "problem"
        assert "answered 503" in finding["says"]


@pytest.mark.skipif(not ROOT, reason="only root can become somebody else")
def test_a_file_system_that_is_read_only(tmp_path):
    with SmallDisk(tmp_path, "8m") as disk:
        config = write_config(
            tmp_path, BILLHOOK_DATABASE=disk.mount / "billhook.db")
        on(disk, config, "trigger", "--cgi", program(), "customer.created")
        subprocess.run([*disk.enter, "mount", "-o", "remount,ro", disk.mount],
                       check=True)
        finding, = told(disk, config, "user", "--as", "root")
        assert "Read-only file system" in finding["says"]
        assert finding["advice"].startswith("mount it for writing")
        refused = on(disk, config, "events")
        assert refused.returncode == 1
        assert b"let BILLHOOK_DATABASE name the copy" in refused.stderr
        # Which helps.
        copy = tmp_path / "copy.db"
        copy.write_bytes((disk.inside / "billhook.db").read_bytes())
        config = write_config(tmp_path, BILLHOOK_DATABASE=copy)
        assert b"customer.created" in on(disk, config, "events").stdout


# The user of the responder

@pytest.mark.skipif(not ROOT, reason="only root can become somebody else")
def test_a_user_who_cannot_use_it(place, tmp_path):
    open_parents(tmp_path)
    nobody = pwd.getpwnam("nobody")

    def said(words):
        finding = found(place, "problem", "user", "--as", "nobody")
        assert words in finding["says"]
        return finding["advice"]

    def obey(advice):
        subprocess.run(["sh", "-c", advice.split(": ")[-1]], check=True)

    # Each piece of advice mends what it stands beside, and that alone.
    advice = said(f"{place.config}: may not be read")
    assert str(place.database.parent) not in advice
    obey(advice)
    assert os.stat(place.config).st_mode & 0o777 == 0o640
    advice = said(f"{place.database.parent}: may not be written")
    assert advice.endswith(f"chown -R nobody '{place.database.parent}'")
    os.chown(place.database.parent, nobody.pw_uid, -1)
    said("may not be read and written")
    os.chown(place.database, nobody.pw_uid, -1)
    advice = said("billhook.db-lock: may not be read and written")
    assert advice.endswith(f"chown nobody '{place.database}'*")
    obey(advice)
    place.database.parent.chmod(0o500)
    advice = said(f"{place.database.parent}: may not be written")
    assert advice == f"chmod 0700 '{place.database.parent}'"
    obey(advice)
    place.database.parent.parent.chmod(0o700)
    obey(said("may not be"))
    open_parents(tmp_path)
    told = findings(place, "--as", "nobody")
    assert ("user", "ok") in {(f["check"], f["level"]) for f in told}
    # Nothing was left that nobody could not use.
    assert {p.stat().st_uid for p in place.database.parent.iterdir()} == {
        nobody.pw_uid}


@pytest.mark.skipif(not ROOT, reason="only root can become somebody else")
def test_a_directory_that_the_user_cannot_make(place, tmp_path):
    open_parents(tmp_path)
    new = tmp_path / "new"
    write_config(tmp_path, BILLHOOK_DATABASE=str(new / "x.db"))
    os.chown(place.config, pwd.getpwnam("nobody").pw_uid, -1)
    finding = found(place, "problem", "user", "--as", "nobody")
    assert "cannot be made" in finding["says"]
    subprocess.run(["sh", "-c", finding["advice"].split(": ")[-1]],
                   check=True)
    assert new.stat().st_mode & 0o7777 == 0o700
    told = findings(place, "--as", "nobody")
    assert ("user", "ok") in {(f["check"], f["level"]) for f in told}


@pytest.mark.skipif(not ROOT, reason="only root can become somebody else")
def test_another_users_database_is_not_asked_for(place, tmp_path):
    open_parents(tmp_path)
    nobody = pwd.getpwnam("nobody")
    os.chown(place.config, nobody.pw_uid, -1)
    done = subprocess.run([place.real, "doctor"], stdout=subprocess.PIPE,
                          env=place.environment(), user=nobody.pw_uid,
                          cwd="/", group=nobody.pw_gid, extra_groups=[])
    text = done.stdout.decode()
    assert done.returncode == 1 and "chown" not in text
    assert "run doctor as the user that the database belongs to" in text


def test_a_user_who_is_not_there(place):
    assert "there is no user" in found(place, "problem", "user", "--as",
                                       "no-such-user")["says"]


@pytest.mark.skipif(not ROOT, reason="another user needs root")
def test_root_is_told_to_name_the_user(place):
    assert "--as" in found(place, "warning", "user")["advice"]
