"""Invoices in few words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from app.demo.invoices import Invoice, InvoiceLine

START = datetime(2011, 1, 1, 8, tzinfo=UTC)


def invoice(number: str, *lines: tuple[str, int, str], customer: str = "5", day: int = 0) -> Invoice:
    """An invoice of (code, quantity, unit price)."""
    made = tuple(InvoiceLine(code, f"NAME OF {code}", quantity, Decimal(price)) for code, quantity, price in lines)
    return Invoice(number, START + timedelta(days=day), customer, "Germany", made)
