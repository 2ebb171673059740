"""Variants as products of the catalogue, and the categories they stand in."""

from __future__ import annotations

from collections.abc import Mapping

from app.connectors.base import Flag, Key, Known, Ref
from app.connectors.sugarcrm.addresses import filled
from app.connectors.sugarcrm.context import Context, claim
from app.connectors.sugarcrm.facts import Facts, Row
from app.connectors.sugarcrm.lookup import Wants
from app.connectors.sugarcrm.mappings import TEMPLATE
from app.connectors.sugarcrm.schema import CATEGORIES, TEMPLATES
from app.connectors.sugarcrm.steps import Plan, Step
from app.domain import Category, Product, Variant
from app.mapping import payload

CATEGORY = "category-"  # in keys, so that a category and a variant of one number differ


def wants(product: Product, known: Mapping[Key, Known], facts: Facts, into: Wants) -> None:
    """Look for variants by key and SKU, unless we know where they are."""
    for variant in product.variants:
        if ("variant", variant.id) not in known:
            into.record(TEMPLATES, variant.id, facts)
            into.add(TEMPLATES, "mft_part_num", variant.sku)


def want_category(category: Category, known: Mapping[Key, Known], facts: Facts, into: Wants) -> None:
    """Look for a category and those above it."""
    for category_id, name in (*category.ancestors, (category.id, category.name)):
        if ("category", category_id) not in known:
            into.record(CATEGORIES, CATEGORY + category_id, facts)
            into.add(CATEGORIES, "name", name)


def plan(product: Product, place: Known | None, context: Context) -> Plan:
    """A product of the catalogue with all its variants; those that vanished are no longer available."""
    planned = Plan()
    for variant in product.variants:
        _variant(variant, context, planned)
    here = {variant.id for variant in product.variants}
    for child in place.children if place is not None else ():
        variant_id, _, record = child.partition("|")
        if variant_id not in here:
            body = filled({"status": context.facts.choice("ProductTemplates.status", "Unavailable")})
            planned.steps.append(Step("PUT", TEMPLATES, record, body, subject=child))
    return planned


def content(product: Product, facts: Facts) -> list[Row]:
    """All that would be sent of a product, for the fingerprint."""
    return [{"id": one.id, "category": one.category_id, **body(one, facts, creating=True)} for one in product.variants]


def body(variant: Variant, facts: Facts, *, creating: bool) -> Row:
    """The fields of a variant; with another formula than Fixed Sugar would make its own price."""
    row = payload(TEMPLATE, variant, creating=creating)
    row["status"] = facts.choice("ProductTemplates.status", "Available" if variant.active else "Unavailable")
    row |= {"pricing_formula": "Fixed", "currency_id": facts.currency_id(variant.currency)}
    return facts.fitting(TEMPLATES, filled(row))


def category_body(category: Category, facts: Facts) -> Row:
    """A category's fields but for its parent."""
    return facts.fitting(CATEGORIES, {"name": category.name})


def plan_category(category: Category, context: Context) -> Plan:
    """A category under its parent; what is not there yet of those above it is made with it."""
    planned, parent = Plan(), ""
    for category_id, name in category.ancestors:
        parent = _category(Category(category_id, name), parent, context, planned, overwrite=False)
    _category(category, parent, context, planned, overwrite=True)
    return planned


def _variant(variant: Variant, context: Context, planned: Plan) -> None:
    facts, key = context.facts, ("variant", variant.id)
    if key in context.gone:
        return
    place, steps = context.known.get(key), planned.steps
    if place is not None:
        row = _with_category(body(variant, facts, creating=False), variant, context)
        row = {} if key in context.met else row
        planned.made[key] = place
        steps.append(Step("PUT", TEMPLATES, place.ref.id, row, makes=(key,)))
        return
    there = _found(variant, context, planned)
    row = _with_category(body(variant, facts, creating=there is None), variant, context)
    if there is None:
        row |= {**facts.keyed(TEMPLATES, variant.id), **context.owner("product")}
        steps.append(Step("POST", TEMPLATES, context.new_id(TEMPLATES, variant.id), row, makes=(key,)))
        return
    planned.made[key] = Known(Ref(TEMPLATES, str(there["id"])))
    keys = facts.keys_of(TEMPLATES, there)
    if not keys or facts.key(variant.id) in keys:  # else another store's: used, neither claimed nor written
        if context.meets(key, TEMPLATES, there, None):
            planned.met.add(key, is_ours=context.is_ours(TEMPLATES, there, variant.id))
            row = {}
        steps += claim(TEMPLATES, str(there["id"]), variant.id, there, row, facts)
        steps.append(Step("PUT", TEMPLATES, str(there["id"]), row, makes=(key,)))


def _found(variant: Variant, context: Context, planned: Plan) -> Row | None:
    facts, found = context.facts, context.found
    there = found.record(TEMPLATES, variant.id, facts)
    if there is not None or not variant.sku:
        return there
    alike = found.having(TEMPLATES, "mft_part_num", variant.sku)
    free = [row for row in alike if not facts.our_id(facts.keys_of(TEMPLATES, row))]
    if len(alike) > 1:
        words = f"{len(alike)} products there have the part number {variant.sku}; the oldest is used."
        planned.flags.append(Flag("AMBIGUOUS_PRODUCT", words))
    return free[0] if free else None


def _with_category(row: Row, variant: Variant, context: Context) -> Row:
    place = context.place(("category", variant.category_id)) if variant.category_id else None
    return row if place is None else {**row, "category_id": place.ref.id}


def _category(category: Category, parent: str, context: Context, planned: Plan, *, overwrite: bool) -> str:
    """The id of a category, whose steps are planned."""
    facts, key, our_id = context.facts, ("category", category.id), CATEGORY + category.id
    row = {**category_body(category, facts), "parent_id": parent}
    place = context.place(key)
    there = context.found.record(CATEGORIES, our_id, facts) if place is None else None
    if place is None and there is None:
        alike = context.found.having(CATEGORIES, "name", category.name)
        there = next((one for one in alike if (one.get("parent_id") or "") == parent), None)
    if place is None and there is None:
        made = context.new_id(CATEGORIES, our_id)
        row |= facts.keyed(CATEGORIES, our_id)
        planned.steps.append(Step("POST", CATEGORIES, made, filled(row), makes=(key,)))
        return made
    where = place or Known(Ref(CATEGORIES, str(there["id"] if there else "")))
    planned.made[key] = where
    if overwrite:
        planned.steps.append(Step("PUT", CATEGORIES, where.ref.id, row, makes=(key,)))
    return where.ref.id
