"""Opportunities: beside every order where the merchant wants one, or for a cart of somebody known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.connectors.base import Flag, Key, Known
from app.connectors.sap_sales_cloud import names
from app.connectors.sap_sales_cloud.batch import Operation
from app.connectors.sap_sales_cloud.facts import Facts
from app.connectors.sap_sales_cloud.lookup import Found, Wants
from app.connectors.sap_sales_cloud.odata import Row, clean, date, is_same, number, path, rows, set_name, version
from app.connectors.sap_sales_cloud.orders import approval
from app.connectors.sap_sales_cloud.people import DELETED, changed
from app.connectors.sap_sales_cloud.steps import Change, Job, Plan, contact_id, party_id, place_of
from app.domain import Cart, Order
from app.domain.order import OrderLine, Stage
from app.domain.text import cut
from app.errors import Misconfigured

EXTERNAL = 35  # characters of an ExternalID
_STAGES = {Stage.SALE: "won", Stage.CANCELLED: "lost"}  # any other: open
_FALLBACK = {"open": "1", "running": "2", "won": "4", "lost": "5"}  # where the list of codes could not be read


@dataclass(frozen=True)
class Deal:
    """What an opportunity says, whatever it is about; `key` is ours, `external` what it carries there."""

    key: Key
    external: str
    name: str
    amount: Decimal
    currency: str
    at: datetime | None
    stage: str  # our word for its status
    lines: tuple[tuple[str, int, Decimal, str], ...] = ()  # name, quantity, amount, product


def of_order(order: Order, job: Job, facts: Facts) -> Deal:
    """The deal that an order is."""
    lines = tuple((line.name, line.quantity, line.amount, _product(line.line, job)) for line in order.settled())
    name = f"Order #{order.id}, {order.buyer.name}"
    stage = "lost" if order.is_deleted else _STAGES.get(order.stage, "open")
    external = facts.external_id(order.id, EXTERNAL)
    key = ("opportunity", order.id)
    return Deal(key, external, name, order.net, order.currency, order.placed_at, stage, lines)


def of_cart(cart: Cart, job: Job, facts: Facts) -> Deal:
    """The deal that a cart may become."""
    lines = tuple((line.name, line.quantity, line.amount - line.discount, _product(line, job)) for line in cart.lines)
    stage = "won" if cart.is_recovered else "open"
    external = facts.external_id(f"cart-{cart.id}", EXTERNAL)
    name = f"Cart of {cart.buyer.name}"
    return Deal(("cart", cart.id), external, name, cart.amount, cart.currency, cart.created_at, stage, lines)


def place(job: Job, deal: Deal, cart_id: str = "") -> Known | None:
    """Where the deal is; an order that has none takes its cart's over."""
    own = job.place(*deal.key)
    cart = job.place("cart", cart_id) if cart_id else None
    return own or (cart if cart is not None and cart.ref.kind == names.OPPORTUNITY else None)


def want(job: Job, deal: Deal, into: Wants, cart_id: str = "") -> None:
    """Read what is linked; after a failed attempt it may be there with or without its external id."""
    there = place(job, deal, cart_id)
    if there is not None:
        into.add(names.OPPORTUNITY, "ObjectID", there.ref.id)
    else:
        into.add(names.OPPORTUNITY, "ExternalID", deal.external)
        into.add(names.OPPORTUNITY, "Name", _name(deal))


def plan(job: Job, deal: Deal, found: Found, facts: Facts, cart_id: str = "") -> Plan:
    """The opportunity made, or brought to what the deal says now."""
    planned = Plan()
    if deal.key in job.write.gone:
        return planned
    linked = place(job, deal, cart_id)
    row = _find(job, deal, linked, found)
    if row is None and linked is not None:
        planned.gone.add(deal.key)
        planned.flags.append(Flag(DELETED, f"The opportunity “{deal.name}” was deleted in SAP; it is not made again."))
        return planned
    if row is None:
        if facts.employee or job.owner("opportunity"):
            planned.changes.append(_creation(job, deal, facts))
        else:
            planned.error = Misconfigured("An opportunity needs an employee as its owner.", code="NO_OWNER")
        return planned
    planned.made[deal.key] = place_of(names.OPPORTUNITY, row)
    planned.error = approval(names.OPPORTUNITY, row, facts)
    if planned.error is None:
        planned.changes += _update(job, deal, row, facts)
    return planned


def closed(job: Job, key: Key, stage: str, found: Found, facts: Facts) -> Plan:
    """An opportunity brought to an end as it stands."""
    planned, there = Plan(), job.place(*key)
    row = found.by_id(names.OPPORTUNITY, there.ref.id) if there is not None else None
    if row is None or there is None:
        planned.gone |= {key} if there is not None else set()
        return planned
    planned.error = approval(names.OPPORTUNITY, row, facts)
    wanted = {"LifeCycleStatusCode": _status(stage, facts)}
    operations = _patches(row, changed(names.OPPORTUNITY, wanted, row, facts), facts)
    if operations and planned.error is None:
        identity = f"deal:{'-'.join(key)}"
        planned.changes.append(Change(identity, names.OPPORTUNITY, operations, place=there, makes=(key,)))
    return planned


def _patches(row: Row, patch: dict[str, Any], facts: Facts) -> tuple[Operation, ...]:
    """A patch; from one end to another the way leads through a status in between."""
    if not patch:
        return ()
    where = path(names.OPPORTUNITY, str(row["ObjectID"]))
    ends = {_status("won", facts), _status("lost", facts)}
    if "LifeCycleStatusCode" not in patch or row.get("LifeCycleStatusCode") not in ends:
        return (Operation("PATCH", where, patch, version(row)),)
    between = Operation("PATCH", where, {"LifeCycleStatusCode": _status("running", facts)}, version(row))
    return (between, Operation("PATCH", where, patch))


