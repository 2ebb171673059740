"""What happened to an order as completed tasks, and messages as notes: once each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from app.connectors.base import Key
from app.connectors.sugarcrm.addresses import filled
from app.connectors.sugarcrm.context import Context
from app.connectors.sugarcrm.facts import Row
from app.connectors.sugarcrm.schema import CONTACTS, NOTES, OPPORTUNITIES, TASKS
from app.connectors.sugarcrm.steps import Plan, Step
from app.connectors.sugarcrm.values import moment
from app.domain import Message, Order

Event = tuple[str, str, str, datetime]  # our id, what, more, when


def events(order: Order) -> Iterator[Event]:
    """All that happened, as far as the order tells."""
    total = f"{order.total:f} {order.currency}"
    yield f"{order.id}-placed", f"Order {order.id} placed", f"Order total {total}", order.placed_at
    yield f"{order.id}-status-{order.status_id}", f"Order {order.id}: {order.status}", "", order.modified_at
    for refund in order.refunds:
        what = f"Order {order.id}: {refund.amount:f} {order.currency} refunded"
        yield f"{order.id}-refund-{refund.id}", what, refund.reason, refund.created_at
    for shipment in filter(lambda one: one.id, order.shipments):
        more = " ".join(filter(None, (shipment.carrier, shipment.tracking_number, shipment.tracking_url)))
        yield f"{order.id}-shipment-{shipment.id}", f"Order {order.id} shipped", more, shipment.shipped_at


def keys(order: Order) -> tuple[Key, ...]:
    """Our keys of an order's activities."""
    return tuple(("activity", our_id) for our_id, *_ in events(order))


def of_order(order: Order, opportunity: str, contact: str, context: Context) -> Plan:
    """A completed task for everything that has none yet."""
    planned, facts = Plan(), context.facts
    for our_id, what, more, at in events(order):
        key = ("activity", our_id)
        if key in context.known or key in context.gone or context.found.record(TASKS, our_id, facts):
            continue
        body = {
            "name": what,
            "description": more,
            "status": facts.choice("Tasks.status", "Completed"),
            "priority": facts.choice("Tasks.priority", "Medium"),
            "date_start": moment(at),
            "date_due": moment(at),
            **_about(opportunity, contact),
            **facts.keyed(TASKS, our_id),
            **context.owner("opportunity"),
        }
        made = context.new_id(TASKS, our_id)
        planned.steps.append(Step("POST", TASKS, made, facts.fitting(TASKS, filled(body)), makes=(key,)))
    return planned


def of_message(message: Message, context: Context) -> Plan:
    """A note on the order's opportunity and on the contact; messages do not change."""
    planned, facts, key = Plan(), context.facts, ("message", message.id)
    if key in context.gone or context.place(key) is not None:
        return planned
    there = context.found.record(NOTES, f"message-{message.id}", facts)
    order, contact = context.place(("order", message.order_id)), context.place(("customer", message.customer_id))
    author = "Store" if message.by_staff else "Customer"
    body = {
        "name": message.subject or f"Message on order {message.order_id}",
        "description": f"{author}, {moment(message.sent_at)}\n{message.text}",
        **_about(order.ref.id if order else "", contact.ref.id if contact else ""),
        **facts.keyed(NOTES, f"message-{message.id}"),
    }
    record = str(there["id"]) if there else context.new_id(NOTES, f"message-{message.id}")
    step = Step("PUT" if there else "POST", NOTES, record, facts.fitting(NOTES, filled(body)), makes=(key,))
    planned.steps.append(step)
    return planned


def content(message: Message) -> Row:
    """All that would be sent of a message, for the fingerprint."""
    return {"subject": message.subject, "text": message.text, "order": message.order_id}


def _about(opportunity: str, contact: str) -> Row:
    parent = (OPPORTUNITIES, opportunity) if opportunity else (CONTACTS, contact) if contact else ("", "")
    return {"parent_type": parent[0], "parent_id": parent[1], "contact_id": contact}
