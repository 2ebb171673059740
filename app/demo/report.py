"""The report of a demo: every order, every total, both sides, read back from their own records."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class ConnectionReport:
    """One CRM against the store. Amounts are net: total including tax, less refunds, per currency."""

    vendor: str
    orders: int
    expected: int
    source_total: dict[str, Decimal]
    target_total: dict[str, Decimal]
    dead: int
    source_calls: int
    target_calls: int
    seconds: float

    @property
    def drift(self) -> dict[str, Decimal]:
        """What the CRM has more than the store."""
        zero = Decimal("0.00")
        codes = sorted({*self.source_total, *self.target_total})
        return {code: self.target_total.get(code, zero) - self.source_total.get(code, zero) for code in codes}

    @property
    def agrees(self) -> bool:
        return self.orders == self.expected and not any(self.drift.values()) and not self.dead

    def to_json(self) -> dict[str, Any]:
        return {
            "vendor": self.vendor,
            "orders": self.orders,
            "expected": self.expected,
            "source_total": _texts(self.source_total),
            "target_total": _texts(self.target_total),
            "drift": _texts(self.drift),
            "dead": self.dead,
            "calls": {"source": self.source_calls, "target": self.target_calls},
            "seconds": round(self.seconds, 1),
        }


@dataclass(frozen=True)
class Report:
    """The whole demo."""

    orders: int
    customers: int
    refunds: int
    unmatched_refunds: int
    skipped_lines: int  # told in words only: the keys of the JSON are agreed with its readers
    connections: tuple[ConnectionReport, ...]

    @property
    def agrees(self) -> bool:
        return bool(self.connections) and all(connection.agrees for connection in self.connections)

    def to_json(self) -> dict[str, Any]:
        return {
            "orders": self.orders,
            "customers": self.customers,
            "refunds": self.refunds,
            "unmatched_refunds": self.unmatched_refunds,
            "connections": [connection.to_json() for connection in self.connections],
        }

    def __str__(self) -> str:
        lines = [
            f"{self.orders:,} orders, {self.customers:,} customers, {self.refunds:,} refunds; "
            f"{self.unmatched_refunds:,} returns of goods that no order here holds"
        ]
        if self.skipped_lines:
            lines.append(f"{self.skipped_lines:,} lines left out: no pieces, or written off at no price")
        for one in self.connections:
            lines.append(f"\n{one.vendor}: {'everything agrees' if one.agrees else 'NOT IN AGREEMENT'}")
            lines.append(f"  orders   {one.orders:,} of {one.expected:,}")
            for code, drift in one.drift.items():
                there, here = one.target_total.get(code, Decimal(0)), one.source_total.get(code, Decimal(0))
                lines.append(f"  {code}      store {here:,.2f}   CRM {there:,.2f}   drift {drift:,.2f}")
            lines.append(f"  dead     {one.dead:,} deliveries")
            per_order = (
                f"{one.source_calls / max(one.orders, 1):.3f} reads, {one.target_calls / max(one.orders, 1):.3f} writes"
            )
            lines.append(
                f"  calls    {one.source_calls:,} to the store, {one.target_calls:,} to the CRM ({per_order} per order)"
            )
            lines.append(f"  seconds  {one.seconds:,.1f}")
        return "\n".join(lines)


def _texts(amounts: dict[str, Decimal]) -> dict[str, str]:
    return {code: f"{amount:.2f}" for code, amount in amounts.items()}
