"""What happens in the shop of `histories` to catalogue, customers and
invoices: one function per deed, each of which emits the events that Stripe
would.  A deed that finds nothing to do does nothing."""

from histories import SUMMARY, new_id

SUB = 'customer.subscription'


# Catalogue.

def make_product(w):
    w.born('product', 'product', {
        'id': new_id(w.rng, 'product'), 'active': True, 'created': w.now,
        'description': None, 'livemode': False, 'metadata': {},
        'name': 'Plan'})


def make_price(w, price_id=None):
    product = w.rng.choice(w.of('product', alive=False))
    w.born('price', 'price', {
        'id': price_id or new_id(w.rng, 'price'), 'active': True,
        'created': w.now, 'currency': 'eur', 'livemode': False,
        'lookup_key': w.rng.choice([None, 'basic', 'pro']),
        'metadata': {}, 'nickname': None, 'product_id': product['id'],
        'interval': w.rng.choice(['month', 'year']), 'interval_count': 1,
        'unit_amount': w.rng.choice([500, 900, 2500])})


def edit_catalogue(w):
    """Edits one thing of the catalogue, there and back within a second."""
    word = w.rng.choice(['product', 'price'])
    found = w.of(word)
    if not found:
        return
    state = w.rng.choice(found)
    for _ in range(w.rng.randint(1, 4)):
        w.api()
        state = w.update(word, word, state, **w.rng.choice([
            {'active': not state['active']},
            {'metadata': {'tier': w.rng.choice('abc')}},
            {'nickname': w.rng.choice(['n', 'm', None])} if word == 'price'
            else {'name': w.rng.choice(['Plan', 'Scheme'])}]))
        w.tick(0, 0, 0, 1)


def drop_price(w):
    """Deletes a price (as the dashboard can), perhaps to make it anew."""
    found = w.of('price')
    if len(found) < 2:
        return
    state = w.rng.choice(found)
    w.vanish('price', 'price', state)
    if w.chance(0.5):
        w.tick(1, 2, 60)
        w.gone.discard(('price', state['id']))
        make_price(w, state['id'])
        if w.chance(0.5):
            w.tick(0, 1)
            edit_catalogue(w)


def drop_product(w):
    found = w.of('product')
    if len(found) > 1:
        w.vanish('product', 'product', w.rng.choice(found))


# Customers.

def make_customer(w, tenant, livemode):
    state = {'id': new_id(w.rng, 'customer'), 'balance': 0,
             'created': w.now, 'currency': None, 'delinquent': False,
             'email': f'{tenant}@example.com', 'payment_method': None,
             'livemode': livemode, 'name': None,
             'metadata': {'tenant_id': tenant} if w.chance(0.3) else {}}
    w.born('customer', 'customer', state)
    return state


def edit_customer(w):
    found = w.of('customer')
    if not found:
        return
    state = w.rng.choice(found)
    for _ in range(w.rng.randint(1, 3)):
        w.api()
        tenant = w.rng.choice(w.tenants)
        state = w.update('customer', 'customer', state, **w.rng.choice([
            {'metadata': {'tenant_id': tenant}}, {'metadata': {}},
            {'metadata': {**state['metadata'], 'note': 'ü'}},
            {'name': w.rng.choice(['Ada', 'Bo', None])},
            {'payment_method': new_id(w.rng, 'item')},
            {'balance': w.rng.choice([0, -500])}]))
        w.tick(0, 0, 1)


def end(w, sub, reason):
    w.vanish('subscription', SUB, sub, status='canceled', ended_at=w.now,
             canceled_at=sub['canceled_at'] or w.now,
             cancellation_reason=reason)


def drop_customer(w):
    """Ends a customer's subscriptions too, within the same second."""
    found = w.of('customer')
    if not found or w.chance(0.5):
        return
    state = w.rng.choice(found)
    for sub in w.of('subscription', customer_id=state['id']):
        end(w, sub, 'cancellation_requested')
    w.vanish('customer', 'customer', state)


