"""The proof of money: both sides are compared day by day, differences are told, repaired, and settled when mended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from app.connectors.base import Source, Target
from app.connectors.lists import Sale
from app.db import now
from app.errors import Retryable, StorelineError
from app.log import get_logger
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
)
from app.runtime import Runtime
from app.sync import connections, coverage, leases
from app.sync.backfills import ASIDE
from app.sync.budgets import Budget, Lane
from app.sync.days import zone_of
from app.sync.outcomes import ERASED
from app.sync.proof import Gap, Held, Proof, prove
from app.sync.repairing import ORDER, repair

TOGETHER = 7  # days that are read with one list of each side
WIDER = timedelta(days=1)  # the CRM's list: some fields have the day alone, and by another zone's calendar
RECENT = timedelta(minutes=10)  # within which a change may be on its way to us
SLICE = 20.0  # seconds of work before other jobs get their turn
GIVE_UP = timedelta(days=1)  # of a vendor who does not answer
NEVER = timedelta(days=3)  # after which a run that whoever carries it does not survive is over
CHUNK = 500  # ids a query
UNKNOWN = "???"  # a currency that is none

log = get_logger()


@dataclass(frozen=True)
class Run:
    """What one run goes by."""

    id: int
    store_id: int
    connection_id: int
    days: tuple[date, ...]  # those that are left
    zone: ZoneInfo
    covered: datetime
    channels: frozenset[str]


@dataclass(frozen=True)
class Copy:
    """What we hold of an order: when it was placed, and the version of it."""

    placed_at: datetime
    modified_at: datetime


def compare(runtime: Runtime, comparison_id: int) -> None:
    """Go on with a run, wherever it was left; one at a time of a connection."""
    run = _open(runtime, comparison_id)
    if run is None:
        return
    with leases.held(runtime.database, f"compare:{run.connection_id}") as lease:
        if lease is None:
            return
        run = _open(runtime, comparison_id)  # whoever held it may have got further
        if run is None:
            return
        try:
            is_over = _days(runtime, run, lambda: lease.lost)
        except Retryable as error:
            _wait(runtime, run, error)
            return
        except StorelineError as error:
            _end(runtime, run, ComparisonState.FAILED, error.message)
            return
    if is_over:
        _end(runtime, run, ComparisonState.DONE)
    else:
        runtime.bell.start("compare", comparison_id)


def days_of(comparison: Comparison) -> list[date]:
    """The days of a run, in their order."""
    count = (comparison.until - comparison.since).days + 1
    span = [comparison.since + timedelta(days=number) for number in range(count)]
    return [*span, *(date.fromisoformat(day) for day in comparison.more_days)]


def _open(runtime: Runtime, comparison_id: int) -> Run | None:
    with runtime.database.transaction() as session:
        row = session.get(Comparison, comparison_id, with_for_update=True)
        if row is None or row.state not in (ComparisonState.WAITING, ComparisonState.RUNNING):
            return None
        connection = session.get_one(Connection, row.connection_id)
        if connection.state != ConnectionState.LIVE:
            row.state, row.finished_at = ComparisonState.FAILED, now()
            row.problem = "The connection is not live, so what is there could not be read."
            return None
        if row.started_at < now() - NEVER:
            row.state, row.finished_at = ComparisonState.FAILED, now()
            row.problem = row.problem or "It did not come to its end."
            return None
        row.state = ComparisonState.RUNNING
        return Run(
            row.id,
            row.store_id,
            row.connection_id,
            tuple(days_of(row)[row.days_done :]),
            zone_of(connection.store),
            coverage.since(session, connection),
            frozenset(map(str, connection.channels)),
        )


def _days(runtime: Runtime, run: Run, is_lost: Callable[[], bool]) -> bool:
    """Compare what is left; whether that was all."""
    budgets = (
        Budget.of_store(runtime, run.store_id, Lane.PRODUCTS, most=1),
        Budget(runtime, run.connection_id, Lane.PRODUCTS, most=1),
    )
    source = connections.open_source(runtime, run.store_id, "compare", budgets[0])
    target = connections.open_target(runtime, run.connection_id, budgets[1])
    until = time.monotonic() + SLICE
    for days in _together(run.days):
        if is_lost() or time.monotonic() > until:
            return False
        looked_at = now()
        orders = _read(runtime, run, source, target, days)
        if is_lost():  # somebody else does these days
            return False
        with runtime.database.transaction() as session:
            proof = prove(_still(session, run, orders, looked_at))
            _write_down(session, run, days, proof, looked_at)
        runtime.bell.ring(run.connection_id)
        log.info("compared", connection=run.connection_id, days=len(days), gaps=len(proof.gaps))
    return True


def _together(days: Sequence[date]) -> Iterator[Sequence[date]]:
    """Days that follow each other, a few at once."""
    start = 0
    for end in range(1, len(days) + 1):
        follows = end < len(days) and days[end] - days[end - 1] == timedelta(days=1)
        if not follows or end - start == TOGETHER:
            yield days[start:end]
            start = end


def _read(runtime: Runtime, run: Run, source: Source, target: Target, days: Sequence[date]) -> list[Held]:
    """The orders of some days as both sides have them. Only those that have to be there, or are."""
    since = datetime.combine(days[0], clock_time(), run.zone)
    until = datetime.combine(days[-1] + timedelta(days=1), clock_time(), run.zone)
    here = {sale.order_id: sale for sale in source.sales(since, until)}
    there: dict[str, list[Sale]] = {}
    for sale in map(_storable, target.sales(since - WIDER, until + WIDER)):
        there.setdefault(sale.order_id, []).append(sale)
    found = [
        Held(order_id, sale.placed_at.astimezone(run.zone).date(), sale, tuple(there.get(order_id, ())))
        for order_id, sale in here.items()
        if order_id in there or _has_to_be_there(run, sale)
    ]
    others = {order_id: sales for order_id, sales in there.items() if order_id not in here}
    with runtime.database.reading() as session:
        copies = _copies(session, run.store_id, list(others))
    for order_id, sales in others.items():
        copy = copies.get(order_id)
        placed_at = copy.placed_at if copy is not None else sales[0].placed_at
        if since <= placed_at < until:  # else it is another day's, which its own comparison tells
            found.append(Held(order_id, placed_at.astimezone(run.zone).date(), None, tuple(sales)))
    return found


def _storable(sale: Sale) -> Sale:
    """People may have typed anything into the CRM's fields."""
    currency = sale.currency if len(sale.currency) <= 3 else UNKNOWN
    return replace(sale, order_id=sale.order_id[:32], currency=currency)


