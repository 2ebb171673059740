"""Price lists, their records and assignments in V3."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from . import price_lists
from .envelope import json_array, json_object, known, numbers, object_id, v3_list, v3_one
from .errors import ApiError, invalid
from .filters import Kind, select
from .records import Json
from .state import State, as_list

UPSERT, CREATE, ASSIGN = 1000, 100, 25
LIST_FILTERS: dict[str, Kind] = {"id": "number", "name": "text", "date_created": "date", "date_modified": "date"}
RECORD_FILTERS: dict[str, Kind] = {
    "variant_id": "number",
    "product_id": "number",
    "sku": "text",
    "currency": "text",
    "price": "number",
    "date_modified": "date",
}
ASSIGNMENT_FILTERS: dict[str, Kind] = {
    "id": "number",
    "price_list_id": "number",
    "customer_group_id": "number",
    "channel_id": "number",
}


def blueprint(state: State) -> Blueprint:
    """All routes of these resources."""
    routes = Blueprint("price_lists_v3", __name__, url_prefix=f"/stores/{state.store_hash}/v3/pricelists")
    _lists(routes, state)
    _list(routes, state)
    _records(routes, state)
    _record(routes, state)
    _assignments(routes, state)
    return routes


def _lists(routes: Blueprint, state: State) -> None:
    @routes.get("")
    def all_lists() -> ResponseReturnValue:
        return v3_list(select(as_list(state.price_lists), request.args, LIST_FILTERS), dict)

    @routes.post("")
    def create() -> ResponseReturnValue:
        return v3_one(price_lists.add(state, json_object()))

    @routes.delete("")
    def delete_some() -> ResponseReturnValue:
        for row in known(state.price_lists, numbers(request.args.get("id:in", ""), "id:in")):
            price_lists.delete(state, row)
        return "", 204


def _list(routes: Blueprint, state: State) -> None:
    @routes.get("/<int:number>")
    def get(number: int) -> ResponseReturnValue:
        return v3_one(_find(state, number))

    @routes.put("/<int:number>")
    def update(number: int) -> ResponseReturnValue:
        return v3_one(price_lists.update(state, _find(state, number), json_object()))

    @routes.delete("/<int:number>")
    def delete(number: int) -> ResponseReturnValue:
        price_lists.delete(state, _find(state, number))
        return "", 204


def _find(state: State, number: int) -> Json:
    if number not in state.price_lists:
        raise ApiError(404)
    return state.price_lists[number]


def _records(routes: Blueprint, state: State) -> None:
    def found(number: int) -> list[Any]:
        _find(state, number)
        return select(list(state.price_records[number].values()), request.args, RECORD_FILTERS)

    @routes.get("/<int:number>/records")
    def list_records(number: int) -> ResponseReturnValue:
        return v3_list(found(number), dict)

    @routes.put("/<int:number>/records")
    def upsert_records(number: int) -> ResponseReturnValue:
        _find(state, number)
        return _write(state, [(number, body) for body in json_array(UPSERT)])

    @routes.post("/records")
    def create_records() -> ResponseReturnValue:
        bodies = json_array(CREATE)
        if any(object_id(body.get("price_list_id")) not in state.price_lists for body in bodies):
            raise invalid("price_list_id", "The price list does not exist.")
        return _write(state, [(body["price_list_id"], body) for body in bodies])

    @routes.delete("/<int:number>/records")
    def delete_records(number: int) -> ResponseReturnValue:
        keys = [(row["variant_id"], row["currency"].upper()) for row in found(number)]
        for key in keys:
            price_lists.drop(state, number, key)
        if keys:
            state.emit("store/priceList/records/deleted", [price_lists.reference(number, key) for key in keys])
        return "", 204


def _write(state: State, given: list[tuple[int, Json]]) -> ResponseReturnValue:
    """All or none; a batch is told in one event of each kind, its data is an array."""
    keys = [(number, price_lists.key_of(state, body)) for number, body in given]
    events: dict[str, list[Json]] = {"created": [], "updated": []}
    for (number, body), (_, key) in zip(given, keys, strict=True):
        events[price_lists.put(state, number, body)].append(price_lists.reference(number, key))
    for event, data in events.items():
        if data:
            state.emit(f"store/priceList/records/{event}", data)
    return v3_one([state.price_records[number][key] for number, key in keys])


def _record(routes: Blueprint, state: State) -> None:
    path = "/<int:number>/records/<int:variant_id>/<code>"

    @routes.get(path)
    def get_record(number: int, variant_id: int, code: str) -> ResponseReturnValue:
        return v3_one(_find_record(state, number, (variant_id, code.upper())))

    @routes.put(path)
    def put_record(number: int, variant_id: int, code: str) -> ResponseReturnValue:
        _find(state, number)
        body, key = {**json_object(), "variant_id": variant_id, "currency": code}, (variant_id, code.upper())
        event = price_lists.put(state, number, body)
        state.emit(f"store/priceList/record/{event}", price_lists.reference(number, key))
        return v3_one(state.price_records[number][key])

    @routes.delete(path)
    def delete_record(number: int, variant_id: int, code: str) -> ResponseReturnValue:
        key = (variant_id, code.upper())
        _find_record(state, number, key)
        price_lists.drop(state, number, key)
        state.emit("store/priceList/record/deleted", price_lists.reference(number, key))
        return "", 204


def _find_record(state: State, number: int, key: price_lists.Key) -> Json:
    _find(state, number)
    if key not in state.price_records[number]:
        raise ApiError(404)
    return state.price_records[number][key]


def _assignments(routes: Blueprint, state: State) -> None:
    def found() -> list[Any]:
        return select(as_list(state.price_assignments), request.args, ASSIGNMENT_FILTERS)

    @routes.get("/assignments")
    def list_assignments() -> ResponseReturnValue:
        return v3_list(found(), dict)

    @routes.post("/assignments")
    def create_assignments() -> ResponseReturnValue:
        bodies = json_array(ASSIGN)
        if any(object_id(body.get("price_list_id")) not in state.price_lists for body in bodies):
            raise invalid("price_list_id", "The price list does not exist.")
        for body in bodies:
            price_lists.assign(state, body["price_list_id"], body)
        return v3_one({})

    @routes.delete("/assignments")
    def delete_assignments() -> ResponseReturnValue:
        if not any(name.partition(":")[0] in ASSIGNMENT_FILTERS for name in request.args):
            raise ApiError(422, "A filter is needed to delete assignments.")
        for row in found():
            price_lists.unassign(state, row)
        return "", 204

    @routes.put("/<int:number>/assignments")
    def assign(number: int) -> ResponseReturnValue:
        _find(state, number)
        return v3_one(price_lists.assign(state, number, json_object()))
