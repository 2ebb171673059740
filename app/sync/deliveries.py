"""Deliveries: asked for, claimed, settled by the kind of error alone, replayed."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, select, update
from sqlalchemy import Connection as DbConnection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from app.connectors.base import Flag
from app.db import insert_new, now
from app.errors import Retryable, StorelineError
from app.models import Connection, ConnectionState, Delivery, State
from app.runtime import Runtime

# Orders before customers before products: what reps wait for comes first. An order brings along what it needs, but who
# buys for which company only the company tells: a buyer who came before it would get an account of their own.
PRIORITIES = {"company": 5, "cart": 8, "order": 10, "customer": 20, "category": 28, "product": 30, "message": 40}
INWARD = "crm:"  # before a kind of the CRM's: a record there that changed, and is to be followed here
INWARD_PRIORITY = 18
HISTORY = 100  # added to the priority of what a backfill asks for: it comes behind everything that happens now
FIRST_WAIT = 2.0  # seconds before the second attempt
LONGEST_WAIT = 1800.0  # seconds between later ones
SPLIT = 4  # by which a batch shrinks with every failure of all of it
HURRY_EVERY = timedelta(minutes=1)
PORTION = 500  # deliveries that one transaction puts back
ATTEMPTS = 20  # then a person is asked: after about four hours of trying


@dataclass(frozen=True)
class Batch:
    """Deliveries of one kind that one flush carries together."""

    id: str
    connection_id: int
    store_id: int
    kind: str
    deliveries: Sequence[Delivery]

    @property
    def their_kind(self) -> str:
        """The CRM's kind of what comes from there; "" for what goes there."""
        return self.kind.removeprefix(INWARD) if self.kind.startswith(INWARD) else ""

    @property
    def oldest(self) -> datetime:
        """All records of the batch were asked for no earlier than this."""
        return min(delivery.created_at for delivery in self.deliveries)


def inward(their_kind: str) -> str:
    """The kind of deliveries that bring a kind of the CRM's records here."""
    return INWARD + their_kind


def priority(kind: str) -> int:
    """The smaller, the sooner."""
    return INWARD_PRIORITY if kind.startswith(INWARD) else PRIORITIES[kind]


def request(
    connection: DbConnection | Session,
    store_id: int,
    connection_id: int,
    kind: str,
    record_id: str,
    correlation_id: str,
) -> bool:
    """Ask for a record to be brought to a connection; False if that is asked for already."""
    row = {
        "store_id": store_id, "connection_id": connection_id, "kind": kind, "record_id": record_id,
        "correlation_id": correlation_id, "priority": priority(kind), "state": State.WAITING, "due_at": now(),
        "attempts": 0, "tried": False, "flags": [], "created_at": now(), "changed_at": now(), "result": "",
        "remedy": "",
        "error_code": "", "error_field": "", "error_message": "", "label": "", "amount": "",
    }  # fmt: skip
    if insert_new(connection, Delivery, row):
        return True
    _hurry(connection, connection_id, kind, record_id)
    return False


def _hurry(connection: DbConnection | Session, connection_id: int, kind: str, record_id: str) -> None:
    """What waits after a failure is tried at once when the record has changed; not more than once a minute."""
    connection.execute(
        update(Delivery)
        .where(
            Delivery.connection_id == connection_id,
            Delivery.kind == kind,
            Delivery.record_id == record_id,
            Delivery.state == State.WAITING,
            Delivery.due_at > now(),
            Delivery.changed_at < now() - HURRY_EVERY,
        )
        .values(due_at=now(), changed_at=now())
    )


def due(connection_id: int) -> ColumnElement[bool]:
    """What a flush of this connection would find."""
    return and_(Delivery.connection_id == connection_id, Delivery.state == State.WAITING, Delivery.due_at <= now())


