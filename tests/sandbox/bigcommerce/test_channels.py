"""Channels, the category trees of storefronts, and what is listed where."""

from __future__ import annotations

from .conftest import Api, Receiver, events, subscribe

TREES = "/v3/catalog/trees"


def test_the_demo_has_two_storefronts(api: Api) -> None:
    rows = api.get("/v3/channels?type:in=storefront")["data"]
    assert [(row["id"], row["name"], row["status"]) for row in rows] == [
        (1, "Sandbox Gifts", "active"),
        (2, "Sandbox Trade", "active"),
    ]
    assert api.get("/v2/store")["features"]["storefront_limits"]["active"] == 2
    wide = api.get("/v3/channels?include=currencies")["data"][0]["currencies"]
    assert (wide["default_currency"], len(wide["enabled_currencies"])) == ("GBP", 5)
    assert [tree["channels"] for tree in api.get(TREES)["data"]] == [[1], [2]]


def test_channels_change(api: Api, receiver: Receiver) -> None:
    subscribe(api, "store/channel/updated", receiver.url)
    made = api.post("/v3/channels", {"name": "Till", "type": "pos", "platform": "custom"})["data"]
    api.put(f"/v3/channels/{made['id']}", {"status": "archived"})
    assert [row["id"] for row in api.get("/v3/channels?available=false")["data"]] == [made["id"]]
    assert api.get("/v3/channels?platform:in=custom&status:in=active")["data"] == []
    bad = api("POST", "/v3/channels", {"name": "X", "type": "shop", "platform": "custom"})
    assert bad.status_code == 422
    assert api("POST", "/v3/channels", {"name": "X"}).get_json()["errors"].keys() == {"type", "platform"}
    receiver.wait(1)
    assert events(receiver)[0]["data"] == {"type": "channel", "id": made["id"]}


def test_categories_form_trees(api: Api) -> None:
    mugs = api.post(f"{TREES}/categories", [{"name": "Mugs", "parent_id": 1}])["data"][0]
    assert (mugs["tree_id"], mugs["parent_id"], mugs["url"]["path"]) == (1, 1, "/kitchen/mugs/")
    trade = api.post(f"{TREES}/categories", [{"name": "Kitchen", "tree_id": 2}])["data"][0]
    branches = api.get(f"{TREES}/1/categories")["data"]
    assert [row["name"] for row in branches] == ["Kitchen", "Garden", "Toys", "Stationery"]
    assert [row["name"] for row in branches[0]["children"]] == ["Mugs"]
    assert [row["category_id"] for row in api.get(f"{TREES}/categories?tree_id:in=2")["data"]] == [trade["category_id"]]
    assert len(api.get(f"{TREES}/categories?parent_id:in=0&keyword=kit")["data"]) == 2
    twin = api("POST", f"{TREES}/categories", [{"name": "KITCHEN", "tree_id": 1}])
    assert twin.status_code == 409
    inside_itself = [{"category_id": 1, "parent_id": mugs["category_id"]}]
    assert api("PUT", f"{TREES}/categories", inside_itself).status_code == 422
    moved = [{"category_id": 1, "parent_id": trade["category_id"], "name": "Old kitchen"}]
    assert api("PUT", f"{TREES}/categories", moved).status_code == 204
    assert len(api.get(f"{TREES}/categories?tree_id:in=2")["data"]) == 3
    assert api("GET", f"{TREES}/9/categories").status_code == 404


def test_a_category_goes_with_all_below_it_and_its_products_stay(api: Api, receiver: Receiver) -> None:
    api.post(f"{TREES}/categories", [{"name": "Mugs", "parent_id": 1}])
    subscribe(api, "store/category/deleted", receiver.url)
    subscribe(api, "store/channel/1/category/deleted", receiver.url)
    assert api("DELETE", f"{TREES}/categories").status_code == 422
    assert api("DELETE", f"{TREES}/categories?category_id:in=1").status_code == 204
    assert api.get("/v3/catalog/products/1")["data"]["categories"] == []
    receiver.wait(4)
    data = [event["data"] for event in events(receiver)]
    assert {"type": "category", "id": 1} in data
    assert {"category_id": 5, "tree_id": 1} in data


def test_products_in_channels_and_categories(api: Api, receiver: Receiver) -> None:
    for scope in ("store/channel/2/product/*", "store/channel/1/category/product/*", "store/product/updated"):
        subscribe(api, scope, receiver.url)
    path = "/v3/catalog/products"
    assert api("PUT", f"{path}/channel-assignments", [{"product_id": 1, "channel_id": 2}]).status_code == 204
    assert [row["id"] for row in api.get(f"{path}?channel_id:in=2")["data"]] == [1]
    assert api.get(f"{path}/1?include=channels")["data"]["channels"] == [1, 2]
    assert api("DELETE", f"{path}/channel-assignments?channel_id:in=2").status_code == 204
    assert api("DELETE", f"{path}/channel-assignments").status_code == 422
    api("PUT", f"{path}/category-assignments", [{"product_id": 1, "category_id": 3}])
    pairs = api.get(f"{path}/category-assignments?product_id:in=1")["data"]
    assert pairs == [{"product_id": 1, "category_id": 1}, {"product_id": 1, "category_id": 3}]
    api.put(f"{path}/1", {"categories": [3]})
    assert api("PUT", f"{path}/1", {"categories": [99]}).status_code == 409
    receiver.wait(6)
    got = sorted(event["scope"] for event in events(receiver))
    assert got == [
        "store/channel/1/category/product/assigned",
        "store/channel/1/category/product/unassigned",
        "store/channel/2/product/assigned",
        "store/channel/2/product/unassigned",
        "store/product/updated",
        "store/product/updated",
    ]


def test_trees_are_written_by_batch(api: Api) -> None:
    made = api.put(TREES, [{"name": "New", "channels": [2]}])["data"][0]
    assert [tree["channels"] for tree in api.get(TREES)["data"]] == [[1], [], [2]]
    assert api.get(f"{TREES}?channel_id:in=2")["data"][0]["id"] == made["id"]
    assert api("DELETE", f"{TREES}?id:in=1").status_code == 422
    assert api("DELETE", f"{TREES}?id:in=2").status_code == 204
    assert len(api.get(TREES)["data"]) == 2
