"""The life of a backfill: chosen and counted, started by a person, paused, resumed, cancelled.

A backfill only asks for ordinary deliveries, behind everything that happens now; flushes carry them as any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import now
from app.log import get_logger
from app.models import UNFINISHED, Backfill, BackfillState, Connection, ConnectionState, Delivery, State
from app.runtime import Runtime
from app.sync import deliveries, progress
from app.sync.connections import wanted_kinds

# In the order in which they are loaded, so that orders find their people, companies and goods linked.
KINDS = ("company", "customer", "product", "order")
ASIDE = datetime(9999, 1, 1, tzinfo=UTC)  # when deliveries of a paused backfill are due
PARCELS_DAYS = 60  # older orders are brought without their parcels, which cost a call each
JOB = "backfill"
TICK = 4  # seconds between two looks of the job

log = get_logger()


class NotNow(Exception):
    """What the state of things forbids, in words for whoever asked."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Choice:
    """What somebody wants to have loaded."""

    kinds: Sequence[str]
    since: datetime | None = None
    until: datetime | None = None
    filters: Mapping[str, Any] = field(default_factory=dict)  # "statuses", "channels", "min_total", "parcels_days"


def create(runtime: Runtime, connection_id: int, choice: Choice, created_by: str = "") -> int:
    """Begin with counting; nothing is brought anywhere before somebody starts it. Raises NotNow."""
    try:
        with runtime.database.transaction() as session:
            connection = session.get_one(Connection, connection_id)
            _ensure_wanted(connection, choice.kinds)
            row = Backfill(
                store_id=connection.store_id,
                connection_id=connection_id,
                kinds=[kind for kind in KINDS if kind in choice.kinds],
                since=choice.since,
                until=choice.until,
                filters=dict(choice.filters),
                created_by=created_by[:255],
            )
            session.add(row)
            session.flush()
            number = row.id
    except IntegrityError as error:
        words = "Another load of history of this account is not finished. Finish or cancel it first."
        raise NotNow(words) from error
    runtime.bell.start(JOB, number)
    return number


def start(runtime: Runtime, backfill_id: int) -> None:
    """Begin to bring what was counted. Raises NotNow."""

    def begin(session: Session, row: Backfill) -> None:
        connection = session.get_one(Connection, row.connection_id)
        if connection.state != ConnectionState.LIVE:
            raise NotNow("The account is not live. Make it live first, then start loading.")
        row.state, row.started_at, row.resumed_at, row.problem = BackfillState.RUNNING, now(), now(), ""

    _change(runtime, backfill_id, (BackfillState.READY,), "Only what has been counted can be started.", begin)
    runtime.bell.start(JOB, backfill_id)


def pause(runtime: Runtime, backfill_id: int) -> None:
    """Ask for nothing more and set aside what waits; what is under way comes to its end. Raises NotNow."""

    def stop(session: Session, row: Backfill) -> None:
        progress.stop_clock(row)
        row.state = BackfillState.PAUSED
        set_aside(session, row.id)

    _change(runtime, backfill_id, (BackfillState.RUNNING,), "Only what is running can be paused.", stop)


def resume(runtime: Runtime, backfill_id: int) -> None:
    """Go on where it was paused. Raises NotNow."""

    def go_on(session: Session, row: Backfill) -> None:
        row.state, row.resumed_at = BackfillState.RUNNING, now()
        aside = and_(_waiting(row.id), Delivery.due_at == ASIDE)
        session.execute(update(Delivery).where(aside).values(due_at=now()).execution_options(synchronize_session=False))

    _change(runtime, backfill_id, (BackfillState.PAUSED,), "Only what is paused can be resumed.", go_on)
    runtime.bell.start(JOB, backfill_id)


def cancel(runtime: Runtime, backfill_id: int) -> None:
    """End it; what is in the CRM by now stays there. Raises NotNow."""

    _change(runtime, backfill_id, UNFINISHED, "It has ended already.", _end)


def end_all(session: Session, *of: ColumnElement[bool]) -> None:
    """Cancel those of them that go on: what they were loading into is theirs no more."""
    for row in session.scalars(select(Backfill).where(Backfill.state.in_(UNFINISHED), *of).with_for_update()):
        _end(session, row)


