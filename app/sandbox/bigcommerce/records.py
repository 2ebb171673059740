"""What an order is made of, kept compactly: a hundred thousand orders must fit into memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Json = dict[str, Any]
ZERO = Decimal(0)


def rounded(amount: Decimal, places: int = 2) -> Decimal:
    """Rounded half up to so many decimals, those of its currency."""
    return amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


@dataclass(slots=True)
class Pair:
    """An amount without and with tax."""

    ex: Decimal = ZERO
    inc: Decimal = ZERO

    @property
    def tax(self) -> Decimal:
        """The tax between the two."""
        return self.inc - self.ex

    def __add__(self, other: Pair) -> Pair:
        return Pair(self.ex + other.ex, self.inc + other.inc)

    def __sub__(self, amount: Decimal) -> Pair:
        return Pair(self.ex - amount, self.inc - amount)

    def times(self, number: int) -> Pair:
        """So many times the amount."""
        return Pair(self.ex * number, self.inc * number)


def total(pairs: Iterable[Pair]) -> Pair:
    """The sum of several amounts."""
    result = Pair()
    for pair in pairs:
        result += pair
    return result


@dataclass(slots=True)
class Line:
    """One order product."""

    id: int
    order_id: int
    product_id: int
    name: str
    quantity: int
    price: Pair
    variant_id: int = 0
    sku: str = ""
    upc: str = ""
    brand: str = ""
    type: str = "physical"
    address_id: int = 0
    pickup_id: int = 0
    parent_id: int = 0  # the line of the bundle that this one is a part of
    wrapping: Pair | None = None  # for the whole line
    wrapping_name: str = ""
    wrapping_message: str = ""
    weight: Decimal = ZERO
    options: list[Json] = field(default_factory=list)
    discounts: list[Json] = field(default_factory=list)  # id, amount (Decimal), name, code, target
    quantity_shipped: int = 0
    quantity_refunded: int = 0

    @property
    def total(self) -> Pair:
        """Price times quantity."""
        return self.price.times(self.quantity)

    @property
    def discounted(self) -> Decimal:
        """The total with tax after all discounts."""
        return self.total.inc - sum((discount["amount"] for discount in self.discounts), ZERO)


@dataclass(slots=True)
class OrderAddress:
    """One address goods are sent to."""

    id: int
    order_id: int
    fields: Json
    shipping_method: str = ""
    cost: Pair = field(default_factory=Pair)
    handling: Pair = field(default_factory=Pair)


@dataclass(slots=True)
class Fee:
    """One fee of an order."""

    id: int
    name: str
    cost: Pair
    type: str = "custom_fee"
    name_merchant: str = ""
    source: str = ""
    tax_class_id: int | None = None


@dataclass(slots=True)
class Order:
    """One order; what BigCommerce computes from it is computed when it is shown."""

    id: int
    created: datetime
    modified: datetime
    billing: Json
    currency_code: str  # what the shopper pays in
    places: int = 2  # its decimals
    rate: str = "1.0000000000"  # one unit of the store's own currency in it, when the order was placed
    shown_code: str = ""  # what the shopper looked at, if that is another one
    shown_rate: str = ""  # one unit of the paid currency in it
    customer_id: int = 0
    status_id: int = 1
    channel_id: int = 1
    shipped: datetime | None = None
    lines: list[Line] = field(default_factory=list)
    addresses: list[OrderAddress] = field(default_factory=list)
    pickups: list[Json] = field(default_factory=list)
    fees: list[Fee] = field(default_factory=list)
    coupons: list[Json] = field(default_factory=list)
    shipments: list[Json] = field(default_factory=list)
    messages: list[Json] = field(default_factory=list)
    taxes: list[Json] = field(default_factory=list)
    transactions: list[Json] = field(default_factory=list)
    refund_ids: list[int] = field(default_factory=list)
    shipping: Pair = field(default_factory=Pair)
    handling: Pair = field(default_factory=Pair)
    wrapping: Pair = field(default_factory=Pair)
    base_shipping: Decimal = ZERO
    base_handling: Decimal = ZERO
    base_wrapping: Decimal = ZERO
    discount: Decimal = ZERO
    coupon_discount: Decimal = ZERO
    subtotal_override: Pair | None = None
    total_override: Pair | None = None
    refunded: Decimal = ZERO  # not shown: BigCommerce's own field stays 0
    archived: bool = False
    more: Json = field(default_factory=dict)  # texts that are stored and given back as they came

    @property
    def subtotal(self) -> Pair:
        """The lines' totals, unless overridden."""
        return self.subtotal_override or total(line.total for line in self.lines)

    @property
    def total(self) -> Pair:
        """What the shopper owes, unless overridden; never below zero."""
        if self.total_override:
            return self.total_override
        costs = self.shipping + self.handling + self.wrapping + total(fee.cost for fee in self.fees)
        due = self.subtotal + costs - (self.discount + self.coupon_discount)
        return Pair(max(due.ex, ZERO), max(due.inc, ZERO))

    @property
    def items_total(self) -> int:
        """How many pieces were ordered."""
        return sum(line.quantity for line in self.lines)

    @property
    def items_shipped(self) -> int:
        """How many pieces have left."""
        return sum(line.quantity_shipped for line in self.lines)


@dataclass(slots=True)
class Refund:
    """One refund of an order."""

    id: int
    order_id: int
    created: datetime
    reason: str
    amount: Decimal
    tax: Decimal
    overridden: bool
    items: list[Json]
    payments: list[Json]
    user_id: int = 0
