"""Where vendors tell us that something changed: verify, write down, answer."""

from __future__ import annotations

from flask import Flask

from app.webhooks import bigcommerce, crm


def register(app: Flask) -> None:
    """Add the routes."""
    app.register_blueprint(bigcommerce.blueprint)
    app.register_blueprint(crm.blueprint)
