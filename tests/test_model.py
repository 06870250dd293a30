"""The reference model is held to what is known without it: the histories with
their final states, the issue's table, and the truth of made histories."""

import json
import os
import random
from pathlib import Path

import pytest

import histories
import histories_truth
import law_cases
import law_cases_rows
import model

DATA = Path(__file__).parent / 'data' / 'lifecycles'
SEEDS = int(os.environ.get('BILLHOOK_SEEDS', '2000'))

CASES = law_cases.CASES + law_cases_rows.CASES


def unmet(tables, expected):
    """What of a case's expectations does not hold."""
    found = []
    for (table, key), columns in expected.items():
        row = tables[table].get(key)
        if columns is None or row is None:
            if row is not columns:
                found.append((table, key, row, columns))
            continue
        found += [(table, key, name, row[name], value)
                  for name, value in columns.items() if row[name] != value]
    return found


@pytest.mark.parametrize('name, events, expected', CASES,
                         ids=[case[0] for case in CASES])
def test_a_case_comes_out_as_the_contract_says(name, events, expected):
    assert len({(e['id'], e['api_version']) for e in events}) == len(events)
    assert unmet(model.tables(events), expected) == []
    assert unmet(model.tables(events[::-1]), expected) == []


def lifecycles():
    return sorted(DATA.glob('*.json'))


@pytest.mark.parametrize('path', lifecycles(), ids=lambda p: p.stem)
def test_a_lifecycle_ends_as_expected(path):
    held = json.loads(path.read_text())
    tables = model.tables(held['events'], tenant_key='tenant')
    final = held['final']
    assert tables['needs_fetch'] == {}

    for table, objects in (('stripe_customers', final['customers']),
                           ('stripe_subscriptions', final['subscriptions']),
                           ('stripe_invoices', final['invoices']),
                           ('billing_checkout_sessions',
                            final['checkout_sessions'])):
        assert tables[table].keys() == objects.keys()
        for name, wanted in objects.items():
            row = tables[table][name]
            for key, value in wanted.items():
                column = next((c for c in (key, key + '_id', 'stripe_' + key
                                           + '_id') if c in row), None)
                if column == 'metadata':
                    value = json.dumps(value, separators=(',', ':'))
                if column is not None:
                    assert row[column] == value, (name, column)

    for name, wanted in final['subscriptions'].items():
        items = [r for r in tables['stripe_subscription_items'].values()
                 if r['subscription_id'] == name]
        assert [(r['id'], r['price_id'], r['product_id'], r['quantity'],
                 r['current_period_end']) for r in items] == [
            (i['id'], i['price'], i['product'], i['quantity'],
             i['current_period_end']) for i in wanted['items']]
    granted = {(c, k) for c, keys in final.get('entitlements', {}).items()
               for k in keys}
    assert tables['stripe_entitlements'].keys() == granted


def test_there_are_lifecycles():
    assert len(lifecycles()) >= 4


def test_a_whole_history_tells_the_truth_or_marks_what_it_cannot_know():
    marks = 0
    for seed in range(SEEDS):
        history = histories.make(seed)
        tables = model.tables(history.events(random.Random(seed)))
        assert histories_truth.lies(history, tables) == [], seed
        assert histories_truth.status_lies(history, tables) == [], seed
        marks += sum(reason in ('tie', 'gap')
                     for _, reason in tables['needs_fetch'])
    # Marking everything would be no lie either.
    assert marks < SEEDS / 10


@pytest.mark.parametrize('version', [None, *histories.bodies.VERSIONS])
def test_every_first_part_of_a_history_tells_the_truth(version):
    for seed in range(max(1, SEEDS // 50)):
        whole = histories.make(seed)
        events = whole.events(random.Random(seed), version)
        for count in range(1, len(events)):
            history = whole.first(count)
            tables = model.tables(events[:count])
            assert histories_truth.lies(history, tables) == [], (seed, count)


@pytest.mark.parametrize('dropped', [
    ['invoice.updated'], ['customer.subscription.updated'],
    ['customer.subscription.created', 'invoice.created'],
    ['invoice.finalized', 'invoice.paid']], ids=' '.join)
def test_types_that_a_shop_does_not_tick_make_no_lies(dropped):
    for seed in range(SEEDS // 10):
        history = histories.make(seed).without(*dropped)
        tables = model.tables(history.events(random.Random(seed)))
        assert histories_truth.lies(history, tables) == [], seed


def test_histories_have_what_is_hard():
    """Ties, twins and every type that is acted on, or nothing is shown."""
    types, ties, twins = set(), 0, 0
    for seed in range(200):
        changes = histories.make(seed).changes
        types |= {change.type for change in changes}
        pairs = list(zip(changes, changes[1:]))
        twins += sum(a is b for a, b in pairs)
        ties += sum(a is not b and a.id == b.id and a.at == b.at
                    for a, b in pairs)
    assert types == set(model.rows.TYPES)
    assert ties > 500 and twins > 50


def test_more_than_256_events_in_a_second_are_undecided():
    steps = [law_cases.step(f's{i:03}', i, i + 1) for i in range(257)]
    made = law_cases.made(quantity=0)
    few = model.tables([made] + steps[:256])
    assert few['needs_fetch'] == {}
    assert few['tenant_pricing']['a']['quantity'] == 256
    many = model.tables([made] + steps)
    assert set(many['needs_fetch']) == {('sub_1', 'tie')}
    later = model.tables([made, *steps, law_cases.step('z', 5, 6,
                                                       law_cases.T + 1)])
    assert later['needs_fetch'] == {}
    assert later['tenant_pricing']['a']['quantity'] == 6
