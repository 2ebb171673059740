"""Opportunities, leads and tasks: beside orders, for carts, for registrations and messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from app.connectors.base import Theirs
from app.domain import Cart, Customer, Message, Refund, Shipment
from app.domain.order import Stage
from tests.contract.salesforce.records import changed, customer, guest, line, order
from tests.contract.sap_sales_cloud.tenant import Tenant

D = Decimal
WRITE = "POST $batch"
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CART = "f1e2d3c4-0000-4000-8000-000000000001"


def cart(buyer: Customer | None = None, **more: Any) -> Cart:
    values = {"currency": "GBP", "amount": D("20.00"), "lines": (line(1),), "created_at": AT, **more}
    return Cart(CART, buyer or guest(), **values)


# ---- opportunities beside orders


def test_an_opportunity_beside_an_order(tenant: Tenant) -> None:
    tenant.open(opportunities=True)
    [outcome] = tenant.write(order())
    assert outcome.error is None and tenant.calls() == [WRITE] * 4
    deal, there = tenant.row("Opportunity"), tenant.row("CustomerOrder")
    assert (deal["ExternalID"], deal["Name"]) == ("s1-1001", "Order #1001, Jane Doe")
    assert (deal["LifeCycleStatusCodeText"], deal["ExpectedRevenueAmount"]) == ("Won", "29.990000")
    assert deal["ProspectPartyID"] == there["BuyerPartyID"] and deal["MainEmployeeResponsiblePartyID"]
    assert len(tenant.rows("OpportunityItem")) == 3
    reference = tenant.row("OpportunityBusinessTransactionDocumentReference")
    assert (reference["ID"], reference["TypeCode"]) == (there["ID"], "114")


def test_an_opportunity_follows_its_order(tenant: Tenant) -> None:
    tenant.open(opportunities=True)
    first = order(stage=Stage.PENDING)
    tenant.write(first)
    assert tenant.row("Opportunity")["LifeCycleStatusCodeText"] == "Open"
    tenant.write(changed(first, stage=Stage.SALE, lines=(line(5, "40.00"),)))
    deal = tenant.row("Opportunity")
    assert (deal["LifeCycleStatusCodeText"], deal["ExpectedRevenueAmount"]) == ("Won", "49.990000")
    assert {row["ExpectedNetAmount"] for row in tenant.rows("OpportunityItem")} == {"40.000000", "4.990000", "5.000000"}
    tenant.links.clear()
    [outcome] = tenant.write(changed(first, stage=Stage.SALE, lines=(line(5, "40.00"),)), attempt=2)
    assert outcome.error is None and len(tenant.rows("Opportunity")) == len(tenant.rows("OpportunityItem")) // 3 == 1
    assert len(tenant.rows("OpportunityBusinessTransactionDocumentReference")) == 1
    tenant.gone("order", "1001")
    assert len(tenant.rows("Opportunity")) == 1
    tenant.write(order(2))
    tenant.gone("order", "2")
    assert tenant.row("Opportunity", ExternalID="s1-2")["LifeCycleStatusCodeText"] == "Lost"


def test_an_opportunity_without_its_key_is_found_again(tenant: Tenant) -> None:
    tenant.open(opportunities=True)
    tenant.write(order())
    tenant.edit("Opportunity", tenant.row("Opportunity")["ObjectID"], ExternalID="")  # died before it was written
    tenant.links.clear()
    [outcome] = tenant.write(order(), attempt=2)
    assert outcome.error is None and tenant.row("Opportunity")["ExternalID"] == "s1-1001"


def test_an_opportunity_deleted_there_is_not_made_again(tenant: Tenant) -> None:
    tenant.open(opportunities=True)
    tenant.write(order())
    tenant.api("DELETE", f"OpportunityCollection('{tenant.row('Opportunity')['ObjectID']}')")
    [outcome] = tenant.write(order(status="Shipped"))
    assert outcome.error is None and outcome.gone == {("opportunity", "1001")}
    [outcome] = tenant.write(order(status="Shipped"), gone=frozenset({("opportunity", "1001")}))
    assert outcome.error is None and tenant.rows("Opportunity") == []


# ---- carts


def test_a_cart_is_a_lead(tenant: Tenant) -> None:
    [outcome] = tenant.write(cart())
    assert outcome.error is None and tenant.calls() == [WRITE] * 2
    lead = tenant.row("Lead")
    assert (lead["Name"], lead["ExpectedRevenueAmount"]) == ("Cart of Jane Doe", "20.000000")
    assert (lead["IndividualCustomerEMail"], lead["Note"]) == ("jane@example.com", "2 x Thing 77 (SKU-77)")
    assert len(lead["ExternalID"]) == 35 and lead["OwnerPartyID"]
    tenant.write(cart(amount=D("30.00")))
    assert tenant.row("Lead")["ExpectedRevenueAmount"] == "30.000000"
    tenant.links.clear()
    tenant.write(cart(amount=D("40.00")), attempt=2)
    assert tenant.row("Lead")["ExpectedRevenueAmount"] == "40.000000"
    assert tenant.gone("cart", CART).error is None
    assert tenant.row("Lead")["UserStatusCodeText"] == "Declined"


def test_a_cart_of_somebody_known_names_them(tenant: Tenant) -> None:
    tenant.write(customer())
    tenant.write(cart(replace(customer(), complete=False)))
    assert tenant.row("Lead")["AccountPartyID"] == tenant.row("IndividualCustomer")["CustomerID"]


def test_a_recovered_lead_is_won(tenant: Tenant) -> None:
    tenant.write(cart())
    [outcome] = tenant.write(cart(order_id="1001", lines=(), amount=D(0)))
    assert outcome.error is None and tenant.row("Lead")["UserStatusCodeText"] in ("Converted", "Accepted")
    assert tenant.rows("Opportunity") == []


def test_a_recovered_lead_becomes_the_orders_opportunity(tenant: Tenant) -> None:
    tenant.open(opportunities=True)
    tenant.write(customer())
    buyer = replace(customer(), complete=False)
    tenant.write(cart(buyer))
    [outcome] = tenant.write(cart(buyer, order_id="1001", lines=(), amount=D(0)))
    assert outcome.error is None, outcome
    assert outcome.made[("cart", CART)].ref.kind == "Opportunity"
    [outcome] = tenant.write(order(buyer=buyer, cart_id=CART))
    assert outcome.error is None, outcome
    deal = tenant.row("Opportunity")
    assert (deal["ExternalID"], deal["LifeCycleStatusCodeText"]) == ("s1-1001", "Won")
    assert deal["ExpectedRevenueAmount"] == "29.990000"


def test_a_cart_of_somebody_known_may_be_an_opportunity(tenant: Tenant) -> None:
    tenant.open(carts_as_opportunities=True, opportunities=True)
    tenant.write(customer())
    buyer = replace(customer(), complete=False)
    [outcome] = tenant.write(cart(buyer))
    assert outcome.error is None and tenant.rows("Lead") == []
    deal = tenant.row("Opportunity")
    assert (deal["LifeCycleStatusCodeText"], deal["ExpectedRevenueAmount"]) == ("Open", "20.000000")
    assert deal["ExternalID"].startswith("s1-cart-")
    tenant.write(order(buyer=buyer, cart_id=CART))
    deal = tenant.row("Opportunity")
    assert (deal["ExternalID"], deal["LifeCycleStatusCodeText"]) == ("s1-1001", "Won")
    [outcome] = tenant.write(cart(buyer, order_id="1001", lines=(), amount=D(0)))
    assert outcome.error is None and tenant.row("Opportunity")["ExpectedRevenueAmount"] == "29.990000"


def test_a_cart_that_is_given_up_loses_its_opportunity(tenant: Tenant) -> None:
    tenant.open(carts_as_opportunities=True)
    tenant.write(customer())
    tenant.write(cart(replace(customer(), complete=False)))
    assert tenant.gone("cart", CART).error is None
    assert tenant.row("Opportunity")["LifeCycleStatusCodeText"] == "Lost"


# ---- registrations


def test_a_registration_is_a_lead_until_the_first_order(tenant: Tenant) -> None:
    tenant.open(registrations_as_leads=True)
    [outcome] = tenant.write(customer())
    assert outcome.error is None and tenant.rows("IndividualCustomer") == []
    assert tenant.row("Lead")["IndividualCustomerFamilyName"] == "Doe"
    tenant.write(customer(last_name="Roe"))
    assert tenant.row("Lead")["IndividualCustomerFamilyName"] == "Roe"
    [outcome] = tenant.write(order(buyer=replace(customer(), complete=False, has_ordered=True)))
    assert outcome.error is None
    person = tenant.row("IndividualCustomer")
    lead = tenant.row("Lead")
    assert lead["AccountPartyID"] == person["CustomerID"] and lead["UserStatusCodeText"] == "Converted"
    tenant.calls()
    tenant.write(customer(has_ordered=True, first_name="Janet"))
    assert tenant.row("IndividualCustomer")["FirstName"] == "Janet" and len(tenant.rows("Lead")) == 1


def test_a_lead_that_was_made_without_an_answer_is_compared_first(tenant: Tenant) -> None:
    tenant.open(registrations_as_leads=True, customer_edits=True)
    tenant.write(customer(phone="1"))
    tenant.links.clear()
    [outcome] = tenant.write(customer(phone="2"), attempt=2)
    assert outcome.matched == outcome.ours == {("lead", "42")}
    assert tenant.row("Lead")["IndividualCustomerPhone"] == "1"
    tenant.write(customer(phone="2"))
    assert tenant.row("Lead")["IndividualCustomerPhone"] == "2"


def test_a_lead_is_read_back_until_it_names_its_customer(tenant: Tenant) -> None:
    tenant.open(registrations_as_leads=True)
    tenant.write(customer())
    place = tenant.links[("lead", customer().id)].ref
    there = tenant.sap.read_many("Lead", [place.id])[place.id]
    assert isinstance(there, Theirs) and there.fields == tenant.sap.shown(customer())[("lead", customer().id)]
    assert tenant.sap.inward["Lead"] == "lead"
    tenant.write(order(buyer=replace(customer(), complete=False, has_ordered=True)))
    converted = tenant.sap.read_many("Lead", [place.id])[place.id]
    assert isinstance(converted, Theirs) and not converted.fields


# ---- tasks


def test_activities_are_completed_tasks_once_each(tenant: Tenant) -> None:
    tenant.open(activities=True)
    first = order()
    [outcome] = tenant.write(first)
    assert outcome.error is None and tenant.calls() == [WRITE] * 3
    tasks = {row["Subject"]: row for row in tenant.rows("Tasks")}
    assert set(tasks) == {
        "Order #1001 placed [s1-1001-placed]",
        "Order #1001: Awaiting Fulfillment [s1-1001-status-11]",
    }
    placed = tasks["Order #1001 placed [s1-1001-placed]"]
    assert placed["StatusText"] == "Completed"
    assert placed["MainAccountPartyID"] == tenant.row("IndividualCustomer")["CustomerID"]
    later = replace(
        first, status="Shipped", status_id=2, refunds=(Refund("7", D("5.00"), AT, "broken"),),
        shipments=(Shipment("3", AT, "1Z9", carrier="UPS"),),
    )  # fmt: skip
    tenant.write(later)
    assert len(tenant.rows("Tasks")) == 5
    tenant.write(replace(later, customer_message="!"))
    tenant.links.clear()
    [outcome] = tenant.write(later, attempt=2)
    assert outcome.error is None and len(tenant.rows("Tasks")) == 5
    assert tenant.row("TasksTextCollection")["Text"] == "broken"


def test_a_message_is_a_completed_task(tenant: Tenant) -> None:
    tenant.write(customer())
    message = Message("1001-5", "1001", "Where is it?", "I wait.\nStill.", AT, customer_id="42")
    [outcome] = tenant.write(message)
    assert outcome.error is None
    task = tenant.row("Tasks")
    assert task["Subject"] == "Order #1001, message: Where is it? [s1-1001-5]"
    assert task["MainAccountPartyID"] == tenant.row("IndividualCustomer")["CustomerID"]
    assert tenant.row("TasksTextCollection")["Text"] == "Customer: I wait.\nStill."
    tenant.write(message)
    tenant.links.clear()
    tenant.write(message, attempt=2)
    assert len(tenant.rows("Tasks")) == 1


def test_a_lead_deleted_there_does_not_keep_the_order_back(tenant: Tenant) -> None:
    tenant.open(registrations_as_leads=True)
    tenant.write(customer())
    tenant.api("DELETE", f"LeadCollection('{tenant.row('Lead')['ObjectID']}')")
    [outcome] = tenant.write(order(buyer=replace(customer(), complete=False, has_ordered=True)))
    assert outcome.error is None and outcome.gone == {("lead", "42")} and len(tenant.rows("CustomerOrder")) == 1
