"""Orders: an opportunity with a line item per settled line and one, negative, per refund.

So the opportunity's amount, which Sugar itself adds up, is the net, and reports over opportunities and over line items
are right without knowing us; gross and refunded stay visible as custom fields, or in the description where these are
missing. Where an instance has no line items, the opportunity's own amount is the net.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.connectors.base import Flag, Known, Ref
from app.connectors.sugarcrm.addresses import filled
from app.connectors.sugarcrm.context import Context, claim
from app.connectors.sugarcrm.facts import Facts, Row
from app.connectors.sugarcrm.mappings import LINE, ORDER, ORDER_ALONE
from app.connectors.sugarcrm.people import Buyer
from app.connectors.sugarcrm.schema import OPPORTUNITIES, RLIS
from app.connectors.sugarcrm.steps import Plan, Step
from app.connectors.sugarcrm.values import day, decimal, money
from app.connectors.sugarcrm.views import OrderView
from app.domain import Order, Refund
from app.domain.order import SettledLine, Stage
from app.domain.record import digest
from app.mapping import payload

UNKNOWN = ("?",)  # children of an order whose line items have to be read before they are written
REFUND = "refund-"
LINKS = "revenuelineitems"
PLACEHOLDER = "PLACEHOLDER_LINE"


@dataclass(frozen=True)
class Token:
    """A line item as we remember it: the line's key, a fingerprint of what was sent, its id there."""

    key: str
    mark: str
    id: str

    @classmethod
    def read(cls, text: str) -> Token:
        key, mark, record_id = text.split("|", 2)
        return cls(key, mark, record_id)

    def __str__(self) -> str:
        return f"{self.key}|{self.mark}|{self.id}"


@dataclass(frozen=True)
class Line:
    """A line item to be: its key and its row."""

    key: str
    row: Row

    @property
    def mark(self) -> str:
        return digest(self.row)[:12]


def knows_lines(place: Known, facts: Facts) -> bool:
    """Whether we know which line items are there; every order has some."""
    if not facts.rli:
        return True
    return bool(place.children) and all(child.count("|") >= 2 for child in place.children)


def stage(order: Order, facts: Facts) -> str:
    """Won for sales, lost for what was called off, else open."""
    if order.is_deleted or order.stage is Stage.CANCELLED:
        return facts.lost
    return facts.won if order.stage is Stage.SALE else facts.open


def line_key(order_id: str, key: str) -> str:
    """What the key of a line item is made of."""
    return f"{order_id}-{key}"


def found_place(row: Row, lines: Iterable[Row], order_id: str, facts: Facts) -> Known:
    """An opportunity and our line items there, as looked up; what they hold is not compared but written again."""
    tokens = (Token(key, "", str(line["id"])) for line in lines if (key := _key_of(line, order_id, facts)))
    return Known(Ref(OPPORTUNITIES, str(row["id"])), tuple(map(str, tokens)))


def _key_of(line: Row, order_id: str, facts: Facts) -> str:
    our_id = facts.our_id(facts.keys_of(RLIS, line))
    return our_id.removeprefix(f"{order_id}-") if our_id.startswith(f"{order_id}-") else ""


def lines(order: Order, context: Context, *, plain: bool = False) -> list[Line]:
    """Every line item of an order; `plain`: without the products that Sugar did not take."""
    facts, value = context.facts, stage(order, context.facts)
    common = {
        "sales_stage": value,
        "date_closed": day(order.placed_at),
        "currency_id": facts.currency_id(order.currency),
    }
    made = [Line(one.key, {**_row(one, facts), **common, **_template(one, context, plain)}) for one in order.settled()]
    return made + [Line(REFUND + one.id, {**_refund(one, facts), **common}) for one in order.refunds]


def plan(order: Order, place: Known | None, buyer: Buyer, context: Context, *, plain: bool = False) -> Plan:
    """All steps of an order in the state it is in; the opportunity brings its new line items along."""
    planned = Plan()
    facts, key = context.facts, ("order", order.id)
    items = lines(order, context, plain=plain) if facts.rli else []
    planned.flags += _flags(order, context) if facts.rli else []
    there = {token.key: token for token in map(Token.read, place.children)} if place is not None else {}
    body = header(order, facts, creating=place is None)
    if place is None or context.looked:  # else people there may have moved it to another account
        body |= filled({"account_id": buyer.account_id})
    opportunity = place.ref.id if place is not None else context.new_id(OPPORTUNITIES, order.id)
    new = [one for one in items if one.key not in there]
    if new:
        body[LINKS] = {"create": [_new_line(order, one, opportunity, context) for one in new]}
        planned.lines = opportunity
    if place is None:
        body |= {**facts.keyed(OPPORTUNITIES, order.id), **context.owner("opportunity")}
    if buyer.contact_id and (place is None or context.looked):
        body["contacts"] = {"add": [buyer.contact_id]}
    if place is not None:
        planned.made[key] = place
        if key not in context.known:  # found, or the order's own cart
            planned.steps += claim(OPPORTUNITIES, opportunity, order.id, {}, body, facts)
    method = "POST" if place is None else "PUT"
    planned.steps.append(Step(method, OPPORTUNITIES, opportunity, body, makes=(key,)))
    planned.steps += _changed_lines(items, there)
    return planned


