"""Who may call B2B Edition, how often, and the envelope around its answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, g, jsonify, request
from flask.typing import ResponseReturnValue

from app.sandbox.bigcommerce.access import require_json
from app.sandbox.bigcommerce.envelope import integer, json_array
from app.sandbox.bigcommerce.errors import ApiError, invalid
from app.sandbox.bigcommerce.records import Json
from app.sandbox.bigcommerce.state import B2B_SCOPE, State

DEFAULT_LIMIT = 10
MAX_LIMIT = 250  # not documented
BULK = 10
SUCCESS = "SUCCESS"


def guard(routes: Blueprint, state: State) -> None:
    """Put the checks before, and the rate headers behind, every call."""

    @routes.before_request
    def check() -> None:
        account = state.account(request.headers.get("X-Auth-Token", ""))
        if account is None:
            raise ApiError(401)
        if request.headers.get("X-Store-Hash") != state.store_hash:
            raise ApiError(500)  # documented: a missing or wrong hash gives server errors
        if not state.settings.b2b:
            raise ApiError(403, "The store does not have B2B Edition.")
        if account.scopes is not None and B2B_SCOPE not in account.scopes:
            raise ApiError(403)
        if not state.b2b_rate_limit.take():
            raise ApiError(429)
        require_json()
        g.account = account

    @routes.after_request
    def finish(response: Response) -> Response:
        left, reset_ms = state.b2b_rate_limit.left()
        response.headers["X-Requests-Allocated"] = str(state.b2b_rate_limit.quota)
        response.headers["X-Requests-Remaining"] = str(left)
        response.headers["X-Request-Window-Resets-After"] = f"{reset_ms / 1000} s"
        return response


def answer(data: Any, **meta: Any) -> ResponseReturnValue:
    """`code`, `data` and `meta`."""
    return jsonify(code=200, data=data, meta={"message": SUCCESS, **meta})


def page(rows: Sequence[Json], show: Callable[[Json], Json]) -> ResponseReturnValue:
    """One page, asked for by `limit` and `offset`."""
    limit, offset = integer("limit", DEFAULT_LIMIT), integer("offset", 0)
    if not 1 <= limit <= MAX_LIMIT:
        raise invalid("limit", f"The limit must be between 1 and {MAX_LIMIT}.")
    if offset < 0:
        raise invalid("offset", "The offset must be at least 0.")
    shown = [show(row) for row in rows[offset : offset + limit]]
    return answer(shown, pagination={"totalCount": len(rows), "limit": limit, "offset": offset})


def bulk() -> list[Json]:
    """The objects of a bulk call: more than ten are a 413."""
    return json_array(BULK)


def missing(body: Json, names: Iterable[str]) -> None:
    """Refuse what lacks a required field."""
    lacking = {name: "This field is required." for name in names if body.get(name) in (None, "")}
    if lacking:
        raise ApiError(422, "Parameter Error", lacking)


def within(rows: Sequence[Json], args: Mapping[str, str]) -> list[Json]:
    """The rows created and modified within the asked seconds."""
    chosen = list(rows)
    for name in ("Modified", "Created"):
        first, last = integer(f"min{name}", 0), integer(f"max{name}", 0)
        field = name.lower()
        if first:
            chosen = [row for row in chosen if row[field] >= first]
        if args.get(f"max{name}"):
            chosen = [row for row in chosen if row[field] <= last]
    return chosen


def extra_fields(body: Json, own: list[Json]) -> list[Json]:
    """The merchant's own fields: those given replace those of the same name."""
    given = body.get("extraFields")
    if not isinstance(given, list):
        return own
    pairs = {str(row.get("fieldName")): str(row.get("fieldValue", "")) for row in given if isinstance(row, dict)}
    kept = [row for row in own if row["fieldName"] not in pairs]
    return kept + [{"fieldName": name, "fieldValue": value} for name, value in pairs.items()]
