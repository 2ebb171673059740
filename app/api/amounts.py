"""Amounts of money as text."""

from __future__ import annotations

from decimal import Decimal

from app.domain.money import decimals


def amount_text(amount: Decimal, currency: str) -> str:
    """With the currency's decimals; with more only where there is something in them."""
    exponent = amount.normalize().as_tuple().exponent
    places = max(decimals(currency), -exponent if isinstance(exponent, int) else 0)
    return f"{amount:.{places}f}"
