"""Customers and their addresses in V2: what older clients still use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from . import addresses, customers
from .dates import parse, rfc2822
from .envelope import integer, json_object, v2_list
from .errors import ApiError
from .records import Json
from .state import State, as_list

SAME_NAMES = ("first_name", "last_name", "company", "city", "phone", "address_type")


def blueprint(state: State) -> Blueprint:
    """All routes of these resources."""
    routes = Blueprint("customers_v2", __name__, url_prefix=f"/stores/{state.store_hash}/v2")
    _customers(routes, state)
    _addresses(routes, state)
    return routes


def _show(customer: Json, state: State) -> Json:
    names = ("id", "company", "first_name", "last_name", "email", "phone", "customer_group_id", "notes")
    path = f"/customers/{customer['id']}/addresses"
    return {
        **{name: customer[name] for name in names},
        "form_fields": None,
        "date_created": rfc2822(datetime.fromisoformat(customer["date_created"])),
        "date_modified": rfc2822(datetime.fromisoformat(customer["date_modified"])),
        "store_credit": f"{customer['store_credit_amounts'][0]['amount']:.4f}",
        "registration_ip_address": customer["registration_ip_address"],
        "tax_exempt_category": customer["tax_exempt_category"],
        "reset_pass_on_login": customer["authentication"]["force_password_reset"],
        "accepts_marketing": customer["accepts_product_review_abandoned_cart_emails"],
        "addresses": {"url": f"https://api.bigcommerce.com/stores/{state.store_hash}/v2{path}", "resource": path},
    }


def _find(state: State, number: int) -> Json:
    if number not in state.customers:
        raise ApiError(404)
    return state.customers[number]


def _filtered(state: State) -> list[Json]:
    args = request.args
    rows = as_list(state.customers)
    for name in ("first_name", "last_name", "company", "phone", "email"):
        if args.get(name):
            rows = [row for row in rows if row[name].casefold() == args[name].casefold()]
    first, last = integer("min_id", 0), integer("max_id", 2**62)
    rows = [row for row in rows if first <= row["id"] <= last]
    if args.get("min_date_modified"):
        moment = parse(args["min_date_modified"], "min_date_modified")
        rows = [row for row in rows if datetime.fromisoformat(row["date_modified"]) >= moment]
    return list(rows)


def _customers(routes: Blueprint, state: State) -> None:
    @routes.get("/customers")
    def list_customers() -> ResponseReturnValue:
        return v2_list(_filtered(state), lambda row: _show(row, state))

    @routes.get("/customers/count")
    def count_customers() -> ResponseReturnValue:
        return jsonify(count=len(_filtered(state)))

    @routes.post("/customers")
    def create_customer() -> ResponseReturnValue:
        return jsonify(_show(_checked(lambda: customers.create_many(state, [json_object()])[0]), state)), 201

    @routes.get("/customers/<int:number>")
    def get_customer(number: int) -> ResponseReturnValue:
        return jsonify(_show(_find(state, number), state))

    @routes.put("/customers/<int:number>")
    def update_customer(number: int) -> ResponseReturnValue:
        body = {**json_object(), "id": _find(state, number)["id"]}
        return jsonify(_show(_checked(lambda: customers.update_many(state, [body])[0]), state))

    @routes.delete("/customers/<int:number>")
    def delete_customer(number: int) -> ResponseReturnValue:
        customers.delete(state, _find(state, number)["id"])
        return "", 204


def _checked(write: Callable[[], Json]) -> Json:
    try:
        return write()
    except ApiError as error:
        raise ApiError(400, error.title, error.errors) from error


def _show_address(row: Json) -> Json:
    shown = {name: row[name] for name in ("id", "customer_id", "country", *SAME_NAMES)}
    return {**shown, **{old: row[new] for old, new in addresses.V2_NAMES.items()}, "form_fields": None}


def _v3_names(body: Json) -> Json:
    fields = {name: body[name] for name in SAME_NAMES if name in body}
    fields.update({new: body[old] for old, new in addresses.V2_NAMES.items() if old in body})
    if "country" in body and "country_iso2" not in body:
        codes = {name: code for code, name in addresses.COUNTRIES.items()}
        fields["country_code"] = codes.get(body["country"], "")
    return fields


def _addresses(routes: Blueprint, state: State) -> None:
    @routes.get("/customers/<int:number>/addresses")
    def list_customer_addresses(number: int) -> ResponseReturnValue:
        _find(state, number)
        return v2_list([state.addresses[one] for one in state.addresses_of[number]], _show_address)

    @routes.post("/customers/<int:number>/addresses")
    def create_customer_address(number: int) -> ResponseReturnValue:
        _find(state, number)
        fields = _v3_names(json_object())
        faults = addresses.faults("address", fields)
        if faults:
            raise ApiError(400, errors=faults)
        row = addresses.add(state, {**fields, "customer_id": number})
        if row is None:
            raise ApiError(409)
        return jsonify(_show_address(row)), 201

    @routes.get("/customers/<int:number>/addresses/<int:address_id>")
    def get_customer_address(number: int, address_id: int) -> ResponseReturnValue:
        return jsonify(_show_address(_own_address(state, number, address_id)))

    @routes.put("/customers/<int:number>/addresses/<int:address_id>")
    def update_customer_address(number: int, address_id: int) -> ResponseReturnValue:
        row = _own_address(state, number, address_id)
        addresses.update(state, {**_v3_names(json_object()), "id": row["id"]})
        return jsonify(_show_address(row))

    @routes.delete("/customers/<int:number>/addresses/<int:address_id>")
    def delete_customer_address(number: int, address_id: int) -> ResponseReturnValue:
        addresses.delete(state, _own_address(state, number, address_id)["id"])
        return "", 204


def _own_address(state: State, number: int, address_id: int) -> Json:
    if address_id not in state.addresses_of.get(number, []):
        raise ApiError(404)
    return state.addresses[address_id]
