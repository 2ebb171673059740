"""Nothing is kept for longer than it is said to be: the audit, what was sent and received, requests about people."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, null, select, update
from sqlalchemy.orm import InstrumentedAttribute

from app.db import now
from app.models import (
    Attempt,
    AuthorizationRequest,
    Backfill,
    BackfillState,
    Base,
    Comparison,
    Conflict,
    ConflictState,
    Delivery,
    Difference,
    InboxEvent,
    PanelLaunch,
    PanelPass,
    PrivacyRequest,
    State,
)
from app.runtime import Runtime
from app.sync import privacy

PROOF = timedelta(days=3 * 365)  # how long it can be shown that a request about a person was met
PORTION = 2000  # rows that one transaction takes, so that no webhook waits for it; the next round takes more


def prune(runtime: Runtime) -> None:
    """Drop what was kept for long enough."""
    before = now() - timedelta(days=int(runtime.settings.retention_days))
    for table in (AuthorizationRequest, PanelLaunch, PanelPass):
        _delete(runtime, table, table.expires_at, now())
    _delete(runtime, InboxEvent, InboxEvent.received_at, before)
    _delete(runtime, Attempt, Attempt.started_at, before)
    _delete(runtime, Delivery, Delivery.changed_at, before, Delivery.state == State.DONE)
    _delete(runtime, Conflict, Conflict.changed_at, before, Conflict.state == ConflictState.SETTLED)
    _delete(runtime, Difference, Difference.settled_at, before)
    _delete(runtime, Comparison, Comparison.finished_at, before)
    # What was loaded whole tells for ever which orders have to be there.
    _delete(runtime, Backfill, Backfill.finished_at, before, Backfill.state != BackfillState.DONE)
    _delete(runtime, PrivacyRequest, PrivacyRequest.requested_at, now() - PROOF)
    _forget_payloads(runtime)
    privacy.forget_addresses(runtime)


def _forget_payloads(runtime: Runtime) -> None:
    """What was sent and received is kept for less long than the fact."""
    before = now() - timedelta(days=int(runtime.settings.payload_days))
    with runtime.database.transaction() as session:
        old = select(Attempt.id).where(Attempt.has_payload, Attempt.started_at < before).limit(PORTION)
        nothing = {"sent": null(), "received": null(), "has_payload": False}
        done = update(Attempt).where(Attempt.id.in_(old)).values(**nothing)
        session.execute(done.execution_options(synchronize_session=False))


def _delete(
    runtime: Runtime, table: type[Base], age: InstrumentedAttribute[Any], before: datetime, *more: ColumnElement[bool]
) -> None:
    """The oldest rows. They are looked for without a lock: nearly always there are none."""
    key: InstrumentedAttribute[Any] = getattr(table, table.__table__.primary_key.columns.keys()[0])  # type: ignore[attr-defined]  # of a table
    with runtime.database.reading() as session:
        oldest = session.scalars(select(key).where(age < before, *more).order_by(age).limit(PORTION)).all()
    if not oldest:
        return
    with runtime.database.transaction() as session:
        old = delete(table).where(key.in_(oldest), age < before, *more)
        session.execute(old.execution_options(synchronize_session=False))
