"""Orders as customer orders, which is what this interface calls a sales order.

SAP has no entity for refunds: each is an item of its own with a negative amount, so that the order's own gross amount
is the net that both ends must agree on, while what was sold and what was given back stay apart in the list of items.
Tax is an item as well: it is the store that computes it, and an order that we price has no tax of SAP's.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from app.connectors.base import Flag, Known
from app.connectors.sap_sales_cloud import items, names
from app.connectors.sap_sales_cloud.batch import Operation
from app.connectors.sap_sales_cloud.errors import IN_APPROVAL
from app.connectors.sap_sales_cloud.facts import Facts
from app.connectors.sap_sales_cloud.lookup import Found
from app.connectors.sap_sales_cloud.odata import Row, clean, date, number, path, read_number, set_name, version
from app.connectors.sap_sales_cloud.people import DELETED, changed
from app.connectors.sap_sales_cloud.steps import Change, Job, Plan, contact_id, party_id, place_of
from app.domain import Order
from app.domain.order import Stage
from app.errors import Rejected, Retryable

REASON = "CancellationReasonCode"
GONE = " (deleted in the store)"  # at the end of a name: no status there says so
ARCHIVED = "Archived"  # in our field for the store's status
CANCELLED = " (cancelled)"  # likewise, in a tenant without reasons for it
BY_US = "cancelled"  # among the children of an order's link: it was we who cancelled it there
_KEY = 35  # characters of a reference


def plan(order: Order, job: Job, found: Found, facts: Facts) -> Plan:
    """All that an order asks for once its buyer and products are there."""
    planned = Plan()
    key = ("order", order.id)
    row = find(order.id, job, found, facts)
    if is_over(job, found, facts):
        return _deleted(order.id)
    if not party_id(job.party):
        planned.error = Rejected("The buyer has no account in SAP that an order could name.", code="NO_BUYER")
        return planned
    planned.flags += items.placeholders(order, job)
    if row is None:
        planned.changes.append(_creation(order, job, facts))
        return planned
    planned.made[key] = _place(row, by_us=_is_ours(order.id, job, row, facts))
    parked = approval(names.ORDER, row, facts)
    if parked is not None:
        planned.error = parked
        return planned
    planned.changes += _update(order, job, row, facts)
    if row.get(REASON) and order.stage is not Stage.CANCELLED and not _is_ours(order.id, job, row, facts):
        words = f"Order #{order.id} was cancelled in SAP and stays so there; in the store it is not cancelled."
        planned.flags.append(Flag("CANCELLED_THERE", words))
    return planned


def is_over(job: Job, found: Found, facts: Facts) -> bool:
    """Whether the order was there and somebody deleted it."""
    was_there = job.write.place is not None or ("order", job.write.id) in job.write.gone
    return was_there and find(job.write.id, job, found, facts) is None


def archive(order_id: str, job: Job, found: Found, facts: Facts) -> Plan:
    """An order that is gone from the store stays, cancelled and with a name that says so."""
    planned = Plan()
    row = find(order_id, job, found, facts)
    if row is None:
        known = job.write.place is not None
        return _deleted(order_id) if known else planned
    ours = _is_ours(order_id, job, row, facts)
    planned.made[("order", order_id)] = _place(row, by_us=ours)
    name = str(row.get("Name") or f"#{order_id}")
    wanted = {"Name": name if name.endswith(GONE) else name + GONE, REASON: str(row.get(REASON) or _reason(facts))}
    wanted[facts.extension(names.ORDER, "status")] = ARCHIVED
    patch = changed(names.ORDER, {n: v for n, v in wanted.items() if n and v}, row, facts)
    if patch:
        planned.error = approval(names.ORDER, row, facts)
        place = _place(row, by_us=ours or REASON in patch)
        operation = Operation("PATCH", path(names.ORDER, place.ref.id), patch, version(row))
        change = Change(f"order:{order_id}", names.ORDER, (operation,), place=place, makes=(("order", order_id),))
        planned.changes += [] if planned.error else [change]
    return planned


def find(order_id: str, job: Job, found: Found, facts: Facts) -> Row | None:
    """The order there: at its place, else by the external key."""
    place = job.place("order", order_id)
    if place is not None:
        row = found.by_id(names.ORDER, place.ref.id)
        if row is not None:
            return row
    there = found.where(names.ORDER, "BuyerID", external(order_id, facts))
    return there[0] if there else None


def external(order_id: str, facts: Facts) -> str:
    """What an order carries there as the buyer's own reference."""
    return facts.external_id(order_id, _KEY)


