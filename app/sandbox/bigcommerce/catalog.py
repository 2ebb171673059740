"""Products and variants: checks, writes, and the events that follow."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

from . import categories, stock
from .dates import now
from .envelope import object_id, rows
from .errors import ApiError, invalid
from .records import Json
from .state import State

NAME_LENGTH = 250
MOST_CATEGORIES = 1000
DEFAULT_CHANNEL = 1
PRODUCT_DEFAULTS: Json = {
    "type": "physical",
    "sku": "",
    "description": "",
    "weight": 0,
    "width": 0,
    "depth": 0,
    "height": 0,
    "price": 0,
    "cost_price": 0,
    "retail_price": 0,
    "sale_price": 0,
    "map_price": 0,
    "tax_class_id": 0,
    "product_tax_code": "",
    "categories": [],
    "brand_id": 0,
    "inventory_level": 0,
    "inventory_warning_level": 0,
    "inventory_tracking": "none",
    "fixed_cost_shipping_price": 0,
    "is_free_shipping": False,
    "is_visible": True,
    "is_featured": False,
    "related_products": [-1],
    "warranty": "",
    "bin_picking_number": "",
    "layout_file": "",
    "upc": "",
    "mpn": "",
    "gtin": "",
    "search_keywords": "",
    "availability": "available",
    "availability_description": "",
    "gift_wrapping_options_type": "any",
    "gift_wrapping_options_list": [],
    "sort_order": 0,
    "condition": "New",
    "is_condition_shown": True,
    "order_quantity_minimum": 0,
    "order_quantity_maximum": 0,
    "page_title": "",
    "meta_keywords": [],
    "meta_description": "",
    "preorder_release_date": None,
    "preorder_message": "",
    "is_preorder_only": False,
    "is_price_hidden": False,
    "price_hidden_label": "",
    "custom_fields": [],
}
VARIANT_DEFAULTS: Json = {
    "sku": "",
    "price": None,
    "cost_price": None,
    "sale_price": None,
    "retail_price": None,
    "weight": None,
    "width": None,
    "height": None,
    "depth": None,
    "is_free_shipping": False,
    "fixed_cost_shipping_price": None,
    "purchasing_disabled": False,
    "purchasing_disabled_message": "",
    "upc": "",
    "mpn": "",
    "gtin": "",
    "inventory_level": 0,
    "inventory_warning_level": 0,
    "bin_picking_number": "",
    "image_url": "",
    "option_values": [],
}
REQUIRED = ("name", "type", "weight", "price")
SHARED_WITH_BASE = ("sku", "upc", "mpn", "gtin", "inventory_level", "inventory_warning_level", "bin_picking_number")
SILENT = {"mpn", "gtin", "product_tax_code"}  # these changes fire no store/product/updated


def create_product(state: State, body: Json) -> Json:
    """A product with its base variant, or with the variants given."""
    missing = {name: "missing field" for name in REQUIRED if body.get(name) in (None, "")}
    if missing:
        raise ApiError(422, "The product could not be created.", missing)
    check_product(state, body, None)
    moment = now().isoformat()
    number = state.next_id("products")
    product: Json = {"id": number, "name": str(body["name"]), **deepcopy(PRODUCT_DEFAULTS)}
    product.update({name: value for name, value in body.items() if name in PRODUCT_DEFAULTS})
    product |= {
        "custom_url": body.get("custom_url") or {"url": f"/{_slug(product['name'])}/", "is_customized": False},
        "view_count": 0,
        "total_sold": 0,
        "reviews_rating_sum": 0,
        "reviews_count": 0,
        "base_variant_id": None,
        "option_set_id": None,
        "option_set_display": "right",
        "date_created": moment,
        "date_modified": moment,
    }
    state.products[number] = product
    state.product_by_name[product["name"].casefold()] = number
    state.channels_of[number] = set()
    variants = rows(body, "variants")
    for described in variants:
        add_variant(state, product, described)
    if not variants:
        base = add_variant(state, product, {name: product[name] for name in SHARED_WITH_BASE}, base=True)
        product["base_variant_id"] = base["id"]
    elif product["inventory_tracking"] == "variant":
        stock.spread(state, product)
    state.emit("store/product/created", {"type": "product", "id": number})
    assign(state, number, DEFAULT_CHANNEL)
    _tell_categories(state, number, [], product["categories"])
    return product


def assign(state: State, number: int, channel_id: int) -> None:
    """List a product in a channel."""
    if channel_id not in state.channels_of[number]:
        state.channels_of[number].add(channel_id)
        state.emit(f"store/channel/{channel_id}/product/assigned", {"product_id": number})


def unassign(state: State, number: int, channel_id: int) -> None:
    """Take a product out of a channel."""
    if channel_id in state.channels_of[number]:
        state.channels_of[number].remove(channel_id)
        state.emit(f"store/channel/{channel_id}/product/unassigned", {"product_id": number})


def _tell_categories(state: State, number: int, before: list[int], after: list[int]) -> None:
    for category_id in [one for one in after if one not in before]:
        categories.emit_product(state, category_id, number, "assigned")
    for category_id in [one for one in before if one not in after and one in state.categories]:
        categories.emit_product(state, category_id, number, "unassigned")


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-") or "product"


def check_product(state: State, body: Json, number: int | None) -> None:
    """What a new or a changed product must hold to."""
    name = str(body.get("name", "x"))
    if not 1 <= len(name) <= NAME_LENGTH:
        raise invalid("name", f"The name must have 1 to {NAME_LENGTH} characters.")
    if "name" in body and state.product_by_name.get(name.casefold()) not in (None, number):
        raise ApiError(
            409, f"The product name '{name}' is already in use.", {"name": "The product name is a duplicate"}
        )
    if body.get("type", "physical") not in ("physical", "digital"):
        raise invalid("type", "The type must be physical or digital.")
    for field in ("sku", "upc", "mpn", "gtin"):
        if not isinstance(body.get(field, ""), str):
            raise invalid(field, f"The {field} must be a text.")
    for field in ("price", "weight", "sale_price", "cost_price", "retail_price", "inventory_level"):
        if field in body and not _is_number(body[field]):
            raise invalid(field, f"The {field} must be a number of at least 0.")
    _check_sku(state, body.get("sku"), number)
    _check_categories(state, body.get("categories", []))


def _check_categories(state: State, given: Any) -> None:
    if not isinstance(given, list) or any(object_id(one) not in state.categories for one in given):
        raise ApiError(409, "A category does not exist.", {"categories": "invalid category"})  # documented: no 422
    if len(given) > MOST_CATEGORIES:
        raise invalid("categories", f"A product fits into {MOST_CATEGORIES} categories.")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _check_variant(body: Json) -> None:
    for field in ("price", "weight", "cost_price", "sale_price", "retail_price"):
        if body.get(field) is not None and not _is_number(body[field]):
            raise invalid(field, f"The {field} must be a number of at least 0.")
    if not isinstance(body.get("sku", ""), str):
        raise invalid("sku", "The sku must be a text.")


def _check_sku(state: State, sku: Any, product_id: int | None, variant_id: int | None = None) -> None:
    holder = state.variant_by_sku.get(str(sku or "").casefold())
    if holder is None:
        return
    same = holder == variant_id if variant_id else state.variants[holder]["product_id"] == product_id
    if not same:
        raise ApiError(409, f"The SKU '{sku}' is already in use.", {"sku": "The SKU is a duplicate"})


def update_product(state: State, number: int, body: Json) -> Json:
    """Merge a change; what a simple product shares with its base variant changes on both."""
    product = state.products[number]
    check_product(state, body, number)
    if "name" in body:
        del state.product_by_name[product["name"].casefold()]
        state.product_by_name[str(body["name"]).casefold()] = number
    known = {"name", "custom_url", *PRODUCT_DEFAULTS}
    changes = {name: value for name, value in body.items() if name in known}
    moved = "inventory_level" in changes and changes["inventory_level"] != product["inventory_level"]
    before = product["categories"]
    product.update(changes)
    product["date_modified"] = now().isoformat()
    base = state.variants.get(product["base_variant_id"] or 0)
    if base:
        _set_variant(state, base, {name: changes[name] for name in SHARED_WITH_BASE if name in changes})
    if set(changes) - SILENT:
        state.emit("store/product/updated", {"type": "product", "id": number})
    _tell_categories(state, number, before, product["categories"])
    if moved:
        stock.told(state, product, None, product["inventory_level"])
    return product


def delete_product(state: State, number: int) -> None:
    """Delete a product with its variants."""
    product = state.products.pop(number)
    del state.product_by_name[product["name"].casefold()]
    for variant_id in state.variants_of.pop(number, []):
        variant = state.variants.pop(variant_id)
        state.variant_by_sku.pop(variant["sku"].casefold(), None)
    del state.channels_of[number]
    state.drop_metafields("product", number)
    state.emit("store/product/deleted", {"type": "product", "id": number})


def add_variant(state: State, product: Json, body: Json, base: bool = False) -> Json:
    """One more variant of a product."""
    _check_variant(body)
    _check_sku(state, body.get("sku"), None)
    number = state.next_id("variants")
    variant: Json = {
        "id": number,
        "product_id": product["id"],
        "sku_id": None if base else state.next_id("skus"),
        **VARIANT_DEFAULTS,
    }
    variant.update({name: value for name, value in body.items() if name in VARIANT_DEFAULTS})
    if "inventory_level" in body:
        state.counted.add(number)
    variant["option_values"] = [_option_value(state, row) for row in rows(body, "option_values")]
    state.variants[number] = variant
    state.variants_of[product["id"]].append(number)
    if variant["sku"]:
        state.variant_by_sku[variant["sku"].casefold()] = number
    if not base:
        emit_sku(state, variant, "created")
    return variant


def _option_value(state: State, row: Json) -> Json:
    return {
        "id": row.get("id") or state.next_id("option_values"),
        "label": str(row.get("label", "")),
        "option_id": row.get("option_id") or state.next_id("options"),
        "option_display_name": str(row.get("option_display_name", "")),
    }


def update_variant(state: State, variant: Json, body: Json) -> Json:
    """Merge a change into a variant."""
    _check_variant(body)
    _check_sku(state, body.get("sku"), variant["product_id"], variant["id"])
    level = variant["inventory_level"]
    _set_variant(state, variant, body)
    product = state.products[variant["product_id"]]
    if stock.simple(product, variant):
        product.update({name: body[name] for name in SHARED_WITH_BASE if name in body})
        state.emit("store/product/updated", {"type": "product", "id": product["id"]})
    else:
        emit_sku(state, variant, "updated")
    product["date_modified"] = now().isoformat()
    if variant["inventory_level"] != level:
        stock.spread(state, product)
        stock.told(state, product, variant, variant["inventory_level"])
    return variant


def _set_variant(state: State, variant: Json, body: Json) -> None:
    if "sku" in body and body["sku"] != variant["sku"]:
        state.variant_by_sku.pop(variant["sku"].casefold(), None)
        if body["sku"]:
            state.variant_by_sku[str(body["sku"]).casefold()] = variant["id"]
    variant.update(
        {name: value for name, value in body.items() if name in VARIANT_DEFAULTS and name != "option_values"}
    )
    if "inventory_level" in body:
        state.counted.add(variant["id"])


def delete_variant(state: State, variant: Json) -> None:
    """Delete a variant."""
    del state.variants[variant["id"]]
    state.variants_of[variant["product_id"]].remove(variant["id"])
    state.variant_by_sku.pop(variant["sku"].casefold(), None)
    emit_sku(state, variant, "deleted")


def emit_sku(state: State, variant: Json, event: str) -> None:
    """A variant event: its id is the old V2 sku id."""
    sku = {"product_id": variant["product_id"], "variant_id": variant["id"]}
    state.emit(f"store/sku/{event}", {"type": "sku", "id": variant["sku_id"], "sku": sku})


def calculated_price(product: Json, variant: Json | None = None) -> float:
    """What the shopper pays: the sale price if there is one."""
    own = variant["price"] if variant and variant["price"] is not None else product["price"]
    return float(product["sale_price"] or own)
