"""Customer groups: V2 only."""

from __future__ import annotations

from flask.testing import FlaskClient

from .conftest import Api, Receiver, events, subscribe


def test_a_groups_life(api: Api) -> None:
    rules = [{"type": "all", "method": "percent", "amount": "10.0000"}]
    gold = api.post("/v2/customer_groups", {"name": "Gold", "is_default": True, "discount_rules": rules})
    assert (gold["discount_rules"], gold["category_access"]) == (rules, {"type": "all"})
    silver = api.post("/v2/customer_groups", {"name": "Silver", "is_default": True})
    assert api.get(f"/v2/customer_groups/{gold['id']}")["is_default"] is False  # there is one default
    changed = api.put(f"/v2/customer_groups/{silver['id']}", {"name": "Platinum", "discount_rules": rules})
    assert (changed["name"], changed["discount_rules"]) == ("Platinum", rules)
    assert api("POST", "/v2/customer_groups", {"name": "gold"}).status_code == 409
    assert api("POST", "/v2/customer_groups", {}).get_json()[0]["status"] == 400
    assert api("DELETE", f"/v2/customer_groups/{gold['id']}").status_code == 204
    assert api("GET", f"/v2/customer_groups/{gold['id']}").status_code == 404


def test_filters_and_counts(api: Api) -> None:
    api.post("/v2/customer_groups", {"name": "Guests", "is_group_for_guests": True})
    assert [row["name"] for row in api.get("/v2/customer_groups?is_group_for_guests=true")] == ["Guests"]
    assert [row["name"] for row in api.get("/v2/customer_groups?name=trade")] == ["Trade"]
    assert len(api.get("/v2/customer_groups?date_created:min=2020-01-01")) == 2
    assert api("GET", "/v2/customer_groups?date_modified:max=2020-01-01T00:00:00Z").status_code == 204
    assert api.get("/v2/customer_groups/count")["count"] == 2
    assert api.get("/v2/customer_groups/count?name:like=gue")["count"] == 1


def test_a_group_is_saved_without_a_bad_discount(api: Api) -> None:
    alone = {"type": "price_list", "price_list_id": 1}
    other = {"type": "all", "method": "fixed", "amount": "1.0000"}
    half = api("POST", "/v2/customer_groups", {"name": "Half", "discount_rules": [alone, other]})
    assert (half.status_code, half.get_json()["status"]) == (207, 422)
    saved = api.get("/v2/customer_groups?name=half")[0]
    assert saved["discount_rules"] == []
    assert api.put(f"/v2/customer_groups/{saved['id']}", {"discount_rules": [alone]})["discount_rules"] == [alone]


def test_a_customers_new_group_is_told_a_groups_end_is_not(api: Api, receiver: Receiver) -> None:
    subscribe(api, "store/customer/updated", receiver.url)
    api.put("/v3/customers", [{"id": 2, "customer_group_id": 1}])
    assert [row["id"] for row in api.get("/v3/customers?customer_group_id:in=1")["data"]] == [2]
    assert api("PUT", "/v3/customers", [{"id": 3, "customer_group_id": 9}]).status_code == 422
    api("DELETE", "/v2/customer_groups/1")
    assert api.get("/v3/customers?id:in=2")["data"][0]["customer_group_id"] == 0
    api.put("/v3/customers", [{"id": 5, "notes": "the last"}])
    receiver.wait(2)
    assert sorted(event["data"]["id"] for event in events(receiver)) == [2, 5]


def test_not_every_plan_has_groups(client: FlaskClient, api: Api) -> None:
    assert client.post("/_sandbox/settings", json={"customer_groups": False}).get_json()["customer_groups"] is False
    assert api("GET", "/v2/customer_groups").status_code == 403
    client.post("/_sandbox/reset")
    assert len(api.get("/v2/customer_groups")) == 1
    assert client.post("/_sandbox/settings", json={"colour": 1}).status_code == 422
    assert client.post("/_sandbox/settings", json={"stock_delay_s": True}).status_code == 422
