"""Asks the CRMs what changed, where they do not tell, or may not have told everything."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection as DbConnection
from sqlalchemy import select, update

from app.connectors import registry
from app.connectors.base import Changes, Notice, Seen, Target
from app.db import insert_new, now
from app.errors import Reauthorize, Rejected, Retryable
from app.log import get_logger
from app.models import Connection, ConnectionState, Cursor, Delivery, InboxEvent, State
from app.runtime import Runtime
from app.sync import breaker, connections, deliveries, leases, notices
from app.sync.budgets import BUDGET, Budget, Lane

SELDOM = 30  # times longer between polls where the vendor keeps a stream open to tell us
YOUNG = timedelta(seconds=30)  # vendors tell times in whole seconds, by clocks that are not ours
PAGES = 200  # that one poll reads of a kind; the next one goes on

log = get_logger()


def due(runtime: Runtime) -> Sequence[int]:
    """Live connections that may have something to tell."""
    with runtime.database.reading() as session:
        return session.scalars(
            select(Connection.id).where(
                Connection.state == ConnectionState.LIVE, Connection.vendor.in_(registry.VENDORS)
            )
        ).all()


def poll(runtime: Runtime, connection_id: int) -> None:
    """Read what changed of every kind that is due; one poll of a connection at a time."""
    with leases.held(runtime.database, f"poll:{connection_id}") as lease:
        if lease is None:
            return
        kinds = _due_kinds(runtime, connection_id)
        if not kinds:
            return
        try:
            with Budget(runtime, connection_id, Lane.CUSTOMERS) as budget:
                target = connections.open_target(runtime, connection_id, budget)
                for kind in kinds:
                    _poll_kind(runtime, connection_id, target, kind)
        except Reauthorize as error:
            connections.need_reauthorization(runtime, connection_id, error)
        except Retryable as error:
            log.warning("poll", connection=connection_id, error=error.code)
            if error.retry_after is not None and error.code != BUDGET:  # which says nothing of more urgent calls
                breaker.hold(runtime, connection_id, error)


def _due_kinds(runtime: Runtime, connection_id: int) -> list[str]:
    """Kinds that were not read for a while, or of which the vendor said that it had not told everything."""
    with runtime.database.reading() as session:
        connection = session.get(Connection, connection_id)
        if connection is None or connection.state != ConnectionState.LIVE or connection.vendor not in registry.VENDORS:
            return []
        if connection.hold_until is not None and connection.hold_until > now():
            return []
        vendor = registry.VENDORS[connection.vendor]
        rows = {row.name: row for row in session.scalars(select(Cursor).where(Cursor.connection_id == connection_id))}
    seconds = int(runtime.settings.poll_seconds) * (SELDOM if vendor.listener is not None else 1)
    before = now() - timedelta(seconds=seconds)
    return [kind for kind in vendor.follows if kind not in rows or rows[kind].resync or rows[kind].read_at <= before]


def _poll_kind(runtime: Runtime, connection_id: int, target: Target, kind: str) -> None:
    with runtime.database.reading() as session:
        row = session.get(Cursor, (connection_id, kind))
        cursor = row.value if row is not None else ""
    for _ in range(PAGES):
        try:
            page = target.changes(kind, cursor)
        except Reauthorize:
            raise
        except Rejected as error:  # a kind that this account does not have, or not for us; it keeps no other one back
            page = Changes((), cursor)
            log.warning("poll", connection=connection_id, kind=kind, error=error.code)
        seen = [one for one in page.seen if not one.is_echo]
        refused = _refused(runtime, connection_id, kind, seen)
        told = [_notice(kind, one, now()) for one in seen if one not in refused]
        notices.receive(runtime, connection_id, told)
        # After the notices: whoever dies in between reads the page again, and nothing is missed.
        runtime.database.write(partial(_read_up_to, connection_id=connection_id, kind=kind, cursor=page.cursor))
        cursor = page.cursor
        if not page.more:
            break


def _notice(kind: str, one: Seen, at: datetime) -> Notice:
    """The same change seen twice is the same notice; unless it is so young that another one may get the same time."""
    early = f":{uuid.uuid4().hex}" if one.modified_at > at - YOUNG else ""
    return Notice(_version(kind, one) + early, f"poll {kind}", (one.ref,))


def _version(kind: str, one: Seen) -> str:
    return f"{kind}:{one.ref.id}:{one.modified_at.isoformat()}"


def _refused(runtime: Runtime, connection_id: int, kind: str, seen: Sequence[Seen]) -> list[Seen]:
    """What was told in this very version and is dead by now: it is a person's, until the record changes once more."""
    with runtime.database.reading() as session:
        connection = session.get_one(Connection, connection_id)
        rows = session.execute(
            select(Delivery.record_id, Delivery.changed_at).where(
                Delivery.connection_id == connection_id,
                Delivery.kind == deliveries.inward(kind),
                Delivery.record_id.in_([one.ref.id for one in seen]),
                Delivery.state == State.DEAD,
            )
        ).all()
        dead = {row.record_id: row.changed_at for row in rows}
        own = (InboxEvent.store_id == connection.store_id, InboxEvent.vendor == connection.vendor)
        return [
            one
            for one in seen
            if one.ref.id in dead
            and session.scalar(
                select(InboxEvent.id)
                .where(*own, InboxEvent.event_id.startswith(f"{connection_id}:{_version(kind, one)}", autoescape=True))
                .where(InboxEvent.received_at <= dead[one.ref.id])
                .limit(1)
            )
        ]


def _read_up_to(connection: DbConnection, connection_id: int, kind: str, cursor: str) -> None:
    row = {"connection_id": connection_id, "name": kind, "value": cursor, "resync": False, "read_at": now()}
    if not insert_new(connection, Cursor, row):
        connection.execute(
            update(Cursor)
            .where(Cursor.connection_id == connection_id, Cursor.name == kind)
            .values(value=cursor, resync=False, read_at=now())
        )
