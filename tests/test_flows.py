"""Whole flows: signed deliveries through real web servers to the tables.

The servers run with the configurations of scripts/conf, the signatures come
from Stripe's own SDK, and the tables are read by another process.
"""

import concurrent.futures
import http.client
import itertools
import json
import signal
import socket
import stat
import threading
import time

import pytest

from billhook_test import (OTHER_SECRET, program, rows, sign, wait_for,
                           write_config)
from servers import (GROUP, SERVERS, URL, Ground, Lighttpd, LighttpdCgi,
                     SharedHosting, give, processes_of, signal_process, story)

runs = itertools.count(1)

# After each event of the story: tenant_pricing's status and status_from.
STORY = [
    ("signup", "customer.created", None),
    ("signup", "customer.subscription.created",
     ("incomplete", "subscription")),
    ("signup", "invoice.paid", ("active", "invoice")),
    ("signup", "customer.subscription.updated", ("active", "subscription")),
    ("signup", "checkout.session.completed", ("active", "subscription")),
    ("renewal_failure", "customer.subscription.updated",
     ("active", "subscription")),
    ("renewal_failure", "invoice.payment_failed", ("past_due", "invoice")),
    ("renewal_failure", "customer.subscription.updated",
     ("past_due", "subscription")),
    ("recovery", "invoice.paid", ("active", "invoice")),
    ("recovery", "customer.subscription.updated",
     ("active", "subscription")),
]


def new_run():
    """A part of ids and a tenant that no other test has."""
    number = next(runs)
    return f"Flow{number:04d}", f"tenant-{number}"


def events_of_story():
    """The story's bodies for a new tenant, with what each must lead to."""
    run, tenant = new_run()
    now = int(time.time())
    acts = {name: iter(story.act(name, tenant, run, now))
            for name in ("signup", "renewal_failure", "recovery")}
    return tenant, [(next(acts[name]), kind, expected)
                    for name, kind, expected in STORY]


def customer_event(size=None):
    """A small event of a new customer; (its id, its body of size bytes)."""
    run, tenant = new_run()
    body = story.act("signup", tenant, run, int(time.time()))[0]
    if size is not None:
        body += b"\n" * (size - len(body))
    return json.loads(body)["id"], body


def taken(answer):
    """The outcome in an answer of 200."""
    status, headers, body = answer
    assert (status, headers["Content-Type"]) == (200, "application/json"), \
        answer
    told = json.loads(body)
    assert told.pop("received") is True
    outcome = told.pop("outcome")
    assert told == {}
    return outcome


def recorded(ground, event_id):
    """How often an event stands in the table: 0 or 1, or the test fails."""
    if not ground.database.exists():
        return 0
    return rows(ground.database,
                "SELECT count(*) FROM stripe_events WHERE id = ?",
                event_id)[0][0]


@pytest.fixture(scope="module", params=SERVERS, ids=lambda n: n.replace(" ", "-"))
def server(request):
    """One server of each configuration, for all tests that can share it."""
    ground = Ground(program())
    started = SERVERS[request.param](ground)
    try:
        yield started.start()
    finally:
        started.stop()
        ground.remove()


def test_a_customers_story_is_told_by_the_tables(server):
    tenant, events = events_of_story()
    for body, kind, expected in events:
        assert json.loads(body)["type"] == kind
        assert taken(server.post(body, sign(body))) == "applied"
        found = rows(server.ground.database, "SELECT status, status_from FROM"
                     " tenant_pricing WHERE tenant_id = ?", tenant)
        assert found == ([expected] if expected else []), kind

    row = rows(server.ground.database, "SELECT * FROM tenant_pricing"
               " WHERE tenant_id = ?", tenant)
    for body, _, _ in reversed(events):
        assert taken(server.post(body, sign(body))) == "duplicate"
    assert row == rows(server.ground.database, "SELECT * FROM tenant_pricing"
                       " WHERE tenant_id = ?", tenant)


