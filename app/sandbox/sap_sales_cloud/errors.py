"""Refusals in the vendor's two error shapes."""

from __future__ import annotations

import json
from xml.sax.saxutils import escape

XML_TYPE = "application/xml;charset=utf-8"
JSON_TYPE = "application/json;charset=utf-8"


class ApiError(Exception):
    """A refusal: status, words, and a code that is often empty."""

    def __init__(self, status: int, message: str, code: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.headers = headers or {}


def bad(message: str) -> ApiError:
    """400."""
    return ApiError(400, message)


def missing(message: str = "Resource not found") -> ApiError:
    """404."""
    return ApiError(404, message)


def forbidden(message: str = "You are not authorized to perform this operation") -> ApiError:
    """403."""
    return ApiError(403, message)


def as_json(error: ApiError) -> str:
    """The error as JSON."""
    return json.dumps({"error": {"code": error.code, "message": {"lang": "en", "value": error.message}}})


def as_xml(error: ApiError) -> str:
    """The error as XML, which is what callers get who did not ask for JSON."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<error xmlns="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">'
        f'<code>{escape(error.code)}</code><message xml:lang="en">{escape(_printable(error.message))}</message></error>'
    )


def _printable(text: str) -> str:
    """Without what XML cannot hold."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff"))
