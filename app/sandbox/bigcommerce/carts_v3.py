"""Carts in V3: made and read by id only, there is no list; and what a token of an abandoned one stands for."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from . import orders
from .catalog import calculated_price
from .dates import now
from .envelope import json_object, object_id, rows, v3_one
from .errors import ApiError, invalid
from .order_lines import amount
from .records import Json, Order
from .state import DEFAULT_CURRENCY, State

KINDS = ("physical_items", "digital_items", "gift_certificates", "custom_items")


def blueprint(state: State) -> Blueprint:
    """All routes of these resources."""
    routes = Blueprint("carts_v3", __name__, url_prefix=f"/stores/{state.store_hash}/v3")

    @routes.post("/carts")
    def create_cart() -> ResponseReturnValue:
        return v3_one(create(state, json_object()), 201)

    @routes.get("/carts/<cart_id>")
    def get_cart(cart_id: str) -> ResponseReturnValue:
        return v3_one(find(state, cart_id))

    @routes.put("/carts/<cart_id>")
    def update_cart(cart_id: str) -> ResponseReturnValue:
        cart, body = find(state, cart_id), json_object()
        cart["customer_id"] = body.get("customer_id", cart["customer_id"])
        touch(state, cart)
        return v3_one(cart)

    @routes.post("/carts/<cart_id>/items")
    def add_items(cart_id: str) -> ResponseReturnValue:
        cart = find(state, cart_id)
        _add_lines(state, cart, json_object())
        touch(state, cart)
        return v3_one(cart, 201)

    @routes.delete("/carts/<cart_id>")
    def delete_cart(cart_id: str) -> ResponseReturnValue:
        del state.carts[find(state, cart_id)["id"]]
        state.emit("store/cart/deleted", {"type": "cart", "id": cart_id})
        return "", 204

    @routes.get("/abandoned-carts/<token>")
    def abandoned_cart(token: str) -> ResponseReturnValue:
        if token not in state.abandoned:
            raise ApiError(404)
        return v3_one({"cart_id": state.abandoned[token]})

    return routes


def find(state: State, cart_id: str) -> Json:
    """The cart; converted and deleted ones are gone: 404."""
    if cart_id not in state.carts:
        raise ApiError(404)
    return state.carts[cart_id]


def create(state: State, body: Json) -> Json:
    """A cart; its e-mail is only known here when the shopper typed it or is a customer."""
    customer = state.customers.get(object_id(body.get("customer_id")), {})
    moment = now().isoformat()
    cart: Json = {
        "id": str(uuid.uuid4()),
        "customer_id": customer.get("id", 0),
        "channel_id": body.get("channel_id", 1),
        "email": body.get("email") or customer.get("email", ""),
        "currency": {"code": _currency(body)},
        "tax_included": False,
        "base_amount": 0.0,
        "discount_amount": 0.0,
        "cart_amount": 0.0,
        "coupons": [],
        "discounts": [],
        "line_items": {kind: [] for kind in KINDS},
        "created_time": moment,
        "updated_time": moment,
        "locale": "en",
        "version": 1,
    }
    _add_lines(state, cart, body)
    state.carts[cart["id"]] = cart
    for event in ("created", "updated"):
        state.emit(f"store/cart/{event}", {"type": "cart", "id": cart["id"]})
    return cart


def _add_lines(state: State, cart: Json, body: Json) -> None:
    lines = [(_catalogue_line(state, row)) for row in rows(body, "line_items")]
    lines += [("custom_items", _custom_line(row)) for row in rows(body, "custom_items")]
    if not lines:
        raise invalid("line_items", "A cart needs items.")
    for kind, line in lines:
        cart["line_items"][kind].append(line)
    everything = [line for kind in KINDS for line in cart["line_items"][kind]]
    amount = sum(line.get("extended_sale_price", line.get("extended_list_price", 0)) for line in everything)
    cart["base_amount"] = cart["cart_amount"] = round(amount, 2)


def _catalogue_line(state: State, body: Json) -> tuple[str, Json]:
    product = state.products.get(object_id(body.get("product_id")))
    if product is None:
        raise invalid("product_id", "The product does not exist.")
    number = object_id(body.get("variant_id")) or state.variants_of[product["id"]][0]
    if number not in state.variants_of[product["id"]]:
        raise invalid("variant_id", "The product has no such variant.")
    variant = state.variants[number]
    price, quantity = calculated_price(product, variant), _quantity(body)
    line = {
        "id": str(uuid.uuid4()),
        "parent_id": None,
        "variant_id": variant["id"],
        "product_id": product["id"],
        "sku": variant["sku"] or product["sku"],
        "name": product["name"],
        "url": product["custom_url"]["url"],
        "quantity": quantity,
        "taxable": True,
        "image_url": "",
        "discounts": [],
        "coupons": [],
        "discount_amount": 0.0,
        "coupon_amount": 0.0,
        "list_price": price,
        "sale_price": price,
        "extended_list_price": round(price * quantity, 2),
        "extended_sale_price": round(price * quantity, 2),
    }
    return ("digital_items" if product["type"] == "digital" else "physical_items"), line


def _quantity(body: Json) -> int:
    quantity = object_id(body.get("quantity", 1))
    if quantity < 1:
        raise invalid("quantity", "The quantity must be at least 1.")
    return quantity


def _currency(body: Json) -> str:
    currency = body.get("currency")
    return str(currency.get("code", DEFAULT_CURRENCY)) if isinstance(currency, dict) else DEFAULT_CURRENCY


def _custom_line(body: Json) -> Json:
    price, quantity = float(amount(body, "list_price") or 0), _quantity(body)
    names: dict[str, Any] = {"sku": str(body.get("sku", "")), "name": str(body.get("name", ""))}
    line = {"id": str(uuid.uuid4()), **names, "quantity": quantity, "list_price": price}
    return {**line, "extended_list_price": round(price * quantity, 2)}


def touch(state: State, cart: Json) -> None:
    """Note a change."""
    cart["version"] += 1
    cart["updated_time"] = now().isoformat()
    state.emit("store/cart/updated", {"type": "cart", "id": cart["id"]})


def abandon(state: State, cart_id: str) -> str:
    """What happens after an hour without a change; the token under which the cart can be found."""
    cart = find(state, cart_id)
    token = uuid.uuid4().hex
    state.abandoned[token] = cart["id"]
    state.emit("store/cart/abandoned", {"type": "cart", "id": cart["id"], "token": token})
    return token


def convert(state: State, cart_id: str, body: Json) -> Order:
    """Check out: the cart is gone, its order is there."""
    cart = find(state, cart_id)
    lines = [
        {"product_id": line["product_id"], "variant_id": line["variant_id"], "quantity": line["quantity"]}
        for kind in ("physical_items", "digital_items")
        for line in cart["line_items"][kind]
    ]
    described = {"products": lines, "cart_id": cart_id, "order_source": "www", "customer_id": cart["customer_id"]}
    order = orders.create(state, {**described, **body}, checkout=True)
    del state.carts[cart_id]
    state.emit("store/cart/converted", {"type": "cart", "id": cart_id, "orderId": order.id})
    return order
