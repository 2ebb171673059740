"""Single records over REST: values, ids, references, upserts, deletes, describe."""

from __future__ import annotations

from typing import Any

import pytest

from app.sandbox.salesforce.ids import checksum
from tests.sandbox.salesforce.conftest import DATA, Client


@pytest.mark.parametrize(
    ("id15", "expected"),
    [("001ZM000001n4n5", "YAA"), ("005x0000001SyyE", "AAS"), ("001xx000003DGWi", "AAO"), ("0" * 15, "AAA")],
)
def test_checksum_of_documented_ids(id15: str, expected: str) -> None:
    assert checksum(id15) == expected


@pytest.mark.parametrize(
    ("sobject", "values", "code", "message"),
    [
        ("Account", {}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]"),
        ("Account", {"Name": "x" * 256}, "STRING_TOO_LONG", "max length=255"),
        ("Account", {"Name": "A", "Nope": 1}, "INVALID_FIELD", "No such column 'Nope' on sobject of type Account"),
        ("Account", {"Name": "A", "Id": "001"}, "INVALID_FIELD", "The Id field should not be specified"),
        ("Account", {"Name": "A", "CreatedDate": "2026-01-01"}, "INVALID_FIELD_FOR_INSERT_UPDATE", "CreatedDate"),
        ("Account", {"Name": "A", "BillingAddress": "x"}, "INVALID_FIELD_FOR_INSERT_UPDATE", "BillingAddress"),
        ("Account", {"Name": "A", "ParentId": "nonsense"}, "MALFORMED_ID", "id value of incorrect type"),
        ("Account", {"Name": "A", "ParentId": "001dL0000009999"}, "INVALID_CROSS_REFERENCE_KEY", "invalid cross"),
        ("Account", {"Name": "A", "AnnualRevenue": 10**18}, "NUMBER_OUTSIDE_VALID_RANGE", "valid range"),
        ("Account", {"Name": 5}, "JSON_PARSER_ERROR", "VALUE_NUMBER"),
        ("Contact", {"LastName": "A", "Email": "not an address"}, "INVALID_EMAIL_ADDRESS", "not an address"),
        ("Contact", {"LastName": "A", "Birthdate": "31.12.2000"}, "JSON_PARSER_ERROR", "31.12.2000"),
        ("Lead", {"LastName": "A"}, "REQUIRED_FIELD_MISSING", "[Company]"),
        ("Opportunity", {"Name": "A"}, "REQUIRED_FIELD_MISSING", "[StageName, CloseDate]"),
        ("Organization", {"Name": "A"}, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "Organization"),
    ],
)
def test_refusals(sf: Client, sobject: str, values: dict[str, Any], code: str, message: str) -> None:
    error = sf.refused(sf.call("POST", f"sobjects/{sobject}", values))
    assert error["errorCode"] == code
    assert message in error["message"]


def test_record_round_trip(sf: Client) -> None:
    made = sf.call("POST", "sobjects/account/", {"name": "Café", "BillingCity": "Lyon", "BillingCountry": "France"})
    assert made.status_code == 201
    record_id = made.get_json()["id"]
    assert made.headers["Location"] == f"{DATA}/sobjects/Account/{record_id}"
    assert made.headers["Sforce-Limit-Info"] == "api-usage=1/103000"
    row = sf.get(f"/services//data//v66.0/sobjects/ACCOUNT/{record_id[:15]}/")
    assert row["attributes"] == {"type": "Account", "url": f"{DATA}/sobjects/Account/{record_id}"}
    assert (row["Id"], row["Name"], row["Phone"]) == (record_id, "Café", None)
    assert (row["BillingAddress"]["city"], row["BillingAddress"]["country"]) == ("Lyon", "France")
    assert row["CreatedDate"].endswith(".000+0000")
    assert sf.patch("Account", record_id, Phone="1", BillingCity="").status_code == 204
    some = sf.get(f"sobjects/Account/{record_id}?fields=phone,BillingCity")
    assert (some["Phone"], some["BillingCity"], "Name" in some) == ("1", None, False)


def test_versions_and_unknown_paths(sf: Client) -> None:
    versions = sf.http.get("/services/data").get_json()
    assert {"label": "Winter '25", "url": "/services/data/v62.0", "version": "62.0"} in versions
    assert {v["version"]: v["label"] for v in versions}["66.0"] == "Spring '26"
    assert sf.refused(sf.call("GET", "/services/data/v30.0/limits"), 404)["errorCode"] == "NOT_FOUND"
    assert sf.refused(sf.call("GET", "sobjects/Nope"), 404)["errorCode"] == "NOT_FOUND"
    assert sf.refused(sf.call("GET", "sobjects/Account/001dL0000009999"), 404)["errorCode"] == "NOT_FOUND"
    assert sf.refused(sf.call("PUT", "sobjects/Account"), 405)["errorCode"] == "METHOD_NOT_ALLOWED"
    assert sf.call("GET", "/services/data/v45.0/limits").status_code == 200


