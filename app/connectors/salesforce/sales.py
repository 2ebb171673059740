"""The store's orders as the org holds them, for adding up and comparing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from app.connectors.lists import Sale
from app.connectors.salesforce import bulk_query
from app.connectors.salesforce.client import Client, Row
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.mappings import ARCHIVED, ORDER_ID
from app.connectors.salesforce.values import day, literal

PLACED = "BC_Placed_At__c"  # the moment; Salesforce's own field has the day alone


def between(
    client: Client, facts: Facts, since: datetime | None, until: datetime | None, many: int = bulk_query.MANY
) -> Iterator[Sale]:
    """Orders that were placed in a range, more than `many` by a job; those archived are no longer the store's."""
    placed = [PLACED] if facts.has(f"Order.{PLACED}") else []
    wanted = ("Id", ORDER_ID, "Status", "EffectiveDate", "BC_Currency__c", "TotalAmount", "BC_Refunded__c", "BC_Net__c")
    where = [f"{ORDER_ID} LIKE {literal(facts.external_id('%'))}", f"{ARCHIVED} = false"]
    where += _range(since, until, bool(placed))
    soql = f"SELECT {', '.join((*wanted, *placed))} FROM Order WHERE {' AND '.join(where)}"
    for row in bulk_query.rows(client, soql, many):
        if facts.is_ours(row[ORDER_ID]):  # LIKE is loose about case and underscores
            net, at = _net(row, facts), _placed_at(row)
            yield Sale(facts.our_id(row[ORDER_ID]), row["BC_Currency__c"] or "", net, at, "Order", str(row["Id"]))


def _range(since: datetime | None, until: datetime | None, by_moment: bool) -> list[str]:
    """The range by the day, a day wider; by the moment, where the org has that, of an order that has one."""
    days = _bounds("EffectiveDate", day(since) if since else "", day(until + timedelta(days=1)) if until else "")
    if not by_moment or not days:
        return days
    moments = _bounds(PLACED, _literal(since), _literal(until))
    return [f"(({' AND '.join(moments)}) OR ({PLACED} = null AND {' AND '.join(days)}))"]


def _bounds(field: str, since: str, until: str) -> list[str]:
    return [f"{field} {sign} {value}" for sign, value in ((">=", since), ("<", until)) if value]


def _literal(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at is not None else ""


def _net(row: Row, facts: Facts) -> Decimal:
    """What the order comes to; a draft without a net total was cancelled or declined."""
    if row["Status"] == facts.draft and not Decimal(str(row["BC_Net__c"] or 0)):
        return Decimal(0)
    return Decimal(str(row["TotalAmount"] or 0)) - Decimal(str(row["BC_Refunded__c"] or 0))


def _placed_at(row: Row) -> datetime:
    at = datetime.fromisoformat(str(row.get(PLACED) or row["EffectiveDate"]))
    return at.astimezone(UTC) if at.tzinfo is not None else at.replace(tzinfo=UTC)
