"""An order that is to be: how it is placed, by whom, and what happens to it afterwards."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Json = dict[str, Any]
FINEST = Decimal("0.0001")  # the store's amounts have four decimals
PLACES = {"GBP": 2, "USD": 2, "EUR": 2, "JPY": 0, "KWD": 3}
WORTH = {"GBP": Decimal(1), "USD": Decimal("1.27"), "EUR": Decimal("1.17"), "JPY": Decimal(195), "KWD": Decimal("0.39")}
PENDING, SHIPPED, CANCELLED, DECLINED, AWAITING = 1, 2, 5, 6, 11
GOODS = 40  # of the catalogue: named by their number
CALLS, EDITS, LEAVES, PAYS_BACK, ENDS = range(5)  # the order in which things happen to an order


@dataclass(frozen=True)
class Event:
    """Something that happens to an order, a person or a product after the order was placed."""

    kind: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Person:
    """Who buys: by which e-mail addresses they are known, and as whom the store knows them."""

    first_name: str
    last_name: str
    email: str
    is_registered: bool = False
    as_guest: bool = False  # buys without signing in
    account_email: str = ""  # of the account, where it is another one than the order's
    company: str = ""
    street: str = "1 Mill Lane"
    city: str = "Leeds"


@dataclass
class Draft:
    """An order while its classes write on it."""

    number: int
    chance: random.Random
    person: Person
    currency: str = "GBP"
    tax: Decimal = Decimal("0.20")
    is_inclusive: bool = False
    products: list[Json] = field(default_factory=list)
    body: Json = field(default_factory=dict)
    own_product: bool = False  # one that is deleted later
    steps: list[tuple[int, Event]] = field(default_factory=list)

    def then(self, phase: int, kind: str, **details: Any) -> None:
        """Something happens later."""
        self.steps.append((phase, Event(kind, details)))

    def amount(self, pounds: float | Decimal) -> Decimal:
        """So many pounds' worth in the order's currency, in its whole smallest units."""
        return rounded(Decimal(str(pounds)) * WORTH[self.currency], self.places)

    def some(self, low: float, high: float) -> Decimal:
        """An amount by chance, given in pounds."""
        return self.amount(round(self.chance.uniform(low, high), 4))

    def both(self, prefix: str, amount: Decimal) -> dict[str, str]:
        """An amount as the store wants it, without and with tax; it is the one that this store's prices show."""
        rate = 1 + self.tax
        if self.is_inclusive:
            ex, inc = (amount / rate).quantize(FINEST, ROUND_HALF_UP), amount
        else:
            ex, inc = amount, rounded(amount * rate, self.places)
        return {f"{prefix}_ex_tax": str(ex), f"{prefix}_inc_tax": str(inc)}

    def add(self, pounds: Decimal | float | None = None, quantity: int = 0, **more: Any) -> Json:
        """A line of the catalogue, or with a `name` a custom one."""
        price = self.some(0.5, 90) if pounds is None else self.amount(pounds)
        line: Json = {"quantity": quantity or self.chance.choice((1, 1, 2, 3, 7)), **self.both("price", price), **more}
        if "name" not in more:
            line.setdefault("goods", self.chance.randrange(GOODS))
        self.products.append(line)
        return line

    @property
    def places(self) -> int:
        return PLACES[self.currency]

    @property
    def goods_value(self) -> Decimal:
        """What the lines come to by the store's own prices."""
        side = "price_inc_tax" if self.is_inclusive else "price_ex_tax"
        return sum((Decimal(line[side]) * line["quantity"] for line in self.products), Decimal(0))


@dataclass(frozen=True)
class Plan:
    """One order of the golden set."""

    number: int
    classes: tuple[str, ...]
    person: Person
    body: Json  # products by `goods`, their number in the catalogue; "own": the one made for this order
    own_product: bool
    events: tuple[Event, ...]


def rounded(amount: Decimal, places: int) -> Decimal:
    """Half up, as shops do."""
    return amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
