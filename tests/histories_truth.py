"""Whether the billing tables tell the truth of a history, or mark what they
do not know."""

import json

SAME = {
    'customer': ('stripe_customers', 'id email name currency balance'
                 ' delinquent created'),
    'subscription': ('stripe_subscriptions', 'id customer_id'
                     ' collection_method currency cancel_at'
                     ' cancel_at_period_end canceled_at ended_at'
                     ' cancellation_reason trial_start trial_end start_date'
                     ' current_period_start current_period_end status'
                     ' latest_invoice_id created'),
    'invoice': ('stripe_invoices', 'id customer_id subscription_id status'
                ' billing_reason collection_method number currency'
                ' amount_due amount_paid total attempt_count'
                ' next_payment_attempt due_date hosted_invoice_url'
                ' invoice_pdf paid_at created'),
    'checkout.session': ('billing_checkout_sessions', 'invoice_id mode'
                         ' client_reference_id status payment_status'
                         ' amount_total currency created expires_at'),
    'product': ('stripe_products', 'id name active'),
    'price': ('stripe_prices', 'id product_id active currency unit_amount'
              ' interval interval_count lookup_key nickname created'),
}

MARKS = ('tie', 'gap', 'partial')


def text(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False,
                      separators=(',', ':'))


def marked(tables, name):
    return any((name, reason) in tables['needs_fetch'] for reason in MARKS)


def expected(change):
    """(table, the columns that the object's last change should have left)."""
    table, names = SAME[change.word]
    row = {name: change.after[name] for name in names.split()}
    row = {k: int(v) if isinstance(v, bool) else v for k, v in row.items()}
    row['livemode'] = int(change.after['livemode'])
    if 'metadata' in change.after:
        row['metadata'] = text(change.after['metadata'])
    if change.word in ('customer', 'invoice', 'product', 'price'):
        row['deleted'] = int(change.type.endswith('.deleted'))
    if change.word == 'subscription':
        pause = change.after['pause'] or {}
        row['pause_behavior'] = pause.get('behavior')
        row['pause_resumes_at'] = pause.get('resumes_at')
        row['pending_update'] = (change.after['pending']
                                 and text(change.after['pending']))
    return table, row


def items_of(tables, name):
    held = [r for r in tables['stripe_subscription_items'].values()
            if r['subscription_id'] == name]
    return [(r['id'], r['price_id'], r['product_id'], r['quantity'],
             r['current_period_end'])
            for r in sorted(held, key=lambda r: r['position'])]


def lies(history, tables):
    """What the tables say, unmarked, that is not so."""
    found = []
    for (word, name), change in history.truth().items():
        if marked(tables, name):
            continue
        after = change.after
        if word not in SAME:
            held = {k for c, k in tables['stripe_entitlements'] if c == name}
            if held != set(after['keys']):
                found.append((word, name, held, after['keys']))
            continue
        table, row = expected(change)
        held = tables[table].get(name, {})
        found += [(word, name, k, held.get(k), v) for k, v in row.items()
                  if k not in held or held[k] != v]
        if word == 'subscription':
            items = [(i['id'], i['price']['id'], i['price']['product_id'],
                      i['quantity'], after['current_period_end'])
                     for i in after['items']]
            if items_of(tables, name) != items:
                found.append((word, name, items_of(tables, name), items))
    return found


def status_lies(history, tables):
    """Tenants whose status is not that of their subscription, at a moment
    when Stripe has nothing left to say."""
    truth = history.truth()
    found = []
    for tenant, row in tables['tenant_pricing'].items():
        change = truth.get(('subscription', row['stripe_subscription_id']))
        names = [row['stripe_subscription_id'], row['stripe_customer_id'],
                 row['latest_invoice_id']]
        if change is None or any(marked(tables, n) for n in names):
            continue
        if row['status'] != change.after['status']:
            found.append((tenant, row['status'], change.after['status']))
    return found
