"""Which deliveries go next, together, and in which slot: the most urgent kind, of those lanes that may call."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Row, and_, exists, false, func, or_, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from app.db import now
from app.errors import StorelineError
from app.models import Connection, ConnectionState, Delivery, State
from app.runtime import Runtime
from app.sync import deliveries, reservations, slots
from app.sync.deliveries import Batch
from app.sync.lanes import Lane, priorities

SPLIT = 4  # by which a batch shrinks with every failure of all of it
PATIENCE = timedelta(seconds=2)  # after which what waits for a flush under way gets one of its own
LOOK_AGAIN = timedelta(seconds=60)  # at a lane that is shut for longer: somebody may have raised the share
TRIES = 3  # of a claim that another flush crossed


@dataclass(frozen=True)
class Sizes:
    """How many records go together: by kind, and at the most (after an outage); `shut` lanes may not call.

    `loads`: of history, of which more may go at once.
    """

    by_kind: Mapping[str, int]
    most: int | None = None
    shut: Collection[Lane] = ()
    loads: Mapping[str, int] = field(default_factory=dict)

    def of(self, kind: str, priority: int, attempts: int = 0) -> int:
        """What failed together is tried in ever smaller company, so that one poison record ends up alone."""
        usual = self.by_kind.get(kind, 1)
        together = self.loads.get(kind, usual) if priority >= deliveries.HISTORY else usual
        size = max(1, together // int(SPLIT**attempts))
        return size if self.most is None else min(size, self.most)


def due(connection_id: int) -> ColumnElement[bool]:
    """What a flush of this connection would find."""
    return and_(Delivery.connection_id == connection_id, Delivery.state == State.WAITING, Delivery.due_at <= now())


def claim(runtime: Runtime, connection_id: int, slot: int, sizes: Sizes) -> Batch | None:
    """Take the most urgent kind of due deliveries: waiting → running, committed. None: nothing is due."""
    for _ in range(TRIES):
        batch_id = slots.new_batch(slot)
        try:
            with runtime.database.transaction() as session:
                first = _first(session, connection_id, sizes.shut)
                if first is None:
                    return None
                taken = _take(
                    session, connection_id, first, sizes.of(first.kind, first.priority, first.attempts), batch_id
                )
        except IntegrityError:  # another flush took a record between our look and our claim
            continue
        if taken:
            return Batch(batch_id, connection_id, taken[0].store_id, first.kind, taken)
    return None


def is_pressing(session: Session, connection_id: int, sizes: Sizes) -> bool:
    """Whether what is due is worth one more flush beside those under way, and not only their next batch.

    That is a whole batch, what is more urgent than all that is under way, and what has waited for long enough.
    """
    first = _first(session, connection_id, sizes.shut)
    if first is None:
        return False
    if first.due_at <= now() - PATIENCE:
        return True
    running = and_(Delivery.connection_id == connection_id, Delivery.state == State.RUNNING)
    most_urgent = session.scalar(select(func.min(Delivery.priority)).where(running))
    if most_urgent is None or first.priority < most_urgent:
        return True
    size = sizes.of(first.kind, first.priority, first.attempts)
    alike = _free_to_run(connection_id, sizes.shut), *_alike(first)
    return len(session.execute(select(Delivery.id).where(*alike).limit(size)).all()) >= size


def is_due(session: Session, connection_id: int, shut: Collection[Lane]) -> bool:
    """Whether a flush would find anything that may go now."""
    return _first(session, connection_id, shut) is not None


def put_off(runtime: Runtime, connection_id: int, shut: Mapping[Lane, datetime]) -> None:
    """What is due in lanes that are shut waits until these open, so that nobody rings for it in vain."""
    if not shut:
        return
    with runtime.database.reading() as session:
        if session.scalar(select(Delivery.id).where(due(connection_id)).limit(1)) is None:
            return
    with runtime.database.transaction() as session:
        for lane, until in shut.items():
            session.execute(
                update(Delivery)
                .where(due(connection_id), _in_lane(lane))
                .values(due_at=min(until, now() + LOOK_AGAIN))
                .execution_options(synchronize_session=False)
            )


def free(runtime: Runtime, connection_id: int, batches: Collection[str]) -> int:
    """Put back what dead flushes left running; only who holds their slot's lease may say so.

    A worker may die of anything, also of a record: whatever was under way too often is for a person.
    """

    def put_back(session: Session) -> int:
        mine = (Delivery.connection_id == connection_id, Delivery.state == State.RUNNING, Delivery.batch.in_(batches))
        orphans = session.scalars(select(Delivery).where(*mine).order_by(Delivery.id).with_for_update()).all()
        attempts = max((orphan.attempts for orphan in orphans), default=0)
        # One time for all: what ended a worker together is halved together.
        again_at = now() if attempts < 2 else now() + deliveries.backoff(attempts)
        for orphan in orphans:
            if orphan.attempts >= deliveries.ATTEMPTS:
                died = StorelineError("Carrying this record ends the worker.", code="WORKER_DIED")
                deliveries.fail(session, orphan, died)
            else:
                deliveries.put_back(session, orphan, again_at)
        deliveries.replace_older(session, orphans)
        reservations.release(session, connection_id, batches)
        return len(orphans)

    return runtime.database.transact(put_back)


def to_ring(session: Session, at: datetime) -> list[int]:
    """Live connections that have something due, or something running in a slot where nobody works any more."""
    live = and_(
        Connection.state == ConnectionState.LIVE,
        or_(Connection.hold_until.is_(None), Connection.hold_until <= at),
    )
    waiting = and_(
        Delivery.connection_id == Connection.id, Delivery.state == State.WAITING, Delivery.due_at <= at
    )  # fmt: skip
    found = set(session.scalars(select(Connection.id).where(live, exists().where(waiting))))
    running = select(Delivery.connection_id, Delivery.batch).join(Connection, Connection.id == Delivery.connection_id)
    for connection_id, batch in session.execute(running.where(live, Delivery.state == State.RUNNING).distinct()):
        if connection_id not in found and slots.of(batch or "") not in slots.held(session, connection_id):
            found.add(connection_id)
    return sorted(found)


def _first(session: Session, connection_id: int, shut: Collection[Lane]) -> Row[str, int, int, datetime] | None:
    columns = (Delivery.kind, Delivery.attempts, Delivery.priority, Delivery.due_at)
    by_urgency = (Delivery.priority, Delivery.due_at, Delivery.id)
    query = select(*columns).where(_free_to_run(connection_id, shut)).order_by(*by_urgency).limit(1)
    return session.execute(query).first()


def _take(
    session: Session, connection_id: int, first: Row[str, int, int, datetime], size: int, batch_id: str
) -> list[Delivery]:
    """What another flush is just taking is not waited for."""
    chosen = select(Delivery.id).where(_free_to_run(connection_id, ()), *_alike(first))
    ids = session.scalars(
        chosen.order_by(Delivery.due_at, Delivery.id).limit(size).with_for_update(skip_locked=True)
    ).all()
    session.execute(
        update(Delivery)
        .where(Delivery.id.in_(ids), Delivery.state == State.WAITING)
        .values(state=State.RUNNING, batch=batch_id, attempts=Delivery.attempts + 1, changed_at=now())
        .execution_options(synchronize_session=False)
    )
    return list(session.scalars(select(Delivery).where(Delivery.batch == batch_id).order_by(Delivery.id)))


def _alike(first: Row[str, int, int, datetime]) -> tuple[ColumnElement[bool], ...]:
    """What goes together: one kind, live or history, failed equally often."""
    return (
        Delivery.kind == first.kind,
        Delivery.attempts == first.attempts,
        Delivery.priority == first.priority,
    )


def _free_to_run(connection_id: int, shut: Collection[Lane]) -> ColumnElement[bool]:
    twin = aliased(Delivery)
    same_record_runs = exists().where(
        twin.connection_id == Delivery.connection_id,
        twin.kind == Delivery.kind,
        twin.record_id == Delivery.record_id,
        twin.state == State.RUNNING,
    )
    return and_(due(connection_id), ~same_record_runs, ~or_(false(), *(_in_lane(lane) for lane in shut)))


def _in_lane(lane: Lane) -> ColumnElement[bool]:
    first, last = priorities(lane)
    return and_(Delivery.priority >= first, true() if last is None else Delivery.priority <= last)
