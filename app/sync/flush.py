"""Carry what is due for one connection, a batch at a time, until nothing is; several flushes share a big backlog."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from app.connectors import registry
from app.connectors.base import Source, Target
from app.db import now
from app.errors import Misconfigured, Reauthorize, Rejected, Retryable, StorelineError
from app.log import get_logger
from app.models import Connection, ConnectionState
from app.runtime import Runtime
from app.sync import breaker, claims, connections, deliveries, leases, loading, pipeline, slots
from app.sync.budgets import BUDGET, Budget
from app.sync.claims import Sizes
from app.sync.deliveries import Batch
from app.sync.lanes import Lane, lane

ALONE = 20  # records of kinds for which the CRM names no number
SLICE = 20.0  # seconds of work before other connections get their turn

log = get_logger()


@dataclass(frozen=True)
class Ends:
    """Both ends of a connection, open, each with its budget."""

    source: Source
    target: Target
    budgets: tuple[Budget, Budget]

    def enter(self, lane: Lane) -> None:
        """Say what the next calls are for."""
        for budget in self.budgets:
            budget.lane = lane

    def shut(self) -> dict[Lane, datetime]:
        """The lanes that may not call at one of the ends, and until when."""
        found: dict[Lane, datetime] = {}
        for budget in self.budgets:
            for one, until in budget.shut().items():
                found[one] = max(until, found.get(one, until))
        return found

    def sizes(self, pace: int | None, shut: Mapping[Lane, datetime]) -> Sizes:
        """How many records of a kind go together, in either direction."""
        batch = self.target.batch
        back = {deliveries.inward(theirs): batch.get(ours, ALONE) for theirs, ours in self.target.inward.items()}
        return Sizes({**batch, **back}, pace, tuple(shut), self.target.loads)


def flush(runtime: Runtime, connection_id: int) -> None:
    """One flush, in a slot of its own. What arrives meanwhile goes with the next batch of one that runs."""
    runtime.bell.silence(connection_id)  # before claiming: a ring from now on is a new job
    _bury_the_dead(runtime, connection_id)
    for slot in range(_at_once(runtime, connection_id)):
        with leases.held(runtime.database, slots.lease(connection_id, slot), slots.LEASE) as lease:
            if lease is not None:
                shut = _carry(runtime, connection_id, slot, lease)
        if lease is not None:
            _look_again(runtime, connection_id, shut)
            return
    # Whoever holds the slots looks again after giving one back.


def _bury_the_dead(runtime: Runtime, connection_id: int) -> None:
    """Free what flushes claimed that are no more; theirs are the slots that can be taken although they are in use."""
    with runtime.database.reading() as session:
        occupied = slots.occupied(session, connection_id)
        held = slots.held(session, connection_id) if occupied else set()
    for slot in sorted(set(occupied) - held):
        name = slots.lease(connection_id, slot)
        token = leases.acquire(runtime.database, name, slots.LEASE)
        if token is not None:
            freed = claims.free(runtime, connection_id, occupied[slot])
            leases.release(runtime.database, name, token)
            log.warning("freed", connection=connection_id, slot=slot, deliveries=freed)


def _carry(runtime: Runtime, connection_id: int, slot: int, lease: leases.Lasting) -> dict[Lane, datetime]:
    """Batch after batch; the lanes that were shut in the end."""
    shut: dict[Lane, datetime] = {}
    connection = _ready(runtime, connection_id)
    if connection is None:
        return shut
    with ExitStack() as stack:
        stack.callback(_put_off, runtime, connection_id, shut)
        try:
            ends = _open(runtime, connection, stack)
        except Reauthorize as error:
            connections.need_reauthorization(runtime, connection_id, error)
            return shut
        until = time.monotonic() + SLICE
        while connection is not None and time.monotonic() < until and not lease.lost:
            shut.clear()
            shut.update(ends.shut())
            batch = _next(runtime, connection, slot, ends.sizes(connection.pace, shut))
            if batch is None or not _carry_one(runtime, batch, ends):
                break
            loading.follow(runtime, batch.deliveries)
            if runtime.bell.others_wait(connection_id):
                break
            connection = _ready(runtime, connection_id)
    return shut


def _open(runtime: Runtime, connection: Connection, stack: ExitStack) -> Ends:
    budgets = Budget.of_store(runtime, connection.store_id), Budget(runtime, connection.id)
    for budget in budgets:
        stack.enter_context(budget)
    target = connections.open_target(runtime, connection.id, budget=budgets[1])
    source = connections.open_source(runtime, connection.store_id, target.name, budget=budgets[0])
    return Ends(source, target, budgets)


def _next(runtime: Runtime, connection: Connection, slot: int, sizes: Sizes) -> Batch | None:
    """What this slot carries next; more hands are called for if that is worth their calls."""
    if not _is_worth_it(runtime, connection.id, slot, sizes):
        return None
    batch = claims.claim(runtime, connection.id, slot, sizes)
    if batch is None:
        return None
    with runtime.database.reading() as session:
        if claims.is_pressing(session, connection.id, sizes):
            is_room = len(slots.held(session, connection.id)) < _most(connection)
        else:
            is_room = False
    if is_room:
        runtime.bell.ring(connection.id)
    return batch


def _is_worth_it(runtime: Runtime, connection_id: int, slot: int, sizes: Sizes) -> bool:
    """One flush carries whatever is due; beside it another one only what is pressing: so busy hours cost few calls."""
    with runtime.database.reading() as session:
        is_alone = not slots.held(session, connection_id) - {slot}
        return is_alone or claims.is_pressing(session, connection_id, sizes)


def _carry_one(runtime: Runtime, batch: Batch, ends: Ends) -> bool:
    """Whether the next batch may follow at once."""
    started = now()
    ends.enter(lane(batch.priority))
    try:
        verdict = pipeline.run(runtime, batch, ends.source, ends.target)
        if verdict.is_answered:
            breaker.answered(runtime, batch.connection_id, started, is_well=verdict.is_well)
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
        return _wait(runtime, batch, ends, error, started)
    return True


def _wait(runtime: Runtime, batch: Batch, ends: Ends, error: Retryable, started: datetime) -> bool:
    """Whether the next batch may follow at once after a call that time cures."""
    if error.code == BUDGET:  # our own limit, of this lane alone
        pipeline.abandon(runtime, batch, error, started, counts=False)
        return True
    if error.retry_after is None and _answer(ends):
        # Both are there, so it is about these records: fewer of them are tried at a time.
        pipeline.abandon(runtime, batch, error, started, counts=True)
        breaker.answered(runtime, batch.connection_id, started, is_well=False)
        return True
    breaker.hold(runtime, batch.connection_id, error)
    pipeline.abandon(runtime, batch, error, started, counts=False)
    return False


def _answer(ends: Ends) -> bool:
    """Whether both ends answer at all."""
    try:
        ends.source.check()
        ends.target.check()
    except StorelineError:
        return False
    return True


def _of_many(error: Rejected) -> Retryable:
    return Retryable(error.message, code=error.code, field=error.field, status=error.status)


def _ready(runtime: Runtime, connection_id: int) -> Connection | None:
    """The connection as it is now, if it may send."""
    with runtime.database.reading() as session:
        connection = session.get(Connection, connection_id)
        if connection is None or connection.state != ConnectionState.LIVE:
            return None
        return None if connection.hold_until is not None and connection.hold_until > now() else connection


def _at_once(runtime: Runtime, connection_id: int) -> int:
    connection = _ready(runtime, connection_id)
    return _most(connection) if connection is not None else 0


def _most(connection: Connection) -> int:
    return breaker.at_once(connection, registry.VENDORS[connection.vendor].at_once)


def _put_off(runtime: Runtime, connection_id: int, shut: Mapping[Lane, datetime]) -> None:
    with suppress(SQLAlchemyError):  # then the clock rings in vain
        claims.put_off(runtime, connection_id, shut)


def _look_again(runtime: Runtime, connection_id: int, shut: Mapping[Lane, datetime]) -> None:
    """Ring if anything that is due would find nobody: whoever works in another slot claims it with its next batch."""
    if _ready(runtime, connection_id) is None:
        return
    with runtime.database.reading() as session:
        is_left = claims.is_due(session, connection_id, tuple(shut)) and not slots.held(session, connection_id)
    if is_left:
        runtime.bell.ring(connection_id)
