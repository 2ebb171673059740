"""Opportunities in both modes, quotes, the catalogue, currencies; and how fast many are made."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.sandbox.sugarcrm.conftest import LINE, Client, post


def test_an_opportunity_is_the_sum_of_its_line_items(sugar: Client) -> None:
    deal = sugar.opportunity(
        {"likely_case": "10.10", "best_case": "20", "date_closed": "2026-12-05"},
        {"likely_case": "5.05", "worst_case": "1", "sales_stage": "Closed Lost", "date_closed": "2026-12-24"},
        amount="999", sales_stage="Prospecting", date_closed="2020-01-01",
    )  # fmt: skip
    assert (deal["amount"], deal["best_case"], deal["worst_case"]) == ("15.150000", "25.050000", "11.100000")
    assert (deal["sales_stage"], deal["sales_status"], deal["date_closed"]) == (
        "Closed Won",
        "Closed Won",
        "2026-12-24",
    )
    assert (deal["total_revenue_line_items"], deal["closed_revenue_line_items"], deal["probability"]) == (2, 2, 50)
    path = f"Opportunities/{deal['id']}/link/revenuelineitems"
    line = sugar.good("POST", path, {"name": "More", "likely_case": 1, **LINE, "sales_stage": "Qualification"})
    assert line["record"]["amount"] == "16.150000"
    assert line["record"]["sales_status"] == "In Progress"
    sugar.update("RevenueLineItems", line["related_record"]["id"], likely_case="2")
    assert sugar.get(f"Opportunities/{deal['id']}")["amount"] == "17.150000"
    sugar.good("DELETE", f"RevenueLineItems/{line['related_record']['id']}")
    after = sugar.get(f"Opportunities/{deal['id']}")
    assert (after["amount"], after["total_revenue_line_items"]) == ("15.150000", 2)
    assert sugar.update("Opportunities", deal["id"], amount="1")["amount"] == "15.150000"
    sugar.good("DELETE", f"Opportunities/{deal['id']}")
    assert sugar.stored("RevenueLineItems") == []


def test_switches_of_the_roll_up(sugar: Client) -> None:
    sugar.control("settings", lost_lines_count=False, close_date="earliest", likely_from_price=True)
    deal = sugar.opportunity(
        {"quantity": 3, "discount_price": "2.50", "date_closed": "2026-11-30"},
        {"likely_case": 9, "sales_stage": "Closed Lost"},
    )
    assert (deal["amount"], deal["date_closed"]) == ("7.500000", "2026-11-30")


def test_line_items_derive(sugar: Client) -> None:
    account = sugar.create("Accounts", name="A")
    sugar.opportunity(
        {
            "quantity": "3",
            "discount_price": "9.99",
            "discount_amount": "10",
            "discount_select": True,
            "likely_case": "26.97",
        },
        {"likely_case": "8", "quantity": 2},
        account_id=account["id"],
    )
    first, second = sugar.stored("RevenueLineItems")
    assert (first["total_amount"], first["probability"], first["account_id"]) == ("26.973000", 100, account["id"])
    assert (second["discount_price"], second["best_case"], second["opportunity_name"]) == (
        "4.000000",
        "8.000000",
        "Deal",
    )


def test_amounts_in_other_currencies(sugar: Client) -> None:
    deal = sugar.opportunity(
        {"likely_case": "80", "currency_id": "currency_gbp"},
        {"likely_case": "10"},
        currency_id="currency_gbp",
    )
    assert (deal["base_rate"], deal["amount"], deal["amount_usdollar"]) == ("0.800000", "88.000000", "110.000000")


def test_cascades_reach_open_lines_only(sugar: Client) -> None:
    deal = sugar.opportunity({"likely_case": 1}, {"likely_case": 1, "sales_stage": "Prospecting"})
    sugar.update("Opportunities", deal["id"], date_closed_cascade="2027-01-01", sales_stage_cascade="Qualification")
    found = {(r["sales_stage"], r["date_closed"]) for r in sugar.stored("RevenueLineItems")}
    assert found == {("Closed Won", "2026-12-01"), ("Qualification", "2027-01-01")}


def test_opportunities_without_line_items(sugar: Client) -> None:
    sugar.control("settings", opps_view_by="Opportunities")
    deal = sugar.create(
        "Opportunities", name="O", amount="12.5", sales_stage="Needs Analysis", date_closed="2026-12-01"
    )
    assert (deal["amount"], deal["best_case"], deal["probability"]) == ("12.500000", "12.500000", 25)
    assert sugar.update("Opportunities", deal["id"], sales_stage="Closed Lost")["probability"] == 0


def test_quotes_add_up(sugar: Client) -> None:
    rate = sugar.create("TaxRates", name="VAT", value="20")
    account = sugar.create("Accounts", name="A")
    products = [
        {
            "name": "Mug",
            "quantity": 2,
            "discount_price": "10.00",
            "discount_amount": "10",
            "discount_select": True,
            "position": 0,
        },
        {"name": "Card", "quantity": 1, "discount_price": "3.00", "tax_class": "Non-Taxable", "position": 1},
    ]
    bundle = {
        "name": "",
        "default_group": True,
        "shipping": "4.50",
        "currency_id": "-99",
        "products": {"create": products},
    }
    quote = sugar.create(
        "Quotes", name="Q", quote_stage="Draft", date_quote_expected_closed="2026-12-31", taxrate_id=rate["id"],
        billing_account_id=account["id"], total="1", product_bundles={"create": [bundle]},
    )  # fmt: skip
    figures = [quote[k] for k in ("subtotal", "deal_tot", "new_sub", "tax", "shipping", "total")]
    assert figures == ["23.000000", "2.000000", "21.000000", "3.600000", "4.500000", "29.100000"]
    assert (quote["quote_num"], quote["billing_account_name"]) == (1, "A")
    (stored,) = sugar.stored("ProductBundles")
    assert stored["total"] == "29.100000"
    mug = next(p for p in sugar.stored("Products") if p["name"] == "Mug")
    assert (mug["quote_id"], mug["account_id"], mug["total_amount"]) == (quote["id"], account["id"], "18.000000")
    sugar.good("DELETE", f"Products/{mug['id']}")
    assert sugar.get(f"Quotes/{quote['id']}")["total"] == "7.500000"


def test_an_empty_quote_has_its_default_group(sugar: Client) -> None:
    quote = sugar.create("Quotes", name="Q")
    (bundle,) = sugar.get(f"Quotes/{quote['id']}/link/product_bundles")["records"]
    assert (bundle["default_group"], quote["total"]) == (True, "0.000000")
    sugar.good("DELETE", f"Quotes/{quote['id']}")
    assert sugar.stored("ProductBundles") == []


@pytest.mark.parametrize(
    ("formula", "price"),
    [
        ("Fixed", "7"),
        ("ProfitMargin", "10"),
        ("PercentageMarkup", "9.6"),
        ("PercentageDiscount", "16"),
        ("IsList", "20"),
    ],
)
def test_pricing_formulas(sugar: Client, formula: str, price: str) -> None:
    made = sugar.create(
        "ProductTemplates", name="P", pricing_formula=formula, pricing_factor="20", cost_price="8", list_price="20",
        discount_price="7",
    )  # fmt: skip
    assert Decimal(made["discount_price"]) == Decimal(price)


def test_picking_from_the_catalogue(sugar: Client) -> None:
    template = sugar.create("ProductTemplates", name="Mug", mft_part_num="M1", discount_price="10", list_price="12")
    sugar.opportunity({"product_template_id": template["id"], "name": "Own name", "currency_id": "currency_gbp"})
    (line,) = sugar.stored("RevenueLineItems")
    assert (line["name"], line["mft_part_num"], line["product_template_name"]) == ("Own name", "M1", "Mug")
    assert (line["discount_price"], line["list_price"]) == ("8.000000", "9.600000")
    assert sugar.found("ProductTemplates", {"mft_part_num": "m1"}) == ["Mug"]


def test_many_at_once(sugar: Client) -> None:
    lines = [{"name": f"L{n}", "likely_case": "1.01", "quantity": 2, **LINE} for n in range(20)]
    batch = [
        post("Opportunities", {"name": f"O{n}", "sync_key": f"k{n}", "revenuelineitems": {"create": lines}})
        for n in range(50)
    ]
    answers = sugar.bulk(*batch)
    assert {a["contents"]["amount"] for a in answers} == {"20.200000"}
    assert len(sugar.stored("RevenueLineItems")) == 1000
    of_one = sugar.found("RevenueLineItems", {"opportunities.sync_key": "k7"}, fields=["name"])
    assert of_one == sorted(f"L{n}" for n in range(20))
