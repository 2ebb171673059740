"""Lists of many records: which ones, page by page, and orders with what they add up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal


@dataclass(frozen=True)
class Span:
    """Which records of the store a list is to hold; by when they were made there, or `by` "modified", last changed."""

    since: datetime | None = None
    until: datetime | None = None
    by: Literal["created", "modified"] = "created"
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)  # "status", "channel", "min_total"


@dataclass(frozen=True)
class Head:
    """A record of the store as a list tells of it."""

    id: str
    created_at: datetime
    modified_at: datetime
    has_parcels: bool = False  # of an order: reading these takes a call of its own


@dataclass(frozen=True)
class Heads:
    """A page of a list of the store's, and where the next one starts; `cursor` is the connector's own."""

    heads: tuple[Head, ...]
    cursor: str
    more: bool = False


@dataclass(frozen=True)
class Sale:
    """An order as one side's own records add it up: net is the total including tax, less refunds.

    Nothing for one that was cancelled or declined. `placed_at`: when it was placed in the store, by this side.
    """

    order_id: str  # ours
    currency: str
    net: Decimal
    placed_at: datetime
    their_kind: str = ""  # of the CRM's record, by its own word
    their_id: str = ""
    channel_id: str = ""  # the storefront, by the store alone
    modified_at: datetime | None = None  # by the store alone


def totals(sales: Iterable[Sale]) -> dict[str, Any]:
    """What sales add up to: {"orders": n, "totals": {currency: net Decimal}}."""
    count, sums = 0, dict[str, Decimal]()
    for sale in sales:
        count += 1
        sums[sale.currency] = sums.get(sale.currency, Decimal(0)) + sale.net
    return {"orders": count, "totals": sums}
