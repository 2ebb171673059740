"""Reads deliveries for people: filters, pages, links to both sides, errors in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app.catalogue import explain, explain_flag
from app.connectors.base import Ref
from app.connectors.registry import VENDORS
from app.models import Attempt, Connection, Delivery, Link, State, Store
from app.sync.deliveries import INWARD

# With vendor, instance URL, control panel URL, kind and id in the CRM.
Found = tuple[Delivery, str, str, str, str | None, str | None]

# Pages of the control panel; BigCommerce does not document these paths, so they are kept in one place.
STORE_PAGES = {
    "order": "/manage/orders/{id}",
    "customer": "/manage/customers/{id}/edit",
    "account": "/manage/customers/{id}/edit",
    "product": "/manage/products/edit/{id}",
}


MOST_COUNTED = 10_000  # the screen asks every few seconds: nobody needs to know the rest to the last one


def matching(
    session: Session, store_id: int, wanted: Mapping[str, Any], offset: int, limit: int
) -> tuple[int, bool, list[Found]]:
    """How many deliveries of the store match, whether there are more than were counted, and one page of them.

    What moved last comes first. Counting ends at MOST_COUNTED; the pages go on behind it.
    """
    conditions = _conditions(store_id, wanted)
    some = select(Delivery.id).where(*conditions).limit(MOST_COUNTED + 1).subquery()
    counted = session.scalar(select(func.count()).select_from(some)) or 0
    newest = _query().where(*conditions).order_by(Delivery.changed_at.desc(), Delivery.id.desc())
    page = [_found(row) for row in session.execute(newest.offset(offset).limit(limit))]
    return min(counted, MOST_COUNTED), counted > MOST_COUNTED, page


def delivery_of(session: Session, store_id: int, delivery_id: int) -> Found | None:
    """One delivery of the store; None: it has no such."""
    row = session.execute(_query().where(Delivery.store_id == store_id, Delivery.id == delivery_id)).first()
    return None if row is None else _found(row)


def tries_of(session: Session, delivery_id: int) -> list[dict[str, Any]]:
    """The attempts of a delivery, oldest first."""
    attempts = session.scalars(select(Attempt).where(Attempt.delivery_id == delivery_id).order_by(Attempt.id))
    return [
        {
            "number": attempt.number,
            "started_at": attempt.started_at,
            "ms": attempt.milliseconds,
            "result": attempt.result,
            "error_code": attempt.error_code,
            "error_message": attempt.error_message,
            "correlation_id": attempt.correlation_id,
            "sent": attempt.sent,
            "received": attempt.received,
        }
        for attempt in attempts
    ]


def described(found: Found) -> dict[str, Any]:
    """A delivery as the API shows it."""
    delivery, vendor, instance_url, control_panel_url, their_kind, their_id = found
    if delivery.kind.startswith(INWARD):  # named after their record itself
        their_kind, their_id = delivery.kind.removeprefix(INWARD), delivery.record_id
    return {
        "id": delivery.id,
        "connection_id": delivery.connection_id,
        "vendor": vendor,
        "vendor_label": label_of(vendor),
        "kind": delivery.kind,
        "record_id": delivery.record_id,
        "label": delivery.label,
        "amount": delivery.amount,
        "state": delivery.state,
        "result": delivery.result,
        "remedy": delivery.remedy,
        "error": _error(delivery, vendor),
        "flags": [{**flag, **asdict(explain_flag(str(flag["code"])))} for flag in delivery.flags],
        "attempts": delivery.attempts,
        "due_at": delivery.due_at,
        "created_at": delivery.created_at,
        "changed_at": delivery.changed_at,
        "correlation_id": delivery.correlation_id,
        "crm_url": crm_page(vendor, instance_url, their_kind, their_id),
        "store_url": store_page(delivery.kind, delivery.record_id, control_panel_url),
    }


def label_of(vendor: str) -> str:
    """What people call a vendor."""
    return VENDORS[vendor].label if vendor in VENDORS else vendor


def crm_page(vendor: str, instance_url: str, their_kind: str | None, their_id: str | None) -> str | None:
    """The page of a record in its CRM, if there is one."""
    page = VENDORS[vendor].page if vendor in VENDORS else None
    if page is None or not instance_url or not their_kind or not their_id:
        return None
    return page(instance_url, Ref(their_kind, their_id))


def _query() -> Select[Delivery, str, str, str, str, str]:
    link = and_(
        Link.connection_id == Delivery.connection_id,
        Link.kind == Delivery.kind,
        Link.our_id == Delivery.record_id,
    )
    return (
        select(
            Delivery,
            Connection.vendor,
            Connection.instance_url,
            Store.control_panel_url,
            Link.their_kind,
            Link.their_id,
        )
        .join(Connection, Connection.id == Delivery.connection_id)
        .join(Store, Store.id == Delivery.store_id)
        .outerjoin(Link, link)
    )


def _found(row: Sequence[Any]) -> Found:
    delivery, vendor, instance_url, control_panel_url, their_kind, their_id = row
    return delivery, vendor, instance_url, control_panel_url, their_kind, their_id


def _conditions(store_id: int, wanted: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Delivery.store_id == store_id]
    if wanted["connection_id"] is not None:
        conditions.append(Delivery.connection_id == wanted["connection_id"])
    if wanted["state"] is not None:
        conditions.append(Delivery.state == wanted["state"])
        if wanted["state"] != State.DONE:  # few among many: the index by connection and state leads to them
            conditions.append(Delivery.connection_id.in_(select(Connection.id).where(Connection.store_id == store_id)))
    if wanted["kind"] == INWARD:
        conditions.append(Delivery.kind.startswith(INWARD))
    elif wanted["kind"]:
        conditions.append(Delivery.kind == wanted["kind"])
    text = wanted["q"].strip().lstrip("#")  # as order numbers are written everywhere
    if text:
        conditions.append(
            or_(
                Delivery.label.icontains(text, autoescape=True),
                Delivery.error_message.icontains(text, autoescape=True),
                Delivery.error_code == text,
                Delivery.record_id == text,
                Delivery.correlation_id == text,
            )
        )
    return conditions


def _error(delivery: Delivery, vendor: str) -> dict[str, str] | None:
    if not (delivery.error_code or delivery.error_message):
        return None
    dead = delivery.state == State.DEAD
    explanation = explain(delivery.error_code, delivery.remedy if dead else "wait", vendor=vendor, dead=dead)
    return {
        "code": delivery.error_code,
        "field": delivery.error_field,
        "message": delivery.error_message,
        **asdict(explanation),
    }


def store_page(kind: str, record_id: str, control_panel_url: str) -> str | None:
    """The page of a record in the control panel, if there is one."""
    page = STORE_PAGES.get(kind)
    if page is None or not control_panel_url or not record_id.isdigit():  # a guest has no page there
        return None
    return control_panel_url.rstrip("/") + page.format(id=record_id)
