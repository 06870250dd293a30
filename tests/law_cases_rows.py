"""More of `law_cases`: across objects, that is statuses, tenants, a tenant's
first subscription, entitlements, and what only Stripe can settle."""

from law_cases import (SES, SUB, T, customer, event, invoice, made, price,
                       session, sub, tenant)

GONE = event('customer.deleted', customer(), T - 3)


def failed(at, **more):
    return event('invoice.payment_failed', invoice(**more), at)


def paid(at, status='paid', paid_at=T, **more):
    return event('invoice.paid', invoice(
        status, status_transitions={'paid_at': paid_at}, **more), at)


def first(at=T - 50, **more):
    return paid(at, billing_reason='subscription_create', name='in_0',
                created=T - 60, **more)


BY_HAND = event('invoice.payment_failed', {
    'id': 'in_9', 'object': 'invoice', 'subscription': 'sub_1'}, T + 5)


def was(status, at=T, **more):
    return event(SUB + 'updated', sub(status, latest_invoice='in_1',
                                      **more), at)


def done(at=T, **more):
    return event(SES + 'completed', session(metadata={'tenant_id': 'a'},
                                            **more), at)


STATUSES = [
    ('a deleted customer ends it', [was('trialing'), GONE],
     tenant('canceled', 'customer')),
    ('a deleted customer changes no final word',
     [was('incomplete_expired'), GONE], tenant('incomplete_expired')),
    ('incomplete, and its first invoice is paid',
     [was('incomplete'), first()], tenant('active', 'invoice')),
    ('incomplete, and another invoice is paid',
     [was('incomplete'), paid(T + 5)], tenant('incomplete')),
    ('incomplete, and its session is paid',
     [was('incomplete'), done(T - 9)], tenant('active', 'checkout')),
    ('incomplete, and its session is not',
     [was('incomplete'), done(T + 9, payment_status='unpaid')],
     tenant('incomplete')),
    ('incomplete, and a session of mode setup is paid',
     [was('incomplete'), done(T + 9, mode='setup')], tenant('incomplete')),
    ('past due, then paid', [was('past_due'), paid(T + 5)],
     tenant('active', 'invoice', updated_at=T + 5)),
    ('unpaid, then paid', [was('unpaid'), paid(T)],
     tenant('active', 'invoice', updated_at=T)),
    ('past due, paid before', [was('past_due'), paid(T + 5, paid_at=T - 1)],
     tenant('past_due')),
    ('past due, another one paid',
     [was('past_due'), paid(T + 5, name='in_0', created=T - 9)],
     tenant('past_due')),
    ('past due, the next one open', [
        was('past_due'), paid(T + 5),
        event('invoice.created', invoice('draft', 'in_2', created=T + 9),
              T + 9)], tenant('past_due', latest_invoice_id='in_2')),
    ('past due, the next one deleted', [
        was('past_due'), paid(T + 5),
        event('invoice.deleted', invoice('draft', 'in_2', created=T + 9),
              T + 9)], tenant('active', 'invoice',
                              latest_invoice_id='in_1')),
    ('active, and the renewal fails', [was('active'), failed(T)],
     tenant('past_due', 'invoice')),
    ('active, and it had failed before', [was('active'), failed(T - 1)],
     tenant('active')),
    ('active, and another thing fails',
     [was('active'), failed(T + 5, billing_reason='subscription_update')],
     tenant('active')),
    ('active, and an invoice that was sent fails',
     [was('active'), failed(T + 5, collection_method='send_invoice')],
     tenant('active')),
    ('active, failed and paid then',
     [was('active'), failed(T + 5), paid(T + 6, paid_at=T + 6)],
     tenant('active')),
    ('active, and a body made by hand fails', [made(), BY_HAND],
     tenant('past_due', 'invoice')),
    ('active, and one made by hand fails beside the one it names',
     [was('active'), paid(T - 5), BY_HAND], tenant('past_due', 'invoice')),
    ('trialing, and an invoice fails', [was('trialing'), failed(T + 5)],
     tenant('trialing')),
    ('paused, and an invoice is paid', [was('paused'), paid(T + 5)],
     tenant('paused')),
    ('unknown words are kept', [was('teleported')], tenant('teleported')),
    ('only a session, paid', [done()],
     tenant('active', 'checkout', stripe_price_id=None,
            stripe_subscription_id='sub_1', subscription_count=1)),
    ('only a session, free',
     [done(payment_status='no_payment_required')],
     tenant('active', 'checkout')),
    ('only a session, unpaid', [done(payment_status='unpaid')],
     tenant('incomplete', 'checkout')),
    ('only a session, unpaid, and the first invoice',
     [done(payment_status='unpaid'), first()], tenant('active', 'invoice')),
    ('only a session, and the renewal fails', [done(), failed(T + 5)],
     tenant('past_due', 'invoice')),
    ('only a session, and the customer is deleted', [done(), GONE],
     tenant('canceled', 'customer')),
    ('only a session that expired',
     [event(SES + 'expired', session(status='expired', metadata={
         'tenant_id': 'a'}))], {('tenant_pricing', 'a'): None}),
    ('only a session that bought once', [done(mode='payment')],
     {('tenant_pricing', 'a'): None}),
]