def test_a_bad_signature_is_refused_and_stores_nothing(server):
    event_id, body = customer_event()
    for header in (None, "", "t=1,v1=00", sign(body, OTHER_SECRET),
                   sign(body + b" "), sign(body, t=int(time.time()) - 3600)):
        status, headers, answer = server.post(body, header)
        assert (status, answer) == (401, b'{"error":"invalid_signature"}')
        assert headers["Content-Type"] == "application/json"
    assert recorded(server.ground, event_id) == 0


def test_a_body_of_the_limit_is_taken_and_a_byte_more_is_not(server):
    event_id, body = customer_event(server.largest_body)
    assert taken(server.post(body, sign(body))) == "applied"
    assert recorded(server.ground, event_id) == 1

    event_id, body = customer_event(server.largest_body + 1)
    status, _, answer = server.post(body, sign(body))
    assert status == server.too_large[0]
    assert server.too_large[1] in (None, answer)
    assert recorded(server.ground, event_id) == 0


def test_every_byte_of_a_body_arrives(server):
    event_id, body = customer_event()
    body = body.replace(b"\n", b"\r\n").replace(
        b"Ada", "Ad\u00e4 \U0001f4b6".encode()) + b"\t \r\n"
    assert taken(server.post(body, sign(body))) == "applied"
    kept = rows(server.ground.database,
                "SELECT payload FROM stripe_events WHERE id = ?", event_id)
    assert kept == [(body,)]


def test_only_post_is_taken(server):
    for method in ("GET", "PUT", "DELETE"):
        status, headers, answer = server.post(None, None, method=method)
        assert (status, answer) == (405, b'{"error":"method_not_allowed"}')
        assert headers["Allow"] == "POST"


def test_only_the_url_itself_leads_to_billhook(server):
    _, body = customer_event()
    for url in (URL + "X", URL + "/more", URL + "/", "/"):
        status, _, answer = server.post(body, sign(body), url=url)
        assert status in (403, 404, 405), url
        assert b'"error"' not in answer, url


def test_dozens_at_once_are_all_taken_once(server):
    events = [customer_event() for _ in range(24)] * 2

    def deliver(event):
        return event[0], taken(server.post(event[1], sign(event[1])))

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(deliver, events))
    for event_id, _ in events:
        told = sorted(outcome for i, outcome in answers if i == event_id)
        assert told == ["applied", "duplicate"]
        assert recorded(server.ground, event_id) == 1


