"""What the embedded apps share: sessions, security headers, page templates, a stylesheet."""

from __future__ import annotations

from flask import Blueprint, Flask

from app.ui import session

blueprint = Blueprint("ui", __name__, template_folder="templates", static_folder="static", static_url_path="/ui/static")
session.public(blueprint, "a stylesheet and nothing else")


def register(app: Flask) -> None:
    """Add the templates and the stylesheet."""
    app.register_blueprint(blueprint)
