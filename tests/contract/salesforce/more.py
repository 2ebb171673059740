"""More records to write: carts, companies, messages."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from app.domain import Cart, Company, Customer, Message, Refund, Shipment
from tests.contract.salesforce.records import HOME, PLACED, guest, line

LATER = datetime(2026, 3, 4, 8, 0, tzinfo=UTC)


def cart(number: str = "c-1", buyer: Customer | None = None, **more: Any) -> Cart:
    values = {
        "currency": "GBP", "amount": Decimal("20.00"), "lines": (line(1),), "modified_at": PLACED, **more,
    }  # fmt: skip
    return Cart(number, buyer or guest(), **values)


def recovered(number: str = "c-1", order_id: str = "1001") -> Cart:
    """What is known of a cart once it is an order: little."""
    return Cart(number, Customer("", ""), order_id=order_id)


def company(number: int = 5, name: str = "Acme", **more: Any) -> Company:
    return Company(str(number), name, **{"phone": "020", "address": HOME, **more})


def message(number: int = 1, order_id: str = "1001", **more: Any) -> Message:
    return Message(f"{order_id}-{number}", order_id, "Where is it?", "I wait.", LATER, **more)


def refund(number: int = 1, amount: str = "5.00") -> Refund:
    return Refund(str(number), Decimal(amount), LATER, "Broken")


def shipment(number: int = 1) -> Shipment:
    return Shipment(str(number), LATER, f"TRACK-{number}", "https://t.example", "Royal Mail", 2)