def approval(entity: str, row: Row, facts: Facts) -> Retryable | None:
    """A document that somebody is to approve is left alone until they have."""
    if str(row.get("ApprovalStatusCode") or "") not in facts.in_approval:
        return None
    number = row.get("ID") or row["ObjectID"]
    return Retryable(f"{entity} {number} is in approval; it is updated once that is over.", code=IN_APPROVAL)


def header(order: Order, job: Job, facts: Facts) -> dict[str, Any]:
    """The order's own properties; fields of ours that have nothing to say any more are emptied."""
    row: dict[str, Any] = {
        "BuyerID": external(order.id, facts),
        "Name": _name(order, job, facts),
        "BuyerPartyID": party_id(job.party),
        "BuyerContactPartyID": contact_id(job.party),
        "CurrencyCode": order.currency,
    }
    return {name: value for name, value in row.items() if value} | extensions(order, facts)


def extensions(order: Order, facts: Facts) -> dict[str, str]:
    """The key-user fields that the tenant has, filled."""
    values = _extensions(order)
    fields = {word: facts.extension(names.ORDER, word) for word in values}
    return {name: clean(values[word]) for word, name in fields.items() if name}


def _name(order: Order, job: Job, facts: Facts) -> str:
    if order.stage is Stage.CANCELLED and not _reason(facts):
        return f"#{order.id}{CANCELLED}"
    if items.REFUNDS not in job.dropped or not order.refunds:
        return f"#{order.id}"
    return f"#{order.id} ({order.total} {order.currency} before refunds of {order.refunded})"


def _reason(facts: Facts) -> str:
    """Why an order is cancelled; "" where the tenant lets us say none."""
    return facts.cancellation if facts.schema.changes(names.ORDER, REASON) else ""


def _is_ours(order_id: str, job: Job, row: Row, facts: Facts) -> bool:
    """Whether it was we who cancelled the order there; what people cancelled is theirs."""
    place = job.place("order", order_id)
    return place is not None and BY_US in place.children and row.get(REASON) == facts.cancellation


def _place(row: Row, *, by_us: bool) -> Known:
    place = place_of(names.ORDER, row)
    return Known(place.ref, (*place.children, BY_US)) if by_us else place


def check(order: Order, job: Job) -> list[Flag]:
    """Whether SAP holds what was sent: a tenant may price orders itself, or leave them without a price."""
    row = job.rows.get(f"order:{order.id}")
    if not row or read_number(row.get("GrossAmount")) == order.net:
        return []
    words = (
        f"SAP prices the order itself ({row.get('GrossAmount')} instead of {order.net} {order.currency}): let the "
        "tenant take external prices, or create the field “BCNet” so that the store's amount can be seen."
    )
    return [Flag("TENANT_PRICES", words)]


def content(order: Order, facts: Facts) -> dict[str, Any]:
    """All that would be sent of an order, for the fingerprint."""
    lines = [(line.key, line.name, line.quantity, line.unit_price) for line in order.settled()]
    return {
        "extensions": _extensions(order),
        "currency": order.currency,
        "buyer": order.buyer.id,
        "stage": order.stage,
        "deleted": order.is_deleted,
        "lines": lines,
        "refunds": order.refunds,
        "shipments": order.shipments,
    }


def net(row: Row, facts: Facts) -> Decimal:
    """What the order comes to there: its own gross amount, or, where SAP does not price it, the field for it."""
    if is_cancelled(row):
        return Decimal(0)
    amount = read_number(row.get("GrossAmount"))
    field = facts.extension(names.ORDER, "net")
    return read_number(row.get(field)) if not amount and field and row.get(field) else amount


