"""A small set of order lines for a demo without a file: the same every time, with a bit of everything."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from app.demo.invoices import Invoice, InvoiceLine

GOODS = (
    ("TEA-01", "Darjeeling First Flush", "12.40"), ("TEA-02", "Lapsang Souchong", "9.80"), ("TEA-03", "Sencha", "8.25"),
    ("POT-01", "Cast Iron Teapot", "54.00"), ("CUP-04", "Set of Four Cups", "26.50"), ("TIN-02", "Storage Tin", "6.95"),
    ("WHK-01", "Bamboo Whisk", "14.20"), ("TRY-01", "Oak Tray", "32.00"), ("SPN-03", "Measuring Spoon", "3.49"),
    ("GFT-05", "Gift Box", "4.75"), ("KTL-01", "Gooseneck Kettle", "79.99"), ("FLT-10", "Paper Filters", "0.05"),
)  # fmt: skip
COUNTRIES = ("United Kingdom", "United Kingdom", "Germany", "France", "Japan", "USA", "Spain")
CUSTOMERS = 18
INVOICES = 60


def invoices() -> list[Invoice]:
    """Invoices with guests, shipping, discounts, fees and returns."""
    dice = random.Random(20101201)  # noqa: S311 - repeatable, not secret
    found: list[Invoice] = []
    placed_at = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
    for number in range(1, INVOICES + 1):
        placed_at += timedelta(minutes=dice.randint(20, 1400))
        sold = [invoice for invoice in found if invoice.customer and not invoice.is_cancellation]
        if number % 9 == 0 and sold:
            found.append(_return(dice, f"C{number:05}", placed_at, dice.choice(sold)))
        else:
            found.append(_sale(dice, f"{number:05}", placed_at))
    return found


def _sale(dice: random.Random, number: str, placed_at: datetime) -> Invoice:
    customer = "" if dice.random() < 0.25 else f"{1000 + dice.randrange(CUSTOMERS)}"
    country = COUNTRIES[int(customer or dice.randrange(100)) % len(COUNTRIES)]
    goods = dice.sample(GOODS, dice.randint(1, 5))
    lines = [InvoiceLine(code, name, dice.choice((1, 1, 2, 3, 12)), Decimal(price)) for code, name, price in goods]
    if dice.random() < 0.6:
        lines.append(InvoiceLine("POST", "Postage", 1, Decimal("4.95")))
    if dice.random() < 0.2:
        lines.append(InvoiceLine("D", "Discount", -1, Decimal("2.50")))
    if dice.random() < 0.1:
        lines.append(InvoiceLine("BANK CHARGES", "Bank charges", 1, Decimal("1.15")))
    return Invoice(number, placed_at, customer, country, tuple(lines))


def _return(dice: random.Random, number: str, placed_at: datetime, sold: Invoice) -> Invoice:
    line = dice.choice([line for line in sold.lines if line.code[:3].isalpha() and "-" in line.code])
    back = InvoiceLine(line.code, line.description, -1, line.unit_price)
    return Invoice(number, placed_at, sold.customer, sold.country, (back,))
