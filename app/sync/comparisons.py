"""When both sides are compared: at a person's word, and every night the last week with older orders that changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import Session

from app.connectors import registry
from app.db import now
from app.errors import Rejected
from app.models import (
    Comparison,
    ComparisonState,
    Connection,
    ConnectionState,
    DayTotal,
    Delivery,
    Difference,
    OrderCopy,
    State,
    Store,
    StoreState,
)
from app.runtime import Runtime
from app.sync import coverage
from app.sync.connections import wanted_kinds
from app.sync.days import moment, today, zone_of
from app.sync.repairing import ORDER, repair

NIGHTLY = 7  # days before the current one
MOST_EARLIER = 100  # days of older orders that one night looks at, the latest first
AGAIN = 300  # seconds between two starts of the same job
LATE = timedelta(hours=6)  # within which we have heard of a change, though nobody told us of it
PORTION = 500  # orders that one transaction asks for: a webhook must not wait for all of them
SPREAD = 60  # minutes over which the connections of an installation begin
UNDER_WAY = (ComparisonState.WAITING, ComparisonState.RUNNING)


def start(runtime: Runtime, connection_id: int, since: date, until: date, asked_by: str) -> Comparison:
    """Compare a range of days, both included. Raises Rejected with status 409 while another run is under way."""
    with runtime.database.transaction() as session:
        connection = session.get_one(Connection, connection_id, with_for_update=True)
        if ORDER not in wanted_kinds(connection.vendor, connection.switches):
            raise Rejected("Orders are switched off here: there is nothing to compare.", code="NO_ORDERS")
        if running(session, connection_id) is not None:
            raise Rejected("A comparison is under way; wait for its end.", code="RUNNING", status=409)
        row = _row(session, connection, since, until, asked_by)
    runtime.bell.start("compare", row.id)
    return row


def running(session: Session, connection_id: int) -> Comparison | None:
    """The run that is under way."""
    return session.scalar(
        select(Comparison).where(Comparison.connection_id == connection_id, Comparison.state.in_(UNDER_WAY)).limit(1)
    )


def latest(session: Session, connection_id: int) -> Comparison | None:
    """The last run that was started."""
    newest = select(Comparison).where(Comparison.connection_id == connection_id).order_by(Comparison.id.desc())
    return session.scalar(newest.limit(1))


def start_nightly(runtime: Runtime) -> int:
    """Begin what this night owes; how many."""
    live = (
        select(Connection)
        .join(Store)
        .where(
            Connection.state == ConnectionState.LIVE,
            Connection.vendor.in_(registry.VENDORS),
            Store.state == StoreState.ACTIVE,
        )
    )
    with runtime.database.reading() as session:
        owing = [connection.id for connection in session.scalars(live) if _owes(runtime, session, connection)]
    return sum(_begin_night(runtime, connection_id) for connection_id in owing)


def ring(runtime: Runtime) -> None:
    """Begin what this night owes and what was mended asks for; go on with runs whose job or worker got lost."""
    start_nightly(runtime)
    start_again(runtime)
    with runtime.database.reading() as session:
        ids = session.scalars(select(Comparison.id).where(Comparison.state.in_(UNDER_WAY))).all()
    for comparison_id in ids:
        runtime.bell.start("compare", comparison_id, once_in=AGAIN)


def start_again(runtime: Runtime) -> int:
    """Look once more at days with an order that was brought anew since they were compared; at how many connections."""
    mended = exists().where(
        Delivery.connection_id == Difference.connection_id,
        Delivery.kind == ORDER,
        Delivery.record_id == Difference.order_id,
        Delivery.state == State.DONE,
        Delivery.created_at >= Difference.found_at,
        Delivery.changed_at > DayTotal.checked_at,
    )
    of_day = and_(
        DayTotal.connection_id == Difference.connection_id,
        DayTotal.day == Difference.day,
        DayTotal.currency == Difference.currency,
    )
    query = select(Difference.connection_id, Difference.day).join(DayTotal, of_day)
    with runtime.database.reading() as session:
        rows = session.execute(query.where(Difference.settled_at.is_(None), mended).distinct()).all()
    days: dict[int, set[date]] = {}
    for connection_id, day in rows:
        days.setdefault(connection_id, set()).add(day)
    return sum(_look_again(runtime, connection_id, sorted(found)) for connection_id, found in days.items())


def repair_open(runtime: Runtime, connection_id: int, order_ids: Sequence[str] | None) -> int:
    """Bring orders that differ anew, all of them for None; how many were asked for."""
    wanted = [Difference.connection_id == connection_id, Difference.settled_at.is_(None)]
    if order_ids is not None:
        wanted.append(Difference.order_id.in_(order_ids))
    with runtime.database.reading() as session:
        ids = session.scalars(select(Difference.order_id).where(*wanted).distinct().order_by(Difference.order_id)).all()
        is_live = session.get_one(Connection, connection_id).state == ConnectionState.LIVE
    asked = sum(_repair(runtime, connection_id, ids[at : at + PORTION]) for at in range(0, len(ids), PORTION))
    if is_live:
        runtime.bell.ring(connection_id)
    return asked


def _repair(runtime: Runtime, connection_id: int, ids: Sequence[str]) -> int:
    chosen = Difference.connection_id == connection_id, Difference.order_id.in_(ids), Difference.settled_at.is_(None)
    with runtime.database.transaction() as session:
        differences = session.scalars(select(Difference).where(*chosen)).all()
        return repair(session, session.get_one(Connection, connection_id), differences, by_hand=True)


def _look_again(runtime: Runtime, connection_id: int, days: Sequence[date]) -> bool:
    with runtime.database.transaction() as session:
        connection = session.get_one(Connection, connection_id, with_for_update=True)
        if connection.state != ConnectionState.LIVE or running(session, connection_id) is not None:
            return False
        *earlier, last = days[-MOST_EARLIER:]
        row = _row(session, connection, last, last, "")
        row.more_days = [day.isoformat() for day in earlier]
    return runtime.bell.start("compare", row.id)


def _owes(runtime: Runtime, session: Session, connection: Connection) -> bool:
    """Whether tonight's comparison of a connection is due and has not begun."""
    begins = _tonight(runtime, connection.store, connection.id)
    if now() < begins or ORDER not in wanted_kinds(connection.vendor, connection.switches):
        return False
    last = _last_night(session, connection.id)
    is_new = coverage.since(session, connection) >= begins
    return not is_new and (last is None or last < begins) and running(session, connection.id) is None


