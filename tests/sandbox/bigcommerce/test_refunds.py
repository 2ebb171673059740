"""Refunds, transactions and shipments of orders."""

from __future__ import annotations

from .conftest import Api, Json, custom


def refund(api: Api, order_id: int, *items: Json) -> Json:
    """Quote and refund."""
    body = {"items": list(items)}
    quote = api.post(f"/v3/orders/{order_id}/payment_actions/refund_quotes", body)["data"]
    payments = quote["refund_methods"][0]
    made: Json = api.post(f"/v3/orders/{order_id}/payment_actions/refunds", {**body, "payments": payments})["data"]
    return made


def product(line: Json, quantity: int) -> Json:
    """A refund item of a line."""
    return {"item_type": "PRODUCT", "item_id": line["id"], "quantity": quantity}


def test_refunds_of_a_discounted_line_add_up_to_the_cent(api: Api) -> None:
    order = api.order(custom("Mug", 3, 10, 10), discount_amount="0.01")
    line = api.get(f"/v2/orders/{order['id']}/products")[0]
    amounts = [refund(api, order["id"], product(line, 1))["total_amount"] for _ in range(3)]
    assert round(sum(amounts), 2) == 29.99
    after = api.get(f"/v2/orders/{order['id']}")
    assert (after["status_id"], after["payment_status"], after["refunded_amount"]) == (4, "refunded", "0.0000")
    line = api.get(f"/v2/orders/{order['id']}/products")[0]
    assert (line["quantity_refunded"], line["is_refunded"], line["refund_amount"]) == (3, True, "0.0000")
    more = api("POST", f"/v3/orders/{order['id']}/payment_actions/refund_quotes", {"items": [product(line, 1)]})
    assert more.status_code == 422


def test_a_partial_refund_sets_its_status_and_has_tax(api: Api) -> None:
    order = api.order(custom("Mug", 2, 10, 12), base_shipping_cost="5")
    line = api.get(f"/v2/orders/{order['id']}/products")[0]
    address = api.get(f"/v2/orders/{order['id']}/shipping_addresses")[0]
    made = refund(
        api, order["id"], product(line, 1), {"item_type": "SHIPPING", "item_id": address["id"], "amount": 2.5}
    )
    assert (made["total_amount"], made["total_tax"], made["order_id"]) == (14.5, 2.0, order["id"])
    assert made["created"].endswith("+00:00")
    assert api.get(f"/v2/orders/{order['id']}")["status_id"] == 14
    assert api.get(f"/v3/orders/{order['id']}/transactions")["data"][0]["event"] == "refund"


def test_what_the_provider_declines_is_not_paid_back(api: Api) -> None:
    order_id = api.order(custom("Mug", 2, 10, 10))["id"]
    items = [{"item_type": "ORDER", "item_id": order_id, "amount": 4}]
    payments = [{"provider_id": "custom", "amount": 4, "offline": True}]
    body = {"items": items, "payments": payments, "declined": True}
    made = api.client.post(f"/_sandbox/orders/{order_id}/refunds", json=body).get_json()
    assert [(one["amount"], one["is_declined"]) for one in made["payments"]] == [(4.0, True)]
    assert api.get(f"/v2/orders/{order_id}")["status_id"] == 1
    whole = refund(api, order_id, {"item_type": "ORDER", "item_id": order_id, "amount": 20})
    assert whole["total_amount"] == 20.0
    assert api.get(f"/v2/orders/{order_id}")["status_id"] == 4


def test_parts_of_a_bundle_name_it(api: Api) -> None:
    address = {"first_name": "A", "last_name": "B", "zip": "LS1", "email": "a@mail.example"}
    products = [custom("Set", 1, 30, 30), {**custom("Part", 1, 0, 0), "part_of": 0}]
    body = {"billing_address": address, "products": products}
    order_id = api.client.post("/_sandbox/orders", json=body).get_json()["id"]
    bundle, part = api.get(f"/v2/orders/{order_id}/products")
    assert (bundle["parent_order_product_id"], bundle["is_bundled_product"]) == (None, False)
    assert (part["parent_order_product_id"], part["is_bundled_product"]) == (bundle["id"], True)


def test_payments_must_be_what_was_quoted(api: Api) -> None:
    order_id = api.order(custom("Mug", 1, 10, 10))["id"]
    items = [{"item_type": "ORDER", "item_id": order_id, "amount": 4}]
    path = f"/v3/orders/{order_id}/payment_actions/refunds"

    def status(provider: str, amount: float) -> int:
        body = {"items": items, "payments": [{"provider_id": provider, "amount": amount, "offline": True}]}
        return api("POST", path, body).status_code

    assert status("custom", 3) == 422
    assert status("storecredit", 4) == 422  # a guest has no store credit
    assert api.get(path)["data"] == []
    assert status("custom", 4) == 201
    items[0]["amount"] = 7
    assert status("custom", 7) == 422  # only 6 are left


def test_refunds_of_many_orders_come_in_one_list(api: Api) -> None:
    ids = [api.order(custom("Mug", 1, 10, 10))["id"] for _ in range(3)]
    made = [refund(api, number, {"item_type": "ORDER", "item_id": number, "amount": 1}) for number in ids]
    path = "/v3/orders/payment_actions/refunds"
    listed = api.get(f"{path}?order_id:in={ids[0]},{ids[2]}")["data"]
    assert [row["order_id"] for row in listed] == [ids[0], ids[2]]
    assert [row["id"] for row in api.get(f"{path}?id:in={made[1]['id']}")["data"]] == [made[1]["id"]]
    assert api.get(f"{path}?created:min=2100-01-01T00:00:00%2B00:00")["data"] == []
    assert len(api.get(f"{path}?created:max=2100-01-01T00:00:00Z&limit=2")["data"]) == 2
    assert api.get(f"{path}/{made[0]['id']}")["data"]["total_amount"] == 1.0


def test_no_transactions_is_204(api: Api) -> None:
    assert api("GET", f"/v3/orders/{api.order()['id']}/transactions").status_code == 204
    assert api("GET", "/v3/orders/9999/transactions").status_code == 404


def test_shipments_move_quantities_and_status(api: Api) -> None:
    order_id = api.order(custom("Mug", 2, 10, 10))["id"]
    line = api.get(f"/v2/orders/{order_id}/products")[0]
    address = api.get(f"/v2/orders/{order_id}/shipping_addresses")[0]

    def parcel(quantity: int) -> Json:
        items = [{"order_product_id": line["id"], "quantity": quantity}]
        texts = {"tracking_number": "RM1", "shipping_provider": "royalmail"}
        return {"order_address_id": str(address["id"]), "items": items, **texts}

    path = f"/v2/orders/{order_id}/shipments"
    first = api.post(path, parcel(1))
    assert first["generated_tracking_link"].endswith("RM1")
    assert api.get(f"/v2/orders/{order_id}")["status_id"] == 3
    assert api("POST", path, parcel(2)).status_code == 400
    second = api.post(path, parcel(1))
    order = api.get(f"/v2/orders/{order_id}")
    assert (order["status_id"], order["items_shipped"]) == (2, 2)
    linked = api.put(f"{path}/{second['id']}", {"tracking_link": "https://track.example/1"})
    assert linked["generated_tracking_link"] == ""
    assert api("PUT", f"{path}/{second['id']}", {"items": []}).status_code == 400
    assert api("DELETE", f"{path}/{second['id']}").status_code == 204
    order = api.get(f"/v2/orders/{order_id}")
    assert (order["status_id"], order["items_shipped"]) == (2, 1)  # it stays Shipped
    assert api.get(f"{path}/count")["count"] == 1
