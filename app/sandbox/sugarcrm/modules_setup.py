"""Users, teams, currencies and hooks as data, and the relationships between all modules."""

from __future__ import annotations

from collections.abc import Iterator

from app.sandbox.sugarcrm.fields import (
    EMAIL,
    PERSON,
    Relationship,
    decimal,
    flag,
    module,
    named,
    pick,
    relate,
    text,
    url,
)

USERS = module(
    "Users",
    "User",
    PERSON,
    EMAIL,
    text("user_name", 60, required=True, indexed=True),
    flag("is_admin"),
    pick("status", "user_status_dom", default="Active"),
    pick("employee_status", "employee_status_dom", default="Active"),
    relate("reports_to", "Users", rname="full_name"),
    text("default_team", 36),
    text("timezone", 64, default="UTC", audited=False),
    admin_writes=True,
    person=True,
)
TEAMS = module("Teams", "Team", named(), flag("private"), text("name_2", 128), admin_writes=True)
CURRENCIES = module(
    "Currencies",
    "Currency",
    named(size=36),
    text("symbol", 36),
    text("iso4217", 3, indexed=True),
    decimal("conversion_rate"),
    pick("status", "currency_status_dom", default="Active"),
    admin_writes=True,
)
WEB_LOGIC_HOOKS = module(
    "WebLogicHooks",
    "WebLogicHook",
    named(),
    text("webhook_target_module", 255, required=True, indexed=True),
    pick("request_method", "web_hook_method_dom", default="POST"),
    url("url", required=True),
    pick("trigger_event", "web_hook_trigger_dom", required=True),
    admin_only=True,
)
SETUP = (USERS, TEAMS, CURRENCIES, WEB_LOGIC_HOOKS)

_ACTIVITIES = {"Tasks": "tasks", "Notes": "notes", "Calls": "calls", "Meetings": "meetings"}
_PARENTS = ("Accounts", "Contacts", "Leads", "Opportunities", "RevenueLineItems", "Quotes", "Cases", "Products")
_ROLE = ("opportunity_role",)


def _one(lhs: str, lhs_link: str, rhs: str, rhs_link: str, key: str) -> Relationship:
    return Relationship(f"{lhs.lower()}_{rhs.lower()}_{key}", lhs, lhs_link, rhs, rhs_link, key)


def _many(
    lhs: str, lhs_link: str, rhs: str, rhs_link: str, roles: tuple[str, ...] = (), primary: str = ""
) -> Relationship:
    return Relationship(f"{lhs.lower()}_{rhs.lower()}", lhs, lhs_link, rhs, rhs_link, roles=roles, primary_key=primary)


