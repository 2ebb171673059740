"""Carts: filled by API and by shoppers, told to the hooks, abandoned, converted."""

from __future__ import annotations

from collections import Counter

from flask.testing import FlaskClient

from app.sandbox.bigcommerce import create_app
from app.sandbox.kit import Options

from .conftest import BILLING, Api, Json, Receiver, events, subscribe, until


def cart_of(api: Api, **more: object) -> Json:
    """A cart with two tea caddies."""
    made: Json = api.post("/v3/carts", {"line_items": [{"product_id": 1, "quantity": 2}], **more})["data"]
    return made


def shopper(client: FlaskClient, **body: object) -> Json:
    """A cart as a shopper fills it."""
    answer = client.post("/_sandbox/carts", json={"line_items": [{"product_id": 1, "quantity": 1}], **body})
    assert answer.status_code == 201, answer.get_json()
    made: Json = answer.get_json()
    return made


def test_the_same_goods_again_are_more_pieces_of_one_line(api: Api) -> None:
    cart = cart_of(api)
    more = {"line_items": [{"product_id": 1, "quantity": 1}, {"product_id": 2, "quantity": 1}]}
    cart = api.post(f"/v3/carts/{cart['id']}/items", more)["data"]
    lines = cart["line_items"]["physical_items"]
    assert [(line["product_id"], line["quantity"]) for line in lines] == [(1, 3), (2, 1)]
    assert (cart["base_amount"], cart["cart_amount"], cart["version"]) == (33.35, 33.35, 2)
    path = f"/v3/carts/{cart['id']}/items/{lines[0]['id']}"
    cart = api.put(path, {"line_item": {"product_id": 1, "quantity": 1}})["data"]
    assert (cart["line_items"]["physical_items"][0]["id"], cart["cart_amount"]) == (lines[0]["id"], 15.45)
    assert api("DELETE", path).get_json()["data"]["cart_amount"] == 6.5
    assert api("DELETE", path).status_code == 404


def test_somebody_elses_change_is_a_conflict(api: Api) -> None:
    cart = cart_of(api)
    path = f"/v3/carts/{cart['id']}/items"
    more = {"line_items": [{"product_id": 2, "quantity": 1}], "version": 1}
    assert api("POST", path, more).status_code == 201
    assert api("POST", path, more).status_code == 409
    assert len(api.get(f"/v3/carts/{cart['id']}")["data"]["line_items"]["physical_items"]) == 2


def test_options_and_addresses_only_when_asked_for(api: Api) -> None:
    blue = api.get("/v3/catalog/variants?sku=KIT-010-B")["data"][0]["id"]
    cart = cart_of(api, line_items=[{"product_id": 12, "variant_id": blue, "quantity": 1}])
    assert "options" not in cart["line_items"]["physical_items"][0]
    assert "redirect_urls" not in cart
    wide = api.get(f"/v3/carts/{cart['id']}?include=redirect_urls,line_items.physical_items.options")["data"]
    assert wide["line_items"]["physical_items"][0]["options"][0]["value"] == "Blue"
    assert cart["id"] in wide["redirect_urls"]["checkout_url"]


def test_a_carts_events(api: Api, receiver: Receiver) -> None:
    subscribe(api, "store/cart/*", receiver.url)
    subscribe(api, "store/channel/2/cart/*", receiver.url)
    cart = cart_of(api, channel_id=2)
    line = cart["line_items"]["physical_items"][0]
    assert api("DELETE", f"/v3/carts/{cart['id']}/items/{line['id']}").status_code == 204
    receiver.wait(12)
    got = Counter(event["scope"] for event in events(receiver))
    ours = {"created": 1, "updated": 2, "deleted": 1, "lineItem/created": 1, "lineItem/deleted": 1}
    assert got == {f"store/{where}cart/{name}": n for where in ("", "channel/2/") for name, n in ours.items()}
    data = {event["scope"]: event["data"] for event in events(receiver)}
    assert data["store/cart/deleted"] == {"type": "cart", "id": cart["id"]}
    item = {"type": "cart_line_item", "id": line["id"], "cartId": cart["id"]}
    assert data["store/cart/lineItem/created"] == item
    assert data["store/channel/2/cart/lineItem/created"] == {"cart_id": cart["id"], "cart_item_id": line["id"]}
    assert api("GET", f"/v3/carts/{cart['id']}").status_code == 404