def claim(runtime: Runtime, connection_id: int, sizes: Mapping[str, int]) -> Batch | None:
    """Take the most urgent kind of due deliveries, at most `sizes[kind]`: waiting → running, committed."""
    twin = aliased(Delivery)
    same_record_runs = exists().where(
        twin.connection_id == Delivery.connection_id,
        twin.kind == Delivery.kind,
        twin.record_id == Delivery.record_id,
        twin.state == State.RUNNING,
    )
    free_to_run = (due(connection_id), ~same_record_runs)
    batch_id = uuid.uuid4().hex
    try:
        with runtime.database.transaction() as session:
            most_urgent = select(Delivery.kind, Delivery.attempts).where(*free_to_run)
            by_urgency = (Delivery.priority, Delivery.due_at, Delivery.id)
            first = session.execute(most_urgent.order_by(*by_urgency).limit(1)).first()
            if first is None:
                return None
            # What failed together is tried in ever smaller company, so that one poison record ends up alone.
            alike = (Delivery.kind == first.kind, Delivery.attempts == first.attempts)
            size = max(1, sizes.get(first.kind, 1) // SPLIT**first.attempts)
            chosen = select(Delivery.id).where(*free_to_run, *alike).order_by(Delivery.due_at, Delivery.id).limit(size)
            session.execute(
                update(Delivery)
                .where(Delivery.id.in_(chosen), Delivery.state == State.WAITING)
                .values(state=State.RUNNING, batch=batch_id, attempts=Delivery.attempts + 1, changed_at=now())
                .execution_options(synchronize_session=False)
            )
            taken = session.scalars(select(Delivery).where(Delivery.batch == batch_id).order_by(Delivery.id)).all()
    except IntegrityError:  # another flush took one of them between our look and our claim
        return None
    return Batch(batch_id, connection_id, taken[0].store_id, first.kind, taken) if taken else None


def mine(session: Session, batch: Batch) -> list[Delivery]:
    """Those of a batch whose claim still stands: a flush that was thought dead may come back."""
    claimed = select(Delivery).where(Delivery.batch == batch.id, Delivery.state == State.RUNNING).order_by(Delivery.id)
    return list(session.scalars(claimed.with_for_update()))


def free(runtime: Runtime, connection_id: int) -> int:
    """Put back what a dead flush left running; only who holds the connection's flush lease may say so.

    A worker may die of anything, also of a record: whatever was under way too often is for a person.
    """
    with runtime.database.transaction() as session:
        orphans = session.scalars(
            select(Delivery).where(Delivery.connection_id == connection_id, Delivery.state == State.RUNNING)
        ).all()
        for orphan in orphans:
            if orphan.attempts >= ATTEMPTS:
                fail(session, orphan, StorelineError("Carrying this record ends the worker.", code="WORKER_DIED"))
            else:
                _put_back(session, orphan, now() if orphan.attempts < 2 else now() + backoff(orphan.attempts))
    return len(orphans)


def finish(session: Session, delivery: Delivery, result: str, flags: Sequence[Flag] = ()) -> None:
    """The record is where it should be; older failures of the same record are thereby over."""
    _set(delivery, State.DONE, result=result)
    delivery.flags = [{"code": flag.code, "message": flag.message} for flag in flags]
    _replace_older(session, delivery)


def fail(session: Session, delivery: Delivery, error: StorelineError) -> None:
    """Later, or dead: decided by the kind of error alone."""
    _explain(delivery, error)
    if isinstance(error, Retryable) and delivery.attempts < ATTEMPTS:
        _put_back(session, delivery, error.retry_after or now() + backoff(delivery.attempts))
    else:
        _set(delivery, State.DEAD, remedy=error.remedy)
        delivery.tried = True
        _replace_older(session, delivery)


def give_back(session: Session, delivery: Delivery, error: StorelineError) -> None:
    """Not this delivery's fault (the account needs a person, the vendor is away): wait without counting the attempt."""
    _explain(delivery, error)
    delivery.attempts -= 1
    _put_back(session, delivery, now())


def backoff(attempts: int) -> timedelta:
    """Capped and exponential, with full jitter above a floor, so that a crowd does not come back as a crowd."""
    ceiling = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (attempts - 1))
    return timedelta(seconds=ceiling / 2 + random.uniform(0, ceiling / 2))  # noqa: S311 - jitter, not a secret


