"""Orders: header, lines, activation and, where the merchant wants one, the opportunity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.connectors.base import Known, Ref
from app.connectors.salesforce.addresses import address
from app.connectors.salesforce.choosing import owner
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.found import Found
from app.connectors.salesforce.mappings import ITEM, LINE_ID, OPPORTUNITY, ORDER, ORDER_ID
from app.connectors.salesforce.steps import Level, Plan, Step
from app.connectors.salesforce.values import settled
from app.connectors.salesforce.views import OrderView
from app.domain import Order, Variant
from app.domain.order import SettledLine, Stage
from app.domain.text import cut
from app.mapping import payload

_STAGES = {Stage.SALE: "stage_won", Stage.CANCELLED: "stage_lost"}  # any other: open


@dataclass(frozen=True)
class Sold:
    """A settled line, what it is sold as, and how its row refers to the price."""

    line: SettledLine
    variant: Variant
    refers: Mapping[str, Any]

    @property
    def token(self) -> str:
        """The line's key and its product, which cannot change on a row: another product, another row."""
        return f"{self.line.key}={self.variant.id}"


@dataclass(frozen=True)
class Deal:
    """The opportunity of an order: whether one is wanted, where it is, the cart's that it may take over."""

    wanted: bool = False
    place: Known | None = None
    cart: Known | None = None


def found_place(order_id: str, found: Found, facts: Facts) -> Known | None:
    """Where the order is, and its lines there, as looked up."""
    external = facts.external_id(order_id)
    if external not in found.orders:
        return None
    lines = found.items.get(external, {})
    children = tuple(
        f"{line.removeprefix(f'{external}-')}={facts.our_id(variant)}" for line, variant in sorted(lines.items())
    )
    return Known(Ref("Order", found.orders[external]), children)


def found_opportunity(order_id: str, found: Found, facts: Facts) -> Known | None:
    """The opportunity beside the order, as looked up."""
    opportunity_id = found.opportunities.get(facts.external_id(order_id))
    return Known(Ref("Opportunity", opportunity_id)) if opportunity_id else None


def plan(
    order: Order,
    place: Known | None,
    sold: list[Sold],
    buyer: Mapping[str, Any],
    facts: Facts,
    deal: Deal,
    owners: Mapping[str, str],
) -> Plan:
    """All rows of an order in the state it is in; `buyer` has the fields that refer to account and contact."""
    planned = Plan()
    view, external = OrderView(order), facts.external_id(order.id)
    if place is not None:
        planned.made[("order", order.id)] = place
        planned.steps.append(status(Level.DEACTIVATE, place.ref.id, facts.draft))
    header = {**_header(view, facts, creating=place is None), **buyer}
    header |= owner(owners, "Order") if place is None else {}
    makes = (("order", order.id),)
    # An order that is not there any more is not made of a header without Status: Salesforce requires one.
    planned.steps.append(
        Step(
            Level.ORDER, "Order", external, header, key=ORDER_ID, new=place is None, assumed=place is not None,
            makes=makes,
        )
    )  # fmt: skip
    planned.steps += _lines(order, place, sold, facts)
    if order.stage is Stage.SALE:
        body = {"Status": facts.activated}
        planned.steps.append(Step(Level.ACTIVATE, "Order", external, body, key=ORDER_ID, assumed=True))
    if deal.wanted:
        planned.steps.append(_opportunity(view, buyer, facts, deal, owners))
    return planned


def archive(order_id: str, place: Known | None, opportunity: Known | None, facts: Facts) -> Plan:
    """An order that is gone from the store stays, as a draft that says so; its opportunity is lost."""
    planned = Plan()
    if place is not None:
        planned.made[("order", order_id)] = place
        planned.steps.append(status(Level.DEACTIVATE, place.ref.id, facts.draft))
        planned.steps.append(Step(Level.ORDER, "Order", place.ref.id, dict(ORDER.gone)))
    if opportunity is not None:
        body = {"StageName": facts.stage_lost}
        planned.steps.append(Step(Level.OPPORTUNITY, "Opportunity", opportunity.ref.id, body))
    return planned


def content(order: Order, facts: Facts, opportunity: bool) -> dict[str, Any]:
    """All that would be sent of an order, for the fingerprint."""
    lines = [{"key": line.key, **_item(line), "product": _product(line)} for line in settled(order)]
    return {
        "header": _header(OrderView(order), facts, creating=True),
        "buyer": order.buyer.id,
        "stage": order.stage,
        "deleted": order.is_deleted,
        "lines": lines,
        "opportunity": opportunity,
    }


def _product(line: SettledLine) -> str:
    return line.line.variant_id if line.line is not None else ""


def status(level: Level, record_id: str, value: str) -> Step:
    """Status alone, as activating and deactivating want it."""
    return Step(level, "Order", record_id, {"Status": value}, assumed=True)


def _header(view: OrderView, facts: Facts, *, creating: bool) -> dict[str, Any]:
    row = payload(ORDER.fields, view, creating=creating)
    row |= address("Billing", view.order.billing, facts) | address("Shipping", view.order.shipping, facts)
    if not creating:
        return row
    row |= {"Status": facts.draft, "Pricebook2Id": facts.pricebook}
    if facts.multi_currency:
        row["CurrencyIsoCode"] = view.order.currency
    return {name: value for name, value in row.items() if value is not None}


def _lines(order: Order, place: Known | None, sold: list[Sold], facts: Facts) -> list[Step]:
    there = set(place.children) if place else set()
    here = {one.token for one in sold}
    steps = []
    for token in sorted(there - here):
        line_id = facts.external_id(f"{order.id}-{token.partition('=')[0]}")
        steps.append(Step(Level.REMOVE, "OrderItem", line_id, key=LINE_ID, delete=True, subject=token))
    for one in sold:
        body = _item(one.line)
        assumed = one.token in there
        if not assumed:  # neither can be changed later, nor be repeated
            body |= {"Order": {ORDER_ID: facts.external_id(order.id)}, **one.refers}
        line_id = facts.external_id(f"{order.id}-{one.line.key}")
        steps.append(Step(Level.ITEM, "OrderItem", line_id, body, key=LINE_ID, assumed=assumed, subject=one.token))
    return steps


def _item(line: SettledLine) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for field in ITEM.fields:
        value = getattr(line, field.source)
        value = field.convert(value) if field.convert else value
        row[field.target] = cut(value, field.length) if isinstance(value, str) and field.length else value
    return row


def _opportunity(
    view: OrderView, buyer: Mapping[str, Any], facts: Facts, deal: Deal, owners: Mapping[str, str]
) -> Step:
    row = payload(OPPORTUNITY.fields, view, creating=True)
    row["StageName"] = getattr(facts, _STAGES.get(view.order.stage, "stage_open"))
    row |= {name: value for name, value in buyer.items() if name in ("Account", "AccountId")}
    makes = (("opportunity", view.order.id),)
    external = facts.external_id(view.order.id)
    place = deal.place or deal.cart
    if place is not None:
        row |= {ORDER_ID: external} if deal.place is None else {}
        return Step(Level.OPPORTUNITY, "Opportunity", place.ref.id, row, assumed=True, makes=makes)
    row |= owner(owners, "Opportunity")
    if facts.multi_currency:
        row["CurrencyIsoCode"] = view.order.currency
    return Step(Level.OPPORTUNITY, "Opportunity", external, row, key=ORDER_ID, makes=makes)
