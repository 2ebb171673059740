"""Price lists: what variants cost for a customer group or in a channel, and the events that follow."""

from __future__ import annotations

from .dates import now
from .envelope import object_id
from .errors import ApiError, invalid
from .order_lines import amount
from .records import Json
from .state import State

PRICES = ("price", "sale_price", "retail_price", "map_price")
Key = tuple[int, str]  # variant and currency


def add(state: State, body: Json) -> Json:
    """A new list; names are unique."""
    _check_name(state, body, None)
    moment, number = now().isoformat(), state.next_id("price_lists")
    row: Json = {"id": number, "name": str(body["name"]), "active": bool(body.get("active", True))}
    state.price_lists[number] = {**row, "date_created": moment, "date_modified": moment}
    state.price_records[number] = {}
    state.emit("store/priceList/created", {"price_list_id": number})
    return state.price_lists[number]


def update(state: State, row: Json, body: Json) -> Json:
    """Another name, or switched on or off."""
    if "name" in body:
        _check_name(state, body, row["id"])
        row["name"] = str(body["name"])
    row["active"] = bool(body.get("active", row["active"]))
    row["date_modified"] = now().isoformat()
    state.emit("store/priceList/updated", {"price_list_id": row["id"]})
    return row


def delete(state: State, row: Json) -> None:
    """Delete a list with its prices and assignments."""
    del state.price_lists[row["id"]]
    del state.price_records[row["id"]]
    for assignment in [one for one in state.price_assignments.values() if one["price_list_id"] == row["id"]]:
        unassign(state, assignment)
    state.emit("store/priceList/deleted", {"price_list_id": row["id"]})


def _check_name(state: State, body: Json, number: int | None) -> None:
    name = body.get("name")
    if not isinstance(name, str) or not name:
        raise invalid("name", "The name is required.")
    if any(row["name"].casefold() == name.casefold() and row["id"] != number for row in state.price_lists.values()):
        raise ApiError(409, f"The price list name '{name}' is already in use.", {"name": "duplicate"})


def key_of(state: State, body: Json) -> Key:
    """Whose price it is; a product with variants has no price of its own here."""
    code = str(body.get("currency") or "").upper()
    if state.currency(code) is None:
        raise invalid("currency", "The currency is not set up in this store.")
    variant_id = object_id(body.get("variant_id")) or state.variant_by_sku.get(str(body.get("sku") or "").casefold(), 0)
    if variant_id not in state.variants:
        raise invalid("variant_id", "The variant does not exist.")
    for name in PRICES:
        if (amount(body, name) or 0) < 0:
            raise invalid(name, f"The {name} must be at least 0.")
    return variant_id, code


def put(state: State, number: int, body: Json) -> str:
    """Write one price, new or not; whether it was `created` or `updated`."""
    variant_id, code = key = key_of(state, body)
    table, moment = state.price_records[number], now().isoformat()
    there = table.get(key)
    variant = state.variants[variant_id]
    table[key] = {
        "price_list_id": number,
        "variant_id": variant_id,
        "sku": variant["sku"],
        "product_id": variant["product_id"],
        "currency": code.lower(),
        **dict.fromkeys(PRICES),
        "bulk_pricing_tiers": [],
        "date_created": moment,
        **(there or {}),
        **{name: float(value) for name in PRICES if (value := amount(body, name)) is not None},
        "date_modified": moment,
    }
    return "updated" if there else "created"


def drop(state: State, number: int, key: Key) -> None:
    """Forget one price."""
    del state.price_records[number][key]


def reference(number: int, key: Key) -> Json:
    """One price as its events name it."""
    return {"price_list_id": number, "variant_id": key[0], "currency": key[1].lower()}


def assign(state: State, number: int, body: Json) -> Json:
    """Give a list to a customer group, a channel, or both together."""
    group, channel = object_id(body.get("customer_group_id")), object_id(body.get("channel_id"))
    if (group and group not in state.customer_groups) or (channel and channel not in state.channels):
        raise invalid("customer_group_id", "The customer group or the channel does not exist.")
    if not group and not channel:
        raise invalid("customer_group_id", "An assignment needs a customer group or a channel.")
    for row in list(state.price_assignments.values()):
        if (row["customer_group_id"], row["channel_id"]) == (group or None, channel or None):
            del state.price_assignments[row["id"]]
    made = {"id": state.next_id("price_assignments"), "price_list_id": number}
    row = {**made, "customer_group_id": group or None, "channel_id": channel or None}
    state.price_assignments[row["id"]] = row
    _tell_assignment(state, row, "updated")
    return row


def unassign(state: State, row: Json) -> None:
    """Take it away again."""
    del state.price_assignments[row["id"]]
    _tell_assignment(state, row, "deleted")


def _tell_assignment(state: State, row: Json, event: str) -> None:
    data = {name: row[name] for name in ("price_list_id", "channel_id", "customer_group_id")}
    state.emit(f"store/priceList/assignment/{event}", data)
