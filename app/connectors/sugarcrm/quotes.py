"""Quotes beside the opportunities, for merchants who read their orders there: one bundle with a product per line."""

from __future__ import annotations

from app.connectors.base import Known, Ref
from app.connectors.sugarcrm.addresses import filled, postal
from app.connectors.sugarcrm.context import Context
from app.connectors.sugarcrm.facts import Facts, Row
from app.connectors.sugarcrm.mappings import QUOTED
from app.connectors.sugarcrm.people import Buyer
from app.connectors.sugarcrm.schema import BUNDLES, QUOTES
from app.connectors.sugarcrm.steps import Plan, Step
from app.connectors.sugarcrm.values import day, money
from app.connectors.sugarcrm.views import OrderView
from app.domain import Order
from app.domain.order import Stage
from app.domain.record import digest

PREFIX = "quote-"  # in keys
LINKED = "product_bundles"
_STAGES = {Stage.SALE: "Closed Accepted", Stage.CANCELLED: "Closed Lost"}  # any other: Draft


def place(order_id: str, context: Context, *, unsure: bool) -> Known | None:
    """The quote of an order and its bundles; in doubt as looked up."""
    known = context.place(("quote", order_id))
    if known is not None and not unsure:
        return known
    row = context.found.record(QUOTES, PREFIX + order_id, context.facts)
    if known is None and row is None:
        return None
    ref = known.ref if known is not None else Ref(QUOTES, str(row["id"] if row else ""))
    bundles = (str(one["id"]) for one in context.found.rows[BUNDLES].values() if one.get("quote_id") == ref.id)
    return Known(ref, ("", *bundles))


def plan(order: Order, there: Known | None, buyer: Buyer, opportunity: str, context: Context) -> Plan:
    """The quote of an order; another set of lines is another bundle."""
    planned, facts, key = Plan(), context.facts, ("quote", order.id)
    if key in context.gone:
        return planned
    rows = products(order, facts)
    mark, old = digest(rows)[:12], there.children if there is not None else ()
    body = {**_header(order, facts), "billing_account_id": buyer.account_id, "opportunity_id": opportunity}
    body |= filled({"billing_contact_id": buyer.contact_id})
    children = (mark, *old[1:])
    if old[:1] != (mark,):
        bundle = context.new_id(BUNDLES, f"{PREFIX}{order.id}-{mark}-{'-'.join(old[1:])}")
        made = {"id": bundle, "name": "", "position": 0, "default_group": True, "currency_id": body["currency_id"]}
        body[LINKED] = {"create": [{**made, "products": {"create": rows}}]}
        children = (mark, bundle)
    record = there.ref.id if there is not None else context.new_id(QUOTES, PREFIX + order.id)
    if there is None:
        body |= {**facts.keyed(QUOTES, PREFIX + order.id), **context.owner("opportunity")}
    method = "POST" if there is None else "PUT"
    planned.steps.append(Step(method, QUOTES, record, body, makes=(key,), children=children))
    if old[:1] != (mark,):
        planned.steps += [Step("DELETE", BUNDLES, one) for one in old[1:]]
    return planned


def archive(order_id: str, there: Known, facts: Facts) -> Plan:
    """The quote of an order that is gone is lost."""
    planned, key = Plan(), ("quote", order_id)
    body = filled({"quote_stage": facts.choice("Quotes.quote_stage", "Closed Lost")})
    planned.steps.append(Step("PUT", QUOTES, there.ref.id, body, makes=(key,), children=there.children))
    return planned


def products(order: Order, facts: Facts) -> list[Row]:
    """The quoted lines: goods, charges, and every refund as a negative one, so that the quote's total is the net."""
    common = {"currency_id": facts.currency_id(order.currency), "tax_class": "Non-Taxable"}  # tax is a line of its own
    rows: list[Row] = []
    for line in order.settled():
        row: Row = {}
        for field in QUOTED:
            value = getattr(line, field.source) or field.default or 0
            row[field.target] = field.convert(value) if field.convert else value
        sku = line.line.sku if line.line is not None else ""
        rows.append({**row, **common, **filled({"mft_part_num": sku}), "position": len(rows)})
    for refund in order.refunds:
        row = {"name": f"Refund {refund.id}", "quantity": "1", "discount_price": money(-refund.amount)}
        rows.append({**row, **common, "position": len(rows)})
    return [facts.fitting("Products", row) for row in rows]


def _header(order: Order, facts: Facts) -> Row:
    stage = "Closed Lost" if order.is_deleted else _STAGES.get(order.stage, "Draft")
    row = {
        "name": OrderView(order).name,
        "quote_stage": facts.choice("Quotes.quote_stage", stage),
        "date_quote_expected_closed": day(order.placed_at),
        "purchase_order_num": order.external_order_id,
        **postal("billing", order.billing),
        **postal("shipping", order.shipping),
    }
    return {**facts.fitting(QUOTES, filled(row)), "currency_id": facts.currency_id(order.currency)}
