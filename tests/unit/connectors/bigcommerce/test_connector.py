"""What the store's lists leave out is asked for: lines that were cut off, pages of refunds."""

from __future__ import annotations

from typing import Any

import responses

from app.config import Settings
from app.connectors.access import Account
from app.connectors.bigcommerce.connector import BigCommerce
from app.domain import Order
from app.errors import Rejected
from tests.unit.connectors.bigcommerce import payloads

BASE = "https://api.bigcommerce.com/stores/abc123"
REFUNDS = f"{BASE}/v3/orders/payment_actions/refunds"
NONE: dict[str, Any] = {"data": [], "meta": {"pagination": {"total_pages": 1}}}


def fetch(*ids: str) -> tuple[BigCommerce, dict[str, Any]]:
    source = BigCommerce(Settings(), Account("token", "abc123", store="abc123"))
    return source, dict(source.fetch_many("order", ids))


@responses.activate
def test_lines_that_were_cut_off_are_fetched_page_by_page() -> None:
    lines = [payloads.line(number) for number in range(1, 261)]
    payload = payloads.order(lines) | {"consignments": payloads.consignments(lines[:50])}
    responses.get(f"{BASE}/v2/orders/250", json=payload)
    responses.get(REFUNDS, json=NONE)
    match = responses.matchers.query_param_matcher
    for page, rows in (("1", lines[:250]), ("2", lines[250:])):
        responses.get(
            f"{BASE}/v2/orders/250/products", json=rows, match=[match({"limit": "250", "page": page})]
        )  # fmt: skip
    source, found = fetch("250")
    order = found["250"]
    assert isinstance(order, Order)
    assert [line.id for line in order.lines] == [str(number) for number in range(1, 261)]
    assert source.calls == 4


@responses.activate
def test_refunds_of_all_pages_go_to_their_orders() -> None:
    rows = [payloads.order([payloads.line()], id=number) for number in (7, 8)]
    responses.get(f"{BASE}/v2/orders", json=rows)
    for page, order_id in (("1", 8), ("2", 7)):
        responses.get(
            REFUNDS,
            json={
                "data": [{"id": order_id, "order_id": order_id, "created": "2018-02-01T10:00:00Z", "total_amount": 1}],
                "meta": {"pagination": {"total_pages": 2}},
            },
            match=[responses.matchers.query_param_matcher({"order_id:in": "7,8", "limit": "250", "page": page})],
        )
    source, found = fetch("7", "8")
    assert {number: [refund.id for refund in order.refunds] for number, order in found.items()} == {
        "7": ["7"],
        "8": ["8"],
    }
    assert source.calls == 3


@responses.activate
def test_an_empty_list_means_asking_for_each() -> None:
    responses.get(f"{BASE}/v2/orders", status=204)
    responses.get(f"{BASE}/v2/orders/7", json=payloads.order([payloads.line()], id=7, is_deleted=True))
    responses.get(f"{BASE}/v2/orders/8", status=404, json=[{"status": 404, "message": "gone"}])
    responses.get(REFUNDS, status=204)
    _, found = fetch("7", "8")
    assert found["7"].is_deleted is True
    assert found["8"] is None


@responses.activate
def test_an_odd_order_keeps_no_other_one_back() -> None:
    good = payloads.order([payloads.line()], id=7)
    bad_amount = payloads.order([payloads.line()], id=8, shipping_cost_ex_tax="free")
    no_address = payloads.order([payloads.line()], id=9, billing_address=None)
    responses.get(f"{BASE}/v2/orders", json=[good, bad_amount, no_address])
    responses.get(REFUNDS, json=NONE)
    _, found = fetch("7", "8", "9")
    assert isinstance(found["7"], Order)
    assert isinstance(found["8"], Rejected)
    assert (found["8"].code, found["8"].field) == ("BC_AMOUNT", "shipping_cost_ex_tax")
    assert isinstance(found["9"], Rejected)
    assert found["9"].code == "BC_SHAPE"
