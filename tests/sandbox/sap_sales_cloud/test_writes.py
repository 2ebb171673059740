"""Flags, lengths, codes, ETags, children, partners."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.sandbox.sap_sales_cloud.conftest import OWNER, Client

ACCOUNTS, CONTACTS, CUSTOMERS = "CorporateAccountCollection", "ContactCollection", "IndividualCustomerCollection"
UUID = "0F0E0D0C-0B0A-4908-8706-050403020100"


def test_create_answers_with_location_and_etag(sap: Client) -> None:
    answer = sap.call("POST", ACCOUNTS, {"RoleCode": "CRM000", "Name": "Öl & Ähre", "UUID": UUID.lower()})
    made = answer.get_json()["d"]["results"]
    assert answer.status_code == 201
    assert answer.headers["location"].endswith(f"{ACCOUNTS}('{made['ObjectID']}')")
    assert re.fullmatch(r"W/\"datetimeoffset'\d{4}-\d\d-\d\dT\d\d%3A\d\d%3A\d\d\.\d{7}Z'\"", answer.headers["etag"])
    assert (made["UUID"], made["ObjectID"]) == (UUID, UUID.replace("-", ""))
    assert (made["CreatedBy"], made["ChangedBy"], made["LifeCycleStatusCodeText"]) == ("sandbox", "sandbox", "Active")
    silent = sap.call("POST", ACCOUNTS, {"RoleCode": "CRM000", "Name": "x"}, odata_no_response_payload="true")
    assert (silent.status_code, silent.data) == (201, b"") and silent.headers["location"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"Name": "x"}, "RoleCode"),
        ({"RoleCode": "CRM000"}, "Name"),
        ({"RoleCode": "CRM000", "Name": ""}, "Name"),
        ({"RoleCode": "CRM000", "Name": "x" * 41}, "maximum length"),
        ({"RoleCode": "CRM000", "Name": "x", "ABC": "1"}, "Property 'ABC' not found"),
        ({"RoleCode": "CRM000", "Name": "x", "ExternalID": "1"}, "not creatable"),
        ({"RoleCode": "CRM000", "Name": "x", "RoleCodeText": "Customer"}, "not creatable"),
        ({"RoleCode": "NOPE", "Name": "x"}, "NOPE"),
        ({"RoleCode": "CRM000", "Name": "x", "CountryCode": "US", "StateCode": "09"}, "StateCode"),
        ({"RoleCode": "CRM000", "Name": "x", "CountryCode": "XX"}, "CountryCode"),
        ({"RoleCode": "CRM000", "Name": "x", "OwnerID": "E9999"}, "does not exist"),
        ({"RoleCode": "CRM000", "Name": "x", "AccountID": "4711"}, "number range"),
        ({"RoleCode": "CRM000", "Name": 5}, "Edm.String"),
        ({"RoleCode": "CRM000", "Name": "x", "UUID": "nope"}, "Edm.Guid"),
        ({"RoleCode": "CRM000", "Name": "x", "SalesSupportBlockingIndicator": "true"}, "Edm.Boolean"),
        ({"RoleCode": "CRM000", "Name": "x", "CorporateAccountAddress": "x"}, "inline"),
        ({"RoleCode": "CRM000", "Name": "x", "CorporateAccountAddress": ["x"]}, "JSON object"),
        ([], "JSON object"),
    ],
)
def test_refused_creations_leave_nothing(sap: Client, body: Any, words: str) -> None:
    assert words in sap.refused(sap.call("POST", ACCOUNTS, body))
    assert sap.stored("CorporateAccount") == []


def test_not_creatable_keys_are_ignored_and_content_is_checked(sap: Client) -> None:
    assert sap.account(ObjectID="mine")["ObjectID"] != "mine"
    wrong = sap.call("POST", ACCOUNTS, {"Name": "x"}, Content_Type="application/atom+xml")
    assert wrong.status_code == 415
    for text in (b"{", b"", b'{"Name": NaN}', b"\xff"):
        answer = sap.http.post(
            f"/sap/c4c/odata/v1/c4codataapi/{ACCOUNTS}", data=text, auth=("sandbox", "sandbox-password"),
            content_type="application/json",
        )  # fmt: skip
        assert "JSON" in sap.refused(answer)


def test_changes_follow_the_flags(sap: Client) -> None:
    made = sap.account(City="Bonn", CountryCode="DE")
    new = sap.changed(
        ACCOUNTS, made, City="Ulm", AccountID=made["AccountID"], ETag="/Date(0)/", RoleCodeText="anything"
    )
    assert (new["City"], new["Name"]) == ("Ulm", "Buyer Ltd")
    assert "not updatable" in sap.refused(sap.patch(ACCOUNTS, made["ObjectID"], {"AccountID": "999"}))
    assert "not updatable" in sap.refused(sap.patch(ACCOUNTS, made["ObjectID"], {"CreatedBy": "me"}))
    assert "not found" in sap.refused(sap.patch(ACCOUNTS, made["ObjectID"], {"Nope": "1"}))
    assert "mandatory" in sap.refused(sap.patch(ACCOUNTS, made["ObjectID"], {"Name": ""}))
    inline = {"CorporateAccountAddress": [{"City": "x"}]}
    assert "eep update" in sap.refused(sap.patch(ACCOUNTS, made["ObjectID"], inline))
    assert (
        sap.call("PUT", f"{ACCOUNTS}('{made['ObjectID']}')", {"RoleCode": "CRM000", "Name": "Put"}).status_code == 204
    )
    put = sap.get(f"{ACCOUNTS}('{made['ObjectID']}')")
    assert (put["Name"], put["City"], put["AccountID"]) == ("Put", "", made["AccountID"])
    merged = sap.call("POST", f"{ACCOUNTS}('{made['ObjectID']}')", {"City": "Kiel"}, X_HTTP_Method="MERGE")
    assert merged.status_code == 204


def test_etags_guard(sap: Client) -> None:
    made = sap.account()
    old = sap.etag(ACCOUNTS, made)
    done = sap.patch(ACCOUNTS, made["ObjectID"], {"City": "A"}, If_Match=old)
    assert done.status_code == 204 and "etag" not in done.headers
    sap.refused(sap.patch(ACCOUNTS, made["ObjectID"], {"City": "B"}, If_Match=old), 412)
    assert sap.patch(ACCOUNTS, made["ObjectID"], {"City": "C"}, If_Match="*").status_code == 204
    before = sap.get(f"{ACCOUNTS}('{made['ObjectID']}')")
    sap.control("touch", entity="CorporateAccount", id=made["AccountID"])
    after = sap.get(f"{ACCOUNTS}('{made['ObjectID']}')")
    assert after["__metadata"]["etag"] != before["__metadata"]["etag"]
    assert after["EntityLastChangedOn"] == before["EntityLastChangedOn"]


def test_a_childs_change_moves_the_parent(sap: Client) -> None:
    made = sap.account()
    since = f"EntityLastChangedOn gt datetimeoffset'{_iso(made['EntityLastChangedOn'])}'"
    assert sap.ask(ACCOUNTS, since) == []
    sap.make("CorporateAccountTextCollectionCollection", ParentObjectID=made["ObjectID"], Text="note", TypeCode="10001")
    (found,) = sap.ask(ACCOUNTS, since)
    sap.set(children_move_parent=False)
    sap.make("CorporateAccountTextCollectionCollection", AccountID=made["AccountID"], Text="note 2")
    same = sap.get(f"{ACCOUNTS}('{made['ObjectID']}')")
    assert same["EntityLastChangedOn"] == found["EntityLastChangedOn"]
    assert same["__metadata"]["etag"] != found["__metadata"]["etag"]


def _iso(wire: str) -> str:
    ms = int(wire[6:-2])
    return f"{_seconds(ms)}.{ms % 1000:03d}0000Z"


def _seconds(ms: int) -> str:
    return datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def test_own_uuid_stops_doubles(sap: Client) -> None:
    sap.account(UUID=UUID)
    assert "already exists" in sap.refused(
        sap.call("POST", ACCOUNTS, {"RoleCode": "CRM000", "Name": "x", "UUID": UUID})
    )
    customer = {"RoleCode": "CRM000", "LastName": "S", "UUID": UUID}
    assert sap.call("POST", CUSTOMERS, customer).status_code == 201
    assert sap.call("POST", CUSTOMERS, customer).status_code == 400
    assert "not creatable" in sap.refused(sap.call("POST", CONTACTS, {"LastName": "x", "ContactUUID": UUID}))
    sap.set(external_numbers=True)
    assert sap.account(AccountID="4711")["AccountID"] == "4711"
    assert "already exists" in sap.refused(
        sap.call("POST", ACCOUNTS, {"RoleCode": "CRM000", "Name": "x", "AccountID": "4711"})
    )


def test_partners_are_never_deleted(sap: Client) -> None:
    for entity_set, made in ((ACCOUNTS, sap.account()), (CONTACTS, sap.contact())):
        assert "Obsolete" in sap.refused(sap.call("DELETE", f"{entity_set}('{made['ObjectID']}')"), 405)
    obsolete = sap.changed(CONTACTS, sap.contact(), StatusCode="4")
    assert obsolete["StatusCodeText"] == "Obsolete"
    note = sap.make("ContactTextCollectionCollection", ParentObjectID=obsolete["ObjectID"], Text="x")
    assert sap.call("DELETE", f"ContactTextCollectionCollection('{note['ObjectID']}')").status_code == 204
    assert sap.stored("ContactTextCollection") == []


def test_identification_is_found_again(sap: Client) -> None:
    shop_key = {"IDTypeCode": "SHOP", "IDNumber": "store:42"}
    made = sap.account(CorporateAccountIdentification=[shop_key])
    rows = sap.ask("CorporateAccountIdentificationCollection", "IDTypeCode eq 'SHOP' and IDNumber eq 'store:42'")
    assert [(row["ParentObjectID"], row["AccountID"]) for row in rows] == [(made["ObjectID"], made["AccountID"])]
    moved = sap.patch("CorporateAccountIdentificationCollection", rows[0]["ObjectID"], {"ParentObjectID": "x"})
    assert "not updatable" in sap.refused(moved)
    lost = sap.call("POST", "CorporateAccountIdentificationCollection", {**shop_key, "ParentObjectID": "x"})
    assert "not found" in sap.refused(lost)


def test_the_main_address_is_flat_and_a_child(sap: Client) -> None:
    made = sap.account(City="Bonn", CountryCode="DE", Street="Weg", Phone="0228 1234")
    assert made["NormalisedPhone"] == "+492281234"
    (address,) = sap.ask("CorporateAccountAddressCollection", f"ParentObjectID eq '{made['ObjectID']}'")
    assert (address["City"], address["MainIndicator"]) == ("Bonn", True)
    sap.changed("CorporateAccountAddressCollection", address, City="Ulm")
    assert sap.get(f"{ACCOUNTS}('{made['ObjectID']}')")["City"] == "Ulm"
    sap.changed(ACCOUNTS, made, Street="Allee")
    assert sap.get(f"CorporateAccountAddressCollection('{address['ObjectID']}')")["Street"] == "Allee"
    second = {"City": "Kiel", "CountryCode": "DE", "ShipTo": True}
    other = sap.account(CorporateAccountAddress=[{"City": "Rom", "CountryCode": "IT", "MainIndicator": True}, second])
    assert other["City"] == "Rom"


def test_contacts_and_accounts_know_each_other(sap: Client) -> None:
    first, second = sap.account(Name="First", City="Bonn", CountryCode="DE"), sap.account(Name="Second")
    contact = sap.contact(AccountID=first["AccountID"])
    assert (contact["AccountFormattedName"], contact["BusinessAddressCity"]) == ("First", "Bonn")
    seen = sap.ask("CorporateAccountHasContactPersonCollection", f"ContactID eq '{contact['ContactID']}'")
    assert [(row["AccountID"], row["MainIndicator"]) for row in seen] == [(first["AccountID"], True)]
    sap.make(
        "CorporateAccountHasContactPersonCollection", ParentObjectID=second["ObjectID"], ContactID=contact["ContactID"]
    )
    relations = sap.ask("ContactIsContactPersonForCollection", f"ContactID eq '{contact['ContactID']}'")
    assert [(row["AccountID"], row["ReverseMainIndicator"]) for row in relations] == [
        (first["AccountID"], True), (second["AccountID"], False)]  # fmt: skip
    assert sap.call("DELETE", f"ContactIsContactPersonForCollection('{relations[1]['ObjectID']}')").status_code == 204
    assert len(sap.stored("CorporateAccountHasContactPerson")) == 1
    by_uuid = sap.contact(AccountUUID=second["UUID"])
    assert by_uuid["AccountID"] == second["AccountID"]
    assert "does not exist" in sap.refused(sap.call("POST", CONTACTS, {"LastName": "x", "AccountID": "1"}))


def test_merging_moves_the_documents(sap: Client) -> None:
    winner, loser = sap.account(Name="Winner"), sap.account(Name="Loser")
    order = sap.order({"NetAmount": "1"}, BuyerPartyID=loser["AccountID"])
    opportunity = sap.opportunity(ProspectPartyID=loser["AccountID"])
    sap.control("merge", entity="CorporateAccount", winner=winner["AccountID"], loser=loser["ObjectID"])
    assert sap.get(f"{ACCOUNTS}('{loser['ObjectID']}')")["LifeCycleStatusCode"] == "4"
    assert sap.get(f"CustomerOrderCollection('{order['ObjectID']}')")["BuyerPartyName"] == "Winner"
    assert sap.get(f"OpportunityCollection('{opportunity['ObjectID']}')")["ProspectPartyID"] == winner["AccountID"]
    assert all(row["PartyID"] != loser["AccountID"] for row in sap.stored("CustomerOrderParty"))


def test_a_record_open_elsewhere(sap: Client) -> None:
    made = sap.account(City="A", CountryCode="DE")
    sap.control("lock", entity="CorporateAccount", id=made["AccountID"], times=2)
    assert "is locked by user" in sap.refused(sap.patch(ACCOUNTS, made["ObjectID"], {"City": "B"}))
    note = {"ParentObjectID": made["ObjectID"], "Text": "x"}
    assert "is locked" in sap.refused(sap.call("POST", "CorporateAccountTextCollectionCollection", note))
    assert sap.changed(ACCOUNTS, made, City="B")["City"] == "B"


def test_products_and_their_sales_areas(sap: Client) -> None:
    product = sap.product("SKU-1")
    assert "already exists" in sap.refused(sap.call("POST", "ProductCollection", {
        "ProductID": "SKU-1", "Language": "EN", "Description": "x", "BaseUOM": "EA"}))  # fmt: skip
    assert "not updatable" in sap.refused(sap.patch("ProductCollection", product["ObjectID"], {"Language": "DE"}))
    sap.set(sales_area_check=True)
    body = {"BuyerPartyID": sap.account()["AccountID"], "SalesOrganisationID": "1000",
            "CustomerOrderItem": [{"ProductID": "SKU-1"}]}  # fmt: skip
    assert "not sold" in sap.refused(sap.call("POST", "CustomerOrderCollection", body))
    sap.make("ProductSalesProcessInformationCollection", ProductID="SKU-1", SalesOrganisationID="1000",
             DistributionChannel="01", Status="2")  # fmt: skip
    assert sap.call("POST", "CustomerOrderCollection", body).status_code == 201


def test_tickets_tasks_and_appointments(sap: Client) -> None:
    buyer = sap.account()["AccountID"]
    waiting = {"ServiceRequestUserLifeCycleStatusCode": "4"}
    ticket = sap.make("ServiceRequestCollection", Name="Broken", BuyerPartyID=buyer, **waiting)
    assert (ticket["ServiceRequestLifeCycleStatusCodeText"], ticket["BuyerPartyName"]) == ("In Process", "Buyer Ltd")
    text = {"ParentObjectID": ticket["ObjectID"], "TypeCode": "10004", "FormattedText": "<p>x</p>"}
    assert "AuthorID" in sap.refused(sap.call("POST", "ServiceRequestTextCollectionCollection", text))
    assert sap.make("ServiceRequestTextCollectionCollection", **text, AuthorID="E1000")["Text"] == "<p>x</p>"
    task = sap.make("TasksCollection", Subject="Order placed", MainAccountPartyID=buyer, ProcessorPartyID=OWNER)
    assert (task["StatusText"], task["Account"], task["Processor"]) == ("Open", "Buyer Ltd", "Mike Summers")
    done = sap.changed("TasksCollection", task, Status="3")
    assert (done["CompletionPercent"], done["CompletionDateTime"] is None) == ("100.00", False)
    times = {"StartDate": "2026-01-01T10:00:00Z", "EndDate": "2026-01-01T09:00:00Z"}
    assert "before" in sap.refused(sap.call("POST", "AppointmentCollection", {"Subject": "x", **times}))
    invited = {"PartyID": OWNER, "RoleCode": "36"}
    meeting = sap.make(
        "AppointmentCollection",
        Subject="Visit",
        StartDate=times["EndDate"],
        EndDate=times["StartDate"],
        MainAccountPartyID=buyer,
        AppointmentInvolvedParties=[invited],
    )
    (party,) = sap.get(f"AppointmentCollection('{meeting['ObjectID']}')/AppointmentInvolvedParties")
    assert (party["PartyName"], party["ID"], meeting["AccountName"]) == ("Mike Summers", meeting["ID"], "Buyer Ltd")