def parcels_since(runtime: Runtime, asked: Sequence[Delivery]) -> datetime | None:
    """Orders that were placed before this come without their parcels; None: it is not known who asked for them."""
    with runtime.database.reading() as session:
        found = session.scalars(select(Backfill).where(Backfill.id.in_({one.backfill_id for one in asked}))).all()
        return min((whole_since(row) for row in found), default=None)


def whole_since(row: Backfill) -> datetime:
    """From when on it brings orders with their parcels."""
    return row.created_at - timedelta(days=int(row.filters.get("parcels_days", PARCELS_DAYS)))


def set_aside(session: Session, backfill_id: int) -> None:
    """Let what waits wait until somebody resumes; what changes in the store meanwhile goes as ever."""
    session.execute(
        update(Delivery).where(_waiting(backfill_id)).values(due_at=ASIDE).execution_options(synchronize_session=False)
    )


def drop_waiting(session: Session, backfill_id: int) -> dict[str, int]:
    """End what waits only for the backfill; how many of each kind."""
    dropped = session.execute(
        update(Delivery)
        .where(_waiting(backfill_id))
        .values(state=State.DONE, result="cancelled", changed_at=now())
        .returning(Delivery.kind)
        .execution_options(synchronize_session=False)
    )
    found: dict[str, int] = {}
    for (kind,) in dropped:
        found[kind] = found.get(kind, 0) + 1
    return found


def freeze(session: Session, row: Backfill, cancelled: Mapping[str, int] | None = None) -> None:
    """Write down how far it came: deliveries are forgotten one day."""
    tally = progress.tallies(session, [row.id])[row.id]
    for kind, part in progress.parts(row, tally).items():
        note(row, kind, done=part.done - (cancelled or {}).get(kind, 0), failed=part.failed)


def note(row: Backfill, kind: str, **values: Any) -> None:
    """Remember something of a kind; a new object, so that the change is seen."""
    row.progress = {**row.progress, kind: {**(row.progress.get(kind) or {}), **values}}


def due(session: Session) -> list[int]:
    """Backfills that their job must look at: those that go on, and those that ended with something still waiting."""
    left = exists().where(
        Delivery.backfill_id == Backfill.id,
        Delivery.state == State.WAITING,
        Delivery.priority >= deliveries.HISTORY,
        Delivery.due_at < ASIDE,
    )
    ended = Backfill.state.in_((BackfillState.PAUSED, BackfillState.CANCELLED)) & left
    connected = Backfill.connection_id.in_(
        select(Connection.id).where(Connection.state != ConnectionState.DISCONNECTED)
    )
    going = Backfill.state.in_((BackfillState.COUNTING, BackfillState.RUNNING)) & connected
    return list(session.scalars(select(Backfill.id).where(or_(going, ended))))


def ring(runtime: Runtime) -> None:
    """Start the job of each of them, unless it was just started."""
    with runtime.database.reading() as session:
        numbers = due(session)
    for number in numbers:
        runtime.bell.start(JOB, number, once_in=TICK)


def _end(session: Session, row: Backfill) -> None:
    progress.stop_clock(row)
    row.finished_at = now()
    row.state = BackfillState.CANCELLED
    freeze(session, row, cancelled=drop_waiting(session, row.id))


def _waiting(backfill_id: int) -> ColumnElement[bool]:
    """What waits only because a backfill asked: once the record changes in the store, it is none of its any more."""
    return and_(
        Delivery.backfill_id == backfill_id,
        Delivery.state == State.WAITING,
        Delivery.priority >= deliveries.HISTORY,
    )


def _ensure_wanted(connection: Connection, kinds: Sequence[str]) -> None:
    if connection.state == ConnectionState.DISCONNECTED:
        raise NotNow("This account is not connected.")
    off = [kind for kind in kinds if kind not in wanted_kinds(connection.vendor, connection.switches)]
    if off:
        raise NotNow(f"Switched off for this account, so that they cannot be loaded: {', '.join(off)}.")


def _change(
    runtime: Runtime,
    backfill_id: int,
    allowed: Sequence[BackfillState],
    refusal: str,
    change: Callable[[Session, Backfill], None],
) -> None:
    with runtime.database.transaction() as session:
        row = session.get_one(Backfill, backfill_id, with_for_update=True)
        if row.state not in allowed:
            raise NotNow(f"{refusal} This one is {row.state}.")
        change(session, row)
    log.info("backfill", backfill=backfill_id, state=row.state)
