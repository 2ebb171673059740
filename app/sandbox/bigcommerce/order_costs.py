"""What an order costs beside its goods: shipping, handling, wrapping, fees, coupons, and overridden totals."""

from __future__ import annotations

from decimal import Decimal

from .envelope import rows
from .errors import ApiError
from .order_lines import SHIPPING_COUPONS, amount, override, share_discount
from .records import ZERO, Fee, Json, Order, Pair, total
from .state import State


def set_costs(order: Order, body: Json) -> None:
    """Shipping, handling and wrapping; a cost given once counts with and without tax."""
    shipping, handling, wrapping = (_cost(body, kind) for kind in ("shipping", "handling", "wrapping"))
    if shipping:
        order.base_shipping, order.shipping = shipping
    if handling:
        order.base_handling, order.handling = handling
    wraps = [line.wrapping for line in order.lines if line.wrapping]
    if wrapping:
        order.base_wrapping, order.wrapping = wrapping
    elif wraps:
        order.wrapping = total(wraps)
        order.base_wrapping = order.wrapping.ex
    if shipping or handling or wrapping:
        order.total_override = None
    if order.addresses:
        order.addresses[0].cost, order.addresses[0].handling = order.shipping, order.handling


def _cost(body: Json, kind: str) -> tuple[Decimal, Pair] | None:
    base = amount(body, f"base_{kind}_cost")
    ex, inc = amount(body, f"{kind}_cost_ex_tax"), amount(body, f"{kind}_cost_inc_tax")
    given = next((value for value in (ex, inc, base) if value is not None), None)
    if given is None:
        return None
    pair = Pair(given if ex is None else ex, given if inc is None else inc)
    return (pair.ex if base is None else base), pair


def set_fees(state: State, order: Order, body: Json) -> None:
    """The fees, all of them."""
    fees = []
    for row in rows(body, "fees"):
        cost = override(row, "cost")
        if cost is None:
            raise ApiError(400, "A fee needs the fields 'cost_ex_tax' and 'cost_inc_tax'.")
        fees.append(
            Fee(
                id=state.next_id("fees"),
                type=str(row.get("type") or "custom_fee"),
                name=str(row.get("display_name_customer") or row.get("display_name_merchant") or "Fee"),
                name_merchant=str(row.get("display_name_merchant") or ""),
                source=str(row.get("source") or ""),
                cost=cost,
                tax_class_id=row.get("tax_class_id"),
            )
        )
    order.fees = fees


def set_overrides(order: Order, body: Json) -> None:
    """Subtotal and total as the caller wants them."""
    order.subtotal_override = override(body, "subtotal") or order.subtotal_override
    order.total_override = override(body, "total") or order.total_override


def set_coupons(state: State, order: Order, coupons: list[Json]) -> None:
    """Coupons of a checkout: `code`, `type`, `amount` and the `discount` they gave."""
    for row in coupons:
        discount = amount(row, "discount") or ZERO
        number = state.next_id("order_coupons")
        order.coupons.append(
            {
                "id": number,
                "coupon_id": row.get("coupon_id", number),
                "order_id": order.id,
                "code": str(row["code"]),
                "amount": row.get("amount", row.get("discount")),
                "type": row.get("type", 2),
                "discount": float(discount),
            }
        )
        order.coupon_discount += discount
        if row.get("type", 2) not in SHIPPING_COUPONS:
            share_discount(order, discount, "coupon", f"Coupon {row['code']}", str(row["code"]))
