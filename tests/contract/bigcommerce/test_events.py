"""What the store tells of by itself leads to records that can be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.connectors.bigcommerce import events
from app.connectors.bigcommerce.connector import BigCommerce
from app.errors import Rejected
from app.models import InboxEvent
from app.runtime import Runtime
from app.sync import hooks
from tests.contract.bigcommerce.conftest import Shop
from tests.contract.bigcommerce.test_life import install, kept, store, wait_for

Act = Callable[[Shop], Any]


def cart(shop: Shop) -> str:
    body = {"line_items": [{"product_id": 1, "quantity": 1}], "email": "jane@example.com"}
    return str(shop.sandbox("POST", "/carts", body)["id"])


def abandon(shop: Shop) -> None:
    shop.sandbox("POST", f"/carts/{cart(shop)}/abandon")


def convert(shop: Shop) -> None:
    shop.sandbox("POST", f"/carts/{cart(shop)}/convert", {})


def write(shop: Shop) -> None:
    shop.sandbox("POST", f"/orders/{shop.place()}/messages", {"message": "Where is it?"})


def ship(shop: Shop) -> None:
    number = shop.place(products=[{"product_id": 1, "quantity": 1}])
    line = shop.call("GET", f"/v2/orders/{number}/products")[0]
    items = [{"order_product_id": line["id"], "quantity": 1}]
    shop.call("POST", f"/v2/orders/{number}/shipments", {"order_address_id": line["order_address_id"], "items": items})


def count(shop: Shop) -> None:
    shop.sandbox("POST", "/settings", {"stock_delay_s": 0})
    items = [{"location_id": 1, "product_id": 1, "quantity": 7}]
    shop.call("PUT", "/v3/inventory/adjustments/absolute", {"reason": "count", "items": items})


def sort(shop: Shop) -> None:
    shop.call("POST", "/v3/catalog/trees/categories", [{"name": "Mugs", "parent_id": 1}])


def found_company(shop: Shop) -> None:
    admin = {"adminFirstName": "Ann", "adminLastName": "Hill", "adminEmail": "ann@firm.example"}
    office = {"companyName": "Firm", "companyEmail": "o@firm.example", "companyPhone": "1", "country": "United Kingdom"}
    shop.b2b("POST", "/companies", {**admin, **office})


@pytest.mark.parametrize(
    ("act", "scope", "kind"),
    [
        (abandon, "store/cart/abandoned", "cart"),
        (convert, "store/cart/converted", "cart"),
        (write, "store/order/message/created", "message"),
        (ship, "store/shipment/created", "order"),
        (count, "store/product/inventory/updated", "product"),
        (sort, "store/category/created", "category"),
        (found_company, "store/company/created", "company"),
        (found_company, "store/company/user/created", "company"),
    ],
)
def test_every_notice_leads_to_its_record(
    shop: Shop, runtime: Runtime, served: str, source: BigCommerce, act: Act, scope: str, kind: str
) -> None:
    install(shop)
    hooks.ensure(runtime, store(runtime).id)
    act(shop)
    told: list[InboxEvent] = []
    for number in range(1, 10):  # others may come before it
        told = [event for event in kept(runtime, InboxEvent) if event.scope == scope]
        if told:
            break
        wait_for(runtime, InboxEvent, number)
    event = events.read(told[0].body.encode(), told[0].event_id)
    ((found, record_id),) = event.refs
    assert found == kind
    record = source.fetch_many(kind, [record_id])[record_id]
    assert record is not None
    assert not isinstance(record, Rejected)
    assert {known.known for known in kept(runtime, InboxEvent)} == {True}
