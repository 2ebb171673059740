"""What a CRM tells of its own: written down, then a waiting delivery for whatever we know or want to know."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Iterable, Sequence
from functools import partial

from sqlalchemy import Connection as DbConnection
from sqlalchemy import select, update

from app.connectors.base import TO_STORE, Notice, Ref
from app.db import insert_new, now
from app.log import get_logger
from app.models import Connection, Cursor, InboxEvent, Link, LinkState, Store, StoreState
from app.models.store import COLLECTING
from app.runtime import Runtime
from app.sync import connections, deliveries
from app.sync.inward import NEW

ACTS_AS = "acts_as"  # among a connection's facts: how its CRM names us on what we change
STREAM = "stream"  # the cursor of a stream of notices
KEY = 32  # bytes of the secret in our address
CHUNK = 200

log = get_logger()


def receive(runtime: Runtime, connection_id: int, notices: Sequence[Notice], *, from_stream: bool = False) -> int:
    """Keep notices and how far a stream was read, in one commit; how many were news."""
    new = runtime.database.write(partial(_record, connection_id=connection_id, notices=notices, is_stream=from_stream))
    if new:
        runtime.bell.ring(connection_id)
    return new


def changed(connection: DbConnection, connection_id: int, refs: Iterable[Ref], correlation_id: str) -> int:
    """Ask for records of a CRM to be followed: those that are linked, and new people where these are wanted."""
    row = connection.execute(
        select(Connection.store_id, Connection.vendor, Connection.switches).where(
            Connection.id == connection_id, Connection.state.in_(COLLECTING)
        )
    ).first()
    if row is None:
        return 0
    wanted = list(dict.fromkeys(refs))
    if NEW not in connections.wanted_kinds(row.vendor, row.switches, TO_STORE):
        wanted = _linked(connection, connection_id, wanted)
    for ref in wanted:
        deliveries.request(connection, row.store_id, connection_id, deliveries.inward(ref.kind), ref.id, correlation_id)
    return len(wanted)


def by_key(runtime: Runtime, vendor: str, key: str) -> int | None:
    """The connection that an address of ours with this secret stands for."""
    with runtime.database.reading() as session:
        return session.scalar(
            select(Connection.id)
            .join(Store)
            .where(
                Connection.hook_hash == _hash(key),
                Connection.vendor == vendor,
                Connection.state.in_(COLLECTING),
                Store.state == StoreState.ACTIVE,
            )
        )


def address(runtime: Runtime, connection_id: int) -> str:
    """Where this connection's CRM may tell us of changes; made at first use, the secret part kept sealed."""
    with runtime.database.transaction() as session:
        connection = session.get_one(Connection, connection_id, with_for_update=True)
        if connection.hook_key is None:
            key = secrets.token_urlsafe(KEY)
            connection.hook_key = runtime.vault.seal(key, connections.hook_row(connection_id))
            connection.hook_hash = _hash(key)
        key = runtime.vault.open(connection.hook_key, connections.hook_row(connection_id))
        return runtime.settings.absolute(f"/webhooks/{connection.vendor}/{key}")


def is_storable(text: str) -> bool:
    """Whether every database takes it as text: no NUL, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _record(connection: DbConnection, connection_id: int, notices: Sequence[Notice], is_stream: bool) -> int:
    row = connection.execute(
        select(Connection.store_id, Connection.vendor, Connection.facts).where(Connection.id == connection_id)
    ).first()
    if row is None:
        return 0
    new = 0
    for notice in notices:
        is_echo = bool(notice.by) and notice.by in row.facts.get(ACTS_AS, ())
        if notice.scope and not is_echo:  # without a scope it only tells how far the stream has come
            new += _keep(connection, connection_id, row.store_id, row.vendor, notice)
    if is_stream and notices and notices[-1].cursor:
        _read_up_to(connection, connection_id, notices[-1].cursor)
    return new


def _keep(connection: DbConnection, connection_id: int, store_id: int, vendor: str, notice: Notice) -> int:
    correlation_id = uuid.uuid4().hex
    event = {
        "store_id": store_id, "vendor": vendor, "event_id": f"{connection_id}:{notice.event_id}"[:255],
        "scope": notice.scope[:255], "body": notice.body.replace("\0", ""), "correlation_id": correlation_id,
        "known": True,
        "received_at": now(),
    }  # fmt: skip
    if not insert_new(connection, InboxEvent, event):
        return 0
    for kind in notice.resync:
        connection.execute(
            update(Cursor).where(Cursor.connection_id == connection_id, Cursor.name == kind).values(resync=True)
        )
    asked = changed(connection, connection_id, notice.refs, correlation_id)
    log.info("notice", vendor=vendor, scope=notice.scope, correlation=correlation_id, asked=asked)
    return 1


def _read_up_to(connection: DbConnection, connection_id: int, cursor: str) -> None:
    row = {"connection_id": connection_id, "name": STREAM, "value": cursor, "resync": False, "read_at": now()}
    if not insert_new(connection, Cursor, row):
        connection.execute(
            update(Cursor)
            .where(Cursor.connection_id == connection_id, Cursor.name == STREAM)
            .values(value=cursor, read_at=now())
        )


def _linked(connection: DbConnection, connection_id: int, refs: list[Ref]) -> list[Ref]:
    by_kind: dict[str, list[str]] = {}
    for ref in refs:
        by_kind.setdefault(ref.kind, []).append(ref.id)
    found: set[tuple[str, str]] = set()
    for kind, ids in by_kind.items():
        for start in range(0, len(ids), CHUNK):
            query = select(Link.their_kind, Link.their_id).where(
                Link.connection_id == connection_id,
                Link.their_kind == kind,
                Link.their_id.in_(ids[start : start + CHUNK]),
                Link.state != LinkState.MERGED,  # what was deleted there may be restored
            )
            found.update((row.their_kind, row.their_id) for row in connection.execute(query))
    return [ref for ref in refs if (ref.kind, ref.id) in found]


def _hash(key: str) -> str:
    return hmac.new(b"hook", key.encode(), hashlib.sha256).hexdigest()