def follow_up(deal: Deal, there: Known, order: Known | None, row: Row, facts: Facts) -> Change | None:
    """Our key, which SAP takes only once the opportunity is there, and the reference to the order."""
    operations = []
    if row.get("ExternalID") != deal.external and facts.schema.changes(names.OPPORTUNITY, "ExternalID"):
        operations.append(Operation("PATCH", path(names.OPPORTUNITY, there.ref.id), {"ExternalID": deal.external}))
    number = order.children[0] if order is not None and order.children else ""
    type_code = facts.code("order_reference")
    referred = {str(one.get("ID") or "") for one in rows(row.get(names.REFERENCE))}
    if number and type_code and number not in referred:
        body = facts.schema.created(names.REFERENCE, {"ID": number, "TypeCode": type_code})
        operations.append(Operation("POST", set_name(names.REFERENCE), body | {"ParentObjectID": there.ref.id}))
    if not operations:
        return None
    return Change(f"reference:{deal.external}", names.OPPORTUNITY, tuple(operations), place=there)


def content(deal: Deal) -> dict[str, Any]:
    """All that would be sent, for the fingerprint."""
    return {"name": deal.name, "amount": deal.amount, "stage": deal.stage, "lines": deal.lines}


def _product(line: OrderLine | None, job: Job) -> str:
    there = job.place("variant", line.variant_id) if line is not None and line.variant_id else None
    bad = line is not None and line.variant_id in job.unusable
    return there.children[0] if there is not None and there.children and not bad else ""


def _name(deal: Deal) -> str:
    return cut(clean(deal.name).replace("*", "").strip(), 255)


def _find(job: Job, deal: Deal, linked: Known | None, found: Found) -> Row | None:
    if linked is not None:
        return found.by_id(names.OPPORTUNITY, linked.ref.id)
    there = found.where(names.OPPORTUNITY, "ExternalID", deal.external)
    mine = (
        row
        for row in found.where(names.OPPORTUNITY, "Name", _name(deal))
        if not row.get("ExternalID") and row.get("ProspectPartyID") == party_id(job.party)
    )
    return next(iter([*there, *mine]), None)


def _status(stage: str, facts: Facts) -> str:
    return facts.code(stage) or _FALLBACK[stage]


def _header(job: Job, deal: Deal, facts: Facts) -> dict[str, Any]:
    row = {
        "Name": _name(deal),
        "ProspectPartyID": party_id(job.party),
        "PrimaryContactPartyID": contact_id(job.party),
        "ExpectedRevenueAmount": number(deal.amount),
        "ExpectedRevenueAmountCurrencyCode": deal.currency,
        "LifeCycleStatusCode": _status(deal.stage, facts),
    }
    return {name: value for name, value in row.items() if value}


def _creation(job: Job, deal: Deal, facts: Facts) -> Change:
    row = _header(job, deal, facts)
    row["MainEmployeeResponsiblePartyID"] = job.owner("opportunity") or facts.employee
    if deal.at is not None:
        row |= {"ExpectedProcessingStartDate": date(deal.at), "ExpectedProcessingEndDate": date(deal.at)}
    row[names.OPPORTUNITY_ITEM] = [{"ID": str(10 * n), **body} for n, body in enumerate(_items(deal), 1)]
    operation = Operation("POST", set_name(names.OPPORTUNITY), facts.schema.created(names.OPPORTUNITY, row))
    return Change(f"deal:{'-'.join(deal.key)}", names.OPPORTUNITY, (operation,), makes=(deal.key,))


def _update(job: Job, deal: Deal, row: Row, facts: Facts) -> list[Change]:
    there = place_of(names.OPPORTUNITY, row)
    patch = changed(names.OPPORTUNITY, _header(job, deal, facts), row, facts)
    operations = [*_patches(row, patch, facts), *_item_operations(deal, row, facts)]
    if not operations:
        return []
    identity = f"deal:{'-'.join(deal.key)}"
    return [Change(identity, names.OPPORTUNITY, tuple(operations), place=there, makes=(deal.key,))]


def _items(deal: Deal) -> list[dict[str, Any]]:
    return [
        {
            "ProductID": product,
            "Description": cut(clean(name), 40).rstrip() or "Item",
            "Quantity": str(quantity),
            "QuantityUnitCode": "EA",
            "ExpectedNetAmount": number(amount),
            "ExpectedNetAmountCurrencyCode": deal.currency,
        }
        for name, quantity, amount, product in deal.lines
    ]


def _item_operations(deal: Deal, row: Row, facts: Facts) -> list[Operation]:
    """Items there have no key of ours: where any differs, all of them are made anew."""
    there = sorted(rows(row.get(names.OPPORTUNITY_ITEM)), key=lambda item: int(item.get("ID") or 0))
    wanted = _items(deal)
    if not wanted or (
        len(there) == len(wanted) and all(_matches(new, old) for new, old in zip(wanted, there, strict=True))
    ):
        return []
    removed = [Operation("DELETE", path(names.OPPORTUNITY_ITEM, str(old["ObjectID"]))) for old in there]
    last = max((int(old.get("ID") or 0) for old in there), default=0)
    added = []
    for n, body in enumerate(wanted, 1):
        made = facts.schema.created(names.OPPORTUNITY_ITEM, {"ID": str(last + 10 * n), **body})
        added.append(Operation("POST", set_name(names.OPPORTUNITY_ITEM), made | {"ParentObjectID": row["ObjectID"]}))
    return [*removed, *added]


def _matches(new: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    compared = ("Description", "Quantity", "ExpectedNetAmount")
    return all(is_same(new[name], old.get(name)) for name in compared)
