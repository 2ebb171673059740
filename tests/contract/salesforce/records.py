"""Records to write."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from app.domain import Address, Charge, ChargeKind, Customer, Order, OrderLine, Product, Variant
from app.domain.customer import guest_id
from app.domain.order import Stage

D = Decimal
PLACED = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
HOME = Address(
    "Jane", "Doe", "", "1 High Street", "", "London", "Greater London", "N1 1AA", "United Kingdom", "GB", "0123"
)


def guest(email: str = "jane@example.com", **more: Any) -> Customer:
    name = email.partition("@")[0].capitalize()
    values = {"first_name": name, "last_name": "Doe", "billing": HOME, "complete": False, **more}
    return Customer(guest_id(email), email, **values)


def customer(number: int = 42, email: str = "jane@example.com", **more: Any) -> Customer:
    values = {"first_name": "Jane", "last_name": "Doe", "billing": HOME, **more}
    return Customer(str(number), email, **values)


def line(number: int = 1, amount: str = "20.00", quantity: int = 2, variant: int = 77, **more: Any) -> OrderLine:
    values = {"list_price": D(amount) / quantity, "product_id": str(variant), "variant_id": str(variant), **more}
    return OrderLine(str(number), f"Thing {variant}", f"SKU-{variant}", quantity, D(amount), **values)


def order(number: int = 1001, *lines: OrderLine, buyer: Customer | None = None, **more: Any) -> Order:
    lines = lines or (line(number * 100),)
    charges = more.pop("charges", (Charge(ChargeKind.SHIPPING, D("4.99")), Charge(ChargeKind.TAX, D("5.00"))))
    total = sum((one.amount for one in lines), D(0)) + sum((one.amount for one in charges), D(0))
    values = {
        "status_id": 11,
        "status": "Awaiting Fulfillment",
        "stage": Stage.SALE,
        "placed_at": PLACED,
        "modified_at": PLACED,
        "currency": "GBP",
        "total": total,
        "billing": HOME,
        "shipping": HOME,
        **more,
    }
    return Order(str(number), buyer=buyer or guest(), lines=lines, charges=charges, **values)


def changed(record: Order, **more: Any) -> Order:
    """The order after an edit; its total follows its lines and charges unless given."""
    edited = replace(record, **more)
    if "total" in more:
        return edited
    total = sum((one.amount for one in edited.lines), D(0)) + sum((one.amount for one in edited.charges), D(0))
    return replace(edited, total=total)


def product(number: int = 7, *variants: int, price: str = "10.00") -> Product:
    made = tuple(
        Variant(str(v), str(number), f"SKU-{v}", f"Thing {v}", D(price), "GBP") for v in variants or (number * 10,)
    )
    return Product(str(number), f"Product {number}", made)
