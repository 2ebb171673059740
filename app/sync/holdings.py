"""Where we hold something of a person: the rows of every table that are theirs, and what erasing makes of a row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, null, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.db import now
from app.domain import to_json
from app.domain.customer import Address, Customer
from app.models import (
    Attempt,
    Base,
    CartCopy,
    Conflict,
    Connection,
    Correction,
    Delivery,
    InboxEvent,
    Link,
    OrderCopy,
    PanelLaunch,
    Person,
    Reservation,
    State,
)
from app.sync import reservations
from app.sync.outcomes import ERASED
from app.sync.subjects import PERSONAL, Subject, portions

PSEUDONYM = "erased:"  # before what stands for a customer's id afterwards
MESSAGES = 100  # orders whose messages one query looks for
OWN = ("customer", "crm:")  # kinds of deliveries that are about nothing but the person


def pseudonym(subject_hash: str) -> str:
    """What stands for the id of a customer who was erased."""
    return PSEUDONYM + subject_hash[:24]


def _none(row: Any) -> str:
    """Of tables whose rows are not found by their text."""
    return ""


@dataclass(frozen=True)
class Holding:
    """One table: which rows are a person's, and how one of them is erased (with what stands for the person now).

    `text`: of a row that may be found by it, and may be about somebody with a longer address.
    """

    table: type[Base]
    find: Callable[[Subject], Iterator[Select[Any]]]
    erase: Callable[[Session, Any, str], None]
    text: Callable[[Any], str] = _none


def rows(session: Session, holding: Holding, whom: Subject) -> Iterator[Any]:
    """The rows of one table that are a person's."""
    seen: set[tuple[Any, ...]] = set()
    for query in holding.find(whom):
        for row in session.scalars(query):
            key = key_of(row)
            if key not in seen and not whom.is_another(holding.text(row)):
                seen.add(key)
                yield row


def key_of(row: Base) -> tuple[Any, ...]:
    """The primary key of a row."""
    return tuple(row.__mapper__.primary_key_from_instance(row))


def _by_ids(
    column: InstrumentedAttribute[str], ids: Iterable[str], *more: ColumnElement[bool]
) -> Iterator[Select[Any]]:
    for some in portions(sorted(ids)):
        yield select(column.class_).where(column.in_(some), *more)


def _orders(whom: Subject) -> Iterator[Select[Any]]:
    return _by_ids(OrderCopy.order_id, whom.order_ids, OrderCopy.store_id == whom.store_id)


def _carts(whom: Subject) -> Iterator[Select[Any]]:
    return _by_ids(CartCopy.cart_id, whom.cart_ids, CartCopy.store_id == whom.store_id)


def _people(whom: Subject) -> Iterator[Select[Any]]:
    return _by_ids(Person.customer_id, whom.customer_ids, Person.store_id == whom.store_id)


def _links(whom: Subject) -> Iterator[Select[Any]]:
    ours = select(Connection.id).where(Connection.store_id == whom.store_id)
    return _by_ids(Link.our_id, whom.customer_ids, Link.kind.in_(PERSONAL), Link.connection_id.in_(ours))


def _deliveries(whom: Subject) -> Iterator[Select[Any]]:
    mine = Delivery.store_id == whom.store_id
    for kind, ids in whom.records():
        yield from _by_ids(Delivery.record_id, ids, mine, Delivery.kind == kind)
    for some in portions(sorted(whom.order_ids), MESSAGES):
        of_them = or_(*(Delivery.record_id.startswith(f"{order_id}-") for order_id in some))
        yield select(Delivery).where(mine, Delivery.kind == "message", of_them)
    for connection_id, kind, their_id in whom.changes():
        here = and_(Delivery.connection_id == connection_id, Delivery.kind == kind, Delivery.record_id == their_id)
        yield select(Delivery).where(here)


def _attempts(whom: Subject) -> Iterator[Select[Any]]:
    for query in _deliveries(whom):
        yield select(Attempt).where(Attempt.delivery_id.in_(query.with_only_columns(Delivery.id)))


