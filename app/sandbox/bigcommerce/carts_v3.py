"""Carts in V3: made and read by id only, there is no list; checkouts as far as they make orders of carts."""

from __future__ import annotations

import hashlib

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from . import carts
from .envelope import json_object, v3_one
from .errors import ApiError, invalid
from .records import Json
from .state import State
from .statuses import INCOMPLETE

SHOP = "https://gifts.sandbox.example/cart.php"
WITH_OPTIONS = ("physical_items", "digital_items")


def blueprint(state: State) -> Blueprint:
    """All routes of these resources."""
    routes = Blueprint("carts_v3", __name__, url_prefix=f"/stores/{state.store_hash}/v3")
    _carts(routes, state)
    _items(routes, state)
    _checkouts(routes, state)
    return routes


def _carts(routes: Blueprint, state: State) -> None:
    @routes.post("/carts")
    def create_cart() -> ResponseReturnValue:
        return v3_one(show(carts.create(state, json_object())), 201)

    @routes.get("/carts/<cart_id>")
    def get_cart(cart_id: str) -> ResponseReturnValue:
        return v3_one(show(carts.find(state, cart_id)))

    @routes.put("/carts/<cart_id>")
    def update_cart(cart_id: str) -> ResponseReturnValue:
        body = json_object()
        if "customer_id" not in body:
            raise invalid("customer_id", "Only the customer_id of a cart can be changed.")
        changes: Json = {name: body[name] for name in ("customer_id", "version") if name in body}
        return v3_one(show(carts.change(state, carts.find(state, cart_id), changes)), 201)

    @routes.delete("/carts/<cart_id>")
    def delete_cart(cart_id: str) -> ResponseReturnValue:
        carts.delete(state, carts.find(state, cart_id))
        return "", 204

    @routes.post("/carts/<cart_id>/redirect_urls")
    def make_urls(cart_id: str) -> ResponseReturnValue:
        return v3_one(_redirect_urls(carts.find(state, cart_id)), 201)

    @routes.get("/abandoned-carts/<token>")
    def abandoned_cart(token: str) -> ResponseReturnValue:
        if token not in state.abandoned:
            raise ApiError(404)
        return v3_one({"cart_id": state.abandoned[token]})


def _items(routes: Blueprint, state: State) -> None:
    @routes.post("/carts/<cart_id>/items")
    def add_items(cart_id: str) -> ResponseReturnValue:
        return v3_one(show(carts.add_lines(state, carts.find(state, cart_id), json_object())), 201)

    @routes.put("/carts/<cart_id>/items/<item_id>")
    def update_item(cart_id: str, item_id: str) -> ResponseReturnValue:
        return v3_one(show(carts.change_line(state, carts.find(state, cart_id), item_id, json_object())))

    @routes.delete("/carts/<cart_id>/items/<item_id>")
    def delete_item(cart_id: str, item_id: str) -> ResponseReturnValue:
        cart = carts.find(state, cart_id)
        carts.check_version(cart, request.get_json(silent=True) or {})
        carts.remove_line(state, cart, item_id)
        # With its last item the cart itself is gone.
        return v3_one(show(cart)) if cart_id in state.carts else ("", 204)


def _checkouts(routes: Blueprint, state: State) -> None:
    # A checkout has its cart's id.
    @routes.post("/checkouts/<cart_id>/orders")
    def create_order(cart_id: str) -> ResponseReturnValue:
        order = carts.convert(state, cart_id, {"status_id": INCOMPLETE, "order_source": "checkout_api"})
        return v3_one({"id": order.id})


def show(cart: Json) -> Json:
    """A cart with the parts asked for."""
    asked = request.args.get("include", "").split(",")
    items = dict(cart["line_items"])
    for kind in WITH_OPTIONS:
        if f"line_items.{kind}.options" not in asked:
            items[kind] = [{name: row[name] for name in row if name != "options"} for row in items[kind]]
    shown = {**cart, "line_items": items}
    if "redirect_urls" in asked:
        shown["redirect_urls"] = _redirect_urls(cart)
    return shown


def _redirect_urls(cart: Json) -> Json:
    key = hashlib.sha256(cart["id"].encode()).hexdigest()
    query = f"id={cart['id']}&token={key}"
    return {
        "cart_url": f"{SHOP}?action=load&{query}",
        "checkout_url": f"{SHOP}?action=loadInCheckout&{query}",
        "embedded_checkout_url": f"{SHOP}?embedded=1&action=loadInCheckout&{query}",
    }
