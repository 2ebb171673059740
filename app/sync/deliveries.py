"""Deliveries: asked for, claimed, settled by the kind of error alone, replayed."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy import Connection as DbConnection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.connectors.base import Flag
from app.db import insert_new_ones, now
from app.errors import Retryable, StorelineError
from app.models import Delivery, State

# Orders before customers before products: what reps wait for comes first. An order brings along what it needs, but who
# buys for which company only the company tells: a buyer who came before it would get an account of their own.
PRIORITIES = {"company": 5, "cart": 8, "order": 10, "customer": 20, "category": 28, "product": 30, "message": 40}
INWARD = "crm:"  # before a kind of the CRM's: a record there that changed, and is to be followed here
INWARD_PRIORITY = 18
HISTORY = 100  # added to the priority of what a backfill asks for: it comes behind everything that happens now
FIRST_WAIT = 2.0  # seconds before the second attempt
LONGEST_WAIT = 1800.0  # seconds between later ones
HURRY_EVERY = timedelta(minutes=1)
STEP_ASIDE = timedelta(seconds=2), timedelta(seconds=30)  # at least and at most, until it is tried anyway
SKIPPED = "skipped"  # how a delivery ends of what is not wanted, not known, or deleted or merged there
REPLACED = "replaced"  # how a delivery ends whose record a newer one has brought, or will
ATTEMPTS = 20  # then a person is asked: after about four hours of trying


@dataclass(frozen=True)
class Batch:
    """Deliveries of one kind that one flush carries together."""

    id: str
    connection_id: int
    store_id: int
    kind: str
    deliveries: Sequence[Delivery]

    @property
    def their_kind(self) -> str:
        """The CRM's kind of what comes from there; "" for what goes there."""
        return self.kind.removeprefix(INWARD) if self.kind.startswith(INWARD) else ""

    @property
    def priority(self) -> int:
        """How urgent all of them are."""
        return self.deliveries[0].priority

    def origin(self, record_id: str) -> str:
        """The correlation id of one of its records: whatever follows from it goes back to the same notice."""
        return next(one.correlation_id for one in self.deliveries if one.record_id == record_id)

    @property
    def oldest(self) -> datetime:
        """All records of the batch were asked for no earlier than this."""
        return min(delivery.created_at for delivery in self.deliveries)


def inward(their_kind: str) -> str:
    """The kind of deliveries that bring a kind of the CRM's records here."""
    return INWARD + their_kind


def priority(kind: str) -> int:
    """The smaller, the sooner."""
    return INWARD_PRIORITY if kind.startswith(INWARD) else PRIORITIES[kind]


def request(
    connection: DbConnection | Session,
    store_id: int,
    connection_id: int,
    kind: str,
    record_id: str,
    correlation_id: str,
    backfill_id: int | None = None,
) -> bool:
    """Ask for a record to be brought to a connection; False if that is asked for already."""
    return bool(request_many(connection, store_id, connection_id, kind, {record_id: correlation_id}, backfill_id))


def request_many(
    connection: DbConnection | Session,
    store_id: int,
    connection_id: int,
    kind: str,
    wanted: Mapping[str, str],
    backfill_id: int | None = None,
    *,
    is_history: bool = False,
) -> int:
    """Ask for records of a kind (id -> what it goes back to) to be brought; how many were not asked for already.

    With a backfill, or what else is history, they come behind everything that happens now; what then happens to one
    makes it urgent.
    """
    is_history |= backfill_id is not None
    urgency = priority(kind) + (HISTORY if is_history else 0)
    row = {
        "store_id": store_id, "connection_id": connection_id, "kind": kind, "priority": urgency,
        "state": State.WAITING, "due_at": now(),
        "attempts": 0, "tried": False, "flags": [], "created_at": now(), "changed_at": now(), "result": "",
        "remedy": "",
        "error_code": "", "error_field": "", "error_message": "", "label": "", "amount": "",
        "backfill_id": backfill_id,
    }  # fmt: skip
    rows = [{**row, "record_id": record_id, "correlation_id": origin} for record_id, origin in wanted.items()]
    new = len(insert_new_ones(connection, Delivery, rows))
    if new < len(rows) and not is_history:
        _hurry(connection, connection_id, kind, list(wanted))
    return new


def _hurry(connection: DbConnection | Session, connection_id: int, kind: str, record_ids: Collection[str]) -> None:
    """What waits after a failure is tried at once when the record has changed; not more than once a minute.

    What waits as history becomes as urgent as anything that happens now.
    """
    failed = and_(Delivery.due_at > now(), Delivery.changed_at < now() - HURRY_EVERY)
    connection.execute(
        update(Delivery)
        .where(
            Delivery.connection_id == connection_id,
            Delivery.kind == kind,
            Delivery.record_id.in_(record_ids),
            Delivery.state == State.WAITING,
            or_(failed, Delivery.priority > priority(kind)),
        )
        .values(due_at=now(), changed_at=now(), priority=priority(kind))
    )


def mine(session: Session, batch: Batch) -> list[Delivery]:
    """Those of a batch whose claim still stands: a flush that was thought dead may come back."""
    claimed = select(Delivery).where(Delivery.batch == batch.id, Delivery.state == State.RUNNING).order_by(Delivery.id)
    return list(session.scalars(claimed.with_for_update()))


def finish(delivery: Delivery, result: str, flags: Sequence[Flag] = ()) -> None:
    """The record is where it should be."""
    _set(delivery, State.DONE, result=result)
    delivery.flags = [{"code": flag.code, "message": flag.message} for flag in flags]


