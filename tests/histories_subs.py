"""What happens in the shop of `histories` to checkouts and subscriptions,
and the list of all deeds."""

from histories import MONTH, new_id
from histories_goods import (SUB, bill, drop_customer, drop_price,
                             drop_product, edit_catalogue, edit_customer,
                             end, fail, finalize, grant, make_customer,
                             make_price, make_product, odd_invoice, pay)


def open_shop(w):
    """Three prices of two products, some of them announced."""
    w.tenants = ['acme', 'bolt', 'cord'][:w.rng.randint(1, 3)]
    for _ in range(2):
        make_product(w)
    for _ in range(3):
        make_price(w)
    for _ in range(w.rng.randint(1, 2)):
        sign_up(w)
        w.tick(0, 1, 3600)


def item(w, price, quantity=1):
    return {'id': new_id(w.rng, 'item'), 'price': price,
            'quantity': quantity}


def check_out(w, tenant, owner, sub=None, **new):
    """A session that has come to its end."""
    state = {'id': new_id(w.rng, 'checkout.session'), 'amount_total': 900,
             'client_reference_id': tenant if w.chance(0.4) else None,
             'created': w.now - 30, 'currency': 'eur',
             'customer_id': owner and owner['id'], 'email': 'a@example.com',
             'expires_at': w.now + 86400,
             'invoice_id': sub and sub['latest_invoice_id'],
             'livemode': bool(owner and owner['livemode']),
             'metadata': {'tenant_id': tenant} if w.chance(0.4) else {},
             'mode': 'subscription' if sub else 'payment',
             'payment_status': 'paid', 'status': 'complete',
             'subscription_id': sub and sub['id'], **new}
    what = 'expired' if state['status'] == 'expired' else 'completed'
    w.notice(f'checkout.session.{what}', 'checkout.session', state)
    return state


def abandon(w):
    check_out(w, w.rng.choice(w.tenants), None, status='expired',
              payment_status='unpaid')


def buy_once(w):
    """A delayed payment: complete and unpaid, then paid or not."""
    owner = w.rng.choice([None] + w.of('customer'))
    state = check_out(w, w.rng.choice(w.tenants), owner,
                      payment_status='unpaid')
    w.tick(0, 60)
    if w.chance(0.5):
        w.notice('checkout.session.async_payment_succeeded',
                 'checkout.session', {**state, 'payment_status': 'paid'})
    else:
        w.notice('checkout.session.async_payment_failed',
                 'checkout.session', state)


def sign_up(w):
    """A new subscription, by Checkout or not, with or without a trial."""
    tenant = w.rng.choice(w.tenants)
    livemode = w.chance(0.6)
    found = [c for c in w.of('customer') if c['livemode'] == livemode]
    owner = (w.rng.choice(found) if found and w.chance(0.5)
             else make_customer(w, tenant, livemode))
    w.tick(0, 0, 1)
    price = w.rng.choice(w.of('price') or w.of('price', alive=False))
    status = w.rng.choice(['incomplete', 'incomplete', 'active', 'trialing'])
    trial = status == 'trialing'
    sub = {'id': new_id(w.rng, 'subscription'), 'cancel_at': None,
           'cancel_at_period_end': False, 'canceled_at': None,
           'cancellation_reason': None,
           'collection_method': 'charge_automatically', 'created': w.now,
           'currency': 'eur', 'current_period_start': w.now,
           'current_period_end': w.now + MONTH,
           'customer_id': owner['id'], 'ended_at': None,
           'items': (item(w, price, w.rng.randint(1, 3)),),
           'latest_invoice_id': new_id(w.rng, 'invoice'),
           'livemode': livemode, 'payment_method': None,
           'metadata': {'tenant_id': tenant} if w.chance(0.5) else {},
           'pause': None, 'pending': None, 'start_date': w.now,
           'status': status, 'trial_start': w.now if trial else None,
           'trial_end': w.now + MONTH if trial else None}
    w.born('subscription', SUB, sub)
    invoice = finalize(w, bill(w, sub, 'subscription_create',
                               0 if trial else 900,
                               sub['latest_invoice_id']))
    if status == 'incomplete':
        w.update('customer', 'customer', owner, currency='eur')
        w.tick(0, 0, 2)
        if w.chance(0.2):
            if w.chance(0.5):
                w.tick(82800)
                w.update('subscription', SUB, sub,
                         status='incomplete_expired', canceled_at=w.now,
                         ended_at=w.now)
                w.gone.add(('subscription', sub['id']))
            return
    pay(w, invoice)
    if status == 'incomplete':
        sub = w.update('subscription', SUB, sub, status='active')
    if w.chance(0.6):
        check_out(w, tenant, owner, sub, payment_status=(
            'no_payment_required' if trial else 'paid'))


def a_sub(w, *statuses):
    found = [s for s in w.of('subscription')
             if not statuses or s['status'] in statuses]
    return w.rng.choice(found) if found else None


def cancel(w):
    sub = a_sub(w)
    if sub:
        end(w, sub, 'cancellation_requested')


def cancel_later(w):
    """Cancels at period end, undoes it, in a second or not."""
    sub = a_sub(w, 'active', 'trialing', 'past_due')
    for _ in range(w.rng.randint(1, 3)):
        if not sub:
            return
        w.api()
        undo = sub['cancel_at_period_end']
        sub = w.update('subscription', SUB, sub,
                       cancel_at_period_end=not undo,
                       cancel_at=None if undo else sub['current_period_end'],
                       canceled_at=None if undo else w.now,
                       cancellation_reason=(None if undo else
                                            'cancellation_requested'))
        w.tick(0, 0, 1)


