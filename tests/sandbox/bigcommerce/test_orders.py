"""Orders in V2: what they cost, how they are listed, changed and archived."""

from __future__ import annotations

from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from .conftest import BILLING, Api, Json, custom


def test_an_order_adds_up(api: Api) -> None:
    order = api.order(
        {"product_id": 1, "quantity": 3},
        custom("Engraving", 2, 10, 12),
        base_shipping_cost="5",
        handling_cost_ex_tax="1",
        handling_cost_inc_tax="1.2",
        discount_amount="3",
        fees=[{"display_name_customer": "Packing", "cost_ex_tax": 2, "cost_inc_tax": 2.4}],
    )
    assert order["subtotal_ex_tax"] == "46.8500"
    assert order["subtotal_inc_tax"] == "50.8500"
    assert order["total_ex_tax"] == "51.8500"
    assert order["total_inc_tax"] == "56.4500"
    assert order["total_tax"] == "4.6000"
    assert order["discount_amount"] == "3.0000"
    assert order["refunded_amount"] == "0.0000"
    assert (order["items_total"], order["customer_id"], order["status_id"]) == (5, 0, 1)
    lines = api.get(f"/v2/orders/{order['id']}/products")
    shares = [discount["amount"] for line in lines for discount in line["applied_discounts"]]
    assert sum(float(share) for share in shares) == 3
    left = Decimal(lines[0]["total_inc_tax"]) - Decimal(shares[0])
    assert Decimal(lines[0]["discounted_total_inc_tax"]) == left


def test_dates_are_rfc_2822_and_the_date_can_be_given(api: Api) -> None:
    order = api.order(date_created="Wed, 01 Dec 2010 08:26:00 +0000")
    assert order["date_created"] == "Wed, 01 Dec 2010 08:26:00 +0000"
    assert order["date_shipped"] == ""
    assert parsedate_to_datetime(order["date_modified"]).year > 2010


def test_totals_can_be_overridden_both_or_none(api: Api) -> None:
    assert api.order(total_ex_tax="7", total_inc_tax="8")["total_inc_tax"] == "8.0000"
    body = {"billing_address": BILLING, "products": [custom("Mug", 1, 1, 1)], "total_inc_tax": "8"}
    assert api("POST", "/v2/orders", body).status_code == 400


@pytest.mark.parametrize(
    "change",
    [
        {"billing_address": {"first_name": "No", "last_name": "Zip"}},
        {"products": []},
        {"products": [{"product_id": 999, "quantity": 1}]},
        {"products": [{"name": "No price", "quantity": 1}]},
        {"products": [custom("None", 0, 1, 1)]},
        {"products": [{"product_id": 12, "quantity": 1}]},  # it has options and none is chosen
        {"customer_id": 999},
        {"status_id": 77},
        {"date_modified": "Wed, 01 Dec 2010 08:26:00 +0000"},
        {"default_currency_code": "XXX"},
    ],
)
def test_what_cannot_be_stored_is_refused_and_stores_nothing(api: Api, client: FlaskClient, change: Json) -> None:
    body = {"billing_address": BILLING, "products": [custom("Mug", 1, 1, 1)], **change}
    answer = api("POST", "/v2/orders", body)
    assert answer.status_code == 400
    assert answer.get_json()[0]["status"] == 400
    assert client.get("/_sandbox/records/orders").get_json() == []


def test_variants_are_found_by_id_or_by_options(api: Api) -> None:
    variants = api.get("/v3/catalog/products/12/variants")["data"]
    by_id = api.order({"product_id": 12, "quantity": 1, "variant_id": variants[1]["id"]})
    value = variants[2]["option_values"][0]
    options = [{"id": value["option_id"], "value": str(value["id"])}]
    by_option = api.order({"product_id": 12, "quantity": 1, "product_options": options})
    line = api.get(f"/v2/orders/{by_option['id']}/products")[0]
    assert api.get(f"/v2/orders/{by_id['id']}/products")[0]["sku"] == "KIT-010-N"
    assert (line["sku"], line["product_options"][0]["display_value"]) == ("KIT-010-R", "Red")