def fail(session: Session, delivery: Delivery, error: StorelineError, again_at: datetime | None = None) -> None:
    """Later, or dead: decided by the kind of error alone. `again_at`: what failed together comes back together."""
    _explain(delivery, error)
    if isinstance(error, Retryable) and delivery.attempts < ATTEMPTS:
        later = again_at or now() + backoff(delivery.attempts)  # a vendor's own wait may be over by now
        put_back(session, delivery, max(later, error.retry_after or later))
    else:
        _set(delivery, State.DEAD, remedy=error.remedy)
        delivery.tried = True


def give_back(session: Session, delivery: Delivery, error: StorelineError, again_at: datetime | None = None) -> None:
    """Not this delivery's fault (the account needs a person, the vendor is away): wait without counting the attempt."""
    _explain(delivery, error)
    delivery.attempts -= 1
    put_back(session, delivery, again_at or now())


def step_aside(session: Session, delivery: Delivery, holder: str) -> None:
    """Another batch works on the same person or record: nothing was tried, and it is due when that batch ends; "": at
    once, for it has."""
    delivery.attempts -= 1
    was_tried, (least, most) = delivery.tried, STEP_ASIDE
    # The older, the longer: a batch that takes minutes is not to cost a look at the store every other second.
    patience = min(max(least, (now() - delivery.created_at) / 4), most) if holder else timedelta(0)
    put_back(session, delivery, now() + patience)
    if delivery.state == State.WAITING:
        delivery.batch, delivery.tried = holder or None, was_tried


def backoff(attempts: int) -> timedelta:
    """Capped and exponential, with full jitter above a floor, so that a crowd does not come back as a crowd."""
    ceiling = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (attempts - 1))
    return timedelta(seconds=ceiling / 2 + random.uniform(0, ceiling / 2))  # noqa: S311 - jitter, not a secret


def failed_before(session: Session, batch: Batch) -> set[str]:
    """Records of a batch of which an older delivery is dead: it may have left something there."""
    dead = select(Delivery.record_id).where(
        Delivery.connection_id == batch.connection_id,
        Delivery.kind == batch.kind,
        Delivery.state == State.DEAD,
        Delivery.record_id.in_([delivery.record_id for delivery in batch.deliveries]),
    )
    return set(session.scalars(dead))


def counts(session: Session, store_id: int) -> dict[int, dict[str, int]]:
    """How many deliveries of each state every connection of the store has."""
    found: dict[int, dict[str, int]] = {}
    rows = session.execute(
        select(Delivery.connection_id, Delivery.state, func.count())
        .where(Delivery.store_id == store_id)
        .group_by(Delivery.connection_id, Delivery.state)
    )
    for connection_id, state, number in rows:
        found.setdefault(connection_id, {})[state] = number
    return found


def replace_older(session: Session, ended: Iterable[Delivery]) -> None:
    """Older failures of records are over once newer deliveries of them have come to an end.

    One that gave way to a newer one, which waits, has not come to an end.
    """
    by_kind: dict[str, list[Delivery]] = {}
    for one in ended:
        if one.state in (State.DONE, State.DEAD) and one.result != REPLACED:
            by_kind.setdefault(one.kind, []).append(one)
    for kind, mine in by_kind.items():
        session.execute(
            update(Delivery)
            .where(
                Delivery.connection_id == mine[0].connection_id,
                Delivery.kind == kind,
                Delivery.record_id.in_([one.record_id for one in mine]),
                Delivery.state == State.DEAD,
                Delivery.id.not_in([one.id for one in mine if one.state == State.DEAD]),
            )
            .values(state=State.DONE, result=REPLACED, changed_at=now())
            .execution_options(synchronize_session=False)
        )


def put_back(session: Session, delivery: Delivery, due_at: datetime) -> None:
    """Wait until then; if a newer delivery of the record waits already, that one will do."""
    try:
        with session.begin_nested():
            _set(delivery, State.WAITING)
            delivery.due_at, delivery.tried, delivery.batch = due_at, True, None
    except IntegrityError:
        session.refresh(delivery)
        _set(delivery, State.DONE, result=REPLACED)
        session.execute(  # what this run may have left there is the other's to find
            update(Delivery)
            .where(_same_record(delivery), Delivery.state == State.WAITING)
            .values(tried=True)
            .execution_options(synchronize_session=False)
        )
        session.execute(  # history, which may be set aside or dropped, is no stand-in for what happened now
            update(Delivery)
            .where(_same_record(delivery), Delivery.state == State.WAITING, Delivery.priority > delivery.priority)
            .values(priority=delivery.priority, due_at=due_at)
            .execution_options(synchronize_session=False)
        )


def _same_record(delivery: Delivery) -> ColumnElement[bool]:
    return and_(
        Delivery.connection_id == delivery.connection_id,
        Delivery.kind == delivery.kind,
        Delivery.record_id == delivery.record_id,
    )


def _set(delivery: Delivery, state: State, *, result: str = "", remedy: str = "") -> None:
    delivery.state, delivery.result, delivery.remedy, delivery.changed_at = state, result, remedy, now()
    if state is State.DONE:
        delivery.error_code = delivery.error_field = delivery.error_message = ""


def _explain(delivery: Delivery, error: StorelineError) -> None:
    delivery.error_code, delivery.error_field = error.code[:100], error.field[:255]
    delivery.error_message = error.message
