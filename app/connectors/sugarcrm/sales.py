"""The store's orders as the instance holds them, for adding up and comparing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from app.connectors.lists import Sale
from app.connectors.sugarcrm import carts
from app.connectors.sugarcrm.addresses import text
from app.connectors.sugarcrm.client import Client, filtered
from app.connectors.sugarcrm.facts import Facts, Row
from app.connectors.sugarcrm.schema import OPPORTUNITIES
from app.connectors.sugarcrm.values import day, decimal, instant, moment
from app.errors import Misconfigured

PLACED = "bc_placed_at_c"  # the moment; Sugar's own field has the day alone
CLOSED = "date_closed"
ARCHIVED = "Archived"


def between(client: Client, facts: Facts, since: datetime | None, until: datetime | None) -> Iterator[Sale]:
    """Orders that were placed in a range. Raises Misconfigured where nothing tells an order from a deal."""
    keys = facts.key_fields(OPPORTUNITIES)
    if not keys:
        raise Misconfigured("No field of SugarCRM's opportunities keeps our key, so none can be added up.")
    where: list[Row] = [{"$or": [{name: {"$starts": facts.key("")}} for name in keys]}]
    own = [name for name in (PLACED, "bc_status_c") if facts.has(OPPORTUNITIES, name)]
    where += _range(since, until, PLACED in own)
    fields = ("id", "amount", "currency_id", "sales_stage", "sales_status", CLOSED, "date_entered", *own, *keys)
    for row in client.rows(filtered(OPPORTUNITIES, where, fields)):
        our_id = facts.our_id(facts.keys_of(OPPORTUNITIES, row))
        if our_id and not our_id.startswith(carts.CART):
            currency = facts.currency(text(row, "currency_id"))
            yield Sale(our_id, currency, _net(row, facts), _placed_at(row), OPPORTUNITIES, str(row["id"]))


def _range(since: datetime | None, until: datetime | None, by_moment: bool) -> list[Row]:
    """The range by the day, a day wider; by the moment, where the instance has that, of an order that has one."""
    days = _bounds(CLOSED, day(since) if since else "", day(until + timedelta(days=1)) if until else "")
    if not by_moment or not days:
        return days
    moments = _bounds(PLACED, moment(since) if since else "", moment(until) if until else "")
    without: Row = {PLACED: {"$is_null": ""}}
    return [{"$or": [{"$and": moments}, {"$and": [without, *days]}]}]


def _bounds(name: str, since: str, until: str) -> list[Row]:
    found: list[tuple[str, Any]] = [("$gte", since), ("$lt", until)]
    return [{name: {operator: value}} for operator, value in found if value]


def _net(row: Row, facts: Facts) -> Decimal:
    is_lost = facts.lost in (text(row, "sales_stage"), text(row, "sales_status"))
    return Decimal(0) if is_lost else decimal(row.get("amount"))


def _placed_at(row: Row) -> datetime:
    for name in (PLACED, CLOSED, "date_entered"):
        if text(row, name):
            return instant(text(row, name))
    return datetime.fromtimestamp(0, UTC)