def test_a_quiet_cart_is_abandoned_by_itself(receiver: Receiver) -> None:
    api = Api(create_app(Options(limits=False, speed=3600 / 0.2)).test_client())
    subscribe(api, "store/cart/abandoned", receiver.url)
    cart = cart_of(api, customer_id=1)
    receiver.wait(1)
    data = events(receiver)[0]["data"]
    assert (data["type"], data["id"], len(data["token"])) == ("cart", cart["id"], 32)
    assert api.get(f"/v3/abandoned-carts/{data['token']}")["data"] == {"cart_id": cart["id"]}
    assert api("GET", "/v3/abandoned-carts/unknown").status_code == 404
    api.post(f"/v3/carts/{cart['id']}/items", {"line_items": [{"product_id": 2, "quantity": 1}]})
    receiver.wait(2)  # quiet again after a change: abandoned again


def test_a_cart_gone_in_time_is_not_abandoned() -> None:
    api = Api(create_app(Options(limits=False)).test_client())
    api.client.post("/_sandbox/settings", json={"abandoned_after_s": 0.1})
    kept, gone = cart_of(api), cart_of(api)
    api("DELETE", f"/v3/carts/{gone['id']}")

    def abandoned() -> list[str]:
        return [row["cart_id"] for row in api.client.get("/_sandbox/records/abandoned_carts").get_json()]

    until(lambda: kept["id"] in abandoned())
    assert abandoned() == [kept["id"]]


def test_shoppers_with_and_without_an_email(api: Api, client: FlaskClient) -> None:
    assert shopper(client)["email"] == ""
    guest = shopper(client, email="guest@shopper.example", currency="EUR", channel_id=2)
    assert (guest["customer_id"], guest["email"], guest["channel_id"]) == (0, "guest@shopper.example", 2)
    assert (guest["currency"], guest["cart_amount"]) == ({"code": "EUR"}, 10.47)  # 8.95 x 1.17
    assert shopper(client, customer_id=3)["email"] == "chloe.lefevre@shopper.example"
    typed = client.put(f"/_sandbox/carts/{shopper(client)['id']}", json={"email": "late@shopper.example"}).get_json()
    assert api.get(f"/v3/carts/{typed['id']}")["data"]["email"] == "late@shopper.example"
    assert cart_of(api, email="no@shopper.example")["email"] == ""  # the API cannot type it
    assert len(client.get("/_sandbox/records/carts").get_json()) == 5
    assert client.post("/_sandbox/carts", json={"line_items": []}).status_code == 422
    assert api("POST", "/v3/carts", {"customer_id": 99, "line_items": [{"product_id": 1}]}).status_code == 422


def test_a_converted_cart_is_an_order_in_its_currency_and_channel(
    api: Api, client: FlaskClient, receiver: Receiver
) -> None:
    subscribe(api, "store/cart/converted", receiver.url)
    lines = [{"product_id": 1, "quantity": 2}]
    extra = [{"name": "Engraving", "quantity": 1, "list_price": 900}]
    cart = shopper(client, email="kei@shopper.example", currency="JPY", line_items=lines, custom_items=extra)
    assert cart["cart_amount"] == 2 * 1745 + 900  # 8.95 x 195, in whole yen
    order = client.post(f"/_sandbox/carts/{cart['id']}/convert").get_json()
    assert (order["cart_id"], order["total_inc_tax"], order["default_currency_code"]) == (
        cart["id"],
        "4390.0000",
        "JPY",
    )
    assert (order["order_source"], order["billing_address"]["email"]) == ("www", "kei@shopper.example")
    assert [row["id"] for row in api.get(f"/v2/orders?cart_id={cart['id']}")] == [order["id"]]
    receiver.wait(1)
    assert events(receiver)[0]["data"] == {"type": "cart", "id": cart["id"], "orderId": order["id"]}
    assert client.post(f"/_sandbox/carts/{cart['id']}/convert").status_code == 404


def test_a_customers_cart_is_billed_to_their_address(api: Api, client: FlaskClient) -> None:
    cart = shopper(client, customer_id=4, channel_id=2)
    order = client.post(f"/_sandbox/carts/{cart['id']}/convert", json={"payment_method": "Cash"}).get_json()
    assert (order["customer_id"], order["channel_id"], order["payment_method"]) == (4, 2, "Cash")
    address = order["billing_address"]
    assert (address["street_1"], address["country_iso2"]) == ("Lindenweg 7", "DE")
    other = shopper(client, email="x@shopper.example")
    order = client.post(f"/_sandbox/carts/{other['id']}/convert", json={"billing_address": BILLING}).get_json()
    assert order["billing_address"]["email"] == "ada@shopper.example"


def test_a_checkout_by_api_makes_an_incomplete_order(api: Api) -> None:
    cart = cart_of(api, customer_id=1)
    order_id = api.post(f"/v3/checkouts/{cart['id']}/orders", {})["data"]["id"]
    order = api.get(f"/v2/orders/{order_id}")
    assert (order["status_id"], order["cart_id"], order["order_source"]) == (0, cart["id"], "checkout_api")
    assert api("GET", f"/v3/carts/{cart['id']}").status_code == 404
