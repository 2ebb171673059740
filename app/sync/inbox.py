"""Write it down, then answer: a vendor's notice becomes a row, and a waiting delivery per connection that cares."""

from __future__ import annotations

import uuid
from enum import Enum
from functools import partial

from sqlalchemy import Connection as DbConnection
from sqlalchemy import select

from app.connectors.base import Event
from app.db import insert_new, now
from app.log import get_logger
from app.models import Connection, ConnectionState, InboxEvent, Store, StoreState
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
    correlation_id = uuid.uuid4().hex
    row = {
        "store_id": store_id, "vendor": vendor, "event_id": event.event_id, "scope": event.scope, "body": event.body,
        "correlation_id": correlation_id, "known": event.known, "received_at": now(),
    }  # fmt: skip
    if not insert_new(connection, InboxEvent, row):
        return Receipt.DUPLICATE, []
    return Receipt.NEW, _request(connection, store_id, vendor, event, correlation_id) if event.refs else []


def _request(connection: DbConnection, store_id: int, vendor: str, event: Event, correlation_id: str) -> list[int]:
    """A waiting delivery per record and interested connection; the connections to wake."""
    columns = (Connection.id, Connection.vendor, Connection.state, Connection.switches)
    interested = select(*columns).where(
        Connection.store_id == store_id, Connection.vendor != vendor, Connection.state.in_(COLLECTING)
    )
    ring = []
    for row in connection.execute(interested):
        kinds = wanted_kinds(row.vendor, row.switches)
        for kind, record_id in event.refs:
            if kind in kinds:
                deliveries.request(connection, store_id, row.id, kind, record_id, correlation_id)
        if row.state == ConnectionState.LIVE:
            ring.append(row.id)
    return ring