def _has_to_be_there(run: Run, sale: Sale) -> bool:
    return sale.placed_at >= run.covered and (not run.channels or sale.channel_id in run.channels)


def _still(session: Session, run: Run, orders: Sequence[Held], looked_at: datetime) -> list[Held]:
    """Without the orders that differ because they are on their way just now; what was told before stays told."""
    odd = [held.order_id for held in orders if held.kind is not None]
    moving = _moving(session, run, odd, looked_at)
    copies = _copies(session, run.store_id, odd)
    told = set(
        session.scalars(
            select(Difference.order_id).where(
                Difference.connection_id == run.connection_id, Difference.settled_at.is_(None)
            )
        )
    )
    return [
        held
        for held in orders
        if held.kind is None
        or held.order_id in told
        or not (held.order_id in moving or _is_young(held, copies.get(held.order_id), looked_at))
    ]


def _moving(session: Session, run: Run, ids: Sequence[str], looked_at: datetime) -> set[str]:
    """Orders with a delivery that waits, unless it was set aside, runs, or has ended since we looked; and those that
    may not be carried."""
    found: set[str] = set()
    for start in range(0, len(ids), CHUNK):
        waits = (Delivery.state == State.WAITING) & (Delivery.due_at < ASIDE)
        under_way = waits | (Delivery.state == State.RUNNING) | (Delivery.changed_at >= looked_at)
        not_ours = Delivery.result == ERASED  # of a person who was erased here: nothing of theirs is carried any more
        query = select(Delivery.record_id).where(
            Delivery.connection_id == run.connection_id,
            Delivery.kind == ORDER,
            Delivery.record_id.in_(ids[start : start + CHUNK]),
            under_way | not_ours,
        )
        found |= set(session.scalars(query))
    return found


def _is_young(held: Held, copy: Copy | None, looked_at: datetime) -> bool:
    """Whether it changed so short a time ago that we may not have heard of it, or only since both were read."""
    changed = held.here.modified_at if held.here is not None else None
    if changed is None:
        return False
    seen = copy.modified_at if copy is not None else None
    return (changed > looked_at - RECENT and (seen is None or seen < changed)) or (seen is not None and seen > changed)