def test_empty_lists_are_204_and_pages_end_with_204(api: Api) -> None:
    assert api("GET", "/v2/orders").status_code == 204
    for _ in range(3):
        api.order()
    assert [row["id"] for row in api.get("/v2/orders?limit=2&page=2")] == [102]
    beyond = api("GET", "/v2/orders?limit=2&page=3")
    assert (beyond.status_code, beyond.data) == (204, b"")
    order_id = api.get("/v2/orders?limit=1")[0]["id"]
    for part in ("coupons", "taxes", "messages", "shipments"):
        assert api("GET", f"/v2/orders/{order_id}/{part}").status_code == 204


def test_lists_are_filtered_and_sorted(api: Api) -> None:
    first = api.order(status_id=11, date_created="2020-01-01T00:00:00Z")["id"]
    second = api.order(customer_id=1, date_created="2020-02-01T00:00:00Z", external_order_id="CRM-7")["id"]
    third = api.order(custom("Big", 1, 500, 500), channel_id=1, date_created="2020-03-01T00:00:00Z")["id"]

    def ids(query: str) -> list[int]:
        answer = api("GET", f"/v2/orders?{query}")
        return [row["id"] for row in answer.get_json()] if answer.status_code == 200 else []

    assert ids("status_id=11") == [first]
    assert ids("customer_id=1") == [second]
    assert ids("external_order_id=CRM-7") == [second]
    assert ids("min_total=100") == [third]
    assert ids(f"min_id={second}") == [second, third]
    assert ids("min_date_created=2020-01-15T00:00:00Z&max_date_created=Sat, 15 Feb 2020 00:00:00 %2B0000") == [second]
    assert ids("sort=date_created:desc") == [third, second, first]
    assert ids("email=ADA@shopper.example&limit=1") == [first]
    assert ids("min_date_modified=2100-01-01T00:00:00Z") == []
    assert api("GET", "/v2/orders?sort=colour").status_code == 422
    counts = api.get("/v2/orders/count?min_id=0")
    assert counts["count"] == 3
    assert {row["id"]: row["count"] for row in counts["statuses"]}[11] == 1


def test_lines_come_with_the_order_when_included(api: Api) -> None:
    order_id = api.order(custom("Mug", 2, 10, 12), custom("Jug", 1, 20, 24))["id"]
    query = "include=consignments,consignments.line_items,fees&consignment_structure=object"
    order: Any = api.get(f"/v2/orders?{query}")[0]
    shipping = order["consignments"]["shipping"][0]
    assert [line["name"] for line in shipping["line_items"]] == ["Mug", "Jug"]
    assert shipping["line_items"] == api.get(f"/v2/orders/{order_id}/products")
    assert shipping["items_total"] == 3
    assert order["fees"] == []
    narrow = api.get(f"/v2/orders/{order_id}?include=consignments&consignment_structure=object")
    assert narrow["consignments"]["shipping"][0]["line_items"][0].keys() == {"url", "resource"}
    plain = api.get(f"/v2/orders/{order_id}")
    assert plain["products"]["resource"] == f"/orders/{order_id}/products"
    assert plain["shipping_addresses"]["resource"].endswith("/shippingaddresses")


def test_editing_lines_recomputes_and_drops_their_discounts(api: Api) -> None:
    order = api.order(custom("Mug", 1, 10, 10), custom("Jug", 1, 30, 30), discount_amount="4")
    mug, jug = api.get(f"/v2/orders/{order['id']}/products")
    assert order["total_inc_tax"] == "36.0000"
    changed = api.put(f"/v2/orders/{order['id']}", {"products": [{"id": mug["id"], "quantity": 2}]})
    assert (changed["discount_amount"], changed["total_inc_tax"]) == ("3.0000", "47.0000")
    added = api.put(f"/v2/orders/{order['id']}", {"products": [custom("Cup", 1, 5, 5)]})
    assert added["total_inc_tax"] == "52.0000"
    removed = api.put(f"/v2/orders/{order['id']}", {"products": [{"id": jug["id"], "quantity": 0}]})
    assert (removed["discount_amount"], removed["total_inc_tax"]) == ("0.0000", "25.0000")


def test_a_refused_change_leaves_the_order_as_it_was(api: Api) -> None:
    order = api.order(custom("Mug", 1, 10, 10))
    line = api.get(f"/v2/orders/{order['id']}/products")[0]
    bad = {"products": [{"id": line["id"], "quantity": 9}, {"name": "No price", "quantity": 1}]}
    assert api("PUT", f"/v2/orders/{order['id']}", bad).status_code == 400
    assert api.get(f"/v2/orders/{order['id']}")["total_inc_tax"] == "10.0000"


