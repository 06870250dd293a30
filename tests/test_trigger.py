"""billhook trigger: events pass the official SDK, change the tables as the
contract says, and fit together."""

import json
import os
import pwd
import re
import time

import pytest
import stripe

from billhook_test import SECRET
from command import Place, source
from doctor_test import open_parents
from test_command import endpoint  # noqa: F401 (a fixture)

VERSIONS = ("2020-08-27", "2025-09-30.clover")

# The table and the row that an event of a type alone leaves.
ROWS = {
    "checkout.session.": ("billing_checkout_sessions", "stripe_session_id"),
    "customer.subscription.": ("stripe_subscriptions", "id"),
    "customer.": ("stripe_customers", "id"),
    "invoice.": ("stripe_invoices", "id"),
    "price.": ("stripe_prices", "id"),
    "product.": ("stripe_products", "id"),
}
COLUMNS = {
    "checkout.session.async_payment_failed": ("payment_status", "unpaid"),
    "checkout.session.async_payment_succeeded": ("payment_status", "paid"),
    "checkout.session.completed": ("status", "complete"),
    "checkout.session.expired": ("status", "expired"),
    "customer.deleted": ("deleted", 1),
    "customer.created": ("email", "acme@example.com"),
    "customer.updated": ("email", "billing+acme@example.com"),
    "customer.subscription.created": ("status", "active"),
    "customer.subscription.deleted": ("status", "canceled"),
    "customer.subscription.paused": ("status", "paused"),
    "customer.subscription.resumed": ("status", "active"),
    "customer.subscription.trial_will_end": ("status", "trialing"),
    "customer.subscription.updated": ("cancel_at_period_end", 1),
    "customer.subscription.pending_update_applied": ("pending_update", None),
    "customer.subscription.pending_update_expired": ("pending_update", None),
    "invoice.created": ("status", "draft"),
    "invoice.deleted": ("deleted", 1),
    "invoice.finalized": ("status", "open"),
    "invoice.marked_uncollectible": ("status", "uncollectible"),
    "invoice.paid": ("amount_paid", 2900),
    "invoice.payment_action_required": ("status", "open"),
    "invoice.payment_failed": ("attempt_count", 1),
    "invoice.payment_succeeded": ("status", "paid"),
    "invoice.updated": ("attempt_count", 1),
    "invoice.voided": ("status", "void"),
    "price.created": ("lookup_key", "example_monthly"),
    "price.deleted": ("deleted", 1),
    "price.updated": ("nickname", "Monthly"),
    "product.created": ("name", "Example plan"),
    "product.deleted": ("deleted", 1),
    "product.updated": ("name", "Example plan, renamed"),
}


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def types_of(place):
    text = place.run("trigger", "--list").split("\ntypes:\n")[1]
    return [line.strip() for line in text.split("\n\n")[0].splitlines()]


def test_all_types_that_are_acted_on_are_there(place):
    text = (source() / "lib/event_types.c").read_text(encoding="utf-8")
    known = re.findall(r'^\t\{ "([a-z._]+)"', text, re.M)
    assert len(known) > 30 and types_of(place) == known
    assert set(known) == set(COLUMNS) | {
        "entitlements.active_entitlement_summary.updated"}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_type_changes_its_table(place, version):
    for kind in types_of(place):
        # Each for a tenant alone, so that no other event stands beside it.
        for path in place.path.glob("billhook.db*"):
            path.unlink()
        told = place.json("trigger", kind, "--tenant", "acme",
                          "--api-version", version)
        assert told["status"] == 200 and told["outcome"] == "applied", kind
        assert told["type"] == kind
        assert place.rows("SELECT id, type, api_version, outcome FROM "
                          "stripe_events") \
            == [(told["id"], kind, version, "applied")]
        if kind.startswith("entitlements."):
            assert place.rows("SELECT lookup_key FROM stripe_entitlements "
                              "ORDER BY 1") \
                == [("example_mail_support",), ("example_site",)]
            continue
        table = next(table for prefix, (table, key) in ROWS.items()
                     if kind.startswith(prefix))
        column, value = COLUMNS[kind]
        assert place.rows(f"SELECT {column} FROM {table}") == [(value,)], kind
        if table == "stripe_subscriptions":
            assert place.rows("SELECT tenant_id FROM tenant_pricing") \
                == [("acme",)]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_event_passes_the_official_sdk(place, version):
    for kind in types_of(place):
        body = place.run("trigger", kind, "--api-version", version,
                         "--print").rstrip("\n").encode()
        header = place.run("sign", stdin=body).strip()
        event = stripe.Webhook.construct_event(body, header, SECRET)
        assert event["type"] == kind and event["api_version"] == version
        assert body.startswith(b'{\n  "id": "evt_')
        assert not re.search(rb"@[a-z_:]+@", body), kind


