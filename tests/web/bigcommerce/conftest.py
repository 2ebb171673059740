"""The app's callbacks, webhooks and shared pages, on SQLite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

import bigcommerce_app
from app import ui, webhooks
from app.runtime import EXTENSION, Runtime
from tests.conftest import build_runtime

CLIENT_ID, CLIENT_SECRET = "our-client", "the-client-secret-of-our-own-app"


@pytest.fixture
def runtime(sqlite_url: str, redis_url: str) -> Iterator[Runtime]:
    built = build_runtime(
        sqlite_url,
        redis_url,
        public_url="https://app.example.com",
        bigcommerce_client_id=CLIENT_ID,
        bigcommerce_client_secret=CLIENT_SECRET,
    )
    yield built
    built.database.close()


@pytest.fixture
def app(runtime: Runtime) -> Flask:
    app = Flask("tests", static_folder=None)
    app.extensions[EXTENSION] = runtime
    for part in (ui, webhooks, bigcommerce_app):
        part.register(app)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
