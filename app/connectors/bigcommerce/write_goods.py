"""Edits of products carried into the store: names, prices, stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from app.connectors.base import Edit, Edited, Payload
from app.connectors.bigcommerce import goods
from app.connectors.bigcommerce.batches import Sent, send
from app.connectors.bigcommerce.client import Client
from app.connectors.bigcommerce.goods import PRODUCTS, VARIANTS, Goods
from app.connectors.bigcommerce.windows import lists
from app.domain.fields import price_text
from app.errors import Misconfigured, NotFound, Rejected

PRODUCT_BATCH, VARIANT_BATCH, STOCK_BATCH = 10, 50, 2000  # more are refused with 413
INVENTORY = "/v3/inventory"
FIRST_LOCATION = 1  # the default one, where we may not ask
REASON = "Changed in the CRM"


@dataclass(frozen=True)
class Level:
    """A stock to be set: what it is counted by, what the catalogue shows and what it is to show."""

    identity: Payload
    product_id: int
    shown: int
    wanted: int


@dataclass
class Plan:
    """What one edit asks for, and what became of it."""

    product: Payload = field(default_factory=dict)
    variants: Sent = field(default_factory=dict)
    levels: dict[str, Level] = field(default_factory=dict)
    error: Rejected | None = None
    sent: Payload = field(default_factory=dict)
    received: Payload = field(default_factory=dict)

    def take(self, part: str, body: Payload, answer: Payload | Rejected | None) -> None:
        """Note the answer to one of the calls; the first error stays."""
        self.sent[part] = body
        if isinstance(answer, dict):
            self.received[part] = answer
        else:
            lost = Rejected("BigCommerce did not take the change of this product.", code="BC_NOT_TAKEN")
            self.error = self.error or answer or lost


class GoodsWriter:
    """Writes products, variants and stock in batches; nothing that equals what the store has."""

    def __init__(self, client: Client, source: Goods) -> None:
        self._client = client
        self._source = source

    def update(self, edits: Sequence[Edit]) -> list[Edited]:
        """Change products; one answer per edit.

        They are read once more as the store tells them: only so can it be told what a variant has from its product.
        """
        rows = self._source.rows(sorted({int(edit.id) for edit in edits}))
        plans = [_plan(rows.get(int(edit.id)), edit, self._source.currency) for edit in edits]
        self._put_products(plans)
        self._put_variants(plans)
        try:
            self._set_stock(plans)
        except Misconfigured as error:  # stock has a scope of its own; names and prices are written by now
            for plan in plans:
                plan.error = plan.error or (error if plan.levels else None)
        return [
            Edited(edit.id, plan.error, plan.sent or None, plan.received or None)
            for edit, plan in zip(edits, plans, strict=True)
        ]

    def _put_products(self, plans: Sequence[Plan]) -> None:
        bodies = {str(plan.product["id"]): plan.product for plan in plans if plan.product}
        answers = send(lambda rows: self._client.put(PRODUCTS, rows), bodies, PRODUCT_BATCH, _id)
        for plan in plans:
            if plan.product:
                plan.take("product", plan.product, answers[_id(plan.product)])

    def _put_variants(self, plans: Sequence[Plan]) -> None:
        bodies = {number: body for plan in plans for number, body in plan.variants.items()}
        answers = send(lambda rows: self._client.put(VARIANTS, rows), bodies, VARIANT_BATCH, _id)
        for plan in plans:
            for number, body in plan.variants.items():
                plan.take(f"variant {number}", body, answers[number])

    def _set_stock(self, plans: Sequence[Plan]) -> None:
        levels = {name: level for plan in plans for name, level in plan.levels.items()}
        if not levels:
            return
        held = self._held({level.product_id for level in levels.values()})
        bodies: Sent = {}
        for name, level in levels.items():
            # Other locations and a safety stock keep their share of what the catalogue shows.
            quantity = held.get(name, level.shown) + level.wanted - level.shown
            bodies[name] = {"location_id": self._location, **level.identity, "quantity": quantity}
        answers = send(self._adjust, bodies, STOCK_BATCH, _stock_name)
        for plan in plans:
            for name in plan.levels:
                plan.take(f"stock {name}", bodies[name], answers[name])

    def _adjust(self, items: list[Payload]) -> Payload:
        """Set levels; takes effect a moment later, and the answer is but a number that nobody can look up."""
        reply = self._client.put(f"{INVENTORY}/adjustments/absolute", {"reason": REASON, "items": items})
        return {"data": [{**item, **(reply or {})} for item in items]}

    def _held(self, product_ids: set[int]) -> dict[str, int]:
        """What lies at the default location, by name of stock."""
        held: dict[str, int] = {}
        for part in lists(sorted(product_ids), most=STOCK_BATCH):
            for row in self._client.rows_v3(f"{INVENTORY}/items", {"product_id:in": part}):
                pieces = _at(row.get("locations") or (), self._location)
                for name in ("variant_id", "product_id"):
                    held.setdefault(f"{name} {row['identity'].get(name)}", pieces)
        return held

    @cached_property
    def _location(self) -> int:
        try:
            rows = list(self._client.rows_v3(f"{INVENTORY}/locations", {"is_default": "true"}))
        except Misconfigured:  # seeing locations has a scope of its own
            return FIRST_LOCATION
        return int(rows[0]["id"]) if rows else FIRST_LOCATION


def _id(row: Payload) -> str:
    return str(row["id"])


def _stock_name(item: Payload) -> str:
    return next(f"{name} {item[name]}" for name in ("variant_id", "product_id") if name in item)


def _at(locations: Sequence[Payload], location_id: int) -> int:
    return next((int(row["total_inventory_onhand"]) for row in locations if row["location_id"] == location_id), 0)


def _plan(parent: Payload | None, edit: Edit, currency: str) -> Plan:
    plan = Plan()
    if parent is None:
        plan.error = NotFound("The product is no longer in the store.", code="BC_GONE")
        return plan
    rows = {str(row["id"]): row for row in parent.get("variants") or ()}
    names: set[str] = set()
    try:
        for (_, variant_id), given in edit.values.items():
            if variant_id not in rows:
                raise NotFound("The variant is no longer in the store.", code="BC_GONE")
            row = rows[variant_id]
            names |= _name(parent, row, given)
            _price(plan, parent, row, given, currency)
            _level(plan, parent, row, given)
        if len(names) > 1:
            raise Rejected("The variants of a product share its name.", code="BC_NAME", field="name")
    except Rejected as error:
        return Plan(error=error)  # half an edit would look like a whole one
    if names:
        plan.product["name"] = names.pop()
    if plan.product:
        plan.product["id"] = int(parent["id"])
    return plan


def _name(parent: Payload, row: Payload, given: Mapping[str, str]) -> set[str]:
    """The new name of the product, if its variant's changed: that is the product's, then the variant's options."""
    shown = goods.variant_name(parent, row)
    wanted = given.get("name", shown).strip()
    if wanted == shown.strip():
        return set()
    options = shown.removeprefix(parent["name"])
    if not wanted.endswith(options):
        words = f"A variant is called after its product and options: the name must end in {options!r}."
        raise Rejected(words, code="BC_NAME", field="name")
    return {wanted.removesuffix(options)}