def grant(w):
    """Changes what a customer is entitled to, sometimes past one page."""
    found = w.of('customer')
    if not found:
        return
    owner = w.rng.choice(found)
    state = w.objects.get((SUMMARY, owner['id']),
                          {'id': owner['id'], 'keys': [],
                           'livemode': owner['livemode']})
    w.objects[SUMMARY, owner['id']] = state
    w.clockwork()
    for _ in range(w.rng.randint(1, 4)):
        keys = list(state['keys'])
        if w.chance(0.15):
            keys = [f'k{i:02}' for i in range(w.rng.randint(9, 13))]
        else:
            key = w.rng.choice(['site', 'mail', 'seats', 'api'])
            keys = ([k for k in keys if k != key] if key in keys
                    else keys + [key])
        w.api()
        state = w.update(SUMMARY, SUMMARY, state, keys=keys)
        w.tick(0, 0, 0, 1)


# Invoices.

def bill(w, sub, reason, amount, name=None):
    state = {'id': name or new_id(w.rng, 'invoice'), 'amount_due': amount,
             'amount_paid': 0, 'attempt_count': 0, 'billing_reason': reason,
             'collection_method': sub['collection_method'],
             'created': w.now, 'currency': 'eur',
             'customer_id': sub['customer_id'], 'description': None,
             'due_date': None, 'finalized_at': None,
             'hosted_invoice_url': None, 'invoice_pdf': None,
             'livemode': sub['livemode'], 'next_payment_attempt': None,
             'number': None, 'paid_at': None, 'status': 'draft',
             'subscription_id': sub['id'], 'total': amount}
    w.born('invoice', 'invoice', state)
    return state


def finalize(w, state):
    url = 'https://invoice.example/' + state['id']
    new = {**state, 'status': 'open', 'finalized_at': w.now, 'number':
           state['id'][-8:], 'hosted_invoice_url': url,
           'invoice_pdf': url + '/pdf'}
    if w.chance(0.3):
        new = w.update('invoice', 'invoice', state, **new)
    w.notice('invoice.finalized', 'invoice', new)
    return new


def pay(w, state):
    new = w.update('invoice', 'invoice', state, status='paid',
                   amount_paid=state['amount_due'], paid_at=w.now,
                   next_payment_attempt=None,
                   attempt_count=state['attempt_count'] + 1)
    w.notice('invoice.paid', 'invoice', new)
    w.notice('invoice.payment_succeeded', 'invoice', new)
    return new


def fail(w, state, last=False):
    new = w.update('invoice', 'invoice', state,
                   attempt_count=state['attempt_count'] + 1,
                   next_payment_attempt=None if last else w.now + 86400)
    w.notice('invoice.payment_failed', 'invoice', new)
    if w.chance(0.1):
        w.notice('invoice.payment_action_required', 'invoice', new)
    return new


def odd_invoice(w):
    """An invoice beside any subscription: edited, dropped, void, lost."""
    found = w.of('customer')
    if not found:
        return
    owner = w.rng.choice(found)
    state = bill(w, {'id': None, 'collection_method': 'send_invoice',
                     'customer_id': owner['id'],
                     'livemode': owner['livemode']}, 'manual', 700)
    for _ in range(w.rng.randint(0, 3)):
        w.api()
        w.tick(0, 0, 1)
        amount = w.rng.choice([700, 800])
        state = w.update('invoice', 'invoice', state, total=amount,
                         amount_due=amount)
    if w.chance(0.3):
        w.vanish('invoice', 'invoice', state)
        return
    w.tick(0, 1)
    state = finalize(w, state)
    for end_type, status in (('marked_uncollectible', 'uncollectible'),
                             ('voided', 'void')):
        if w.chance(0.4):
            w.tick(0, 1)
            state = w.update('invoice', 'invoice', state, status=status)
            w.notice(f'invoice.{end_type}', 'invoice', state)
    if state['status'] != 'void' and w.chance(0.5):
        w.tick(0, 1)
        pay(w, state)
