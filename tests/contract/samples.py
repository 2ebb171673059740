"""A record of every kind, how it is edited, and how that looks in any CRM."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from app.domain import (
    Cart,
    Category,
    Charge,
    ChargeKind,
    Company,
    Customer,
    Discount,
    Message,
    Order,
    Product,
    Record,
    Refund,
    Shipment,
    Variant,
)
from tests.contract.salesforce.records import HOME, PLACED, changed, customer, guest, line, order, product

D = Decimal
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Sample:
    """One kind: the record of a number, an edit of it, and what the CRM shows before and after."""

    kind: str
    make: Callable[[int], Any]
    edit: Callable[[Any], Any]
    before: Callable[[int], str]
    after: str
    first: Callable[[int], tuple[Record, ...]] = lambda number: ()  # what has to be there already


def person(number: int, **more: Any) -> Customer:
    """A registered customer whom no duplicate rule takes for another."""
    names = {"first_name": f"Jane {number}", "last_name": f"Doe {number}"}
    address = replace(HOME, street_1=f"{number} High Street", phone=f"0{number}")
    return customer(number, f"jane{number}@example.com", **{**names, "billing": address, **more})


def buyer(number: int) -> Customer:
    """The same as an order tells of them."""
    return replace(person(number), complete=False, has_ordered=True)


def stranger(number: int) -> Customer:
    """A guest like no other."""
    return guest(f"g{number}@example.com", first_name=f"Gil {number}", last_name=f"Roe {number}")


def sale(number: int, **more: Any) -> Order:
    """29.99 GBP of a customer of the same number."""
    return order(number, **{"buyer": buyer(number), **more})


def cart(number: int, **more: Any) -> Cart:
    values = {"currency": "GBP", "amount": D("20.00"), "lines": (line(1),), "created_at": AT, "modified_at": AT, **more}
    return Cart(f"c{number}", stranger(number), **values)


def company(number: int) -> Company:
    where = replace(HOME, street_1=f"{number} Low Road")
    return Company(str(number), f"Acme {number}", f"office{number}@acme.example", f"9{number}", where)


def message(number: int) -> Message:
    return Message(f"{number}-1", str(number), f"Where is {number}?", "I wait.", AT, customer_id=str(number))


def goods(number: int) -> Product:
    made = Variant(f"{number}", f"{number}", f"SKU-{number}", f"Thing {number}", D("10.00"), "GBP", stock=3)
    return Product(f"{number}", f"Thing {number}", (made,))


def renamed(record: Product) -> Product:
    return replace(record, variants=tuple(replace(one, name="Better") for one in record.variants))


def refunded(record: Order, *amounts: str) -> Order:
    """The order with so much given back."""
    refunds = (Refund(str(n), D(amount), AT + timedelta(days=n), "Broken") for n, amount in enumerate(amounts, 1))
    return replace(record, refunds=tuple(refunds))


def shipped(record: Order) -> Order:
    return replace(
        record, status="Shipped", status_id=2, shipments=(Shipment("1", AT, "1Z9", carrier="UPS", pieces=2),)
    )


def couponed(number: int) -> Order:
    """Goods, a coupon, shipping, a fee, tax; cents that do not divide."""
    lines = (line(number * 100, "9.99", 3), line(number * 100 + 1, "0.07", 7, 78))
    charges = (
        Charge(ChargeKind.SHIPPING, D("4.99")), Charge(ChargeKind.FEE, D("0.50"), "Small order"),
        Charge(ChargeKind.TAX, D("2.11")),
    )  # fmt: skip
    coupon = (Discount(D("3.33"), "SAVE"),)
    return order(number, *lines, buyer=buyer(number), charges=charges, discounts=coupon, total=D("14.33"))


SAMPLES = {
    sample.kind: sample
    for sample in (
        Sample(
            "order", sale, lambda record: changed(record, lines=(replace(record.lines[0], amount=D("40.00")),)),
            lambda number: "29.99", "49.99",
        ),
        Sample(
            "customer", person, lambda record: replace(record, first_name="Janet"),
            lambda number: f"Jane {number}", "Janet",
        ),
        Sample("product", goods, renamed, lambda number: f"Thing {number}", "Better"),
        Sample(
            "company", company, lambda record: replace(record, name="Better"), lambda number: f"Acme {number}",
            "Better",
        ),
        Sample("cart", cart, lambda record: replace(record, amount=D("30.00")), lambda number: "20.00", "30.00"),
        Sample(
            "message", message, lambda record: record, lambda number: f"Where is {number}?", "Where is 1?",
            first=lambda number: (person(number), sale(number)),
        ),
        Sample(
            "category", lambda number: Category(str(number), f"Mugs {number}"),
            lambda record: replace(record, name="Cups"), lambda number: f"Mugs {number}", "Cups",
        ),
    )
}  # fmt: skip

__all__ = [
    "AT", "HOME", "PLACED", "SAMPLES", "D", "Sample", "buyer", "cart", "changed", "company", "couponed", "customer",
    "goods", "guest", "line", "message", "order", "person", "product", "refunded", "renamed", "sale", "shipped",
    "stranger",
]  # fmt: skip
