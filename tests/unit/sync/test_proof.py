"""Whatever both sides hold: the drift of a day is that of the orders which are told to differ, to the cent."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

from app.connectors.lists import Sale
from app.sync.proof import ZERO, Held, prove
from tests.fakes import T0

CURRENCIES = ("GBP", "EUR", "JPY", "KWD")


def some(chance: random.Random, number: int) -> Held:
    """An order of any day, in whatever state both sides may have it."""
    day = date(2026, 1, 1) + timedelta(days=chance.randrange(4))
    net = Decimal(chance.randrange(-500, 5000)).scaleb(-2)
    here = Sale(str(number), chance.choice(CURRENCIES), net, T0) if chance.random() < 0.8 else None
    there = []
    for _ in range(chance.choice((0, 1, 1, 1, 1, 2, 3)) if here is not None else chance.randrange(1, 3)):
        same = here is not None and chance.random() < 0.7
        there.append(
            here if same and here is not None
            else Sale(str(number), chance.choice(CURRENCIES), Decimal(chance.choice((0, 1234, 99))).scaleb(-2), T0)
        )  # fmt: skip
    return Held(str(number), day, here, tuple(there))


def test_every_cent_of_drift_names_its_orders() -> None:
    for seed in range(300):
        chance = random.Random(seed)
        orders = [some(chance, number) for number in range(chance.randrange(1, 60))]
        proof = prove(orders)
        drifts: dict[tuple[date, str], Decimal] = {}
        for gap in proof.gaps:
            key = (gap.held.day, gap.currency)
            drifts[key] = drifts.get(key, ZERO) + gap.drift
        for key, total in proof.sums.items():
            assert total.crm_total - total.store_total == drifts.get(key, ZERO), (seed, key)
        assert drifts.keys() <= proof.sums.keys()
        counted = sum(held.here is not None for held in orders)
        assert sum(total.store_orders for total in proof.sums.values()) == counted


def test_orders_that_agree_are_not_told() -> None:
    sale = Sale("1", "GBP", Decimal("10.00"), T0)
    same = Sale("1", "GBP", Decimal("10.000000"), T0, "Order", "801")
    assert prove([Held("1", T0.date(), sale, (same,))]).gaps == []
    assert prove([Held("1", T0.date(), None, (Sale("1", "GBP", ZERO, T0),))]).orders == 0
