"""Opportunities, line items, quotes and the catalogue as data."""

from __future__ import annotations

from decimal import Decimal

from app.sandbox.sugarcrm.fields import (
    CURRENCY,
    Field,
    address,
    computed,
    day,
    decimal,
    flag,
    key,
    module,
    money,
    named,
    pick,
    relate,
    text,
    url,
    whole,
)

ACCOUNT = relate("account", "Accounts")
TEMPLATE = relate("product_template", "ProductTemplates")
CATEGORY = relate("category", "ProductCategories")
MANUFACTURER = relate("manufacturer", "Manufacturers")
TYPE = relate("type", "ProductTypes")
CAMPAIGN = relate("campaign", "Campaigns")
_PRICES = (
    *money("cost_price", "cost_usdollar"),
    *money("discount_price", "discount_usdollar", label="Unit Price"),
    *money("list_price", "list_usdollar"),
)
_LINE = (
    *_PRICES,
    *TEMPLATE,
    *CATEGORY,
    *MANUFACTURER,
    *TYPE,
    text("mft_part_num", 50, indexed=True),
    text("vendor_part_num", 50),
    decimal("quantity", default=Decimal(1)),
    *money("discount_amount", "discount_amount_usdollar"),
    flag("discount_select"),
    pick("tax_class", "tax_class_dom", default="Taxable"),
    Field("weight", "decimal", 12),
    *money("book_value", "book_value_usdollar"),
    *money("deal_calc", "deal_calc_usdollar", readonly=True, calculated=True),
    text("asset_number", 50),
    text("serial_number", 50),
    url("website"),
    text("support_name", 50),
    text("support_contact", 50),
    text("support_description", 255),
    text("support_term", 100),
    day("date_purchased"),
    day("date_support_starts"),
    day("date_support_expires"),
    flag("service"),
    day("service_start_date"),
    day("service_end_date"),
    whole("service_duration_value"),
    text("service_duration_unit", 50),
    key("add_on_to_id"),
    *CURRENCY,
)

OPPORTUNITIES = module(
    "Opportunities",
    "Opportunity",
    named(),
    relate("account", "Accounts", required=True),
    money("amount", "amount_usdollar", label="Likely", required=True),
    money("best_case"),
    money("worst_case"),
    day("date_closed", required=True),
    whole("date_closed_timestamp", readonly=True, audited=False),
    pick("sales_stage", "sales_stage_dom", required=True),
    computed(pick("sales_status", "sales_status_dom", default="New")),
    whole("probability"),
    pick("commit_stage", "commit_stage_dom"),
    pick("opportunity_type", "opportunity_type_dom"),
    pick("lead_source", "opportunity_lead_source_dom"),
    text("next_step", 100),
    CAMPAIGN,
    *(
        computed(whole(f"{kind}_revenue_line_items", default=0, audited=False))
        for kind in ("total", "closed", "included")
    ),
    pick("sales_stage_cascade", "sales_stage_dom", stored=False),
    day("date_closed_cascade", stored=False),
    CURRENCY,
)
REVENUE_LINE_ITEMS = module(
    "RevenueLineItems",
    "RevenueLineItem",
    _LINE,
    named(),
    relate("opportunity", "Opportunities", required=True),
    ACCOUNT,
    day("date_closed", required=True),
    whole("date_closed_timestamp", readonly=True, audited=False),
    pick("sales_stage", "sales_stage_dom", default="Prospecting", required=True),
    whole("probability"),
    pick("commit_stage", "commit_stage_dom"),
    money("likely_case", required=True),
    money("best_case"),
    money("worst_case"),
    computed(Field("total_amount", "currency", 26)),
    pick("product_type", "opportunity_type_dom"),
    pick("status", "quote_type_dom"),
    pick("lead_source", "lead_source_dom"),
    text("next_step", 100),
    relate("quote", "Quotes"),
    CAMPAIGN,
)
_TOTALS = ("subtotal", "deal_tot", "new_sub", "tax", "total")