@pytest.mark.parametrize("version", VERSIONS)
def test_lifecycles_tell_a_story_that_fits_together(place, version):
    def status():
        return place.rows("SELECT status FROM tenant_pricing")[0][0]

    def act(name, minute):
        place.run("trigger", name, "--tenant", "acme", "--at",
                  f"2026-03-05T10:{minute:02}:00Z", "--api-version", version)

    act("signup", 0)
    assert status() == "active"
    assert place.rows("SELECT lookup_key, unit_amount, quantity FROM "
                      "tenant_pricing") == [("example_monthly", 2900, 1)]
    act("renewal_failure", 1)
    assert status() == "past_due"
    act("recovery", 2)
    assert status() == "active"
    act("cancel", 3)
    assert status() == "canceled"
    assert place.rows("SELECT * FROM needs_fetch") == []
    assert place.rows("SELECT outcome, count(*) FROM stripe_events "
                      "GROUP BY 1") == [("applied", 20)]
    assert place.rows("SELECT count(*) FROM stripe_entitlements") == [(0,)]
    assert place.rows("SELECT new_status FROM status_changes ORDER BY seq") \
        == [("active",), ("past_due",), ("active",), ("canceled",)]


def test_a_trial_and_a_renewal(place):
    place.run("trigger", "trial", "--tenant", "beta")
    assert place.rows("SELECT status, trial_end = current_period_end FROM "
                      "tenant_pricing") == [("trialing", 1)]
    place.run("trigger", "signup", "--tenant", "gamma", "--at", "1772704800")
    place.run("trigger", "renewal", "--tenant", "gamma", "--at", "1772704860")
    assert place.rows("SELECT status, current_period_start FROM "
                      "tenant_pricing WHERE tenant_id = 'gamma'") \
        == [("active", 1772668800 + 2592000)]
    assert place.rows("SELECT * FROM needs_fetch") == []


def body_of(place, *arguments):
    return json.loads(place.run("trigger", *arguments, "--print"))


def test_one_tenant_has_the_same_ids_and_events_their_own(place):
    one = body_of(place, "invoice.paid", "--tenant", "acme")
    two = body_of(place, "invoice.paid", "--tenant", "acme")
    assert one["id"] != two["id"]
    one, two = one["data"]["object"], two["data"]["object"]
    assert one["id"] == two["id"] and one["customer"] == two["customer"]
    other = body_of(place, "invoice.paid", "--tenant", "beta")
    assert other["data"]["object"]["customer"] != one["customer"]
    subscription = body_of(place, "customer.subscription.created",
                           "--tenant", "acme")["data"]["object"]
    assert one["parent"]["subscription_details"]["subscription"] \
        == subscription["id"]
    assert subscription["metadata"] == {"tenant_id": "acme"}
    # With a time the very same event is made again.
    again = [body_of(place, "invoice.paid", "--at", "1772704800")["id"]
             for _ in range(2)]
    assert again[0] == again[1]


