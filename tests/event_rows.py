"""The rows that the events of data/events must write, column by column.

Every event is of one moment and of one shop; the objects are the same in each
API version but for what that version cannot say, which is NULL.
"""

AT = 1760000000                 # the created of each of the events
OLD = "2018-11-08"
VERSIONS = (OLD, "2020-08-27", "2025-09-30.clover", "2026-10-28.endive")

SUBSCRIPTION = {
    "id": "sub_Kite1", "customer_id": "cus_Kite1", "tenant_id": "kite",
    "status": "active", "collection_method": "charge_automatically",
    "currency": "eur", "cancel_at": None, "cancel_at_period_end": 0,
    "canceled_at": None, "ended_at": None, "cancellation_reason": None,
    "trial_start": 1750000003, "trial_end": 1751209603,
    "start_date": 1750000002, "current_period_start": 1758000000,
    "current_period_end": 1760592000, "latest_invoice_id": "in_Kite1",
    "pause_behavior": None, "pause_resumes_at": None,
    "pending_update": None, "metadata": '{"plan":"two","tenant_id":"kite"}',
    "created": 1750000000, "livemode": 0, "updated_at": AT}

ITEM = {
    "id": "si_Kite1", "subscription_id": "sub_Kite1", "position": 0,
    "price_id": "price_KiteMonthly", "product_id": "prod_Kite",
    "lookup_key": "kite_monthly", "quantity": 3, "currency": "eur",
    "unit_amount": 1900, "unit_amount_decimal": "1900", "interval": "month",
    "interval_count": 1, "current_period_start": 1758000000,
    "current_period_end": 1760592000, "livemode": 0}

PRICING = {
    "tenant_id": "kite", "stripe_customer_id": "cus_Kite1",
    "stripe_subscription_id": "sub_Kite1",
    "stripe_price_id": "price_KiteMonthly",
    "stripe_product_id": "prod_Kite", "lookup_key": "kite_monthly",
    "quantity": 3, "currency": "eur", "unit_amount": 1900,
    "interval": "month", "interval_count": 1, "status": "active",
    "status_from": "subscription", "current_period_start": 1758000000,
    "current_period_end": 1760592000, "trial_end": 1751209603,
    "cancel_at": None, "cancel_at_period_end": 0, "canceled_at": None,
    "ended_at": None, "pause_behavior": None, "pause_resumes_at": None,
    "latest_invoice_id": "in_Kite1", "hosted_invoice_url": None,
    "subscription_count": 1, "livemode": 0, "updated_at": AT}

INVOICE = {
    "id": "in_Kite1", "customer_id": "cus_Kite1",
    "subscription_id": "sub_Kite1", "status": "open",
    "billing_reason": "subscription_cycle",
    "collection_method": "charge_automatically", "number": "KITE-0007",
    "currency": "eur", "amount_due": 5700, "amount_paid": 0,
    "amount_remaining": 5600, "total": 5710, "attempt_count": 1,
    "next_payment_attempt": 1760300000, "due_date": 1761000000,
    "last_failed_at": None,
    "hosted_invoice_url": "https://invoice.example/i/kite1",
    "invoice_pdf": "https://invoice.example/i/kite1/pdf",
    "period_start": 1755408000, "period_end": 1758000000, "paid_at": None,
    "deleted": 0, "created": 1758000010, "livemode": 0, "updated_at": AT}

SESSION = {
    "stripe_session_id": "cs_test_Kite1", "tenant_id": "kite",
    "stripe_customer_id": "cus_Kite1", "customer_email": "kite@example.com",
    "stripe_subscription_id": "sub_Kite1", "invoice_id": "in_Kite1",
    "payment_intent_id": None, "client_reference_id": "ref-kite",
    "mode": "subscription", "status": "complete",
    "payment_status": "unpaid", "amount_total": 5700, "currency": "eur",
    "created": 1749999000, "expires_at": 1750085400, "completed_at": None,
    "metadata": '{"tenant_id":"kite"}', "livemode": 0, "updated_at": AT}

CUSTOMER = {
    "id": "cus_Kite1", "tenant_id": "kite", "email": "kite@example.com",
    "name": "A Kite", "currency": "eur", "balance": -250, "delinquent": 0,
    "deleted": 0, "created": 1740000000,
    "metadata": '{"a":"1","tenant_id":"kite"}', "livemode": 0,
    "updated_at": AT}

PRODUCT = {
    "id": "prod_Kite", "name": "Kite", "active": 1, "deleted": 0,
    "metadata": '{"line":"kites"}', "livemode": 0, "updated_at": AT}

PRICE = {
    "id": "price_KiteMonthly", "product_id": "prod_Kite", "active": 1,
    "deleted": 0, "currency": "eur", "unit_amount": 1900,
    "unit_amount_decimal": "1900", "type": "recurring",
    "usage_type": "licensed", "interval": "month", "interval_count": 1,
    "lookup_key": "kite_monthly", "nickname": "Kite by the month",
    "metadata": '{"tier":"two"}', "created": 1730000000, "livemode": 0,
    "updated_at": AT}

ENTITLEMENTS = [
    {"customer_id": "cus_Kite1", "lookup_key": "string",
     "feature_id": "feat_String", "livemode": 0, "updated_at": AT},
    {"customer_id": "cus_Kite1", "lookup_key": "tail",
     "feature_id": "feat_Tail", "livemode": 0, "updated_at": AT}]