_STATED = (
    _many("Accounts", "contacts", "Contacts", "accounts", ("primary_account",), "account_id"),
    _one("Accounts", "opportunities", "Opportunities", "accounts", "account_id"),
    _one("Accounts", "cases", "Cases", "accounts", "account_id"),
    _one("Accounts", "leads", "Leads", "accounts", "account_id"),
    _one("Accounts", "quotes", "Quotes", "billing_accounts", "billing_account_id"),
    _one("Accounts", "quotes_shipto", "Quotes", "shipping_accounts", "shipping_account_id"),
    _one("Accounts", "revenuelineitems", "RevenueLineItems", "account_link", "account_id"),
    _one("Accounts", "products", "Products", "account_link", "account_id"),
    _one("Accounts", "members", "Accounts", "member_of", "parent_id"),
    _many("Accounts", "documents", "Documents", "accounts"),
    _many("Contacts", "documents", "Documents", "contacts"),
    _many("Opportunities", "documents", "Documents", "opportunities"),
    _many("Cases", "documents", "Documents", "cases"),
    _many("Opportunities", "contacts", "Contacts", "opportunities", _ROLE),
    _many("Cases", "contacts", "Contacts", "cases", ("case_role",)),
    _many("Calls", "contacts", "Contacts", "calls", ("accept_status",)),
    _many("Meetings", "contacts", "Contacts", "meetings", ("accept_status",)),
    _many("Calls", "leads", "Leads", "calls", ("accept_status",)),
    _many("Meetings", "leads", "Leads", "meetings", ("accept_status",)),
    _many("Calls", "users", "Users", "calls", ("accept_status",)),
    _many("Meetings", "users", "Users", "meetings", ("accept_status",)),
    _one("Contacts", "leads", "Leads", "contact", "contact_id"),
    _one("Contacts", "quotes", "Quotes", "shipping_contacts", "shipping_contact_id"),
    _one("Contacts", "billing_quotes", "Quotes", "billing_contacts", "billing_contact_id"),
    _one("Contacts", "products", "Products", "contact_link", "contact_id"),
    _one("Contacts", "tasks", "Tasks", "contacts", "contact_id"),
    _one("Contacts", "notes", "Notes", "contacts", "contact_id"),
    _one("Contacts", "direct_reports", "Contacts", "reports_to_link", "reports_to_id"),
    _one("Contacts", "primary_cases", "Cases", "primary_contact", "primary_contact_id"),
    _one("Opportunities", "leads", "Leads", "opportunity", "opportunity_id"),
    _one("Opportunities", "revenuelineitems", "RevenueLineItems", "opportunities", "opportunity_id"),
    _one("Opportunities", "quotes", "Quotes", "opportunities", "opportunity_id"),
    _one("Opportunities", "products", "Products", "opportunities", "opportunity_id"),
    _one("RevenueLineItems", "products", "Products", "revenuelineitems", "revenuelineitem_id"),
    _one("Quotes", "revenuelineitems", "RevenueLineItems", "quotes", "quote_id"),
    _one("Quotes", "product_bundles", "ProductBundles", "quotes", "quote_id"),
    _one("Quotes", "products", "Products", "quotes", "quote_id"),
    _one("TaxRates", "quotes", "Quotes", "taxrates", "taxrate_id"),
    _one("ProductBundles", "products", "Products", "product_bundles", "bundle_id"),
    _one("ProductBundles", "product_bundle_notes", "ProductBundleNotes", "product_bundles", "bundle_id"),
    _one("ProductTemplates", "revenuelineitems", "RevenueLineItems", "rli_templates_link", "product_template_id"),
    _one("ProductTemplates", "products", "Products", "product_templates_link", "product_template_id"),
    _one("ProductCategories", "product_templates", "ProductTemplates", "category_link", "category_id"),
    _one("ProductCategories", "categories", "ProductCategories", "parent_category", "parent_id"),
    _one("Manufacturers", "product_templates", "ProductTemplates", "manufacturer_link", "manufacturer_id"),
    _one("ProductTypes", "product_templates", "ProductTemplates", "type_link", "type_id"),
    _one("Campaigns", "accounts", "Accounts", "campaigns", "campaign_id"),
    _one("Campaigns", "contacts", "Contacts", "campaigns", "campaign_id"),
    _one("Campaigns", "leads", "Leads", "campaign_leads", "campaign_id"),
    _one("Campaigns", "opportunities", "Opportunities", "campaign_link", "campaign_id"),
    _one("Notes", "attachments", "Notes", "attachment_of", "note_parent_id"),
    _many("Teams", "users", "Users", "team_memberships"),
    _one("Users", "reportees", "Users", "reports_to_link", "reports_to_id"),
)


def relationships(modules: tuple[str, ...]) -> Iterator[Relationship]:
    """All relationships of the stock modules."""
    yield from _STATED
    for parent in _PARENTS:
        for child, link in _ACTIVITIES.items():
            lhs_link = f"{link}_parent" if parent == "Contacts" else link
            if parent == "Leads" and child in ("Calls", "Meetings"):
                lhs_link = f"{link}_parent"
            name = f"{parent.lower()}_{child.lower()}_parent"
            yield Relationship(name, parent, lhs_link, child, f"{parent.lower()}_parent", "parent_id", True)
    for module_name in modules:
        for link, key in _PEOPLE_LINKS.items():
            yield _one("Users", f"{module_name.lower()}_{key}", module_name, link, key)


_PEOPLE_LINKS = {
    "assigned_user_link": "assigned_user_id",
    "created_by_link": "created_by",
    "modified_user_link": "modified_user_id",
}