def header(order: Order, facts: Facts, *, creating: bool) -> Row:
    """The opportunity's own fields."""
    view = OrderView(order)
    row = payload(ORDER, view, creating=creating)
    if not (facts.has(OPPORTUNITIES, "bc_gross_c") and facts.has(OPPORTUNITIES, "bc_refunded_c")):
        parts = [view.amounts, view.particulars, "" if facts.rli else view.goods]
        row["description"] = "\n".join(filter(None, parts))
    row["currency_id"] = facts.currency_id(order.currency)
    if creating:
        row["lead_source"] = facts.choice("Opportunities.lead_source", "Web Site")
        row = {name: value for name, value in row.items() if value is not None}
    if not facts.rli:
        row |= {**payload(ORDER_ALONE, view, creating=creating), "sales_stage": stage(order, facts)}
    return facts.fitting(OPPORTUNITIES, row)


def archive(order_id: str, place: Known, facts: Facts, key_kind: str = "order") -> Plan:
    """What is gone from the store stays and is lost: every line item, or the opportunity itself."""
    planned = Plan()
    planned.made[(key_kind, order_id)] = place
    body: Row = {"bc_status_c": "Archived"}
    if not facts.rli:
        body["sales_stage"] = facts.lost
    body = facts.fitting(OPPORTUNITIES, body)
    if body:
        planned.steps.append(Step("PUT", OPPORTUNITIES, place.ref.id, body, makes=((key_kind, order_id),)))
    for token in map(Token.read, place.children if facts.rli else ()):
        lost = {"sales_stage": facts.lost}
        planned.steps.append(Step("PUT", RLIS, token.id, lost, subject=str(Token(token.key, "", token.id))))
    return planned


def content(order: Order, facts: Facts) -> Row:
    """All that would be sent of an order, for the fingerprint."""
    items = [{"key": one.key, **_row(one, facts), "product": _variant(one)} for one in order.settled()]
    return {
        "header": header(order, facts, creating=True),
        "buyer": order.buyer.id,
        "stage": stage(order, facts),
        "placed": day(order.placed_at),
        "lines": items,
        "refunds": [_refund(one, facts) for one in order.refunds],
    }


def _row(line: SettledLine, facts: Facts) -> Row:
    row: Row = {}
    for field in LINE:
        value: Any = getattr(line, field.source) or field.default or 0
        row[field.target] = field.convert(value) if field.convert else value
    if line.line is not None and line.line.sku:
        row["description"] = line.line.sku
    return facts.fitting(RLIS, row)


def _refund(refund: Refund, facts: Facts) -> Row:
    amount = money(-refund.amount)
    row = {"name": f"Refund {refund.id}", "quantity": "1", "discount_price": amount, "description": refund.reason}
    return facts.fitting(RLIS, filled({**row, **dict.fromkeys(("likely_case", "best_case", "worst_case"), amount)}))


def _variant(line: SettledLine) -> str:
    return line.line.variant_id if line.line is not None else ""


def _template(line: SettledLine, context: Context, plain: bool) -> Row:
    """The catalogue's product, if it is there; a line does without."""
    place = None if plain or not _variant(line) else context.place(("variant", _variant(line)))
    return {"product_template_id": place.ref.id if place is not None else ""}


def _flags(order: Order, context: Context) -> list[Flag]:
    found = (one for one in order.settled() if _variant(one) and ("variant", _variant(one)) in context.gone)
    return [
        Flag(PLACEHOLDER, f"The line {one.name!r} is without its product, which was deleted there.") for one in found
    ]


def _new_line(order: Order, line: Line, opportunity: str, context: Context) -> Row:
    # Older servers want the opportunity's id although the line is nested in it.
    return {
        **line.row,
        **context.facts.keyed(RLIS, line_key(order.id, line.key)),
        **context.owner("opportunity"),
        "opportunity_id": opportunity,
    }


def _changed_lines(items: list[Line], there: Mapping[str, Token]) -> list[Step]:
    steps = []
    for one in items:
        token = there.get(one.key)
        if token is not None and token.mark != one.mark:
            steps.append(Step("PUT", RLIS, token.id, one.row, subject=str(Token(one.key, one.mark, token.id))))
    wanted = {one.key for one in items}
    steps += [Step("DELETE", RLIS, token.id, subject=str(token)) for key, token in there.items() if key not in wanted]
    return steps


def refers_to_products(step: Step) -> bool:
    """Whether line items of a step name products of the catalogue, so that they may go without."""
    rows = [step.body] if step.module == RLIS else step.body.get(LINKS, {}).get("create", ())
    return any(row.get("product_template_id") for row in rows)


def settled_lines(items: list[Line], rows: Iterable[Row], order_id: str, facts: Facts) -> list[Token]:
    """What was read back, as tokens; line items that lost their key are known by name and amount."""
    rest = list(rows)
    found = {}
    for row in list(rest):
        key = _key_of(row, order_id, facts)
        if key:
            found[key] = str(row["id"])
            rest.remove(row)
    tokens = []
    for one in items:
        if one.key not in found:
            alike = next((row for row in rest if _is_alike(row, one.row)), None)
            if alike is None:
                continue
            rest.remove(alike)
            found[one.key] = str(alike["id"])
        tokens.append(Token(one.key, one.mark, found[one.key]))
    return tokens


def _is_alike(row: Row, wanted: Row) -> bool:
    return row.get("name") == wanted["name"] and decimal(row.get("likely_case")) == decimal(wanted["likely_case"])
