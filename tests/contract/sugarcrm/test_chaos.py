"""Faults at random: whatever dies where, in the end every order is there once, with its amount."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

import pytest

from app.connectors.base import Write
from app.connectors.lists import totals
from app.domain import Customer, Order
from app.errors import Retryable
from tests.contract.sugarcrm.conftest import MakeInstance
from tests.contract.sugarcrm.instance import Instance
from tests.contract.sugarcrm.records import buyer, cancelled, changed, customer, guest, line, order, refund

D = Decimal
FAULTS = (
    {"kind": "reset", "when": "before"},
    {"kind": "reset", "when": "after"},
    {"status": 500},
    {"status": 503, "body": "<html>"},
    {"status": 500, "when": "after"},
    {"status": 429},
)
PEOPLE = 5


def someone(dice: random.Random) -> Customer:
    number = dice.randrange(PEOPLE)
    email = f"p{number}@example.com"
    return buyer(number, email=email) if number % 2 else guest(email)


def edited(dice: random.Random, before: Order) -> Order:
    lines = tuple(
        line(n, f"{dice.randrange(1, 5000) / 100:.2f}", dice.randrange(1, 4), 70 + n)
        for n in sorted(dice.sample(range(1, 7), dice.randrange(1, 5)))
    )
    after = changed(before, lines=lines, status=dice.choice(["Shipped", "Awaiting", "Paid"]))
    kind = dice.randrange(4)
    if kind == 0:
        return replace(after, refunds=(refund(1, "0.50"), *([refund(2, "0.25")] if dice.random() < 0.5 else [])))
    return cancelled(after) if kind == 1 else after


class World:
    """What the engine remembers while calls fail."""

    def __init__(self, sugar: Instance, dice: random.Random) -> None:
        self.sugar = sugar
        self.dice = dice
        self.unsure: set[str] = set()

    def send(self, records: list[Order]) -> bool:
        """One batch; whether all went well."""
        writes: list[Write] = []
        for record in records:
            writes.append(self.sugar.as_write(record, 2 if record.id in self.unsure else 1))
        self.unsure |= {record.id for record in records}
        try:
            outcomes = self.sugar.crm.upsert_many(writes)
        except Retryable:
            return False
        good = True
        for record, outcome in zip(records, outcomes, strict=True):
            if self.dice.random() < 0.9:  # else we die before the links are saved
                self.sugar.links.update(outcome.made)
                if outcome.error is None:
                    self.unsure.discard(record.id)
                    continue
            good = False
        return good


@pytest.mark.parametrize("seed", range(8))
def test_nothing_is_lost_and_nothing_doubled(special: MakeInstance, seed: int) -> None:
    dice = random.Random(seed)
    sugar = special(options=("quotes", "activities") if seed % 2 else (), max_num_cap=dice.choice([2, 7, 1000]))
    world = World(sugar, dice)
    orders = {n: order(n, buyer=someone(dice)) for n in range(1, 9)}
    for _ in range(25):
        chosen = dice.sample(sorted(orders), dice.randrange(1, 6))
        for number in chosen:
            orders[number] = edited(dice, orders[number])
        for _ in range(dice.randrange(0, 3)):
            sugar.control("fail", match="/bulk", **dice.choice(FAULTS))
        world.send([orders[number] for number in chosen])
    for _ in range(99):  # what faults are left go with the first of these
        if world.send(list(orders.values())):
            break
    net = sum((one.net for one in orders.values() if one.stage != "cancelled"), D(0))
    assert totals(sugar.crm.sales()) == {"orders": 8, "totals": {"GBP": net}}
    amounts = {row["name"]: D(row["amount"]) for row in sugar.rows("Opportunities")}
    assert amounts == {f"Order {one.id}": one.net for one in orders.values()}
    emails = [row["email"][0]["email_address"] for row in sugar.rows("Contacts")]
    assert len(emails) == len(set(emails)) == len(sugar.rows("Accounts"))
    wanted = sum(len(one.settled()) + len(one.refunds) for one in orders.values())
    assert len(sugar.rows("RevenueLineItems")) == wanted
    if seed % 2:
        assert {row["name"]: D(row["total"]) for row in sugar.rows("Quotes")} == amounts
        tasks = [row["sync_key"] for row in sugar.rows("Tasks")]
        assert len(tasks) == len(set(tasks))


def test_customers_are_never_doubled(sugar: Instance) -> None:
    dice = random.Random(7)
    people = [customer(n, f"p{n}@example.com") for n in range(10)]
    for attempt in range(1, 8):
        if attempt < 7:
            sugar.control("fail", match="/bulk", **dice.choice(FAULTS))
        try:
            outcomes = sugar.write(*people, attempt=attempt)
        except Retryable:
            continue
        assert all(outcome.error is None for outcome in outcomes)
    assert len(sugar.rows("Contacts")) == len(sugar.rows("Accounts")) == 10
