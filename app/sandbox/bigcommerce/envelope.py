"""Bodies around the data: bare arrays with 204 in V2, `data` and `meta` with pages or cursors in V3."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from .errors import ApiError, invalid, malformed

T = TypeVar("T")

DEFAULT_LIMIT = 50
MAX_LIMIT = 250
Json = dict[str, Any]


def integer(name: str, default: int) -> int:
    """A whole number from the query."""
    text = request.args.get(name)
    if text is None or text == "":
        return default
    if not text.lstrip("-").isdigit():
        raise invalid(name, f"The {name} must be a whole number.")
    return int(text)


def paging(max_limit: int = MAX_LIMIT) -> tuple[int, int]:
    """The asked page (from 1) and its size."""
    page, limit = integer("page", 1), integer("limit", DEFAULT_LIMIT)
    if page < 1:
        raise invalid("page", "The page must be at least 1.")
    if not 1 <= limit <= max_limit:
        raise invalid("limit", f"The limit must be between 1 and {max_limit}.")
    return page, limit


def v2_list(items: Sequence[T], render: Callable[[T], Any]) -> ResponseReturnValue:
    """One page as a bare array; nothing on it: 204 without a body."""
    page, limit = paging()
    chosen = items[(page - 1) * limit : page * limit]
    if not chosen:
        return "", 204
    return jsonify([render(item) for item in chosen])


def v3_one(data: Any, status: int = 200) -> ResponseReturnValue:
    """One object, or the objects a batch wrote."""
    return jsonify({"data": data, "meta": {}}), status


def v3_list(items: Sequence[T], render: Callable[[T], Any], max_limit: int = MAX_LIMIT) -> ResponseReturnValue:
    """One page with its pagination."""
    page, limit = paging(max_limit)
    data = [render(item) for item in items[(page - 1) * limit : page * limit]]
    return jsonify({"data": data, "meta": {"pagination": pagination(len(items), len(data), page, limit)}})


def pagination(total: int, count: int, page: int, limit: int) -> Json:
    """`meta.pagination`; its links are query strings, not addresses."""
    pages = -(-total // limit)
    links = {"current": _link(page=page, limit=limit)}
    if page > 1:
        links["previous"] = _link(page=page - 1, limit=limit)
    if page < pages:
        links["next"] = _link(page=page + 1, limit=limit)
    return {
        "total": total,
        "count": count,
        "per_page": limit,
        "current_page": page,
        "total_pages": pages,
        "links": links,
    }


def _link(**changes: Any) -> str:
    kept = {k: v for k, v in request.args.items() if k not in ("page", "limit", "after", "before")}
    return "?" + urlencode({**kept, **changes})


def v3_cursor_list(items: Sequence[Json], render: Callable[[Json], Any], key: str = "id") -> ResponseReturnValue:
    """A page that may be asked by `after` or `before`; cursors come with the first page and with cursor pages."""
    after, before = request.args.get("after"), request.args.get("before")
    page, limit = paging()
    if after or before:
        start = _start(items, key, after, before, limit)
        meta: Json = {}
    else:
        start = (page - 1) * limit
        meta = {"pagination": pagination(len(items), len(items[start : start + limit]), page, limit)}
    chosen = items[start : start + limit]
    if page == 1 or after or before:
        meta["cursor_pagination"] = _cursors(chosen, key, limit, start > 0, start + limit < len(items))
    return jsonify({"data": [render(item) for item in chosen], "meta": meta})


def _start(items: Sequence[Json], key: str, after: str | None, before: str | None, limit: int) -> int:
    wanted = _decode(after or before or "")
    for index, item in enumerate(items):
        if str(item[key]) == wanted:
            return index + 1 if after else max(index - limit, 0)
    return len(items)


def _cursors(chosen: Sequence[Json], key: str, limit: int, has_previous: bool, has_next: bool) -> Json:
    cursors: Json = {"count": len(chosen), "per_page": limit, "start_cursor": None, "end_cursor": None, "links": {}}
    if chosen:
        cursors["start_cursor"], cursors["end_cursor"] = _encode(chosen[0][key]), _encode(chosen[-1][key])
        if has_previous:
            cursors["links"]["previous"] = _link(before=cursors["start_cursor"], limit=limit)
        if has_next:
            cursors["links"]["next"] = _link(after=cursors["end_cursor"], limit=limit)
    return cursors


def _encode(value: Any) -> str:
    return base64.urlsafe_b64encode(str(value).encode()).decode().rstrip("=")


def _decode(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise invalid("after", "The cursor is not valid.") from None


def json_object() -> Json:
    """The request's body, which must be an object; else 400."""
    body = request.get_json()
    if not isinstance(body, dict):
        raise ApiError(400, "The body must be a JSON object.")
    return body


def json_array(most: int) -> list[Json]:
    """The request's body, which must be an array of at most so many objects; more: 413."""
    body = request.get_json()
    if not isinstance(body, list) or not all(isinstance(item, dict) for item in body):
        raise ApiError(422, "The body must be an array of objects.", {"": "expected an array of objects"})
    if not body:
        raise ApiError(422, "The body must hold at least one object.", {"": "the array is empty"})
    if len(body) > most:
        raise ApiError(413, f"At most {most} objects fit into one request.")
    return body


def rows(body: Json, field: str) -> list[Json]:
    """The objects under a field; absent or null: none; anything else is refused."""
    value = body.get(field)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise malformed(request.path, field)
    return value


def object_id(value: Any) -> int:
    """An id from a body; what is no number is nobody's id."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def numbers(text: str, field: str) -> list[int]:
    """A comma-separated list of ids."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isdigit() for part in parts):
        raise invalid(field, "The ids must be whole numbers.")
    return [int(part) for part in parts]


def known(records: dict[int, T], ids: Iterable[int]) -> list[T]:
    """The records of these ids, by id, those unknown left out."""
    return [records[number] for number in sorted(set(ids)) if number in records]
