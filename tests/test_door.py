"""The answers of both doors, without a web server: plain CGI by environment
and stdin, FastCGI over a unix socket."""

import os
import sqlite3
import time

import pytest

import fastcgi
from billhook_test import (OTHER_SECRET, SECRET, Responder, event,
                           parse_answer, program, request, rows, run_cgi, sign,
                           write_config)

SIGNED = object()       # a header that is right for the body


class Door:
    """One of the doors; each call is a request to a fresh program."""

    def __init__(self, kind, directory):
        self.kind = kind
        self.program = program()
        self.directory = directory
        self.database = str(directory / "billhook.db")
        self.configure()

    def configure(self, **settings):
        self.config = write_config(self.directory, **settings)

    def __call__(self, body=None, header=SIGNED, env=None, stdin=None):
        """(status, headers, body, log) of a request."""
        body = event() if body is None else body
        header = sign(body) if header is SIGNED else header
        if self.kind == "cgi":
            return run_cgi(self.program, body, header, env, self.config, stdin)
        with Responder(self.program, self.directory, self.config,
                       name=f"{time.monotonic_ns()}.sock") as responder:
            answer = fastcgi.call(responder.path,
                                  request(body, header, **(env or {})),
                                  body if stdin is None else stdin)
            assert answer.protocol_status == fastcgi.REQUEST_COMPLETE
            assert responder.stop() == [0]
            os.unlink(responder.path)
        return (*parse_answer(answer.stdout), answer.stderr.decode("ascii"))


@pytest.fixture(params=["cgi", "fastcgi"])
def door(request, tmp_path):
    return Door(request.param, tmp_path)


def check_refusal(answer, status, error):
    """That an answer is the contract's, whole; the log's last line, which is
    the request's."""
    reasons = {400: "Bad Request", 401: "Unauthorized",
               405: "Method Not Allowed", 411: "Length Required",
               413: "Payload Too Large", 500: "Internal Server Error",
               503: "Service Unavailable"}
    got, headers, body, log = answer
    assert (got, body) == (status, b'{"error":"%s"}' % error.encode())
    expected = {"Status": f"{status} {reasons[status]}",
                "Content-Type": "application/json",
                "Content-Length": str(len(body)),
                "Cache-Control": "no-store"}
    if status == 405:
        expected["Allow"] = "POST"
    if status == 503:
        expected["Retry-After"] = headers["Retry-After"]
        assert int(headers["Retry-After"]) > 0
    assert headers == expected
    return log.splitlines()[-1]


def check_received(answer, outcome):
    """That an answer is 200, whole; the log's last line."""
    status, headers, body, log = answer
    assert body == b'{"received":true,"outcome":"%s"}' % outcome.encode()
    assert status == 200
    assert headers == {"Status": "200 OK", "Content-Type": "application/json",
                       "Content-Length": str(len(body)),
                       "Cache-Control": "no-store"}
    return log.splitlines()[-1]


# What is received.

def test_an_event_is_applied_and_the_second_time_a_duplicate(door):
    check_received(door(), "applied")
    assert rows(door.database, "SELECT id FROM stripe_events") == \
        [("evt_test_1",)]
    check_received(door(), "duplicate")
    assert rows(door.database, "SELECT count(*) FROM stripe_events") == [(1,)]


def test_an_older_event_is_stale(door):
    check_received(door(event("evt_test_2", "customer.updated", 1700000500)),
                   "applied")
    check_received(door(event("evt_test_1", "customer.updated", 1700000100)),
                   "stale")


def test_a_type_that_is_not_acted_on_is_ignored(door):
    check_received(door(event(kind="charge.succeeded")), "ignored")


def test_an_event_that_cannot_be_read_is_kept_as_failed(door):
    log = check_received(door(event(created="yesterday")), "failed")
    assert log.startswith("billhook: warning: 200 failed evt_test_1")
    assert "billhook replay" in log


@pytest.mark.parametrize("body", [
    event().replace(b", ", b",\r\n"),
    event() + b"\r\n",
    event() + b" " * (1048576 - len(event())),
    event("evt_test_\u00fc"),
], ids=["crlf", "newline at the end", "1 MiB", "unicode"])
def test_bytes_are_bytes(door, body):
    check_received(door(body), "applied")


