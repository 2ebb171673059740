"""Orders and their sub-resources in V2."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from operator import attrgetter
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from . import messages, order_view, orders
from .dates import parse
from .envelope import Json, integer, json_object, v2_list
from .errors import ApiError, invalid
from .records import Order
from .state import State
from .statuses import INCOMPLETE, STATUSES, status

Test = Callable[[Order], bool]

SORTS: dict[str, Callable[[Order], Any]] = {
    "id": attrgetter("id"),
    "customer_id": attrgetter("customer_id"),
    "date_created": attrgetter("created"),
    "date_modified": attrgetter("modified"),
    "status_id": attrgetter("status_id"),
    "channel_id": attrgetter("channel_id"),
    "external_id": attrgetter("id"),
}
EQUAL: dict[str, Callable[[Order], Any]] = {
    "customer_id": attrgetter("customer_id"),
    "status_id": attrgetter("status_id"),
    "channel_id": attrgetter("channel_id"),
    "email": lambda order: order.billing["email"].casefold(),
    "cart_id": lambda order: order.more.get("cart_id"),
    "payment_method": lambda order: order.more.get("payment_method"),
    "external_order_id": lambda order: order.more.get("external_order_id"),
}
BOUNDS: dict[str, Callable[[Order], Any]] = {
    "id": attrgetter("id"),
    "total": lambda order: order.total.inc,
    "date_created": attrgetter("created"),
    "date_modified": attrgetter("modified"),
}


def find(state: State, order_id: int) -> Order:
    """The order, archived ones too; else 404."""
    order = state.orders.get(order_id)
    if order is None:
        raise ApiError(404)
    return order


def blueprint(state: State) -> Blueprint:
    """All routes of this resource."""
    routes = Blueprint("orders_v2", __name__, url_prefix=f"/stores/{state.store_hash}/v2")
    _orders(routes, state)
    _parts(routes, state)
    _attachments(routes, state)
    _statuses(routes)
    return routes


def _orders(routes: Blueprint, state: State) -> None:
    @routes.get("/orders")
    def list_orders() -> ResponseReturnValue:
        return v2_list(_sorted(_filtered(state)), lambda order: _show(state, order))

    @routes.post("/orders")
    def create_order() -> ResponseReturnValue:
        return jsonify(_show(state, orders.create(state, json_object())))

    @routes.delete("/orders")
    def archive_all() -> ResponseReturnValue:
        for order in state.orders.values():
            orders.archive(state, order)
        return "", 204

    @routes.get("/orders/count")
    def count_orders() -> ResponseReturnValue:
        found = _filtered(state)
        rows = []
        for number in STATUSES:
            row = status(number)
            row["sort_order"] = row.pop("order")
            rows.append({**row, "count": sum(order.status_id == number for order in found)})
        return jsonify(statuses=rows, count=len(found))

    @routes.get("/orders/<int:order_id>")
    def get_order(order_id: int) -> ResponseReturnValue:
        return jsonify(_show(state, find(state, order_id)))

    @routes.put("/orders/<int:order_id>")
    def update_order(order_id: int) -> ResponseReturnValue:
        return jsonify(_show(state, orders.update(state, find(state, order_id), json_object())))

    @routes.delete("/orders/<int:order_id>")
    def archive_order(order_id: int) -> ResponseReturnValue:
        orders.archive(state, find(state, order_id))
        return "", 204


def _parts(routes: Blueprint, state: State) -> None:
    @routes.get("/orders/<int:order_id>/products")
    def list_products(order_id: int) -> ResponseReturnValue:
        return v2_list(find(state, order_id).lines, order_view.line)

    @routes.get("/orders/<int:order_id>/products/<int:line_id>")
    def get_product(order_id: int, line_id: int) -> ResponseReturnValue:
        return jsonify(order_view.line(_by_id(find(state, order_id).lines, line_id)))

    @routes.get("/orders/<int:order_id>/shipping_addresses")
    def list_addresses(order_id: int) -> ResponseReturnValue:
        order = find(state, order_id)
        return v2_list(order.addresses, lambda row: order_view.address(order, row))

    @routes.get("/orders/<int:order_id>/shipping_addresses/<int:address_id>")
    def get_address(order_id: int, address_id: int) -> ResponseReturnValue:
        order = find(state, order_id)
        return jsonify(order_view.address(order, _by_id(order.addresses, address_id)))

    @routes.put("/orders/<int:order_id>/shipping_addresses/<int:address_id>")
    def update_address(order_id: int, address_id: int) -> ResponseReturnValue:
        order = find(state, order_id)
        row = _by_id(order.addresses, address_id)
        body = json_object()
        row.fields.update({name: str(body[name]) for name in row.fields.keys() & body.keys()})
        row.shipping_method = str(body.get("shipping_method", row.shipping_method))
        orders.changed(state, order, order.status_id)
        return jsonify(order_view.address(order, row))

    for name in ("products", "shipping_addresses"):
        routes.add_url_rule(f"/orders/<int:order_id>/{name}/count", f"count_{name}", _counter(state, name))


def _attachments(routes: Blueprint, state: State) -> None:
    @routes.get("/orders/<int:order_id>/coupons")
    def list_coupons(order_id: int) -> ResponseReturnValue:
        return v2_list(find(state, order_id).coupons, dict)

    @routes.get("/orders/<int:order_id>/taxes")
    def list_taxes(order_id: int) -> ResponseReturnValue:
        return v2_list(find(state, order_id).taxes, dict)

    @routes.get("/orders/<int:order_id>/messages")
    def list_messages(order_id: int) -> ResponseReturnValue:
        return v2_list(messages.select_from(find(state, order_id), request.args), dict)

    @routes.get("/orders/<int:order_id>/fees")
    def list_fees(order_id: int) -> ResponseReturnValue:
        return jsonify(fees=[order_view.fee(row) for row in find(state, order_id).fees])

    @routes.get("/orders/<int:order_id>/consignments")
    def list_consignments(order_id: int) -> ResponseReturnValue:
        wide = "line_items" in request.args.get("include", "")
        return jsonify(order_view.consignments(find(state, order_id), wide))


def _counter(state: State, name: str) -> Callable[[int], ResponseReturnValue]:
    def count(order_id: int) -> ResponseReturnValue:
        order = find(state, order_id)
        return jsonify(count=len(order.lines if name == "products" else order.addresses))

    return count


def _statuses(routes: Blueprint) -> None:
    @routes.get("/order_statuses")
    def list_statuses() -> ResponseReturnValue:
        return jsonify([status(number) for number in STATUSES])

    @routes.get("/order_statuses/<int:number>")
    def get_status(number: int) -> ResponseReturnValue:
        if number not in STATUSES:
            raise ApiError(404)
        return jsonify(status(number))


def _by_id(rows: Sequence[Any], number: int) -> Any:
    for row in rows:
        if row.id == number:
            return row
    raise ApiError(404)


def _show(state: State, order: Order) -> Json:
    include = frozenset(request.args.get("include", "").split(","))
    return order_view.order(state, order, include, request.args.get("consignment_structure", ""))


def _filtered(state: State) -> list[Order]:
    tests = [test for name, text in request.args.items() if text and (test := _test(name, text))]
    # Not documented whether archived orders and incomplete ones are listed without being asked for.
    both = state.settings.archived_orders_listed and "is_deleted" not in request.args
    deleted = request.args.get("is_deleted", "false").lower() in ("1", "true")
    if not state.settings.incomplete_orders_listed and "status_id" not in request.args:
        tests.append(lambda order: order.status_id != INCOMPLETE)
    found = (order for order in _candidates(state) if both or order.archived == deleted)
    return [order for order in found if all(test(order) for test in tests)]


def _candidates(state: State) -> list[Order]:
    """Those within the bounds of the id, which only grows, so that a list of few does not go through all."""
    ids = list(state.orders)
    first, last = integer("min_id", 0), integer("max_id", ids[-1] if ids else 0)
    return [state.orders[number] for number in ids[bisect_left(ids, first) : bisect_right(ids, last)]]


def _test(name: str, text: str) -> Test | None:
    if name in EQUAL:
        read = EQUAL[name]
        value = integer(name, 0) if name in ("customer_id", "status_id", "channel_id") else text
        value = value.casefold() if name == "email" and isinstance(value, str) else value
        return lambda order: bool(read(order) == value)
    edge, _, field = name.partition("_")
    if edge not in ("min", "max") or field not in BOUNDS:
        return None
    own, bound = BOUNDS[field], _bound(name, field, text)
    return (lambda order: own(order) >= bound) if edge == "min" else (lambda order: own(order) <= bound)


def _bound(name: str, field: str, text: str) -> Any:
    if field.startswith("date_"):
        return parse(text, name)
    if field == "id":
        return integer(name, 0)
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise invalid(name, "The value must be a number.")
    return number


def _sorted(found: list[Order]) -> list[Order]:
    field, _, direction = request.args.get("sort", "id:asc").partition(":")
    if field not in SORTS or direction not in ("", "asc", "desc"):
        raise invalid("sort", "The orders cannot be sorted by this.")
    if field == "id" and direction != "desc":
        return found  # ids only grow, so the table already has this order
    return sorted(found, key=SORTS[field], reverse=direction == "desc")
