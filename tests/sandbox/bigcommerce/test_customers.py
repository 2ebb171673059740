"""Customers, addresses, attributes, groups and metafields."""

from __future__ import annotations

from flask.testing import FlaskClient

from .conftest import Api, Json, Receiver, events, installed, subscribe


def person(number: int, **more: object) -> Json:
    """A new customer."""
    return {"email": f"p{number}@shopper.example", "first_name": f"P{number}", "last_name": "Test", **more}


ADDRESS = {
    "first_name": "A",
    "last_name": "B",
    "address1": "1 Road",
    "city": "Leeds",
    "country_code": "GB",
    "state_or_province": "West Yorkshire",
    "postal_code": "LS1 1AA",
}


def test_the_eleventh_customer_of_a_batch_is_413(api: Api) -> None:
    assert len(api.post("/v3/customers", [person(n) for n in range(10)])["data"]) == 10
    assert api("POST", "/v3/customers", [person(n) for n in range(20, 31)]).status_code == 413


def test_a_bad_record_refuses_the_whole_batch(api: Api) -> None:
    taken = api("POST", "/v3/customers", [person(1), person(2, email="AMELIA.MARSH@shopper.example")])
    assert taken.status_code == 422
    assert ".customer_create" in taken.get_json()["errors"]
    nameless = api("POST", "/v3/customers", [person(1), person(2, last_name="")])
    assert nameless.get_json()["errors"] == {"1.last_name": "missing field"}
    assert api.get("/v3/customers?email:in=p1@shopper.example")["data"] == []


def test_customers_are_read_by_filters_not_by_path(api: Api) -> None:
    assert api("GET", "/v3/customers/1").status_code in (404, 405)
    assert api.get("/v3/customers?id:in=9999")["data"] == []
    assert [row["id"] for row in api.get("/v3/customers?id:in=2,5")["data"]] == [2, 5]
    assert [row["id"] for row in api.get("/v3/customers?email:in=Erin.ONeill@shopper.example")["data"]] == [5]
    assert [row["id"] for row in api.get("/v3/customers?name:like=mar")["data"]] == [1]
    assert api.get("/v3/customers?date_modified:min=2100-01-01")["data"] == []
    plain = api.get("/v3/customers?id:in=1")["data"][0]
    assert "addresses" not in plain
    wide = api.get("/v3/customers?id:in=1&include=addresses,storecredit")["data"][0]
    assert wide["addresses"][0]["country"] == "United Kingdom"
    assert wide["store_credit_amounts"] == [{"amount": 0.0}]


def test_customers_are_paged_by_cursor_too(api: Api) -> None:
    seen: list[int] = []
    path = "/v3/customers?limit=4"
    while True:
        body = api.get(path)
        seen += [row["id"] for row in body["data"]]
        cursors = body["meta"]["cursor_pagination"]
        if "next" not in cursors["links"]:
            break
        path = f"/v3/customers?limit=4&after={cursors['end_cursor']}"
    assert seen == [1, 2, 3, 4, 5, 6]
    assert "cursor_pagination" not in api.get("/v3/customers?limit=4&page=2")["meta"]


def test_update_and_delete(api: Api) -> None:
    changed = api.put("/v3/customers", [{"id": 1, "company": "New Name", "customer_group_id": 1}])["data"][0]
    assert (changed["company"], changed["customer_group_id"]) == ("New Name", 1)
    assert api("PUT", "/v3/customers", [{"id": 999, "company": "X"}]).status_code == 422
    assert api("DELETE", "/v3/customers").status_code == 204
    assert len(api.get("/v3/customers")["data"]) == 6
    assert api("DELETE", "/v3/customers?id:in=1").status_code == 204
    assert api.get("/v3/customers/addresses?customer_id:in=1")["data"] == []


