"""Currencies in V2."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from . import currencies
from .envelope import json_object, v2_list
from .errors import ApiError
from .records import Json
from .state import State, as_list


def blueprint(state: State) -> Blueprint:
    """All routes of this resource."""
    routes = Blueprint("currencies_v2", __name__, url_prefix=f"/stores/{state.store_hash}/v2/currencies")

    @routes.get("")
    def list_currencies() -> ResponseReturnValue:
        return v2_list(as_list(state.currencies), dict)

    @routes.get("/<int:number>")
    def get_currency(number: int) -> ResponseReturnValue:
        return jsonify(_find(state, number))

    @routes.put("/<int:number>")
    def update_currency(number: int) -> ResponseReturnValue:
        return jsonify(currencies.update(_find(state, number), json_object()))

    return routes


def _find(state: State, number: int) -> Json:
    if number not in state.currencies:
        raise ApiError(404)
    return state.currencies[number]
