"""Where vendors tell us that something changed: verify, write down, answer."""

from __future__ import annotations

from flask import Flask

from app.webhooks.bigcommerce import blueprint


def register(app: Flask) -> None:
    """Add the routes."""
    app.register_blueprint(blueprint)
