"""Many orders over a rough life: edits, refunds, lost links, lost answers, locks. In the end all agrees to the cent."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

import pytest

from app.connectors.base import Outcome
from app.connectors.lists import totals
from app.domain import Charge, ChargeKind, Customer, Discount, Order, OrderLine, Refund
from app.domain.order import Stage
from app.errors import Retryable
from tests.contract.salesforce.org import Org
from tests.contract.salesforce.records import PLACED, changed, customer, guest, line, order

ROUNDS = 8
CHARGES = [kind for kind in ChargeKind if kind is not ChargeKind.ADJUSTMENT]  # that one follows from the others
STAGES = (Stage.SALE, Stage.SALE, Stage.SALE, Stage.PENDING, Stage.CANCELLED)


class Shop:
    """A store whose orders keep changing, the same way for one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.orders = {number: self.new(number) for number in range(1, 31)}
        self.attempts = dict.fromkeys(self.orders, 1)

    def new(self, number: int) -> Order:
        return order(number, *self.lines(number), buyer=self.buyer(), stage=self.random.choice(STAGES))

    def buyer(self) -> Customer:
        number = self.random.randrange(12)
        email = f"p{number}@example.com"
        if number % 3 == 0:
            return customer(number, email, last_name=f"Person {number}", complete=False)
        return guest(email)

    def lines(self, number: int) -> list[OrderLine]:
        count = self.random.randint(1, 6)
        keys = self.random.sample(range(9), count)
        return [
            line(
                number * 100 + key,
                str(Decimal(self.random.randint(1, 9999)) / 100),
                self.random.randint(1, 7),
                70 + key,
            )
            for key in keys
        ]

    def edit(self, number: int) -> None:
        before = self.orders[number]
        charges = [Charge(kind, Decimal(self.random.randint(0, 999)) / 100) for kind in CHARGES]
        after = changed(before, lines=tuple(self.lines(number)), charges=tuple(charges))
        cut = min(after.total, Decimal(self.random.randint(0, 500)) / 100)
        refunded = min(after.total - cut, Decimal(self.random.randint(0, 300)) / 100)
        self.orders[number] = replace(
            after,
            discounts=(Discount(cut, "CUT"),),
            total=after.total - cut,
            refunds=(Refund("1", refunded, PLACED),),
            stage=self.random.choice(STAGES),
            status=f"Edit {self.random.randrange(1000)}",
        )


def write(org: Org, shop: Shop, numbers: list[int]) -> None:
    """As the engine does: what fails is tried again, with a higher attempt."""
    for _ in range(6):
        attempt = max(shop.attempts[number] for number in numbers)
        try:
            outcomes = org.write(*(shop.orders[number] for number in numbers), attempt=attempt)
        except Retryable:
            outcomes = [Outcome(error=Retryable("again"))] * len(numbers)
        for number, outcome in zip(numbers, outcomes, strict=True):
            assert outcome.error is None or isinstance(outcome.error, Retryable), (number, outcome.error)
            shop.attempts[number] = shop.attempts[number] + 1 if outcome.error else 1
        numbers = [n for n, outcome in zip(numbers, outcomes, strict=True) if outcome.error]
        if not numbers:
            return
    pytest.fail(f"orders {numbers} never arrived")


def trouble(org: Org, shop: Shop) -> None:
    match shop.random.randrange(5):
        case 0:
            org.control("fail", kind="reset", when="after", match="/composite", times=1)
        case 1:
            org.control("lock", object=shop.random.choice(["OrderItem", "Order", "Account"]), times=2)
        case 2:
            org.control("session/expire")
        case 3:
            for key in list(org.links):
                if shop.random.random() < 0.3:
                    del org.links[key]


@pytest.mark.parametrize("seed", range(4))
def test_all_agrees_in_the_end(org: Org, seed: int) -> None:
    org.switches |= {"activities": seed % 2 == 1, "opportunities": seed % 2 == 1}
    org.open()
    shop = Shop(seed)
    write(org, shop, list(shop.orders))
    for _ in range(ROUNDS):
        numbers = shop.random.sample(list(shop.orders), shop.random.choice([1, 1, 5, 20]))
        for number in numbers:
            shop.edit(number)
        trouble(org, shop)
        write(org, shop, numbers)
    rows = {row["BC_Order_Id__c"]: row for row in org.rows("Order")}
    assert len(org.rows("Order")) == len(shop.orders)
    for number, wanted in shop.orders.items():
        row = rows[f"{org.store}-{number}"]
        assert (row["TotalAmount"], row["BC_Status__c"]) == (float(wanted.total), wanted.status)
        assert row["Status"] == ("Activated" if wanted.stage is Stage.SALE else "Draft")
        items = {item["BC_Line_Id__c"] for item in org.rows("OrderItem") if item["OrderId"] == row["Id"]}
        assert items == {f"{org.store}-{number}-{settled.key}" for settled in wanted.settled()}
    assert org.target is not None
    counted = (wanted for wanted in shop.orders.values() if wanted.stage is not Stage.CANCELLED)
    net = sum((wanted.net for wanted in counted), Decimal(0))
    assert totals(org.target.sales()) == {"orders": len(shop.orders), "totals": {"GBP": net}}
    emails = [row["Email"] for row in org.rows("Contact")]
    assert len(emails) == len(set(emails)) and len(org.rows("Account")) == len(emails)
    for name, key in (("Task", "BC_Activity_Id__c"), ("Opportunity", "BC_Order_Id__c")):
        told = [row[key] for row in org.rows(name)]
        assert len(told) == len(set(told)) and bool(told) is org.switches["activities"]
    variants = [row["BC_Variant_Id__c"] for row in org.rows("Product2")]
    assert len(variants) == len(set(variants)) == len(org.rows("PricebookEntry"))
