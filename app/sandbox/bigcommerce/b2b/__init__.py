"""B2B Edition: an add-on with an API of its own, here on the same server under `/b2b`."""

from __future__ import annotations

from flask import Blueprint

from app.sandbox.bigcommerce.errors import B2B_ROOT
from app.sandbox.bigcommerce.state import State

from . import access, addresses, companies, users


def blueprint(state: State) -> Blueprint:
    """All routes of B2B Edition."""
    routes = Blueprint("b2b", __name__, url_prefix=f"{B2B_ROOT}api/v3/io")
    access.guard(routes, state)
    for resource in (companies, users, addresses):
        resource.add_routes(routes, state)
    return routes
