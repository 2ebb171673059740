"""What shoppers put into carts, what becomes of the carts, and the events that follow."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from . import addresses, currencies, orders
from .catalog import calculated_price
from .dates import now
from .envelope import object_id, rows
from .errors import ApiError, invalid
from .order_lines import HUNDRED, amount
from .records import Json, Order, rounded
from .state import DEFAULT_CURRENCY, State

KINDS = ("physical_items", "digital_items", "gift_certificates", "custom_items")
SAME_IN_ADDRESSES = ("first_name", "last_name", "company", "city", "country", "phone")
# Where a guest's goods go whose address nobody gave.
SOMEWHERE: Json = {"first_name": "A", "last_name": "Guest", "zip": "E1 6AN", "country": "United Kingdom"}


def find(state: State, cart_id: str) -> Json:
    """The cart; converted and deleted ones are gone: 404."""
    if cart_id not in state.carts:
        raise ApiError(404)
    return state.carts[cart_id]


def create(state: State, body: Json, email: str = "") -> Json:
    """A cart; its e-mail is only known when the shopper typed it or is a customer."""
    channel_id = body.get("channel_id", 1)
    if object_id(channel_id) not in state.channels:
        raise invalid("channel_id", "The channel does not exist.")
    moment = now().isoformat()
    cart: Json = {
        "id": str(uuid.uuid4()),
        "customer_id": 0,
        "channel_id": channel_id,
        "email": email,
        "currency": {"code": _currency(state, body)},
        "tax_included": False,
        "base_amount": 0.0,
        "discount_amount": 0.0,
        "manual_discount_amount": 0.0,
        "cart_amount": 0.0,
        "coupons": [],
        "discounts": [],
        "line_items": {kind: [] for kind in KINDS},
        "created_time": moment,
        "updated_time": moment,
        "locale": str(body.get("locale") or "en"),
        "version": 1,
    }
    _set_customer(state, cart, body.get("customer_id") or 0)
    events = _add_lines(state, cart, body)
    state.carts[cart["id"]] = cart
    emit(state, cart, "created")
    _tell_lines(state, cart, events)
    _changed(state, cart)
    return cart


def _currency(state: State, body: Json) -> str:
    given = body.get("currency")
    code = str((given.get("code") if isinstance(given, dict) else given) or DEFAULT_CURRENCY).upper()
    if currencies.payable(state, code) is None:
        raise invalid("currency", f"The currency {code} is not set up in this store.")
    return code


def _set_customer(state: State, cart: Json, customer_id: Any) -> None:
    if not customer_id:
        cart["customer_id"] = 0
        return
    customer = state.customers.get(object_id(customer_id))
    if customer is None:
        raise invalid("customer_id", "The customer does not exist.")
    cart.update(customer_id=customer["id"], email=customer["email"])


def change(state: State, cart: Json, body: Json) -> Json:
    """Another customer, another e-mail, more items: whatever is given."""
    check_version(cart, body)
    if "customer_id" in body:
        _set_customer(state, cart, body["customer_id"])
    if body.get("email"):
        cart["email"] = str(body["email"])
    if body.get("line_items") or body.get("custom_items"):
        _tell_lines(state, cart, _add_lines(state, cart, body))
    _touch(state, cart)
    return cart


def check_version(cart: Json, body: Json) -> None:
    """Whoever says which version they mean must mean the latest."""
    if body.get("version") not in (None, cart["version"]):
        raise ApiError(409, "Somebody else changed the cart meanwhile.")


def add_lines(state: State, cart: Json, body: Json) -> Json:
    """More items; of what is there already, more pieces."""
    check_version(cart, body)
    _tell_lines(state, cart, _add_lines(state, cart, body))
    _touch(state, cart)
    return cart


def change_line(state: State, cart: Json, line_id: str, body: Json) -> Json:
    """Another quantity, price or variant of one item."""
    check_version(cart, body)
    described = body.get("line_item")
    if not isinstance(described, dict):
        raise invalid("line_item", "The line_item is required.")
    kind, line = find_line(cart, line_id)
    if kind == "custom_items":
        changed = _custom_line({**line, **described})
    else:
        _, changed = _catalogue_line(state, cart, {**_identity(line), **described})
    line.update(changed, id=line_id)
    _tell_lines(state, cart, [("updated", line)])
    _touch(state, cart)
    return cart


def remove_line(state: State, cart: Json, line_id: str) -> None:
    """One item less; the last one takes the cart with it."""
    kind, line = find_line(cart, line_id)
    cart["line_items"][kind].remove(line)
    _tell_lines(state, cart, [("deleted", line)])
    _touch(state, cart)
    if not any(lines_of(cart)):
        delete(state, cart)


def delete(state: State, cart: Json) -> None:
    """The cart is gone."""
    _forget(state, cart)
    emit(state, cart, "deleted")


def _forget(state: State, cart: Json) -> None:
    del state.carts[cart["id"]]
    state.cart_touched.pop(cart["id"], None)


def lines_of(cart: Json) -> Iterator[Json]:
    """All items of all kinds."""
    return (line for kind in KINDS for line in cart["line_items"][kind])


def find_line(cart: Json, line_id: str) -> tuple[str, Json]:
    """An item and its kind; else 404."""
    for kind in KINDS:
        for line in cart["line_items"][kind]:
            if line["id"] == line_id:
                return kind, line
    raise ApiError(404)


def _identity(line: Json) -> Json:
    return {name: line[name] for name in ("product_id", "variant_id", "quantity")}


def _add_lines(state: State, cart: Json, body: Json) -> list[tuple[str, Json]]:
    described = [(_catalogue_line(state, cart, row)) for row in rows(body, "line_items")]
    described += [("custom_items", _custom_line(row)) for row in rows(body, "custom_items")]
    if not described:
        raise invalid("line_items", "A cart needs items.")
    return [_put(cart, kind, line) for kind, line in described]


def _put(cart: Json, kind: str, line: Json) -> tuple[str, Json]:
    for there in cart["line_items"][kind]:
        if kind != "custom_items" and there["variant_id"] == line["variant_id"]:
            _count(there, there["quantity"] + line["quantity"])
            return "updated", there
    cart["line_items"][kind].append(line)
    return "created", line


def _count(line: Json, quantity: int) -> None:
    line["quantity"] = quantity
    line["extended_list_price"] = _number(Decimal(str(line["list_price"])) * quantity)
    if "sale_price" in line:
        line["extended_sale_price"] = _number(Decimal(str(line["sale_price"])) * quantity)


def _number(value: Decimal) -> float:
    return float(rounded(value, 4))


def _catalogue_line(state: State, cart: Json, body: Json) -> tuple[str, Json]:
    product = state.products.get(object_id(body.get("product_id")))
    if product is None:
        raise invalid("product_id", "The product does not exist.")
    number = object_id(body.get("variant_id")) or state.variants_of[product["id"]][0]
    if number not in state.variants_of[product["id"]]:
        raise invalid("variant_id", "The product has no such variant.")
    variant = state.variants[number]
    own = amount(body, "list_price") or Decimal(str(calculated_price(product, variant)))
    price = float(own if "list_price" in body else currencies.converted(state, own, cart["currency"]["code"]))
    line = {
        "id": str(uuid.uuid4()),
        "parent_id": None,
        "variant_id": variant["id"],
        "product_id": product["id"],
        "sku": variant["sku"] or product["sku"],
        "name": product["name"],
        "url": f"https://gifts.sandbox.example{product['custom_url']['url']}",
        "taxable": True,
        "image_url": "",
        "discounts": [],
        "coupons": [],
        "discount_amount": 0.0,
        "coupon_amount": 0.0,
        "list_price": price,
        "sale_price": price,
        "options": [
            {"name": v["option_display_name"], "nameId": v["option_id"], "value": v["label"], "valueId": v["id"]}
            for v in variant["option_values"]
        ],
    }
    _count(line, _quantity(body))
    return ("digital_items" if product["type"] == "digital" else "physical_items"), line


def _quantity(body: Json) -> int:
    quantity = object_id(body.get("quantity", 1))
    if quantity < 1:
        raise invalid("quantity", "The quantity must be at least 1.")
    return quantity


def _custom_line(body: Json) -> Json:
    if not str(body.get("name") or ""):
        raise invalid("custom_items", "A custom item needs a name.")
    line: Json = {"id": str(uuid.uuid4()), "sku": str(body.get("sku", "")), "name": str(body["name"]), "image_url": ""}
    line["list_price"] = float(amount(body, "list_price") or 0)
    _count(line, _quantity(body))
    return line


def _tell_lines(state: State, cart: Json, events: list[tuple[str, Json]]) -> None:
    for event, line in events:
        data = {"type": "cart_line_item", "id": line["id"], "cartId": cart["id"]}
        state.emit(f"store/cart/lineItem/{event}", data)
        channel = {"cart_id": cart["id"], "cart_item_id": line["id"]}
        state.emit(f"store/channel/{cart['channel_id']}/cart/lineItem/{event}", channel)


def emit(state: State, cart: Json, event: str, more: Json | None = None) -> None:
    """One event for the store's hooks and for those of the cart's channel."""
    state.emit(f"store/cart/{event}", {"type": "cart", "id": cart["id"], **(more or {})})
    state.emit(f"store/channel/{cart['channel_id']}/cart/{event}", {"cart_id": cart["id"]})


def _touch(state: State, cart: Json) -> None:
    cart["version"] += 1
    cart["updated_time"] = now().isoformat()
    _changed(state, cart)


def _changed(state: State, cart: Json) -> None:
    total = sum((Decimal(str(line["extended_list_price"])) for line in lines_of(cart)), Decimal(0))
    cart["base_amount"] = cart["cart_amount"] = _number(total)
    watched = cart["id"] in state.cart_touched
    state.cart_touched[cart["id"]] = time.monotonic()
    emit(state, cart, "updated")
    if not watched:
        _watch(state, cart["id"], state.settings.abandoned_after_s)


def _watch(state: State, cart_id: str, seconds: float) -> None:
    # One waiting act per cart, however often the cart is touched meanwhile.
    def look() -> None:
        touched = state.cart_touched.get(cart_id)
        if touched is None:
            return
        quiet = (time.monotonic() - touched) * state.options.speed
        if quiet < state.settings.abandoned_after_s:
            _watch(state, cart_id, state.settings.abandoned_after_s - quiet)
            return
        abandon(state, cart_id)

    state.clock.after(seconds, look)


def abandon(state: State, cart_id: str) -> str:
    """What happens after an hour without a change; the token under which the cart can be found."""
    cart = find(state, cart_id)
    state.cart_touched.pop(cart_id, None)
    token = uuid.uuid4().hex
    state.abandoned[token] = cart["id"]
    emit(state, cart, "abandoned", {"token": token})
    return token


def convert(state: State, cart_id: str, body: Json) -> Order:
    """Check out: the cart is gone, its order is there."""
    cart = find(state, cart_id)
    described: Json = {
        "products": [_order_line(state, cart, kind, line) for kind in KINDS for line in cart["line_items"][kind]],
        "cart_id": cart_id,
        "channel_id": cart["channel_id"],
        "order_source": "www",
        "customer_id": cart["customer_id"],
        "default_currency_code": cart["currency"]["code"],
        "billing_address": billing(state, cart),
    }
    order = orders.create(state, {**described, **body}, checkout=True)
    _forget(state, cart)
    emit(state, cart, "converted", {"orderId": order.id})
    return order


def _order_line(state: State, cart: Json, kind: str, line: Json) -> Json:
    price = Decimal(str(line.get("sale_price", line["list_price"])))
    currency = state.currency(cart["currency"]["code"]) or {}
    taxed = rounded(price * (HUNDRED + state.settings.tax_rate) / HUNDRED, currency.get("decimal_places", 2))
    same = {"quantity": line["quantity"], "price_ex_tax": str(price), "price_inc_tax": str(taxed)}
    if kind == "custom_items":
        return {**same, "name": line["name"], "sku": line["sku"]}
    return {**same, "product_id": line["product_id"], "variant_id": line["variant_id"]}


def billing(state: State, cart: Json) -> Json:
    """A billing address as far as the store knows one: the customer's first, else somewhere."""
    numbers = state.addresses_of.get(cart["customer_id"]) or []
    if not numbers:
        return {**SOMEWHERE, "email": cart["email"]}
    row = state.addresses[numbers[0]]
    fields = {name: row[name] for name in SAME_IN_ADDRESSES}
    return {**fields, **{old: row[new] for old, new in addresses.V2_NAMES.items()}, "email": cart["email"]}
