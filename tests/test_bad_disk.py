"""A disk that is full: nothing half-written, nothing acknowledged lost, and it
works again when there is space."""

import os
import pathlib
import shutil

import pytest

from billhook_test import Responder, program
from event_test import Running, Shop, check_unavailable, large
from small_disk import SmallDisk


class Small(Running):
    """A shop whose database is on a file system of its own, of a megabyte or
    so."""

    def __init__(self, directory, size="1m", **settings):
        self.disk = SmallDisk(directory, size)
        script = pathlib.Path(directory) / "small"
        script.write_text("#!/bin/sh\nexec "
                          f"{' '.join(self.disk.enter)} {program()}\n")
        script.chmod(0o755)
        settings["BILLHOOK_DATABASE"] = self.disk.mount / "billhook.db"
        Shop.__init__(self, directory, **settings)
        self.responder = Responder(str(script), directory, self.config)
        self.database = self.disk.inside / "billhook.db"

    def ask(self, sql, *arguments):
        """Of a copy: SQLite would follow the way inside to the outside."""
        for tail in ("", "-wal"):
            copy = self.directory / f"copy.db{tail}"
            copy.unlink(missing_ok=True)
            if os.path.exists(f"{self.database}{tail}"):
                shutil.copy(f"{self.database}{tail}", copy)
        inside, self.database = self.database, self.directory / "copy.db"
        try:
            return super().ask(sql, *arguments)
        finally:
            self.database = inside

    def stop(self):
        super().stop()
        self.disk.close()


@pytest.fixture
def small(tmp_path):
    shop = Small(tmp_path)
    yield shop
    shop.stop()


def check_whole(shop, taken):
    """That what was answered 200 is there, whole, and nothing else."""
    assert shop.ask("PRAGMA integrity_check") == [{"integrity_check": "ok"}]
    assert set(shop.ids()) == set(taken)
    held = {row["id"] for row in shop.ask("SELECT id FROM stripe_customers")}
    assert held == {f"cus_{number}" for number in taken.values()}
    for row in shop.ask("SELECT id, payload FROM stripe_events"):
        assert row["payload"] == large(row["id"], taken[row["id"]])


@pytest.mark.parametrize("journal", ["wal", "truncate"])
def test_a_full_disk_costs_nothing_but_time(tmp_path, journal):
    shop = Small(tmp_path, BILLHOOK_JOURNAL=journal)
    try:
        taken = {"evt_0": 0}
        assert shop.take(large("evt_0", 0)) == "applied"
        shop.disk.fill()
        # Other events until there is no room in what the files have.
        for number in range(1, 200):
            if shop.deliver(large(f"evt_{number}", number))[0] != 200:
                break
            taken[f"evt_{number}"] = number
        for _ in range(3):
            check_unavailable(shop, large(f"evt_{number}", number), "full",
                              "no space left; make room")
        check_whole(shop, taken)
        shop.disk.free()
        assert shop.take(large(f"evt_{number}", number)) == "applied"
        assert shop.take(large("evt_0", 0)) == "duplicate"
        taken[f"evt_{number}"] = number
        check_whole(shop, taken)
    finally:
        shop.stop()


def test_a_disk_that_is_full_before_there_is_a_database(small):
    small.disk.fill()
    for _ in range(2):
        check_unavailable(small, large("evt_1", 1))
    small.disk.free()
    assert small.take(large("evt_1", 1)) == "applied"
    check_whole(small, {"evt_1": 1})


def test_a_disk_that_fills_at_any_moment(tmp_path):
    """With a page more left each time, so that it ends at another step."""
    shop = Small(tmp_path, size="16m")
    taken, refused = {"evt_0": 0}, {}
    try:
        assert shop.take(large("evt_0", 0)) == "applied"
        for number in range(1, 91):
            name = f"evt_{number}"
            shop.disk.fill(leave=number % 30)
            status = shop.call(large(name, number))[0]
            assert status in (200, 503), shop.log
            (taken if status == 200 else refused)[name] = number
            if number % 10 == 0:
                check_whole(shop, taken)
            shop.disk.free()
        assert len(taken) > 20 and len(refused) > 20
        for name, number in refused.items():
            assert shop.take(large(name, number)) == "applied"
        for name, number in taken.items():
            assert shop.take(large(name, number)) == "duplicate"
        check_whole(shop, taken | refused)
        assert shop.responder.processes[0].poll() is None
    finally:
        shop.stop()
