"""Shipments of an order in V2."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from . import orders
from .dates import now, rfc2822
from .envelope import Json, json_object, rows, v2_list
from .errors import ApiError
from .order_lines import whole
from .orders_v2 import find
from .records import Line, Order, OrderAddress
from .state import State
from .statuses import PARTIALLY_SHIPPED, SHIPPED

TEXTS = {
    "tracking_number": 50,
    "tracking_link": 500,
    "shipping_method": 255,
    "shipping_provider": 255,
    "tracking_carrier": 255,
    "comments": 65535,
    "merchant_shipping_cost": 40,
}
CARRIERS = {
    "auspost": ("Australia Post", "https://auspost.com.au/mypost/track/#/details/"),
    "canadapost": ("Canada Post", "https://www.canadapost-postescanada.ca/track-reperage/en#/details/"),
    "fedex": ("FedEx", "https://www.fedex.com/fedextrack/?trknbr="),
    "royalmail": ("Royal Mail", "https://www.royalmail.com/track-your-item#/tracking-results/"),
    "ups": ("UPS", "https://www.ups.com/track?tracknum="),
    "usps": ("USPS", "https://tools.usps.com/go/TrackConfirmAction?tLabels="),
}


def blueprint(state: State) -> Blueprint:
    """All routes of this resource."""
    routes = Blueprint("shipments_v2", __name__, url_prefix=f"/stores/{state.store_hash}/v2/orders/<int:order_id>")
    _collection(routes, state)
    _single(routes, state)
    return routes


def _collection(routes: Blueprint, state: State) -> None:
    @routes.get("/shipments")
    def list_shipments(order_id: int) -> ResponseReturnValue:
        return v2_list(find(state, order_id).shipments, dict)

    @routes.get("/shipments/count")
    def count_shipments(order_id: int) -> ResponseReturnValue:
        return jsonify(count=len(find(state, order_id).shipments))

    @routes.post("/shipments")
    def create_shipment(order_id: int) -> ResponseReturnValue:
        return jsonify(ship(state, find(state, order_id), json_object())), 201

    @routes.delete("/shipments")
    def delete_shipments(order_id: int) -> ResponseReturnValue:
        order = find(state, order_id)
        for shipment in list(order.shipments):
            _unship(state, order, shipment)
        return "", 204


def _single(routes: Blueprint, state: State) -> None:
    @routes.get("/shipments/<int:shipment_id>")
    def get_shipment(order_id: int, shipment_id: int) -> ResponseReturnValue:
        return jsonify(_find(find(state, order_id), shipment_id))

    @routes.put("/shipments/<int:shipment_id>")
    def update_shipment(order_id: int, shipment_id: int) -> ResponseReturnValue:
        order, body = find(state, order_id), json_object()
        shipment = _find(order, shipment_id)
        if "items" in body:
            raise ApiError(400, "The field 'items' is not writable.")
        tracking = shipment["tracking_number"]
        if body.get("order_address_id"):
            address = _address(order, body)
            shipment.update(order_address_id=address.id, shipping_address=dict(address.fields))
        _fill(shipment, body)
        if shipment["tracking_number"] != tracking:  # documented for the tracking number only
            _emit(state, order, shipment, "updated")
        return jsonify(shipment)

    @routes.delete("/shipments/<int:shipment_id>")
    def delete_shipment(order_id: int, shipment_id: int) -> ResponseReturnValue:
        order = find(state, order_id)
        _unship(state, order, _find(order, shipment_id))
        return "", 204


def ship(state: State, order: Order, body: Json) -> Json:
    """Send goods off: moves the lines' quantities and the order to Shipped or Partially Shipped."""
    address = _address(order, body)
    items = [(_line(order, row), whole(row.get("quantity"), "quantity", 1)) for row in rows(body, "items")]
    if not items or any(number > line.quantity - line.quantity_shipped for line, number in items):
        raise ApiError(400, "The field 'items' is invalid.")
    shipment: Json = {
        "id": state.next_id("shipments"),
        "order_id": order.id,
        "customer_id": order.customer_id,
        "order_address_id": address.id,
        "date_created": rfc2822(now()),
        **dict.fromkeys(TEXTS, ""),
        "merchant_shipping_cost": "0.0000",
        "billing_address": dict(order.billing),
        "shipping_address": dict(address.fields),
        "items": [
            {"order_product_id": line.id, "product_id": line.product_id, "quantity": number} for line, number in items
        ],
    }
    _fill(shipment, body)
    for line, number in items:
        line.quantity_shipped += number
    order.shipments.append(shipment)
    _emit(state, order, shipment, "created")
    # Which status the API sets by itself is not documented; this is what the control panel does.
    if state.settings.shipments_set_status:
        goods = [line for line in order.lines if line.type == "physical"]
        done = all(line.quantity_shipped >= line.quantity for line in goods)
        orders.set_status(state, order, SHIPPED if done else PARTIALLY_SHIPPED)
    else:
        orders.changed(state, order, order.status_id)
    return shipment


def _address(order: Order, body: Json) -> OrderAddress:
    address_id = whole(body.get("order_address_id"), "order_address_id", 1)
    for address in order.addresses:
        if address.id == address_id:
            return address
    raise ApiError(400, "The field 'order_address_id' is invalid.")


def _line(order: Order, row: Json) -> Line:
    number = whole(row.get("order_product_id"), "order_product_id", 1)
    for line in order.lines:
        if line.id == number:
            return line
    raise ApiError(400, f"The order has no product {number}.")


def _fill(shipment: Json, body: Json) -> None:
    for name, longest in TEXTS.items():
        if name in body:
            text = str(body[name] or "")
            if len(text) > longest:
                raise ApiError(400, f"The field '{name}' is too long.")
            shipment[name] = text
    name, address = CARRIERS.get(shipment["shipping_provider"], (shipment["shipping_provider"], ""))
    shipment["shipping_provider_display_name"] = name
    followed = shipment["tracking_number"] and address and not shipment["tracking_link"]
    shipment["generated_tracking_link"] = address + shipment["tracking_number"] if followed else ""


def _unship(state: State, order: Order, shipment: Json) -> None:
    # The pieces count as not shipped again; the order stays in Shipped, as documented.
    sent = {item["order_product_id"]: item["quantity"] for item in shipment["items"]}
    for line in order.lines:
        line.quantity_shipped -= sent.get(line.id, 0)
    order.shipments.remove(shipment)
    _emit(state, order, shipment, "deleted")
    orders.changed(state, order, order.status_id)


def _find(order: Order, shipment_id: int) -> Json:
    for shipment in order.shipments:
        if shipment["id"] == shipment_id:
            return shipment
    raise ApiError(404)


def _emit(state: State, order: Order, shipment: Json, event: str) -> None:
    state.emit(f"store/shipment/{event}", {"type": "shipment", "id": shipment["id"], "orderId": order.id})