def _price(plan: Plan, parent: Payload, row: Payload, given: Mapping[str, str], currency: str) -> None:
    """A variant with its own price keeps one of its own, unless that has become the product's; one alone has none."""
    text = given.get("price", "")
    if not text:
        return
    wanted = _decimal(text)
    if price_text(wanted, currency) == price_text(goods.price(parent, row), currency):
        return
    is_alone = len(parent["variants"]) == 1
    if is_alone and row.get("price") is None:
        plan.product["price"] = float(wanted)
        return
    inherits = not is_alone and wanted == Decimal(str(parent.get("price")))
    plan.variants[str(row["id"])] = {"id": int(row["id"]), "price": None if inherits else float(wanted)}


def _level(plan: Plan, parent: Payload, row: Payload, given: Mapping[str, str]) -> None:
    text = given.get("stock", "")
    if not text:
        return
    shown = goods.stock(parent, row)
    if shown is None:
        words = "BigCommerce does not track the stock of this product; switch that on there first."
        raise Rejected(words, code="BC_UNTRACKED", field="stock")
    wanted: Any = _decimal(text)
    if wanted != wanted.to_integral_value():
        raise Rejected(f"A stock is a whole number, not {text!r}.", code="BC_STOCK", field="stock")
    if int(wanted) == shown:
        return
    by_variant = parent.get("inventory_tracking") == "variant"
    identity = {"variant_id": int(row["id"])} if by_variant else {"product_id": int(parent["id"])}
    plan.levels[_stock_name(identity)] = Level(identity, int(parent["id"]), shown, int(wanted))


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise Rejected(f"{text!r} is no number.", code="BC_NUMBER")
    return number