def test_upsert_by_external_id(sf: Client) -> None:
    sf.add_key("Contact", "BC_Id__c")
    url = "sobjects/Contact/BC_Id__c/a%2Fb"
    first = sf.call("PATCH", url, {"LastName": "One"})
    assert (first.status_code, first.get_json()["created"]) == (201, True)
    second = sf.call("PATCH", url, {"LastName": "Two"})
    assert (second.status_code, second.get_json()["created"]) == (200, False)
    old = sf.call("PATCH", f"/services/data/v45.0/{url}", {"LastName": "Three"})
    assert (old.status_code, old.data) == (204, b"")
    assert [(c["LastName"], c["BC_Id__c"]) for c in sf.stored("Contact")] == [("Three", "a/b")]
    assert sf.get(url)["LastName"] == "Three"
    repeated = sf.refused(sf.call("PATCH", url, {"LastName": "X", "BC_Id__c": "a/b"}))
    assert repeated["message"] == "The BC_Id__c field should not be specified in the sobject data."
    assert sf.call("PATCH", "sobjects/Contact/BC_Id__c/new?updateOnly=true", {"LastName": "X"}).status_code == 404
    assert sf.call("PATCH", "sobjects/Contact/Title/x", {"LastName": "X"}).status_code == 404
    assert sf.call("POST", "sobjects/Contact/Id", {"LastName": "Y"}).status_code == 201
    assert sf.call("DELETE", url).status_code == 204
    assert len(sf.stored("Contact")) == 1


def test_several_matches_write_nothing(sf: Client) -> None:
    assert sf.add_field("Contact", "Legacy__c", externalId=True).status_code == 201
    ids = [sf.create("Contact", LastName=name, Legacy__c="7") for name in "AB"]
    answer = sf.call("PATCH", "sobjects/Contact/Legacy__c/7", {"LastName": "C"})
    assert answer.status_code == 300
    assert answer.get_json() == [f"{DATA}/sobjects/Contact/{i}" for i in ids]
    assert sorted(c["LastName"] for c in sf.stored("Contact")) == ["A", "B"]


def test_unique_values_and_case(sf: Client) -> None:
    sf.add_key("Account", "Exact__c")
    sf.add_field("Account", "Loose__c", externalId=True, unique=True)
    first = sf.create("Account", Name="A", Exact__c="abc", Loose__c="abc")
    sf.create("Account", Name="B", Exact__c="ABC")
    error = sf.refused(sf.call("POST", "sobjects/Account", {"Name": "C", "Loose__c": "ABC"}))
    assert (error["errorCode"], error["fields"]) == ("DUPLICATE_VALUE", ["Loose__c"])
    assert first[:15] in error["message"]
    sf.delete("Account", first)
    assert sf.call("POST", "sobjects/Account", {"Name": "C", "Loose__c": "ABC"}).status_code == 201


def test_references_by_external_id(sf: Client) -> None:
    sf.add_key("Account", "BC_Id__c")
    account = sf.create("Account", Name="A", BC_Id__c="42")
    contact = sf.create("Contact", LastName="C", Account={"BC_Id__c": "42"})
    assert sf.get(f"sobjects/Contact/{contact}")["AccountId"] == account
    error = sf.refused(sf.call("POST", "sobjects/Contact", {"LastName": "D", "Account": {"BC_Id__c": "43"}}))
    assert error["errorCode"] == "INVALID_FIELD"
    assert error["message"] == "Foreign key external ID: 43 not found for field BC_Id__c in entity Account"


def test_delete_cascades_and_stays_visible_to_query_all(sf: Client) -> None:
    account = sf.create("Account", Name="A")
    contact = sf.create("Contact", LastName="C", AccountId=account)
    case = sf.create("Case", AccountId=account, Subject="S")
    assert sf.delete("Account", account).status_code == 204
    assert sf.stored("Contact") == []
    assert sf.get(f"sobjects/Case/{case}")["AccountId"] is None
    assert sf.query("SELECT Id FROM Account")["totalSize"] == 0
    gone = sf.query("SELECT Id, IsDeleted FROM Contact WHERE IsDeleted = true", "queryAll")["records"]
    assert [row["Id"] for row in gone] == [contact]
    assert sf.refused(sf.patch("Account", account, Phone="1"), 404)["errorCode"] == "ENTITY_IS_DELETED"
    answer = sf.call("POST", "sobjects/Contact", {"LastName": "D", "AccountId": account})
    assert sf.refused(answer)["errorCode"] == "ENTITY_IS_DELETED"
    window = "start=2026-01-01T00:00:00Z&end=2026-01-01T00:00:30Z"
    assert sf.refused(sf.call("GET", f"sobjects/Account/deleted?{window}"))["errorCode"] == "INVALID_REPLICATION_DATE"


