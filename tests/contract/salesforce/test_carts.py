"""Carts: leads or opportunities, recovered, given up."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain import Customer, Record
from app.domain.order import Stage
from tests.contract.salesforce.more import cart, recovered
from tests.contract.salesforce.org import Org
from tests.contract.salesforce.records import customer, guest, order

WRITE = "POST /composite"


@pytest.fixture
def deals(org: Org) -> Org:
    """An org where the carts of known contacts are opportunities."""
    org.switches["carts_as_opportunities"] = True
    org.open()
    return org


def test_a_cart_is_a_lead_once(org: Org) -> None:
    [outcome] = org.write(cart())
    assert outcome.error is None and org.calls() == [WRITE]
    lead = org.row("Lead")
    assert (lead["LastName"], lead["Email"], lead["Company"]) == ("Doe", "jane@example.com", "Jane Doe")
    assert (lead["BC_Amount__c"], lead["BC_Currency__c"], lead["LeadSource"]) == (20.0, "GBP", "Web")
    assert "2 x Thing 77 (SKU-77)" in lead["Description"] and lead["City"] == "London"
    org.write(cart(amount=Decimal("30.00")))
    assert org.row("Lead")["BC_Amount__c"] == 30.0
    org.links.clear()
    [again] = org.write(cart(), attempt=2)
    assert again.error is None and org.row("Lead")["Id"] == lead["Id"] == again.made[("cart", "c-1")].ref.id
    assert org.rows("Contact") == org.rows("Account") == []


def test_a_cart_of_nobody_is_left(org: Org) -> None:
    [outcome] = org.write(cart(buyer=Customer("", "")))
    assert outcome.error is None and outcome.made == {} and org.rows("Lead") == []


def test_a_cart_that_was_given_up(org: Org) -> None:
    org.write(cart())
    assert org.gone("cart", "c-1").error is None
    assert org.row("Lead")["Status"] == "Closed - Not Converted"
    assert org.gone("cart", "c-2").error is None


def test_a_lead_of_a_cart_that_somebody_converted_is_left_as_it_is(org: Org) -> None:
    org.write(cart())
    org.control("convert_lead", id=org.row("Lead")["Id"], create_opportunity=False)
    [outcome] = org.write(cart(amount=Decimal("30.00")))
    assert outcome.error is None and [flag.code for flag in outcome.flags] == ["LEFT_OUT"]
    assert org.gone("cart", "c-1").error is None
    [outcome] = org.write(recovered())
    assert outcome.error is None and len(org.rows("Contact")) == 1


@pytest.mark.parametrize("order_first", [True, False])
def test_a_recovered_cart_converts_its_lead_into_the_buyer(org: Org, order_first: bool) -> None:
    org.write(cart())
    records: list[Record] = [order(1001, cart_id="c-1"), recovered()]
    for record in records if order_first else reversed(records):
        [outcome] = org.write(record)
        assert outcome.error is None
    lead, contact = org.row("Lead"), org.row("Contact")
    assert lead["IsConverted"] is True and lead["ConvertedContactId"] == contact["Id"]
    assert contact["BC_Customer_Id__c"] == "s1-guest:jane@example.com" and len(org.rows("Account")) == 1
    assert org.row("Order")["BillToContactId"] == contact["Id"] and org.rows("Opportunity") == []
    [again] = org.write(recovered(), attempt=2)
    assert again.error is None and again.flags == () and len(org.rows("Contact")) == 1


def test_whom_a_recovered_lead_became_is_named_as_the_order_says(org: Org) -> None:
    org.write(cart(buyer=Customer("guest:jane@example.com", "jane@example.com", complete=False)))
    assert org.row("Lead")["LastName"] == "jane"
    [outcome] = org.write(replace(recovered(), buyer=guest()))
    assert outcome.error is None and ("customer", "guest:jane@example.com") in outcome.made
    contact, account = org.row("Contact"), org.row("Account")
    assert (contact["FirstName"], contact["LastName"], account["Name"]) == ("Jane", "Doe", "Jane Doe")
    org.write(order(1001, cart_id="c-1"))
    assert org.row("Order")["BillToContactId"] == contact["Id"] and len(org.rows("Contact")) == 1


def test_many_recovered_carts_are_one_conversion(org: Org) -> None:
    org.write(*(cart(f"c-{n}", guest(f"g{n}@example.com")) for n in range(30)))
    org.write(*(order(n, buyer=guest(f"g{n}@example.com")) for n in range(30)))
    org.forget_calls()
    outcomes = org.write(*(recovered(f"c-{n}", str(n)) for n in range(30)))
    assert {outcome.error for outcome in outcomes} == {None}
    assert len(org.rows("Contact")) == 30 and all(lead["IsConverted"] for lead in org.rows("Lead"))
    assert len(org.calls()) <= 3


def test_the_cart_of_a_known_contact_is_an_opportunity(deals: Org) -> None:
    deals.write(customer())
    deals.calls()
    [outcome] = deals.write(cart(buyer=customer()))
    assert outcome.error is None and deals.calls() == [WRITE]
    row = deals.row("Opportunity")
    assert (row["Amount"], row["StageName"], row["BC_Cart_Id__c"]) == (20.0, "Prospecting", "s1-c-1")
    assert row["AccountId"] == deals.row("Account")["Id"] and row["CloseDate"] == "2026-03-31"
    deals.write(cart("c-2", guest("nobody@example.com")))
    assert deals.row("Lead")["Email"] == "nobody@example.com"
    deals.gone("cart", "c-1")
    assert deals.row("Opportunity")["StageName"] == "Closed Lost"


def test_the_order_takes_the_opportunity_of_its_cart_over(deals: Org) -> None:
    deals.write(customer())
    deals.write(cart(buyer=customer()))
    [outcome] = deals.write(order(1001, buyer=replace(customer(), complete=False), cart_id="c-1"))
    row = deals.row("Opportunity")
    assert outcome.error is None and outcome.made[("opportunity", "1001")].ref.id == row["Id"]
    assert (row["StageName"], row["Amount"], row["BC_Order_Id__c"]) == ("Closed Won", 29.99, "s1-1001")
    [outcome] = deals.write(recovered())
    assert outcome.error is None and deals.row("Opportunity")["StageName"] == "Closed Won"
    deals.write(order(1001, buyer=replace(customer(), complete=False), cart_id="c-1", stage=Stage.CANCELLED))
    assert deals.row("Opportunity")["StageName"] == "Closed Lost"


def test_a_cart_whose_order_came_first(deals: Org) -> None:
    deals.write(customer())
    deals.write(cart(buyer=customer()))
    buyer = replace(customer(), complete=False)
    deals.write(order(1001, buyer=buyer))  # it did not say which cart it was
    [outcome] = deals.write(recovered())
    assert outcome.error is None and outcome.made[("opportunity", "1001")].ref.id == deals.row("Opportunity")["Id"]
    assert deals.row("Opportunity")["StageName"] == "Closed Won"
    # another order, which has its own opportunity
    deals.switches["opportunities"] = True
    deals.open()
    deals.write(cart("c-2", customer()), order(1002, buyer=buyer))
    deals.write(recovered("c-2", "1002"))
    stages = {row["BC_Cart_Id__c"]: row["StageName"] for row in deals.rows("Opportunity")}
    assert stages == {"s1-c-1": "Closed Won", "s1-c-2": "Closed Lost", None: "Closed Won"}


def test_an_opportunity_that_somebody_deleted_is_not_made_anew(deals: Org) -> None:
    deals.write(customer())
    deals.write(cart(buyer=customer()))
    deals.api("DELETE", f"/sobjects/Opportunity/{deals.row('Opportunity')['Id']}")
    [outcome] = deals.write(cart(buyer=customer(), amount=Decimal("1.00")))
    assert outcome.error is None and outcome.gone == {("cart", "c-1")} and deals.rows("Opportunity") == []
    [outcome] = deals.write(order(1001, buyer=replace(customer(), complete=False), cart_id="c-1"))
    assert outcome.error is None and deals.row("Order")["Status"] == "Activated"


def test_a_lead_that_somebody_deleted_is_not_made_anew(org: Org) -> None:
    org.write(cart())
    org.api("DELETE", f"/sobjects/Lead/{org.row('Lead')['Id']}")
    [outcome] = org.write(cart(amount=Decimal("1.00")))
    assert outcome.error is None and outcome.gone == {("cart", "c-1")} and org.rows("Lead") == []
    assert [flag.code for flag in outcome.flags] == ["DELETED_THERE"]
    assert org.gone("cart", "c-1").error is None
