"""Orders: who, when, where, which stage, and what was in them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.connectors.bigcommerce import readers
from app.domain import Order
from app.domain.order import Stage
from app.errors import Rejected
from tests.unit.connectors.bigcommerce import payloads


def read(payload: dict[str, Any], refunds: tuple[dict[str, Any], ...] = ()) -> Order:
    lines = readers.included_lines(payload)
    assert lines is not None
    return readers.order(payload, lines, readers.Parts(refunds))


def test_dates_are_utc_and_the_currency_is_the_one_that_was_paid_in() -> None:
    order = read(payloads.order([payloads.line()]))
    assert order.placed_at == datetime(2018, 1, 10, 21, 5, 30, tzinfo=UTC)
    assert order.modified_at == datetime(2018, 1, 11, 8, tzinfo=UTC)
    assert order.currency == "GBP"
    assert order.total == Decimal("10.00")


@pytest.mark.parametrize(
    ("status_id", "stage"),
    [(0, Stage.INCOMPLETE), (5, Stage.CANCELLED), (6, Stage.CANCELLED)]
    + [(status, Stage.PENDING) for status in (1, 7, 12)]
    + [(status, Stage.SALE) for status in (2, 3, 4, 8, 9, 10, 11, 13, 14)],
)
def test_the_stage_follows_the_status_id_for_labels_may_be_renamed(status_id: int, stage: Stage) -> None:
    assert read(payloads.order([payloads.line()], status_id=status_id, status="Whatever")).stage == stage


def test_a_registered_buyer_is_known_by_the_customers_id_and_never_complete() -> None:
    buyer = read(payloads.order([payloads.line()])).buyer
    assert (buyer.id, buyer.email, buyer.complete) == ("42", "Jane@Example.com", False)
    assert buyer.billing.street == "1 High Street\nFlat 2"
    assert buyer.shipping.first_name == "Joan"
    assert buyer.aliases == ("guest:jane@example.com",)


def test_a_guest_is_known_by_the_folded_email() -> None:
    assert read(payloads.order([payloads.line()], customer_id=0)).buyer.id == "guest:jane@example.com"


@pytest.mark.parametrize("email", ["", "  ", None])
def test_a_guest_without_email_is_known_by_the_order(email: str | None) -> None:
    billing = payloads.ADDRESS | {"email": email}
    buyer = read(payloads.order([payloads.line()], customer_id=0, billing_address=billing)).buyer
    assert (buyer.id, buyer.email) == ("guest:order-250", "")


def test_lines_come_from_every_kind_of_consignment_once_and_in_order() -> None:
    parcel, pickup, download, gift = (payloads.line(number) for number in (4, 3, 2, 1))
    gift["type"] = "giftcertificate"
    payload = payloads.order([parcel, pickup, download, gift])
    payload["consignments"] = {
        "pickups": [{"id": 1, "location": {"id": 1}, "line_items": [pickup]}],
        "shipping": [payloads.ADDRESS | {"line_items": [parcel]}, payloads.ADDRESS | {"line_items": []}],
        "downloads": [{"recipient_email": "a@b.c", "line_items": download}],  # an object, as in the documentation
        "email": {"gift_certificates": [{"recipient_email": "a@b.c", "line_items": [gift, gift]}]},
    }
    order = read(payload)
    assert [line.id for line in order.lines] == ["1", "2", "3", "4"]
    assert [line.gift_certificate for line in order.lines] == [True, False, False, False]


def test_a_digital_order_has_no_shipping_address() -> None:
    payload = payloads.order([payloads.line(type="digital")])
    payload["consignments"] |= {"shipping": [], "downloads": [{"line_items": [payloads.line()]}]}
    assert read(payload).shipping.city == ""


def test_lines_that_are_missing_or_mere_links_must_be_fetched() -> None:
    cut_off = payloads.order([payloads.line()], items_total=2)
    link = payloads.order([payloads.line()])
    link["consignments"]["shipping"][0]["line_items"] = [{"url": "https://x", "resource": "/orders/250/products/1"}]
    not_included = payloads.order([payloads.line()], consignments={"url": "https://x", "resource": "/orders/250"})
    for payload in (cut_off, link, not_included):
        assert readers.included_lines(payload) is None


def test_a_custom_line_has_no_product() -> None:
    line = read(payloads.order([payloads.line(product_id=0, variant_id=None)])).lines[0]
    assert (line.product_id, line.variant_id) == ("", "")


def test_refunds_leave_out_what_the_provider_declined() -> None:
    refunds = (
        {
            "id": 8, "order_id": 250, "created": "2018-02-01T10:00:00Z", "reason": "", "total_amount": 9.5,
            "items": [{"reason": "broken"}],
            "payments": [{"amount": 2.25, "is_declined": True}, {"amount": 7.25, "is_declined": False}],
        },
        {"id": 7, "order_id": 250, "created": "2018-01-20T10:00:00+00:00", "reason": "late", "total_amount": 0.1},
    )  # fmt: skip
    order = read(payloads.order([payloads.line()]), refunds)
    assert [(refund.id, refund.amount, refund.reason) for refund in order.refunds] == [
        ("7", Decimal("0.1"), "late"),
        ("8", Decimal("7.25"), "broken"),
    ]
    assert order.net == Decimal("10.00") - Decimal("7.35")


@pytest.mark.parametrize("field", ["date_created", "total_inc_tax"])
def test_nonsense_is_rejected_in_words(field: str) -> None:
    with pytest.raises(Rejected, match="'nonsense'"):
        read(payloads.order([payloads.line()]) | {field: "nonsense"})
