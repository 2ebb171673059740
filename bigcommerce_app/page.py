"""The pages that go into the control panel's frame: the app, or what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, make_response, render_template

from app.config import Settings
from app.sync.stores import Visit
from app.ui import headers, session
from bigcommerce_app.bundle import NotBuilt, bundle

CLEAN_PATH = "/bigcommerce/app"  # what the address shows instead of the one with the signed payload
REOPEN = "Open Storeline again from Apps in your BigCommerce control panel."


def app(settings: Settings, visit: Visit, deep_link: str, channel_id: str = "") -> Response:
    """The page that holds the screens, with a bearer for the API in its configuration."""
    try:
        files = bundle()
    except NotBuilt:
        return failed(
            settings,
            503,
            "The settings screens are not built",
            "The server runs, but the screens that belong here have not been built yet.",
            items=("python -m bigcommerce_app.build",),
            advice="Run this on the server, then open Storeline again.",
        )
    nonce = headers.new_nonce()
    html = render_template(
        "bigcommerce/app.html",
        lang=visit.locale or "en",
        nonce=nonce,
        clean_path=CLEAN_PATH,
        bundle=files,
        config=_config(settings, visit, deep_link, channel_id),
    )
    ancestors = _ancestors(settings, visit.control_panel_url)
    return headers.secure(make_response(html), ancestors=ancestors, nonce=nonce)


def failed(
    settings: Settings, status: int, title: str, message: str, *, items: Sequence[str] = (), advice: str = REOPEN
) -> Response:
    """A page in words, for whoever looks at the frame."""
    nonce = headers.new_nonce()
    html = render_template(
        "error.html", title=title, message=message, items=items, advice=advice, nonce=nonce, clean_path=CLEAN_PATH
    )
    return headers.secure(make_response(html, status), ancestors=_ancestors(settings), nonce=nonce)


def _ancestors(settings: Settings, control_panel_url: str = "") -> str:
    """The control panels, and the login host, where an installation is framed."""
    hosts = (settings.bigcommerce_frame_ancestors, settings.bigcommerce_login_url, control_panel_url)
    return headers.frame_ancestors(*hosts)


def _config(settings: Settings, visit: Visit, deep_link: str, channel_id: str) -> dict[str, Any]:
    role = session.role_of(visit.is_owner)
    bearer = session.issue(
        settings, audience=session.SETTINGS, store_hash=visit.store_hash, user=visit.user_id, role=role
    )
    return {
        "token": bearer.token,
        "expiresAt": bearer.expires_at.isoformat(),
        "apiBase": "/api",
        "deepLink": deep_link,
        "channelId": channel_id,
        "store": {
            "hash": visit.store_hash,
            "name": visit.store_name,
            "currency": visit.currency,
            "timezone": visit.timezone,
            "control_panel_url": visit.control_panel_url,
        },
        "user": {"email": visit.email, "locale": visit.locale, "role": role},
    }
