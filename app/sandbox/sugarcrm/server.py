"""From a request to an answer: version, token, route; and bulk requests, which are many of these in one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from http.client import responses
from typing import Any
from urllib.parse import unquote

from flask import Request, Response

from app.sandbox.sugarcrm import (
    files,
    integrate,
    launch,
    links,
    mass,
    metadata,
    oauth,
    packages,
    records,
)
from app.sandbox.sugarcrm.api import Api
from app.sandbox.sugarcrm.errors import ApiError, missing
from app.sandbox.sugarcrm.metadata import metadata_hash
from app.sandbox.sugarcrm.php import parse_query
from app.sandbox.sugarcrm.router import Answer, Call, Route, Router

REST = re.compile(r"^(?:/[^/]+)?/rest(?:/|$)")
_SLASHES = re.compile(r"/{2,}")
_VERSION = re.compile(r"^v(\d+)(?:[._](\d+))?$")
_ACCEPT = re.compile(r"application/vnd\.sugarcrm\.core\+json;\s*version=(\d+)(?:\.(\d+))?")
_LOWEST = (10, 0)
ROUTES: tuple[Callable[[Api], list[Route]], ...] = tuple(
    m.routes for m in (oauth, metadata, integrate, links, mass, files, packages, launch, records)
)


class Server:
    """Takes the calls of one instance."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._router = Router(
            [
                Route("POST", "bulk", self.bulk),
                *(
                    r
                    for m in (oauth, metadata, integrate, links, mass, files, packages, launch, records)
                    for r in m.routes(api)
                ),
            ]
        )

    def handle(self, request: Request) -> Response:
        """One HTTP request."""
        try:
            version, path = self._version(raw_path(request), request.headers.get("Accept", ""))
            answer = self.dispatch(self._call(request, version, path))
        except ApiError as error:
            answer = Answer(error.body(), error.status)
        return to_response(answer)

    def _version(self, path: str, accept: str) -> tuple[str, tuple[str, ...]]:
        """The version asked for, in the path or in the Accept header but not in both, and the path after it."""
        parts = [unquote(p) for p in REST.sub("", _SLASHES.sub("/", path), count=1).split("/") if p]
        in_path = _VERSION.match(parts[0]) if parts else None
        in_header = _ACCEPT.search(accept)
        found = in_path or in_header
        if found is None or (in_path and in_header):
            raise ApiError("incorrect_version", "No version or more than one version of the API was asked for.")
        version = (int(found.group(1)), int(found.group(2) or 0))
        highest = tuple(int(n) for n in self._api.site.switches.serve_highest.split("."))
        if not _LOWEST <= version <= highest:
            raise ApiError("incorrect_version", f"The API version {version[0]}.{version[1]} is not supported.")
        return f"v{version[0]}_{version[1]}", tuple(parts[1:] if in_path else parts)

    @staticmethod
    def _call(request: Request, version: str, path: tuple[str, ...]) -> Call:
        headers = {name.lower(): value for name, value in request.headers.items()}
        sent = request.files.to_dict() if request.mimetype == "multipart/form-data" else {}
        raw = b"" if request.mimetype == "multipart/form-data" else request.get_data()
        body = request.form.to_dict() if sent else body_of(raw, request.mimetype)
        query = parse_query(request.query_string.decode("utf-8", "replace"))
        return Call(request.method, path, version, query, body, raw, headers, sent)

    def dispatch(self, call: Call) -> Answer:
        """One call, alone or of a bulk request. ApiError for a refusal."""
        site = self._api.site
        with site.lock:
            route, params = self._router.find(call.method, call.path)
            if not route.public:
                self._authenticate(call)
                self._check_hash(call)
            if route.locked:
                return self._run(route, call, params)
        return self._run(route, call, params)

    def _run(self, route: Route, call: Call, params: dict[str, str]) -> Answer:
        try:
            return _answer(route.handler(call, **params))
        except ApiError:
            if call.user:  # what was saved before the refusal stays, so it counts
                with self._api.site.lock:
                    self._api.settle(call.user)
            raise

    def _authenticate(self, call: Call) -> None:
        if call.user is not None and not token_of(call):
            return  # of a bulk request, whose outer call is authenticated
        token, site = token_of(call), self._api.site
        if not token:
            raise ApiError("need_login", "No valid authentication for user.")
        session = site.sessions.find(token, site.now())
        if session is None and call.method == "GET" and call.query.get("download_token"):
            session = site.sessions.by_download(token, site.now())
        user = site.tables["Users"].rows.get(session.user_id) if session else None
        if session is None or user is None or user["status"] != "Active":
            raise ApiError("invalid_grant", "The access token provided is invalid.")
        call.session, call.user = session, site.actor(user)

    def _check_hash(self, call: Call) -> None:
        sent = call.headers.get("x-metadata-hash")
        if sent and sent != metadata_hash(self._api.site):
            raise ApiError("metadata_out_of_date", "User metadata is out of date")

    def bulk(self, call: Call) -> list[dict[str, Any]]:
        """Many calls in one, in order; each has its own status, the whole always 200."""
        requests = call.data.get("requests")
        if not isinstance(requests, list):
            raise missing("requests")
        return [self._one_of_bulk(call, one) for one in requests]

    def _one_of_bulk(self, outer: Call, one: Any) -> dict[str, Any]:
        try:
            answer = self.dispatch(self._inner_call(outer, one if isinstance(one, dict) else {}))
        except ApiError as error:
            answer = Answer(error.body(), error.status)
        contents = answer.body.decode("utf-8", "replace") if isinstance(answer.body, bytes) else answer.body
        shown: dict[str, Any] = {"contents": contents, "headers": dict(answer.headers) or [], "status": answer.status}
        return {**shown, "status_text": responses.get(answer.status, "")}

    def _inner_call(self, outer: Call, one: dict[str, Any]) -> Call:
        url = str(one.get("url", ""))
        path, _, query = url.partition("?")
        headers = {**_headers(one.get("headers"))}
        version, parts = self._version("/rest/" + path.lstrip("/"), headers.get("accept", ""))
        if parts == ("bulk",):
            raise ApiError("no_method", "A bulk request cannot hold another one")
        data = one.get("data")
        raw = data.encode() if isinstance(data, str) else b""
        body = body_of(raw, "application/json") if raw else data
        method = str(one.get("method") or one.get("type") or "GET").upper()
        inner = Call(method, parts, version, parse_query(query), body, raw, headers)
        return replace(inner, user=outer.user, session=outer.session)


