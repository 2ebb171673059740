"""Both sides of some days, order by order: what each adds up to, and which orders make the difference."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from app.connectors.lists import Sale
from app.models import DifferenceKind

ZERO = Decimal(0)


@dataclass(frozen=True)
class Held:
    """One order of a day as both sides hold it; the CRM's records of it may be none, or several."""

    order_id: str
    day: date
    here: Sale | None
    there: tuple[Sale, ...] = ()

    @property
    def kind(self) -> DifferenceKind | None:
        """How the sides differ; None: they agree."""
        if not self.there:
            return DifferenceKind.MISSING
        if self.here is None:  # what came to nothing there need not have been anything
            return DifferenceKind.EXTRA if any(sale.net for sale in self.there) else None
        if len(self.there) > 1:
            return DifferenceKind.TWICE
        if self.there[0].currency != self.here.currency:
            return DifferenceKind.CURRENCY
        return DifferenceKind.AMOUNT if self.there[0].net != self.here.net else None

    @property
    def counts(self) -> bool:
        """Whether it is an order to anybody: one that the store does not have came to nothing in the CRM as well."""
        return self.here is not None or self.kind is not None


@dataclass
class Sum:
    """A day in one currency."""

    store_orders: int = 0
    crm_orders: int = 0
    store_total: Decimal = ZERO
    crm_total: Decimal = ZERO


@dataclass(frozen=True)
class Gap:
    """What one order adds to a day's drift in one currency; None: this side has nothing of it in that currency."""

    held: Held
    kind: DifferenceKind
    currency: str
    store_net: Decimal | None
    crm_net: Decimal | None

    @property
    def drift(self) -> Decimal:
        """What the CRM has more than the store."""
        return (self.crm_net or ZERO) - (self.store_net or ZERO)


@dataclass
class Proof:
    """Days and currencies with their sums, and every gap; the gaps' drift is the sums' drift."""

    sums: dict[tuple[date, str], Sum] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    orders: int = 0


def prove(orders: Iterable[Held]) -> Proof:
    """Add both sides up."""
    proof = Proof()
    for held in orders:
        if not held.counts:
            continue
        proof.orders += 1
        _add(proof.sums, held)
        kind = held.kind
        if kind is not None:
            proof.gaps += _gaps(held, kind)
    return proof


def _add(sums: dict[tuple[date, str], Sum], held: Held) -> None:
    if held.here is not None:
        ours = sums.setdefault((held.day, held.here.currency), Sum())
        ours.store_orders += 1
        ours.store_total += held.here.net
    for sale in held.there:
        theirs = sums.setdefault((held.day, sale.currency), Sum())
        theirs.crm_orders += 1
        theirs.crm_total += sale.net


def _gaps(held: Held, kind: DifferenceKind) -> list[Gap]:
    """One per currency that the order is in on either side."""
    here = {held.here.currency: held.here.net} if held.here is not None else {}
    there = _by_currency(held.there)
    return [Gap(held, kind, code, here.get(code), there.get(code)) for code in sorted({*here, *there})]


def _by_currency(sales: Sequence[Sale]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for sale in sales:
        found[sale.currency] = found.get(sale.currency, ZERO) + sale.net
    return found
