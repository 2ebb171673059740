"""The database: engine, transactions, and one committing thread where SQLite takes many small writes at once."""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, DateTime, Engine, Insert, Row, Table, create_engine, event
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

T = TypeVar("T")
BUSY_TIMEOUT = 30_000  # ms that a SQLite writer waits for another one
CROSSED = 3  # tries of a transaction that others cross
GROUP = 200  # writes that share one commit at the most


def now() -> datetime:
    """The current time, in UTC."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time: always aware, always UTC, on databases with and without time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a naive date-time has no place in the database")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


def connect(url: str) -> Engine:
    """An engine with the settings that "committed" needs to mean "durable"."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(url, pool_size=20, pool_pre_ping=True, hide_parameters=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, pool_size=20, hide_parameters=True)  # their values are our customers' data
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None  # the driver's own transactions would start late, as readers
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_TIMEOUT}", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    # A reader that turns writer fails at once when another writes; a writer from the start waits its turn.
    reading = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


class Database:
    """Sessions over one engine. `write` is for many small transactions from many threads (webhooks)."""

    def __init__(self, url: str) -> None:
        self.engine = connect(url)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._readers = sessionmaker(self.engine.execution_options(read_only=True), expire_on_commit=False)
        self._group = _GroupCommit(self.engine) if self.engine.dialect.name == "sqlite" else None

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits at the end, or rolls back."""
        with self._sessions.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for queries only: takes no write lock on SQLite."""
        with self._readers() as session:
            yield session

    def transact(self, work: Callable[[Session], T]) -> T:
        """Run `work` in a transaction, and again if another one crossed it: a deadlock, the same row made twice."""
        for _ in range(CROSSED - 1):
            try:
                with self.transaction() as session:
                    return work(session)
            except (IntegrityError, OperationalError):
                continue
        with self.transaction() as session:
            return work(session)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction and return once it is durable; concurrent callers may share one commit."""
        if self._group is not None:
            return self._group.run(work)
        with self.engine.begin() as connection:
            return work(connection)

    def close(self) -> None:
        """Close all connections; also what a forked child does with those of its parent."""
        self.engine.dispose()


class _GroupCommit:
    """One thread that commits whatever is waiting: SQLite writes one at a time, and a commit costs more than a row."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: queue.SimpleQueue[tuple[Callable[[Connection], Any], Future[Any]]] = queue.SimpleQueue()
        self._start = threading.Lock()
        self._thread: threading.Thread | None = None

    def run(self, work: Callable[[Connection], T]) -> T:
        done: Future[T] = Future()
        self._ensure_thread()
        self._waiting.put((work, done))
        return done.result()

    def _ensure_thread(self) -> None:
        # Started on first use, in the process that uses it: a thread does not survive a fork.
        with self._start:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._commit_for_ever, name="group-commit", daemon=True)
                self._thread.start()

    def _commit_for_ever(self) -> None:
        while True:
            group = [self._waiting.get()]
            while len(group) < GROUP and not self._waiting.empty():
                group.append(self._waiting.get())
            self._commit(group)

    def _commit(self, group: list[tuple[Callable[[Connection], Any], Future[Any]]]) -> None:
        settled: list[tuple[Future[Any], Any]] = []
        try:
            with self._engine.begin() as connection:
                for work, done in group:
                    try:
                        with connection.begin_nested():
                            settled.append((done, work(connection)))
                    except Exception as error:  # noqa: BLE001 - handed to the caller that it belongs to
                        done.set_exception(error)
        except Exception as error:  # noqa: BLE001 - the commit itself failed: nobody's work is durable
            for _, done in group:
                if not done.done():
                    done.set_exception(error)
            return
        for done, result in settled:
            done.set_result(result)


def insert_new(connection: Connection | Session, table: type[DeclarativeBase], values: dict[str, Any]) -> bool:
    """Insert a row unless a unique constraint already holds one like it; whether it was inserted."""
    return connection.execute(_insert_new(_dialect(connection), table), values).first() is not None


def insert_new_ones(
    connection: Connection | Session, table: type[DeclarativeBase], rows: Sequence[dict[str, Any]]
) -> list[Row[Any]]:
    """Insert the rows that no unique constraint holds yet, many by a statement; the primary keys of the new ones."""
    return list(connection.execute(_insert_new(_dialect(connection), table), rows)) if rows else []


def _dialect(connection: Connection | Session) -> str:
    return connection.get_bind().dialect.name if isinstance(connection, Session) else connection.dialect.name


@cache
def _insert_new(dialect: str, table: type[DeclarativeBase]) -> Insert:
    # Made once: building a statement of twenty columns costs more than running it.
    insert = sqlite_insert if dialect == "sqlite" else postgresql_insert
    rows = cast(Table, table.__table__)
    return insert(rows).on_conflict_do_nothing().returning(*rows.primary_key)
