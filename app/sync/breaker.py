"""The breaker of a connection: open while a vendor is away, one probe when the wait is over, then ever more again."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select

from app.connectors import registry
from app.db import now
from app.errors import Misconfigured, Retryable, StorelineError
from app.log import get_logger
from app.models import Connection, ConnectionState
from app.runtime import Runtime
from app.sync.allowances import BUDGET

FIRST_HOLD, LONGEST_HOLD = 3.0, 300.0  # seconds that a connection waits for a vendor who does not answer
LONGEST_ASKED = timedelta(days=1)  # that we wait at a vendor's word, who may err
ADMINISTRATOR_WAIT = timedelta(minutes=10)  # until an account that lacks something is tried again
STEP_UP = 4  # by which batches grow after an outage, with each one that the vendor answers
FULL_PACE = 256  # records in a batch from which nothing holds it back any more
SEVERAL_FROM = 16  # records in a batch from which several flushes may run again

log = get_logger()


class BreakerState(StrEnum):
    """Whether a connection is used."""

    CLOSED = "closed"  # it is
    OPEN = "open"  # not before `until`
    PROBING = "probing"  # by one record alone


@dataclass(frozen=True)
class Breaker:
    """Where a connection's breaker stands, since when the vendor has been away, and how often it was in a row."""

    state: BreakerState
    since: datetime | None = None
    until: datetime | None = None
    failures: int = 0


def of(connection: Connection) -> Breaker:
    """The breaker of a connection, now."""
    if connection.failing_since is None:
        return Breaker(BreakerState.CLOSED)
    is_open = connection.hold_until is not None and connection.hold_until > now()
    state = BreakerState.OPEN if is_open else BreakerState.PROBING
    until = connection.hold_until if is_open else None
    return Breaker(state, connection.failing_since, until, connection.failures)


def hold(runtime: Runtime, connection_id: int, error: Retryable) -> None:
    """Nobody home, or asked to wait: until then, else for a time that grows with every failure in a row.

    Calls that we do not allow ourselves say nothing of the vendor: they hold nothing.
    """
    if error.code == BUDGET:
        return

    def change(connection: Connection) -> None:
        was_open = of(connection).state is BreakerState.OPEN  # by another flush, which met the same outage
        if error.retry_after is not None:
            asked = min(error.retry_after, now() + LONGEST_ASKED)
            connection.hold_until = max(filter(None, (connection.hold_until, asked)))
        elif not was_open:
            wait = min(LONGEST_HOLD, FIRST_HOLD * 2.0**connection.failures)
            jitter = random.uniform(0.7, 1.0)  # noqa: S311 - so that not all connections come back at once
            connection.hold_until = now() + timedelta(seconds=wait * jitter)
            connection.failures += 1
        connection.failing_since = connection.failing_since or now()
        connection.pace = 1

    _change(runtime, connection_id, change)
    log.warning("hold", connection=connection_id, code=error.code)


def answered(runtime: Runtime, connection_id: int, started: datetime, *, is_well: bool) -> None:
    """A batch that began then has met a vendor who works; `is_well`: all of its records arrived.

    Whatever was wrong with the connection, or with reading the store, is over; the backlog follows step by step.
    """
    with runtime.database.reading() as session:
        connection = session.get_one(Connection, connection_id)
        if connection.failing_since is not None and connection.failing_since > started:
            return  # the outage began while it was under way
        is_slowed = connection.failing_since is not None or connection.pace is not None
        trouble = connection.hold_until or connection.problem
        store_id = connection.store_id
    if is_slowed or (trouble and is_well):
        _change(runtime, connection_id, lambda connection: _go_on(connection, is_well=is_well))
    if is_well:
        _store_lets_us_in(runtime, store_id)


def need_administrator(runtime: Runtime, connection_id: int, error: Misconfigured) -> None:
    """Something that all records need is missing there: hold everything, say so, and look again later."""

    def change(connection: Connection) -> None:
        connection.hold_until, connection.problem = now() + ADMINISTRATOR_WAIT, error.message[:1000]

    _change(runtime, connection_id, change)
    log.warning("misconfigured", connection=connection_id, code=error.code)


def store_refused(runtime: Runtime, store_id: int, error: StorelineError) -> None:
    """The store itself does not take our token, or not for this: only granting access there mends it."""
    with runtime.database.transaction() as session:
        own = select(Connection).where(Connection.store_id == store_id, Connection.vendor == registry.SOURCE)
        connection = session.scalars(own).one()
        if connection.state == ConnectionState.DISCONNECTED:  # uninstalled: nobody is to grant anything
            return
        connection.state, connection.problem = ConnectionState.REAUTHORIZE, error.message[:1000]
    log.warning("store refused", store=store_id, code=error.code)


def at_once(connection: Connection, most: int) -> int:
    """How many flushes of a connection may run now; `most`: while all is well."""
    is_slow = connection.failing_since is not None or (connection.pace or FULL_PACE) < SEVERAL_FROM
    return 1 if is_slow else most


def _go_on(connection: Connection, *, is_well: bool) -> None:
    connection.failing_since, connection.failures = None, 0
    if connection.pace is not None:
        connection.pace = connection.pace * STEP_UP if connection.pace * STEP_UP < FULL_PACE else None
    if connection.state == ConnectionState.LIVE:
        connection.hold_until = None
        connection.problem = "" if is_well else connection.problem


def _store_lets_us_in(runtime: Runtime, store_id: int) -> None:
    own = select(Connection).where(
        Connection.store_id == store_id,
        Connection.vendor == registry.SOURCE,
        Connection.state == ConnectionState.REAUTHORIZE,
    )
    with runtime.database.reading() as session:
        if session.scalars(own).first() is None:
            return
    with runtime.database.transaction() as session:
        for connection in session.scalars(own):
            connection.state, connection.problem = ConnectionState.LIVE, ""


def _change(runtime: Runtime, connection_id: int, change: Callable[[Connection], None]) -> None:
    with runtime.database.transaction() as session:
        change(session.get_one(Connection, connection_id, with_for_update=True))
