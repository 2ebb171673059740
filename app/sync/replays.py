"""Dead deliveries tried again: one, a filter, a period, all; with the record and the mapping as they are now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from app.db import now
from app.models import Backfill, BackfillState, Connection, ConnectionState, Delivery, State
from app.runtime import Runtime
from app.sync.deliveries import HISTORY

PORTION = 1_000  # deliveries that one transaction puts back: a webhook must not wait for all of them
BLIND = {"synchronize_session": False}
AGAIN = 20  # times in a row that a portion may meet a webhook about one of its records


@dataclass(frozen=True)
class Which:
    """What is to be tried again; None: whatever it is. `since` and `until`: when it died, the end left out."""

    ids: Sequence[int] | None = None
    connection_id: int | None = None
    kind: str | None = None
    error_code: str | None = None
    error_field: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The same as a query has it."""
        exact = {
            Delivery.connection_id: self.connection_id, Delivery.kind: self.kind, Delivery.error_code: self.error_code,
            Delivery.error_field: self.error_field,
        }  # fmt: skip
        found = [column == value for column, value in exact.items() if value is not None]
        found += [Delivery.id.in_(self.ids)] if self.ids is not None else []
        found += [Delivery.changed_at >= self.since] if self.since is not None else []
        found += [Delivery.changed_at < self.until] if self.until is not None else []
        return found


def replay(runtime: Runtime, store_id: int, which: Which) -> int:
    """Put back what is dead; how many. A record that waits already is not asked for twice."""
    replayed, met, touched = 0, 0, set[int]()
    # What fails once more meanwhile is not tried for ever.
    dead_by_now = (Delivery.store_id == store_id, Delivery.state == State.DEAD, Delivery.changed_at <= now())
    wanted = (*dead_by_now, *which.conditions())
    while True:
        try:
            with runtime.database.transaction() as session:
                dead = session.execute(
                    select(Delivery.id, Delivery.connection_id).where(*wanted).order_by(Delivery.id).limit(PORTION)
                ).all()
                _put_back(session, [row.id for row in dead])
        except IntegrityError:  # a webhook asked for one of them between our look and our write
            met += 1
            if met > AGAIN:
                raise
            continue
        met = 0
        replayed += len(dead)
        touched |= {row.connection_id for row in dead}
        if len(dead) < PORTION:
            break
    _ring(runtime, touched)
    return replayed


def _put_back(session: Session, ids: Sequence[int]) -> None:
    if not ids:
        return
    twin = aliased(Delivery)
    same = and_(
        twin.connection_id == Delivery.connection_id, twin.kind == Delivery.kind, twin.record_id == Delivery.record_id
    )
    newer_dead = and_(twin.state == State.DEAD, twin.id > Delivery.id, twin.id.in_(ids))
    will_do = exists().where(same, or_(twin.state == State.WAITING, newer_dead))
    asked_again = session.scalars(
        select(twin.id).join(Delivery, same).where(Delivery.id.in_(ids), twin.state == State.WAITING)
    ).all()
    session.execute(  # what the dead ones may have left there is the waiting ones' to find
        update(Delivery).where(Delivery.id.in_(asked_again)).values(tried=True), execution_options=BLIND
    )
    session.execute(  # of which those of history may be set aside, or be dropped
        update(Delivery)
        .where(Delivery.id.in_(asked_again), Delivery.state == State.WAITING, Delivery.priority >= HISTORY)
        .values(priority=Delivery.priority - HISTORY, due_at=now()),
        execution_options=BLIND,
    )
    over = {"error_code": "", "error_field": "", "error_message": "", "remedy": "", "changed_at": now()}
    chosen = (Delivery.id.in_(ids), Delivery.state == State.DEAD)
    session.execute(
        update(Delivery).where(*chosen, will_do).values(state=State.DONE, result="replaced", **over),
        execution_options=BLIND,
    )
    stopped = select(Backfill.id).where(Backfill.state.in_((BackfillState.PAUSED, BackfillState.CANCELLED)))
    session.execute(  # a person wants them all the same
        update(Delivery).where(*chosen, Delivery.backfill_id.in_(stopped)).values(backfill_id=None),
        execution_options=BLIND,
    )
    session.execute(
        update(Delivery)
        .where(*chosen)
        .values(state=State.WAITING, result="", attempts=0, tried=True, due_at=now(), **over),
        execution_options=BLIND,
    )


def _ring(runtime: Runtime, ids: set[int]) -> None:
    with runtime.database.reading() as session:
        live = session.scalars(
            select(Connection.id).where(Connection.id.in_(ids), Connection.state == ConnectionState.LIVE)
        ).all()
    for connection_id in live:
        runtime.bell.ring(connection_id)
