"""Conditional requests: ETags for accounts, modification dates for every record."""

from __future__ import annotations

import base64
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime

from app.sandbox.salesforce.api import Answer, Call
from app.sandbox.salesforce.errors import ApiError
from app.sandbox.salesforce.fields import SObject
from app.sandbox.salesforce.store import Row
from app.sandbox.salesforce.values import parse_moment


def etag(row: Row) -> str:
    """Changes with every change of the record."""
    return '"' + base64.b64encode(f"{row['Id']}{row['SystemModstamp']}".encode()).decode() + '--gzip"'


def validators(sobject: SObject, row: Row) -> dict[str, str]:
    """The headers a client may come back with."""
    headers = {"Last-Modified": format_datetime(parse_moment(row["SystemModstamp"]), usegmt=True)}
    return {**headers, "ETag": etag(row)} if sobject.name == "Account" else headers


def precondition(call: Call, sobject: SObject, row: Row) -> Answer | None:
    """304 or 412 when the caller's condition does not hold; None: go on."""
    if call.method == "DELETE":
        return None
    if sobject.name == "Account" and _tags_differ(call, row):
        return _failed(call)
    changed_at = parse_moment(row["SystemModstamp"])
    since = _date(call, "If-Modified-Since")
    if since is not None and changed_at <= since:
        return Answer(304)
    unmodified = _date(call, "If-Unmodified-Since")
    if unmodified is not None and changed_at > unmodified:
        raise precondition_failed()
    return None


def _tags_differ(call: Call, row: Row) -> bool:
    wanted, unwanted = call.header("If-Match"), call.header("If-None-Match")
    return bool((wanted and etag(row) not in wanted) or (unwanted and etag(row) in unwanted))


def _failed(call: Call) -> Answer:
    if call.method in ("GET", "HEAD") and call.header("If-None-Match"):
        return Answer(304)
    raise precondition_failed()


def precondition_failed() -> ApiError:
    """412."""
    return ApiError("PRECONDITION_FAILED", "A condition of the request headers is not met.", status=412)


def _date(call: Call, name: str) -> datetime | None:
    value = call.header(name)
    if not value:
        return None
    try:
        return parsedate_to_datetime(value)
    except ValueError:
        if call.method in ("PATCH", "POST"):
            raise ApiError("INVALID_HEADER", f"malformed {name}: {value}") from None
        return None
