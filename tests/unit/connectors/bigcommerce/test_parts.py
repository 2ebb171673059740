"""Shipments, messages, carts and companies in the shapes that the documentation has."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import responses

from app.config import Settings
from app.connectors.access import Account
from app.connectors.base import Edit
from app.connectors.bigcommerce import carts, companies, readers
from app.connectors.bigcommerce.connector import BigCommerce
from app.connectors.bigcommerce.states import state_code
from app.domain import Cart, CompanyStatus, Order
from app.errors import Rejected
from tests.unit.connectors.bigcommerce import payloads

BASE = "https://api.bigcommerce.com/stores/abc123"
CART = "8f3a1c52-7b1e-4a0d-9a55-1f0c2c6e8d10"


def source() -> BigCommerce:
    return BigCommerce(Settings(), Account("token", "abc123", store="abc123"))


def shipment(**more: Any) -> dict[str, Any]:
    row = {
        "id": 5, "order_id": 250, "date_created": "Wed, 10 Jan 2018 21:05:30 +0000", "tracking_number": "EJ9",
        "tracking_link": "", "generated_tracking_link": "", "shipping_provider": "", "tracking_carrier": "",
        "shipping_provider_display_name": "", "comments": "", "items": [{"order_product_id": 1, "quantity": 2}],
    }  # fmt: skip
    return row | more


@pytest.mark.parametrize(
    ("more", "carrier"),
    [
        ({"shipping_provider": "auspost", "shipping_provider_display_name": "Australia Post"}, "Australia Post"),
        ({"shipping_provider": "carrier_3"}, "carrier_3"),
        ({"tracking_carrier": "dhl"}, "dhl"),
        ({"comments": "Carrier: Bike Bros\nRing twice"}, "Bike Bros"),
        ({"comments": "Ring twice"}, ""),
        ({"comments": None, "items": None}, ""),
    ],
)
def test_a_carrier_by_whatever_name_it_has(more: dict[str, Any], carrier: str) -> None:
    read = readers.shipment(shipment(**more))
    assert (read.carrier, read.tracking_number) == (carrier, "EJ9")
    assert read.shipped_at == datetime(2018, 1, 10, 21, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("more", "shipped"),
    [
        ({}, False),
        ({"items_shipped": 1}, True),
        ({"status_id": 2}, True),
        ({"status_id": 3}, True),
        ({"status_id": 10}, False),
    ],
)
def test_which_orders_are_asked_for_shipments(more: dict[str, Any], shipped: bool) -> None:
    assert readers.is_shipped(payloads.order([payloads.line()]) | more) is shipped


def test_a_cart_of_every_kind_of_item() -> None:
    row = {
        "id": CART, "customer_id": 0, "email": None, "currency": {"code": "eur"}, "cart_amount": 61.5, "channel_id": 2,
        "created_time": "2026-03-01T10:00:00+00:00", "updated_time": "2026-03-01T11:00:00Z",
        "line_items": {
            "physical_items": [
                {"id": "a", "product_id": 7, "variant_id": 70, "sku": "S", "name": "Mug", "quantity": 2,
                 "list_price": 10,
                 "sale_price": 9, "extended_list_price": 20, "extended_sale_price": 18, "discount_amount": 1.5,
                 "coupon_amount": 0.5},
            ],
            "digital_items": [{"id": "b", "product_id": 8, "name": "Song", "quantity": 1, "list_price": 5}],
            "custom_items": [{"id": "c", "name": "Engraving", "quantity": "3", "list_price": "4.50"}],
            "gift_certificates": [{"id": "d", "name": "Gift", "amount": 25}],
        },
    }  # fmt: skip
    cart = carts.read(row)
    assert (cart.currency, cart.amount, cart.channel_id, cart.buyer.email) == ("EUR", Decimal("61.5"), "2", "")
    assert [(line.quantity, line.amount, line.list_price, line.discount) for line in cart.lines] == [
        (2, Decimal("18"), Decimal("9"), Decimal("2.0")), (1, Decimal("5"), Decimal("5"), Decimal(0)),
        (3, Decimal("13.50"), Decimal("4.50"), Decimal(0)), (1, Decimal("25"), Decimal("25"), Decimal(0)),
    ]  # fmt: skip
    assert [line.gift_certificate for line in cart.lines] == [False, False, False, True]
    assert (cart.lines[0].product_id, cart.lines[0].variant_id, cart.lines[2].product_id) == ("7", "70", "")


@responses.activate
def test_a_cart_whose_first_payment_failed_became_the_order_that_was_paid() -> None:
    responses.get(f"{BASE}/v3/carts/{CART}", status=404, json={"status": 404, "title": "Not found"})
    found = [
        payloads.order([payloads.line()], id=7, cart_id=CART, status_id=0),
        payloads.order([payloads.line()], id=8, cart_id=CART, status_id=11),
        payloads.order([payloads.line()], id=9, cart_id="another", status_id=11),
    ]
    responses.get(f"{BASE}/v2/orders", json=found)
    cart = source().fetch_many("cart", [CART])[CART]
    assert isinstance(cart, Cart)
    assert cart.order_id == "8"


def test_a_company_without_address_and_with_users_who_never_bought() -> None:
    row = {"companyId": 3, "companyName": "Firm", "companyEmail": None, "companyStatus": "0", "updatedAt": 1767225600}
    company = companies.read(row, [], [{"customerId": None}, {"bcId": 12}, {"customerId": 9, "bcId": 9}])
    assert (company.status, company.email, company.address.id) == (CompanyStatus.PENDING, "", "")
    assert company.customer_ids == ("9", "12")
    assert company.modified_at == datetime(2026, 1, 1, tzinfo=UTC)


def test_where_bills_go_counts_and_countries_have_codes() -> None:
    places = [
        {"addressId": 1, "countryName": "France"},
        {"addressId": 2, "countryName": "Germany", "isDefaultBilling": 1},
    ]
    row = {"companyId": 3, "companyName": "Firm", "companyStatus": 1}
    address = companies.read(row, places, []).address
    assert (address.id, address.country, address.country_code) == ("2", "Germany", "DE")
    for name, code in (("United States of America", "US"), ("germany", "DE"), ("Atlantis", "")):
        assert companies.read(row, [{"countryName": name}], []).address.country_code == code


@pytest.mark.parametrize("status", [4, -1, "9", "new"])
def test_a_status_that_nobody_knows_keeps_no_other_company_back(status: Any) -> None:
    row = {"companyId": 3, "companyName": "Firm", "companyStatus": status}
    found = readers.readable(lambda: companies.read(row, [], []))
    assert isinstance(found, Rejected) and found.code == "BC_SHAPE"


@pytest.mark.parametrize(
    ("text", "country", "code"),
    [("texas", "US", "TX"), ("West Yorkshire", "GB", ""), ("Texas", "", ""), ("Texas", "ZZ", ""), ("", "US", "")],
)
def test_codes_of_states(text: str, country: str, code: str) -> None:
    assert state_code(text, country) == code


@responses.activate
def test_statuses_go_by_the_merchants_own_names_too() -> None:
    rows = [
        {"id": 9, "name": "Awaiting Shipment", "system_label": "Awaiting Shipment", "custom_label": "In der Packerei"},
        {"id": 10, "name": "Completed", "system_label": "Completed", "custom_label": "Fertig"},
    ]
    responses.get(f"{BASE}/v2/order_statuses", json=rows)
    body = responses.matchers.json_params_matcher({"status_id": 9})
    responses.put(f"{BASE}/v2/orders/250", json={"id": 250}, match=[body])
    payload = payloads.order([payloads.line()])
    order = readers.order(payload, readers.included_lines(payload) or [])
    assert isinstance(order, Order)
    [answer, unknown] = source().update_many(
        [Edit("order", "250", {("order", "250"): {"status": name}}, order) for name in ("in der PACKEREI", "Weg")]
    )
    assert answer.error is None
    assert str(unknown.error) == "The store has no order status 'Weg'. It has: In der Packerei, Fertig."
    assert len(responses.calls) == 2  # the list is read once


@responses.activate
def test_stock_elsewhere_and_safety_stock_keep_their_share() -> None:
    product = {
        "id": 77, "name": "Mug", "price": 5, "inventory_tracking": "product", "inventory_level": 30,
        "variants": [{"id": 770, "price": None, "option_values": [], "inventory_level": 30}],
    }  # fmt: skip
    pages = {"meta": {"pagination": {"total_pages": 1}}}
    responses.get(f"{BASE}/v3/catalog/products", json={"data": [product], **pages})
    responses.get(f"{BASE}/v3/inventory/locations", json={"data": [{"id": 4}], **pages})
    item = {
        "identity": {"sku": "M", "variant_id": 770, "product_id": 77},
        "locations": [
            {"location_id": 3, "available_to_sell": 10, "total_inventory_onhand": 10},
            {"location_id": 4, "available_to_sell": 20, "total_inventory_onhand": 25},
        ],
    }
    responses.get(f"{BASE}/v3/inventory/items", json={"data": [item], **pages})
    wanted = {"reason": "Changed in the CRM", "items": [{"location_id": 4, "product_id": 77, "quantity": 22}]}
    responses.put(
        f"{BASE}/v3/inventory/adjustments/absolute", json={"transaction_id": "t"},
        match=[responses.matchers.json_params_matcher(wanted)],
    )  # fmt: skip
    [answer] = source().update_many([Edit("product", "77", {("variant", "770"): {"stock": "27"}})])
    assert answer.error is None
    assert answer.received == {"stock product_id 77": {**wanted["items"][0], "transaction_id": "t"}}  # type: ignore[dict-item]  # JSON
