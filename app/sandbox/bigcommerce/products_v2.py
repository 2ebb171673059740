"""Products in V2: what older clients still use."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from . import catalog
from .dates import rfc2822
from .envelope import json_object, v2_list
from .errors import ApiError
from .records import Json
from .state import State

MONEY = ("price", "cost_price", "retail_price", "sale_price", "weight", "width", "height", "depth")
SAME = ("id", "name", "type", "sku", "description", "is_visible", "is_featured", "inventory_level", "categories")
PRICES = {*MONEY}


def blueprint(state: State) -> Blueprint:
    """All routes of this resource."""
    routes = Blueprint("products_v2", __name__, url_prefix=f"/stores/{state.store_hash}/v2")

    @routes.get("/products")
    def list_products() -> ResponseReturnValue:
        return v2_list(_filtered(state), _show)

    @routes.get("/products/count")
    def count_products() -> ResponseReturnValue:
        return jsonify(count=len(_filtered(state)))

    @routes.post("/products")
    def create_product() -> ResponseReturnValue:
        body = _numeric(json_object())
        try:
            return jsonify(_show(catalog.create_product(state, body))), 201
        except ApiError as error:
            raise ApiError(409 if error.status == 409 else 400, error.title, error.errors) from error

    @routes.get("/products/<int:number>")
    def get_product(number: int) -> ResponseReturnValue:
        return jsonify(_show(_find(state, number)))

    @routes.put("/products/<int:number>")
    def update_product(number: int) -> ResponseReturnValue:
        _find(state, number)
        return jsonify(_show(catalog.update_product(state, number, _numeric(json_object()))))

    @routes.delete("/products/<int:number>")
    def delete_product(number: int) -> ResponseReturnValue:
        _find(state, number)
        catalog.delete_product(state, number)
        return "", 204

    return routes


def _find(state: State, number: int) -> Json:
    if number not in state.products:
        raise ApiError(404)
    return state.products[number]


def _filtered(state: State) -> list[Json]:
    rows = list(state.products.values())
    for name in ("name", "sku"):
        if request.args.get(name):
            rows = [row for row in rows if row[name].casefold() == request.args[name].casefold()]
    return rows


def _numeric(body: Json) -> Json:
    try:
        return {name: float(value) if name in PRICES else value for name, value in body.items()}
    except (TypeError, ValueError):
        raise ApiError(400, "A price or a size is not a number.") from None


def _show(product: Json) -> Json:
    return {
        **{name: product[name] for name in SAME},
        **{name: f"{product[name]:.4f}" for name in MONEY},
        "calculated_price": f"{catalog.calculated_price(product):.4f}",
        "availability": product["availability"],
        "condition": product["condition"],
        "upc": product["upc"],
        "custom_url": product["custom_url"]["url"],
        "date_created": rfc2822(datetime.fromisoformat(product["date_created"])),
        "date_modified": rfc2822(datetime.fromisoformat(product["date_modified"])),
    }
