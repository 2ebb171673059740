"""`storeline doctor`: what is wrong, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app import migrations
from app.config import Settings
from app.db import Database
from app.embedded import ensure_redis
from app.models import Connection, ConnectionState, Store, StoreState
from app.queue import connect


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    words: str
    advice: str = ""

    @property
    def is_bad(self) -> bool:
        return bool(self.advice)

    def __str__(self) -> str:
        mark = "✗" if self.is_bad else "✓"
        return f"{mark} {self.subject}: {self.words}" + (f"\n    → {self.advice}" if self.advice else "")


def examine(settings: Settings) -> Iterator[Finding]:
    """Everything that a running Storeline depends on."""
    yield Finding("configuration", f"{settings.environment}, reached at {settings.public_url}")
    yield _redis(settings)
    database = Database(settings.database)
    try:
        finding = _migrations(settings, database)
        yield finding
        if not finding.is_bad:
            yield from _stores(database)
    except SQLAlchemyError as error:
        yield Finding("database", str(error).splitlines()[0], "check STORELINE_DATABASE_URL and that the server runs")
    finally:
        database.close()


def _redis(settings: Settings) -> Finding:
    try:
        info = connect(settings.redis_url or ensure_redis(settings.state_dir)).info("server")
    except (RedisError, RuntimeError) as error:
        return Finding("Redis", str(error), "check STORELINE_REDIS_URL; nothing is lost while it is away")
    return Finding("Redis", f"version {info['redis_version']}" + ("" if settings.redis_url else ", embedded"))


def _migrations(settings: Settings, database: Database) -> Finding:
    wanted = ScriptDirectory.from_config(migrations.config(settings.database)).get_current_head()
    with database.engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    name = database.engine.dialect.name
    if found != wanted:
        return Finding("database", f"{name} at version {found}, the code needs {wanted}", "run: storeline release")
    return Finding("database", f"{name} at version {found}")


def _stores(database: Database) -> Iterator[Finding]:
    with database.reading() as session:
        stores = session.scalars(select(Store).where(Store.state == StoreState.ACTIVE).order_by(Store.id)).all()
        if not stores:
            yield Finding("stores", "none installed yet")
        for store in stores:
            advice = (
                "open Storeline in the control panel; the hooks are repaired within a day"
                if store.hooks_problem
                else ""
            )
            yield Finding(f"store {store.store_hash}", store.hooks_problem or "webhooks in order", advice)
            for connection in store.connections:
                yield _connection(connection)


def _connection(connection: Connection) -> Finding:
    subject = f"store {connection.store.store_hash} → {connection.vendor}"
    if connection.state == ConnectionState.REAUTHORIZE:
        return Finding(subject, connection.problem or "no longer authorised", "reconnect it in the settings")
    if connection.missing:
        return Finding(
            subject, f"missing there: {', '.join(connection.missing)}", "create them, then press Check again"
        )
    return Finding(subject, connection.state)
