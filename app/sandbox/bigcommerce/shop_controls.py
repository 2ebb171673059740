"""What shoppers and the merchant do in the store, under `/_sandbox`: no API call, so no token, quota or latency."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from . import carts, catalog, customers, messages, order_view, orders, past, refunds
from .b2b import companies
from .envelope import json_array, json_object
from .errors import ApiError
from .orders_v2 import find
from .records import Json
from .state import State

MOST_AT_ONCE = 10_000


def blueprint(state: State) -> Blueprint:
    """All these routes."""
    routes = Blueprint("shop_controls", __name__, url_prefix="/_sandbox")
    _fill(routes, state)
    _orders(routes, state)
    _companies(routes, state)
    _carts(routes, state)
    _control_panel(routes, state)

    @routes.errorhandler(ApiError)
    def bad(error: ApiError) -> ResponseReturnValue:
        return jsonify(error=error.title, errors=error.errors), error.status

    return routes


def _fill(routes: Blueprint, state: State) -> None:
    @routes.post("/customers")
    def register() -> ResponseReturnValue:
        with state.lock:
            return jsonify(customers.create_many(state, json_array(MOST_AT_ONCE))), 201

    @routes.post("/products")
    def stock_up() -> ResponseReturnValue:
        with state.lock:
            return jsonify([catalog.create_product(state, body) for body in json_array(MOST_AT_ONCE)]), 201

    @routes.post("/past")
    def years_of_trade() -> ResponseReturnValue:
        body = json_object()
        with state.lock:
            return jsonify(past.load(state, int(body["orders"]), int(body.get("seed", 1)), int(body["days"]))), 201


def _orders(routes: Blueprint, state: State) -> None:
    @routes.post("/orders")
    def check_out() -> ResponseReturnValue:
        with state.lock:
            return jsonify(order_view.order(state, orders.create(state, json_object(), checkout=True))), 201

    @routes.post("/orders/<int:order_id>/refunds")
    def refund(order_id: int) -> ResponseReturnValue:
        with state.lock:
            body = json_object()
            declined = bool(body.pop("declined", False))
            return jsonify(refunds.show(refunds.make(state, find(state, order_id), body, declined=declined))), 201

    @routes.post("/orders/<int:order_id>/messages")
    def write_message(order_id: int) -> ResponseReturnValue:
        with state.lock:
            order = find(state, order_id)
            message = messages.add(state, order, json_object())
            orders.emit(state, order, "message/created", {"message": {"order_message_id": message["id"]}})
            return jsonify(message), 201


def _companies(routes: Blueprint, state: State) -> None:
    @routes.post("/companies")
    def apply() -> ResponseReturnValue:
        """What a buyer does in the storefront: the company waits for approval."""
        with state.lock:
            body = json_object()
            companies.check(state, body)
            company = companies.create(state, body, companies.PENDING)
            companies.emit(state, company, "created")
            return jsonify(companies.show(state, company)), 201


def _carts(routes: Blueprint, state: State) -> None:
    @routes.post("/carts")
    def fill_cart() -> ResponseReturnValue:
        # A shopper: known by `customer_id`, by a typed `email`, or not at all.
        with state.lock:
            body = json_object()
            return jsonify(carts.create(state, body, str(body.get("email") or ""))), 201

    @routes.put("/carts/<cart_id>")
    def change_cart(cart_id: str) -> ResponseReturnValue:
        with state.lock:
            return jsonify(carts.change(state, carts.find(state, cart_id), json_object()))

    @routes.post("/carts/<cart_id>/abandon")
    def abandon(cart_id: str) -> ResponseReturnValue:
        with state.lock:
            return jsonify(token=carts.abandon(state, cart_id))

    @routes.post("/carts/<cart_id>/convert")
    def convert(cart_id: str) -> ResponseReturnValue:
        body: Json = request.get_json(silent=True) or {}
        with state.lock:
            return jsonify(order_view.order(state, carts.convert(state, cart_id, body))), 201


def _control_panel(routes: Blueprint, state: State) -> None:
    @routes.put("/customers/<int:number>/attributes")
    def write_attributes(number: int) -> ResponseReturnValue:
        """What only the merchant's own edit in the control panel does: attribute changes that fire an event."""
        with state.lock:
            if number not in state.customers:
                raise ApiError(404)
            ids = {row["name"]: row["id"] for row in state.attributes.values()}
            values = {str(name): str(value) for name, value in json_object().items()}
            unknown = values.keys() - ids.keys()
            if unknown:
                raise ApiError(422, f"The store has no attribute {', '.join(sorted(unknown))}.")
            written = [customers.set_attribute_value(state, number, ids[n], value) for n, value in values.items()]
            customers.changed(state, state.customers[number])
            return jsonify(written)
