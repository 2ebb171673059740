"""Customers, addresses, attributes and their values in V3."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from . import addresses, customers, form_fields
from .dates import now
from .envelope import json_array, known, numbers, object_id, v3_cursor_list, v3_list, v3_one
from .errors import ApiError, invalid
from .filters import Kind, select
from .records import Json
from .state import State, as_list

BATCH = 10
MOST_ATTRIBUTES = 50
ATTRIBUTE_TYPES = ("string", "number", "date")
FILTERS: dict[str, Kind] = {
    "email": "text",
    "company": "text",
    "customer_group_id": "number",
    "phone": "text",
    "registration_ip_address": "text",
    "date_created": "date",
    "date_modified": "date",
}
VALUE_FILTERS: dict[str, Kind] = {
    "customer_id": "number",
    "attribute_id": "number",
    "attribute_value": "text",
    "date_created": "date",
    "date_modified": "date",
}
SORTS = ("date_created", "date_modified", "last_name")
HIDDEN = ("addresses", "store_credit_amounts", "attributes", "form_fields")


def blueprint(state: State) -> Blueprint:
    """All routes of these resources."""
    routes = Blueprint("customers_v3", __name__, url_prefix=f"/stores/{state.store_hash}/v3/customers")
    _customers(routes, state)
    _addresses(routes, state)
    _attributes(routes, state)
    _attribute_values(routes, state)
    return routes


def _customers(routes: Blueprint, state: State) -> None:
    @routes.get("")
    def list_customers() -> ResponseReturnValue:
        return v3_cursor_list(_sorted(_filtered(state)), lambda row: show(state, row))

    @routes.post("")
    def create_customers() -> ResponseReturnValue:
        created = customers.create_many(state, json_array(BATCH))
        return v3_one([show(state, row, {"addresses", "storecredit"}) for row in created])

    @routes.put("")
    def update_customers() -> ResponseReturnValue:
        return v3_one([show(state, row) for row in customers.update_many(state, json_array(BATCH))])

    @routes.delete("")
    def delete_customers() -> ResponseReturnValue:
        for row in known(state.customers, numbers(request.args.get("id:in", ""), "id:in")):
            customers.delete(state, row["id"])
        return "", 204

    @routes.get("/form-field-values")
    def form_field_values() -> ResponseReturnValue:
        return v3_list(form_fields.values(state, request.args), dict)

    @routes.put("/form-field-values")
    def set_form_field_values() -> ResponseReturnValue:
        # Deprecated in favour of the customers' and addresses' own calls, but still there.
        bodies = json_array(BATCH)
        for body in bodies:
            form_fields.check(state, body)
        return v3_one([form_fields.put(state, body) for body in bodies])


def _addresses(routes: Blueprint, state: State) -> None:
    @routes.get("/addresses")
    def list_addresses() -> ResponseReturnValue:
        rows = as_list(state.addresses)
        if request.args.get("customer_id:in"):
            owners = known(state.customers, numbers(request.args["customer_id:in"], "customer_id:in"))
            rows = [state.addresses[number] for row in owners for number in state.addresses_of[row["id"]]]
        kinds: dict[str, Kind] = {"id": "number", "company": "text", "name": "text"}
        return v3_list(select(rows, request.args, kinds), lambda row: addresses.show(row, _asked()))

    @routes.post("/addresses")
    def create_addresses() -> ResponseReturnValue:
        bodies = json_array(250)
        errors: dict[str, str] = {}
        for index, body in enumerate(bodies):
            errors.update(addresses.faults(str(index), body))
            if object_id(body.get("customer_id")) not in state.customers:
                errors[f"{index}.customer_id"] = "the customer does not exist"
        if errors:
            raise ApiError(422, "Create addresses failed.", errors)
        written = [addresses.add(state, body) for body in bodies]
        return v3_one([addresses.show(row, {"formfields"}) for row in written if row is not None])

    _address_changes(routes, state)


def _address_changes(routes: Blueprint, state: State) -> None:
    @routes.put("/addresses")
    def update_addresses() -> ResponseReturnValue:
        bodies = json_array(250)
        if any(object_id(body.get("id")) not in state.addresses for body in bodies):
            raise ApiError(422, "Update addresses failed.", {".address_update": "the address does not exist"})
        written = [addresses.update(state, body) for body in bodies]
        return v3_one([row for row in written if row is not None])

    @routes.delete("/addresses")
    def delete_addresses() -> ResponseReturnValue:
        for row in known(state.addresses, numbers(request.args.get("id:in", ""), "id:in")):
            addresses.delete(state, row["id"])
        return "", 204


def _attributes(routes: Blueprint, state: State) -> None:
    @routes.get("/attributes")
    def list_attributes() -> ResponseReturnValue:
        return v3_list(select(as_list(state.attributes), request.args, {"id": "number", "name": "text"}), dict)

    @routes.post("/attributes")
    def create_attributes() -> ResponseReturnValue:
        bodies = json_array(BATCH)
        names = {row["name"] for row in state.attributes.values()}
        if len(names) + len(bodies) > MOST_ATTRIBUTES:
            raise invalid(".attribute_create", f"A store may have {MOST_ATTRIBUTES} attributes.")
        for body in bodies:
            if (
                not isinstance(body.get("name"), str)
                or not body["name"]
                or body.get("type") not in ATTRIBUTE_TYPES
                or body["name"] in names
            ):
                raise invalid(".attribute_create", "Each attribute needs a new name and a known type.")
        return v3_one([_new_attribute(state, body) for body in bodies])

    _attribute_changes(routes, state)


def _attribute_changes(routes: Blueprint, state: State) -> None:
    @routes.put("/attributes")
    def update_attributes() -> ResponseReturnValue:
        bodies = json_array(BATCH)
        if any(object_id(body.get("id")) not in state.attributes or "type" in body for body in bodies):
            raise invalid(".attribute_update", "Only the name of an existing attribute can change.")
        for body in bodies:
            state.attributes[body["id"]].update(name=body["name"], date_modified=now().isoformat())
        return v3_one([state.attributes[body["id"]] for body in bodies])

    @routes.delete("/attributes")
    def delete_attributes() -> ResponseReturnValue:
        for row in known(state.attributes, numbers(request.args.get("id:in", ""), "id:in")):
            del state.attributes[row["id"]]
            for value in [one for one in state.attribute_values.values() if one["attribute_id"] == row["id"]]:
                customers.drop_attribute_value(state, value)
        return "", 204


def _new_attribute(state: State, body: Json) -> Json:
    moment = now().isoformat()
    row = {"id": state.next_id("attributes"), "name": body["name"], "type": body["type"]}
    state.attributes[row["id"]] = row | {"date_created": moment, "date_modified": moment}
    return state.attributes[row["id"]]


def _attribute_values(routes: Blueprint, state: State) -> None:
    @routes.get("/attribute-values")
    def list_values() -> ResponseReturnValue:
        rows = as_list(state.attribute_values)
        if request.args.get("customer_id:in"):
            owners = known(state.customers, numbers(request.args["customer_id:in"], "customer_id:in"))
            rows = [row for owner in owners for row in _values_of(state, owner["id"])]
        return v3_list(select(rows, request.args, VALUE_FILTERS), dict)

    @routes.put("/attribute-values")
    def upsert_values() -> ResponseReturnValue:
        bodies = json_array(250)
        if len({object_id(body.get("customer_id")) for body in bodies}) > BATCH:
            raise ApiError(413)
        for body in bodies:
            person, attribute = object_id(body.get("customer_id")), object_id(body.get("attribute_id"))
            if person not in state.customers or attribute not in state.attributes:
                raise invalid(".attribute_value_upsert", "The customer or the attribute does not exist.")
        # Written as `value`, read back as `attribute_value`.
        rows = [
            customers.set_attribute_value(state, body["customer_id"], body["attribute_id"], str(body.get("value", "")))
            for body in bodies
        ]
        return v3_one(rows)

    @routes.delete("/attribute-values")
    def delete_values() -> ResponseReturnValue:
        for row in known(state.attribute_values, numbers(request.args.get("id:in", ""), "id:in")):
            customers.drop_attribute_value(state, row)
        return "", 204


def _values_of(state: State, customer_id: int) -> list[Json]:
    return [state.attribute_values[number] for number in state.values_of[customer_id].values()]


def _asked() -> set[str]:
    return set(request.args.get("include", "").split(","))


def show(state: State, customer: Json, include: set[str] | None = None) -> Json:
    """A customer with the sub-resources asked for."""
    asked = _asked() if include is None else include
    shown: Json = {name: value for name, value in customer.items() if name not in HIDDEN}
    number = customer["id"]
    if "addresses" in asked:
        shown["addresses"] = [addresses.show(state.addresses[one], asked) for one in state.addresses_of[number]]
    if "storecredit" in asked:
        shown["store_credit_amounts"] = customer["store_credit_amounts"]
    if "attributes" in asked:
        shown["attributes"] = _values_of(state, number)
    if "formfields" in asked:
        shown["form_fields"] = customer["form_fields"]
    return shown


def _filtered(state: State) -> list[Any]:
    args = request.args
    rows = as_list(state.customers)
    if "id:in" in args:
        rows = known(state.customers, numbers(args["id:in"], "id:in"))
    elif "email:in" in args:
        emails = [email.strip().casefold() for email in args["email:in"].split(",")]
        rows = known(state.customers, [state.customer_by_email.get(email, 0) for email in emails])
    rows = select(rows, args, FILTERS)
    for name in ("name:in", "name:like"):
        if name in args:
            rows = [row for row in rows if _named(row, args[name], whole=name == "name:in")]
    return list(rows)


def _named(row: Json, text: str, whole: bool) -> bool:
    own = f"{row['first_name']} {row['last_name']}".casefold()
    parts = [part.strip("% ").casefold() for part in text.split(",")]
    return own in parts if whole else any(part in own for part in parts)


def _sorted(rows: list[Any]) -> list[Any]:
    field, _, direction = request.args.get("sort", "").partition(":")
    if not field:
        return rows
    if field not in SORTS or direction not in ("asc", "desc"):
        raise invalid("sort", "The customers cannot be sorted by this.")
    return sorted(rows, key=lambda row: row[field], reverse=direction == "desc")
