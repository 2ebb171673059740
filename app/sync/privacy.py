"""People's data on request: everything that we hold on one person handed out, or erased."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from sqlalchemy import LargeBinary, select
from sqlalchemy.orm import Session

from app.db import now
from app.domain import to_json
from app.errors import NotFound
from app.log import get_logger
from app.models import Base, Delivery, PrivacyAction, PrivacyRequest, State, Store
from app.runtime import Runtime
from app.sync import holdings, subjects
from app.sync.holdings import HOLDINGS
from app.sync.subjects import Subject, fingerprint

PATIENCE = 60.0  # seconds that one job waits for what is under way with this person; the clock starts another
POLL = 1.0  # seconds between its looks
PORTION = 500  # rows a transaction
HANDED_OUT = timedelta(hours=24)  # how long an export can be fetched

log = get_logger()


def ask(runtime: Runtime, store_id: int, action: PrivacyAction, email: str, asked_by: str) -> int:
    """Write a request down; an erasure counts for everything that is fetched from now on."""
    with runtime.database.transaction() as session:
        store = session.get_one(Store, store_id)
        row = PrivacyRequest(
            store_id=store_id, action=action, subject_hash=fingerprint(store, email), requested_by=asked_by[:255]
        )
        session.add(row)
        session.flush()
        row.subject = runtime.vault.seal(subjects.of(session, store_id, email).dump(), _row(row.id))
        return row.id


def export(runtime: Runtime, request_id: int) -> dict[str, list[dict[str, Any]]]:
    """Every row that holds something of the person, by table; secrets are left out. Raises NotFound when it is over."""
    with runtime.database.reading() as session:
        asked = session.get_one(PrivacyRequest, request_id)
        if asked.subject is None or now() - asked.requested_at > HANDED_OUT:
            raise NotFound("An export can be fetched for a day; ask for it again.")
        whom = _whom(runtime, session, asked)
        found = {
            holding.table.__tablename__: [_shown(row) for row in holdings.rows(session, holding, whom)]
            for holding in HOLDINGS
        }
    with runtime.database.transaction() as session:
        asked = session.get_one(PrivacyRequest, request_id)
        asked.counts, asked.done_at = {name: len(rows) for name, rows in found.items() if rows}, now()
    return found


def erase(runtime: Runtime, request_id: int) -> bool:
    """Erase the person of a request wherever we hold them; whether it is done. Safe to run again at any time.

    What is under way with them at that moment is waited for, then erased as well.
    """
    until = time.monotonic() + PATIENCE
    while not _round(runtime, request_id):
        if time.monotonic() > until:
            return False
        time.sleep(POLL)
    return True


def forget_addresses(runtime: Runtime) -> None:
    """Exports that nobody fetched in time."""
    over = (PrivacyRequest.action == PrivacyAction.EXPORT, PrivacyRequest.requested_at < now() - HANDED_OUT)
    with runtime.database.transaction() as session:
        for row in session.scalars(select(PrivacyRequest).where(*over, PrivacyRequest.subject.is_not(None))):
            row.subject = None


def _round(runtime: Runtime, request_id: int) -> bool:
    """Once through all tables; whether nothing was under way meanwhile."""
    with runtime.database.transaction() as session:
        asked = session.get(PrivacyRequest, request_id)
        if asked is None or asked.subject is None:
            return True
        pseudonym = holdings.pseudonym(asked.subject_hash)
        whom = _whom(runtime, session, asked)
        # What leads to their records may be erased before these are.
        asked.subject = runtime.vault.seal(whom.dump(), _row(asked.id))
    counts = {holding.table.__tablename__: _erase_rows(runtime, holding, whom, pseudonym) for holding in HOLDINGS}
    with runtime.database.transaction() as session:
        asked = session.get_one(PrivacyRequest, request_id)
        names = {*asked.counts, *(name for name, number in counts.items() if number)}
        asked.counts = {name: asked.counts.get(name, 0) + counts.get(name, 0) for name in sorted(names)}
        if _is_busy(session, whom):
            return False
        asked.done_at, asked.subject = now(), None
    log.info("erased", request=request_id, rows=sum(counts.values()))
    return True


def _erase_rows(runtime: Runtime, holding: holdings.Holding, whom: Subject, pseudonym: str) -> int:
    """In portions: a webhook must not wait for ten thousand orders of somebody. How many were not erased before."""
    number = 0
    with runtime.database.reading() as session:
        keys = [holdings.key_of(row) for row in holdings.rows(session, holding, whom)]
    for some in subjects.portions(keys, PORTION):
        with runtime.database.transaction() as session:
            for key in some:
                row = session.get(holding.table, key)
                if row is not None:
                    holding.erase(session, row, pseudonym)
                    number += row in session.deleted or session.is_modified(row)
    return number


def _is_busy(session: Session, whom: Subject) -> bool:
    [deliveries] = [holding for holding in HOLDINGS if holding.table is Delivery]
    return any(row.state == State.RUNNING for row in holdings.rows(session, deliveries, whom))


def _shown(row: Base) -> dict[str, Any]:
    columns = row.__table__.columns
    return {
        column.name: to_json(getattr(row, column.key)) for column in columns if not isinstance(column.type, LargeBinary)
    }


def _whom(runtime: Runtime, session: Session, asked: PrivacyRequest) -> Subject:
    """The person as known when the request was made, and what came to light since."""
    assert asked.subject is not None  # looked at by the caller
    known = Subject.load(runtime.vault.open(asked.subject, _row(asked.id)))
    return known | subjects.of(session, asked.store_id, known.email)


def _row(request_id: int) -> str:
    return f"privacy:{request_id}"
