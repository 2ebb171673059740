"""BigCommerce's payloads as our records: orders with refunds and shipments, customers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from app.connectors.base import Payload
from app.connectors.bigcommerce import money
from app.domain import Address, Customer, Message, Order, OrderLine, Record, Refund, Shipment
from app.domain.customer import GUEST, guest_id
from app.domain.order import Stage
from app.errors import Rejected
from app.log import get_logger

T = TypeVar("T")
Fetched = Record | Rejected | None  # None: gone

log = get_logger()

SHIPPED, PARTIALLY_SHIPPED = 2, 3
CARRIER = "Carrier: "  # how a comment on a shipment begins that names a carrier unknown to BigCommerce
STAGES = {
    0: Stage.INCOMPLETE,
    1: Stage.PENDING,
    7: Stage.PENDING,
    12: Stage.PENDING,
    5: Stage.CANCELLED,
    6: Stage.CANCELLED,
}  # by status id, for merchants rename the statuses; all others are sales


def readable(read: Callable[[], T]) -> T | Rejected:
    """What was read, or why it cannot be: an odd record must not keep back those that came with it."""
    try:
        return read()
    except Rejected as error:
        return error
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        log.warning("unreadable", exc_info=error)
        return Rejected("BigCommerce sent this record in a form that we do not know.", code="BC_SHAPE")


@dataclass(frozen=True)
class Parts:
    """What belongs to an order and comes by other calls: refunds (V3), shipments (V2), its channel's name."""

    refunds: Sequence[Payload] = ()
    shipments: Sequence[Payload] | None = ()  # None: not asked for
    channel: str = ""


def order(payload: Payload, lines: Sequence[Payload], parts: Parts = Parts()) -> Order:
    """An order of V2 with its lines (V2) and other parts. Raises Rejected for an amount or date that is none."""
    billing, shipping = address(payload["billing_address"]), _shipping(payload)
    goods = sorted((line(row) for row in lines), key=lambda one: int(one.id))
    charges = money.charges(payload)
    total = money.amount(payload, "total_inc_tax")
    return Order(
        id=str(payload["id"]),
        status_id=int(payload["status_id"]),
        status=payload["status"],
        stage=STAGES.get(int(payload["status_id"]), Stage.SALE),
        buyer=_buyer(payload, billing, shipping),
        placed_at=moment(payload["date_created"]),
        modified_at=moment(payload["date_modified"]),
        currency=currency(payload),
        total=total,
        lines=money.capped(goods, charges, total),
        charges=charges,
        discounts=money.discounts(payload, lines),
        refunds=tuple(sorted((refund(row) for row in parts.refunds), key=lambda one: int(one.id))),
        shipments=tuple(sorted((shipment(row) for row in parts.shipments or ()), key=lambda one: int(one.id))),
        billing=billing,
        shipping=shipping,
        store_credit=money.amount(payload, "store_credit_amount"),
        gift_certificates=money.amount(payload, "gift_certificate_amount"),
        channel_id=str(payload.get("channel_id") or 1),
        channel=parts.channel,
        store_currency=str(payload.get("store_default_currency_code") or "").upper(),
        store_rate=money.amount(payload, "store_default_to_transactional_exchange_rate") or Decimal(1),
        cart_id=payload.get("cart_id") or "",
        payment_method=payload.get("payment_method") or "",
        customer_message=payload.get("customer_message") or "",
        external_order_id=payload.get("external_order_id") or "",
        is_deleted=bool(payload.get("is_deleted")),
        parcels_known=parts.shipments is not None,
    )


def currency(payload: Payload) -> str:
    """The currency that was paid in: called default, while `currency_code` is only what was shown."""
    return str(payload.get("default_currency_code") or payload.get("currency_code") or "").upper()


def line(row: Payload) -> OrderLine:
    """One order product of V2."""
    return OrderLine(
        id=str(row["id"]),
        name=row.get("name") or row.get("name_customer") or row.get("sku") or "Item",
        sku=row.get("sku") or "",
        quantity=int(row["quantity"]),
        amount=money.amount(row, "total_ex_tax"),
        list_price=money.amount(row, "price_ex_tax"),
        discount=sum((money.amount(cut, "amount") for cut in row.get("applied_discounts") or ()), money.ZERO),
        product_id=record_id(row.get("product_id")),
        variant_id=record_id(row.get("variant_id")),
        quantity_refunded=int(row.get("quantity_refunded") or 0),
        gift_certificate=row.get("type") == "giftcertificate",
    )


def included_lines(payload: Payload) -> list[Payload] | None:
    """The lines that came within the consignments; None if some are missing, so that they must be fetched."""
    found: dict[int, Payload] = {}
    for row in _line_items(payload.get("consignments")):
        if "quantity" not in row:  # a mere link
            return None
        found[row["id"]] = row
    if sum(int(row["quantity"]) for row in found.values()) < int(payload.get("items_total") or 0):
        return None
    return list(found.values())


def refund(row: Payload) -> Refund:
    """One refund of V3, less what the payment provider declined to pay back."""
    declined = [payment for payment in row.get("payments") or () if payment.get("is_declined")]
    amount = money.amount(row, "total_amount") - sum(
        (money.amount(payment, "amount") for payment in declined), Decimal(0)
    )
    reasons = [row.get("reason"), *(item.get("reason") for item in row.get("items") or ())]
    return Refund(
        id=str(row["id"]),
        amount=max(amount, money.ZERO),
        created_at=iso(row["created"]),
        reason=next(filter(None, reasons), ""),
    )