def test_updated_and_deleted_windows(sf: Client) -> None:
    kept, gone = sf.create("Account", Name="A"), sf.create("Account", Name="B")
    sf.delete("Account", gone)
    now = sf.http.post("/_sandbox/clock", json={"advance_seconds": 120}).get_json()["now"]
    later = now.replace("+", "%2B")
    start = sf.get(f"sobjects/Account/{kept}")["CreatedDate"].replace("+", "%2B")
    assert sf.get(f"sobjects/Account/updated/?start={start}&end={later}")["ids"] == [kept]
    deleted = sf.get(f"sobjects/Account/deleted/?start={start}&end={later}")
    assert [row["id"] for row in deleted["deletedRecords"]] == [gone]


def test_describe_tells_what_clients_read(sf: Client) -> None:
    sf.add_key("Order", "BC_Order_Id__c")
    described = sf.get("sobjects/order/describe")
    fields = {f["name"]: f for f in described["fields"]}
    assert described["name"] == "Order"
    assert (fields["BC_Order_Id__c"]["externalId"], fields["BC_Order_Id__c"]["unique"]) == (True, True)
    assert fields["TotalAmount"]["updateable"] is False
    assert fields["AccountId"]["referenceTo"] == ["Account"]
    assert fields["AccountId"]["relationshipName"] == "Account"
    assert fields["AccountId"]["nillable"] is False
    assert {c["relationshipName"] for c in described["childRelationships"]} >= {"OrderItems"}
    listed = sf.get("sobjects")["sobjects"]
    assert next(s for s in listed if s["name"] == "Order")["keyPrefix"] == "801"


def test_conditional_requests(sf: Client) -> None:
    account, contact = sf.create("Account", Name="A"), sf.create("Contact", LastName="C")
    seen = sf.call("GET", f"sobjects/Account/{account}")
    tag = seen.headers["ETag"]
    assert sf.call("GET", f"sobjects/Account/{account}", If_None_Match=tag).status_code == 304
    assert sf.call("PATCH", f"sobjects/Account/{account}", {"Phone": "1"}, If_Match='"other"').status_code == 412
    assert sf.call("PATCH", f"sobjects/Account/{account}", {"Phone": "1"}, If_Match=tag).status_code == 204
    past, future = "Thu, 01 Jan 2026 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"
    url = f"sobjects/Contact/{contact}"
    assert sf.call("GET", url, If_Modified_Since=future).status_code == 304
    assert sf.call("PATCH", url, {"Title": "T"}, If_Unmodified_Since=past).status_code == 412
    assert sf.call("PATCH", url, {"Title": "T"}, If_Unmodified_Since="yesterday").status_code == 400
    assert sf.call("DELETE", url, If_Unmodified_Since=past).status_code == 204


def test_malformed_body(sf: Client) -> None:
    answer = sf.http.post(f"{DATA}/sobjects/Account", data="{broken", headers={"Authorization": f"Bearer {sf.token}"})
    assert sf.refused(answer)["errorCode"] == "JSON_PARSER_ERROR"


def test_search(sf: Client) -> None:
    sf.create("Contact", LastName="Findable", Email="f@x.example")
    found = sf.get("search?q=FIND+{findab}+IN+ALL+FIELDS+RETURNING+Contact(Id,Email),Account(Id)")["searchRecords"]
    assert [row["Email"] for row in found] == ["f@x.example"]


def test_relationships_by_path(sf: Client) -> None:
    account = sf.create("Account", Name="A")
    contact = sf.create("Contact", LastName="C", AccountId=account)
    assert sf.get(f"sobjects/Contact/{contact}/Account")["Name"] == "A"
    assert [c["Id"] for c in sf.get(f"sobjects/Account/{account}/Contacts")["records"]] == [contact]
    assert sf.call("GET", f"sobjects/Account/{account}/Nothing").status_code == 404


def test_long_requests_do_not_fit(sf: Client) -> None:
    assert sf.call("GET", "query?q=" + "x" * 16_400).status_code == 414
    assert sf.call("GET", "limits", X_Filler="x" * 16_400).status_code == 431


def test_upsert_by_id_never_creates(sf: Client) -> None:
    account = sf.create("Account", Name="A")
    assert sf.call("PATCH", f"sobjects/Account/Id/{account}", {"Phone": "1"}).status_code == 200
    assert sf.call("PATCH", "sobjects/Account/Id/001dL0000009999", {"Name": "B"}).status_code == 404
    assert [a["Phone"] for a in sf.stored("Account")] == ["1"]
