"""How many calls it takes: what is promised of the connector, and what the benchmark tells."""

from __future__ import annotations

import pytest

from app.connectors.lists import totals
from app.connectors.sugarcrm.connector import SugarCrm
from tests.contract.sugarcrm.conftest import MakeInstance
from tests.contract.sugarcrm.instance import Instance
from tests.contract.sugarcrm.records import buyer, changed, customer, guest, line, order

BATCH = SugarCrm.batch["order"]


def write_all(sugar: Instance, orders: list) -> int:  # type: ignore[type-arg]  # of orders
    """As many batches as the engine would make of them; the calls that they took."""
    sugar.calls()
    for start in range(0, len(orders), BATCH):
        sugar.good(*orders[start : start + BATCH])
    return len(sugar.calls())


def test_a_lone_order(sugar: Instance) -> None:
    assert write_all(sugar, [order(1)]) == 2  # look for the buyer; write
    assert write_all(sugar, [order(2)]) == 1
    assert write_all(sugar, [order(2, status="Shipped")]) == 1
    assert write_all(sugar, [changed(order(2), lines=(line(7), line(8)))]) == 1


@pytest.mark.parametrize(("waiting", "unknown", "known", "edited"), [(25, 3, 1, 1), (100, 10, 3, 3)])
def test_many_orders(sugar: Instance, waiting: int, unknown: int, known: int, edited: int) -> None:
    people = [guest(f"g{n}@example.com") for n in range(waiting)]
    assert write_all(sugar, [order(n, buyer=one) for n, one in enumerate(people, 1)]) == unknown
    more = [order(1000 + n, buyer=one) for n, one in enumerate(people, 1)]
    assert write_all(sugar, more) == known
    assert write_all(sugar, [changed(one, status="Shipped") for one in more]) == edited
    assert totals(sugar.crm.sales())["orders"] == 2 * waiting


def test_everything_beside_an_order_goes_with_it(special: MakeInstance) -> None:
    sugar = special(options=("quotes", "activities"))
    sugar.good(customer())
    assert write_all(sugar, [order(1, buyer=buyer())]) == 1


def test_customers(sugar: Instance) -> None:
    people = [customer(n, f"c{n}@example.com") for n in range(1, 26)]
    sugar.calls()
    sugar.good(*people)
    assert len(sugar.calls()) == 2
    sugar.good(*people)
    assert len(sugar.calls()) == 2
