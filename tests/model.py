"""The reference model of billhook's law: the billing tables as a function of
the set of events.

    tables(events) -> {table: {key: row}}

Everything is computed anew from the whole set, by the words of the contract
alone.  model_rows reads a snapshot, model_rank says which one is the state,
model_tenants maps the rows to tenants; here they are put together, with what
several events give, and the doubts.
"""

import json

import model_rows as rows
from model_rank import decide, object_id, read
from model_tenants import Tenants

DASHBOARD_TEST = 'evt_00000000000000'

TABLES = {
    'checkout.session': 'billing_checkout_sessions',
    'customer': 'stripe_customers',
    'subscription': 'stripe_subscriptions',
    'invoice': 'stripe_invoices',
    'product': 'stripe_products',
    'price': 'stripe_prices',
    rows.SUMMARY: 'stripe_entitlements',
}

BILLING = ['tenant_pricing', 'billing_checkout_sessions', 'stripe_customers',
           'stripe_subscriptions', 'stripe_subscription_items',
           'stripe_invoices', 'stripe_products', 'stripe_prices',
           'stripe_entitlements', 'needs_fetch']

KEYS = {
    'tenant_pricing': ('tenant_id',),
    'billing_checkout_sessions': ('stripe_session_id',),
    'stripe_entitlements': ('customer_id', 'lookup_key'),
    # The contract's key is the id alone; only bodies made by hand have two
    # subscriptions share one.
    'stripe_subscription_items': ('id', 'subscription_id'),
    'needs_fetch': ('object_id', 'reason'),
}


def key_of(table, row):
    names = KEYS.get(table, ('id',))
    found = tuple(row[name] for name in names)
    return found if len(found) > 1 else found[0]


# Which events count.

def distinct(events):
    """One body per id: of the later api_version, else the first."""
    kept = {}
    for event in events:
        held = kept.get(event['id'])
        if held is None or version(event) > version(held):
            kept[event['id']] = event
    return list(kept.values())


def version(event):
    return (event.get('api_version') or '')[:10]


def acted_on(event, livemode, account):
    if event.get('object') != 'event' or event['id'] == DASHBOARD_TEST:
        return False
    if event['type'] not in rows.TYPES:
        return False
    mode = 'live' if event.get('livemode') else 'test'
    if livemode not in ('any', mode):
        return False
    source = event.get('account')
    if source is not None and account != 'any' and source not in (
            account or '').replace(',', ' ').split():
        return False
    try:
        return bool(object_id(event))
    except (rows.Unreadable, KeyError, AttributeError):
        return False


def tables(events, tenant_key='tenant_id', livemode='any', account=None,
           parked=lambda event: False):
    """The billing tables of a set of events (dicts or bodies)."""
    events = [e if isinstance(e, dict) else json.loads(e) for e in events]
    objects = {}
    for event in distinct(events):
        if not acted_on(event, livemode, account):
            continue
        word = rows.TYPES[event['type']]
        held = objects.setdefault((word, object_id(event)), ([], []))
        try:
            if parked(event):
                raise rows.Unreadable(event['id'])
            held[0].append(read(event))
        except rows.Unreadable:
            held[1].append(event)

    book = Book()
    for (word, name), (snaps, stuck) in sorted(objects.items(),
                                               key=lambda o: o[0]):
        book.enter(word, name, snaps, stuck)
    tenants = Tenants(book.tables, tenant_key)
    tenants.map_tenants()
    tenants.price_tenants()
    return book.tables


def newest(events):
    return max(events, key=lambda e: (e['created'], e['id']))


class Book:
    def __init__(self):
        self.tables = {name: {} for name in BILLING}

    def put(self, table, row):
        self.tables[table][key_of(table, row)] = row

    def enter(self, word, name, snaps, stuck):
        if word == rows.SUMMARY:
            state = self.enter_summary(name, snaps)
        else:
            state = self.enter_object(word, name, snaps)
        self.doubt_parked(word, name, state, stuck)

    def enter_object(self, word, name, snaps):
        if not snaps:
            return None
        verdict = decide(snaps)
        state = verdict.state
        row = dict(state.row, livemode=state.livemode,
                   updated_at=state.created)
        if word in ('checkout.session', 'customer', 'subscription'):
            row['tenant_id'] = None
        if word == 'checkout.session':
            row['completed_at'] = min(
                (s.created for s in snaps
                 if s.type == 'checkout.session.completed'), default=None)
        if word == 'invoice':
            row['last_failed_at'] = max(
                (s.created for s in snaps
                 if s.type == 'invoice.payment_failed'), default=None)
        self.put(TABLES[word], row)
        for child in state.children:
            self.put('stripe_subscription_items',
                     dict(child, livemode=state.livemode))
        self.doubt_verdict(word, name, verdict)
        if state.more:
            self.doubt(word, name, 'partial', state.event, state.created)
        return state

    def enter_summary(self, name, snaps):
        whole = [s for s in snaps if not s.more]
        counted = [s for s in snaps if s.more]
        state = None
        if whole:
            verdict = decide(whole)
            state = verdict.state
            self.doubt_verdict(rows.SUMMARY, name, verdict)
            counted = [s for s in counted if s.created >= state.created]
        for snap in sorted(counted + [state] * (state is not None),
                           key=lambda s: (s.created, s.id)):
            for child in snap.children:
                self.put('stripe_entitlements',
                         dict(child, livemode=snap.livemode,
                              updated_at=snap.created))
        if counted:
            latest = newest([s.event for s in counted])
            self.doubt(rows.SUMMARY, name, 'partial', latest,
                       latest['created'])
            state = state or next(s for s in counted
                                  if s.event is latest)
        return state

    # Doubts.

    def doubt(self, word, name, reason, event, since):
        row = {'object_id': name, 'reason': reason, 'object': word,
               'livemode': int(bool(event.get('livemode'))),
               'event_id': event['id'], 'since': since}
        held = self.tables['needs_fetch'].get((name, reason))
        if held is None or word < held['object']:
            self.put('needs_fetch', row)

    def doubt_verdict(self, word, name, verdict):
        for reason in ('tie', 'gap'):
            if getattr(verdict, reason):
                self.doubt(word, name, reason, verdict.state.event,
                           verdict.state.created)

    def doubt_parked(self, word, name, state, stuck):
        def age(event):
            return (int(not event['type'].endswith('.created')),
                    event['created'])
        if not stuck:
            return
        if state is None or any(age(e) >= age(state.event) for e in stuck):
            self.doubt(word, name, 'unreadable', newest(stuck),
                       state.created if state else None)