def _totals() -> tuple[Field, ...]:
    derived = tuple(f for name in _TOTALS for f in money(name, f"{name}_usdollar", readonly=True, calculated=True))
    return (*derived, decimal("deal_tot_discount_percentage", readonly=True, audited=False))


QUOTES = module(
    "Quotes",
    "Quote",
    named(size=50),
    computed(whole("quote_num", indexed=True)),
    pick("quote_stage", "quote_stage_dom", default="Draft", required=True),
    pick("quote_type", "quote_type_dom", default="Quotes"),
    day("date_quote_expected_closed", required=True),
    relate("billing_account", "Accounts", required=True),
    relate("shipping_account", "Accounts"),
    relate("billing_contact", "Contacts", rname="full_name"),
    relate("shipping_contact", "Contacts", rname="full_name"),
    relate("opportunity", "Opportunities"),
    address("billing"),
    address("shipping"),
    pick("payment_terms", "payment_terms_dom"),
    text("purchase_order_num", 50),
    day("original_po_date"),
    pick("order_stage", "order_stage_dom"),
    relate("taxrate", "TaxRates"),
    computed(decimal("taxrate_value")),
    key("shipper_id"),
    _totals(),
    money("shipping", "shipping_usdollar", readonly=True, calculated=True),
    flag("show_line_nums", True),
    CURRENCY,
)
BUNDLES = module(
    "ProductBundles",
    "ProductBundle",
    text("bundle_stage", 255, default="Draft"),
    key("quote_id"),
    key("taxrate_id"),
    _totals(),
    money("shipping", "shipping_usdollar"),
    whole("position", default=0),
    flag("default_group"),
    CURRENCY,
)
BUNDLE_NOTES = module("ProductBundleNotes", "ProductBundleNote", key("bundle_id"), whole("position", default=0))
PRODUCTS = module(
    "Products",
    "Product",
    _LINE,
    named(),
    ACCOUNT,
    relate("contact", "Contacts", rname="full_name"),
    relate("quote", "Quotes"),
    relate("opportunity", "Opportunities"),
    relate("revenuelineitem", "RevenueLineItems"),
    key("bundle_id"),
    pick("status", "quote_type_dom", default="Quotes"),
    computed(Field("total_amount", "currency", 26)),
    computed(Field("subtotal", "currency", 26)),
    whole("position", default=0),
)
TEMPLATES = module(
    "ProductTemplates",
    "ProductTemplate",
    named(),
    text("mft_part_num", 50, indexed=True),
    text("vendor_part_num", 50),
    TYPE,
    MANUFACTURER,
    CATEGORY,
    _PRICES,
    day("date_cost_price"),
    day("date_available"),
    pick("status", "product_template_status_dom", default="Available"),
    pick("tax_class", "tax_class_dom", default="Taxable"),
    url("website"),
    Field("weight", "decimal", 12),
    whole("qty_in_stock"),
    text("support_name", 50),
    text("support_contact", 50),
    text("support_description", 255),
    text("support_term", 100),
    pick("pricing_formula", "pricing_formula_dom", default="Fixed"),
    decimal("pricing_factor"),
    CURRENCY,
    admin_writes=True,
)
CATEGORIES = module(
    "ProductCategories",
    "ProductCategory",
    named(),
    relate("parent", "ProductCategories"),
    whole("list_order"),
    admin_writes=True,
)
MANUFACTURERS = module(
    "Manufacturers",
    "Manufacturer",
    named(),
    whole("list_order"),
    pick("status", "manufacturer_status_dom"),
    admin_writes=True,
)
TYPES = module("ProductTypes", "ProductType", named(), whole("list_order"), admin_writes=True)
TAX_RATES = module(
    "TaxRates",
    "TaxRate",
    named(),
    decimal("value"),
    whole("list_order"),
    pick("status", "tax_rate_status_dom", default="Active"),
    admin_writes=True,
)

SALES = (
    OPPORTUNITIES,
    REVENUE_LINE_ITEMS,
    QUOTES,
    BUNDLES,
    BUNDLE_NOTES,
    PRODUCTS,
    TEMPLATES,
    CATEGORIES,
    MANUFACTURERS,
    TYPES,
    TAX_RATES,
)
