"""What was sent, what came back, how long it took: an attempt per delivery and try."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.connectors.base import Outcome
from app.db import now
from app.domain import Cart, Category, Company, Customer, Message, Order, Product, Record
from app.models import Attempt, Delivery


def attempt(delivery: Delivery, result: str, outcome: Outcome, started: datetime) -> dict[str, Any]:
    """One try, as it is to be kept."""
    error = outcome.error
    return {
        "delivery_id": delivery.id,
        "correlation_id": delivery.correlation_id,
        "number": delivery.attempts,
        "started_at": started,
        "milliseconds": round((now() - started).total_seconds() * 1000),
        "result": "failed" if error is not None else result,
        "error_code": error.code[:100] if error is not None else "",
        "error_message": error.message if error is not None else "",
        "sent": outcome.sent,
        "received": outcome.received,
    }


def keep(session: Session, attempts: Sequence[dict[str, Any]]) -> None:
    """Keep the tries of a batch."""
    if attempts:
        session.execute(insert(Attempt), attempts)


def label(record: Record) -> str:
    """What a person calls the record."""
    match record:
        case Order():
            text = f"Order {record.id}, {record.buyer.name}"
        case Customer():
            text = record.name
        case Product() | Company() | Category():
            text = record.name
        case Cart():
            text = f"Cart of {record.buyer.name}" if record.buyer.name else "Cart"
        case Message():
            text = f"Message on order {record.order_id}"
        case _:
            text = record.id
    return text[:255]


def amount(record: Record) -> str:
    """The money that hangs on it, "12.50 GBP"; empty where there is none."""
    if isinstance(record, Order):
        return f"{record.net:.2f} {record.currency}"
    return f"{record.amount:.2f} {record.currency}" if isinstance(record, Cart) and record.currency else ""
