"""Products and variants in V3."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from . import catalog
from .dates import now
from .envelope import json_array, json_object, known, numbers, object_id, v3_list, v3_one
from .errors import ApiError, invalid
from .filters import Kind, select
from .records import Json
from .state import State, as_list

PRODUCT_BATCH = 10
VARIANT_BATCH = 50
MOST_DELETED = 250
PRODUCT_FILTERS: dict[str, Kind] = {
    "id": "number",
    "name": "text",
    "sku": "text",
    "upc": "text",
    "mpn": "text",
    "price": "number",
    "weight": "number",
    "condition": "text",
    "brand_id": "number",
    "date_modified": "date",
    "date_created": "date",
    "is_visible": "flag",
    "is_featured": "flag",
    "inventory_level": "number",
    "type": "text",
    "categories": "numbers",
    "availability": "text",
}
PRODUCT_SORTS = ("id", "name", "sku", "price", "date_modified", "inventory_level", "is_visible", "total_sold")
VARIANT_FILTERS: dict[str, Kind] = {"id": "number", "sku": "text", "upc": "text", "product_id": "number"}
EMPTY_PARTS = ("images", "videos", "reviews", "bulk_pricing_rules", "modifiers", "parent_relations")


def blueprint(state: State) -> Blueprint:
    """All routes of these resources."""
    routes = Blueprint("catalog_v3", __name__, url_prefix=f"/stores/{state.store_hash}/v3/catalog")
    _products(routes, state)
    _product(routes, state)
    _variants(routes, state)
    _all_variants(routes, state)
    return routes


def _products(routes: Blueprint, state: State) -> None:
    @routes.get("/products")
    def list_products() -> ResponseReturnValue:
        return v3_list(_filtered(state), lambda row: show(state, row))

    @routes.post("/products")
    def create_product() -> ResponseReturnValue:
        body, errors = _savable(json_object())
        return _answer(show(state, catalog.create_product(state, body), {"variants"}), errors)

    @routes.put("/products")
    def update_products() -> ResponseReturnValue:
        given = [_savable(body) for body in json_array(PRODUCT_BATCH)]
        for body, _ in given:
            if object_id(body.get("id")) not in state.products:
                raise invalid("id", f"The product {body.get('id')} does not exist.")
            catalog.check_product(state, body, body["id"])
        rows = [show(state, catalog.update_product(state, body["id"], body)) for body, _ in given]
        return _answer(rows, {name: text for _, errors in given for name, text in errors.items()})

    @routes.delete("/products")
    def delete_products() -> ResponseReturnValue:
        if not any(name.partition(":")[0] in PRODUCT_FILTERS for name in request.args):
            raise ApiError(422, "A filter is needed to delete products.")
        for row in _filtered(state)[:MOST_DELETED]:
            catalog.delete_product(state, row["id"])
        return "", 204


def _savable(body: Json) -> tuple[Json, dict[str, str]]:
    # Stock is kept elsewhere: the product is saved even if its level cannot be.
    level = body.get("inventory_level")
    if isinstance(level, int) and level < 0:
        rest = {name: value for name, value in body.items() if name != "inventory_level"}
        return rest, {"inventory_level": "The stock cannot be negative."}
    return body, {}


def _answer(data: Any, errors: dict[str, str]) -> ResponseReturnValue:
    """A 207 when a part could not be saved."""
    if not errors:
        return v3_one(data)
    problem = {"status": 207, "title": "A part of the product was not saved.", "type": "", "errors": errors}
    return jsonify(data=data, errors=problem, meta={}), 207


def _product(routes: Blueprint, state: State) -> None:
    @routes.get("/products/<int:number>")
    def get_product(number: int) -> ResponseReturnValue:
        return v3_one(show(state, _find(state, number)))

    @routes.put("/products/<int:number>")
    def update_product(number: int) -> ResponseReturnValue:
        _find(state, number)
        body, errors = _savable(json_object())
        return _answer(show(state, catalog.update_product(state, number, body)), errors)

    @routes.delete("/products/<int:number>")
    def delete_product(number: int) -> ResponseReturnValue:
        _find(state, number)
        catalog.delete_product(state, number)
        return "", 204

    @routes.get("/products/<int:number>/images")
    def list_images(number: int) -> ResponseReturnValue:
        _find(state, number)
        return "", 204  # documented: none is 204 here, not an empty list

    @routes.get("/products/<int:number>/custom-fields")
    def list_custom_fields(number: int) -> ResponseReturnValue:
        return v3_list(_find(state, number)["custom_fields"], dict)

    @routes.post("/products/<int:number>/custom-fields")
    def create_custom_field(number: int) -> ResponseReturnValue:
        fields, body = _find(state, number)["custom_fields"], json_object()
        field = {"name": str(body.get("name", "")), "value": str(body.get("value", ""))}
        if any(field.items() <= row.items() for row in fields):
            raise ApiError(409)
        if not field["name"] or not field["value"]:
            raise invalid("name", "A custom field needs a name and a value.")
        row: Json = {"id": state.next_id("custom_fields"), **field}
        fields.append(row)
        return v3_one(row)


def _variants(routes: Blueprint, state: State) -> None:
    @routes.get("/products/<int:number>/variants")
    def list_product_variants(number: int) -> ResponseReturnValue:
        _find(state, number)
        rows = [state.variants[one] for one in state.variants_of[number]]
        return v3_list(rows, lambda row: show_variant(state, row))

    @routes.post("/products/<int:number>/variants")
    def create_variant(number: int) -> ResponseReturnValue:
        product, body = _find(state, number), json_object()
        if not body.get("sku") or not body.get("option_values"):
            raise invalid("option_values", "A variant needs a sku and its option_values.")
        return v3_one(show_variant(state, catalog.add_variant(state, product, body)))

    @routes.get("/products/<int:number>/variants/<int:variant_id>")
    def get_variant(number: int, variant_id: int) -> ResponseReturnValue:
        return v3_one(show_variant(state, _own_variant(state, number, variant_id)))

    @routes.put("/products/<int:number>/variants/<int:variant_id>")
    def update_variant(number: int, variant_id: int) -> ResponseReturnValue:
        variant = _own_variant(state, number, variant_id)
        return v3_one(show_variant(state, catalog.update_variant(state, variant, json_object())))

    @routes.delete("/products/<int:number>/variants/<int:variant_id>")
    def delete_variant(number: int, variant_id: int) -> ResponseReturnValue:
        catalog.delete_variant(state, _own_variant(state, number, variant_id))
        return "", 204


def _all_variants(routes: Blueprint, state: State) -> None:
    @routes.get("/variants")
    def list_variants() -> ResponseReturnValue:
        rows = select(as_list(state.variants), request.args, VARIANT_FILTERS)
        return v3_list(rows, lambda row: show_variant(state, row))

    @routes.put("/variants")
    def upsert_variants() -> ResponseReturnValue:
        bodies = json_array(VARIANT_BATCH)
        faults = [fault for body in bodies if (fault := _variant_fault(state, body))]
        if faults:
            return {"batch_errors": faults}, 422
        return v3_one([show_variant(state, _upsert_variant(state, body)) for body in bodies])


def _upsert_variant(state: State, body: Json) -> Json:
    if body.get("id"):
        return catalog.update_variant(state, state.variants[body["id"]], body)
    return catalog.add_variant(state, state.products[body["product_id"]], body)


def _variant_fault(state: State, body: Json) -> Json | None:
    fault: Json = {"status": 422, "title": "The variant could not be written.", "type": ""}
    if body.get("id"):
        return (
            None
            if object_id(body["id"]) in state.variants
            else {**fault, "errors": {"id": f"{body['id']} does not exist"}}
        )
    if object_id(body.get("product_id")) in state.products and body.get("sku") and body.get("option_values"):
        return None
    return {**fault, "errors": {"product_id": "a new variant needs product_id, sku and option_values"}}


def _find(state: State, number: int) -> Json:
    if number not in state.products:
        raise ApiError(404)
    return state.products[number]


def _own_variant(state: State, number: int, variant_id: int) -> Json:
    variant = state.variants.get(variant_id)
    if variant is None or variant["product_id"] != number:
        raise ApiError(404)
    return variant


def show_variant(state: State, variant: Json) -> Json:
    """A variant."""
    product = state.products[variant["product_id"]]
    return {**variant, "calculated_price": catalog.calculated_price(product, variant)}


def show(state: State, product: Json, include: set[str] | None = None) -> Json:
    """A product with the parts asked for, cut to the fields asked for."""
    asked = set(request.args.get("include", "").split(",")) if include is None else include
    shown = {name: value for name, value in product.items() if name != "custom_fields"}
    shown["calculated_price"] = catalog.calculated_price(product)
    variants = [state.variants[number] for number in state.variants_of[product["id"]]]
    if "variants" in asked:
        shown["variants"] = [show_variant(state, row) for row in variants]
    if "custom_fields" in asked:
        shown["custom_fields"] = product["custom_fields"]
    if "options" in asked:
        shown["options"] = _options(variants)
    if "channels" in asked:
        shown["channels"] = sorted(state.channels_of[product["id"]])
    shown.update({name: [] for name in EMPTY_PARTS if name in asked})
    return _cut(shown)


def _options(variants: list[Json]) -> list[Json]:
    options: dict[int, Json] = {}
    for value in (value for variant in variants for value in variant["option_values"]):
        option = {"id": value["option_id"], "display_name": value["option_display_name"], "option_values": []}
        options.setdefault(value["option_id"], option)["option_values"].append(
            {"id": value["id"], "label": value["label"]}
        )
    return list(options.values())


def _cut(shown: Json) -> Json:
    wanted, unwanted = request.args.get("include_fields"), request.args.get("exclude_fields")
    if wanted:
        names = {"id", *wanted.split(",")}
        return {name: value for name, value in shown.items() if name in names}
    if unwanted:
        names = set(unwanted.split(","))
        return {name: value for name, value in shown.items() if name not in names}
    return shown


def _filtered(state: State) -> list[Any]:
    args = _with_time_of_day(dict(request.args))
    rows = as_list(state.products)
    if "id:in" in args:
        rows = known(state.products, numbers(args.pop("id:in"), "id:in"))
    rows = select(rows, args, PRODUCT_FILTERS)
    if args.get("channel_id:in"):
        wanted = set(numbers(args["channel_id:in"], "channel_id:in"))
        rows = [row for row in rows if state.channels_of[row["id"]] & wanted]
    if args.get("keyword"):
        word = args["keyword"].casefold()
        rows = [row for row in rows if word in row["name"].casefold() or word in row["sku"].casefold()]
    sort = args.get("sort")
    if not sort:
        return list(rows)
    if sort not in PRODUCT_SORTS:
        raise invalid("sort", "The products cannot be sorted by this.")
    return sorted(rows, key=lambda row: row[sort], reverse=args.get("direction") == "desc")


def _with_time_of_day(args: dict[str, str]) -> dict[str, str]:
    # Documented oddity: a bound without a time gets the current time of day.
    for name in ("date_modified:min", "date_modified:max"):
        if name in args and len(args[name].strip()) == len("2018-01-01"):
            args[name] = f"{args[name].strip()}T{now():%H:%M:%S}+00:00"
    return args
