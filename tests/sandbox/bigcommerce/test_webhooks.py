"""Subscriptions and the delivery engine, against a real destination."""

from __future__ import annotations

import json
import time
from collections import Counter
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from standardwebhooks.webhooks import Webhook

from app.sandbox.bigcommerce import create_app, webhooks
from app.sandbox.bigcommerce.webhooks import sign
from app.sandbox.kit import Options

from .conftest import Api, Json, Receiver, custom, events, subscribe, until

HTTPS = "https://app.example/hooks"


def fast(speed: float) -> Api:
    """A stand-in whose own clock runs faster."""
    return Api(create_app(Options(limits=False, speed=speed)).test_client())


def counts(api: Api) -> Json:
    """Where the deliveries are."""
    body: Json = api.client.get("/_sandbox/webhooks").get_json()
    return body


def test_the_signature_is_the_documented_one() -> None:
    body = (
        b'{"scope":"store/order/created","store_id":"1025646","data":{"type":"order","id":250},'
        b'"hash":"dd70c0976e06b67aaf671e73f49dcb79230ebf9d","created_at":1561479335,"producer":"stores/abc123"}'
    )
    secret = "4ldbvh7fkt2fgu4rkvsbl5kxjk1z5h8bnfvh9o1ejd2ykjvj6n"
    signature = sign(secret, "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", "1700000000", body)
    assert signature == "v1,IjHjbntwFqeZs4yeX2ZKfZ2fS53SsAtTvomtD14HFKI="


def test_hooks_are_kept_per_account_with_their_limits(api: Api) -> None:
    hook = subscribe(api, "store/order/*", HTTPS, headers={"x-secret": "s"})
    assert hook.keys() >= {"id", "client_id", "store_hash", "scope", "destination", "headers", "is_active"}
    assert isinstance(hook["created_at"], int)
    assert api("POST", "/v3/hooks", {"scope": "store/order/*", "destination": HTTPS}).status_code == 409
    for number in range(9):
        subscribe(api, "store/order/*", f"{HTTPS}/{number}")
    assert api("POST", "/v3/hooks", {"scope": "store/order/*", "destination": f"{HTTPS}/x"}).status_code == 422
    for bad in ("http://app.example/hooks", "https://app.example:8443/hooks", "nonsense"):
        assert api("POST", "/v3/hooks", {"scope": "store/cart/*", "destination": bad}).status_code == 422
    assert api("PUT", f"/v3/hooks/{hook['id']}", {}).status_code == 422
    assert api.put(f"/v3/hooks/{hook['id']}", {"is_active": False})["data"]["is_active"] is False
    assert len(api.get("/v3/hooks?is_active=true")["data"]) == 9
    gone = api("DELETE", f"/v3/hooks/{hook['id']}")
    assert (gone.status_code, gone.get_json()["data"]["id"]) == (200, hook["id"])
    assert api("GET", f"/v3/hooks/{hook['id']}").status_code == 404
    assert len(api.get("/v2/hooks")) == 9


def test_a_delivery_is_signed_and_says_what_happened(api: Api, receiver: Receiver) -> None:
    subscribe(api, "store/order/created", receiver.url, headers={"x-secret": "s"})
    order_id = api.order()["id"]
    headers, body = receiver.wait(1)[0]
    event = Webhook(b"sandbox-secret").verify(body.decode(), headers)
    assert event["data"] == {"type": "order", "id": order_id}
    assert (event["scope"], event["store_id"], event["producer"]) == (
        "store/order/created",
        "1000001",
        "stores/sandbox1",
    )
    assert len(event["hash"]) == 40
    assert headers["x-secret"] == "s"


