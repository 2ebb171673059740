"""Variants as products with a standard price; charges and unknown goods are products of our own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.connectors.base import Flag, Key, Known, Ref
from app.connectors.salesforce.addresses import filled
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.found import Found, FoundProduct
from app.connectors.salesforce.mappings import PRICE, PRICE_ID, PRODUCT, VARIANT_ID
from app.connectors.salesforce.steps import Level, Plan, Step
from app.domain import ChargeKind, Product, Variant
from app.domain.order import SettledLine
from app.mapping import payload

PLACEHOLDER = "placeholder"
FAMILY = "Product"  # all variants of a product together: no object of theirs, so none whose deletion would end it
CHARGE = "charge:"


@dataclass
class ProductPlan(Plan):
    """The rows of one variant, and how an order's line refers to its price."""

    refers: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """What is known while a variant is planned."""

    known: Mapping[Key, Known]
    found: Found
    facts: Facts
    gone: frozenset[Key] = frozenset()  # what somebody deleted there
    shared: bool = False  # what people there edit goes to the store, so it is compared before it is written over
    met: frozenset[Key] = frozenset()  # products that an earlier try of this write found and linked


def variant_of(line: SettledLine, currency: str, unusable: Mapping[str, str]) -> Variant:
    """What a line of an order is sold as; `unusable` names variants and lines that Salesforce refused."""
    if line.charge is not None:
        return _own(CHARGE + line.charge.value, line.charge.value.replace("_", " ").capitalize(), currency)
    goods = line.line
    if goods is None or not goods.variant_id or {goods.variant_id, f"line:{line.key}"} & set(unusable):
        return placeholder(currency)
    price = max(line.list_price, Decimal(0))
    return Variant(goods.variant_id, goods.product_id, goods.sku, goods.name, price, currency)


def placeholder(currency: str) -> Variant:
    """What a line is sold as that has no product of its own."""
    return _own(PLACEHOLDER, "Item without a product", currency)


def own_products(currency: str) -> tuple[Variant, ...]:
    """All products that are not the store's."""
    charges = (_own(CHARGE + kind.value, kind.value.replace("_", " ").capitalize(), currency) for kind in ChargeKind)
    return (*charges, placeholder(currency))


def is_own(variant_id: str) -> bool:
    """Whether it is a product of ours, which orders cannot do without."""
    return variant_id == PLACEHOLDER or variant_id.startswith(CHARGE)


def is_linked(variant: Variant, known: Mapping[Key, Known], facts: Facts) -> bool:
    """Whether product and price are known to be there."""
    place = known.get(("variant", variant.id))
    return place is not None and facts.price_id(variant.id, variant.currency) in place.children


def sold(variant: Variant, context: Context) -> ProductPlan:
    """A variant as an order's line needs it: created if it is not there, never overwritten."""
    price_id = context.facts.price_id(variant.id, variant.currency)
    planned = ProductPlan(refers={"PricebookEntry": {PRICE_ID: context.facts.external_id(price_id)}})
    if is_linked(variant, context.known, context.facts):
        planned.made[("variant", variant.id)] = context.known[("variant", variant.id)]
    else:
        _find_or_create(variant, context, planned, overwrite=False)
    return planned


def catalogued(product: Product, context: Context) -> Plan:
    """A product of the catalogue with all its variants."""
    planned = Plan()
    for variant in product.variants:
        part = ProductPlan()
        if ("variant", variant.id) in context.gone:
            words = f"Somebody deleted {variant.name!r} in Salesforce; it is not made anew."
            part.flags.append(Flag("DELETED_THERE", words))
        elif is_linked(variant, context.known, context.facts):
            if ("variant", variant.id) not in context.met:
                _overwrite(variant, context, part)
        else:
            _find_or_create(variant, context, part, overwrite=True)
        planned.add(part)
    return planned


def ended(variant_ids: Iterable[str], found: Found, facts: Facts, *, looked_up: bool) -> Plan:
    """Variants that vanished become inactive; once they are looked up, those that are not there any more are left."""
    planned = Plan()
    for variant_id in variant_ids:
        value, key = facts.external_id(variant_id), VARIANT_ID
        if looked_up:
            product = found.product(value, "")
            if product is None:
                continue
            value, key = product.id, ""
        body = dict(PRODUCT.gone)
        planned.steps.append(Step(Level.PRODUCT, "Product2", value, body, key=key, assumed=True, subject=variant_id))
    return planned


