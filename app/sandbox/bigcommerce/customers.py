"""Customers: checks, writes, and the events that follow."""

from __future__ import annotations

import re

from . import addresses, form_fields
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
            errors.update(addresses.faults(f"{index}.addresses.{place}", address))
        errors.update(_attribute_faults(state, index, body))
        if len(rows(body, "addresses")) > MOST_ADDRESSES:
            errors[f"{index}.addresses"] = f"At most {MOST_ADDRESSES} addresses fit."
    if errors:
        raise refuse("Create", errors)
    return [_create(state, body) for body in bodies]


def _attribute_faults(state: State, index: int, body: Json) -> dict[str, str]:
    return {
        f"{index}.attributes.{place}": "the attribute does not exist"
        for place, row in enumerate(rows(body, "attributes"))
        if object_id(row.get("attribute_id")) not in state.attributes
    }


def _reference_faults(state: State, index: int, body: Json) -> dict[str, str]:
    errors: dict[str, str] = {}
    if body.get("customer_group_id") and object_id(body["customer_group_id"]) not in state.customer_groups:
        errors[f"{index}.customer_group_id"] = "the customer group does not exist"
    access, origin = body.get("channel_ids") or [], body.get("origin_channel_id")
    channels = [*(access if isinstance(access, list) else [access]), *([] if origin is None else [origin])]
    if any(object_id(one) not in state.channels for one in channels):
        errors[f"{index}.channel_ids"] = "a channel does not exist"
    return errors


def _faults(state: State, index: int, body: Json, taken: set[str]) -> dict[str, str]:
    errors = {f"{index}.{name}": "missing field" for name in ("email", *NAMES) if not str(body.get(name) or "").strip()}
    errors.update(_format_faults(index, body))
    errors.update(_reference_faults(state, index, body))
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
    customer["form_fields"] = form_fields.fields(rows(body, "form_fields"))
    state.customers[number] = customer
    state.customer_by_email[customer["email"].casefold()] = number
    state.emit("store/customer/created", {"type": "customer", "id": number})
    for address in rows(body, "addresses"):
        addresses.add(state, {**address, "customer_id": number})
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
        errors.update(_reference_faults(state, index, body))
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
    given = form_fields.merged(customer["form_fields"], rows(body, "form_fields"))
    access = customer["channel_ids"]
    customer.update({name: str(value) if name in texts else value for name, value in changes.items()})
    customer["form_fields"] = given
    changed(state, customer)
    if customer["channel_ids"] != access:
        data = {"customer_id": customer["id"], "channel_ids": customer["channel_ids"]}
        state.emit("store/customer/channel/login/access/updated", data)
    return customer


def delete(state: State, number: int) -> None:
    """Delete a customer with the addresses and values; their orders stay."""
    customer = state.customers.pop(number)
    state.customer_by_email.pop(customer["email"].casefold(), None)
    for address_id in state.addresses_of.pop(number, []):
        state.addresses.pop(address_id, None)
    state.drop_metafields("customer", number)
    for value_id in state.values_of.pop(number, {}).values():
        del state.attribute_values[value_id]
    state.emit("store/customer/deleted", {"type": "customer", "id": number})


def changed(state: State, customer: Json) -> None:
    """Note a change and tell the hooks."""
    customer["date_modified"] = now().isoformat()
    state.emit("store/customer/updated", {"type": "customer", "id": customer["id"]})


def set_attribute_value(state: State, customer_id: int, attribute_id: int, value: str) -> Json:
    """Write one attribute value, replacing the one before. No event: the API's own changes fire none."""
    moment = now().isoformat()
    there = state.values_of[customer_id].get(attribute_id)
    if there is not None:
        state.attribute_values[there].update(attribute_value=value, date_modified=moment)
        return state.attribute_values[there]
    number = state.next_id("attribute_values")
    row: Json = {
        "id": number,
        "attribute_id": attribute_id,
        "customer_id": customer_id,
        "attribute_value": value,
        "date_created": moment,
        "date_modified": moment,
    }
    state.attribute_values[number] = row
    state.values_of[customer_id][attribute_id] = number
    state.customers[customer_id]["attribute_count"] += 1
    return row


def drop_attribute_value(state: State, row: Json) -> None:
    """Forget one attribute value."""
    del state.attribute_values[row["id"]]
    state.values_of[row["customer_id"]].pop(row["attribute_id"], None)
    state.customers[row["customer_id"]]["attribute_count"] -= 1