def is_shipped(payload: Payload) -> bool:
    """Whether an order may have shipments."""
    return int(payload.get("items_shipped") or 0) > 0 or payload.get("status_id") in (SHIPPED, PARTIALLY_SHIPPED)


def shipment(row: Payload) -> Shipment:
    """One shipment of V2; a carrier that BigCommerce has no name for stands in our own comment."""
    comment = str(row.get("comments") or "")
    carrier = row.get("shipping_provider_display_name") or row.get("shipping_provider")
    if not carrier and comment.startswith(CARRIER):
        carrier = comment.removeprefix(CARRIER).partition("\n")[0]
    return Shipment(
        id=str(row["id"]),
        shipped_at=moment(row["date_created"]),
        tracking_number=row.get("tracking_number") or "",
        tracking_url=row.get("tracking_link") or row.get("generated_tracking_link") or "",
        carrier=carrier or row.get("tracking_carrier") or "",
        pieces=sum(int(item.get("quantity") or 0) for item in row.get("items") or ()),
    )


def message(row: Payload) -> Message:
    """One message of V2 on an order."""
    return Message(
        id=f"{row['order_id']}-{row['id']}",
        order_id=str(row["order_id"]),
        subject=row.get("subject") or "",
        text=row.get("message") or "",
        sent_at=moment(row["date_created"]),
        by_staff=bool(row.get("staff_id")) or row.get("type") == "admin",
        customer_id=record_id(row.get("customer_id")),
    )


def customer(row: Payload, group: str = "") -> Customer:
    """A customer of V3 with addresses included; none of these is marked as default, so the first one counts."""
    places = [_book_address(entry) for entry in row.get("addresses") or ()]
    first = places[0] if places else Address()
    return Customer(
        id=str(row["id"]),
        email=row.get("email") or "",
        first_name=row.get("first_name") or "",
        last_name=row.get("last_name") or "",
        company=row.get("company") or first.company,
        phone=row.get("phone") or first.phone,
        group_id=record_id(row.get("customer_group_id")),
        group=group,
        billing=first,
        shipping=first,
        # accepts_marketing stays unknown: V3 only tells of review and abandoned-cart mails.
        created_at=iso(row["date_created"]) if row.get("date_created") else None,
        modified_at=iso(row["date_modified"]) if row.get("date_modified") else None,
    )


def address(row: Payload) -> Address:
    """An address of an order."""
    return Address(
        first_name=row.get("first_name") or "",
        last_name=row.get("last_name") or "",
        company=row.get("company") or "",
        street_1=row.get("street_1") or "",
        street_2=row.get("street_2") or "",
        city=row.get("city") or "",
        state=row.get("state") or "",
        postal_code=row.get("zip") or "",
        country=row.get("country") or "",
        country_code=row.get("country_iso2") or "",
        phone=row.get("phone") or "",
    )


def moment(text: str) -> datetime:
    """A date of V2 (RFC 2822, UTC). Raises Rejected."""
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except (TypeError, ValueError) as error:
        raise Rejected(f"BigCommerce sent {text!r} where a date belongs.", code="BC_DATE") from error


def iso(text: str) -> datetime:
    """A date of V3 (ISO 8601); without a zone it is UTC. Raises Rejected."""
    try:
        parsed = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise Rejected(f"BigCommerce sent {text!r} where a date belongs.", code="BC_DATE") from error
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def _buyer(payload: Payload, billing: Address, shipping: Address) -> Customer:
    email = (payload["billing_address"].get("email") or "").strip()
    customer_id = record_id(payload.get("customer_id"))
    return Customer(
        id=customer_id or (guest_id(email) if email else f"{GUEST}order-{payload['id']}"),
        email=email,
        first_name=billing.first_name,
        last_name=billing.last_name,
        company=billing.company,
        phone=billing.phone,
        billing=billing,
        shipping=shipping,
        complete=False,
    )


def _shipping(payload: Payload) -> Address:
    """Where the first parcel goes; a digital or picked-up order has no such place."""
    consignments = payload.get("consignments")
    shipments = consignments.get("shipping") if isinstance(consignments, dict) else None
    return address(shipments[0]) if shipments else Address()


def _line_items(node: Any) -> Iterable[Payload]:
    """The lines of all consignments: shipped, picked up, downloaded, e-mailed gift certificates.

    A lone line may come as an object where a list belongs, as the documentation's own examples have it.
    """
    if isinstance(node, list):
        for item in node:
            yield from _line_items(item)
    elif isinstance(node, dict):
        rows = node.get("line_items")
        yield from [rows] if isinstance(rows, dict) else rows or ()
        for key, value in node.items():
            if key != "line_items":
                yield from _line_items(value)


def _book_address(row: Payload) -> Address:
    """An address of a customer, whose fields V3 names otherwise than V2 those of an order."""
    return Address(
        first_name=row.get("first_name") or "",
        last_name=row.get("last_name") or "",
        company=row.get("company") or "",
        street_1=row.get("address1") or "",
        street_2=row.get("address2") or "",
        city=row.get("city") or "",
        state=row.get("state_or_province") or "",
        postal_code=row.get("postal_code") or "",
        country=row.get("country") or "",
        country_code=row.get("country_code") or "",
        phone=row.get("phone") or "",
        id=record_id(row.get("id")),
    )


def record_id(value: Any) -> str:
    """An id as text; empty for none, which BigCommerce writes as 0 or null."""
    return str(value) if value else ""