@pytest.mark.parametrize("body", [
    b"\0", event() + b"\0", b"a\0b\r\n\xef\xbb\xbf", b"[]", b"null", b"{",
    b"\xef\xbb\xbf{}", event() + b"x", b"{}", b'"' + b"\r\n" * 500000 + b'"',
], ids=["NUL", "event and NUL", "NUL CRLF BOM", "list", "null", "half", "BOM",
        "bytes behind", "no id", "1 MB"])
def test_authentic_bytes_that_are_no_event_are_400_and_not_401(door, body):
    log = check_refusal(door(body), 400, "invalid_payload")
    assert log.startswith("billhook: warning: 400 not an event: ")


def test_of_a_body_longer_than_its_length_the_length_counts(door):
    check_received(door(stdin=event() + b"{}more"), "applied")


def test_a_length_may_have_leading_zeros(door):
    check_received(door(env={"CONTENT_LENGTH": "0" * 30 + str(len(event()))}),
                   "applied")


# What is refused, each by its own gate.

@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "post",
                                    "POSTS", "", "FROB", None])
def test_only_post_is_allowed(door, method):
    if method is None and door.kind == "cgi":
        method = ""
    check_refusal(door(env={"REQUEST_METHOD": method}), 405,
                  "method_not_allowed")


@pytest.mark.parametrize("length", [
    None, "", "-1", "+5", " 5", "5 ", "5,5", "0x10", "1e3", "11abc", "abc",
    "-9999999999999999999999", "5\n", "1.0"])
def test_what_is_no_length_is_411(door, length):
    log = check_refusal(door(env={"CONTENT_LENGTH": length}), 411,
                        "length_required")
    assert "CONTENT_LENGTH" in log


@pytest.mark.parametrize("length", [
    "1048577", "2147483648", "4294967296", "9223372036854775808",
    "18446744073709551615", "18446744073709551616", "9" * 1000])
def test_too_large_is_413_however_large(door, length):
    log = check_refusal(door(env={"CONTENT_LENGTH": length}), 413,
                        "payload_too_large")
    assert "BILLHOOK_MAX_BODY" in log


def test_the_limit_is_the_setting_and_inclusive(door):
    door.configure(BILLHOOK_MAX_BODY=1000)
    body = event() + b" " * (1000 - len(event()))
    check_received(door(body), "applied")
    check_refusal(door(body + b" "), 413, "payload_too_large")


@pytest.mark.parametrize("missing", [1, 100, "all"])
def test_a_short_body_is_400(door, missing):
    body = event()
    sent = b"" if missing == "all" else body[:-missing]
    log = check_refusal(door(body, stdin=sent), 400, "invalid_payload")
    assert f"{len(sent)} of {len(body)} bytes" in log


def bad_headers():
    now = int(time.time())
    good = sign(event(), t=now).split("v1=")[1]
    wrong = "0" * 64
    return {
        "missing": (None, "no header"),
        "empty": ("", "no header"),
        "blank": (" \t", ""),
        "text": ("hello", "malformed"),
        "no t": (f"v1={good}", "malformed"),
        "negative t": (f"t=-1,v1={good}", "malformed"),
        "t is no number": (f"t=now,v1={good}", "malformed"),
        "t beyond 64 bits": (f"t={'9' * 30},v1={good}", ""),
        "two t": (f"t={now},t={now - 1},v1={good}", "malformed"),
        "no v1": (f"t={now}", "no v1"),
        "v0 only": (f"t={now},v0={good}", "no v1"),
        "half a signature": (f"t={now},v1={good[:32]}", "mismatch"),
        "wrong": (f"t={now},v1={wrong}", "mismatch"),
        "a thousand wrong": (f"t={now}" + f",v1={wrong}" * 1000, "mismatch"),
        "100 KB": ("t=" + "1" * 100000, ""),
        "another secret": (sign(event(), OTHER_SECRET), "mismatch"),
        "another body": (sign(event() + b" "), "mismatch"),
        "another time": (f"t={now - 1},v1={good}", "mismatch"),
        "too old": (sign(event(), t=now - 1000), "too old: signed 100"),
        "too new": (sign(event(), t=now + 1000), "too new: signed "),
    }


