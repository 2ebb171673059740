"""Variants as products, known by their SKU; charges, refunds and unknown goods are products of our own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.connectors.base import Flag, Known, Ref
from app.connectors.sap_sales_cloud import names
from app.connectors.sap_sales_cloud.batch import Operation
from app.connectors.sap_sales_cloud.facts import OBSOLETE, Facts
from app.connectors.sap_sales_cloud.lookup import Found, Wants
from app.connectors.sap_sales_cloud.odata import Row, clean, path, set_name, version
from app.connectors.sap_sales_cloud.people import DELETED, changed
from app.connectors.sap_sales_cloud.prepare import product_body
from app.connectors.sap_sales_cloud.steps import Change, Job, Plan, place_of
from app.domain import Order, Product, Variant
from app.domain.fields import price_text
from app.domain.order import SettledLine


def goods(line: SettledLine, currency: str) -> Variant | None:
    """The variant that a line sells; None for charges and for goods without a product."""
    one = line.line
    if line.charge is not None or one is None or not one.variant_id:
        return None
    return Variant(one.variant_id, one.product_id, one.sku, one.name, max(line.list_price, one.list_price), currency)


def variants(record: Order | Product) -> dict[str, Variant]:
    """The variants that a record needs there, by our id."""
    if isinstance(record, Product):
        return {variant.id: variant for variant in record.variants}
    sold = (goods(line, record.currency) for line in record.settled())
    return {variant.id: variant for variant in sold if variant is not None}


def want(job: Job, record: Order | Product, facts: Facts, into: Wants) -> None:
    """Look for the variants that are not known, and for those that are to be overwritten."""
    for variant in variants(record).values():
        place = job.place("variant", variant.id)
        if isinstance(record, Product) and place is not None:
            into.add(names.PRODUCT, "ObjectID", place.ref.id)
        elif place is None or not place.children:
            into.add(names.PRODUCT, "ProductID", names.product_id(facts.store, variant.id, variant.sku))


def sold(order: Order, job: Job, found: Found, facts: Facts) -> Plan:
    """The products that an order's lines need: made if they are not there, never overwritten."""
    planned = Plan()
    for variant in variants(order).values():
        place = job.place("variant", variant.id)
        if (place is not None and place.children) or variant.id in job.unusable:
            continue
        row = _found(variant, place, found, facts)
        if row is not None:
            planned.made[("variant", variant.id)] = place_of(names.PRODUCT, row)
        else:
            planned.changes.append(_creation(variant, facts))
    return planned


def catalogued(product: Product, job: Job, found: Found, facts: Facts, *, shared: bool) -> Plan:
    """A product of the catalogue with all its variants; those that vanished are blocked.

    `shared`: what people there edit goes to the store, so it is compared before it is written over.
    """
    planned = Plan()
    for variant in product.variants:
        key = ("variant", variant.id)
        if key in job.write.gone:
            continue
        place = job.place(*key)
        row = _found(variant, place, found, facts)
        if row is not None:
            if shared and job.meets(key, row, variant.id):
                # A SKU says nothing of whose it is: another store's may be on this tenant.
                is_keyed = row["ProductID"] == facts.external_id(variant.id, names.PRODUCT_ID)
                planned.met.add(key, is_ours=is_keyed and facts.is_untouched(row))
            else:
                planned.changes += _update(variant, row, facts)
            planned.made[key] = place_of(names.PRODUCT, row)
        elif place is not None:
            planned.gone.add(key)
            planned.flags.append(Flag(DELETED, f"{variant.name} was deleted in SAP; it is not made again."))
        else:
            planned.changes.append(_creation(variant, facts))
    planned.changes += ended(job, {variant.id for variant in product.variants}, facts)
    return planned


def ended(job: Job, here: set[str], facts: Facts) -> list[Change]:
    """Variants that we brought there and that the store has no longer are blocked."""
    place, blocked = job.write.place, facts.code("product_blocked")
    if place is None or not blocked or not facts.schema.changes(names.PRODUCT, "Status"):
        return []
    there = dict(child.split("=", 1) for child in place.children if "=" in child)
    return [
        Change(
            f"product:{variant_id}",
            names.PRODUCT,
            (Operation("PATCH", path(names.PRODUCT, object_id), {"Status": blocked}),),
            place=Known(Ref(names.PRODUCT, object_id)),
            variant=variant_id,
        )
        for variant_id, object_id in there.items()
        if variant_id not in here
    ]


def place_of_product(product: Product, job: Job) -> Known | None:
    """A product's place is its first variant's; below it are the variants that are there, and where."""
    places = {variant.id: job.place("variant", variant.id) for variant in product.variants}
    there = {variant_id: place.ref for variant_id, place in places.items() if place is not None}
    children = tuple(f"{variant_id}={ref.id}" for variant_id, ref in there.items())
    return Known(next(iter(there.values())), children) if there else None


def body(variant: Variant, facts: Facts) -> dict[str, Any]:
    """A variant's properties; the price only where there is a field for it: a product there has none."""
    product_id = names.product_id(facts.store, variant.id, variant.sku)
    row = product_body(product_id, clean(variant.name).strip() or "Product", facts)
    status = facts.code("product_active" if variant.active else "product_blocked")
    if status:
        row["Status"] = status
    values: Mapping[str, str] = {
        "price": price_text(variant.price, variant.currency),
        "stock": "" if variant.stock is None else str(variant.stock),
    }
    fields = {word: facts.extension(names.PRODUCT, word) for word in values}
    return row | {name: values[word] for word, name in fields.items() if name and values[word]}


def _found(variant: Variant, place: Known | None, found: Found, facts: Facts) -> Row | None:
    if place is not None:
        row = found.by_id(place.ref.kind, place.ref.id)
        return None if row is None or row.get("Status") == OBSOLETE else row
    rows = found.where(names.PRODUCT, "ProductID", names.product_id(facts.store, variant.id, variant.sku))
    return next((row for row in rows if row.get("Status") != OBSOLETE), None)


def _creation(variant: Variant, facts: Facts) -> Change:
    operation = Operation("POST", set_name(names.PRODUCT), facts.schema.created(names.PRODUCT, body(variant, facts)))
    makes = (("variant", variant.id),)
    return Change(f"product:{variant.id}", names.PRODUCT, (operation,), makes=makes, variant=variant.id)


def _update(variant: Variant, row: Row, facts: Facts) -> list[Change]:
    wanted = {name: value for name, value in body(variant, facts).items() if name not in ("ProductID", "Language")}
    patch = changed(names.PRODUCT, wanted, row, facts)
    if not patch:
        return []
    place = place_of(names.PRODUCT, row)
    operation = Operation("PATCH", path(names.PRODUCT, place.ref.id), patch, version(row))
    makes = (("variant", variant.id),)
    identity = f"product:{variant.id}"
    return [Change(identity, names.PRODUCT, (operation,), place=place, makes=makes, variant=variant.id)]
