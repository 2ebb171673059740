"""Stock levels: what orders and adjustments do to them, and the events that follow."""

from __future__ import annotations

from .dates import now
from .records import Json
from .state import State

LOCATION_ID = 1
# Subscribed to with a literal star; one delivery, not one per channel.
ANY_CHANNEL = "store/channel/*/inventory/product"


def simple(product: Json, variant: Json) -> bool:
    """Whether the variant is all there is of the product."""
    return bool(product["base_variant_id"] == variant["id"])


def spread(state: State, product: Json) -> None:
    """A product's level is the sum over its variants, unless it is tracked as a whole."""
    if product["base_variant_id"] is None and product["inventory_tracking"] == "product":
        return
    product["inventory_level"] = sum(
        state.variants[number]["inventory_level"] for number in state.variants_of[product["id"]]
    )


def told(state: State, product: Json, variant: Json | None, value: int, by_order: bool = False) -> None:
    """A stock event: of the sku when tracked by variant, else of the product."""
    inventory: Json = {"product_id": product["id"], "method": "relative" if by_order else "absolute", "value": value}
    event = "inventory/order/updated" if by_order else "inventory/updated"
    if variant and product["inventory_tracking"] == "variant" and variant["sku_id"]:
        inventory["variant_id"] = variant["id"]
        state.emit(f"store/sku/{event}", {"type": "sku", "id": variant["sku_id"], "inventory": inventory})
    else:
        state.emit(f"store/product/{event}", {"type": "product", "id": product["id"], "inventory": inventory})
    variant_id = variant["id"] if variant else product["base_variant_id"]
    data = {"variant_id": variant_id, "product_id": product["id"], "location_id": LOCATION_ID}
    state.emit(f"{ANY_CHANNEL}/stock_changed", data)
    if by_order and variant:
        _warn(state, variant, data)


def _warn(state: State, variant: Json, data: Json) -> None:
    # These two are told for changes by orders only.
    if variant["inventory_level"] == 0:
        state.emit(f"{ANY_CHANNEL}/out_of_stock_reached", data)
    elif variant["inventory_level"] <= variant["inventory_warning_level"]:
        state.emit(f"{ANY_CHANNEL}/low_stock_reached", data)


def take(state: State, variant_id: int, quantity: int) -> None:
    """What an order takes from a tracked stock."""
    variant = state.variants.get(variant_id)
    product = state.products[variant["product_id"]] if variant else None
    if variant is None or product is None or product["inventory_tracking"] == "none":
        return
    whole = product["inventory_tracking"] == "product" and not simple(product, variant)
    counted = product if whole else variant
    counted["inventory_level"] = max(counted["inventory_level"] - quantity, 0)
    spread(state, product)
    product["total_sold"] += quantity
    product["date_modified"] = now().isoformat()
    told(state, product, variant, -quantity, by_order=True)