def edit_items(w):
    """Quantities and prices, there and back, items added and removed."""
    sub = a_sub(w, 'active', 'trialing', 'past_due')
    if not sub:
        return
    for _ in range(w.rng.randint(1, 5)):
        w.api()
        items = list(sub['items'])
        i = w.rng.randrange(len(items))
        deed = w.rng.random()
        price = w.rng.choice(w.of('price') or w.of('price', alive=False))
        if deed < 0.5:
            items[i] = {**items[i], 'quantity': w.rng.randint(1, 3)}
        elif deed < 0.7:
            items[i] = {**items[i], 'price': price}
        elif deed < 0.85 or len(items) == 1:
            items.append(item(w, price))
        else:
            del items[i]
        sub = w.update('subscription', SUB, sub, items=tuple(items))
        w.tick(0, 0, 0, 1)


def edit_sub(w):
    """Metadata, pauses of collection, attributes that no table holds."""
    sub = a_sub(w)
    if not sub:
        return
    for _ in range(w.rng.randint(1, 4)):
        w.api()
        meta = sub['metadata']
        sub = w.update('subscription', SUB, sub, **w.rng.choice([
            {'metadata': {**meta, 'tenant_id': w.rng.choice(w.tenants)}},
            {'metadata': {**meta, 'note': w.rng.choice('xy')}},
            {'metadata': {}},
            {'payment_method': new_id(w.rng, 'item')},
            {'pause': w.rng.choice([
                None, {'behavior': 'void', 'resumes_at': None},
                {'behavior': 'void', 'resumes_at': w.now + 99}])}]))
        w.tick(0, 0, 0, 1)


def pend(w):
    """An update that waits for its payment."""
    sub = a_sub(w, 'active')
    if not sub or sub['pending']:
        return
    sub = w.update('subscription', SUB, sub,
                   pending={'expires_at': w.now + 82800})
    w.tick(0, 1)
    applied = w.chance(0.5)
    first = sub['items'][0]
    items = ({**first, 'quantity': first['quantity'] + 1},
             ) + sub['items'][1:]
    sub = w.update('subscription', SUB, sub, pending=None,
                   items=items if applied else sub['items'])
    w.notice(f"{SUB}.pending_update_{'applied' if applied else 'expired'}",
             'subscription', sub)


def renew(w):
    """A period ends: the next invoice is paid, or fails until it is paid,
    given up, or the subscription ends."""
    sub = a_sub(w, 'active')
    if not sub or sub['pause']:
        return
    w.now = max(w.now, sub['current_period_end'])
    w.clockwork()
    if sub['cancel_at_period_end']:
        end(w, sub, 'cancellation_requested')
        return
    invoice = bill(w, sub, 'subscription_cycle', 900)
    sub = w.update('subscription', SUB, sub,
                   current_period_start=w.now,
                   current_period_end=w.now + MONTH,
                   latest_invoice_id=invoice['id'])
    w.tick(0, 3600)
    invoice = finalize(w, invoice)
    w.tick(0, 1)
    if w.chance(0.5):
        pay(w, invoice)
        return
    invoice = fail(w, invoice)
    sub = w.update('subscription', SUB, sub, status='past_due')
    owner = w.objects['customer', sub['customer_id']]
    owner = w.update('customer', 'customer', owner, delinquent=True)
    for last in (False, True):
        if w.chance(0.5):
            w.tick(0, 86400)
            invoice = fail(w, invoice, last)
            if last:
                sub = w.update('subscription', SUB, sub, status='unpaid')
    if w.chance(0.6):
        w.tick(0, 41, 86400)
        w.api()
        pay(w, invoice)
        w.update('subscription', SUB, sub, status='active')
        w.update('customer', 'customer', owner, delinquent=False)
    elif w.chance(0.4):
        end(w, sub, 'payment_failed')


def end_trial(w):
    """A trial's end is near, then there: active, or paused and resumed."""
    sub = a_sub(w, 'trialing')
    if not sub:
        return
    w.clockwork()
    w.notice(f'{SUB}.trial_will_end', 'subscription', sub)
    w.tick(0, 3 * 86400)
    if w.chance(0.5):
        sub = w.update('subscription', SUB, sub, status='paused',
                       trial_end=w.now)
        w.notice(f'{SUB}.paused', 'subscription', sub)
        if w.chance(0.5):
            w.tick(0, 60)
            w.api()
            sub = w.update('subscription', SUB, sub, status='active',
                           current_period_start=w.now,
                           current_period_end=w.now + MONTH)
            w.notice(f'{SUB}.resumed', 'subscription', sub)
        return
    invoice = bill(w, sub, 'subscription_cycle', 900)
    w.update('subscription', SUB, sub, status='active', trial_end=w.now,
             current_period_start=w.now,
             current_period_end=w.now + MONTH,
             latest_invoice_id=invoice['id'])
    pay(w, finalize(w, invoice))


DEEDS = [edit_catalogue, drop_price, drop_product, edit_customer,
         drop_customer, grant, grant, odd_invoice, abandon, buy_once,
         sign_up, sign_up, cancel, cancel_later, cancel_later, edit_items,
         edit_items, edit_items, edit_sub, edit_sub, pend, renew, renew,
         renew, end_trial, end_trial]
