"""Our own copy of orders and people, refreshed by whatever the sync fetches; panels read it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from app.domain import Customer, Order, Record, to_json
from app.domain.customer import fold
from app.models import OrderCopy, Person


def keep(session: Session, store_id: int, records: Iterable[Record]) -> None:
    """Remember fetched records; an older fetch never replaces a newer one."""
    for record in records:
        if isinstance(record, Order):
            _keep_order(session, store_id, record)
        elif isinstance(record, Customer):
            _keep_person(session, store_id, record)


def forget(session: Session, store_id: int, kind: str, ids: Iterable[str]) -> None:
    """Mark records that are gone from the store."""
    for record_id in ids:
        row: OrderCopy | Person | None = None
        if kind == "order":
            row = session.get(OrderCopy, (store_id, record_id))
        elif kind == "customer":
            row = session.get(Person, (store_id, record_id))
        if row is not None:
            row.deleted = True


def _keep_order(session: Session, store_id: int, order: Order) -> None:
    row = session.get(OrderCopy, (store_id, order.id)) or OrderCopy(store_id=store_id, order_id=order.id)
    if row.modified_at is not None and row.modified_at > order.modified_at:
        return
    row.customer_id, row.email = order.buyer.id, fold(order.buyer.email)
    row.stage, row.status, row.channel_id = order.stage, order.status, order.channel_id
    row.currency, row.total, row.refunded = order.currency, order.total, order.refunded
    row.placed_at, row.modified_at, row.deleted = order.placed_at, order.modified_at, order.is_deleted
    row.document = to_json(order)
    session.add(row)
    if order.buyer.email:
        _keep_person(session, store_id, order.buyer)


def _keep_person(session: Session, store_id: int, person: Customer) -> None:
    row = session.get(Person, (store_id, person.id))
    if row is None:
        row = Person(store_id=store_id, customer_id=person.id)
    elif not person.complete or (row.modified_at and person.modified_at and row.modified_at > person.modified_at):
        return
    row.email, row.name = fold(person.email), person.name[:255]
    row.modified_at, row.deleted = person.modified_at, False
    session.add(row)
