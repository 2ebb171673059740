"""Variants as products with standard prices."""

from __future__ import annotations

from dataclasses import replace

from app.connectors.lists import totals
from app.domain import Product
from tests.contract.salesforce.conftest import MakeOrg
from tests.contract.salesforce.org import Org
from tests.contract.salesforce.records import line, order, product

WRITE = "POST /composite"


def test_create_update_vanish(org: Org) -> None:
    [outcome] = org.write(product(7, 70, 71))
    assert outcome.error is None and org.calls() == [WRITE, WRITE]
    assert outcome.made[("product", "7")].children == ("70", "71")
    assert {row["ProductCode"] for row in org.rows("Product2")} == {"SKU-70", "SKU-71"}
    assert {row["IsActive"] for row in org.rows("PricebookEntry")} == {True}
    [outcome] = org.write(product(7, 70, price="12.50"))
    assert outcome.error is None and org.calls() == [WRITE]
    assert org.row("Product2", BC_Variant_Id__c="s1-70")["IsActive"] is True
    assert org.row("Product2", BC_Variant_Id__c="s1-71")["IsActive"] is False
    assert org.row("PricebookEntry", BC_Price_Id__c="s1-70")["UnitPrice"] == 12.5
    assert org.gone("product", "7").error is None
    assert {row["IsActive"] for row in org.rows("Product2")} == {False}


def test_a_variant_that_could_not_be_ended_is_remembered(org: Org) -> None:
    org.write(product(7, 70, 71))
    rule = {"object": "Product2", "where": "BC_Variant_Id__c = 's1-71'", "message": "Keep it"}
    org.control("org", validation_rules=[rule])
    [outcome] = org.write(product(7, 70))
    assert outcome.error is not None and outcome.error.message == "Keep it"
    org.control("org", validation_rules=[])
    [outcome] = org.write(product(7, 70))
    assert outcome.error is None and outcome.made[("product", "7")].children == ("70",)
    assert org.row("Product2", BC_Variant_Id__c="s1-71")["IsActive"] is False


def test_a_variant_that_somebody_deleted_there_keeps_no_other_one_active(org: Org) -> None:
    org.write(product(7, 70, 71, 72), product(8, 80, 81, 82))
    for variant in (71, 81):
        there = org.row("Product2", BC_Variant_Id__c=f"s1-{variant}")["Id"]
        org.api("DELETE", f"/sobjects/Product2/{there}")
    assert org.target is not None and org.target.refers_to_gone("product", "7") == ()
    assert org.gone("product", "7").error is None
    [outcome] = org.write(product(8, 80))
    assert outcome.error is None and outcome.made[("product", "8")].children == ("80",)
    assert {row["BC_Variant_Id__c"]: row["IsActive"] for row in org.rows("Product2")} == {
        "s1-70": False, "s1-72": False, "s1-80": True, "s1-82": False,
    }  # fmt: skip


def test_repeated_without_links(org: Org) -> None:
    org.write(product(7, 70, 71))
    org.links.clear()
    [outcome] = org.write(product(7, 70, 71, price="9.00"), attempt=2)
    assert outcome.error is None
    assert len(org.rows("Product2")) == len(org.rows("PricebookEntry")) == 2
    assert {row["UnitPrice"] for row in org.rows("PricebookEntry")} == {9.0}


def test_a_product_with_the_sku_is_adopted(org: Org) -> None:
    there = org.make("Product2", Name="Their thing", ProductCode="SKU-77")
    entry = org.make("PricebookEntry", Product2Id=there, Pricebook2Id=org.facts["pricebook"], UnitPrice=3)
    [outcome] = org.write(order(1, line(5)))
    assert outcome.error is None
    row = org.row("Product2", ProductCode="SKU-77")
    assert (row["Id"], row["BC_Variant_Id__c"], row["Name"]) == (there, "s1-77", "Their thing")
    price = org.row("PricebookEntry", Product2Id=there)
    assert (price["Id"], price["BC_Price_Id__c"], price["UnitPrice"], price["IsActive"]) == (entry, "s1-77", 3.0, True)


def test_an_ambiguous_sku_is_not_adopted(org: Org) -> None:
    for name in "AB":
        org.make("Product2", Name=name, ProductCode="SKU-77")
    [outcome] = org.write(order(1, line(5)))
    assert outcome.error is None
    assert org.row("Product2", BC_Variant_Id__c="s1-77")["Name"] == "Thing 77"


def test_many_products_in_few_calls(org: Org) -> None:
    outcomes = org.write(*(product(n, n * 10, n * 10 + 1) for n in range(1, 101)))
    assert {outcome.error for outcome in outcomes} == {None}
    assert org.calls() == [WRITE, WRITE]
    assert len(org.rows("Product2")) == 200


def test_one_bad_product_in_a_batch(org: Org) -> None:
    org.control(
        "org",
        validation_rules=[{"object": "Product2", "where": "ProductCode = 'SKU-20'", "message": "No!", "field": "Name"}],
    )
    outcomes = org.write(product(1), product(2), product(3))
    assert [outcome.error is None for outcome in outcomes] == [True, False, True]
    error = outcomes[1].error
    assert error is not None and (error.remedy, error.message, error.field) == ("data", "No!", "Name")


def test_several_currencies(special: MakeOrg) -> None:
    org = special(multi_currency=True)
    [first] = org.write(order(1, line(5)))
    [second] = org.write(order(2, line(6), currency="EUR"))
    assert first.error is None and second.error is None
    prices = {row["BC_Price_Id__c"]: row["CurrencyIsoCode"] for row in org.rows("PricebookEntry")}
    assert prices["s1-77:GBP"] == "GBP" and prices["s1-77:EUR"] == "EUR"
    assert {row["CurrencyIsoCode"] for row in org.rows("Order")} == {"GBP", "EUR"}
    assert len(org.rows("Product2")) == 3
    [again] = org.write(order(2, line(6), currency="EUR", status="Shipped"))
    assert again.error is None
    assert org.target is not None
    assert {key: str(value) for key, value in totals(org.target.sales())["totals"].items()} == {
        "GBP": "29.99",
        "EUR": "29.99",
    }
    variant = product(7, 77, price="10.00").variants[0]
    outcomes = org.write(Product("7", "P", (replace(variant, currency="EUR"),)))
    assert outcomes[0].error is None and org.row("PricebookEntry", BC_Price_Id__c="s1-77:EUR")["UnitPrice"] == 10.0
