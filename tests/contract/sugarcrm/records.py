"""Records to write, beside those that every CRM's tests share."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from app.domain import Cart, Company, Customer, Message, Order, Refund, Shipment
from app.domain.order import Stage
from tests.contract.salesforce.records import (
    HOME,
    PLACED,
    changed,
    customer,
    guest,
    line,
    order,
    product,
)

__all__ = [
    "HOME", "PLACED", "buyer", "cancelled", "cart", "changed", "company", "customer", "guest", "line", "message",
    "order", "product", "refund", "registered", "shipment",
]  # fmt: skip


def buyer(number: int = 42, **more: Any) -> Customer:
    """A registered customer as an order tells of them."""
    return replace(customer(number, **more), complete=False)


def registered(number: int = 42, **more: Any) -> Customer:
    """Who never ordered."""
    return customer(number, **{"has_ordered": False, **more})


def refund(number: int = 1, amount: str = "5.00", reason: str = "Too late") -> Refund:
    return Refund(str(number), Decimal(amount), PLACED + timedelta(days=1), reason)


def shipment(number: int = 1, **more: Any) -> Shipment:
    values = {"tracking_number": f"TRACK{number}", "carrier": "Royal Mail", "pieces": 2, **more}
    return Shipment(str(number), PLACED + timedelta(days=2), **values)


def cancelled(record: Order) -> Order:
    return replace(record, stage=Stage.CANCELLED, status="Cancelled", status_id=5)


def cart(name: str = "c1", who: Customer | None = None, **more: Any) -> Cart:
    values = {
        "currency": "GBP", "amount": Decimal("20.00"), "lines": (line(),), "created_at": PLACED, "modified_at": PLACED,
        **more,
    }  # fmt: skip
    return Cart(name, who or guest(), **values)


def company(number: int = 5, *people: int, **more: Any) -> Company:
    values = {"email": "office@acme.example", "phone": "555", "address": HOME, **more}
    return Company(str(number), "Acme Ltd", customer_ids=tuple(map(str, people)), **values)


def message(number: int = 1, order_id: int = 1001, **more: Any) -> Message:
    values = {"customer_id": "42", **more}
    return Message(f"{order_id}-{number}", str(order_id), "Where is it?", "I wait.", PLACED, **values)
