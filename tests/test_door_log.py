"""The log of the responder: one line for each request, which nobody can forge
and which keeps every secret."""

import json
import re
import time

import pytest

import fastcgi
from billhook_test import (OTHER_SECRET, SECRET, Responder, event,
                           parse_answer, program, request, run_cgi, sign,
                           write_config)
from confining import built_with

LINE = re.compile(r"billhook: (error|warning|info|debug): [ -\[\]-~]"
                  r"([ -\[\]-~]|\\x[0-9a-f]{2})*\n")


SIGNED = object()       # a header that is right for the body


def log_of(directory, body=None, header=SIGNED, env=None, **settings):
    """The last line of the log of one CGI request; all lines are checked."""
    body = event() if body is None else body
    config = write_config(directory, **settings)
    if header is SIGNED:
        header = sign(body)
    lines = run_cgi(program(), body, header, env, config)[3]
    for line in lines.splitlines(keepends=True):
        check_line(line)
    return lines.splitlines(keepends=True)[-1] if lines else ""


def check_line(line):
    assert LINE.fullmatch(line), line
    assert len(line.encode()) <= 500


def test_an_event_is_logged_with_outcome_id_and_type(tmp_path):
    assert log_of(tmp_path) == \
        "billhook: info: 200 applied evt_test_1 customer.created\n"
    assert log_of(tmp_path) == \
        "billhook: info: 200 duplicate evt_test_1 customer.created\n"


def test_a_duplicate_with_another_content_is_a_warning(tmp_path):
    body = event()
    log_of(tmp_path, body)
    other = json.loads(body)
    other["pending_webhooks"] = 0
    assert log_of(tmp_path, json.dumps(other).encode()) == \
        "billhook: info: 200 duplicate evt_test_1 customer.created\n"
    other["data"]["object"]["name"] = "Mallory"
    log = log_of(tmp_path, json.dumps(other).encode())
    assert log.startswith("billhook: warning: 200 duplicate evt_test_1 "
                          "customer.created: its content is not that on "
                          "record, which counts")


def test_the_dashboards_test_event_is_no_repeat_to_warn_of(tmp_path):
    """It always has this id, and another content each time."""
    test = json.loads(event("evt_00000000000000"))
    log_of(tmp_path, json.dumps(test).encode())
    test["created"] += 60
    assert log_of(tmp_path, json.dumps(test).encode()).startswith(
        "billhook: info: 200 duplicate evt_00000000000000 ")


@pytest.mark.parametrize("name, value", [
    ("type", "customer.updated"), ("created", 1), ("livemode", True)])
def test_a_duplicate_with_another_envelope_is_a_warning(tmp_path, name, value):
    body = event()
    log_of(tmp_path, body)
    other = json.loads(body)
    assert other.get(name) != value
    other[name] = value
    log = log_of(tmp_path, json.dumps(other).encode())
    assert log.startswith("billhook: warning: 200 duplicate evt_test_1 ")
    assert "its content is not that on record" in log


def test_a_later_version_of_a_body_is_told(tmp_path):
    log_of(tmp_path, event())
    body = json.loads(event())
    body["api_version"] = "2099-01-01"
    log = log_of(tmp_path, json.dumps(body).encode())
    assert log == ("billhook: info: 200 duplicate evt_test_1 customer.created"
                   ": this body counts now, its API version is the later\n")
    body["api_version"] = "2099-01-02"
    body["data"]["object"]["email"] = 7
    log = log_of(tmp_path, json.dumps(body).encode())
    assert log.startswith("billhook: warning: 200 duplicate ")
    assert "the later: customer: email: " in log and "billhook replay" in log


def test_a_stale_event_names_the_one_that_counts(tmp_path):
    body = json.loads(event())
    body.update(id="evt_test_2", type="customer.updated",
                created=body["created"] + 5)
    log_of(tmp_path, json.dumps(body).encode())
    body.update(id="evt_test_3", created=body["created"] - 2)
    log = log_of(tmp_path, json.dumps(body).encode())
    assert log == ("billhook: info: 200 stale evt_test_3 customer.updated: "
                   f"the row of {body['data']['object']['id']} is read from "
                   "evt_test_2\n")


