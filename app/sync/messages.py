"""Messages go where their order is: whichever came too soon waits for it, and whose order stays out stays out too."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.connectors.base import Outcome
from app.db import now
from app.domain import Message, Record
from app.errors import Retryable
from app.models import Connection, Delivery, State
from app.runtime import Runtime
from app.sync import connections, deliveries, links
from app.sync.deliveries import SKIPPED, Batch
from app.sync.outcomes import Settled


def without_order(runtime: Runtime, batch: Batch, records: Mapping[str, Record | None]) -> dict[str, Settled]:
    """What becomes of the messages of a batch whose orders are not there; their orders are asked for once."""
    found = {record_id: record for record_id, record in records.items() if isinstance(record, Message)}
    if not found:
        return {}
    tries = {delivery.record_id: delivery for delivery in batch.deliveries}
    with runtime.database.transaction() as session:
        connection = session.get_one(Connection, batch.connection_id)
        if "order" not in connections.wanted_kinds(connection.vendor, connection.switches):
            return {}
        keys = [("order", message.order_id) for message in found.values()]
        there = links.states(session, batch.connection_id, keys)
        return {
            record_id: _settle(session, tries[record_id], message)
            for record_id, message in found.items()
            if ("order", message.order_id) not in there
        }


def _settle(session: Session, delivery: Delivery, message: Message) -> Settled:
    is_first = delivery.attempts <= 1
    if is_first:
        deliveries.request(
            session, delivery.store_id, delivery.connection_id, "order", message.order_id, delivery.correlation_id
        )
    elif not _is_to_come(session, delivery.connection_id, message.order_id):
        return Settled(SKIPPED, record=message)
    words = f"The message waits for its order {message.order_id}, which is not there yet."
    # The order was asked for just now and is more urgent: behind it the message is tried again at once.
    error = Retryable(words, code="ORDER_FIRST")
    return Settled("failed", Outcome(error=error), message, now() if is_first else None)


def _is_to_come(session: Session, connection_id: int, order_id: str) -> bool:
    """Whether the order is under way, or failed and may yet be mended."""
    open_order = exists().where(
        Delivery.connection_id == connection_id,
        Delivery.kind == "order",
        Delivery.record_id == order_id,
        Delivery.state != State.DONE,
    )
    return bool(session.scalar(select(open_order)))
