"""Several stores on one org: the same numbers in all of them, and nobody overwrites anybody."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from app.connectors.lists import totals
from app.domain import Charge, ChargeKind
from tests.contract.salesforce.conftest import MakeOrg
from tests.contract.salesforce.org import Org
from tests.contract.salesforce.records import changed, customer, guest, line, order, product

KEYS = {
    "Account": "BC_Customer_Id__c",
    "Contact": "BC_Customer_Id__c",
    "Product2": "BC_Variant_Id__c",
    "PricebookEntry": "BC_Price_Id__c",
    "Order": "BC_Order_Id__c",
    "OrderItem": "BC_Line_Id__c",
    "Opportunity": "BC_Order_Id__c",
}


@pytest.fixture
def other(org: Org) -> Org:
    """The org of another store, whose hash begins like the first one's."""
    return org.other("s12")


def by_store(org: Org, name: str, *stores: str) -> list[list[str]]:
    """The external ids of an object, less the store, for each store; there are no others."""
    found = sorted(row[KEYS[name]] for row in org.rows(name))
    split = [[one.removeprefix(f"{store}-") for one in found if one.startswith(f"{store}-")] for store in stores]
    assert sum(map(len, split)) == len(found)
    return split


def test_the_same_numbers_in_two_stores_are_different_records(org: Org, other: Org) -> None:
    for store in (org, other):
        store.switches["opportunities"] = True
        store.open()
    theirs = replace(customer(email="zoe@example.org", first_name="Zoe", last_name="Ng"), phone="7")
    goods = product(7, 77, price="3.00")
    charges = (Charge(ChargeKind.SHIPPING, Decimal("1.00")), Charge(ChargeKind.TAX, Decimal("0.50")))
    for record in (customer(), product(7, 77), order(1001)):
        assert org.write(record)[0].error is None
    for record in (theirs, goods, order(1001, line(100100, "3.00", 1), buyer=guest("z@z.org"), charges=charges)):
        assert other.write(record)[0].error is None
    for name in KEYS:
        first, second = by_store(org, name, "s1", "s12")
        assert first and len(first) == len(second if name not in ("Account", "Contact") else second[:1]), name
    assert by_store(org, "Product2", "s1", "s12") == [["77", "charge:shipping", "charge:tax"]] * 2
    assert by_store(org, "Contact", "s1", "s12") == [["42"], ["42", "guest:z@z.org"]]
    assert org.row("Contact", BC_Customer_Id__c="s1-42")["FirstName"] == "Jane"
    assert org.row("PricebookEntry", BC_Price_Id__c="s1-77")["UnitPrice"] == 10.0
    assert org.row("PricebookEntry", BC_Price_Id__c="s12-77")["UnitPrice"] == 3.0
    assert org.row("Order", BC_Order_Id__c="s1-1001")["TotalAmount"] == 29.99
    assert org.row("Opportunity", BC_Order_Id__c="s1-1001")["Amount"] == 29.99
    assert org.target is not None and other.target is not None
    assert totals(org.target.sales()) == {"orders": 1, "totals": {"GBP": Decimal("29.99")}}
    assert totals(other.target.sales()) == {"orders": 1, "totals": {"GBP": Decimal("4.5")}}


def test_without_links_each_store_finds_its_own(org: Org, other: Org) -> None:
    for store in (org, other):
        store.write(product(7, 77), order(1001))
        store.links.clear()
    both = changed(order(1001), lines=(line(5),))
    [outcome] = other.write(both, attempt=2)
    assert outcome.error is None
    [outcome] = other.write(product(7, 77, price="2.00"), attempt=2)
    assert outcome.error is None
    assert by_store(org, "OrderItem", "s1", "s12") == [
        ["1001-100100", "1001-shipping", "1001-tax"], ["1001-5", "1001-shipping", "1001-tax"],
    ]  # fmt: skip
    assert by_store(org, "Product2", "s1", "s12") == [["77", "charge:shipping", "charge:tax"]] * 2
    assert org.row("PricebookEntry", BC_Price_Id__c="s1-77")["UnitPrice"] == 10.0
    assert other.gone("order", "1001").error is None
    assert [row["BC_Archived__c"] for row in org.rows("Order")] == [False, True]