def test_a_wildcard_gets_every_event_of_an_orders_life(api: Api, receiver: Receiver) -> None:
    subscribe(api, "store/order/*", receiver.url)
    order_id = api.order(custom("Mug", 1, 10, 10), status_id=1)["id"]
    api.put(f"/v2/orders/{order_id}", {"status_id": 11})
    items = [{"item_type": "ORDER", "item_id": order_id, "amount": 10}]
    payments = [{"provider_id": "custom", "amount": 10, "offline": True}]
    api.post(f"/v3/orders/{order_id}/payment_actions/refunds", {"items": items, "payments": payments})
    api("DELETE", f"/v2/orders/{order_id}")
    receiver.wait(8)
    assert Counter(event["scope"].removeprefix("store/order/") for event in events(receiver)) == {
        "created": 1,
        "statusUpdated": 2,
        "updated": 2,
        "refund/created": 1,
        "transaction/created": 1,
        "archived": 1,
    }
    changes = [event["data"]["status"] for event in events(receiver) if event["scope"].endswith("statusUpdated")]
    assert {"previous_status_id": 1, "new_status_id": 11} in changes
    assert {"previous_status_id": 11, "new_status_id": 4} in changes


def test_other_records_tell_their_changes_too(api: Api, receiver: Receiver) -> None:
    for scope in ("store/customer/*", "store/product/*", "store/cart/created", "store/channel/1/order/created"):
        subscribe(api, scope, receiver.url)
    api.put("/v3/customers", [{"id": 1, "notes": "x"}])
    api.put("/v3/catalog/products/1", {"price": 3})
    api.put("/v3/catalog/products/1", {"mpn": "silent"})
    cart = api.post("/v3/carts", {"line_items": [{"product_id": 1, "quantity": 1}]})["data"]
    order_id = api.order()["id"]
    receiver.wait(4)
    got = {event["scope"]: event["data"] for event in events(receiver)}
    assert got == {
        "store/customer/updated": {"type": "customer", "id": 1},
        "store/product/updated": {"type": "product", "id": 1},
        "store/cart/created": {"type": "cart", "id": cart["id"]},
        "store/channel/1/order/created": {"order_id": order_id},
    }
    assert len(receiver.got) == 4


def test_a_failed_delivery_is_tried_again_under_the_same_id(receiver: Receiver) -> None:
    api = fast(600)  # the first retry after a tenth of a second
    subscribe(api, "store/order/created", receiver.url)
    receiver.status = 500
    api.order()
    receiver.wait(1)
    receiver.status = 200
    until(lambda: counts(api)["delivered"] == 1)
    ids = {headers["webhook-id"] for headers, _ in receiver.got}
    assert len(receiver.got) >= 2
    assert len(ids) == 1
    assert counts(api)["retrying"] == 0


def test_after_the_last_retry_the_hook_is_deactivated(receiver: Receiver) -> None:
    api = fast(1_000_000)  # two days in a fifth of a second
    hook = subscribe(api, "store/order/created", receiver.url)
    exceptions = subscribe(api, "store/hook/deliveryException", receiver.url + "/exceptions")
    receiver.status = 503
    api.order()
    until(lambda: not api.get(f"/v3/hooks/{hook['id']}")["data"]["is_active"])
    rows = {row["id"]: row["status"] for row in api.get("/v3/hooks/admin")["data"]["hooks_list"]}
    assert rows[hook["id"]] == "deactivated"
    codes = {event["data"]["error_code"] for event in events(receiver) if event["scope"] == exceptions["scope"]}
    assert 90001 in codes
    failed = [body for body in events(receiver) if body["scope"] == "store/order/created"]
    assert len(failed) == 12  # the first attempt and eleven retries
    api.order()
    assert counts(api)["given_up"] >= 1


def test_a_destination_below_ninety_per_cent_is_blocked(receiver: Receiver) -> None:
    api = fast(20)  # a window of six seconds, a block of nine
    subscribe(api, "store/order/created", receiver.url)
    receiver.status = 500
    for _ in range(110):
        api.order()
    until(lambda: counts(api)["blocked"] == 1)
    until(lambda: counts(api)["in_flight"] == 0)
    blocked = api.get("/v3/hooks/admin")["data"]["blocked_domains"]
    assert blocked[0]["destination"] in receiver.url
    assert 0 < blocked[0]["time_left"] <= 180
    before = len(receiver.got)
    receiver.status = 200
    api.order()
    until(lambda: counts(api)["queued"] == 0)
    assert len(receiver.got) == before  # it went to the retries unsent
    assert counts(api)["retrying"] > 0


