"""One call to the data API, over the wire or inside a composite, and the way to its resource."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from app.sandbox.salesforce.dml import SaveOptions, Writer
from app.sandbox.salesforce.errors import ApiError, not_found
from app.sandbox.salesforce.events.capture import origin
from app.sandbox.salesforce.org import Org

OLDEST_VERSION = 31
NEWEST_VERSION = 68
_VERSION = re.compile(r"v(\d+)\.0")


@dataclass(frozen=True)
class Answer:
    """Status, body (JSON, text or None) and headers."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """A request below `/services/data/vNN.0`."""

    org: Org
    user_id: str
    method: str
    version: int
    segments: tuple[str, ...]
    params: Mapping[str, str]
    headers: Mapping[str, str]
    content: Any = b""  # bytes from the wire, JSON inside a composite

    @property
    def base(self) -> str:
        """The path up to the version, for urls in answers."""
        return f"/services/data/v{self.version}.0"

    def header(self, name: str) -> str:
        """A header whatever its case; empty without it."""
        wanted = name.lower()
        return next((str(v) for k, v in self.headers.items() if k.lower() == wanted), "")

    def json(self) -> Any:
        """The JSON body with exact decimals; JSON_PARSER_ERROR otherwise."""
        if not isinstance(self.content, bytes):
            return self.content
        try:
            return json.loads(self.content or b"null", parse_float=Decimal)
        except ValueError as broken:
            raise ApiError("JSON_PARSER_ERROR", f"Unexpected character: {broken}") from None

    def mapping(self) -> dict[str, Any]:
        """The body, which must be a JSON object."""
        body = self.json()
        if not isinstance(body, dict):
            raise ApiError(
                "JSON_PARSER_ERROR", "The HTTP entity body is required, but this request has no entity body."
            )
        return body

    def origin(self, api: str) -> str:
        """The changeOrigin of this call's writes."""
        return origin(api, f"{self.version}.0", self.header("Sforce-Call-Options"))

    def writer(self) -> Writer:
        """For the writes of this call."""
        rule = self.header("Sforce-Duplicate-Rule-Header").replace(" ", "").lower()
        options = SaveOptions("allowsave=true" in rule, "includerecorddetails=true" in rule)
        return Writer(self.org, self.user_id, options)

    def below(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Call:
        """A subrequest of a composite."""
        version, segments, params = parse_url(url)
        return replace(
            self,
            method=method.upper(),
            version=version,
            segments=segments,
            params=params,
            headers={**inherited(self.headers), **headers},
            content=body if body is not None else b"",
        )

    def refuse_method(self) -> ApiError:
        """405 METHOD_NOT_ALLOWED."""
        message = f"HTTP Method '{self.method}' not allowed. Allowed are DELETE,GET,HEAD,PATCH,POST"
        return ApiError("METHOD_NOT_ALLOWED", message, status=405)


def inherited(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers of a composite that hold for its subrequests."""
    return {k: v for k, v in headers.items() if k.lower().startswith("sforce-")}


def split_path(path: str) -> tuple[str, ...]:
    """Segments of a raw path; doubled and trailing slashes count for nothing, `%2F` stays in its segment."""
    return tuple(unquote(part) for part in path.split("/") if part)


def parse_url(url: str) -> tuple[int, tuple[str, ...], dict[str, str]]:
    """Version, segments below it, and query parameters of a data API url."""
    parts = urlsplit(url)
    segments = split_path(parts.path)
    if [s.lower() for s in segments[:2]] != ["services", "data"] or len(segments) < 3:
        raise not_found()
    return read_version(segments[2]), segments[3:], dict(parse_qsl(parts.query, keep_blank_values=True))


def read_version(segment: str) -> int:
    """66 of `v66.0`; retired and future versions are not found."""
    match = _VERSION.fullmatch(segment)
    if match is None or not OLDEST_VERSION <= int(match[1]) <= NEWEST_VERSION:
        raise not_found()
    return int(match[1])


Handler = Callable[[Call], Answer]
RESOURCES: dict[str, Handler] = {}


def resource(name: str) -> Callable[[Handler], Handler]:
    """Register the handler of a first segment."""

    def register(handler: Handler) -> Handler:
        RESOURCES[name] = handler
        return handler

    return register


def route(call: Call) -> Answer:
    """The resource's answer; raises ApiError."""
    handler = RESOURCES.get(call.segments[0].lower() if call.segments else "")
    if handler is None:
        raise not_found()
    return handler(call)


def answer(call: Call) -> Answer:
    """The resource's answer or its error; a refused call leaves nothing written."""
    mark = call.org.db.mark()
    try:
        return route(call)
    except ApiError as error:
        call.org.db.rollback(mark)
        return Answer(error.status, error.rest())


def as_bool(value: Any) -> bool:
    """`true` as JSON or as a query parameter."""
    return value is True or str(value).lower() == "true"
