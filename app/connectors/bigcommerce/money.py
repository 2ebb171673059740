"""The amounts of a BigCommerce order: its charges and discounts, each counted once."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from app.connectors.base import Payload
from app.domain import Charge, ChargeKind, Discount, OrderLine
from app.domain.money import allocate
from app.errors import Rejected

ZERO = Decimal(0)
FINEST = Decimal("0.0001")  # BigCommerce's amounts have four decimals


def amount(row: Payload, field: str) -> Decimal:
    """An amount, which comes as a string, a number, empty or not at all. Raises Rejected for anything else."""
    value = row.get(field)
    try:
        number = Decimal(str(value)) if value not in (None, "") else ZERO
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise Rejected(f"BigCommerce sent {value!r} where an amount belongs.", code="BC_AMOUNT", field=field)
    return number


def charges(order: Payload) -> tuple[Charge, ...]:
    """What is paid beside the goods: costs without tax, fees, and the order's whole tax."""
    costs = (
        Charge(ChargeKind.SHIPPING, amount(order, "shipping_cost_ex_tax"), _shipping_methods(order)),
        Charge(ChargeKind.HANDLING, amount(order, "handling_cost_ex_tax")),
        Charge(ChargeKind.GIFT_WRAP, amount(order, "wrapping_cost_ex_tax")),
        *_fees(order),
        Charge(ChargeKind.TAX, amount(order, "total_tax")),
    )
    return tuple(charge for charge in costs if charge.amount)


def discounts(order: Payload, lines: Sequence[Payload]) -> tuple[Discount, ...]:
    """All that was taken off, as the store shows it (with tax where its prices include tax).

    `coupon_discount` and `discount_amount` (manual, promotions) add up; the discounts on the lines are shares of
    these two, which tell the codes. What no line bears, a coupon on shipping for one, comes without a code.
    """
    shares: dict[tuple[str, str], Decimal] = {}
    for line in lines:
        for share in line.get("applied_discounts") or ():
            key = (share.get("code") or "", share.get("name") or "")
            shares[key] = shares.get(key, ZERO) + amount(share, "amount")
    found = [Discount(value, code, name) for (code, name), value in shares.items() if value]
    coupons = amount(order, "coupon_discount")
    rest = coupons + amount(order, "discount_amount") - sum((one.amount for one in found), ZERO)
    unshared = coupons - sum((one.amount for one in found if one.code), ZERO)
    of_coupons = max(min(rest, unshared), ZERO)
    tail = (Discount(of_coupons, name="Coupon"), Discount(max(rest - of_coupons, ZERO), name="Discount"))
    return (*found, *(one for one in tail if one.amount))


def capped(lines: Sequence[OrderLine], charges: Sequence[Charge], total: Decimal) -> tuple[OrderLine, ...]:
    """The lines, with their discounts cut down to what the total leaves for them.

    A line's discount includes tax where the store's prices do, while its amount here never does; and no rounding of
    shares may take more off the goods than the order itself says.
    """
    given = [min(line.discount, max(line.amount, ZERO)) for line in lines]
    parts = [max(line.amount, ZERO) for line in lines] + [max(charge.amount, ZERO) for charge in charges]
    room = max(sum(parts, ZERO) - total, ZERO)
    if sum(given, ZERO) > room:
        given = allocate(room, given, FINEST)
    return tuple(dataclasses.replace(line, discount=cut) for line, cut in zip(lines, given, strict=True))


def _fees(order: Payload) -> list[Charge]:
    fees = order.get("fees")
    if not isinstance(fees, list):  # a link where none was asked for
        return []
    return [
        Charge(
            ChargeKind.FEE,
            amount(fee, "cost_ex_tax"),
            fee.get("display_name_customer") or fee.get("display_name_merchant") or "Fee",
        )
        for fee in fees
    ]


def _shipping_methods(order: Payload) -> str:
    consignments = order.get("consignments")
    shipping = consignments.get("shipping") or () if isinstance(consignments, dict) else ()
    methods = dict.fromkeys(part.get("shipping_method") or "" for part in shipping)
    # Orders that were not made at the checkout have the word itself for no method.
    return ", ".join(method for method in methods if method not in ("", "None"))
