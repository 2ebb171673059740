"""Salesforce Canvas' signed request: proof that Salesforce opened the panel, and for whom."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from typing import Any

_URL_SAFE = str.maketrans("-_", "+/")
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


class Forged(Exception):
    """Not a request that Salesforce signed with our secret; the text says why, without any of its content."""


def verify(signed_request: str, secret: str) -> dict[str, Any]:
    """The signed JSON object; raises Forged. The HMAC is over the base64 text, not over what it encodes.

    The request bears no clock and no nonce, so what it opens must be short-lived by itself.
    """
    signature, dot, payload = signed_request.strip().partition(".")
    if not dot or not signature or not payload:
        raise Forged("not of two parts")
    expected = hmac.digest(secret.encode(), payload.encode(), "sha256")
    if not hmac.compare_digest(_decode(signature), expected):
        raise Forged("the signature does not fit")
    try:
        content = json.loads(_decode(payload))
    except ValueError as error:
        raise Forged("not JSON") from error
    if not isinstance(content, dict) or content.get("algorithm") != "HMACSHA256":
        raise Forged("another algorithm")
    return content


def part(content: dict[str, Any], *path: str) -> dict[str, Any]:
    """An object inside the content; empty if it is not there, or is something else."""
    found: Any = content
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def record_id(value: object) -> str:
    """A record's id in its 18-character form; empty if it is none."""
    text = str(value or "")
    if not (text.isascii() and text.isalnum()):
        return ""
    if len(text) == 18:
        return text
    return text + _checksum(text) if len(text) == 15 else ""


def _checksum(text: str) -> str:
    groups = (text[start : start + 5] for start in (0, 5, 10))
    return "".join(_CHECKSUM[sum(1 << k for k, c in enumerate(group) if c.isupper())] for group in groups)


def _decode(text: str) -> bytes:
    """Base64 in the standard or the URL-safe alphabet, padded or not."""
    plain = text.translate(_URL_SAFE).rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Forged("not base64") from error
