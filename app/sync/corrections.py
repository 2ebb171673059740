"""What people typed in place of a value of the store: applied to whatever is read, until the store's own changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.orm import Session

from app.connectors.base import Flag, Key
from app.db import insert_new, now
from app.domain import Record
from app.domain.correctable import corrected, person_of, values
from app.log import get_logger
from app.models import CartCopy, Correction, OrderCopy
from app.runtime import Runtime

APPLIED, OVER = "CORRECTED", "CORRECTION_OVER"

log = get_logger()


@dataclass(frozen=True)
class Applied:
    """Records as they are to be carried; `originals`, by their own id: as the store has those that differ from it."""

    records: dict[str, Record | None]
    originals: Mapping[str, Record]
    flags: Mapping[str, tuple[Flag, ...]]


@dataclass(frozen=True)
class _Judged:
    """What corrections come to for one record, as it is now."""

    new: dict[str, str]
    over: list[Correction]
    flags: tuple[Flag, ...]


def apply(runtime: Runtime, connection_id: int, records: Mapping[str, Record | None]) -> Applied:
    """Records with the corrections of this connection; a correction whose original is no longer there ends.

    One that was made on another record of the same person is used where that record has the same wrong value.
    """
    with runtime.database.reading() as session:
        found = _of(session, connection_id, [record for record in records.values() if record is not None])
    if not found:
        return Applied(dict(records), {}, {})
    ready: dict[str, Record | None] = dict(records)
    originals: dict[str, Record] = {}
    flags: dict[str, tuple[Flag, ...]] = {}
    over: list[Correction] = []
    for asked_by, record in records.items():
        if record is None:
            continue
        judged = _judge(record, found)
        over += judged.over
        flags[asked_by] = judged.flags
        if judged.new:
            ready[asked_by], originals[record.id] = corrected(record, judged.new), record
    _end(runtime, over)
    return Applied(ready, originals, flags)


def of(session: Session, connection_id: int, key: Key) -> dict[str, Correction]:
    """The corrections that were made on one record, by field."""
    rows = session.scalars(
        select(Correction).where(
            Correction.connection_id == connection_id, Correction.kind == key[0], Correction.record_id == key[1]
        )
    )
    return {row.field: row for row in rows}


def save(
    session: Session, store_id: int, connection_id: int, record: Record, new: Mapping[str, str], made_by: str
) -> None:
    """Keep values for fields of a record; the store's own value again is the end of a correction."""
    held, before = values(record), of(session, connection_id, (record.kind, record.id))
    for name, text in new.items():
        if name in before:
            session.delete(before[name])
            session.flush()
        if text == held[name]:
            _take_back(session, connection_id, person_of(record), name, text)
        else:
            row = {
                "store_id": store_id, "connection_id": connection_id, "kind": record.kind, "record_id": record.id,
                "person_id": person_of(record), "field": name, "original": held[name], "value": text,
                "made_by": made_by, "made_at": now(),
            }  # fmt: skip
            insert_new(session, Correction, row)


def standing(session: Session, connection_id: int, record: Record) -> dict[str, str]:
    """What is sent of a record in place of the store's values, by field; also by corrections of the same person."""
    return _judge(record, _of(session, connection_id, [record])).new


def drop(session: Session, store_id: int, connection_id: int, key: Key) -> None:
    """The store's values are sent again, of a record and of the person whom it is about."""
    people = {_person(session, store_id, key)} - {""}
    own = and_(Correction.kind == key[0], Correction.record_id == key[1])
    same = (Correction.connection_id == connection_id, or_(own, Correction.person_id.in_(people)))
    session.execute(delete(Correction).where(*same))


def _person(session: Session, store_id: int, key: Key) -> str:
    """Whom a record is about, as far as we know; "" if it is about nobody."""
    copy: OrderCopy | CartCopy | None = None
    match key[0]:
        case "customer":
            return key[1]
        case "order":
            copy = session.get(OrderCopy, (store_id, key[1]))
        case "cart":
            copy = session.get(CartCopy, (store_id, key[1]))
    return copy.customer_id if copy is not None else ""


def _take_back(session: Session, connection_id: int, person: str, name: str, original: str) -> None:
    """The store's value is right after all, also where another record of the same person said otherwise."""
    same = (Correction.connection_id == connection_id, Correction.person_id == person, Correction.field == name)
    if person:
        session.execute(delete(Correction).where(*same, Correction.original == original))


def _of(session: Session, connection_id: int, records: Iterable[Record]) -> list[Correction]:
    by_kind: dict[str, list[str]] = {}
    people = set()
    for record in records:
        by_kind.setdefault(record.kind, []).append(record.id)
        people.add(person_of(record))
    if not by_kind:
        return []
    own = [and_(Correction.kind == kind, Correction.record_id.in_(ids)) for kind, ids in by_kind.items()]
    theirs = Correction.person_id.in_(people - {""})
    query = select(Correction).where(Correction.connection_id == connection_id, or_(*own, theirs))
    return list(session.scalars(query.order_by(Correction.id)))


def _judge(record: Record, found: Iterable[Correction]) -> _Judged:
    held, person = values(record), person_of(record)
    new: dict[str, str] = {}
    over: list[Correction] = []
    flags: list[Flag] = []
    # What was said of this very record counts for more than what was said of another one of the same person.
    for row in sorted(found, key=lambda row: (row.kind, row.record_id) == (record.kind, record.id)):
        is_own = (row.kind, row.record_id) == (record.kind, record.id)
        if not is_own and (not person or row.person_id != person):
            continue
        now_held = held.get(row.field)
        if now_held == row.original:
            new[row.field] = row.value
        elif is_own:
            over.append(row)
            if now_held not in (None, row.value):
                flags.append(
                    Flag(OVER, f"{_shown(row.field)}: “{now_held}” in the store; “{row.value}” is no longer sent.")
                )
    applied = [
        Flag(APPLIED, f"{_shown(name)}: “{text}” was sent in place of “{held[name]}”.") for name, text in new.items()
    ]
    return _Judged(new, over, (*flags, *applied))


def _shown(field: str) -> str:
    """The name of a field for people: `shipping.postal_code` is "Shipping, postal code"."""
    return field.replace("_", " ").replace(".", ", ").capitalize()


def _end(runtime: Runtime, over: Iterable[Correction]) -> None:
    rows = list(over)
    if not rows:
        return
    with runtime.database.transaction() as session:
        for row in rows:  # unless somebody corrected it anew meanwhile: that is another row
            same = (Correction.id == row.id, Correction.original == row.original, Correction.value == row.value)
            session.execute(delete(Correction).where(*same))
            log.info(
                "correction over", connection=row.connection_id, kind=row.kind, record=row.record_id, field=row.field
            )
