"""Customers' addresses: checks, writes, and the events that follow."""

from __future__ import annotations

from typing import Any

from . import form_fields
from .envelope import rows
from .records import Json
from .state import State

REQUIRED = (
    "first_name",
    "last_name",
    "address1",
    "city",
    "country_code",
    "state_or_province",
    "postal_code",
)
V2_NAMES = {
    "street_1": "address1",
    "street_2": "address2",
    "state": "state_or_province",
    "zip": "postal_code",
    "country_iso2": "country_code",
}
OPTIONAL = ("company", "address2", "phone")
COUNTRIES = {
    "AU": "Australia",
    "AT": "Austria",
    "BE": "Belgium",
    "CA": "Canada",
    "CH": "Switzerland",
    "DE": "Germany",
    "DK": "Denmark",
    "ES": "Spain",
    "FI": "Finland",
    "FR": "France",
    "GB": "United Kingdom",
    "IE": "Ireland",
    "IT": "Italy",
    "JP": "Japan",
    "NL": "Netherlands",
    "NO": "Norway",
    "NZ": "New Zealand",
    "PL": "Poland",
    "PT": "Portugal",
    "SE": "Sweden",
    "US": "United States",
}


def faults(path: str, body: Json, required: tuple[str, ...] = REQUIRED) -> dict[str, str]:
    """What is wrong with an address."""
    errors = {f"{path}.{name}": "missing field" for name in required if not str(body.get(name) or "").strip()}
    code = body.get("country_code")
    if code and (not isinstance(code, str) or len(code) != 2):
        errors[f"{path}.country_code"] = "must be a code of two letters"
    return errors


def _identity(address: Json) -> tuple[Any, ...]:
    names = ("customer_id", *REQUIRED, *OPTIONAL, "address_type")
    return tuple(str(address.get(name) or "").casefold() for name in names)


def _twin(state: State, address: Json) -> bool:
    return any(
        _identity(state.addresses[number]) == _identity(address)
        for number in state.addresses_of[address["customer_id"]]
        if number != address.get("id")
    )


def add(state: State, body: Json) -> Json | None:
    """Add an address; None when the customer already has the same one."""
    address: Json = {name: str(body.get(name) or "") for name in (*REQUIRED, *OPTIONAL)}
    address["country"] = COUNTRIES.get(address["country_code"], address["country_code"])
    address["address_type"] = body.get("address_type") or "residential"
    address["customer_id"] = body["customer_id"]
    if _twin(state, address):
        return None
    address["form_fields"] = form_fields.fields(rows(body, "form_fields"))
    address["id"] = state.next_id("addresses")
    state.addresses[address["id"]] = address
    state.addresses_of[address["customer_id"]].append(address["id"])
    state.customers[address["customer_id"]]["address_count"] += 1
    emit(state, address, "created")
    return address


def update(state: State, body: Json) -> Json | None:
    """Change an address; None when it would become the same as another one."""
    address = state.addresses[body["id"]]
    writable = {*REQUIRED, *OPTIONAL, "address_type"}
    changed = {**address, **{name: str(value or "") for name, value in body.items() if name in writable}}
    changed["country"] = COUNTRIES.get(changed["country_code"], changed["country_code"])
    if _twin(state, changed):
        return None
    changed["form_fields"] = form_fields.merged(address["form_fields"], rows(body, "form_fields"))
    address.update(changed)
    emit(state, address, "updated")
    return address


def delete(state: State, number: int) -> None:
    """Delete an address."""
    address = state.addresses.pop(number)
    state.addresses_of[address["customer_id"]].remove(number)
    state.customers[address["customer_id"]]["address_count"] -= 1
    emit(state, address, "deleted")


def emit(state: State, address: Json, event: str) -> None:
    """An address event: `type` says customer although `id` is the address's, as documented."""
    data = {"type": "customer", "id": address["id"], "address": {"customer_id": address["customer_id"]}}
    state.emit(f"store/customer/address/{event}", data)


def show(address: Json, include: set[str]) -> Json:
    """An address, its form fields only when asked for."""
    return address if "formfields" in include else {k: v for k, v in address.items() if k != "form_fields"}