def test_fees_are_replaced_as_a_set(api: Api) -> None:
    fee = {"display_name_customer": "A", "cost_ex_tax": "1.00", "cost_inc_tax": "1.20"}
    order = api.order(custom("Mug", 1, 10, 10), fees=[fee, {**fee, "display_name_customer": "B"}])
    assert order["total_inc_tax"] == "12.4000"
    changed = api.put(f"/v2/orders/{order['id']}", {"fees": [fee]})
    assert changed["total_inc_tax"] == "11.2000"
    assert [row["display_name_customer"] for row in api.get(f"/v2/orders/{order['id']}/fees")["fees"]] == ["A"]


def test_archived_orders_are_kept_but_not_listed(api: Api) -> None:
    order_id = api.order()["id"]
    assert api("DELETE", f"/v2/orders/{order_id}").status_code == 204
    assert api("GET", "/v2/orders").status_code == 204
    assert api.get(f"/v2/orders/{order_id}")["is_deleted"] is True
    assert [row["id"] for row in api.get("/v2/orders?is_deleted=true")] == [order_id]


def test_a_checkout_may_bring_coupons_payments_and_foreign_money(api: Api, client: FlaskClient) -> None:
    body = {
        "billing_address": BILLING,
        "products": [custom("Mug", 1, 30, 30), {**custom("E-book", 1, 10, 10), "type": "digital"}],
        "coupons": [{"code": "SPRING", "type": 1, "amount": 10, "discount": "4.00"}],
        "default_currency_code": "EUR",
        "payment_status": "captured",
        "transactions": [{"event": "purchase", "method": "credit_card", "amount": 36, "currency": "EUR"}],
    }
    order = client.post("/_sandbox/orders", json=body).get_json()
    assert (order["coupon_discount"], order["total_inc_tax"]) == ("4.0000", "36.0000")
    assert (order["default_currency_code"], order["store_default_currency_code"]) == ("EUR", "GBP")
    coupon = api.get(f"/v2/orders/{order['id']}/coupons")[0]
    assert (coupon["code"], coupon["discount"]) == ("SPRING", 4.0)
    assert api.get(f"/v3/orders/{order['id']}/transactions")["data"][0]["order_id"] == str(order["id"])
    wide = api.get(f"/v2/orders/{order['id']}?include=consignments.line_items&consignment_structure=object")
    assert wide["consignments"]["downloads"][0]["line_items"][0]["name"] == "E-book"
    assert api("POST", "/v2/orders", body).status_code == 400  # the API itself lets nobody write these


def test_a_store_can_be_filled_without_spending_the_quota(api: Api, client: FlaskClient) -> None:
    people = [{"email": f"n{n}@shopper.example", "first_name": "N", "last_name": "N"} for n in range(25)]
    assert len(client.post("/_sandbox/customers", json=people).get_json()) == 25
    goods = [{"name": f"Thing {n}", "type": "physical", "weight": 1, "price": 2} for n in range(25)]
    assert len(client.post("/_sandbox/products", json=goods).get_json()) == 25
    body = {"billing_address": BILLING, "products": [{"product_id": 13, "quantity": 3}]}
    order_id = client.post("/_sandbox/orders", json=body).get_json()["id"]
    items = [{"item_type": "ORDER", "item_id": order_id, "amount": 6}]
    payments = [{"provider_id": "custom", "amount": 6, "offline": True}]
    refund = {"items": items, "payments": payments}
    assert client.post(f"/_sandbox/orders/{order_id}/refunds", json=refund).status_code == 201
    assert client.get("/_sandbox/calls").get_json()["count"] == 0
    assert api.get(f"/v2/orders/{order_id}")["status"] == "Refunded"
    assert client.post("/_sandbox/orders", json={}).status_code == 400


def test_statuses(api: Api) -> None:
    assert [row["id"] for row in api.get("/v2/order_statuses")] == list(range(15))
    assert api.get("/v2/order_statuses/14")["name"] == "Partially Refunded"
    order_id = api.order()["id"]
    shipped = api.put(f"/v2/orders/{order_id}", {"status_id": 2})
    assert shipped["status"] == "Shipped"
    assert shipped["date_shipped"] != ""
