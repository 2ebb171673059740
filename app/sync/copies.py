"""Our own copy of orders and people, refreshed by whatever the sync fetches; panels read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.db import insert_new, insert_new_ones
from app.domain import Cart, Company, Customer, Order, Record, Shipment, to_json
from app.domain.customer import fold
from app.domain.order import Stage
from app.models import CartCopy, OrderCopy, Person

Copy = TypeVar("Copy", OrderCopy, Person)


def keep(session: Session, store_id: int, records: Iterable[Record]) -> None:
    """Remember fetched records; an older fetch never replaces a newer one."""
    # In one order for everybody, so that two flushes of a store do not wait for each other in a circle.
    found = sorted(records, key=lambda record: (record.kind, record.id))
    for record in found:
        if isinstance(record, Cart):
            _keep_cart(session, store_id, record)
        elif isinstance(record, Company):
            _keep_members(session, store_id, record)
    kept = _keep_orders(session, store_id, [record for record in found if isinstance(record, Order)])
    people = [record for record in found if isinstance(record, Customer)]
    people += (order.buyer for order in kept if order.buyer.email)
    _keep_people(session, store_id, sorted(people, key=lambda person: person.id))


def enrich(session: Session, store_id: int, records: Mapping[str, Record | None]) -> dict[str, Record | None]:
    """Records with what other records told us of their people: whether they have bought, and for which company."""
    people = {record.id: record for record in records.values() if isinstance(record, Customer)}
    people |= {record.buyer.id: record.buyer for record in records.values() if isinstance(record, Order | Cart)}
    if not people:
        return dict(records)
    buyers = _buyers(session, store_id, people)
    companies = _companies(session, store_id, people)

    def full(person: Customer) -> Customer:
        return replace(
            person, has_ordered=person.id in buyers, company_id=person.company_id or companies.get(person.id, "")
        )

    found: dict[str, Record | None] = {}
    for record_id, record in records.items():
        if isinstance(record, Customer):
            found[record_id] = full(record)
        elif isinstance(record, Order | Cart):
            found[record_id] = replace(record, buyer=full(record.buyer))
        else:
            found[record_id] = record
    return found


def _buyers(session: Session, store_id: int, people: Iterable[str]) -> set[str]:
    query = select(OrderCopy.customer_id).where(
        OrderCopy.store_id == store_id,
        OrderCopy.customer_id.in_(list(people)),
        OrderCopy.stage != Stage.INCOMPLETE,
        OrderCopy.deleted.is_(False),
    )
    return set(session.scalars(query.distinct()))


def _companies(session: Session, store_id: int, people: Iterable[str]) -> dict[str, str]:
    query = select(Person.customer_id, Person.company_id).where(
        Person.store_id == store_id, Person.customer_id.in_(list(people)), Person.company_id != ""
    )
    return {customer_id: company_id for customer_id, company_id in session.execute(query)}


def with_parcels(session: Session, store_id: int, records: Mapping[str, Record | None]) -> dict[str, Record | None]:
    """Orders whose parcels were not asked for, with those that we hold of the same version of the order."""
    asked = [one.id for one in records.values() if isinstance(one, Order) and not one.parcels_known]
    if not asked:
        return dict(records)
    rows = session.scalars(select(OrderCopy).where(OrderCopy.store_id == store_id, OrderCopy.order_id.in_(asked)))
    held = {row.order_id: row for row in rows if row.document.get("parcels_known", True)}
    return {
        record_id: replace(one, shipments=_shipments(held[one.id].document), parcels_known=True)
        if isinstance(one, Order)
        and not one.parcels_known
        and one.id in held
        and held[one.id].modified_at == one.modified_at
        else one
        for record_id, one in records.items()
    }


def _shipments(document: Mapping[str, Any]) -> tuple[Shipment, ...]:
    rows = document.get("shipments") or ()
    return tuple(Shipment(**{**row, "shipped_at": datetime.fromisoformat(row["shipped_at"])}) for row in rows)


def forget(session: Session, store_id: int, kind: str, ids: Iterable[str]) -> None:
    """Mark records that are gone from the store."""
    for record_id in ids:
        row: OrderCopy | Person | CartCopy | None = None
        if kind == "order":
            row = session.get(OrderCopy, (store_id, record_id))
        elif kind == "customer":
            row = session.get(Person, (store_id, record_id))
        elif kind == "cart":
            row = session.get(CartCopy, (store_id, record_id))
        if row is not None:
            row.deleted = True


def _keep_orders(session: Session, store_id: int, orders: Sequence[Order]) -> list[Order]:
    """Those that are no older than what was held."""
    newest = {order.id: order for order in sorted(orders, key=lambda order: order.modified_at)}
    ids = sorted(newest)
    new = {
        key.order_id
        for key in insert_new_ones(session, OrderCopy, [_row_of(store_id, newest[order_id]) for order_id in ids])
    }
    held = _held(session, OrderCopy, store_id, OrderCopy.order_id, newest.keys() - new)
    kept: list[Order] = []
    for order_id in ids:
        order, row = newest[order_id], held.get(order_id)
        if row is not None and row.modified_at > order.modified_at:
            continue
        kept.append(order)
        if row is not None:
            values = _row_of(store_id, order)
            if not order.parcels_known:  # what we hold of them is older, and better than nothing
                values["document"]["shipments"] = row.document.get("shipments") or []
            _set(row, values)
    return kept


def _row_of(store_id: int, order: Order) -> dict[str, Any]:
    return {
        "store_id": store_id, "order_id": order.id,
        "customer_id": order.buyer.id, "email": fold(order.buyer.email), "stage": order.stage.value,
        "status": order.status, "channel_id": order.channel_id, "currency": order.currency, "total": order.total,
        "refunded": order.refunded, "placed_at": order.placed_at, "modified_at": order.modified_at,
        "deleted": order.is_deleted, "document": to_json(order),
    }  # fmt: skip


def _keep_people(session: Session, store_id: int, people: Sequence[Customer]) -> None:
    first: dict[str, Customer] = {}
    for person in people:
        first.setdefault(person.id, person)
    rows = [{**_person(store_id, person), "company_id": person.company_id} for person in first.values()]
    new = {key.customer_id for key in insert_new_ones(session, Person, rows)}
    later = [one for one in people if one.complete and not (one.id in new and one is first[one.id])]
    held = _held(session, Person, store_id, Person.customer_id, {person.id for person in later})
    for person in later:
        row = held.get(person.id)
        if row is not None and not (row.modified_at and person.modified_at and row.modified_at > person.modified_at):
            _set(row, _person(store_id, person))


def _person(store_id: int, person: Customer) -> dict[str, Any]:
    return {
        "store_id": store_id, "customer_id": person.id, "email": fold(person.email), "name": person.name[:255],
        "modified_at": person.modified_at, "deleted": False,
    }  # fmt: skip


def _held(
    session: Session, table: type[Copy], store_id: int, column: InstrumentedAttribute[str], ids: Iterable[str]
) -> dict[str, Copy]:
    """Rows by the id that the store has given, locked in one order for everybody."""
    wanted = list(ids)
    found: dict[str, Copy] = {}
    if wanted:
        query = select(table).where(table.store_id == store_id, column.in_(wanted)).order_by(column)
        locked = query.with_for_update().execution_options(populate_existing=True)
        for row in session.scalars(locked):
            found[getattr(row, column.key)] = row
    return found


def _keep_cart(session: Session, store_id: int, cart: Cart) -> None:
    key = {"store_id": store_id, "cart_id": cart.id}
    ended = {"order_id": cart.order_id, "deleted": False}
    values = {
        "customer_id": cart.buyer.id, "email": fold(cart.buyer.email), "currency": cart.currency, "amount": cart.amount,
        "modified_at": cart.modified_at, "document": to_json(cart), **ended,
    }  # fmt: skip
    if not insert_new(session, CartCopy, {**key, **values}):
        row = session.get_one(CartCopy, (store_id, cart.id), with_for_update=True)
        _set(row, ended if cart.is_recovered else values)  # of a cart that became an order the store tells no more


def _keep_members(session: Session, store_id: int, company: Company) -> None:
    """Who buys for a company is known from the company alone."""
    session.execute(
        update(Person)
        .where(Person.store_id == store_id, Person.company_id == company.id)
        .where(Person.customer_id.not_in(company.customer_ids))
        .values(company_id="")
    )
    for customer_id in company.customer_ids:
        row = {"store_id": store_id, "customer_id": customer_id, "email": "", "name": "", "deleted": False}
        insert_new(session, Person, {**row, "company_id": company.id})
        session.get_one(Person, (store_id, customer_id)).company_id = company.id


def _set(row: OrderCopy | Person | CartCopy, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
