"""An order as the store holds it, and the lines by which a CRM can hold the same total."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from typing import ClassVar

from app.domain.customer import Address, Customer
from app.domain.money import allocate, quantum

ZERO = Decimal(0)
ODD_UNITS = 10  # from this many on, what rounding leaves of a line is goods and no mere adjustment
PARCEL_FIELDS = frozenset({"tracking_number", "carrier", "shipped_at"})  # of the last parcel


class ChargeKind(StrEnum):
    """Amounts on an order that are not goods."""

    SHIPPING = "shipping"
    HANDLING = "handling"
    GIFT_WRAP = "gift_wrap"
    FEE = "fee"
    TAX = "tax"
    ADJUSTMENT = "adjustment"  # what the parts leave over to the total: cents of rounding, an edited total


class Stage(StrEnum):
    """What an order's status means to a business."""

    INCOMPLETE = "incomplete"  # a cart that never became a sale
    PENDING = "pending"  # placed, not yet paid or accepted
    SALE = "sale"
    CANCELLED = "cancelled"  # also declined


@dataclass(frozen=True)
class OrderLine:
    """Goods. Amounts are of the whole line, without tax, before discounts; custom lines have no product."""

    id: str
    name: str
    sku: str
    quantity: int
    amount: Decimal
    list_price: Decimal = ZERO  # of one piece
    discount: Decimal = ZERO
    product_id: str = ""
    variant_id: str = ""
    quantity_refunded: int = 0
    gift_certificate: bool = False


@dataclass(frozen=True)
class Charge:
    """An amount that is not goods, without tax (but for the tax itself)."""

    kind: ChargeKind
    amount: Decimal
    name: str = ""


@dataclass(frozen=True)
class Discount:
    """An amount taken off the order: a coupon (then with its code), a promotion, a manual discount."""

    amount: Decimal
    code: str = ""
    name: str = ""


@dataclass(frozen=True)
class Refund:
    """Money given back."""

    id: str
    amount: Decimal
    created_at: datetime
    reason: str = ""


@dataclass(frozen=True)
class Shipment:
    """A parcel on its way. `carrier` is the store's name for it; `pieces` counts what is inside."""

    id: str
    shipped_at: datetime
    tracking_number: str = ""
    tracking_url: str = ""
    carrier: str = ""
    pieces: int = 0


@dataclass(frozen=True)
class SettledLine:
    """A line as a CRM's order can hold it: quantity times unit price, whole units of the currency, never negative.

    `key` is unique within the order and stays the same over edits.
    """

    key: str
    name: str
    quantity: int
    unit_price: Decimal
    list_price: Decimal
    charge: ChargeKind | None = None
    line: OrderLine | None = None

    @property
    def amount(self) -> Decimal:
        return self.quantity * self.unit_price


