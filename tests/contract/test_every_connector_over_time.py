"""Many orders over a rough life: edits, refunds, lost links, lost answers, locks. In the end all agrees to the cent."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

import pytest

from app.connectors.base import Outcome
from app.connectors.lists import totals
from app.domain import Charge, ChargeKind, Customer, Discount, Order, OrderLine
from app.domain.order import Stage
from app.errors import Retryable
from tests.contract.rig import Ability, Rig
from tests.contract.samples import buyer, changed, line, order, refunded, stranger

ORDERS, ROUNDS, TRIES = 12, 8, 6
CHARGES = [kind for kind in ChargeKind if kind is not ChargeKind.ADJUSTMENT]  # that one follows from the others
STAGES = (Stage.SALE, Stage.SALE, Stage.SALE, Stage.PENDING)


class Shop:
    """A store whose orders keep changing, the same way for one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.orders = {number: self._new(number) for number in range(1, ORDERS + 1)}
        self.attempts = dict.fromkeys(self.orders, 1)

    def edit(self, number: int) -> None:
        before = self.orders[number]
        charges = tuple(Charge(kind, self._amount(999)) for kind in CHARGES)
        after = changed(before, lines=tuple(self._lines(number)), charges=charges)
        cut = min(after.total, self._amount(500))
        back = min(after.total - cut, self._amount(300) + Decimal("0.01"))
        edited = replace(
            after, discounts=(Discount(cut, "CUT"),), total=after.total - cut, stage=self.random.choice(STAGES),
            status=f"Edit {self.random.randrange(1000)}",
        )  # fmt: skip
        self.orders[number] = refunded(edited, str(back))

    def _new(self, number: int) -> Order:
        return order(number, *self._lines(number), buyer=self._buyer(), stage=self.random.choice(STAGES))

    def _buyer(self) -> Customer:
        number = self.random.randrange(1, 12)
        return buyer(number) if number % 3 == 0 else stranger(number)

    def _lines(self, number: int) -> list[OrderLine]:
        keys = self.random.sample(range(9), self.random.randint(1, 6))
        return [line(number * 100 + key, str(self._amount(9999)), self.random.randint(1, 7), 70 + key) for key in keys]

    def _amount(self, most: int) -> Decimal:
        return Decimal(self.random.randint(1, most)) / 100


def write(rig: Rig, shop: Shop, numbers: list[int]) -> None:
    """As the engine does: what fails is tried again, with a higher attempt."""
    for _ in range(TRIES):
        attempt = max(shop.attempts[number] for number in numbers)
        try:
            outcomes = rig.write(*(shop.orders[number] for number in numbers), attempt=attempt)
        except Retryable as error:
            outcomes = [Outcome(error=error)] * len(numbers)
        for number, outcome in zip(numbers, outcomes, strict=True):
            assert outcome.error is None or isinstance(outcome.error, Retryable), (number, outcome.error)
            shop.attempts[number] = shop.attempts[number] + 1 if outcome.error else 1
        numbers = [number for number, outcome in zip(numbers, outcomes, strict=True) if outcome.error]
        if not numbers:
            return
    pytest.fail(f"orders {numbers} never arrived")


def trouble(rig: Rig, shop: Shop, numbers: list[int]) -> None:
    """One mishap, or none."""
    match shop.random.randrange(6):
        case 0:
            rig.fail(kind="reset", when="after", match=rig.data)
        case 1:
            rig.fail_at(2, kind="reset", when=shop.random.choice(["before", "after"]), match=rig.data)
        case 2 if Ability.LOCKS not in rig.lacks:
            rig.lock(str(numbers[0]))
        case 3 if Ability.RENEWAL not in rig.lacks:
            rig.expire()
        case 4:
            for number in numbers:  # the engine does not know how far it came
                shop.attempts[number] = 2
            for kind, our_id in list(rig.links):
                if (kind != "order" or int(our_id) in numbers) and shop.random.random() < 0.3:
                    del rig.links[kind, our_id]


@pytest.mark.parametrize("seed", range(2))
def test_all_agrees_in_the_end(rig: Rig, seed: int) -> None:
    shop = Shop(seed)
    write(rig, shop, list(shop.orders))
    for _ in range(ROUNDS):
        numbers = shop.random.sample(list(shop.orders), shop.random.choice([1, 1, 4, 10]))
        for number in numbers:
            shop.edit(number)
        trouble(rig, shop, numbers)
        write(rig, shop, numbers)
        rig.open()
    assert len(rig.there("order")) == len(shop.orders)
    for number, wanted in shop.orders.items():
        money = rig.money(str(number))
        assert (money.gross, money.refunded) == (wanted.total, wanted.refunded)
        assert rig.lines(str(number)) == {settled.key for settled in wanted.settled()}
    net = sum((wanted.net for wanted in shop.orders.values()), Decimal(0))
    assert totals(rig.target.sales()) == {"orders": len(shop.orders), "totals": {"GBP": net}}
    people = {wanted.buyer.id for wanted in shop.orders.values()}
    assert {one.key for one in rig.there("customer")} == people and len(rig.there("customer")) == len(people)
    products = [one.key for one in rig.there("product")]
    assert len(set(products)) == len(products)
