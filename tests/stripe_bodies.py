"""Bodies as Stripe renders them, in two shapes: API 2020-08-27 and
2025-09-30.clover.

The generator keeps every object as one dict that knows no version; here it
becomes `data.object`, and two of them `previous_attributes`.
"""

OLD = '2020-08-27'
NEW = '2025-09-30.clover'
VERSIONS = (OLD, NEW)

PAGE = 10


def listed(data, url, more=False):
    return {'object': 'list', 'data': data, 'has_more': more,
            'total_count': len(data), 'url': url}


def plan_of(price):
    return {'id': price['id'], 'object': 'plan', 'active': price['active'],
            'amount': price['unit_amount'],
            'amount_decimal': str(price['unit_amount']),
            'currency': price['currency'], 'interval': price['interval'],
            'interval_count': price['interval_count'],
            'product': price['product_id'], 'usage_type': 'licensed'}


def price(state, version):
    recurring = None
    if state['interval'] is not None:
        recurring = {'interval': state['interval'],
                     'interval_count': state['interval_count'],
                     'meter': None, 'usage_type': 'licensed'}
        if version == OLD:
            recurring['aggregate_usage'] = None
    return {'id': state['id'], 'object': 'price', 'active': state['active'],
            'billing_scheme': 'per_unit', 'created': state['created'],
            'currency': state['currency'], 'livemode': state['livemode'],
            'lookup_key': state['lookup_key'],
            'metadata': dict(state['metadata']),
            'nickname': state['nickname'], 'product': state['product_id'],
            'recurring': recurring,
            'type': 'recurring' if recurring else 'one_time',
            'unit_amount': state['unit_amount'],
            'unit_amount_decimal': str(state['unit_amount'])}


def product(state, version):
    return {'id': state['id'], 'object': 'product',
            'active': state['active'], 'created': state['created'],
            'description': state['description'],
            'livemode': state['livemode'],
            'metadata': dict(state['metadata']), 'name': state['name'],
            'updated': state['created']}


def customer(state, version):
    return {'id': state['id'], 'object': 'customer', 'address': None,
            'balance': state['balance'], 'created': state['created'],
            'currency': state['currency'], 'default_source': None,
            'delinquent': state['delinquent'], 'email': state['email'],
            'invoice_settings': {
                'default_payment_method': state['payment_method'],
                'footer': None},
            'livemode': state['livemode'],
            'metadata': dict(state['metadata']), 'name': state['name'],
            'phone': None}


def subscription(state, version):
    period = {'current_period_end': state['current_period_end'],
              'current_period_start': state['current_period_start']}
    data = []
    for each in state['items']:
        plan = plan_of(each['price'])
        data.append({'id': each['id'], 'object': 'subscription_item',
                     'created': state['created'], 'metadata': {},
                     'plan': plan, 'price': price(each['price'], version),
                     'quantity': each['quantity'],
                     'subscription': state['id']})
        if version == NEW:
            data[-1].update(period)
    alone = data[0] if len(data) == 1 else {'plan': None, 'quantity': None}
    body = {'id': state['id'], 'object': 'subscription',
            'cancel_at': state['cancel_at'],
            'cancel_at_period_end': state['cancel_at_period_end'],
            'canceled_at': state['canceled_at'],
            'cancellation_details': {
                'comment': None, 'feedback': None,
                'reason': state['cancellation_reason']},
            'collection_method': state['collection_method'],
            'created': state['created'], 'currency': state['currency'],
            'customer': state['customer_id'],
            'default_payment_method': state['payment_method'],
            'ended_at': state['ended_at'],
            'items': listed(data, f"/v1/subscription_items"
                                  f"?subscription={state['id']}"),
            'latest_invoice': state['latest_invoice_id'],
            'livemode': state['livemode'],
            'metadata': dict(state['metadata']),
            'pause_collection': state['pause'],
            'pending_update': state['pending'],
            'plan': alone['plan'], 'quantity': alone['quantity'],
            'start_date': state['start_date'], 'status': state['status'],
            'trial_end': state['trial_end'],
            'trial_start': state['trial_start']}
    if version == OLD:
        body.update(period)
    else:
        body['billing_mode'] = {'flexible': None, 'type': 'classic'}
    return body


