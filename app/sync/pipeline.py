"""One batch from end to end: extract, compare, load, link, audit, settle. Any step may die and be run again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.connectors.base import Key, Outcome, Source, Target, Write
from app.db import now
from app.domain import Order, Record
from app.domain.order import Stage
from app.errors import Misconfigured, Reauthorize, Rejected, Retryable, StorelineError
from app.log import bound, get_logger
from app.models import Connection, Delivery
from app.runtime import Runtime
from app.sync import audit, connections, copies, deliveries, links
from app.sync.connections import wanted_kinds
from app.sync.deliveries import Batch

# A notice may come before the change it tells of is visible under a later modification time.
MARGIN = timedelta(minutes=2)
STORE_WAIT = timedelta(minutes=10)  # until a store that refused us is asked again; installing it again ends the wait

log = get_logger()


@dataclass(frozen=True)
class Settled:
    """What became of one record of a batch: a result, or an error."""

    result: str
    outcome: Outcome = Outcome()
    record: Record | None = None
    digest: str = ""


def run(runtime: Runtime, batch: Batch, source: Source, target: Target) -> bool:
    """Carry a batch; whether all was well. An error of one record settles that record, one of a call is raised."""
    with bound(connection=batch.connection_id, batch=batch.id):
        started = now()
        ids = [delivery.record_id for delivery in batch.deliveries]
        if not _is_wanted(runtime, batch):
            settled = {record_id: Settled("skipped") for record_id in ids}
        else:
            records, unreadable = extract(runtime, batch, source, ids)
            settled = {**unreadable, **load(runtime, batch, target, records)}
        settle(runtime, batch, settled, started)
        return not _failures(settled)


def extract(
    runtime: Runtime, batch: Batch, source: Source, ids: Sequence[str]
) -> tuple[dict[str, Record | None], dict[str, Settled]]:
    """The records as they are now and our own copies of them refreshed; apart from them what cannot be read."""
    records: dict[str, Record | None] = {}
    unreadable: dict[str, Settled] = {}
    for record_id, fetched in _fetch(runtime, batch, source, ids).items():
        if isinstance(fetched, Rejected):
            unreadable[record_id] = Settled("failed", Outcome(error=fetched))
        else:
            records[record_id] = fetched
    with runtime.database.transaction() as session:
        copies.keep(session, batch.store_id, (record for record in records.values() if record is not None))
        copies.forget(session, batch.store_id, batch.kind, (key for key, record in records.items() if record is None))
    return records, unreadable


def _fetch(
    runtime: Runtime, batch: Batch, source: Source, ids: Sequence[str]
) -> Mapping[str, Record | Rejected | None]:
    """What the store gives; that it does not let us in is no fault of the records, nor of the CRM's connection."""
    try:
        return source.fetch_many(batch.kind, ids, changed_since=batch.oldest - MARGIN)
    except (Reauthorize, Misconfigured) as error:
        connections.store_refused(runtime, batch.store_id, error)
        words = "BigCommerce does not let us read the store; open Storeline in the control panel to grant access."
        raise Retryable(words, code=error.code, status=error.status, retry_after=now() + STORE_WAIT) from error


def load(runtime: Runtime, batch: Batch, target: Target, records: Mapping[str, Record | None]) -> dict[str, Settled]:
    """Write what differs from what both sides last agreed on; places are remembered before anything else happens."""
    refers = {record_id: _refers_to(target, batch.kind, record_id, record) for record_id, record in records.items()}
    own = [(batch.kind, record_id) for record_id in records]
    with runtime.database.reading() as session:
        everything = [key for keys in refers.values() for key in keys]
        known = links.known(session, batch.store_id, batch.connection_id, everything)
        agreed = links.digests(session, batch.connection_id, own)
        unsure = deliveries.failed_before(session, batch)
    unsure |= {delivery.record_id for delivery in batch.deliveries if delivery.tried}
    # A link without a fingerprint: a write of it was begun and never came to its end.
    unsure |= {record_id for kind, record_id in own if agreed.get((kind, record_id)) == ""}
    settled: dict[str, Settled] = {}
    writes: list[Write] = []
    fingerprints: dict[str, str] = {}
    for record_id, record in records.items():
        fingerprints[record_id] = target.digest(record) if record is not None else "gone"
        is_linked = (batch.kind, record_id) in known
        if not is_linked and not _is_worth_creating(record):
            settled[record_id] = Settled("skipped", record=record)
        elif is_linked and agreed.get((batch.kind, record_id)) == fingerprints[record_id]:
            settled[record_id] = Settled("unchanged", record=record)
        else:
            places = {key: known[key] for key in refers[record_id] if key in known}
            writes.append(Write(batch.kind, record_id, record, places, attempt=2 if record_id in unsure else 1))
    if writes:
        with runtime.database.transaction() as session:
            links.disagree(session, batch.connection_id, [(write.kind, write.id) for write in writes])
    outcomes = target.upsert_many(writes) if writes else []
    _link(runtime, batch, writes, outcomes, fingerprints)
    for write, outcome in zip(writes, outcomes, strict=True):
        result = "archived" if write.record is None else "written"
        settled[write.id] = Settled(result, outcome, write.record, fingerprints[write.id])
    return settled


