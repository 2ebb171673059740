"""Orders and refunds in other currencies, each with its own decimals."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from .conftest import BILLING, Api, custom


@pytest.mark.parametrize(
    ("code", "price", "rate"),
    [
        ("GBP", "8.9500", "1.0000000000"),
        ("EUR", "10.4700", "1.1700000000"),
        ("JPY", "1745.0000", "195.0000000000"),
        ("KWD", "3.4910", "0.3900000000"),
    ],
)
def test_a_catalogue_price_is_converted_and_rounded(api: Api, code: str, price: str, rate: str) -> None:
    order = api.order({"product_id": 1, "quantity": 1}, default_currency_code=code)
    assert (order["total_inc_tax"], order["default_currency_code"]) == (price, code)
    assert (order["currency_code"], order["currency_exchange_rate"]) == (code, "1.0000000000")
    assert order["store_default_currency_code"] == "GBP"
    assert order["store_default_to_transactional_exchange_rate"] == rate


def test_an_order_keeps_the_rate_it_was_placed_at(api: Api) -> None:
    old = api.order({"product_id": 1, "quantity": 1}, default_currency_code="EUR")["id"]
    euro = next(row for row in api.get("/v2/currencies") if row["currency_code"] == "EUR")
    changed = api.put(f"/v2/currencies/{euro['id']}", {"currency_exchange_rate": "1.25"})
    assert changed["currency_exchange_rate"] == "1.2500000000"
    order = api.get(f"/v2/orders/{old}")
    assert order["store_default_to_transactional_exchange_rate"] == "1.1700000000"
    assert api.order({"product_id": 1, "quantity": 1}, default_currency_code="EUR")["total_inc_tax"] == "11.1900"
    assert api("PUT", "/v2/currencies/1", {"enabled": False}).status_code == 409
    api.put(f"/v2/currencies/{euro['id']}", {"is_transactional": False})
    body = {"billing_address": BILLING, "products": [custom("Mug", 1, 1, 1)], "default_currency_code": "EUR"}
    assert api("POST", "/v2/orders", body).status_code == 400


def test_shown_in_one_currency_and_paid_in_another(api: Api, client: FlaskClient) -> None:
    body = {"billing_address": BILLING, "products": [custom("Mug", 1, 10, 10)], "currency_code": "USD"}
    order = client.post("/_sandbox/orders", json={**body, "default_currency_code": "EUR", "channel_id": 2}).get_json()
    assert (order["currency_code"], order["currency_exchange_rate"]) == ("USD", "1.0854700855")  # 1.27 / 1.17
    assert (order["default_currency_code"], order["channel_id"]) == ("EUR", 2)
    assert client.post("/_sandbox/orders", json={**body, "currency_code": "XXX"}).status_code == 400
    assert api("POST", "/v2/orders", body).status_code == 400  # nobody can write it


def test_a_discount_and_a_refund_in_whole_yen(api: Api) -> None:
    lines = [custom("A", 3, 333, 333), custom("B", 1, 500, 500)]
    order = api.order(*lines, default_currency_code="JPY", discount_amount="100")
    rows = api.get(f"/v2/orders/{order['id']}/products")
    assert [row["applied_discounts"][0]["amount"] for row in rows] == ["67.0000", "33.0000"]
    body = {"items": [{"item_type": "PRODUCT", "item_id": rows[0]["id"], "quantity": 1}]}
    quote = api.post(f"/v3/orders/{order['id']}/payment_actions/refund_quotes", body)["data"]
    assert quote["total_refund_amount"] == 311  # a third of 932, rounded to whole yen
