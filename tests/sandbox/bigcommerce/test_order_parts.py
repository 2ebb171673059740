"""Messages, shipments and payments of an order."""

from __future__ import annotations

from flask.testing import FlaskClient

from .conftest import BILLING, Api, Json, Receiver, custom, events, subscribe, until


def test_messages_are_read_only_and_filtered(api: Api, client: FlaskClient, receiver: Receiver) -> None:
    order_id = api.order(customer_id=1)["id"]
    subscribe(api, "store/order/message/created", receiver.url)
    path = f"/_sandbox/orders/{order_id}/messages"
    first = client.post(path, json={"subject": "When?", "message": "When does it come?"}).get_json()
    second = client.post(path, json={"type": "admin", "staff_id": 3, "message": "Soon", "status": "read"}).get_json()
    rows = api.get(f"/v2/orders/{order_id}/messages")
    assert [(row["type"], row["status"], row["staff_id"]) for row in rows] == [
        ("customer", "unread", 0),
        ("admin", "read", 3),
    ]
    assert rows[0]["customer"]["email"] == "amelia.marsh@shopper.example"
    assert rows[0]["date_created"].endswith("+0000")
    for query, found in (
        ("status=read", [second]),
        (f"max_id={first['id']}", [first]),
        ("min_date_created=2020-01-01&customer_id=1", [first, second]),
        ("is_flagged=true", None),
        ("max_date_created=2020-01-01", None),
    ):
        answer = api("GET", f"/v2/orders/{order_id}/messages?{query}")
        assert (answer.status_code, answer.get_json(silent=True)) == (204 if found is None else 200, found)
    assert api("POST", f"/v2/orders/{order_id}/messages", {"message": "no"}).status_code == 405
    assert client.post(path, json={"message": ""}).status_code == 422
    receiver.wait(2)
    told = [event["data"] for event in events(receiver)]
    assert {"type": "order", "id": order_id, "message": {"order_message_id": first["id"]}} in told


def shipped(api: Api, order: Json, quantity: int, **more: object) -> Json:
    """A shipment of so many pieces of the first line."""
    line = api.get(f"/v2/orders/{order['id']}/products")[0]
    items = [{"order_product_id": line["id"], "quantity": quantity}]
    body = {"order_address_id": str(line["order_address_id"]), "items": items, **more}
    made: Json = api.post(f"/v2/orders/{order['id']}/shipments", body)
    return made


def test_shipments_move_the_status_and_tell_of_tracking_only(api: Api, receiver: Receiver) -> None:
    order = api.order(custom("Mug", 3, 10, 10))
    subscribe(api, "store/shipment/*", receiver.url)
    made = shipped(api, order, 1, tracking_number="AB1", shipping_provider="royalmail")
    assert made["generated_tracking_link"].endswith("AB1")
    assert api.get(f"/v2/orders/{order['id']}")["status_id"] == 3
    path = f"/v2/orders/{order['id']}/shipments/{made['id']}"
    api.put(path, {"comments": "left with a neighbour"})
    own = api.put(path, {"tracking_number": "AB2", "tracking_link": "https://track.example/AB2"})
    assert (own["tracking_link"], own["generated_tracking_link"]) == ("https://track.example/AB2", "")
    assert api("PUT", path, {"items": []}).status_code == 400
    shipped(api, order, 2)
    whole = api.get(f"/v2/orders/{order['id']}")
    assert (whole["status_id"], whole["items_shipped"]) == (2, 3)
    assert whole["date_shipped"]
    assert api("DELETE", path).status_code == 204
    after = api.get(f"/v2/orders/{order['id']}")
    assert (after["status_id"], after["items_shipped"]) == (2, 2)  # it stays in Shipped
    receiver.wait(4)
    scopes = sorted(event["scope"].rpartition("/")[2] for event in events(receiver))
    assert scopes == ["created", "created", "deleted", "updated"]
    assert events(receiver)[0]["data"].keys() == {"type", "id", "orderId"}
    assert len(api.client.get("/_sandbox/records/shipments").get_json()) == 1


def test_the_api_may_leave_the_status_alone(api: Api, client: FlaskClient) -> None:
    client.post("/_sandbox/settings", json={"shipments_set_status": False})
    order = api.order(custom("Mug", 1, 10, 10), status_id=11)
    shipped(api, order, 1)
    after = api.get(f"/v2/orders/{order['id']}")
    assert (after["status_id"], after["items_shipped"]) == (11, 1)


def test_an_authorised_payment_is_captured_a_moment_later(api: Api, client: FlaskClient, receiver: Receiver) -> None:
    subscribe(api, "store/order/transaction/*", receiver.url)
    paid = {"event": "authorization", "method": "credit_card", "gateway": "stripe", "gateway_transaction_id": "ch_1"}
    body = {"billing_address": BILLING, "products": [custom("Mug", 1, 10, 12)], "payment_status": "authorized"}
    order_id = client.post("/_sandbox/orders", json={**body, "transactions": [paid]}).get_json()["id"]
    path = f"/v3/orders/{order_id}"
    assert api("POST", f"{path}/payment_actions/capture").status_code == 201
    until(lambda: api.get(f"/v2/orders/{order_id}")["payment_status"] == "captured")
    rows = api.get(f"{path}/transactions")["data"]
    assert [(row["event"], row["amount"], row["gateway"]) for row in rows] == [
        ("authorization", 12.0, "stripe"),
        ("capture", 12.0, "stripe"),
    ]
    assert rows[1]["reference_transaction_id"] == rows[0]["id"]
    assert api("POST", f"{path}/payment_actions/void").status_code == 422  # nothing is left to void
    receiver.wait(2)
    data = events(receiver)[0]["data"]
    assert (data["order_id"], data["transaction_type"]) == (str(order_id), "authorization")
    assert data["provider_transaction_id"] == "ch_1"


def test_which_orders_a_list_holds_can_be_switched(api: Api, client: FlaskClient) -> None:
    kept, gone, unfinished = api.order()["id"], api.order()["id"], api.order(status_id=0)["id"]
    api("DELETE", f"/v2/orders/{gone}")

    def listed() -> list[int]:
        return [row["id"] for row in api.get("/v2/orders")]

    assert listed() == [kept, unfinished]
    client.post("/_sandbox/settings", json={"archived_orders_listed": True, "incomplete_orders_listed": False})
    assert listed() == [kept, gone]
    assert [row["id"] for row in api.get("/v2/orders?status_id=0")] == [unfinished]