def is_gone(row: Row) -> bool:
    """Whether the store has deleted the order."""
    return str(row.get("Name") or "").endswith(GONE)


def is_cancelled(row: Row) -> bool:
    """Whether the whole order is cancelled there."""
    return bool(row.get(REASON)) or str(row.get("Name") or "").endswith(CANCELLED)


def _extensions(order: Order) -> dict[str, str]:
    last = order.shipments[-1] if order.shipments else None
    values = {
        "status": order.status,
        "tracking_number": last.tracking_number if last else "",
        "carrier": last.carrier if last else "",
        "channel": order.channel or order.channel_id,
        "store_currency": order.store_currency,
        "total": number(order.total),
        "refunded": number(order.refunded),
        "net": number(order.net),
    }
    return {name: value for name, value in values.items() if name not in order.unknown}


def _creation(order: Order, job: Job, facts: Facts) -> Change:
    row: dict[str, Any] = {name: value for name, value in header(order, job, facts).items() if value}
    row |= {"DateTime": date(order.placed_at), "PriceDateTime": date(order.placed_at)}
    owner = job.owner("order", "opportunity", "account") or facts.employee
    if owner and "EmployeeResponsiblePartyID" not in job.dropped:
        row["EmployeeResponsiblePartyID"] = owner
    area = ("SalesOrganisationID", "DistributionChannelCode", "DivisionCode")
    row |= dict(zip(area, facts.sales_area, strict=False))
    if order.stage is Stage.CANCELLED and _reason(facts):
        row[REASON] = _reason(facts)
    lines = items.items(order, job, facts)
    note = _note(order)
    if note:
        row[names.ORDER_TEXT] = [{"Text": note, "LanguageCode": "EN"}]
    row[names.ITEM] = [{"ID": str(n * items.STEP), **item.body} for n, item in enumerate(lines, 1)]
    operation = Operation("POST", set_name(names.ORDER), facts.schema.created(names.ORDER, row))
    marks = (BY_US,) if REASON in row else ()
    return Change(f"order:{order.id}", names.ORDER, (operation,), makes=(("order", order.id),), marks=marks)


def _note(order: Order) -> str:
    """What an order says beyond its items, for whoever reads it there; people may write on, so it is never changed."""
    shipping = order.shipping
    where = (shipping.first_name, shipping.last_name, shipping.company, *shipping.street.splitlines(), shipping.city)
    address = ", ".join(filter(None, (*where, shipping.state, shipping.postal_code, shipping.country)))
    parts = {
        "Ship to": address,
        "Payment": order.payment_method,
        "Coupons": ", ".join(order.coupon_codes),
        "Message": order.customer_message,
    }
    return clean("\n".join(f"{name}: {text}" for name, text in parts.items() if text))


def _update(order: Order, job: Job, row: Row, facts: Facts) -> list[Change]:
    wanted = header(order, job, facts) | {"DateTime": date(order.placed_at)}  # by which both sides are compared
    ours = _is_ours(order.id, job, row, facts)
    is_cancelled_here = order.stage is Stage.CANCELLED and bool(_reason(facts))
    if is_cancelled_here:
        wanted[REASON] = str(row.get(REASON) or _reason(facts))
    elif ours:
        wanted[REASON] = ""
    place = _place(row, by_us=is_cancelled_here and (ours or not row.get(REASON)))
    patch = changed(names.ORDER, wanted, row, facts)
    operations = items.operations(order, job, row, facts)
    if patch:
        # The guard tells of somebody's change since we read, also of the items, as far as SAP tells that.
        operations.insert(0, Operation("PATCH", path(names.ORDER, place.ref.id), patch, version(row)))
    if not operations:
        return []
    makes = (("order", order.id),)
    return [Change(f"order:{order.id}", names.ORDER, tuple(operations), place=place, makes=makes)]


def _deleted(order_id: str) -> Plan:
    words = f"Order #{order_id} was deleted in SAP; it is not made again."
    return Plan(gone={("order", order_id)}, flags=[Flag(DELETED, words)])
