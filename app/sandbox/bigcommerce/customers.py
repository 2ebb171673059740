"""Customers and their addresses: checks, writes, and the events that follow."""

from __future__ import annotations

import re
from typing import Any

from .dates import now
from .envelope import object_id, rows
from .errors import ApiError
from .records import Json
from .state import State

EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s.]+$")
TEXT_LIMITS = {"email": 250, "first_name": 100, "last_name": 100, "company": 255, "phone": 50}
PLAIN = {
    "company": "",
    "phone": "",
    "notes": "",
    "tax_exempt_category": "",
    "customer_group_id": 0,
    "registration_ip_address": "",
    "accepts_product_review_abandoned_cart_emails": False,
    "store_credit_amounts": [{"amount": 0.0}],
    "origin_channel_id": 1,
    "channel_ids": None,
    "form_fields": [],
}
NAMES = ("first_name", "last_name")
ADDRESS_REQUIRED = (
    "first_name",
    "last_name",
    "address1",
    "city",
    "country_code",
    "state_or_province",
    "postal_code",
)
ADDRESS_OPTIONAL = ("company", "address2", "phone")
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
MOST_ADDRESSES = 10  # within one customer on create


def refuse(action: str, errors: dict[str, str]) -> ApiError:
    """A 422 for the batch as a whole."""
    return ApiError(422, f"{action} customers failed.", errors)


def create_many(state: State, bodies: list[Json]) -> list[Json]:
    """Create all or none."""
    errors: dict[str, str] = {}
    taken: set[str] = set()
    for index, body in enumerate(bodies):
        errors.update(_faults(state, index, body, taken))
        for place, address in enumerate(rows(body, "addresses")):
            errors.update(address_faults(f"{index}.addresses.{place}", address))
        if len(rows(body, "addresses")) > MOST_ADDRESSES:
            errors[f"{index}.addresses"] = f"At most {MOST_ADDRESSES} addresses fit."
    if errors:
        raise refuse("Create", errors)
    return [_create(state, body) for body in bodies]


def _faults(state: State, index: int, body: Json, taken: set[str]) -> dict[str, str]:
    errors = {f"{index}.{name}": "missing field" for name in ("email", *NAMES) if not str(body.get(name) or "").strip()}
    errors.update(_format_faults(index, body))
    email = str(body.get("email") or "").casefold()
    if email and (email in state.customer_by_email or email in taken):
        errors[".customer_create"] = f"Error creating customers: the email {body['email']} is already in use."
    taken.add(email)
    return errors


def _format_faults(index: int, body: Json) -> dict[str, str]:
    errors = {
        f"{index}.{name}": f"must be at most {longest} characters"
        for name, longest in TEXT_LIMITS.items()
        if len(str(body.get(name) or "")) > longest
    }
    if body.get("email") and not EMAIL.match(str(body["email"])):
        errors[f"{index}.email"] = "must be a valid email"
    return errors


def _create(state: State, body: Json) -> Json:
    moment = now().isoformat()
    number = state.next_id("customers")
    customer: Json = {
        "id": number,
        "authentication": {"force_password_reset": _must_reset(body)},
        "email": str(body["email"]),
        **{name: str(body[name]) for name in NAMES},
        **{name: body.get(name) if body.get(name) is not None else default for name, default in PLAIN.items()},
        "address_count": 0,
        "attribute_count": 0,
        "date_created": moment,
        "date_modified": moment,
    }
    state.customers[number] = customer
    state.customer_by_email[customer["email"].casefold()] = number
    state.emit("store/customer/created", {"type": "customer", "id": number})
    for address in rows(body, "addresses"):
        add_address(state, {**address, "customer_id": number})
    for row in rows(body, "attributes"):
        set_attribute_value(state, number, row["attribute_id"], str(row.get("attribute_value", row.get("value", ""))))
    return customer


def _must_reset(body: Json) -> bool:
    authentication = body.get("authentication")
    return isinstance(authentication, dict) and bool(authentication.get("force_password_reset"))


def update_many(state: State, bodies: list[Json]) -> list[Json]:
    """Update all or none; addresses and attribute values have calls of their own."""
    errors: dict[str, str] = {}
    for index, body in enumerate(bodies):
        if object_id(body.get("id")) not in state.customers:
            errors[f"{index}.id"] = "the customer does not exist"
            continue
        errors.update(_format_faults(index, body))
        holder = state.customer_by_email.get(str(body.get("email") or "").casefold())
        if holder not in (None, body["id"]):
            errors[".customer_update"] = f"Error updating customers: the email {body['email']} is already in use."
    if errors:
        raise refuse("Update", errors)
    return [_update(state, state.customers[body["id"]], body) for body in bodies]


