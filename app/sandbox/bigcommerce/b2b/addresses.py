"""Addresses of companies."""

from __future__ import annotations

import time
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.sandbox.bigcommerce.envelope import integer, json_object, object_id
from app.sandbox.bigcommerce.errors import ApiError, invalid
from app.sandbox.bigcommerce.records import Json
from app.sandbox.bigcommerce.state import State, as_list

from .access import answer, missing, page, within

REQUIRED = ("companyId", "firstName", "lastName", "addressLine1", "countryName", "countryCode", "city", "zipCode")
TEXTS = (
    "firstName",
    "lastName",
    "phoneNumber",
    "addressLine1",
    "addressLine2",
    "city",
    "stateName",
    "stateCode",
    "countryName",
    "countryCode",
    "zipCode",
    "label",
    "externalId",
)
FLAGS = ("isBilling", "isShipping", "isDefaultBilling", "isDefaultShipping")


def add_routes(routes: Blueprint, state: State) -> None:
    """All routes of this resource."""

    @routes.get("/addresses")
    def list_addresses() -> ResponseReturnValue:
        return page(_filtered(state), show)

    @routes.post("/addresses")
    def create_address() -> ResponseReturnValue:
        body = json_object()
        missing(body, REQUIRED)
        if object_id(body["companyId"]) not in state.companies:
            raise invalid("companyId", "The company does not exist.")
        return answer({"addressId": create(state, body["companyId"], body)["addressId"]})

    _single(routes, state)


def _single(routes: Blueprint, state: State) -> None:
    @routes.get("/addresses/<int:address_id>")
    def get_address(address_id: int) -> ResponseReturnValue:
        return answer(show(_find(state, address_id)))

    @routes.put("/addresses/<int:address_id>")
    def update_address(address_id: int) -> ResponseReturnValue:
        address, body = _find(state, address_id), json_object()
        address.update({name: str(body[name]) for name in TEXTS if body.get(name) is not None})
        address.update({name: bool(body[name]) for name in FLAGS if name in body})
        address["modified"] = int(time.time())
        emit(state, address, "updated")
        return answer({"addressId": address_id})

    @routes.delete("/addresses/<int:address_id>")
    def delete_address(address_id: int) -> ResponseReturnValue:
        address = _find(state, address_id)
        del state.company_addresses[address_id]
        emit(state, address, "deleted")
        return answer({})


def create(state: State, company_id: int, body: Json) -> Json:
    """One more address; a company's first one is its default."""
    first = not any(row["companyId"] == company_id for row in state.company_addresses.values())
    moment, number = int(time.time()), state.next_id("company_addresses")
    address: Json = {
        "addressId": number,
        "companyId": company_id,
        **{name: str(body.get(name) or "") for name in TEXTS},
        **{name: bool(body.get(name, first)) for name in FLAGS},
        "created": moment,
        "modified": moment,
    }
    state.company_addresses[number] = address
    emit(state, address, "created")
    return address


def forget_company(state: State, company_id: int) -> None:
    """A company goes, and its addresses with it."""
    for number in [key for key, row in state.company_addresses.items() if row["companyId"] == company_id]:
        del state.company_addresses[number]


def _find(state: State, address_id: int) -> Json:
    if address_id not in state.company_addresses:
        raise ApiError(404)
    return state.company_addresses[address_id]


def emit(state: State, address: Json, event: str) -> None:
    """One event; these have no `type`."""
    data = {"company_id": address["companyId"], "address_id": address["addressId"]}
    state.emit(f"store/company/address/{event}", data)


def show(address: Json) -> Json:
    """An address."""
    return {name: value for name, value in address.items() if name not in ("created", "modified")}


def _filtered(state: State) -> list[Any]:
    args = request.args
    rows = within(as_list(state.company_addresses), args)
    if args.get("companyId"):
        rows = [row for row in rows if row["companyId"] == integer("companyId", 0)]
    for name in ("isBilling", "isShipping"):
        if args.get(name):
            wanted = args[name].lower() in ("1", "true")
            rows = [row for row in rows if row[name] == wanted]
    for name in ("city", "firstName", "lastName", "zipCode"):
        if args.get(name):
            rows = [row for row in rows if row[name].casefold() == args[name].casefold()]
    return rows