def _notices(whom: Subject) -> Iterator[Select[Any]]:
    """By what they led to, and by the address in their text."""
    mine = InboxEvent.store_id == whom.store_id
    for query in _deliveries(whom):
        yield select(InboxEvent).where(
            mine, InboxEvent.correlation_id.in_(query.with_only_columns(Delivery.correlation_id))
        )
    yield select(InboxEvent).where(mine, func.lower(InboxEvent.body).contains(whom.email, autoescape=True))


def _conflicts(whom: Subject) -> Iterator[Select[Any]]:
    for kind, ids in whom.records():
        mine = (Conflict.store_id == whom.store_id, Conflict.record_kind == kind)
        yield from _by_ids(Conflict.record_id, ids, *mine)


def _corrections(whom: Subject) -> Iterator[Select[Any]]:
    yield from _by_ids(Correction.person_id, whom.customer_ids, Correction.store_id == whom.store_id)
    for kind, ids in whom.records():
        mine = (Correction.store_id == whom.store_id, Correction.kind == kind)
        yield from _by_ids(Correction.record_id, ids, *mine)


def _launches(whom: Subject) -> Iterator[Select[Any]]:
    ours = select(Connection.id).where(Connection.store_id == whom.store_id)
    text = func.lower(cast(PanelLaunch.opening, String))
    yield select(PanelLaunch).where(PanelLaunch.connection_id.in_(ours), text.contains(whom.email, autoescape=True))


def _reservations(whom: Subject) -> Iterator[Select[Any]]:
    ours = select(Connection.id).where(Connection.store_id == whom.store_id)
    theirs = {one for customer_id in whom.customer_ids for one in reservations.person(customer_id, whom.email)}
    yield from _by_ids(Reservation.subject, theirs, Reservation.connection_id.in_(ours))


def _delete(session: Session, row: Any, _: str) -> None:
    session.delete(row)


def _end_delivery(session: Session, row: Delivery, _: str) -> None:
    """What is about nothing else goes; of the rest it stays known that it was carried. One under way is left alone."""
    if row.state == State.RUNNING:
        return
    if row.kind.startswith(OWN):
        session.delete(row)
        return
    if row.state in (State.WAITING, State.DEAD):
        row.state, row.result, row.changed_at = State.DONE, ERASED, now()
    row.label, row.error_field, row.error_message, row.flags = f"{row.kind.capitalize()} {row.record_id}", "", "", []


def _blank_attempt(_: Session, row: Attempt, __: str) -> None:
    if row.has_payload or row.error_message:
        row.sent, row.received, row.has_payload, row.error_message = null(), null(), False, ""


def _blank_notice(_: Session, row: InboxEvent, __: str) -> None:
    row.body = ""


def _anonymous_order(_: Session, row: OrderCopy, customer_id: str) -> None:
    """What the books need stays: number, dates, goods, amounts."""
    if row.customer_id == customer_id:
        return
    nobody, nowhere = to_json(Customer(customer_id, "", complete=False)), to_json(Address())
    refunds = [{**refund, "reason": ""} for refund in row.document.get("refunds", ())]
    parcels = [{**parcel, "tracking_number": "", "tracking_url": ""} for parcel in row.document.get("shipments", ())]
    row.customer_id, row.email = customer_id, ""
    row.document = {
        **row.document, "buyer": nobody, "billing": nowhere, "shipping": nowhere, "customer_message": "",
        "cart_id": "", "external_order_id": "", "refunds": refunds, "shipments": parcels,
    }  # fmt: skip


HOLDINGS = (  # in this order: deliveries lead to notices and attempts, copies and links to deliveries
    Holding(InboxEvent, _notices, _blank_notice, lambda row: str(row.body)),
    Holding(Attempt, _attempts, _blank_attempt),
    Holding(Delivery, _deliveries, _end_delivery),
    Holding(Conflict, _conflicts, _delete),  # of orders too: nothing is carried that could settle one
    Holding(Correction, _corrections, _delete),
    Holding(Link, _links, _delete),
    Holding(PanelLaunch, _launches, _delete, lambda row: json.dumps(row.opening, ensure_ascii=False)),
    Holding(Reservation, _reservations, _delete),
    Holding(OrderCopy, _orders, _anonymous_order),
    Holding(CartCopy, _carts, _delete),
    Holding(Person, _people, _delete),
)
