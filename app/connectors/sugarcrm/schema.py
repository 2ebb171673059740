"""The modules that we write, and the custom fields that we use where an administrator has made them: as data."""

from __future__ import annotations

from dataclasses import dataclass

SYNC_KEY = "sync_key"
OWN_KEY = "bc_key_c"  # where the key is kept when the user may not set sync keys

ACCOUNTS, CONTACTS, LEADS = "Accounts", "Contacts", "Leads"
OPPORTUNITIES, RLIS = "Opportunities", "RevenueLineItems"
QUOTES, BUNDLES = "Quotes", "ProductBundles"
TEMPLATES, CATEGORIES = "ProductTemplates", "ProductCategories"
TASKS, NOTES, CASES = "Tasks", "Notes", "Cases"
MODULES = (
    ACCOUNTS, CONTACTS, LEADS, OPPORTUNITIES, RLIS, QUOTES, BUNDLES, "Products", TEMPLATES, CATEGORIES,
    TASKS, NOTES, CASES,
)  # fmt: skip
NEEDED = (ACCOUNTS, CONTACTS, OPPORTUNITIES)


@dataclass(frozen=True)
class CustomField:
    """A field that only Studio can make."""

    module: str
    name: str
    label: str
    type: str  # Studio's word for it


_TEXT, _MONEY, _TIME = "TextField", "Currency", "DateTime"
FIELDS = (
    CustomField(OPPORTUNITIES, "bc_status_c", "Store Status", _TEXT),
    CustomField(OPPORTUNITIES, "bc_gross_c", "Order Total", _MONEY),
    CustomField(OPPORTUNITIES, "bc_refunded_c", "Refunded", _MONEY),
    CustomField(OPPORTUNITIES, "bc_order_id_c", "Order Number", _TEXT),
    CustomField(OPPORTUNITIES, "bc_placed_at_c", "Placed At", _TIME),
    CustomField(OPPORTUNITIES, "bc_tracking_c", "Tracking Number", _TEXT),
    CustomField(OPPORTUNITIES, "bc_carrier_c", "Carrier", _TEXT),
    CustomField(OPPORTUNITIES, "bc_channel_c", "Storefront", _TEXT),
    CustomField(OPPORTUNITIES, "bc_currency_c", "Store Currency", _TEXT),
    CustomField(OPPORTUNITIES, "bc_coupons_c", "Coupon Codes", _TEXT),
    CustomField(OPPORTUNITIES, "bc_payment_c", "Payment Method", _TEXT),
    CustomField(CONTACTS, "bc_group_c", "Customer Group", _TEXT),
    CustomField(ACCOUNTS, "bc_group_c", "Customer Group", _TEXT),
)
KEYED = (
    ACCOUNTS, CONTACTS, LEADS, OPPORTUNITIES, RLIS, QUOTES, TEMPLATES, CATEGORIES, TASKS, NOTES,
)  # fmt: skip

# Dropdowns whose values we write, with the shipped keys that we look for first.
DROPDOWNS = {
    (OPPORTUNITIES, "sales_stage"): ("Closed Won", "Closed Lost", "Proposal/Price Quote"),
    (OPPORTUNITIES, "lead_source"): ("Web Site",),
    (CONTACTS, "lead_source"): ("Web Site",),
    (LEADS, "lead_source"): ("Web Site",),
    (LEADS, "status"): ("New", "Dead", "Converted"),
    (ACCOUNTS, "account_type"): ("Customer",),
    (QUOTES, "quote_stage"): ("Draft", "Closed Accepted", "Closed Lost"),
    (TEMPLATES, "status"): ("Available", "Unavailable"),
    (TASKS, "status"): ("Completed",),
    (TASKS, "priority"): ("Medium",),
}
