"""What BigCommerce frames: the callbacks of the app's life, and the page that holds the merchant's screens."""

from __future__ import annotations

from flask import Flask

from bigcommerce_app import bundle, callbacks, receipt


def register(app: Flask) -> None:
    """Add the routes."""
    app.register_blueprint(callbacks.blueprint)
    app.register_blueprint(bundle.blueprint)
    app.register_blueprint(receipt.blueprint)