def test_deliveries_are_held_doubled_and_shuffled_on_demand(api: Api, receiver: Receiver, client: FlaskClient) -> None:
    subscribe(api, "store/order/created", receiver.url)
    client.post("/_sandbox/webhooks/pause")
    client.post("/_sandbox/webhooks/duplicate", json={"times": 5})
    client.post("/_sandbox/webhooks/shuffle", json={"times": 20})
    ids = [api.order()["id"] for _ in range(20)]
    assert counts(api)["queued"] == 25
    assert receiver.got == []
    client.post("/_sandbox/webhooks/resume")
    receiver.wait(25)
    got = [event["data"]["id"] for event in events(receiver)]
    assert sorted(set(got)) == ids
    assert got != sorted(got)
    messages = Counter(headers["webhook-id"] for headers, _ in receiver.got)
    assert sorted(messages.values()) == [1] * 15 + [2] * 5


def test_a_new_hook_may_take_a_while_to_fire(
    api: Api, receiver: Receiver, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post("/_sandbox/plan", json={"hook_delay_s": 600})
    subscribe(api, "store/order/created", receiver.url)
    api.order()
    later = SimpleNamespace(monotonic=lambda: time.monotonic() + 601, time=time.time)
    monkeypatch.setattr(webhooks, "time", later)
    late = api.order()["id"]
    receiver.wait(1)
    assert [event["data"]["id"] for event in events(receiver)] == [late]


def test_many_events_all_arrive(api: Api, receiver: Receiver) -> None:
    subscribe(api, "store/order/created", receiver.url)
    ids = [api.order()["id"] for _ in range(400)]
    receiver.wait(400)
    assert sorted(event["data"]["id"] for event in events(receiver)) == ids
    assert counts(api)["failed"] == 0


def test_in_disorder_each_delivery_comes_one_to_three_times_and_not_in_order(receiver: Receiver) -> None:
    orders = []
    for _ in range(2):
        receiver.got.clear()
        api = fast(10)
        subscribe(api, "store/order/created", receiver.url)
        api.client.post("/_sandbox/webhooks/disorder", json={"copies": 3, "spread_s": 3, "seed": 5})
        placed = [api.order()["id"] for _ in range(20)]
        until(lambda: counts(api)["queued"] == counts(api)["in_flight"] == 0)  # noqa: B023 - called at once
        came = Counter(event["data"]["id"] for event in events(receiver))
        assert came.keys() == set(placed)
        assert set(came.values()) == {1, 2, 3}
        assert len({headers["webhook-id"] for headers, _ in receiver.got}) == len(placed)
        assert [event["data"]["id"] for event in events(receiver)] != sorted(came.elements())
        orders.append(tuple(came[number] for number in placed))
    assert orders[0] == orders[1]
    for bad in ({"copies": 0}, {"copies": 99}, {"spread_s": -1}, {"often": 1}):
        assert api.client.post("/_sandbox/webhooks/disorder", json=bad).status_code == 422


def test_what_is_given_up_is_lost_and_deactivates_its_hooks(receiver: Receiver) -> None:
    api = fast(1)
    kept = subscribe(api, "store/customer/*", receiver.url)
    lost = subscribe(api, "store/order/created", receiver.url)
    api.client.post("/_sandbox/webhooks/pause")
    api.order()
    assert api.client.post("/_sandbox/webhooks/give_up").get_json() == {"deactivated": 1}
    api.client.post("/_sandbox/webhooks/resume")
    assert counts(api)["given_up"] == 1
    assert api.get(f"/v3/hooks/{lost['id']}")["data"]["is_active"] is False
    assert api.get(f"/v3/hooks/{kept['id']}")["data"]["is_active"] is True
    api.order()
    assert not receiver.got
    api.put(f"/v3/hooks/{lost['id']}", {"is_active": True})
    api.order()
    receiver.wait(1)


def test_what_is_laid_into_the_past_is_not_told(api: Api, receiver: Receiver) -> None:
    subscribe(api, "store/order/created", receiver.url)
    assert api.client.post("/_sandbox/past", json={"orders": 3, "days": 10}).status_code == 201
    order_id = api.order()["id"]
    [(_, body)] = receiver.wait(1)
    assert json.loads(body)["data"]["id"] == order_id
