"""Our own copy of orders and people, refreshed by whatever the sync fetches; panels read it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from app.db import insert_new
from app.domain import Customer, Order, Record, to_json
from app.domain.customer import fold
from app.models import OrderCopy, Person


def keep(session: Session, store_id: int, records: Iterable[Record]) -> None:
    """Remember fetched records; an older fetch never replaces a newer one."""
    # In one order for everybody, so that two flushes of a store do not wait for each other in a circle.
    for record in sorted(records, key=lambda record: (record.kind, record.id)):
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
    key = {"store_id": store_id, "order_id": order.id}
    values = {
        "customer_id": order.buyer.id, "email": fold(order.buyer.email), "stage": order.stage.value,
        "status": order.status, "channel_id": order.channel_id, "currency": order.currency, "total": order.total,
        "refunded": order.refunded, "placed_at": order.placed_at, "modified_at": order.modified_at,
        "deleted": order.is_deleted, "document": to_json(order),
    }  # fmt: skip
    if not insert_new(session, OrderCopy, {**key, **values}):
        row = session.get_one(OrderCopy, (store_id, order.id), with_for_update=True)
        if row.modified_at > order.modified_at:
            return
        _set(row, values)
    if order.buyer.email:
        _keep_person(session, store_id, order.buyer)


def _keep_person(session: Session, store_id: int, person: Customer) -> None:
    key = {"store_id": store_id, "customer_id": person.id}
    values = {
        "email": fold(person.email), "name": person.name[:255], "modified_at": person.modified_at, "deleted": False
    }  # fmt: skip
    if insert_new(session, Person, {**key, **values}) or not person.complete:
        return
    row = session.get_one(Person, (store_id, person.id), with_for_update=True)
    if not (row.modified_at and person.modified_at and row.modified_at > person.modified_at):
        _set(row, values)


def _set(row: OrderCopy | Person, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
