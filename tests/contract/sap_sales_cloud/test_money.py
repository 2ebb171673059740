"""Hard orders: whatever the parts, SAP's own total is the store's net to the last digit, also after edits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from random import Random

import pytest

from app.connectors.lists import totals
from app.domain import Charge, ChargeKind, Discount, Order, OrderLine, Refund
from app.domain.money import quantum
from app.domain.order import Stage
from tests.contract.salesforce.records import guest, order
from tests.contract.sap_sales_cloud.tenant import Tenant

D = Decimal
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NAMES = ("Mug", "Ünïcode “quoted” 'name'", "*", "a" * 200, "表示", "line\nbreak", "\x00nul", "🙂" * 30)


def hard(number: int, dice: Random) -> Order:
    """An order with parts that rarely sum to its total."""
    currency = dice.choice(("GBP", "USD", "JPY", "KWD"))
    unit = quantum(currency)

    def amount(most: int) -> Decimal:
        return (D(dice.randint(0, most * 10000)) / 10000).quantize(dice.choice((unit, D("0.0001"))))

    lines = tuple(
        OrderLine(
            str(number * 100 + n), dice.choice(NAMES), dice.choice(("", "SKU 1", "A*B", "x" * 50, f"S-{n}")),
            dice.randint(1, 12), amount(500), amount(50), discount=amount(5),
            product_id=str(n), variant_id=dice.choice(("", str(n))),
        )
        for n in range(dice.randint(0, 6))
    )  # fmt: skip
    charges = tuple(Charge(kind, amount(30)) for kind in ChargeKind if dice.random() < 0.4)
    discounts = tuple(Discount(amount(20), "CODE") for _ in range(dice.randint(0, 2)))
    parts = sum((line.amount - line.discount for line in lines), D(0)) + sum((c.amount for c in charges), D(0))
    total = max(parts - sum((d.amount for d in discounts), D(0)) + dice.choice((0, unit, -unit, 3)), D(0)).quantize(
        unit
    )
    back = (total * dice.choice((D(0), D("0.3"), D(1)))).quantize(unit)
    refunds = (Refund(str(number), back, AT, dice.choice(NAMES)),) if back else ()
    stage = dice.choice((Stage.SALE, Stage.SALE, Stage.PENDING, Stage.CANCELLED))
    return replace(
        order(number, buyer=guest(f"g{number % 7}@example.com"), currency=currency, stage=stage, refunds=refunds),
        lines=lines, charges=charges, discounts=discounts, total=total,
    )  # fmt: skip


def expected(orders: list[Order]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for one in orders:
        net = one.net if one.stage is not Stage.CANCELLED else D(0)
        sums[one.currency] = sums.get(one.currency, D(0)) + net
    return sums


@pytest.mark.parametrize("seed", range(3))
def test_hard_orders_agree(tenant: Tenant, seed: int) -> None:
    dice = Random(seed)
    first = [hard(n, dice) for n in range(1, 61)]
    outcomes = tenant.write(*first)
    assert [outcome.error for outcome in outcomes] == [None] * 60
    assert totals(tenant.sap.sales()) == {"orders": 60, "totals": expected(first)}
    edited = [replace(hard(n, dice), currency=old.currency) for n, old in enumerate(first, 1)]
    edited = [replace(one, total=one.total.quantize(quantum(one.currency))) for one in edited]
    edited = [replace(one, refunds=()) if one.refunds and one.net < 0 else one for one in edited]
    outcomes = tenant.write(*edited)
    assert [outcome.error for outcome in outcomes] == [None] * 60
    assert totals(tenant.sap.sales()) == {"orders": 60, "totals": expected(edited)}
    tenant.links.clear()
    tenant.write(*edited, attempt=2)
    assert totals(tenant.sap.sales()) == {"orders": 60, "totals": expected(edited)}
    assert len(tenant.rows("IndividualCustomer")) == 7
