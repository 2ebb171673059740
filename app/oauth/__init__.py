"""Connecting a CRM: out to its login page, and back with its consent."""

from __future__ import annotations

from flask import Flask

from app.oauth.views import blueprint


def register(app: Flask) -> None:
    """Add the routes."""
    app.register_blueprint(blueprint)
