"""Stock in V3: items, locations, and adjustments that take effect a moment later."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from . import catalog
from .envelope import Json, json_object, numbers, object_id, rows, v3_list
from .errors import ApiError
from .filters import Kind, select
from .state import State, as_list
from .stock import ANY_CHANNEL, LOCATION_ID

MOST_ITEMS = 2000
MOST_LISTED = 1000
MOST_PIECES = 2_147_483_647
IDENTITIES = ("sku", "variant_id", "product_id")
LOCATION: Json = {
    "id": LOCATION_ID,
    "code": "BC-LOCATION-1",
    "label": "Default location",
    "description": "",
    "managed_by_external_source": False,
    "type_id": "PHYSICAL",
    "enabled": True,
    "storefront_visibility": True,
    "time_zone": "Europe/London",
}
FILTERS: dict[str, Kind] = {"sku": "text", "id": "number", "product_id": "number"}


class Unfit(Exception):
    """An adjustment that is refused; its words go into the title."""


def blueprint(state: State) -> Blueprint:
    """All routes of this resource."""
    routes = Blueprint("inventory_v3", __name__, url_prefix=f"/stores/{state.store_hash}/v3/inventory")
    _items(routes, state)
    _adjustments(routes, state)
    return routes


def _items(routes: Blueprint, state: State) -> None:
    @routes.get("/items")
    def list_items() -> ResponseReturnValue:
        return v3_list(_filtered(state), lambda row: _show(state, row), MOST_LISTED)

    @routes.get("/locations")
    def list_locations() -> ResponseReturnValue:
        return v3_list([LOCATION], dict, MOST_LISTED)

    @routes.get("/locations/<int:location_id>/items")
    def list_items_there(location_id: int) -> ResponseReturnValue:
        if location_id != LOCATION_ID:
            raise ApiError(404)
        return list_items()

    @routes.put("/locations/<int:location_id>/items")
    def change_settings(location_id: int) -> ResponseReturnValue:
        if location_id != LOCATION_ID:
            raise ApiError(404)
        return _write(state, "settings", _settings)


def _adjustments(routes: Blueprint, state: State) -> None:
    @routes.put("/adjustments/absolute")
    def set_levels() -> ResponseReturnValue:
        return _write(state, "items", lambda state, item: _adjust(state, item, absolute=True))

    @routes.post("/adjustments/relative")
    def change_levels() -> ResponseReturnValue:
        return _write(state, "items", lambda state, item: _adjust(state, item, absolute=False))

    @routes.errorhandler(Unfit)
    def refused(error: Unfit) -> ResponseReturnValue:
        body = jsonify(status=422, title=str(error), type="", errors={})
        body.mimetype = "application/problem+json"
        return body, 422


def _write(state: State, field: str, prepare: Any) -> ResponseReturnValue:
    """Check all, then do all, at once or a moment later."""
    items = rows(json_object(), field)
    if not items:
        raise Unfit(f"The {field} are required.")
    if len(items) > MOST_ITEMS:
        raise ApiError(413)
    acts = [prepare(state, item) for item in items]

    def settle() -> None:
        for act in acts:
            act()

    if state.settings.stock_delay_s:
        state.clock.after(state.settings.stock_delay_s, settle)
    else:
        settle()
    return jsonify(transaction_id=str(uuid.uuid4()))


def _adjust(state: State, item: Json, absolute: bool) -> Any:
    variant = _identify(state, item)
    quantity = item.get("quantity")
    if item.get("location_id") != LOCATION_ID:
        raise Unfit("The location does not exist.")
    if not isinstance(quantity, int) or isinstance(quantity, bool) or abs(quantity) > MOST_PIECES:
        raise Unfit("The quantity must be a whole number.")
    if absolute and quantity < 0:
        raise Unfit("The quantity must be at least 0.")
    if not absolute:
        _check_relative(state, variant, quantity)

    def act() -> None:
        current = state.variants.get(variant["id"])
        if current is not None:
            level = quantity if absolute else max(current["inventory_level"] + quantity, 0)
            catalog.update_variant(state, current, {"inventory_level": level})

    return act


def _check_relative(state: State, variant: Json, quantity: int) -> None:
    if variant["id"] not in state.counted:
        raise Unfit("The item never had an absolute adjustment.")
    if variant["inventory_level"] + quantity < state.safety_stock.get(variant["id"], 0):
        raise Unfit("The stock would fall below the safety stock.")


def _identify(state: State, item: Json) -> Json:
    given = [name for name in IDENTITIES if item.get(name) is not None]
    if len(given) != 1:
        raise Unfit("An item needs exactly one of sku, variant_id and product_id.")
    variant: Json | None
    if given == ["sku"]:
        variant = state.variants.get(state.variant_by_sku.get(str(item["sku"]).casefold(), 0))
    elif given == ["variant_id"]:
        variant = state.variants.get(object_id(item["variant_id"]))
    else:
        product = state.products.get(object_id(item["product_id"]))
        variant = state.variants.get(product["base_variant_id"] or 0) if product else None
        if product and (variant is None or product["inventory_tracking"] == "variant"):
            raise Unfit("The stock of the product is tracked by variant.")
    if variant is None:
        raise Unfit(f"No item has this {given[0]}.")
    if given == ["variant_id"] and state.products[variant["product_id"]]["inventory_tracking"] == "product":
        raise Unfit("The stock of the variant is tracked by product.")
    return variant


def _settings(state: State, item: Json) -> Any:
    identity = item.get("identity")
    variant = _identify(state, identity if isinstance(identity, dict) else {})
    safety, warning = (object_id(item.get(name, 0)) for name in ("safety_stock", "warning_level"))

    def act() -> None:
        if variant["id"] in state.variants:
            state.safety_stock[variant["id"]] = safety
            variant["inventory_warning_level"] = warning
            variant["bin_picking_number"] = str(item.get("bin_picking_number", variant["bin_picking_number"]))
            data = {"variant_id": variant["id"], "product_id": variant["product_id"], "location_id": LOCATION_ID}
            state.emit(f"{ANY_CHANNEL}/settings_changed", data)

    return act


def _filtered(state: State) -> list[Any]:
    args = request.args
    ids, codes = args.get("location_id:in"), args.get("location_code:in")
    if ids and LOCATION_ID not in numbers(ids, "location_id:in"):
        return []
    if codes and LOCATION["code"] not in codes.split(","):
        return []
    found = as_list(state.variants)
    if args.get("sku:in"):
        skus = [sku.strip().casefold() for sku in args["sku:in"].split(",")]
        found = [state.variants[state.variant_by_sku[sku]] for sku in skus if sku in state.variant_by_sku]
    return select(found, {name.replace("variant_id", "id"): text for name, text in args.items()}, FILTERS)


def table(state: State) -> list[Json]:
    """All items."""
    return [_show(state, variant) for variant in state.variants.values()]


def _show(state: State, variant: Json) -> Json:
    level, safety = variant["inventory_level"], state.safety_stock.get(variant["id"], 0)
    free = max(level - safety, 0)
    names = ("sku", "product_id", "sku_id")
    return {
        "identity": {**{name: variant[name] for name in names}, "variant_id": variant["id"]},
        "locations": [
            {
                "location_id": LOCATION["id"],
                "location_code": LOCATION["code"],
                "location_name": LOCATION["label"],
                "available_to_sell": free,
                "total_inventory_onhand": level,
                "location_enabled": True,
                "settings": {
                    "safety_stock": safety,
                    "is_in_stock": free > 0,
                    "warning_level": variant["inventory_warning_level"],
                    "bin_picking_number": variant["bin_picking_number"],
                },
            }
        ],
    }