PAUSED = {"pause_behavior": "void", "pause_resumes_at": 1765000000}
PAID = {"status": "paid", "amount_paid": 5700, "amount_remaining": 0,
        "next_payment_attempt": None, "paid_at": 1759999995}
DRAFT = {"status": "draft", "number": None, "hosted_invoice_url": None,
         "invoice_pdf": None, "attempt_count": 0}
UNKNOWN = {"stripe_price_id": None, "stripe_product_id": None,
           "lookup_key": None, "quantity": None, "currency": None,
           "unit_amount": None, "interval": None, "interval_count": None,
           "current_period_start": None, "current_period_end": None,
           "trial_end": None, "cancel_at_period_end": None}

# What the events of a type say otherwise.
SUBSCRIPTIONS = {
    "created": {"status": "trialing"},
    "updated": {"cancel_at": 1770000000, "canceled_at": 1759999990,
                "pending_update": '{"expires_at":1760082800}', **PAUSED},
    "deleted": {"status": "canceled", "canceled_at": 1759999990,
                "ended_at": 1759999991,
                "cancellation_reason": "payment_failed"},
    "paused": {"status": "paused"},
    "resumed": {},
    "trial_will_end": {"status": "trialing"},
    "pending_update_applied": {},
    "pending_update_expired": {},
}
INVOICES = {
    "created": DRAFT,
    "updated": {},
    "finalized": {},
    "paid": PAID,
    "payment_succeeded": PAID,
    "payment_failed": {"last_failed_at": AT},
    "payment_action_required": {},
    "voided": {"status": "void", "next_payment_attempt": None},
    "marked_uncollectible": {"status": "uncollectible",
                             "next_payment_attempt": None},
    "deleted": {**DRAFT, "deleted": 1},
}
SESSIONS = {
    "completed": {"completed_at": AT},
    "expired": {"status": "expired", "stripe_customer_id": None,
                "stripe_subscription_id": None, "invoice_id": None,
                "customer_email": "typed@example.com"},
    "async_payment_succeeded": {"payment_status": "paid"},
    "async_payment_failed": {},
}
CUSTOMERS = {"created": {}, "updated": {"delinquent": 1},
             "deleted": {"deleted": 1}}
GOODS = {"created": {}, "updated": {"active": 0},
         "deleted": {"active": 0, "deleted": 1}}

# All that the issue names, but for what has no row.
TYPES = (["customer.subscription." + name for name in SUBSCRIPTIONS]
         + ["invoice." + name for name in INVOICES]
         + ["checkout.session." + name for name in SESSIONS]
         + ["customer." + name for name in CUSTOMERS]
         + [f"{kind}.{name}" for kind in ("product", "price")
            for name in GOODS]
         + ["entitlements.active_entitlement_summary.updated"])


def only(row, base):
    """Of a change the columns that a row has."""
    return {**base, **{k: v for k, v in row.items() if k in base}}


def of_subscription(version, name):
    more = dict(SUBSCRIPTIONS[name])
    item = dict(ITEM)
    count = {}
    if version == OLD:
        # Before prices, currencies and schedules of cancellation.
        more.update(currency=None, latest_invoice_id=None, cancel_at=None,
                    cancellation_reason=None, pending_update=None,
                    pause_behavior=None, pause_resumes_at=None)
        item.update(lookup_key=None, unit_amount_decimal=None)
        if name == "updated":
            more["cancel_at_period_end"] = 1
    if name == "deleted":
        count["subscription_count"] = 0
    pricing = {**only(more, PRICING), **count, "currency": "eur",
               "lookup_key": item["lookup_key"]}
    return {"tenant_pricing": [pricing],
            "stripe_subscriptions": [{**SUBSCRIPTION, **more}],
            "stripe_subscription_items": [item]}


def of_invoice(version, name):
    more = dict(INVOICES[name])
    if version == OLD:
        more["paid_at"] = None
    return {"stripe_invoices": [{**INVOICE, **more}]}


def of_session(version, name):
    more = dict(SESSIONS[name])
    if version == "2020-08-27":
        more["invoice_id"] = None
    session = {**SESSION, **more}
    found = {"billing_checkout_sessions": [session]}
    if name != "expired":
        # It stands for the subscription that it names.
        found["tenant_pricing"] = [{
            **PRICING, **UNKNOWN, "status_from": "checkout",
            "status": "active" if session["payment_status"] == "paid"
            else "incomplete", "latest_invoice_id": session["invoice_id"]}]
    return found


def of_customer(version, name):
    more = {"name": None} if version == OLD else {}
    return {"stripe_customers": [{**CUSTOMER, **CUSTOMERS[name], **more}]}


def rows_of(version, kind):
    """{table: [row]}, all that an event alone must come to."""
    group, _, name = kind.rpartition(".")
    if group == "customer.subscription":
        return of_subscription(version, name)
    if group == "invoice":
        return of_invoice(version, name)
    if group == "checkout.session":
        return of_session(version, name)
    if group == "customer":
        return of_customer(version, name)
    if group == "product":
        return {"stripe_products": [{**PRODUCT, **GOODS[name]}]}
    if group == "price":
        return {"stripe_prices": [{**PRICE, **GOODS[name]}]}
    return {"stripe_entitlements": ENTITLEMENTS}
