"""What happens to orders after they were placed, where and in what money they were, in every CRM that there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from app.connectors.registry import VENDORS
from tests.e2e.crms import LOST, OPEN, WON
from tests.e2e.shop import Shop, open_shop

D = Decimal
ANN = "ann@mail.example"


@pytest.fixture(params=sorted(VENDORS))
def shop(request: pytest.FixtureRequest, sqlite_url: str, redis_url: str) -> Iterator[Shop]:
    """One with each CRM."""
    with open_shop(request.param, sqlite_url, redis_url) as opened:
        yield opened


def refund(shop: Shop, order_id: int, amount: str, **item: Any) -> None:
    """Staff pays back."""
    payments = [{"provider_id": "custom", "amount": float(amount), "offline": True}]
    shop.act("POST", f"/orders/{order_id}/refunds", {"items": [item], "payments": payments, "reason": "Too small"})


def test_an_orders_life(shop: Shop) -> None:
    shop.switch(activities=True, opportunities=True)
    order_id = shop.place(ANN)["id"]
    shop.sync()
    [line] = shop.bridge.api("GET", f"/v2/orders/{order_id}/products")
    shop.ship(order_id, 1, tracking_number="T-1", shipping_provider="royalmail")
    shop.sync()
    [sale] = shop.crm.sales()
    assert (sale.status, sale.tracking, sale.gross, shop.totals()) == ("Partially Shipped", "T-1", D(40), {"GBP": "40"})
    shop.ship(order_id, 1, tracking_number="T-2", shipping_provider="royalmail")
    shop.sync()
    refund(shop, order_id, "20.00", item_type="PRODUCT", item_id=line["id"], quantity=1)
    shop.sync()
    for _ in range(3):
        shop.bridge.api("PUT", f"/v2/orders/{order_id}", {"payment_method": f"Card {_}"})
        shop.sync()
    shop.repeat()
    [sale], [deal] = shop.crm.sales(), shop.crm.deals()
    assert (sale.status, sale.tracking, sale.gross, sale.refunded) == ("Partially Refunded", "T-2", D(40), D(20))
    assert (deal.state, deal.amount, deal.order, shop.totals()) == (WON, D(20), str(order_id), {"GBP": "20"})
    told = shop.crm.activities()
    for words, times in (("placed", 1), ("20", 1), ("Partially Shipped", 1), (": Shipped", 1), ("Partially Ref", 1)):
        assert sum(words in one for one in told) == times, (words, told)
    assert sum(re.search(r"shipment \d|\d shipped", one) is not None for one in told) == 2, told


def test_orders_that_are_cancelled_or_declined_after_all(shop: Shop) -> None:
    shop.switch(opportunities=True)
    first, second = (shop.place(email, status_id=7)["id"] for email in (ANN, "bea@mail.example"))
    other = shop.place("other@mail.example", price="5.00")["id"]
    shop.sync()
    assert sorted(deal.state for deal in shop.crm.deals()) == [OPEN, OPEN, WON]
    for order_id in (first, second):
        shop.set_status(order_id, 11)
    shop.sync()
    assert {deal.state for deal in shop.crm.deals()} == {WON} and shop.totals() == {"GBP": "90"}
    shop.set_status(first, 5)
    shop.set_status(second, 6)
    shop.sync()
    shop.repeat()
    deals = {deal.order: deal.state for deal in shop.crm.deals()}
    assert deals == {str(first): LOST, str(second): LOST, str(other): WON}
    statuses = {sale.number: sale.status for sale in shop.crm.sales()}
    assert (statuses[str(first)], statuses[str(second)]) == ("Cancelled", "Declined")
    assert shop.totals() == {"GBP": "10"}


def test_what_is_taken_back(shop: Shop) -> None:
    order_id = shop.place(ANN)["id"]
    shop.ship(order_id, 2, tracking_number="T-1", shipping_provider="ups")
    shop.sync()
    shop.bridge.api("DELETE", f"/v2/orders/{order_id}/shipments")
    shop.sync()
    assert [sale.tracking for sale in shop.crm.sales()] == [""]
    shop.bridge.api("DELETE", f"/v2/orders/{order_id}")
    shop.sync()
    assert [sale.status for sale in shop.crm.sales()] == ["Archived"] and shop.totals() == {}


def test_messages_are_told_once(shop: Shop) -> None:
    shop.switch("1", messages=True)
    customer_id = shop.register(ANN)
    order_id = shop.place(ANN, customer_id=customer_id)["id"]
    elsewhere = shop.place(ANN, channel_id=2)["id"]
    shop.act("POST", f"/orders/{order_id}/messages", {"message": "Where is it?", "subject": "My order"})
    shop.act("POST", f"/orders/{elsewhere}/messages", {"message": "And this?", "subject": "Elsewhere"})
    shop.sync()
    shop.act("POST", f"/orders/{order_id}/messages", {"message": "On its way", "subject": "Sent", "type": "admin"})
    shop.sync()
    shop.repeat()
    told = shop.crm.activities()
    assert len(told) == 2 and any("My order" in one for one in told) and any("Sent" in one for one in told)


def test_storefronts_and_currencies_are_kept_apart(shop: Shop) -> None:
    shop.switch("1")
    for code, price in (("GBP", "20.00"), ("EUR", "10.01"), ("JPY", "1999"), ("KWD", "12.345")):
        for channel in (1, 2):
            shop.place(ANN, price=price, default_currency_code=code, channel_id=channel)
    shop.sync()
    once = {"GBP": "40", "EUR": "20.02", "JPY": "3998", "KWD": "24.69"}
    assert shop.totals() == once and len(shop.crm.sales()) == 4
    shop.switch()
    shop.repeat()
    assert shop.totals() == {"GBP": "80", "EUR": "40.04", "JPY": "7996", "KWD": "49.38"} == shop.due()
    sales = shop.crm.sales()
    assert [sale.channel for sale in sales].count("Sandbox Trade") == 4 and len(sales) == 8
    assert {sale.gross for sale in sales if sale.currency == "KWD"} == {D("24.69")}
    assert len(shop.crm.people()) == 1


def test_categories_are_followed_where_there_are_any(shop: Shop) -> None:
    tree = "/v3/catalog/trees/categories"
    [made] = shop.bridge.api("POST", tree, [{"name": "Lamps", "tree_id": 1}])["data"]
    shop.bridge.api("PUT", "/v3/catalog/products/8", {"categories": [made["category_id"]]})
    shop.sync()
    assert shop.crm.categories() == ["Lamps"] * shop.crm.has_categories
    shop.bridge.api("PUT", tree, [{"category_id": made["category_id"], "name": "Lighting"}])
    shop.sync()
    shop.repeat()
    assert shop.crm.categories() == ["Lighting"] * shop.crm.has_categories
