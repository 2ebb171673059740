"""Channels in V3: where the store sells."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from .dates import now
from .envelope import json_object, v3_list, v3_one
from .errors import ApiError, invalid
from .filters import Kind, select
from .records import Json
from .state import DEFAULT_CURRENCY, State, as_list

TYPES = ("storefront", "pos", "marketplace", "marketing")
STATUSES = ("active", "prelaunch", "inactive", "connected", "disconnected", "archived", "deleted", "terminated")
AVAILABLE = {"active", "prelaunch", "inactive", "connected", "disconnected"}
WRITABLE = ("external_id", "is_listable_from_ui", "is_visible", "name", "status")
FILTERS: dict[str, Kind] = {
    "status": "text",
    "type": "text",
    "platform": "text",
    "date_created": "date",
    "date_modified": "date",
}


def blueprint(state: State) -> Blueprint:
    """All routes of this resource."""
    routes = Blueprint("channels_v3", __name__, url_prefix=f"/stores/{state.store_hash}/v3/channels")

    @routes.get("")
    def list_channels() -> ResponseReturnValue:
        found: list[Any] = select(as_list(state.channels), request.args, FILTERS)
        if "available" in request.args:
            wanted = request.args["available"].lower() in ("1", "true")
            found = [row for row in found if (row["status"] in AVAILABLE) == wanted]
        return v3_list(found, lambda row: _show(state, row))

    @routes.post("")
    def create_channel() -> ResponseReturnValue:
        return v3_one(add(state, json_object()))

    @routes.get("/<int:number>")
    def get_channel(number: int) -> ResponseReturnValue:
        return v3_one(_show(state, _find(state, number)))

    @routes.put("/<int:number>")
    def update_channel(number: int) -> ResponseReturnValue:
        row, body = _find(state, number), json_object()
        _check(body)
        row.update({name: body[name] for name in WRITABLE if name in body}, date_modified=now().isoformat())
        state.emit("store/channel/updated", {"type": "channel", "id": number})
        return v3_one(row)

    return routes


def add(state: State, body: Json) -> Json:
    """A new channel; the default storefront is the first."""
    missing = {name: "error.path.missing" for name in ("name", "type", "platform") if not body.get(name)}
    if missing:
        raise ApiError(422, errors=missing)
    _check(body)
    moment, number = now().isoformat(), state.next_id("channels")
    row: Json = {
        "id": number,
        "name": str(body["name"]),
        "type": body["type"],
        "platform": str(body["platform"]),
        "status": body.get("status", "active"),
        "external_id": body.get("external_id", ""),
        "is_listable_from_ui": body.get("is_listable_from_ui", True),
        "is_visible": body.get("is_visible", True),
        "is_enabled": True,
        "icon_url": "",
        "date_created": moment,
        "date_modified": moment,
    }
    state.channels[number] = row
    state.emit("store/channel/created", {"type": "channel", "id": number})
    return row


def _check(body: Json) -> None:
    if body.get("type", TYPES[0]) not in TYPES:
        raise invalid("type", "The type is not known.")
    if body.get("status", STATUSES[0]) not in STATUSES:
        raise invalid("status", "The status is not known.")


def _show(state: State, row: Json) -> Json:
    if "currencies" not in request.args.get("include", ""):
        return row
    codes = [one["currency_code"] for one in state.currencies.values() if one["enabled"]]
    return {**row, "currencies": {"default_currency": DEFAULT_CURRENCY, "enabled_currencies": codes}}


def _find(state: State, number: int) -> Json:
    if number not in state.channels:
        raise ApiError(404)
    return state.channels[number]
