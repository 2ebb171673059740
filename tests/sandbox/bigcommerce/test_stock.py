"""Stock by adjustments, by orders, and who is told."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from .conftest import Api, Json, Receiver, events, subscribe, until

ABSOLUTE, RELATIVE = "/v3/inventory/adjustments/absolute", "/v3/inventory/adjustments/relative"


def item(**more: object) -> Json:
    """One item of an adjustment."""
    return {"items": [{"location_id": 1, **more}]}


def level(api: Api, sku: str) -> int:
    """What can be sold of it."""
    row = api.get(f"/v3/inventory/items?sku:in={sku}")["data"][0]
    return int(row["locations"][0]["available_to_sell"])


def test_an_adjustment_is_told_when_it_takes_effect(api: Api, receiver: Receiver) -> None:
    for scope in ("store/product/inventory/updated", "store/channel/*/inventory/product/stock_changed"):
        subscribe(api, scope, receiver.url)
    assert api("PUT", ABSOLUTE, item(product_id=1, quantity=7)).status_code == 200
    assert level(api, "KIT-001") == 100
    receiver.wait(2)  # nobody read anything meanwhile
    assert level(api, "KIT-001") == 7
    got = {event["scope"]: event["data"] for event in events(receiver)}
    inventory = {"product_id": 1, "method": "absolute", "value": 7}
    assert got["store/product/inventory/updated"] == {"type": "product", "id": 1, "inventory": inventory}
    place = {"variant_id": 1, "product_id": 1, "location_id": 1}
    assert got["store/channel/*/inventory/product/stock_changed"] == place


def test_variants_have_their_own(api: Api, client: FlaskClient, receiver: Receiver) -> None:
    client.post("/_sandbox/settings", json={"stock_delay_s": 0})
    subscribe(api, "store/sku/inventory/updated", receiver.url)
    blue = api.get("/v3/catalog/variants?sku=KIT-010-B")["data"][0]
    api("POST", RELATIVE, item(variant_id=blue["id"], quantity=-5))
    assert (level(api, "KIT-010-B"), level(api, "KIT-010-N")) == (15, 20)
    assert api.get("/v3/catalog/products/12")["data"]["inventory_level"] == 55  # the sum
    receiver.wait(1)
    inventory = events(receiver)[0]["data"]["inventory"]
    assert inventory == {"product_id": 12, "variant_id": blue["id"], "method": "absolute", "value": 15}


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        (ABSOLUTE, item(product_id=1, sku="KIT-001", quantity=1), "exactly one"),
        (ABSOLUTE, item(variant_id=1, quantity=1), "tracked by product"),
        (ABSOLUTE, item(product_id=12, quantity=1), "tracked by variant"),
        (ABSOLUTE, item(sku="NONE", quantity=1), "No item"),
        (ABSOLUTE, {"items": [{"location_id": 9, "sku": "KIT-001", "quantity": 1}]}, "location"),
        (RELATIVE, item(sku="KIT-001", quantity=-101), "safety stock"),
        (RELATIVE, item(sku="BARE", quantity=1), "never had an absolute"),
        (ABSOLUTE, item(sku="KIT-001", quantity="many"), "whole number"),
    ],
)
def test_the_reason_of_a_refusal_is_in_the_title(api: Api, path: str, body: Json, reason: str) -> None:
    bare = {"sku": "BARE", "option_values": [{"label": "S", "option_display_name": "Size"}]}
    goods = {"name": "Bare", "type": "physical", "weight": 1, "price": 1, "inventory_tracking": "variant"}
    api.post("/v3/catalog/products", {**goods, "variants": [bare]})
    refused = api("PUT" if path == ABSOLUTE else "POST", path, body)
    assert (refused.status_code, refused.mimetype) == (422, "application/problem+json")
    assert reason in refused.get_json()["title"]
    assert refused.get_json()["errors"] == {}


def test_safety_stock_is_not_for_sale(api: Api) -> None:
    settings = {"settings": [{"identity": {"sku": "KIT-002"}, "safety_stock": 90, "warning_level": 5}]}
    assert api("PUT", "/v3/inventory/locations/1/items", settings).status_code == 200
    until(lambda: level(api, "KIT-002") == 10)
    row = api.get("/v3/inventory/locations/1/items?product_id:in=2")["data"][0]["locations"][0]
    assert (row["total_inventory_onhand"], row["settings"]["safety_stock"]) == (100, 90)
    assert api("POST", RELATIVE, item(sku="KIT-002", quantity=-11)).status_code == 422
    assert api.get("/v3/inventory/items?location_code:in=ELSEWHERE")["data"] == []


def test_orders_empty_the_stock(api: Api, receiver: Receiver) -> None:
    subscribe(api, "store/channel/*/inventory/product/out_of_stock_reached", receiver.url)
    api.order({"product_id": 3, "quantity": 99})
    api.order({"product_id": 3, "quantity": 1})
    receiver.wait(1)
    assert events(receiver)[0]["data"] == {"variant_id": 3, "product_id": 3, "location_id": 1}
    rows = api.client.get("/_sandbox/records/inventory").get_json()
    assert [row["locations"][0]["available_to_sell"] for row in rows if row["identity"]["product_id"] == 3] == [0]


def test_our_own_changes_come_back_as_events(api: Api, client: FlaskClient, receiver: Receiver) -> None:
    client.post("/_sandbox/settings", json={"stock_delay_s": 0})
    for scope in ("store/product/*", "store/customer/*", "store/order/updated"):
        subscribe(api, scope, receiver.url)
    api.put("/v3/catalog/products", [{"id": 4, "price": 3}])
    api.put("/v3/customers", [{"id": 1, "company": "X"}])
    api.put(f"/v2/orders/{api.order()['id']}", {"external_order_id": "801"})
    api("PUT", ABSOLUTE, item(sku="KIT-001", quantity=3))
    receiver.wait(5)
    assert {event["scope"] for event in events(receiver)} == {
        "store/product/updated",
        "store/product/inventory/updated",
        "store/customer/updated",
        "store/order/updated",
    }
