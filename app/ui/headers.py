"""Security headers of the pages that a vendor's site frames."""

from __future__ import annotations

import re
import secrets
from urllib.parse import urlsplit

from flask import Response

# A source of a Content-Security-Policy: scheme, host with perhaps a wildcard in front, port.
SOURCE = re.compile(r"https?://(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:([0-9]{1,5}|\*))?")


def new_nonce() -> str:
    """What lets one inline script of one answer run."""
    return secrets.token_urlsafe(16)


def frame_ancestors(*hosts: str) -> str:
    """Who may frame a page: `hosts` are space separated sources or addresses, of which only the origin counts.

    What is none is left out, for it would spoil the whole policy; if nothing remains, nobody may.
    """
    origins = [_origin(host) for text in hosts for host in text.split()]
    return " ".join(dict.fromkeys(filter(None, origins))) or "'none'"


def secure(response: Response, *, ancestors: str, nonce: str = "", forms: str = "'none'") -> Response:
    """Only `ancestors` (from `frame_ancestors`) may frame it, only our own scripts run, nobody keeps or passes it on.

    `forms` are the sources that a form may lead to, redirects included.
    There is no X-Frame-Options, which can name no foreign host and would undo frame-ancestors in old browsers.
    """
    inline = f" 'nonce-{nonce}'" if nonce else ""
    response.headers["Content-Security-Policy"] = "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self'{inline}",
            "style-src 'self' 'unsafe-inline'",  # styled-components writes its styles into the page
            "img-src 'self' data:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "base-uri 'none'",
            f"form-action {forms}",
            f"frame-ancestors {ancestors}",
        )
    )
    response.headers["Cache-Control"] = "no-store"
    return discreet(response)


def discreet(response: Response) -> Response:
    """Whatever is answered, its address is told to nobody: it may hold a code, a ticket or a signed payload."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _origin(host: str) -> str:
    """Scheme and host of a source or an address; empty if it is neither."""
    if host == "'self'":
        return host
    try:
        parts = urlsplit(host)
    except ValueError:
        return ""
    origin = f"{parts.scheme}://{parts.netloc}"
    return origin if SOURCE.fullmatch(origin) else ""