def rows(product: Product, facts: Facts) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Product and standard price of every variant."""
    return [(_product_body(variant, facts), _price_body(variant)) for variant in product.variants]


def content(product: Product, facts: Facts) -> list[dict[str, Any]]:
    """All that would be sent of a product, for the fingerprint."""
    return [{"id": v.id, "currency": v.currency, **_product_body(v, facts), **_price_body(v)} for v in product.variants]


def _own(variant_id: str, name: str, currency: str) -> Variant:
    return Variant(variant_id, "", variant_id, name, Decimal(0), currency)


def _product_body(variant: Variant, facts: Facts) -> dict[str, Any]:
    body = filled(payload(PRODUCT.fields, variant, creating=True))
    if facts.families and body.get("Family") not in facts.families:
        body.pop("Family", None)
    return body


def _price_body(variant: Variant) -> dict[str, Any]:
    return payload(PRICE.fields, variant, creating=True)


def _overwrite(variant: Variant, context: Context, planned: Plan) -> None:
    place, facts = context.known[("variant", variant.id)], context.facts
    price = facts.external_id(facts.price_id(variant.id, variant.currency))
    makes = (("variant", variant.id),)
    planned.steps += [
        Step(
            Level.PRODUCT, "Product2", place.ref.id, _product_body(variant, facts), assumed=True,
            makes=makes, children=place.children,
        ),
        Step(Level.PRICE, "PricebookEntry", price, _price_body(variant), key=PRICE_ID, assumed=True),
    ]  # fmt: skip


def _find_or_create(variant: Variant, context: Context, planned: Plan, *, overwrite: bool) -> None:
    facts, external = context.facts, context.facts.external_id(variant.id)
    found = context.found.product(external, variant.sku)
    key = ("variant", variant.id)
    earlier = context.known.get(key)
    is_new = found is not None and (key in context.met or not earlier)
    if found is not None and is_new and (context.shared or not overwrite):
        planned.met.add(key, is_ours=found.mark.is_ours(facts, variant.id))
        overwrite = False
    price_id = facts.price_id(variant.id, variant.currency)
    children = tuple(dict.fromkeys((*(earlier.children if earlier else ()), price_id)))
    makes, subject = (key,), variant.id
    if found is None:
        step = Step(
            Level.PRODUCT, "Product2", external, _product_body(variant, facts), key=VARIANT_ID, makes=makes,
            children=children, subject=subject,
        )  # fmt: skip
        planned.steps.append(step)
    else:
        body = {} if found.external else {VARIANT_ID: external}
        body |= _product_body(variant, facts) if overwrite else {}
        if body:
            step = Step(Level.PRODUCT, "Product2", found.id, body, makes=makes, children=children, subject=subject)
            planned.steps.append(step)
        else:
            planned.made[key] = Known(Ref("Product2", found.id), children)
    price = _price_step(variant, found, context, overwrite)
    if price is not None:
        planned.steps.append(price)


def _price_step(variant: Variant, product: FoundProduct | None, context: Context, overwrite: bool) -> Step | None:
    facts = context.facts
    price_id = facts.external_id(facts.price_id(variant.id, variant.currency))
    currency = {"CurrencyIsoCode": variant.currency} if facts.multi_currency else {}
    found = context.found.price(product.id, price_id, currency.get("CurrencyIsoCode", "")) if product else None
    if found is None:
        owner = {"Product2Id": product.id} if product else {"Product2": {VARIANT_ID: facts.external_id(variant.id)}}
        body = {**_price_body(variant), "Pricebook2Id": facts.pricebook, **owner, **currency}
        return Step(Level.PRICE, "PricebookEntry", price_id, body, key=PRICE_ID, subject=variant.id)
    body = _price_body(variant) if overwrite else {}
    if found.external != price_id:
        body |= {PRICE_ID: price_id, "IsActive": True}
    return Step(Level.PRICE, "PricebookEntry", found.id, body, subject=variant.id) if body else None
