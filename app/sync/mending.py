"""One record that does not go, in a person's hands: as the store has it now, corrected, tried again."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from sqlalchemy import ColumnElement, update

from app.connectors.base import Key
from app.db import now
from app.domain import Record
from app.errors import NotFound
from app.models import Delivery, State
from app.runtime import Runtime
from app.sync import connections, corrections, deliveries, reading
from app.sync.patience import within
from app.sync.replays import Which, replay

SECONDS = 8.0  # that a person waits for the store


def as_it_is(runtime: Runtime, delivery: Delivery) -> Record:
    """The record of a delivery as the store has it now. Raises NotFound if it is gone, Retryable if it cannot say."""
    source = connections.open_source(runtime, delivery.store_id)
    own = (runtime, delivery.store_id, source, delivery.kind, [delivery.record_id])
    records, unreadable = within(SECONDS, lambda: reading.read(*own))
    if delivery.record_id in unreadable:
        raise unreadable[delivery.record_id]
    record = records.get(delivery.record_id)
    if record is None:
        raise NotFound("The record is no longer in the store.", code="BC_GONE")
    return record


def correct(runtime: Runtime, delivery: Delivery, record: Record, new: Mapping[str, str], made_by: str) -> int:
    """Send these values in place of the store's, at once; how many deliveries are tried for it."""
    with runtime.database.transaction() as session:
        corrections.save(session, delivery.store_id, delivery.connection_id, record, new, made_by)
    return _again(runtime, delivery)


def take_back(runtime: Runtime, delivery: Delivery) -> int:
    """Send the store's own values again."""
    with runtime.database.transaction() as session:
        corrections.drop(session, delivery.store_id, delivery.connection_id, _key(delivery))
    return _again(runtime, delivery)


def _again(runtime: Runtime, delivery: Delivery) -> int:
    if delivery.state == State.DEAD and replay(runtime, delivery.store_id, Which(ids=[delivery.id])):
        return 1
    own = (delivery.store_id, delivery.connection_id, *_key(delivery))
    with runtime.database.transaction() as session:
        deliveries.request(session, *own, uuid.uuid4().hex)
        session.execute(update(Delivery).where(*_waiting(delivery)).values(due_at=now()))
    runtime.bell.ring(delivery.connection_id)
    return 1


def _waiting(delivery: Delivery) -> tuple[ColumnElement[bool], ...]:
    return (
        Delivery.connection_id == delivery.connection_id,
        Delivery.kind == delivery.kind,
        Delivery.record_id == delivery.record_id,
        Delivery.state == State.WAITING,
    )


def _key(delivery: Delivery) -> Key:
    return delivery.kind, delivery.record_id
