"""What people do in the org: merge duplicates, convert leads, by hand and by SOAP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree

from tests.sandbox.salesforce.conftest import Client
from tests.sandbox.salesforce.events import Subscriber, subscriber

ALL = "/data/ChangeEvents"
ENVELOPE = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com">'
    "<e:Header><SessionHeader><sessionId>{}</sessionId></SessionHeader>"
    "<CallOptions><client>storeline</client></CallOptions></e:Header><e:Body>{}</e:Body></e:Envelope>"
)


@pytest.fixture
def ps(sf: Client) -> Iterator[Subscriber]:
    with subscriber(sf) as made:
        yield made


def by_hand(sf: Client, what: str, **body: Any) -> dict[str, Any]:
    answer = sf.http.post(f"/_sandbox/{what}", json=body)
    assert answer.status_code == 200, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def soap(sf: Client, body: str) -> etree._Element:
    sent = ENVELOPE.format(sf.token, body)
    return etree.fromstring(sf.http.post("/services/Soap/u/66.0", data=sent, content_type="text/xml").data)


def kinds(events: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
    headers = [event["ChangeEventHeader"] for event in events]
    return {(h["entityName"], h["changeType"], h["recordIds"][0]) for h in headers}


def test_merging_accounts_moves_all_that_belonged_to_the_loser(ps: Subscriber) -> None:
    sf = ps.sf
    sf.add_key("Account", "BC_Key__c")
    entry = sf.entry()
    order = sf.order()
    loser = sf.stored("Order")[0]["AccountId"]
    item = sf.create("OrderItem", OrderId=order, PricebookEntryId=entry, Quantity=1, UnitPrice=5)
    assert sf.patch("Order", order, Status="Activated").status_code == 204
    contact = sf.create("Contact", LastName="L", AccountId=loser)
    sf.patch("Account", loser, BC_Key__c="7")
    master = sf.create("Account", Name="Master")
    sf.http.post("/_sandbox/events/expire")
    moved = by_hand(sf, "merge", object="Account", master=master, losers=[loser], fields={"BC_Key__c": "7"})["moved"]
    assert set(moved) == {order, contact}
    assert [row["Id"] for row in sf.stored("Account")] == [master]
    assert (sf.stored("Order")[0]["AccountId"], sf.stored("Contact")[0]["AccountId"]) == (master, master)
    assert [row["Id"] for row in sf.stored("OrderItem")] == [item]
    assert sf.stored("Account")[0]["BC_Key__c"] == "7"
    (gone,) = sf.query("SELECT Id, MasterRecordId FROM Account WHERE IsDeleted = true", "queryAll")["records"]
    assert (gone["Id"], gone["MasterRecordId"]) == (loser, master)
    assert sf.refused(sf.call("GET", f"sobjects/Account/{loser}"), 404)["errorCode"] == "ENTITY_IS_DELETED"
    events = ps.everything(ALL, 4)
    assert kinds(events) == {("Order", "UPDATE", order), ("Contact", "UPDATE", contact),
                             ("Account", "DELETE", loser), ("Account", "UPDATE", master)}  # fmt: skip
    assert {e["ChangeEventHeader"]["changeOrigin"] for e in events} == {""}
    assert len({e["ChangeEventHeader"]["transactionKey"] for e in events}) == 1
    by_hand(sf, "undelete", ids=[loser])
    assert {row["Id"]: row["MasterRecordId"] for row in sf.stored("Account")} == {master: None, loser: None}


def test_merging_contacts_and_leads(sf: Client) -> None:
    account = sf.create("Account", Name="A")
    first, second, third = (sf.create("Contact", LastName=f"L{n}", AccountId=account) for n in range(3))
    case = sf.create("Case", ContactId=second)
    order = sf.order(AccountId=account, BillToContactId=third)
    sf.patch("Contact", first, ReportsToId=second)
    by_hand(sf, "merge", object="Contact", master=first, losers=[second, third])
    (kept,) = sf.stored("Contact")
    assert (kept["Id"], kept["ReportsToId"]) == (first, None)
    assert sf.get(f"sobjects/Case/{case}")["ContactId"] == first
    assert sf.get(f"sobjects/Order/{order}")["BillToContactId"] == first
    lead, other = (sf.create("Lead", LastName=f"L{n}", Company="C") for n in range(2))
    task = sf.create("Task", WhoId=other)
    by_hand(sf, "merge", object="Lead", master=lead, losers=[other])
    assert sf.get(f"sobjects/Task/{task}")["WhoId"] == lead


def test_merging_person_accounts_merges_their_contacts(sf: Client) -> None:
    sf.switch(person_accounts=True)
    master = sf.create("Account", LastName="M")
    loser = sf.create("Account", LastName="M2")
    contacts = {row["AccountId"]: row["Id"] for row in sf.stored("Contact")}
    case = sf.create("Case", ContactId=contacts[loser])
    business = sf.create("Account", Name="B")
    refused = sf.http.post("/_sandbox/merge", json={"object": "Account", "master": business, "losers": [loser]})
    assert refused.status_code == 400
    by_hand(sf, "merge", object="Account", master=master, losers=[loser])
    assert {row["Id"] for row in sf.stored("Contact")} == {contacts[master]}
    assert sf.get(f"sobjects/Case/{case}")["ContactId"] == contacts[master]
    (gone,) = sf.query("SELECT MasterRecordId FROM Contact WHERE IsDeleted = true", "queryAll")["records"]
    assert gone["MasterRecordId"] == contacts[master]


@pytest.mark.parametrize("changed", [{"losers": []}, {"losers": ["001dL0000000099QAA"]}, {"object": "Order"},
                                     {"losers": "self"}, {"fields": {"Nope": 1}}])  # fmt: skip
def test_a_refused_merge_changes_nothing(ps: Subscriber, changed: dict[str, Any]) -> None:
    sf = ps.sf
    master, loser = sf.create("Account", Name="A"), sf.create("Account", Name="B")
    contact = sf.create("Contact", LastName="L", AccountId=loser)
    before = [sf.stored("Account"), sf.stored("Contact")]
    if changed.get("losers") == "self":
        changed = {"losers": [master]}
    body = {"object": "Account", "master": master, "losers": [loser], **changed}
    assert sf.http.post("/_sandbox/merge", json=body).status_code in (400, 404)
    assert [sf.stored("Account"), sf.stored("Contact")] == before
    assert kinds(ps.everything(ALL, 3)) == {
        ("Account", "CREATE", master), ("Account", "CREATE", loser), ("Contact", "CREATE", contact),
    }  # fmt: skip


def test_converting_a_lead(ps: Subscriber) -> None:
    sf = ps.sf
    lead = sf.create("Lead", LastName="Marsh", FirstName="Olivia", Company="Harbour", Email="o@h.example", City="Bath")
    task = sf.create("Task", WhoId=lead)
    sf.http.post("/_sandbox/events/expire")
    made = by_hand(sf, "convert_lead", id=lead, create_opportunity=True)
    (account,), (contact,), (deal,) = (sf.stored(name) for name in ("Account", "Contact", "Opportunity"))
    assert (account["Id"], contact["Id"], deal["Id"]) == (
        made["account_id"],
        made["contact_id"],
        made["opportunity_id"],
    )
    assert (account["Name"], account["BillingCity"]) == ("Harbour", "Bath")
    assert (contact["Email"], contact["MailingCity"], contact["AccountId"]) == ("o@h.example", "Bath", account["Id"])
    assert deal["AccountId"] == account["Id"]
    (row,) = sf.stored("Lead")
    assert (row["IsConverted"], row["Status"]) == (True, "Closed - Converted")
    assert (row["ConvertedAccountId"], row["ConvertedContactId"]) == (account["Id"], contact["Id"])
    assert sf.get(f"sobjects/Task/{task}")["WhoId"] == contact["Id"]
    assert sf.refused(sf.patch("Lead", lead, Title="x"))["errorCode"] == "CANNOT_UPDATE_CONVERTED_LEAD"
    events = ps.everything(ALL, 6)
    assert len({e["ChangeEventHeader"]["transactionKey"] for e in events}) == 1
    update = next(e for e in events if e["ChangeEventHeader"]["entityName"] == "Lead")
    assert {"Status", "IsConverted", "ConvertedAccountId", "ConvertedContactId", "ConvertedOpportunityId",
            "ConvertedDate"} <= set(update["ChangeEventHeader"]["changedFields"])  # fmt: skip
    assert sf.http.post("/_sandbox/convert_lead", json={"id": lead}).status_code == 400
    plain = sf.create("Lead", LastName="Plain", Company="P")
    assert by_hand(sf, "convert_lead", id=plain, create_opportunity=False)["opportunity_id"] is None


def test_soap_merge_convert_undelete(ps: Subscriber) -> None:
    sf = ps.sf
    master, loser = sf.create("Account", Name="A"), sf.create("Account", Name="B")
    record = f"<type>Account</type><Id>{master}</Id><Phone>123</Phone>"
    request = f"<masterRecord>{record}</masterRecord><recordToMergeIds>{loser}</recordToMergeIds>"
    answer = soap(sf, f"<merge><request>{request}</request></merge>")
    assert answer.findtext(".//{*}mergeResponse/{*}result/{*}success") == "true"
    assert [(r["Id"], r["Phone"]) for r in sf.stored("Account")] == [(master, "123")]
    lead = sf.create("Lead", LastName="L", Company="C")
    wanted = (
        f"<leadId>{lead}</leadId><convertedStatus>Closed - Converted</convertedStatus><accountId>{master}</accountId>"
    )
    answer = soap(
        sf, f"<convertLead><leadConverts>{wanted}<doNotCreateOpportunity>true</doNotCreateOpportunity></leadConverts>"
        f"<leadConverts><leadId>{lead}</leadId></leadConverts></convertLead>"
    )  # fmt: skip
    good, bad = answer.findall(".//{*}result")
    assert good.findtext("{*}contactId") == sf.stored("Contact")[0]["Id"]
    assert (bad.findtext("{*}success"), bad.findtext("{*}errors/{*}statusCode")) == (
        "false", "CANNOT_UPDATE_CONVERTED_LEAD",
    )  # fmt: skip
    assert soap(sf, f"<undelete><ids>{loser}</ids></undelete>").findtext(".//{*}id") == loser
    assert len(sf.stored("Account")) == 2
    origins = [e["ChangeEventHeader"]["changeOrigin"] for e in ps.everything("/data/AccountChangeEvent", 5)]
    assert origins[2:] == ["com/salesforce/api/soap/66.0;client=storeline"] * 3
    sf.http.post("/_sandbox/session/expire")
    assert "INVALID_SESSION_ID" in (soap(sf, "<undelete/>").findtext(".//{*}faultstring") or "")


def test_the_order_page_frames_the_panel_with_its_people(sf_with: Any) -> None:
    sf = sf_with(seed="demo")
    contact = sf.stored("Contact")[0]
    order = sf.order(AccountId=contact["AccountId"], BillToContactId=contact["Id"])
    answer = sf.http.get(f"/_sandbox/signed_request?object=Order&id={order}").get_json()
    record = answer["context"]["context"]["environment"]["record"]
    assert record["attributes"]["type"] == "Order"
    assert (record["AccountId"], record["BillToContactId"]) == (contact["AccountId"], contact["Id"])
    page = sf.http.get(f"/lightning/r/Order/{order}/view").text
    assert 'name="signed_request"' in page and "/panels/salesforce" in page
    people = {row["Id"]: row["Email"] for row in sf.stored("Contact")}
    assert [people[case["ContactId"]] for case in sf.stored("Case")] == [
        case["ContactEmail"] for case in sf.stored("Case")
    ]
