"""Which product is listed in which channel, and belongs to which category, in V3."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from . import catalog
from .envelope import json_array, known, numbers, object_id, v3_list
from .errors import ApiError, invalid
from .records import Json
from .state import State

BATCH = 250


def blueprint(state: State) -> Blueprint:
    """All routes of these resources."""
    routes = Blueprint("product_assignments_v3", __name__, url_prefix=f"/stores/{state.store_hash}/v3/catalog/products")
    _channels(routes, state)
    _categories(routes, state)
    return routes


def _channels(routes: Blueprint, state: State) -> None:
    def pairs() -> list[Json]:
        return list(_pairs(state, "channel_id", lambda number: sorted(state.channels_of[number])))

    @routes.get("/channel-assignments")
    def list_channels() -> ResponseReturnValue:
        return v3_list(pairs(), dict)

    @routes.put("/channel-assignments")
    def assign_channels() -> ResponseReturnValue:
        for body in _checked(state, "channel_id", state.channels):
            catalog.assign(state, body["product_id"], body["channel_id"])
        return "", 204

    @routes.delete("/channel-assignments")
    def unassign_channels() -> ResponseReturnValue:
        _need_filter()
        for pair in pairs():
            catalog.unassign(state, pair["product_id"], pair["channel_id"])
        return "", 204


def _categories(routes: Blueprint, state: State) -> None:
    def pairs() -> list[Json]:
        return list(_pairs(state, "category_id", lambda number: state.products[number]["categories"]))

    @routes.get("/category-assignments")
    def list_categories() -> ResponseReturnValue:
        return v3_list(pairs(), dict)

    @routes.put("/category-assignments")
    def assign_categories() -> ResponseReturnValue:
        for body in _checked(state, "category_id", state.categories):
            own = state.products[body["product_id"]]["categories"]
            if body["category_id"] not in own:
                catalog.update_product(state, body["product_id"], {"categories": [*own, body["category_id"]]})
        return "", 204

    @routes.delete("/category-assignments")
    def unassign_categories() -> ResponseReturnValue:
        _need_filter()
        for pair in pairs():
            left = [one for one in state.products[pair["product_id"]]["categories"] if one != pair["category_id"]]
            catalog.update_product(state, pair["product_id"], {"categories": left})
        return "", 204


def _pairs(state: State, name: str, of: Callable[[int], Collection[int]]) -> Iterator[Json]:
    products, others = (request.args.get(f"{key}:in") for key in ("product_id", name))
    rows = known(state.products, numbers(products, "product_id:in")) if products else state.products.values()
    wanted = set(numbers(others, f"{name}:in")) if others else None
    for product in rows:
        for other in of(product["id"]):
            if wanted is None or other in wanted:
                yield {"product_id": product["id"], name: other}


def _checked(state: State, name: str, others: Collection[int]) -> list[Json]:
    bodies = json_array(BATCH)
    for body in bodies:
        if object_id(body.get("product_id")) not in state.products:
            raise invalid("product_id", "The product does not exist.")
        if object_id(body.get(name)) not in others:
            raise invalid(name, f"The {name} does not exist.")
    return bodies


def _need_filter() -> None:
    if not any(name.endswith(":in") and value for name, value in request.args.items()):
        raise ApiError(422, "A filter is needed to delete assignments.")
