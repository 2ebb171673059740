"""Leads, opportunities and sales orders: statuses, sums, prices, approvals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.sap_sales_cloud.conftest import OWNER, Client

ORDERS, ITEMS, OPPORTUNITIES = "CustomerOrderCollection", "CustomerOrderItemCollection", "OpportunityCollection"


def read(sap: Client, row: dict[str, Any], entity_set: str = ORDERS) -> dict[str, Any]:
    found: dict[str, Any] = sap.get(f"{entity_set}('{row['ObjectID']}')")
    return found


def amounts(order: dict[str, Any]) -> tuple[str, ...]:
    return tuple(
        str(Decimal(order[name]).quantize(Decimal("0.01"))) for name in ("NetAmount", "TaxAmount", "GrossAmount")
    )


def test_an_orders_amounts_are_its_items(sap: Client) -> None:
    order = sap.order(
        {"NetPriceAmount": "3.333333", "Quantity": "3", "TaxAmount": "2.00"},
        {"NetAmount": "5.00", "NetPriceAmount": "9.99"},
        {"NetAmount": "-1.25", "Description": "Coupon"},
    )
    assert amounts(order) == ("13.75", "2.00", "15.75")
    assert (order["NetAmountCurrencyCode"], order["CalculationStatusCodeText"]) == ("GBP", "Calculated Successfully")
    rows = sap.ask(ITEMS, f"SalesOrderID eq '{order['ID']}'")
    assert [row["ID"] for row in rows] == ["10", "20", "30"]
    sap.changed(ITEMS, rows[0], Quantity="1")
    assert amounts(read(sap, order)) == ("7.08", "2.00", "9.08")
    assert sap.call("DELETE", f"{ITEMS}('{rows[2]['ObjectID']}')").status_code == 204
    assert amounts(read(sap, order)) == ("8.33", "2.00", "10.33")
    sap.make(ITEMS, ParentObjectID=order["ObjectID"], ProductID="MUG", Quantity="1", NetAmount="1")
    assert amounts(read(sap, order)) == ("9.33", "2.00", "11.33")
    assert "not creatable" in sap.refused(sap.call("POST", ORDERS, {"BuyerPartyID": "1", "NetAmount": "1"}))


def test_where_the_tenant_prices_itself(sap: Client) -> None:
    sap.set(order_pricing="tenant")
    order = sap.order({"NetAmount": "5.00"})
    assert (amounts(order), order["CalculationStatusCodeText"]) == (("0.00", "0.00", "0.00"), "Not Calculated")


def test_what_an_order_refuses(sap: Client) -> None:
    order = sap.order({"NetAmount": "1"})

    def wrong(**values: Any) -> str:
        body = {"ParentObjectID": order["ObjectID"], "ProductID": "MUG", **values}
        return sap.refused(sap.call("POST", ITEMS, body))

    assert "does not exist" in wrong(ProductID="NOPE")
    assert "ProductID" in wrong(ProductID="")
    assert "maximum length" in wrong(Description="x" * 41)
    assert "currency" in wrong(NetAmount="1", NetAmountCurrencyCode="USD")
    assert "scale" in wrong(NetAmount="1.1234567")
    assert "Edm.Decimal" in wrong(NetAmount="1,5")
    assert "scale" in wrong(NetAmount="9" * 23)
    assert "SalesTerms" in wrong(SalesTermsCancellationReasonCode="99")
    sap.set(negative_prices=False)
    assert "Negative" in wrong(NetAmount="-1")
    sap.set(order_item_needs_product=False)
    assert sap.make(ITEMS, ParentObjectID=order["ObjectID"], Description="Free text", NetAmount="1")["ID"] == "20"
    for party in ({"BuyerPartyID": "4711"}, {}, {"BuyerPartyID": OWNER}):
        assert sap.call("POST", ORDERS, party).status_code == 400


def test_cancellation(sap: Client) -> None:
    order = sap.order({"NetAmount": "5"}, {"NetAmount": "7"})
    first, second = sap.ask(ITEMS, f"ParentObjectID eq '{order['ObjectID']}'")
    item = sap.changed(ITEMS, first, SalesTermsCancellationReasonCode="05")
    assert item["CancellationStatusCodeText"] == "Canceled"
    assert read(sap, order)["ItemListCancellationStatusCodeText"] == "Partially Canceled"
    assert amounts(read(sap, order))[0] == "12.00"
    sap.set(cancelled_items_in_totals=False)
    sap.changed(ITEMS, second, Description="x")
    assert amounts(read(sap, order))[0] == "7.00"
    whole = sap.changed(ORDERS, order, CancellationReasonCode="01")
    assert (whole["ItemListCancellationStatusCodeText"], whole["CancellationReasonCodeText"]) == (
        "Canceled",
        "Customer Request",
    )


def test_parties_of_an_order(sap: Client) -> None:
    buyer = sap.account(City="Bonn", CountryCode="DE")
    sent = {"PartyID": buyer["AccountID"], "RoleCode": "1005", "CityName": "Kiel", "CountryCode": "DE"}
    order = sap.order(BuyerPartyID=buyer["AccountID"], EmployeeResponsiblePartyID=OWNER, CustomerOrderParty=[sent])
    rows = {row["RoleCode"]: row for row in sap.ask("CustomerOrderPartyCollection", f"SalesOrderID eq '{order['ID']}'")}
    assert set(rows) == {"1001", "1005", "10", "8", "39"}
    assert (rows["1001"]["CityName"], rows["1005"]["CityName"], rows["39"]["PartyName"]) == (
        "Bonn",
        "Kiel",
        "Mike Summers",
    )
    other = sap.account(Name="Other")
    sap.changed(ORDERS, order, BuyerPartyID=other["AccountID"])
    rows = {row["RoleCode"]: row for row in sap.ask("CustomerOrderPartyCollection", f"SalesOrderID eq '{order['ID']}'")}
    assert (rows["1001"]["PartyID"], len(rows)) == (other["AccountID"], 5)


def test_approval_of_an_order(sap: Client) -> None:
    order = sap.order({"NetAmount": "1"})
    assert order["ApprovalStatusCodeText"] == "Not Started"
    sent = sap.changed(ORDERS, order, SubmitForApproval=True)
    assert (sent["ApprovalStatusCodeText"], sent["SubmitForApproval"]) == ("In Approval", False)
    assert "in approval" in sap.refused(sap.patch(ORDERS, order["ObjectID"], {"Name": "x"}))
    assert "in approval" in sap.refused(
        sap.call("POST", ITEMS, {"ParentObjectID": order["ObjectID"], "ProductID": "MUG"})
    )
    assert sap.changed(ORDERS, order, WithdrawFromApproval=True)["ApprovalStatusCodeText"] == "Withdrawn"
    sap.changed(ORDERS, order, SubmitForApproval=True)
    sap.control("approve", entity="CustomerOrder", id=order["ID"], status="approved")
    assert read(sap, order)["ApprovalStatusCodeText"] == "Approved"
    assert "cannot be submitted" in sap.refused(sap.patch(ORDERS, order["ObjectID"], {"SubmitForApproval": True}))
    assert "not updatable" in sap.refused(sap.patch(ORDERS, order["ObjectID"], {"ApprovalStatusCode": "1"}))
    assert sap.changed(ORDERS, order, SetAsCompleted=True)["OrderExternalLifeCycleStatusCodeText"] == "Completed"


def test_opportunities_have_owner_and_external_id_by_patch(sap: Client) -> None:
    buyer = sap.account()["AccountID"]
    lacking = {"Name": "x", "ProspectPartyID": buyer}
    assert "MainEmployeeResponsiblePartyID" in sap.refused(sap.call("POST", OPPORTUNITIES, lacking))
    by_number = {**lacking, "MainEmployeeResponsiblePartyID": "E1000"}
    assert "does not exist" in sap.refused(sap.call("POST", OPPORTUNITIES, by_number))
    with_key = {**lacking, "MainEmployeeResponsiblePartyID": OWNER, "ExternalID": "k"}
    assert "not creatable" in sap.refused(sap.call("POST", OPPORTUNITIES, with_key))
    revenue = {"ExpectedRevenueAmount": "200", "ExpectedRevenueAmountCurrencyCode": "EUR"}
    made = sap.opportunity(**revenue, ProbabilityPercent="60",
                           OpportunityItem=[{"Description": "x", "ExpectedNetAmount": "12.5"}])  # fmt: skip
    assert (made["WeightedExpectedNetAmount"], made["TotalExpectedNetAmount"]) == ("120.000000", "12.500000")
    assert made["TotalExpectedNetAmountAmountCurrencyCode"] == "EUR"
    sap.changed(OPPORTUNITIES, made, ExternalID="store:1")
    assert [row["ID"] for row in sap.ask(OPPORTUNITIES, "ExternalID eq 'store:1'")] == [made["ID"]]
    reference = sap.make("OpportunityBusinessTransactionDocumentReferenceCollection", ParentObjectID=made["ObjectID"],
                         ID="100", TypeCode="114")  # fmt: skip
    assert reference["OpportunityID"] == made["ID"]


@pytest.mark.parametrize(("path", "possible"), [("24", True), ("4", True), ("3", False), ("23", True), ("45", False),
                                                ("52", True), ("242", True), ("21", True), ("9", False)])  # fmt: skip
def test_status_life_of_an_opportunity(sap: Client, path: str, possible: bool) -> None:
    made = sap.opportunity()
    last = 0
    for code in path:
        last = sap.patch(OPPORTUNITIES, made["ObjectID"], {"LifeCycleStatusCode": code}).status_code
    assert last == (204 if possible else 400)


def test_a_lead_becomes_an_opportunity(sap: Client) -> None:
    sap.product()
    bare = sap.make("LeadCollection", Name="Cart")
    lead = sap.make("LeadCollection", Name="Cart", AccountPartyID=sap.account()["AccountID"], OwnerPartyID=OWNER,
                    ExpectedRevenueAmount="50", ExpectedRevenueCurrencyCode="GBP",
                    LeadItem=[{"ProductID": "MUG", "Quantity": "2"}])  # fmt: skip
    path = "ConvertLeadToOpportunity?LeadObjectID="
    assert "account" in sap.refused(sap.call("POST", f"{path}'{bare['ObjectID']}'"))
    assert sap.call("GET", f"{path}'{lead['ObjectID']}'").status_code == 405
    made = sap.call("POST", f"{path}'{lead['ObjectID']}'").get_json()["d"]["results"]
    assert (made["Name"], made["ExpectedRevenueAmount"]) == ("Cart", "50.000000")
    assert made["__metadata"]["etag"] == sap.etag(OPPORTUNITIES, made)
    assert len(sap.ask("OpportunityItemCollection", f"OpportunityID eq '{made['ID']}'")) == 1
    assert read(sap, lead, "LeadCollection")["LifeCycleStatusCodeText"] == "Converted"
    assert "already" in sap.refused(sap.call("POST", f"{path}'{lead['ObjectID']}'"))


def test_queries_by_elements(sap: Client) -> None:
    for n in range(3):
        sap.account(Name=f"Shop {n}", City="Bonn", CountryCode="DE")
    query = "CorporateAccountQueryByElements?Name='Shop*'&City='Bonn'&StartRow='1'&NumberOfRows='1'"
    assert [row["Name"] for row in sap.get(query)] == ["Shop 1"]
    assert "not found" in sap.refused(sap.call("GET", "CorporateAccountQueryByElements?Nope='x'"))
    gone = sap.opportunity(Name="Somebody's cart")
    done = sap.call("POST", f"DepersonalizeOpportunity?ObjectID='{gone['ObjectID']}'")
    assert "Somebody" not in done.get_json()["d"]["results"]["Name"]
    ticket = sap.make("ServiceRequestCollection", Name="Somebody's parcel",
                      ServiceRequestTextCollection=[{"FormattedText": "I am", "AuthorID": "E1000"}])  # fmt: skip
    assert sap.call("POST", f"TicketDepersonalize?ObjectID='{ticket['ObjectID']}'").status_code == 200
    assert (sap.stored("ServiceRequestTextCollection"), "Somebody" in sap.stored("ServiceRequest")[0]["Name"]) == (
        [],
        False,
    )
    assert sap.call("POST", "TicketDepersonalize?ObjectID='nope'").status_code == 404
