"""Customer groups: their rules and who is in them."""

from __future__ import annotations

from .dates import now
from .envelope import rows
from .errors import ApiError
from .records import Json
from .state import State

DEFAULTS: Json = {
    "is_default": False,
    "is_group_for_guests": False,
    "category_access": {"type": "all"},
    "discount_rules": [],
}
ONLY_ONE = ("is_default", "is_group_for_guests")
RULES = ("price_list", "all", "category", "product")
METHODS = ("percent", "fixed", "price")


class DiscountNotSaved(ApiError):
    """The group was saved, its discount was not: 207."""

    def __init__(self) -> None:
        super().__init__(207, "The customer group was saved, its discount rules were not.")


def add(state: State, body: Json) -> Json:
    """A new customer group."""
    _check_name(state, body, None)
    moment, number = _date(), state.next_id("customer_groups")
    group: Json = {"id": number, "name": str(body["name"]), **DEFAULTS, "date_created": moment, "date_modified": moment}
    state.customer_groups[number] = group
    return _write(state, group, body)


def update(state: State, group: Json, body: Json) -> Json:
    """Merge a change; given rules replace all."""
    if "name" in body:
        _check_name(state, body, group["id"])
        group["name"] = str(body["name"])
    group["date_modified"] = _date()
    return _write(state, group, body)


def _write(state: State, group: Json, body: Json) -> Json:
    group.update({name: body[name] for name in DEFAULTS if name in body and name != "discount_rules"})
    for flag in ONLY_ONE:
        if body.get(flag):
            for other in state.customer_groups.values():
                other[flag] = other is group
    if "discount_rules" in body:
        rules = rows(body, "discount_rules")
        if not _saved(rules):
            raise DiscountNotSaved
        group["discount_rules"] = rules
    return group


def _saved(rules: list[Json]) -> bool:
    kinds = [rule.get("type") for rule in rules]
    if "price_list" in kinds:
        return len(rules) == 1  # it stands alone
    return all(rule.get("type") in RULES and rule.get("method") in METHODS for rule in rules)


def _check_name(state: State, body: Json, number: int | None) -> None:
    name = str(body.get("name") or "")
    if not name:
        raise ApiError(400, "The field 'name' is required.")
    others = (row for row in state.customer_groups.values() if row["id"] != number)
    if any(row["name"].casefold() == name.casefold() for row in others):
        raise ApiError(409, f"There is a group named '{name}'.")  # not documented


def delete(state: State, number: int) -> None:
    """Delete a group; whoever was in it is in none. No event is documented for either."""
    del state.customer_groups[number]
    for customer in state.customers.values():
        if customer["customer_group_id"] == number:
            customer["customer_group_id"] = 0


def _date() -> str:
    return now().strftime("%Y-%m-%d %H:%M:%S")  # this resource alone writes dates without a zone
