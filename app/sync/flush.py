"""Carry what is due for one connection, a batch at a time, until nothing is."""

from __future__ import annotations

import time

from app.connectors.base import Source, Target
from app.db import now
from app.errors import Misconfigured, Reauthorize, Rejected, Retryable, StorelineError
from app.log import get_logger
from app.models import Connection, ConnectionState
from app.runtime import Runtime
from app.sync import breaker, connections, deliveries, leases, pipeline
from app.sync.deliveries import Batch

LEASE = 30.0  # seconds that a dead worker blocks its connection
ALONE = 20  # records of kinds for which the CRM names no number
SLICE = 20.0  # seconds of work before other connections get their turn

log = get_logger()


def flush(runtime: Runtime, connection_id: int) -> None:
    """One flush. Only one at a time runs for a connection; what arrives meanwhile goes with its next batch."""
    runtime.bell.silence(connection_id)  # before claiming: a ring from now on is a new job
    with leases.held(runtime.database, f"flush:{connection_id}", LEASE) as lease:
        if lease is None:
            return  # whoever holds it looks again after giving it back
        freed = deliveries.free(runtime, connection_id)
        if freed:
            log.warning("freed", connection=connection_id, deliveries=freed)
        _carry(runtime, connection_id, lease)
    if _has_more(runtime, connection_id):
        runtime.bell.ring(connection_id)


def _carry(runtime: Runtime, connection_id: int, lease: leases.Lasting) -> None:
    store_id = _ready(runtime, connection_id)
    if store_id is None:
        return
    try:
        target = connections.open_target(runtime, connection_id)
        source = connections.open_source(runtime, store_id, target.name)
    except Reauthorize as error:
        connections.need_reauthorization(runtime, connection_id, error)
        return
    until = time.monotonic() + SLICE
    while time.monotonic() < until and not lease.lost and _ready(runtime, connection_id) is not None:
        batch = deliveries.claim(runtime, connection_id, _sizes(target))
        if batch is None or not _carry_one(runtime, batch, source, target):
            return


def _sizes(target: Target) -> dict[str, int]:
    """How many records of a kind go together, in either direction."""
    back = {deliveries.inward(theirs): target.batch.get(ours, ALONE) for theirs, ours in target.inward.items()}
    return {**target.batch, **back}


def _carry_one(runtime: Runtime, batch: Batch, source: Source, target: Target) -> bool:
    """Whether the next batch may follow at once."""
    started = now()
    try:
        if pipeline.run(runtime, batch, source, target):
            breaker.answered(runtime, batch.connection_id, started, is_well=True)
    except Reauthorize as error:
        connections.need_reauthorization(runtime, batch.connection_id, error)
        pipeline.abandon(runtime, batch, error, started, counts=False)
        return False
    except Misconfigured as error:
        breaker.need_administrator(runtime, batch.connection_id, error)
        pipeline.abandon(runtime, batch, error, started, counts=False)
        return False
    except Rejected as error:
        # Which of several records the vendor means is found out by trying fewer at a time.
        alone = len(batch.deliveries) == 1
        pipeline.abandon(runtime, batch, error if alone else _of_many(error), started, counts=True)
    except Retryable as error:
        if error.retry_after is None and _answer(source, target):
            # Both are there, so it is about these records: fewer of them are tried at a time.
            pipeline.abandon(runtime, batch, error, started, counts=True)
            return True
        breaker.hold(runtime, batch.connection_id, error)
        pipeline.abandon(runtime, batch, error, started, counts=False)
        return False
    return True


def _answer(source: Source, target: Target) -> bool:
    """Whether both ends answer at all."""
    try:
        source.check()
        target.check()
    except StorelineError:
        return False
    return True


def _of_many(error: Rejected) -> Retryable:
    return Retryable(error.message, code=error.code, field=error.field, status=error.status)


def _ready(runtime: Runtime, connection_id: int) -> int | None:
    """The store, if the connection may send now."""
    with runtime.database.reading() as session:
        connection = session.get(Connection, connection_id)
        if connection is None or connection.state != ConnectionState.LIVE:
            return None
        return None if connection.hold_until is not None and connection.hold_until > now() else connection.store_id


def _has_more(runtime: Runtime, connection_id: int) -> bool:
    with runtime.database.reading() as session:
        return connection_id in deliveries.to_ring(session, now())
