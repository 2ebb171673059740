"""Customer groups in V2; they have no V3."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from . import customer_groups
from .customer_groups import DiscountNotSaved
from .envelope import json_object, v2_list
from .errors import ApiError
from .filters import Kind, select
from .records import Json
from .state import State, as_list

FILTERS: dict[str, Kind] = {
    "name": "text",
    "is_default": "flag",
    "is_group_for_guests": "flag",
    "date_created": "date",
    "date_modified": "date",
}


def blueprint(state: State) -> Blueprint:
    """All routes of this resource."""
    routes = Blueprint("customer_groups_v2", __name__, url_prefix=f"/stores/{state.store_hash}/v2/customer_groups")

    @routes.before_request
    def check_plan() -> None:
        if not state.settings.customer_groups:
            raise ApiError(403, "The store's plan has no customer groups.")

    @routes.errorhandler(DiscountNotSaved)
    def half_saved(error: DiscountNotSaved) -> ResponseReturnValue:
        return jsonify(status=422, message=error.title), error.status

    _collection(routes, state)
    _single(routes, state)
    return routes


def _collection(routes: Blueprint, state: State) -> None:
    @routes.get("")
    def list_groups() -> ResponseReturnValue:
        return v2_list(_filtered(state), dict)

    @routes.get("/count")
    def count_groups() -> ResponseReturnValue:
        return jsonify(count=len(_filtered(state)))

    @routes.post("")
    def create_group() -> ResponseReturnValue:
        return jsonify(customer_groups.add(state, json_object())), 201


def _single(routes: Blueprint, state: State) -> None:
    @routes.get("/<int:number>")
    def get_group(number: int) -> ResponseReturnValue:
        return jsonify(_find(state, number))

    @routes.put("/<int:number>")
    def update_group(number: int) -> ResponseReturnValue:
        return jsonify(customer_groups.update(state, _find(state, number), json_object()))

    @routes.delete("/<int:number>")
    def delete_group(number: int) -> ResponseReturnValue:
        _find(state, number)
        customer_groups.delete(state, number)
        return "", 204


def _find(state: State, number: int) -> Json:
    if number not in state.customer_groups:
        raise ApiError(404)
    return state.customer_groups[number]


def _filtered(state: State) -> list[Any]:
    return select(as_list(state.customer_groups), request.args, FILTERS)