@pytest.mark.parametrize("name", bad_headers())
def test_a_bad_signature_is_401(door, name):
    header, words = bad_headers()[name]
    log = check_refusal(door(header=header), 401, "invalid_signature")
    assert log.startswith("billhook: warning: 401 " + words)


def test_an_empty_body_needs_a_signature_too(door):
    check_refusal(door(b"", header=None), 401, "invalid_signature")
    check_refusal(door(b""), 400, "invalid_payload")


def test_the_right_signature_among_a_thousand_counts(door):
    good = sign(event())
    check_received(door(header=good.replace(
        ",", ",v1=" + "f" * 64 + ",", 1) + (",v1=" + "0" * 64) * 200),
        "applied")


def test_each_of_several_secrets_counts(door):
    door.configure(STRIPE_WEBHOOK_SECRET=f"{OTHER_SECRET}, {SECRET}")
    check_received(door(), "applied")
    check_received(door(header=sign(event(), OTHER_SECRET)), "duplicate")


def test_the_tolerance_is_the_setting(door):
    door.configure(BILLHOOK_TOLERANCE=2000)
    old = sign(event(), t=int(time.time()) - 1000)
    check_received(door(header=old), "applied")


@pytest.mark.parametrize("settings", [
    {"STRIPE_WEBHOOK_SECRET": None},
    {"STRIPE_WEBHOOK_SECRET": "sk_test_fake"},
    {"STRIPE_WEBHOOK_SECRET": f'"{SECRET}"'},
    {"BILLHOOK_TOLERANCE": 0},
    {"BILLHOOK_MAX_BODY": -1},
    {"BILLHOOK_LOG": "loud"},
    {"BILLHOOK_PATIENCE": "long"},
], ids=str)
def test_unusable_settings_are_500_and_name_what_to_mend(door, settings):
    door.configure(**settings)
    answer = door()
    line = check_refusal(answer, 500, "misconfigured")
    assert line.startswith("billhook: error: 500 misconfigured: ")
    assert list(settings)[0] in line
    assert "sk_test_fake" not in answer[3] and SECRET not in answer[3]
    assert not os.path.exists(door.database)


def test_a_configuration_that_others_can_read_is_500(door):
    os.chmod(door.config, 0o644)
    assert "chmod" in check_refusal(door(), 500, "misconfigured")


def test_the_gates_stand_in_order(door):
    bad = {"REQUEST_METHOD": "GET", "CONTENT_LENGTH": "x"}
    door.configure(STRIPE_WEBHOOK_SECRET=None)
    check_refusal(door(header=None, env=bad), 500, "misconfigured")
    door.configure()
    check_refusal(door(header=None, env=bad), 405, "method_not_allowed")
    del bad["REQUEST_METHOD"]
    check_refusal(door(header=None, env=bad), 411, "length_required")
    bad["CONTENT_LENGTH"] = "99999999"
    check_refusal(door(header=None, env=bad), 413, "payload_too_large")
    bad["CONTENT_LENGTH"] = "99999"
    check_refusal(door(header=None, env=bad), 400, "invalid_payload")
    check_refusal(door(b"no JSON", header="t=1"), 401, "invalid_signature")
    check_refusal(door(b"no JSON"), 400, "invalid_payload")


# The database.

def test_a_database_out_of_reach_is_503(door):
    (door.directory / "file").write_text("")
    door.configure(BILLHOOK_DATABASE=str(door.directory / "file" / "b.db"))
    answer = door()
    assert answer[1]["Retry-After"] == "60"
    log = check_refusal(answer, 503, "unavailable")
    assert log.startswith("billhook: error: 503 unavailable")


