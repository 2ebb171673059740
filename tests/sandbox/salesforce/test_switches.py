"""Custom fields, the org's switches, faults, limits, locks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.salesforce.conftest import DATA, Client


def test_custom_field_by_tooling(sf: Client) -> None:
    made = sf.add_field("Order", "BC_Id__c", externalId=True, unique=True)
    assert (made.status_code, made.get_json()["success"]) == (201, True)
    again = sf.refused(sf.add_field("Order", "BC_Id__c"))
    assert again["errorCode"] == "DUPLICATE_DEVELOPER_NAME"
    found = sf.query("SELECT Id, DeveloperName FROM CustomField WHERE TableEnumOrId = 'Order'", "tooling/query")
    assert [row["DeveloperName"] for row in found["records"]] == ["BC_Id"]
    entity = sf.query("SELECT KeyPrefix FROM EntityDefinition WHERE QualifiedApiName = 'Order'", "tooling/query")
    assert entity["records"][0]["KeyPrefix"] == "801"


@pytest.mark.parametrize(
    ("name", "meta", "code"),
    [
        ("Bad Name__c", {}, "INVALID_FULL_NAME"),
        ("NoSuffix", {}, "INVALID_FULL_NAME"),
        ("A__c", {"type": "Magic"}, "FIELD_INTEGRITY_EXCEPTION"),
        ("A__c", {"length": 300}, "FIELD_INTEGRITY_EXCEPTION"),
        ("A__c", {"type": "Checkbox", "unique": True}, "FIELD_INTEGRITY_EXCEPTION"),
        ("A__c", {"label": ""}, "REQUIRED_FIELD_MISSING"),
    ],
)
def test_custom_field_refused(sf: Client, name: str, meta: dict[str, object], code: str) -> None:
    assert sf.refused(sf.add_field("Order", name, **meta))["errorCode"] == code


def test_custom_types_keep_their_values(sf: Client) -> None:
    values: dict[str, tuple[dict[str, Any], Any, Any]] = {
        "Money__c": ({"type": "Currency", "precision": 18, "scale": 2}, 1.005, 1.01),
        "Whole__c": ({"type": "Number", "precision": 6, "scale": 0}, "12", 12.0),
        "Flag__c": ({"type": "Checkbox", "defaultValue": "true"}, None, False),
        "Day__c": ({"type": "Date"}, "2026-01-02", "2026-01-02"),
        "When__c": ({"type": "DateTime"}, "2026-01-02T03:04:05+01:00", "2026-01-02T02:04:05.000+0000"),
        "Long__c": ({"type": "LongTextArea", "length": 1000}, "x\ny", "x\ny"),
        "Site__c": ({"type": "Url"}, "https://x.example", "https://x.example"),
    }
    for name, (meta, _, _) in values.items():
        assert sf.add_field("Account", name, **meta).status_code == 201
    made = sf.create("Account", Name="A", **{name: given for name, (_, given, _) in values.items()})
    row = sf.get(f"sobjects/Account/{made}")
    assert {name: row[name] for name in values} == {name: kept for name, (_, _, kept) in values.items()}


def test_lookup_field_relates_both_ways(sf: Client) -> None:
    sf.add_field("Case", "Order__c", type="Lookup", referenceTo="Order", relationshipName="Cases")
    order = sf.order(Name="Mine")
    sf.create("Case", Subject="S", Order__c=order)
    assert sf.rows("SELECT Order__r.Name FROM Case")[0]["Order__r"]["Name"] == "Mine"
    inner = sf.query("SELECT Id, (SELECT Subject FROM Cases__r) FROM Order")["records"][0]["Cases__r"]
    assert inner["records"][0]["Subject"] == "S"


def test_namespace_and_installed_fields(sf: Client) -> None:
    sf.switch(namespace="bcs")
    sf.add_key("Order", "BC_Id__c")
    metadata = {"type": "Text", "label": "Installed", "length": 20}
    body = {"object": "Order", "name": "other__X__c", "metadata": metadata}
    assert sf.http.post("/_sandbox/fields", json=body).status_code == 204
    fields = {f["name"] for f in sf.get("sobjects/Order/describe")["fields"]}
    assert {"bcs__BC_Id__c", "other__X__c"} <= fields
    assert "BC_Id__c" not in fields


def test_field_level_security(sf: Client) -> None:
    sf.switch(field_level_security=True)
    sf.add_key("Account", "BC_Id__c")
    hidden = sf.call("POST", "sobjects/Account", {"Name": "A", "BC_Id__c": "1"})
    assert sf.refused(hidden)["errorCode"] == "INVALID_FIELD"
    assert sf.refused(sf.add_field("Account", "BC_Id__c"))["errorCode"] == "DUPLICATE_DEVELOPER_NAME"
    parent = sf.rows("SELECT Id FROM PermissionSet WHERE Profile.Name = 'System Administrator'")[0]["Id"]
    permission = {"ParentId": parent, "SobjectType": "Account", "Field": "Account.BC_Id__c", "PermissionsRead": True}
    granted = sf.create("FieldPermissions", **permission, PermissionsEdit=True)
    sf.create("Account", Name="A", BC_Id__c="1")
    sf.delete("FieldPermissions", granted)
    assert "BC_Id__c" not in sf.stored("Account")[0]


def test_validation_rule_in_the_customers_words(sf: Client) -> None:
    rule = {"object": "Order", "where": "PoNumber = null AND Account.Name = 'Buyer'", "message": "PO please"}
    sf.switch(validation_rules=[{**rule, "field": "PoNumber"}])
    account = sf.create("Account", Name="Buyer")
    order = {"AccountId": account, "EffectiveDate": "2026-01-01", "Status": "Draft"}
    error = sf.refused(sf.call("POST", "sobjects/Order", order))
    assert error == {"message": "PO please", "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "fields": ["PoNumber"]}
    sf.create("Order", **order, PoNumber="1")


def test_daily_limit(sf: Client, sf_with: Callable[..., Client]) -> None:
    sf.switch(daily_limit=2)
    sf.get("limits")
    assert sf.get("limits")["DailyApiRequests"] == {"Max": 2, "Remaining": 0}
    refused = sf.call("GET", "limits")
    assert sf.refused(refused, 403)["errorCode"] == "REQUEST_LIMIT_EXCEEDED"
    assert refused.headers["Sforce-Limit-Info"] == "api-usage=2/2"
    assert "Retry-After" not in refused.headers
    unlimited = sf_with(limits=False)
    unlimited.switch(daily_limit=1, app_limit=1)
    unlimited.get("limits")
    assert "per-app-api-usage=2/1(appName=" in unlimited.call("GET", "limits").headers["Sforce-Limit-Info"]


def test_row_locks_in_every_api(sf: Client) -> None:
    order, entry = sf.order(), sf.entry()
    sf.http.post("/_sandbox/lock", json={"ids": [order[:15]], "times": 3})
    assert sf.refused(sf.patch("Order", order, Description="x"))["errorCode"] == "UNABLE_TO_LOCK_ROW"
    item = {"OrderId": order, "PricebookEntryId": entry, "Quantity": 1, "UnitPrice": 1}
    body = {"records": [{"attributes": {"type": "OrderItem"}, **item} for _ in range(3)]}
    made = sf.call("POST", "composite/sobjects", body).get_json()
    assert [row["success"] for row in made] == [False, False, True]
    assert made[0]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    sf.http.post("/_sandbox/lock", json={"object": "Order"})
    assert sf.delete("Order", order).status_code == 400
    assert sf.delete("Order", order).status_code == 204


def test_faults_speak_the_vendors_words(sf: Client) -> None:
    sf.http.post("/_sandbox/fail", json={"status": 503, "match": "/query"})
    assert sf.refused(sf.call("GET", "query?q=SELECT+Id+FROM+User"), 503)["errorCode"] == "SERVER_UNAVAILABLE"
    sf.http.post("/_sandbox/fail", json={"status": 500, "match": "/composite", "when": "after"})
    body = {"records": [{"attributes": {"type": "Account"}, "Name": "A"}]}
    assert sf.call("POST", "composite/sobjects", body).status_code == 500
    assert len(sf.stored("Account")) == 1  # done, though the answer was lost
    sf.http.post("/_sandbox/fail", json={"status": 400, "match": "/oauth2/token"})
    assert sf.http.post("/services/oauth2/token").get_json()["error"] == "invalid_grant"


def test_reset_and_calls(sf: Client) -> None:
    sf.switch(multi_currency=True)
    sf.create("Account", Name="A")
    last = sf.http.get("/_sandbox/calls").get_json()["calls"][-1]
    assert (last["method"], last["path"], last["status"]) == ("POST", f"{DATA}/sobjects/Account", 201)
    assert sf.http.post("/_sandbox/reset").status_code == 204
    assert sf.refused(sf.call("GET", "limits"), 401)["errorCode"] == "INVALID_SESSION_ID"
    sf.login()
    assert sf.stored("Account") == []
    assert sf.http.get("/_sandbox/org").get_json()["multi_currency"] is False
    assert sf.http.post("/_sandbox/org", json={"nonsense": 1}).status_code == 422
    assert sf.http.get("/_sandbox/records/Nope").status_code == 404


def test_demo_seed(sf_with: Callable[..., Client]) -> None:
    demo = sf_with(seed="demo")
    counts = {name: len(demo.stored(name)) for name in ("Account", "Contact", "Case", "User", "Pricebook2")}
    assert counts == {"Account": 3, "Contact": 3, "Case": 2, "User": 3, "Pricebook2": 1}


def test_pages_frame_the_panel_with_a_signed_request(sf_with: Callable[..., Client]) -> None:
    demo = sf_with(seed="demo")
    case = demo.stored("Case")[0]
    home = demo.http.get("/").text
    assert "/lightning/o/Order/list" in home
    listed = demo.http.get("/lightning/o/Case/list").text
    assert f"/lightning/r/Case/{case['Id']}/view" in listed
    page = demo.http.get(f"/lightning/r/Case/{case['Id']}/view").text
    assert 'action="http://localhost:8000/panels/salesforce"' in page
    demo.switch(canvas_url="http://127.0.0.1:9/panel")
    assert 'action="http://127.0.0.1:9/panel"' in demo.http.get(f"/lightning/r/Case/{case['Id']}/view").text
    assert demo.http.get("/lightning/r/Case/500000000000000/view").status_code == 404


def test_signed_request(sf_with: Callable[..., Client]) -> None:
    demo = sf_with(seed="demo")
    case = demo.stored("Case")[0]
    answer = demo.http.get(f"/_sandbox/signed_request?object=Case&id={case['Id']}").get_json()
    signature, payload = answer["signed_request"].split(".")
    expected = hmac.new(b"sandbox-secret", payload.encode(), hashlib.sha256).digest()
    assert base64.b64decode(signature) == expected
    context = json.loads(base64.b64decode(payload))
    assert context["algorithm"] == "HMACSHA256"
    record = context["context"]["environment"]["record"]
    assert (record["Id"], record["attributes"]["type"]) == (case["Id"], "Case")
    assert (record["ContactId"], record["SuppliedEmail"]) == (case["ContactId"], case["SuppliedEmail"])
    assert context["context"]["organization"]["organizationId"] == demo.stored("Organization")[0]["Id"]
    demo.token = context["client"]["oauthToken"]
    assert demo.get("limits")
    assert demo.http.get("/_sandbox/signed_request?object=Case&id=500000000000000").status_code == 404