def _copies(session: Session, store_id: int, ids: Sequence[str]) -> Mapping[str, Copy]:
    """Without the orders themselves: a CRM may have very many."""
    found: dict[str, Copy] = {}
    columns = OrderCopy.order_id, OrderCopy.placed_at, OrderCopy.modified_at
    for start in range(0, len(ids), CHUNK):
        own = OrderCopy.store_id == store_id, OrderCopy.order_id.in_(ids[start : start + CHUNK])
        for order_id, placed_at, modified_at in session.execute(select(*columns).where(*own)):
            found[order_id] = Copy(placed_at, modified_at)
    return found


def _write_down(session: Session, run: Run, days: Sequence[date], proof: Proof, looked_at: datetime) -> None:
    """Sums, differences and repairs of some days in one transaction: whoever dies does it again."""
    connection_id = run.connection_id
    session.execute(delete(DayTotal).where(DayTotal.connection_id == connection_id, DayTotal.day.in_(days)))
    for (day, currency), total in proof.sums.items():
        session.add(
            DayTotal(
                connection_id=connection_id, day=day, currency=currency, checked_at=looked_at,
                store_orders=total.store_orders, crm_orders=total.crm_orders,
                store_total=total.store_total, crm_total=total.crm_total,
            )
        )  # fmt: skip
    open_ones = _settle(session, connection_id, days, proof, looked_at)
    differences = [_difference(session, connection_id, gap, open_ones, looked_at) for gap in proof.gaps]
    row = session.get_one(Comparison, run.id)
    row.days_done += len(days)
    row.orders += proof.orders
    row.differences += len({gap.held.order_id for gap in proof.gaps})
    row.repaired += repair(session, session.get_one(Connection, connection_id), differences, by_hand=False)


def _settle(
    session: Session, connection_id: int, days: Sequence[date], proof: Proof, looked_at: datetime
) -> dict[tuple[str, str], Difference]:
    """What differed on these days and does not any more; all that was ever told of the orders that differ now."""
    found = {(gap.held.order_id, gap.currency) for gap in proof.gaps}
    ids = sorted({order_id for order_id, _ in found})
    conditions: list[ColumnElement[bool]] = [Difference.day.in_(days) & Difference.settled_at.is_(None)]
    conditions += [Difference.order_id.in_(ids[start : start + CHUNK]) for start in range(0, len(ids), CHUNK)]
    known = {}
    for condition in conditions:
        for one in session.scalars(select(Difference).where(Difference.connection_id == connection_id, condition)):
            if (one.order_id, one.currency) in found:
                known[(one.order_id, one.currency)] = one
            elif one.settled_at is None:
                one.settled_at = looked_at
    return known


def _difference(
    session: Session, connection_id: int, gap: Gap, known: Mapping[tuple[str, str], Difference], looked_at: datetime
) -> Difference:
    one = known.get((gap.held.order_id, gap.currency))
    if one is None:
        one = Difference(connection_id=connection_id, order_id=gap.held.order_id, currency=gap.currency)
        session.add(one)
    if one.settled_at is not None or one.found_at is None:
        one.found_at, one.settled_at = looked_at, None
    one.day, one.kind, one.store_net, one.crm_net = gap.held.day, gap.kind, gap.store_net, gap.crm_net
    first = gap.held.there[0] if gap.held.there else None
    one.their_kind, one.their_id = (first.their_kind, first.their_id) if first is not None else ("", "")
    return one


def _wait(runtime: Runtime, run: Run, error: Retryable) -> None:
    """Somebody does not answer: the clock starts it again, until that has gone on for too long."""
    with runtime.database.transaction() as session:
        row = session.get_one(Comparison, run.id)
        row.problem = error.message[:1000]
        if row.started_at < now() - GIVE_UP:
            row.state, row.finished_at = ComparisonState.FAILED, now()
    log.warning("comparison", id=run.id, code=error.code)


def _end(runtime: Runtime, run: Run, state: ComparisonState, problem: str = "") -> None:
    with runtime.database.transaction() as session:
        row = session.get_one(Comparison, run.id)
        row.state, row.problem, row.finished_at = state, problem[:1000], now()
    log.info("comparison", id=run.id, state=state.value)
