"""The items of an order: its lines, which sum to the total, and its refunds with negative amounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from app.connectors.base import Flag
from app.connectors.sap_sales_cloud import names
from app.connectors.sap_sales_cloud.batch import Operation
from app.connectors.sap_sales_cloud.facts import Facts
from app.connectors.sap_sales_cloud.odata import Row, clean, number, path, rows, set_name, version
from app.connectors.sap_sales_cloud.people import changed
from app.connectors.sap_sales_cloud.products import goods
from app.connectors.sap_sales_cloud.steps import Job
from app.domain import Order
from app.domain.order import SettledLine
from app.domain.text import cut

REFUNDS = "refunds"  # dropped where a tenant takes no negative items: then the lines come to the net
STEP = 10  # between the numbers of items
_KEY = 35  # characters of a reference


@dataclass(frozen=True)
class Item:
    """One item as it is to be; `key` is ours, the same over edits."""

    key: str
    body: Mapping[str, Any]


def items(order: Order, job: Job, facts: Facts) -> list[Item]:
    """The lines, which sum to the total, then the refunds."""
    whole, refunds = (replace(order, total=order.net), ()) if REFUNDS in job.dropped else (order, order.refunds)
    found = [_item(line, order.currency, _product(line, order, job, facts), facts) for line in whole.settled()]
    for refund in refunds:
        name = f"Refund {refund.id} of {refund.created_at:%Y-%m-%d} {refund.reason}".strip()
        product = names.REFUND if names.REFUND in facts.own_products else ""
        found.append(_row(f"refund-{refund.id}", name, 1, -refund.amount, order.currency, product, facts))
    return found


def operations(order: Order, job: Job, row: Row, facts: Facts) -> list[Operation]:
    there = rows(row.get(names.ITEM))
    by_key = {str(item.get(facts.item_key) or ""): item for item in there}
    wanted = items(order, job, facts)
    kept = {item.key for item in wanted}
    needed = [
        Operation("DELETE", path(names.ITEM, str(old["ObjectID"])))
        for key, old in by_key.items()
        if key and key not in kept  # what people added has no key of ours
    ]
    last = max((int(item["ID"]) for item in there if str(item.get("ID", "")).isdigit()), default=0)
    for item in wanted:
        old = by_key.get(item.key)
        if old is None:
            last += STEP
            body = facts.schema.created(names.ITEM, {"ID": str(last), **item.body})
            body["ParentObjectID"] = row["ObjectID"]
            needed.append(Operation("POST", set_name(names.ITEM), body))
            continue
        patch = changed(names.ITEM, item.body, old, facts)
        if patch:
            needed.append(Operation("PATCH", path(names.ITEM, str(old["ObjectID"])), patch, version(old)))
    return needed


def placeholders(order: Order, job: Job) -> list[Flag]:
    flags = []
    for line in order.settled():
        variant = goods(line, order.currency)
        words = job.unusable.get(f"line:{line.key}") or (job.unusable.get(variant.id) if variant else None)
        if words is not None:
            text = f"The line {line.name!r} is on the placeholder product: {words}"
            flags.append(Flag("PLACEHOLDER_LINE", text))
    return flags


def _product(line: SettledLine, order: Order, job: Job, facts: Facts) -> str:
    """ProductID of a line."""
    if line.charge is not None:
        wanted = names.charge_id(line.charge.value)
    else:
        variant = goods(line, order.currency)
        bad = {f"line:{line.key}", *([variant.id] if variant else [])} & set(job.unusable)
        if variant is not None and not bad:
            place = job.place("variant", variant.id)
            known = place.children[0] if place is not None and place.children else ""
            return known or names.product_id(facts.store, variant.id, variant.sku)
        wanted = names.PLACEHOLDER
    return wanted if wanted in facts.own_products and "ProductID" not in job.dropped else ""


def _item(line: SettledLine, currency: str, product: str, facts: Facts) -> Item:
    return _row(line.key, line.name, line.quantity, line.unit_price, currency, product, facts)


def _row(key: str, name: str, quantity: int, price: Decimal, currency: str, product: str, facts: Facts) -> Item:
    body = {
        facts.item_key: key[:_KEY],
        "ProductID": product,
        "Description": cut(clean(name).strip(), 40).rstrip() or "Item",
        "Quantity": str(quantity),
        "QuantityMeasureUnitCode": "EA",
        "NetPriceAmount": number(price),
        "NetPriceAmountCurrencyCode": currency,
        "NetPriceBaseQuantity": "1",
        "NetPriceBaseQuantityunitCode": "EA",
        "NetAmount": number(price * quantity),
        "NetAmountCurrencyCode": currency,
        "TaxAmount": "0",
        "TaxAmountCurrencyCode": currency,
    }
    return Item(key[:_KEY], {name: value for name, value in body.items() if value})
