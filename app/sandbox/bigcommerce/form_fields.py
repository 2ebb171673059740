"""Answers to the merchant's own questions in the sign-up and address forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .envelope import object_id
from .errors import invalid
from .filters import Kind, select
from .records import Json
from .state import State

FILTERS: dict[str, Kind] = {"customer_id": "number", "address_id": "number", "name": "text"}

NOBODY: Json = {"customer_id": None, "address_id": None}


def fields(given: list[Json]) -> list[Json]:
    """Names and values as they are stored: a text, a number or a list of texts."""
    for row in given:
        if not isinstance(row.get("name"), str) or not row["name"]:
            raise invalid("form_fields", "A form field needs a name.")
    return [{"name": row["name"], "value": row.get("value", "")} for row in given]


def merged(own: list[Json], given: list[Json]) -> list[Json]:
    """The own ones, those given replaced or added."""
    changes = {row["name"]: row for row in fields(given)}
    return [changes.pop(row["name"], row) for row in own] + list(changes.values())


def values(state: State, args: Mapping[str, str]) -> list[Any]:
    """All values of customers and addresses that pass the filters of a query."""
    found: list[Json] = []
    for name, table in (("customer_id", state.customers), ("address_id", state.addresses)):
        for row in table.values():
            found += [{**NOBODY, **field, name: row["id"]} for field in row["form_fields"]]
    chosen = select(found, {name.replace("field_name", "name"): text for name, text in args.items()}, FILTERS)
    return [{name: value for name, value in row.items() if value is not None} for row in chosen]


def check(state: State, body: Json) -> None:
    """A value must belong to a customer or to an address."""
    fields([body])
    if object_id(body.get("customer_id")) not in state.customers and _address(state, body) is None:
        raise invalid("customer_id", "The customer or the address does not exist.")


def put(state: State, body: Json) -> Json:
    """Write one value; the caller has checked it."""
    row = _address(state, body) or state.customers[body["customer_id"]]
    row["form_fields"] = merged(row["form_fields"], [body])
    return body


def _address(state: State, body: Json) -> Json | None:
    return state.addresses.get(object_id(body.get("address_id")))