def _begin_night(runtime: Runtime, connection_id: int) -> bool:
    with runtime.database.transaction() as session:
        connection = session.get_one(Connection, connection_id, with_for_update=True)
        if not _owes(runtime, session, connection):  # another clock was faster
            return False
        day, last = today(connection.store, now()), _last_night(session, connection_id, is_done=True)
        row = _row(session, connection, day - timedelta(days=NIGHTLY), day, "")
        row.is_nightly, row.more_days = True, _earlier(session, connection, last, row.since)
    return runtime.bell.start("compare", row.id)


def _tonight(runtime: Runtime, store: Store, connection_id: int) -> datetime:
    """When today's comparison of a connection begins: not all at once."""
    at = time(int(runtime.settings.compare_hour) % 24, connection_id * 7 % SPREAD)
    return moment(store, today(store, now()), at)


def _last_night(session: Session, connection_id: int, *, is_done: bool = False) -> datetime | None:
    """When the last one began, or the last that came to its end."""
    nights = select(Comparison.started_at).where(Comparison.connection_id == connection_id, Comparison.is_nightly)
    if is_done:
        nights = nights.where(Comparison.state == ComparisonState.DONE)
    return session.scalar(nights.order_by(Comparison.id.desc()).limit(1))


def _earlier(session: Session, connection: Connection, last: datetime | None, since: date) -> list[str]:
    """Days before a range whose orders have changed since the last night, or differed then."""
    store = connection.store
    first = moment(store, since, time())
    changed = select(OrderCopy.placed_at).where(
        OrderCopy.store_id == store.id,
        OrderCopy.placed_at < first,
        OrderCopy.modified_at >= (last - LATE if last is not None else first),
    )
    zone = zone_of(store)
    days = {placed_at.astimezone(zone).date() for placed_at in session.scalars(changed)}
    still = select(Difference.day).where(
        Difference.connection_id == connection.id, Difference.settled_at.is_(None), Difference.day < since
    )
    days |= set(session.scalars(still.distinct()))
    return [day.isoformat() for day in sorted(days)[-MOST_EARLIER:]]


def _row(session: Session, connection: Connection, since: date, until: date, asked_by: str) -> Comparison:
    row = Comparison(
        store_id=connection.store_id, connection_id=connection.id, since=since, until=until, asked_by=asked_by[:255],
        state=ComparisonState.WAITING, more_days=[], days_done=0, orders=0, differences=0, repaired=0, problem="",
        started_at=now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row
