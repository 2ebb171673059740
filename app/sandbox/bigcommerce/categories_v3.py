"""Categories and category trees in V3."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from . import categories
from .envelope import json_array, known, numbers, object_id, v3_list, v3_one
from .errors import ApiError, invalid
from .filters import Kind, select
from .records import Json
from .state import State, as_list

BATCH = 50
FILTERS: dict[str, Kind] = {
    "category_id": "number",
    "category_uuid": "text",
    "tree_id": "number",
    "parent_id": "number",
    "name": "text",
    "page_title": "text",
    "is_visible": "flag",
}
KEYS = ("category_id:in", "category_uuid:in", "tree_id:in", "parent_id:in")


def blueprint(state: State) -> Blueprint:
    """All routes of these resources."""
    routes = Blueprint("categories_v3", __name__, url_prefix=f"/stores/{state.store_hash}/v3/catalog/trees")
    _trees(routes, state)
    _tree_writes(routes, state)
    _categories(routes, state)
    _category_changes(routes, state)
    return routes


def _trees(routes: Blueprint, state: State) -> None:
    @routes.get("")
    def list_trees() -> ResponseReturnValue:
        rows = select(as_list(state.trees), request.args, {"id": "number"})
        if request.args.get("channel_id:in"):
            wanted = set(numbers(request.args["channel_id:in"], "channel_id:in"))
            rows = [row for row in rows if wanted.intersection(row["channels"])]
        return v3_list(rows, dict)

    @routes.get("/<int:tree_id>/categories")
    def tree(tree_id: int) -> ResponseReturnValue:
        if tree_id not in state.trees:
            raise ApiError(404)
        return v3_one(_branches([row for row in state.categories.values() if row["tree_id"] == tree_id]))


def _branches(rows: list[Json]) -> list[Json]:
    shown = {row["category_id"]: _branch(row) for row in rows}
    for row in rows:
        if row["parent_id"]:
            shown[row["parent_id"]]["children"].append(shown[row["category_id"]])
    return [shown[row["category_id"]] for row in rows if not row["parent_id"]]


def _branch(row: Json) -> Json:
    same = {name: row[name] for name in ("parent_id", "name", "is_visible")}
    return {"id": row["category_id"], **same, "url": row["url"]["path"], "children": []}


def _tree_writes(routes: Blueprint, state: State) -> None:
    @routes.put("")
    def upsert_trees() -> ResponseReturnValue:
        bodies = json_array(BATCH)
        for body in bodies:
            _check_tree(state, body)
        return v3_one([_write_tree(state, body) for body in bodies])

    @routes.delete("")
    def delete_trees() -> ResponseReturnValue:
        for tree in known(state.trees, numbers(request.args.get("id:in", ""), "id:in")):
            if 1 in tree["channels"]:
                raise ApiError(422, "The tree of the default storefront stays.")
            for row in [row for row in state.categories.values() if row["tree_id"] == tree["id"]]:
                if row["category_id"] in state.categories:  # not gone with one above it
                    categories.delete(state, row)
            del state.trees[tree["id"]]
        return "", 204


def _check_tree(state: State, body: Json) -> None:
    if body.get("id") and object_id(body["id"]) not in state.trees:
        raise invalid("id", "The tree does not exist.")
    if not body.get("id") and not body.get("name"):
        raise invalid("name", "A new tree needs a name.")
    channels = body.get("channels", [])
    if not isinstance(channels, list) or any(object_id(number) not in state.channels for number in channels):
        raise invalid("channels", "A channel does not exist.")


def _write_tree(state: State, body: Json) -> Json:
    channels = body.get("channels")
    tree = state.trees.get(object_id(body.get("id"))) or categories.add_tree(state, str(body["name"]), [])
    tree["name"] = str(body.get("name", tree["name"]))
    if channels is not None:
        for other in state.trees.values():  # a storefront has one tree
            other["channels"] = [number for number in other["channels"] if number not in channels]
        tree["channels"] = list(channels)
    return tree


def _categories(routes: Blueprint, state: State) -> None:
    @routes.get("/categories")
    def list_categories() -> ResponseReturnValue:
        return v3_list(_filtered(state), dict)

    @routes.post("/categories")
    def create_categories() -> ResponseReturnValue:
        bodies = json_array(BATCH)
        for body in bodies:
            categories.check(state, body)
        return v3_one([categories.add(state, body) for body in bodies], 201)


def _category_changes(routes: Blueprint, state: State) -> None:
    @routes.put("/categories")
    def update_categories() -> ResponseReturnValue:
        bodies = json_array(BATCH)
        for body in bodies:
            if object_id(body.get("category_id")) not in state.categories:
                raise invalid("category_id", "The category does not exist.")
            categories.check(state, body, body["category_id"])
        for body in bodies:
            categories.update(state, state.categories[body["category_id"]], body)
        return "", 204

    @routes.delete("/categories")
    def delete_categories() -> ResponseReturnValue:
        if not any(request.args.get(name) for name in KEYS):
            raise ApiError(422, "A filter is needed to delete categories.")
        for row in _filtered(state):
            if row["category_id"] in state.categories:  # not gone with one above it
                categories.delete(state, row)
        return "", 204


def _filtered(state: State) -> list[Any]:
    rows = select(as_list(state.categories), request.args, FILTERS)
    word = request.args.get("keyword", "").casefold()
    return [row for row in rows if word in row["name"].casefold()] if word else rows
