"""What the records of a batch touch on their way out, and so reserve: before they are read, and once they are."""

from __future__ import annotations

from collections.abc import Mapping

from app.connectors.base import Key
from app.domain import Order, Record
from app.runtime import Runtime
from app.sync import links, reservations, unmade
from app.sync.deliveries import Batch
from app.sync.outcomes import Settled


def themselves(runtime: Runtime, batch: Batch) -> dict[str, set[str]]:
    """What is known of records before they are read: themselves, and the variants that a product had so far."""
    wanted = {one.record_id: {reservations.own(batch.kind, one.record_id)} for one in batch.deliveries}
    if batch.kind == "product":
        with runtime.database.reading() as session:
            keys = [("product", record_id) for record_id in wanted]
            for (_, record_id), place in links.known(session, batch.store_id, batch.connection_id, keys).items():
                wanted[record_id] |= {reservations.own("variant", child) for child in place.children}
    return wanted


def contents(
    runtime: Runtime, batch: Batch, records: Mapping[str, Record | None], corrected: Mapping[str, Record | None]
) -> dict[str, frozenset[str]]:
    """All that the records may touch, as the store has them and as they were corrected."""
    both = [(record_id, record) for side in (records, corrected) for record_id, record in side.items()]
    goods = {key for _, record in both for key in reservations.goods(record)}
    new = _unlinked(runtime, batch, goods)
    # Of what no order could have made there, none has to wait.
    settled = (goods - new) | (unmade.recall(runtime, batch.connection_id, new) if batch.kind == "order" else set())
    wanted: dict[str, frozenset[str]] = dict.fromkeys(records, frozenset())
    for record_id, record in both:
        if record is not None:
            wanted[record_id] |= reservations.subjects(record, settled)
    return wanted


def learn(runtime: Runtime, batch: Batch, settled: Mapping[str, Settled]) -> None:
    """Remember goods that are not there although an order with them is."""
    arrived = (end.record for end in settled.values() if end.result == "written" and end.outcome.error is None)
    goods = {key for record in arrived if isinstance(record, Order) for key in reservations.goods(record)}
    missing = _unlinked(runtime, batch, goods)
    if missing:
        unmade.note(runtime, batch.connection_id, missing)


def _unlinked(runtime: Runtime, batch: Batch, goods: set[Key]) -> set[Key]:
    if not goods:
        return set()
    with runtime.database.reading() as session:
        return goods - set(links.states(session, batch.connection_id, goods))
