"""What happened to an order, and what was written about it, as completed tasks: each told once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from app.connectors.base import Key, Known
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.found import Found
from app.connectors.salesforce.mappings import ACTIVITY, ACTIVITY_ID, CUSTOMER_ID, ORDER_ID
from app.connectors.salesforce.steps import Level, Plan, Step
from app.domain import Message, Order, Refund, Shipment
from app.mapping import payload

OPTION = "activities"


@dataclass(frozen=True)
class Happening:
    """One thing to tell of; `note` is what its link is to remember."""

    kind: ClassVar[str] = "activity"

    id: str
    subject: str
    text: str
    at: datetime
    note: tuple[str, ...] = ()


def keys(order: Order) -> tuple[Key, ...]:
    """Whatever may have been told of an order in the state it is in."""
    return tuple(("activity", one.id) for one in _happenings(order))


def of_order(
    order: Order, place: Known | None, buyer: Mapping[str, Any], known: Mapping[Key, Known], facts: Facts
) -> Plan:
    """What was not told yet; the first state of an order goes without saying."""
    if not facts.has(f"Task.{ACTIVITY_ID}"):  # prepare() told it
        return Plan()
    about = {"WhatId": place.ref.id} if place is not None else _foreign("What", "Order", ORDER_ID, order.id, facts)
    row = {**about, **_who(buyer)}
    told = known.get(("activity", f"{order.id}-placed"))
    known_status = told.children if told is not None else (str(order.status_id),)
    happenings = [one for one in _happenings(order) if ("activity", one.id) not in known]
    return Plan([_step(one, row, facts) for one in happenings if one.id not in _statuses(order, known_status)])


def of_message(message: Message, known: Mapping[Key, Known], found: Found, facts: Facts) -> Plan:
    """A message, on the order's deal and the contact as far as they are there."""
    lacking = facts.lack(f"Task.{ACTIVITY_ID}")
    if lacking is not None:
        return Plan(error=lacking)
    row: dict[str, Any] = {}
    deal = known.get(("opportunity", message.order_id)) or known.get(("order", message.order_id))
    found_order = found.orders.get(facts.external_id(message.order_id))
    if deal is not None:
        row["WhatId"] = deal.ref.id
    elif found_order:
        row["WhatId"] = found_order
    contact = known.get(("customer", message.customer_id))
    if contact is not None and contact.ref.kind == "Contact":
        row["WhoId"] = contact.ref.id
    told = _told(message)
    makes, place = (("message", message.id),), known.get(("message", message.id))
    if place is not None:
        return Plan([Step(Level.ACTIVITY, "Task", place.ref.id, _row(told, row, facts), assumed=True, makes=makes)])
    external = facts.external_id(told.id)
    return Plan([Step(Level.ACTIVITY, "Task", external, _row(told, row, facts), key=ACTIVITY_ID, makes=makes)])


def message_content(message: Message) -> dict[str, Any]:
    """All that would be sent of a message, for the fingerprint."""
    told = _told(message)
    return {"subject": told.subject, "text": told.text, "at": told.at}


def _told(message: Message) -> Happening:
    author = "the store" if message.by_staff else "the customer"
    subject = f"Message of {author} on order #{message.order_id}: {message.subject}".rstrip(": ")
    return Happening(f"message-{message.id}", subject, message.text, message.sent_at)


def _happenings(order: Order) -> Iterator[Happening]:
    total = f"{order.total} {order.currency}"
    placed = Happening(
        f"{order.id}-placed", f"Order #{order.id} placed", f"Total {total}.", order.placed_at, (str(order.status_id),)
    )
    yield placed
    status = f"Order #{order.id}: {order.status}"
    yield Happening(
        f"{order.id}-status-{order.status_id}", status, f"The status is now {order.status}.", order.modified_at
    )
    yield from (_refund(order, refund) for refund in order.refunds)
    yield from (_shipment(order, shipment) for shipment in order.shipments if shipment.id)


def _refund(order: Order, refund: Refund) -> Happening:
    amount = f"{refund.amount} {order.currency}"
    subject = f"Order #{order.id}: {amount} refunded"
    return Happening(f"{order.id}-refund-{refund.id}", subject, refund.reason, refund.created_at)


def _shipment(order: Order, shipment: Shipment) -> Happening:
    text = " ".join(filter(None, (shipment.carrier, shipment.tracking_number, shipment.tracking_url)))
    subject = f"Order #{order.id}: shipment {shipment.id}"
    return Happening(f"{order.id}-shipment-{shipment.id}", subject, text, shipment.shipped_at)


def _statuses(order: Order, known: tuple[str, ...]) -> set[str]:
    return {f"{order.id}-status-{status}" for status in known}


def _who(buyer: Mapping[str, Any]) -> dict[str, Any]:
    """The person of the order's row, who for person accounts is the account that it is about anyway."""
    if "BillToContactId" in buyer:
        return {"WhoId": buyer["BillToContactId"]}
    contact = buyer.get("BillToContact")
    return {"Who": {"attributes": {"type": "Contact"}, CUSTOMER_ID: contact[CUSTOMER_ID]}} if contact else {}


def _foreign(name: str, sobject: str, key: str, our_id: str, facts: Facts) -> dict[str, Any]:
    """A reference by external id; one that may lead to several objects names which."""
    return {name: {"attributes": {"type": sobject}, key: facts.external_id(our_id)}}


def _row(happening: Happening, about: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
    row = {**payload(ACTIVITY.fields, happening, creating=True), "Status": facts.task_done, **about}
    return {name: value for name, value in row.items() if value is not None}


def _step(happening: Happening, about: Mapping[str, Any], facts: Facts) -> Step:
    return Step(
        Level.ACTIVITY, "Task", facts.external_id(happening.id), _row(happening, about, facts), key=ACTIVITY_ID,
        optional=True, makes=(("activity", happening.id),), children=happening.note,
    )  # fmt: skip
