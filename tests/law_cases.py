"""Small sets of events, each with what must come of it: one for every part of
the rank, every line of the status table, every place in the tenant's list.
Model and program are both held to them.

A case is (name, events, expected): expected maps (table, key) to columns, or
to None for "no such row".
"""

SUB = 'customer.subscription.'
SES = 'checkout.session.'
T = 1750000000


def event(event_type, obj, at=T, previous=None, live=False, name=None,
          request=None, version='2020-08-27', **envelope):
    data = {'object': obj}
    if previous is not None:
        data['previous_attributes'] = previous
    made = {'id': 'evt_' + (name or f'{event_type}{at}{live}'
                            ).replace('.', ''),
            'object': 'event', 'api_version': version, 'created': at,
            'data': data, 'livemode': live, 'pending_webhooks': 1,
            'request': request or {'id': name, 'idempotency_key': None},
            'type': event_type}
    made.update(envelope)
    return made


def item(quantity=1, price='price_1', name='si_1'):
    return {'id': name, 'object': 'subscription_item', 'quantity': quantity,
            'price': {'id': price, 'object': 'price', 'currency': 'eur',
                      'product': 'prod_1', 'unit_amount': 900}}


def sub(status='active', quantity=1, name='sub_1', **more):
    made = {'id': name, 'object': 'subscription', 'customer': 'cus_1',
            'created': T, 'current_period_start': T,
            'current_period_end': T + 100, 'metadata': {'tenant_id': 'a'},
            'status': status, 'items': {'object': 'list', 'data': [
                item(quantity)], 'has_more': False}}
    made.update(more)
    return made


def invoice(status='open', name='in_1', **more):
    made = {'id': name, 'object': 'invoice', 'subscription': 'sub_1',
            'customer': 'cus_1', 'created': T + 1, 'status': status,
            'billing_reason': 'subscription_cycle',
            'collection_method': 'charge_automatically'}
    made.update(more)
    return made


def session(name='cs_1', **more):
    made = {'id': name, 'object': 'checkout.session', 'created': T - 9,
            'mode': 'subscription', 'status': 'complete',
            'payment_status': 'paid', 'subscription': 'sub_1',
            'customer': 'cus_1', 'metadata': {},
            'client_reference_id': None}
    made.update(more)
    return made


def customer(name='cus_1', **more):
    return {'id': name, 'object': 'customer', 'created': T, 'metadata': {},
            **more}


def price(name='price_1', **more):
    return {'id': name, 'object': 'price', 'created': T, 'active': True,
            'metadata': {}, **more}


def step(name, was, now, at=T, **more):
    """One change of quantity."""
    return event(SUB + 'updated', sub(quantity=now), at,
                 {'items': {'data': [item(was)]}}, name=name, **more)


def made(at=T - 5, **more):
    return event(SUB + 'created', sub(**more), at)


def quantity(n, *doubts):
    found = {('stripe_subscription_items', ('si_1', 'sub_1')): {
        'quantity': n}, ('tenant_pricing', 'a'): {'quantity': n}}
    for reason in ('tie', 'gap'):
        found['needs_fetch', ('sub_1', reason)] = (
            {'object': 'subscription'} if reason in doubts else None)
    return found


def tenant(status, status_from='subscription', **more):
    return {('tenant_pricing', 'a'): {'status': status,
                                      'status_from': status_from, **more}}


A, B, C = step('a', 1, 2), step('b', 2, 1), step('c', 1, 3)

STEPS = [
    ('the issue: A', [made(), A], quantity(2)),
    ('the issue: A, C', [made(), A, C], quantity(3, 'tie')),
    ('the issue: A, B', [made(), A, B], quantity(1)),
    ('the issue: A, B, C', [made(), A, B, C], quantity(3)),
    ('a ping-pong with nothing before it', [A, B], quantity(1, 'tie')),
    ('a second that starts where none ended',
     [made(), step('x', 5, 6)], quantity(6, 'gap')),
    ('a second that starts where an undecided one may have ended',
     [made(), A, C, step('f', 2, 4, T + 1)], quantity(4)),
    ('the second before is a step, too',
     [made(at=T - 50), step('w', 1, 5, T - 5), step('x', 5, 6)],
     quantity(6)),
    ('a ping-pong beside the row before',
     [made(), step('x', 5, 6), step('y', 6, 5)], quantity(5, 'tie', 'gap')),
    ('no second before in the other mode',
     [made(), step('x', 5, 6, live=True)], quantity(6)),
    ('nor in another life', [
        event('price.updated', price(active=True), T, {'active': False}),
        event('price.updated', price(active=True, created=T + 5), T + 5,
              {'active': False})],
     {('needs_fetch', ('price_1', 'gap')): None}),
    ('one change under two ids',
     [made(), A, dict(A, id='evt_twin'), B], quantity(1)),
    ('a change done twice is no twin',
     [made(), A, B, step('d', 1, 2)], quantity(2)),
    ('a snapshot beside the steps, from outside them',
     [made(), A, event(SUB + 'trial_will_end', sub(quantity=7))],
     quantity(2, 'tie')),
    ('a notice in the row where the steps passed',
     [made(), A, step('e', 2, 3),
      event(SUB + 'trial_will_end', sub(quantity=2))], quantity(3)),
    ('rows that differ when only the id is left',
     [made(), event(SUB + 'updated', sub(quantity=4), name='m'),
      event(SUB + 'updated', sub(quantity=3), name='n')],
     quantity(3, 'tie')),
    ('columns, not attributes: a step in another API version',
     [made(), A, event(SUB + 'updated', {
         **{k: v for k, v in sub(quantity=3, currency='eur').items()
            if not k.startswith('current_')},
         'items': {'data': [dict(item(3), current_period_start=T,
                                 current_period_end=T + 100)]}},
         previous={'items': {'data': [dict(
             item(2), current_period_start=T, current_period_end=T + 100)]}},
         version='2025-09-30.clover', name='v')], quantity(3)),
]

