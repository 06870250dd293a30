"""The reference model, part one: what one snapshot of an object says.

A snapshot is `data.object` of an event (or that object as it was before,
see `revert`).  Each reader returns (row, children): the row of the contract
without its gathered columns, and the rows of its items or entitlements.
Written from the contract, not from the program: they must agree because
both are right.
"""

import json

EXACT = 2 ** 53 - 1

KINDS = {
    'checkout.session': 'completed expired async_payment_succeeded'
                        ' async_payment_failed',
    'customer': 'created updated deleted',
    'customer.subscription': 'created updated deleted paused resumed'
                             ' trial_will_end pending_update_applied'
                             ' pending_update_expired',
    'invoice': 'created updated finalized paid payment_succeeded'
               ' payment_failed payment_action_required voided'
               ' marked_uncollectible deleted',
    'product': 'created updated deleted',
    'price': 'created updated deleted',
    'entitlements.active_entitlement_summary': 'updated',
}

# Stripe's word for the object, as needs_fetch has it.
WORDS = {kind: kind for kind in KINDS}
WORDS['customer.subscription'] = 'subscription'

TYPES = {f'{kind}.{what}': WORDS[kind]
         for kind, whats in KINDS.items() for what in whats.split()}

SUMMARY = 'entitlements.active_entitlement_summary'

FINAL = ('canceled', 'incomplete_expired')

# A status that the body lacks, by the event's type.
INFERRED = {
    'invoice.created': 'draft',
    'invoice.finalized': 'open',
    'invoice.payment_failed': 'open',
    'invoice.payment_action_required': 'open',
    'invoice.paid': 'paid',
    'invoice.payment_succeeded': 'paid',
    'invoice.voided': 'void',
    'invoice.marked_uncollectible': 'uncollectible',
    'checkout.session.completed': 'complete',
    'checkout.session.async_payment_succeeded': 'complete',
    'checkout.session.async_payment_failed': 'complete',
    'checkout.session.expired': 'expired',
}


class Unreadable(Exception):
    """A field has a type that it cannot have: the event is parked."""


def text(value):
    if value is None or isinstance(value, str):
        return value
    raise Unreadable(value)


def integer(value):
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Unreadable(value)
    if value != int(value) or abs(value) > EXACT:
        raise Unreadable(value)
    return int(value)


def flag(value):
    if value is None or isinstance(value, bool):
        return None if value is None else int(value)
    raise Unreadable(value)


def hash_of(value):
    if value is None:
        return {}
    if isinstance(value, dict):
        return value
    raise Unreadable(value)


def ref(value):
    """A reference: an id, or an object that has one."""
    return text(value.get('id') if isinstance(value, dict) else value)


def at(obj, *path):
    """What stands at a path of hashes; None where the path ends early."""
    for key in path:
        obj = hash_of(obj).get(key)
    return obj


def first(*values):
    return next((v for v in values if v is not None), None)


def sorted_json(value):
    if value is None:
        return None
    return json.dumps(hash_of(value), sort_keys=True, ensure_ascii=False,
                      separators=(',', ':'))


def data_of(listed):
    found = at(listed, 'data')
    if found is None:
        return []
    if not isinstance(found, list):
        raise Unreadable(found)
    return found


def is_deleted(event_type, obj):
    return event_type.endswith('.deleted') or obj.get('deleted') is True


def revert(obj, previous):
    """The object as it was: hashes key by key, all else whole, null is
    absent."""
    was = dict(obj)
    for key, old in previous.items():
        if old is None:
            was.pop(key, None)
        elif isinstance(old, dict) and isinstance(was.get(key), dict):
            was[key] = revert(was[key], old)
        else:
            was[key] = old
    return was


