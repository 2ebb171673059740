"""What the embedded apps share: sessions, security headers, page templates, a stylesheet."""

from __future__ import annotations

from flask import Blueprint, Flask

from app.ui import headers, session

blueprint = Blueprint("ui", __name__, template_folder="templates", static_folder="static", static_url_path="/ui/static")
session.public(blueprint, "a stylesheet and nothing else")


def register(app: Flask) -> None:
    """Add the templates and the stylesheet, and the headers of every answer, errors of the framework included."""
    app.register_blueprint(blueprint)
    app.after_request(headers.discreet)
