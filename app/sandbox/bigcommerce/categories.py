"""Categories and their trees, one tree for each storefront: checks, writes, and the events that follow."""

from __future__ import annotations

import re
from typing import Any

from .envelope import object_id
from .errors import ApiError, invalid
from .records import Json
from .state import State

NAME_LENGTH = 50
MOST = 16_000
MOST_LEVELS = 8
TEXTS = ("description", "page_title", "meta_description", "layout_file", "image_url", "search_keywords")
WRITABLE = ("default_product_sort", "is_visible", "meta_keywords", "name", "sort_order", *TEXTS)


def add_tree(state: State, name: str, channels: list[int]) -> Json:
    """A tree for the storefronts that have none of their own."""
    number = state.next_id("trees")
    state.trees[number] = {"id": number, "name": name, "channels": channels}
    return state.trees[number]


def check(state: State, body: Json, number: int | None = None) -> None:
    """What a new or a changed category must hold to."""
    current = state.categories.get(number or 0, {})
    if current and body.get("parent_id") is not None and object_id(body["parent_id"]) in below(state, current):
        raise invalid("parent_id", "A category cannot be below itself.")
    tree_id, parent_id = _place(state, {**current, **body})
    name = body.get("name", current.get("name"))
    if not isinstance(name, str) or not 1 <= len(name) <= NAME_LENGTH:
        raise invalid("name", f"The name must have 1 to {NAME_LENGTH} characters.")
    same = (tree_id, parent_id, name.casefold())
    for row in state.categories.values():
        if row["category_id"] != number and (row["tree_id"], row["parent_id"], row["name"].casefold()) == same:
            raise ApiError(409, f"The category name '{name}' is already in use.", {"name": "duplicate"})
    if number is None and len(state.categories) >= MOST:
        raise ApiError(507)


def _place(state: State, body: Json) -> tuple[int, int]:
    parent_id = object_id(body.get("parent_id"))
    if parent_id:
        if parent_id not in state.categories:
            raise invalid("parent_id", "The parent category does not exist.")
        if _level(state, parent_id) >= MOST_LEVELS:
            raise invalid("parent_id", f"Categories go {MOST_LEVELS} levels deep.")
        return state.categories[parent_id]["tree_id"], parent_id
    tree_id = object_id(body.get("tree_id"))
    if tree_id not in state.trees:
        raise invalid("tree_id", "A category needs a tree_id or a parent_id.")
    return tree_id, 0


def _level(state: State, number: int) -> int:
    level = 0
    while number:
        number, level = state.categories[number]["parent_id"], level + 1
    return level


def below(state: State, row: Json) -> set[int]:
    """A category and all below it."""
    found = {row["category_id"]}
    while True:
        more = {one["category_id"] for one in state.categories.values() if one["parent_id"] in found} - found
        if not more:
            return found
        found |= more


def add(state: State, body: Json) -> Json:
    """A new category."""
    check(state, body)
    tree_id, parent_id = _place(state, body)
    number = state.next_id("categories")
    above = state.categories[parent_id]["url"]["path"] if parent_id else "/"
    given = body.get("url")
    slug = re.sub(r"[^a-z0-9]+", "-", body["name"].casefold()).strip("-") or "category"
    row: Json = {
        "category_id": number,
        "category_uuid": f"00000000-0000-4000-8000-{number:012d}",
        "tree_id": tree_id,
        "parent_id": parent_id,
        **dict.fromkeys(TEXTS, ""),
        "name": body["name"],
        "views": 0,
        "sort_order": 0,
        "meta_keywords": [],
        "default_product_sort": "use_store_settings",
        "is_visible": True,
        "url": given if isinstance(given, dict) else {"path": f"{above}{slug}/", "is_customized": False},
    }
    row.update({name: body[name] for name in WRITABLE if name in body})
    state.categories[number] = row
    emit(state, row, "created")
    return row


def update(state: State, row: Json, body: Json) -> Json:
    """Merge a change; a category that moves takes those below it along."""
    check(state, body, row["category_id"])
    if body.get("parent_id") is not None or body.get("tree_id"):
        tree_id, row["parent_id"] = _place(state, {**row, **body})
        for number in below(state, row):
            state.categories[number]["tree_id"] = tree_id
    row.update({name: body[name] for name in WRITABLE if name in body})
    if isinstance(body.get("url"), dict):
        row["url"] = {"path": str(body["url"].get("path", "")), "is_customized": True}
    emit(state, row, "updated")
    return row


def delete(state: State, row: Json) -> None:
    """Delete a category and all below it; the products stay."""
    gone = below(state, row)
    rows = [state.categories.pop(number) for number in sorted(gone, reverse=True)]
    for product in state.products.values():
        if gone.intersection(product["categories"]):
            product["categories"] = [number for number in product["categories"] if number not in gone]
    for one in rows:
        emit(state, one, "deleted")


def emit(state: State, row: Json, event: str) -> None:
    """One event for the store's hooks and for those of the tree's channels."""
    state.emit(f"store/category/{event}", {"type": "category", "id": row["category_id"]})
    for channel_id in _channels(state, row):
        data = {"category_id": row["category_id"], "tree_id": row["tree_id"]}
        state.emit(f"store/channel/{channel_id}/category/{event}", data)


def emit_product(state: State, category_id: int, product_id: int, event: str) -> None:
    """A product came into a category, or left it."""
    for channel_id in _channels(state, state.categories[category_id]):
        state.emit(f"store/channel/{channel_id}/category/product/{event}", {"product_id": product_id})


def _channels(state: State, row: Json) -> list[Any]:
    tree = state.trees.get(row["tree_id"])
    return list(tree["channels"]) if tree else []
