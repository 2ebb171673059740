"""A stand-in for BigCommerce: its API, its login host and its control panel on one port."""

from __future__ import annotations

from flask import Flask, request
from flask.typing import ResponseReturnValue

from app.sandbox.kit import Control, Options

from . import (
    access,
    app_extensions,
    b2b,
    carts_v3,
    catalog_v3,
    categories_v3,
    channels_v3,
    control_panel,
    controls,
    currencies_v2,
    customer_groups_v2,
    customers_v2,
    customers_v3,
    errors,
    hooks,
    inventory_v3,
    login,
    metafields_v3,
    orders_v2,
    payments_v3,
    price_lists_v3,
    product_assignments_v3,
    products_v2,
    shipments_v2,
    shop_controls,
    store_v2,
)
from .installs import Installs
from .limits import InFlight
from .state import State
from .tables import Tables
from .webhooks import Deliveries

RESOURCES = (
    app_extensions,
    b2b,
    carts_v3,
    catalog_v3,
    categories_v3,
    channels_v3,
    currencies_v2,
    customer_groups_v2,
    customers_v2,
    customers_v3,
    inventory_v3,
    metafields_v3,
    orders_v2,
    payments_v3,
    price_lists_v3,
    product_assignments_v3,
    products_v2,
    shipments_v2,
    store_v2,
)


class _Store(Flask):
    """One API call at a time reads and writes the records."""

    state: State

    def dispatch_request(self) -> ResponseReturnValue:
        if not access.is_api(request.path) or request.path.startswith("/oauth2/"):
            return super().dispatch_request()
        with self.state.lock:
            return super().dispatch_request()


def create_app(options: Options) -> Flask:
    """The stand-in, seeded."""
    state = State(options)
    deliveries = Deliveries(state)
    installs = Installs(state, deliveries)
    app = _Store(__name__, static_folder=None)
    app.state = state
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
    access.guard(app, state)
    for resource in RESOURCES:
        app.register_blueprint(resource.blueprint(state))
    for routes in hooks.blueprints(state, deliveries):
        app.register_blueprint(routes)
    app.register_blueprint(login.blueprint(state, installs))
    app.register_blueprint(control_panel.blueprint(state, installs))
    app.register_blueprint(controls.blueprint(state, deliveries, installs))
    app.register_blueprint(shop_controls.blueprint(state))
    tables = Tables(state)
    Control(app, tables, options, access.is_api, errors.body)
    app.wsgi_app = InFlight(app.wsgi_app, options.limits)  # type: ignore[method-assign]  # Flask's way to add middleware
    tables.reset()
    state.publisher = deliveries
    return app
