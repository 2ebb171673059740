"""What happened, as completed tasks: once each, never changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.connectors.base import Flag, Key
from app.connectors.sap_sales_cloud import names
from app.connectors.sap_sales_cloud.batch import Operation
from app.connectors.sap_sales_cloud.facts import Facts
from app.connectors.sap_sales_cloud.lookup import Found, Wants
from app.connectors.sap_sales_cloud.odata import clean, date, path, set_name, version
from app.connectors.sap_sales_cloud.people import DELETED, changed
from app.connectors.sap_sales_cloud.steps import Change, Job, Plan, contact_id, party_id, place_of
from app.domain import Message, Order

_DONE = "3"  # where the list of codes could not be read
_SUBJECT = 255


@dataclass(frozen=True)
class Happening:
    """Something that happened to an order."""

    key: Key
    subject: str
    at: datetime
    text: str = ""


def of_order(order: Order) -> Iterator[Happening]:
    """All that an order tells so far."""
    yield Happening(("activity", f"{order.id}-placed"), f"Order #{order.id} placed", order.placed_at)
    status = ("activity", f"{order.id}-status-{order.status_id}")
    yield Happening(status, f"Order #{order.id}: {order.status}", order.modified_at)
    for refund in order.refunds:
        subject = f"Order #{order.id}: refund of {refund.amount} {order.currency}"
        yield Happening(("activity", f"{order.id}-refund-{refund.id}"), subject, refund.created_at, refund.reason)
    for shipment in filter(lambda one: one.id, order.shipments):
        subject = f"Order #{order.id} shipped: {shipment.carrier} {shipment.tracking_number}".strip(" :")
        key = ("activity", f"{order.id}-shipment-{shipment.id}")
        yield Happening(key, subject, shipment.shipped_at, shipment.tracking_url)


def of_message(message: Message) -> Happening:
    """A message about an order."""
    who = "Store" if message.by_staff else "Customer"
    subject = f"Order #{message.order_id}, message: {message.subject}"
    return Happening(("message", message.id), subject, message.sent_at, f"{who}: {message.text}")


def want(job: Job, happenings: Iterator[Happening] | list[Happening], facts: Facts, into: Wants) -> None:
    """Those that we do not know may be there."""
    extension = facts.extension(names.TASK, "key")
    for one in happenings:
        if job.place(*one.key) is None:
            value = facts.external_id(one.key[1]) if extension else _subject(one, facts)
            into.add(names.TASK, extension or "Subject", value)


def plan(job: Job, happenings: Iterator[Happening] | list[Happening], found: Found, facts: Facts) -> Plan:
    """Those that are not there yet."""
    planned = Plan()
    extension = facts.extension(names.TASK, "key")
    for one in happenings:
        if job.place(*one.key) is not None or one.key in job.write.gone:
            continue
        value = facts.external_id(one.key[1]) if extension else _subject(one, facts)
        there = found.where(names.TASK, extension or "Subject", value)
        if there:
            planned.made[one.key] = place_of(names.TASK, there[0])
        else:
            planned.changes.append(_creation(job, one, facts))
    return planned


def message(job: Job, one: Happening, found: Found, facts: Facts) -> Plan:
    """The task of a message, with the subject that the message has now."""
    there = job.place(*one.key)
    if there is None:
        return plan(job, [one], found, facts)
    row = found.by_id(names.TASK, there.ref.id)
    if row is None:
        words = f"The task “{one.subject}” was deleted in SAP; it is not made again."
        return Plan(gone={one.key}, flags=[Flag(DELETED, words)])
    patch = changed(names.TASK, {"Subject": _subject(one, facts)}, row, facts)
    operation = Operation("PATCH", path(names.TASK, there.ref.id), patch, version(row))
    return Plan(
        [Change(f"task:{one.key[1]}", names.TASK, (operation,), place=there, makes=(one.key,))] if patch else []
    )


def _subject(one: Happening, facts: Facts) -> str:
    """Without a field for it our key stands at the end: a second attempt must find the first one's task."""
    words = clean(one.subject).replace("*", "").replace("\n", " ")
    tail = "" if facts.extension(names.TASK, "key") else f" [{facts.external_id(one.key[1])}]"
    return words[: _SUBJECT - len(tail)].strip() + tail


def _creation(job: Job, one: Happening, facts: Facts) -> Change:
    owner = job.owner("account") or facts.employee
    extension = facts.extension(names.TASK, "key")
    row = {
        "Subject": _subject(one, facts),
        "Status": facts.code("task_done") or _DONE,
        "StartDateTime": date(one.at),
        "DueDateTime": date(one.at),
        "MainAccountPartyID": party_id(job.party),
        "MainContactPartyID": contact_id(job.party),
        "MainEmployeeResponsiblePartyID": owner,
        "ProcessorPartyID": owner,
    }
    body = {name: value for name, value in row.items() if value and name not in job.dropped}
    if extension:
        body[extension] = facts.external_id(one.key[1])
    children = {names.TASK_TEXT: [{"Text": clean(one.text)}]} if one.text else {}
    operation = Operation("POST", set_name(names.TASK), facts.schema.created(names.TASK, {**body, **children}))
    return Change(f"task:{one.key[1]}", names.TASK, (operation,), makes=(one.key,))
