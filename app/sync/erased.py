"""Remembers who was erased, without their names: nothing of theirs is carried again unless they buy anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.db import now
from app.domain import Cart, Customer, Message, Order, Record
from app.errors import Rejected, Withheld
from app.models import OrderCopy, PrivacyAction, PrivacyRequest, Store
from app.runtime import Runtime
from app.sync.holdings import PSEUDONYM, pseudonym
from app.sync.subjects import fingerprint, portions


def hold_back(
    runtime: Runtime, store_id: int, fetched: Mapping[str, Record | Rejected | None]
) -> dict[str, Record | Rejected | None]:
    """What was fetched, without what belongs to people who were erased: Withheld stands for it."""
    found, back = dict(fetched), set[str]()
    with runtime.database.reading() as session:
        erased = _erased(session, store_id)
        if not erased:
            return found
        store = session.get_one(Store, store_id)
        hidden = _orders_of(session, store_id, erased, filter(None, map(_order_id, fetched.values())))
        for record_id, record in fetched.items():
            person = _person(record)
            subject = fingerprint(store, person.email) if person is not None and person.email else ""
            if subject in erased and _is_new(record, erased[subject]):
                back.add(subject)
            elif subject in erased or _order_id(record) in hidden:
                found[record_id] = Withheld("This person's data were erased.", code="ERASED")
    if back:
        _lift(runtime, store_id, back)
    return found


def is_erased(session: Session, store_id: int, email: str) -> bool:
    """Whether whoever goes by this address was erased, and has not come back."""
    erased = _erased(session, store_id)
    return bool(erased) and fingerprint(session.get_one(Store, store_id), email) in erased


def _erased(session: Session, store_id: int) -> dict[str, datetime]:
    query = select(PrivacyRequest.subject_hash, PrivacyRequest.requested_at).where(
        PrivacyRequest.store_id == store_id,
        PrivacyRequest.action == PrivacyAction.ERASE,
        PrivacyRequest.lifted_at.is_(None),
    )
    return {subject: requested_at for subject, requested_at in session.execute(query)}


def _lift(runtime: Runtime, store_id: int, people: Iterable[str]) -> None:
    """They came back by themselves: from now on they are customers like any other."""
    with runtime.database.transaction() as session:
        session.execute(
            update(PrivacyRequest)
            .where(PrivacyRequest.store_id == store_id, PrivacyRequest.subject_hash.in_(list(people)))
            .where(PrivacyRequest.lifted_at.is_(None), PrivacyRequest.action == PrivacyAction.ERASE)
            .values(lifted_at=now())
        )


def _person(record: Record | Rejected | None) -> Customer | None:
    if isinstance(record, Customer):
        return record
    return record.buyer if isinstance(record, Order | Cart) else None


def _is_new(record: Record | Rejected | None, since: datetime) -> bool:
    """Whether it tells that they bought or registered after they were erased."""
    if isinstance(record, Order):
        return record.placed_at > since
    return isinstance(record, Customer) and record.created_at is not None and record.created_at > since


def _order_id(record: Record | Rejected | None) -> str:
    """Of an order, and of what belongs to one."""
    if isinstance(record, Order):
        return record.id
    return record.order_id if isinstance(record, Message) else ""


def _orders_of(session: Session, store_id: int, erased: Iterable[str], ids: Iterable[str]) -> set[str]:
    """Which of these orders are of people who were erased, whatever address they were placed with."""
    people, found = {pseudonym(subject) for subject in erased}, set[str]()
    for some in portions(ids):
        anonymous = (OrderCopy.order_id.in_(some), OrderCopy.customer_id.startswith(PSEUDONYM))
        query = select(OrderCopy.order_id, OrderCopy.customer_id).where(OrderCopy.store_id == store_id, *anonymous)
        found |= {row.order_id for row in session.execute(query) if row.customer_id in people}
    return found
