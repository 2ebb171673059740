"""The job of a backfill: count, then list the store's records page by page and ask for their deliveries.

The place in the list is kept in the transaction that asks, so that a job that dies anywhere loses and doubles nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.connectors.base import Source
from app.connectors.lists import Heads, Span
from app.db import now
from app.errors import Misconfigured, Reauthorize, Rejected, Retryable, StorelineError
from app.log import get_logger
from app.models import Attempt, Backfill, BackfillState, Connection, ConnectionState, Delivery, State
from app.runtime import Runtime
from app.sync import backfills, breaker, connections, costs, deliveries, forecast, leases, progress
from app.sync.allowances import BUDGET
from app.sync.budgets import Budget
from app.sync.forecast import Part
from app.sync.lanes import Lane

WINDOW = 2_000  # deliveries of a backfill that are open at once; more are asked for once half of them has settled
HISTORY = "history"  # the purpose that the store is told
EVER = datetime(1970, 1, 1, tzinfo=UTC)
SLICE = 20.0  # seconds of work before other jobs get their turn
LARGE = 5_000  # records from which on a part of each kind goes first: how fast the last kind goes is known early then
SAMPLE = 0.04  # this part
LEAST = 600  # records of a sample, so that all hands have something to do

log = get_logger()


@dataclass(frozen=True)
class Step:
    """The page that is to be asked for next."""

    kind: str
    span: Span
    cursor: str
    settled: int  # of this kind until now


def run(runtime: Runtime, backfill_id: int) -> None:
    """Look after a backfill once; the clock starts this again and again while it goes on."""
    with leases.held(runtime.database, f"backfill:{backfill_id}") as lease:
        if lease is None:
            return
        with runtime.database.reading() as session:
            row = session.get(Backfill, backfill_id)
            if row is None:
                return
            connection = session.get_one(Connection, row.connection_id)
        match row.state:
            case BackfillState.COUNTING | BackfillState.RUNNING if connection.state == ConnectionState.DISCONNECTED:
                return  # it goes on when somebody connects again
            case BackfillState.COUNTING:
                _guarded(runtime, backfill_id, lambda: _count(runtime, backfill_id))
            case BackfillState.RUNNING:
                _guarded(runtime, backfill_id, lambda: _feed(runtime, backfill_id, lease))
            case BackfillState.PAUSED:
                with runtime.database.transaction() as session:
                    backfills.set_aside(session, backfill_id)
            case BackfillState.CANCELLED:
                with runtime.database.transaction() as session:
                    backfills.drop_waiting(session, backfill_id)


def span_of(row: Backfill, connection: Connection) -> Span:
    """Which records of the store it holds: what would not be sent anyhow is not asked for."""
    channels = row.filters.get("channels") or connection.channels
    least = row.filters.get("min_total")
    filters = {
        "status": tuple(map(str, row.filters.get("statuses") or ())),
        "channel": tuple(map(str, channels)),
        "min_total": (str(least),) if least else (),
    }
    return Span(row.since, row.until, filters=filters)


# ---- counting


def _count(runtime: Runtime, backfill_id: int) -> None:
    with runtime.database.reading() as session:
        row = session.get_one(Backfill, backfill_id)
        span = span_of(row, session.get_one(Connection, row.connection_id))
    with Budget.of_store(runtime, row.store_id, Lane.HISTORY) as budget:
        source = connections.open_source(runtime, row.store_id, HISTORY, budget)
        records = {kind: source.count(kind, span) for kind in row.kinds}
        recent = replace(span, since=max(backfills.whole_since(row), row.since or EVER))
        is_empty = not records.get("order") or (row.until is not None and row.until < backfills.whole_since(row))
        last, parcels = (0, 0) if is_empty else _with_parcels(source, recent)
    ratios = costs.ratios(runtime, row.connection_id, records)
    limits = costs.limits(runtime, row.store_id, row.connection_id)
    foreseen = forecast.foresee(records, ratios, limits, parcels)
    label = costs.label_of(runtime, row.connection_id)
    with runtime.database.transaction() as session:
        row = session.get_one(Backfill, backfill_id, with_for_update=True)
        if row.state != BackfillState.COUNTING:
            return
        row.state, row.problem = BackfillState.READY, ""
        row.forecast = {
            "records": dict(foreseen.records),
            "calls": {"store": foreseen.store_calls, "crm": foreseen.crm_calls},
            "seconds": round(foreseen.seconds),
            "fits": foreseen.fits,
            "words": forecast.words(foreseen, label),
        }
        for kind, number in records.items():
            backfills.note(row, kind, total=number, asked=0, cursor="", expected=ratios[kind].seconds)
        if last:
            backfills.note(row, "order", tail=[parcels / limits.store_per_second, last], parcels=parcels)


def _with_parcels(source: Source, span: Span) -> tuple[int, int]:
    """How many orders there are, and how many of them have parcels, judged by the first page."""
    number, heads = source.count("order", span), source.page("order", span, "").heads
    return number, round(number * sum(head.has_parcels for head in heads) / max(len(heads), 1))


# ---- asking


def _feed(runtime: Runtime, backfill_id: int, lease: leases.Lasting) -> None:
    until = time.monotonic() + SLICE
    step, row = _next(runtime, backfill_id)
    if step is None:
        return
    with Budget.of_store(runtime, row.store_id, Lane.HISTORY) as budget:
        source = connections.open_source(runtime, row.store_id, HISTORY, budget)
        while step is not None and not lease.lost and time.monotonic() < until:
            page = source.page(step.kind, step.span, step.cursor)
            if not _ask(runtime, backfill_id, step, page):
                return
            runtime.bell.ring(row.connection_id)
            step, row = _next(runtime, backfill_id)


def _next(runtime: Runtime, backfill_id: int) -> tuple[Step | None, Backfill]:
    """What to ask for now, if anything; on the way it is written down how fast it goes, and that it has ended."""
    with runtime.database.transaction() as session:
        row = session.get_one(Backfill, backfill_id, with_for_update=True)
        connection = session.get_one(Connection, row.connection_id)
        if row.state != BackfillState.RUNNING:
            return None, row
        tally = progress.tallies(session, [row.id])[row.id]
        parts = progress.parts(row, tally)
        if all(part.listed and not part.left for part in parts.values()):
            _end_turns(session, row, parts)
            _finish(session, row)
            return None, row
        if not _takes(connection):
            progress.stop_clock(row)
            return None, row
        row.resumed_at = row.resumed_at or now()
        kind = _turn(parts)
        if kind is None or not _may_ask(session, row, kind, tally):
            return None, row
        _end_turns(session, row, {other: part for other, part in parts.items() if other != kind})
        cursor = str((row.progress.get(kind) or {}).get("cursor") or "")
        return Step(kind, span_of(row, connection), cursor, parts[kind].settled), row


def follow(runtime: Runtime, settled: Sequence[Delivery]) -> None:
    """Have the job look after the backfills of these at once if there is something to do for it, and not seconds later
    when the clock does."""
    for number in sorted({one.backfill_id for one in settled if one.backfill_id is not None}):
        with runtime.database.reading() as session:
            is_idle = _is_idle(session, number)
        if is_idle:
            runtime.bell.start(backfills.JOB, number)


def _is_idle(session: Session, backfill_id: int) -> bool:
    """Whether its end could be noted, or more be asked for."""
    row = session.get(Backfill, backfill_id)
    if row is None or row.state != BackfillState.RUNNING:
        return False
    tally = progress.tallies(session, [row.id])[row.id]
    parts = progress.parts(row, tally)
    kind = _turn(parts)
    return not any(part.left for part in parts.values()) if kind is None else _may_ask(session, row, kind, tally)


def _takes(connection: Connection) -> bool:
    is_held = connection.hold_until is not None and connection.hold_until > now()
    return connection.state == ConnectionState.LIVE and not is_held


def _turn(parts: Mapping[str, Part]) -> str | None:
    """The kind that is asked for next: of a large history a sample of each, then the kinds one after the other."""
    open_ones = {kind: part for kind, part in parts.items() if not part.listed}
    if sum(part.total for part in parts.values()) >= LARGE:
        for kind, part in open_ones.items():
            if part.asked < max(part.total * SAMPLE, LEAST):
                return kind
    return next(iter(open_ones), None)


def _may_ask(session: Session, row: Backfill, kind: str, tally: progress.Tally) -> bool:
    """Not while enough is open, nor before the kind before it went its way."""
    if sum(states.get(state, 0) for states in tally.values() for state in progress.UNSETTLED) > WINDOW // 2:
        return False
    fresh = select(func.count()).where(
        Delivery.backfill_id == row.id,
        Delivery.kind != kind,
        (Delivery.state == State.RUNNING) | ((Delivery.state == State.WAITING) & (Delivery.attempts == 0)),
    )
    return not session.scalar(fresh)


def _ask(runtime: Runtime, backfill_id: int, step: Step, page: Heads) -> bool:
    """Ask for the records of a page, and remember where the next one starts; False if it was stopped meanwhile."""
    with runtime.database.transaction() as session:
        row = session.get_one(Backfill, backfill_id, with_for_update=True)
        noted: dict[str, Any] = row.progress.get(step.kind) or {}
        if row.state != BackfillState.RUNNING or (noted.get("cursor") or "") != step.cursor:
            return False
        ids = list(dict.fromkeys(head.id for head in page.heads))
        asked = _asked(session, row, step.kind, ids)
        new = [record_id for record_id in ids if record_id not in asked]
        # What waits already, because it just changed, goes sooner than it would here.
        own = (row.store_id, row.connection_id, step.kind)
        deliveries.request_many(session, *own, dict.fromkeys(new, f"backfill-{row.id}"), row.id)
        row.problem = ""
        if not noted.get("mark"):
            begun = [progress.ran(row, now()), step.settled]
            backfills.note(row, step.kind, mark=begun, before=costs.calls_so_far(session, row))
        backfills.note(
            row, step.kind, asked=int(noted.get("asked") or 0) + len(new), cursor=page.cursor, listed=not page.more
        )
    return True


def _asked(session: Session, row: Backfill, kind: str, ids: Sequence[str]) -> set[str]:
    """A list may tell of a record twice."""
    query = select(Delivery.record_id).where(
        Delivery.connection_id == row.connection_id,
        Delivery.kind == kind,
        Delivery.record_id.in_(ids),
        Delivery.backfill_id == row.id,
    )
    return set(session.scalars(query))


def _end_turns(session: Session, row: Backfill, parts: Mapping[str, Part]) -> None:
    """Note of each kind that had its turn how long its records took, and how many calls."""
    for kind, part in parts.items():
        if part.mark is None:
            continue
        own = (Delivery.backfill_id == row.id, Delivery.kind == kind, Delivery.state.not_in(progress.UNSETTLED))
        settled = part.settled - part.mark.settled
        last = session.scalar(select(func.max(Delivery.changed_at)).where(*own)) or now()
        seconds = max(progress.ran(row, last) - part.mark.seconds, 0.0)
        if settled and not part.listed:
            seconds = min(seconds, settled * _pace_of_sample(session, own))
        noted = row.progress[kind]
        made = zip(costs.calls_so_far(session, row), noted["before"], strict=True)
        turn = (seconds, settled, *(max(after - before, 0) for after, before in made))
        took = [before + now_too for before, now_too in zip(noted.get("took") or [0.0, 0, 0, 0], turn, strict=True)]
        backfills.note(row, kind, took=took, mark=None)


def _pace_of_sample(session: Session, own: Sequence[ColumnElement[bool]]) -> float:
    first = session.scalar(select(func.min(Attempt.started_at)).join(Attempt.delivery).where(*own))
    batches = select(func.max(Delivery.changed_at), func.count()).where(*own).group_by(Delivery.batch)
    return forecast.steady(first, [(end, number) for end, number in session.execute(batches)])


def _finish(session: Session, row: Backfill) -> None:
    progress.stop_clock(row)
    row.finished_at, row.state = now(), BackfillState.DONE
    backfills.freeze(session, row)
    log.info("backfill", backfill=row.id, state=row.state, seconds=round(row.seconds))


# ---- trouble


def _guarded(runtime: Runtime, backfill_id: int, work: Callable[[], None]) -> None:
    """Time cures some errors, access to the store others; what is left is a choice that the store refuses."""
    try:
        work()
    except Retryable as error:
        if error.code != BUDGET:
            row = _tell(runtime, backfill_id, error)
            if row.state == BackfillState.RUNNING:  # counting asks for little, and a person waits for it
                breaker.hold(runtime, row.connection_id, error)
    except (Reauthorize, Misconfigured) as error:
        with runtime.database.reading() as session:
            store_id = session.get_one(Backfill, backfill_id).store_id
        breaker.store_refused(runtime, store_id, error)
        _tell(runtime, backfill_id, error)
    except Rejected as error:
        _tell(runtime, backfill_id, error, ends=True)


def _tell(runtime: Runtime, backfill_id: int, error: StorelineError, *, ends: bool = False) -> Backfill:
    """Write down what is wrong."""
    log.warning("backfill", backfill=backfill_id, error=error.code)
    with runtime.database.transaction() as session:
        row = session.get_one(Backfill, backfill_id, with_for_update=True)
        row.problem = error.message[:1000]
        if ends:
            progress.stop_clock(row)
            row.finished_at, row.state = now(), BackfillState.FAILED
        return row