def test_the_same_address_again_is_left_out_of_the_reply(api: Api) -> None:
    twins = [{**ADDRESS, "customer_id": 2}, {**ADDRESS, "customer_id": 2, "address1": "2 Road"}]
    assert len(api.post("/v3/customers/addresses", twins)["data"]) == 2
    again = api.post("/v3/customers/addresses", [{**ADDRESS, "customer_id": 2}])
    assert again["data"] == []
    second = api.get("/v3/customers/addresses?customer_id:in=2")["data"][-1]
    collides = api.put("/v3/customers/addresses", [{"id": second["id"], "address1": "1 Road"}])
    assert collides["data"] == []
    missing = api("POST", "/v3/customers/addresses", [{"customer_id": 2}])
    assert missing.get_json()["errors"]["0.city"] == "missing field"


def test_attribute_values_are_written_and_read_under_different_names(api: Api) -> None:
    attribute = api.post("/v3/customers/attributes", [{"name": "CRM id", "type": "string"}])["data"][0]
    value = {"attribute_id": attribute["id"], "customer_id": 3, "value": 7}
    for _ in range(2):
        api.put("/v3/customers/attribute-values", [value])
    rows = api.get("/v3/customers/attribute-values?customer_id:in=3")["data"]
    assert [row["attribute_value"] for row in rows] == ["7"]
    assert "value" not in rows[0]
    assert api.get("/v3/customers?id:in=3")["data"][0]["attribute_count"] == 1


def test_groups_are_v2_and_write_dates_without_zone(api: Api) -> None:
    group = api.post("/v2/customer_groups", {"name": "Gold"})
    assert len(group["date_created"]) == len("2023-07-17 06:30:41")
    assert [row["name"] for row in api.get("/v2/customer_groups?name:like=gol")] == ["Gold"]
    api.put("/v3/customers", [{"id": 1, "customer_group_id": group["id"]}])
    assert api("DELETE", f"/v2/customer_groups/{group['id']}").status_code == 204
    assert api.get("/v3/customers?id:in=1")["data"][0]["customer_group_id"] == 0


def test_metafields_are_unique_and_partial_success_is_422(api: Api) -> None:
    order_id = api.order()["id"]
    field = {"permission_set": "app_only", "namespace": "crm", "key": "id", "value": "006X"}
    made = api.post(f"/v3/orders/{order_id}/metafields", field)["data"]
    assert (made["resource_id"], made["owner_client_id"]) == (order_id, "sandbox-client")
    assert api("POST", f"/v3/orders/{order_id}/metafields", field).status_code == 409
    assert api("POST", f"/v3/orders/{order_id}/metafields", {**field, "key": "n", "value": 7}).status_code == 422
    batch = [{**field, "key": "a", "resource_id": order_id}, {**field, "key": "a", "resource_id": order_id}]
    answer = api("POST", "/v3/orders/metafields", batch)
    assert answer.status_code == 422
    assert answer.get_json()["meta"] == {"total": 2, "success": 1, "failed": 1}
    keys = [row["key"] for row in api.get(f"/v3/orders/{order_id}/metafields")["data"]]
    assert keys == ["id", "a"]
    customer = api.post("/v3/customers/1/metafields", {**field, "value": "003X"})["data"]
    assert api.put(f"/v3/customers/1/metafields/{customer['id']}", {"value": "003Y"})["data"]["value"] == "003Y"
    assert api("DELETE", f"/v3/customers/1/metafields/{customer['id']}").status_code == 204
    assert api("GET", "/v3/customers/99/metafields").status_code == 404


def test_form_fields_of_customers_and_addresses(api: Api) -> None:
    size, colours = {"name": "Shoe size", "value": 44}, {"name": "Colours", "value": ["red", "blue"]}
    made = api.post("/v3/customers", [person(1, form_fields=[size], addresses=[{**ADDRESS, "form_fields": [colours]}])])
    number = made["data"][0]["id"]
    assert "form_fields" not in api.get(f"/v3/customers?id:in={number}")["data"][0]
    api.put("/v3/customers", [{"id": number, "form_fields": [{**size, "value": 45}, {"name": "Hat", "value": "M"}]}])
    wide = api.get(f"/v3/customers?id:in={number}&include=formfields,addresses")["data"][0]
    assert wide["form_fields"] == [{"name": "Shoe size", "value": 45}, {"name": "Hat", "value": "M"}]
    assert wide["addresses"][0]["form_fields"] == [colours]
    address_id = wide["addresses"][0]["id"]
    values = api.get(f"/v3/customers/form-field-values?address_id={address_id}")["data"]
    assert values == [{**colours, "address_id": address_id}]
    api.put("/v3/customers/form-field-values", [{"customer_id": number, "name": "Hat", "value": "L"}])
    found = api.get("/v3/customers/form-field-values?field_name=hat")["data"]
    assert found == [{"name": "Hat", "value": "L", "customer_id": number}]