def invoice(state, version):
    line = {'id': 'il_' + state['id'][3:], 'object': 'line_item',
            'amount': state['total'], 'currency': state['currency']}
    paid = state['status'] == 'paid'
    details = None
    if state['subscription_id'] is not None:
        details = {'quote_details': None, 'subscription_details': {
            'metadata': {}, 'subscription': state['subscription_id']},
            'type': 'subscription_details'}
    body = {'id': state['id'], 'object': 'invoice',
            'amount_due': state['amount_due'],
            'amount_paid': state['amount_paid'],
            'amount_remaining': state['amount_due'] - state['amount_paid'],
            'attempt_count': state['attempt_count'],
            'attempted': state['attempt_count'] > 0 or paid,
            'auto_advance': state['status'] in ('draft', 'open'),
            'billing_reason': state['billing_reason'],
            'collection_method': state['collection_method'],
            'created': state['created'], 'currency': state['currency'],
            'customer': state['customer_id'],
            'description': state['description'],
            'due_date': state['due_date'],
            'hosted_invoice_url': state['hosted_invoice_url'],
            'invoice_pdf': state['invoice_pdf'],
            'lines': listed([line], f"/v1/invoices/{state['id']}/lines"),
            'livemode': state['livemode'], 'metadata': {},
            'next_payment_attempt': state['next_payment_attempt'],
            'number': state['number'], 'period_end': state['created'],
            'period_start': state['created'], 'status': state['status'],
            'status_transitions': {
                'finalized_at': state['finalized_at'],
                'marked_uncollectible_at': None,
                'paid_at': state['paid_at'], 'voided_at': None},
            'total': state['total']}
    if version == OLD:
        body.update(charge=None, paid=paid,
                    subscription=state['subscription_id'])
    else:
        body['parent'] = details
    return body


def session(state, version):
    return {'id': state['id'], 'object': 'checkout.session',
            'amount_total': state['amount_total'],
            'client_reference_id': state['client_reference_id'],
            'created': state['created'], 'currency': state['currency'],
            'customer': state['customer_id'],
            'customer_details': {'email': state['email'], 'name': None},
            'customer_email': None, 'expires_at': state['expires_at'],
            'invoice': state['invoice_id'], 'livemode': state['livemode'],
            'metadata': dict(state['metadata']), 'mode': state['mode'],
            'payment_intent': None,
            'payment_status': state['payment_status'],
            'status': state['status'],
            'subscription': state['subscription_id'], 'url': None}


def summary(state, version):
    page = state['keys'][:PAGE]
    return {'object': 'entitlements.active_entitlement_summary',
            'customer': state['id'],
            'entitlements': {
                'object': 'list',
                'data': [{'id': 'ent_' + state['id'][4:] + key,
                          'object': 'entitlements.active_entitlement',
                          'feature': 'feat_' + key,
                          'livemode': state['livemode'],
                          'lookup_key': key} for key in page],
                'has_more': len(state['keys']) > PAGE,
                'url': f"/v1/customer/{state['id']}/entitlements"},
            'livemode': state['livemode']}


RENDER = {'subscription': subscription, 'invoice': invoice,
          'checkout.session': session, 'customer': customer,
          'product': product, 'price': price,
          'entitlements.active_entitlement_summary': summary}


def difference(before, after):
    """previous_attributes: old values, hashes by their changed keys, arrays
    whole."""
    found = {}
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if key in before and key in after and old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            found[key] = difference(old, new)
        else:
            found[key] = old
    return found


def event(change, version, event_id):
    """One event, as a dict."""
    obj = RENDER[change.word](change.after, version)
    data = {'object': obj}
    if change.type.endswith('.updated'):
        data['previous_attributes'] = difference(
            RENDER[change.word](change.before, version), obj)
    return {'id': event_id, 'object': 'event', 'api_version': version,
            'created': change.at, 'data': data,
            'livemode': change.after['livemode'], 'pending_webhooks': 1,
            'request': dict(change.request), 'type': change.type}
