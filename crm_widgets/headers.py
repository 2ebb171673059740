"""Security headers of pages that a CRM frames."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import Response

_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]+)?")


def origin(url: object) -> str:
    """Scheme and host of an http(s) address, fit for a header; empty if it is none."""
    try:
        parts = urlsplit(str(url or ""))
    except ValueError:
        return ""
    plain = parts.scheme in ("http", "https") and _HOST.fullmatch(parts.netloc)
    return f"{parts.scheme}://{parts.netloc}" if plain else ""


def protect(response: Response, ancestors: str, nonce: str = "") -> Response:
    """Only these hosts may frame it, nothing but what bears the nonce runs in it, and nobody keeps it."""
    inline = f"'nonce-{nonce}'" if nonce else "'none'"
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src {inline}; style-src {inline}; connect-src 'self'; base-uri 'none'; "
        f"form-action 'none'; frame-ancestors {ancestors or chr(39) + 'none' + chr(39)}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
