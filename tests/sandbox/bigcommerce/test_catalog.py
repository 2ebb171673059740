"""Products, variants, categories, stock and carts."""

from __future__ import annotations

from flask.testing import FlaskClient

from .conftest import BILLING, Api, Json, until


def thing(name: str, **more: object) -> Json:
    """A new product."""
    return {"name": name, "type": "physical", "weight": 1, "price": 5, **more}


def test_a_simple_product_has_a_base_variant(api: Api) -> None:
    product = api.post("/v3/catalog/products", thing("Bell", sku="BEL-1"))["data"]
    assert product["base_variant_id"] == product["variants"][0]["id"]
    assert (product["variants"][0]["sku"], product["variants"][0]["price"]) == ("BEL-1", None)
    assert product["variants"][0]["sku_id"] is None
    api.put(f"/v3/catalog/products/{product['id']}", {"sku": "BEL-2", "price": 6})
    variant = api.get("/v3/catalog/variants?sku=BEL-2")["data"][0]
    assert (variant["product_id"], variant["calculated_price"]) == (product["id"], 6.0)
    assert api.get("/v3/catalog/variants?sku=BEL-1")["data"] == []


def test_names_and_skus_are_unique(api: Api) -> None:
    api.post("/v3/catalog/products", thing("Bell", sku="BEL-1"))
    assert api("POST", "/v3/catalog/products", thing("bell")).status_code == 409
    assert api("POST", "/v3/catalog/products", thing("Gong", sku="BEL-1")).status_code == 409
    missing = api("POST", "/v3/catalog/products", {"name": "Gong"})
    assert missing.get_json()["errors"].keys() == {"type", "weight", "price"}


def test_batches_have_their_limits(api: Api) -> None:
    assert api("PUT", "/v3/catalog/products", [{"id": 1}] * 11).status_code == 413
    assert api("PUT", "/v3/catalog/variants", [{"id": 1}] * 51).status_code == 413
    changed = api.put("/v3/catalog/products", [{"id": 1, "price": 1.5}, {"id": 2, "price": 2.5}])["data"]
    assert [row["price"] for row in changed] == [1.5, 2.5]
    bad = api("PUT", "/v3/catalog/variants", [{"id": 9999}])
    assert (bad.status_code, bad.get_json()["batch_errors"][0]["status"]) == (422, 422)


def test_lists_are_filtered_and_cut(api: Api) -> None:
    rows = api.get("/v3/catalog/products?id:in=3,1&include_fields=name,sku")["data"]
    assert [row.keys() for row in rows] == [{"id", "name", "sku"}] * 2
    assert [row["id"] for row in api.get("/v3/catalog/products?sku:in=kit-002,GAR-001")["data"]] == [2, 5]
    assert [row["id"] for row in api.get("/v3/catalog/products?price:min=18&sort=price")["data"]] == [9, 12, 6]
    assert [row["id"] for row in api.get("/v3/catalog/products?categories:in=3")["data"]] == [8, 9]
    assert len(api.get("/v3/catalog/products?date_modified:min=2020-01-01T00:00:00Z")["data"]) == 12
    assert api.get("/v3/catalog/products?date_modified:min=2100-01-01T00:00:00Z")["data"] == []
    options = api.get("/v3/catalog/products/12?include=variants,options")["data"]
    assert [value["label"] for value in options["options"][0]["option_values"]] == ["Blue", "Natural", "Red"]
    assert api("GET", "/v3/catalog/products/1/images").status_code == 204
    assert api("DELETE", "/v3/catalog/products").status_code == 422


def test_a_batch_is_checked_first_and_saved_in_part(api: Api) -> None:
    clash = [{"id": 1, "price": 1}, {"id": 2, "name": "Enamel Tea Caddy"}]
    assert api("PUT", "/v3/catalog/products", clash).status_code == 409
    assert api.get("/v3/catalog/products/1")["data"]["price"] == 8.95
    part = api("PUT", "/v3/catalog/products", [{"id": 1, "price": 2, "inventory_level": -1}, {"id": 2, "price": 3}])
    assert (part.status_code, part.get_json()["errors"]["errors"].keys()) == (207, {"inventory_level"})
    assert [(row["price"], row["inventory_level"]) for row in part.get_json()["data"]] == [(2, 100), (3, 100)]


def test_categories(api: Api) -> None:
    made = api("POST", "/v3/catalog/trees/categories", [{"name": "Sale", "tree_id": 1}])
    assert (made.status_code, made.get_json()["data"][0]["name"]) == (201, "Sale")
    assert api("POST", "/v3/catalog/trees/categories", [{"name": "Lost"}]).status_code == 422
    assert len(api.get("/v3/catalog/trees/categories")["data"]) == 5


def test_stock_changes_a_moment_later(api: Api) -> None:
    item = {"location_id": 1, "sku": "KIT-001", "quantity": 7}
    moved = api("PUT", "/v3/inventory/adjustments/absolute", {"items": [item]})
    assert moved.get_json().keys() == {"transaction_id"}

    def level() -> int:
        row = api.get("/v3/inventory/items?sku:in=KIT-001")["data"][0]
        return int(row["locations"][0]["available_to_sell"])

    assert level() == 100
    until(lambda: level() == 7)
    short = api("POST", "/v3/inventory/adjustments/relative", {"items": [{**item, "quantity": -8}]})
    assert (short.status_code, short.mimetype) == (422, "application/problem+json")


def test_an_order_takes_from_the_stock(api: Api) -> None:
    variant = api.get("/v3/catalog/variants?sku=KIT-010-B")["data"][0]
    api.order({"product_id": 1, "quantity": 30}, {"product_id": 12, "variant_id": variant["id"], "quantity": 5})
    assert api.get("/v3/catalog/products/1")["data"]["inventory_level"] == 70
    assert api.get("/v3/catalog/variants?sku=KIT-010-B")["data"][0]["inventory_level"] == 15


def test_a_cart_becomes_an_order_and_is_gone(api: Api, client: FlaskClient) -> None:
    cart = api.post("/v3/carts", {"customer_id": 1, "line_items": [{"product_id": 1, "quantity": 2}]})["data"]
    assert (cart["cart_amount"], cart["email"]) == (17.9, "amelia.marsh@shopper.example")
    token = client.post(f"/_sandbox/carts/{cart['id']}/abandon").get_json()["token"]
    assert api.get(f"/v3/abandoned-carts/{token}")["data"] == {"cart_id": cart["id"]}
    body = {"billing_address": BILLING}
    order = client.post(f"/_sandbox/carts/{cart['id']}/convert", json=body).get_json()
    assert (order["cart_id"], order["total_inc_tax"], order["customer_id"]) == (cart["id"], "17.9000", 1)
    assert api("GET", f"/v3/carts/{cart['id']}").status_code == 404


def test_older_products_resource(api: Api) -> None:
    made = api("POST", "/v2/products", {"name": "Old", "type": "physical", "weight": "1", "price": "2.5"})
    assert (made.status_code, made.get_json()["price"]) == (201, "2.5000")
    assert api.get("/v2/products/count")["count"] == 13
    assert api("POST", "/v2/products", {"name": "X", "price": "dear"}).status_code == 400
