"""What scripts and tests steer under `/_sandbox`, beside what every stand-in has."""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from . import carts_v3, catalog, customers, order_view, orders, refunds
from .envelope import json_array, json_object
from .errors import ApiError
from .installs import Installs, Refused
from .orders_v2 import find
from .records import Json
from .state import State
from .webhooks import Deliveries

MOST_AT_ONCE = 10_000
PLAN_KEYS = {"quota", "window_ms", "eaten", "retry_after", "hook_delay_s", "tax_rate"}


def blueprint(state: State, deliveries: Deliveries, installs: Installs) -> Blueprint:
    """All control routes of this stand-in."""
    routes = Blueprint("controls", __name__, url_prefix="/_sandbox")
    _plan(routes, state)
    _webhooks(routes, deliveries)
    _app(routes, state, installs)
    _people(routes, state, installs)
    _shop(routes, state)

    @routes.errorhandler(Refused)
    def refused(error: Refused) -> ResponseReturnValue:
        return jsonify(error=str(error)), 409

    @routes.errorhandler(ApiError)
    def bad(error: ApiError) -> ResponseReturnValue:
        return jsonify(error=error.title, errors=error.errors), error.status

    return routes


def _plan(routes: Blueprint, state: State) -> None:
    @routes.get("/plan")
    def plan() -> ResponseReturnValue:
        limit = state.rate_limit
        return jsonify(quota=limit.quota, window_ms=limit.window_ms, eaten=limit.eaten, enforced=limit.enforced)

    @routes.post("/plan")
    def change_plan() -> ResponseReturnValue:
        body = json_object()
        if set(body) - PLAN_KEYS:
            raise ApiError(422, f"Known keys: {', '.join(sorted(PLAN_KEYS))}")
        state.rate_limit.change(*(body.get(name) for name in ("quota", "window_ms", "eaten", "retry_after")))
        if "hook_delay_s" in body:
            state.settings.hook_delay_s = float(body["hook_delay_s"])
        if "tax_rate" in body:
            state.settings.tax_rate = Decimal(str(body["tax_rate"]))
        return "", 204


def _webhooks(routes: Blueprint, deliveries: Deliveries) -> None:
    @routes.get("/webhooks")
    def counts() -> ResponseReturnValue:
        return jsonify(**deliveries.counts(), blocked_domains=deliveries.blocked_domains())

    @routes.post("/webhooks/<action>")
    def act(action: str) -> ResponseReturnValue:
        times = int((request.get_json(silent=True) or {}).get("times", 1))
        actions = {
            "pause": lambda: deliveries.pause(True),
            "resume": lambda: deliveries.pause(False),
            "duplicate": lambda: deliveries.double(times),
            "shuffle": lambda: deliveries.shuffle(times),
        }
        if action not in actions:
            raise ApiError(404)
        actions[action]()
        return "", 204


def _app(routes: Blueprint, state: State, installs: Installs) -> None:
    @routes.get("/app")
    def app() -> ResponseReturnValue:
        shown = {name: getattr(state.app, name) for name in state.app.__dataclass_fields__ if name != "client_secret"}
        there = state.installation
        return jsonify(**shown, installed=there is not None, needs_consent=installs.needs_consent())

    @routes.put("/app")
    def change_app() -> ResponseReturnValue:
        installs.change_app(json_object())
        return "", 204

    @routes.post("/scopes")
    def change_scopes() -> ResponseReturnValue:
        installs.change_app({"scopes": json_object().get("scopes", "")})
        return "", 204

    _callbacks(routes, state, installs)


def _callbacks(routes: Blueprint, state: State, installs: Installs) -> None:
    @routes.post("/install")
    def install() -> ResponseReturnValue:
        body: Json = request.get_json(silent=True) or {}
        url = installs.accept(installs.user(body.get("user", "owner")), bool(body.get("external")))
        return jsonify(url=url)

    @routes.get("/load_url")
    def load_url() -> ResponseReturnValue:
        args = request.args
        channel = int(args["channel_id"]) if args.get("channel_id") else None
        return jsonify(url=installs.load_url(installs.user(args.get("user", "owner")), args.get("url", "/"), channel))

    @routes.post("/uninstall")
    def uninstall() -> ResponseReturnValue:
        body: Json = request.get_json(silent=True) or {}
        return jsonify(installs.uninstall(installs.user(body.get("user", "owner"))))

    @routes.route("/frame", methods=["GET", "POST"])
    def frame() -> ResponseReturnValue:
        # What the framed app told the control panel over JSChannel.
        if request.method == "GET":
            return jsonify(state.frame_messages)
        state.frame_messages.append(json_object())
        return "", 204


def _people(routes: Blueprint, state: State, installs: Installs) -> None:
    @routes.post("/users")
    def add_user() -> ResponseReturnValue:
        body = json_object()
        if not body.get("name") or not body.get("email"):
            raise ApiError(422, "A user needs a name and an email.")
        user = installs.add_user(body["name"], body["email"], body.get("role", "staff"))
        return jsonify(id=user.id, email=user.email, name=user.name, role=user.role), 201

    @routes.post("/remove_user")
    def remove_user() -> ResponseReturnValue:
        return jsonify(installs.remove_user(installs.user(json_object().get("user_id", ""))))

    @routes.post("/owner")
    def change_owner() -> ResponseReturnValue:
        body = json_object()
        installs.change_owner(installs.user(str(body.get("user_id") or body.get("email"))))
        return jsonify(owner=state.owner.email)


def _shop(routes: Blueprint, state: State) -> None:
    """What shoppers and the merchant do in the store: no API call, so no token, quota or latency."""

    @routes.post("/orders")
    def check_out() -> ResponseReturnValue:
        with state.lock:
            return jsonify(order_view.order(state, orders.create(state, json_object(), checkout=True))), 201

    @routes.post("/orders/<int:order_id>/refunds")
    def refund(order_id: int) -> ResponseReturnValue:
        with state.lock:
            return jsonify(refunds.show(refunds.make(state, find(state, order_id), json_object()))), 201

    @routes.post("/customers")
    def register() -> ResponseReturnValue:
        with state.lock:
            return jsonify(customers.create_many(state, json_array(MOST_AT_ONCE))), 201

    @routes.post("/products")
    def stock_up() -> ResponseReturnValue:
        with state.lock:
            return jsonify([catalog.create_product(state, body) for body in json_array(MOST_AT_ONCE)]), 201

    _shoppers(routes, state)


def _shoppers(routes: Blueprint, state: State) -> None:
    @routes.post("/orders/<int:order_id>/messages")
    def write_message(order_id: int) -> ResponseReturnValue:
        with state.lock:
            order = find(state, order_id)
            message = {"id": state.next_id("messages"), "order_id": order_id, "type": "customer", **json_object()}
            order.messages.append(message)
            orders.emit(state, order, "message/created", {"message": {"order_message_id": message["id"]}})
            return jsonify(message), 201

    @routes.post("/carts/<cart_id>/abandon")
    def abandon(cart_id: str) -> ResponseReturnValue:
        with state.lock:
            return jsonify(token=carts_v3.abandon(state, cart_id))

    @routes.post("/carts/<cart_id>/convert")
    def convert(cart_id: str) -> ResponseReturnValue:
        with state.lock:
            return jsonify(order_view.order(state, carts_v3.convert(state, cart_id, json_object()))), 201