def token_of(call: Call) -> str:
    """The token, however it is sent; none of the query counts if a header has one."""
    bearer = call.headers.get("authorization", "")
    token = call.headers.get("oauth-token") or (bearer[7:] if bearer[:7].lower() == "bearer " else "")
    return str(token or call.query.get("oauth_token") or call.query.get("download_token") or "")


def _headers(given: Any) -> dict[str, str]:
    """Headers of a bulk entry: a map, or a list of lines."""
    pairs: list[tuple[str, str]] = []
    if isinstance(given, Mapping):
        pairs = [(str(k), str(v)) for k, v in given.items()]
    elif isinstance(given, list):
        split = (str(line).partition(":") for line in given)
        pairs = [(name, value) for name, _, value in split]
    return {name.strip().lower(): value.strip() for name, value in pairs}


def body_of(raw: bytes, mimetype: str) -> Any:
    """JSON, with or without its content type, or a form; 422 for text that claims to be JSON and is not."""
    text = raw.decode("utf-8", "replace").strip()
    if not text:
        return None
    if mimetype == "application/x-www-form-urlencoded" and text[0] not in "{[":
        return parse_query(text)
    try:
        return json.loads(text)
    except ValueError as error:
        if mimetype == "application/json":
            raise ApiError("invalid_parameter", "The request body is no JSON") from error
        return None


def raw_path(request: Request) -> str:
    """The path as it was sent, slashes that are part of a key still encoded."""
    sent = str(request.environ.get("REQUEST_URI") or request.environ.get("RAW_URI") or "")
    return re.sub(r"^https?://[^/]+", "", sent).partition("?")[0] or request.path


def _answer(result: Any) -> Answer:
    return result if isinstance(result, Answer) else Answer(result)


def to_response(answer: Answer) -> Response:
    """An answer over HTTP."""
    if isinstance(answer.body, bytes):
        return Response(answer.body, answer.status, dict(answer.headers))
    text = json.dumps(answer.body, ensure_ascii=False)
    response = Response(text, answer.status, dict(answer.headers), mimetype="application/json")
    response.headers["Cache-Control"] = "no-cache, must-revalidate"
    return response
