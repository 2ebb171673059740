"""A store's own orders with what they come to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.connectors.bigcommerce import sales
from app.connectors.bigcommerce.connector import BigCommerce
from app.connectors.lists import Sale
from tests.contract.bigcommerce.conftest import Shop, order_of

AT = datetime(2024, 3, 1, 12, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
D = Decimal


def place(shop: Shop, at: datetime = AT, **more: object) -> int:
    return shop.place(date_created=at.isoformat(), **more)


def told(source: BigCommerce, since: datetime = AT - DAY, until: datetime = AT + DAY) -> dict[int, Sale]:
    found = list(source.sales(since, until))
    assert len({sale.order_id for sale in found}) == len(found)
    return {int(sale.order_id): sale for sale in found}


def give_back(shop: Shop, number: int, amount: float) -> None:
    body = {
        "items": [{"item_type": "ORDER", "item_id": number, "amount": amount, "reason": "Too small"}],
        "payments": [{"provider_id": "custom", "amount": amount, "offline": True}],
    }
    shop.call("POST", f"/v3/orders/{number}/payment_actions/refunds", body)


def test_two_calls_for_a_page_of_orders_by_the_sync_s_own_readers(shop: Shop, source: BigCommerce) -> None:
    first, second = place(shop), place(shop, default_currency_code="USD")
    give_back(shop, first, 4.5)
    calls = source.calls
    found = told(source)
    assert source.calls == calls + 2
    assert (found[first].net, found[first].currency, found[first].placed_at) == (D("7.50"), "GBP", AT)
    assert (found[second].net, found[second].currency, found[second].channel_id) == (D("12.00"), "USD", "1")
    for number, sale in found.items():
        order = order_of(source, number)
        assert (sale.net, sale.modified_at) == (order.counted, order.modified_at) == (order.net, order.modified_at)


def test_what_is_no_sale_or_came_to_nothing(shop: Shop, source: BigCommerce) -> None:
    cancelled, declined = place(shop, status_id=5), place(shop, status_id=6)
    incomplete, deleted, pending = place(shop, status_id=0), place(shop), place(shop, status_id=1)
    shop.call("DELETE", f"/v2/orders/{deleted}")
    found = told(source)
    assert {number: sale.net for number, sale in found.items()} == {
        cancelled: D(0), declined: D(0), pending: D("12.00"),
    }  # fmt: skip
    assert incomplete not in found


def test_the_bounds_of_a_range(shop: Shop, source: BigCommerce) -> None:
    numbers = [place(shop, at) for at in (AT - SECOND, AT, AT + DAY - SECOND, AT + DAY)]
    assert list(told(source, AT, AT + DAY)) == numbers[1:3]


def test_pages(shop: Shop, source: BigCommerce, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sales, "PAGE", 3)
    for count, pages in ((1, 1), (3, 2), (7, 3)):
        for number in list(told(source)):
            shop.call("DELETE", f"/v2/orders/{number}")
        numbers = [place(shop) for _ in range(count)]
        shop.forget_calls()
        assert list(told(source)) == numbers
        paths = [call["path"] for call in shop.sandbox("GET", "/calls")["calls"]]
        assert sum(path.endswith("/v2/orders") for path in paths) == pages


def test_no_orders(source: BigCommerce) -> None:
    assert told(source, AT + 400 * DAY, AT + 401 * DAY) == {}
