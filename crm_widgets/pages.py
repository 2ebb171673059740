"""The panel's pages and fragments as answers, with their headers; also those that say why there is no panel."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from flask import Response, make_response, render_template
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from app.log import get_logger
from app.ui.headers import frame_ancestors, new_nonce, secure

STATIC = Path(__file__).parent / "static"
THEMES = ("sugarcrm", "sap-sales-cloud")

log = get_logger()


def page(template: str, ancestors: str, status: int = 200, *, vendor: str = "", **values: Any) -> Response:
    """A whole page with its style and script inside, so that opening a panel is one request.

    `vendor`: whose looks it has, where these are not Salesforce's.
    """
    nonce = new_nonce()
    style = _static("panel.css") + (_static(f"theme-{vendor}.css") if vendor in THEMES else "")
    html = render_template(f"panels/{template}", nonce=nonce, style=style, **values)
    return secure(make_response(html, status), ancestors=frame_ancestors(ancestors), nonce=nonce)


def script(*more: str) -> Markup:
    """The panel's script, to go inside its page, and others after it."""
    return Markup("").join(_static(name) for name in ("panel.js", *more))


def fragment(template: str, status: int = 200, **values: Any) -> Response:
    """A part of the panel, fetched by its script."""
    html = render_template(f"panels/{template}", **values)
    return secure(make_response(html, status), ancestors=frame_ancestors())


def refused(ancestors: str, vendor: str = "") -> Response:
    """The launch cannot be trusted."""
    return page("refused.html", ancestors, 401, vendor=vendor)


def not_connected(ancestors: str, vendor: str = "") -> Response:
    """Genuine, but no store is connected with the account that it comes from."""
    return page("not_connected.html", ancestors, 403, vendor=vendor)


def failed(error: Exception, ancestors: str, vendor: str = "") -> Response:
    """The page for anything that went wrong; what is not the caller's mistake is logged."""
    return page("failed.html", ancestors, status_of(error), vendor=vendor)


def status_of(error: Exception) -> int:
    """The HTTP status of an error; logs those that are ours."""
    status = error.code if isinstance(error, HTTPException) and error.code else 500
    if status >= 500:
        log.error("panel failed", exc_info=error)
    return status


@cache
def _static(name: str) -> Markup:
    return Markup((STATIC / name).read_text(encoding="utf-8"))  # noqa: S704 - our own files, nothing of a user's in them