def _update(state: State, customer: Json, body: Json) -> Json:
    if body.get("email"):
        state.customer_by_email.pop(customer["email"].casefold(), None)
        state.customer_by_email[str(body["email"]).casefold()] = customer["id"]
    writable = {"email", *NAMES, *PLAIN}
    texts = {"email", *NAMES, "company", "phone", "notes", "tax_exempt_category", "registration_ip_address"}
    changes = {name: value for name, value in body.items() if name in writable and value is not None}
    customer.update({name: str(value) if name in texts else value for name, value in changes.items()})
    customer["date_modified"] = now().isoformat()
    state.emit("store/customer/updated", {"type": "customer", "id": customer["id"]})
    return customer


def delete(state: State, number: int) -> None:
    """Delete a customer with the addresses and values; their orders stay."""
    customer = state.customers.pop(number)
    state.customer_by_email.pop(customer["email"].casefold(), None)
    for address_id in state.addresses_of.pop(number, []):
        state.addresses.pop(address_id, None)
    for value_id in [key for key, row in state.attribute_values.items() if row["customer_id"] == number]:
        del state.attribute_values[value_id]
    state.emit("store/customer/deleted", {"type": "customer", "id": number})


def address_faults(path: str, body: Json, required: tuple[str, ...] = ADDRESS_REQUIRED) -> dict[str, str]:
    """What is wrong with an address."""
    errors = {f"{path}.{name}": "missing field" for name in required if not str(body.get(name) or "").strip()}
    code = body.get("country_code")
    if code and (not isinstance(code, str) or len(code) != 2):
        errors[f"{path}.country_code"] = "must be a code of two letters"
    return errors


def _identity(address: Json) -> tuple[Any, ...]:
    names = ("customer_id", *ADDRESS_REQUIRED, *ADDRESS_OPTIONAL, "address_type")
    return tuple(str(address.get(name) or "").casefold() for name in names)


def _address_twin(state: State, address: Json) -> bool:
    return any(
        _identity(state.addresses[number]) == _identity(address)
        for number in state.addresses_of[address["customer_id"]]
        if number != address.get("id")
    )


def add_address(state: State, body: Json) -> Json | None:
    """Add an address; None when the customer already has the same one."""
    address: Json = {name: str(body.get(name) or "") for name in (*ADDRESS_REQUIRED, *ADDRESS_OPTIONAL)}
    address["country"] = COUNTRIES.get(address["country_code"], address["country_code"])
    address["address_type"] = body.get("address_type") or "residential"
    address["customer_id"] = body["customer_id"]
    if _address_twin(state, address):
        return None
    address["id"] = state.next_id("addresses")
    state.addresses[address["id"]] = address
    state.addresses_of[address["customer_id"]].append(address["id"])
    state.customers[address["customer_id"]]["address_count"] += 1
    emit_address(state, address, "created")
    return address


def update_address(state: State, body: Json) -> Json | None:
    """Change an address; None when it would become the same as another one."""
    address = state.addresses[body["id"]]
    writable = {*ADDRESS_REQUIRED, *ADDRESS_OPTIONAL, "address_type"}
    changed = {**address, **{name: str(value or "") for name, value in body.items() if name in writable}}
    changed["country"] = COUNTRIES.get(changed["country_code"], changed["country_code"])
    if _address_twin(state, changed):
        return None
    address.update(changed)
    emit_address(state, address, "updated")
    return address


def delete_address(state: State, number: int) -> None:
    """Delete an address."""
    address = state.addresses.pop(number)
    state.addresses_of[address["customer_id"]].remove(number)
    state.customers[address["customer_id"]]["address_count"] -= 1
    emit_address(state, address, "deleted")


def emit_address(state: State, address: Json, event: str) -> None:
    """An address event: `type` says customer although `id` is the address's, as documented."""
    data = {"type": "customer", "id": address["id"], "address": {"customer_id": address["customer_id"]}}
    state.emit(f"store/customer/address/{event}", data)


def set_attribute_value(state: State, customer_id: int, attribute_id: int, value: str) -> Json:
    """Write one attribute value, replacing the one before. No event: the API's own changes fire none."""
    for row in state.attribute_values.values():
        if row["customer_id"] == customer_id and row["attribute_id"] == attribute_id:
            row.update(attribute_value=value, date_modified=now().isoformat())
            return row
    moment = now().isoformat()
    number = state.next_id("attribute_values")
    row = {
        "id": number,
        "attribute_id": attribute_id,
        "customer_id": customer_id,
        "attribute_value": value,
        "date_created": moment,
        "date_modified": moment,
    }
    state.attribute_values[number] = row
    state.customers[customer_id]["attribute_count"] += 1
    return row