RANKS = [
    ('(a) live above test',
     [event(SUB + 'updated', sub('past_due'), T + 9),
      event(SUB + 'updated', sub('active'), T, live=True)],
     tenant('active', livemode=1)),
    ('(b) a price made anew under its id',
     [event('price.deleted', price(), T + 9),
      event('price.created', price(created=T + 5), T + 5)],
     {('stripe_prices', 'price_1'): {'deleted': 0, 'created': T + 5}}),
    ('(b) no life of its own for a customer',
     [event('customer.deleted', customer(), T),
      event('customer.created', customer(created=T + 5), T + 5)],
     {('stripe_customers', 'cus_1'): {'deleted': 1}}),
    ('(c) a subscription that has ended',
     [event(SUB + 'deleted', sub('active'), T),
      event(SUB + 'updated', sub('active'), T + 9)], tenant('canceled')),
    ('(c) an incomplete subscription that has expired',
     [event(SUB + 'updated', sub('incomplete_expired'), T),
      event(SUB + 'updated', sub('active'), T + 9)],
     tenant('incomplete_expired')),
    ('(d) created is before all else',
     [event(SUB + 'created', sub('incomplete'), T + 1),
      event(SUB + 'updated', sub('active'), T)], tenant('active')),
    ('(e) the later one',
     [event(SUB + 'updated', sub('past_due'), T),
      event(SUB + 'updated', sub('active'), T + 1)], tenant('active')),
    ('(f) deleted is after all else in its second',
     [event(SUB + 'deleted', sub('canceled', quantity=2), T, name='a'),
      event(SUB + 'updated', sub('canceled'), T, name='b')], quantity(2)),
] + [
    (f'(c) invoice: {late} is after {early}',
     [event('invoice.updated', invoice(late), T),
      event('invoice.updated', invoice(early), T + 9)],
     {('stripe_invoices', 'in_1'): {'status': late}})
    for early, late in (('draft', 'open'), ('open', 'uncollectible'),
                        ('draft', 'odd'), ('uncollectible', 'paid'),
                        ('uncollectible', 'void'))
] + [
    ('(c) invoice: a deleted draft',
     [event('invoice.deleted', invoice('draft'), T),
      event('invoice.updated', invoice('open'), T + 9)],
     {('stripe_invoices', 'in_1'): {'deleted': 1}}),
    ('(c) session: complete, then paid',
     [event(SES + 'async_payment_succeeded', session(), T),
      event(SES + 'completed', session(payment_status='unpaid'), T + 9)],
     {('billing_checkout_sessions', 'cs_1'): {
         'payment_status': 'paid', 'completed_at': T + 9}}),
    ('greatest by attempt_count',
     [event('invoice.payment_failed', invoice(attempt_count=n),
            name=name) for n, name in ((1, 'z'), (2, 'y'))],
     {('stripe_invoices', 'in_1'): {'attempt_count': 2}}),
    ('greatest by amount_paid',
     [event('invoice.paid', invoice('paid', amount_paid=n),
            name=name) for n, name in ((1, 'z'), (2, 'y'))],
     {('stripe_invoices', 'in_1'): {'amount_paid': 2}}),
    ('greatest by period start',
     [event(SUB + 'updated', sub(current_period_start=T + n), name=name)
      for n, name in ((1, 'z'), (2, 'y'))],
     {('stripe_subscriptions', 'sub_1'): {'current_period_start': T + 2},
      ('needs_fetch', ('sub_1', 'tie')): None}),
    ('notices before updated, paused after it',
     [event(SUB + 'trial_will_end', sub(quantity=1), name='z'),
      event(SUB + 'updated', sub(quantity=2), name='y')], quantity(2)),
    ('paused after updated',
     [event(SUB + 'updated', sub(quantity=2), name='z'),
      event(SUB + 'paused', sub('paused', quantity=3), name='y')],
     quantity(3)),
    ('finalized before payment_failed',
     [event('invoice.finalized', invoice(number='x'), name='z'),
      event('invoice.payment_failed', invoice(number='y'), name='y')],
     {('stripe_invoices', 'in_1'): {'number': 'y'}}),
]

CASES = STEPS + RANKS
