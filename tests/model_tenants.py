"""The reference model, part three: the tenant of each row, and the status
that a tenant has by all the rows together.

`Tenants` works on the tables that `model` has filled with the rows of the
objects: it sets every tenant_id and makes tenant_pricing.
"""

import json

import model_rows as rows
from model_rank import low

# Of tenant_pricing: what is the subscription's, and what its first item's.
FROM_SUBSCRIPTION = ('current_period_start', 'current_period_end',
                     'trial_end', 'cancel_at', 'cancel_at_period_end',
                     'canceled_at', 'ended_at', 'pause_behavior',
                     'pause_resumes_at', 'livemode')
FROM_ITEM = ('lookup_key', 'quantity', 'unit_amount', 'interval',
             'interval_count')


class Tenants:
    def __init__(self, tables, tenant_key):
        self.tables = tables
        self.tenant_key = tenant_key

    def rows_of(self, table):
        return list(self.tables[table].values())

    def named(self, row):
        """The tenant that a row's own metadata names."""
        if row is None or row['metadata'] is None:
            return None
        return json.loads(row['metadata']).get(self.tenant_key) or None

    def first_session(self, subscription_id, complete=False):
        """The earliest session that names a subscription."""
        found = [s for s in self.rows_of('billing_checkout_sessions')
                 if s['stripe_subscription_id'] == subscription_id
                 and (not complete or stands_for(s))]
        return min(found, default=None, key=session_age)

    def customer(self, name):
        return self.tables['stripe_customers'].get(name)

    def by_customer(self, name):
        """The tenant of the customer's latest complete session."""
        found = [s for s in self.rows_of('billing_checkout_sessions')
                 if name is not None and s['stripe_customer_id'] == name
                 and s['status'] == 'complete']
        latest = max(found, default=None, key=session_age)
        return latest and (self.named(latest)
                           or latest['client_reference_id'] or None)

    def tenant_of(self, sub):
        own = self.first_session(sub['id'])
        return (self.named(sub) or self.named(own)
                or self.named(self.customer(sub['customer_id']))
                or (own and own['client_reference_id'])
                or self.by_customer(sub['customer_id'])
                or sub['customer_id'] or None)

    def map_tenants(self):
        for row in self.rows_of('stripe_customers'):
            row['tenant_id'] = self.named(row) or self.by_customer(row['id'])
        for row in self.rows_of('billing_checkout_sessions'):
            row['tenant_id'] = (
                self.named(row)
                or self.named(self.customer(row['stripe_customer_id']))
                or row['client_reference_id']
                or self.by_customer(row['stripe_customer_id']))
        for row in self.rows_of('stripe_subscriptions'):
            row['tenant_id'] = self.tenant_of(row)

    # Status, and the tenant's row.

    def unborn(self):
        """Subscriptions that only their sessions know yet."""
        known = self.tables['stripe_subscriptions']
        names = {s['stripe_subscription_id']
                 for s in self.rows_of('billing_checkout_sessions')}
        for name in sorted(names - {None, ''} - known.keys()):
            session = self.first_session(name, complete=True)
            if session is None:
                continue
            row = dict.fromkeys(FROM_SUBSCRIPTION)
            row.update(id=name, customer_id=session['stripe_customer_id'],
                       metadata=None, currency=None,
                       livemode=session['livemode'],
                       created=session['created'],
                       updated_at=session['updated_at'],
                       latest_invoice_id=session['invoice_id'])
            row['status'] = 'active' if session['payment_status'] in (
                'paid', 'no_payment_required', None) else 'incomplete'
            row['tenant_id'] = self.tenant_of(row)
            yield row

    def latest_invoice(self, sub):
        def age(invoice):
            if invoice['id'] == sub['latest_invoice_id']:
                return (low(invoice['created']), invoice['id'])
            return (unnamed_age(invoice), invoice['id'])
        found = [i for i in self.rows_of('stripe_invoices')
                 if not i['deleted']
                 and (i['id'] == sub['latest_invoice_id']
                      or i['subscription_id'] == sub['id']
                      and unnamed_age(i) > low(sub['updated_at']))]
        return max(found, default=None, key=age)

    def first_invoice_paid(self, sub):
        found = [i for i in self.rows_of('stripe_invoices')
                 if i['subscription_id'] == sub['id']
                 and i['billing_reason'] in ('subscription_create', None)
                 and i['status'] == 'paid']
        return max(found, default=None,
                   key=lambda i: (low(i['created']), i['id']))

    def moved(self, sub, origin):
        """(status, status_from, the row that moved it) of a subscription."""
        status = sub['status']
        if status in rows.FINAL:
            return status, origin, None
        customer = self.customer(sub['customer_id'])
        if customer is not None and customer['deleted']:
            return 'canceled', 'customer', customer
        latest = self.latest_invoice(sub)
        if status == 'incomplete':
            paid = self.first_invoice_paid(sub)
            if paid is not None:
                return 'active', 'invoice', paid
            session = self.first_session(sub['id'])
            if (session is not None and stands_for(session)
                    and session['payment_status'] in ('paid', None)):
                return 'active', 'checkout', session
        if status in ('past_due', 'unpaid') and latest is not None:
            if latest['status'] == 'paid' and (
                    latest['paid_at'] is None
                    or latest['paid_at'] >= sub['updated_at']):
                return 'active', 'invoice', latest
        if status == 'active' and latest is not None:
            if (latest['status'] == 'open'
                    and latest['billing_reason'] in ('subscription_cycle',
                                                     None)
                    and latest['collection_method'] != 'send_invoice'
                    and latest['last_failed_at'] is not None
                    and latest['last_failed_at'] >= sub['updated_at']):
                return 'past_due', 'invoice', latest
        return status, origin, None

    def price_tenants(self):
        tenants = {}
        for origin, subs in (
                ('subscription', self.rows_of('stripe_subscriptions')),
                ('checkout', self.unborn())):
            for sub in subs:
                if sub['tenant_id']:
                    tenants.setdefault(sub['tenant_id'], []).append(
                        (sub, *self.moved(sub, origin)))
        for tenant, held in tenants.items():
            best = min(held, key=standing)
            mode = best[0]['livemode']
            count = sum(each[0]['livemode'] == mode
                        and each[1] not in rows.FINAL for each in held)
            self.tables['tenant_pricing'][tenant] = self.tenant_row(
                tenant, count, *best)

    def tenant_row(self, tenant, count, sub, status, status_from, mover):
        item = next((i for i in self.rows_of('stripe_subscription_items')
                     if i['subscription_id'] == sub['id']
                     and i['position'] == 0), None)
        latest = self.latest_invoice(sub)
        row = {name: sub[name] for name in FROM_SUBSCRIPTION}
        row.update({name: item and item[name] for name in FROM_ITEM})
        row.update({
            'tenant_id': tenant,
            'stripe_customer_id': sub['customer_id'],
            'stripe_subscription_id': sub['id'],
            'stripe_price_id': item and item['price_id'],
            'stripe_product_id': item and item['product_id'],
            'currency': rows.first(item and item['currency'],
                                   sub['currency']),
            'status': status,
            'status_from': status_from,
            'latest_invoice_id': (latest['id'] if latest
                                  else sub['latest_invoice_id']),
            'hosted_invoice_url': latest and latest['hosted_invoice_url'],
            'subscription_count': count,
            'updated_at': max(sub['updated_at'],
                              mover['updated_at'] if mover else 0),
        })
        return row


def session_age(session):
    return (low(session['created']), session['stripe_session_id'])


def stands_for(session):
    """True of a complete session that makes a subscription."""
    return (session['status'] == 'complete'
            and session['mode'] in ('subscription', None))


def unnamed_age(invoice):
    """The age of an invoice that no snapshot names: one without `created`
    (made by hand) forbids nothing, so it is after any snapshot."""
    return (True, float('inf') if invoice['created'] is None
            else invoice['created'])


class Greater:
    """Turns an order round, for ids within a least-first key."""

    def __init__(self, key):
        self.key = key

    def __lt__(self, other):
        return other.key < self.key

    def __eq__(self, other):
        return other.key == self.key


def standing(each):
    """The least of these is the tenant's first subscription."""
    sub, status = each[0], each[1]
    group = {'active': 0, 'trialing': 0, 'past_due': 1, 'incomplete': 3,
             'canceled': 4, 'incomplete_expired': 4}.get(status, 2)
    return (-sub['livemode'], group,
            Greater((low(sub['created']), sub['id'])))
