"""Placing the plan: the stand-in store ends with the plan's amounts, and its refusals are counted."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import requests

from app.demo.invoices import Invoice
from app.demo.plan import Plan, PlannedRefund, plan
from app.demo.shop import Refused, Shop, ShopError
from app.sandbox.bigcommerce import create_app
from tests.sandbox.conftest import serving
from tests.unit.demo.lines import invoice


@pytest.fixture
def store() -> Iterator[str]:
    with serving(create_app, seed="empty") as url:
        yield url


def placed(store: str, planned: Plan) -> Shop:
    shop = Shop(store, lambda what, done, total: None)
    shop.open()
    shop.place(planned)
    return shop


def stored(store: str, path: str) -> Any:
    answer = requests.get(
        f"{store}/stores/sandbox1{path}",
        headers={"X-Auth-Token": "sandbox-bc-token", "Accept": "application/json"},
        timeout=30,
    )
    answer.raise_for_status()
    return answer.json()


def odd_invoices() -> list[Invoice]:
    """Prices of three decimals, discounts and postage; then most goods go back, in two parts."""
    dice = random.Random(7)
    found = []
    for number in range(1, 31):
        goods = [(f"P{code}", dice.randint(1, 12), f"{dice.randint(1, 4000) / 1000:.3f}") for code in range(1, 4)]
        extras = [("POST", 1, "4.955"), ("D", -1, f"{dice.randint(1, 900) / 1000:.3f}")][: dice.randint(0, 2)]
        customer = str(100 + number)
        found.append(invoice(f"{number}", *goods, *extras, customer=customer, day=number))
        for part, (code, quantity, price) in enumerate(goods[:2]):
            pieces = max(quantity // 2, 1)
            found.append(invoice(f"C{number}{part}a", (code, -pieces, price), customer=customer, day=number))
            if quantity > pieces:
                rest = pieces - quantity
                found.append(invoice(f"C{number}{part}b", (code, rest, price), customer=customer, day=number))
    return found


def test_the_store_holds_the_amounts_of_the_plan_to_the_cent(store: str) -> None:
    planned = plan(odd_invoices())
    assert len(planned.orders) == 30 and len(planned.refunds) > 80
    shop = placed(store, planned)
    assert (shop.refunds, shop.refused_refunds) == (len(planned.refunds), 0)
    orders = stored(store, "/v2/orders?limit=250&sort=id:asc")
    assert [Decimal(order["total_inc_tax"]) for order in orders] == [order.total for order in planned.orders]
    refunds = stored(store, "/v3/orders/payment_actions/refunds?limit=250")["data"]
    made = {row["items"][0]["reason"]: Decimal(str(row["total_amount"])) for row in refunds}
    assert made == {refund.invoice.number: refund.total for refund in planned.refunds}
    net = sum(order.total for order in planned.orders) - sum(refund.total for refund in planned.refunds)
    assert shop.expected() == (30, {"GBP": net})


def test_a_refused_refund_is_counted_and_the_rest_goes_on(store: str) -> None:
    sale, back = invoice("1", ("X1", 3, "5.00")), invoice("C2", ("X1", -1, "5.00"))
    planned = plan([sale, back])
    order = planned.orders[0]
    planned.steps.insert(1, PlannedRefund(back, order, {0: 4}))
    planned.steps.insert(2, PlannedRefund(back, order, {}, Decimal("15.01")))
    shop = placed(store, planned)
    assert (shop.refunds, shop.refused_refunds) == (1, 2)
    assert shop.expected() == (1, {"GBP": Decimal("10.00")})


def test_any_other_refusal_ends_the_demo(store: str) -> None:
    planned = plan([invoice("1", ("X1", 3, "5.00"))])
    planned.products.clear()
    planned.orders[0].goods.clear()
    planned.orders[0].fees.append(("Fee", Decimal("NaN")))
    with pytest.raises(ShopError, match="answered 400") as caught:
        placed(store, planned)
    assert not isinstance(caught.value, Refused)
