"""The catalogue: variants, prices, stock, categories."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from app.domain import Category, Product
from app.errors import Misconfigured
from tests.contract.sugarcrm.conftest import MakeInstance
from tests.contract.sugarcrm.instance import Instance
from tests.contract.sugarcrm.records import product


def stocked(record: Product, stock: int | None, **more: Any) -> Product:
    variants = tuple(replace(one, stock=stock, **more) for one in record.variants)
    return replace(record, variants=variants)


def test_variants_with_price_and_stock(sugar: Instance) -> None:
    sugar.good(stocked(product(7, 70, 71), 5))
    row = sugar.row("ProductTemplates", mft_part_num="SKU-70")
    assert (row["name"], row["qty_in_stock"], row["pricing_formula"]) == ("Thing 70", 5, "Fixed")
    assert (Decimal(row["discount_price"]), row["currency_id"]) == (Decimal("10"), "currency_gbp")
    assert (row["sync_key"], row["status"]) == ("s1-70", "Available")
    sugar.good(stocked(product(7, 70, 71, price="12.50"), 0))
    row = sugar.row("ProductTemplates", mft_part_num="SKU-70")
    assert (Decimal(row["discount_price"]), row["qty_in_stock"]) == (Decimal("12.5"), 0)
    assert len(sugar.rows("ProductTemplates")) == 2


def test_what_vanished_is_no_longer_available(sugar: Instance) -> None:
    sugar.good(product(7, 70, 71))
    sugar.good(product(7, 70))
    status = {row["mft_part_num"]: row["status"] for row in sugar.rows("ProductTemplates")}
    assert status == {"SKU-70": "Available", "SKU-71": "Unavailable"}
    assert sugar.archive("product", "7").error is None
    assert {row["status"] for row in sugar.rows("ProductTemplates")} == {"Unavailable"}
    sugar.good(product(7, 70, 71))
    assert {row["status"] for row in sugar.rows("ProductTemplates")} == {"Available"}
    assert len(sugar.rows("ProductTemplates")) == 2


def test_a_product_with_the_same_sku_is_adopted(sugar: Instance) -> None:
    there = sugar.make("ProductTemplates", name="Old", mft_part_num="sku-70", vendor_part_num="V1")
    sugar.good(product(7, 70))
    row = sugar.row("ProductTemplates")
    assert (row["id"], row["sync_key"], row["name"], row["vendor_part_num"]) == (there, "s1-70", "Thing 70", "V1")


def test_lost_links_make_no_doubles(sugar: Instance) -> None:
    sugar.good(product(7, 70, 71))
    sugar.links.clear()
    sugar.good(product(7, 70, 71))
    assert len(sugar.rows("ProductTemplates")) == 2


def test_a_deleted_product_is_followed(sugar: Instance) -> None:
    sugar.good(product(7, 70, 71))
    sugar.api("DELETE", f"/ProductTemplates/{sugar.row('ProductTemplates', mft_part_num='SKU-71')['id']}")
    [outcome] = sugar.good(product(7, 70, 71, price="11.00"))
    assert outcome.gone == {("variant", "71")} and [flag.code for flag in outcome.flags] == ["DELETED_THERE"]
    sugar.good(product(7, 70, 71, price="12.00"))
    assert len(sugar.rows("ProductTemplates")) == 1


def test_who_may_not_write_the_catalogue_is_told(special: MakeInstance) -> None:
    sugar = special(user="sally")
    [outcome] = sugar.write(product(7))
    assert isinstance(outcome.error, Misconfigured) and outcome.error.code == "not_authorized"


def test_categories_stand_below_their_parents(sugar: Instance) -> None:
    mugs = Category("3", "Mugs", (("1", "Kitchen"), ("2", "Drinking")))
    sugar.good(mugs)
    rows = {row["name"]: row for row in sugar.rows("ProductCategories")}
    assert rows["Mugs"]["parent_id"] == rows["Drinking"]["id"]
    assert rows["Drinking"]["parent_id"] == rows["Kitchen"]["id"] and not rows["Kitchen"]["parent_id"]
    sugar.good(replace(mugs, name="Cups"))
    sugar.links.clear()
    sugar.good(replace(mugs, name="Cups"), attempt=2)
    assert {row["name"] for row in sugar.rows("ProductCategories")} == {"Kitchen", "Drinking", "Cups"}
    sugar.good(stocked(product(7, 70), 1, category_id="3"))
    assert sugar.row("ProductTemplates")["category_id"] == sugar.row("ProductCategories", name="Cups")["id"]
