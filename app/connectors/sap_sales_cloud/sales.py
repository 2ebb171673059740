"""The store's orders as the tenant holds them, for adding up and comparing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from app.connectors.lists import Sale
from app.connectors.sap_sales_cloud import names, orders
from app.connectors.sap_sales_cloud.client import Client
from app.connectors.sap_sales_cloud.facts import Facts
from app.connectors.sap_sales_cloud.odata import literal, moment, query, read_date, set_name

PLACED = "DateTime"


def between(client: Client, facts: Facts, since: datetime | None, until: datetime | None) -> Iterator[Sale]:
    """Orders that were placed in a range; cancelled ones come to nothing, those deleted in the store do not come."""
    net = facts.extension(names.ORDER, "net")
    reason = orders.REASON
    wanted = ("ObjectID", "BuyerID", "Name", "CurrencyCode", "GrossAmount", reason, PLACED, net)
    where = [f"startswith(BuyerID,{literal(facts.external_id(''))})"]
    if _keeps_dates(facts):
        where += [f"{PLACED} {sign} {moment(at)}" for sign, at in (("ge", since), ("lt", until)) if at is not None]
    path = query(
        set_name(names.ORDER), filter=" and ".join(where), select=",".join(filter(None, wanted)),
        orderby="ObjectID asc", format="json",
    )  # fmt: skip
    found = {str(row["ObjectID"]): row for row in client.all(path)}  # pages by offset may tell a row twice
    for object_id, row in found.items():
        our_id = facts.our_id(str(row["BuyerID"]))
        if our_id and not orders.is_gone(row):
            at = read_date(row.get(PLACED)) or datetime.fromtimestamp(0, UTC)
            yield Sale(our_id, str(row.get("CurrencyCode") or ""), orders.net(row, facts), at, names.ORDER, object_id)


def _keeps_dates(facts: Facts) -> bool:
    """Whether orders have the store's date there, and can be found by it; else they have that of their making."""
    found = facts.schema.entities.get(names.ORDER, {}).get(PLACED)
    return found is None or (found.filterable and found.creatable)
