"""Amounts of money: decimals of one currency, rounded only where a currency or a vendor makes us."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

# ISO 4217: currencies whose smallest unit is not a hundredth.
_ZERO_DECIMALS = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())
_THREE_DECIMALS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())


def decimals(currency: str) -> int:
    """Decimal places of a currency (ISO 4217)."""
    if currency in _ZERO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def quantum(currency: str) -> Decimal:
    """The smallest amount of a currency."""
    return Decimal(1).scaleb(-decimals(currency))


def rounded(amount: Decimal, currency: str) -> Decimal:
    """The amount in whole smallest units, half up as shops do."""
    return amount.quantize(quantum(currency), ROUND_HALF_UP)


def allocate(total: Decimal, weights: Sequence[Decimal], unit: Decimal) -> list[Decimal]:
    """Split a non-negative total over the weights in whole units; the parts sum to the total exactly.

    No part exceeds its weight as long as the total does not exceed their sum. Raises ValueError for weights that are
    negative or all zero while there is something to split.
    """
    whole = sum(weights, Decimal(0))
    if (total and whole <= 0) or any(weight < 0 for weight in weights):
        raise ValueError("nothing to allocate to")
    if not total:
        return [Decimal(0)] * len(weights)
    parts = [(total * weight / whole).quantize(unit, ROUND_DOWN) for weight in weights]
    rest = total - sum(parts, Decimal(0))
    while rest:  # the largest weights have room for the leftover units; a second round only where all are tiny
        for index in sorted(range(len(weights)), key=lambda i: weights[i] - parts[i], reverse=True):
            room = weights[index] - parts[index] if total <= whole else unit
            step = min(rest, unit, room)
            parts[index] += step
            rest -= step
    return parts