def test_a_client_that_goes_away_costs_its_request_only(server):
    event_id, body = customer_event()
    head = (f"POST {URL} HTTP/1.1\r\nHost: localhost\r\n"
            f"Content-Type: application/json\r\n"
            f"Stripe-Signature: {sign(body)}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode()
    for _ in range(4):
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(head + body[:len(body) // 2])
    other_id, other = customer_event()
    assert taken(server.post(other, sign(other))) == "applied"
    assert recorded(server.ground, event_id) == 0
    assert taken(server.post(body, sign(body))) == "applied"


def test_no_secret_is_in_the_servers_log(server):
    _, body = customer_event()
    taken(server.post(body, sign(body)))
    assert "whsec_" not in server.log()
    assert "ada@example.com" not in server.log()


# Tests that end their server, or want it otherwise than usual.

@pytest.fixture
def grounds():
    """Makes grounds and servers, and clears them away."""
    made = []

    def make(kind, **settings):
        ground = Ground(program(), **settings)
        server = kind(ground)
        made.append(server)
        return server

    yield make
    for server in made:
        server.stop()
        server.ground.remove()


# The two shared hostings end as the Apaches do; each waits ten seconds for its
# own busy children.
ENDED = {name.replace(" ", "-"): kind for name, kind in SERVERS.items()
         if not issubclass(kind, SharedHosting)}


@pytest.mark.parametrize("kind", ENDED.values(), ids=ENDED)
def test_term_in_the_middle_loses_nothing_that_was_answered(grounds, kind):
    server = grounds(kind).start()
    events = [customer_event() for _ in range(150)]
    left = iter(events)
    lock = threading.Lock()
    answered = []
    enough = threading.Event()

    def deliver():
        while True:
            with lock:
                event_id, body = next(left, (None, None))
            if event_id is None:
                return
            try:
                status, _, _ = server.post(body, sign(body))
            except (OSError, http.client.HTTPException):
                return          # the server is gone
            if status == 200:
                answered.append(event_id)
            if len(answered) >= 20:
                enough.set()

    clients = [threading.Thread(target=deliver) for _ in range(6)]
    for client in clients:
        client.start()
    assert enough.wait(60), server.log()
    server.terminate()
    server.ended()
    for client in clients:
        client.join(60)
        assert not client.is_alive()
    for event_id in answered:
        assert recorded(server.ground, event_id) == 1

    server.start()
    for event_id, body in events:
        outcome = taken(server.post(body, sign(body)))
        assert event_id not in answered or outcome == "duplicate"
    total = rows(server.ground.database, "SELECT count(*) FROM stripe_events")
    assert total == [(len(events),)]


@pytest.mark.parametrize("kind", [Lighttpd, LighttpdCgi])
@pytest.mark.parametrize("group, directory_mode, file_mode", [
    (None, 0o700, 0o600), (GROUP.gr_name, 0o2770, 0o660)],
    ids=["owner alone", "group"])
def test_the_first_of_many_makes_the_database(grounds, kind, group,
                                              directory_mode, file_mode):
    server = grounds(kind, BILLHOOK_GROUP=group).start()
    if kind is LighttpdCgi:
        assert not server.ground.database.parent.exists()
    events = [customer_event() for _ in range(16)]
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        told = list(pool.map(lambda event: taken(
            server.post(event[1], sign(event[1]))), events))
    assert told == ["applied"] * len(events)

    directory = server.ground.database.parent.stat()
    assert stat.S_IMODE(directory.st_mode) == directory_mode
    files = [path.stat() for path in server.ground.database.parent.iterdir()]
    assert {stat.S_IMODE(file.st_mode) for file in files} == {file_mode}
    if group is not None:
        assert {file.st_gid for file in files + [directory]} == {GROUP.gr_gid}


def test_a_new_secret_in_the_file_needs_no_restart(grounds):
    server = grounds(Lighttpd).start()
    _, body = customer_event()
    assert server.post(body, sign(body, OTHER_SECRET))[0] == 401
    give(write_config(server.ground.path, STRIPE_WEBHOOK_SECRET=OTHER_SECRET,
                      BILLHOOK_DATABASE=str(server.ground.database)))
    assert taken(server.post(body, sign(body, OTHER_SECRET))) == "applied"


def test_no_secret_is_500_and_stores_nothing(grounds):
    server = grounds(LighttpdCgi, STRIPE_WEBHOOK_SECRET=None).start()
    event_id, body = customer_event()
    status, _, answer = server.post(body, sign(body))
    assert (status, answer) == (500, b'{"error":"misconfigured"}')
    assert recorded(server.ground, event_id) == 0


def test_a_killed_responder_is_replaced_and_loses_nothing(grounds):
    server = grounds(Lighttpd).start()
    events = [customer_event() for _ in range(5)]
    for event_id, body in events:
        assert taken(server.post(body, sign(body))) == "applied"
        killed = [signal_process(pid, signal.SIGKILL)
                  for pid in processes_of(server.ground.program)]
        assert any(killed)

        def again():
            answer = server.post(body, sign(body))
            return answer if answer[0] == 200 else None

        # lighttpd starts its responders again once a second.
        assert taken(wait_for(again, "a new responder")) == "duplicate"
    total = rows(server.ground.database, "SELECT count(*) FROM stripe_events")
    assert total == [(len(events),)]
