"""The lines of an order: catalogue and custom ones, their prices, their share of the order's discounts."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from .currencies import converted
from .envelope import object_id, rows
from .errors import ApiError
from .records import ZERO, Json, Line, Order, Pair, rounded
from .state import State

MANUAL_DISCOUNT = "manual-discount"
SHIPPING_COUPONS = {3, 4}  # these coupon types reduce shipping, not goods
HUNDRED = Decimal(100)


def amount(body: Json, field: str) -> Decimal | None:
    """A money field given as string or number; None: not given. A bad one is a 400."""
    value = body.get(field)
    if value is None or value == "":
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ApiError(400, f"The field '{field}' is invalid.")
    return number


def override(body: Json, prefix: str) -> Pair | None:
    """Both of `<prefix>_ex_tax` and `<prefix>_inc_tax`, or none; one alone is a 400."""
    ex, inc = amount(body, f"{prefix}_ex_tax"), amount(body, f"{prefix}_inc_tax")
    if ex is None and inc is None:
        return None
    if ex is None or inc is None:
        raise ApiError(400, f"Override both {prefix}_ex_tax and {prefix}_inc_tax, or none.")
    return Pair(ex, inc)


def whole(value: Any, field: str, least: int) -> int:
    """A whole number given as number or digits; a bad one is a 400."""
    if isinstance(value, bool) or not str(value).lstrip("-").isdigit() or int(value) < least:
        raise ApiError(400, f"The field '{field}' is invalid.")
    return int(value)


def new_line(state: State, order: Order, body: Json, trusted: bool = False) -> Line:
    """A line from its description; without a product it must name itself and its prices."""
    product_id = whole(body.get("product_id") or 0, "product_id", 0)
    line = _catalogue_line(state, order, body, product_id) if product_id else _custom_line(state, order, body)
    line.name = str(body.get("name") or line.name)
    line.upc = str(body.get("upc") or line.upc)
    _wrap(line, body)
    if trusted:
        line.type = str(body.get("type", line.type))
        line.discounts = [_discount(row) for row in rows(body, "applied_discounts")]
    return line


def _catalogue_line(state: State, order: Order, body: Json, product_id: int) -> Line:
    product = state.products.get(product_id)
    if product is None:
        raise ApiError(400, f"The product {product_id} does not exist.")
    variant = _variant(state, product, body)
    price = override(body, "price") or _catalogue_price(state, order, product, variant)
    return Line(
        id=state.next_id("order_products"),
        order_id=order.id,
        product_id=product_id,
        variant_id=variant["id"],
        name=product["name"],
        sku=variant["sku"] or product["sku"],
        upc=variant["upc"] or product["upc"],
        brand="",
        type=product["type"],
        quantity=whole(body.get("quantity", 1), "quantity", 1),
        price=price,
        weight=Decimal(str(variant["weight"] if variant["weight"] is not None else product["weight"])),
        options=_options(state, body, variant),
    )


def _custom_line(state: State, order: Order, body: Json) -> Line:
    if not str(body.get("name") or "").strip():
        raise ApiError(400, "A custom product needs the field 'name'.")
    price = override(body, "price")
    if price is None:
        raise ApiError(400, "A custom product needs the fields 'price_ex_tax' and 'price_inc_tax'.")
    return Line(
        id=state.next_id("order_products"),
        order_id=order.id,
        product_id=0,
        name=str(body["name"]),
        sku=str(body.get("sku") or ""),
        quantity=whole(body.get("quantity"), "quantity", 1),
        price=price,
    )


def _variant(state: State, product: Json, body: Json) -> Json:
    own = [state.variants[number] for number in state.variants_of[product["id"]]]
    wanted = body.get("variant_id")
    if wanted:
        chosen = [variant for variant in own if variant["id"] == wanted]
    else:
        values = {str(option.get("value")) for option in rows(body, "product_options")}
        chosen = [v for v in own if {str(o["id"]) for o in v["option_values"]} == values] if values else own[:1]
        if not values and product["base_variant_id"] is None:
            raise ApiError(400, f"The product {product['id']} needs its options.")
    if not chosen:
        raise ApiError(400, f"The product {product['id']} has no such variant.")
    return chosen[0]


def _catalogue_price(state: State, order: Order, product: Json, variant: Json) -> Pair:
    own = variant["price"]
    price = Decimal(str(product["price"] if own is None else own))
    price = converted(state, price, order.currency_code)
    return Pair(price, rounded(price * (HUNDRED + state.settings.tax_rate) / HUNDRED, order.places))


def _options(state: State, body: Json, variant: Json) -> list[Json]:
    return [
        {
            "id": state.next_id("order_product_options"),
            "option_id": value["option_id"],
            "product_option_id": value["option_id"],
            "display_name": value["option_display_name"],
            "display_value": value["label"],
            "value": str(value["id"]),
            "type": "Multiple choice",
            "name": value["option_display_name"],
            "display_style": "Rectangle",
        }
        for value in variant["option_values"]
    ]


def _wrap(line: Line, body: Json) -> None:
    line.wrapping = override(body, "wrapping_cost") or line.wrapping
    line.wrapping_name = str(body.get("wrapping_name") or line.wrapping_name)
    line.wrapping_message = str(body.get("wrapping_message") or line.wrapping_message)


def _discount(body: Json) -> Json:
    return {
        "id": str(body.get("id", "promotion")),
        "amount": amount(body, "amount") or ZERO,
        "name": body.get("name", ""),
        "code": body.get("code"),
        "target": body.get("target", "product"),
    }


def edit_lines(state: State, order: Order, changes: list[Json]) -> None:
    """`id` changes a line, no `id` adds one, `quantity` 0 removes it; a touched line loses its discounts."""
    own = {line.id: line for line in order.lines}
    for body in changes:
        if "id" not in body:
            order.lines.append(new_line(state, order, body))
            continue
        line = own.get(object_id(body["id"]))
        if line is None:
            raise ApiError(400, f"The order has no product {body['id']}.")
        drop_discounts(order, line)
        if body.get("quantity") == 0:
            order.lines.remove(line)
            continue
        _edit_line(line, body)


def _edit_line(line: Line, body: Json) -> None:
    line.quantity = whole(body.get("quantity", line.quantity), "quantity", 1)
    line.price = override(body, "price") or line.price
    line.name = str(body.get("name") or line.name)
    line.sku = str(body.get("sku") or line.sku) if line.product_id == 0 else line.sku
    _wrap(line, body)


def drop_discounts(order: Order, line: Line) -> None:
    """Take a line's discounts off the line and off the order."""
    for discount in line.discounts:
        if discount["code"]:
            order.coupon_discount -= discount["amount"]
            for coupon in order.coupons:
                if coupon["code"] == discount["code"]:
                    coupon["discount"] = float(Decimal(str(coupon["discount"])) - discount["amount"])
        else:
            order.discount -= discount["amount"]
    line.discounts = []


def share_discount(order: Order, value: Decimal, discount_id: str, name: str, code: str | None = None) -> None:
    """Spread an order-level discount over the lines by their totals, to the currency's smallest unit."""
    goods = [line for line in order.lines if line.discounted > ZERO]
    base = sum((line.discounted for line in goods), ZERO)
    left = min(value, base)
    for line in goods:
        weight = line.discounted
        part = min(rounded(left * weight / base, order.places) if base else ZERO, weight)
        base -= weight
        left -= part
        if part:
            line.discounts.append({"id": discount_id, "amount": part, "name": name, "code": code, "target": "order"})


def set_manual_discount(order: Order, value: Decimal) -> None:
    """The order's manual discount, replacing the one before."""
    for line in order.lines:
        kept = [discount for discount in line.discounts if discount["id"] != MANUAL_DISCOUNT]
        order.discount -= sum((d["amount"] for d in line.discounts if d["id"] == MANUAL_DISCOUNT), ZERO)
        line.discounts = kept
    share_discount(order, value, MANUAL_DISCOUNT, "Manual Discount")
    order.discount += value
