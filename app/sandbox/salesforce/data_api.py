"""`/services/data` over HTTP: who calls, what it costs, one transaction per call."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from flask import Response, current_app, request

from app.sandbox.salesforce import bulk_ingest, bulk_query, composite, rest_query, rest_records, tooling
from app.sandbox.salesforce.api import (
    NEWEST_VERSION,
    OLDEST_VERSION,
    Answer,
    Call,
    answer,
    read_version,
    split_path,
)
from app.sandbox.salesforce.errors import ApiError
from app.sandbox.salesforce.events.capture import Caller, commit
from app.sandbox.salesforce.identity import bearer
from app.sandbox.salesforce.org import Org

# imported for the resources they register
RESOURCE_MODULES = (bulk_ingest, bulk_query, composite, rest_query, rest_records, tooling)
MOST_HEAD_BYTES = 16_384
SEASONS = ("Winter", "Spring", "Summer")


def versions() -> list[dict[str, str]]:
    """Every version from the oldest not retired; 62 is Winter '25."""
    found = []
    for number in range(OLDEST_VERSION, NEWEST_VERSION + 1):
        season, year = SEASONS[(number - 62) % 3], 25 + (number - 62) // 3
        found.append({"label": f"{season} '{year}", "url": f"/services/data/v{number}.0", "version": f"{number}.0"})
    return found


def raw_path() -> str:
    """The path before percent-decoding, since `%2F` in a segment is not a slash."""
    raw: str = request.environ.get("REQUEST_URI") or request.environ.get("RAW_URI") or request.path
    return urlsplit(raw).path if raw.startswith("http") else raw.split("?", 1)[0]


def check_size() -> None:
    """414 or 431 when the URI and the headers do not fit into 16 KB together."""
    uri = len(request.environ.get("REQUEST_URI") or request.full_path)
    headers = sum(len(name) + len(value) + 4 for name, value in request.headers)
    if uri + headers > MOST_HEAD_BYTES:
        status = 414 if uri > headers else 431
        raise ApiError("URI_TOO_LONG" if status == 414 else "HEADERS_TOO_LONG", f"HTTP {status}", status=status)


def handle(org: Org) -> Response:
    """The answer to the current request."""
    segments = split_path(raw_path())
    with org.lock:
        try:
            check_size()
            if len(segments) == 2:
                return respond(org, Answer(200, versions()))
            result = _answer(org, segments)
        except ApiError as error:
            org.db.rollback()
            result = Answer(error.status, error.rest())
        except Exception:
            current_app.logger.exception("%s %s", request.method, request.path)
            org.db.rollback()
            result = Answer(500, ApiError("UNKNOWN_EXCEPTION", "An unexpected error occurred.").rest())
        return respond(org, result)


def _answer(org: Org, segments: tuple[str, ...]) -> Answer:
    if "Authorization" not in request.headers and "oauth_token" not in request.args:
        raise ApiError("INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE", status=401)
    session = bearer(org)
    if session is None:
        raise ApiError("INVALID_SESSION_ID", "Session expired or invalid", status=401)
    version = read_version(segments[2])
    org.count_call()
    method = request.args.get("_HttpMethod") or request.headers.get("X-HTTP-Method-Override") or request.method
    call = Call(
        org=org,
        user_id=session.user_id,
        method=method.upper(),
        version=version,
        segments=segments[3:],
        params=request.args.to_dict(),
        headers=dict(request.headers),
        content=request.get_data(),
    )
    result = answer(call)
    api = "toolingrest" if call.segments[:1] == ("tooling",) else "rest"
    commit(org, Caller(call.user_id, call.origin(api)))
    return result


def respond(org: Org, result: Answer) -> Response:
    """An answer as HTTP, with the allowance used on every one."""
    headers: dict[str, Any] = dict(result.headers)
    kind = headers.pop("Content-Type", "application/json;charset=UTF-8")
    body = result.body
    if body is None:
        text = ""
    elif isinstance(body, str):
        text = body
    else:
        text = json.dumps(body, default=float)
    response = Response(text, status=result.status, content_type=kind, headers=headers)
    response.headers["Sforce-Limit-Info"] = org.usage()
    if result.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="sandbox", error="invalid_token"'
    if result.status == 204:
        response.headers.pop("Content-Type", None)
    return response
