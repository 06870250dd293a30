"""What the tests of billhook doctor share."""

from billhook_test import write_config
from command_db import Database


def sound_place(tmp_path):
    """A sound installation."""
    directory = tmp_path / "db"
    directory.mkdir(mode=0o700)
    made = Database(tmp_path, BILLHOOK_DATABASE=str(directory /
                                                    "billhook.db"))
    made.database = directory / "billhook.db"
    made.run("trigger", "signup", "--tenant", "acme")
    return made


def open_parents(path):
    """Lets every user enter a directory of pytest's."""
    for parent in (path, *path.parents):
        if parent.name.startswith(("pytest-", "test_", "popen-")):
            parent.chmod(0o711)


def configure(place, **settings):
    write_config(place.path, **{"BILLHOOK_DATABASE": str(place.database),
                                **settings})


def findings(place, *arguments, **how):
    """All findings; the exit status must fit to them."""
    told = place.json("doctor", *arguments, **how)
    levels = [f["level"] for f in told["findings"]]
    assert told["problems"] == levels.count("problem")
    assert told["warnings"] == levels.count("warning")
    assert all(f["says"] and f.keys() == {"level", "check", "says", "advice"}
               for f in told["findings"])
    return told["findings"]


def found(place, level, check, *arguments, **more):
    """The finding of a level for a check; there must be one."""
    how = {"status": 1 if level == "problem" else 0, **more}
    all_of = findings(place, *arguments, **how)
    matching = [f for f in all_of
                if (f["level"], f["check"]) == (level, check)]
    assert len(matching) == 1, all_of
    # In words it is one line that says the same.
    line = [row for row in place.run("doctor", *arguments, **how).splitlines()
            if row.startswith(f"{level:<8} {check}: ")]
    assert len(line) == 1
    assert matching[0]["advice"] is None or \
        line[0].endswith("; " + matching[0]["advice"])
    return matching[0]
