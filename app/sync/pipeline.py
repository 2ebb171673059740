"""One batch from end to end: carried in its direction, audited, settled. Any step may die and be run again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.connectors.base import Outcome, Source, Target
from app.db import now
from app.errors import Misconfigured, Reauthorize, Retryable, StorelineError
from app.log import bound, get_logger
from app.models import Connection, Delivery
from app.runtime import Runtime
from app.sync import audit, breaker, connections, deliveries, inward, outward, reservations
from app.sync.allowances import BUDGET
from app.sync.connections import wanted_kinds
from app.sync.deliveries import SKIPPED, Batch
from app.sync.outcomes import Settled

log = get_logger()


@dataclass(frozen=True)
class Verdict:
    """What a batch tells of its connection: whether the vendor works, and whether all records arrived."""

    is_answered: bool
    is_well: bool


def run(runtime: Runtime, batch: Batch, source: Source, target: Target) -> Verdict:
    """Carry a batch. An error of one record settles that record, one of a whole call is raised."""
    with bound(connection=batch.connection_id, batch=batch.id):
        started = now()
        if batch.their_kind:
            settled = inward.carry(runtime, batch, source, target)
        elif not _is_wanted(runtime, batch):
            settled = {delivery.record_id: Settled(SKIPPED) for delivery in batch.deliveries}
        else:
            settled = outward.carry(runtime, batch, source, target)
        settled = {record_id: end.without_erased for record_id, end in settled.items()}
        settle(runtime, batch, settled, started)
        return _verdict(settled)


def settle(runtime: Runtime, batch: Batch, settled: Mapping[str, Settled], started: datetime) -> None:
    """Each delivery → done, waiting until later, or dead; with an attempt in the audit."""
    lacking, account = _lacking(settled), _of_the_account(settled)
    again_at = _again_at(batch)

    def write(session: Session) -> None:
        # Else it stepped aside, and is back already.
        mine = [one for one in deliveries.mine(session, batch) if one.record_id in settled]
        ends = [(delivery, settled[delivery.record_id]) for delivery in mine]
        audit.keep(session, [_attempt(delivery, end, started) for delivery, end in ends])
        for delivery, end in ends:
            _settle_one(session, delivery, end, again_at, is_held=lacking is not None)
        deliveries.replace_older(session, mine)
        reservations.release(session, batch.connection_id, [batch.id])

    runtime.database.transact(write)
    if lacking is not None:
        breaker.need_administrator(runtime, batch.connection_id, lacking)
    if isinstance(account, Reauthorize):
        connections.need_reauthorization(runtime, batch.connection_id, account)
    elif isinstance(account, Retryable):
        breaker.hold(runtime, batch.connection_id, account)
    tries = {delivery.record_id: delivery for delivery in batch.deliveries}
    for record_id, end in settled.items():
        _tell(tries[record_id], end)
    log.info("batch", kind=batch.kind, records=len(settled), failed=_failures(settled))


def abandon(runtime: Runtime, batch: Batch, error: StorelineError, started: datetime, *, counts: bool) -> None:
    """The whole batch met an error: every delivery waits (or is dead) by its kind; `counts`: as an attempt of each.

    All wait equally long: what is to be tried in smaller company must come back together.
    """
    own_limit = error.retry_after if isinstance(error, Retryable) and error.code == BUDGET else None
    again_at = _again_at(batch)

    def write(session: Session) -> None:
        mine = deliveries.mine(session, batch)
        if own_limit is None:
            audit.keep(session, [audit.attempt(one, "failed", Outcome(error=error), started) for one in mine])
        for delivery in mine:
            if counts:
                deliveries.fail(session, delivery, error, again_at)
            else:
                deliveries.give_back(session, delivery, error, own_limit)
        deliveries.replace_older(session, mine)
        reservations.release(session, batch.connection_id, [batch.id])

    runtime.database.transact(write)
    log.warning("batch", kind=batch.kind, records=len(batch.deliveries), error=error.code)


def _settle_one(session: Session, delivery: Delivery, end: Settled, again_at: datetime, *, is_held: bool) -> None:
    error = end.outcome.error
    if end.record is not None:
        delivery.label, delivery.amount = audit.label(end.record), audit.amount(end.record)
    if error is None:
        deliveries.finish(delivery, end.result, end.outcome.flags)
    elif isinstance(error, Retryable) and error.code == BUDGET:
        deliveries.give_back(session, delivery, error, error.retry_after)
    elif _is_of_the_account(error) or (is_held and isinstance(error, Misconfigured)):
        deliveries.give_back(session, delivery, error)
    else:
        deliveries.fail(session, delivery, error, end.again_at or again_at)


def _attempt(delivery: Delivery, end: Settled, started: datetime) -> dict[str, Any]:
    """What went well long ago needs no payloads in the audit: history is big."""
    outcome = end.outcome
    if delivery.priority >= deliveries.HISTORY and outcome.error is None:
        outcome = replace(outcome, sent=None, received=None)
    return audit.attempt(delivery, end.result, outcome, started)


def _again_at(batch: Batch) -> datetime:
    """When those that fail are tried again, all at once: locked rows regrouped, poison among ever fewer."""
    return now() + deliveries.backoff(batch.deliveries[0].attempts)


def _is_wanted(runtime: Runtime, batch: Batch) -> bool:
    """The switches as they are now: they take effect on the next flush."""
    with runtime.database.reading() as session:
        connection = session.get_one(Connection, batch.connection_id)
        return batch.kind in wanted_kinds(connection.vendor, connection.switches)


def _verdict(settled: Mapping[str, Settled]) -> Verdict:
    """Whoever takes one record, or refuses one for good, is there."""
    errors = [end.outcome.error for end in settled.values()]
    waits = [error for error in errors if isinstance(error, Retryable | Reauthorize)]
    is_held = _of_the_account(settled) is not None or _lacking(settled) is not None
    return Verdict(len(waits) < len(errors) and not is_held, not any(errors))


def _lacking(settled: Mapping[str, Settled]) -> Misconfigured | None:
    """What the account lacks for any record at all; as long as some arrive, it is about single ones."""
    errors = [end.outcome.error for end in settled.values()]
    if any(error is None for error in errors):
        return None
    return next((error for error in errors if isinstance(error, Misconfigured)), None)


def _is_of_the_account(error: StorelineError | None) -> bool:
    """Whether an error that came with one record says something of the whole account, and nothing of the record."""
    if isinstance(error, Retryable):
        return error.retry_after is not None and error.retry_after > now()
    return isinstance(error, Reauthorize)


def _of_the_account(settled: Mapping[str, Settled]) -> StorelineError | None:
    """What concerns the account most: that it is shut to us, then that it is to wait, then that our share is used."""
    found = (end.outcome.error for end in settled.values())
    errors = [error for error in found if error is not None and _is_of_the_account(error)]
    return min(errors, key=lambda error: (not isinstance(error, Reauthorize), error.code == BUDGET), default=None)


def _tell(delivery: Delivery, end: Settled) -> None:
    error = end.outcome.error
    words = {"result": end.result} if error is None else {"error": error.code}
    log.info(
        "delivery", correlation=delivery.correlation_id, kind=delivery.kind, record=delivery.record_id,
        attempt=delivery.attempts, **words,
    )  # fmt: skip


def _failures(settled: Mapping[str, Settled]) -> int:
    return sum(1 for end in settled.values() if end.outcome.error is not None)