def test_an_id_is_logged_only_when_it_is_authentic(tmp_path):
    log = log_of(tmp_path, header=sign(event(), OTHER_SECRET))
    check_line(log)
    assert "evt_test_1" not in log
    assert log.startswith("billhook: warning: 401 mismatch: no v1 signature "
                          "matches any of 1 secrets")
    assert "STRIPE_WEBHOOK_SECRET" in log


def test_the_age_of_a_signature_is_logged(tmp_path):
    now = int(time.time())
    log = log_of(tmp_path, header=sign(event(), t=now - 4000))
    check_line(log)
    assert 4000 <= int(re.search(r"signed (\d+) s ago", log)[1]) < 4060
    log = log_of(tmp_path, header=sign(event(), t=now + 4000))
    check_line(log)
    assert 3940 < int(re.search(r"signed (\d+) s ahead", log)[1]) <= 4000


@pytest.mark.parametrize("header", [
    None, "t=1,v1=" + "5ec7e7" * 8, "5ec7e7" * 10, "", "t=17", SIGNED,
    sign(event(), OTHER_SECRET), sign(event(), t=1)])
def test_neither_secret_nor_signature_nor_body_is_logged(tmp_path, header):
    secrets = [OTHER_SECRET[:-3], SECRET]
    config = write_config(tmp_path, BILLHOOK_LOG="debug",
                          STRIPE_WEBHOOK_SECRET=",".join(secrets))
    header = sign(event()) if header is SIGNED else header
    *answer, log = run_cgi(program(), event(), header, config=config)
    assert log.count("\n") >= 1
    for word in secrets + [secret[6:] for secret in secrets] + [
            "5ec7e7", "at1700000000", "example.com",
            sign(event())[-64:], (header or "v1=")[-64:]]:
        assert word not in log and word not in str(answer)


@pytest.mark.parametrize("name", ["REQUEST_METHOD", "CONTENT_LENGTH"])
def test_a_request_cannot_forge_a_line(tmp_path, name):
    hostile = "X\nbillhook: info: 200 applied evt_forged\r\n\x1b[2J\\\x7f"
    log = log_of(tmp_path, env={name: hostile})
    check_line(log)
    assert r"X\x0abillhook" in log
    log = log_of(tmp_path, env={name: "\x1b[2J\\\x7f\u00e9"})
    check_line(log)
    assert r"\x1b[2J\x5c\x7f\xc3\xa9" in log


def test_an_authentic_event_cannot_forge_a_line_either(tmp_path):
    log = log_of(tmp_path, event(kind="x\u2028billhook: error: \\ \u009b2J"))
    check_line(log)
    assert log == ("billhook: info: 200 ignored evt_test_1 "
                   r"x\xe2\x80\xa8billhook: error: \x5c \xc2\x9b2J"
                   ": billhook does not act on this type\n")
    log = log_of(tmp_path, event("evt_test_2", kind="x\nbillhook: \x1b]0;t\7"))
    check_line(log)


def test_a_line_has_at_most_500_bytes(tmp_path):
    log = log_of(tmp_path, event("evt_" + "a" * 240, "\u00e9" * 63))
    check_line(log)
    assert len(log) > 490 and log.endswith("...\n")
    for size in range(50, 64):
        check_line(log_of(tmp_path, event(f"evt_{size}" + "b" * size * 2,
                                          "\u00e9" * size)))


@pytest.mark.parametrize("level,applied,refused,debug", [
    ("error", False, False, False), ("warning", False, True, False),
    ("info", True, True, False), ("debug", True, True, True)])
def test_the_level_is_the_setting(tmp_path, level, applied, refused, debug):
    config = write_config(tmp_path, BILLHOOK_LOG=level)
    log = run_cgi(program(), event(), sign(event()), config=config)[3]
    assert ("billhook: info: 200 applied" in log) == applied
    assert ("billhook: debug: signed " in log) == debug
    assert ("with secret 1 of 1" in log) == debug
    log = run_cgi(program(), event(), None, config=config)[3]
    assert ("billhook: warning: 401" in log) == refused


