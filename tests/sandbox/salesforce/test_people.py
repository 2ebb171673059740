"""Person accounts, duplicates, cases, leads, campaigns, states."""

from __future__ import annotations

from typing import Any

from tests.sandbox.salesforce.conftest import Client

SAVE = {"Sforce_Duplicate_Rule_Header": "allowSave=true; includeRecordDetails=true"}
TWIN = {"FirstName": "Ann", "LastName": "Lee", "Email": "ann@x.example"}


def test_person_accounts_are_an_org_feature(sf: Client) -> None:
    fields = {f["name"] for f in sf.get("sobjects/Account/describe")["fields"]}
    assert "IsPersonAccount" not in fields
    assert sf.call("POST", "sobjects/Account", {"LastName": "Lee"}).status_code == 400
    sf.switch(person_accounts=True)
    assert "IsPersonAccount" in {f["name"] for f in sf.get("sobjects/Account/describe")["fields"]}
    types = sf.rows("SELECT DeveloperName FROM RecordType WHERE IsPersonType = true")
    assert types == [{"DeveloperName": "PersonAccount"}]


def test_person_account_is_also_a_contact(sf: Client) -> None:
    sf.add_key("Contact", "BC_Id__c")
    sf.switch(person_accounts=True)
    person = sf.create("Account", FirstName="Ann", LastName="Lee", PersonEmail="a@x.example", BC_Id__pc="7")
    row = sf.get(f"sobjects/Account/{person}")
    assert (row["Name"], row["IsPersonAccount"], row["PersonEmail"]) == ("Ann Lee", True, "a@x.example")
    contact = sf.get(f"sobjects/Contact/{row['PersonContactId']}")
    assert (contact["Email"], contact["AccountId"], contact["BC_Id__c"]) == ("a@x.example", person, "7")
    assert sf.patch("Account", person, LastName="Ray").status_code == 204
    assert sf.get(f"sobjects/Contact/{row['PersonContactId']}")["Name"] == "Ann Ray"
    assert sf.refused(sf.patch("Account", person, Name="X"))["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    business = sf.create("Account", Name="Firm")
    assert sf.get(f"sobjects/Account/{business}")["IsPersonAccount"] is False


def test_duplicate_rule_alerts_unless_told_to_save(sf: Client) -> None:
    first = sf.create("Contact", **TWIN)
    error = sf.refused(sf.call("POST", "sobjects/Contact", {**TWIN, "Email": "ANN@x.example"}))
    assert error["errorCode"] == "DUPLICATES_DETECTED"
    result = error["duplicateResut"]
    assert (result["allowSave"], result["matchResults"][0]["size"]) == (True, 1)
    assert result["matchResults"][0]["matchRecords"][0]["record"]["Id"] == first
    body = {"records": [{"attributes": {"type": "Contact"}, **TWIN}]}
    (row,) = sf.call("POST", "composite/sobjects", body).get_json()
    assert row["errors"][0]["statusCode"] == "DUPLICATES_DETECTED"
    assert sf.call("POST", "sobjects/Contact", TWIN, **SAVE).status_code == 201
    sf.create("Contact", **{**TWIN, "Email": "other@x.example"})


def test_duplicate_rule_blocks_or_is_off(sf: Client) -> None:
    sf.create("Account", Name="Firm", Phone="1")
    sf.switch(duplicate_rules="block")
    blocked = sf.call("POST", "sobjects/Account", {"Name": "firm", "Phone": "1"}, **SAVE)
    record = sf.refused(blocked)["duplicateResut"]["matchResults"][0]["matchRecords"][0]["record"]
    assert record["Name"] == "Firm"
    sf.switch(duplicate_rules="off")
    sf.create("Account", Name="Firm", Phone="1")


def test_case_fields(sf: Client) -> None:
    account = sf.create("Account", Name="A")
    contact = sf.create("Contact", LastName="C", Email="c@x.example", AccountId=account)
    case = sf.create("Case", ContactId=contact, SuppliedEmail="s@x.example", Origin="Web")
    row = sf.get(f"sobjects/Case/{case}")
    assert (row["Status"], row["Priority"], row["AccountId"]) == ("New", "Medium", account)
    assert (row["ContactEmail"], row["CaseNumber"]) == ("c@x.example", "00001001")
    assert sf.patch("Case", case, Status="Closed").status_code == 204
    closed = sf.get(f"sobjects/Case/{case}")
    assert (closed["IsClosed"], closed["ClosedDate"] is not None) == (True, True)


def test_leads_tasks_and_campaigns(sf: Client) -> None:
    lead = sf.create("Lead", LastName="L", Company="Co")
    assert sf.get(f"sobjects/Lead/{lead}")["Status"] == "Open - Not Contacted"
    task = sf.create("Task", WhoId=lead, Status="Completed", Priority="High")
    row = sf.get(f"sobjects/Task/{task}")
    assert (row["IsClosed"], row["IsHighPriority"]) == (True, True)
    member = {"CampaignId": sf.create("Campaign", Name="News"), "LeadId": lead}
    sf.create("CampaignMember", **member, Status="Responded")
    assert sf.refused(sf.call("POST", "sobjects/CampaignMember", member))["errorCode"] == "DUPLICATE_VALUE"
    wrong = sf.call("POST", "sobjects/Task", {"WhoId": sf.create("Account", Name="A")})
    assert sf.refused(wrong)["errorCode"] == "FIELD_INTEGRITY_EXCEPTION"


def test_state_and_country_picklists(sf: Client) -> None:
    sf.switch(state_country_picklists=True)
    free: dict[str, Any] = {"Name": "A", "BillingCountry": "Germany"}
    error = sf.refused(sf.call("POST", "sobjects/Account", free))
    assert (error["errorCode"], error["fields"]) == ("FIELD_INTEGRITY_EXCEPTION", ["BillingCountry"])
    made = sf.create("Account", Name="A", BillingCountryCode="DE", BillingStateCode="BE")
    assert sf.get(f"sobjects/Account/{made}")["BillingCountryCode"] == "DE"