def replay(
    runtime: Runtime,
    store_id: int,
    *,
    ids: Sequence[int] | None = None,
    connection_id: int | None = None,
    kind: str | None = None,
    error_code: str | None = None,
) -> int:
    """Try dead deliveries of a store again, with the record and the mapping as they are now; how many."""
    wanted = [Delivery.store_id == store_id, Delivery.state == State.DEAD]
    wanted += [Delivery.id.in_(ids)] if ids is not None else []
    wanted += [Delivery.connection_id == connection_id] if connection_id is not None else []
    wanted += [Delivery.kind == kind] if kind is not None else []
    wanted += [Delivery.error_code == error_code] if error_code is not None else []
    replayed, touched = 0, set[int]()
    while True:
        with runtime.database.transaction() as session:  # in portions: a webhook must not wait for all of them
            dead = session.scalars(select(Delivery).where(*wanted).order_by(Delivery.id).limit(PORTION)).all()
            for delivery in dead:
                delivery.attempts = 0
                delivery.error_code = delivery.error_field = delivery.error_message = ""  # that was the last run's
                _put_back(session, delivery, now())
        replayed += len(dead)
        touched |= {delivery.connection_id for delivery in dead}
        if len(dead) < PORTION:
            break
    with runtime.database.reading() as session:
        live = _live(session, touched)
    for connection in live:
        runtime.bell.ring(connection)
    return replayed


def to_ring(session: Session, at: datetime) -> list[int]:
    """Live connections that have something due, or something running (whose worker may be dead)."""
    waiting = and_(Delivery.state == State.WAITING, Delivery.due_at <= at)
    return list(
        session.scalars(
            select(Connection.id).where(
                Connection.state == ConnectionState.LIVE,
                (Connection.hold_until.is_(None)) | (Connection.hold_until <= at),
                exists().where(Delivery.connection_id == Connection.id, waiting | (Delivery.state == State.RUNNING)),
            )
        )
    )


def failed_before(session: Session, batch: Batch) -> set[str]:
    """Records of a batch of which an older delivery is dead: it may have left something there."""
    dead = select(Delivery.record_id).where(
        Delivery.connection_id == batch.connection_id,
        Delivery.kind == batch.kind,
        Delivery.state == State.DEAD,
        Delivery.record_id.in_([delivery.record_id for delivery in batch.deliveries]),
    )
    return set(session.scalars(dead))


def counts(session: Session, store_id: int) -> dict[int, dict[str, int]]:
    """How many deliveries of each state every connection of the store has."""
    found: dict[int, dict[str, int]] = {}
    rows = session.execute(
        select(Delivery.connection_id, Delivery.state, func.count())
        .where(Delivery.store_id == store_id)
        .group_by(Delivery.connection_id, Delivery.state)
    )
    for connection_id, state, number in rows:
        found.setdefault(connection_id, {})[state] = number
    return found


def _replace_older(session: Session, delivery: Delivery) -> None:
    """Older failures of a record are over once a newer delivery of it has come to an end."""
    session.execute(
        update(Delivery)
        .where(_same_record(delivery), Delivery.state == State.DEAD, Delivery.id != delivery.id)
        .values(state=State.DONE, result="replaced", changed_at=now())
        .execution_options(synchronize_session=False)
    )


def _put_back(session: Session, delivery: Delivery, due_at: datetime) -> None:
    """Wait again; if a newer delivery of the record waits already, that one will do."""
    try:
        with session.begin_nested():
            _set(delivery, State.WAITING)
            delivery.due_at, delivery.tried = due_at, True
    except IntegrityError:
        session.refresh(delivery)
        _set(delivery, State.DONE, result="replaced")
        session.execute(  # what this run may have left there is the other's to find
            update(Delivery)
            .where(_same_record(delivery), Delivery.state == State.WAITING)
            .values(tried=True)
            .execution_options(synchronize_session=False)
        )


def _same_record(delivery: Delivery) -> ColumnElement[bool]:
    return and_(
        Delivery.connection_id == delivery.connection_id,
        Delivery.kind == delivery.kind,
        Delivery.record_id == delivery.record_id,
    )


def _set(delivery: Delivery, state: State, *, result: str = "", remedy: str = "") -> None:
    delivery.state, delivery.result, delivery.remedy, delivery.changed_at = state, result, remedy, now()
    if state is State.DONE:
        delivery.error_code = delivery.error_field = delivery.error_message = ""


def _explain(delivery: Delivery, error: StorelineError) -> None:
    delivery.error_code, delivery.error_field = error.code[:100], error.field[:255]
    delivery.error_message = error.message


def _live(session: Session, ids: set[int]) -> list[int]:
    return list(
        session.scalars(select(Connection.id).where(Connection.id.in_(ids), Connection.state == ConnectionState.LIVE))
    )
