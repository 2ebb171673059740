"""`storeline doctor`: what is wrong, and what to do about it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app import migrations
from app.api.overview import Figures, figures
from app.catalogue import explain
from app.config import Settings
from app.connectors.registry import SOURCE
from app.db import Database
from app.embedded import ensure_redis
from app.errors import StorelineError
from app.models import Connection, ConnectionState, Store, StoreState
from app.queue import Bell, connect
from app.runtime import Runtime
from app.sync.connections import open_source, open_target
from app.vault import Vault, VaultError

ASKED = (ConnectionState.SETUP, ConnectionState.LIVE)
NO_REDIS = "redis://127.0.0.1:1"  # where none is: a client connects when it is used, and no check rings


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
    """Everything that a running Storeline depends on; every vendor account is called once."""
    yield Finding("configuration", f"{settings.environment}, reached at {settings.public_url}")
    yield _redis(settings)
    try:
        database = Database(settings.database)
    except (SQLAlchemyError, OSError, ImportError) as error:
        yield _no_database(error)
        return
    try:
        finding = _migrations(database)
        yield finding
        if not finding.is_bad:
            bell = Bell(connect(NO_REDIS))
            yield from _stores(Runtime(settings, database, Vault(settings.key_ring), bell))
    except SQLAlchemyError as error:
        yield _no_database(error)
    finally:
        database.close()


def _redis(settings: Settings) -> Finding:
    try:
        info = connect(settings.redis_url or ensure_redis(settings.state_dir)).info("server")
    except (RedisError, RuntimeError, OSError, ValueError) as error:
        return Finding("Redis", _first_line(error), "check STORELINE_REDIS_URL; nothing is lost while it is away")
    return Finding("Redis", f"version {info['redis_version']}" + ("" if settings.redis_url else ", embedded"))


def _no_database(error: Exception) -> Finding:
    return Finding("database", _first_line(error), "check STORELINE_DATABASE_URL and that the server runs")


def _migrations(database: Database) -> Finding:
    found, wanted = migrations.versions(database.engine)
    name = database.engine.dialect.name
    if found != wanted:
        return Finding("database", f"{name} at version {found}, the code needs {wanted}", "run: storeline release")
    return Finding("database", f"{name} at version {found}")


def _stores(runtime: Runtime) -> Iterator[Finding]:
    with runtime.database.reading() as session:
        stores = session.scalars(select(Store).where(Store.state == StoreState.ACTIVE).order_by(Store.id)).all()
    if not stores:
        yield Finding("stores", "none installed yet")
    for store in stores:
        yield _hooks(store)
        with runtime.database.reading() as session:
            connections = session.scalars(
                select(Connection)
                .where(Connection.store_id == store.id, Connection.state != ConnectionState.DISCONNECTED)
                .order_by(Connection.id)
            ).all()
            numbers = figures(session, store, [connection.id for connection in connections])
        for connection in connections:  # outside of the session: a vendor may take long to answer
            yield _connection(runtime, store, connection, numbers[connection.id])


def _hooks(store: Store) -> Finding:
    subject = f"store {store.store_hash}"
    if store.hooks_problem:
        advice = "open Storeline in the control panel; the hooks are repaired within a day"
        return Finding(subject, store.hooks_problem, advice)
    if store.hooks_checked_at is None:
        return Finding(subject, "webhooks not checked yet")
    return Finding(subject, "webhooks in order")


def _connection(runtime: Runtime, store: Store, connection: Connection, numbers: Figures) -> Finding:
    is_store = connection.vendor == SOURCE
    subject = f"store {store.store_hash}" + (" → BigCommerce" if is_store else f" → {connection.vendor}")
    queued = "" if is_store else f"; {numbers.waiting + numbers.running} waiting, {numbers.dead} failed"
    if connection.state == ConnectionState.REAUTHORIZE:
        explanation = explain("BC_401" if is_store else "", "reconnect")
        return Finding(subject, (connection.problem or explanation.words) + queued, explanation.advice)
    if connection.state not in ASKED:
        return Finding(subject, connection.state + queued)
    started = time.monotonic()
    refusal = _refusal(lambda: _call(runtime, connection))
    took = f"{round(1000 * (time.monotonic() - started))} ms"
    if refusal is not None:
        words, advice = refusal
        return Finding(subject, f"{words} ({took}){queued}", advice)
    words = f"{connection.state}, answered in {took}{queued}"
    if connection.missing:
        missing = ", ".join(map(str, connection.missing))
        return Finding(subject, f"{words}; missing there: {missing}", "create them, then press “Check again”")
    return Finding(subject, words)


def _call(runtime: Runtime, connection: Connection) -> None:
    if connection.vendor == SOURCE:
        open_source(runtime, connection.store_id).check()
    else:
        open_target(runtime, connection.id).check()


def _refusal(call: Callable[[], None]) -> tuple[str, str] | None:
    """What went wrong, in words, and what to do; None: nothing."""
    try:
        call()
    except StorelineError as error:
        explanation = explain(error.code, error.remedy)
        return f"{error.message} {explanation.words}", explanation.advice
    except VaultError as error:
        return str(error), "put the key back into STORELINE_ENCRYPTION_KEYS, or connect again"
    return None


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__
