"""A gateway in trouble before a store: nothing that it says is about a record."""

from __future__ import annotations

from typing import Any

import pytest

from app.connectors.bigcommerce.connector import BigCommerce
from app.errors import Reauthorize, Retryable
from tests.contract.bigcommerce.conftest import Shop, order_of

PAGE = "<html>Down for maintenance</html>"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, PAGE),
        (200, {}),
        (302, PAGE),
        (401, PAGE),
        (403, PAGE),
        (404, PAGE),
        (404, {"message": "no route matched"}),
    ],
)
@pytest.mark.parametrize("kind", ["order", "customer", "product", "message", "cart", "company"])
def test_a_record_is_neither_gone_nor_refused(
    shop: Shop, source: BigCommerce, kind: str, status: int, body: Any
) -> None:
    shop.sandbox("POST", "/fail", {"status": status, "body": body})
    with pytest.raises(Retryable):
        source.fetch_many(kind, ["1-1" if kind == "message" else "1"])


def test_the_order_is_there_afterwards(shop: Shop, source: BigCommerce) -> None:
    number = shop.place()
    shop.sandbox("POST", "/fail", {"status": 404, "body": PAGE, "match": "/v2/orders"})
    with pytest.raises(Retryable) as caught:
        source.fetch_many("order", [str(number)])
    assert caught.value.retry_after is None  # whether it is about this call alone is the engine's to find out
    assert order_of(source, number).id == str(number)


def test_what_the_store_itself_says_stands(shop: Shop, source: BigCommerce) -> None:
    assert source.fetch_many("order", ["404"]) == {"404": None}
    assert source.fetch_many("cart", ["404"]) == {"404": None}
    shop.sandbox("POST", "/fail", {"status": 401})
    with pytest.raises(Reauthorize):
        source.check()
