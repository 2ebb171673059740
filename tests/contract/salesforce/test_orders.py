"""Orders: written once, changed, in batches, to the cent."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from app.connectors.lists import totals
from app.domain import Charge, ChargeKind, OrderLine, Refund
from app.domain.order import Stage
from tests.contract.salesforce.org import Org
from tests.contract.salesforce.records import PLACED, changed, guest, line, order

WRITE = "POST /composite"


def test_a_lone_order_is_one_look_up_and_one_write(org: Org) -> None:
    [outcome] = org.write(order())
    assert outcome.error is None and outcome.flags == ()
    assert org.calls() == [WRITE, WRITE]
    row = org.row("Order")
    assert (row["Status"], row["TotalAmount"], row["Name"]) == ("Activated", 29.99, "#1001")
    assert (row["BC_Total__c"], row["BC_Shipping__c"], row["BC_Tax__c"]) == (29.99, 4.99, 5.0)
    assert row["EffectiveDate"] == "2026-03-01" and row["BillingCity"] == "London"
    contact = org.row("Contact")
    assert row["AccountId"] == contact["AccountId"] and row["BillToContactId"] == contact["Id"]
    assert contact["BC_Customer_Id__c"] == "s1-guest:jane@example.com"
    assert org.row("Account")["Name"] == "Jane Doe"
    assert {r["BC_Variant_Id__c"] for r in org.rows("Product2")} == {"s1-77", "s1-charge:shipping", "s1-charge:tax"}
    assert outcome.made[("order", "1001")].ref.id == row["Id"]


def test_linked_things_are_not_looked_up(org: Org) -> None:
    org.write(order(1001))
    org.calls()
    [outcome] = org.write(order(1002))
    assert outcome.error is None
    assert org.calls() == [WRITE]
    assert len(org.rows("Contact")) == 1 and len(org.rows("Product2")) == 3


def test_an_unlinked_order_that_is_there_heals_on_the_first_attempt(org: Org) -> None:
    both = [order(n, line(n * 10), line(n * 10 + 1)) for n in (1, 2)]
    org.write(*both)
    org.links.clear()
    edited = [changed(record, lines=record.lines[:1]) for record in both]
    [outcome] = org.write(edited[0])  # alone
    assert outcome.error is None
    org.links.clear()
    outcomes = org.write(*edited)  # in a batch
    assert [outcome.error for outcome in outcomes] == [None, None]
    assert len(org.rows("Order")) == 2 and len(org.rows("OrderItem")) == 6
    assert {row["TotalAmount"] for row in org.rows("Order")} == {29.99}


def test_edits_follow(org: Org) -> None:
    first = order(1001, line(1), line(2, "7.50", 1, 78))
    org.write(first)
    refund = Refund("1", Decimal("7.50"), PLACED)
    second = changed(
        first,
        lines=(line(1, "30.00", 3), line(3, "1.00", 1, 79)),
        charges=(Charge(ChargeKind.SHIPPING, Decimal("2.00")),),
        refunds=(refund,),
        status="Shipped",
    )
    [outcome] = org.write(second)
    assert outcome.error is None
    row = org.row("Order")
    assert (row["TotalAmount"], row["BC_Refunded__c"], row["BC_Net__c"]) == (33.0, 7.5, 25.5)
    assert (row["Status"], row["BC_Status__c"]) == ("Activated", "Shipped")
    items = {item["BC_Line_Id__c"]: item for item in org.rows("OrderItem")}
    assert set(items) == {"s1-1001-1", "s1-1001-3", "s1-1001-shipping"}
    assert items["s1-1001-1"]["Quantity"] == 3
    assert org.target is not None and totals(org.target.sales()) == {"orders": 1, "totals": {"GBP": Decimal("25.5")}}


def test_pieces_at_two_prices_come_and_go_with_edits(org: Org) -> None:
    def rows() -> dict[str, tuple[float, float, str]]:
        return {
            item["BC_Line_Id__c"]: (item["Quantity"], item["UnitPrice"], item["Product2Id"])
            for item in org.rows("OrderItem")
        }

    plain = order(1001, line(1, "2080.00", 1000), line(2, "7.50", 1, 78), charges=())
    dearer = changed(plain, lines=(line(1, "2079.00", 1000), plain.lines[1]))
    org.write(plain)
    washer = org.row("Product2", BC_Variant_Id__c="s1-77")["Id"]
    for record in (dearer, replace(dearer, status="Shipped")):
        [outcome] = org.write(record)
        assert outcome.error is None and org.row("Order")["TotalAmount"] == 2086.5
        assert set(rows()) == {"s1-1001-1", "s1-1001-1-2", "s1-1001-2"}
        assert rows()["s1-1001-1"] == (100, 2.07, washer) and rows()["s1-1001-1-2"] == (900, 2.08, washer)
    # another attempt, which looks the rows up, moves both to another product
    org.links.pop(("order", "1001"))
    [outcome] = org.write(changed(dearer, lines=(line(1, "2079.00", 1000, variant=79), plain.lines[1])), attempt=2)
    other = org.row("Product2", BC_Variant_Id__c="s1-79")["Id"]
    assert outcome.error is None and {rows()[key][2] for key in ("s1-1001-1", "s1-1001-1-2")} == {other}
    [outcome] = org.write(plain)
    assert outcome.error is None and rows()["s1-1001-1"] == (1000, 2.08, washer)
    assert set(rows()) == {"s1-1001-1", "s1-1001-2"} and org.row("Order")["TotalAmount"] == 2087.5


def test_stages(org: Org) -> None:
    [outcome] = org.write(order(stage=Stage.INCOMPLETE))
    assert outcome.error is None and outcome.made == {} and org.rows("Order") == []
    org.write(order(stage=Stage.PENDING))
    assert org.row("Order")["Status"] == "Draft"
    org.write(order(stage=Stage.SALE))
    assert org.row("Order")["Status"] == "Activated"
    org.write(order(stage=Stage.CANCELLED))
    assert org.row("Order")["Status"] == "Draft"


def test_an_order_gone_from_the_store_is_archived(org: Org) -> None:
    org.write(order())
    outcome = org.gone("order", "1001")
    assert outcome.error is None
    row = org.row("Order")
    assert (row["Status"], row["BC_Status__c"], row["TotalAmount"]) == ("Draft", "Archived", 29.99)
    assert row["BC_Archived__c"] is True
    assert org.target is not None and totals(org.target.sales())["orders"] == 0
    [again] = org.write(replace(order(), is_deleted=True))
    assert again.error is None and org.row("Order")["BC_Archived__c"] is True
    assert org.gone("order", "999").error is None
    [back] = org.write(order())
    assert back.error is None and org.row("Order")["BC_Archived__c"] is False
    assert totals(org.target.sales())["orders"] == 1


def test_a_status_that_a_merchant_named_archived_is_no_archive(org: Org) -> None:
    org.write(order(status="Archived"))
    assert org.row("Order")["BC_Archived__c"] is False
    assert org.target is not None and totals(org.target.sales()) == {"orders": 1, "totals": {"GBP": Decimal("29.99")}}


def test_opportunities(org: Org) -> None:
    org.switches["opportunities"] = True
    org.open()
    [outcome] = org.write(order())
    row = org.row("Opportunity")
    assert (row["StageName"], row["Amount"], row["CloseDate"]) == ("Closed Won", 29.99, "2026-03-01")
    assert outcome.made[("opportunity", "1001")].ref.id == row["Id"]
    org.write(order(stage=Stage.CANCELLED))
    assert org.row("Opportunity")["StageName"] == "Closed Lost"


def test_the_opportunity_of_an_order_that_is_gone_is_lost(org: Org) -> None:
    org.switches["opportunities"] = True
    org.open()
    assert org.target is not None and org.target.refers_to_gone("order", "1") == (("opportunity", "1"),)
    org.write(*(order(n) for n in (1, 2, 3)))
    assert org.gone("order", "1").error is None
    # somebody deleted the order there
    row = org.row("Order", Name="#2")
    org.api("PATCH", f"/sobjects/Order/{row['Id']}", {"Status": "Draft"})
    org.api("DELETE", f"/sobjects/Order/{row['Id']}")
    assert org.gone("order", "2").error is None
    # somebody deleted the opportunity
    org.api("DELETE", f"/sobjects/Opportunity/{org.row('Opportunity', BC_Order_Id__c='s1-3')['Id']}")
    assert org.gone("order", "3").error is None
    assert {row["BC_Order_Id__c"]: row["StageName"] for row in org.rows("Opportunity")} == {
        "s1-1": "Closed Lost", "s1-2": "Closed Lost",
    }  # fmt: skip
    assert [row["BC_Archived__c"] for row in org.rows("Order")] == [True, True]


def test_twenty_five_orders_are_one_write(org: Org) -> None:
    org.write(order(1))
    org.calls()
    outcomes = org.write(*(order(n, buyer=guest(f"g{n % 20}@example.com")) for n in range(2, 27)))
    assert [o.error for o in outcomes] == [None] * 25
    assert org.calls() == [WRITE, WRITE]  # the guests are new: one look-up
    assert len(org.rows("Order")) == 26 and len(org.rows("Contact")) == 21
    assert {row["Status"] for row in org.rows("Order")} == {"Activated"}
    assert {row["TotalAmount"] for row in org.rows("Order")} == {29.99}


def test_a_few_new_products_cost_no_call(org: Org) -> None:
    org.write(order(1))
    org.calls()
    batch = [order(n, line(n * 100, variant=80 + n % 4)) for n in range(2, 27)]
    outcomes = org.write(*batch)
    assert [o.error for o in outcomes] == [None] * 25
    assert org.calls() == [WRITE, WRITE]


def test_a_hundred_orders_of_twenty_lines(org: Org) -> None:
    def big(n: int) -> list[OrderLine]:
        return [line(n * 100 + k, variant=100 + k) for k in range(20)]

    outcomes = org.write(*(order(n, *big(n), buyer=guest(f"g{n}@example.com")) for n in range(1, 101)))
    assert [o.error for o in outcomes] == [None] * 100
    calls = org.calls()
    assert len(calls) <= 6, calls  # one of them the look-up
    assert {row["TotalAmount"] for row in org.rows("Order")} == {409.99}
    # all of them change
    outcomes = org.write(
        *(order(n, *big(n), buyer=guest(f"g{n}@example.com"), status="Shipped") for n in range(1, 101))
    )
    assert [o.error for o in outcomes] == [None] * 100
    assert len(org.calls()) <= 5
    assert {row["BC_Status__c"] for row in org.rows("Order")} == {"Shipped"}


def test_a_big_lone_order(org: Org) -> None:
    lines = [line(k, variant=100 + k % 40) for k in range(1, 121)]
    [outcome] = org.write(order(1, *lines))
    assert outcome.error is None
    assert org.calls() == [WRITE, WRITE]
    assert org.row("Order")["TotalAmount"] == 2409.99
