"""The API of the settings UI: problem bodies, one file a resource, every query scoped to the session's store."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response

from app.api import (
    allowances,
    backfills,
    conflicts,
    connections,
    corrections,
    deadletters,
    deliveries,
    differences,
    money,
    passes,
    privacy,
    problems,
    session,
    terms,
)
from app.errors import StorelineError
from app.ui.session import SETTINGS, public, require

SPEC = {"API_TITLE": "Storeline settings", "API_VERSION": "v1", "OPENAPI_VERSION": "3.1.0"}
RESOURCES = (
    session.blueprint,
    connections.blueprint,
    allowances.blueprint,
    terms.blueprint,
    conflicts.blueprint,
    deliveries.blueprint,
    backfills.blueprint,
    money.blueprint,
    differences.blueprint,
    corrections.blueprint,
    deadletters.blueprint,
    passes.blueprint,
    privacy.blueprint,
)


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"  # people's data
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


for _blueprint in RESOURCES:
    require(_blueprint, SETTINGS)
    _blueprint.after_request(_private)
    _blueprint.register_error_handler(StorelineError, problems.from_error)


def register(app: Flask) -> None:
    """Put the API on an app; its description is at /api/openapi.json."""
    app.config.update(SPEC)
    api = problems.SettingsApi(app)
    for blueprint in RESOURCES:
        api.register_blueprint(blueprint)
    app.register_blueprint(_description(api))


def _description(api: problems.SettingsApi) -> Blueprint:
    blueprint = Blueprint("api-description", __name__)
    public(blueprint, "describes the API and holds no data")

    @blueprint.get("/api/openapi.json")
    def openapi() -> dict[str, Any]:
        description: dict[str, Any] = api.spec.to_dict()
        return description

    return blueprint