def test_a_person_of_another_store_is_used_but_neither_claimed_nor_written(org: Org, other: Org) -> None:
    org.write(customer())
    contact = org.row("Contact")
    [outcome] = other.write(customer(43, first_name="Janet", company="Elsewhere"))
    assert outcome.error is None and outcome.flags == () and ("customer", "43") not in outcome.made
    [outcome] = other.write(order(1, buyer=replace(customer(43), complete=False)), order(2, buyer=guest()))[:1]
    assert outcome.error is None
    assert org.row("Contact") == contact and len(org.rows("Account")) == 1
    assert {row["BillToContactId"] for row in org.rows("Order")} == {contact["Id"]}
    assert {row["AccountId"] for row in org.rows("Order")} == {contact["AccountId"]}


def test_an_id_that_nobody_of_ours_wrote_is_somebody_elses(org: Org) -> None:
    account = org.make("Account", Name="Doe")
    there = org.make("Contact", LastName="D", Email="jane@example.com", AccountId=account, BC_Customer_Id__c="42")
    [outcome] = org.write(customer())
    assert outcome.error is None
    row = org.row("Contact")
    assert (row["Id"], row["BC_Customer_Id__c"], row["LastName"]) == (there, "42", "D")


def test_a_person_account_of_another_store(special: MakeOrg) -> None:
    org = special(person_accounts=True)
    other = org.other("s2")
    org.write(customer())
    account = org.row("Account")
    [outcome] = other.write(customer(43, first_name="Janet"))
    assert outcome.error is None
    [outcome] = other.write(order(1, buyer=replace(customer(43), complete=False)))
    assert outcome.error is None
    assert org.row("Account") == account and org.row("Order")["AccountId"] == account["Id"]


def test_a_namesake_of_another_store_is_not_taken_whatever_a_duplicate_rule_says(org: Org, other: Org) -> None:
    org.write(customer())
    contact = org.row("Contact")
    [outcome] = other.write(customer(email="other.jane@example.com"))
    assert outcome.error is None and [flag.code for flag in outcome.flags] == ["POSSIBLE_DUPLICATE"]
    assert org.row("Contact", BC_Customer_Id__c="s1-42") == contact
    assert by_store(org, "Account", "s1", "s12") == by_store(org, "Contact", "s1", "s12") == [["42"], ["42"]]


def test_a_product_of_another_store_is_not_adopted_by_its_sku(org: Org, other: Org) -> None:
    org.write(product(7, 77))
    row = org.row("Product2")
    [outcome] = other.write(product(8, 77, price="5.00"))
    assert outcome.error is None
    assert org.row("Product2", BC_Variant_Id__c="s1-77") == row
    assert by_store(org, "PricebookEntry", "s1", "s12") == [["77"], ["77"]]
    assert other.gone("product", "8").error is None
    assert {r["BC_Variant_Id__c"]: r["IsActive"] for r in org.rows("Product2")} == {"s1-77": True, "s12-77": False}


def test_ids_longer_than_the_field_stay_apart(org: Org, other: Org) -> None:
    long = guest("a" * 300 + "@example.com")
    for store in (org, other, org, other):
        assert store.write(order(1, buyer=long))[0].error is None
        store.links.clear()
    ids = [row["BC_Customer_Id__c"] for row in org.rows("Contact")]
    assert [len(one) for one in ids] == [255, 255] and len({one[-32:] for one in ids}) == 2


def test_totals_take_no_hash_for_a_pattern(org: Org) -> None:
    org.write(order(1))
    target = org.other("s_").target  # one underscore stands for any character there
    assert target is not None and totals(target.sales()) == {"orders": 0, "totals": {}}