def settle(runtime: Runtime, batch: Batch, settled: Mapping[str, Settled], started: datetime) -> None:
    """Each delivery → done, waiting until later, or dead; with an attempt in the audit."""
    lacking = _lacking(settled)
    with runtime.database.transaction() as session:
        for delivery in deliveries.mine(session, batch):
            end = settled[delivery.record_id]
            if end.record is not None:
                delivery.label, delivery.amount = audit.label(end.record), audit.amount(end.record)
            audit.attempt(session, delivery, end.result, end.outcome, started)
            _tell(delivery, end)
            if end.outcome.error is None:
                deliveries.finish(session, delivery, end.result, end.outcome.flags)
            elif lacking is not None and isinstance(end.outcome.error, Misconfigured):
                deliveries.give_back(session, delivery, end.outcome.error)
            else:
                deliveries.fail(session, delivery, end.outcome.error)
    if lacking is not None:
        connections.need_administrator(runtime, batch.connection_id, lacking)
    log.info("batch", kind=batch.kind, records=len(batch.deliveries), failed=_failures(settled))


def abandon(runtime: Runtime, batch: Batch, error: StorelineError, started: datetime, *, counts: bool) -> None:
    """The whole batch met an error: every delivery waits (or is dead) by its kind; `counts`: as an attempt of each."""
    with runtime.database.transaction() as session:
        for delivery in deliveries.mine(session, batch):
            audit.attempt(session, delivery, "failed", Outcome(error=error), started)
            if counts:
                deliveries.fail(session, delivery, error)
            else:
                deliveries.give_back(session, delivery, error)
    log.warning("batch", kind=batch.kind, records=len(batch.deliveries), error=error.code)


def _is_wanted(runtime: Runtime, batch: Batch) -> bool:
    """The switches as they are now: they take effect on the next flush."""
    with runtime.database.reading() as session:
        connection = session.get_one(Connection, batch.connection_id)
        return batch.kind in wanted_kinds(connection.vendor, connection.switches)


def _refers_to(target: Target, kind: str, record_id: str, record: Record | None) -> tuple[Key, ...]:
    others = target.refers_to_gone(kind, record_id) if record is None else target.refers_to(record)
    return ((kind, record_id), *others)


def _is_worth_creating(record: Record | None) -> bool:
    """Nothing is made there of what is gone, nor of a cart that never became a sale."""
    if isinstance(record, Order):
        return record.stage is not Stage.INCOMPLETE and not record.is_deleted
    return record is not None


def _link(
    runtime: Runtime,
    batch: Batch,
    writes: Iterable[Write],
    outcomes: Iterable[Outcome],
    fingerprints: Mapping[str, str],
) -> None:
    with runtime.database.transaction() as session:
        ours = {delivery.record_id for delivery in deliveries.mine(session, batch)}
        for write, outcome in zip(writes, outcomes, strict=True):
            if write.id in ours:  # else a newer flush carries the record, and its word counts
                links.save(session, batch.connection_id, outcome.made)
                if outcome.error is None:
                    links.agree(session, batch.connection_id, {(write.kind, write.id): fingerprints[write.id]})


def _lacking(settled: Mapping[str, Settled]) -> Misconfigured | None:
    """What the account lacks for any record at all; as long as some arrive, it is about single ones."""
    errors = [end.outcome.error for end in settled.values()]
    if any(error is None for error in errors):
        return None
    return next((error for error in errors if isinstance(error, Misconfigured)), None)


def _tell(delivery: Delivery, end: Settled) -> None:
    error = end.outcome.error
    words = {"result": end.result} if error is None else {"error": error.code}
    log.info(
        "delivery", correlation=delivery.correlation_id, kind=delivery.kind, record=delivery.record_id,
        attempt=delivery.attempts, **words,
    )  # fmt: skip


def _failures(settled: Mapping[str, Settled]) -> int:
    return sum(1 for end in settled.values() if end.outcome.error is not None)