def bare(**more):
    return made(metadata={}, **more)


def named(**more):
    return event(SES + 'completed', session(**more), name=more.get('name'))


OWN = named(metadata={'tenant_id': 's'}, client_reference_id='r')
CUS = event('customer.updated', customer(metadata={'tenant_id': 'c'}))
REF = named(client_reference_id='r')
OLD = named(name='cs_0', subscription=None, mode='payment',
            created=T - 20, metadata={'tenant_id': 'x'})
NEWER = named(name='cs_9', subscription=None, mode='payment',
              created=T - 1, client_reference_id='y')


def of(name, **more):
    return {('stripe_subscriptions', 'sub_1'): {'tenant_id': name},
            ('tenant_pricing', name): {'stripe_subscription_id': 'sub_1'},
            **more}


TENANTS = [
    ('its own metadata', [made(), OWN, CUS, OLD], of('a')),
    ('its session\'s metadata', [bare(), OWN, CUS, OLD], of('s')),
    ('the earliest session that names it',
     [bare(), OWN, named(name='cs_0', created=T - 10,
                         metadata={'tenant_id': 'e'})], of('e')),
    ('of two at one time the lesser id',
     [bare(), OWN, named(name='cs_0', metadata={'tenant_id': 'e'})],
     of('e')),
    ('its customer\'s metadata', [bare(), REF, CUS, OLD], of('c')),
    ('its session\'s client_reference_id', [bare(), REF, OLD], of('r')),
    ('the customer\'s latest complete session', [bare(), OLD, NEWER],
     of('y')),
    ('of that one metadata first', [bare(), OLD], of('x')),
    ('not one that expired',
     [bare(), OLD, event(SES + 'expired', session(
         'cs_9', status='expired', subscription=None, created=T,
         client_reference_id='z'))], of('x')),
    ('the customer\'s id', [bare()], of('cus_1')),
    ('empty text is no tenant',
     [made(metadata={'tenant_id': ''}),
      named(client_reference_id='')], of('cus_1')),
    ('of a customer', [event('customer.created', customer()), OLD],
     {('stripe_customers', 'cus_1'): {'tenant_id': 'x'}}),
    ('of a customer, none', [event('customer.created', customer()), bare()],
     {('stripe_customers', 'cus_1'): {'tenant_id': None}}),
    ('of a session, its customer first', [REF, CUS],
     {('billing_checkout_sessions', 'cs_1'): {'tenant_id': 'c'}}),
    ('of a session, its own reference then', [REF, OLD],
     {('billing_checkout_sessions', 'cs_1'): {'tenant_id': 'r'}}),
    ('of a session, the latest one then',
     [named(status='expired', name='cs_1'), OLD],
     {('billing_checkout_sessions', 'cs_1'): {'tenant_id': 'x'}}),
    ('it moves, and its old tenant has none',
     [made(), event(SUB + 'updated', sub(metadata={'tenant_id': 'b'}))],
     {('tenant_pricing', 'a'): None,
      ('tenant_pricing', 'b'): {'status': 'active'}}),
]


def two(one, other, best, count=2, other_live=False, other_made=T):
    return ([event(SUB + 'updated', sub(one), name='one'),
             event(SUB + 'updated', sub(
                 other, name='sub_2', created=other_made), name='two',
                 live=other_live)],
            {('tenant_pricing', 'a'): {'stripe_subscription_id': best,
                                       'subscription_count': count}})


BEST = [(name, *two(*case)) for name, case in {
    'live before test': ('active', 'canceled', 'sub_2', 0, True),
    'active before past due': ('active', 'past_due', 'sub_1'),
    'trialing is as good as active': ('active', 'trialing', 'sub_2'),
    'past due before unpaid': ('past_due', 'unpaid', 'sub_1'),
    'unpaid before incomplete': ('unpaid', 'incomplete', 'sub_1'),
    'paused is as good as unpaid': ('unpaid', 'paused', 'sub_2'),
    'and so is an unknown word': ('unpaid', 'odd', 'sub_2'),
    'incomplete before canceled': ('incomplete', 'canceled', 'sub_1', 1),
    'canceled is as good as expired': ('canceled', 'incomplete_expired',
                                       'sub_2', 0),
    'the later one': ('active', 'active', 'sub_1', 2, False, T - 1),
    'the greater id': ('active', 'active', 'sub_2'),
}.items()]


