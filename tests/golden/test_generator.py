"""The golden set is what it claims to be, and what is wrong is found."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from itertools import combinations

import pytest

from tests.golden.classes import CLASSES
from tests.golden.generator import LEAST, ORDERS, RARE, generate
from tests.golden.held import Held, wrongs
from tests.golden.shop import Owed

OWED = Owed("7", "GBP", Decimal("20.00"), Decimal("5.00"), 11, is_archived=False)
HELD = Held("7", "GBP", Decimal(20), Decimal(5), Decimal(15), Decimal(15), Decimal(15), is_sale=True, is_marked=False)


def test_a_thousand_orders_and_enough_of_every_class() -> None:
    plans = generate(1)
    met = Counter(name for plan in plans for name in plan.classes)
    assert len(plans) >= ORDERS
    assert all(met[one.name] >= (RARE if one.is_rare else LEAST) for one in CLASSES), met
    assert all(len(set(plan.classes)) == len(plan.classes) for plan in plans)
    pairs = {pair for plan in plans for pair in combinations(sorted(plan.classes), 2)}
    assert len(pairs) > 1000  # kinds of meetings


def test_one_seed_makes_one_set() -> None:
    assert generate(5, least=80, each=1, rare=0) == generate(5, least=80, each=1, rare=0)
    assert generate(5, least=80, each=1, rare=0) != generate(6, least=80, each=1, rare=0)


def test_what_agrees_is_right() -> None:
    assert wrongs("sugarcrm", OWED, [HELD], is_due=True) == []
    assert wrongs("sugarcrm", OWED, [], is_due=False) == []


@pytest.mark.parametrize(
    "held",
    [
        replace(HELD, currency="USD"),
        replace(HELD, gross=Decimal("20.01")),
        replace(HELD, refunded=Decimal("4.99")),
        replace(HELD, net=Decimal("15.01")),
        replace(HELD, document=Decimal("15.01"), lines=Decimal("15.01")),
        replace(HELD, lines=Decimal("14.99")),
        replace(HELD, is_sale=False),
        replace(HELD, is_marked=True),
    ],
)
def test_each_difference_is_told(held: Held) -> None:
    assert len(wrongs("sugarcrm", OWED, [held], is_due=True)) == 1


def test_orders_too_many_too_few_and_needless_are_told() -> None:
    assert wrongs("sugarcrm", OWED, [HELD, HELD], is_due=True) == ["2 records instead of 1"]
    assert wrongs("sugarcrm", OWED, [], is_due=True) == ["0 records instead of 1"]
    assert wrongs("sugarcrm", OWED, [HELD], is_due=False) == ["1 records instead of 0"]


def test_what_was_called_off_is_no_sale_at_whatever_amount() -> None:
    off = replace(OWED, status_id=5)
    assert wrongs("sap-sales-cloud", off, [replace(HELD, is_sale=False, net=Decimal(0))], is_due=True) == []
    assert wrongs("sap-sales-cloud", off, [HELD], is_due=True) == ["sale: True instead of False"]