def test_fields_are_set(place):
    event = body_of(place, "customer.subscription.updated",
                    "--set", "data.object.status=past_due",
                    "--set", "data.object.items.data.0.quantity=7",
                    "--set", "data.object.metadata.note=\"5\"",
                    "--set", "data.object.metadata.plain=5 & <é> \"x\"",
                    "--set", "data.object.new={\"a\":[1,2.50]}",
                    "--livemode")
    subscription = event["data"]["object"]
    assert subscription["status"] == "past_due"
    assert subscription["items"]["data"][0]["quantity"] == 7
    assert subscription["metadata"]["note"] == "5"
    assert subscription["metadata"]["plain"] == "5 & <é> \"x\""
    assert subscription["new"] == {"a": [1, 2.5]}
    assert event["livemode"] is True and subscription["livemode"] is True
    place.run("trigger", "invoice.paid", "--set", "no.such.place=1",
              "--print", status=1)
    assert "no.such.place" in place.errors
    place.run("trigger", "invoice.paid", "--set", "=1", "--print", status=1)


def test_a_tenant_of_any_letters(place):
    name = 'Zoë "the" \\ <b> @now@ {"a":1}'
    event = body_of(place, "customer.subscription.created", "--tenant", name)
    assert event["data"]["object"]["metadata"] == {"tenant_id": name}
    event = json.loads(place.run(
        "trigger", "customer.created", "--print", "--tenant", "acme",
        BILLHOOK_TENANT_KEY="@org@"))
    assert event["data"]["object"]["metadata"] == {"@org@": "acme"}


def test_a_count_makes_different_events(place):
    text = place.run("trigger", "product.updated", "--count", "5", "--json")
    told = [json.loads(line) for line in text.splitlines()]
    assert len({each["id"] for each in told}) == 5
    assert place.rows("SELECT count(*) FROM stripe_events") == [(5,)]


def test_a_delivery_over_http_is_as_stripe_sends_it(place,
                                                    endpoint):  # noqa: F811
    url = f"http://127.0.0.1:{endpoint.server_port}/hook"
    text = place.run("trigger", "invoice.paid", "--url", url)
    assert re.fullmatch(r"200 applied {4}evt_\w+  invoice\.paid\n", text)
    (headers, body), = endpoint.came
    stripe.Webhook.construct_event(body, headers["Stripe-Signature"], SECRET)
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["User-Agent"].startswith("Stripe/1.0 ")
    assert "Expect" not in headers

    endpoint.status = 500
    told = place.json("trigger", "invoice.paid", "--url", url, status=1)
    assert told["status"] == 500


@pytest.mark.parametrize("status, words", [
    (302, "no redirect"), (401, "another secret"), (403, "no filter"),
    (404, "doctor --url"), (405, "doctor --url"), (413, "BILLHOOK_MAX_BODY"),
    (500, "misconfigured"), (501, "error log"), (503, "database")])
def test_what_to_do_about_a_refusal_is_told_once(place, endpoint,  # noqa: F811
                                                 status, words):
    url = f"http://127.0.0.1:{endpoint.server_port}/hook"
    endpoint.status = status
    text = place.run("trigger", "signup", "--url", url, status=1)
    assert len(text.splitlines()) == len(endpoint.came) == 10
    assert place.errors.count("\n") == 1
    assert place.errors.startswith(f"billhook trigger: {status} from {url}: ")
    assert words in place.errors
    told = place.json("trigger", "invoice.paid", "--url", url, status=1)
    assert words in told["advice"] and place.errors == ""


def test_it_is_told_where_the_events_are_now(place, tmp_path):
    text = place.run("trigger", "invoice.paid")
    assert text.endswith(f"\ninto the database {place.database}\n")
    other = tmp_path / "try.db"
    text = place.run("trigger", "signup", BILLHOOK_DATABASE=str(other))
    assert text.endswith(f"\ninto the database {other}\n")
    assert place.rows("SELECT count(*) FROM stripe_events") == [(1,)]
    assert "BILLHOOK_DATABASE=$PWD/try.db" in place.run("trigger", "--help")
    manual = (source() / "cli/billhook.1").read_text(encoding="utf-8")
    assert "export BILLHOOK_DATABASE=$PWD/try.db" in manual


