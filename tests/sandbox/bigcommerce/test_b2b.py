"""B2B Edition: companies, their users and addresses."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.sandbox.bigcommerce import create_app
from app.sandbox.bigcommerce.state import B2B_SCOPE
from app.sandbox.kit import Options

from .conftest import B2B, Api, Json, Receiver, events, installed, subscribe

PLACE = {"addressLine1": "1 Dock Road", "city": "Hull", "state": "East Riding", "zipCode": "HU1 1AA"}


def company(number: int = 1, /, **more: Any) -> Json:
    """A new company."""
    admin = {"adminFirstName": "Ann", "adminLastName": f"N{number}", "adminEmail": f"ann{number}@firm.example"}
    office = {"companyEmail": f"office{number}@firm.example", "companyPhone": "+44 1", "country": "United Kingdom"}
    return {"companyName": f"Firm {number}", **office, **admin, **more}


def test_the_demo_has_companies_in_their_envelope(b2b: B2B) -> None:
    body = b2b.get("/companies?limit=2")
    assert (body["code"], body["meta"]["message"]) == (200, "SUCCESS")
    assert body["meta"]["pagination"] == {"totalCount": 3, "limit": 2, "offset": 0}
    assert len(body["data"]) == 2
    waiting = b2b.get("/companies?companyStatus=0")["data"]
    assert [(row["companyName"], row["companyStatus"]) for row in waiting] == [("Haddad Gifts", "0")]
    assert "extraFields" not in waiting[0]
    assert b2b.get("/companies?customerId=4")["data"][0]["companyName"] == "Voß Geschenke GmbH"
    assert b2b.get("/users/customer/1")["data"]["companyId"] == b2b.get("/companies?q=marsh")["data"][0]["companyId"]


def test_a_company_brings_its_admin_who_becomes_a_customer(api: Api, b2b: B2B, receiver: Receiver) -> None:
    for scope in ("store/company/*", "store/customer/created"):
        subscribe(api, scope, receiver.url)
    fields = [{"fieldName": "VAT", "fieldValue": "GB1"}]
    made = b2b.post("/companies", company(customerGroupId=1, extraFields=fields, **PLACE))["data"]
    customer = api.get(f"/v3/customers?id:in={made['customerId']}")["data"][0]
    assert (customer["email"], customer["company"], customer["customer_group_id"]) == ("ann1@firm.example", "Firm 1", 1)
    shown = b2b.get(f"/companies/{made['companyId']}")["data"]
    assert (shown["companyStatus"], shown["bcGroupId"], shown["bcGroupName"]) == ("1", 1, "Trade")
    assert shown["extraFields"] == fields
    assert shown["updatedAt"].isdigit()
    user = b2b.get(f"/users?companyId={made['companyId']}")["data"][0]
    assert (user["email"], user["role"], user["customerId"]) == ("ann1@firm.example", 0, made["customerId"])
    address = b2b.get(f"/addresses?companyId={made['companyId']}")["data"][0]
    assert (address["city"], address["isDefaultBilling"]) == ("Hull", True)
    receiver.wait(4)
    got = {event["scope"]: event["data"] for event in events(receiver)}
    assert got == {
        "store/company/created": {"company_id": made["companyId"]},
        "store/company/user/created": {"company_id": made["companyId"], "user_id": user["id"]},
        "store/company/address/created": {"company_id": made["companyId"], "address_id": address["addressId"]},
        "store/customer/created": {"type": "customer", "id": made["customerId"]},
    }


def test_a_companys_life(api: Api, b2b: B2B, receiver: Receiver) -> None:
    made = b2b.post("/companies", company())["data"]
    number = made["companyId"]
    subscribe(api, "store/company/*", receiver.url)
    b2b.put(f"/companies/{number}", {"companyName": "Firm One", "customerGroupId": 1})
    b2b.put(f"/companies/{number}/status", {"companyStatus": 3})
    assert b2b.get(f"/companies/{number}")["data"]["companyStatus"] == "3"
    assert api.get(f"/v3/customers?id:in={made['customerId']}")["data"][0]["customer_group_id"] == 1
    assert b2b("DELETE", f"/companies/{number}").get_json() == {"code": 200, "data": {}, "meta": {"message": "SUCCESS"}}
    gone = b2b("GET", f"/companies/{number}")
    assert (gone.status_code, gone.get_json()["code"]) == (404, 404)
    assert b2b.get(f"/users?companyId={number}")["data"] == []
    assert len(api.get(f"/v3/customers?id:in={made['customerId']}")["data"]) == 1
    receiver.wait(3)
    assert {event["scope"] for event in events(receiver)} == {
        f"store/company/{name}" for name in ("updated", "statusUpdated", "deleted")
    }


def test_bulk_is_ten_and_tells_nobody_of_the_companies(api: Api, b2b: B2B, receiver: Receiver) -> None:
    assert b2b("POST", "/companies/bulk", [company(n) for n in range(11)]).status_code == 413
    subscribe(api, "store/company/created", receiver.url)
    subscribe(api, "store/company/updated", receiver.url)
    made = b2b.post("/companies/bulk", [company(n) for n in range(10)])["data"]
    assert len(made) == 10
    b2b.put("/companies/bulk", [{"companyId": made[0]["companyId"], "companyPhone": "+44 9"}])
    receiver.wait(1)
    assert [event["scope"] for event in events(receiver)] == ["store/company/updated"]
    assert b2b("PUT", "/companies/bulk", [{"companyId": 999}]).status_code == 404


def test_what_is_missing_or_taken_is_named(b2b: B2B) -> None:
    bad = b2b("POST", "/companies", {"companyName": "Firm"})
    assert bad.status_code == 422
    assert set(bad.get_json()["data"]["errMsg"]) >= {"companyEmail", "adminEmail"}
    taken = b2b("POST", "/companies", company(adminEmail="AMELIA.MARSH@shopper.example"))
    assert "email" in taken.get_json()["data"]["errMsg"]
    assert b2b("POST", "/companies", company(customerGroupId=77)).status_code == 422
    assert b2b("PUT", "/companies/1/status", {"companyStatus": 9}).status_code == 422


def test_users_are_customers(api: Api, b2b: B2B, receiver: Receiver) -> None:
    subscribe(api, "store/company/user/*", receiver.url)
    subscribe(api, "store/customer/updated", receiver.url)
    body = {"firstName": "B", "lastName": "K", "email": "bashir.khan@shopper.example", "companyId": 1, "role": 2}
    made = b2b.post("/users", {**body, "channelIds": [1]})["data"]
    assert made["bcId"] == 2  # the customer there was
    assert "companyId" in b2b("POST", "/users", {**body, "companyId": 99}).get_json()["data"]["errMsg"]
    assert b2b("POST", "/users", body).status_code == 422  # in a company already
    changed = b2b.put(f"/users/{made['userId']}", {"lastName": "Khan-Lee", "role": 1})["data"]
    assert (changed["lastName"], changed["companyRoleName"]) == ("Khan-Lee", "Senior buyer")
    assert api.get("/v3/customers?id:in=2")["data"][0]["last_name"] == "Khan-Lee"
    assert [row["id"] for row in b2b.get("/users?email=bashir.khan@shopper.example&roles=1")["data"]] == [
        made["userId"]
    ]
    assert b2b("DELETE", f"/users/{made['userId']}").get_json()["data"] == {"userId": made["userId"]}
    assert b2b("GET", "/users/customer/2").status_code == 404
    receiver.wait(4)
    assert {event["scope"].removeprefix("store/") for event in events(receiver)} == {
        "company/user/created",
        "company/user/updated",
        "company/user/deleted",
        "customer/updated",
    }


def test_filters_by_time(b2b: B2B) -> None:
    later = int(b2b.get("/companies/1")["data"]["updatedAt"]) + 100
    assert b2b.get(f"/companies?minModified={later}")["data"] == []
    assert len(b2b.get(f"/companies?maxModified={later}")["data"]) == 3
    names = [row["companyName"] for row in b2b.get("/companies?sortBy=companyName&orderBy=ASC")["data"]]
    assert names == ["Haddad Gifts", "Marsh Interiors", "Voß Geschenke GmbH"]


def test_its_own_150_a_minute() -> None:
    client = create_app(Options()).test_client()
    calls = [B2B(client)("GET", "/companies") for _ in range(151)]
    assert [call.status_code for call in calls[149:]] == [200, 429]
    assert (calls[0].headers["X-Requests-Allocated"], calls[0].headers["X-Requests-Remaining"]) == ("150", "149")
    assert calls[150].headers["X-Requests-Remaining"] == "0"
    assert calls[150].get_json()["code"] == 429
    assert float(calls[150].headers["X-Request-Window-Resets-After"].removesuffix(" s")) <= 60
    assert Api(client)("GET", "/v2/time").headers["X-Rate-Limit-Requests-Left"] == "149"  # the other quota is whole
    assert client.get("/_sandbox/calls").get_json()["count"] == 152


@pytest.mark.parametrize(("headers", "status"), [({"X-Auth-Token": "x"}, 401), ({"X-Store-Hash": "x"}, 500)])
def test_wrong_headers(b2b: B2B, headers: dict[str, str], status: int) -> None:
    refused = b2b("GET", "/companies", **headers)
    assert (refused.status_code, refused.get_json()["code"]) == (status, status)


def test_only_where_it_is_enabled_and_granted(client: FlaskClient, b2b: B2B) -> None:
    client.post("/_sandbox/settings", json={"b2b": False})
    assert b2b("GET", "/companies").status_code == 403
    empty = create_app(Options(seed="empty")).test_client()
    assert B2B(empty)("GET", "/companies").status_code == 403


def test_its_events_need_its_scope(client: FlaskClient, receiver: Receiver) -> None:
    for path, scopes in (("/without", "store_v2_orders"), ("/with", f"store_v2_orders {B2B_SCOPE}")):
        token = installed(client, scopes)
        subscribe(Api(client, token), "store/company/*", receiver.url + path)
        assert B2B(client, token)("GET", "/companies").status_code == (403 if path == "/without" else 200)
    applied = client.post("/_sandbox/companies", json=company()).get_json()
    assert applied["companyStatus"] == "0"
    receiver.wait(2)
    assert {event["data"]["company_id"] for event in events(receiver)} == {applied["companyId"]}
    assert client.get("/_sandbox/webhooks").get_json()["queued"] == 0
    assert len(client.get("/_sandbox/records/companies").get_json()) == 4
    assert len(client.get("/_sandbox/records/company_users").get_json()) == 4
