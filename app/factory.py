"""create_app: the one place that knows every part."""

from __future__ import annotations

from flask import Blueprint, Flask, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text

import bigcommerce_app
import crm_widgets
from app import api, log, oauth, ui, webhooks
from app.config import Settings
from app.runtime import EXTENSION, Runtime
from app.ui import session as sessions

LARGEST_BODY = 2 * 1024 * 1024  # bytes of a request


def create_app(settings: Settings | None = None, runtime: Runtime | None = None) -> Flask:
    """The web process's app. Tests hand in their own runtime."""
    if runtime is None:
        settings = settings or Settings.from_env()
        log.configure(settings.log_level)
        runtime = Runtime.build(settings)
    app = Flask("app", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.extensions[EXTENSION] = runtime
    for part in (ui, webhooks, oauth, api, bigcommerce_app, crm_widgets):
        part.register(app)
    app.register_blueprint(_health(runtime))
    return app


def _health(runtime: Runtime) -> Blueprint:
    health = Blueprint("health", __name__)
    sessions.public(health, "says only whether the database answers")

    @health.get("/healthz")
    def healthz() -> ResponseReturnValue:
        with runtime.database.reading() as session:
            session.execute(text("SELECT 1"))
        return jsonify(status="ok")

    return health
