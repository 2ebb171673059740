"""What changed in the store and nobody told us of: lists by the time of change, from where we last were."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.connectors import registry
from app.connectors.base import Source
from app.connectors.lists import Head, Span
from app.db import insert_new, now
from app.errors import Reauthorize, Rejected, Retryable, Unsupported
from app.log import get_logger
from app.models import Connection, ConnectionState, Cursor, Delivery, InboxEvent, State, Store, StoreState
from app.models.store import COLLECTING
from app.runtime import Runtime
from app.sync import breaker, connections, coverage, deliveries, hooks, leases
from app.sync.budgets import Budget, Lane
from app.sync.connections import wanted_kinds

KINDS = ("order", "customer", "product", "company")  # those that the store lists by their change
PREFIX = coverage.LOOKED
OVERLAP = timedelta(minutes=5)  # clocks differ, and what changed may become visible late
GRACE = timedelta(minutes=5)  # that a webhook may take
QUIET = timedelta(minutes=20)  # without a webhook, where there was one today
AGAIN = 50  # seconds between two starts of the same job: one that failed is tried again with the next look of the clock
CHUNK = 500  # ids a query
DROPPED = ("cancelled", "disconnected")  # results of deliveries that ended without having been carried
WHOLE = timedelta(seconds=1)  # the store tells times in whole seconds: what was asked for within one may be older

log = get_logger()


@dataclass(frozen=True)
class Reader:
    """A connection that collects, and the time up to which it has heard of a kind, or did not want to."""

    connection_id: int
    since: datetime
    is_wanted: bool


@dataclass
class Found:
    """What a look through a store brought."""

    asked: int = 0
    untold: int = 0  # of these, changes that a webhook should have told of by then


def due(runtime: Runtime) -> list[int]:
    """Stores that were not looked through for a while, or have gone quiet; or with a connection that is back."""
    at = now()
    every = timedelta(minutes=int(runtime.settings.refill_minutes))
    with runtime.database.reading() as session:
        rows = session.execute(
            select(Connection.id, Connection.store_id, Connection.connected_at)
            .join(Store)
            .where(
                Connection.state.in_(COLLECTING),
                Connection.vendor.in_(registry.VENDORS),
                Store.state == StoreState.ACTIVE,
            )
        ).all()
        read = {
            row.connection_id: row for row in session.scalars(select(Cursor).where(Cursor.name == PREFIX + KINDS[0]))
        }
        overdue = set()
        for connection_id, store_id, connected_at in rows:
            cursor = read.get(connection_id)
            is_read = cursor is not None and cursor.read_at >= connected_at
            read_at = cursor.read_at if cursor is not None and is_read else at - every
            if read_at <= at - every or (read_at <= at - QUIET and _is_quiet(session, store_id, at)):
                overdue.add(store_id)
    return sorted(overdue)


def ring(runtime: Runtime) -> None:
    """Start what is due."""
    for store_id in due(runtime):
        runtime.bell.start("refill", store_id, once_in=AGAIN)


def refill(runtime: Runtime, store_id: int) -> Found:
    """Ask for whatever changed and is on its way to nobody; one at a time of a store. Raises Retryable."""
    found = Found()
    with leases.held(runtime.database, f"refill:{store_id}") as lease:
        if lease is None:
            return found
        try:
            budget = Budget.of_store(runtime, store_id, Lane.PRODUCTS, most=1)
            source = connections.open_source(runtime, store_id, "refill", budget)
            for kind in KINDS:
                _refill_kind(runtime, store_id, source, kind, found)
        except Reauthorize as error:
            breaker.store_refused(runtime, store_id, error)
    if found.asked:
        log.warning("refilled", store=store_id, asked=found.asked, untold=found.untold)
        _ring(runtime, store_id)
    if found.untold:  # something keeps webhooks from coming
        hooks.ensure(runtime, store_id)
    return found


def _refill_kind(runtime: Runtime, store_id: int, source: Source, kind: str, found: Found) -> None:
    started, is_seen = now(), True
    readers = _readers(runtime, store_id, kind)
    wanted = [reader for reader in readers if reader.is_wanted]
    try:
        _walk(runtime, store_id, source, kind, wanted, found)
    except (Retryable, Reauthorize):
        raise
    except Unsupported as error:  # a kind that this store does not have
        log.warning("refill", store=store_id, kind=kind, error=error.code)
    except Rejected as error:  # it keeps no other one back, and is looked through from the same place once it is shown
        log.warning("refill", store=store_id, kind=kind, error=error.code)
        is_seen = False
    with runtime.database.transaction() as session:  # after the deliveries: whoever dies in between looks again
        for reader in readers:
            _keep(session, reader, kind, started, is_seen=is_seen or not reader.is_wanted)


def _walk(runtime: Runtime, store_id: int, source: Source, kind: str, readers: Sequence[Reader], found: Found) -> None:
    started, cursor, more = now(), "", bool(readers)
    since = min((reader.since for reader in readers), default=started)
    while more:
        page = source.page(kind, Span(since=since, by="modified"), cursor)
        _ask(runtime, store_id, kind, readers, page.heads, found, started)
        cursor, more = page.cursor, page.more


def _readers(runtime: Runtime, store_id: int, kind: str) -> list[Reader]:
    """Connections that collect. Of what changed before they were first connected they hear nothing."""
    found = []
    with runtime.database.transaction() as session:
        collecting = select(Connection).where(
            Connection.store_id == store_id,
            Connection.vendor.in_(registry.VENDORS),
            Connection.state.in_(COLLECTING),
        )
        for connection in session.scalars(collecting):
            is_wanted = kind in wanted_kinds(connection.vendor, connection.switches)
            coverage.note(session, connection)
            session.flush()
            first = coverage.connected(session, connection)
            cursor = session.get(Cursor, (connection.id, PREFIX + kind))
            since = datetime.fromisoformat(cursor.value) - OVERLAP if cursor is not None else first
            found.append(Reader(connection.id, max(since, first), is_wanted))
    return found


def _ask(
    runtime: Runtime,
    store_id: int,
    kind: str,
    readers: Sequence[Reader],
    heads: Sequence[Head],
    found: Found,
    started: datetime,
) -> None:
    for reader in readers:
        changed = [head for head in heads if head.modified_at >= reader.since]
        with runtime.database.transaction() as session:
            unseen = _unseen(session, reader.connection_id, kind, changed)
            for head in unseen:
                correlation_id = uuid.uuid4().hex
                deliveries.request(session, store_id, reader.connection_id, kind, head.id, correlation_id)
        found.asked += len(unseen)
        found.untold += sum(head.modified_at < started - GRACE for head in unseen)


def _unseen(session: Session, connection_id: int, kind: str, heads: Sequence[Head]) -> list[Head]:
    """Those that nobody has asked for since they changed. What only history asked for may be set aside or dropped."""
    newest: dict[str, datetime] = {}
    waiting: set[str] = set()
    ids = [head.id for head in heads]
    for start in range(0, len(ids), CHUNK):
        query = select(Delivery.record_id, Delivery.created_at, Delivery.state).where(
            Delivery.connection_id == connection_id,
            Delivery.kind == kind,
            Delivery.record_id.in_(ids[start : start + CHUNK]),
            or_(Delivery.priority < deliveries.HISTORY, Delivery.state != State.WAITING),
            Delivery.result.not_in(DROPPED),
        )
        for record_id, created_at, state in session.execute(query):
            newest[record_id] = max(created_at, newest.get(record_id, created_at))
            waiting |= {record_id} if state == State.WAITING else set()
    return [
        head
        for head in heads
        if head.id not in waiting and (head.id not in newest or newest[head.id] < head.modified_at + WHOLE)
    ]


def _keep(session: Session, reader: Reader, kind: str, at: datetime, *, is_seen: bool) -> None:
    """That a kind was looked through at a time; not `seen`: that it was only tried."""
    value = (at if is_seen else reader.since).isoformat()
    row = {"connection_id": reader.connection_id, "name": PREFIX + kind, "value": value}
    if not insert_new(session, Cursor, {**row, "resync": False, "read_at": at}):
        kept = session.get_one(Cursor, (reader.connection_id, PREFIX + kind))
        kept.value, kept.resync, kept.read_at = value if is_seen else kept.value, False, at


def _is_quiet(session: Session, store_id: int, at: datetime) -> bool:
    """No webhook of late, though there was one in the last day."""
    of_store = (InboxEvent.store_id == store_id, InboxEvent.vendor == registry.SOURCE)
    late = select(InboxEvent.id).where(*of_store, InboxEvent.received_at > at - QUIET).limit(1)
    today = select(InboxEvent.id).where(*of_store, InboxEvent.received_at > at - timedelta(days=1)).limit(1)
    return session.scalar(late) is None and session.scalar(today) is not None


def _ring(runtime: Runtime, store_id: int) -> None:
    with runtime.database.reading() as session:
        live = session.scalars(
            select(Connection.id).where(
                Connection.store_id == store_id,
                Connection.vendor.in_(registry.VENDORS),
                Connection.state == ConnectionState.LIVE,
            )
        ).all()
    for connection_id in live:
        runtime.bell.ring(connection_id)
