"""The app's callbacks, webhooks and shared pages on SQLite, with a Redis of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import bigcommerce_app
from app import ui, webhooks
from app.config import Settings
from app.embedded import stop_redis
from app.migrations import upgrade
from app.runtime import EXTENSION, Runtime

CLIENT_ID, CLIENT_SECRET = "our-client", "the-client-secret-of-our-own-app"


@pytest.fixture(scope="session")
def redis_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = str(tmp_path_factory.mktemp("redis"))
    yield folder
    stop_redis(folder)


@pytest.fixture
def runtime(tmp_path: Path, redis_dir: str) -> Iterator[Runtime]:
    settings = Settings(
        state_dir=redis_dir,
        database_url=f"sqlite:///{tmp_path / 'storeline.db'}",
        public_url="https://app.example.com",
        bigcommerce_client_id=CLIENT_ID,
        bigcommerce_client_secret=CLIENT_SECRET,
    )
    upgrade(settings.database)
    runtime = Runtime.build(settings)
    yield runtime
    runtime.database.close()


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