def subscription(event_type, obj):
    items = [item(obj, i, each, alone=len(data_of(obj.get('items'))) == 1)
             for i, each in enumerate(data_of(obj.get('items')))]
    if not items and obj.get('plan') is not None:
        items = [item(obj, 0, {'plan': obj['plan']}, alone=True)]

    def period(which, choose):
        held = [integer(at(each, which))
                for each in data_of(obj.get('items'))]
        held = [each for each in held if each is not None]
        return choose(held) if held else integer(obj.get(which))

    status = text(obj.get('status'))
    if event_type == 'customer.subscription.deleted':
        status = 'canceled'
    pause = obj.get('pause_collection')
    return {
        'id': text(obj.get('id')),
        'customer_id': ref(obj.get('customer')),
        'status': status,
        'collection_method': first(text(obj.get('collection_method')),
                                   text(obj.get('billing'))),
        'currency': text(obj.get('currency')),
        'cancel_at': integer(obj.get('cancel_at')),
        'cancel_at_period_end': flag(obj.get('cancel_at_period_end')),
        'canceled_at': integer(obj.get('canceled_at')),
        'ended_at': integer(obj.get('ended_at')),
        'cancellation_reason': text(at(obj, 'cancellation_details',
                                       'reason')),
        'trial_start': integer(obj.get('trial_start')),
        'trial_end': integer(obj.get('trial_end')),
        'start_date': first(integer(obj.get('start_date')),
                            integer(obj.get('start'))),
        'current_period_start': period('current_period_start', min),
        'current_period_end': period('current_period_end', max),
        'latest_invoice_id': ref(obj.get('latest_invoice')),
        'pause_behavior': text(at(pause, 'behavior')),
        'pause_resumes_at': integer(at(pause, 'resumes_at')),
        'pending_update': sorted_json(obj.get('pending_update')),
        'metadata': sorted_json(obj.get('metadata')),
        'created': integer(obj.get('created')),
    }, items


def item(sub, position, obj, alone):
    obj = hash_of(obj)
    price = obj.get('price')
    plan = obj.get('plan')
    held = price if isinstance(price, dict) else {}
    old = plan if isinstance(plan, dict) else {}
    return {
        'id': text(obj.get('id')) or f"{sub.get('id')}#{position}",
        'subscription_id': text(sub.get('id')),
        'position': position,
        'price_id': first(ref(price), ref(plan)),
        'product_id': first(ref(held.get('product')),
                            ref(old.get('product'))),
        'lookup_key': text(held.get('lookup_key')),
        'quantity': first(integer(obj.get('quantity')),
                          integer(sub.get('quantity')) if alone else None),
        'currency': first(text(held.get('currency')),
                          text(old.get('currency'))),
        'unit_amount': first(integer(held.get('unit_amount')),
                             integer(old.get('amount'))),
        'unit_amount_decimal': first(text(held.get('unit_amount_decimal')),
                                     text(old.get('amount_decimal'))),
        'interval': first(text(at(held, 'recurring', 'interval')),
                          text(old.get('interval'))),
        'interval_count': first(
            integer(at(held, 'recurring', 'interval_count')),
            integer(old.get('interval_count'))),
        'current_period_start': first(
            integer(obj.get('current_period_start')),
            integer(sub.get('current_period_start'))),
        'current_period_end': first(integer(obj.get('current_period_end')),
                                    integer(sub.get('current_period_end'))),
    }


def invoice_status(event_type, obj):
    status = first(text(obj.get('status')), INFERRED.get(event_type))
    if status is not None:
        return status
    if flag(obj.get('paid')):
        return 'paid'
    if flag(obj.get('forgiven')):
        return 'uncollectible'
    if flag(obj.get('closed')):
        return 'void'
    if flag(obj.get('attempted')) or obj.get('finalized_at') is not None:
        return 'open'
    if any(key in obj for key in ('paid', 'forgiven', 'closed',
                                  'attempted')):
        return 'draft'
    return None


def invoice_subscription(obj):
    found = first(ref(at(obj, 'parent', 'subscription_details',
                         'subscription')), ref(obj.get('subscription')))
    for line in data_of(obj.get('lines')):
        found = first(found, ref(at(line, 'subscription')),
                      ref(at(line, 'parent', 'subscription_item_details',
                             'subscription')))
    return found


def invoice(event_type, obj):
    return {
        'id': text(obj.get('id')),
        'customer_id': ref(obj.get('customer')),
        'subscription_id': invoice_subscription(obj),
        'status': invoice_status(event_type, obj),
        'billing_reason': text(obj.get('billing_reason')),
        'collection_method': first(text(obj.get('collection_method')),
                                   text(obj.get('billing'))),
        'number': text(obj.get('number')),
        'currency': text(obj.get('currency')),
        'amount_due': integer(obj.get('amount_due')),
        'amount_paid': integer(obj.get('amount_paid')),
        'amount_remaining': integer(obj.get('amount_remaining')),
        'total': integer(obj.get('total')),
        'attempt_count': integer(obj.get('attempt_count')),
        'next_payment_attempt': integer(obj.get('next_payment_attempt')),
        'due_date': integer(obj.get('due_date')),
        'hosted_invoice_url': text(obj.get('hosted_invoice_url')),
        'invoice_pdf': text(obj.get('invoice_pdf')),
        'period_start': integer(obj.get('period_start')),
        'period_end': integer(obj.get('period_end')),
        'paid_at': integer(at(obj, 'status_transitions', 'paid_at')),
        'deleted': int(is_deleted(event_type, obj)),
        'created': first(integer(obj.get('created')),
                         integer(obj.get('date'))),
    }, []