def test_a_database_held_past_patience_is_503(door):
    check_received(door(event("evt_test_0")), "applied")
    door.configure(BILLHOOK_PATIENCE=100)
    holder = sqlite3.connect(door.database)
    holder.execute("BEGIN EXCLUSIVE")
    answer = door()
    assert answer[1]["Retry-After"] == "5"
    log = check_refusal(answer, 503, "unavailable")
    assert "billhook: error: 503 busy" in log
    holder.rollback()
    holder.close()
    check_received(door(), "applied")


def on_disk(directory):
    """What the database's files are; -shm is memory, and -lock says who is
    there."""
    return {name: (os.stat(directory / name).st_mtime_ns,
                   (directory / name).read_bytes())
            for name in os.listdir(directory)
            if name.startswith("billhook.db") and
            not name.endswith(("-shm", "-lock"))}


def test_what_is_not_authentic_touches_no_disk(door):
    check_received(door(event("evt_test_0")), "applied")
    before = on_disk(door.directory)
    assert before
    body, now = event("evt_test_1"), int(time.time())
    for header in (None, "", "t=1", sign(body, OTHER_SECRET),
                   sign(body + b" "), sign(body, t=now - 1000),
                   sign(body, t=now + 1000)):
        check_refusal(door(body, header=header), 401, "invalid_signature")
    check_gates(door)
    assert on_disk(door.directory) == before


def check_gates(door):
    """One that each of the gates before the signature refuses."""
    check_refusal(door(stdin=b""), 400, "invalid_payload")
    check_refusal(door(env={"REQUEST_METHOD": "GET"}), 405,
                  "method_not_allowed")
    check_refusal(door(env={"CONTENT_LENGTH": ""}), 411, "length_required")
    check_refusal(door(env={"CONTENT_LENGTH": "1048577"}), 413,
                  "payload_too_large")


@pytest.mark.parametrize("there", [True, False])
def test_what_is_refused_first_makes_no_file(tmp_path, there):
    """In plain CGI; a FastCGI responder has opened its database before."""
    door = Door("cgi", tmp_path)
    place = tmp_path / "data"
    door.configure(BILLHOOK_DATABASE=place / "billhook.db")
    if there:
        place.mkdir(mode=0o700)
    check_gates(door)
    for header in (None, "t=1", sign(event(), OTHER_SECRET),
                   sign(event(), t=int(time.time()) - 1000)):
        check_refusal(door(header=header), 401, "invalid_signature")
    assert os.listdir(place) == [] if there else not place.exists()
    check_received(door(), "applied")


def test_a_flood_of_refused_deliveries_is_kept_at_a_bounded_rate(door):
    door.configure(BILLHOOK_KEEP_REJECTED="50")
    kept = door.directory / "billhook.db-rejected"

    def is_written(header):
        before = kept.exists() and kept.stat().st_ino
        check_refusal(door(event(), header=header), 401, "invalid_signature")
        return kept.stat().st_ino != before

    # A few at once, then one in twelve seconds.
    written = 0
    while is_written(None):
        written += 1
        assert written < 50
    assert written >= 5
    assert is_written(sign(event(), OTHER_SECRET))
    assert kept.read_bytes().count(event()) == written + 1


# Who may set what.

def test_no_header_and_no_query_sets_anything(door):
    elsewhere = str(door.directory / "elsewhere.db")
    hostile = {"QUERY_STRING": "STRIPE_WEBHOOK_SECRET=" + OTHER_SECRET}
    for name, value in (("STRIPE_WEBHOOK_SECRET", OTHER_SECRET),
                        ("BILLHOOK_DATABASE", elsewhere),
                        ("BILLHOOK_CONFIG", "/nowhere"),
                        ("BILLHOOK_TOLERANCE", "31536000")):
        hostile["HTTP_" + name] = value
        if door.kind == "fastcgi":
            hostile[name] = value
    check_received(door(env=hostile), "applied")
    assert rows(door.database, "SELECT count(*) FROM stripe_events") == [(1,)]
    assert not os.path.exists(elsewhere)
    check_refusal(door(header=sign(event(), OTHER_SECRET), env=hostile), 401,
                  "invalid_signature")
    old = sign(event(), t=int(time.time()) - 1000)
    check_refusal(door(header=old, env=hostile), 401, "invalid_signature")