def test_attributes_fire_only_from_the_control_panel(api: Api, client: FlaskClient, receiver: Receiver) -> None:
    attribute = api.post("/v3/customers/attributes", [{"name": "Tier", "type": "string"}])["data"][0]
    subscribe(api, "store/customer/*", receiver.url)
    written = {"attribute_id": attribute["id"], "customer_id": 3, "value": "A"}
    api.put("/v3/customers/attribute-values", [written])
    assert client.put("/_sandbox/customers/4/attributes", json={"Tier": "B"}).status_code == 200
    assert client.put("/_sandbox/customers/4/attributes", json={"Unknown": "B"}).status_code == 422
    receiver.wait(1)
    assert [event["data"] for event in events(receiver)] == [{"type": "customer", "id": 4}]
    wide = api.get("/v3/customers?id:in=3,4&include=attributes")["data"]
    assert [row["attributes"][0]["attribute_value"] for row in wide] == ["A", "B"]
    assert api("DELETE", f"/v3/customers/attributes?id:in={attribute['id']}").status_code == 204
    assert api.get("/v3/customers?id:in=3")["data"][0]["attribute_count"] == 0


def test_addresses_and_access_have_events_of_their_own(api: Api, receiver: Receiver) -> None:
    for scope in ("store/customer/address/*", "store/customer/updated", "store/customer/channel/login/access/updated"):
        subscribe(api, scope, receiver.url)
    row = api.post("/v3/customers/addresses", [{**ADDRESS, "customer_id": 2}])["data"][0]
    api.put("/v3/customers/addresses", [{"id": row["id"], "city": "York"}])
    api("DELETE", f"/v3/customers/addresses?id:in={row['id']}")
    api.put("/v3/customers", [{"id": 2, "channel_ids": [2]}])
    assert api("PUT", "/v3/customers", [{"id": 2, "channel_ids": [9]}]).status_code == 422
    receiver.wait(5)
    got = {event["scope"].removeprefix("store/customer/"): event["data"] for event in events(receiver)}
    address = {"type": "customer", "id": row["id"], "address": {"customer_id": 2}}
    assert got == {
        "address/created": address,
        "address/updated": address,
        "address/deleted": address,
        "updated": {"type": "customer", "id": 2},
        "channel/login/access/updated": {"customer_id": 2, "channel_ids": [2]},
    }


def test_metafields_of_others_are_read_or_written_as_they_permit(api: Api, client: FlaskClient) -> None:
    client.put("/_sandbox/app", json={"client_id": "another-app"})
    other = Api(client, installed(client, "store_v2_products"))
    path = "/v3/catalog/products/1/metafields"
    field = {"namespace": "crm", "value": "1"}
    made = {
        kind: api.post(path, {**field, "key": kind, "permission_set": kind})["data"]["id"]
        for kind in ("app_only", "read", "write")
    }
    assert [row["key"] for row in other.get(path)["data"]] == ["read", "write"]
    assert other("PUT", f"{path}/{made['app_only']}", {"value": "2"}).status_code == 404
    assert other("PUT", f"{path}/{made['read']}", {"value": "2"}).status_code == 403
    assert other("DELETE", f"{path}/{made['write']}").status_code == 204
    assert [row["key"] for row in api.get(path)["data"]] == ["app_only", "read"]


def test_metafields_go_with_their_record(api: Api, client: FlaskClient) -> None:
    field = {"namespace": "crm", "key": "id", "value": "1", "permission_set": "read"}
    for path in ("customers/6", "catalog/products/2"):
        api.post(f"/v3/{path}/metafields", field)
    api("DELETE", "/v3/customers?id:in=6")
    api("DELETE", "/v3/catalog/products/2")
    assert client.get("/_sandbox/records/metafields").get_json() == []