def grants(at, *keys, more=False, feature='f'):
    return event('entitlements.active_entitlement_summary.updated', {
        'object': 'entitlements.active_entitlement_summary',
        'customer': 'cus_1', 'livemode': False, 'entitlements': {
            'object': 'list', 'has_more': more, 'data': [
                {'id': 'ent_' + k, 'feature': feature, 'lookup_key': k}
                for k in keys]}}, at, name=f'{at}{"".join(keys)}{more}')


def regrant(at, was, now):
    made = grants(at, *now)
    made['data']['previous_attributes'] = {'entitlements': {
        'data': grants(at, *was)['data']['object']['entitlements']['data']}}
    made['id'] += was
    return made


def keys(*wanted, partial=False):
    found = {('stripe_entitlements', ('cus_1', k)):
             {} if k in wanted else None for k in 'xyz'}
    found['needs_fetch', ('cus_1', 'partial')] = {} if partial else None
    return found


OTHERS = [
    ('a list replaces a list', [grants(T, 'x', 'y'), grants(T + 1, 'z')],
     keys('z')),
    ('a list with more adds to it',
     [grants(T, 'x', 'y'), grants(T, 'z', more=True)],
     keys('x', 'y', 'z', partial=True)),
    ('an older one does not',
     [grants(T, 'x', 'y'), grants(T - 1, 'z', more=True)], keys('x', 'y')),
    ('lists with more only', [grants(T, 'x', more=True),
                              grants(T + 1, 'y', more=True)],
     keys('x', 'y', partial=True)),
    ('a key is read from the latest list that holds it',
     [grants(T, 'x'), grants(T + 1, 'x', more=True, feature='g')],
     {('stripe_entitlements', ('cus_1', 'x')): {
         'feature_id': 'g', 'updated_at': T + 1}}),
    ('a list that goes on from the list before',
     [grants(T, 'x', 'y'), regrant(T + 1, 'xy', 'x')],
     {('needs_fetch', ('cus_1', 'gap')): None, **keys('x')}),
    ('a list that does not',
     [grants(T, 'x'), regrant(T + 1, 'xy', 'x')],
     {('needs_fetch', ('cus_1', 'gap')): {'since': T + 1}}),
    ('lists there and back in one second',
     [grants(T, 'x'), regrant(T + 1, 'x', ''), regrant(T + 1, '', 'x')],
     {('needs_fetch', ('cus_1', 'tie')): None, **keys('x')}),
    ('a list has no order',
     [grants(T, 'z'), regrant(T + 1, 'xyz', 'xy'),
      regrant(T + 1, 'y', 'yx')],
     {('needs_fetch', ('cus_1', 'tie')): None, **keys('x', 'y')}),
    ('a subscription whose items go on',
     [event(SUB + 'created', sub(items={'data': [], 'has_more': True}))],
     {('needs_fetch', ('sub_1', 'partial')): {'object': 'subscription',
                                              'since': T}}),
    ('one that cannot be read is parked',
     [made(), event(SUB + 'updated', sub(cancel_at='soon'))],
     {('needs_fetch', ('sub_1', 'unreadable')): {'since': T - 5},
      ('tenant_pricing', 'a'): {'updated_at': T - 5}}),
    ('until a newer one can be',
     [event(SUB + 'updated', sub(cancel_at='soon')), made(),
      event(SUB + 'updated', sub(), T + 1)],
     {('needs_fetch', ('sub_1', 'unreadable')): None}),
    ('a price updated after it was deleted',
     [event('price.deleted', price(), T),
      event('price.updated', price(), T + 1)],
     {('stripe_prices', 'price_1'): {'deleted': 0}}),
    ('a subscription that shows another customer',
     [made(), event(SUB + 'updated', sub(customer='cus_2'), T + 1)],
     {('stripe_subscriptions', 'sub_1'): {'customer_id': 'cus_2'},
      ('tenant_pricing', 'a'): {'stripe_customer_id': 'cus_2'}}),
    ('an invoice that names its subscription later',
     [event('invoice.created', invoice('draft', subscription=None), T),
      event('invoice.updated', invoice('open'), T + 1)],
     {('stripe_invoices', 'in_1'): {'subscription_id': 'sub_1'}}),
    ('a later API version of one event counts',
     [made(), dict(made(quantity=2), api_version='2025-09-30.clover')],
     {('tenant_pricing', 'a'): {'quantity': 2}}),
    ('a connected account is ignored',
     [dict(made(), account='acct_1')], {('tenant_pricing', 'a'): None}),
    ('so is the dashboard\'s old test',
     [dict(made(), id='evt_00000000000000')],
     {('tenant_pricing', 'a'): None}),
]

CASES = STATUSES + TENANTS + BEST + OTHERS
