"""Write it down, then answer: a vendor's notice becomes a row, and a waiting delivery per connection that cares."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import Enum
from functools import partial

from sqlalchemy import Connection as DbConnection
from sqlalchemy import select

from app.connectors.base import Event
from app.db import insert_new, now
from app.log import get_logger
from app.models import Connection, ConnectionState, Delivery, InboxEvent, State, Store, StoreState
from app.models.store import COLLECTING
from app.runtime import Runtime
from app.sync import deliveries
from app.sync.connections import wanted_kinds

log = get_logger()


class Receipt(Enum):
    """What became of a notice."""

    NEW = "new"
    DUPLICATE = "duplicate"
    UNKNOWN_STORE = "unknown store"


@dataclass(frozen=True)
class _Interested:
    """A connection that collects, and the kinds of records that it wants."""

    id: int
    kinds: frozenset[str]
    is_live: bool


def receive(runtime: Runtime, vendor: str, event: Event) -> Receipt:
    """Keep a verified notice. Once this returns it is durable; a notice that came before changes nothing."""
    receipt, ring = runtime.database.write(partial(_record, vendor=vendor, event=event))
    for connection_id in ring:
        runtime.bell.ring(connection_id)
    log.info("notice", vendor=vendor, scope=event.scope, id=event.event_id, receipt=receipt.value)
    return receipt


def _record(connection: DbConnection, vendor: str, event: Event) -> tuple[Receipt, list[int]]:
    store_id = connection.scalar(
        select(Store.id).where(Store.store_hash == event.account_id, Store.state == StoreState.ACTIVE)
    )
    if store_id is None:
        return Receipt.UNKNOWN_STORE, []
    interested = _interested(connection, store_id, vendor) if event.refs else []
    correlation_id = _joined(connection, interested, event) or uuid.uuid4().hex
    row = {
        "store_id": store_id, "vendor": vendor, "event_id": event.event_id, "scope": event.scope, "body": event.body,
        "correlation_id": correlation_id, "known": event.known, "received_at": now(),
    }  # fmt: skip
    if not insert_new(connection, InboxEvent, row):
        return Receipt.DUPLICATE, []
    for target in interested:
        for kind, record_id in event.refs:
            if kind in target.kinds:
                deliveries.request(connection, store_id, target.id, kind, record_id, correlation_id)
    log.info("kept", id=event.event_id, correlation=correlation_id)
    return Receipt.NEW, [target.id for target in interested if target.is_live]


def _interested(connection: DbConnection, store_id: int, vendor: str) -> list[_Interested]:
    columns = (Connection.id, Connection.vendor, Connection.state, Connection.switches)
    collecting = (Connection.store_id == store_id, Connection.vendor != vendor, Connection.state.in_(COLLECTING))
    return [
        _Interested(row.id, frozenset(wanted_kinds(row.vendor, row.switches)), row.state == ConnectionState.LIVE)
        for row in connection.execute(select(*columns).where(*collecting))
    ]


def _joined(connection: DbConnection, interested: list[_Interested], event: Event) -> str | None:
    """The correlation id of a delivery that waits for the same record: this notice will go with it."""
    if not interested or len(event.refs) != 1:
        return None
    [(kind, record_id)] = event.refs
    waiting = select(Delivery.correlation_id).where(
        Delivery.connection_id.in_([target.id for target in interested]),
        Delivery.kind == kind,
        Delivery.record_id == record_id,
        Delivery.state == State.WAITING,
    )
    return connection.scalar(waiting.limit(1))
