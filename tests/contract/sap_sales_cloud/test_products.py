"""Variants as products: found by SKU, updated, blocked once the store has them no longer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.connectors.lists import totals
from tests.contract.salesforce.records import line, order, product
from tests.contract.sap_sales_cloud.tenant import Tenant

WRITE = "POST $batch"


def test_create_repeat_update(tenant: Tenant) -> None:
    [outcome] = tenant.write(product(7, 70, 71))
    assert outcome.error is None and tenant.calls() == [WRITE, WRITE]
    assert {row["ProductID"]: row["Description"] for row in tenant.rows("Product")} == {
        "SKU-70": "Thing 70",
        "SKU-71": "Thing 71",
    }
    tenant.write(product(7, 70, 71))
    assert tenant.calls() == [WRITE]
    renamed = product(7, 70, 71)
    renamed = replace(renamed, variants=(replace(renamed.variants[0], name="Better"), *renamed.variants[1:]))
    [outcome] = tenant.write(renamed)
    assert [sent["body"] for sent in outcome.sent] == [{"Description": "Better"}]
    tenant.links.clear()
    tenant.write(renamed, attempt=2)
    assert len(tenant.rows("Product")) == 2


def test_a_product_of_this_sku_is_used(tenant: Tenant) -> None:
    there = tenant.make("Product", ProductID="SKU-70", Description="Old", Language="EN", BaseUOM="EA")
    [outcome] = tenant.write(product(7))
    assert outcome.error is None and outcome.made[("variant", "70")].ref.id == there["ObjectID"]
    assert tenant.row("Product")["Description"] == "Thing 70"


def test_an_order_does_not_overwrite_a_product(tenant: Tenant) -> None:
    tenant.make("Product", ProductID="SKU-77", Description="Old", Language="EN", BaseUOM="EA")
    [outcome] = tenant.write(order())
    assert outcome.error is None and tenant.row("Product")["Description"] == "Old"


def test_a_changed_sku_stays_on_its_product(tenant: Tenant) -> None:
    tenant.write(product(7))
    moved = product(7)
    moved = replace(moved, variants=(replace(moved.variants[0], sku="NEW"),))
    assert tenant.write(moved)[0].error is None
    [outcome] = tenant.write(order(1, replace(line(1, variant=70), sku="NEW")))
    assert outcome.error is None and len(tenant.rows("Product")) == 1
    assert tenant.items(1)["1"]["ProductID"] == "SKU-70"


def test_variants_that_vanish_are_blocked(tenant: Tenant) -> None:
    tenant.write(product(7, 70, 71))
    [outcome] = tenant.write(product(7, 70))
    assert outcome.error is None
    assert tenant.row("Product", ProductID="SKU-71")["StatusText"] == "Blocked"
    assert tenant.row("Product", ProductID="SKU-70")["StatusText"] == "Active"
    assert tenant.gone("product", "7").error is None
    assert tenant.row("Product", ProductID="SKU-70")["StatusText"] == "Blocked"


def test_two_variants_of_one_sku_share_a_product(tenant: Tenant) -> None:
    twins = product(7, 70, 71)
    twins = replace(twins, variants=tuple(replace(one, sku="TWIN") for one in twins.variants))
    [outcome] = tenant.write(twins)
    assert outcome.error is None and len(tenant.rows("Product")) == 1


def test_a_deleted_product_is_not_made_again(tenant: Tenant) -> None:
    tenant.write(product(7))
    tenant.api("DELETE", f"ProductCollection('{tenant.row('Product')['ObjectID']}')")
    [outcome] = tenant.write(product(7, price="11.00"))
    assert outcome.error is None and outcome.gone == {("variant", "70")} and tenant.rows("Product") == []
    assert [flag.code for flag in outcome.flags] == ["DELETED_THERE"]


def test_many_products_share_their_calls(tenant: Tenant) -> None:
    outcomes = tenant.write(*(product(n, n * 10, n * 10 + 1) for n in range(1, 41)))
    assert {outcome.error for outcome in outcomes} == {None}
    assert tenant.calls() == [WRITE, WRITE] and len(tenant.rows("Product")) == 80


def test_a_lock_that_is_refused_is_no_locked_record(tenant: Tenant) -> None:
    named = product(7)
    named = replace(named, variants=(replace(named.variants[0], sku="BIKE-LOCK", name="Bike lock"),))
    tenant.write(named)
    tenant.edit("Product", tenant.row("Product")["ObjectID"], Status="4")
    sold = replace(line(1, variant=70), sku="BIKE-LOCK", name="Bike lock")
    [outcome] = tenant.write(order(1, sold))
    assert outcome.error is None and [flag.code for flag in outcome.flags] == ["PLACEHOLDER_LINE"]
    assert len(tenant.rows("CustomerOrder")) == 1


@pytest.mark.parametrize("number", [2, 9])
def test_products_that_are_refused_one_by_one_lose_no_order(bare: Tenant, number: int) -> None:
    bare.area = "1000/01/00"
    bare.connect()
    variants = range(1000, 1000 + number)
    for variant in variants:  # of people there, and not sold in our area
        bare.make("Product", ProductID=f"SKU-{variant}", Description="Thing", Language="EN", BaseUOM="EA", Status="2")
    bare.control("settings", sales_area_check=True)
    sold = order(1, line(1, variant=7), *(line(variant, variant=variant) for variant in variants))
    [outcome] = bare.write(sold)
    assert outcome.error is None and totals(bare.sap.sales()) == {"orders": 1, "totals": {"GBP": sold.net}}
    assert {flag.code for flag in outcome.flags} == {"PLACEHOLDER_LINE"} and len(outcome.flags) >= number
    products = {item["ProductID"] for key, item in bare.items(1).items() if key.isdigit()}
    assert products == ({"SKU-7", "STORELINE-ITEM"} if number == 2 else {"STORELINE-ITEM"})


def test_another_stores_product_of_the_same_sku_is_not_ours(tenant: Tenant) -> None:
    tenant.open(product_edits=True)
    other = replace(tenant, store="s2", links={}, target=None)
    other.account = replace(tenant.account, store="s2")
    other.open(product_edits=True)
    tenant.write(product(7, 70))
    theirs = product(9, 70)
    [outcome] = other.write(replace(theirs, variants=(replace(theirs.variants[0], id="990", name="Second shop's"),)))
    assert (outcome.matched, outcome.ours) == (frozenset({("variant", "990")}), frozenset())
