"""JSON in and out of the panels' own addresses: short texts in, nothing that may be kept or framed out."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request
from werkzeug.exceptions import HTTPException

from app.ui import headers

LARGEST = 8 * 1024  # bytes of a request
LONGEST = 128  # characters of a text in it


def body() -> dict[str, Any]:
    """The request's JSON object; empty if it holds anything else."""
    request.max_content_length = LARGEST
    found = request.get_json(silent=True)
    return found if isinstance(found, dict) else {}


def text(body: dict[str, Any], name: str, longest: int = LONGEST) -> str:
    """A short text of a body; empty for anything else."""
    value = body.get(name)
    return value if isinstance(value, str) and len(value) <= longest and value.isprintable() else ""


def answer(content: dict[str, str], status: int = 200) -> Response:
    """A JSON answer."""
    response = jsonify(content)
    response.status_code = status
    return headers.secure(response, ancestors=headers.frame_ancestors())


def words_of(error: Exception, otherwise: str) -> str:
    """What to tell of an error that is not ours to explain."""
    return error.description or otherwise if isinstance(error, HTTPException) else otherwise