def session(event_type, obj):
    return {
        'stripe_session_id': text(obj.get('id')),
        'stripe_customer_id': ref(obj.get('customer')),
        'customer_email': first(text(at(obj, 'customer_details', 'email')),
                                text(obj.get('customer_email'))),
        'stripe_subscription_id': ref(obj.get('subscription')),
        'invoice_id': ref(obj.get('invoice')),
        'payment_intent_id': ref(obj.get('payment_intent')),
        'client_reference_id': text(obj.get('client_reference_id')),
        'mode': text(obj.get('mode')),
        'status': first(text(obj.get('status')), INFERRED.get(event_type)),
        'payment_status': text(obj.get('payment_status')),
        'amount_total': integer(obj.get('amount_total')),
        'currency': text(obj.get('currency')),
        'created': integer(obj.get('created')),
        'expires_at': integer(obj.get('expires_at')),
        'metadata': sorted_json(obj.get('metadata')),
    }, []


def customer(event_type, obj):
    return {
        'id': text(obj.get('id')),
        'email': text(obj.get('email')),
        'name': text(obj.get('name')),
        'currency': first(text(obj.get('currency')),
                          text(obj.get('default_currency'))),
        'balance': first(integer(obj.get('balance')),
                         integer(obj.get('account_balance'))),
        'delinquent': flag(obj.get('delinquent')),
        'deleted': int(is_deleted(event_type, obj)),
        'created': integer(obj.get('created')),
        'metadata': sorted_json(obj.get('metadata')),
    }, []


def product(event_type, obj):
    return {
        'id': text(obj.get('id')),
        'name': text(obj.get('name')),
        'active': flag(obj.get('active')),
        'deleted': int(is_deleted(event_type, obj)),
        'metadata': sorted_json(obj.get('metadata')),
    }, []


def price(event_type, obj):
    return {
        'id': text(obj.get('id')),
        'product_id': ref(obj.get('product')),
        'active': flag(obj.get('active')),
        'deleted': int(is_deleted(event_type, obj)),
        'currency': text(obj.get('currency')),
        'unit_amount': integer(obj.get('unit_amount')),
        'unit_amount_decimal': text(obj.get('unit_amount_decimal')),
        'type': text(obj.get('type')),
        'usage_type': text(at(obj, 'recurring', 'usage_type')),
        'interval': text(at(obj, 'recurring', 'interval')),
        'interval_count': integer(at(obj, 'recurring', 'interval_count')),
        'lookup_key': text(obj.get('lookup_key')),
        'nickname': text(obj.get('nickname')),
        'metadata': sorted_json(obj.get('metadata')),
        'created': integer(obj.get('created')),
    }, []


def summary(event_type, obj):
    return {'id': ref(obj.get('customer'))}, [{
        'customer_id': ref(obj.get('customer')),
        'lookup_key': text(each.get('lookup_key')),
        'feature_id': ref(each.get('feature')),
    } for each in map(hash_of, data_of(obj.get('entitlements')))]


READERS = {
    'subscription': subscription,
    'invoice': invoice,
    'checkout.session': session,
    'customer': customer,
    'product': product,
    'price': price,
    SUMMARY: summary,
}

# The list of a snapshot that may go on at Stripe.
LISTS = {'subscription': 'items', SUMMARY: 'entitlements'}

CHILD_KEY = {'subscription': 'id', SUMMARY: 'lookup_key'}


def has_more(word, obj):
    return word in LISTS and bool(flag(at(obj, LISTS[word], 'has_more')))


def flat(word, row, children):
    """A row and its children as one dict of compared columns, the absent
    ones left out: an absent child's columns are NULL."""
    cells = dict(row)
    for child in children:
        for column, value in child.items():
            cells[child[CHILD_KEY[word]], column] = value
    return {k: v for k, v in cells.items() if v is not None}
