"""Stock in V3: items, locations, and adjustments that take effect a moment later."""

from __future__ import annotations

import time
import uuid
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from . import catalog
from .envelope import Json, json_object, object_id, rows, v3_list
from .errors import ApiError
from .filters import Kind, select
from .state import State

MOST_ITEMS = 2000
MOST_LISTED = 1000
DELAY_S = 0.5  # adjustments are asynchronous: a read straight after may show the old figure
LOCATION: Json = {
    "id": 1,
    "code": "BC-LOCATION-1",
    "label": "Default location",
    "description": "",
    "managed_by_external_source": False,
    "type_id": "PHYSICAL",
    "enabled": True,
    "storefront_visibility": True,
    "time_zone": "Europe/London",
}
FILTERS: dict[str, Kind] = {"sku": "text", "variant_id": "number", "product_id": "number"}


def blueprint(state: State) -> Blueprint:
    """All routes of this resource."""
    routes = Blueprint("inventory_v3", __name__, url_prefix=f"/stores/{state.store_hash}/v3/inventory")

    @routes.get("/items")
    def list_items() -> ResponseReturnValue:
        _settle(state)
        rows = [_flat(state, variant) for variant in state.variants.values()]
        return v3_list(select(rows, request.args, FILTERS), _show, MOST_LISTED)

    @routes.get("/locations")
    def list_locations() -> ResponseReturnValue:
        return v3_list([LOCATION], dict, MOST_LISTED)

    @routes.get("/locations/<int:location_id>/items")
    def list_items_there(location_id: int) -> ResponseReturnValue:
        if location_id != LOCATION["id"]:
            raise ApiError(404)
        return list_items()

    @routes.put("/adjustments/absolute")
    def set_levels() -> ResponseReturnValue:
        return _adjust(state, absolute=True)

    @routes.post("/adjustments/relative")
    def change_levels() -> ResponseReturnValue:
        return _adjust(state, absolute=False)

    return routes


def _adjust(state: State, absolute: bool) -> ResponseReturnValue:
    _settle(state)
    items = rows(json_object(), "items")
    if not items:
        return _problem("The items are required.")
    if len(items) > MOST_ITEMS:
        raise ApiError(413)
    due: list[tuple[float, int, int]] = []
    for item in items:
        variant = _identify(state, item)
        if variant is None or item.get("location_id") != LOCATION["id"] or not isinstance(item.get("quantity"), int):
            return _problem("An item has no known identity, location or quantity.")
        level = item["quantity"] if absolute else variant["inventory_level"] + item["quantity"]
        if level < 0 and not absolute:
            return _problem("The stock would fall below the safety stock.")
        due.append((time.monotonic() + DELAY_S / state.options.speed, variant["id"], level))
    state.pending_stock += due
    return jsonify(transaction_id=str(uuid.uuid4()))


def _problem(title: str) -> ResponseReturnValue:
    body = jsonify(status=422, title=title, type="", errors={})
    body.mimetype = "application/problem+json"
    return body, 422


def _identify(state: State, item: Json) -> Json | None:
    if "sku" in item:
        return state.variants.get(state.variant_by_sku.get(str(item["sku"]).casefold(), 0))
    if "variant_id" in item:
        return state.variants.get(object_id(item["variant_id"]))
    product = state.products.get(object_id(item.get("product_id")))
    return state.variants.get(product["base_variant_id"] or 0) if product else None


def _settle(state: State) -> None:
    ready = [entry for entry in state.pending_stock if entry[0] <= time.monotonic()]
    state.pending_stock = [entry for entry in state.pending_stock if entry not in ready]
    for _, variant_id, level in ready:
        if variant_id in state.variants:
            catalog.update_variant(state, state.variants[variant_id], {"inventory_level": level})


def _flat(state: State, variant: Json) -> Json:
    return {
        "sku": variant["sku"],
        "variant_id": variant["id"],
        "product_id": variant["product_id"],
        "sku_id": variant["sku_id"],
        "level": variant["inventory_level"],
        "warning": variant["inventory_warning_level"],
    }


def _show(row: Json) -> Any:
    return {
        "identity": {name: row[name] for name in ("sku", "variant_id", "product_id", "sku_id")},
        "locations": [
            {
                "location_id": LOCATION["id"],
                "location_code": LOCATION["code"],
                "location_name": LOCATION["label"],
                "available_to_sell": row["level"],
                "total_inventory_onhand": row["level"],
                "location_enabled": True,
                "settings": {
                    "safety_stock": 0,
                    "is_in_stock": row["level"] > 0,
                    "warning_level": row["warning"],
                    "bin_picking_number": "",
                },
            }
        ],
    }