def test_the_list_is_there_for_programs_too(place):
    told = place.json("trigger", "--list")
    assert told.keys() == {"lifecycles", "types", "api_versions"}
    assert told["types"] == types_of(place)
    assert {each["name"] for each in told["lifecycles"]} == {
        "signup", "trial", "renewal", "renewal_failure", "recovery", "cancel"}
    assert told["api_versions"] == list(VERSIONS)


def test_what_was_refused_or_not_answered_is_told(place):
    place.run("trigger", "invoice.paid", "--cgi", "/nowhere/billhook.fcgi",
              status=1)
    assert "/nowhere/billhook.fcgi" in place.errors
    place.run("trigger", "invoice.paid", "--cgi", "/bin/true", status=1)
    assert "no answer" in place.errors
    place.run("trigger", "invoice.paid", "--url", "http://127.0.0.1:1/",
              status=1)
    assert "no answer from http://127.0.0.1:1/" in place.errors
    (place.path / "other.txt").write_text("whsec_test_of_somebody_else\n")
    told = place.json("trigger", "invoice.paid", "--secret-file",
                      "other.txt", status=1)
    assert told["status"] == 401 and told["outcome"] == "invalid_signature"
    place.run("trigger", "invoice.payd", status=2)
    assert "perhaps invoice.paid;" in place.errors
    place.run("trigger", "renewal-failure", status=2)
    assert "perhaps renewal_failure;" in place.errors
    place.run("trigger", "charge.succeeded", status=2)
    assert "charge.succeeded that billhook acts on" in place.errors
    assert "perhaps" not in place.errors and "--list" in place.errors
    place.run("trigger", status=2)
    for option in ("--at", "--since"):
        place.run("trigger", "invoice.paid", option, "yesterday", status=2)
        assert f"{option} wants a time: now-5m, " in place.errors
    place.run("trigger", "invoice.paid", "--api-version", "2011-01-01",
              status=1)
    assert "2011-01-01" in place.errors


def test_the_events_of_one_second_come_with_the_day(place):
    event = body_of(place, "customer.subscription.created")
    since = event["data"]["object"]["created"]
    assert since % 86400 == 0 and 0 <= time.time() - since < 2 * 86400
    event = body_of(place, "invoice.paid", "--since", "2026-01-01",
                    "--cycle", "3")
    line, = event["data"]["object"]["lines"]["data"]
    assert line["period"]["start"] == 1767225600 + 3 * 2592000


def test_trigger_refuses_what_it_would_not_do(place):
    for more, words in ((("--url", "nonsense"), "http://"),
                        (("--url", "ftp://x/"), "https://"),
                        (("--url", "http://x/", "--print"), "not both"),
                        (("--url", "http://x/", "--cgi", "y"), "not both"),
                        (("--set", "type=a"), "EVENT")):
        place.run("trigger", "invoice.paid", *more, status=2)
        assert words in place.errors
    assert not place.database.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_makes_no_database_in_the_directory_of_another(place, tmp_path):
    nobody = pwd.getpwnam("nobody")
    open_parents(tmp_path)
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    os.chown(data, nobody.pw_uid, nobody.pw_gid)
    for path in (data / "x.db", data / "new" / "x.db"):
        place.run("trigger", "invoice.paid", status=1,
                  BILLHOOK_DATABASE=str(path))
        assert "sudo -u 'nobody' billhook trigger" in place.errors
        assert "--url" in place.errors and not list(data.iterdir())
        # What import makes belongs to that user.
        place.run("import", "event.json", BILLHOOK_DATABASE=str(path))
        made = [path.parent, *path.parent.iterdir()]
        assert {p.stat().st_uid for p in made} == {nobody.pw_uid}
        for one in made[1:]:
            one.unlink()
    place.run("import", "event.json", BILLHOOK_DATABASE=str(path))
    place.run("trigger", "invoice.paid", BILLHOOK_DATABASE=str(path))
    lock = path.with_name("x.db-lock")
    lock.unlink()
    place.run("trigger", "invoice.paid", status=1,
              BILLHOOK_DATABASE=str(path))
    assert "x.db-lock would be root's" in place.errors
    assert not lock.exists()
