"""Fields on which both sides disagree: noted with both values, settled by a rule or by a person."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from app.connectors.base import Key, Theirs
from app.db import now
from app.domain import Record
from app.mapping.merge import Clash, Decision, Merged
from app.models import Conflict, ConflictState, Connection, Link, LinkState
from app.runtime import Runtime
from app.sync import audit, connections, deliveries
from app.sync.deliveries import inward

CHUNK = 200
Place = tuple[str, str, str]  # kind, our id, field


def decided(session: Session, connection_id: int, keys: Iterable[Key]) -> dict[Key, dict[str, Decision]]:
    """What persons chose and nobody has carried out yet, by key and field."""
    found: dict[Key, dict[str, Decision]] = {}
    for row in _unsettled(session, connection_id, list(keys)):
        if row.state == ConflictState.DECIDED:
            found.setdefault((row.kind, row.our_id), {})[row.field] = Decision(row.winner, row.ours, row.theirs)
    return found


def note(
    session: Session,
    connection_id: int,
    concluded: Sequence[tuple[Record, Mapping[Key, Merged]]],
    theirs: Mapping[Key, Theirs],
) -> None:
    """Bring the list of conflicts of records up to date: new ones, those with a winner, those that are over."""
    keys = dict.fromkeys(key for _, parts in concluded for key in parts)
    known = {(row.kind, row.our_id, row.field): row for row in _unsettled(session, connection_id, list(keys))}
    for record, parts in concluded:
        known.update(_note(session, connection_id, record, parts, theirs, known))


def _note(
    session: Session,
    connection_id: int,
    record: Record,
    parts: Mapping[Key, Merged],
    theirs: Mapping[Key, Theirs],
    known: Mapping[Place, Conflict],
) -> dict[Place, Conflict]:
    """The new ones."""
    rows = {place: row for place, row in known.items() if place[:2] in parts and row.state != ConflictState.SETTLED}
    new: dict[Place, Conflict] = {}
    for key, part in parts.items():
        clashes = {clash.field: clash for clash in part.clashes}
        for name, clash in clashes.items():
            row = rows.pop((*key, name), None)
            if row is not None:
                _renew(row, clash)
            elif not clash.winner or not _is_known(session, connection_id, key, clash):
                new[(*key, name)] = _new(session, connection_id, record, key, theirs[key], clash)
        for place in [
            place
            for place in rows
            if place[:2] == key and place[2] in part.agreed.theirs and place[2] not in part.to_crm
        ]:
            row = rows.pop(place)
            _settle(row, row.winner, "agreed")
    session.add_all(new.values())
    return new


def decide(runtime: Runtime, store_id: int, ids: Sequence[int], winner: str, user_id: int) -> int:
    """A person's word on open conflicts of a store; how many. The records are brought into step at once.

    Where a field no longer travels, or its record there is gone, there is nothing to carry out.
    """
    with runtime.database.transaction() as session:
        rows = session.scalars(
            select(Conflict).where(
                Conflict.store_id == store_id, Conflict.id.in_(ids), Conflict.state != ConflictState.SETTLED
            )
        ).all()
        for row in rows:
            link = session.scalar(
                select(Link).where(
                    Link.connection_id == row.connection_id,
                    Link.kind == row.kind,
                    Link.our_id == row.our_id,
                    Link.state == LinkState.LIVE,
                )
            )
            row.settled_by = f"user: {user_id}"
            if link is None or not _travels(session, row):
                _settle(row, winner, row.settled_by)
                continue
            row.state, row.winner, row.changed_at = ConflictState.DECIDED, winner, now()
            place = (store_id, row.connection_id, inward(link.their_kind), link.their_id)
            deliveries.request(session, *place, uuid.uuid4().hex)
        touched = {row.connection_id for row in rows if row.state == ConflictState.DECIDED}
    for connection_id in touched:
        runtime.bell.ring(connection_id)
    return len(rows)


def _travels(session: Session, row: Conflict) -> bool:
    connection = session.get_one(Connection, row.connection_id)
    return row.field in connections.fields_back(connection.vendor, connection.switches).get(row.kind, ())


def close(session: Session, connection_id: int, keys: Iterable[Key], why: str) -> None:
    """There is nothing left to disagree about."""
    for row in _unsettled(session, connection_id, list(keys)):
        _settle(row, "", why)


def _unsettled(session: Session, connection_id: int, keys: list[Key]) -> list[Conflict]:
    found: list[Conflict] = []
    for start in range(0, len(keys), CHUNK):
        query = select(Conflict).where(
            Conflict.connection_id == connection_id,
            tuple_(Conflict.kind, Conflict.our_id).in_(keys[start : start + CHUNK]),
            Conflict.state != ConflictState.SETTLED,
        )
        found.extend(session.scalars(query))
    return found


def _is_known(session: Session, connection_id: int, key: Key, clash: Clash) -> bool:
    """Whether the same change was overruled before: it may be told more than once."""
    last = select(Conflict).where(
        Conflict.connection_id == connection_id,
        Conflict.kind == key[0],
        Conflict.our_id == key[1],
        Conflict.field == clash.field,
    )
    row = session.scalars(last.order_by(Conflict.id.desc()).limit(1)).first()
    return row is not None and (row.ours, row.theirs, row.winner) == (clash.ours, clash.theirs, clash.winner)


def _new(session: Session, connection_id: int, record: Record, key: Key, theirs: Theirs, clash: Clash) -> Conflict:
    row = Conflict(
        store_id=session.get_one(Connection, connection_id).store_id,
        connection_id=connection_id,
        kind=key[0],
        our_id=key[1],
        their_kind=theirs.ref.kind,
        their_id=theirs.ref.id,
        record_kind=record.kind,
        record_id=record.id,
        label=audit.label(record),
        field=clash.field,
        agreed=clash.agreed,
        state=ConflictState.OPEN,
    )
    _renew(row, clash)
    return row


def _renew(row: Conflict, clash: Clash) -> None:
    row.ours, row.theirs, row.changed_at = clash.ours, clash.theirs, now()
    if not clash.winner:  # also where somebody had chosen, but between other values
        row.state, row.winner, row.settled_by = ConflictState.OPEN, "", ""
    else:
        _settle(row, clash.winner, clash.by if clash.by != "person" else row.settled_by)


def _settle(row: Conflict, winner: str, by: str) -> None:
    row.state, row.winner, row.settled_by, row.changed_at = ConflictState.SETTLED, winner, by or row.settled_by, now()