def test_a_request_of_fastcgi_logs_into_its_own_error_stream(tmp_path):
    config = write_config(tmp_path)
    with Responder(program(), tmp_path, config) as responder:
        answer = fastcgi.call(responder.path, request(event(), None), event())
        check_line(answer.stderr.decode())
        assert answer.stderr_records == 1
        responder.stop()
        assert "401" not in responder.stderr()


def test_what_is_said_between_requests_is_said_with_the_next(tmp_path):
    """Where its own errors lead nowhere, as behind spawn-fcgi."""
    (tmp_path / "fcgi.sock.log").symlink_to("/dev/null")

    def said(event_id):
        body = event(event_id)
        answer = fastcgi.call(responder.path, request(body, sign(body)), body)
        assert parse_answer(answer.stdout)[0] == 200
        for line in answer.stderr.decode().splitlines(keepends=True):
            check_line(line)
        return answer.stderr.decode().splitlines()

    with Responder(program(), tmp_path, write_config(tmp_path)) as responder:
        first = said("evt_1")
        assert first[0].startswith("billhook: info: ready: 1 secret, ")
        assert len([line for line in first if "confined" in line]) == \
            (0 if built_with("BILLHOOK_SANITIZED") else 2)
        assert first[-1].startswith("billhook: info: 200 applied evt_1 ")
        assert len(said("evt_2")) == 1


def test_refused_requests_are_logged_at_a_bounded_rate(tmp_path):
    config = write_config(tmp_path)
    with Responder(program(), tmp_path, config) as responder:
        logs, start = [], time.monotonic()

        def refuse():
            logs.append(fastcgi.call(responder.path, request(b"", None))
                        .stderr.decode())

        # Twenty lines at once, then one each second; the others are counted.
        while sum("were not logged" in log for log in logs) < 2:
            refuse()
            assert time.monotonic() - start < 20
        seconds = time.monotonic() - start
        lines = [log for log in logs if log]
        for line in lines:
            check_line(line)
        assert 20 <= len(lines) <= 21 + seconds
        assert not any("were not logged" in line for line in lines[:20])
        held = [int(m[1]) for m in (re.search(
            r"\((\d+) refused requests before were not logged\)$", line)
            for line in lines) if m]
        assert sum(held) + len(lines) == len(logs)

        # What is authentic is always logged.
        for number in range(30):
            body = event(f"evt_test_{number}")
            answer = fastcgi.call(responder.path, request(body, sign(body)),
                                  body)
            assert f"evt_test_{number} " in answer.stderr.decode()


def test_in_plain_cgi_each_refused_request_has_its_line(tmp_path):
    config = write_config(tmp_path)
    for _ in range(25):
        log = run_cgi(program(), event(), None, config=config)[3]
        assert log.startswith("billhook: warning: 401 ")
        assert log.count("\n") == 1 and "not logged" not in log


def test_a_refused_delivery_that_is_not_kept_says_so(tmp_path):
    how = {"header": sign(event(), OTHER_SECRET), "BILLHOOK_KEEP_REJECTED": "5"}
    assert "ask: billhook explain --kept 1" in log_of(tmp_path, **how)
    # A few at once, then one in twelve seconds.
    logs = [log_of(tmp_path, **how)]
    while "not kept, since many came just before it" not in logs[-1]:
        logs.append(log_of(tmp_path, **how))
        assert len(logs) < 50
    config = write_config(tmp_path, BILLHOOK_KEEP_REJECTED="5",
                          BILLHOOK_MAX_BODY="2000000")
    body = b"x" * 1048577
    log = run_cgi(program(), body, None, None, config)[3]
    assert "is not kept: of 1048577 bytes, and 1048576 are the most" in log
    log = run_cgi(program(), body, sign(b""), None, config)[3]
    assert log.count("not kept") == 2 and "--kept" not in log