@dataclass(frozen=True)
class Order:
    """An order, all amounts in its one (transactional) currency; `total` includes tax and is before refunds."""

    kind: ClassVar[str] = "order"

    id: str
    status_id: int
    status: str
    stage: Stage
    buyer: Customer
    placed_at: datetime
    modified_at: datetime
    currency: str
    total: Decimal
    lines: tuple[OrderLine, ...]
    charges: tuple[Charge, ...] = ()
    discounts: tuple[Discount, ...] = ()
    refunds: tuple[Refund, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    billing: Address = Address()
    shipping: Address = Address()
    store_credit: Decimal = ZERO
    gift_certificates: Decimal = ZERO
    channel_id: str = "1"
    channel: str = ""  # the storefront's name
    store_currency: str = ""  # the store's own; with the rate from it to `currency`
    store_rate: Decimal = Decimal(1)
    cart_id: str = ""
    payment_method: str = ""
    customer_message: str = ""
    external_order_id: str = ""
    is_deleted: bool = False
    parcels_known: bool = True  # False: its shipments were not asked for, which says nothing of whether there are any

    @property
    def unknown(self) -> frozenset[str]:
        """Fields that say nothing: whatever they are elsewhere stays."""
        return frozenset() if self.parcels_known else PARCEL_FIELDS

    @property
    def refunded(self) -> Decimal:
        return sum((refund.amount for refund in self.refunds), ZERO)

    @property
    def net(self) -> Decimal:
        """The total less the refunds: what every end must agree on."""
        return self.total - self.refunded

    @property
    def counted(self) -> Decimal:
        """What the order adds to turnover: nothing, if it is deleted, called off or was never placed; else its net."""
        is_over = self.is_deleted or self.stage in (Stage.CANCELLED, Stage.INCOMPLETE)
        return ZERO if is_over else self.net

    @property
    def discount(self) -> Decimal:
        return sum((discount.amount for discount in self.discounts), ZERO)

    @property
    def coupon_codes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(discount.code for discount in self.discounts if discount.code))

    def charged(self, kind: ChargeKind) -> Decimal:
        """The sum of the charges of one kind."""
        return sum((charge.amount for charge in self.charges if charge.kind == kind), ZERO)

    def settled(self, coarsest: Decimal = ZERO) -> tuple[SettledLine, ...]:
        """Lines that sum to `total` exactly, with every discount already taken off the goods (then the charges).

        Unit prices are rounded down to the currency's smallest unit, or to the coarsest that a CRM keeps. Where that
        leaves ODD_UNITS or more of a line, so many of its pieces cost one unit more, as a row of their own (key
        `<id>-2`); what then is left, whatever the store's own parts leave to its total, and what it calls an adjustment
        itself, is the one adjustment line.
        """
        unit = quantum(self.currency)
        drafts = [*(_draft(line) for line in self.lines), *_charge_drafts(self.charges)]
        amounts = [max(draft.unit_price, ZERO) for draft in drafts]
        discounts = [min(line.discount, line.amount) if line.amount > 0 else ZERO for line in self.lines]
        amounts[: len(discounts)] = [a - d for a, d in zip(amounts, discounts, strict=False)]
        excess = sum(amounts, ZERO) - self.total
        for part in (slice(0, len(self.lines)), slice(0, len(amounts))):  # goods bear a discount first
            takeable = min(excess, sum(amounts[part], ZERO))
            if takeable > 0:
                cuts = allocate(takeable, amounts[part], unit)
                amounts[part] = [a - cut for a, cut in zip(amounts[part], cuts, strict=True)]
                excess -= takeable
        kept = max(unit, coarsest)
        lines = [line for draft, amount in zip(drafts, amounts, strict=True) for line in _priced(draft, amount, kept)]
        rest = self.total - sum((line.amount for line in lines), ZERO)
        if rest or not lines:
            lines.append(SettledLine("adjustment", "Adjustment", 1, rest, rest, ChargeKind.ADJUSTMENT))
        return tuple(lines)


def _draft(line: OrderLine) -> SettledLine:
    """A line whose unit price still is the whole line's amount."""
    return SettledLine(line.id, line.name, max(line.quantity, 1), line.amount, line.list_price, line=line)


def _charge_drafts(charges: tuple[Charge, ...]) -> list[SettledLine]:
    drafts = []
    seen: dict[ChargeKind, int] = {}
    for charge in charges:
        if not charge.amount or charge.kind is ChargeKind.ADJUSTMENT:  # part of what is left over to the total
            continue
        seen[charge.kind] = number = seen.get(charge.kind, 0) + 1
        key = charge.kind.value if number == 1 else f"{charge.kind.value}-{number}"
        name = charge.name or charge.kind.value.replace("_", " ").capitalize()
        drafts.append(SettledLine(key, name, 1, charge.amount, charge.amount, charge.kind))
    return drafts


def _priced(draft: SettledLine, amount: Decimal, unit: Decimal) -> list[SettledLine]:
    """The line at its unit price, and where rounding leaves too much, some of its pieces at one unit more."""
    price = (amount / draft.quantity).quantize(unit, ROUND_DOWN)
    dearer = int((amount - draft.quantity * price) / unit)
    if dearer < ODD_UNITS:
        return [replace(draft, unit_price=price)]
    return [
        replace(draft, quantity=draft.quantity - dearer, unit_price=price),
        replace(draft, key=f"{draft.key}-2", quantity=dearer, unit_price=price + unit),
    ]
